import { readAlpha, writeAlpha } from '@tickerplant/core';
import { readI32 } from './int64.ts';
import { SYMBOL_LENGTH } from './messages.ts';

const SLOTS_AT_START = 1024;
const NONE = -1;

/**
 * Numbers the symbols 0, 1, 2, … in the order of first sight, straight from their 8 bytes on the wire: no
 * string is made for a symbol already known. Open addressing, at most half full.
 */
export class SymbolIndex {
  private mask = SLOTS_AT_START - 1;
  private highs = new Int32Array(SLOTS_AT_START);
  private lows = new Int32Array(SLOTS_AT_START);
  private indexes = new Int32Array(SLOTS_AT_START).fill(NONE);
  private readonly names: string[] = [];
  private readonly scratch = new Uint8Array(SYMBOL_LENGTH);
  private readonly symbolsMax: number;

  /** @param symbolsMax bound: symbols beyond it are not taken up. */
  constructor(symbolsMax = 100_000) {
    this.symbolsMax = symbolsMax;
  }

  /** How many symbols have a number. */
  get size(): number {
    return this.names.length;
  }

  /** The symbol of a number, without padding. */
  name(index: number): string | undefined {
    return this.names[index];
  }

  /** The number of the 8-byte symbol at `at`, or -1 when it has none. */
  find(bytes: Uint8Array, at: number): number {
    return this.indexes[this.slot(readI32(bytes, at), readI32(bytes, at + 4))]!;
  }

  /** The number of the 8-byte symbol at `at`; a new symbol gets the next one, or -1 when the bound is reached. */
  index(bytes: Uint8Array, at: number): number {
    const low = readI32(bytes, at);
    const high = readI32(bytes, at + 4);
    const slot = this.slot(low, high);
    const index = this.indexes[slot]!;
    return index === NONE ? this.take(slot, low, high, readAlpha(bytes, at, SYMBOL_LENGTH)) : index;
  }

  /** As `index`, for a symbol given as text of at most 8 characters. */
  add(symbol: string): number {
    writeAlpha(this.scratch, 0, SYMBOL_LENGTH, symbol);
    return this.index(this.scratch, 0);
  }

  private slot(low: number, high: number): number {
    let hash = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ Math.imul(high ^ (high >>> 13), 0x297a2d39);
    hash ^= hash >>> 16;
    let slot = hash & this.mask;
    while (this.indexes[slot] !== NONE && (this.lows[slot] !== low || this.highs[slot] !== high)) {
      slot = (slot + 1) & this.mask;
    }
    return slot;
  }

  private take(slot: number, low: number, high: number, name: string): number {
    const index = this.names.length;
    if (index >= this.symbolsMax) return NONE;
    this.names.push(name);
    this.lows[slot] = low;
    this.highs[slot] = high;
    this.indexes[slot] = index;
    if (this.names.length * 2 > this.mask) this.grow();
    return index;
  }

  private grow(): void {
    const { lows, highs, indexes } = this;
    const slots = indexes.length * 2;
    this.mask = slots - 1;
    this.lows = new Int32Array(slots);
    this.highs = new Int32Array(slots);
    this.indexes = new Int32Array(slots).fill(NONE);
    for (let old = 0; old < indexes.length; old++) {
      if (indexes[old] === NONE) continue;
      const slot = this.slot(lows[old]!, highs[old]!);
      this.lows[slot] = lows[old]!;
      this.highs[slot] = highs[old]!;
      this.indexes[slot] = indexes[old]!;
    }
  }
}
