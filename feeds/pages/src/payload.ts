import { TickerError } from '@tickerplant/core';
import { ROW_FORMS, type RowForm, rowFieldOfNumber } from '@tickerplant/pages';

// What a page's content looks like inside a vendor's message, in both of the vendors' protocols.
//
//     ANSI         bytes as docs/feeds/pages.md has them
//     row fields   u16 count, then for each row: u16 field number | u16 length | bytes

/** How a message describes a page. */
export const PageFormat = { ANSI: 1, ROW_FIELDS: 2 } as const;

export type PageFormat = (typeof PageFormat)[keyof typeof PageFormat];

/** Longest content of a message, in bytes. */
export const CONTENT_BYTES_MAX = 60_000;
/** Longest name of a page, in characters: visible ASCII. */
export const PAGE_NAME_MAX = 32;

/** The rows of a message: row number from 0, and the value of its field. */
export type RowValue = readonly [row: number, value: Uint8Array];

/** Field numbers of the first rows. */
const FIRST_FIELDS: Readonly<Record<RowForm, number>> = { ROW64: 215, ROW80: 315, ROW99: 1359 };

export function isPageFormat(value: number): value is PageFormat {
  return value === PageFormat.ANSI || value === PageFormat.ROW_FIELDS;
}

/** Whether a text can be a page's name. */
export function isPageName(name: string): boolean {
  return /^[!-~]{1,32}$/.test(name);
}

/** The kind of page record that has so many rows and columns; undefined: there is none. */
export function rowFormOf(rows: number, columns: number): RowForm | undefined {
  return (Object.keys(ROW_FORMS) as RowForm[]).find(
    (form) => ROW_FORMS[form].rows === rows && ROW_FORMS[form].width === columns,
  );
}

/** @throws TickerError `PAGES_CONTENT_TOO_LONG` */
export function encodeRowFields(form: RowForm, values: readonly RowValue[]): Uint8Array {
  const bytes = Buffer.alloc(2 + values.reduce((sum, [, value]) => sum + 4 + value.length, 0));
  if (bytes.length > CONTENT_BYTES_MAX) {
    const text = `expected rows of at most ${CONTENT_BYTES_MAX} bytes, got ${bytes.length}`;
    throw new TickerError('PAGES_CONTENT_TOO_LONG', text);
  }
  let at = bytes.writeUInt16BE(values.length, 0);
  for (const [row, value] of values) {
    at = bytes.writeUInt16BE(FIRST_FIELDS[form] + row, at);
    at = bytes.writeUInt16BE(value.length, at);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/**
 * Reads rows as fields into a list, which is emptied first. The values lie in `bytes`.
 *
 * @returns what is wrong with it, or undefined: it is then of no use as a whole.
 */
export function readRowFields(bytes: Uint8Array, form: RowForm, into: RowValue[]): string | undefined {
  into.length = 0;
  if (bytes.length < 2) return `expected the number of rows, found ${bytes.length} bytes`;
  const count = (bytes[0]! << 8) | bytes[1]!;
  if (count > ROW_FORMS[form].rows) return `expected at most ${ROW_FORMS[form].rows} rows, found ${count}`;
  let at = 2;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) return `expected ${count} rows, found the end after ${i}`;
    const number = (bytes[at]! << 8) | bytes[at + 1]!;
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    at += 4;
    const field = rowFieldOfNumber(number);
    if (field?.form !== form) return `expected a field of ${form}, found number ${number}`;
    if (at + length > bytes.length) return `expected ${length} bytes of ${form}_${field.row + 1}, found the end`;
    into.push([field.row, bytes.subarray(at, at + length)]);
    at += length;
  }
  return at === bytes.length
    ? undefined
    : `expected the end behind ${count} rows, found ${bytes.length - at} more bytes`;
}
