import { assert } from '@tickerplant/core';
import type { BlockWriter } from '@tickerplant/records';

/** Most fields of a row: a set of them is the bits of a small whole number. */
const RECORD_FIELDS_MAX = 31;

/** What a cell holds. Nothing: the vendor never said. */
const NOTHING = 0;
const BLANK = 1;
const WHOLE = 2;
const DECIMAL = 3;
const TEXT = 4;

/** Bytes of a field number, and of a number with its exponent. */
const FID_BYTES = 5;
const NUMBER_BYTES = 12;
/** Of the message around the fields. */
const HEAD_BYTES = 16;

/**
 * The current values of the items of an interactive feed: a row an item, a column a field. Numbers lie in typed arrays,
 * so that an update allocates nothing (text apart).
 *
 * Sets of fields are bits: field `i` of `fids` is `1 << i`.
 */
export class RecordTable {
  readonly fids: readonly number[];
  readonly rows: number;
  readonly #kinds: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #exponents: Int8Array;
  readonly #texts: string[];
  /** By row: the fields that hold something. */
  readonly #known: Int32Array;

  /** @param fids the field numbers, at most 31. */
  constructor(rows: number, fids: readonly number[]) {
    assert(fids.length <= RECORD_FIELDS_MAX, `expected at most ${RECORD_FIELDS_MAX} fields, got ${fids.length}`);
    this.fids = fids;
    this.rows = rows;
    const cells = rows * fids.length;
    this.#kinds = new Uint8Array(cells);
    this.#numbers = new Float64Array(cells);
    this.#exponents = new Int8Array(cells);
    this.#texts = new Array<string>(cells).fill('');
    this.#known = new Int32Array(rows);
  }

  /** The fields of a row that hold something, if only a blank. */
  known(row: number): number {
    return this.#known[row]!;
  }

  /** Forgets a row: an image follows. */
  clear(row: number): void {
    const first = row * this.fids.length;
    this.#kinds.fill(NOTHING, first, first + this.fids.length);
    this.#known[row] = 0;
  }

  blank(row: number, field: number): void {
    this.#set(row, field, BLANK);
  }

  /** @param value within ±2^53 */
  whole(row: number, field: number, value: number): void {
    this.#numbers[this.#set(row, field, WHOLE)] = value;
  }

  /** `mantissa × 10^exponent`. @param mantissa within ±2^53 @param exponent -18 to 18 */
  decimal(row: number, field: number, mantissa: number, exponent: number): void {
    const cell = this.#set(row, field, DECIMAL);
    this.#numbers[cell] = mantissa;
    this.#exponents[cell] = exponent;
  }

  text(row: number, field: number, value: string): void {
    this.#texts[this.#set(row, field, TEXT)] = value;
  }

  /** Upper bound of the bytes of a FIELDS message with these fields of a row. */
  bytesMax(row: number, fields: number): number {
    const first = row * this.fids.length;
    let bytes = HEAD_BYTES;
    for (let field = 0; field < this.fids.length; field++) {
      if ((fields & (1 << field)) === 0) continue;
      const cell = first + field;
      // A character is at most three bytes of UTF-8, and the length up to three.
      bytes += FID_BYTES + (this.#kinds[cell] === TEXT ? 3 + 3 * this.#texts[cell]!.length : NUMBER_BYTES);
    }
    return bytes;
  }

  /** Writes pairs of field number and value. @param fields a part of `known` */
  write(writer: BlockWriter, row: number, fields: number): void {
    const first = row * this.fids.length;
    for (let field = 0; field < this.fids.length; field++) {
      if ((fields & (1 << field)) === 0) continue;
      const cell = first + field;
      writer.int(this.fids[field]!);
      switch (this.#kinds[cell]) {
        case WHOLE:
          writer.int(this.#numbers[cell]!);
          break;
        case DECIMAL:
          writer.array(2);
          writer.int(this.#numbers[cell]!);
          writer.int(this.#exponents[cell]!);
          break;
        case TEXT:
          writer.text(this.#texts[cell]!);
          break;
        default:
          writer.nil();
      }
    }
  }

  #set(row: number, field: number, kind: number): number {
    const cell = row * this.fids.length + field;
    this.#kinds[cell] = kind;
    this.#known[row]! |= 1 << field;
    return cell;
  }
}

/** How many fields a set has. */
export function fieldCount(fields: number): number {
  let count = 0;
  for (let rest = fields; rest !== 0; rest &= rest - 1) count++;
  return count;
}
