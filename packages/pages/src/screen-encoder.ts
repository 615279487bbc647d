import { TickerError } from '@tickerplant/core';
import { ASCII, byteIn } from './ansi-sets.ts';
import {
  BLANK_TEXT,
  backgroundOf,
  codePointOf,
  Fade,
  fadeBackgroundOf,
  fadeForegroundOf,
  foregroundOf,
  NEVER_SET_TEXT,
  Size,
  Style,
  setOf,
  sizeOf,
  Trust,
  trustOf,
  Width,
  widthOf,
} from './cell.ts';
import { BASIC } from './colour.ts';
import type { Page } from './page.ts';
import { sgrParameters } from './sgr.ts';

/** How a screen is drawn: `ansi` as page services do, in seven bits; `terminal` as terminals take it, in UTF-8. */
export type ScreenDialect = 'ansi' | 'terminal';

/** More blanks than these are stepped over with a new position. */
const BLANKS_MAX = 10;
/** Cells that have not changed are sent again when there are no more of them between two that have. */
const JOIN_MAX = 8;
/** Of a page service: what it has attributes for. */
const PAGE_STYLE: number =
  Style.BOLD | Style.DIM | Style.UNDERLINE | Style.BLINK | Style.REVERSE | Style.CONCEAL | (0x3ff | (0x3ff << 10));
const SIZE_NUMBERS: Readonly<Record<number, number>> = {
  [Size.NORMAL]: 5,
  [Size.DOUBLE_WIDTH]: 6,
  [Size.HEIGHT_TOP]: 1,
  [Size.HEIGHT_BOTTOM]: 2,
  [Size.BOTH_TOP]: 3,
  [Size.BOTH_BOTTOM]: 4,
};
const FADES: readonly (readonly [bit: number, parameter: string])[] = [
  [Fade.BOLD, ';1'],
  [Fade.DIM, ';2'],
  [Fade.UNDERLINE, ';4'],
  [Fade.BLINK, ';5'],
  [Fade.REVERSE, ';7'],
];

/** A piece of output, and the attributes in force behind it. */
class Drawing {
  text = '';
  style = 0;
  extra = 0;
  set = 0;

  copy(): Drawing {
    return Object.assign(new Drawing(), this);
  }
}

/**
 * Writes the message that turns one page into another: as little as it takes.
 *
 * A message depends on nothing that messages before it have left behind, and leaves the usual behind. Cells that were
 * never set are not drawn, unless something else stood there: then they become blanks. Trust itself cannot be sent.
 *
 * @param before what the receiver has; undefined for an empty page, which is made sure of first.
 * @returns no bytes at all where nothing has changed.
 * @throws TickerError `PAGES_NOT_ENCODABLE` for a character, colour or attribute that the dialect lacks;
 *   `PAGES_BAD_SIZE` for pages of different sizes.
 */
export function encodeScreen(after: Page, before: Page | undefined, dialect: ScreenDialect): Uint8Array {
  if (before !== undefined && (before.rows !== after.rows || before.columns !== after.columns)) {
    const sizes = `${before.rows} x ${before.columns} and ${after.rows} x ${after.columns}`;
    throw new TickerError('PAGES_BAD_SIZE', `expected two pages of one size, got ${sizes}`);
  }
  const writer = new ScreenWriter(after, before, dialect);
  return Buffer.from(writer.message(), dialect === 'ansi' ? 'latin1' : 'utf8');
}

class ScreenWriter {
  readonly #after: Page;
  readonly #before: Page | undefined;
  readonly #dialect: ScreenDialect;

  constructor(after: Page, before: Page | undefined, dialect: ScreenDialect) {
    this.#after = after;
    this.#before = before;
    this.#dialect = dialect;
  }

  message(): string {
    const last = this.#after.rows - 1;
    let drawing = new Drawing();
    let body = '';
    for (let row = 0; row <= last; row++) {
      drawing.text = '';
      drawing = this.#row(row, drawing);
      if (drawing.text === '') continue;
      // So that the page's last cell doesn't scroll it.
      body += row === last ? `\x1b[?7l${drawing.text}` : drawing.text;
    }
    const isBase = this.#before === undefined;
    if (body === '' && !isBase) return '';
    const isTerminal = this.#dialect === 'terminal';
    const start = isTerminal ? '\x1b[?6l\x1b[r\x1b[4l' : '\x1b[>0m\x1b[>5Z';
    const end = isTerminal ? '' : `${drawing.set === 0 ? '' : '\x1b(B'}\x1b[>0m`;
    return `\x1b[?25l\x1b[?7h\x1b[m\x0f\x1b(B${start}${isBase ? '\x1b[2J' : ''}${body}${end}`;
  }

  /** The shorter of two ways: the changed runs, or the whole row on an erased one. */
  #row(row: number, before: Drawing): Drawing {
    const runs = this.#runs(row);
    if (runs.length === 0) return before;
    const changed = before.copy();
    for (const [first, end] of runs) this.#run(changed, row, first, end);
    const whole = before.copy();
    whole.text += `${position(row, 0)}${this.#dialect === 'terminal' ? '\x1b[m' : ''}\x1b[2K`;
    if (this.#dialect === 'terminal') whole.style = 0;
    this.#run(whole, row, 0, this.#after.columns, true);
    return whole.text.length < changed.text.length ? whole : changed;
  }

  /** The runs of cells that must be drawn; runs close together are one. */
  #runs(row: number): [first: number, end: number][] {
    const page = this.#after;
    const runs: [number, number][] = [];
    const base = row * page.columns;
    for (let column = 0; column < page.columns; column++) {
      if (!this.#differs(base + column)) continue;
      let first = column;
      let end = column + 1;
      // Never half of a double-width character.
      if (widthOf(page.text[base + column]!) === Width.RIGHT_HALF) first--;
      if (widthOf(page.text[base + column]!) === Width.LEFT_HALF) end++;
      const previous = runs.at(-1);
      if (previous !== undefined && first - previous[1] <= JOIN_MAX) previous[1] = Math.max(end, previous[1]);
      else runs.push([first, end]);
    }
    return runs;
  }

  #differs(at: number): boolean {
    const page = this.#after;
    const before = this.#before;
    if (before !== undefined) return !page.sameCell(at, before);
    const text = page.text[at]!;
    return (text !== BLANK_TEXT && text !== NEVER_SET_TEXT) || page.style[at] !== 0 || page.extra[at] !== 0;
  }

  /** @param isErased whether the cells are empty already. */
  #run(drawing: Drawing, row: number, first: number, end: number, isErased = false): void {
    const page = this.#after;
    const base = row * page.columns;
    let isPlaced = isErased && first === 0;
    for (let column = first; column < end; ) {
      const at = base + column;
      const blanks = isErased ? this.#emptyCells(base, column, end) : 0;
      if (blanks > BLANKS_MAX || (blanks > 0 && column + blanks === end)) {
        column += blanks;
        isPlaced = false;
        continue;
      }
      if (!isPlaced) drawing.text += position(row, column);
      isPlaced = true;
      this.#cell(drawing, row, column);
      column += widthOf(page.text[at]!) === Width.LEFT_HALF ? 2 : 1;
    }
  }

  #emptyCells(base: number, column: number, end: number): number {
    const page = this.#after;
    let count = 0;
    while (column + count < end) {
      const at = base + column + count;
      const text = page.text[at]!;
      if ((text !== BLANK_TEXT && text !== NEVER_SET_TEXT) || page.style[at] !== 0 || page.extra[at] !== 0) break;
      count++;
    }
    return count;
  }

  #cell(drawing: Drawing, row: number, column: number): void {
    const page = this.#after;
    const at = row * page.columns + column;
    const isSet = trustOf(page.text[at]!) !== Trust.NEVER_SET;
    const text = isSet ? page.text[at]! : BLANK_TEXT;
    const style = page.style[at]! & ~(Style.WRAPPED | Style.PROTECTED);
    const extra = page.extra[at]!;
    if (this.#dialect === 'terminal') {
      if (extra !== 0) throw notEncodable('a size or a fade', row, column);
      if (drawing.style !== style) drawing.text += `\x1b[${sgrParameters(style, page)}m`;
      drawing.style = style;
      const codePoint = codePointOf(text);
      if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) throw notEncodable('a control', row, column);
      drawing.text += String.fromCodePoint(codePoint);
      return;
    }
    if ((style & ~PAGE_STYLE) !== 0 || foregroundOf(style) > BASIC + 7 || backgroundOf(style) > BASIC + 7) {
      throw notEncodable('a colour or an attribute', row, column);
    }
    this.#attributes(drawing, style, extra);
    this.#set(drawing, setOf(text));
    const byte = byteIn(setOf(text) || ASCII, codePointOf(text));
    if (byte < 0) throw notEncodable(`character U+${codePointOf(text).toString(16)}`, row, column);
    drawing.text += String.fromCharCode(byte);
  }

  #attributes(drawing: Drawing, style: number, extra: number): void {
    const previous = drawing.extra;
    if (drawing.style !== style) drawing.text += `\x1b[${sgrParameters(style, this.#after)}m`;
    if ((previous & ~7) !== (extra & ~7)) drawing.text += `\x1b[>${fadeParameters(extra)}m`;
    if (sizeOf(previous) !== sizeOf(extra)) drawing.text += `\x1b[>${SIZE_NUMBERS[sizeOf(extra)]}Z`;
    drawing.style = style;
    drawing.extra = extra;
  }

  #set(drawing: Drawing, set: number): void {
    if (drawing.set === set) return;
    drawing.text += `\x1b(${String.fromCharCode(set || ASCII)}`;
    drawing.set = set;
  }
}

function position(row: number, column: number): string {
  return `\x1b[${String(row + 1).padStart(2, '0')};${String(column + 1).padStart(2, '0')}H`;
}

function fadeParameters(extra: number): string {
  let text = '0';
  for (const [bit, parameter] of FADES) if ((extra & bit) !== 0) text += parameter;
  const foreground = fadeForegroundOf(extra);
  const background = fadeBackgroundOf(extra);
  return `${text}${foreground === 0 ? '' : `;${29 + foreground}`}${background === 0 ? '' : `;${39 + background}`}`;
}

function notEncodable(what: string, row: number, column: number): TickerError {
  return new TickerError('PAGES_NOT_ENCODABLE', `expected what the protocol can say, got ${what}`, { row, column });
}
