import type { Random } from '@tickerplant/core';

/** One in so many changes goes out in two halves. */
const TORN_IN = 4;

/** A bid and an ask in whole units, and as much of them as the page shows. */
export class Quote {
  bid: number;
  ask: number;
  shownBid: number;
  shownAsk: number;

  constructor(bid: number, spread: number) {
    this.bid = bid;
    this.ask = bid + spread;
    this.shownBid = this.bid;
    this.shownAsk = this.ask;
  }

  /** Whether the page shows both sides as they are. */
  get shown(): boolean {
    return this.shownBid === this.bid && this.shownAsk === this.ask;
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
