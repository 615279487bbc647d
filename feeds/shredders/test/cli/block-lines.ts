// What functions over lines of text share: lines with their indents, and what they say where a line isn't known.
import type { RegionView } from '@tickerplant/shredder';

/** A line that shows something. */
export interface Line {
  readonly row: number;
  /** Blanks before its text. */
  readonly indent: number;
  readonly text: string;
}

/** The lines of a region; those without text are left out, unless `blanks`. */
export function linesOf(view: RegionView, blanks = false): Line[] {
  const lines: Line[] = [];
  for (let row = 0; row < view.rows; row++) {
    const text = view.text(row, 0, view.columns);
    if (text === undefined) throw new Error(`damaged cells in line ${row}`);
    let indent = 0;
    while (text !== '' && view.text(row, indent, indent + 1) === '') indent++;
    if (text !== '' || blanks) lines.push({ row, indent, text });
  }
  return lines;
}

/** For lines, or parts of them, that no rule knows: the page is another one. */
export function unknownLine({ row, text }: Line): Error {
  return new Error(`line ${row} is not known: ${text}`);
}

/** What stands behind a text that a line begins with; undefined where it doesn't. */
export function behind(text: string, begin: string): string | undefined {
  return text.startsWith(begin) ? text.slice(begin.length) : undefined;
}

/** A whole number as printed; undefined where it is none. */
export function digits(text: string): string | undefined {
  return text !== '' && [...text].every((character) => character >= '0' && character <= '9') ? text : undefined;
}

/** Words between blanks. */
export function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
