import { FIELDS_MAX, TEXT_BYTES_MAX, ValueKind } from './messages.ts';

const TWO_32 = 0x1_0000_0000;
/** The upper half of an i64 that is a safe whole number. */
const HIGH_MAX = 0x20_0000;
const EXPONENT_MAX = 18;

/** Takes the values of a message. */
export interface FieldSink {
  /** A field's value: what `kind` needs of the rest. */
  field(id: number, kind: ValueKind, number: number, exponent: number, text: string): void;
}

/**
 * Reads one frame's body in place. Point it at a frame with `reset`, then read element by element. It never reads past
 * `end`: whatever is cut short or not allowed sets `fault`, and reads as 0 or '' from there on.
 */
export class FrameReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** What was wrong, or undefined. */
  fault: string | undefined;

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
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

  /** u8 length, UTF-8. */
  text(): string {
    const length = this.u8();
    if (length > TEXT_BYTES_MAX) this.fault ??= `expected a text of at most ${TEXT_BYTES_MAX} bytes, found ${length}`;
    const at = this.#take(length, 'a text');
    if (at < 0) return '';
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + at, length);
    return text.toString('utf8');
  }

  /** u16 count, then each field: u16 number, u8 kind, value. */
  fields(sink: FieldSink): void {
    const count = this.u16();
    if (count > FIELDS_MAX) this.fault ??= `expected at most ${FIELDS_MAX} fields, found ${count}`;
    for (let i = 0; i < count && this.fault === undefined; i++) {
      const id = this.u16();
      const kind = this.u8();
      let number = 0;
      let exponent = 0;
      let text = '';
      switch (kind) {
        case ValueKind.BLANK:
          break;
        case ValueKind.WHOLE:
          number = this.i64();
          break;
        case ValueKind.DECIMAL:
          exponent = (this.u8() << 24) >> 24;
          number = this.i64();
          if (Math.abs(exponent) > EXPONENT_MAX) {
            this.fault ??= `expected an exponent within ±${EXPONENT_MAX}, found ${exponent}`;
          }
          break;
        case ValueKind.TEXT:
          text = this.text();
          break;
        default:
          this.fault ??= `expected a kind of value from 0 to 3, found ${kind}`;
      }
      if (this.fault === undefined) sink.field(id, kind as ValueKind, number, exponent, text);
    }
  }

  /** Nothing may follow. */
  finish(): void {
    if (this.at !== this.end) this.fault ??= `expected the end of the frame, found ${this.end - this.at} more bytes`;
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
      this.fault = `expected ${what}, found the end of the frame`;
      return -1;
    }
    this.at = at + length;
    return at;
  }
}
