import type { Clock } from '@tickerplant/core';

/** A clock that stands still until told. */
export class FakeClock implements Clock {
  #nowNs = 0;
  readonly #epochNs: bigint;

  /** @param epochNs the wall-clock time at monotonic 0. */
  constructor(epochNs = 1_700_000_000_000_000_000n) {
    this.#epochNs = epochNs;
  }

  monotonicNs(): number {
    return this.#nowNs;
  }

  wallNs(): bigint {
    return this.#epochNs + BigInt(this.#nowNs);
  }

  /** Moves both clocks on. */
  advance(ns: number): number {
    this.#nowNs += ns;
    return this.#nowNs;
  }
}
