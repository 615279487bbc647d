import { FieldsFlag, RecordKind } from '@tickerplant/records';
import type { ChannelSet } from './channel-set.ts';
import type { ChannelWriter } from './channel-writer.ts';
import { fieldCount, type RecordTable } from './record-table.ts';

/**
 * The items of a feed without positions, with their present values: what a member of its handlers needs of them. A row
 * is an item's place, from 0; new rows come at the end, and none ever goes.
 */
export interface UnpositionedItems {
  readonly rows: number;
  kindOf(row: number): RecordKind;
  /** Whose item it is, and where its messages go. */
  serviceOf(row: number): ChannelSet;
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
  readonly #service: ChannelSet;
  readonly #symbols: readonly string[];
  readonly #values: RecordTable;

  /** @param values row i holds `symbols[i]` */
  constructor(service: ChannelSet, symbols: readonly string[], values: RecordTable) {
    this.#service = service;
    this.#symbols = symbols;
    this.#values = values;
  }

  get rows(): number {
    return this.#symbols.length;
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

/** Items of several kinds in one: the rows of each part, in the order in which they came up. */
export class CombinedItems implements UnpositionedItems {
  readonly #parts: readonly UnpositionedItems[];
  /** By row: the part, and the row of it. */
  readonly #places: (readonly [part: UnpositionedItems, row: number])[] = [];
  /** By part and row of it: the row here; -1 where it has none yet. */
  readonly #rows: readonly number[][];

  constructor(parts: readonly UnpositionedItems[]) {
    this.#parts = parts;
    this.#rows = parts.map(() => []);
    for (const [index, part] of parts.entries()) for (let row = 0; row < part.rows; row++) this.row(index, row);
  }

  get rows(): number {
    return this.#places.length;
  }

  /** The row of one of a part's rows, which gets one if it has none. */
  row(part: number, row: number): number {
    const rows = this.#rows[part]!;
    while (rows.length <= row) rows.push(-1);
    if (rows[row] === -1) rows[row] = this.#places.push([this.#parts[part]!, row]) - 1;
    return rows[row]!;
  }

  kindOf(row: number): RecordKind {
    const [part, own] = this.#places[row]!;
    return part.kindOf(own);
  }

  serviceOf(row: number): ChannelSet {
    const [part, own] = this.#places[row]!;
    return part.serviceOf(own);
  }

  symbol(row: number): string {
    const [part, own] = this.#places[row]!;
    return part.symbol(own);
  }

  isOffered(row: number): boolean {
    const [part, own] = this.#places[row]!;
    return part.isOffered(own);
  }

  hasValues(row: number): boolean {
    const [part, own] = this.#places[row]!;
    return part.hasValues(own);
  }

  writeImage(writer: ChannelWriter, item: number, row: number, possibleDuplicate: boolean): number {
    const [part, own] = this.#places[row]!;
    return part.writeImage(writer, item, own, possibleDuplicate);
  }

  writeUpdate(writer: ChannelWriter, item: number, row: number, change: number): void {
    const [part, own] = this.#places[row]!;
    part.writeUpdate(writer, item, own, change);
  }
}
