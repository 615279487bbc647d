// The layout of the broadcast: docs/feeds/pages.md describes it byte by byte. All numbers big-endian. A datagram is
//
//     u16 5042 | u8 version | u8 0 | u32 session | u32 packet | record …       without records: a heartbeat
//
// and a record
//
//     u8 type | u8 length, name | u32 sequence | body
//
// The session changes when the vendor begins anew; packets are counted in it; sequences count the changes of each page.

export const PACKET_MAGIC = 0x5042;
export const BROADCAST_VERSION = 1;
export const PACKET_HEAD_BYTES = 12;

/** Types of records, as ASCII letters. */
export const RecordType = {
  /** u8 format, u16 rows, u16 columns, u8 part, u8 parts, u16 length, content: a part of the whole page as of its sequence. */
  BASE: 0x42, // B
  /** u8 format, u8 part, u8 parts, u16 length, content: a part of the change that makes its sequence. */
  DELTA: 0x44, // D
  /** No body: there is such a page, and it stands at this sequence. */
  PRESENT: 0x50, // P
  /** No body: there is no such page any more. */
  GONE: 0x58, // X
  /** No name, no body: all pages have been told of, as many as the sequence says. */
  ROUND: 0x45, // E
} as const;

/** Most parts of a base or a delta. */
export const PARTS_MAX = 64;
