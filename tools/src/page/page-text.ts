import {
  attributeRuns,
  BASIC,
  backgroundOf,
  codePointOf,
  foregroundOf,
  MOSAICS,
  type Page,
  SEPARATED_MOSAICS,
  Style,
  setOf,
  sgrParameters,
  type TeletextPage,
  Trust,
  trustOf,
  Width,
  widthOf,
} from '@tickerplant/pages';

/** Stands for any mosaic where only the text counts. */
const MOSAIC = '▒';

/** Rows and runs of a page, as JSON has them. */
export function pageJson(page: Page): { readonly rows: string[]; readonly runs: unknown[] } {
  const rows = Array.from({ length: page.rows }, (_, row) => page.rowText(row));
  return { rows, runs: rows.map((_, row) => attributeRuns(page, row)) };
}

/**
 * A subpage as JSON has it: rows with mosaics as `▒`; runs of column, length, foreground and background (0 black to
 * 7 white) and flags; and the rows as they were sent.
 */
export function teletextJson(subpage: TeletextPage): object {
  const { page, flags, links } = subpage;
  const [number, code] = subpage.name.split('/');
  const rows = Array.from({ length: page.rows }, (_, row) => teletextRow(page, row));
  const sent = rows.map((_, row) => [row, subpage.rowCodes(row)] as const).filter(([, codes]) => codes !== undefined);
  return {
    page: number,
    subpage: code,
    cols: page.columns,
    rows,
    runs: rows.map((_, row) => teletextRuns(page, row)),
    codes: Object.fromEntries(sent),
    flags,
    ...(links === undefined ? {} : { links: links.map((link) => link?.number.toString(16).toUpperCase() ?? null) }),
  };
}

function teletextRow(page: Page, row: number): string {
  let text = '';
  for (let at = row * page.columns; at < (row + 1) * page.columns; at++) {
    const word = page.text[at]!;
    const set = setOf(word);
    const isMosaic = (set === MOSAICS || set === SEPARATED_MOSAICS) && codePointOf(word) !== 0x20;
    text += isMosaic ? MOSAIC : String.fromCodePoint(codePointOf(word));
  }
  return text;
}

function teletextRuns(page: Page, row: number): unknown[] {
  return attributeRuns(page, row).map(([column, length, , , flags]) => {
    const style = page.style[row * page.columns + column]!;
    const run = [column, length, foregroundOf(style) - BASIC, backgroundOf(style) - BASIC];
    return flags === '' ? run : [...run, flags];
  });
}

/**
 * A row for a person. Controls that stand in cells are blanks, cells in doubt are reversed.
 *
 * @param isColoured whether for a terminal; else the text alone.
 */
export function rowForTerminal(page: Page, row: number, isColoured: boolean): string {
  let text = '';
  let style = 0;
  for (let at = row * page.columns; at < (row + 1) * page.columns; at++) {
    const word = page.text[at]!;
    if (widthOf(word) === Width.RIGHT_HALF) continue;
    const codePoint = codePointOf(word);
    const isControl = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
    if (isColoured) {
      const wanted = trustOf(word) === Trust.DAMAGED ? page.style[at]! ^ Style.REVERSE : page.style[at]!;
      if (wanted !== style) text += `\x1b[${sgrParameters(wanted, page)}m`;
      style = wanted;
    }
    text += isControl ? ' ' : String.fromCodePoint(codePoint);
  }
  if (isColoured) return style === 0 ? text : `${text}\x1b[m`;
  return text.trimEnd();
}
