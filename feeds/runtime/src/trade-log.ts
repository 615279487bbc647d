/** A trade of the log; refilled, borrowed until the next call. */
export interface LoggedTrade {
  /** Index of the instrument, as given to `add`. */
  instrument: number;
  price: number;
  shares: number;
  /** When, in the normaliser's own count of nanoseconds. */
  time: number;
  /** The vendor's number of it. */
  id: number;
  flags: number;
}

/**
 * Remembers a day's trades, so that a broken one can be taken back: per instrument the trades in their order
 * (newest first), and a table from trade number to trade. All in typed arrays; 49 bytes a trade.
 *
 * Bounded: when `tradesMax` is reached the log is full, further trades are not remembered, and a break of one
 * of them finds nothing, upon which the normaliser must blank what it can no longer know.
 */
export class TradeLog {
  readonly #tradesMax: number;
  #ids: Float64Array;
  #prices: Float64Array;
  #shares: Float64Array;
  #times: Float64Array;
  #instruments: Int32Array;
  #flags: Uint8Array;
  /** Index of the instrument's trade before; -1 at its first. */
  #previous: Int32Array;
  #newest: Int32Array = new Int32Array(1024).fill(-1);
  /** Open addressing, linear probing: index of the trade + 1, 0 for an empty place. Never more than half full. */
  #table: Int32Array;
  #count = 0;
  /** Trades that came when the log was full. */
  overflowed = 0;

  /** @param tradesMax bound; by default 4,194,304 trades in 206 MB, reached only as they come. */
  constructor(tradesMax: number = 1 << 22) {
    this.#tradesMax = tradesMax;
    const initial = Math.min(tradesMax, 1024);
    this.#ids = new Float64Array(initial);
    this.#prices = new Float64Array(initial);
    this.#shares = new Float64Array(initial);
    this.#times = new Float64Array(initial);
    this.#instruments = new Int32Array(initial);
    this.#flags = new Uint8Array(initial);
    this.#previous = new Int32Array(initial);
    this.#table = new Int32Array(4096);
  }

  /** Trades remembered, broken ones included. */
  get size(): number {
    return this.#count;
  }

  /** Forgets everything. */
  clear(): void {
    this.#count = 0;
    this.overflowed = 0;
    this.#table.fill(0);
    this.#newest.fill(-1);
  }

  /**
   * Remembers a trade.
   *
   * @param id the vendor's number of it, unique within the day; of several the first one counts.
   * @param flags 7 bits of the normaliser's own.
   * @returns false when there was no room.
   */
  add(instrument: number, id: number, price: number, shares: number, time: number, flags: number): boolean {
    if (this.#count === this.#tradesMax) {
      this.overflowed++;
      return false;
    }
    if (this.#count === this.#ids.length) this.#grow();
    if (instrument >= this.#newest.length) this.#growInstruments(instrument);
    const index = this.#count++;
    this.#ids[index] = id;
    this.#prices[index] = price;
    this.#shares[index] = shares;
    this.#times[index] = time;
    this.#instruments[index] = instrument;
    this.#flags[index] = flags;
    this.#previous[index] = this.#newest[instrument]!;
    this.#newest[instrument] = index;
    this.#insert(index);
    return true;
  }

  /**
   * Takes a trade out.
   *
   * @returns false when no such trade is remembered, or it was broken before.
   */
  break(id: number, out: LoggedTrade): boolean {
    const mask = this.#table.length - 1;
    for (let at = hash(id) & mask; this.#table[at] !== 0; at = (at + 1) & mask) {
      const index = this.#table[at]! - 1;
      if (this.#ids[index] !== id) continue;
      if ((this.#flags[index]! & BROKEN) !== 0) return false;
      this.#read(index, out);
      this.#flags[index] = this.#flags[index]! | BROKEN;
      return true;
    }
    return false;
  }

  /** Visits an instrument's unbroken trades, newest first; `out` is refilled for each. Returning false ends it. */
  forEach(instrument: number, out: LoggedTrade, visit: (trade: LoggedTrade) => boolean): void {
    if (instrument >= this.#newest.length) return;
    for (let index = this.#newest[instrument]!; index >= 0; index = this.#previous[index]!) {
      if ((this.#flags[index]! & BROKEN) !== 0) continue;
      this.#read(index, out);
      if (!visit(out)) return;
    }
  }

  #read(index: number, out: LoggedTrade): void {
    out.instrument = this.#instruments[index]!;
    out.price = this.#prices[index]!;
    out.shares = this.#shares[index]!;
    out.time = this.#times[index]!;
    out.id = this.#ids[index]!;
    out.flags = this.#flags[index]! & ~BROKEN;
  }

  #insert(index: number): void {
    const mask = this.#table.length - 1;
    let at = hash(this.#ids[index]!) & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = index + 1;
  }

  #grow(): void {
    const length = Math.min(this.#ids.length * 2, this.#tradesMax);
    const widen = <A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.#ids = widen(this.#ids, new Float64Array(length));
    this.#prices = widen(this.#prices, new Float64Array(length));
    this.#shares = widen(this.#shares, new Float64Array(length));
    this.#times = widen(this.#times, new Float64Array(length));
    this.#instruments = widen(this.#instruments, new Int32Array(length));
    this.#flags = widen(this.#flags, new Uint8Array(length));
    this.#previous = widen(this.#previous, new Int32Array(length));
    this.#table = new Int32Array(1 << Math.ceil(Math.log2(length * 2)));
    for (let index = 0; index < this.#count; index++) this.#insert(index);
  }

  #growInstruments(instrument: number): void {
    const grown = new Int32Array(1 << Math.ceil(Math.log2(instrument + 1))).fill(-1);
    grown.set(this.#newest);
    this.#newest = grown;
  }
}

const BROKEN = 0x80;

/** Multiplicative hashing (Knuth) over both halves: trade numbers are dense, so their low bits alone would do. */
function hash(id: number): number {
  return Math.imul((id >>> 0) ^ (id / 0x1_0000_0000), 0x9e3779b1) >>> 7;
}
