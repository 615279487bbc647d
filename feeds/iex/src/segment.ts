// IEX-TP: one UDP datagram is one segment, a header of 40 bytes and message blocks (2-byte length, message).
//
//    0       1        2               4                       8                      12
//   +-------+--------+---------------+-----------------------+-----------------------+
//   |version|reserved| protocol id   | channel               | session               |
//   +-------+--------+---------------+-----------------------+-----------------------+
//   12              14              16
//   +---------------+---------------+-----------------------------------------------+
//   | payload length| message count | stream offset: payload bytes before this one  |
//   +---------------+---------------+-----------------------------------------------+
//   24                                              32
//   +-----------------------------------------------+-----------------------------------------------+
//   | sequence number of the first message          | send time, ns since 1970                      |
//   +-----------------------------------------------+-----------------------------------------------+
//
// A heartbeat is a header without payload; its offset and sequence number are the next ones.

import { type EpochBase, writeI64, writeNsSince, writeU16, writeU32 } from './int64.ts';

export const TRANSPORT_VERSION = 1;
export const HEADER_VERSION = 0;
export const HEADER_PROTOCOL = 2;
export const HEADER_CHANNEL = 4;
export const HEADER_SESSION = 8;
export const HEADER_PAYLOAD_LENGTH = 12;
export const HEADER_MESSAGE_COUNT = 14;
export const HEADER_STREAM_OFFSET = 16;
export const HEADER_FIRST_SEQUENCE = 24;
export const HEADER_SEND_TIME = 32;
export const HEADER_LENGTH = 40;

/** What names a stream: protocol id, channel and session id, side by side (the same in a gap fill request). */
export const SESSION_OFFSET = 2; // at the protocol id
export const SESSION_LENGTH: number = HEADER_PAYLOAD_LENGTH - HEADER_PROTOCOL;

/** A sender that is silent this long sends a heartbeat (specification, 2.3). */
export const HEARTBEAT_INTERVAL_NS = 1_000_000_000;

/** Bytes of a block before its message. */
export const BLOCK_LENGTH_SIZE = 2;

/** What names a stream of messages. */
export interface StreamIdentity {
  /** One of `Protocol`. */
  readonly protocol: number;
  /** 32 bits; 1 for TOPS and DEEP. */
  readonly channel: number;
  /** 32 bits; a new one each day. */
  readonly session: number;
}

/**
 * Writes a segment header of 40 bytes at `at`.
 *
 * @param payloadLength bytes of all blocks with their length fields; 0 for a heartbeat.
 * @param streamOffset payload bytes of the session before this segment.
 * @param firstSequence number of the first message, or the next one in a heartbeat; from 1.
 * @param sendNs send time, nanoseconds after `base`.
 */
export function encodeSegmentHeader(
  out: Uint8Array,
  at: number,
  stream: StreamIdentity,
  payloadLength: number,
  messageCount: number,
  streamOffset: number,
  firstSequence: number,
  base: EpochBase,
  sendNs: number,
): number {
  out[at + HEADER_VERSION] = TRANSPORT_VERSION;
  out[at + 1] = 0;
  writeU16(out, at + HEADER_PROTOCOL, stream.protocol);
  writeU32(out, at + HEADER_CHANNEL, stream.channel);
  writeU32(out, at + HEADER_SESSION, stream.session);
  writeU16(out, at + HEADER_PAYLOAD_LENGTH, payloadLength);
  writeU16(out, at + HEADER_MESSAGE_COUNT, messageCount);
  writeI64(out, at + HEADER_STREAM_OFFSET, streamOffset);
  writeI64(out, at + HEADER_FIRST_SEQUENCE, firstSequence);
  writeNsSince(out, at + HEADER_SEND_TIME, base, sendNs);
  return HEADER_LENGTH;
}
