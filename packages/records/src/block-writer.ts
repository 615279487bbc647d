/**
 * Writes MessagePack values in place, without allocation: the hot path of every handler. Always picks the
 * shortest form, so that equal values are equal bytes (the invariant "same number, same bytes").
 *
 * msgpackr's own packer allocates a buffer view for each message and writes whole numbers above 2^32 as
 * binary fractions; written in place, a quote costs about a fifth of the time (see docs/benchmarks.md).
 * What this class writes is plain MessagePack: the tests read it back with msgpackr.
 */
export class BlockWriter {
  /** Where the values go. Set both before the first call; the caller makes sure that there is room. */
  bytes: Uint8Array;
  /** Next position. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Begins an array of `length` elements (0 to 65,535). */
  array(length: number): void {
    const bytes = this.bytes;
    if (length < 16) {
      bytes[this.at++] = 0x90 | length;
    } else {
      bytes[this.at] = 0xdc;
      bytes[this.at + 1] = length >>> 8;
      bytes[this.at + 2] = length;
      this.at += 3;
    }
  }

  /** "Blank". */
  nil(): void {
    this.bytes[this.at++] = 0xc0;
  }

  /** A whole number within ±2^53. */
  int(value: number): void {
    const bytes = this.bytes;
    const at = this.at;
    if (value >= 0) {
      // As 32 bits at once: each store of a part of a number that may be a fraction costs a conversion.
      const word = value | 0;
      if (value >= 0x1_0000_0000) {
        bytes[at] = 0xcf;
        this.u32(at + 1, (value / 0x1_0000_0000) | 0);
        this.u32(at + 5, value >>> 0);
        this.at = at + 9;
      } else if (word < 0 || word >= 0x10000) {
        bytes[at] = 0xce;
        this.u32(at + 1, word);
        this.at = at + 5;
      } else if (word < 0x80) {
        bytes[at] = word;
        this.at = at + 1;
      } else if (word < 0x100) {
        bytes[at] = 0xcc;
        bytes[at + 1] = word;
        this.at = at + 2;
      } else {
        bytes[at] = 0xcd;
        bytes[at + 1] = word >>> 8;
        bytes[at + 2] = word;
        this.at = at + 3;
      }
      return;
    }
    if (value >= -32) {
      bytes[at] = value & 0xff;
      this.at = at + 1;
    } else if (value >= -0x80) {
      bytes[at] = 0xd0;
      bytes[at + 1] = value & 0xff;
      this.at = at + 2;
    } else if (value >= -0x8000) {
      bytes[at] = 0xd1;
      bytes[at + 1] = (value >> 8) & 0xff;
      bytes[at + 2] = value & 0xff;
      this.at = at + 3;
    } else if (value >= -0x8000_0000) {
      bytes[at] = 0xd2;
      this.u32(at + 1, value >>> 0);
      this.at = at + 5;
    } else {
      const high = Math.floor(value / 0x1_0000_0000);
      bytes[at] = 0xd3;
      this.u32(at + 1, high >>> 0);
      this.u32(at + 5, (value - high * 0x1_0000_0000) >>> 0);
      this.at = at + 9;
    }
  }

  /**
   * The first `count` of `values`, each as `int` writes it. One loop over locals: for depth, whose thirty numbers
   * a message are most of a handler's writing, twice as fast as a call for each.
   */
  ints(values: Float64Array, count: number): void {
    const bytes = this.bytes;
    let at = this.at;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      if (value < 0 || value > 0xffff_ffff) {
        this.at = at;
        this.int(value);
        at = this.at;
        continue;
      }
      const word = value | 0; // The same 32 bits; as a signed word when above 2^31.
      if (word >= 0 && word < 0x10000) {
        if (word >= 0x80) {
          if (word < 0x100) {
            bytes[at++] = 0xcc;
          } else {
            bytes[at] = 0xcd;
            bytes[at + 1] = word >> 8;
            at += 2;
          }
        }
        bytes[at++] = word;
      } else {
        bytes[at] = 0xce;
        bytes[at + 1] = word >>> 24;
        bytes[at + 2] = word >>> 16;
        bytes[at + 3] = word >>> 8;
        bytes[at + 4] = word;
        at += 5;
      }
    }
    this.at = at;
  }

  /** Text in UTF-8, at most 65,535 bytes. */
  text(value: string): void {
    const bytes = this.bytes;
    const length = value.length;
    let ascii = length < 32;
    for (let i = 0; ascii && i < length; i++) ascii = value.charCodeAt(i) < 0x80;
    if (ascii) {
      bytes[this.at++] = 0xa0 | length;
      for (let i = 0; i < length; i++) bytes[this.at++] = value.charCodeAt(i);
      return;
    }
    const encoded = Buffer.from(value, 'utf8');
    if (encoded.length < 32) {
      bytes[this.at++] = 0xa0 | encoded.length;
    } else if (encoded.length < 0x100) {
      bytes[this.at++] = 0xd9;
      bytes[this.at++] = encoded.length;
    } else {
      bytes[this.at++] = 0xda;
      bytes[this.at++] = encoded.length >>> 8;
      bytes[this.at++] = encoded.length;
    }
    bytes.set(encoded, this.at);
    this.at += encoded.length;
  }

  /** A whole number from 0 to 2^53 - 1 as text, in decimal digits: identifiers, without making a string. */
  digits(value: number): void {
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
    const bytes = this.bytes;
    bytes[this.at] = 0xa0 | length;
    const first = this.at + 1;
    let rest = value;
    for (let at = first + length - 1; at >= first; at--) {
      const shorter = Math.floor(rest / 10);
      bytes[at] = 0x30 + (rest - shorter * 10);
      rest = shorter;
    }
    this.at = first + length;
  }

  private u32(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }
}
