import type { Plan } from './plan.ts';

/** When which rows may be read: text that is being written would be read half old and half new. */
export class Settling {
  readonly #plan: Plan;
  readonly #hasChanged: Uint8Array;
  /** By row: when it first changed since it was last read, and when it last did. */
  readonly #since: Float64Array;
  readonly #last: Float64Array;
  #pageSince = 0;
  #pageLast = 0;
  #waiting = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#hasChanged = new Uint8Array(plan.rows);
    this.#since = new Float64Array(plan.rows);
    this.#last = new Float64Array(plan.rows);
  }

  /** Takes a change of a row. */
  changed(row: number, nowNs: number): void {
    if (this.#waiting === 0) this.#pageSince = nowNs;
    this.#pageLast = nowNs;
    if (this.#hasChanged[row] === 0) {
      this.#hasChanged[row] = 1;
      this.#waiting++;
      this.#since[row] = nowNs;
    }
    this.#last[row] = nowNs;
  }

  /**
   * Marks the rows that have settled in `due`, and forgets that they changed.
   *
   * @param bears rows that all others depend on: while one of them is unsettled, none is due.
   * @returns how many are due.
   */
  take(nowNs: number, due: Uint8Array, bears: (row: number) => boolean): number {
    if (this.#waiting === 0) return 0;
    const { rows } = this.#plan;
    for (let row = 0; row < rows; row++) {
      if (this.#hasChanged[row] !== 0 && bears(row) && this.#dueAt(row) > nowNs) return 0;
    }
    let count = 0;
    for (let row = 0; row < rows && this.#waiting > 0; row++) {
      if (this.#hasChanged[row] === 0 || this.#dueAt(row) > nowNs) continue;
      this.#hasChanged[row] = 0;
      this.#waiting--;
      due[row] = 1;
      count++;
    }
    if (this.#waiting > 0 && count > 0) this.#pageSince = nowNs;
    return count;
  }

  /** Whether any row has changed and wasn't due yet. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** When the next row settles if nothing more changes; undefined where all have. */
  nextNs(): number | undefined {
    if (this.#waiting === 0) return undefined;
    let next = Number.POSITIVE_INFINITY;
    for (let row = 0; row < this.#plan.rows; row++) {
      if (this.#hasChanged[row] !== 0) next = Math.min(next, this.#dueAt(row));
    }
    return next;
  }

  #dueAt(row: number): number {
    const { quietNs, atMostNs, settlesByRow } = this.#plan;
    const rowQuiet = this.#last[row]! + quietNs;
    if (settlesByRow) return Math.min(rowQuiet, this.#since[row]! + atMostNs);
    const pageQuiet = this.#pageLast + quietNs;
    // A page that never stands still: rows that do are read; one that doesn't gets twice the time.
    const latest = Math.max(this.#pageSince + atMostNs, Math.min(rowQuiet, this.#since[row]! + 2 * atMostNs));
    return Math.min(pageQuiet, latest);
  }
}
