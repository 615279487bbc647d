import { Decimal, formatDay, formatTimeOfDayNs } from '@tickerplant/core';
import type { WireValue } from './block-reader.ts';
import type { Field, FieldDictionary } from './dictionary.ts';

/**
 * A field's value as a program sees it: blank (null), a Decimal for prices, a whole number for quantities,
 * enumerations, times (nanoseconds of the day, GMT) and dates (days since 1970-01-01), or text.
 */
export type FieldValue = null | Decimal | number | bigint | string;

/**
 * Gives a wire value the type that the dictionary states.
 *
 * @param field undefined for a field that the dictionary doesn't know: numbers stay numbers.
 * @param exponent the template's, for decimals sent as bare whole numbers.
 */
export function typedValue(field: Field | undefined, value: WireValue, exponent: number): FieldValue {
  if (field?.type === 'decimal' && (typeof value === 'number' || typeof value === 'bigint')) {
    return new Decimal(value, exponent);
  }
  return value;
}

/** A value as text for people: `99.0500`, `14:32:35.788781087`, `2017-07-10`, display text of enumerations. */
export function formatValue(dictionary: FieldDictionary, field: Field | undefined, value: FieldValue): string {
  if (value === null) return '';
  if (value instanceof Decimal) return value.toString();
  if (typeof value === 'number' && field !== undefined) {
    if (field.type === 'time') return formatTimeOfDayNs(value);
    if (field.type === 'date') return formatDay(value);
    if (field.type === 'enum') return dictionary.enumValue(field.fid, value)?.display.trim() ?? String(value);
  }
  return String(value);
}

/** A value for JSON: decimals and what passes 2^53 as exact strings; times, dates, enumerations as text. */
export function jsonValue(
  dictionary: FieldDictionary,
  field: Field | undefined,
  value: FieldValue,
): null | number | string {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' && (field === undefined || field.type === 'integer')) return value;
  return formatValue(dictionary, field, value);
}
