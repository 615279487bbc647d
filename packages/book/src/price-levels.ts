import { assert } from '@tickerplant/core';
import { Side } from './side.ts';

/** One price level in plain numbers; refilled by {@link PriceLevels.read}. */
export interface Level {
  /** In the caller's unit: an integer at the feed's exponent. */
  price: number;
  shares: number;
  orders: number;
}

// One array, `capacity` keys and then `capacity` pairs [shares, orders]: a search reads keys only and so touches
// little memory. The key is the price for bids and minus the price for asks, so that the best level always has
// the greatest key. Levels lie worst first: nearly all activity is near the best, so nearly all insertions and
// removals move only the few levels at the end.
const SHARES = 0;
const ORDERS = 1;
const EMPTY = new Float64Array(0);
const LEVELS_AT_FIRST = 8;
/** Levels looked at one by one from the best before the search turns to halving. */
const SCAN_LEVELS = 8;
/** Above this many levels the engine's block move beats a loop. */
const LOOP_LEVELS_MAX = 16;

/**
 * The price levels of one side of one book, sorted, best first to the outside: level 0 is the best. Each has
 * its price, total shares and number of orders.
 *
 * Serves order books (`add`, `reduce`) and feeds that publish the levels themselves (`set`). No operation
 * allocates, save when the array doubles.
 */
export class PriceLevels {
  /** Whether the latest operation made or removed a level: the levels behind it have moved by one. */
  levelsChanged = false;
  readonly side: Side;
  readonly levelsMax: number;
  // Plain fields: read for every message.
  private readonly sign: number;
  private cells: Float64Array = EMPTY;
  private capacity = 0;
  private levels = 0;

  /** @param levelsMax the bound for {@link set}; an order book needs none, having no level without an order. */
  constructor(side: Side, levelsMax: number = 65_536) {
    this.side = side;
    this.levelsMax = levelsMax;
    this.sign = side === Side.BID ? 1 : -1;
  }

  /** The number of levels. */
  get length(): number {
    return this.levels;
  }

  /** The best price; 0 when there is no level (look at {@link bestShares}, which then is 0 too). */
  get bestPrice(): number {
    return this.priceAt(0);
  }

  get bestShares(): number {
    return this.sharesAt(0);
  }

  get bestOrders(): number {
    return this.ordersAt(0);
  }

  /** The price of level `index` (0 is the best); 0 when there is no such level. */
  priceAt(index: number): number {
    return index < this.levels ? this.sign * this.cells[this.levels - 1 - index]! : 0;
  }

  sharesAt(index: number): number {
    return index < this.levels ? this.cells[this.capacity + (this.levels - 1 - index) * 2 + SHARES]! : 0;
  }

  ordersAt(index: number): number {
    return index < this.levels ? this.cells[this.capacity + (this.levels - 1 - index) * 2 + ORDERS]! : 0;
  }

  /** Fills `out` with level `index`; false, and zeros, when there is no such level. */
  read(index: number, out: Level): boolean {
    out.price = this.priceAt(index);
    out.shares = this.sharesAt(index);
    out.orders = this.ordersAt(index);
    return index < this.levels;
  }

  /**
   * Fills `out` with levels in one go: price, shares and orders of level `from` (0 is the best), then of the next, …
   *
   * @param count how many levels at most; `out` must have room for three times as many numbers.
   * @returns how many levels there were.
   */
  readRun(from: number, count: number, out: Float64Array): number {
    const { cells, sign, capacity } = this;
    const filled = Math.max(0, Math.min(this.levels - from, count));
    let slot = this.levels - 1 - from;
    for (let at = 0; at < filled * 3; at += 3, slot--) {
      out[at] = sign * cells[slot]!;
      out[at + 1] = cells[capacity + slot * 2 + SHARES]!;
      out[at + 2] = cells[capacity + slot * 2 + ORDERS]!;
    }
    return filled;
  }

  /** The index of the level at `price`, or -1. */
  indexOf(price: number): number {
    const key = this.sign * price;
    const slot = this.search(key);
    return slot >= 0 && this.cells[slot] === key ? this.levels - 1 - slot : -1;
  }

  /**
   * Adds shares and orders at a price, making the level if need be.
   *
   * @returns the level's index, 0 for the best.
   */
  add(price: number, shares: number, orders: number): number {
    const key = this.sign * price;
    const slot = this.search(key);
    const at = this.capacity + slot * 2;
    if (slot >= 0 && this.cells[slot] === key) {
      this.cells[at + SHARES]! += shares;
      this.cells[at + ORDERS]! += orders;
      this.levelsChanged = false;
      return this.levels - 1 - slot;
    }
    return this.insert(slot + 1, key, shares, orders);
  }

  /**
   * Takes shares and orders from the level at a price, which must be there and have them; the level goes with
   * its last order.
   *
   * @returns the index the level has, or had.
   */
  reduce(price: number, shares: number, orders: number): number {
    const key = this.sign * price;
    const slot = this.search(key);
    const at = this.capacity + slot * 2;
    assert(slot >= 0 && this.cells[slot] === key, 'a live order has its level');
    const left = this.cells[at + ORDERS]! - orders;
    if (left === 0) return this.remove(slot);
    this.cells[at + SHARES]! -= shares;
    this.cells[at + ORDERS] = left;
    this.levelsChanged = false;
    return this.levels - 1 - slot;
  }

  /**
   * Makes the level at a price be exactly this; 0 shares remove it. For feeds that publish levels.
   *
   * @returns the index the level has, or had; -1 when nothing changed because there was no level to remove or
   *   `levelsMax` is reached.
   */
  set(price: number, shares: number, orders: number): number {
    const key = this.sign * price;
    const slot = this.search(key);
    const at = this.capacity + slot * 2;
    this.levelsChanged = false;
    if (slot < 0 || this.cells[slot] !== key) {
      return shares === 0 || this.levels >= this.levelsMax ? -1 : this.insert(slot + 1, key, shares, orders);
    }
    if (shares === 0) return this.remove(slot);
    this.cells[at + SHARES] = shares;
    this.cells[at + ORDERS] = orders;
    return this.levels - 1 - slot;
  }

  /** Removes all levels; keeps the memory. */
  clear(): void {
    this.levelsChanged = this.levels > 0;
    this.levels = 0;
  }

  /** The slot of the best level that is not better than `key`; -1 when all are better. */
  private search(key: number): number {
    const cells = this.cells;
    let slot = this.levels - 1;
    const scanEnd = slot - SCAN_LEVELS;
    while (slot >= 0 && cells[slot]! > key) {
      if (--slot === scanEnd) return this.halve(key, slot);
    }
    return slot;
  }

  private halve(key: number, high: number): number {
    const cells = this.cells;
    let low = -1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (cells[middle]! > key) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  private insert(slot: number, key: number, shares: number, orders: number): number {
    const end = this.levels;
    if (end === this.capacity) this.grow();
    const cells = this.cells;
    const totals = this.capacity;
    if (end - slot > LOOP_LEVELS_MAX) {
      cells.copyWithin(slot + 1, slot, end);
      cells.copyWithin(totals + slot * 2 + 2, totals + slot * 2, totals + end * 2);
    } else {
      for (let i = end; i > slot; i--) {
        const at = totals + i * 2;
        cells[i] = cells[i - 1]!;
        cells[at + SHARES] = cells[at - 2 + SHARES]!;
        cells[at + ORDERS] = cells[at - 2 + ORDERS]!;
      }
    }
    cells[slot] = key;
    cells[totals + slot * 2 + SHARES] = shares;
    cells[totals + slot * 2 + ORDERS] = orders;
    this.levels = end + 1;
    this.levelsChanged = true;
    return end - slot;
  }

  private remove(slot: number): number {
    const cells = this.cells;
    const totals = this.capacity;
    const last = this.levels - 1;
    if (last - slot > LOOP_LEVELS_MAX) {
      cells.copyWithin(slot, slot + 1, last + 1);
      cells.copyWithin(totals + slot * 2, totals + slot * 2 + 2, totals + last * 2 + 2);
    } else {
      for (let i = slot; i < last; i++) {
        const at = totals + i * 2;
        cells[i] = cells[i + 1]!;
        cells[at + SHARES] = cells[at + 2 + SHARES]!;
        cells[at + ORDERS] = cells[at + 2 + ORDERS]!;
      }
    }
    this.levels = last;
    this.levelsChanged = true;
    return last - slot;
  }

  private grow(): void {
    const capacity = Math.max(LEVELS_AT_FIRST, this.capacity * 2);
    const wider = new Float64Array(capacity * 3);
    wider.set(this.cells.subarray(0, this.capacity));
    wider.set(this.cells.subarray(this.capacity), capacity);
    this.cells = wider;
    this.capacity = capacity;
  }
}
