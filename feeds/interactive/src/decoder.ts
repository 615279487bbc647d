import { ByteReader } from '@tickerplant/feed-runtime';
import { FIELDS_MAX, TEXT_BYTES_MAX, ValueKind } from './messages.ts';

const EXPONENT_MAX = 18;

/** Takes the values of a message. */
export interface FieldSink {
  /** A field's value: what `kind` needs of the rest. */
  field(id: number, kind: ValueKind, number: number, exponent: number, text: string): void;
}

/** Reads frames with fields. */
export class FrameReader extends ByteReader {
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
          text = this.text(TEXT_BYTES_MAX);
          break;
        default:
          this.fault ??= `expected a kind of value from 0 to 3, found ${kind}`;
      }
      if (this.fault === undefined) sink.field(id, kind as ValueKind, number, exponent, text);
    }
  }
}
