import type { CellType } from '@tickerplant/page-values';
import type { Page } from '@tickerplant/pages';
import { cellText, isShown } from './cells.ts';
import type { PanelLayout } from './layout.ts';
import type { Heading, Table } from './plan.ts';

// What stands above a row: headings, which set values for the rows below them, and the first lines of a label that goes on in
// the next row.

/** What headings have set so far, by level; undefined where none of a level has come yet. */
export type Headed = readonly (string | undefined)[];

/** Whether the same has been set. */
export function isSameHeaded(a: Headed, b: Headed): boolean {
  return a === b || (a.length === b.length && a.every((value, level) => value === b[level]));
}

/**
 * What is set below a heading; undefined where the row is none. Headings of lower levels end there; one that a type reads may
 * share its line with others.
 */
export function below(table: Table, page: Page, row: number, above: string, headed: Headed): Headed | undefined {
  let found: Headed | undefined;
  for (let level = 0; level < table.headings.length; level++) {
    const { columns, texts, type, part, isOnce } = table.headings[level]!;
    const text = cellText(page, row, columns.first, columns.end).trim();
    const set = type === undefined ? texts.get(above + text) : partIn(type, part, text);
    if (set === undefined) continue;
    const before: Headed = found ?? headed;
    const isLost = isOnce && before[level] !== undefined;
    found = before.map((value, at) => (at === level ? set : at < level && !isLost ? value : undefined));
    if (type === undefined) return found;
  }
  return found;
}

/** What a type reads of a heading; undefined where it is none. */
function partIn(type: CellType, part: number, text: string): string | undefined {
  const reading = type.read(text, {});
  const value = reading.outcome === 'value' ? reading.parts[part] : undefined;
  return value?.kind === 'text' ? value.value : undefined;
}

/** What a heading says of a row: '' where it doesn't belong below any; undefined where the one that it needs isn't above it. */
export function headingOf({ holds }: Heading, set: string | undefined, label: string): string | undefined {
  if (holds === undefined) return set;
  const values = holds.get(label);
  if (values === undefined) return '';
  return set !== undefined && values.has(set) ? set : undefined;
}

/** The text of a row that shows nothing but a label; '' where it shows more, or nothing. */
export function loneLabel(page: Page, layout: PanelLayout, row: number, column: number): string {
  const owner = layout.owners[0]!;
  const base = row * page.columns;
  for (let at = layout.left; at < layout.right; at++) {
    if (owner[at] !== column && isShown(page.text[base + at]!)) return '';
  }
  return cellText(page, row, layout.first[column]!, layout.end[column]!).trim();
}

/** Whether a text is the beginning of a label or a heading that goes on in the next row. */
export function goesOn({ keys, headings }: Table, text: string): boolean {
  const begun = `${text} `;
  const begins = (whole: string): boolean => whole.startsWith(begun);
  return [...(keys?.keys() ?? [])].some(begins) || headings.some(({ texts }) => [...texts.keys()].some(begins));
}
