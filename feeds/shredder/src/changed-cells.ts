import type { Page } from '@tickerplant/pages';

/**
 * Knows of the cells of a page whether they are as when their rows were last read. Of rows that are to be read the first and the last
 * change are looked for once: what lies to both sides of them needs no comparison any more.
 */
export class ChangedCells {
  readonly #columns: number;
  /** The page's text when its rows were last read. */
  readonly #last: Uint32Array;
  /** By row: 1 where the next two are known. */
  readonly #isKnown: Uint8Array;
  /** By row: the first column that has changed, and the one behind the last; both 0 where none has. */
  readonly #first: Uint16Array;
  readonly #end: Uint16Array;
  #text: Uint32Array;
  /** Whether all rows that aren't known are surely as they were. */
  #areOthersSame = false;

  constructor(rows: number, columns: number) {
    this.#columns = columns;
    this.#last = new Uint32Array(rows * columns);
    this.#isKnown = new Uint8Array(rows);
    this.#first = new Uint16Array(rows);
    this.#end = new Uint16Array(rows);
    this.#text = this.#last;
  }

  /**
   * Looks at the page as it now is.
   *
   * @param isDirty by row: 1 where it is to be read.
   * @param areOthersSame whether nothing has changed in the other rows; where that isn't known they are compared when they are asked for.
   */
  look({ text }: Page, isDirty: Uint8Array, areOthersSame: boolean): void {
    this.#text = text;
    this.#areOthersSame = areOthersSame;
    for (let row = 0; row < isDirty.length; row++) {
      this.#isKnown[row] = isDirty[row]!;
      if (isDirty[row] !== 0) this.#compare(row);
    }
  }

  #compare(row: number): void {
    const last = this.#last;
    const text = this.#text;
    const base = row * this.#columns;
    let first = base;
    let end = base + this.#columns;
    while (first < end && text[first] === last[first]) first++;
    while (end > first && text[end - 1] === last[end - 1]) end--;
    const isChanged = first < end;
    this.#first[row] = isChanged ? first - base : 0;
    this.#end[row] = isChanged ? end - base : 0;
  }

  /** Whether the cells of a row from `first` to `end` - 1 are as they were; columns beyond the page's edges are. */
  isSame(row: number, first: number, end: number): boolean {
    let from = Math.max(first, 0);
    let stop = Math.min(end, this.#columns);
    if (this.#isKnown[row] !== 0) {
      from = Math.max(from, this.#first[row]!);
      stop = Math.min(stop, this.#end[row]!);
    } else if (this.#areOthersSame) return true;
    const base = row * this.#columns;
    for (let at = base + from; at < base + stop; at++) if (this.#last[at] !== this.#text[at]) return false;
    return true;
  }

  /** Of a row that was looked at: the first column that has changed. */
  firstOf(row: number): number {
    return this.#first[row]!;
  }

  /** Of a row that was looked at: the column behind the last that has changed. */
  endOf(row: number): number {
    return this.#end[row]!;
  }

  /** Takes a row that was looked at as read. */
  keep(row: number): void {
    const last = this.#last;
    const base = row * this.#columns;
    const end = base + this.#end[row]!;
    for (let at = base + this.#first[row]!; at < end; at++) last[at] = this.#text[at]!;
  }
}
