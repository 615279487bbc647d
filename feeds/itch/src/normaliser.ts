import { type BookChange, BookFault, OrderBooks, type PriceLevels, Side } from '@tickerplant/book';
import {
  type ChannelWriter,
  DayTrades,
  intOrBlank,
  type Normaliser,
  type NormaliserContext,
  type TemplateSpec,
  TradeFlag,
  tradeTemplates,
  writeTime,
} from '@tickerplant/feed-runtime';
import { type BlockWriter, Reason, RecordKind, standardDictionary, UpdateType } from '@tickerplant/records';
import { ItchMessage } from './decoder.ts';
import {
  ADD_ORDER,
  ADD_ORDER_MPID,
  BROKEN_MATCH_NUMBER,
  BROKEN_TRADE,
  CROSS_MATCH_NUMBER,
  CROSS_PRICE,
  CROSS_SHARES,
  CROSS_TRADE,
  CROSS_TYPE,
  DIRECT_LISTING,
  DIRECT_LISTING_LOWER_COLLAR,
  DIRECT_LISTING_MAXIMUM_PRICE,
  DIRECT_LISTING_MINIMUM_PRICE,
  DIRECT_LISTING_NEAR_PRICE,
  DIRECT_LISTING_UPPER_COLLAR,
  IMBALANCE_CROSS_TYPE,
  IMBALANCE_DIRECTION,
  IMBALANCE_FAR_PRICE,
  IMBALANCE_NEAR_PRICE,
  IMBALANCE_PAIRED_SHARES,
  IMBALANCE_REFERENCE_PRICE,
  IMBALANCE_SHARES,
  IPO_PRICE,
  IPO_QUOTING_PERIOD,
  IPO_RELEASE_TIME,
  LULD_COLLAR,
  LULD_LOWER_PRICE,
  LULD_REFERENCE_PRICE,
  LULD_UPPER_PRICE,
  MWCB_BREACHED_LEVEL,
  MWCB_DECLINE_LEVEL,
  MWCB_LEVEL_1,
  MWCB_LEVEL_2,
  MWCB_LEVEL_3,
  MWCB_STATUS,
  NET_ORDER_IMBALANCE,
  OPERATIONAL_HALT,
  OPERATIONAL_HALT_ACTION,
  ORDER_CANCEL,
  ORDER_DELETE,
  ORDER_EXECUTED,
  ORDER_EXECUTED_WITH_PRICE,
  ORDER_REPLACE,
  REG_SHO_ACTION,
  REG_SHO_RESTRICTION,
  RETAIL_INTEREST,
  RETAIL_INTEREST_FLAG,
  STOCK_DIRECTORY,
  STOCK_DIRECTORY_AUTHENTICITY,
  STOCK_DIRECTORY_LULD_TIER,
  STOCK_DIRECTORY_MARKET_CATEGORY,
  STOCK_DIRECTORY_ROUND_LOT_SIZE,
  SYSTEM_EVENT,
  SYSTEM_EVENT_CODE,
  TRADE,
  TRADE_MATCH_NUMBER,
  TRADING_ACTION,
  TRADING_ACTION_REASON,
  TRADING_ACTION_STATE,
} from './messages.ts';

/** Prices are in 1/10,000 dollar. */
const EXPONENT = -4;
/** Levels of a depth item on each side. */
export const DEPTH_LEVELS = 10;

const dictionary = standardDictionary();

function template(
  name: string,
  updateType: UpdateType,
  bytesMax: number,
  fields: string,
  exponent = EXPONENT,
): TemplateSpec {
  return { name, updateType, exponent, fids: fields.split(' ').map((field) => dictionary.fid(field)), bytesMax };
}

/** Names of one side's fields: time, then price, size and number of orders of each level. */
function depthFields(side: 'BID' | 'ASK'): string {
  const letter = side[0]!;
  const fields = ['LV_TIM_NS'];
  for (let level = 1; level <= DEPTH_LEVELS; level++) {
    const size = level < 10 ? `BEST_${letter}SIZ${level}` : `BEST_${letter}SZ${level}`;
    fields.push(`BEST_${side}${level}`, size, `${side}_NORD${level}`);
  }
  return fields.join(' ');
}

const { trade, correction } = tradeTemplates(EXPONENT);

/** The templates of every channel that carries ITCH records or depth; a template's number is its place here. */
export const ITCH_TEMPLATES: readonly TemplateSpec[] = [
  template('QUOTE', UpdateType.QUOTE, 80, 'BID BIDSIZE NUM_BIDS ASK ASKSIZE NUM_ASKS QUOTIM_NS QUOTE_DATE'),
  trade,
  correction,
  template('STATUS', UpdateType.STATUS, 80, 'TRD_STATUS HALT_REASN OPER_HALT SHORT_TEST RETAIL_INT'),
  template('INSTRUMENT', UpdateType.REFERENCE, 80, 'DSPLY_NAME RDN_EXCHD2 CURRENCY'),
  template('DIRECTORY', UpdateType.REFERENCE, 80, 'LOT_SIZE MKT_SEGMNT LULD_TIER TEST_SEC'),
  template('IMBALANCE', UpdateType.STATUS, 100, 'AUC_TYPE AUC_PAIRED AUC_REF AUC_FAR AUC_NEAR IND_AUC IMB_SH IMB_SIDE'),
  template('CROSS', UpdateType.REFERENCE, 100, 'OPN_AUC OPN_AUCVOL CLS_AUC CLS_AUCVOL OFF_CLOSE CRSS_VOL'),
  template('COLLAR', UpdateType.STATUS, 80, 'COLLAR_REF COLLAR_LOW COLLAR_HI'),
  template('OFFERING', UpdateType.STATUS, 80, 'AUC_TIME IPO_PRC'),
  template('LISTING', UpdateType.STATUS, 80, 'PRC_MIN PRC_MAX AUC_NEAR COLLAR_LOW COLLAR_HI'),
  template('MARKET', UpdateType.STATUS, 80, 'PERIOD_CD2 INST_PHASE MWCB_HIT TIMACT_NS ACTIV_DATE'),
  template('BREAKERS', UpdateType.REFERENCE, 80, 'MWCB_LVL1 MWCB_LVL2 MWCB_LVL3', -8),
  template('BIDS', UpdateType.DEPTH, 320, depthFields('BID')),
  template('ASKS', UpdateType.DEPTH, 320, depthFields('ASK')),
];
const QUOTE = 0;
const TRADES = 1;
const CORRECTION = 2;
const STATUS = 3;
const INSTRUMENT = 4;
const DIRECTORY = 5;
const IMBALANCE = 6;
const CROSS = 7;
const COLLAR = 8;
const OFFERING = 9;
const LISTING = 10;
const MARKET = 11;
const BREAKERS = 12;
const BIDS = 13;
const ASKS = 14;

/** RDN_EXCHD2 of Nasdaq, and the ISO 4217 number of the dollar. */
const EXCHANGE_NASDAQ = 43;
const CURRENCY_USD = 840;

/** INST_PHASE after each system event. */
const PHASES: Readonly<Record<string, number>> = { O: 1, S: 13, Q: 3, M: 14, E: 1, C: 1 };
/** TRD_STATUS by trading state: halted, paused (suspended), quotation only (restricted), trading. */
const TRADING_STATUS: Readonly<Record<string, number>> = { H: 2, P: 3, Q: 5, T: 1 };
const IMBALANCE_SIDE: Readonly<Record<string, number>> = { N: 1, B: 2, S: 3, O: 4 };

/** The item that carries the state of the whole market. */
const MARKET_SYMBOL = '#MARKET';
const LOCATES = 65_536;
const UNKNOWN = Number.NaN;

/** What is known of an instrument. Its place in the list is its number in `DayTrades`; its locate is its book's number. */
interface InstrumentState {
  readonly index: number;
  readonly channel: ChannelWriter;
  readonly item: number;
  /** Undefined where the floor publishes no depth. */
  readonly depth: ChannelWriter | undefined;
  readonly depthItem: number;
  bids: PriceLevels;
  asks: PriceLevels;
  tradingStatus: number;
  haltReason: string;
  operationalHalt: number;
  shortTest: number;
  retail: string;
  openPrice: number;
  openShares: number;
  closePrice: number;
  closeShares: number;
  crossShares: number;
}

/**
 * Turns ITCH messages into records (best bid and offer with sizes and number of orders, trades, day statistics,
 * states) and, where the floor names a depth service, ten levels of market-by-price depth an item.
 *
 * ITCH sends orders, not quotes: after a loss no later message makes a book right again, so items stay SUSPECT
 * until the vendor's next session. The same holds for an instrument whose messages contradict its book.
 */
export class ItchNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  private readonly view = new ItchMessage();
  private readonly books = new OrderBooks();
  private readonly trades = new DayTrades();
  private readonly day: number;
  private readonly zoneOffsetNs: number;
  private readonly byLocate: (InstrumentState | undefined)[] = new Array(LOCATES).fill(undefined);
  private instruments: InstrumentState[] = [];
  /** By symbol, for the messages whose locate is 0. */
  private bySymbol = new Map<string, InstrumentState>();
  private market: { readonly channel: ChannelWriter; readonly item: number } | undefined;
  private breached = 0;
  private incomplete = false;

  constructor(context: NormaliserContext) {
    this.#context = context;
    this.day = context.day;
    this.zoneOffsetNs = context.zoneOffsetNs;
  }

  reset(): void {
    this.books.clearAll();
    this.trades.reset();
    this.byLocate.fill(undefined);
    this.instruments = [];
    this.bySymbol = new Map();
    this.market = undefined;
    this.breached = 0;
    this.incomplete = false;
  }

  lost(from: number, to: number): void {
    this.incomplete = true;
    this.trades.lost();
    const detail = `vendor messages ${from} to ${to - 1} are missing`;
    this.#context.services.records!.suspectAll(Reason.VENDOR_GAP, detail);
    this.#context.services.depth?.suspectAll(Reason.VENDOR_GAP, detail);
  }

  message(bytes: Uint8Array, start: number, length: number, position: number): void {
    const view = this.view;
    const fault = view.wrap(bytes, start, length);
    if (fault !== undefined) {
      this.unusable(fault.code, fault.message, bytes, start, length, position);
      return;
    }
    if (!view.hasSafeReferences) {
      const text = 'expected order references up to 2^53 - 1, got a larger one';
      this.unusable('ITCH_BAD_REFERENCE', text, bytes, start, length, position);
      return;
    }
    switch (view.type) {
      case ADD_ORDER:
      case ADD_ORDER_MPID: {
        const instrument = this.instrument();
        const side = view.isBuy ? Side.BID : Side.ASK;
        this.apply(
          this.books.add(view.orderReference, view.stockLocate, side, view.shares, view.price),
          instrument,
          position,
        );
        break;
      }
      case ORDER_DELETE:
        this.apply(this.books.delete(view.orderReference), undefined, position);
        break;
      case ORDER_CANCEL:
        this.apply(this.books.cancel(view.orderReference, view.canceledShares), undefined, position);
        break;
      case ORDER_REPLACE:
        this.apply(
          this.books.replace(view.orderReference, view.newOrderReference, view.shares, view.price),
          undefined,
          position,
        );
        break;
      case ORDER_EXECUTED:
      case ORDER_EXECUTED_WITH_PRICE:
        this.executed(position);
        break;
      case TRADE:
        this.print(this.instrument(), view.price, view.shares, view.u64(TRADE_MATCH_NUMBER), 'P');
        break;
      default:
        this.rare(position);
    }
  }

  private executed(position: number): void {
    const view = this.view;
    const shares = view.executedShares;
    const change = this.books.execute(view.orderReference, shares);
    const instrument = change.fault === BookFault.UNKNOWN_ORDER ? undefined : this.byLocate[change.book];
    if (instrument !== undefined) {
      if (view.type === ORDER_EXECUTED) {
        this.print(instrument, change.price, shares, view.executionMatchNumber, '');
      } else if (view.isPrintable) {
        this.print(instrument, view.executionPrice, shares, view.executionMatchNumber, 'C');
      }
    }
    this.apply(change, instrument, position);
  }

  /** A print: last trade and day statistics. */
  private print(instrument: InstrumentState, price: number, shares: number, match: number, conditions: string): void {
    this.trades.trade(instrument.index, match, price, shares, this.time(), TradeFlag.ELIGIBLE, false);
    const { channel } = instrument;
    this.trades.writeTrade(channel.update(instrument.item, TRADES), instrument.index, this.day, conditions);
    channel.end();
  }

  /** Publishes what a change of the book means, or takes note that book and feed have parted. */
  private apply(change: BookChange, named: InstrumentState | undefined, position: number): void {
    if (change.fault !== BookFault.NONE) this.parted(change, named, position);
    const level = change.level;
    if (level < 0) return;
    const instrument = this.byLocate[change.book]!;
    if (level === 0) this.quote(instrument);
    if (level < DEPTH_LEVELS && instrument.depth !== undefined) {
      if (change.side === Side.BID) this.depth(instrument.depth, instrument.depthItem, BIDS, instrument.bids);
      else this.depth(instrument.depth, instrument.depthItem, ASKS, instrument.asks);
    }
  }

  private quote(instrument: InstrumentState): void {
    const { channel, bids, asks } = instrument;
    const writer = channel.update(instrument.item, QUOTE);
    writeBest(writer, bids);
    writeBest(writer, asks);
    writeTime(writer, this.time(), this.day);
    channel.end();
  }

  private depth(channel: ChannelWriter, item: number, side: number, levels: PriceLevels): void {
    const writer = channel.update(item, side);
    const ns = this.time() % 86_400_000_000_000;
    writer.int(ns);
    const filled = Math.min(levels.length, DEPTH_LEVELS);
    for (let level = 0; level < filled; level++) {
      writer.int(levels.priceAt(level));
      writer.int(levels.sharesAt(level));
      writer.int(levels.ordersAt(level));
    }
    for (let blanks = (DEPTH_LEVELS - filled) * 3; blanks > 0; blanks--) writer.nil();
    channel.end();
  }

  private rare(position: number): void {
    const view = this.view;
    switch (view.type) {
      case SYSTEM_EVENT:
        this.marketUpdate(String.fromCharCode(view.u8(SYSTEM_EVENT_CODE)));
        break;
      case MWCB_STATUS:
        this.breached = Math.max(this.breached, view.u8(MWCB_BREACHED_LEVEL) - 0x30);
        this.marketUpdate('W');
        break;
      case MWCB_DECLINE_LEVEL: {
        const { channel, item } = this.marketItem();
        const writer = channel.update(item, BREAKERS);
        for (const at of [MWCB_LEVEL_1, MWCB_LEVEL_2, MWCB_LEVEL_3])
          intOrBlank(writer, view.isSafe(at) ? view.u64(at) : UNKNOWN);
        channel.end();
        break;
      }
      case STOCK_DIRECTORY: {
        const { channel, item } = this.instrument();
        const writer = channel.update(item, DIRECTORY);
        const tier = view.u8(STOCK_DIRECTORY_LULD_TIER) - 0x30;
        writer.int(view.u32(STOCK_DIRECTORY_ROUND_LOT_SIZE));
        writer.text(view.text(STOCK_DIRECTORY_MARKET_CATEGORY, 1));
        intOrBlank(writer, tier === 1 || tier === 2 ? tier : UNKNOWN);
        writer.int(view.u8(STOCK_DIRECTORY_AUTHENTICITY) === 0x54 ? 1 : 0);
        channel.end();
        break;
      }
      case TRADING_ACTION: {
        const instrument = this.instrument();
        instrument.tradingStatus = TRADING_STATUS[view.text(TRADING_ACTION_STATE, 1)] ?? 0;
        instrument.haltReason = view.text(TRADING_ACTION_REASON, 4);
        this.status(instrument);
        break;
      }
      case REG_SHO_RESTRICTION: {
        const instrument = this.instrument();
        instrument.shortTest = view.u8(REG_SHO_ACTION) === 0x30 ? 0 : 1;
        this.status(instrument);
        break;
      }
      case OPERATIONAL_HALT: {
        const instrument = this.instrument();
        instrument.operationalHalt = view.u8(OPERATIONAL_HALT_ACTION) === 0x48 ? 1 : 0;
        this.status(instrument);
        break;
      }
      case RETAIL_INTEREST: {
        const instrument = this.instrument();
        instrument.retail = view.text(RETAIL_INTEREST_FLAG, 1);
        this.status(instrument);
        break;
      }
      case LULD_COLLAR:
        this.prices(COLLAR, [LULD_REFERENCE_PRICE, LULD_LOWER_PRICE, LULD_UPPER_PRICE]);
        break;
      case DIRECT_LISTING:
        this.prices(LISTING, [
          DIRECT_LISTING_MINIMUM_PRICE,
          DIRECT_LISTING_MAXIMUM_PRICE,
          DIRECT_LISTING_NEAR_PRICE,
          DIRECT_LISTING_LOWER_COLLAR,
          DIRECT_LISTING_UPPER_COLLAR,
        ]);
        break;
      case IPO_QUOTING_PERIOD: {
        const { channel, item } = this.instrument();
        const seconds = view.u32(IPO_RELEASE_TIME);
        const writer = channel.update(item, OFFERING);
        const releaseNs = seconds * 1_000_000_000 + this.zoneOffsetNs;
        intOrBlank(writer, seconds === 0 ? UNKNOWN : releaseNs % 86_400_000_000_000);
        priceOrBlank(writer, view.u32(IPO_PRICE));
        channel.end();
        break;
      }
      case NET_ORDER_IMBALANCE:
        this.imbalance();
        break;
      case CROSS_TRADE:
        this.cross();
        break;
      case BROKEN_TRADE:
        this.broken(position);
        break;
      // Market participant positions say nothing about prices.
    }
  }

  private prices(template: number, offsets: readonly number[]): void {
    const { channel, item } = this.instrument();
    const writer = channel.update(item, template);
    for (const offset of offsets) priceOrBlank(writer, this.view.u32(offset));
    channel.end();
  }

  private imbalance(): void {
    const view = this.view;
    const { channel, item } = this.instrument();
    const writer = channel.update(item, IMBALANCE);
    const near = view.u32(IMBALANCE_NEAR_PRICE);
    writer.text(view.text(IMBALANCE_CROSS_TYPE, 1));
    intOrBlank(writer, view.isSafe(IMBALANCE_PAIRED_SHARES) ? view.u64(IMBALANCE_PAIRED_SHARES) : UNKNOWN);
    priceOrBlank(writer, view.u32(IMBALANCE_REFERENCE_PRICE));
    priceOrBlank(writer, view.u32(IMBALANCE_FAR_PRICE));
    priceOrBlank(writer, near);
    priceOrBlank(writer, near);
    intOrBlank(writer, view.isSafe(IMBALANCE_SHARES) ? view.u64(IMBALANCE_SHARES) : UNKNOWN);
    writer.int(IMBALANCE_SIDE[view.text(IMBALANCE_DIRECTION, 1)] ?? 0);
    channel.end();
  }

  /** A cross is a bulk print; those at open and close set the day's opening price and official close. */
  private cross(): void {
    const view = this.view;
    const instrument = this.instrument();
    const shares = view.isSafe(CROSS_SHARES) ? view.u64(CROSS_SHARES) : 0;
    if (shares === 0) return;
    const price = view.u32(CROSS_PRICE);
    const type = view.text(CROSS_TYPE, 1);
    if (type === 'O') {
      instrument.openPrice = price;
      instrument.openShares = shares;
      this.trades.setOpen(instrument.index, price);
    } else if (type === 'C') {
      instrument.closePrice = price;
      instrument.closeShares = shares;
    }
    instrument.crossShares += shares;
    this.print(instrument, price, shares, view.u64(CROSS_MATCH_NUMBER), `X${type}`);
    this.crossUpdate(instrument);
  }

  private crossUpdate(instrument: InstrumentState): void {
    const { channel, item } = instrument;
    const writer = channel.update(item, CROSS);
    intOrBlank(writer, instrument.openPrice);
    intOrBlank(writer, instrument.openShares);
    intOrBlank(writer, instrument.closePrice);
    intOrBlank(writer, instrument.closeShares);
    intOrBlank(writer, instrument.closePrice);
    // After a loss a cross may be missing in the sum.
    intOrBlank(writer, this.incomplete ? UNKNOWN : instrument.crossShares);
    channel.end();
  }

  private broken(position: number): void {
    const view = this.view;
    const index = this.trades.break(view.u64(BROKEN_MATCH_NUMBER), true);
    const named = this.byLocate[view.stockLocate];
    if (index >= 0) {
      this.correct(this.instruments[index]!);
    } else if (this.trades.overflowed && named !== undefined) {
      this.trades.doubt(named.index);
      this.correct(named);
    } else if (!this.incomplete) {
      // Non-printable executions may be broken as well; they never counted.
      const text = 'expected the match number of a print of today';
      this.#context.fault('ITCH_UNKNOWN_MATCH', text, view.bytes, view.start, view.length, position);
    }
  }

  private correct({ channel, item, index }: InstrumentState): void {
    this.trades.writeCorrection(channel.update(item, CORRECTION), index, this.day);
    channel.end();
  }

  private status(instrument: InstrumentState): void {
    const { channel, item } = instrument;
    const writer = channel.update(item, STATUS);
    intOrBlank(writer, instrument.tradingStatus);
    writer.text(instrument.haltReason);
    intOrBlank(writer, instrument.operationalHalt);
    intOrBlank(writer, instrument.shortTest);
    writer.text(instrument.retail);
    channel.end();
  }

  private marketUpdate(code: string): void {
    const { channel, item } = this.marketItem();
    const writer = channel.update(item, MARKET);
    writer.text(code);
    intOrBlank(writer, PHASES[code] ?? UNKNOWN);
    writer.int(this.breached);
    writeTime(writer, this.time(), this.day);
    channel.end();
  }

  private marketItem(): { readonly channel: ChannelWriter; readonly item: number } {
    if (this.market === undefined) {
      const records = this.#context.services.records!;
      const channel = records.channelOf(MARKET_SYMBOL);
      this.market = { channel, item: channel.item(records.subject(MARKET_SYMBOL), RecordKind.RECORD) };
    }
    return this.market;
  }

  /** Nanoseconds from midnight GMT of the trading day. */
  private time(): number {
    return this.view.timestampNs + this.zoneOffsetNs;
  }

  /** The instrument that the message is about, defined when it is new. Only for messages that carry a symbol. */
  private instrument(): InstrumentState {
    const locate = this.view.stockLocate;
    const known = this.byLocate[locate];
    if (known !== undefined && locate !== 0) return known;
    const symbol = this.view.stock;
    const bySymbol = this.bySymbol.get(symbol);
    if (bySymbol === undefined) return this.define(symbol, locate);
    if (locate !== 0) {
      // Seen before without its locate (an offering announced before the directory): this is its book.
      const book = this.books.book(locate);
      bySymbol.bids = book.bids;
      bySymbol.asks = book.asks;
      this.byLocate[locate] = bySymbol;
    }
    return bySymbol;
  }

  private define(symbol: string, locate: number): InstrumentState {
    const { records, depth } = this.#context.services;
    const channel = records!.channelOf(symbol);
    const item = channel.item(records!.subject(symbol), RecordKind.RECORD);
    const depthChannel = depth?.channelOf(symbol);
    const book = this.books.book(locate);
    const instrument: InstrumentState = {
      index: this.instruments.length,
      channel,
      item,
      depth: depthChannel,
      depthItem: depthChannel === undefined ? -1 : depthChannel.item(depth!.subject(symbol), RecordKind.DEPTH),
      bids: book.bids,
      asks: book.asks,
      tradingStatus: UNKNOWN,
      haltReason: '',
      operationalHalt: UNKNOWN,
      shortTest: UNKNOWN,
      retail: '',
      openPrice: UNKNOWN,
      openShares: UNKNOWN,
      closePrice: UNKNOWN,
      closeShares: UNKNOWN,
      crossShares: 0,
    };
    this.instruments.push(instrument);
    this.byLocate[locate] = instrument;
    this.bySymbol.set(symbol, instrument);
    const writer = channel.update(item, INSTRUMENT);
    writer.text(symbol);
    writer.int(EXCHANGE_NASDAQ);
    writer.int(CURRENCY_USD);
    channel.end();
    // Orders of an instrument that appears after a loss may be among what was lost.
    if (this.incomplete) this.suspect(instrument, Reason.VENDOR_GAP, 'first seen after vendor messages were lost');
    return instrument;
  }

  private suspect(instrument: InstrumentState, reason: string, detail: string): void {
    instrument.channel.suspect(instrument.item, reason, detail);
    instrument.depth?.suspect(instrument.depthItem, reason, detail);
  }

  /** A message that can't be used: if it names an instrument, that one's book is no longer to be trusted. */
  private unusable(
    code: string,
    text: string,
    bytes: Uint8Array,
    start: number,
    length: number,
    position: number,
  ): void {
    this.#context.fault(code, text, bytes, start, length, position);
    if (code === 'ITCH_UNKNOWN_TYPE' || length < 3) return;
    const instrument = this.byLocate[(bytes[start + 1]! << 8) | bytes[start + 2]!];
    if (instrument !== undefined) this.suspect(instrument, Reason.VENDOR_FAULT, code);
  }

  /** The message contradicts the book. After a loss that is to be expected. */
  private parted(change: BookChange, named: InstrumentState | undefined, position: number): void {
    if (this.incomplete) return;
    const view = this.view;
    const code = FAULT_CODES[change.fault] ?? 'ITCH_BOOK_FAULT';
    const text = `message ${String.fromCharCode(view.type)} for order ${view.orderReference} contradicts the book`;
    this.#context.fault(code, text, view.bytes, view.start, view.length, position);
    const instrument = named ?? this.byLocate[view.stockLocate];
    if (instrument !== undefined) this.suspect(instrument, Reason.VENDOR_FAULT, code);
  }
}

const FAULT_CODES: Readonly<Record<number, string>> = {
  [BookFault.UNKNOWN_ORDER]: 'ITCH_UNKNOWN_ORDER',
  [BookFault.DUPLICATE_ORDER]: 'ITCH_DUPLICATE_ORDER',
  [BookFault.OVERDRAWN]: 'ITCH_ORDER_OVERDRAWN',
  [BookFault.NO_SHARES]: 'ITCH_ORDER_WITHOUT_SHARES',
  [BookFault.TABLE_FULL]: 'ITCH_TOO_MANY_ORDERS',
};

/** Best price, shares and orders; an empty side is blank, 0, 0. */
function writeBest(writer: BlockWriter, levels: PriceLevels): void {
  if (levels.length === 0) {
    writer.nil();
    writer.int(0);
    writer.int(0);
    return;
  }
  writer.int(levels.bestPrice);
  writer.int(levels.bestShares);
  writer.int(levels.bestOrders);
}

/** ITCH says "none" with price 0. */
function priceOrBlank(writer: BlockWriter, price: number): void {
  if (price === 0) writer.nil();
  else writer.int(price);
}
