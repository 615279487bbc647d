import { TickerError } from '@tickerplant/core';
import { type CaptureInput, MessageCapture, PacketCapture } from './capture-reader.ts';
import { fileChunks, PeekableChunks, streamChunks } from './chunk-source.ts';
import { type CaptureFormat, DETECT_BYTES, detectFormat, requireFormat } from './detect.ts';
import { gunzipChunks } from './gunzip.ts';
import { MessageFileParser } from './message-file-parser.ts';
import { PcapParser } from './pcap-parser.ts';
import { PcapngParser } from './pcapng-parser.ts';
import type { ParserOptions } from './record-parser.ts';

/** How to open a capture. */
export interface OpenCaptureOptions extends Omit<ParserOptions, 'name'> {
  /**
   * What the file is. Default `auto`: by its first bytes. Packet files are recognised surely; message files have
   * no mark, so `auto` only guesses them, and `binaryfile` makes sure. Gzip is seen through in every case.
   */
  readonly format?: CaptureFormat | 'auto';
  /** Bytes read at once. Default 1 MiB. */
  readonly chunkBytes?: number;
}

/** An opened file: `kind` tells packets from bare messages. */
export type Capture = PacketCapture | MessageCapture;

const STDIN_NAME = '(standard input)';
const DEFAULT_CHUNK_BYTES = 1024 * 1024;

/**
 * Opens a capture file, plain or packed with gzip.
 *
 * @param path of the file; `-` = standard input.
 * @throws TickerError `CAPTURE_NOT_FOUND`, `CAPTURE_NO_PERMISSION`, `CAPTURE_IS_DIRECTORY`, `CAPTURE_READ_FAILED`,
 * `CAPTURE_EMPTY`, `CAPTURE_UNKNOWN_FORMAT`, `CAPTURE_GZIP_TRUNCATED`, `CAPTURE_GZIP_CORRUPT`
 */
export function openCapture(path: string, options: OpenCaptureOptions = {}): Promise<Capture> {
  if (path === '-') return openCaptureStream(process.stdin, STDIN_NAME, options);
  return openChunks(fileChunks(path, options.chunkBytes ?? DEFAULT_CHUNK_BYTES), path, options);
}

/**
 * Opens a capture that comes from a stream.
 *
 * @param stream its chunks may be of any size, and must keep their bytes until the next one is asked for.
 * @param name what to call it in errors.
 * @throws TickerError as `openCapture` does.
 */
export function openCaptureStream(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  options: OpenCaptureOptions = {},
): Promise<Capture> {
  return openChunks(streamChunks(stream, name), name, options);
}

/**
 * Opens a capture that must hold packets.
 *
 * @throws TickerError as `openCapture` does, and `CAPTURE_NOT_PACKETS`.
 */
export async function openPacketCapture(path: string, options: OpenCaptureOptions = {}): Promise<PacketCapture> {
  const capture = await openCapture(path, options);
  if (capture.kind === 'packets') return capture;
  await capture.close();
  throw new TickerError('CAPTURE_NOT_PACKETS', 'expected a packet capture (pcap or pcapng), got a message file', {
    file: path,
  });
}

/**
 * Opens a file that must hold bare messages.
 *
 * @throws TickerError as `openCapture` does, and `CAPTURE_NOT_MESSAGES`.
 */
export async function openMessageCapture(path: string, options: OpenCaptureOptions = {}): Promise<MessageCapture> {
  const capture = await openCapture(path, options);
  if (capture.kind === 'messages') return capture;
  await capture.close();
  throw new TickerError('CAPTURE_NOT_MESSAGES', `expected a message file, got a packet capture (${capture.format})`, {
    file: path,
  });
}

async function openChunks(
  chunks: AsyncGenerator<Uint8Array, void, void>,
  name: string,
  options: OpenCaptureOptions,
): Promise<Capture> {
  let source = new PeekableChunks(chunks);
  let fault: TickerError | undefined;
  try {
    const isCompressed = detectFormat(await source.peek(2)) === 'gzip';
    if (isCompressed) {
      const unpacked = gunzipChunks(source.read(), name, (found) => {
        fault = found;
      });
      source = new PeekableChunks(unpacked);
    }
    const format = await chooseFormat(source, name, options.format ?? 'auto', () => fault);
    return reader(format, { ...options, name }, { name, isCompressed, source, fault: () => fault });
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function chooseFormat(
  source: PeekableChunks,
  name: string,
  wanted: CaptureFormat | 'auto',
  fault: () => TickerError | undefined,
): Promise<CaptureFormat> {
  // Four bytes decide on packet files: a slow pipe is not waited for longer.
  const found = detectFormat((await source.peek(4)).subarray(0, 4));
  if (wanted !== 'auto') return wanted;
  if (found === 'pcap' || found === 'pcapng') return found;
  const head = await source.peek(DETECT_BYTES);
  return requireFormat(head, name, fault());
}

function reader(format: CaptureFormat, options: ParserOptions, input: CaptureInput): Capture {
  switch (format) {
    case 'pcap':
      return new PacketCapture(format, new PcapParser(options), input);
    case 'pcapng':
      return new PacketCapture(format, new PcapngParser(options), input);
    case 'binaryfile':
      return new MessageCapture(new MessageFileParser(options), input);
  }
}
