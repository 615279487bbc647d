import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, TickerError } from '@tickerplant/core';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';
import { CACHE_MARK, frameRecord, readRecords } from './cache-log.ts';

const CACHE_COUNTERS = counterSet('pageCache', {
  loaded: 'Pages that the cache had at the start.',
  damagedBytes: 'Bytes of the file that belonged to no good record at the start.',
  refused: 'Records of the file that were no page.',
  written: 'Records written.',
  bytes: 'Bytes written.',
  rewrites: 'Times that the file was written anew, without what is old.',
  failures: 'Writes that failed; the page is written again later.',
});

/** What there is to be kept. */
export interface CacheSource {
  /** The next record to be written; undefined: there is none. */
  next(): Uint8Array | undefined;
  /** Everything is to be written once more. @returns how many records that will be at most */
  all(): number;
}

export interface CacheFileOptions {
  readonly path: string;
  /** Bytes that are written in a second at most. */
  readonly bytesPerSecond: number;
  readonly registry: CounterRegistry;
  readonly onError: (error: TickerError) => void;
}

const SECOND = 1_000_000_000;
/** In one go. */
const BATCH_BYTES = 1 << 18;
/** A file with less than this that is old isn't worth writing anew. */
const WASTE_BYTES_MIN = 16 << 20;
/** Wait after a write that failed. */
const PAUSE_NS = 5 * SECOND;

/**
 * The file in which pages outlive a handler. Records are appended as pages change; when most of the file is old it is written
 * anew beside itself and takes its own place when it is complete. Whatever happens to the process or the file: what is read
 * is a page as it once was, or nothing.
 */
export class CacheFile {
  readonly #options: CacheFileOptions;
  readonly #counters: Counters<typeof CACHE_COUNTERS.descriptions>;
  #source: CacheSource | undefined;
  #file: FileHandle | undefined;
  #size = 0;
  /** Bytes that the file had when it had been written anew. */
  #fresh = 0;
  /** Records that are still to be written until the new file is complete; -1: none is being written. */
  #toCome = -1;
  #writing: Promise<void> | undefined;
  #owed = 0;
  #lastNs = -1;
  #pausedUntilNs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: CacheFileOptions) {
    this.#options = options;
    this.#counters = options.registry.create(CACHE_COUNTERS);
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    return { path: this.#options.path, bytes: this.#size, rewriting: this.#toCome >= 0 };
  }

  /**
   * Reads what the file has, each page once, as it was last.
   *
   * @param nameOf the page that a record is of; undefined: it is none
   * @param take a page's newest record. @returns false: it was no use
   */
  async load(nameOf: (payload: Buffer) => string | undefined, take: (payload: Buffer) => boolean): Promise<void> {
    const { path, onError } = this.#options;
    let file: Buffer;
    try {
      file = await readFile(path);
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'ENOENT') onError(failure('read', path, error));
      return;
    }
    const newest = new Map<string, Buffer>();
    this.#counters.damagedBytes = readRecords(file, (payload) => {
      const name = nameOf(payload);
      if (name === undefined) this.#counters.refused++;
      else newest.set(name, payload);
    });
    if (this.#counters.damagedBytes > 0) {
      const text = `expected a page cache without damage at ${path}, found ${this.#counters.damagedBytes} bytes of no use`;
      onError(new TickerError('PAGES_CACHE_DAMAGED', text));
    }
    for (const payload of newest.values()) {
      if (take(payload)) this.#counters.loaded++;
      else this.#counters.refused++;
    }
  }

  /** Begins to keep: the file is written anew first, so that what was wrong with it is gone. */
  begin(source: CacheSource): void {
    this.#source = source;
    this.#rewrite();
  }

  /** Lets time pass: writes what there is to write, at its pace. */
  tick(nowNs: number): void {
    if (this.#lastNs < 0) this.#lastNs = nowNs;
    const { bytesPerSecond } = this.#options;
    this.#owed = Math.min(BATCH_BYTES, this.#owed + ((nowNs - this.#lastNs) * bytesPerSecond) / SECOND);
    this.#lastNs = nowNs;
    if (this.#source === undefined || this.#writing !== undefined || nowNs < this.#pausedUntilNs || this.#owed <= 0)
      return;
    this.#writing = this.#write(this.#source).then(
      () => {
        this.#writing = undefined;
      },
      (error: unknown) => {
        this.#writing = undefined;
        this.#counters.failures++;
        this.#pausedUntilNs = this.#lastNs + PAUSE_NS;
        this.#options.onError(failure('write', this.#options.path, error));
        // What was lost with it is written again.
        this.#rewrite();
      },
    );
  }

  /** Writes what is left, and closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    const source = this.#source;
    this.#source = undefined;
    try {
      if (source !== undefined) {
        this.#owed = Number.POSITIVE_INFINITY;
        await this.#write(source);
      }
    } catch (error) {
      this.#options.onError(failure('write', this.#options.path, error));
    }
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  get #newPath(): string {
    return `${this.#options.path}.new`;
  }

  #rewrite(): void {
    this.#counters.rewrites++;
    this.#toCome = this.#source?.all() ?? 0;
    void this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  async #write(source: CacheSource): Promise<void> {
    this.#file ??= await this.#create();
    const records: Buffer[] = [];
    let bytes = 0;
    while (bytes < this.#owed && (bytes < BATCH_BYTES || this.#closed)) {
      const payload = source.next();
      if (payload === undefined) {
        // All have been asked for: the new file has everything.
        this.#toCome = Math.min(this.#toCome, 0);
        break;
      }
      const record = frameRecord(payload);
      records.push(record);
      bytes += record.length;
      if (this.#toCome > 0) this.#toCome--;
    }
    if (bytes > 0) {
      const { bytesWritten } = await this.#file.write(Buffer.concat(records));
      if (bytesWritten !== bytes) throw new Error(`${bytesWritten} of ${bytes} bytes were written`);
      this.#owed -= bytes;
      this.#size += bytes;
      this.#counters.written += records.length;
      this.#counters.bytes += bytes;
    }
    if (this.#toCome === 0) {
      await rename(this.#newPath, this.#options.path);
      this.#toCome = -1;
      this.#fresh = this.#size;
    } else if (this.#toCome < 0 && !this.#closed && this.#size - this.#fresh > Math.max(WASTE_BYTES_MIN, this.#fresh)) {
      this.#rewrite();
    }
  }

  async #create(): Promise<FileHandle> {
    await mkdir(dirname(this.#options.path), { recursive: true });
    await rm(this.#newPath, { force: true });
    const file = await open(this.#newPath, 'w', 0o600);
    await file.write(CACHE_MARK);
    this.#size = CACHE_MARK.length;
    return file;
  }
}

function failure(what: string, path: string, cause: unknown): TickerError {
  const text = `expected to ${what} the page cache ${path}, got ${cause instanceof Error ? cause.message : String(cause)}`;
  return new TickerError('PAGES_CACHE_FAILED', text, {}, { cause });
}
