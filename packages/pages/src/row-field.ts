// Values of row fields: a whole row, or a partial one with positions in it (HPA) and repetitions (REP).

const ESC = 0x1b;
const CSI_8BIT = 0x9b;
/** Ends a value: the field separator of the old feed. */
const SEPARATOR = 0x1c;
const BLANK = 0x20;
const PARAMETER_MAX = 99_999;
/** Changed runs are joined when fewer bytes than these lie between them: a position costs four or five. */
const JOIN = 5;
/** Equal bytes from which on a repetition is shorter. */
const REPEAT_LEAST = 5;

/** What can be wrong with a value. It is refused then, and the row stays as it was. */
export type RowFieldFault = 'escape' | 'sequence' | 'cut-off' | 'repeat';

/** What a value did to a row; borrowed: refilled by the next one. */
export interface RowFieldResult {
  readonly fault: RowFieldFault | undefined;
  /** Whether the row still holds bytes of before. */
  readonly isPartial: boolean;
  /** Offset in the value of the byte that was wrong, or of its end. */
  readonly at: number;
  /** Bytes that would have gone beyond the row's width. */
  readonly cut: number;
}

/** A row as it will be, while a value is applied; of all rows, one after the other: they are many, and values come singly. */
class RowInHand {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  longest = 0;
  cut = 0;
  readonly result: { fault: RowFieldFault | undefined; isPartial: boolean; at: number; cut: number } = {
    fault: undefined,
    isPartial: false,
    at: 0,
    cut: 0,
  };
}

const hand = new RowInHand();

/** The bytes of a row as the vendor has them: the master copy, that positions count in. */
export class RowBytes {
  readonly width: number;
  readonly #buffer: Uint8Array;
  readonly #first: number;
  #length = 0;

  /**
   * @param width the most that the field holds, in bytes.
   * @param buffer where they are kept, from `first` on: the rows of a page share one.
   */
  constructor(width: number, buffer: Uint8Array = new Uint8Array(width), first = 0) {
    this.width = width;
    this.#buffer = buffer;
    this.#first = first;
  }

  /** The row, without what is blank to its right; borrowed. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#first, this.#first + this.#length);
  }

  /**
   * Applies a value: without ESC at its beginning it replaces the row, else it changes parts of it. What goes beyond the
   * width is cut and counted.
   *
   * @param eightBitCsi whether 9B begins a sequence, as ESC [ does. It breaks double-byte text.
   */
  apply(value: Uint8Array, eightBitCsi = false): RowFieldResult {
    if (hand.bytes.length < this.width) hand.bytes = new Uint8Array(this.width);
    hand.bytes.set(this.bytes);
    hand.bytes.fill(BLANK, this.#length);
    hand.position = 0;
    hand.longest = 0;
    hand.cut = 0;
    let previous = -1;
    let hasPositions = false;
    const separator = value.indexOf(SEPARATOR);
    const end = separator < 0 ? value.length : separator;
    for (let at = 0; at < end; ) {
      const byte = value[at]!;
      if ((byte === ESC && value[at + 1] === 0x5b) || (eightBitCsi && byte === CSI_8BIT)) {
        at += byte === ESC ? 2 : 1;
        let number = 0;
        for (; at < end && value[at]! >= 0x30 && value[at]! <= 0x39; at++) {
          number = Math.min(PARAMETER_MAX, number * 10 + value[at]! - 0x30);
        }
        if (at >= end) return this.#done('cut-off', true, at);
        if (value[at] === 0x60) {
          hasPositions = true;
          hand.position = number;
        } else if (value[at] !== 0x62) return this.#done('sequence', true, at);
        else if (previous < 0) return this.#done('repeat', true, at);
        else this.#repeat(previous, number);
        at++;
      } else if (byte === ESC) {
        const isUtf8 = value[at + 1] === 0x25;
        const length = isUtf8 ? 3 : 2;
        if (at + length > end) return this.#done('cut-off', true, end);
        if (isUtf8 && value[at + 2] !== 0x30) return this.#done('escape', true, at + 2);
        for (let i = 0; i < length; i++) this.#write(value[at + i]!);
        at += length;
      } else {
        this.#write(byte);
        previous = byte;
        at++;
      }
      if (hand.position > hand.longest) hand.longest = hand.position;
    }
    const keepsLength = end > 0 && (value[0] === ESC || (eightBitCsi && value[0] === CSI_8BIT));
    const isPartial = hasPositions || (keepsLength && this.#length > hand.longest);
    this.#length = Math.min(this.width, keepsLength ? Math.max(this.#length, hand.longest) : hand.longest);
    for (let i = 0; i < this.#length; i++) this.#buffer[this.#first + i] = hand.bytes[i]!;
    return this.#done(undefined, isPartial, value.length);
  }

  #write(byte: number): void {
    if (hand.position < this.width) hand.bytes[hand.position] = byte;
    else hand.cut++;
    hand.position++;
  }

  #repeat(byte: number, count: number): void {
    const inside = Math.min(count, Math.max(0, this.width - hand.position));
    hand.bytes.fill(byte, hand.position, hand.position + inside);
    hand.cut += count - inside;
    hand.position += count;
  }

  #done(fault: RowFieldFault | undefined, isPartial: boolean, at: number): RowFieldResult {
    const { result } = hand;
    result.fault = fault;
    result.isPartial = isPartial;
    result.at = at;
    result.cut = fault === undefined ? hand.cut : 0;
    return result;
  }
}

/**
 * The shortest value that turns one row into another: the changed runs with positions and repetitions, or the whole row
 * where that is not longer. Rows that hold escape sequences go whole. A row that shall be shorter and begins with ESC is
 * filled up with blanks, which look the same.
 *
 * @returns undefined where the rows are equal; a value of no bytes makes an empty row.
 */
export function encodeRowField(after: Uint8Array, before: Uint8Array): Uint8Array | undefined {
  if (Buffer.compare(after, before) === 0) return undefined;
  if (after.includes(ESC) || before.includes(ESC)) {
    const missing = after[0] === ESC ? Math.max(0, before.length - after.length) : 0;
    return missing === 0 ? after.slice() : Buffer.concat([after, Buffer.alloc(missing, BLANK)]);
  }
  if (after.length < before.length) return after.slice();
  const value: number[] = [];
  for (const [first, end] of changedRuns(after, before)) {
    pushSequence(value, first, 0x60);
    for (let at = first; at < end && value.length < after.length; ) {
      const byte = after[at]!;
      let same = 1;
      while (at + same < end && after[at + same] === byte) same++;
      value.push(byte);
      if (same >= REPEAT_LEAST) {
        pushSequence(value, same - 1, 0x62);
        at += same;
      } else at++;
    }
    if (value.length >= after.length) return after.slice();
  }
  return Uint8Array.from(value);
}

function changedRuns(after: Uint8Array, before: Uint8Array): [first: number, end: number][] {
  const runs: [number, number][] = [];
  for (let at = 0; at < after.length; at++) {
    if (after[at] === before[at]) continue;
    const last = runs.at(-1);
    if (last !== undefined && at - last[1] < JOIN) last[1] = at + 1;
    else runs.push([at, at + 1]);
  }
  return runs;
}

function pushSequence(value: number[], parameter: number, final: number): void {
  value.push(ESC, 0x5b);
  for (const digit of String(parameter)) value.push(digit.charCodeAt(0));
  value.push(final);
}
