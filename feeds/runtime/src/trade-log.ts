import { TickerError } from '@tickerplant/core';

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
const CHUNK_BITS = 12;
const CHUNK_TRADES = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_TRADES - 1;

class Chunk {
  readonly ids: Float64Array;
  readonly prices: Float64Array;
  readonly shares: Float64Array;
  readonly times: Float64Array;
  readonly instruments: Int32Array;
  readonly flags: Uint8Array;
  /** Index of the instrument's trade before; -1 at its first. */
  readonly previous: Int32Array;
  /** The least and the greatest of the ids. */
  leastId = Number.POSITIVE_INFINITY;
  greatestId = Number.NEGATIVE_INFINITY;

  /** @param saved what a full one's columns become, as they are: a day's trades would take a second to copy. */
  constructor(saved?: Columns) {
    const floats = (column: number): Float64Array =>
      (saved?.[column] as Float64Array) ?? new Float64Array(CHUNK_TRADES);
    const ints = (column: number): Int32Array => (saved?.[column] as Int32Array) ?? new Int32Array(CHUNK_TRADES);
    this.ids = floats(0);
    this.prices = floats(1);
    this.shares = floats(2);
    this.times = floats(3);
    this.instruments = ints(4);
    this.flags = (saved?.[5] as Uint8Array) ?? new Uint8Array(CHUNK_TRADES);
    this.previous = ints(6);
  }
}

/** In the order in which they are saved. */
const COLUMNS = ['ids', 'prices', 'shares', 'times', 'instruments', 'flags', 'previous'] as const;

/** The columns of a chunk. */
type Columns = readonly (Float64Array | Int32Array | Uint8Array)[];

/** A full chunk's trades. */
export interface SavedTrades {
  /** Which of the logs that there were, each begun by `clear`. */
  readonly log: number;
  readonly columns: Columns;
  readonly leastId: number;
  readonly greatestId: number;
}

/** A log as plain values: what one process gives another. */
export interface SavedTradeLog {
  /** What comes behind the full chunks that were given before. */
  readonly chunks: readonly Columns[];
  readonly log: number;
  /** Indices of broken trades. */
  readonly broken: Float64Array;
  readonly newest: Int32Array;
  readonly count: number;
  readonly overflowed: number;
}

/**
 * Remembers a day's trades, so that a broken one can be taken back: per instrument the trades in their order
 * (newest first). All in typed arrays, 41 bytes a trade.
 *
 * Venues number trades upwards, so a trade is found by the range of numbers of each chunk: no index has to be
 * kept for the sake of breaks, which are rare. Numbers in no order make a break slower (4 million trades: some
 * 10 ms), and nothing else.
 *
 * Bounded: when `tradesMax` is reached the log is full, further trades are not remembered, and a break of one
 * of them finds nothing, upon which the normaliser must blank what it can no longer know.
 */
export class TradeLog {
  readonly #tradesMax: number;
  #chunks: Chunk[] = [];
  /** Indices of broken trades, for who saves the log. */
  #broken: number[] = [];
  #newest: Int32Array = new Int32Array(1024).fill(-1);
  #count = 0;
  #log = 0;
  /** Trades that came when the log was full. */
  overflowed = 0;

  /** @param tradesMax bound; by default 4,194,304 trades in 172 MB, reached only as they come. */
  constructor(tradesMax: number = 1 << 22) {
    this.#tradesMax = tradesMax;
  }

  /** Trades remembered, broken ones included. */
  get size(): number {
    return this.#count;
  }

  /**
   * The trades of a chunk that is full; undefined: it isn't yet. But for those that are broken, which `save` names, they
   * stay as they are until `clear` or `restore`. Borrowed.
   */
  settled(index: number): SavedTrades | undefined {
    if ((index + 1) * CHUNK_TRADES > this.#count) return undefined;
    const chunk = this.#chunks[index]!;
    const { leastId, greatestId } = chunk;
    return { log: this.#log, columns: COLUMNS.map((column) => chunk[column]), leastId, greatestId };
  }

  /** All that is remembered, but for `settled` chunks; borrowed: serialise it before anything else is called. */
  save(settled: number): SavedTradeLog {
    const chunks = this.#chunks.slice(settled).map((chunk, place) => {
      const used = Math.min(CHUNK_TRADES, this.#count - (settled + place) * CHUNK_TRADES);
      return COLUMNS.map((column) => chunk[column].subarray(0, used));
    });
    const broken = Float64Array.from(this.#broken);
    const { overflowed } = this;
    return { chunks, log: this.#log, broken, newest: this.#newest, count: this.#count, overflowed };
  }

  /**
   * Takes over what another log has saved.
   *
   * @param settled what it had given before; kept, not copied.
   * @throws TickerError `FEED_BAD_STATE`: it has been cleared in between, or a piece isn't a full one.
   */
  restore(saved: SavedTradeLog, settled: readonly SavedTrades[]): void {
    const { chunks, log, broken, newest, count, overflowed } = saved;
    if (settled.some((piece) => piece.log !== log)) {
      throw new TickerError(
        'FEED_BAD_STATE',
        'expected trades that go together, these were given before a new beginning',
      );
    }
    this.#log++;
    this.#chunks = settled.map(({ columns, leastId, greatestId }) => {
      if (columns.length !== COLUMNS.length || columns.some(({ length }) => length !== CHUNK_TRADES)) {
        throw new TickerError('FEED_BAD_STATE', `expected ${COLUMNS.length} columns of ${CHUNK_TRADES} trades`);
      }
      return Object.assign(new Chunk(columns), { leastId, greatestId });
    });
    for (const columns of chunks) {
      const chunk = new Chunk();
      COLUMNS.forEach((column, index) => {
        chunk[column].set(columns[index]!);
      });
      const ids = columns[0]!;
      for (let at = 0; at < ids.length; at++) widen(chunk, ids[at]!);
      this.#chunks.push(chunk);
    }
    // A chunk may have been given before one of its trades was broken, or after.
    this.#broken = [...broken];
    for (const index of broken) {
      const { flags } = this.#chunks[index >>> CHUNK_BITS]!;
      flags[index & CHUNK_MASK]! |= BROKEN;
    }
    this.#newest = newest;
    this.#count = count;
    this.overflowed = overflowed;
  }

  /** Forgets everything. */
  clear(): void {
    this.#count = 0;
    this.#log++;
    this.overflowed = 0;
    this.#chunks = [];
    this.#broken = [];
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
    widen(chunk, id);
    return true;
  }

  /**
   * Takes a trade out.
   *
   * @returns false when no such trade is remembered, or it was broken before.
   */
  break(id: number, out: LoggedTrade): boolean {
    for (const [index, { leastId, greatestId, ids, flags }] of this.#chunks.entries()) {
      if (id < leastId || id > greatestId) continue;
      // Beyond the last trade there are zeros, which are no ids.
      const at = ids.subarray(0, this.#count - index * CHUNK_TRADES).indexOf(id);
      if (at < 0) continue;
      if ((flags[at]! & BROKEN) !== 0) return false;
      const trade = index * CHUNK_TRADES + at;
      this.#read(trade, out);
      flags[at] = flags[at]! | BROKEN;
      this.#broken.push(trade);
      return true;
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

  #growInstruments(instrument: number): void {
    const grown = new Int32Array(1 << Math.ceil(Math.log2(instrument + 1))).fill(-1);
    grown.set(this.#newest);
    this.#newest = grown;
  }
}

const BROKEN = 0x80;

function widen(chunk: Chunk, id: number): void {
  if (id < chunk.leastId) chunk.leastId = id;
  if (id > chunk.greatestId) chunk.greatestId = id;
}
