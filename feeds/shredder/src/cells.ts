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

/**
 * Whether a cell shows a character that no value and no sign is made of, alone between blanks: line damage. Anything that might
 * be part of a value (letters, figures, signs, points, brackets, marks of money and trading) is never taken for that.
 */
export function isNoise(page: Page, row: number, column: number): boolean {
  const base = row * page.columns;
  const code = shownCode(page.text[base + column]!);
  if (!isNoiseCode(code)) return false;
  const isAlone = (at: number): boolean => at < 0 || at >= page.columns || !isShown(page.text[base + at]!);
  return isAlone(column - 1) && isAlone(column + 1);
}

const NOISE: ReadonlySet<number> = new Set([...'?#@~^&=|_`'].map((character) => character.charCodeAt(0)));
const UNREADABLE = 0x25a0;
/** Anchors at least so long may have one damaged character. */
const DAMAGED_LENGTH_MIN = 3;

function isNoiseCode(code: number): boolean {
  return code === UNKNOWN || code === UNREADABLE || NOISE.has(code);
}

/** Whether a text stands at a place, with blanks or the page's edges on both sides. */
export function standsAt(page: Page, row: number, column: number, text: string): boolean {
  const end = column + text.length;
  if (row < 0 || row >= page.rows || column < 0 || end > page.columns) return false;
  const base = row * page.columns;
  // One character may be damaged: no other text looks like that.
  let allowed = text.length >= DAMAGED_LENGTH_MIN ? 1 : 0;
  for (let at = 0; at < text.length; at++) {
    const word = page.text[base + column + at]!;
    const code = shownCode(word);
    if (code === text.charCodeAt(at) && isTrusted(word)) continue;
    if (allowed === 0 || (isTrusted(word) && !isNoiseCode(code))) return false;
    allowed--;
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
