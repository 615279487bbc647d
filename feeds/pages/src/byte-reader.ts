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
    const { bytes } = this;
    if (at < 0) return 0;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
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
