import { NS_PER_DAY } from '@tickerplant/core';
import { type BlockWriter, standardDictionary, UpdateType } from '@tickerplant/records';
import type { TemplateSpec } from './channel-writer.ts';
import { type LoggedTrade, TradeLog } from './trade-log.ts';

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

/**
 * Last trade and day statistics of each instrument, kept so that they are exact or blank:
 *
 * - every trade sets TRDPRC_1 and counts in ACVOL_1 and NUM_MOVES; only eligible ones set ELIG_PRC, OPEN_PRC
 *   (the first), HIGH_1 and LOW_1;
 * - a broken trade is taken out of all of them, as if it had never been;
 * - after a loss of vendor messages, what may have been missed is unknown: sums, highs and lows stay blank for
 *   the rest of the day, the last trade until the next one. Blank is NaN here and nil in messages.
 *
 * Instruments are numbered from 0; prices are whole numbers in the feed's unit; times are nanoseconds from
 * midnight GMT of the trading day and may lie outside it.
 */
export class DayTrades {
  readonly #log: TradeLog;
  readonly #found: LoggedTrade = { instrument: 0, price: 0, shares: 0, time: 0, id: 0, flags: 0 };
  private last = new Float64Array(1024).fill(Number.NaN);
  private lastShares = new Float64Array(1024);
  private lastTime = new Float64Array(1024);
  private lastId = new Float64Array(1024);
  private tick = new Uint8Array(1024);
  private volume = new Float64Array(1024);
  private moves = new Float64Array(1024);
  private open = new Float64Array(1024).fill(Number.NaN);
  private high = new Float64Array(1024).fill(Number.NaN);
  private low = new Float64Array(1024).fill(Number.NaN);
  private eligible = new Float64Array(1024).fill(Number.NaN);
  private eligibleShares = new Float64Array(1024);
  private brokenVolume = new Float64Array(1024);
  private brokenCount = new Float64Array(1024);
  /** Whether messages were lost: from then on highs and lows are blank for everything. */
  #incomplete = false;

  /** @param tradesMax how many trades to remember for breaks. */
  constructor(tradesMax?: number) {
    this.#log = new TradeLog(tradesMax);
  }

  /** Forgets the day. */
  reset(): void {
    this.#log.clear();
    this.#incomplete = false;
    for (const values of [this.last, this.open, this.high, this.low, this.eligible]) values.fill(Number.NaN);
    for (const values of [this.volume, this.moves, this.brokenVolume, this.brokenCount]) values.fill(0);
    this.tick.fill(0);
  }

  /** Vendor messages are gone for good: see the class. OPEN_PRC stays where it was known before. */
  lost(): void {
    this.#log.clear();
    this.#incomplete = true;
    for (const values of [this.last, this.high, this.low, this.eligible, this.volume, this.moves]) {
      values.fill(Number.NaN);
    }
    this.brokenVolume.fill(Number.NaN);
    this.brokenCount.fill(Number.NaN);
    this.tick.fill(0);
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
    if (price > before) this.tick[instrument] = 1;
    else if (price < before) this.tick[instrument] = 2;
    this.last[instrument] = price;
    this.lastShares[instrument] = shares;
    this.lastTime[instrument] = time;
    this.lastId[instrument] = id;
    this.volume[instrument]! += shares;
    this.moves[instrument]! += 1;
    if ((flags & TradeFlag.ELIGIBLE) !== 0) {
      this.eligible[instrument] = price;
      this.eligibleShares[instrument] = shares;
      if (!this.#incomplete) {
        if (!(price <= this.high[instrument]!)) this.high[instrument] = price;
        if (!(price >= this.low[instrument]!)) this.low[instrument] = price;
        if (setsOpen && Number.isNaN(this.open[instrument]!)) this.open[instrument] = price;
      }
    }
    this.#log.add(instrument, id, price, shares, time, flags);
  }

  /** An opening price that the venue states (an opening cross). */
  setOpen(instrument: number, price: number): void {
    if (instrument >= this.last.length) this.#grow(instrument);
    this.open[instrument] = price;
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
    if (!this.#log.break(id, found)) return -1;
    const instrument = found.instrument;
    this.volume[instrument]! -= found.shares;
    this.moves[instrument]! -= 1;
    this.brokenVolume[instrument]! += found.shares;
    this.brokenCount[instrument]! += 1;
    this.#recompute(instrument, keepsOpen);
    return instrument;
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
    for (const values of [this.last, this.high, this.low, this.eligible, this.volume, this.moves]) {
      values[instrument] = Number.NaN;
    }
    this.tick[instrument] = 0;
  }

  /** Whether the instrument has anything to say in a trade update. */
  hasTraded(instrument: number): boolean {
    return instrument < this.last.length && (this.moves[instrument] !== 0 || this.brokenCount[instrument] !== 0);
  }

  /** Writes the values of the TRADE template. */
  writeTrade(writer: BlockWriter, instrument: number, day: number, conditions: string): void {
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
      writer.text(conditions);
    }
    intOrBlank(writer, this.volume[instrument]!);
    intOrBlank(writer, this.moves[instrument]!);
    intOrBlank(writer, this.open[instrument]!);
    intOrBlank(writer, this.high[instrument]!);
    intOrBlank(writer, this.low[instrument]!);
    const eligible = this.eligible[instrument]!;
    intOrBlank(writer, eligible);
    intOrBlank(writer, Number.isNaN(eligible) ? Number.NaN : this.eligibleShares[instrument]!);
  }

  /** Writes the values of the CORRECTION template. */
  writeCorrection(writer: BlockWriter, instrument: number, day: number): void {
    this.writeTrade(writer, instrument, day, '');
    intOrBlank(writer, this.brokenVolume[instrument]!);
    intOrBlank(writer, this.brokenCount[instrument]!);
  }

  #recompute(instrument: number, keepsOpen: boolean): void {
    let last = Number.NaN;
    let eligible = Number.NaN;
    let high = Number.NaN;
    let low = Number.NaN;
    let open = Number.NaN;
    this.#log.forEach(instrument, this.#found, (trade) => {
      if (Number.isNaN(last)) {
        last = trade.price;
        this.lastShares[instrument] = trade.shares;
        this.lastTime[instrument] = trade.time;
        this.lastId[instrument] = trade.id;
      }
      if ((trade.flags & TradeFlag.ELIGIBLE) === 0) return true;
      if (Number.isNaN(eligible)) {
        eligible = trade.price;
        this.eligibleShares[instrument] = trade.shares;
      }
      if (!(trade.price <= high)) high = trade.price;
      if (!(trade.price >= low)) low = trade.price;
      open = trade.price;
      return true;
    });
    this.last[instrument] = last;
    this.eligible[instrument] = eligible;
    this.tick[instrument] = 0;
    if (this.#incomplete) return;
    this.high[instrument] = high;
    this.low[instrument] = low;
    if (!keepsOpen) this.open[instrument] = open;
  }

  #grow(instrument: number): void {
    const length = 1 << Math.ceil(Math.log2(instrument + 1));
    const widen = <A extends Float64Array | Uint8Array>(from: A, fill: number): A => {
      const to = (from instanceof Uint8Array ? new Uint8Array(length) : new Float64Array(length)) as A;
      to.fill(fill);
      to.set(from);
      return to;
    };
    const sum = this.#incomplete ? Number.NaN : 0;
    this.last = widen(this.last, Number.NaN);
    this.lastShares = widen(this.lastShares, 0);
    this.lastTime = widen(this.lastTime, 0);
    this.lastId = widen(this.lastId, 0);
    this.tick = widen(this.tick, 0);
    this.volume = widen(this.volume, sum);
    this.moves = widen(this.moves, sum);
    this.open = widen(this.open, Number.NaN);
    this.high = widen(this.high, Number.NaN);
    this.low = widen(this.low, Number.NaN);
    this.eligible = widen(this.eligible, Number.NaN);
    this.eligibleShares = widen(this.eligibleShares, 0);
    this.brokenVolume = widen(this.brokenVolume, sum);
    this.brokenCount = widen(this.brokenCount, sum);
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
