import type { PacketFault } from '@tickerplant/sequence';
import { readI64, readU16, readU32, writeI64, writeU32 } from './int64.ts';
import {
  HEADER_CHANNEL,
  HEADER_PROTOCOL,
  HEADER_SESSION,
  SESSION_LENGTH,
  SESSION_OFFSET,
  TRANSPORT_VERSION,
} from './segment.ts';

// A gap fill request: a header that agrees with a segment's up to the session, then ranges.
//
//    0       1        2               4           8           12          16                     24
//   +-------+--------+---------------+-----------+-----------+-----------+----------------------+----------------------+
//   |version|type    | protocol id   | channel   | session   | ranges    | first, 64 bits       | last, inclusive      | ...
//   +-------+--------+---------------+-----------+-----------+-----------+----------------------+----------------------+

const REQUEST_TYPE = 1;
const REQUEST_RANGES = 12;
const REQUEST_HEADER = 16;
const RANGE_LENGTH = 16;
const SEQUENCED_MESSAGES = 1;

/** Most messages that one UDP request may ask for (specification, 2.5). */
export const GAP_FILL_MESSAGES_MAX = 1000;

/** The longest request: as many ranges as messages. */
export const GAP_FILL_REQUEST_BYTES_MAX: number = REQUEST_HEADER + RANGE_LENGTH * GAP_FILL_MESSAGES_MAX;

/** A parsed request; refilled by each parse. */
export class GapFillRequest {
  protocol = 0;
  channel = 0;
  session = 0;
  /** How many ranges; 0 is a test, answered with a heartbeat. */
  ranges = 0;
  /** First sequence number of each range. */
  readonly first: Float64Array = new Float64Array(GAP_FILL_MESSAGES_MAX);
  /** Last sequence number of each range, inclusive. */
  readonly last: Float64Array = new Float64Array(GAP_FILL_MESSAGES_MAX);
  /** Messages in all ranges together. */
  messages = 0;

  /**
   * Reads a request of `length` bytes. Ranges must ascend without overlap and ask for at most
   * `GAP_FILL_MESSAGES_MAX` messages.
   *
   * @returns undefined, or the fault `IEX_BAD_REQUEST`; never throws.
   */
  parse(bytes: Uint8Array, length: number): PacketFault | undefined {
    if (length < REQUEST_HEADER) return fault(`expected at least ${REQUEST_HEADER} bytes, got ${length}`);
    if (bytes[0] !== TRANSPORT_VERSION) return fault(`expected version ${TRANSPORT_VERSION}, got ${bytes[0]}`);
    if (bytes[REQUEST_TYPE] !== SEQUENCED_MESSAGES) {
      return fault(`expected request type ${SEQUENCED_MESSAGES} (sequenced messages), got ${bytes[REQUEST_TYPE]}`);
    }
    const ranges = readU32(bytes, REQUEST_RANGES);
    if (length !== REQUEST_HEADER + ranges * RANGE_LENGTH) {
      return fault(`expected ${ranges} ranges of ${RANGE_LENGTH} bytes, got ${length - REQUEST_HEADER} bytes`);
    }
    if (ranges > GAP_FILL_MESSAGES_MAX) return fault(`expected at most ${GAP_FILL_MESSAGES_MAX} ranges, got ${ranges}`);
    this.protocol = readU16(bytes, HEADER_PROTOCOL);
    this.channel = readU32(bytes, HEADER_CHANNEL);
    this.session = readU32(bytes, HEADER_SESSION);
    this.ranges = ranges;
    this.messages = 0;
    let before = 0;
    for (let i = 0; i < ranges; i++) {
      const first = readI64(bytes, REQUEST_HEADER + i * RANGE_LENGTH);
      const last = readI64(bytes, REQUEST_HEADER + i * RANGE_LENGTH + 8);
      if (first <= before || last < first || !Number.isSafeInteger(last)) {
        return fault(`expected ascending ranges that do not overlap, got ${first} to ${last} after ${before}`);
      }
      this.first[i] = first;
      this.last[i] = last;
      this.messages += last - first + 1;
      before = last;
    }
    if (this.messages > GAP_FILL_MESSAGES_MAX) {
      return fault(`expected at most ${GAP_FILL_MESSAGES_MAX} messages, got ${this.messages}`);
    }
    return undefined;
  }
}

/**
 * Writes a request for `count` messages from `from` on.
 *
 * @param session the session bytes of a segment: protocol, channel, session id (`IexTpFraming.sessionOffset`).
 * @param count from 1 to `GAP_FILL_MESSAGES_MAX`; 0 makes a test request.
 * @returns length in bytes: at most 32.
 */
export function encodeGapFillRequest(session: Uint8Array, from: number, count: number, out: Uint8Array): number {
  out[0] = TRANSPORT_VERSION;
  out[REQUEST_TYPE] = SEQUENCED_MESSAGES;
  out.set(session.length === SESSION_LENGTH ? session : session.subarray(0, SESSION_LENGTH), SESSION_OFFSET);
  writeU32(out, REQUEST_RANGES, count === 0 ? 0 : 1);
  if (count === 0) return REQUEST_HEADER;
  writeI64(out, REQUEST_HEADER, from);
  writeI64(out, REQUEST_HEADER + 8, from + count - 1);
  return REQUEST_HEADER + RANGE_LENGTH;
}

/** Adds a range (both ends inclusive, after those it has) to a request of `length` bytes; returns the new length. */
export function appendGapFillRange(out: Uint8Array, length: number, first: number, last: number): number {
  writeI64(out, length, first);
  writeI64(out, length + 8, last);
  writeU32(out, REQUEST_RANGES, readU32(out, REQUEST_RANGES) + 1);
  return length + RANGE_LENGTH;
}

function fault(message: string): PacketFault {
  return { code: 'IEX_BAD_REQUEST', message, context: {} };
}
