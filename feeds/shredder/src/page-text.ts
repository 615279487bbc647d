import { TickerError } from '@tickerplant/core';
import { Page, Style, Trust, textWord, withBackground, withForeground } from '@tickerplant/pages';
import { colourCode } from './compile-fields.ts';

/** Colours of a page of text: `[row, column, length, foreground, background, flags?]`, flags joined by ` | `. */
export interface PageAttributes {
  readonly runs: readonly (readonly [number, number, number, string, string, string?])[];
}

const FLAGS: Readonly<Record<string, number>> = {
  bold: Style.BOLD,
  dim: Style.DIM,
  italic: Style.ITALIC,
  blink: Style.BLINK,
  reverse: Style.REVERSE,
  inverse: Style.REVERSE,
  underline: Style.UNDERLINE,
};

/**
 * A page from its text, one row a line. Rows that are too short or missing are blank on the right and below; what goes beyond
 * the last column or row is cut, and where text was cut the last cell is marked as damaged: half a number is no number.
 *
 * @throws TickerError `SHRED_BAD_PAGE` where attributes are outside of the page.
 */
export function pageFromText(text: string, rows: number, columns: number, attributes?: PageAttributes): Page {
  const page = new Page(rows, columns);
  page.clear();
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  lines.slice(0, rows).forEach((line, row) => {
    const characters = [...line];
    const kept = characters.slice(0, columns);
    for (const [column, character] of kept.entries()) {
      page.put(row, column, textWord(character.codePointAt(0)!), 0, 0);
    }
    if (characters.slice(columns).some((character) => character !== ' ')) page.mark(row, columns - 1, Trust.DAMAGED);
  });
  for (const [row, column, length, foreground, background, flags = ''] of attributes?.runs ?? []) {
    if (!(row >= 0 && row < rows && column >= 0 && length >= 0 && column + length <= columns)) {
      throw new TickerError('SHRED_BAD_PAGE', 'expected runs of attributes within the page', { row, column, length });
    }
    let style = withForeground(0, colourCode(foreground.toLowerCase()) ?? 0);
    // Black is what a page's background is anyway.
    if (background.toLowerCase() !== 'black') style = withBackground(style, colourCode(background.toLowerCase()) ?? 0);
    for (const flag of flags.split('|')) style |= FLAGS[flag.trim().toLowerCase()] ?? 0;
    const isDamaged = /\bdamaged\b/i.test(flags);
    for (let at = column; at < column + length; at++) {
      page.put(row, at, page.text[row * columns + at]!, style, 0);
      if (isDamaged) page.mark(row, at, Trust.DAMAGED);
    }
  }
  return page;
}
