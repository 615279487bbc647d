import { Page } from '@tickerplant/pages';
import type { CellChange } from './shredder.ts';

/**
 * Several subpages as one tall page, for tables that go on from one to the next: subpage n's rows stand below those of subpage
 * n - 1. A shredder's `size` is then that of all of them, and its rows are counted over all.
 *
 * Complete only when every subpage has been seen since the last `restart`: old and new ones are never mixed.
 */
export class PageSet {
  readonly page: Page;
  readonly #parts: number;
  readonly #rows: number;
  readonly #seen: Uint8Array;

  /**
   * @param parts subpages of the same size.
   * @throws TickerError `PAGES_BAD_SIZE` where all of them together are taller than a page may be.
   */
  constructor(parts: number, rows: number, columns: number) {
    this.page = new Page(parts * rows, columns);
    this.#parts = parts;
    this.#rows = rows;
    this.#seen = new Uint8Array(parts);
  }

  /** Whether all subpages have been seen. */
  get isComplete(): boolean {
    return this.#seen.every((seen) => seen === 1);
  }

  /** Begins a new cycle: another date, another layout. */
  restart(): void {
    this.#seen.fill(0);
  }

  /**
   * Takes a subpage as it is now.
   *
   * @param part from 0.
   * @returns the rows of the whole that differ, for `Shredder.run`; empty for a part or size that isn't the set's.
   */
  put(part: number, from: Page): CellChange[] {
    if (part < 0 || part >= this.#parts || from.rows !== this.#rows || from.columns !== this.page.columns) return [];
    this.#seen[part] = 1;
    const changes: CellChange[] = [];
    const { columns } = from;
    for (let row = 0; row < from.rows; row++) {
      const to = part * this.#rows + row;
      let first = -1;
      let end = 0;
      for (let column = 0; column < columns; column++) {
        const source = row * columns + column;
        const target = to * columns + column;
        if (from.text[source] === this.page.text[target] && from.style[source] === this.page.style[target]) continue;
        if (first < 0) first = column;
        end = column + 1;
        this.page.put(to, column, from.text[source]!, from.style[source]!, from.extra[source]!);
      }
      if (first >= 0) changes.push([to, first, end]);
    }
    return changes;
  }
}
