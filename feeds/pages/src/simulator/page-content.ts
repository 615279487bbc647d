import { encodeRowField, encodeScreen, Page } from '@tickerplant/pages';
import { encodeRowFields, PageFormat, type RowValue, rowFormOf } from '../payload.ts';
import { PAGE_COLUMNS, PAGE_ROWS, type SimulatedPage } from './simulated-page.ts';

const FORM = rowFormOf(PAGE_ROWS, PAGE_COLUMNS)!;

/** What the page looked like before the change in hand. */
const before = new Page(PAGE_ROWS, PAGE_COLUMNS);

function rowBytes(page: Page, row: number): Uint8Array {
  return Buffer.from(page.rowText(row), 'latin1');
}

/** A whole page as a message has it. Row fields have no colours. */
export function imageOf({ page }: SimulatedPage, format: PageFormat): Uint8Array {
  if (format === PageFormat.ANSI) return encodeScreen(page, undefined, 'ansi');
  return encodeRowFields(
    FORM,
    Array.from({ length: PAGE_ROWS }, (_, row): RowValue => [row, rowBytes(page, row)]),
  );
}

/** Changes a page. @returns what a message has of the change; undefined: nothing is to be seen of it */
export function changeOf({ page }: SimulatedPage, format: PageFormat, change: () => void): Uint8Array | undefined {
  before.copyFrom(page);
  change();
  if (format === PageFormat.ANSI) {
    const bytes = encodeScreen(page, before, 'ansi');
    return bytes.length === 0 ? undefined : bytes;
  }
  const values: RowValue[] = [];
  for (let row = 0; row < PAGE_ROWS; row++) {
    const value = encodeRowField(rowBytes(page, row), rowBytes(before, row));
    if (value !== undefined) values.push([row, value]);
  }
  return values.length === 0 ? undefined : encodeRowFields(FORM, values);
}
