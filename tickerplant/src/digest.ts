import { createHash } from 'node:crypto';
import { Decimal } from '@tickerplant/core';
import type { FieldValue } from '@tickerplant/records';

/** An item's values: subject, field number → value, and of a page its digest. */
export type ItemValues = readonly [subject: string, values: ReadonlyMap<number, FieldValue>, page?: string];

/**
 * SHA-256 (hexadecimal) over the values of items, whatever order they come in and however they were packed:
 * equal values give equal digests. Numbers count by value (1.50 is 1.5); a blank field counts as none.
 *
 * What is hashed: for each item in the order of subjects (by code unit) the subject as a JSON text and a line
 * end, then for each field in the order of numbers `number=value` and a line end; a number without zeros at
 * its end as `mantissa` `e` `exponent`, a text as a JSON text; of a page then `page=digest` and a line end.
 */
export function digestValues(items: Iterable<ItemValues>): string {
  const sorted = [...items].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const hash = createHash('sha256');
  for (const [subject, values, page] of sorted) {
    let text = `${JSON.stringify(subject)}\n`;
    for (const fid of [...values.keys()].sort((a, b) => a - b)) {
      const value = values.get(fid)!;
      if (value !== null) text += `${fid}=${canonical(value)}\n`;
    }
    if (page !== undefined) text += `page=${page}\n`;
    hash.update(text);
  }
  return hash.digest('hex');
}

function canonical(value: Exclude<FieldValue, null>): string {
  if (typeof value === 'string') return JSON.stringify(value);
  const digits = String(value instanceof Decimal ? value.mantissa : value);
  if (digits === '0') return '0e0';
  const short = digits.replace(/0+$/, '');
  const exponent = (value instanceof Decimal ? value.exponent : 0) + digits.length - short.length;
  return `${short}e${exponent}`;
}
