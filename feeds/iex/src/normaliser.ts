import {
  type ChannelWriter,
  DayTrades,
  intOrBlank,
  type Normaliser,
  type NormaliserContext,
  type NormaliserGiver,
  type SavedDayTrades,
  type SavedTrades,
  type TemplateSpec,
  TradeFlag,
  tradeTemplates,
  writeTime,
} from '@tickerplant/feed-runtime';
import { Reason, RecordKind, standardDictionary, UpdateType } from '@tickerplant/records';
import { IexMessage } from './decoder.ts';
import { type EpochBase, midnightBase } from './int64.ts';
import { MessageType, SYMBOL, SYMBOL_LENGTH } from './messages.ts';
import { SymbolIndex } from './symbols.ts';

/** Prices are in 1/10,000 dollar. */
const EXPONENT = -4;

const dictionary = standardDictionary();

function template(name: string, updateType: UpdateType, bytesMax: number, fields: string): TemplateSpec {
  const fids = fields.split(' ').map((field) => dictionary.fid(field));
  return { name, updateType, exponent: EXPONENT, fids, bytesMax };
}

const { trade, correction } = tradeTemplates(EXPONENT);

/** The templates of every channel that carries IEX records; a template's number is its place here. */
export const IEX_TEMPLATES: readonly TemplateSpec[] = [
  template(
    'QUOTE',
    UpdateType.QUOTE,
    80,
    'BID BIDSIZE ASK ASKSIZE QUOTIM_NS QUOTE_DATE QTE_AVAIL INST_PHASE SEQNUM_QT',
  ),
  trade,
  correction,
  template('STATUS', UpdateType.STATUS, 80, 'TRD_STATUS HALT_REASN OPER_HALT SHORT_TEST RETAIL_INT'),
  template('INSTRUMENT', UpdateType.REFERENCE, 80, 'DSPLY_NAME RDN_EXCHD2 CURRENCY'),
  template('DIRECTORY', UpdateType.REFERENCE, 80, 'LOT_SIZE ADJUST_CLS LULD_TIER TEST_SEC'),
  template(
    'AUCTION',
    UpdateType.STATUS,
    150,
    'AUC_TYPE AUC_PAIRED AUC_REF IND_AUC IMB_SH IMB_SIDE AUC_TIME AUC_NEAR COLLAR_REF COLLAR_LOW COLLAR_HI',
  ),
  template('OFFICIAL', UpdateType.REFERENCE, 60, 'OPN_OFF OFF_CLOSE'),
  template('MARKET', UpdateType.STATUS, 60, 'PERIOD_CD2 INST_PHASE TIMACT_NS ACTIV_DATE'),
];
const QUOTE = 0;
const TRADE = 1;
const CORRECTION = 2;
const STATUS = 3;
const INSTRUMENT = 4;
const DIRECTORY = 5;
const AUCTION = 6;
const OFFICIAL = 7;
const MARKET = 8;

/** RDN_EXCHD2 of IEX, and the ISO 4217 number of the dollar. */
const EXCHANGE_IEX = 1386;
const CURRENCY_USD = 840;

/** INST_PHASE. */
const CLOSED = 1;
const CONTINUOUS = 3;
const PRE_MARKET = 13;
const POST_MARKET = 14;

/** The item that carries the state of the whole market. */
const MARKET_SYMBOL = '#MARKET';

/** Sale condition flags (specification, appendix A) as letters, by the byte's value. */
const CONDITIONS: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  ['F', 'T', 'I', '8', 'X'].filter((_, bit) => (flags & (0x80 >> bit)) !== 0).join(''),
);
const EXTENDED_OR_ODD_LOT = 0x60;

/** TRD_STATUS by the vendor's status: halted, paused (suspended), order acceptance (delayed opening), trading. */
const TRADING_STATUS: Readonly<Record<string, number>> = { H: 2, P: 3, O: 4, T: 1 };
const IMBALANCE_SIDE: Readonly<Record<string, number>> = { N: 1, B: 2, S: 3 };

const UNKNOWN = Number.NaN;

/** What is known of an instrument besides quote and trades. Rarely changed, so plain objects serve. */
interface InstrumentState {
  readonly channel: ChannelWriter;
  readonly item: number;
  tradingStatus: number;
  haltReason: string;
  operationalHalt: number;
  shortTest: number;
  retail: string;
  officialOpen: number;
  officialClose: number;
  /** Vendor messages were lost since the last quote: see `restore`. */
  doubtful: boolean;
  /** A trade update has been sent, so that blanking it has a meaning. */
  traded: boolean;
}

type SavedInstrument = Omit<InstrumentState, 'channel'> & { readonly symbol: string };

/** What a handler gives another one of the same feed. */
interface SavedIex {
  readonly instruments: readonly SavedInstrument[];
  readonly trades: SavedDayTrades;
  readonly market: SavedInstrument | undefined;
  readonly afterMarket: boolean;
}

/**
 * Turns TOPS messages into records, one item a symbol, and one (`#MARKET`) for the market's own events. TOPS
 * sends full quotes, so after a loss an item is right again with its next quote; see `DayTrades` for what
 * stays blank.
 */
export class IexNormaliser implements Normaliser {
  readonly #context: NormaliserContext;
  private readonly message_ = new IexMessage();
  private readonly base: EpochBase;
  private readonly day: number;
  private symbols = new SymbolIndex();
  private instruments: InstrumentState[] = [];
  private readonly trades = new DayTrades();
  private market: InstrumentState | undefined;
  /** System event seen last decides what the session flag of a quote means. */
  private afterMarket = false;

  constructor(context: NormaliserContext) {
    this.#context = context;
    this.day = context.day;
    this.base = midnightBase(context.day);
  }

  reset(): void {
    this.symbols = new SymbolIndex();
    this.instruments = [];
    this.trades.reset();
    this.afterMarket = false;
    this.market = undefined;
  }

  give(): NormaliserGiver {
    const trades = this.trades.give();
    return { piece: () => trades.piece(), rest: () => this.save(trades.rest()) };
  }

  private save(trades: SavedDayTrades): SavedIex {
    const plain = ({ channel: _, ...kept }: InstrumentState, symbol: string): SavedInstrument => ({ ...kept, symbol });
    return {
      instruments: this.instruments.map((instrument, index) => plain(instrument, this.symbols.name(index)!)),
      trades,
      market: this.market === undefined ? undefined : plain(this.market, MARKET_SYMBOL),
      afterMarket: this.afterMarket,
    };
  }

  restore(state: unknown, pieces: readonly unknown[]): void {
    const { instruments, trades, market, afterMarket } = state as SavedIex;
    const withChannel = ({ symbol, ...kept }: SavedInstrument): InstrumentState => ({
      ...kept,
      channel: this.#context.services.records!.channelOf(symbol),
    });
    this.reset();
    this.trades.restore(trades, pieces as readonly SavedTrades[]);
    for (const { symbol } of instruments) this.symbols.add(symbol);
    this.instruments = instruments.map(withChannel);
    this.market = market === undefined ? undefined : withChannel(market);
    this.afterMarket = afterMarket;
  }

  lost(from: number, to: number): void {
    this.trades.lost();
    this.#context.services.records!.suspectAll(Reason.VENDOR_GAP, `vendor messages ${from} to ${to - 1} are missing`);
    for (const instrument of this.instruments) instrument.doubtful = true;
    if (this.market !== undefined) this.market.doubtful = true;
  }

  message(bytes: Uint8Array, start: number, length: number, position: number): void {
    const message = this.message_;
    const fault = message.wrap(bytes, start, length);
    if (fault !== undefined) {
      if (fault.code !== 'IEX_EMPTY_MESSAGE') {
        this.#context.fault(fault.code, fault.message, bytes, start, length, position);
        this.doubtSymbolOf(bytes, start, length, fault.code);
      }
      return;
    }
    if (message.type === MessageType.SYSTEM_EVENT) {
      this.systemEvent(message);
      return;
    }
    const index = this.symbols.index(bytes, message.symbolAt);
    if (index < 0) {
      this.#context.fault('IEX_TOO_MANY_SYMBOLS', 'no room for another symbol', bytes, start, length, position);
      return;
    }
    if (index === this.instruments.length) this.instruments.push(this.define(this.symbols.name(index)!));
    const instrument = this.instruments[index]!;
    switch (message.type) {
      case MessageType.QUOTE_UPDATE:
        this.quote(message, instrument, index, position);
        break;
      case MessageType.TRADE_REPORT:
        this.tradeReport(message, instrument, index);
        break;
      case MessageType.TRADE_BREAK:
        if (!this.tradeBreak(message.tradeId, index)) {
          const text = `expected the number of a trade of today, got ${message.tradeId}`;
          this.#context.fault('IEX_UNKNOWN_TRADE', text, bytes, start, length, position);
        }
        break;
      case MessageType.TRADING_STATUS:
        instrument.tradingStatus = TRADING_STATUS[String.fromCharCode(message.code)] ?? 0;
        instrument.haltReason = message.reason;
        this.status(instrument);
        break;
      case MessageType.OPERATIONAL_HALT:
        instrument.operationalHalt = message.code === 0x4f ? 1 : 0;
        this.status(instrument);
        break;
      case MessageType.SHORT_SALE_TEST:
        instrument.shortTest = message.code;
        this.status(instrument);
        break;
      case MessageType.RETAIL_LIQUIDITY:
        instrument.retail = String.fromCharCode(message.code).trim();
        this.status(instrument);
        break;
      case MessageType.SECURITY_DIRECTORY: {
        const writer = instrument.channel.update(instrument.item, DIRECTORY);
        writer.int(message.roundLot);
        writer.int(message.adjustedClose);
        writer.int(message.luldTier);
        writer.int(message.code >>> 7);
        instrument.channel.end();
        break;
      }
      case MessageType.OFFICIAL_PRICE: {
        if (message.code === 0x51) instrument.officialOpen = message.officialPrice;
        else instrument.officialClose = message.officialPrice;
        const writer = instrument.channel.update(instrument.item, OFFICIAL);
        intOrBlank(writer, instrument.officialOpen);
        intOrBlank(writer, instrument.officialClose);
        instrument.channel.end();
        break;
      }
      case MessageType.AUCTION_INFORMATION:
        this.auction(message, instrument);
        break;
      // Price levels and security events are DEEP's; a TOPS handler has no use for them.
    }
  }

  private define(symbol: string): InstrumentState {
    const records = this.#context.services.records!;
    const channel = records.channelOf(symbol);
    const item = channel.item(records.subject(symbol), RecordKind.RECORD);
    const state: InstrumentState = {
      channel,
      item,
      tradingStatus: UNKNOWN,
      haltReason: '',
      operationalHalt: UNKNOWN,
      shortTest: UNKNOWN,
      retail: '',
      officialOpen: UNKNOWN,
      officialClose: UNKNOWN,
      doubtful: false,
      traded: false,
    };
    const writer = channel.update(item, INSTRUMENT);
    writer.text(symbol);
    writer.int(EXCHANGE_IEX);
    writer.int(CURRENCY_USD);
    channel.end();
    return state;
  }

  private quote(message: IexMessage, instrument: InstrumentState, index: number, position: number): void {
    if (instrument.doubtful) this.blankDoubtful(instrument, index);
    const writer = instrument.channel.update(instrument.item, QUOTE);
    const flags = message.code;
    const bid = message.bidPrice;
    const ask = message.askPrice;
    // No quote on a side is price 0 and size 0; the price is then blank, for 0 would be a price.
    if (bid === 0) writer.nil();
    else writer.int(bid);
    writer.int(message.bidSize);
    if (ask === 0) writer.nil();
    else writer.int(ask);
    writer.int(message.askSize);
    writeTime(writer, message.nsSince(this.base), this.day);
    writer.int((flags >>> 7) ^ 1);
    writer.int((flags & 0x40) === 0 ? CONTINUOUS : this.afterMarket ? POST_MARKET : PRE_MARKET);
    writer.int(position);
    instrument.channel.end();
    if (instrument.doubtful) {
      instrument.doubtful = false;
      instrument.channel.live(instrument.item);
    }
  }

  private tradeReport(message: IexMessage, instrument: InstrumentState, index: number): void {
    const flags = message.code;
    const eligible = (flags & EXTENDED_OR_ODD_LOT) === 0 ? TradeFlag.ELIGIBLE : 0;
    const time = message.nsSince(this.base);
    this.trades.trade(index, message.tradeId, message.tradePrice, message.tradeSize, time, eligible, true);
    instrument.traded = true;
    const writer = instrument.channel.update(instrument.item, TRADE);
    this.trades.writeTrade(writer, index, this.day, CONDITIONS[flags]!);
    instrument.channel.end();
  }

  /** False when the vendor contradicts itself. */
  private tradeBreak(tradeId: number, named: number): boolean {
    const index = this.trades.break(tradeId, false);
    if (index >= 0) {
      this.correct(index);
      return true;
    }
    if (this.trades.overflowed) {
      this.trades.doubt(named);
      this.correct(named);
      return true;
    }
    return this.trades.incomplete;
  }

  private correct(index: number): void {
    const { channel, item } = this.instruments[index]!;
    this.trades.writeCorrection(channel.update(item, CORRECTION), index, this.day);
    channel.end();
  }

  private status(instrument: InstrumentState): void {
    const writer = instrument.channel.update(instrument.item, STATUS);
    intOrBlank(writer, instrument.tradingStatus);
    writer.text(instrument.haltReason);
    intOrBlank(writer, instrument.operationalHalt);
    intOrBlank(writer, instrument.shortTest);
    writer.text(instrument.retail);
    instrument.channel.end();
  }

  private auction(message: IexMessage, instrument: InstrumentState): void {
    const writer = instrument.channel.update(instrument.item, AUCTION);
    const priceOrBlank = (price: number): void => intOrBlank(writer, price === 0 ? UNKNOWN : price);
    writer.text(String.fromCharCode(message.code));
    writer.int(message.pairedShares);
    priceOrBlank(message.referencePrice);
    priceOrBlank(message.indicativeClearingPrice);
    writer.int(message.imbalanceShares);
    writer.int(IMBALANCE_SIDE[String.fromCharCode(message.imbalanceSide)] ?? 0);
    writer.int((message.scheduledAuctionTime % 86_400) * 1_000_000_000);
    priceOrBlank(message.auctionBookClearingPrice);
    priceOrBlank(message.collarReferencePrice);
    priceOrBlank(message.lowerAuctionCollar);
    priceOrBlank(message.upperAuctionCollar);
    instrument.channel.end();
  }

  private systemEvent(message: IexMessage): void {
    const event = String.fromCharCode(message.code);
    if (event === 'O') this.afterMarket = false;
    if (event === 'M' || event === 'E' || event === 'C') this.afterMarket = true;
    this.market ??= this.define(MARKET_SYMBOL);
    const { channel, item } = this.market;
    const writer = channel.update(item, MARKET);
    writer.text(event);
    writer.int(event === 'R' ? CONTINUOUS : event === 'M' ? POST_MARKET : event === 'S' ? PRE_MARKET : CLOSED);
    writeTime(writer, message.nsSince(this.base), this.day);
    channel.end();
    this.market.doubtful = false;
    channel.live(item);
  }

  /** A message that can't be used may have concerned a symbol: its item is in doubt until the next quote. */
  private doubtSymbolOf(bytes: Uint8Array, start: number, length: number, code: string): void {
    if (code === 'IEX_UNKNOWN_TYPE' || length < SYMBOL + SYMBOL_LENGTH) return;
    const instrument = this.instruments[this.symbols.find(bytes, start + SYMBOL)];
    if (instrument === undefined) return;
    instrument.doubtful = true;
    instrument.channel.suspect(instrument.item, Reason.VENDOR_FAULT, code);
  }

  /** Before an item becomes LIVE again: what a quote can't make right is blanked. */
  private blankDoubtful(instrument: InstrumentState, index: number): void {
    if (instrument.traded) {
      this.trades.writeTrade(instrument.channel.update(instrument.item, TRADE), index, this.day, '');
      instrument.channel.end();
    }
    instrument.tradingStatus = UNKNOWN;
    instrument.haltReason = '';
    instrument.operationalHalt = UNKNOWN;
    instrument.shortTest = UNKNOWN;
    instrument.retail = '';
    this.status(instrument);
  }
}
