import { BlockReader, type FieldValue, TEMPLATE_FIELDS_MAX, typedValue } from '@tickerplant/records';
import type { Layout } from './layout.ts';

/** Fields that one message can carry: a FIELDS message of the longest size holds no more than this. */
const FIELDS_MAX = 1024;

const reader = new BlockReader();

/**
 * The values of one UPDATE or FIELDS message, read in place. Pointing it at a message steps over all values
 * once, which proves the message sound and leaves the place of every value: decoding is left to those who ask.
 */
export class MessageView {
  bytes: Uint8Array = new Uint8Array(0);
  /** First byte of the message, and one past its last. */
  start = 0;
  end = 0;
  /** Where the values, or the pairs of field and value, begin. */
  values = 0;
  /** Whether each value stands after its field number. */
  pairs = false;
  layout: Layout;
  private offsets: Int32Array = new Int32Array(TEMPLATE_FIELDS_MAX);

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /**
   * Points at the message `[start, end)` whose values begin at `values`.
   *
   * @returns what is wrong with it, or undefined.
   */
  point(bytes: Uint8Array, start: number, values: number, end: number, layout: Layout): string | undefined {
    this.bytes = bytes;
    this.start = start;
    this.values = values;
    this.end = end;
    this.pairs = false;
    this.layout = layout;
    const offsets = this.offsets;
    const count = layout.fids.length;
    const array = bytes[start]!;
    const elements = array === 0xdc ? (bytes[start + 1]! << 8) | bytes[start + 2]! : array & 0x0f;
    if (elements !== count + 3) return `expected ${count} values, found ${elements - 3}`;
    let at = values;
    for (let i = 0; i < count; i++) {
      offsets[i] = at;
      // Inlined for what quotes and trades are made of; the rest goes through the reader.
      const type = at < end ? bytes[at]! : RARE;
      if (type < 0x80 || type >= 0xe0 || type === 0xc0) at += 1;
      else if (type >= 0xcc && type <= 0xd3) {
        at += NUMBER_BYTES[type - 0xcc]!;
        if (at > end) return 'expected a value, found the end of the message';
      } else {
        reader.reset(bytes, at, end);
        if (!reader.skip()) return reader.fault;
        at = reader.at;
      }
    }
    return at === end ? undefined : `expected the end of the message, found ${end - at} more bytes`;
  }

  /**
   * Points at a FIELDS message (each value after its field number). `layout` lists the field numbers found.
   *
   * @returns what is wrong with it, or undefined.
   */
  pointAtPairs(
    bytes: Uint8Array,
    start: number,
    pairs: number,
    end: number,
    count: number,
    layoutOf: (fids: number[]) => Layout,
  ): string | undefined {
    if (count > FIELDS_MAX) return `expected at most ${FIELDS_MAX} fields, found ${count}`;
    if (count > this.offsets.length) this.offsets = new Int32Array(FIELDS_MAX);
    const fids: number[] = [];
    reader.reset(bytes, pairs, end);
    for (let i = 0; i < count; i++) {
      const fid = reader.value();
      if (typeof fid !== 'number') return reader.fault ?? 'expected a field number';
      fids.push(fid);
      this.offsets[i] = reader.at;
      if (!reader.skip()) return reader.fault;
    }
    if (reader.at !== end) return `expected the end of the message, found ${end - reader.at} more bytes`;
    this.bytes = bytes;
    this.start = start;
    this.values = pairs;
    this.end = end;
    this.pairs = true;
    this.layout = layoutOf(fids);
    return undefined;
  }

  /** The value at a place of the layout. */
  value(index: number): FieldValue {
    const layout = this.layout;
    reader.reset(this.bytes, this.offsets[index]!, this.end);
    return typedValue(layout.fields[index], reader.value(), layout.exponent);
  }

  /** Whether the value at `index` of an UPDATE stands in other bytes than that of `other` (of the same layout). */
  differs(other: MessageView, index: number): boolean {
    const length = this.lengthOf(index);
    if (length !== other.lengthOf(index)) return true;
    const a = this.offsets[index]!;
    const b = other.offsets[index]!;
    for (let i = 0; i < length; i++) if (this.bytes[a + i] !== other.bytes[b + i]) return true;
    return false;
  }

  private lengthOf(index: number): number {
    const next = index + 1 < this.layout.fids.length ? this.offsets[index + 1]! : this.end;
    return next - this.offsets[index]!;
  }
}

/** Stands for "no byte there": a type that leads to the reader, which then finds the fault. */
const RARE = 0xc1;

/** Lengths of the numbers from type 0xcc (uint8) to 0xd3 (int64); 0xca and 0xcb, binary fractions, are not allowed. */
const NUMBER_BYTES: readonly number[] = [2, 3, 5, 9, 2, 3, 5, 9];
