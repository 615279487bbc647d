import { NS_PER_DAY } from '@tickerplant/core';
import { type BlockWriter, standardDictionary, UpdateType } from '@tickerplant/records';
import type { TemplateSpec } from './channel-writer.ts';
import { type LoggedTrade, type SavedTradeLog, type SavedTrades, TradeLog } from './trade-log.ts';

const dictionary = standardDictionary();
const TRADE_FIELDS = [
  'TRDPRC_1',
  'TRDVOL_1',
  'PRCTCK_1',
  'SALTIM_NS',
  'TRADE_DATE',
  'TRADE_ID',
  'TRD_COND',
  'ACVOL_1',
  'NUM_MOVES',
  'OPEN_PRC',
  'HIGH_1',
  'LOW_1',
  'ELIG_PRC',
  'ELIG_VOL',
];
const CORRECTION_FIELDS = [...TRADE_FIELDS, 'BRKN_VOL', 'BRKN_NUM'];

/** What a trade counts for. */
export const TradeFlag = {
  /** May set the last sale price, the high and the low. */
  ELIGIBLE: 1,
  /** Counts for nothing; remembered because it may be broken all the same. */
  UNPRINTED: 2,
  /** The lowest of five bits for the number of the trade's conditions (see the constructor of `DayTrades`). */
  CONDITIONS: 4,
} as const;

/** The two templates of last trade and day statistics, the same for every feed that reports trades. */
export function tradeTemplates(exponent: number): { trade: TemplateSpec; correction: TemplateSpec } {
  const fids = (names: readonly string[]): number[] => names.map((name) => dictionary.fid(name));
  return {
    trade: { name: 'TRADE', updateType: UpdateType.TRADE, exponent, fids: fids(TRADE_FIELDS), bytesMax: 180 },
    correction: {
      name: 'CORRECTION',
      updateType: UpdateType.CORRECTION,
      exponent,
      fids: fids(CORRECTION_FIELDS),
      bytesMax: 200,
    },
  };
}

/** Day trades as plain values: what one process gives another. */
export interface SavedDayTrades {
  readonly columns: readonly (Float64Array | Uint8Array)[];
  readonly log: SavedTradeLog;
  readonly incomplete: boolean;
}

/** Nothing: no such price, no longer known, not yet known. */
const BLANK = Number.NaN;
const UP = 1;
const DOWN = 2;
const CONDITIONS_SHIFT = Math.log2(TradeFlag.CONDITIONS);

/**
 * Last trade and day statistics of each instrument, kept so that they are exact or blank:
 *
 * - every trade sets TRDPRC_1 and counts in ACVOL_1 and NUM_MOVES; only eligible ones set ELIG_PRC, OPEN_PRC
 *   (the first), HIGH_1 and LOW_1;
 * - a broken trade is taken out of all of them, as if it had never been;
 * - after a loss of vendor messages, what may have been missed is unknown: sums, highs and lows stay blank for
 *   the rest of the day, the last trade until the next one. Blank is NaN here and nil in messages;
 * - trades that the log has no room for are not forgotten by the sums, but what depends on their order and
 *   prices is blanked as soon as one of the instrument's trades is broken.
 *
 * Instruments are numbered from 0; prices are whole numbers in the feed's unit; times are nanoseconds from
 * midnight GMT of the trading day and may lie outside it.
 */
export class DayTrades {
  readonly #log: TradeLog;
  readonly #conditions: readonly string[];
  readonly #found: LoggedTrade = { instrument: 0, price: 0, shares: 0, time: 0, id: 0, flags: 0 };
  readonly #visited: LoggedTrade = { instrument: 0, price: 0, shares: 0, time: 0, id: 0, flags: 0 };
  private last = new Float64Array(1024).fill(BLANK);
  private lastShares = new Float64Array(1024);
  private lastTime = new Float64Array(1024);
  private lastId = new Float64Array(1024);
  private lastFlags = new Uint8Array(1024);
  private tick = new Uint8Array(1024);
  private volume = new Float64Array(1024);
  private moves = new Float64Array(1024);
  private open = new Float64Array(1024).fill(BLANK);
  /** The trade that set OPEN_PRC; NaN where the venue stated it. */
  private openId = new Float64Array(1024).fill(BLANK);
  private high = new Float64Array(1024).fill(BLANK);
  private low = new Float64Array(1024).fill(BLANK);
  private eligible = new Float64Array(1024).fill(BLANK);
  private eligibleShares = new Float64Array(1024);
  private brokenVolume = new Float64Array(1024);
  private brokenCount = new Float64Array(1024);
  /** 1 where trades have come that the log had no room for. */
  private unlogged = new Uint8Array(1024);
  /** 1 where open, high and low can't be known any more today. */
  private unsure = new Uint8Array(1024);
  /** Whether messages were lost: from then on highs and lows are blank for everything. */
  #incomplete = false;

  /**
   * @param tradesMax how many trades to remember for breaks.
   * @param conditions TRD_COND by the number in a trade's flags (`TradeFlag.CONDITIONS`): what a correction says of
   *   the trade that is the last one again. Blank where there is none.
   */
  constructor(tradesMax?: number, conditions: readonly string[] = []) {
    this.#log = new TradeLog(tradesMax);
    this.#conditions = conditions;
  }

  /** Forgets the day. */
  reset(): void {
    this.#log.clear();
    this.#incomplete = false;
    for (const values of [this.last, this.open, this.openId, this.high, this.low, this.eligible]) values.fill(BLANK);
    for (const values of [this.volume, this.moves, this.brokenVolume, this.brokenCount]) values.fill(0);
    for (const flags of [this.tick, this.unlogged, this.unsure]) flags.fill(0);
  }

  /** Gives all that it knows, while work goes on; borrowed: serialise it before anything else is called. */
  give(): { piece(): SavedTrades | undefined; rest(): SavedDayTrades } {
    let given = 0;
    return {
      piece: () => {
        const piece = this.#log.settled(given);
        if (piece !== undefined) given++;
        return piece;
      },
      rest: () => ({ columns: this.#columns(), log: this.#log.save(given), incomplete: this.#incomplete }),
    };
  }

  /** Takes over what another one has saved, and the settled pieces that it had given before. */
  restore({ columns, log, incomplete }: SavedDayTrades, settled: readonly SavedTrades[]): void {
    const length = columns[0]!.length;
    if (length > this.last.length) this.#grow(length - 1);
    this.#columns().forEach((column, index) => {
      column.set(columns[index]!);
    });
    this.#log.restore(log, settled);
    this.#incomplete = incomplete;
  }

  #columns(): (Float64Array | Uint8Array)[] {
    const prices = [this.last, this.lastShares, this.lastTime, this.lastId, this.lastFlags, this.tick];
    const sums = [this.volume, this.moves, this.brokenVolume, this.brokenCount];
    const day = [this.open, this.openId, this.high, this.low, this.eligible, this.eligibleShares];
    return [...prices, ...sums, ...day, this.unlogged, this.unsure];
  }

  /** Vendor messages are gone for good: see the class. OPEN_PRC stays where it was known before. */
  lost(): void {
    this.#log.clear();
    this.#incomplete = true;
    for (const values of [this.last, this.high, this.low, this.eligible]) values.fill(BLANK);
    for (const values of [this.volume, this.moves, this.brokenVolume, this.brokenCount]) values.fill(BLANK);
    this.tick.fill(0);
    this.unlogged.fill(0);
  }

  /** Counts a trade. `setsOpen`: an eligible first trade sets OPEN_PRC (venues without an opening cross). */
  trade(
    instrument: number,
    id: number,
    price: number,
    shares: number,
    time: number,
    flags: number,
    setsOpen: boolean,
  ): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    const before = this.last[instrument]!;
    if (price > before) this.tick[instrument] = UP;
    else if (price < before) this.tick[instrument] = DOWN;
    this.last[instrument] = price;
    this.lastShares[instrument] = shares;
    this.lastTime[instrument] = time;
    this.lastId[instrument] = id;
    this.lastFlags[instrument] = flags;
    const volume = this.volume[instrument]! + shares;
    // A sum that can't be exact is none.
    this.volume[instrument] = volume <= Number.MAX_SAFE_INTEGER ? volume : BLANK;
    this.moves[instrument]! += 1;
    if ((flags & TradeFlag.ELIGIBLE) !== 0) {
      this.eligible[instrument] = price;
      this.eligibleShares[instrument] = shares;
      if (!this.#incomplete && this.unsure[instrument] === 0) {
        if (!(price <= this.high[instrument]!)) this.high[instrument] = price;
        if (!(price >= this.low[instrument]!)) this.low[instrument] = price;
        if (setsOpen && Number.isNaN(this.open[instrument]!)) {
          this.open[instrument] = price;
          this.openId[instrument] = id;
        }
      }
    }
    if (!this.#log.add(instrument, id, price, shares, time, flags)) this.unlogged[instrument] = 1;
  }

  /** Remembers a trade that counts for nothing (`TradeFlag.UNPRINTED`), so that its break is no contradiction. */
  unprinted(instrument: number, id: number): void {
    this.#log.add(instrument, id, 0, 0, 0, TradeFlag.UNPRINTED);
  }

  /** An opening price that the venue states (an opening cross); NaN takes it back. */
  setOpen(instrument: number, price: number): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    this.open[instrument] = price;
    this.openId[instrument] = BLANK;
  }

  /**
   * Takes a trade back.
   *
   * @param keepsOpen the open is the venue's own statement: a break doesn't move it.
   * @returns its instrument, or -1 when no such trade is known: one of before a loss, broken already, or the
   *   vendor contradicts itself.
   */
  break(id: number, keepsOpen: boolean): number {
    const found = this.#found;
    if (!this.#log.break(id, found)) return this.#incomplete ? this.#breakOpen(id) : -1;
    const instrument = found.instrument;
    if ((found.flags & TradeFlag.UNPRINTED) !== 0) return instrument;
    this.volume[instrument]! -= found.shares;
    this.moves[instrument]! -= 1;
    this.brokenVolume[instrument]! += found.shares;
    this.brokenCount[instrument]! += 1;
    if (this.unlogged[instrument] === 0) {
      this.#recompute(instrument, keepsOpen, this.#reaches(instrument, found));
    } else {
      // The last trade stands: it is one of those that the log had no room for. What came among them is unknown.
      this.#blankStatistics(instrument);
    }
    return instrument;
  }

  /** The trade that the latest successful `break` took back; borrowed until the next one. */
  get broken(): Readonly<LoggedTrade> {
    return this.#found;
  }

  /** Whether messages were lost today, so that a break may name a trade that nobody saw. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  /** Whether trades have come that the log had no room for. */
  get overflowed(): boolean {
    return this.#log.overflowed > 0;
  }

  /** A trade that the log had no room for was broken: nothing of the instrument's day is certain any more. */
  doubt(instrument: number): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    for (const values of [this.last, this.volume, this.moves, this.brokenVolume, this.brokenCount]) {
      values[instrument] = BLANK;
    }
    this.unlogged[instrument] = 1;
    this.#blankStatistics(instrument);
  }

  /** Whether the instrument has anything to say in a trade update. */
  hasTraded(instrument: number): boolean {
    return instrument < this.last.length && (this.moves[instrument] !== 0 || this.brokenCount[instrument] !== 0);
  }

  /** Writes the values of the TRADE template. */
  writeTrade(writer: BlockWriter, instrument: number, day: number, conditions: string): void {
    this.#write(writer, instrument, day, conditions);
  }

  /** Writes the values of the CORRECTION template. */
  writeCorrection(writer: BlockWriter, instrument: number, day: number): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    this.#write(writer, instrument, day, this.#conditions[this.lastFlags[instrument]! >>> CONDITIONS_SHIFT]);
    intOrBlank(writer, this.brokenVolume[instrument]!);
    intOrBlank(writer, this.brokenCount[instrument]!);
  }

  #write(writer: BlockWriter, instrument: number, day: number, conditions: string | undefined): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    const last = this.last[instrument]!;
    if (Number.isNaN(last)) {
      for (let i = 0; i < 7; i++) writer.nil();
    } else {
      writer.int(last);
      writer.int(this.lastShares[instrument]!);
      writer.int(this.tick[instrument]!);
      writeTime(writer, this.lastTime[instrument]!, day);
      writer.digits(this.lastId[instrument]!);
      if (conditions === undefined) writer.nil();
      else writer.text(conditions);
    }
    intOrBlank(writer, this.volume[instrument]!);
    intOrBlank(writer, this.moves[instrument]!);
    intOrBlank(writer, this.open[instrument]!);
    intOrBlank(writer, this.high[instrument]!);
    intOrBlank(writer, this.low[instrument]!);
    const eligible = this.eligible[instrument]!;
    intOrBlank(writer, eligible);
    intOrBlank(writer, Number.isNaN(eligible) ? BLANK : this.eligibleShares[instrument]!);
  }

  /** After a loss the log has begun anew, but the trade that set the open is still known by its number. */
  #breakOpen(id: number): number {
    const instrument = this.openId.indexOf(id);
    if (instrument >= 0) this.setOpen(instrument, BLANK);
    return instrument;
  }

  #blankStatistics(instrument: number): void {
    for (const values of [this.high, this.low, this.eligible]) values[instrument] = BLANK;
    this.tick[instrument] = 0;
    if (!Number.isNaN(this.openId[instrument]!)) this.setOpen(instrument, BLANK);
    this.unsure[instrument] = 1;
  }

  /** Whether a trade may have made the day's open, high or low, so that only all the others can tell them now. */
  #reaches(instrument: number, { price, id, flags }: LoggedTrade): boolean {
    if ((flags & TradeFlag.ELIGIBLE) === 0) return false;
    const within = price < this.high[instrument]! && price > this.low[instrument]!;
    return !within || id === this.openId[instrument];
  }

  /** @param all whether to look at all trades; otherwise at the newest, until the last ones are known. */
  #recompute(instrument: number, keepsOpen: boolean, all: boolean): void {
    let last = BLANK;
    let tick = 0;
    let eligible = BLANK;
    let high = BLANK;
    let low = BLANK;
    let open = BLANK;
    let openId = BLANK;
    this.#log.forEach(instrument, this.#visited, ({ price, shares, time, id, flags }) => {
      if ((flags & TradeFlag.UNPRINTED) !== 0) return true;
      if (Number.isNaN(last)) {
        last = price;
        this.lastShares[instrument] = shares;
        this.lastTime[instrument] = time;
        this.lastId[instrument] = id;
        this.lastFlags[instrument] = flags;
      } else if (tick === 0 && price !== last) {
        tick = last > price ? UP : DOWN;
      }
      if ((flags & TradeFlag.ELIGIBLE) === 0) return true;
      if (Number.isNaN(eligible)) {
        eligible = price;
        this.eligibleShares[instrument] = shares;
      }
      if (!all) return tick === 0;
      if (!(price <= high)) high = price;
      if (!(price >= low)) low = price;
      open = price;
      openId = id;
      return true;
    });
    this.last[instrument] = last;
    this.eligible[instrument] = eligible;
    this.tick[instrument] = tick;
    if (this.#incomplete || !all) return;
    this.high[instrument] = high;
    this.low[instrument] = low;
    if (keepsOpen) return;
    this.open[instrument] = open;
    this.openId[instrument] = openId;
  }

  #grow(instrument: number): void {
    const length = 1 << Math.ceil(Math.log2(instrument + 1));
    const widen = <A extends Float64Array | Uint8Array>(from: A, fill: number): A => {
      const to = (from instanceof Uint8Array ? new Uint8Array(length) : new Float64Array(length)) as A;
      to.fill(fill);
      to.set(from);
      return to;
    };
    const sum = this.#incomplete ? BLANK : 0;
    this.last = widen(this.last, BLANK);
    this.lastShares = widen(this.lastShares, 0);
    this.lastTime = widen(this.lastTime, 0);
    this.lastId = widen(this.lastId, 0);
    this.lastFlags = widen(this.lastFlags, 0);
    this.tick = widen(this.tick, 0);
    this.volume = widen(this.volume, sum);
    this.moves = widen(this.moves, sum);
    this.open = widen(this.open, BLANK);
    this.openId = widen(this.openId, BLANK);
    this.high = widen(this.high, BLANK);
    this.low = widen(this.low, BLANK);
    this.eligible = widen(this.eligible, BLANK);
    this.eligibleShares = widen(this.eligibleShares, 0);
    this.brokenVolume = widen(this.brokenVolume, sum);
    this.brokenCount = widen(this.brokenCount, sum);
    this.unlogged = widen(this.unlogged, 0);
    this.unsure = widen(this.unsure, 0);
  }
}

/** A whole number, or blank for NaN. */
export function intOrBlank(writer: BlockWriter, value: number): void {
  if (Number.isNaN(value)) writer.nil();
  else writer.int(value);
}

/**
 * Writes a time as two values: nanoseconds of the day, GMT, and the day.
 *
 * @param time nanoseconds from midnight GMT of `day`; may lie before or after it.
 */
export function writeTime(writer: BlockWriter, time: number, day: number): void {
  if (time >= 0 && time < NS_PER_DAY) {
    writer.int(time);
    writer.int(day);
    return;
  }
  const days = Math.floor(time / NS_PER_DAY);
  writer.int(time - days * NS_PER_DAY);
  writer.int(day + days);
}
