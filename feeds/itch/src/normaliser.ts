import {
  type BookChange,
  BookFault,
  OrderBooks,
  type PriceLevels,
  type SavedOrders,
  type SavedRest,
  Side,
} from '@tickerplant/book';
import { NS_PER_DAY, NS_PER_SECOND, readAlpha } from '@tickerplant/core';
import {
  type ChannelWriter,
  DayTrades,
  intOrBlank,
  type Normaliser,
  type NormaliserContext,
  type NormaliserGiver,
  type SavedDayTrades,
  type SavedTrades,
  TradeFlag,
  writeTime,
} from '@tickerplant/feed-runtime';
import { type BlockWriter, Reason, RecordKind } from '@tickerplant/records';
import { ItchMessage, readU16, readU32 } from './decoder.ts';
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
  messageLayout,
  NET_ORDER_IMBALANCE,
  OPERATIONAL_HALT,
  OPERATIONAL_HALT_ACTION,
  ORDER_CANCEL,
  ORDER_DELETE,
  ORDER_EXECUTED,
  ORDER_EXECUTED_WITH_PRICE,
  ORDER_REPLACE,
  PARTICIPANT_POSITION,
  REG_SHO_ACTION,
  REG_SHO_RESTRICTION,
  RETAIL_INTEREST,
  RETAIL_INTEREST_FLAG,
  STOCK_DIRECTORY,
  STOCK_DIRECTORY_AUTHENTICITY,
  STOCK_DIRECTORY_LULD_TIER,
  STOCK_DIRECTORY_MARKET_CATEGORY,
  STOCK_DIRECTORY_ROUND_LOT_SIZE,
  STOCK_LENGTH,
  STOCK_LOCATE,
  SYSTEM_EVENT,
  SYSTEM_EVENT_CODE,
  TRADE,
  TRADE_MATCH_NUMBER,
  TRADING_ACTION,
  TRADING_ACTION_REASON,
  TRADING_ACTION_STATE,
} from './messages.ts';
import { checkValues } from './plausibility.ts';
import {
  ASKS,
  BIDS,
  BREAKERS,
  COLLAR,
  CORRECTION,
  CROSS,
  DEPTH_LEVELS,
  DEPTH_RUNS,
  DEPTH_SINGLES,
  DIRECTORY,
  IMBALANCE,
  INSTRUMENT,
  LISTING,
  MARKET,
  OFFERING,
  QUOTE,
  STATUS,
  TRADES,
} from './templates.ts';

/** RDN_EXCHD2 of Nasdaq, and the ISO 4217 number of the dollar. */
const EXCHANGE_NASDAQ = 43;
const CURRENCY_USD = 840;

/** INST_PHASE after each system event. */
const PHASES: Readonly<Record<string, number>> = { O: 1, S: 13, Q: 3, M: 14, E: 1, C: 1 };
const START_OF_SYSTEM_HOURS = 'S';
const START_OF_MARKET_HOURS = 'Q';
/** TRD_STATUS by trading state: halted, paused (suspended), quotation only (restricted), trading. */
const HALTED = 2;
const TRADING_STATUS: Readonly<Record<string, number>> = { H: HALTED, P: 3, Q: 5, T: 1 };
const IMBALANCE_SIDE: Readonly<Record<string, number>> = { N: 1, B: 2, S: 3, O: 4 };
/** Of codes that say yes or no; what else may come one day is neither. */
const OPERATIONAL: Readonly<Record<string, number>> = { H: 1, T: 0 };
const SHORT_SALE_TEST: Readonly<Record<string, number>> = { '0': 0, '1': 1, '2': 1 };
const AUTHENTICITY: Readonly<Record<string, number>> = { T: 1, P: 0 };

/** TRD_COND: nothing of an execution, or the type of message; of a cross with the cross type. */
const CONDITIONS: readonly string[] = ['', 'P', 'C', 'X', 'XO', 'XC', 'XH', 'XI', 'XA'];
const EXECUTED = 0;
const HIDDEN = 1;
const EXECUTED_WITH_PRICE = 2;
const CROSSED = 3;
/** Crosses that set the last sale price whatever their size and time: opening, closing, after a halt. */
const OFFICIAL_CROSSES = 'OCH';
/** Shares of a round lot where no directory message has said it. */
const ROUND_LOT = 100;

/** The item that carries the state of the whole market. */
const MARKET_SYMBOL = '#MARKET';
const LOCATES = 65_536;
const INSTRUMENTS_MAX = LOCATES;
/** Crosses of an instrument that are remembered: of a day's two or three none is ever forgotten. */
const CROSSES_MAX = 64;
const UNKNOWN = Number.NaN;
const DIGIT_0 = 0x30;
/** Without blanks and control characters. */
const SYMBOL = /^[\x21-\x7e]+$/;
const SEEN_LATE = 'first seen after messages were lost or unusable';

/** A cross that traded. */
interface Cross {
  readonly match: number;
  readonly type: string;
  readonly price: number;
  readonly shares: number;
}

/** What is known of an instrument. Its place in the list is its number in `DayTrades`; its locate is its book's number. */
interface InstrumentState {
  readonly index: number;
  /** 0 until a message has named it. */
  locate: number;
  /** The symbol's eight bytes as two numbers. */
  readonly symbolHigh: number;
  readonly symbolLow: number;
  readonly channel: ChannelWriter;
  readonly item: number;
  /** Undefined where the floor publishes no depth. */
  readonly depth: ChannelWriter | undefined;
  readonly depthItem: number;
  bids: PriceLevels;
  asks: PriceLevels;
  roundLot: number;
  tradingStatus: number;
  haltReason: string;
  operationalHalt: number;
  shortTest: number;
  retail: string;
  crosses: readonly Cross[];
  crossShares: number;
}

/** What a handler gives another one of the same feed: pieces, then the rest. */
type SavedPiece =
  | { readonly trades: SavedTrades; readonly orders?: never }
  | { readonly orders: SavedOrders; readonly trades?: never };
interface SavedItch {
  readonly orders: SavedRest;
  readonly trades: SavedDayTrades;
  readonly instruments: readonly (Omit<InstrumentState, 'channel' | 'depth' | 'bids' | 'asks'> & {
    readonly symbol: string;
  })[];
  readonly marketItem: number | undefined;
  readonly marketSuspect: boolean;
  readonly event: string;
  readonly spun: boolean;
  readonly breached: number;
  readonly incomplete: boolean;
  readonly doubted: Uint8Array;
  readonly anyDoubted: boolean;
}

/**
 * Turns ITCH messages into records (best bid and offer with sizes and number of orders, trades, day statistics,
 * states) and, where the floor names a depth service, ten levels of market-by-price depth an item.
 *
 * ITCH sends orders, not quotes: after a loss no later message makes a book right again, so items stay SUSPECT
 * until the vendor's next session. The same holds for the instruments that a message which cannot be used may have
 * been about: the one that its locate names (also when it becomes known only later) and the one that its symbol
 * names; when it names none, as system events do, all of them. And for those whose messages contradict their books: an order unknown,
 * overdrawn, added twice, or of another instrument; a break of a trade that nobody has seen.
 *
 * Trades in market hours of at least a round lot, and the official crosses, may set the last sale, high and low. The
 * opening price is the opening cross's.
 */
export class ItchNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  private readonly view = new ItchMessage();
  /** Scratch of `depth`. */
  private readonly numbers = new Float64Array(DEPTH_LEVELS * 3);
  private readonly books = new OrderBooks();
  private readonly trades: DayTrades;
  private readonly day: number;
  private readonly zoneOffsetNs: number;
  private readonly byLocate: (InstrumentState | undefined)[] = new Array(LOCATES).fill(undefined);
  private instruments: InstrumentState[] = [];
  /** By symbol, for the messages whose locate is 0. */
  private bySymbol = new Map<string, InstrumentState>();
  private market: { readonly channel: ChannelWriter; readonly item: number } | undefined;
  private marketSuspect = false;
  /** The latest system event. */
  private event = '';
  /** The spin of trading actions is over: an instrument that it left out is halted. */
  private spun = false;
  private breached = 0;
  /** Messages are missing that may have been about anything. */
  private incomplete = false;
  /** 1 for a locate that was not known yet when messages were about it which could not be used. */
  private readonly doubted = new Uint8Array(LOCATES);
  /** Whether there is such a locate: an instrument that has shown none may be the one. */
  private anyDoubted = false;

  /** @param tradesMax how many trades to remember for breaks; see `TradeLog`. */
  constructor(context: NormaliserContext, tradesMax?: number) {
    this.#context = context;
    this.trades = new DayTrades(tradesMax, CONDITIONS);
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
    this.marketSuspect = false;
    this.event = '';
    this.spun = false;
    this.breached = 0;
    this.incomplete = false;
    this.doubted.fill(0);
    this.anyDoubted = false;
  }

  give(): NormaliserGiver {
    const trades = this.trades.give();
    const orders = this.books.give();
    return {
      // Orders come last: they change most, and what has changed since has to be given again.
      piece: (): SavedPiece | undefined => {
        const some = trades.piece();
        if (some !== undefined) return { trades: some };
        const others = orders.piece();
        return others === undefined ? undefined : { orders: others };
      },
      rest: () => this.save(trades.rest(), orders.rest()),
    };
  }

  private save(trades: SavedDayTrades, orders: SavedRest): SavedItch {
    const names = new Map([...this.bySymbol].map(([symbol, { index }]) => [index, symbol]));
    return {
      orders,
      trades,
      instruments: this.instruments.map(({ channel: _, depth: _d, bids: _b, asks: _a, ...kept }) => ({
        ...kept,
        symbol: names.get(kept.index)!,
      })),
      marketItem: this.market?.item,
      marketSuspect: this.marketSuspect,
      event: this.event,
      spun: this.spun,
      breached: this.breached,
      incomplete: this.incomplete,
      doubted: this.doubted,
      anyDoubted: this.anyDoubted,
    };
  }

  restore(state: unknown, pieces: readonly unknown[]): void {
    const saved = state as SavedItch;
    const { records, depth } = this.#context.services;
    const given = pieces as readonly SavedPiece[];
    this.reset();
    this.books.restore(
      given.flatMap(({ orders }) => orders ?? []),
      saved.orders,
    );
    this.trades.restore(
      saved.trades,
      given.flatMap(({ trades }) => trades ?? []),
    );
    for (const { symbol, ...kept } of saved.instruments) {
      const { bids, asks } = this.books.book(kept.locate);
      const channels = { channel: records!.channelOf(symbol), depth: depth?.channelOf(symbol) };
      const instrument: InstrumentState = { ...kept, ...channels, bids, asks };
      this.instruments.push(instrument);
      if (kept.locate !== 0) this.byLocate[kept.locate] = instrument;
      this.bySymbol.set(symbol, instrument);
    }
    if (saved.marketItem !== undefined) {
      this.market = { channel: records!.channelOf(MARKET_SYMBOL), item: saved.marketItem };
    }
    this.marketSuspect = saved.marketSuspect;
    this.event = saved.event;
    this.spun = saved.spun;
    this.breached = saved.breached;
    this.incomplete = saved.incomplete;
    this.doubted.set(saved.doubted);
    this.anyDoubted = saved.anyDoubted;
  }

  lost(from: number, to: number): void {
    this.suspectAll(Reason.VENDOR_GAP, `vendor messages ${from} to ${to - 1} are missing`);
  }

  message(bytes: Uint8Array, start: number, length: number, position: number): void {
    const view = this.view;
    const fault = view.wrap(bytes, start, length) ?? checkValues(view);
    if (fault !== undefined) {
      this.unusable(fault.code, fault.message, bytes, start, length, position);
      return;
    }
    switch (view.type) {
      case ADD_ORDER:
      case ADD_ORDER_MPID: {
        if (this.instrument(position) === undefined) return;
        const side = view.isBuy ? Side.BID : Side.ASK;
        this.apply(this.books.add(view.orderReference, view.stockLocate, side, view.shares, view.price), position);
        break;
      }
      case ORDER_DELETE:
        this.apply(this.books.delete(view.orderReference), position);
        break;
      case ORDER_CANCEL:
        this.apply(this.books.cancel(view.orderReference, view.canceledShares), position);
        break;
      case ORDER_REPLACE:
        this.apply(this.books.replace(view.orderReference, view.newOrderReference, view.shares, view.price), position);
        break;
      case ORDER_EXECUTED:
      case ORDER_EXECUTED_WITH_PRICE:
        this.executed(position);
        break;
      case TRADE: {
        const instrument = this.instrument(position);
        if (instrument === undefined) return;
        const { price, shares } = view;
        this.print(
          instrument,
          price,
          shares,
          view.u64(TRADE_MATCH_NUMBER),
          HIDDEN,
          this.isEligible(instrument, shares),
        );
        break;
      }
      default:
        this.rare(position);
    }
  }

  private executed(position: number): void {
    const view = this.view;
    const shares = view.executedShares;
    const change = this.books.execute(view.orderReference, shares);
    this.check(change, position);
    if (change.level < 0) return;
    const instrument = this.byLocate[change.book]!;
    const match = view.executionMatchNumber;
    if (view.type === ORDER_EXECUTED) {
      this.print(instrument, change.price, shares, match, EXECUTED, this.isEligible(instrument, shares));
    } else if (view.isPrintable) {
      const eligible = this.isEligible(instrument, shares);
      this.print(instrument, view.executionPrice, shares, match, EXECUTED_WITH_PRICE, eligible);
    } else {
      this.trades.unprinted(instrument.index, match);
    }
    this.publish(instrument, change.side, change.level, change.levelsChanged);
  }

  /** Whether a trade outside of crosses may set the last sale price. */
  private isEligible(instrument: InstrumentState, shares: number): boolean {
    return shares >= instrument.roundLot && this.event === START_OF_MARKET_HOURS;
  }

  /** A print: last trade and day statistics. @param condition index into `CONDITIONS`. */
  private print(
    instrument: InstrumentState,
    price: number,
    shares: number,
    match: number,
    condition: number,
    eligible: boolean,
  ): void {
    const flags = (eligible ? TradeFlag.ELIGIBLE : 0) + condition * TradeFlag.CONDITIONS;
    this.trades.trade(instrument.index, match, price, shares, this.time(), flags, false);
    const { channel } = instrument;
    this.trades.writeTrade(channel.update(instrument.item, TRADES), instrument.index, this.day, CONDITIONS[condition]!);
    channel.end();
  }

  /** Publishes what a change of a book means. */
  private apply(change: BookChange, position: number): void {
    const { book, side, level, levelsChanged } = change;
    this.check(change, position);
    // A replaced order touches two levels: the better one is named, the other lies behind it.
    const moved = levelsChanged || this.view.type === ORDER_REPLACE;
    if (level >= 0) this.publish(this.byLocate[book]!, side, level, moved);
  }

  /** @param level the best level that has changed. @param moved whether those behind it may have changed as well. */
  private publish(instrument: InstrumentState, side: Side, level: number, moved: boolean): void {
    if (level === 0) this.quote(instrument);
    const { depth, depthItem } = instrument;
    if (level >= DEPTH_LEVELS || depth === undefined) return;
    const single = level < DEPTH_SINGLES && !moved;
    if (side === Side.BID) this.depth(depth, depthItem, BIDS, instrument.bids, level, single);
    else this.depth(depth, depthItem, ASKS, instrument.asks, level, single);
  }

  private quote(instrument: InstrumentState): void {
    const { channel, bids, asks } = instrument;
    const writer = channel.update(instrument.item, QUOTE);
    writeBest(writer, bids);
    writeBest(writer, asks);
    writeTime(writer, this.time(), this.day);
    channel.end();
  }

  /** @param level the best level that changed, from 0. @param single whether it is the only one. */
  private depth(
    channel: ChannelWriter,
    item: number,
    side: number,
    levels: PriceLevels,
    level: number,
    single: boolean,
  ): void {
    const run = level < 3 ? 0 : level < 6 ? 1 : 2;
    const from = single ? level : DEPTH_RUNS[run]! - 1;
    const writer = channel.update(item, single ? side + DEPTH_RUNS.length + level : side + run);
    writer.int(timeOfDay(this.time()));
    const wanted = single ? 1 : DEPTH_LEVELS - from;
    const filled = levels.readRun(from, wanted, this.numbers);
    writer.ints(this.numbers, filled * 3);
    for (let blanks = (wanted - filled) * 3; blanks > 0; blanks--) writer.nil();
    channel.end();
  }

  private rare(position: number): void {
    const view = this.view;
    switch (view.type) {
      case SYSTEM_EVENT:
        this.systemEvent(view.text(SYSTEM_EVENT_CODE, 1));
        return;
      case MWCB_STATUS:
        this.breached = Math.max(this.breached, view.u8(MWCB_BREACHED_LEVEL) - DIGIT_0);
        this.marketUpdate();
        return;
      case MWCB_DECLINE_LEVEL: {
        const { channel, item } = this.marketItem();
        const writer = channel.update(item, BREAKERS);
        for (const at of [MWCB_LEVEL_1, MWCB_LEVEL_2, MWCB_LEVEL_3])
          intOrBlank(writer, view.isSafe(at) ? view.u64(at) : UNKNOWN);
        channel.end();
        return;
      }
      case BROKEN_TRADE:
        this.broken(position);
        return;
      case PARTICIPANT_POSITION:
        // Says nothing of prices.
        return;
    }
    const instrument = this.instrument(position);
    if (instrument !== undefined) this.particulars(instrument);
  }

  /** The rare messages about one instrument. */
  private particulars(instrument: InstrumentState): void {
    const view = this.view;
    const { channel, item } = instrument;
    switch (view.type) {
      case STOCK_DIRECTORY: {
        const writer = channel.update(item, DIRECTORY);
        const tier = view.u8(STOCK_DIRECTORY_LULD_TIER) - DIGIT_0;
        instrument.roundLot = view.u32(STOCK_DIRECTORY_ROUND_LOT_SIZE);
        writer.int(instrument.roundLot);
        writer.text(view.text(STOCK_DIRECTORY_MARKET_CATEGORY, 1));
        intOrBlank(writer, tier === 1 || tier === 2 ? tier : UNKNOWN);
        intOrBlank(writer, AUTHENTICITY[view.text(STOCK_DIRECTORY_AUTHENTICITY, 1)] ?? UNKNOWN);
        channel.end();
        break;
      }
      case TRADING_ACTION:
        instrument.tradingStatus = TRADING_STATUS[view.text(TRADING_ACTION_STATE, 1)] ?? 0;
        instrument.haltReason = view.text(TRADING_ACTION_REASON, 4);
        this.status(instrument);
        break;
      case REG_SHO_RESTRICTION:
        instrument.shortTest = SHORT_SALE_TEST[view.text(REG_SHO_ACTION, 1)] ?? UNKNOWN;
        this.status(instrument);
        break;
      case OPERATIONAL_HALT:
        instrument.operationalHalt = OPERATIONAL[view.text(OPERATIONAL_HALT_ACTION, 1)] ?? UNKNOWN;
        this.status(instrument);
        break;
      case RETAIL_INTEREST:
        instrument.retail = view.text(RETAIL_INTEREST_FLAG, 1);
        this.status(instrument);
        break;
      case LULD_COLLAR:
        this.prices(instrument, COLLAR, [LULD_REFERENCE_PRICE, LULD_LOWER_PRICE, LULD_UPPER_PRICE]);
        break;
      case DIRECT_LISTING:
        this.prices(instrument, LISTING, [
          DIRECT_LISTING_MINIMUM_PRICE,
          DIRECT_LISTING_MAXIMUM_PRICE,
          DIRECT_LISTING_NEAR_PRICE,
          DIRECT_LISTING_LOWER_COLLAR,
          DIRECT_LISTING_UPPER_COLLAR,
        ]);
        break;
      case IPO_QUOTING_PERIOD: {
        const seconds = view.u32(IPO_RELEASE_TIME);
        const writer = channel.update(item, OFFERING);
        intOrBlank(writer, seconds === 0 ? UNKNOWN : timeOfDay(seconds * NS_PER_SECOND + this.zoneOffsetNs));
        priceOrBlank(writer, view.u32(IPO_PRICE));
        channel.end();
        break;
      }
      case NET_ORDER_IMBALANCE:
        this.imbalance(instrument);
        break;
      case CROSS_TRADE:
        this.cross(instrument);
        break;
    }
  }

  private prices({ channel, item }: InstrumentState, template: number, offsets: readonly number[]): void {
    const writer = channel.update(item, template);
    for (const offset of offsets) priceOrBlank(writer, this.view.u32(offset));
    channel.end();
  }

  private imbalance({ channel, item }: InstrumentState): void {
    const view = this.view;
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
  private cross(instrument: InstrumentState): void {
    const view = this.view;
    const shares = view.u64(CROSS_SHARES);
    if (shares === 0) return;
    const price = view.u32(CROSS_PRICE);
    const type = view.text(CROSS_TYPE, 1);
    const match = view.u64(CROSS_MATCH_NUMBER);
    const condition = CONDITIONS.indexOf(`X${type}`);
    const official = OFFICIAL_CROSSES.includes(type) && type !== '';
    instrument.crosses = [...instrument.crosses.slice(1 - CROSSES_MAX), { match, type, price, shares }];
    // A sum that can't be exact is none.
    instrument.crossShares += shares;
    if (instrument.crossShares > Number.MAX_SAFE_INTEGER) instrument.crossShares = UNKNOWN;
    this.openFromCrosses(instrument);
    const eligible = official || this.isEligible(instrument, shares);
    this.print(instrument, price, shares, match, condition < 0 ? CROSSED : condition, eligible);
    this.crossUpdate(instrument);
  }

  private openFromCrosses({ index, crosses }: InstrumentState): void {
    this.trades.setOpen(index, crosses.findLast(({ type }) => type === 'O')?.price ?? UNKNOWN);
  }

  private crossUpdate({ channel, item, crosses, crossShares }: InstrumentState): void {
    const writer = channel.update(item, CROSS);
    const open = crosses.findLast(({ type }) => type === 'O');
    const close = crosses.findLast(({ type }) => type === 'C');
    intOrBlank(writer, open?.price ?? UNKNOWN);
    intOrBlank(writer, open?.shares ?? UNKNOWN);
    intOrBlank(writer, close?.price ?? UNKNOWN);
    intOrBlank(writer, close?.shares ?? UNKNOWN);
    intOrBlank(writer, close?.price ?? UNKNOWN);
    // After a loss a cross may be missing in the sum.
    intOrBlank(writer, this.incomplete ? UNKNOWN : crossShares);
    channel.end();
  }

  private broken(position: number): void {
    const view = this.view;
    const match = view.u64(BROKEN_MATCH_NUMBER);
    const named = this.byLocate[view.stockLocate];
    const index = this.trades.break(match, true);
    if (index < 0) {
      if (this.trades.overflowed && named !== undefined) {
        this.trades.doubt(named.index);
        this.breakCross(named, match, UNKNOWN);
      } else {
        this.contradiction('ITCH_UNKNOWN_MATCH', `expected the number of a trade of today, got ${match}`, position);
      }
      return;
    }
    const instrument = this.instruments[index]!;
    if (instrument.locate !== view.stockLocate) {
      const text = `expected locate ${instrument.locate} in the break of trade ${match}, got ${view.stockLocate}`;
      this.contradiction('ITCH_OTHER_INSTRUMENT', text, position);
      this.suspect(instrument, Reason.VENDOR_FAULT, 'ITCH_OTHER_INSTRUMENT');
    }
    const { flags, shares } = this.trades.broken;
    if ((flags & TradeFlag.UNPRINTED) !== 0) return;
    if (flags >= CROSSED * TradeFlag.CONDITIONS) this.breakCross(instrument, match, shares);
    else this.correct(instrument);
  }

  /** The first cross with this number was broken. @param shares NaN where it isn't known whether it was one. */
  private breakCross(instrument: InstrumentState, match: number, shares: number): void {
    const at = instrument.crosses.findIndex((cross) => cross.match === match);
    if (at >= 0) instrument.crosses = instrument.crosses.toSpliced(at, 1);
    instrument.crossShares -= shares;
    this.openFromCrosses(instrument);
    this.correct(instrument);
    this.crossUpdate(instrument);
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

  private systemEvent(code: string): void {
    this.event = code;
    this.marketUpdate();
    if (code !== START_OF_SYSTEM_HOURS || this.incomplete) return;
    this.spun = true;
    for (const instrument of this.instruments) {
      if (!Number.isNaN(instrument.tradingStatus)) continue;
      instrument.tradingStatus = HALTED;
      this.status(instrument);
    }
  }

  private marketUpdate(): void {
    const { channel, item } = this.marketItem();
    const writer = channel.update(item, MARKET);
    writer.text(this.event);
    intOrBlank(writer, PHASES[this.event] ?? UNKNOWN);
    writer.int(this.breached);
    writeTime(writer, this.time(), this.day);
    channel.end();
  }

  private marketItem(): { readonly channel: ChannelWriter; readonly item: number } {
    if (this.market === undefined) {
      const records = this.#context.services.records!;
      const channel = records.channelOf(MARKET_SYMBOL);
      this.market = { channel, item: channel.item(records.subject(MARKET_SYMBOL), RecordKind.RECORD) };
      if (this.incomplete) channel.suspect(this.market.item, Reason.VENDOR_GAP, SEEN_LATE);
      else if (this.marketSuspect) channel.suspect(this.market.item, Reason.VENDOR_FAULT, SEEN_LATE);
    }
    return this.market;
  }

  /** Nanoseconds from midnight GMT of the trading day. */
  private time(): number {
    return this.view.timestampNs + this.zoneOffsetNs;
  }

  /**
   * The instrument that the message is about, defined when it is new; undefined when locate and symbol contradict
   * each other, or the symbol can't be one. Only for messages that carry a symbol.
   */
  private instrument(position: number): InstrumentState | undefined {
    const { bytes, start, stockOffset, stockLocate } = this.view;
    const known = this.byLocate[stockLocate];
    if (known === undefined) return this.newcomer(position);
    const at = start + stockOffset;
    if (readU32(bytes, at) === known.symbolHigh && readU32(bytes, at + 4) === known.symbolLow) return known;
    this.misnamed(`expected another symbol at locate ${stockLocate}`, position);
    return undefined;
  }

  /** An instrument whose locate isn't known: new, or seen before without its locate, or named without. */
  private newcomer(position: number): InstrumentState | undefined {
    const locate = this.view.stockLocate;
    const symbol = this.view.stock;
    const known = this.bySymbol.get(symbol);
    if (known === undefined) {
      if (!SYMBOL.test(symbol) || symbol === MARKET_SYMBOL) {
        this.misnamed('expected a symbol', position);
        return undefined;
      }
      if (this.instruments.length >= INSTRUMENTS_MAX) {
        const { bytes, start, length } = this.view;
        const text = `expected at most ${INSTRUMENTS_MAX} instruments`;
        this.#context.fault('ITCH_TOO_MANY_INSTRUMENTS', text, bytes, start, length, position);
        return undefined;
      }
      return this.define(symbol, locate);
    }
    if (locate === 0) return known;
    if (known.locate !== 0) {
      this.misnamed(`expected locate ${known.locate}`, position);
      return undefined;
    }
    // Seen before without its locate (an offering announced before the directory): this is its book.
    const book = this.books.book(locate);
    known.locate = locate;
    known.bids = book.bids;
    known.asks = book.asks;
    this.byLocate[locate] = known;
    if (this.doubted[locate] === 1) this.suspect(known, Reason.VENDOR_FAULT, SEEN_LATE);
    return known;
  }

  private misnamed(expected: string, position: number): void {
    const { bytes, start, length, stock, stockLocate } = this.view;
    const text = `${expected}, got locate ${stockLocate} with symbol ${JSON.stringify(stock)}`;
    this.unusable('ITCH_SYMBOL_MISMATCH', text, bytes, start, length, position);
  }

  private define(symbol: string, locate: number): InstrumentState {
    const { records, depth } = this.#context.services;
    const channel = records!.channelOf(symbol);
    const item = channel.item(records!.subject(symbol), RecordKind.RECORD);
    const depthChannel = depth?.channelOf(symbol);
    const book = this.books.book(locate);
    const { bytes, start, stockOffset } = this.view;
    const instrument: InstrumentState = {
      index: this.instruments.length,
      locate,
      symbolHigh: readU32(bytes, start + stockOffset),
      symbolLow: readU32(bytes, start + stockOffset + 4),
      channel,
      item,
      depth: depthChannel,
      depthItem: depthChannel === undefined ? -1 : depthChannel.item(depth!.subject(symbol), RecordKind.DEPTH),
      bids: book.bids,
      asks: book.asks,
      roundLot: ROUND_LOT,
      tradingStatus: this.spun ? HALTED : UNKNOWN,
      haltReason: '',
      operationalHalt: UNKNOWN,
      shortTest: UNKNOWN,
      retail: '',
      crosses: [],
      crossShares: 0,
    };
    this.instruments.push(instrument);
    if (locate !== 0) this.byLocate[locate] = instrument;
    this.bySymbol.set(symbol, instrument);
    // What it misses was lost, or could not be used, before anybody knew of it.
    if (this.incomplete) this.suspect(instrument, Reason.VENDOR_GAP, SEEN_LATE);
    else if (locate === 0 ? this.anyDoubted : this.doubted[locate] === 1) {
      this.suspect(instrument, Reason.VENDOR_FAULT, SEEN_LATE);
    }
    const writer = channel.update(item, INSTRUMENT);
    writer.text(symbol);
    writer.int(EXCHANGE_NASDAQ);
    writer.int(CURRENCY_USD);
    channel.end();
    if (this.spun) this.status(instrument);
    return instrument;
  }

  private suspect(instrument: InstrumentState, reason: string, detail: string): void {
    instrument.channel.suspect(instrument.item, reason, detail);
    instrument.depth?.suspect(instrument.depthItem, reason, detail);
  }

  /** Nothing can be relied on any more, nor what comes up later. */
  private suspectAll(reason: string, detail: string): void {
    this.incomplete = true;
    this.trades.lost();
    this.#context.services.records!.suspectAll(reason, detail);
    this.#context.services.depth?.suspectAll(reason, detail);
  }

  /** The instrument at a locate becomes SUSPECT; if there is none yet, as soon as there is, and all it may be. */
  private suspectLocate(locate: number, code: string): void {
    const known = this.byLocate[locate];
    if (known !== undefined) {
      this.suspect(known, Reason.VENDOR_FAULT, code);
      return;
    }
    this.doubted[locate] = 1;
    this.anyDoubted = true;
    for (const instrument of this.instruments) {
      if (instrument.locate === 0) this.suspect(instrument, Reason.VENDOR_FAULT, code);
    }
  }

  /** A message that can't be used: whatever it may have been about becomes SUSPECT. */
  private unusable(
    code: string,
    text: string,
    bytes: Uint8Array,
    start: number,
    length: number,
    position: number,
  ): void {
    this.#context.fault(code, text, bytes, start, length, position);
    if (code === 'ITCH_UNKNOWN_TYPE') return;
    const type = length > 0 ? bytes[start]! : 0;
    if (type === PARTICIPANT_POSITION) return;
    if (type === MWCB_STATUS || type === MWCB_DECLINE_LEVEL) {
      this.marketSuspect = true;
      this.market?.channel.suspect(this.market.item, Reason.VENDOR_FAULT, code);
      return;
    }
    const locate = length >= 3 ? readU16(bytes, start + STOCK_LOCATE) : 0;
    if (locate !== 0) this.suspectLocate(locate, code);
    const field = messageLayout(type)?.fields.find(({ name }) => name === 'stock');
    const legible = field !== undefined && length >= field.offset + STOCK_LENGTH;
    const instrument = legible ? this.bySymbol.get(readAlpha(bytes, start + field.offset, STOCK_LENGTH)) : undefined;
    if (instrument !== undefined) this.suspect(instrument, Reason.VENDOR_FAULT, code);
    else if (locate === 0) this.suspectAll(Reason.VENDOR_FAULT, `${code}: vendor message ${position}`);
  }

  /** Takes note of it when an operation on a book shows that book and feed have parted. */
  private check(change: BookChange, position: number): void {
    const view = this.view;
    if (change.fault === BookFault.NONE && change.book === view.stockLocate) return;
    const code = FAULT_CODES[change.fault] ?? 'ITCH_OTHER_INSTRUMENT';
    const text = `message ${String.fromCharCode(view.type)} for order ${view.orderReference} contradicts the book`;
    const { fault, level, book } = change;
    this.contradiction(code, text, position);
    if (level >= 0) this.suspectLocate(book, code);
    if (fault !== BookFault.DUPLICATE_ORDER) return;
    // The order that has the reference may be one that should have gone.
    const reference = view.type === ORDER_REPLACE ? view.newOrderReference : view.orderReference;
    this.suspectLocate(this.books.peek(reference).book, code);
  }

  /** The message contradicts what went before: the instrument that it names is in doubt. After a loss all are. */
  private contradiction(code: string, text: string, position: number): void {
    if (this.incomplete) return;
    const { bytes, start, length, stockLocate } = this.view;
    this.#context.fault(code, text, bytes, start, length, position);
    this.suspectLocate(stockLocate, code);
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

/** @param time nanoseconds from a midnight; may lie before it or after the next one. */
function timeOfDay(time: number): number {
  // Nearly every time is of the day itself, and the remainder of a fraction is a slow instruction.
  if (time >= 0 && time < NS_PER_DAY) return time;
  const ns = time % NS_PER_DAY;
  return ns < 0 ? ns + NS_PER_DAY : ns;
}

/** ITCH says "none" with price 0. */
function priceOrBlank(writer: BlockWriter, price: number): void {
  if (price === 0) writer.nil();
  else writer.int(price);
}
