import { readU64BE, writeU64BE } from '@tickerplant/core';

// The blob of an `images` message: entries back to back.
//
//     +----------------------------+------------------+---------------------+
//     | number (8 bytes)           | length (2 bytes) | the message's bytes |     big-endian
//     +----------------------------+------------------+---------------------+
//
// Each entry is a message of the channel as it was sent, under its own number.

const HEADER_BYTES = 10;

/** Collects entries for one `images` message at a time, in a buffer of fixed size. */
export class ImageWriter {
  readonly #buffer: Uint8Array;
  #end = 0;
  #count = 0;

  /** @param bytesMax size of the largest blob. */
  constructor(bytesMax: number) {
    this.#buffer = new Uint8Array(bytesMax);
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds `bytes[start, end)`, at most 65,535 bytes, under its number.
   *
   * @returns false when it doesn't fit any more: send the blob, `reset`, and add it again.
   */
  append(seq: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    const buffer = this.#buffer;
    let at = this.#end;
    if (length > 0xffff || at + HEADER_BYTES + length > buffer.length) return false;
    writeU64BE(buffer, at, seq);
    buffer[at + 8] = length >>> 8;
    buffer[at + 9] = length;
    at += HEADER_BYTES;
    // Images are small: a loop beats a call to `set`.
    for (let i = start; i < end; i++) buffer[at++] = bytes[i]!;
    this.#end = at;
    this.#count++;
    return true;
  }

  /** The entries so far; borrowed, until the next `append` after a `reset`. */
  blob(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Begins anew. */
  reset(): void {
    this.#end = 0;
    this.#count = 0;
  }
}

/**
 * Goes through the entries of a blob in place.
 *
 * @example const cursor = new ImageCursor(blob);
 * while (cursor.next()) take(cursor.seq, blob, cursor.start, cursor.end);
 * if (cursor.fault !== undefined) …
 */
export class ImageCursor {
  /** Number of the present entry. */
  seq = 0;
  /** Where the present entry's message begins in the blob. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** What is wrong with the blob, where reading stopped; undefined while all is well. */
  fault: string | undefined = undefined;
  private readonly blob: Uint8Array;

  constructor(blob: Uint8Array) {
    this.blob = blob;
  }

  /** Goes to the next entry; false at the end, or at a fault. */
  next(): boolean {
    const { blob, end: at } = this;
    if (at === blob.length || this.fault !== undefined) return false;
    if (at + HEADER_BYTES > blob.length) {
      this.fault = `expected an entry at ${at}, got ${blob.length - at} bytes`;
      return false;
    }
    const seq = readU64BE(blob, at);
    const end = at + HEADER_BYTES + ((blob[at + 8]! << 8) | blob[at + 9]!);
    if (end > blob.length || !Number.isSafeInteger(seq)) {
      this.fault = Number.isSafeInteger(seq)
        ? `expected an entry of ${end - at} bytes at ${at}, got ${blob.length - at} bytes`
        : `expected a number up to 2^53 - 1 at ${at}, got a larger one`;
      return false;
    }
    this.seq = seq;
    this.start = at + HEADER_BYTES;
    this.end = end;
    return true;
  }
}
