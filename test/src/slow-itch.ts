import { describeMessage } from '@tickerplant/feed-itch';

/** An item's fields as JSON shows them. */
export type Fields = Record<string, null | number | string>;

export interface SlowItchOptions {
  /** Trading day, days since 1970-01-01. */
  readonly day: number;
  /** What to add to Eastern time to get GMT, nanoseconds. */
  readonly zoneOffsetNs: number;
  /** @default ITCH */
  readonly records?: string;
  /** Service of the depth items; there are none without it. */
  readonly depth?: string;
}

type Side = 'B' | 'S';

interface Order {
  readonly owner: Stock;
  readonly side: Side;
  /** 1/10,000 dollar. */
  readonly price: number;
  shares: number;
}

interface Print {
  readonly match: number;
  readonly owner: Stock;
  readonly price: number;
  readonly shares: number;
  /** Eastern time of day, ns. */
  readonly time: number;
  readonly condition: string;
  readonly eligible: boolean;
  /** '' unless a cross. */
  readonly cross: string;
  readonly printed: boolean;
  broken: boolean;
}

interface Stock {
  readonly symbol: string;
  locate: number;
  suspect: boolean;
  /** Orders have touched the best level at this time. */
  quotedAt: number | undefined;
  /** Orders have touched the first ten levels at this time. */
  deepenedAt: number | undefined;
  deepened: Set<Side>;
  /** The live ones, by reference. */
  readonly orders: Map<number, Order>;
  roundLot: number;
  readonly prints: Print[];
  hasBreaks: boolean;
  /** Fields that messages state outright. */
  readonly stated: Fields;
}

const NS_PER_DAY = 86_400_000_000_000;
const LEVELS = 10;
const PRICE_MAX = 2_000_000_000;
/** The one item that isn't an instrument. */
const MARKET = '#MARKET';

const PHASE: Readonly<Record<string, string>> = { O: 'C', S: 'PET', Q: 'T', M: 'POT', E: 'C', C: 'C' };
const STATUS: Readonly<Record<string, string>> = { H: 'H', P: 'S', Q: 'R', T: 'N' };
const CROSS_CONDITIONS = ['O', 'C', 'H', 'I', 'A'];

/**
 * What records and depth of an ITCH day must be, worked out in the slow, obvious way, from the JSON form of the
 * messages, the protocol sheet and the decisions in `docs/`: every live order in a map, every print in a list, and
 * each value added up afresh when it is asked for. The normaliser is compared with it; the two share no code but
 * the decoder.
 *
 * Which values count as right:
 *
 * - **Quote and depth** are the live orders by price. Their time is that of the latest message about an order at the
 *   best level, or among the first ten.
 * - **Trades** are `E`, printable `C`, `P`, and `Q` with shares. A broken one is as if it had never been. Trades in
 *   market hours of at least a round lot may set last sale, high and low, and so may crosses of type O, C and H.
 * - **A stock that the spin of `H` before system hours leaves out** is halted.
 * - **A message that cannot be used** changes nothing, and makes SUSPECT what it may have been about: the stock at its
 *   locate, now or when it becomes known, and any whose locate is not known; the stock with its symbol; the market, for `V W`; nothing for `L`; and
 *   everything, when it can't be told, or for `S`: market hours decide on last sale, high and low.
 * - **A contradiction** makes SUSPECT the stock at the message's locate, that of the order or trade found, and
 *   that of an order whose reference is given out again.
 * - **After a loss** everything is SUSPECT.
 */
export class SlowItch {
  /** Faults so far: number of the message and code. */
  readonly faults: { readonly position: number; readonly code: string }[] = [];
  /** Messages taken. */
  position = 0;
  readonly #options: SlowItchOptions;
  readonly #records: string;
  readonly #depth: string | undefined;
  readonly #orders = new Map<number, Order>();
  readonly #prints = new Map<number, Print>();
  readonly #stocks = new Map<string, Stock>();
  readonly #byLocate = new Map<number, Stock>();
  readonly #doubtedLocates = new Set<number>();
  #market: Fields | undefined;
  #marketSuspect = false;
  #event = '';
  #spun = false;
  #breached = 0;
  #everythingSuspect = false;

  constructor(options: SlowItchOptions) {
    this.#options = options;
    this.#records = options.records ?? 'ITCH';
    this.#depth = options.depth;
  }

  /** The vendor begins a new session. */
  reset(): void {
    this.#orders.clear();
    this.#prints.clear();
    this.#stocks.clear();
    this.#byLocate.clear();
    this.#doubtedLocates.clear();
    this.#market = undefined;
    this.#marketSuspect = false;
    this.#event = '';
    this.#spun = false;
    this.#breached = 0;
    this.#everythingSuspect = false;
  }

  /** Messages are gone for good. */
  lost(): void {
    this.#everythingSuspect = true;
    this.#marketSuspect = true;
    for (const stock of this.#stocks.values()) stock.suspect = true;
  }

  /** Subjects of all items there are. */
  get subjects(): string[] {
    const symbols = [...this.#stocks.keys()];
    return [
      ...symbols.map((symbol) => `${this.#records}.${symbol}`),
      ...(this.#depth === undefined ? [] : symbols.map((symbol) => `${this.#depth}.${symbol}`)),
      ...(this.#market === undefined ? [] : [`${this.#records}.${MARKET}`]),
    ];
  }

  /** What an item's quality must be. */
  quality(subject: string): 'LIVE' | 'SUSPECT' | undefined {
    const symbol = subject.slice(subject.indexOf('.') + 1);
    const suspect = symbol === MARKET ? this.#market && this.#marketSuspect : this.#stocks.get(symbol)?.suspect;
    return suspect === undefined ? undefined : suspect ? 'SUSPECT' : 'LIVE';
  }

  /** What an item's fields must be; undefined for an item that does not exist. Of a SUSPECT item, anybody's guess. */
  expected(subject: string): Fields | undefined {
    const point = subject.indexOf('.');
    const service = subject.slice(0, point);
    const symbol = subject.slice(point + 1);
    if (service === this.#records && symbol === MARKET) return this.#market;
    const stock = this.#stocks.get(symbol);
    if (stock === undefined) return undefined;
    if (service === this.#records) return this.#record(stock);
    return service === this.#depth ? this.#depthOf(stock) : undefined;
  }

  /** Takes the next message. */
  apply(bytes: Uint8Array, start = 0, length: number = bytes.length): void {
    this.position++;
    const { type: name, fields, fault } = describeMessage(bytes, start, length);
    const type = /\((.*)\)$/s.exec(name)![1]!;
    const message = new Reading(fields);
    const code = fault?.code ?? badValue(type, message);
    if (code === undefined) this.#use(type, message);
    else this.#unusable(code, type, message);
  }

  #use(type: string, message: Reading): void {
    switch (type) {
      case 'S':
      case 'V':
      case 'W':
        this.#aboutMarket(type, message);
        break;
      case 'L':
        break;
      case 'E':
      case 'C':
      case 'X':
      case 'D':
      case 'U':
        this.#aboutOrder(type, message);
        break;
      case 'B':
        this.#break(message);
        break;
      default: {
        const stock = this.#stockOf(type, message);
        if (stock !== undefined) this.#aboutStock(type, message, stock);
      }
    }
  }

  // --- What a message is about ---------------------------------------------------------------------------

  #fault(code: string): void {
    this.faults.push({ position: this.position, code });
  }

  #unusable(code: string, type: string, message: Reading): void {
    this.#fault(code);
    if (code === 'ITCH_UNKNOWN_TYPE' || type === 'L') return;
    if (type === 'V' || type === 'W') {
      this.#marketSuspect = true;
      return;
    }
    const locate = message.has('stockLocate') ? message.number('stockLocate') : (message.optional('locateCode') ?? 0);
    const stock = message.has('stock') ? this.#stocks.get(message.text('stock')) : undefined;
    if (locate !== 0) this.#suspectLocate(locate);
    if (stock !== undefined) stock.suspect = true;
    if (locate === 0 && stock === undefined) this.lost();
  }

  #suspectLocate(locate: number): void {
    const stock = this.#byLocate.get(locate);
    if (stock !== undefined) {
      stock.suspect = true;
      return;
    }
    this.#doubtedLocates.add(locate);
    for (const homeless of this.#stocks.values()) if (homeless.locate === 0) homeless.suspect = true;
  }

  /** Once everything is suspect, contradictions are to be expected and not worth a word. */
  #contradiction(code: string, locate: number, ...others: (Stock | undefined)[]): void {
    if (this.#everythingSuspect) return;
    this.#fault(code);
    this.#suspectLocate(locate);
    for (const stock of others) if (stock !== undefined) stock.suspect = true;
  }

  #stockOf(type: string, message: Reading): Stock | undefined {
    const locate = message.locate;
    const symbol = message.text('stock');
    const atLocate = this.#byLocate.get(locate);
    const named = this.#stocks.get(symbol);
    const mismatch =
      (atLocate !== undefined && atLocate !== named) ||
      (locate !== 0 && named !== undefined && named.locate !== 0 && named.locate !== locate) ||
      (named === undefined && (!/^[!-~]+$/.test(symbol) || symbol === MARKET));
    if (mismatch) {
      this.#unusable('ITCH_SYMBOL_MISMATCH', type, message);
      return undefined;
    }
    const stock = named ?? this.#newStock(symbol);
    if (named === undefined && locate === 0 && this.#doubtedLocates.size > 0) stock.suspect = true;
    if (locate !== 0 && stock.locate === 0) {
      stock.locate = locate;
      this.#byLocate.set(locate, stock);
      if (this.#doubtedLocates.has(locate)) stock.suspect = true;
    }
    return stock;
  }

  #newStock(symbol: string): Stock {
    const stock: Stock = {
      symbol,
      locate: 0,
      suspect: this.#everythingSuspect,
      quotedAt: undefined,
      deepenedAt: undefined,
      deepened: new Set(),
      orders: new Map(),
      roundLot: 100,
      prints: [],
      hasBreaks: false,
      stated: { DSPLY_NAME: symbol, RDN_EXCHD2: 'NAS', CURRENCY: 'USD' },
    };
    this.#stocks.set(symbol, stock);
    if (this.#spun) this.#state(stock, { TRD_STATUS: 'H' });
    return stock;
  }

  // --- Messages ------------------------------------------------------------------------------------------

  #aboutMarket(type: string, message: Reading): void {
    this.#market ??= {};
    if (type === 'V') {
      for (const level of [1, 2, 3]) {
        const units = message.units(`level${level}`, 8);
        this.#market[`MWCB_LVL${level}`] = units <= BigInt(Number.MAX_SAFE_INTEGER) ? decimal(units, 8) : null;
      }
      return;
    }
    if (type === 'W') this.#breached = Math.max(this.#breached, message.number('breachedLevel'));
    else this.#event = message.text('eventCode');
    Object.assign(this.#market, {
      PERIOD_CD2: this.#event,
      INST_PHASE: PHASE[this.#event] ?? null,
      MWCB_HIT: this.#breached,
      TIMACT_NS: this.#timeOf(message.time),
      ACTIV_DATE: this.#dateOf(message.time),
    });
    if (type !== 'S' || this.#event !== 'S' || this.#everythingSuspect) return;
    this.#spun = true;
    for (const stock of this.#stocks.values()) {
      if ((stock.stated.TRD_STATUS ?? null) === null) this.#state(stock, { TRD_STATUS: 'H' });
    }
  }

  #aboutStock(type: string, message: Reading, stock: Stock): void {
    const { stated } = stock;
    switch (type) {
      case 'A':
      case 'F': {
        const reference = message.number('orderReferenceNumber');
        const side = message.text('buySellIndicator') as Side;
        this.#add(message, reference, stock, side, message.number('shares'), message.price('price'));
        break;
      }
      case 'P': {
        const shares = message.number('shares');
        this.#print(message, stock, shares, message.price('price'), 'P', this.#isEligible(stock, shares));
        break;
      }
      case 'Q': {
        const shares = message.number('crossShares');
        if (shares === 0) break;
        const cross = message.text('crossType');
        const condition = CROSS_CONDITIONS.includes(cross) ? `X${cross}` : 'X';
        const eligible = ['O', 'C', 'H'].includes(cross) || this.#isEligible(stock, shares);
        this.#print(message, stock, shares, message.price('crossPrice'), condition, eligible, `cross ${cross}`);
        break;
      }
      case 'R':
        stock.roundLot = message.number('roundLotSize');
        stated.LOT_SIZE = stock.roundLot;
        stated.MKT_SEGMNT = message.text('marketCategory');
        stated.LULD_TIER = { 1: 1, 2: 2 }[message.text('luldReferencePriceTier')] ?? null;
        stated.TEST_SEC = { T: 1, P: 0 }[message.text('authenticity')] ?? null;
        break;
      case 'H':
        this.#state(stock, {
          TRD_STATUS: STATUS[message.text('tradingState')] ?? '',
          HALT_REASN: message.text('reason'),
        });
        break;
      case 'Y':
        this.#state(stock, { SHORT_TEST: { 0: 0, 1: 1, 2: 1 }[message.text('regShoAction')] ?? null });
        break;
      case 'h':
        this.#state(stock, { OPER_HALT: { H: 1, T: 0 }[message.text('operationalHaltAction')] ?? null });
        break;
      case 'N':
        this.#state(stock, { RETAIL_INT: message.text('interestFlag') });
        break;
      case 'J':
        stated.COLLAR_REF = message.priceOrNone('auctionCollarReferencePrice');
        stated.COLLAR_LOW = message.priceOrNone('lowerAuctionCollarPrice');
        stated.COLLAR_HI = message.priceOrNone('upperAuctionCollarPrice');
        break;
      case 'K': {
        const seconds = message.number('ipoQuotationReleaseTime');
        stated.AUC_TIME = seconds === 0 ? null : this.#timeOf(seconds * 1_000_000_000);
        stated.IPO_PRC = message.priceOrNone('ipoPrice');
        break;
      }
      case 'O':
        stated.PRC_MIN = message.priceOrNone('minimumAllowablePrice');
        stated.PRC_MAX = message.priceOrNone('maximumAllowablePrice');
        stated.AUC_NEAR = message.priceOrNone('nearExecutionPrice');
        stated.COLLAR_LOW = message.priceOrNone('lowerPriceRangeCollar');
        stated.COLLAR_HI = message.priceOrNone('upperPriceRangeCollar');
        break;
      case 'I':
        stated.AUC_TYPE = message.text('crossType');
        stated.AUC_PAIRED = message.sharesOrUnknown('pairedShares');
        stated.AUC_REF = message.priceOrNone('currentReferencePrice');
        stated.AUC_FAR = message.priceOrNone('farPrice');
        stated.AUC_NEAR = message.priceOrNone('nearPrice');
        stated.IND_AUC = message.priceOrNone('nearPrice');
        stated.IMB_SH = message.sharesOrUnknown('imbalanceShares');
        stated.IMB_SIDE = { N: 'N', B: 'B', S: 'S', O: 'O' }[message.text('imbalanceDirection')] ?? '';
        break;
    }
  }

  /** The five states go together. */
  #state({ stated }: Stock, change: Fields): void {
    stated.TRD_STATUS ??= null;
    stated.HALT_REASN ??= '';
    stated.OPER_HALT ??= null;
    stated.SHORT_TEST ??= null;
    stated.RETAIL_INT ??= '';
    Object.assign(stated, change);
  }

  #aboutOrder(type: string, message: Reading): void {
    const reference = message.number(type === 'U' ? 'originalOrderReferenceNumber' : 'orderReferenceNumber');
    const order = this.#orders.get(reference);
    if (order === undefined) {
      this.#contradiction('ITCH_UNKNOWN_ORDER', message.locate);
      return;
    }
    const { owner, side, price } = order;
    const name = { E: 'executedShares', C: 'executedShares', X: 'canceledShares' }[type];
    const shares = name === undefined ? order.shares : message.number(name);
    if (shares > order.shares) this.#contradiction('ITCH_ORDER_OVERDRAWN', message.locate, owner);
    else if (type !== 'U' && message.locate !== owner.locate) {
      this.#contradiction('ITCH_OTHER_INSTRUMENT', message.locate, owner);
    }
    this.#touch(message, owner, side, price);
    order.shares -= Math.min(shares, order.shares);
    if (order.shares === 0) {
      this.#orders.delete(reference);
      owner.orders.delete(reference);
    }
    if (type === 'E') this.#print(message, owner, shares, price, '', this.#isEligible(owner, shares));
    if (type === 'C' && message.text('printable') === 'Y') {
      this.#print(message, owner, shares, message.price('executionPrice'), 'C', this.#isEligible(owner, shares));
    } else if (type === 'C') {
      this.#print(message, owner, 0, 0, '', false, '', false);
    }
    if (type !== 'U') return;
    const wrong = message.locate !== owner.locate ? owner : undefined;
    const newReference = message.number('newOrderReferenceNumber');
    this.#add(message, newReference, owner, side, message.number('shares'), message.price('price'), wrong);
  }

  /** @param wrong the replaced order's owner, where the message names another one. */
  #add(
    message: Reading,
    reference: number,
    owner: Stock,
    side: Side,
    shares: number,
    price: number,
    wrong?: Stock,
  ): void {
    const other = this.#orders.get(reference);
    if (shares === 0 || other !== undefined) {
      const code = shares === 0 ? 'ITCH_ORDER_WITHOUT_SHARES' : 'ITCH_DUPLICATE_ORDER';
      this.#contradiction(code, message.locate, owner, shares === 0 ? undefined : other?.owner);
      return;
    }
    if (wrong !== undefined) this.#contradiction('ITCH_OTHER_INSTRUMENT', message.locate, wrong);
    const order: Order = { owner, side, price, shares };
    this.#orders.set(reference, order);
    owner.orders.set(reference, order);
    this.#touch(message, owner, side, price);
  }

  /** A level is about to change, or has just been made. */
  #touch(message: Reading, stock: Stock, side: Side, price: number): void {
    const better = new Set<number>();
    for (const order of stock.orders.values()) {
      if (order.side !== side) continue;
      if (side === 'B' ? order.price > price : order.price < price) better.add(order.price);
    }
    if (better.size === 0) stock.quotedAt = message.time;
    if (better.size >= LEVELS) return;
    stock.deepenedAt = message.time;
    stock.deepened.add(side);
  }

  #isEligible(stock: Stock, shares: number): boolean {
    return this.#event === 'Q' && shares >= stock.roundLot;
  }

  #print(
    message: Reading,
    owner: Stock,
    shares: number,
    price: number,
    condition: string,
    eligible: boolean,
    cross = '',
    printed = true,
  ): void {
    const match = message.number('matchNumber');
    const { time } = message;
    const print: Print = { match, owner, price, shares, time, condition, eligible, cross, printed, broken: false };
    owner.prints.push(print);
    if (!this.#prints.has(match)) this.#prints.set(match, print);
  }

  #break(message: Reading): void {
    const print = this.#prints.get(message.number('matchNumber'));
    if (print === undefined || print.broken) {
      this.#contradiction('ITCH_UNKNOWN_MATCH', message.locate);
      return;
    }
    if (print.owner.locate !== message.locate) {
      this.#contradiction('ITCH_OTHER_INSTRUMENT', message.locate, print.owner);
    }
    print.broken = true;
    if (print.printed) print.owner.hasBreaks = true;
  }

  // --- Values --------------------------------------------------------------------------------------------

  #record(stock: Stock): Fields {
    const fields: Fields = { ...stock.stated };
    if (stock.quotedAt !== undefined) {
      const [bid] = this.#levels(stock, 'B');
      const [ask] = this.#levels(stock, 'S');
      Object.assign(fields, {
        BID: bid?.price ?? null,
        BIDSIZE: bid?.shares ?? 0,
        NUM_BIDS: bid?.orders ?? 0,
        ASK: ask?.price ?? null,
        ASKSIZE: ask?.shares ?? 0,
        NUM_ASKS: ask?.orders ?? 0,
        QUOTIM_NS: this.#timeOf(stock.quotedAt),
        QUOTE_DATE: this.#dateOf(stock.quotedAt),
      });
    }
    const prints = stock.prints.filter(({ printed }) => printed);
    if (prints.length > 0) Object.assign(fields, this.#trades(stock, prints));
    return fields;
  }

  #trades(stock: Stock, all: readonly Print[]): Fields {
    const prints = all.filter(({ broken }) => !broken);
    const broken = all.filter((print) => print.broken);
    const eligible = prints.filter((print) => print.eligible);
    const last = prints.at(-1);
    const before = prints.findLast(({ price }) => price !== last?.price);
    const sale = eligible.at(-1);
    const prices = eligible.map(({ price }) => price);
    const crosses = prints.filter(({ cross }) => cross !== '');
    const open = crosses.findLast(({ cross }) => cross === 'cross O');
    const close = crosses.findLast(({ cross }) => cross === 'cross C');
    return {
      TRDPRC_1: price(last?.price),
      TRDVOL_1: last?.shares ?? null,
      PRCTCK_1: last === undefined ? null : before === undefined ? '' : before.price < last.price ? '\u21e7' : '\u21e9',
      SALTIM_NS: last === undefined ? null : this.#timeOf(last.time),
      TRADE_DATE: last === undefined ? null : this.#dateOf(last.time),
      TRADE_ID: last === undefined ? null : String(last.match),
      TRD_COND: last?.condition ?? null,
      ACVOL_1: sum(prints),
      NUM_MOVES: prints.length,
      OPEN_PRC: price(open?.price),
      HIGH_1: price(prices.length === 0 ? undefined : prices.reduce((a, b) => Math.max(a, b))),
      LOW_1: price(prices.length === 0 ? undefined : prices.reduce((a, b) => Math.min(a, b))),
      ELIG_PRC: price(sale?.price),
      ELIG_VOL: sale?.shares ?? null,
      ...(stock.hasBreaks ? { BRKN_VOL: sum(broken), BRKN_NUM: broken.length } : {}),
      ...(all.some(({ cross }) => cross !== '')
        ? {
            OPN_AUC: price(open?.price),
            OPN_AUCVOL: open?.shares ?? null,
            CLS_AUC: price(close?.price),
            CLS_AUCVOL: close?.shares ?? null,
            OFF_CLOSE: price(close?.price),
            CRSS_VOL: sum(crosses),
          }
        : {}),
    };
  }

  #depthOf(stock: Stock): Fields {
    const fields: Fields = {};
    if (stock.deepenedAt !== undefined) fields.LV_TIM_NS = this.#timeOf(stock.deepenedAt);
    for (const side of stock.deepened) {
      const name = side === 'B' ? 'BID' : 'ASK';
      const levels = this.#levels(stock, side);
      for (let i = 1; i <= LEVELS; i++) {
        const level = levels[i - 1];
        fields[`BEST_${name}${i}`] = level?.price ?? null;
        fields[`BEST_${name[0]}${i < 10 ? 'SIZ' : 'SZ'}${i}`] = level?.shares ?? null;
        fields[`${name}_NORD${i}`] = level?.orders ?? null;
      }
    }
    return fields;
  }

  /** Best first. */
  #levels(stock: Stock, side: Side): { price: string; shares: number; orders: number }[] {
    const byPrice = new Map<number, Order[]>();
    for (const order of stock.orders.values()) {
      if (order.side === side) byPrice.set(order.price, [...(byPrice.get(order.price) ?? []), order]);
    }
    return [...byPrice]
      .sort(([a], [b]) => (side === 'B' ? b - a : a - b))
      .map(([at, orders]) => ({ price: price(at)!, shares: sum(orders)!, orders: orders.length }));
  }

  #timeOf(easternNs: number): string {
    const gmt = BigInt(easternNs) + BigInt(this.#options.zoneOffsetNs);
    const day = BigInt(NS_PER_DAY);
    const ns = ((gmt % day) + day) % day;
    const two = (value: bigint): string => String(value).padStart(2, '0');
    const seconds = ns / 1_000_000_000n;
    const fraction = String(ns % 1_000_000_000n).padStart(9, '0');
    return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}.${fraction}`;
  }

  #dateOf(easternNs: number): string {
    const days = Math.floor((easternNs + this.#options.zoneOffsetNs) / NS_PER_DAY);
    return new Date((this.#options.day + days) * 86_400_000).toISOString().slice(0, 10);
  }
}

/** The fields of a message's JSON form, by their kinds. */
class Reading {
  readonly #fields: Readonly<Record<string, string | number>>;

  constructor(fields: Readonly<Record<string, string | number>>) {
    this.#fields = fields;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  /** A whole number; what is above 2^53 is a string in the JSON form, and then NaN here. */
  number(name: string): number {
    const value = this.#fields[name];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : Number.NaN;
  }

  optional(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  text(name: string): string {
    return String(this.#fields[name]);
  }

  get time(): number {
    return this.number('timestamp');
  }

  get locate(): number {
    return this.optional('stockLocate') ?? this.number('locateCode');
  }

  /** A decimal as a whole number of its smallest units. */
  units(name: string, decimals: number): bigint {
    const [whole, fraction = ''] = String(this.#fields[name]).split('.');
    return BigInt(`${whole}${fraction.padEnd(decimals, '0')}`);
  }

  price(name: string): number {
    return Number(this.units(name, 4));
  }

  /** ITCH says "none" with 0. */
  priceOrNone(name: string): string | null {
    const units = this.price(name);
    return units === 0 ? null : price(units)!;
  }

  sharesOrUnknown(name: string): number | null {
    const value = this.number(name);
    return Number.isNaN(value) ? null : value;
  }

  get prices(): number[] {
    return Object.keys(this.#fields)
      .filter((name) => /price$|collar$/i.test(name))
      .map((name) => this.price(name));
  }
}

/** What makes a message of the right length unusable. */
function badValue(type: string, message: Reading): string | undefined {
  const isSafe = (name: string): boolean => !message.has(name) || !Number.isNaN(message.number(name));
  const references = ['orderReferenceNumber', 'originalOrderReferenceNumber', 'newOrderReferenceNumber'];
  const isAboutOrder = 'AFECXDU'.includes(type);
  const isBad =
    message.time >= NS_PER_DAY ||
    message.prices.some((units) => units > PRICE_MAX) ||
    !isSafe('matchNumber') ||
    !isSafe('crossShares') ||
    ((isAboutOrder || type === 'R') && message.locate === 0) ||
    ('AF'.includes(type) && !['B', 'S'].includes(message.text('buySellIndicator'))) ||
    (type === 'C' && !['Y', 'N'].includes(message.text('printable'))) ||
    ('EC'.includes(type) && message.number('executedShares') === 0) ||
    (type === 'P' && message.number('shares') === 0) ||
    (type === 'W' && !['1', '2', '3'].includes(message.text('breachedLevel'))) ||
    (type === 'K' && message.number('ipoQuotationReleaseTime') >= 86_400);
  if (!references.every(isSafe)) return message.time >= NS_PER_DAY ? 'ITCH_BAD_VALUE' : 'ITCH_BAD_REFERENCE';
  return isBad ? 'ITCH_BAD_VALUE' : undefined;
}

/** Shares together; null when that is more than can be said exactly. */
function sum(of: readonly { readonly shares: number }[]): number | null {
  let total = 0;
  for (const { shares } of of) {
    total += shares;
    if (!Number.isSafeInteger(total)) return null;
  }
  return total;
}

function price(units: number | undefined): string | null {
  return units === undefined ? null : decimal(BigInt(units), 4);
}

function decimal(units: bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
