import { readU64BE, TickerError, writeU64BE } from '@tickerplant/core';

// MoldUDP64 1.00. All integers big-endian, unsigned. Downstream packets, heartbeats, end-of-session packets and
// requests begin with the same 20 bytes:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                        Session (ASCII)                        |
//   |                                                               |
//   |                               +-------------------------------+
//   |                               |        Sequence Number        |
//   +-------------------------------+                               |
//   |                                                               |
//   |                               +-------------------------------+
//   |                               |                               |
//   ...
//
// and data packets go on with `count` message blocks, back to back: a 16-bit length and that many bytes.

/** The name of the stream that is numbered: ASCII, padded with spaces. */
export const SESSION_OFFSET = 0;
export const SESSION_LENGTH = 10;
/** 64 bits: the first message's number; in a heartbeat or at the end of session the number that comes next. */
export const SEQUENCE_OFFSET = 10;
/** 16 bits: messages in the packet, `HEARTBEAT_COUNT` or `END_OF_SESSION_COUNT`; in a request messages wanted. */
export const COUNT_OFFSET = 18;
export const HEADER_BYTES = 20;

export const HEARTBEAT_COUNT = 0;
export const END_OF_SESSION_COUNT = 0xffff;
/** Most messages in a packet or a request. */
export const COUNT_MAX = 0xfffe;

/** The largest payload that an Ethernet frame of 1500 bytes carries in one piece. */
export const PACKET_BYTES_DEFAULT = 1472;
/** The largest payload of a UDP packet over IPv4. */
export const PACKET_BYTES_MAX = 65_507;
/** Bytes of a packet that are not message data when it holds one message. */
export const OVERHEAD_BYTES: number = HEADER_BYTES + 2;

/** Highest 32 bits of the largest number that JavaScript holds exactly, 2^53 - 1. */
const SEQUENCE_HIGH_MAX = 0x1f_ffff;

/**
 * A session's ten bytes.
 *
 * @param session at most 10 printable ASCII characters; padded on the right with spaces.
 * @throws TickerError `MOLD_BAD_SESSION`
 */
export function encodeSession(session: string): Uint8Array {
  if (!/^[\x20-\x7e]{1,10}$/.test(session)) {
    throw new TickerError(
      'MOLD_BAD_SESSION',
      `expected a session of 1 to 10 printable ASCII characters, got '${session}'`,
    );
  }
  const bytes = new Uint8Array(SESSION_LENGTH).fill(0x20);
  for (let i = 0; i < session.length; i++) bytes[i] = session.charCodeAt(i);
  return bytes;
}

/** The session at `at` without the padding. */
export function formatSession(bytes: Uint8Array, at: number): string {
  let end = at + SESSION_LENGTH;
  while (end > at && bytes[end - 1] === 0x20) end--;
  let text = '';
  for (let i = at; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** The sequence number of the packet at `at`; -1 if it is larger than 2^53 - 1. */
export function readSequence(bytes: Uint8Array, at: number): number {
  const from = at + SEQUENCE_OFFSET;
  const high = bytes[from]! * 0x1_00_00_00 + ((bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!);
  return high > SEQUENCE_HIGH_MAX ? -1 : readU64BE(bytes, from);
}

/** The count of the packet at `at`. */
export function readCount(bytes: Uint8Array, at: number): number {
  return (bytes[at + COUNT_OFFSET]! << 8) | bytes[at + COUNT_OFFSET + 1]!;
}

/** Writes the sequence number and the count of the packet at `at`. */
export function writeNumbers(bytes: Uint8Array, at: number, seq: number, count: number): void {
  writeU64BE(bytes, at + SEQUENCE_OFFSET, seq);
  bytes[at + COUNT_OFFSET] = count >>> 8;
  bytes[at + COUNT_OFFSET + 1] = count;
}

/** Writes a whole header: 20 bytes. */
export function writeHeader(bytes: Uint8Array, at: number, session: Uint8Array, seq: number, count: number): void {
  for (let i = 0; i < SESSION_LENGTH; i++) bytes[at + i] = session[i]!;
  writeNumbers(bytes, at, seq, count);
}
