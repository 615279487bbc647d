import { TickerError } from '@tickerplant/core';
import { DEFAULT_RECORD_BYTES_MAX } from './record-parser.ts';

/** What a packet encoder needs of each packet; a `CapturedPacket` is one. */
export interface PacketToWrite {
  /** Where the packet lies: `bytes[start] … bytes[end - 1]`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Bytes that were on the wire. */
  readonly originalLength: number;
  /** Capture time: whole seconds since 1970-01-01 UTC … */
  readonly seconds: number;
  /** … and nanoseconds, 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Which of the file's interfaces; pcap files have only 0. */
  readonly interfaceId: number;
}

/** Makes the bytes of a packet file, in buffers of the caller's. Holds no bytes itself and does no I/O. */
export interface PacketEncoder {
  readonly format: 'pcap' | 'pcapng';
  /** Bytes of the file header. */
  readonly headerBytes: number;
  /** Most bytes that `encodePacket` writes. */
  readonly packetBytesMax: number;
  /** Writes the file header; returns where it ends. `out` must have `headerBytes` of room. */
  encodeHeader(out: Uint8Array, at: number): number;
  /** Bytes that this packet will take. */
  packetBytes(packet: PacketToWrite): number;
  /**
   * Writes one packet, cut at the snap length; returns where it ends. `out` must have room for it.
   *
   * @throws TickerError `CAPTURE_BAD_TIME` for a time that the format cannot hold.
   */
  encodePacket(out: Uint8Array, at: number, packet: PacketToWrite): number;
}

/** Default snap length: more than any UDP datagram with its headers. */
export const DEFAULT_SNAP_LENGTH = 262_144;

/** pcap times are 32-bit seconds; pcapng could go on to 2554, but nothing else would read it alike. */
export function checkTime(packet: PacketToWrite): void {
  const { seconds, nanoseconds } = packet;
  if (seconds >= 0 && seconds <= 0xffffffff && nanoseconds >= 0 && nanoseconds < 1e9) return;
  throw new TickerError(
    'CAPTURE_BAD_TIME',
    `expected a time from 1970 to 2106, got ${seconds} s and ${nanoseconds} ns`,
  );
}

/** Checks an encoder's snap length: 1 to 16 MiB less some headers, what our own readers take by default. */
export function checkSnapLength(snapLength: number): number {
  if (Number.isInteger(snapLength) && snapLength > 0 && snapLength <= DEFAULT_RECORD_BYTES_MAX - 64) return snapLength;
  throw new TickerError(
    'CAPTURE_BAD_OPTION',
    `expected a snap length from 1 to ${DEFAULT_RECORD_BYTES_MAX - 64}, got ${snapLength}`,
  );
}

/** Copies; a loop for the short ones, where a call of `set` costs more than the bytes. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start < 64) for (let i = start; i < end; i++) to[at++] = from[i]!;
  else to.set(from.subarray(start, end), at);
}
