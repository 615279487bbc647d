import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { TickerError } from '@tickerplant/core';
import { writeError } from './system-errors.ts';

/** How to write a file. */
export interface FileSinkOptions {
  /** Pack with gzip. Default: if the path ends in `.gz`. */
  readonly gzip?: boolean;
  /** Let an existing file alone: `CAPTURE_EXISTS`. Default: overwrite it. */
  readonly exclusive?: boolean;
  /** Most bytes to hold while the disk is slow. Default 16 MiB. */
  readonly queueBytesMax?: number;
  /** Told once if the file cannot be written on. */
  readonly onError?: (error: TickerError) => void;
}

const STDOUT_NAME = '(standard output)';
const BUFFER_BYTES = 256 * 1024;
const DEFAULT_QUEUE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Where file writers put their bytes: a few buffers that are filled in place, written in order and used again,
 * so that a slow disk can hold back no more than `queueBytesMax`. Not for users; see the writers.
 */
export class FileSink {
  /** The buffer to write into at `at`, once `reserve` has said true. */
  buffer: Uint8Array;
  at = 0;
  /** Bytes handed over for writing, before packing. */
  bytesWritten = 0;

  readonly #name: string;
  readonly #first: Writable;
  readonly #last: Writable;
  readonly #isStdout: boolean;
  readonly #bufferBytes: number;
  readonly #free: Uint8Array[] = [];
  readonly #onError: ((error: TickerError) => void) | undefined;
  #buffersLeft: number;
  #waiters: (() => void)[] = [];
  #failure: TickerError | undefined;
  #isOpen = false;
  #isClosed = false;

  private constructor(path: string, options: FileSinkOptions, recordBytesMax: number) {
    this.#isStdout = path === '-';
    this.#name = this.#isStdout ? STDOUT_NAME : path;
    this.#onError = options.onError;
    this.#bufferBytes = Math.max(BUFFER_BYTES, recordBytesMax);
    const buffers = Math.max(2, Math.floor((options.queueBytesMax ?? DEFAULT_QUEUE_BYTES_MAX) / this.#bufferBytes));
    this.#buffersLeft = buffers - 1;
    this.buffer = new Uint8Array(this.#bufferBytes);
    this.#last = this.#isStdout
      ? process.stdout
      : createWriteStream(path, { flags: options.exclusive === true ? 'wx' : 'w' });
    this.#first = this.#last;
    if (options.gzip ?? path.endsWith('.gz')) {
      const gzip = createGzip();
      gzip.on('error', (error) => this.#fail(error));
      gzip.pipe(this.#last, { end: !this.#isStdout });
      this.#first = gzip;
    }
    this.#last.on('error', (error) => this.#fail(error));
  }

  /** @throws TickerError if the file cannot be made */
  static async open(path: string, options: FileSinkOptions, recordBytesMax: number): Promise<FileSink> {
    const sink = new FileSink(path, options, recordBytesMax);
    if (!sink.#isStdout) {
      await new Promise<void>((resolve, reject) => {
        sink.#last.once('open', resolve);
        sink.#last.once('error', (error) => reject(writeError(error, path)));
      });
    }
    sink.#isOpen = true;
    return sink;
  }

  /** Why nothing more can be written. */
  get failure(): TickerError | undefined {
    return this.#failure;
  }

  /** Whether `buffer` has `count` bytes free at `at` now. False: all buffers wait for the disk, or it failed. */
  reserve(count: number): boolean {
    if (this.at + count <= this.buffer.length && this.#failure === undefined) return !this.#isClosed;
    return this.#nextBuffer();
  }

  /** Hands over what has been put in so far, without waiting for a full buffer. */
  flush(): void {
    if (this.at > 0 && this.#failure === undefined) this.#nextBuffer();
  }

  /** Resolves when there may be room again. @throws TickerError if the file cannot be written on */
  async room(): Promise<void> {
    while (this.#failure === undefined && !this.#isClosed && this.#free.length === 0 && this.#buffersLeft === 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosed) throw new TickerError('CAPTURE_CLOSED', `${this.#name} has been closed`, { file: this.#name });
  }

  /** Writes all out and closes. @throws TickerError if not all could be written */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      if (this.at > 0 && this.#failure === undefined) this.#write(this.buffer, this.at);
      this.at = 0;
      this.#isClosed = true;
      if (this.#failure === undefined) await this.#end();
      else this.#abandon();
      this.#wake();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #nextBuffer(): boolean {
    if (this.#failure !== undefined || this.#isClosed) return false;
    let fresh = this.#free.pop();
    if (fresh === undefined) {
      if (this.#buffersLeft === 0) return false;
      this.#buffersLeft--;
      fresh = new Uint8Array(this.#bufferBytes);
    }
    this.#write(this.buffer, this.at);
    this.buffer = fresh;
    this.at = 0;
    return true;
  }

  #write(buffer: Uint8Array, count: number): void {
    this.bytesWritten += count;
    this.#first.write(buffer.subarray(0, count), () => {
      this.#free.push(buffer);
      this.#wake();
    });
  }

  #abandon(): void {
    if (this.#first !== process.stdout) this.#first.destroy();
    if (!this.#isStdout) this.#last.destroy();
  }

  async #end(): Promise<void> {
    try {
      if (this.#first === process.stdout) {
        await new Promise<void>((resolve) => this.#first.write('', () => resolve()));
        return;
      }
      this.#first.end();
      await finished(this.#isStdout ? this.#first : this.#last, { readable: false });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failure === undefined) {
      this.#failure = writeError(error, this.#name, this.bytesWritten);
      if (this.#isOpen) this.#onError?.(this.#failure);
    }
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
