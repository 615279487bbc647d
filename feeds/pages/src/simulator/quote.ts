import type { Random } from '@tickerplant/core';
import { staying } from './numbers.ts';

/** One in so many changes goes out in two halves. */
const TORN_IN = 4;
/** A market stays within this share of where it opened, unless its page has less room. */
const STAYS_WITHIN = 1 / 20;

/** A bid and an ask in whole units, and as much of them as the page shows. */
export class Quote {
  bid: number;
  ask: number;
  shownBid: number;
  shownAsk: number;
  readonly #opened: number;
  readonly #farthest: number;

  /** @param farthest from the bid that it opens with, units */
  constructor(bid: number, spread: number, farthest: number = Math.floor(bid * STAYS_WITHIN)) {
    this.#opened = bid;
    this.#farthest = farthest;
    this.bid = bid;
    this.ask = bid + spread;
    this.shownBid = this.bid;
    this.shownAsk = this.ask;
  }

  /** Whether the page shows both sides as they are. */
  get shown(): boolean {
    return this.shownBid === this.bid && this.shownAsk === this.ask;
  }

  /** How far the bid is from where it opened. */
  get moved(): number {
    return this.bid - this.#opened;
  }

  /** Moves both sides; back instead, where that would be too far. */
  move(by: number, spread: number = this.ask - this.bid): void {
    this.bid += staying(by, this.moved, this.#farthest);
    this.ask = this.bid + spread;
  }

  /** Shows the new bid with the old ask. */
  showBid(): void {
    this.shownBid = this.bid;
  }

  show(): void {
    this.shownBid = this.bid;
    this.shownAsk = this.ask;
  }
}

/**
 * Lets updates go out torn now and then, as services send them: the bid in one message, the ask in the next. In between
 * the page shows a quote that looks like any other.
 */
export class TornUpdates {
  readonly #random: Random;
  #quote: Quote | undefined;
  #row = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Completes what went out half. @returns its row; undefined: there is none */
  complete(): number | undefined {
    if (this.#quote === undefined) return undefined;
    this.#quote.show();
    this.#quote = undefined;
    return this.#row;
  }

  /** Shows a quote that has changed, or its first half. */
  show(row: number, quote: Quote): void {
    if (quote.bid !== quote.shownBid && quote.ask !== quote.shownAsk && this.#random.below(TORN_IN) === 0) {
      quote.showBid();
      this.#quote = quote;
      this.#row = row;
    } else quote.show();
  }
}
