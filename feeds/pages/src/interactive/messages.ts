// The layout of the page service's protocol: docs/feeds/pages.md describes it byte by byte. All numbers big-endian.
//
//     u16 length | u8 type | body …            length: of type and body, 1 to 65,535

/** Version that a logon names. */
export const PROTOCOL_VERSION = 1;
export const LENGTH_BYTES = 2;
/** Longest frame, without its length. */
export const FRAME_BYTES_MAX = 65_535;
/** Longest text, in bytes of UTF-8. */
export const TEXT_BYTES_MAX = 120;

/** Types of frames, as ASCII letters. */
export const FrameType = {
  // From the client.
  /** u8 version, text user. */
  LOGON: 0x4c, // L
  /** u32 request, text page: an image, then updates, all under the request's number. */
  REQUEST: 0x52, // R
  /** u32 request: no more of it. */
  RELEASE: 0x43, // C

  // From the vendor.
  /** u32 heartbeat limit in ms, u32 most pages open at a time, u32 requests a second; 0: no such limit. */
  ACCEPTED: 0x41, // A
  /** text reason; the connection ends. */
  REJECTED: 0x4a, // J
  /** u32 request, u8 format, u16 rows, u16 columns, content: the whole page. */
  IMAGE: 0x49, // I
  /** u32 request, u8 format, content: what changed. */
  UPDATE: 0x55, // U
  /** u32 request, u8 status, text. */
  STATUS: 0x53, // S

  // From both.
  HEARTBEAT: 0x48, // H
  /** The connection ends. */
  LOGOUT: 0x4f, // O
} as const;

/** What a STATUS says of a request. All but STALE close it. */
export const PageStatus = {
  /** There is no such page. */
  NOT_FOUND: 1,
  /** The vendor has lost sight of it. An image follows when that is over. */
  STALE: 2,
  /** The vendor has closed the request; it may be made again. */
  CLOSED: 3,
  /** As many pages are open as the client may have. */
  LIMIT: 4,
  /** Requests came faster than agreed; it may be made again, later. */
  TOO_FAST: 5,
} as const;
