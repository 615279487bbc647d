import { assert } from '@tickerplant/core';

/** Prices that an instrument can trade at, in ticks from the lowest: a window that its price never leaves. */
export const WINDOW_TICKS = 1024;
export const BUY_SIDE = 0;
export const SELL_SIDE = 1;

/**
 * The exchange's side of the simulation: displayed orders of all instruments, in price-time priority. A book is
 * never locked or crossed, so a price belongs to one side only.
 *
 * Orders are known by their slot, a number from 1 that is used again when the order is gone. Fields lie in
 * arrays by slot: read them directly. Prices are ticks within the window.
 */
export class MatchingEngine {
  reference: Float64Array = new Float64Array(1024);
  shares: Uint32Array = new Uint32Array(1024);
  tick: Int32Array = new Int32Array(1024);
  side: Uint8Array = new Uint8Array(1024);
  /** Next in time at the same price; 0 for none. */
  next: Int32Array = new Int32Array(1024);
  /** Per instrument: highest tick with a bid, or -1; lowest tick with an offer, or WINDOW_TICKS. */
  readonly bestBid: Int32Array;
  readonly bestAsk: Int32Array;
  /** Per instrument: its live orders' slots, in no order but mostly old ones first. */
  readonly live: number[][];
  private previous: Int32Array = new Int32Array(1024);
  private instrument: Uint16Array = new Uint16Array(1024);
  private place: Int32Array = new Int32Array(1024);
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  private free = 0;
  private fresh = 1;

  constructor(instruments: number) {
    this.bestBid = new Int32Array(instruments).fill(-1);
    this.bestAsk = new Int32Array(instruments).fill(WINDOW_TICKS);
    this.live = Array.from({ length: instruments }, () => []);
    this.heads = new Int32Array(instruments * WINDOW_TICKS);
    this.tails = new Int32Array(instruments * WINDOW_TICKS);
  }

  /** The first order in time at a price; 0 for none. */
  headAt(instrument: number, tick: number): number {
    return this.heads[instrument * WINDOW_TICKS + tick]!;
  }

  /** Whether both sides have orders. */
  isTwoSided(instrument: number): boolean {
    return this.bestBid[instrument]! >= 0 && this.bestAsk[instrument]! < WINDOW_TICKS;
  }

  /** Rests an order, last in time at its price, which must not meet the other side's; returns its slot. */
  add(instrument: number, side: number, tick: number, shares: number, reference: number): number {
    assert(tick >= 0 && tick < WINDOW_TICKS, 'a price lies in its window');
    assert(
      side === BUY_SIDE ? tick < this.bestAsk[instrument]! : tick > this.bestBid[instrument]!,
      'an order that rests does not meet the other side',
    );
    const slot = this.takeSlot();
    const level = instrument * WINDOW_TICKS + tick;
    const tail = this.tails[level]!;
    this.reference[slot] = reference;
    this.shares[slot] = shares;
    this.tick[slot] = tick;
    this.side[slot] = side;
    this.instrument[slot] = instrument;
    this.next[slot] = 0;
    this.previous[slot] = tail;
    if (tail === 0) this.heads[level] = slot;
    else this.next[tail] = slot;
    this.tails[level] = slot;
    const live = this.live[instrument]!;
    this.place[slot] = live.length;
    live.push(slot);
    if (side === BUY_SIDE) {
      if (tick > this.bestBid[instrument]!) this.bestBid[instrument] = tick;
    } else if (tick < this.bestAsk[instrument]!) this.bestAsk[instrument] = tick;
    return slot;
  }

  /** Takes shares off an order, which keeps its place in time; without any left it goes. */
  reduce(slot: number, shares: number): void {
    assert(shares <= this.shares[slot]!, 'an order has the shares that are taken off it');
    this.shares[slot]! -= shares;
    if (this.shares[slot] === 0) this.remove(slot);
  }

  remove(slot: number): void {
    const instrument = this.instrument[slot]!;
    const level = instrument * WINDOW_TICKS + this.tick[slot]!;
    const next = this.next[slot]!;
    const previous = this.previous[slot]!;
    if (previous === 0) this.heads[level] = next;
    else this.next[previous] = next;
    if (next === 0) this.tails[level] = previous;
    else this.previous[next] = previous;
    const live = this.live[instrument]!;
    const last = live.pop()!;
    if (last !== slot) {
      live[this.place[slot]!] = last;
      this.place[last] = this.place[slot]!;
    }
    if (this.heads[level] === 0) this.levelGone(instrument, this.side[slot]!, this.tick[slot]!);
    this.next[slot] = this.free;
    this.free = slot;
  }

  private levelGone(instrument: number, side: number, tick: number): void {
    const base = instrument * WINDOW_TICKS;
    if (side === BUY_SIDE) {
      if (tick !== this.bestBid[instrument]) return;
      do tick--;
      while (tick >= 0 && this.heads[base + tick] === 0);
      this.bestBid[instrument] = tick;
    } else {
      if (tick !== this.bestAsk[instrument]) return;
      do tick++;
      while (tick < WINDOW_TICKS && this.heads[base + tick] === 0);
      this.bestAsk[instrument] = tick;
    }
  }

  private takeSlot(): number {
    const slot = this.free;
    if (slot !== 0) {
      this.free = this.next[slot]!;
      return slot;
    }
    if (this.fresh === this.reference.length) this.grow();
    return this.fresh++;
  }

  private grow(): void {
    const size = this.reference.length * 2;
    const wider = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.reference = wider(new Float64Array(size), this.reference);
    this.shares = wider(new Uint32Array(size), this.shares);
    this.tick = wider(new Int32Array(size), this.tick);
    this.side = wider(new Uint8Array(size), this.side);
    this.next = wider(new Int32Array(size), this.next);
    this.previous = wider(new Int32Array(size), this.previous);
    this.instrument = wider(new Uint16Array(size), this.instrument);
    this.place = wider(new Int32Array(size), this.place);
  }
}
