import type { Page } from '@tickerplant/pages';

/**
 * Knows of the cells of a page whether they are as when their rows were last read. Rows that are to be read are counted once, so that
 * asking for one of their columns takes no time.
 */
export class ChangedCells {
  readonly #columns: number;
  /** The page's text when its rows were last read. */
  readonly #last: Uint32Array;
  /** By row, and by column from 0 to `columns`: how many cells before it have changed. Of counted rows only. */
  readonly #counts: Uint16Array;
  readonly #isCounted: Uint8Array;
  #page: Page | undefined;
  /** Whether all rows that aren't counted are surely as they were. */
  #areOthersSame = false;

  constructor(rows: number, columns: number) {
    this.#columns = columns;
    this.#last = new Uint32Array(rows * columns);
    this.#counts = new Uint16Array(rows * (columns + 1));
    this.#isCounted = new Uint8Array(rows);
  }

  /**
   * Looks at the page as it now is.
   *
   * @param isDirty by row: 1 where it is to be read.
   * @param areOthersSame whether nothing has changed in the other rows; where that isn't known they are compared when they are asked for.
   */
  look(page: Page, isDirty: Uint8Array, areOthersSame: boolean): void {
    this.#page = page;
    this.#areOthersSame = areOthersSame;
    for (let row = 0; row < isDirty.length; row++) {
      this.#isCounted[row] = isDirty[row]!;
      if (isDirty[row] !== 0) this.#count(page.text, row);
    }
  }

  #count(text: Uint32Array, row: number): void {
    const last = this.#last;
    const counts = this.#counts;
    const columns = this.#columns;
    const base = row * columns;
    const to = base + row;
    let count = 0;
    counts[to] = 0;
    for (let column = 0; column < columns; column++) {
      if (text[base + column] !== last[base + column]) count++;
      counts[to + column + 1] = count;
    }
  }

  /** Whether the cells of a row from `first` to `end` - 1 are as they were; columns beyond the page's edges are. */
  isSame(row: number, first: number, end: number): boolean {
    const columns = this.#columns;
    const from = Math.max(first, 0);
    const stop = Math.min(end, columns);
    if (from >= stop) return true;
    if (this.#isCounted[row] !== 0) {
      const at = row * (columns + 1);
      return this.#counts[at + from] === this.#counts[at + stop];
    }
    if (this.#areOthersSame) return true;
    const { text } = this.#page!;
    const base = row * columns;
    for (let at = base + from; at < base + stop; at++) if (this.#last[at] !== text[at]) return false;
    return true;
  }

  /** Takes a row as read. */
  keep({ text }: Page, row: number): void {
    const last = this.#last;
    const end = (row + 1) * this.#columns;
    for (let at = row * this.#columns; at < end; at++) last[at] = text[at]!;
  }
}
