import type { Random } from '@tickerplant/core';
import { AliasTable } from './alias-table.ts';
import type { Market } from './market.ts';
import { BUY_SIDE, SELL_SIDE, WINDOW_TICKS } from './matching-engine.ts';

/** What may be done in an instrument. */
export const Mode = {
  TRADE: 0,
  /** Orders come and go, nothing executes: the quotation period before a halt ends. */
  QUOTE: 1,
  /** Orders only go. */
  WITHDRAW: 2,
  /** Nothing happens. */
  STILL: 3,
} as const;

export type Mode = (typeof Mode)[keyof typeof Mode];

/** The fair price stays so many ticks off the ends of the window. */
const MARGIN_TICKS = 96;
/** The fair price walks up to half of this at each event. */
const FAIR_STEP_TICKS = 0.15;
/** The farthest that an order is placed behind the fair price. */
const DEPTH_TICKS_MAX = 80;
/** A book with fewer orders than this gets new ones only. */
const ORDERS_MIN = 4;
const RETAIL_INTERESTS = ['B', 'S', 'A', 'N'] as const;

/** What becomes of an event that adds no order. */
const Deed = { DELETE: 0, REPLACE: 1, CANCEL: 2, TRADE: 3, TRADE_HIDDEN: 4, SHOW_RETAIL: 5, BREAK_TRADE: 6 } as const;
/** How often, in thousands: together with the adds close to what a recorded day has. */
const DEEDS = new AliasTable([722, 180, 30, 50, 15, 2, 0.5]);

/**
 * The traders: random orders around a fair price that walks at random. What they do depends on the book, so that
 * the number of live orders keeps near its target and the spread near its usual width.
 */
export class OrderFlow {
  private readonly market: Market;
  private readonly random: Random;
  private readonly liveTarget: Float64Array;
  /** In ticks of the window. */
  private readonly fair: Float64Array;
  private readonly showRetail: (instrument: number, interest: 'B' | 'S' | 'A' | 'N') => void;

  /** @param liveTarget how many live orders each instrument should have. */
  constructor(
    market: Market,
    random: Random,
    liveTarget: Float64Array,
    showRetail: (instrument: number, interest: 'B' | 'S' | 'A' | 'N') => void,
  ) {
    this.market = market;
    this.random = random;
    this.liveTarget = liveTarget;
    this.fair = Float64Array.from(liveTarget, (_, instrument) => market.startTick(instrument));
    this.showRetail = showRetail;
  }

  /** One event in an instrument: no message, one, or as many as an order takes others. */
  act(instrument: number, mode: Mode): void {
    if (mode === Mode.STILL) return;
    const live = this.market.engine.live[instrument]!.length;
    if (mode === Mode.WITHDRAW) {
      if (live > 0) this.withdraw(instrument);
      return;
    }
    if (mode === Mode.TRADE) {
      this.driftFair(instrument);
      if (this.takeStale(instrument)) return;
    }
    const fullness = live / this.liveTarget[instrument]!;
    const addShare = Math.min(0.9, Math.max(0.1, 0.45 * (1.6 - 0.6 * fullness)));
    if (live < ORDERS_MIN || this.random.next() < addShare) this.addOrder(instrument);
    else this.changeOrder(instrument, mode);
  }

  private driftFair(instrument: number): void {
    const walked = this.fair[instrument]! + (this.random.next() - 0.5) * FAIR_STEP_TICKS;
    this.fair[instrument] = Math.min(WINDOW_TICKS - MARGIN_TICKS, Math.max(MARGIN_TICKS, walked));
  }

  /** Takes orders that the fair price has passed; false when there are none, or nobody has noticed yet. */
  private takeStale(instrument: number): boolean {
    const { bestBid, bestAsk } = this.market.engine;
    const fair = this.fair[instrument]!;
    if (fair > bestAsk[instrument]! + 0.5) {
      if (this.random.next() < 0.5) return false;
      this.market.sweep(instrument, BUY_SIDE, this.drawShares(), Math.floor(fair));
      return true;
    }
    if (fair < bestBid[instrument]! - 0.5) {
      if (this.random.next() < 0.5) return false;
      this.market.sweep(instrument, SELL_SIDE, this.drawShares(), Math.ceil(fair));
      return true;
    }
    return false;
  }

  private addOrder(instrument: number): void {
    const { bestBid, bestAsk } = this.market.engine;
    const side =
      bestBid[instrument]! < 0
        ? BUY_SIDE
        : bestAsk[instrument]! >= WINDOW_TICKS
          ? SELL_SIDE
          : this.random.below(2) === 0
            ? BUY_SIDE
            : SELL_SIDE;
    const tick = this.drawTick(instrument, side);
    if (tick >= 0) this.market.rest(instrument, side, tick, this.drawShares());
  }

  private changeOrder(instrument: number, mode: Mode): void {
    const deed = DEEDS.draw(this.random);
    if (deed === Deed.REPLACE) this.replaceOrder(instrument);
    else if (deed === Deed.CANCEL) this.cancelPart(instrument);
    else if (deed === Deed.DELETE || mode !== Mode.TRADE) this.withdraw(instrument);
    else if (deed === Deed.TRADE) this.trade(instrument);
    else if (deed === Deed.TRADE_HIDDEN) this.market.hiddenTrade(instrument, this.drawShares());
    else if (deed === Deed.SHOW_RETAIL) this.showRetail(instrument, RETAIL_INTERESTS[this.random.below(4)]!);
    else this.market.breakTrade();
  }

  private withdraw(instrument: number): void {
    this.market.delete(instrument, this.drawOrder(instrument));
  }

  private replaceOrder(instrument: number): void {
    const slot = this.drawOrder(instrument);
    const tick = this.drawTick(instrument, this.market.engine.side[slot]!);
    if (tick < 0) {
      this.market.delete(instrument, slot);
      return;
    }
    const shares = this.random.next() < 0.7 ? this.market.engine.shares[slot]! : this.drawShares();
    this.market.replace(instrument, slot, tick, shares);
  }

  private cancelPart(instrument: number): void {
    const slot = this.drawOrder(instrument);
    const shares = this.market.engine.shares[slot]!;
    if (shares === 1) {
      this.market.delete(instrument, slot);
      return;
    }
    const lots = Math.floor((shares - 1) / 100);
    this.market.cancel(instrument, slot, lots > 0 ? 100 * (1 + this.random.below(lots)) : this.drawBelow(shares));
  }

  /** An order at the touch or through it; what it does not get may stay as an order. */
  private trade(instrument: number): void {
    const { bestBid, bestAsk } = this.market.engine;
    const side = this.random.below(2) === 0 ? BUY_SIDE : SELL_SIDE;
    const touch = side === BUY_SIDE ? bestAsk[instrument]! : bestBid[instrument]!;
    if (touch < 0 || touch >= WINDOW_TICKS) return;
    const through = this.random.next() < 0.1 ? this.random.below(4) : 0;
    const limit = side === BUY_SIDE ? Math.min(WINDOW_TICKS - 2, touch + through) : Math.max(1, touch - through);
    const left = this.market.sweep(instrument, side, this.drawShares(), limit);
    if (left > 0 && this.random.next() < 0.3) this.market.rest(instrument, side, limit, left);
  }

  /** A price for an order that rests: behind the fair price, and not at the other side. -1 when there is none. */
  private drawTick(instrument: number, side: number): number {
    const { bestBid, bestAsk } = this.market.engine;
    const half = this.market.instruments[instrument]!.spreadCents / 2;
    const dice = this.random.next();
    const mean = dice < 0.75 ? 1.5 : dice < 0.95 ? 10 : 40;
    const behind = Math.min(DEPTH_TICKS_MAX, Math.floor(-Math.log(1 - this.random.next()) * mean));
    if (side === BUY_SIDE) {
      const tick = Math.floor(this.fair[instrument]! - half) - behind;
      return Math.max(-1, Math.min(tick, bestAsk[instrument]! - 1));
    }
    const tick = Math.ceil(this.fair[instrument]! + half) + behind;
    const passive = Math.max(tick, bestBid[instrument]! + 1);
    return passive < WINDOW_TICKS ? passive : -1;
  }

  /** One of an instrument's orders, more often than not a young one. */
  private drawOrder(instrument: number): number {
    const live = this.market.engine.live[instrument]!;
    const age =
      this.random.next() < 0.7 ? this.random.below(Math.min(24, live.length)) : this.random.below(live.length);
    return live[live.length - 1 - age]!;
  }

  private drawShares(): number {
    const dice = this.random.next();
    if (dice < 0.25) return this.drawBelow(100);
    if (dice < 0.7) return 100;
    if (dice < 0.88) return 100 * (2 + this.random.below(4));
    if (dice < 0.97) return 100 * (1 + this.random.below(20));
    return 100 * (10 + this.random.below(90));
  }

  /** From 1 to `bound` - 1. */
  private drawBelow(bound: number): number {
    return 1 + this.random.below(bound - 1);
  }
}
