// What frames carry besides what all of feeds/runtime/src/vendor-frames.ts have: docs/feeds/interactive.md describes it byte by byte.
//
//     IMAGE    u32 request, fields: all values
//     UPDATE   u32 request, fields: those that changed, absolute
//     fields   u16 count, then for each: u16 number | u8 kind | value

/** Longest frame, without its length. */
export const FRAME_BYTES_MAX = 4096;
/** Most fields that one message carries. */
export const FIELDS_MAX = 64;
/** Longest text, in bytes of UTF-8. */
export const TEXT_BYTES_MAX = 64;

/** How a value is written. */
export const ValueKind = {
  /** Nothing follows. */
  BLANK: 0,
  /** i64 */
  WHOLE: 1,
  /** i8 exponent, i64 mantissa */
  DECIMAL: 2,
  /** u8 length, UTF-8 */
  TEXT: 3,
} as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/** A field of the vendor's records. */
export interface VendorField {
  /** The vendor's number: u16. */
  readonly id: number;
  readonly name: string;
  readonly kind: ValueKind;
}

/** The vendor's fields, by number from 1 without a hole. */
export const VENDOR_FIELDS: readonly VendorField[] = [
  { id: 1, name: 'NAME', kind: ValueKind.TEXT },
  { id: 2, name: 'BID', kind: ValueKind.DECIMAL },
  { id: 3, name: 'BID_SIZE', kind: ValueKind.WHOLE },
  { id: 4, name: 'ASK', kind: ValueKind.DECIMAL },
  { id: 5, name: 'ASK_SIZE', kind: ValueKind.WHOLE },
  { id: 6, name: 'LAST', kind: ValueKind.DECIMAL },
  { id: 7, name: 'LAST_SIZE', kind: ValueKind.WHOLE },
  { id: 8, name: 'VOLUME', kind: ValueKind.WHOLE },
  { id: 9, name: 'HIGH', kind: ValueKind.DECIMAL },
  { id: 10, name: 'LOW', kind: ValueKind.DECIMAL },
  { id: 11, name: 'OPEN', kind: ValueKind.DECIMAL },
  { id: 12, name: 'CLOSE', kind: ValueKind.DECIMAL },
  /** Nanoseconds of the day, GMT: of the latest change of the record. */
  { id: 13, name: 'TIME', kind: ValueKind.WHOLE },
];
