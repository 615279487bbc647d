import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPacketCapture, UdpExtractor } from '@tickerplant/capture';
import { ChannelSet, ChannelWriter, CountingSink } from '@tickerplant/feed-runtime';
import { createPacketHeader } from '@tickerplant/sequence';
import { SlowCache, sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { encodeMessage, IEX_TEMPLATES, IEX_TOPS, IexNormaliser } from '../src/index.ts';

const DAY = 17357; // 2017-07-10
const MIDNIGHT = BigInt(DAY) * 86_400_000_000_000n;

const NO_FLAGS = { saleConditionFlags: {}, quoteUpdateFlags: {} };

function message(type: string, fields: Record<string, string | number>, code?: number): Uint8Array {
  const timestamp = String(MIDNIGHT + 52_000_000_000_000n);
  const bytes = new Uint8Array(100);
  const length = encodeMessage({ type, fields: { timestamp, ...NO_FLAGS, ...fields } }, bytes, 0);
  if (code !== undefined) bytes[1] = code;
  return bytes.slice(0, length);
}

class Bench {
  readonly cache = new SlowCache();
  readonly faults: string[] = [];
  readonly normaliser: IexNormaliser;
  messages = 0;
  #position = 0;

  constructor() {
    const sink = new CountingSink((bytes, length) => {
      this.messages++;
      this.cache.apply(bytes, 0, length);
    });
    const channel = new ChannelWriter('IEX1', IEX_TEMPLATES);
    channel.attach(sink);
    channel.begin('2017-07-10', 1);
    this.normaliser = new IexNormaliser({
      services: { records: new ChannelSet('IEX', [channel], () => 0) },
      day: DAY,
      zoneOffsetNs: 0,
      fault: (code) => this.faults.push(code),
    });
  }

  /** @param code the second byte: flags, where the fields don't give it. */
  send(type: string, fields: Record<string, string | number>, code?: number): void {
    this.bytes(message(type, fields, code));
  }

  bytes(bytes: Uint8Array): void {
    this.#position++;
    this.normaliser.message(bytes, 0, bytes.length, this.#position);
  }

  trade(tradeId: number, price: string, size: number, flags = 0): void {
    this.send('T', { symbol: 'AAPL', size, price, tradeId }, flags);
  }

  break(tradeId: number, price: string, size: number): void {
    this.send('B', { symbol: 'AAPL', size, price, tradeId }, 0);
  }

  quote(bidPrice: string, bidSize: number, askPrice: string, askSize: number, flags = 0): void {
    this.send('Q', { symbol: 'AAPL', bidSize, bidPrice, askPrice, askSize }, flags);
  }

  get aapl(): Record<string, unknown> {
    return this.cache.json('IEX.AAPL') ?? {};
  }

  get quality(): string | undefined {
    return this.cache.items.get('IEX.AAPL')?.quality;
  }
}

const shared = sharedDir('captures');
const skip = shared === undefined ? 'needs the shared captures' : false;

t.test('the recorded session gives the last values of the ground truth', { skip }, async (t) => {
  const name = join(shared!, 'iex-tops16-2017-07-10');
  const truth = readFileSync(`${name}.lastvalue.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const bench = new Bench();
  const framing = IEX_TOPS.createFraming();
  const header = createPacketHeader();
  const extractor = new UdpExtractor();
  let seq = 0;
  let checked = 0;
  const check = (): void => {
    for (const row of truth.filter((row) => row.afterSeq === seq && row.symbol !== undefined)) {
      const fields = bench.cache.json(`IEX.${row.symbol}`)!;
      const money = (price: number): string | null => (price === 0 ? null : (price / 10_000).toFixed(4));
      t.match(
        fields,
        {
          BID: money(row.quote.bidPrice),
          BIDSIZE: row.quote.bidSize,
          ASK: money(row.quote.askPrice),
          ASKSIZE: row.quote.askSize,
          ...(row.trade === undefined
            ? {}
            : {
                TRDPRC_1: money(row.trade.price),
                TRDVOL_1: row.trade.size,
                TRADE_ID: row.trade.tradeId,
                NUM_MOVES: row.trades - Number(fields.BRKN_NUM ?? 0),
                ACVOL_1: row.tradedShares - (row.brokenShares ?? 0),
              }),
          TRD_STATUS: row.tradingStatus === 'T' ? 'N' : 'H',
        },
        `${row.symbol} after ${seq}`,
      );
      t.equal(fields.BRKN_VOL ?? 0, row.brokenShares ?? 0);
      checked++;
    }
  };
  await (await openPacketCapture(`${name}.pcapng.gz`)).read((packet) => {
    const datagram = extractor.extract(packet)!;
    const payload = datagram.payload();
    t.notOk(framing.parse(payload, payload.length, header));
    for (let at = header.blocksStart; at < header.blocksEnd; ) {
      const length = payload[at]! | (payload[at + 1]! << 8);
      bench.normaliser.message(payload, at + 2, length, ++seq);
      at += 2 + length;
      check();
    }
  });
  t.equal(checked, truth.filter((row) => row.symbol !== undefined).length);
  t.same(bench.faults, []);
});

t.test('a quote without a side has a blank price', async (t) => {
  const bench = new Bench();
  bench.quote('0', 0, '148.95', 776, 0x40);
  t.match(bench.aapl, { BID: null, BIDSIZE: 0, ASK: '148.9500', ASKSIZE: 776, QTE_AVAIL: 1, INST_PHASE: 'PET' });
  bench.send('S', { systemEvent: 'M' });
  bench.quote('0.0001', 1, '0.0002', 1, 0xc0);
  t.match(bench.aapl, { BID: '0.0001', QTE_AVAIL: 0, INST_PHASE: 'POT' });
});

t.test('only eligible trades set open, high, low and the last sale', async (t) => {
  const bench = new Bench();
  bench.trade(1, '100', 100);
  bench.trade(2, '120', 7, 0x20);
  bench.trade(3, '90', 100, 0x40);
  bench.trade(4, '99', 200);
  t.match(bench.aapl, {
    TRDPRC_1: '99.0000',
    PRCTCK_1: '⇧',
    ACVOL_1: 407,
    NUM_MOVES: 4,
    OPEN_PRC: '100.0000',
    HIGH_1: '100.0000',
    LOW_1: '99.0000',
    ELIG_PRC: '99.0000',
    ELIG_VOL: 200,
    TRD_COND: '',
  });
});

t.test('a broken trade is as if it had never been', async (t) => {
  const bench = new Bench();
  bench.trade(1, '100', 100);
  bench.trade(2, '110', 50);
  bench.break(2, '110', 50);
  t.match(bench.aapl, {
    TRDPRC_1: '100.0000',
    TRDVOL_1: 100,
    TRADE_ID: '1',
    ACVOL_1: 100,
    NUM_MOVES: 1,
    HIGH_1: '100.0000',
    BRKN_VOL: 50,
    BRKN_NUM: 1,
  });
  bench.break(2, '110', 50);
  t.same(bench.faults, ['IEX_UNKNOWN_TRADE'], 'a trade can be broken once');
});

t.test('after a loss the item is SUSPECT until its next quote, and what stays unknown is blank', async (t) => {
  const bench = new Bench();
  bench.send('H', { tradingStatus: 'H', symbol: 'AAPL', reason: 'T1' });
  bench.quote('100', 100, '101', 100);
  bench.trade(1, '100', 100);
  bench.normaliser.lost(4, 9);
  t.equal(bench.quality, 'SUSPECT');
  t.equal(bench.aapl.ACVOL_1, 100, 'until then the old values are held');
  bench.trade(7, '102', 30);
  t.equal(bench.quality, 'SUSPECT', 'a trade does not make a quote right');
  t.equal(bench.aapl.ACVOL_1, null);
  bench.quote('101', 100, '103', 100);
  t.equal(bench.quality, 'LIVE');
  t.match(bench.aapl, {
    BID: '101.0000',
    TRDPRC_1: '102.0000',
    ACVOL_1: null,
    NUM_MOVES: null,
    HIGH_1: null,
    LOW_1: null,
    OPEN_PRC: '100.0000',
    TRD_STATUS: null,
    HALT_REASN: '',
  });
  bench.send('H', { tradingStatus: 'T', symbol: 'AAPL', reason: '' });
  t.equal(bench.aapl.TRD_STATUS, 'N');
  bench.break(1, '100', 100);
  t.same(bench.faults, [], 'breaking a trade of before the loss is no contradiction');
});

t.test('a message that is too short puts its item in doubt until the next quote', async (t) => {
  const bench = new Bench();
  bench.quote('100', 100, '101', 100);
  const whole = message('Q', { symbol: 'AAPL', bidSize: 1, bidPrice: '0.0001', askPrice: '0.0002', askSize: 1 }, 0);
  bench.bytes(whole.slice(0, 30));
  t.same(bench.faults, ['IEX_TOO_SHORT']);
  t.equal(bench.quality, 'SUSPECT');
  bench.bytes(whole);
  t.equal(bench.quality, 'LIVE');
  bench.bytes(new Uint8Array([0x7a, 1, 2, 3]));
  t.same(bench.faults.at(-1), 'IEX_UNKNOWN_TYPE');
  t.equal(bench.quality, 'LIVE', 'an unknown type is to be ignored');
});

t.test('a new vendor session forgets the old one', async (t) => {
  const bench = new Bench();
  bench.trade(1, '100', 100);
  bench.normaliser.reset();
  bench.trade(1, '50', 10);
  t.match(bench.aapl, { ACVOL_1: 10, NUM_MOVES: 1, OPEN_PRC: '50.0000' });
});
