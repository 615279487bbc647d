import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { errorMessage, formatDay } from '@tickerplant/core';
import type { EpochMemory } from './epochs.ts';

export interface EpochFileOptions {
  readonly path: string;
  /** The floor and the process: `demo handler/itch`. Another one's epochs don't count. */
  readonly owner: string;
  /** Days since 1970-01-01. Another day's epochs don't count. */
  readonly day: number;
  /** What operators must read about. */
  readonly trouble: (code: string, message: string) => void;
}

/**
 * The newest epoch of a handler, in a file of one line: a handler that starts anew begins none that it has published in, even
 * where all who could tell of it have ended too.
 *
 * Written before anything is published in the epoch, which is a few times a day, and into the system's cache: it is there
 * however the process ends, and may be missing after a power cut.
 */
export class EpochFile implements EpochMemory {
  readonly #options: EpochFileOptions;
  #newest = 0;

  /** Reads the file. What can't be read is told of and counts as nothing. */
  constructor(options: EpochFileOptions) {
    this.#options = options;
    const { path, owner, day } = options;
    try {
      this.#newest = parse(readFileSync(path, 'utf8'), owner, formatDay(day));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      options.trouble('FEED_EPOCH_UNREADABLE', `the epochs of before are not known: ${path}: ${errorMessage(error)}`);
    }
  }

  get newest(): number {
    return this.#newest;
  }

  keep(epoch: number): void {
    this.#newest = epoch;
    const { path, owner, day, trouble } = this.#options;
    const kept = { owner, day: formatDay(day), epoch };
    try {
      mkdirSync(dirname(path), { recursive: true });
      // Whole or not at all.
      writeFileSync(`${path}.new`, `${JSON.stringify({ ...kept, crc: crcOf(kept) })}\n`);
      renameSync(`${path}.new`, path);
    } catch (error) {
      trouble('FEED_EPOCH_UNWRITTEN', `epoch ${epoch} is not remembered: ${path}: ${errorMessage(error)}`);
    }
  }
}

interface Kept {
  readonly owner: string;
  readonly day: string;
  readonly epoch: number;
}

function crcOf({ owner, day, epoch }: Kept): number {
  return crc32(`${owner} ${day} ${epoch}`);
}

/** @returns the epoch; 0 if it is of another day. @throws Error */
function parse(text: string, owner: string, day: string): number {
  const kept = JSON.parse(text) as Kept & { readonly crc: number };
  if (kept.crc !== crcOf(kept)) throw new Error(`expected a sound line, got ${JSON.stringify(text.slice(0, 100))}`);
  if (kept.owner !== owner) throw new Error(`expected the epoch of ${owner}, got that of ${kept.owner}`);
  return kept.day === day ? kept.epoch : 0;
}
