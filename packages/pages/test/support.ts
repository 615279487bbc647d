// Random pages and edits, and a plain form of a page to compare.
import {
  attributeRuns,
  BASIC,
  ChangeTracker,
  Fade,
  INDEXED,
  Page,
  Size,
  Style,
  textWord,
  Width,
  widthOf,
  withBackground,
  withForeground,
} from '@tickerplant/pages';
import fc from 'fast-check';

/** Everything of a page that can be seen. */
export function seen(page: Page): unknown {
  return Array.from({ length: page.rows }, (_, row) => [page.rowText(row), attributeRuns(page, row), sets(page, row)]);
}

function sets(page: Page, row: number): string {
  return Array.from({ length: page.columns }, (_, column) => page.setAt(row, column)).join(' ');
}

/** All words of a page. */
export function words(page: Page): readonly number[][] {
  return [[...page.text], [...page.style], [...page.extra]];
}

/** A copy that nothing else touches. */
export function copyOf(page: Page): Page {
  const copy = new Page(page.rows, page.columns);
  copy.copyFrom(page);
  return copy;
}

/** A thing that an edit writes, by row and column. */
interface Written {
  readonly row: number;
  readonly column: number;
  readonly codePoint: number;
  readonly set: number;
  readonly style: number;
  readonly extra: number;
  readonly length: number;
}

const PAGE_FLAGS = [0, Style.BOLD, Style.DIM | Style.BLINK, Style.UNDERLINE, Style.REVERSE, Style.CONCEAL];
const TERMINAL_FLAGS = [...PAGE_FLAGS, Style.ITALIC, Style.STRUCK, Style.DOUBLE_UNDERLINE, Style.WAVY_UNDERLINE];
const FADES = [0, 0, 0, Fade.BOLD, Fade.REVERSE | Fade.BLINK, 3 << 8, (2 << 12) | Fade.UNDERLINE];
const PRIVATE_SET = 0x67;
const LINES = 0x30;

/** What page services can send: seven bits, sets, eight colours, sizes, fades. */
export function pageEdits(rows: number, columns: number): fc.Arbitrary<Written[]> {
  const character = fc.oneof(
    fc.tuple(fc.integer({ min: 0x20, max: 0x7e }), fc.constantFrom(0, 0, 0, PRIVATE_SET)),
    fc.tuple(fc.constantFrom(0x2500, 0x2502, 0xb1), fc.constant(LINES)),
  );
  const colour = fc.integer({ min: 0, max: 8 });
  const style = fc
    .tuple(fc.constantFrom(...PAGE_FLAGS), colour, colour)
    .map(([flags, foreground, background]) => withForeground(withBackground(flags, background), foreground));
  const extra = fc
    .tuple(fc.constantFrom(...FADES), fc.constantFrom(...Object.values(Size)))
    .map(([fade, size]) => fade | size);
  return edits(rows, columns, character, fc.oneof(fc.constant(0), style), fc.oneof(fc.constant(0), extra));
}

/** What terminals show: any character, 256 colours and others, more flags. */
export function terminalEdits(rows: number, columns: number): fc.Arbitrary<Written[]> {
  const character = fc.tuple(fc.constantFrom(0x20, 0x41, 0x7e, 0xe9, 0x20ac, 0x65e5, 0x1f600, 0x1fb3b), fc.constant(0));
  const colour = fc.integer({ min: 0, max: INDEXED + 255 });
  const style = fc
    .tuple(fc.constantFrom(...TERMINAL_FLAGS), colour, colour)
    .map(([flags, foreground, background]) => withForeground(withBackground(flags, background), foreground));
  return edits(rows, columns, character, fc.oneof(fc.constant(0), style), fc.constant(0));
}

function edits(
  rows: number,
  columns: number,
  character: fc.Arbitrary<readonly [number, number]>,
  style: fc.Arbitrary<number>,
  extra: fc.Arbitrary<number>,
): fc.Arbitrary<Written[]> {
  const one = fc
    .tuple(fc.nat(rows - 1), fc.nat(columns - 1), character, style, extra, fc.integer({ min: 1, max: columns }))
    .map(([row, column, [codePoint, set], style, extra, length]) => ({
      row,
      column,
      codePoint,
      set,
      style: style >>> 0,
      extra,
      length,
    }));
  return fc.array(one, { maxLength: 12 });
}

const WIDE = new Set([0x65e5, 0x1f600]);

/** Writes edits; a character of double width in every second column. */
export function apply(page: Page, edits: readonly Written[]): void {
  for (const { row, column, codePoint, set, style, extra, length } of edits) {
    const width = WIDE.has(codePoint) ? 2 : 1;
    const end = Math.min(page.columns, column + length);
    for (let at = column; at + width <= end; at += width) {
      if (width === 2) page.putWide(row, at, codePoint, set, style, extra);
      else page.put(row, at, textWord(codePoint, set), style, extra);
    }
  }
}

/** An empty page, known to be so. */
export function emptyPage(rows: number, columns: number): Page {
  const page = new Page(rows, columns);
  page.clear();
  return page;
}

/** The cells that differ between two pages, told the plain way. */
export function differences(before: Page, after: Page): string[] {
  const cells: string[] = [];
  for (let at = 0; at < after.text.length; at++) {
    if (!after.sameCell(at, before)) cells.push(`${Math.floor(at / after.columns)},${at % after.columns}`);
  }
  return cells;
}

/** The cells of the runs that a tracker tells of. */
export function trackedCells(page: Page, work: () => void): string[] {
  const tracker = new ChangeTracker();
  const cells: string[] = [];
  tracker.begin(page);
  work();
  tracker.end((row, first, end) => {
    for (let column = first; column < end; column++) cells.push(`${row},${column}`);
  });
  return cells;
}

/** Pieces of bytes, cut at these places. */
export function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

/** Whether both halves of every double-width character stand side by side. */
export function halvesMatch(page: Page): boolean {
  for (let at = 0; at < page.text.length; at++) {
    const isLeft = widthOf(page.text[at]!) === Width.LEFT_HALF;
    const isInside = at % page.columns < page.columns - 1;
    if (isLeft !== (isInside && widthOf(page.text[at + 1]!) === Width.RIGHT_HALF)) return false;
  }
  return widthOf(page.text[0]!) !== Width.RIGHT_HALF;
}

/** A red of eight. */
export const RED: number = BASIC + 1;
