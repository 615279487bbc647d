/** A tick that comes late makes up for it, but never with more than this much at once. */
const CATCH_UP_NS = 100_000_000;

/** How much is due at a steady rate. */
export class Pace {
  #rate: number;
  #owed = 0;
  #lastNs: number;

  /** @param rate a second */
  constructor(rate: number, nowNs: number) {
    this.#rate = rate;
    this.#lastNs = nowNs;
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#owed = 0;
  }

  /** How many are due since the last call; whole ones, the rest is owed. */
  due(nowNs: number): number {
    this.#owed += (Math.min(nowNs - this.#lastNs, CATCH_UP_NS) * this.#rate) / 1e9;
    this.#lastNs = nowNs;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    return whole;
  }
}
