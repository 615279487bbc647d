import { type FileHandle, open } from 'node:fs/promises';
import { TickerError } from '@tickerplant/core';
import { readError } from './system-errors.ts';

/**
 * A file's bytes in chunks. Each chunk is borrowed: it is good until the next one has been asked for. Reads one
 * chunk ahead, into two buffers in turn.
 *
 * @throws TickerError `CAPTURE_NOT_FOUND`, `CAPTURE_NO_PERMISSION`, `CAPTURE_IS_DIRECTORY`, `CAPTURE_READ_FAILED`
 */
export async function* fileChunks(path: string, chunkBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const handle = await openFile(path);
  let reading: Promise<number> | undefined;
  let offset = 0;
  try {
    const size = await chunkSize(handle, path, chunkBytes);
    const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
    let turn = 0;
    reading = read(handle, buffers[0]!);
    for (;;) {
      const count = await reading;
      if (count === 0) return;
      const chunk = buffers[turn]!.subarray(0, count);
      offset += count;
      turn = 1 - turn;
      reading = read(handle, buffers[turn]!);
      yield chunk;
    }
  } catch (error) {
    throw readError(error, path, offset);
  } finally {
    await reading?.catch(() => 0); // the buffer is the kernel's until then
    await handle.close();
  }
}

/** The chunks of any stream (standard input, say), with its errors said plainly. */
export async function* streamChunks(
  stream: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, void> {
  let offset = 0;
  try {
    for await (const chunk of stream) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw readError(error, name, offset);
  }
}

/** Chunks whose start can be looked at before they are read. */
export class PeekableChunks {
  readonly #chunks: AsyncGenerator<Uint8Array, void, void>;
  #head: Uint8Array = new Uint8Array(0);
  #isOver = false;

  constructor(chunks: AsyncGenerator<Uint8Array, void, void>) {
    this.#chunks = chunks;
  }

  /** The first bytes: at least `count`, or all there are. Nothing is taken away. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#head.length < count && !this.#isOver) {
      const head = this.#head.slice(); // its buffer is given back by asking for more
      const { value, done } = await this.#chunks.next();
      if (done === true) this.#isOver = true;
      this.#head = done === true ? head : head.length === 0 ? value : Buffer.concat([head, value]);
    }
    return this.#head;
  }

  /** All chunks, from the first byte on. */
  async *read(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (this.#head.length > 0) yield this.#head;
      if (!this.#isOver) yield* this.#chunks;
    } finally {
      await this.close();
    }
  }

  /** Gives up what is left. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#chunks.return();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readError(error, path);
  }
}

function read(handle: FileHandle, buffer: Buffer): Promise<number> {
  const reading = handle.read(buffer, 0, buffer.length, null).then(({ bytesRead }) => bytesRead);
  reading.catch(() => {}); // it is looked at when the chunk before has been used up, which may be late
  return reading;
}

/** Small files need no large buffers. */
async function chunkSize(handle: FileHandle, path: string, chunkBytes: number): Promise<number> {
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    throw new TickerError('CAPTURE_IS_DIRECTORY', `cannot read ${path}: expected a file, got a directory`, {
      file: path,
    });
  }
  return stat.isFile() ? Math.min(chunkBytes, Math.max(stat.size, 4096)) : chunkBytes;
}
