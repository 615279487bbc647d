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

/** Trades of one piece of the log; a piece is never moved, so that the log grows without a pause. */
const CHUNK_BITS = 14;
const CHUNK_TRADES = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_TRADES - 1;

class Chunk {
  readonly ids: Float64Array = new Float64Array(CHUNK_TRADES);
  readonly prices: Float64Array = new Float64Array(CHUNK_TRADES);
  readonly shares: Float64Array = new Float64Array(CHUNK_TRADES);
  readonly times: Float64Array = new Float64Array(CHUNK_TRADES);
  readonly instruments: Int32Array = new Int32Array(CHUNK_TRADES);
  readonly flags: Uint8Array = new Uint8Array(CHUNK_TRADES);
  /** Index of the instrument's trade before; -1 at its first. */
  readonly previous: Int32Array = new Int32Array(CHUNK_TRADES);
}

const COLUMNS = ['ids', 'prices', 'shares', 'times', 'instruments', 'flags', 'previous'] as const;

/** A log as plain values: what one process gives another. */
export interface SavedTradeLog {
  /** By chunk: its columns. */
  readonly chunks: readonly (readonly (Float64Array | Int32Array | Uint8Array)[])[];
  readonly newest: Int32Array;
  readonly tables: readonly Int32Array[];
  readonly room: number;
  readonly count: number;
  readonly overflowed: number;
}

const TABLE_PLACES_FIRST = 4096;
const TABLE_PLACES_MAX = 1 << 20;

/**
 * Remembers a day's trades, so that a broken one can be taken back: per instrument the trades in their order
 * (newest first), and tables from trade number to trade. All in typed arrays; some 50 bytes a trade.
 *
 * A table that is half full is left as it is and a larger one begun: nothing is ever hashed again (with a million
 * trades that would stop the handler for a tenth of a second), and a break, which is rare, looks in a few tables.
 *
 * Bounded: when `tradesMax` is reached the log is full, further trades are not remembered, and a break of one
 * of them finds nothing, upon which the normaliser must blank what it can no longer know.
 */
export class TradeLog {
  readonly #tradesMax: number;
  #chunks: Chunk[] = [];
  #newest: Int32Array = new Int32Array(1024).fill(-1);
  /** Open addressing, linear probing: index of the trade + 1, 0 for an empty place. The oldest table first. */
  #tables: Int32Array[] = [new Int32Array(TABLE_PLACES_FIRST)];
  /** Trades that the newest table still takes. */
  #room = TABLE_PLACES_FIRST / 2;
  #count = 0;
  /** Trades that came when the log was full. */
  overflowed = 0;

  /** @param tradesMax bound; by default 4,194,304 trades in 210 MB, reached only as they come. */
  constructor(tradesMax: number = 1 << 22) {
    this.#tradesMax = tradesMax;
  }

  /** Trades remembered, broken ones included. */
  get size(): number {
    return this.#count;
  }

  /** All that is remembered; borrowed: serialise it before anything else is called. */
  save(): SavedTradeLog {
    return {
      chunks: this.#chunks.map((chunk, index) => {
        const used = Math.min(CHUNK_TRADES, this.#count - index * CHUNK_TRADES);
        return COLUMNS.map((column) => chunk[column].subarray(0, used));
      }),
      newest: this.#newest,
      tables: this.#tables,
      room: this.#room,
      count: this.#count,
      overflowed: this.overflowed,
    };
  }

  /** Takes over what another log has saved. */
  restore({ chunks, newest, tables, room, count, overflowed }: SavedTradeLog): void {
    this.#chunks = chunks.map((columns) => {
      const chunk = new Chunk();
      COLUMNS.forEach((column, index) => {
        chunk[column].set(columns[index]!);
      });
      return chunk;
    });
    this.#newest = newest;
    this.#tables = [...tables];
    this.#room = room;
    this.#count = count;
    this.overflowed = overflowed;
  }

  /** Forgets everything. */
  clear(): void {
    this.#count = 0;
    this.overflowed = 0;
    this.#chunks = [];
    this.#tables = [new Int32Array(TABLE_PLACES_FIRST)];
    this.#room = TABLE_PLACES_FIRST / 2;
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
    if (instrument >= this.#newest.length) this.#growInstruments(instrument);
    const index = this.#count++;
    const at = index & CHUNK_MASK;
    if (at === 0) this.#chunks.push(new Chunk());
    const chunk = this.#chunks[index >>> CHUNK_BITS]!;
    chunk.ids[at] = id;
    chunk.prices[at] = price;
    chunk.shares[at] = shares;
    chunk.times[at] = time;
    chunk.instruments[at] = instrument;
    chunk.flags[at] = flags;
    chunk.previous[at] = this.#newest[instrument]!;
    this.#newest[instrument] = index;
    this.#insert(id, index);
    return true;
  }

  /**
   * Takes a trade out.
   *
   * @returns false when no such trade is remembered, or it was broken before.
   */
  break(id: number, out: LoggedTrade): boolean {
    for (const table of this.#tables) {
      const mask = table.length - 1;
      for (let place = hash(id) & mask; table[place] !== 0; place = (place + 1) & mask) {
        const index = table[place]! - 1;
        const { ids, flags } = this.#chunks[index >>> CHUNK_BITS]!;
        const at = index & CHUNK_MASK;
        if (ids[at] !== id) continue;
        if ((flags[at]! & BROKEN) !== 0) return false;
        this.#read(index, out);
        flags[at] = flags[at]! | BROKEN;
        return true;
      }
    }
    return false;
  }

  /** Visits an instrument's unbroken trades, newest first; `out` is refilled for each. Returning false ends it. */
  forEach(instrument: number, out: LoggedTrade, visit: (trade: LoggedTrade) => boolean): void {
    if (instrument >= this.#newest.length) return;
    let index = this.#newest[instrument]!;
    while (index >= 0) {
      const { flags, previous } = this.#chunks[index >>> CHUNK_BITS]!;
      const at = index & CHUNK_MASK;
      if ((flags[at]! & BROKEN) === 0) {
        this.#read(index, out);
        if (!visit(out)) return;
      }
      index = previous[at]!;
    }
  }

  #read(index: number, out: LoggedTrade): void {
    const chunk = this.#chunks[index >>> CHUNK_BITS]!;
    const at = index & CHUNK_MASK;
    out.instrument = chunk.instruments[at]!;
    out.price = chunk.prices[at]!;
    out.shares = chunk.shares[at]!;
    out.time = chunk.times[at]!;
    out.id = chunk.ids[at]!;
    out.flags = chunk.flags[at]! & ~BROKEN;
  }

  #insert(id: number, index: number): void {
    let table = this.#tables[this.#tables.length - 1]!;
    if (this.#room === 0) {
      table = new Int32Array(Math.min(2 * table.length, TABLE_PLACES_MAX));
      this.#tables.push(table);
      this.#room = table.length / 2;
    }
    this.#room--;
    const mask = table.length - 1;
    let place = hash(id) & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = index + 1;
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
