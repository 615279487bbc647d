import { FieldsFlag, RecordKind } from '@tickerplant/records';
import type { ChannelWriter } from './channel-writer.ts';
import { fieldCount, type RecordTable } from './record-table.ts';

/**
 * The items of a feed without positions, with their present values: what a member of its handlers needs of them. A row
 * is an item's place, from 0; new rows come at the end, and none ever goes.
 */
export interface UnpositionedItems {
  readonly rows: number;
  readonly recordKind: RecordKind;
  symbol(row: number): string;
  /** Whether the item belongs into a new epoch: it is asked for, or there are values of it. */
  isOffered(row: number): boolean;
  /** Whether there are values. */
  hasValues(row: number): boolean;
  /**
   * Writes all values of a row that has some.
   *
   * @returns about how many bytes that took.
   */
  writeImage(writer: ChannelWriter, item: number, row: number, possibleDuplicate: boolean): number;
  /** Writes what changed last. @param change what the session said of it */
  writeUpdate(writer: ChannelWriter, item: number, row: number, change: number): void;
}

/** Records that are all asked for, one for each symbol of the floor file; a change is a set of fields. */
export class RecordItems implements UnpositionedItems {
  readonly recordKind: RecordKind = RecordKind.RECORD;
  readonly #symbols: readonly string[];
  readonly #values: RecordTable;

  /** @param values row i holds `symbols[i]` */
  constructor(symbols: readonly string[], values: RecordTable) {
    this.#symbols = symbols;
    this.#values = values;
  }

  get rows(): number {
    return this.#symbols.length;
  }

  symbol(row: number): string {
    return this.#symbols[row]!;
  }

  isOffered(): boolean {
    return true;
  }

  hasValues(row: number): boolean {
    return this.#values.known(row) !== 0;
  }

  writeImage(writer: ChannelWriter, item: number, row: number, possibleDuplicate: boolean): number {
    const flags = possibleDuplicate ? FieldsFlag.IMAGE | FieldsFlag.POSSIBLE_DUPLICATE : FieldsFlag.IMAGE;
    return this.#write(writer, item, row, flags, this.#values.known(row));
  }

  writeUpdate(writer: ChannelWriter, item: number, row: number, change: number): void {
    this.#write(writer, item, row, 0, change);
  }

  #write(writer: ChannelWriter, item: number, row: number, flags: number, fields: number): number {
    const bytesMax = this.#values.bytesMax(row, fields);
    const block = writer.fields(item, flags, fieldCount(fields), bytesMax);
    this.#values.write(block, row, fields);
    writer.end();
    return bytesMax;
  }
}
