import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { TickerError } from '@tickerplant/core';
import type { ShredderMemory } from '@tickerplant/shredder';

/** What was believed longer ago than this, in milliseconds, says nothing any more: there may have been a day in between. */
const OLD_MS = 12 * 3_600_000;
/** Between two writings. */
const WRITE_MS = 30_000;

export interface MemoryFileOptions {
  readonly path: string;
  /** The floor and the process: `demo handler/screens`. What another one remembers says nothing. */
  readonly owner: string;
  readonly onError: (error: unknown) => void;
}

/**
 * What a handler's shredders believe of rows, on disk: a handler that is started anew while a page is in drift must not take what
 * it finds there for what it always was. One file, replaced as a whole: a CRC-32 in the first line, JSON in the second.
 */
export class MemoryFile {
  readonly #options: MemoryFileOptions;
  #dueMs = 0;
  #written = '';
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(options: MemoryFileOptions) {
    this.#options = options;
  }

  /** What is there, by page; nothing where there is no file, or none that is whole and young enough. @param nowMs since 1970 */
  read(nowMs: number): ReadonlyMap<string, ShredderMemory> {
    const { path, owner, onError } = this.#options;
    try {
      const [crc, body] = readFileSync(path, 'utf8').split('\n');
      if (body === undefined || crc32(body).toString(16) !== crc) {
        throw new TickerError('PAGES_MEMORY_DAMAGED', `expected ${path} as it was written; it is left aside`);
      }
      const kept = JSON.parse(body) as { owner: string; savedMs: number; pages: Record<string, ShredderMemory> };
      const isOurs = kept.owner === owner && nowMs - kept.savedMs <= OLD_MS;
      return new Map(isOurs ? Object.entries(kept.pages) : []);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') onError(error);
      return new Map();
    }
  }

  /** Writes it when it is time again and something is new. @param nowMs since 1970 */
  keep(memories: () => ReadonlyMap<string, ShredderMemory>, nowMs: number): void {
    if (nowMs < this.#dueMs || this.#isWriting) return;
    const isFirst = this.#dueMs === 0;
    this.#dueMs = nowMs + WRITE_MS;
    // Before the first pages have come there is nothing but what was read.
    if (!isFirst) this.#write(memories(), nowMs);
  }

  /** Writes what is believed now, and waits for it. */
  async close(memories: ReadonlyMap<string, ShredderMemory>, nowMs: number): Promise<void> {
    await this.#writing;
    this.#write(memories, nowMs);
    await this.#writing;
  }

  #write(memories: ReadonlyMap<string, ShredderMemory>, savedMs: number): void {
    const { path, owner, onError } = this.#options;
    const pages = JSON.stringify(Object.fromEntries(memories));
    if (memories.size === 0 || pages === this.#written) return;
    this.#written = pages;
    const body = `{"owner":${JSON.stringify(owner)},"savedMs":${savedMs},"pages":${pages}}`;
    const write = async (): Promise<void> => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, `${crc32(body).toString(16)}\n${body}`);
      await rename(`${path}.new`, path);
    };
    this.#isWriting = true;
    this.#writing = write()
      .catch((error: unknown) => {
        // To be tried again, though nothing is new by then.
        this.#written = '';
        onError(error);
      })
      .finally(() => {
        this.#isWriting = false;
      });
  }
}
