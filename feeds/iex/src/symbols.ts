import { readAlpha, writeAlpha } from '@tickerplant/core';
import { readI32 } from './int64.ts';
import { SYMBOL_LENGTH } from './messages.ts';

const SLOTS_AT_START = 1024;
const SLOT_SIZE = 4;
const HIGH = 1;
const INDEX = 2;
const NONE = -1;

/**
 * Numbers the symbols 0, 1, 2, … in the order of first sight, straight from their 8 bytes on the wire: no
 * string is made for a symbol already known. Open addressing, at most half full.
 */
export class SymbolIndex {
  private mask = SLOTS_AT_START - 1;
  /** Four numbers a slot, side by side because they are read together: low half, high half, index, nothing. */
  private slots: Int32Array = emptySlots(SLOTS_AT_START);
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
    return this.slots[this.slot(readI32(bytes, at), readI32(bytes, at + 4)) + INDEX]!;
  }

  /** The number of the 8-byte symbol at `at`; a new symbol gets the next one, or -1 when the bound is reached. */
  index(bytes: Uint8Array, at: number): number {
    const low = readI32(bytes, at);
    const high = readI32(bytes, at + 4);
    const slot = this.slot(low, high);
    const index = this.slots[slot + INDEX]!;
    return index === NONE ? this.take(slot, low, high, readAlpha(bytes, at, SYMBOL_LENGTH)) : index;
  }

  /** As `index`, for a symbol given as text of at most 8 characters. */
  add(symbol: string): number {
    writeAlpha(this.scratch, 0, SYMBOL_LENGTH, symbol);
    return this.index(this.scratch, 0);
  }

  /** Where the symbol's slot begins, or the empty one where it belongs. */
  private slot(low: number, high: number): number {
    const { slots, mask } = this;
    let hash = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ Math.imul(high ^ (high >>> 13), 0x297a2d39);
    hash ^= hash >>> 16;
    let slot = (hash & mask) * SLOT_SIZE;
    while (slots[slot + INDEX] !== NONE && (slots[slot] !== low || slots[slot + HIGH] !== high)) {
      slot = (slot + SLOT_SIZE) & (mask * SLOT_SIZE + SLOT_SIZE - 1);
    }
    return slot;
  }

  private take(slot: number, low: number, high: number, name: string): number {
    const index = this.names.length;
    if (index >= this.symbolsMax) return NONE;
    this.names.push(name);
    this.fill(slot, low, high, index);
    if (this.names.length * 2 > this.mask) this.grow();
    return index;
  }

  private fill(slot: number, low: number, high: number, index: number): void {
    this.slots[slot] = low;
    this.slots[slot + HIGH] = high;
    this.slots[slot + INDEX] = index;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = emptySlots((this.mask + 1) * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += SLOT_SIZE) {
      const [low, high, index] = [old[at]!, old[at + HIGH]!, old[at + INDEX]!];
      if (index !== NONE) this.fill(this.slot(low, high), low, high, index);
    }
  }
}

function emptySlots(count: number): Int32Array {
  return new Int32Array(count * SLOT_SIZE).fill(NONE);
}
