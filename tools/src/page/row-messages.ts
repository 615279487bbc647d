import { TickerError } from '@tickerplant/core';
import { type RowForm, rowFieldOfName } from '@tickerplant/pages';

/** A message of a page record, as its line in a file says it. */
export interface RowMessage {
  readonly seq: number | undefined;
  readonly name: string | undefined;
  readonly isImage: boolean;
  /** Undefined where the message has no row field. */
  readonly form: RowForm | undefined;
  readonly values: readonly (readonly [row: number, value: Uint8Array])[];
}

/**
 * Reads `{"seq": 1, "kind": "refresh", "page": "FXFX", "fields": {"ROW64_1": "…"}}`. Characters of a value are its bytes
 * (U+0000 to U+00FF); fields that are no rows are left out.
 *
 * @throws TickerError `PAGES_BAD_LINE`
 */
export function readRowMessage(value: unknown, file: string, line: number): RowMessage {
  const bad = (expected: string, got: unknown): TickerError =>
    new TickerError('PAGES_BAD_LINE', `expected ${expected}, got ${JSON.stringify(got)}`, { file, line });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('an object', value);
  const { seq, kind, page, fields } = value as Record<string, unknown>;
  if (kind !== 'refresh' && kind !== 'update') throw bad("kind 'refresh' or 'update'", kind);
  if (typeof fields !== 'object' || fields === null) throw bad('fields by name', fields);
  let form: RowForm | undefined;
  const values: [number, Uint8Array][] = [];
  for (const [name, text] of Object.entries(fields)) {
    const field = rowFieldOfName(name);
    if (field === undefined) continue;
    form ??= field.form;
    if (field.form !== form) throw bad(`rows of ${form} only`, name);
    if (typeof text !== 'string' || /[^\0-\xff]/.test(text)) throw bad(`${name} as text of bytes 00 to FF`, text);
    values.push([field.row, Buffer.from(text, 'latin1')]);
  }
  return {
    seq: typeof seq === 'number' ? seq : undefined,
    name: typeof page === 'string' ? page : undefined,
    isImage: kind === 'refresh',
    form,
    values,
  };
}
