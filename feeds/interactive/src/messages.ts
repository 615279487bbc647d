// The layout of the protocol: docs/feeds/interactive.md describes it byte by byte. All numbers big-endian.
//
//     u16 length | u8 type | body …            length: of type and body, 1 to 4096

/** Version that a logon names. */
export const PROTOCOL_VERSION = 1;
export const LENGTH_BYTES = 2;
/** Longest frame, without its length. */
export const FRAME_BYTES_MAX = 4096;
/** Most fields that one message carries. */
export const FIELDS_MAX = 64;
/** Longest text, in bytes of UTF-8. */
export const TEXT_BYTES_MAX = 64;

/** Types of frames, as ASCII letters. */
export const FrameType = {
  // From the client.
  /** u8 version, text user. */
  LOGON: 0x4c, // L
  /** u32 request, text symbol: an image, then updates, all under the request's number. */
  REQUEST: 0x52, // R
  /** u32 request: no more updates. */
  CLOSE: 0x43, // C

  // From the vendor.
  /** u32 heartbeat limit in milliseconds: who is silent for longer is gone. */
  ACCEPTED: 0x41, // A
  /** text reason; the connection ends. */
  REJECTED: 0x4a, // J
  /** u32 request, fields: all values. */
  IMAGE: 0x49, // I
  /** u32 request, fields: those that changed, absolute. */
  UPDATE: 0x55, // U
  /** u32 request, u8 status, text. */
  STATUS: 0x53, // S

  // From both.
  HEARTBEAT: 0x48, // H
  /** The connection ends. */
  LOGOUT: 0x4f, // O
} as const;

/** What a STATUS says of a request. */
export const ItemStatus = {
  /** There is no such symbol; the request is closed. */
  NOT_FOUND: 1,
  /** The vendor has lost sight of it. An image follows when that is over. */
  STALE: 2,
  /** The vendor has closed the request; it may be made again. */
  CLOSED: 3,
} as const;

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
