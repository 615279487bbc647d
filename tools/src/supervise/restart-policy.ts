/** What is to be done about a process that has ended. */
export type RestartDecision = { readonly kind: 'restart'; readonly afterMs: number } | { readonly kind: 'give-up' };

/** First wait before a restart; doubles with each that follows soon. */
const FIRST_WAIT_MS = 100;
const WAIT_MAX_MS = 10_000;
/** A process that ran for so long has recovered: what was before doesn't count. */
const WELL_AFTER_MS = 30_000;
/** So many ends within so much time are a storm: starting again helps nobody. */
const STORM_ENDS = 8;
const STORM_MS = 60_000;

/** When to start a process again that has ended by itself, and when to stop trying. Told the time, in milliseconds. */
export class RestartPolicy {
  readonly #ends: number[] = [];
  #waitMs: number = FIRST_WAIT_MS;

  /** The process has ended, after having run for so long. */
  ended(nowMs: number, ranMs: number): RestartDecision {
    this.#ends.push(nowMs);
    while (this.#ends[0]! < nowMs - STORM_MS) this.#ends.shift();
    if (this.#ends.length >= STORM_ENDS) return { kind: 'give-up' };
    if (ranMs >= WELL_AFTER_MS) this.#waitMs = FIRST_WAIT_MS;
    const afterMs = this.#waitMs;
    this.#waitMs = Math.min(2 * this.#waitMs, WAIT_MAX_MS);
    return { kind: 'restart', afterMs };
  }
}
