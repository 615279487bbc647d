import { ChannelSet, ChannelWriter, CountingSink, type NormaliserContext } from '@tickerplant/feed-runtime';
import { SlowCache } from '@tickerplant/testkit';
import { encodeMessage, ITCH_TEMPLATES, ItchNormaliser } from '../src/index.ts';

/** 2019-07-24. */
const DAY = 18_101;
const HOUR = 3_600_000_000_000;
/** 09:30:00.000000001 in New York. */
export const OPENING: number = 9.5 * HOUR + 1;

export type JsonFields = Record<string, null | number | string>;
type MessageFields = Record<string, number | string>;

/** A normaliser whose messages go into slow caches, one for the records' channel and one for the depth's. */
export class Bench {
  readonly records: SlowCache = new SlowCache();
  readonly deep: SlowCache = new SlowCache();
  readonly faults: string[] = [];
  readonly normaliser: ItchNormaliser;
  /** Normalised messages so far. */
  messages = 0;
  /** Eastern time of day of the messages to come. */
  timestamp: number = OPENING;
  #position = 0;

  constructor({
    zoneOffsetNs = 4 * HOUR,
    depth = true,
    tradesMax = 1000,
  }: { zoneOffsetNs?: number; depth?: boolean; tradesMax?: number } = {}) {
    const channel = (name: string, cache: SlowCache): ChannelWriter => {
      const writer = new ChannelWriter(name, ITCH_TEMPLATES);
      const sink = new CountingSink((bytes, length) => {
        this.messages++;
        cache.apply(bytes, 0, length);
      });
      writer.attach(sink);
      writer.begin('2019-07-24', 1);
      return writer;
    };
    const records = channel('R', this.records);
    const deep = channel('D', this.deep);
    const context: NormaliserContext = {
      services: {
        records: new ChannelSet('ITCH', [records], () => 0),
        ...(depth ? { depth: new ChannelSet('ITCHD', [deep], () => 0) } : {}),
      },
      day: DAY,
      zoneOffsetNs,
      fault: (code) => this.faults.push(code),
    };
    this.normaliser = new ItchNormaliser(context, tradesMax);
  }

  bytes(bytes: Uint8Array): void {
    this.#position++;
    this.normaliser.message(bytes, 0, bytes.length, this.#position);
  }

  /** About AAPL, locate 7, unless the fields say otherwise. */
  send(type: string, fields: MessageFields): void {
    this.bytes(this.encoded(type, fields));
  }

  encoded(type: string, fields: MessageFields): Uint8Array {
    const locate = 'SVW'.includes(type) ? 0 : 7;
    const header = { trackingNumber: 0, timestamp: this.timestamp };
    const where = type === 'Y' ? { locateCode: locate } : { stockLocate: locate };
    const stock = 'SVWECXDUB'.includes(type) ? {} : { stock: 'AAPL' };
    return encodeMessage(type, { ...header, ...where, ...stock, ...fields });
  }

  add(orderReferenceNumber: number, buySellIndicator: 'B' | 'S', shares: number, price: string, of = {}): void {
    this.send('A', { orderReferenceNumber, buySellIndicator, shares, price, ...of });
  }

  execute(orderReferenceNumber: number, executedShares: number, matchNumber: number, of = {}): void {
    this.send('E', { orderReferenceNumber, executedShares, matchNumber, ...of });
  }

  trade(matchNumber: number, shares: number, price: string, of = {}): void {
    this.send('P', { orderReferenceNumber: 0, buySellIndicator: 'B', shares, price, matchNumber, ...of });
  }

  cross(crossType: string, crossShares: number | string, crossPrice: string, matchNumber: number): void {
    this.send('Q', { crossShares, crossPrice, matchNumber, crossType });
  }

  event(eventCode: string): void {
    this.send('S', { eventCode });
  }

  get aapl(): JsonFields {
    return this.record('AAPL');
  }

  record(symbol: string): JsonFields {
    return this.records.json(`ITCH.${symbol}`) ?? {};
  }

  get depth(): JsonFields {
    return this.deep.json('ITCHD.AAPL') ?? {};
  }

  /** Price, size and orders of the filled levels of a side. */
  levels(side: 'BID' | 'ASK'): string[] {
    const letter = side[0]!;
    return Array.from({ length: 10 }, (_, index) => {
      const level = index + 1;
      const size = this.depth[`BEST_${letter}${level < 10 ? 'SIZ' : 'SZ'}${level}`];
      return `${this.depth[`BEST_${side}${level}`]} ${size} ${this.depth[`${side}_NORD${level}`]}`;
    }).filter((level) => level !== 'null null null');
  }

  quality(symbol = 'AAPL'): string | undefined {
    const record = this.records.items.get(`ITCH.${symbol}`);
    const depth = this.deep.items.get(`ITCHD.${symbol}`);
    if (depth !== undefined && depth.quality !== record?.quality) return `${record?.quality}, depth ${depth.quality}`;
    return record?.quality;
  }
}
