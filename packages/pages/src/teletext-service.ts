import { hammingNibble, parityCharacter, UNCORRECTABLE } from './hamming.ts';
import type { TeletextLink } from './teletext-page.ts';

/** Broadcast service data (magazine 8, packet 30, formats 1 and 2). */
export interface TeletextService {
  /** The page to begin with. */
  readonly initialPage: TeletextLink | undefined;
  /** 16 bits; undefined in format 2, which says it otherwise. */
  readonly network: number | undefined;
  /** Nanoseconds since 1970, UTC, a whole second; undefined where it isn't a time, and in format 2. */
  readonly timeNs: bigint | undefined;
  /** Minutes that local time is ahead of UTC. */
  readonly zoneMinutes: number | undefined;
  /** Up to 20 characters; U+FFFD for one that was damaged. */
  readonly status: string;
}

/** Where in the packet things stand. */
const LINK_BYTES = 6;
const LINKS = 6;
/** Modified Julian date of 1 January 1970. */
const MJD_EPOCH = 40_587;

/**
 * Reads six bytes of a link.
 *
 * @param magazine that of the packet, 0 for 8: links are relative to it.
 * @returns undefined for no page, `null` where two bits of a byte are wrong.
 */
function readLink(packet: Uint8Array, at: number, magazine: number): TeletextLink | undefined | null {
  const nibbles: number[] = [];
  for (let i = 0; i < LINK_BYTES; i++) {
    const nibble = hammingNibble(packet[at + i]!);
    if (nibble === UNCORRECTABLE) return null;
    nibbles.push(nibble);
  }
  const [units = 0, tens = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0] = nibbles;
  if (units === 15 && tens === 15) return undefined;
  const relative = (s2 >> 3) | ((s4 >> 2) << 1);
  const subcode = s1 | ((s2 & 7) << 4) | (s3 << 8) | ((s4 & 3) << 12);
  return { number: ((magazine ^ relative || 8) << 8) | (tens << 4) | units, subcode };
}

/** Reads the six links of packet 27/0; undefined where a byte cannot be read. */
export function readLinks(packet: Uint8Array, magazine: number): (TeletextLink | undefined)[] | undefined {
  const links: (TeletextLink | undefined)[] = [];
  for (let i = 0; i < LINKS; i++) {
    const link = readLink(packet, 3 + i * LINK_BYTES, magazine);
    if (link === null) return undefined;
    links.push(link);
  }
  return links;
}

/** Reads packet 8/30; undefined where it is of no known format or cannot be read. */
export function readService(packet: Uint8Array): TeletextService | undefined {
  const designation = hammingNibble(packet[2]!);
  if (designation < 0 || designation > 3) return undefined;
  const initialPage = readLink(packet, 3, 0);
  if (initialPage === null) return undefined;
  let status = '';
  for (let at = 22; at < 42; at++) {
    const code = parityCharacter(packet[at]!);
    status += String.fromCharCode(code < 0 ? 0xfffd : Math.max(0x20, code));
  }
  status = status.trimEnd();
  if (designation > 1) return { initialPage, network: undefined, timeNs: undefined, zoneMinutes: undefined, status };
  const offset = packet[11]!;
  return {
    initialPage,
    network: (reversed(packet[9]!) << 8) | reversed(packet[10]!),
    timeNs: readTime(packet),
    zoneMinutes: ((offset >> 1) & 0x1f) * 30 * ((offset & 0x40) === 0 ? 1 : -1),
    status,
  };
}

/** Network numbers are written with the first bit sent as the highest. */
function reversed(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}

/** Day and time of day: decimal digits, each increased by one. */
function readTime(packet: Uint8Array): bigint | undefined {
  const digits = [packet[12]! & 15];
  for (let at = 13; at < 18; at++) digits.push(packet[at]! >> 4, packet[at]! & 15);
  if (digits.some((digit) => digit < 1 || digit > 10)) return undefined;
  const number = (first: number, end: number): number =>
    digits.slice(first, end).reduce((value, digit) => value * 10 + digit - 1, 0);
  const seconds = number(5, 7) * 3600 + number(7, 9) * 60 + number(9, 11);
  return BigInt((number(0, 5) - MJD_EPOCH) * 86_400 + seconds) * 1_000_000_000n;
}
