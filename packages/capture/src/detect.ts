import { TickerError } from '@tickerplant/core';
import { readU32 } from './integers.ts';
import { PCAP_MAGIC_MICRO, PCAP_MAGIC_MODIFIED, PCAP_MAGIC_NANO } from './pcap-layout.ts';
import { BLOCK_SECTION_HEADER } from './pcapng-layout.ts';

/** The file formats that can be read: two of packets, one of bare messages. */
export type CaptureFormat = 'pcap' | 'pcapng' | 'binaryfile';

/** As many bytes of a file's start as `detectFormat` can make use of. */
export const DETECT_BYTES = 1024;

/**
 * What a file is, by its first bytes (pcap sheet, section 1); names are never trusted.
 *
 * A message file has no magic number: it is guessed, from records at the start that each have a first length
 * byte 0, a second that is not 0, and a message type that is a letter.
 *
 * @param head the first bytes of the file: 4 suffice for all but message files; best `DETECT_BYTES`.
 */
export function detectFormat(head: Uint8Array): CaptureFormat | 'gzip' | undefined {
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4) {
    const big = readU32(head, 0, false);
    if (big === BLOCK_SECTION_HEADER) return 'pcapng';
    if (isPcapMagic(big) || isPcapMagic(readU32(head, 0, true))) return 'pcap';
  }
  return looksLikeMessages(head) ? 'binaryfile' : undefined;
}

/**
 * `detectFormat` for what must be a capture.
 *
 * @param fault why there are no more bytes to go by, if that is known.
 * @throws TickerError `CAPTURE_EMPTY`, `CAPTURE_UNKNOWN_FORMAT`, or `fault`
 */
export function requireFormat(
  head: Uint8Array,
  name: string | undefined,
  fault: TickerError | undefined,
): CaptureFormat {
  const format = detectFormat(head.length > DETECT_BYTES ? head.subarray(0, DETECT_BYTES) : head);
  if (format !== undefined && format !== 'gzip') return format;
  if (fault !== undefined) throw fault;
  if (head.length === 0)
    throw new TickerError('CAPTURE_EMPTY', 'expected a capture, got an empty file', { file: name });
  throw new TickerError(
    'CAPTURE_UNKNOWN_FORMAT',
    `expected pcap, pcapng or length-prefixed messages, plain or gzip; got ${describeUnknown(head)}`,
    { file: name },
  );
}

/** Names what is known but not read, for the error's sake; else shows the bytes. */
function describeUnknown(head: Uint8Array): string {
  for (const [magic, name] of KNOWN_UNREAD) {
    if (magic.every((byte, i) => head[i] === byte)) return `${name} data; unpack or convert it first`;
  }
  return `bytes ${Buffer.from(head.subarray(0, 8))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}`;
}

const KNOWN_UNREAD: readonly (readonly [readonly number[], string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd-compressed'],
  [[0xfd, 0x37, 0x7a, 0x58], 'xz-compressed'],
  [[0x42, 0x5a, 0x68], 'bzip2-compressed'],
  [[0x04, 0x22, 0x4d, 0x18], 'lz4-compressed'],
  [[0x50, 0x4b, 0x03, 0x04], 'zip-archived'],
  [[0x1f, 0x8b], 'twice gzip-compressed'],
  [[0x73, 0x6e, 0x6f, 0x6f, 0x70, 0x00], 'snoop'],
];

function isPcapMagic(value: number): boolean {
  return value === PCAP_MAGIC_MICRO || value === PCAP_MAGIC_NANO || value === PCAP_MAGIC_MODIFIED;
}

function looksLikeMessages(head: Uint8Array): boolean {
  let at = 0;
  while (at + 3 <= head.length) {
    const type = head[at + 2]! | 0x20; // letters of either case become small ones
    if (head[at] === 0 && head[at + 1] === 0) return at > 0; // the end record: there is nothing more to judge by
    if (head[at] !== 0 || type < 0x61 || type > 0x7a) return false;
    at += 2 + head[at + 1]!;
  }
  return at > 0;
}
