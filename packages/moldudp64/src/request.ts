import type { PacketFault } from '@tickerplant/sequence';
import { COUNT_MAX, HEADER_BYTES, readCount, readSequence, writeHeader } from './layout.ts';

/** What a request asks for. One object is refilled: borrowed. The session is at byte 0 of the packet. */
export interface MoldRequest {
  /** The first number wanted. */
  seq: number;
  /** Messages wanted from there on. */
  count: number;
}

/**
 * Writes a request: 20 bytes at the beginning of `out`.
 *
 * @param session its ten bytes.
 * @param count messages wanted; more than 65534 are cut to that (an answer's count could not say 65535).
 * @returns 20.
 */
export function encodeRequest(session: Uint8Array, from: number, count: number, out: Uint8Array): number {
  writeHeader(out, 0, session, from, Math.min(count, COUNT_MAX));
  return HEADER_BYTES;
}

/** Reads a request from `bytes[0, length)`. @returns undefined, or what is wrong. */
export function parseRequest(bytes: Uint8Array, length: number, out: MoldRequest): PacketFault | undefined {
  if (length !== HEADER_BYTES) {
    return {
      code: 'MOLD_REQUEST_LENGTH',
      message: `expected a request of ${HEADER_BYTES} bytes, got ${length}`,
      context: { length },
    };
  }
  const seq = readSequence(bytes, 0);
  const count = readCount(bytes, 0);
  if (seq < 1 || count === 0) {
    return {
      code: 'MOLD_REQUEST_RANGE',
      message: `expected a number from 1 to 2^53 - 1 and a count above 0, got ${seq < 0 ? 'more' : seq} and ${count}`,
      context: { seq, count },
    };
  }
  out.seq = seq;
  out.count = Math.min(count, COUNT_MAX);
  return undefined;
}
