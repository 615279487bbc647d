import type { RecordTable } from '@tickerplant/feed-runtime';
import type { FieldSink } from './decoder.ts';
import { ValueKind, VENDOR_FIELDS } from './messages.ts';

/** The trade's numbers of the vendor's fields, in the order of `VENDOR_FIELDS`. */
export const FIDS: readonly number[] = [
  3, // DSPLY_NAME
  22, // BID
  30, // BIDSIZE
  25, // ASK
  31, // ASKSIZE
  6, // TRDPRC_1
  178, // TRDVOL_1
  32, // ACVOL_1
  12, // HIGH_1
  13, // LOW_1
  19, // OPEN_PRC
  21, // HST_CLOSE
  14265, // QUOTIM_NS
];

/**
 * Turns the vendor's fields into those of a record: all values are absolute, so what comes takes the place of what
 * was. A message is first tried (`begin` with no table) and then taken, so that none is taken in part.
 */
export class InteractiveNormaliser implements FieldSink {
  /** The fields that the present message carried, as bits. */
  fields = 0;
  /** Fields that this program doesn't know. */
  unknown = 0;
  /** What is wrong with the message, or undefined. */
  fault: string | undefined;
  #values: RecordTable | undefined;
  #row = 0;

  /** @param values where they go; undefined: only look. */
  begin(values: RecordTable | undefined, row: number): void {
    this.#values = values;
    this.#row = row;
    this.fields = 0;
    this.unknown = 0;
    this.fault = undefined;
  }

  field(id: number, kind: ValueKind, number: number, exponent: number, text: string): void {
    const column = id - 1;
    const expected = VENDOR_FIELDS[column];
    if (expected === undefined) {
      this.unknown++;
      return;
    }
    if (kind !== ValueKind.BLANK && kind !== expected.kind) {
      this.fault ??= `expected kind ${expected.kind} for field ${expected.name}, found ${kind}`;
      return;
    }
    this.fields |= 1 << column;
    const values = this.#values;
    if (values === undefined) return;
    switch (kind) {
      case ValueKind.WHOLE:
        values.whole(this.#row, column, number);
        return;
      case ValueKind.DECIMAL:
        values.decimal(this.#row, column, number, exponent);
        return;
      case ValueKind.TEXT:
        values.text(this.#row, column, text);
        return;
      default:
        values.blank(this.#row, column);
    }
  }
}
