/** Puts into the order of time what comes nearly in it. What is equally early keeps its order. */
export class TimeOrder<T> {
  readonly #take: (value: T) => void;
  #waiting: { readonly atNs: number; readonly value: T }[] = [];
  #earliestNs = Number.POSITIVE_INFINITY;

  constructor(take: (value: T) => void) {
    this.#take = take;
  }

  add(atNs: number, value: T): void {
    this.#waiting.push({ atNs, value });
    this.#earliestNs = Math.min(this.#earliestNs, atNs);
  }

  /** Nothing more will come from before `settledNs`: gives what was then or before. */
  release(settledNs: number): void {
    if (settledNs < this.#earliestNs) return;
    const ready = this.#waiting.filter(({ atNs }) => atNs <= settledNs).sort((a, b) => a.atNs - b.atNs);
    this.#waiting = this.#waiting.filter(({ atNs }) => atNs > settledNs);
    this.#earliestNs = this.#waiting.reduce((least, { atNs }) => Math.min(least, atNs), Number.POSITIVE_INFINITY);
    for (const { value } of ready) this.#take(value);
  }
}
