import { type Random, seededRandom } from '@tickerplant/core';
import { type AuctionInformation, IexEncoder } from './encoder.ts';
import { midnightBase } from './int64.ts';
import {
  DIRECTORY_TEST_SECURITY,
  Protocol,
  QUOTE_EXTENDED_SESSION,
  QUOTE_NOT_AVAILABLE,
  SALE_EXTENDED_HOURS,
  SALE_INTERMARKET_SWEEP,
  SALE_ODD_LOT,
  SALE_SINGLE_PRICE_CROSS,
  SALE_TRADE_THROUGH_EXEMPT,
} from './messages.ts';
import type { StreamIdentity } from './segment.ts';
import { SegmentWriter } from './segment-writer.ts';

/** What to simulate. The same options give the same bytes. */
export interface SimulatorOptions {
  /** Any whole number. */
  readonly seed: number;
  /** How many symbols trade; from 1. */
  readonly symbols: number;
  /** The trading day, in days since 1970-01-01. */
  readonly day: number;
  /** Market events per second (each gives one to three messages), on average. Default 1000. */
  readonly eventsPerSecond?: number;
  /** Session id. Default 0x51000000. */
  readonly session?: number;
  /** When the day's messages begin, nanoseconds after midnight UTC. Default 13:25:00. */
  readonly startNs?: number;
  /** How long the parts of the day take, in nanoseconds; default 5 s, 50 s, 5 s. */
  readonly preMarketNs?: number;
  readonly regularNs?: number;
  readonly postMarketNs?: number;
}

/** Line A is 0, line B is 1. */
export type SimulatedLine = 0 | 1;

/** A segment goes out on a line at `ns` after midnight UTC. The bytes are borrowed: overwritten after the return. */
export type SimulatorEmit = (line: SimulatedLine, bytes: Uint8Array, length: number, ns: number) => void;

const SECOND = 1_000_000_000;
const START_DEFAULT = (13 * 3600 + 25 * 60) * SECOND;
const SESSION_DEFAULT = 0x5100_0000;
const EVENTS_DEFAULT = 1000;

/** Each line sends a little after the event; B a little later than A, and it gathers more into a segment. */
const LINE_A = { delayNs: 4_000, segmentBytesMax: 1400 };
const LINE_B = { delayNs: 9_000, segmentBytesMax: 1200, messagesMax: 9 };
/** The longest that line B holds a message back to gather more. */
const GATHER_NS = 1_000_000;

/** Every so many symbols one is listed with the venue: directory, auctions, official prices. */
const LISTED_EVERY = 20;
const TICK = 100;
const BREAKABLE_TRADES = 64;
const AUCTION_INTERVAL_NS = SECOND;
/** Auction information for the close begins so long before it. */
const CLOSE_LOCK_IN_NS = 10 * SECOND;

const character = (text: string): number => text.charCodeAt(0);

interface SimulatedSymbol {
  readonly name: string;
  readonly listed: boolean;
  bid: number;
  ask: number;
  bidSize: number;
  askSize: number;
  halted: boolean;
  operationalHalt: boolean;
  shortSaleTest: boolean;
  lastPrice: number;
}

interface SimulatedTrade {
  readonly symbol: SimulatedSymbol;
  readonly flags: number;
  readonly size: number;
  readonly price: number;
  readonly id: number;
}

/** A step of the day that happens at a set time. */
interface ScriptStep {
  readonly ns: number;
  readonly run: () => void;
}

/**
 * A TOPS 1.6 vendor without sockets or clock: a day with its system events, the start-of-day spin, quotes that
 * never cross, trades at the quote, breaks, halts, auctions and official prices. Both lines carry the same
 * messages under the same numbers, cut into segments differently. Driven by `advance`.
 */
export class IexSimulator {
  /** What names the stream, for a gap fill server. */
  readonly stream: StreamIdentity;
  private readonly random: Random;
  private readonly encoder: IexEncoder;
  private readonly lines: readonly [SegmentWriter, SegmentWriter];
  private readonly symbols: readonly SimulatedSymbol[];
  private readonly script: ScriptStep[];
  private readonly message = new Uint8Array(128);
  private readonly meanGapNs: number;
  private readonly trades: SimulatedTrade[] = [];
  private readonly auction: AuctionInformation = {
    auctionType: 0,
    pairedShares: 0,
    referencePrice: 0,
    indicativeClearingPrice: 0,
    imbalanceShares: 0,
    imbalanceSide: 0,
    extensionNumber: 0,
    scheduledAuctionTime: 0,
    auctionBookClearingPrice: 0,
    collarReferencePrice: 0,
    lowerAuctionCollar: 0,
    upperAuctionCollar: 0,
  };
  /** Time of the event that is being written. */
  private ns: number;
  private scriptAt = 0;
  private nextEventNs = Number.POSITIVE_INFINITY;
  /** When line B must send what it gathered. */
  private gatherEndNs = Number.POSITIVE_INFINITY;
  private extendedSession = true;
  private nextTradeId = 100_000;

  constructor(options: SimulatorOptions, emit: SimulatorEmit) {
    const base = midnightBase(options.day);
    const start = options.startNs ?? START_DEFAULT;
    this.random = seededRandom(options.seed);
    this.stream = { protocol: Protocol.TOPS_1_6, channel: 1, session: options.session ?? SESSION_DEFAULT };
    this.encoder = new IexEncoder(base);
    this.meanGapNs = SECOND / (options.eventsPerSecond ?? EVENTS_DEFAULT);
    this.symbols = Array.from({ length: options.symbols }, (_, index) => this.createSymbol(index));
    this.ns = start;
    const cutting = seededRandom(options.seed ^ 0x5eed);
    const cutA = { segmentBytesMax: LINE_A.segmentBytesMax, nextMessagesMax: () => 0xffff };
    const cutB = {
      segmentBytesMax: LINE_B.segmentBytesMax,
      nextMessagesMax: () => 1 + cutting.below(LINE_B.messagesMax),
    };
    this.lines = [
      new SegmentWriter(this.stream, base, start, cutA, (bytes, length, ns) => emit(0, bytes, length, ns)),
      new SegmentWriter(this.stream, base, start, cutB, (bytes, length, ns) => emit(1, bytes, length, ns)),
    ];
    this.script = this.writeScript(options, start);
  }

  /** How many messages there have been. */
  get messages(): number {
    return this.lines[0].nextSeq - 1;
  }

  /** Whether the day's last message has been sent. Heartbeats go on. */
  get done(): boolean {
    return this.scriptAt === this.script.length && this.lines[1].pending === 0;
  }

  /** When all of the day's messages have been sent, nanoseconds after midnight UTC. */
  get endNs(): number {
    return this.script.at(-1)!.ns + GATHER_NS;
  }

  /** Sends everything that is due by `untilNs` (nanoseconds after midnight UTC), heartbeats included. */
  advance(untilNs: number): void {
    for (;;) {
      const step = this.script[this.scriptAt];
      const stepNs = step?.ns ?? Number.POSITIVE_INFINITY;
      const dueNs = Math.min(stepNs, this.nextEventNs);
      this.settle(Math.min(dueNs, untilNs));
      if (dueNs > untilNs) return;
      this.ns = dueNs;
      if (step !== undefined && stepNs <= this.nextEventNs) {
        this.scriptAt++;
        step.run();
      } else {
        this.marketEvent();
        this.scheduleEvent();
      }
      this.endEvent();
    }
  }

  /** Lines catch up with time before something happens at `ns`: gathered messages, heartbeats. */
  private settle(ns: number): void {
    const [a, b] = this.lines;
    if (this.gatherEndNs <= ns) {
      b.flush(this.gatherEndNs);
      this.gatherEndNs = Number.POSITIVE_INFINITY;
    }
    a.heartbeat(ns);
    b.heartbeat(ns);
  }

  /** Line A sends at the end of each event; line B when it has gathered enough, or long enough. */
  private endEvent(): void {
    const [a, b] = this.lines;
    a.flush(this.ns + LINE_A.delayNs);
    if (b.pending === 0) this.gatherEndNs = Number.POSITIVE_INFINITY;
    else if (this.gatherEndNs === Number.POSITIVE_INFINITY) this.gatherEndNs = this.ns + GATHER_NS;
  }

  private send(length: number): void {
    this.lines[0].append(this.message, 0, length, this.ns + LINE_A.delayNs);
    this.lines[1].append(this.message, 0, length, this.ns + LINE_B.delayNs);
  }

  private scheduleEvent(): void {
    this.nextEventNs = this.ns + 1 + this.random.below(Math.max(1, Math.round(2 * this.meanGapNs)));
  }

  private writeScript(options: SimulatorOptions, start: number): ScriptStep[] {
    const spin = start + 2.5 * SECOND;
    const system = spin + SECOND;
    const open = system + (options.preMarketNs ?? 5 * SECOND);
    const close = open + (options.regularNs ?? 50 * SECOND);
    const end = close + (options.postMarketNs ?? 5 * SECOND);
    const at = (ns: number, run: () => void): ScriptStep => ({ ns, run });
    const steps = [
      at(spin, () => this.spin()),
      at(system, () => this.startTrading()),
      at(open, () => this.open()),
      at(close, () => this.close()),
      at(end, () => this.stopTrading()),
      at(end + SECOND / 2, () => this.systemEvent('C')),
    ];
    const day = options.day * 86_400;
    for (let ns = system + AUCTION_INTERVAL_NS; ns < open; ns += AUCTION_INTERVAL_NS) {
      steps.push(at(ns, () => this.auctions('O', day + Math.floor(open / SECOND))));
    }
    for (
      let ns = Math.max(open, close - CLOSE_LOCK_IN_NS) + AUCTION_INTERVAL_NS;
      ns < close;
      ns += AUCTION_INTERVAL_NS
    ) {
      steps.push(at(ns, () => this.auctions('C', day + Math.floor(close / SECOND))));
    }
    return steps.sort((a, b) => a.ns - b.ns);
  }

  private createSymbol(index: number): SimulatedSymbol {
    const { random } = this;
    const mid = random.below(20) === 0 ? 2_000 + random.below(7_000) : (100 + random.below(40_000)) * TICK;
    const tick = tickOf(mid);
    return {
      name: symbolName(index),
      listed: index % LISTED_EVERY === 0,
      bid: mid - tick * (1 + random.below(3)),
      ask: mid + tick * (1 + random.below(3)),
      bidSize: 0,
      askSize: 0,
      halted: false,
      operationalHalt: false,
      shortSaleTest: random.below(10) === 0,
      lastPrice: mid,
    };
  }

  /** Start of messages, then the state of every symbol, as the vendor does before the market opens. */
  private spin(): void {
    this.systemEvent('O');
    const { message, encoder, ns } = this;
    for (const symbol of this.symbols) {
      const { name } = symbol;
      if (symbol.listed) {
        const tier = 1 + this.random.below(2);
        this.send(
          encoder.securityDirectory(message, 0, ns, name, DIRECTORY_TEST_SECURITY, 100, symbol.lastPrice, tier),
        );
      }
      this.shortSaleTest(symbol, symbol.listed ? ' ' : 'N');
      this.send(encoder.operationalHalt(message, 0, ns, name, character('N')));
      this.send(encoder.tradingStatus(message, 0, ns, name, character('T'), ''));
      this.quote(symbol);
    }
  }

  private startTrading(): void {
    this.systemEvent('S');
    this.scheduleEvent();
  }

  private open(): void {
    this.systemEvent('R');
    this.extendedSession = false;
    this.cross('Q');
  }

  private close(): void {
    this.systemEvent('M');
    this.extendedSession = true;
    this.cross('M');
  }

  /** End of system hours: nothing is quoted any more. */
  private stopTrading(): void {
    this.nextEventNs = Number.POSITIVE_INFINITY;
    for (const symbol of this.symbols) {
      if (symbol.bidSize === 0 && symbol.askSize === 0) continue;
      symbol.bidSize = 0;
      symbol.askSize = 0;
      this.quote(symbol);
    }
    this.systemEvent('E');
  }

  private systemEvent(event: string): void {
    this.send(this.encoder.systemEvent(this.message, 0, this.ns, character(event)));
  }

  /** Opening or closing auction of each listed symbol: one trade, and the official price. */
  private cross(priceType: string): void {
    for (const symbol of this.symbols) {
      if (!symbol.listed || symbol.halted) continue;
      const flags = SALE_SINGLE_PRICE_CROSS | SALE_TRADE_THROUGH_EXEMPT;
      this.trade(symbol, flags, 100 * (1 + this.random.below(50)), symbol.lastPrice);
      const type = character(priceType);
      this.send(this.encoder.officialPrice(this.message, 0, this.ns, symbol.name, type, symbol.lastPrice));
    }
  }

  private auctions(type: string, scheduled: number): void {
    const { random, auction } = this;
    for (const symbol of this.symbols) {
      if (!symbol.listed || symbol.halted) continue;
      const tick = tickOf(symbol.lastPrice);
      const imbalance = random.below(3) === 0 ? 0 : random.below(5_000);
      const collar = Math.max(tick, Math.floor(symbol.lastPrice / 10 / tick) * tick);
      auction.auctionType = character(type);
      auction.pairedShares = random.below(10_000);
      auction.referencePrice = symbol.lastPrice;
      auction.indicativeClearingPrice = symbol.lastPrice + tick * (random.below(3) - 1);
      auction.imbalanceShares = imbalance;
      auction.imbalanceSide = character(imbalance === 0 ? 'N' : random.below(2) === 0 ? 'B' : 'S');
      auction.extensionNumber = 0;
      auction.scheduledAuctionTime = scheduled;
      auction.auctionBookClearingPrice = auction.indicativeClearingPrice;
      auction.collarReferencePrice = symbol.lastPrice;
      auction.lowerAuctionCollar = symbol.lastPrice - collar;
      auction.upperAuctionCollar = symbol.lastPrice + collar;
      this.send(this.encoder.auctionInformation(this.message, 0, this.ns, symbol.name, auction));
    }
  }

  private marketEvent(): void {
    const { random } = this;
    // Some symbols are much busier than others.
    const busy = random.next();
    const symbol = this.symbols[Math.floor(busy * busy * this.symbols.length)]!;
    const dice = random.below(1000);
    if (symbol.halted || symbol.operationalHalt) {
      if (dice < 250) this.resume(symbol);
      else this.retailLiquidity(symbol);
    } else if (dice < 700) this.quoteEvent(symbol);
    else if (dice < 970) this.tradeEvent(symbol);
    else if (dice < 978) this.tradeBreak();
    else if (dice < 982) this.halt(symbol);
    else if (dice < 985) this.operationalHalt(symbol);
    else if (dice < 990) {
      symbol.shortSaleTest = !symbol.shortSaleTest;
      this.shortSaleTest(symbol, symbol.shortSaleTest ? 'A' : 'D');
    } else this.retailLiquidity(symbol);
  }

  private quoteEvent(symbol: SimulatedSymbol): void {
    const { random } = this;
    const tick = tickOf(symbol.bid);
    const side = random.below(2);
    const move = (random.below(3) - 1) * tick;
    const size = random.below(40) === 0 ? 0 : this.size();
    if (side === 0) {
      symbol.bid = Math.max(tick, Math.min(symbol.bid + move, symbol.ask - tick));
      symbol.bidSize = size;
    } else {
      symbol.ask = Math.max(symbol.ask + move, symbol.bid + tick);
      symbol.askSize = size;
    }
    this.quote(symbol);
  }

  /** Somebody takes the bid or the offer: a trade at its price, then the quote that remains. */
  private tradeEvent(symbol: SimulatedSymbol): void {
    const { random } = this;
    const sell = random.below(2) === 0;
    const shown = sell ? symbol.bidSize : symbol.askSize;
    if (shown === 0) {
      this.quoteEvent(symbol);
      return;
    }
    const size = random.below(4) === 0 ? shown : 1 + random.below(shown);
    let flags = random.below(6) === 0 ? SALE_INTERMARKET_SWEEP : 0;
    if (this.extendedSession) flags |= SALE_EXTENDED_HOURS;
    if (size < 100) flags |= SALE_ODD_LOT;
    this.trade(symbol, flags, size, sell ? symbol.bid : symbol.ask);
    if (sell) symbol.bidSize -= size;
    else symbol.askSize -= size;
    if (shown === size && random.below(2) === 0) {
      // The level is gone; the next one shows.
      const tick = tickOf(symbol.bid);
      if (sell) symbol.bid = Math.max(tick, symbol.bid - tick);
      else symbol.ask += tick;
      if (sell) symbol.bidSize = this.size();
      else symbol.askSize = this.size();
    }
    this.quote(symbol);
  }

  private trade(symbol: SimulatedSymbol, flags: number, size: number, price: number): void {
    const id = this.nextTradeId;
    this.nextTradeId += 1 + this.random.below(4);
    symbol.lastPrice = price;
    this.trades.push({ symbol, flags, size, price, id });
    if (this.trades.length > BREAKABLE_TRADES) this.trades.shift();
    this.send(this.encoder.tradeReport(this.message, 0, this.ns, symbol.name, flags, size, price, id));
  }

  private tradeBreak(): void {
    if (this.trades.length === 0) return;
    const [broken] = this.trades.splice(this.random.below(this.trades.length), 1);
    const { symbol, flags, size, price, id } = broken!;
    this.send(this.encoder.tradeBreak(this.message, 0, this.ns, symbol.name, flags, size, price, id));
  }

  private halt(symbol: SimulatedSymbol): void {
    symbol.halted = true;
    symbol.bidSize = 0;
    symbol.askSize = 0;
    const reason = symbol.listed ? 'T1' : 'NA';
    this.send(this.encoder.tradingStatus(this.message, 0, this.ns, symbol.name, character('H'), reason));
    this.quote(symbol);
  }

  private operationalHalt(symbol: SimulatedSymbol): void {
    symbol.operationalHalt = true;
    symbol.bidSize = 0;
    symbol.askSize = 0;
    this.send(this.encoder.operationalHalt(this.message, 0, this.ns, symbol.name, character('O')));
    this.quote(symbol);
  }

  private resume(symbol: SimulatedSymbol): void {
    const { encoder, message, ns } = this;
    if (symbol.operationalHalt) this.send(encoder.operationalHalt(message, 0, ns, symbol.name, character('N')));
    if (symbol.halted) this.send(encoder.tradingStatus(message, 0, ns, symbol.name, character('T'), ''));
    symbol.halted = false;
    symbol.operationalHalt = false;
    this.quote(symbol);
  }

  private shortSaleTest(symbol: SimulatedSymbol, detail: string): void {
    const status = symbol.shortSaleTest ? 1 : 0;
    this.send(this.encoder.shortSaleTest(this.message, 0, this.ns, symbol.name, status, character(detail)));
  }

  private retailLiquidity(symbol: SimulatedSymbol): void {
    const indicator = character(' ABC'.charAt(this.random.below(4)));
    this.send(this.encoder.retailLiquidity(this.message, 0, this.ns, symbol.name, indicator));
  }

  private quote(symbol: SimulatedSymbol): void {
    const { bid, ask, bidSize, askSize } = symbol;
    const flags =
      (this.extendedSession ? QUOTE_EXTENDED_SESSION : 0) |
      (symbol.halted || symbol.operationalHalt ? QUOTE_NOT_AVAILABLE : 0);
    // A side without shares has no price.
    const bidPrice = bidSize === 0 ? 0 : bid;
    const askPrice = askSize === 0 ? 0 : ask;
    this.send(
      this.encoder.quoteUpdate(this.message, 0, this.ns, symbol.name, flags, bidSize, bidPrice, askPrice, askSize),
    );
  }

  private size(): number {
    const { random } = this;
    return random.below(8) === 0 ? 1 + random.below(99) : 100 * (1 + random.below(20));
  }
}

/** The least price step: a cent, or 1/10,000 dollar below a dollar. */
function tickOf(price: number): number {
  return price < 10_000 ? 1 : TICK;
}

/** `AAA`, `AAB`, …, some with a suffix as preferred shares and classes have. */
function symbolName(index: number): string {
  let letters = '';
  let rest = index;
  for (let i = 0; i < 3 || rest > 0; i++) {
    letters = String.fromCharCode(0x41 + (rest % 26)) + letters;
    rest = Math.floor(rest / 26);
  }
  return index % 17 === 5 ? `${letters}-A` : index % 23 === 7 ? `${letters}.B` : letters;
}
