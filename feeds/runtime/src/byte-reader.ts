const TWO_32 = 0x1_0000_0000;
/** The upper half of an i64 that is a safe whole number. */
const HIGH_MAX = 0x20_0000;

/**
 * Reads a message in place, element by element, from where `reset` points it. It never reads past `end`: whatever is cut
 * short sets `fault`, and reads as 0, '' or nothing from there on. All numbers are big-endian.
 */
export class ByteReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** What was wrong first, or undefined. */
  fault: string | undefined;

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    const at = this.#take(1, 'a byte');
    return at < 0 ? 0 : this.bytes[at]!;
  }

  u16(): number {
    const at = this.#take(2, 'two bytes');
    return at < 0 ? 0 : (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.#take(4, 'four bytes');
    return at < 0 ? 0 : this.#u32At(at);
  }

  /** A whole number within ±2^53. */
  i64(): number {
    const at = this.#take(8, 'eight bytes');
    if (at < 0) return 0;
    const high = this.#u32At(at) | 0;
    const value = high * TWO_32 + this.#u32At(at + 4);
    if (high >= -HIGH_MAX && high < HIGH_MAX && Number.isSafeInteger(value)) return value;
    this.fault ??= 'expected a number within 2^53, found a larger one';
    return 0;
  }

  /** u8 length, UTF-8. @param most bytes */
  text(most: number): string {
    const length = this.u8();
    if (length > most) this.fault ??= `expected a text of at most ${most} bytes, found ${length}`;
    const at = this.#take(length, 'a text');
    if (at < 0) return '';
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length).toString('utf8');
  }

  /** The next bytes, in place. */
  slice(length: number): Uint8Array {
    const at = this.#take(length, `${length} bytes`);
    return at < 0 ? this.bytes.subarray(0, 0) : this.bytes.subarray(at, at + length);
  }

  /** Nothing may follow. */
  finish(): void {
    if (this.at !== this.end) this.fault ??= `expected the end of the message, found ${this.left} more bytes`;
  }

  #u32At(at: number): number {
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** Where the next bytes begin; -1 when there aren't so many, or something was wrong before. */
  #take(length: number, what: string): number {
    if (this.fault !== undefined) return -1;
    const { at } = this;
    if (at + length > this.end) {
      this.fault = `expected ${what}, found the end of the message`;
      return -1;
    }
    this.at = at + length;
    return at;
  }
}
