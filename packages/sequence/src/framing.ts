import type { ErrorContext } from '@tickerplant/core';

/** What a packet's header says. One object is refilled for every packet: borrowed, never keep it. */
export interface PacketHeader {
  /** `data`: number of the first message; `heartbeat`, `end`: the number that comes next. At most 2^53 - 1. */
  seq: number;
  /** Messages in the packet; 0 unless `data`. A `data` packet with none is a heartbeat. */
  count: number;
  kind: 'data' | 'heartbeat' | 'end';
  /** Where the first message block begins. */
  blocksStart: number;
  /** Where the last message block ends. */
  blocksEnd: number;
  /** The sender has begun the numbering of this same session anew, at `seq`. */
  restart: boolean;
}

/** Why a packet is not one: an entry for the quarantine. */
export interface PacketFault {
  /** Stable, upper case. */
  readonly code: string;
  /** What was expected and what came. */
  readonly message: string;
  readonly context: ErrorContext;
}

/**
 * A transport's packet layout, as far as sequencing needs it: a session, a number, a count, and message blocks,
 * each of them a 16-bit length and that many bytes.
 */
export interface Framing {
  /** For counters and messages: `moldudp64`. */
  readonly name: string;
  /** Where the bytes that identify the session begin, in every packet. */
  readonly sessionOffset: number;
  readonly sessionLength: number;
  /** The session at `at`, for people. Different session bytes give different texts. */
  formatSession(bytes: Uint8Array, at: number): string;
  /** Byte order of the block lengths. */
  readonly littleEndianLengths: boolean;
  /**
   * Reads `bytes[0, length)` and fills `out`. Checks the header and every block length, that numbers stay
   * within 2^53 - 1, and that nothing is left over; never throws.
   *
   * @returns undefined, or what is wrong, and then `out` means nothing.
   */
  parse(bytes: Uint8Array, length: number, out: PacketHeader): PacketFault | undefined;
}

/** A header to refill. */
export function createPacketHeader(): PacketHeader {
  return { seq: 0, count: 0, kind: 'heartbeat', blocksStart: 0, blocksEnd: 0, restart: false };
}
