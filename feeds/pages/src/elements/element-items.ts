import type { ChannelSet, ChannelWriter, UnpositionedItems } from '@tickerplant/feed-runtime';
import type { CellValue } from '@tickerplant/page-values';
import { type BlockWriter, FieldsFlag, RecordKind } from '@tickerplant/records';

/** An upper bound of a FIELDS message without its fields, of a field's number, of a number with its exponent. */
const HEAD_BYTES = 16;
const FID_BYTES = 5;
const NUMBER_BYTES = 16;

/** What makes an element's new values. */
export interface ElementField {
  readonly fid: number;
  /** Null: there is none. */
  readonly value: CellValue | null;
}

/** Elements shredded from pages, as records of a channel. */
export class ElementItems implements UnpositionedItems {
  readonly #service: ChannelSet;
  readonly #rows = new Map<string, number>();
  readonly #symbols: string[] = [];
  readonly #offered: boolean[] = [];
  /** By row: the present values. */
  readonly #fields: Map<number, CellValue | null>[] = [];
  /** What the last `put` changed. */
  #changed: readonly ElementField[] = [];

  constructor(service: ChannelSet) {
    this.#service = service;
  }

  get rows(): number {
    return this.#symbols.length;
  }

  /** The row of an element; undefined: it never was. */
  rowOf(symbol: string): number | undefined {
    return this.#rows.get(symbol);
  }

  /** The row of an element, which gets one if it has none. */
  add(symbol: string): number {
    const known = this.#rows.get(symbol);
    if (known !== undefined) return known;
    const row = this.#symbols.push(symbol) - 1;
    this.#rows.set(symbol, row);
    this.#offered.push(false);
    this.#fields.push(new Map());
    return row;
  }

  /** Says whether an element belongs to what is published; one that doesn't has no values. */
  offer(row: number, offered: boolean): void {
    this.#offered[row] = offered;
    if (!offered) this.#fields[row]!.clear();
  }

  /** Takes new values of some fields. */
  put(row: number, changed: readonly ElementField[]): void {
    for (const { fid, value } of changed) this.#fields[row]!.set(fid, value);
    this.#changed = changed;
  }

  kindOf(): RecordKind {
    return RecordKind.RECORD;
  }

  serviceOf(): ChannelSet {
    return this.#service;
  }

  symbol(row: number): string {
    return this.#symbols[row]!;
  }

  isOffered(row: number): boolean {
    return this.#offered[row]!;
  }

  hasValues(row: number): boolean {
    return this.#fields[row]!.size > 0;
  }

  writeImage(writer: ChannelWriter, item: number, row: number, possibleDuplicate: boolean): number {
    const flags = possibleDuplicate ? FieldsFlag.IMAGE | FieldsFlag.POSSIBLE_DUPLICATE : FieldsFlag.IMAGE;
    const fields = Array.from(this.#fields[row]!, ([fid, value]) => ({ fid, value }));
    return write(writer, item, flags, fields);
  }

  writeUpdate(writer: ChannelWriter, item: number, _row: number, _change: number): void {
    write(writer, item, 0, this.#changed);
  }
}

function write(writer: ChannelWriter, item: number, flags: number, fields: readonly ElementField[]): number {
  let bytesMax = HEAD_BYTES;
  for (const { value } of fields) {
    bytesMax += FID_BYTES + (value?.kind === 'text' ? 5 + 3 * value.value.length : NUMBER_BYTES);
  }
  const block = writer.fields(item, flags, fields.length, bytesMax);
  for (const { fid, value } of fields) {
    block.int(fid);
    writeValue(block, value);
  }
  writer.end();
  return bytesMax;
}

function writeValue(block: BlockWriter, value: CellValue | null): void {
  if (value === null) {
    block.nil();
    return;
  }
  switch (value.kind) {
    case 'text':
      block.text(value.value);
      return;
    case 'decimal': {
      const { mantissa, exponent } = value.value;
      // No page has as many digits; should one have, it is better to say nothing than something near.
      if (typeof mantissa === 'bigint') {
        block.nil();
        return;
      }
      block.array(2);
      block.int(mantissa);
      block.int(exponent);
      return;
    }
    default:
      // Days since 1970, nanoseconds of the day as printed, -1 to 1.
      block.int(value.value);
  }
}
