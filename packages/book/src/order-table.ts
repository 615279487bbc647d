import { assert, TickerError } from '@tickerplant/core';
import { BookFault } from './fault.ts';

// --- Orders: three 8-byte cells each, in chunks that are never moved ---------------------------------------
//
//     cell 0  reference (float64); of a free slot: the next free slot
//     cell 1  price (float64)
//     cell 2  shares (u32), book * 2 + side (u32); of a free slot: FREE
const STRIDE = 3;
const PRICE = 1;
/** In 4-byte cells. */
const STRIDE_32 = 6;
const SHARES_32 = 4;
const BOOK_SIDE_32 = 5;
const FREE = 0xffff_ffff;
const CHUNK_BITS = 14;
const CHUNK_SLOTS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SLOTS - 1;

/** Live orders as plain arrays, one place an order in each: what one process gives another. */
export interface SavedOrders {
  readonly references: Float64Array;
  readonly prices: Float64Array;
  readonly shares: Uint32Array;
  /** book * 2 + side. */
  readonly bookSides: Uint32Array;
}

/** References of orders that have been put in, changed or taken out since somebody began to copy the table. */
export interface TouchedOrders {
  readonly references: number[];
}

/** So many touches are noted, 8 bytes each; then whoever copies has to begin anew. */
const TOUCHES_MAX = 1 << 21;
/** So many may copy at a time; when one more begins, the first is told to begin anew. */
const WATCHERS_MAX = 4;

class Chunk {
  readonly cells: Float64Array = new Float64Array(CHUNK_SLOTS * STRIDE);
  readonly words: Uint32Array = new Uint32Array(this.cells.buffer);
}

/** Where the cursor stands before there is an order. */
const NO_CHUNK = new Chunk();

// --- Index: from reference to slot, a pair [slot, hash] of u32 a place; slot 0 marks a free place -----------
//
// References are given out in rising order and most orders live for moments, so those in use now lie close
// together. Hashing each by itself would strew them over memory and make every operation a cache miss. Here
// the 64 references of a block stay together: the hash of the block names a row of 64 places, and the
// reference's low bits the column in it.
const COLUMN_BITS = 6;
const COLUMNS = 1 << COLUMN_BITS;
const COLUMN_MASK = COLUMNS - 1;
const ROW_BITS_MAX = 8;
/** The hash's 32 bits are parted between row, column and directory. */
const DEPTH_MAX = 32 - ROW_BITS_MAX - COLUMN_BITS;
/** A segment is split when it is fuller than this. */
const LOAD_MAX = 0.5;

/** One piece of the index, and how many bits of the hash its orders share. */
class Segment {
  readonly places: Uint32Array;
  depth: number;
  orders = 0;

  constructor(places: number, depth: number) {
    this.places = new Uint32Array(places * 2);
    this.depth = depth;
  }
}

/** Mixes a reference's block number (47 bits) into 32 bits (MurmurHash3's finaliser, in the public domain). */
function hashOf(reference: number): number {
  const block = Math.floor(reference / COLUMNS);
  let h = (block | 0) ^ Math.imul((block / 0x1_0000_0000) | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The live orders of all books, keyed by order reference: a whole number from 0 to 2^53 - 1.
 *
 * Orders lie in slots that are used again last out, first in, so that the young orders that most messages
 * speak of stay in the processor's cache. A hash index finds the slot. It is made of segments of a fixed size:
 * a directory, indexed by the low bits of the hash, names the segment; the high bits name the row, and a taken
 * place sends the order to the same column of the next row. A full segment splits in two (extendible hashing),
 * so growth never moves more than one segment's places: the pause is the same at ten million orders as at ten
 * thousand. A removed order's place is filled from those behind it at once, so there are no tombstones and an
 * old table is as fast as a new one.
 *
 * The table has one cursor: `find` and `insert` leave it on an order, the fields and `remove` speak of that
 * order, and it is good until the next `insert` or `remove`.
 */
export class OrderTable {
  readonly ordersMax: number;
  // Plain fields: read for every message.
  private readonly segmentPlaces: number;
  private readonly placeMask: number;
  private readonly rowShift: number;
  private readonly segmentOrdersMax: number;
  private directory: Segment[];
  private directoryMask = 0;
  private chunks: Chunk[] = [];
  private orders = 0;
  private freeSlot = 0;
  /** Slots below this have been used; slot 0 is not an order's. */
  private freshSlot = 1;
  /** Of those who copy the table at the moment. */
  private watchers: TouchedOrders[] = [];
  // The cursor.
  private segment: Segment;
  private place = -1;
  private hash = 0;
  private chunk: Chunk = NO_CHUNK;
  private slot = 0;

  /**
   * @param ordersMax the bound, at most 2^31; about 48 bytes each when many. The default is 16 Mi orders.
   * @param rowBits log2 of the rows in a segment of the index: fewer make it grow in smaller steps.
   * @throws TickerError `BOOK_BAD_OPTION`
   */
  constructor(ordersMax: number = 0x100_0000, rowBits: number = ROW_BITS_MAX) {
    if (!Number.isInteger(ordersMax) || ordersMax < 1 || ordersMax > 0x8000_0000) {
      throw new TickerError('BOOK_BAD_OPTION', `expected ordersMax to be from 1 to 2^31, got ${ordersMax}`);
    }
    if (!Number.isInteger(rowBits) || rowBits < 1 || rowBits > ROW_BITS_MAX) {
      throw new TickerError('BOOK_BAD_OPTION', `expected rowBits from 1 to ${ROW_BITS_MAX}, got ${rowBits}`);
    }
    this.ordersMax = ordersMax;
    this.segmentPlaces = COLUMNS << rowBits;
    this.placeMask = this.segmentPlaces - 1;
    this.rowShift = 32 - rowBits;
    this.segmentOrdersMax = this.segmentPlaces * LOAD_MAX;
    this.segment = new Segment(this.segmentPlaces, 0);
    this.directory = [this.segment];
  }

  /** The number of live orders. */
  get size(): number {
    return this.orders;
  }

  /** The memory held for orders and index. Never shrinks, save by {@link clear}. */
  get memoryBytes(): number {
    let segments = 0;
    for (let i = 0; i < this.directory.length; i++) if (i >>> this.directory[i]!.depth === 0) segments++;
    return this.chunks.length * CHUNK_SLOTS * STRIDE * 8 + segments * this.segmentPlaces * 8;
  }

  /** Puts the cursor on the order with this reference; false when there is none. */
  find(reference: number): boolean {
    const hash = hashOf(reference);
    const segment = this.directory[hash & this.directoryMask]!;
    const places = segment.places;
    const home = this.home(hash, reference);
    this.segment = segment;
    this.hash = hash;
    let place = home;
    do {
      const slot = places[place * 2]!;
      if (slot === 0) {
        this.place = place;
        return false;
      }
      if (places[place * 2 + 1] === hash) {
        const chunk = this.chunks[slot >>> CHUNK_BITS]!;
        if (chunk.cells[(slot & CHUNK_MASK) * STRIDE] === reference) {
          this.place = place;
          this.chunk = chunk;
          this.slot = slot;
          return true;
        }
      }
      place = (place + COLUMNS) & this.placeMask;
    } while (place !== home);
    this.place = -1;
    return false;
  }

  /**
   * Puts an order in and the cursor on it.
   *
   * @param bookSide book * 2 + side, below 2^32 - 1.
   * @param shares below 2^32.
   * @returns `DUPLICATE_ORDER` or `TABLE_FULL`, with no order put in, or `NONE`.
   */
  insert(reference: number, bookSide: number, price: number, shares: number): BookFault {
    if (this.find(reference)) return BookFault.DUPLICATE_ORDER;
    if (this.orders >= this.ordersMax) return BookFault.TABLE_FULL;
    // The failed search has ended on the free place to take, if there is one.
    if ((this.segment.orders >= this.segmentOrdersMax || this.place < 0) && !this.makeRoom(reference)) {
      return BookFault.TABLE_FULL;
    }
    const slot = this.takeSlot();
    const chunk = this.chunk;
    const at = slot & CHUNK_MASK;
    chunk.cells[at * STRIDE] = reference;
    chunk.cells[at * STRIDE + PRICE] = price;
    chunk.words[at * STRIDE_32 + SHARES_32] = shares;
    chunk.words[at * STRIDE_32 + BOOK_SIDE_32] = bookSide;
    const segment = this.segment;
    segment.places[this.place * 2] = slot;
    segment.places[this.place * 2 + 1] = this.hash;
    segment.orders++;
    this.orders++;
    if (this.watchers.length > 0) this.touch(reference);
    return BookFault.NONE;
  }

  get price(): number {
    return this.chunk.cells[(this.slot & CHUNK_MASK) * STRIDE + PRICE]!;
  }

  get bookSide(): number {
    return this.chunk.words[(this.slot & CHUNK_MASK) * STRIDE_32 + BOOK_SIDE_32]!;
  }

  get shares(): number {
    return this.chunk.words[(this.slot & CHUNK_MASK) * STRIDE_32 + SHARES_32]!;
  }

  set shares(shares: number) {
    const at = this.slot & CHUNK_MASK;
    this.chunk.words[at * STRIDE_32 + SHARES_32] = shares;
    if (this.watchers.length > 0) this.touch(this.chunk.cells[at * STRIDE]!);
  }

  /** Takes the order at the cursor out. */
  remove(): void {
    this.closePlace(this.segment, this.place);
    const at = this.slot & CHUNK_MASK;
    if (this.watchers.length > 0) this.touch(this.chunk.cells[at * STRIDE]!);
    this.chunk.cells[at * STRIDE] = this.freeSlot;
    this.chunk.words[at * STRIDE_32 + BOOK_SIDE_32] = FREE;
    this.freeSlot = this.slot;
    this.orders--;
  }

  /** Takes out all orders with this `bookSide`, in time proportional to the whole table; returns how many. */
  removeAll(bookSide: number): number {
    const before = this.orders;
    for (let i = 0; i < this.directory.length; i++) {
      const segment = this.directory[i]!;
      // A segment stands in the directory once for each value of the bits it does not look at.
      if (i >>> segment.depth !== 0) continue;
      this.segment = segment;
      for (let place = 0; place < this.segmentPlaces; ) {
        this.slot = segment.places[place * 2]!;
        this.chunk = this.chunks[this.slot >>> CHUNK_BITS] ?? NO_CHUNK;
        this.place = place;
        // Removal may fill the place from behind, so it is looked at again. What wraps round from the first rows to
        // the last has been looked at before.
        if (this.slot !== 0 && this.bookSide === bookSide) this.remove();
        else place++;
      }
    }
    return before - this.orders;
  }

  /** The live orders of a part of the table, in no particular order; undefined: there are not so many parts. */
  part(index: number): SavedOrders | undefined {
    const end = Math.min(CHUNK_SLOTS, this.freshSlot - index * CHUNK_SLOTS);
    // Slot 0 is not an order's.
    const first = index === 0 ? 1 : 0;
    if (end <= first) return undefined;
    const { cells, words } = this.chunks[index]!;
    let orders = 0;
    for (let at = first; at < end; at++) if (words[at * STRIDE_32 + BOOK_SIDE_32] !== FREE) orders++;
    const saved = emptyOrders(orders);
    for (let at = first, place = 0; at < end; at++) {
      if (words[at * STRIDE_32 + BOOK_SIDE_32] !== FREE) putOrder(saved, place++, cells, words, at);
    }
    return saved;
  }

  /** Orders that are there. */
  copy(references: readonly number[]): SavedOrders {
    const saved = emptyOrders(references.length);
    for (const [place, reference] of references.entries()) {
      assert(this.find(reference), 'an order that is there');
      putOrder(saved, place, this.chunk.cells, this.chunk.words, this.slot & CHUNK_MASK);
    }
    return saved;
  }

  /** Notes from now on which orders are touched. */
  watch(): TouchedOrders {
    const watcher: TouchedOrders = { references: [] };
    if (this.watchers.length === WATCHERS_MAX) this.watchers.shift();
    this.watchers.push(watcher);
    return watcher;
  }

  /** Ends that. @returns whether all have been noted. */
  unwatch(watcher: TouchedOrders): boolean {
    const index = this.watchers.indexOf(watcher);
    if (index >= 0) this.watchers.splice(index, 1);
    return index >= 0;
  }

  private touch(reference: number): void {
    for (const { references } of this.watchers) references.push(reference);
    if (this.watchers[0]!.references.length >= TOUCHES_MAX) this.watchers.shift();
  }

  /** Takes all orders out and gives the memory back. */
  clear(): void {
    this.segment = new Segment(this.segmentPlaces, 0);
    this.directory = [this.segment];
    this.directoryMask = 0;
    this.chunks = [];
    this.chunk = NO_CHUNK;
    this.orders = 0;
    this.freeSlot = 0;
    this.freshSlot = 1;
    // What has been copied is of no use any more.
    this.watchers = [];
  }

  /** Where the search for a reference begins. The hash turns the columns, lest even steps of reference fill one only. */
  private home(hash: number, reference: number): number {
    return ((hash >>> this.rowShift) << COLUMN_BITS) | (((reference | 0) + (hash >>> DEPTH_MAX)) & COLUMN_MASK);
  }

  /** Puts the cursor's slot and chunk on a slot that is free. */
  private takeSlot(): number {
    let slot = this.freeSlot;
    if (slot !== 0) {
      this.chunk = this.chunks[slot >>> CHUNK_BITS]!;
      this.freeSlot = this.chunk.cells[(slot & CHUNK_MASK) * STRIDE]!;
    } else {
      slot = this.freshSlot++;
      if (slot >>> CHUNK_BITS >= this.chunks.length) this.chunks.push(new Chunk());
      this.chunk = this.chunks[slot >>> CHUNK_BITS]!;
    }
    this.slot = slot;
    return slot;
  }

  /** Empties a place of the index, moving back those behind it that would no longer be found. */
  private closePlace(segment: Segment, closed: number): void {
    const places = segment.places;
    const mask = this.placeMask;
    let hole = closed;
    for (let next = (hole + COLUMNS) & mask; next !== closed; next = (next + COLUMNS) & mask) {
      const slot = places[next * 2]!;
      if (slot === 0) break;
      const hash = places[next * 2 + 1]!;
      const home = ((hash >>> this.rowShift) << COLUMN_BITS) | (next & COLUMN_MASK);
      // It may move only to where a search that starts at its home still passes.
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      places[hole * 2] = slot;
      places[hole * 2 + 1] = hash;
      hole = next;
    }
    places[hole * 2] = 0;
    segment.orders--;
  }

  /** Splits the segment that a reference belongs to until it has a free place, and puts the cursor there. */
  private makeRoom(reference: number): boolean {
    do {
      if (this.segment.depth === DEPTH_MAX) return false;
      this.split(this.segment, this.hash);
      const found = this.find(reference);
      assert(!found, 'a split does not bring an order forth');
    } while (this.segment.orders >= this.segmentOrdersMax || this.place < 0);
    return true;
  }

  /** Shares a segment's orders between two new ones, by one more bit of the hash. */
  private split(segment: Segment, hash: number): void {
    const bit = 1 << segment.depth;
    if (bit === this.directory.length) {
      this.directory = this.directory.concat(this.directory);
      this.directoryMask = this.directory.length - 1;
    }
    const zeros = new Segment(this.segmentPlaces, segment.depth + 1);
    const ones = new Segment(this.segmentPlaces, segment.depth + 1);
    for (let i = hash & (bit - 1); i < this.directory.length; i += bit) {
      this.directory[i] = (i & bit) === 0 ? zeros : ones;
    }
    for (let from = 0; from < this.segmentPlaces; from++) {
      const slot = segment.places[from * 2]!;
      if (slot === 0) continue;
      const slotHash = segment.places[from * 2 + 1]!;
      const target = (slotHash & bit) === 0 ? zeros : ones;
      let to = ((slotHash >>> this.rowShift) << COLUMN_BITS) | (from & COLUMN_MASK);
      while (target.places[to * 2] !== 0) to = (to + COLUMNS) & this.placeMask;
      target.places[to * 2] = slot;
      target.places[to * 2 + 1] = slotHash;
      target.orders++;
    }
  }
}

function emptyOrders(count: number): SavedOrders {
  return {
    references: new Float64Array(count),
    prices: new Float64Array(count),
    shares: new Uint32Array(count),
    bookSides: new Uint32Array(count),
  };
}

function putOrder(to: SavedOrders, place: number, cells: Float64Array, words: Uint32Array, at: number): void {
  to.references[place] = cells[at * STRIDE]!;
  to.prices[place] = cells[at * STRIDE + PRICE]!;
  to.shares[place] = words[at * STRIDE_32 + SHARES_32]!;
  to.bookSides[place] = words[at * STRIDE_32 + BOOK_SIDE_32]!;
}
