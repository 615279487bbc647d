import { TickerError } from '@tickerplant/core';
import { type CaptureEnd, type RecordCallback, STOP } from './capture-reader.ts';
import type { CapturedMessage } from './captured-message.ts';
import type { CapturedPacket } from './captured-packet.ts';
import { detectFormat, requireFormat } from './detect.ts';
import { gunzipBytes } from './gunzip.ts';
import { MessageFileParser } from './message-file-parser.ts';
import { PcapParser } from './pcap-parser.ts';
import { PcapngParser } from './pcapng-parser.ts';
import type { ParserOptions, RecordParser } from './record-parser.ts';

/** How to parse a capture that is in memory. */
export interface ParseCaptureOptions extends ParserOptions {
  /** Most bytes that gzip may unpack to. Default 1 GiB. */
  readonly unpackedBytesMax?: number;
}

const DEFAULT_UNPACKED_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * Gives each packet of a pcap or pcapng file in memory, plain or gzip, to the callback (borrowed; `STOP` ends it).
 *
 * @throws TickerError `CAPTURE_EMPTY`, `CAPTURE_UNKNOWN_FORMAT`, `CAPTURE_NOT_PACKETS`, `CAPTURE_TOO_LARGE`,
 * `CAPTURE_GZIP_CORRUPT` and `CAPTURE_GZIP_TRUNCATED` if nothing at all can be unpacked, and whatever the callback
 * throws. Other bad content does not throw: see `CaptureEnd.fault`.
 */
export function parsePackets(
  bytes: Uint8Array,
  callback: RecordCallback<CapturedPacket>,
  options: ParseCaptureOptions = {},
): CaptureEnd {
  const plain = unpack(bytes, options);
  const format = requireFormat(plain.bytes, options.name, plain.fault);
  if (format === 'binaryfile') {
    throw new TickerError('CAPTURE_NOT_PACKETS', 'expected a packet capture (pcap or pcapng), got a message file', {
      file: options.name,
    });
  }
  const parser = format === 'pcap' ? new PcapParser(options) : new PcapngParser(options);
  const stopped = parseAll(parser, plain.bytes, callback);
  return end(parser, plain.fault, stopped, false);
}

/**
 * Gives each message of a message file in memory, plain or gzip, to the callback (borrowed; `STOP` ends it). The
 * bytes are taken for a message file whatever they look like.
 *
 * @throws TickerError `CAPTURE_TOO_LARGE`, and whatever the callback throws. Bad content does not throw: see
 * `CaptureEnd.fault`.
 */
export function parseMessages(
  bytes: Uint8Array,
  callback: RecordCallback<CapturedMessage>,
  options: ParseCaptureOptions = {},
): CaptureEnd {
  const plain = unpack(bytes, options);
  const parser = new MessageFileParser(options);
  const stopped = parseAll(parser, plain.bytes, callback);
  return end(parser, plain.fault, stopped, parser.endOfSession);
}

function unpack(
  bytes: Uint8Array,
  options: ParseCaptureOptions,
): { bytes: Uint8Array; fault: TickerError | undefined } {
  if (detectFormat(bytes.subarray(0, 4)) !== 'gzip') return { bytes, fault: undefined };
  return gunzipBytes(bytes, options.name, options.unpackedBytesMax ?? DEFAULT_UNPACKED_BYTES_MAX);
}

/** Whether the callback stopped it. */
function parseAll<Record>(parser: RecordParser<Record>, bytes: Uint8Array, callback: RecordCallback<Record>): boolean {
  parser.feed(bytes);
  while (parser.next()) if (callback(parser.record) === STOP) return true;
  parser.end();
  while (parser.next()) if (callback(parser.record) === STOP) return true;
  return false;
}

function end(
  parser: RecordParser<unknown>,
  fault: TickerError | undefined,
  stopped: boolean,
  endOfSession: boolean,
): CaptureEnd {
  const { records, offset, problems } = parser;
  return { records, bytes: offset, fault: fault ?? parser.fault, problems, stopped, endOfSession };
}
