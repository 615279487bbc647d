import { Decimal } from '@tickerplant/core';

/** A value as it stands in a message: blank, a whole number, text, or a decimal with its own exponent. */
export type WireValue = null | number | bigint | string | Decimal;

/**
 * Reads the MessagePack values of one message in place. Point it at a message with `reset`, then read
 * element by element. It never reads past `end`: whatever is cut short, of an unexpected type or nested too
 * deep sets `fault` and reads as blank from there on, so that garbage can do no harm.
 */
export class BlockReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** What was wrong, or undefined. */
  fault: string | undefined;

  /** @param start first byte of the message, `end` one past its last. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
  }

  /** Length of the array that begins here, or -1 and a fault. */
  array(): number {
    if (this.at < this.end) {
      const type = this.bytes[this.at]!;
      if ((type & 0xf0) === 0x90) {
        this.at++;
        return type & 0x0f;
      }
      if (type === 0xdc && this.at + 3 <= this.end) {
        const length = (this.bytes[this.at + 1]! << 8) | this.bytes[this.at + 2]!;
        this.at += 3;
        return length;
      }
    }
    this.fail('an array');
    return -1;
  }

  /** A whole number from 0 to 2^32 - 1, or -1 and a fault: kinds, item and template numbers. */
  uint(): number {
    const bytes = this.bytes;
    const at = this.at;
    if (at < this.end) {
      const type = bytes[at]!;
      if (type < 0x80) {
        this.at = at + 1;
        return type;
      }
      if (type === 0xcd && at + 3 <= this.end) {
        this.at = at + 3;
        return (bytes[at + 1]! << 8) | bytes[at + 2]!;
      }
      if (type === 0xcc && at + 2 <= this.end) {
        this.at = at + 2;
        return bytes[at + 1]!;
      }
      if (type === 0xce && at + 5 <= this.end) {
        this.at = at + 5;
        return this.u32(at + 1);
      }
    }
    this.fail('a whole number');
    return -1;
  }

  /**
   * Steps over the head of a text, to its first byte.
   *
   * @returns its length in bytes, all of which are there; -1, and no step, where there is no text.
   */
  textLength(): number {
    const { bytes, at, end } = this;
    const type = at < end ? bytes[at]! : 0;
    let start = at + 1;
    let length = type & 0x1f;
    if (type === 0xd9 && at + 2 <= end) {
      start = at + 2;
      length = bytes[at + 1]!;
    } else if (type === 0xda && at + 3 <= end) {
      start = at + 3;
      length = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    } else if (type < 0xa0 || type >= 0xc0) {
      return -1;
    }
    if (start + length > end) return -1;
    this.at = start;
    return length;
  }

  /** Any value that a message may hold. Faults read as null. */
  value(): WireValue {
    const bytes = this.bytes;
    const at = this.at;
    if (at >= this.end) return this.fail('a value');
    const type = bytes[at]!;
    if (type < 0x80) {
      this.at = at + 1;
      return type;
    }
    if (type >= 0xe0) {
      this.at = at + 1;
      return type - 0x100;
    }
    if (type >= 0xa0 && type < 0xc0) return this.string(at + 1, type & 0x1f);
    const size = SIZES[type]!;
    if (size === 0 || at + size > this.end) {
      return type === 0x92 ? this.scaled() : this.fail('a value');
    }
    this.at = at + size;
    switch (type) {
      case 0xc0:
        return null;
      case 0xcc:
        return bytes[at + 1]!;
      case 0xcd:
        return (bytes[at + 1]! << 8) | bytes[at + 2]!;
      case 0xce:
        return this.u32(at + 1);
      case 0xcf:
        return this.wide(this.u32(at + 1), this.u32(at + 5));
      case 0xd0:
        return (bytes[at + 1]! << 24) >> 24;
      case 0xd1:
        return ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16)) >> 16;
      case 0xd2:
        return this.u32(at + 1) | 0;
      case 0xd3:
        return this.wide(this.u32(at + 1) | 0, this.u32(at + 5));
      case 0xd9:
        return this.string(at + 2, bytes[at + 1]!);
      default:
        return this.string(at + 3, (bytes[at + 1]! << 8) | bytes[at + 2]!);
    }
  }

  /** Steps over one value; false and a fault when that isn't possible. */
  skip(): boolean {
    const at = this.at;
    if (at >= this.end) {
      this.fail('a value');
      return false;
    }
    const type = this.bytes[at]!;
    if (type < 0x80 || type >= 0xe0) {
      this.at = at + 1;
      return true;
    }
    const size = SIZES[type]!;
    if (size !== 0 && size !== 2 && size !== 3 && at + size <= this.end) {
      this.at = at + size;
      return true;
    }
    this.value();
    return this.fault === undefined;
  }

  /** Two-element array: a decimal with its own exponent. */
  private scaled(): WireValue {
    this.at++;
    const mantissa = this.value();
    const exponent = this.value();
    if (
      (typeof mantissa !== 'number' && typeof mantissa !== 'bigint') ||
      typeof exponent !== 'number' ||
      exponent < -18 ||
      exponent > 18
    ) {
      return this.fail('a decimal [mantissa, exponent]');
    }
    return new Decimal(mantissa, exponent);
  }

  private string(start: number, length: number): WireValue {
    const end = start + length;
    if (end > this.end) return this.fail('text');
    this.at = end;
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = this.bytes[i]!;
      if (byte >= 0x80) return decodeUtf8(this.bytes, start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private wide(high: number, low: number): number | bigint {
    const value = high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) + BigInt(low);
  }

  private u32(at: number): number {
    const bytes = this.bytes;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  private fail(expected: string): null {
    if (this.fault === undefined) {
      const found =
        this.at < this.end ? `byte 0x${this.bytes[this.at]!.toString(16).padStart(2, '0')}` : 'the end of the message';
      this.fault = `expected ${expected}, found ${found}`;
    }
    this.at = this.end;
    return null;
  }
}

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** Bytes of the fixed-size types (for texts: type and length bytes); 0 for what a message may not hold here. */
const SIZES: Uint8Array = new Uint8Array(256);
for (const [type, size] of [
  [0xc0, 1],
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
  [0xd9, 2],
  [0xda, 3],
] as const) {
  SIZES[type] = size;
}
