import { createGunzip, gunzipSync, constants as zlib } from 'node:zlib';
import { errorMessage, TickerError } from '@tickerplant/core';

/**
 * Packed bytes handed over at once. Bounds what they can unpack to (deflate packs at most 1,032 to 1), and what is
 * lost before a corrupt place: what the piece with the damage in it would have unpacked to.
 */
const PACKED_BYTES = 16 * 1024;
const UNPACKED_BYTES = 128 * 1024;

/**
 * Unpacks gzip. A file that is cut short or corrupt gives what can be unpacked, then the fault; it does not
 * throw. Zeros after the packed data are passed over, as gzip itself does. Errors of the source are passed on.
 *
 * @param onFault told `CAPTURE_GZIP_TRUNCATED` or `CAPTURE_GZIP_CORRUPT`.
 */
export async function* gunzipChunks(
  source: AsyncIterable<Uint8Array>,
  name: string,
  onFault: (fault: TickerError) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const gunzip = createGunzip({ chunkSize: UNPACKED_BYTES });
  let unpacked: Uint8Array[] = [];
  let failure: Error | undefined;
  let packedBytes = 0;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const finish = (): void => {
      isOver = true;
      resolve();
    };
    gunzip.on('close', finish); // after an error
    gunzip.on('end', finish); // also where zeros follow the packed data
  });
  gunzip.on('data', (chunk: Uint8Array) => unpacked.push(chunk));
  gunzip.on('error', (error) => {
    failure = error;
  });
  // One write at a time, and all it unpacks to is taken before the next: an error discards what is buffered.
  const write = (chunk: Uint8Array): Promise<void> => {
    const written = new Promise<void>((resolve) => {
      gunzip.write(chunk, () => resolve());
    });
    return Promise.race([written, over]);
  };
  const take = (): Uint8Array[] => {
    while (gunzip.read() !== null); // comes through 'data'
    const taken = unpacked;
    unpacked = [];
    return taken;
  };
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length && !isOver; at += PACKED_BYTES) {
        const piece = chunk.subarray(at, at + PACKED_BYTES);
        await write(piece);
        packedBytes += piece.length;
        yield* take();
      }
      if (isOver) break;
    }
    if (!isOver) {
      gunzip.end();
      await over;
      yield* take();
    }
    if (failure !== undefined) onFault(gzipFault(failure, name, packedBytes));
  } finally {
    gunzip.destroy();
  }
}

/**
 * Unpacks gzip that is all in memory; of a file cut short, what is there. A corrupt one gives nothing.
 *
 * @param bytesMax most bytes to unpack to.
 * @throws TickerError `CAPTURE_TOO_LARGE`
 */
export function gunzipBytes(
  bytes: Uint8Array,
  name: string | undefined,
  bytesMax: number,
): { bytes: Uint8Array; fault: TickerError | undefined } {
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: bytesMax }), fault: undefined };
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') {
      const message = `expected at most ${bytesMax} bytes after unpacking, got more`;
      throw new TickerError('CAPTURE_TOO_LARGE', message, { file: name });
    }
    const fault = gzipFault(error, name, bytes.length);
    if (fault.code !== 'CAPTURE_GZIP_TRUNCATED') return { bytes: new Uint8Array(0), fault };
    return { bytes: gunzipSync(bytes, { maxOutputLength: bytesMax, finishFlush: zlib.Z_SYNC_FLUSH }), fault };
  }
}

function gzipFault(error: unknown, name: string | undefined, packedBytes: number): TickerError {
  const context = { file: name, packedOffset: packedBytes };
  return codeOf(error) === 'Z_BUF_ERROR'
    ? new TickerError('CAPTURE_GZIP_TRUNCATED', 'the gzip data ends before its end mark', context, { cause: error })
    : new TickerError('CAPTURE_GZIP_CORRUPT', `corrupt gzip data: ${errorMessage(error)}`, context, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}
