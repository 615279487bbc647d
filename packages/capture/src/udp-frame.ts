import { TickerError } from '@tickerplant/core';
import { isMulticast, parseIpv4 } from './addresses.ts';
import { writeU16BE, writeU32BE } from './integers.ts';
import { copyBytes } from './packet-encoder.ts';

/** Bytes that `synthesizeUdpFrame` puts before the payload: Ethernet 14, IPv4 20, UDP 8. */
export const UDP_FRAME_HEADER_BYTES = 42;
/** Longest payload: an IPv4 total length of 65,535 less 28 bytes of headers. */
export const UDP_PAYLOAD_BYTES_MAX = 65_507;

/** Who sends to whom, addresses as unsigned 32-bit integers. See `udpFlow`. */
export interface UdpFlow {
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly timeToLive: number;
  readonly identification: number;
}

/**
 * A flow from text: `udpFlow('10.0.0.1', 40000, '239.1.2.3', 31001)`.
 *
 * @param timeToLive as in the IPv4 header; default 16.
 * @param identification as in the IPv4 header; default 0, as is usual where nothing may be fragmented.
 * @throws TickerError `CAPTURE_BAD_ADDRESS`
 */
export function udpFlow(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  timeToLive = 16,
  identification = 0,
): UdpFlow {
  return {
    source: parseIpv4(source),
    destination: parseIpv4(destination),
    sourcePort,
    destinationPort,
    timeToLive,
    identification,
  };
}

/**
 * Writes the Ethernet frame that would have carried a UDP payload, for recording what a socket received: the
 * socket shows the payload and the addresses only. Checksums are right; the destination is the group's multicast
 * address 01:00:5e…, or a made-up local one for a unicast address.
 *
 * @param out must have room for `UDP_FRAME_HEADER_BYTES` more than the payload.
 * @returns where the frame ends.
 * @throws TickerError `CAPTURE_BAD_LENGTH` for a payload above 65,507 bytes.
 */
export function synthesizeUdpFrame(
  out: Uint8Array,
  at: number,
  flow: UdpFlow,
  payload: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  if (length > UDP_PAYLOAD_BYTES_MAX) {
    throw new TickerError('CAPTURE_BAD_LENGTH', `expected a UDP payload of at most 65507 bytes, got ${length}`);
  }
  writeEthernet(out, at, flow.destination);
  const ip = at + 14;
  const udp = ip + 20;
  copyBytes(payload, start, end, out, udp + 8);
  writeIpv4(out, ip, flow, 28 + length);
  writeUdp(out, ip, udp, flow, 8 + length);
  return udp + 8 + length;
}

function writeEthernet(out: Uint8Array, at: number, destination: number): void {
  if (isMulticast(destination)) {
    writeU16BE(out, at, 0x0100);
    writeU32BE(out, at + 2, (0x5e00_0000 | (destination & 0x007f_ffff)) >>> 0);
  } else {
    writeU16BE(out, at, 0x0200); // locally administered
    writeU32BE(out, at + 2, 2);
  }
  writeU16BE(out, at + 6, 0x0200);
  writeU32BE(out, at + 8, 1);
  writeU16BE(out, at + 12, 0x0800);
}

function writeIpv4(out: Uint8Array, at: number, flow: UdpFlow, totalLength: number): void {
  writeU16BE(out, at, 0x4500);
  writeU16BE(out, at + 2, totalLength);
  writeU16BE(out, at + 4, flow.identification);
  writeU16BE(out, at + 6, 0x4000); // don't fragment
  out[at + 8] = flow.timeToLive;
  out[at + 9] = 17;
  writeU16BE(out, at + 10, 0);
  writeU32BE(out, at + 12, flow.source);
  writeU32BE(out, at + 16, flow.destination);
  writeU16BE(out, at + 10, ~fold(sumWords(out, at, at + 20)));
}

/** The checksum covers a pseudo header too: both addresses, the protocol, and the length (section 7). */
function writeUdp(out: Uint8Array, ip: number, at: number, flow: UdpFlow, length: number): void {
  writeU16BE(out, at, flow.sourcePort);
  writeU16BE(out, at + 2, flow.destinationPort);
  writeU16BE(out, at + 4, length);
  writeU16BE(out, at + 6, 0);
  const checksum = ~fold(sumWords(out, ip + 12, ip + 20) + 17 + length + sumWords(out, at, at + length)) & 0xffff;
  writeU16BE(out, at + 6, checksum === 0 ? 0xffff : checksum); // 0 would mean: none
}

/** Sum of big-endian 16-bit words, an odd last byte padded with zero; below 2^32 for any datagram. */
function sumWords(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  return at < end ? sum + (bytes[at]! << 8) : sum;
}

/** Adds the carries back in: one's complement. */
function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
