import { codePointOf, type Page, setOf, Trust, trustOf, Width, widthOf } from '@tickerplant/pages';

// What shredders see of cells: characters. A cell that was damaged, or of a set whose characters we don't know, shows U+FFFD,
// which no type and no anchor takes.

export const BLANK = 0x20;
const UNKNOWN = 0xfffd;

/** Sets whose cells hold Unicode: as it is, the United Kingdom's, line graphics. Others are services' own. */
function isUnicode(set: number): boolean {
  return set === 0 || set === 0x41 || set === 0x42 || set === 0x30;
}

/** The character that a text word shows; a cell never set shows a blank. */
export function shownCode(word: number): number {
  if (word < 0x20_0000) return word;
  if (trustOf(word) === Trust.DAMAGED || !isUnicode(setOf(word))) return UNKNOWN;
  return codePointOf(word);
}

/** Whether a text word shows anything; a damaged blank does. */
export function isShown(word: number): boolean {
  return word !== BLANK && shownCode(word) !== BLANK;
}

/** Whether a cell can be believed: neither damaged nor never set. */
export function isTrusted(word: number): boolean {
  return trustOf(word) === Trust.OK;
}

/** The text of cells of a row, as shown; right halves of double-width characters show nothing. */
export function cellText(page: Page, row: number, first: number, end: number): string {
  let text = '';
  const base = row * page.columns;
  for (let column = Math.max(0, first); column < Math.min(end, page.columns); column++) {
    const word = page.text[base + column]!;
    if (widthOf(word) !== Width.RIGHT_HALF) text += String.fromCodePoint(shownCode(word));
  }
  return text;
}

/** Whether a text stands at a place, with blanks or the page's edges on both sides. */
export function standsAt(page: Page, row: number, column: number, text: string): boolean {
  const end = column + text.length;
  if (row < 0 || row >= page.rows || column < 0 || end > page.columns) return false;
  const base = row * page.columns;
  for (let at = 0; at < text.length; at++) {
    const word = page.text[base + column + at]!;
    if (shownCode(word) !== text.charCodeAt(at) || !isTrusted(word)) return false;
  }
  if (column > 0 && isShown(page.text[base + column - 1]!)) return false;
  return end === page.columns || !isShown(page.text[base + end]!);
}

/** The first column of a row that shows anything, or -1. */
export function firstShown(page: Page, row: number): number {
  const base = row * page.columns;
  for (let column = 0; column < page.columns; column++) if (isShown(page.text[base + column]!)) return column;
  return -1;
}
