import { TickerError } from '@tickerplant/core';
import { PAGE_COLUMNS_MAX, PAGE_ROWS_MAX } from '@tickerplant/records';
import {
  BLANK_TEXT,
  backgroundOf,
  codePointOf,
  foregroundOf,
  NEVER_SET_TEXT,
  Style,
  setOf,
  Trust,
  textWord,
  trustOf,
  Width,
  widthOf,
} from './cell.ts';
import type { ChangeTracker } from './changes.ts';
import { TRUE_COLOUR, TrueColours } from './colour.ts';

/** Bounds on a page's size. */
export const ROWS_MAX: number = PAGE_ROWS_MAX;
export const COLUMNS_MAX: number = PAGE_COLUMNS_MAX;

/**
 * What the extra words of pages without sizes and fades are, by the number of cells: nearly all pages share it, which
 * saves a fifth of their memory. Nothing but zeros is ever written to it.
 */
const plainExtras = new Map<number, Uint16Array>();
/** Sizes of pages that share; those beyond have their own. */
const PLAIN_SIZES_MAX = 32;

function plainExtra(cells: number): Uint16Array {
  let extra = plainExtras.get(cells);
  if (extra === undefined) {
    extra = new Uint16Array(cells);
    if (plainExtras.size < PLAIN_SIZES_MAX) plainExtras.set(cells, extra);
  }
  return extra;
}

/**
 * A screen: a grid of cells, worked on in place. Rows and columns are counted from 0. What a cell's words mean stands in
 * `cell.ts`; they may be read freely, and are written by the methods here only.
 *
 * The methods trust their arguments to lie within the page: that is for the protocols to see to. Runs of cells and
 * rows are given by their first and the one behind their last.
 */
export class Page {
  readonly rows: number;
  readonly columns: number;
  readonly text: Uint32Array;
  readonly style: Uint32Array;
  /** Another array after a page has got its first size or fade. */
  extra: Uint16Array;
  /** Who wants to know what changes; set by the tracker itself. */
  tracker: ChangeTracker | undefined = undefined;
  #colours: TrueColours | undefined = undefined;

  /** @throws TickerError `PAGES_BAD_SIZE` */
  constructor(rows: number, columns: number) {
    const fits = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
    if (!fits(rows, ROWS_MAX) || !fits(columns, COLUMNS_MAX)) {
      const expected = `expected 1 to ${ROWS_MAX} rows of 1 to ${COLUMNS_MAX} columns`;
      throw new TickerError('PAGES_BAD_SIZE', `${expected}, got ${rows} x ${columns}`);
    }
    this.rows = rows;
    this.columns = columns;
    const cells = rows * columns;
    const buffer = new ArrayBuffer(cells * 8);
    this.text = new Uint32Array(buffer, 0, cells).fill(NEVER_SET_TEXT);
    this.style = new Uint32Array(buffer, cells * 4, cells);
    this.extra = plainExtra(cells);
  }

  /** The page's colours that are given by red, green and blue; undefined where there are none. */
  get colours(): TrueColours | undefined {
    return this.#colours;
  }

  /** The code of a colour given by red, green and blue (0 to FFFFFF). */
  trueColour(rgb: number): number {
    this.#colours ??= new TrueColours();
    return this.#colours.codeOf(rgb);
  }

  /** Writes one cell. The other half of a double-width character that stood here becomes a blank. */
  put(row: number, column: number, text: number, style: number, extra: number): void {
    this.tracker?.keep(this, row);
    const at = row * this.columns + column;
    const width = this.text[at]! >>> 30;
    if (width !== Width.SINGLE) this.text[width === Width.LEFT_HALF ? at + 1 : at - 1] = BLANK_TEXT;
    this.text[at] = text;
    this.style[at] = style;
    if (extra !== 0) this.#ownExtra();
    this.extra[at] = extra;
  }

  /** Writes a double-width character into two cells; `column` is not the last. */
  putWide(row: number, column: number, codePoint: number, set: number, style: number, extra: number): void {
    this.put(row, column, BLANK_TEXT, style, extra);
    this.put(row, column + 1, BLANK_TEXT, style, extra);
    const at = row * this.columns + column;
    this.text[at] = textWord(codePoint, set, Trust.OK, Width.LEFT_HALF);
    this.text[at + 1] = textWord(codePoint, set, Trust.OK, Width.RIGHT_HALF);
  }

  /**
   * Writes a cell, counted from the top left, as it is in another page: its words, with the colours being codes of this
   * page. Other than `put` it leaves the cells beside alone: the halves of double-width characters come one by one.
   */
  load(at: number, text: number, style: number, extra: number): void {
    this.tracker?.keep(this, Math.floor(at / this.columns));
    this.text[at] = text;
    this.style[at] = style;
    if (extra !== 0) this.#ownExtra();
    this.extra[at] = extra;
  }

  /** Says of a cell how far it can be believed; the character stays. */
  mark(row: number, column: number, trust: Trust): void {
    this.tracker?.keep(this, row);
    const at = row * this.columns + column;
    this.text[at] = (this.text[at]! & ~(3 << 28)) | (trust << 28);
  }

  /** Adds flags to a cell's style. */
  addStyle(row: number, column: number, flags: number): void {
    this.tracker?.keep(this, row);
    this.style[row * this.columns + column]! |= flags;
  }

  /** Empties a run of cells of a row, in the given style. */
  erase(row: number, first: number, end: number, style = 0): void {
    if (first >= end) return;
    this.tracker?.keep(this, row);
    this.#part(row, first);
    this.#part(row, end);
    this.#blank(row * this.columns + first, row * this.columns + end, style);
  }

  /** Empties all cells. */
  clear(style = 0): void {
    for (let row = 0; row < this.rows; row++) this.erase(row, 0, this.columns, style);
  }

  /** Makes room for `count` empty cells at `column`; what goes beyond the end of the row is lost. */
  insertCells(row: number, column: number, count: number, style = 0): void {
    const taken = Math.min(count, this.columns - column);
    if (taken <= 0) return;
    this.tracker?.keep(this, row);
    this.#part(row, column);
    this.#part(row, this.columns - taken);
    const from = row * this.columns + column;
    this.#move(from + taken, from, this.columns - column - taken);
    this.#blank(from, from + taken, style);
  }

  /** Takes out `count` cells at `column`; empty ones come in at the end of the row. */
  deleteCells(row: number, column: number, count: number, style = 0): void {
    const taken = Math.min(count, this.columns - column);
    if (taken <= 0) return;
    this.tracker?.keep(this, row);
    this.#part(row, column);
    this.#part(row, column + taken);
    const end = (row + 1) * this.columns;
    const from = row * this.columns + column;
    this.#move(from, from + taken, this.columns - column - taken);
    this.#blank(end - taken, end, style);
  }

  /** Moves the rows from `top` to `bottom` - 1 up; empty ones come in below. */
  scrollUp(top: number, bottom: number, count: number, style = 0): void {
    const taken = Math.min(count, bottom - top);
    if (taken <= 0) return;
    this.#keepRows(top, bottom);
    const { columns } = this;
    this.#move(top * columns, (top + taken) * columns, (bottom - top - taken) * columns);
    this.#blank((bottom - taken) * columns, bottom * columns, style);
  }

  /** Moves the rows from `top` to `bottom` - 1 down; empty ones come in above. */
  scrollDown(top: number, bottom: number, count: number, style = 0): void {
    const taken = Math.min(count, bottom - top);
    if (taken <= 0) return;
    this.#keepRows(top, bottom);
    const { columns } = this;
    this.#move((top + taken) * columns, top * columns, (bottom - top - taken) * columns);
    this.#blank(top * columns, (top + taken) * columns, style);
  }

  /** Makes the page a copy of another one of the same size. */
  copyFrom(other: Page): void {
    this.#keepRows(0, this.rows);
    this.text.set(other.text);
    this.style.set(other.style);
    if (other.extra !== plainExtras.get(other.extra.length)) this.#ownExtra();
    this.extra.set(other.extra);
    this.#colours = other.#colours;
  }

  /** Whether cell number `at` is the same as that of another page of the same size; colours may have other codes there. */
  sameCell(at: number, other: Page): boolean {
    if (this.text[at] !== other.text[at] || this.extra[at] !== other.extra[at]) return false;
    const style = this.style[at]!;
    const otherStyle = other.style[at]!;
    if (style === otherStyle && (this.#colours === other.#colours || !hasTrueColour(style))) return true;
    return (
      style >>> 20 === otherStyle >>> 20 &&
      this.#sameColour(foregroundOf(style), foregroundOf(otherStyle), other) &&
      this.#sameColour(backgroundOf(style), backgroundOf(otherStyle), other)
    );
  }

  /** A row's characters, blanks and all, or those of a part of it; a double-width character counts once. */
  rowText(row: number, first = 0, behind: number = this.columns): string {
    let line = '';
    const end = row * this.columns + behind;
    for (let at = row * this.columns + first; at < end; at++) {
      const word = this.text[at]!;
      if (widthOf(word) !== Width.RIGHT_HALF) line += String.fromCodePoint(codePointOf(word));
    }
    return line;
  }

  /** How many cells have this trust. */
  count(trust: Trust): number {
    let cells = 0;
    for (const word of this.text) if (trustOf(word) === trust) cells++;
    return cells;
  }

  /** The character set of a cell: the final byte of its designation, 0 for Unicode as it is. */
  setAt(row: number, column: number): number {
    return setOf(this.text[row * this.columns + column]!);
  }

  /** If a double-width character lies across the left edge of `column`, both its halves become blanks. */
  #part(row: number, column: number): void {
    if (column === 0 || column === this.columns) return;
    const at = row * this.columns + column;
    if (widthOf(this.text[at]!) !== Width.RIGHT_HALF) return;
    this.text[at - 1] = BLANK_TEXT;
    this.text[at] = BLANK_TEXT;
  }

  /** Whether a colour looks like another page's. */
  #sameColour(code: number, otherCode: number, other: Page): boolean {
    if (code < TRUE_COLOUR || otherCode < TRUE_COLOUR) return code === otherCode;
    return this.#colours?.rgbOf(code) === other.#colours?.rgbOf(otherCode);
  }

  /** Gives the page extra words of its own, which may be others than 0. */
  #ownExtra(): void {
    const { extra } = this;
    if (extra === plainExtras.get(extra.length)) this.extra = new Uint16Array(extra.length);
  }

  #keepRows(top: number, bottom: number): void {
    const { tracker } = this;
    if (tracker === undefined) return;
    for (let row = top; row < bottom; row++) tracker.keep(this, row);
  }

  #move(to: number, from: number, count: number): void {
    this.text.copyWithin(to, from, from + count);
    this.style.copyWithin(to, from, from + count);
    this.extra.copyWithin(to, from, from + count);
  }

  #blank(first: number, end: number, style: number): void {
    this.text.fill(BLANK_TEXT, first, end);
    this.style.fill(style & ~Style.WRAPPED, first, end);
    this.extra.fill(0, first, end);
  }
}

function hasTrueColour(style: number): boolean {
  return foregroundOf(style) >= TRUE_COLOUR || backgroundOf(style) >= TRUE_COLOUR;
}
