import { TickerError } from '@tickerplant/core';
import { writeU16BE } from './integers.ts';
import { copyBytes } from './packet-encoder.ts';

/** Longest message that a 2-byte length can announce. */
export const MESSAGE_BYTES_MAX = 0xffff;

/**
 * Writes one message-file record: 2-byte big-endian length and message (ITCH sheet, section 9). Returns where it
 * ends. `out` must have room for 2 bytes more than the message.
 *
 * @throws TickerError `CAPTURE_BAD_LENGTH` for a message of 0 bytes (that would end the session) or above 65,535.
 */
export function encodeMessage(out: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > MESSAGE_BYTES_MAX) {
    throw new TickerError('CAPTURE_BAD_LENGTH', `expected a message of 1 to 65535 bytes, got ${length}`);
  }
  writeU16BE(out, at, length);
  copyBytes(bytes, start, end, out, at + 2);
  return at + 2 + length;
}

/** Writes the record that ends a session: length 0. Returns where it ends. */
export function encodeEndOfSession(out: Uint8Array, at: number): number {
  writeU16BE(out, at, 0);
  return at + 2;
}
