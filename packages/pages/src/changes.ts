import type { Page } from './page.ts';

/** Told of cells that differ from before: a row and its columns from `first` to `end` - 1, all counted from 0. */
export type ChangeListener = (row: number, first: number, end: number) => void;

/**
 * Finds what really changed while a page was worked on. Rows are copied when they are first touched and compared at
 * the end: a row that is cleared and written again as it was has not changed. One tracker serves any number of
 * pages, one after another.
 */
export class ChangeTracker {
  #page: Page | undefined;
  #text = new Uint32Array(0);
  #style = new Uint32Array(0);
  #extra = new Uint16Array(0);
  #kept = new Uint8Array(0);

  /** Whether a page is being watched. */
  get active(): boolean {
    return this.#page !== undefined;
  }

  /** Begins to watch a page; what was begun before and not ended is forgotten. */
  begin(page: Page): void {
    if (this.#page !== undefined) this.#page.tracker = undefined;
    if (this.#text.length < page.text.length) {
      this.#text = new Uint32Array(page.text.length);
      this.#style = new Uint32Array(page.text.length);
      this.#extra = new Uint16Array(page.text.length);
    }
    if (this.#kept.length < page.rows) this.#kept = new Uint8Array(page.rows);
    else this.#kept.fill(0);
    this.#page = page;
    page.tracker = this;
  }

  /** The page's own call, before it writes to a row. */
  keep(page: Page, row: number): void {
    if (this.#kept[row] !== 0) return;
    this.#kept[row] = 1;
    const first = row * page.columns;
    const end = first + page.columns;
    for (let at = first; at < end; at++) {
      this.#text[at] = page.text[at]!;
      this.#style[at] = page.style[at]!;
      this.#extra[at] = page.extra[at]!;
    }
  }

  /**
   * Ends watching and tells of the runs of changed cells, from the top left.
   *
   * @returns how many cells changed.
   */
  end(listener?: ChangeListener): number {
    const page = this.#page;
    if (page === undefined) return 0;
    this.#page = undefined;
    page.tracker = undefined;
    let cells = 0;
    for (let row = 0; row < page.rows; row++) if (this.#kept[row] !== 0) cells += this.#compare(page, row, listener);
    return cells;
  }

  #compare(page: Page, row: number, listener: ChangeListener | undefined): number {
    const base = row * page.columns;
    let cells = 0;
    let first = -1;
    for (let column = 0; column < page.columns; column++) {
      const at = base + column;
      const same =
        page.text[at] === this.#text[at] && page.style[at] === this.#style[at] && page.extra[at] === this.#extra[at];
      if (!same) {
        if (first < 0) first = column;
        cells++;
      } else if (first >= 0) {
        listener?.(row, first, column);
        first = -1;
      }
    }
    if (first >= 0) listener?.(row, first, page.columns);
    return cells;
  }
}
