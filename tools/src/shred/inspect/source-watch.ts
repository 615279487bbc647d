import { unwatchFile, watchFile } from 'node:fs';
import { errorMessage } from '@tickerplant/core';
import { besidePage } from '../page-file.ts';
import { readSource } from '../source.ts';
import { type Inspection, type InspectOptions, inspect } from './inspection.ts';

/** How often files are looked at, in milliseconds. By name, for editors put a new file in the place of the old one. */
const LOOK_MS = 200;

/** A page and a shredder in files that change. */
export class SourceWatch {
  readonly #file: string;
  readonly #options: InspectOptions;
  readonly #files: readonly string[];
  readonly #listener: () => void;
  /** The newest one that could be made. */
  inspection: Inspection;
  /** Why the files as they are now can't be inspected; empty where they can. */
  problem = '';

  /** @throws TickerError and ShredderError where there is nothing to show in the first place. */
  constructor(file: string, options: InspectOptions, onChange: () => void) {
    this.#file = file;
    this.#options = options;
    this.inspection = inspect(file, options);
    const { path } = readSource(options.with, options.store);
    this.#files = [file, ...(path === undefined ? [] : [path]), options.attrs ?? besidePage(file)];
    this.#listener = () => {
      this.reload();
      onChange();
    };
    for (const one of this.#files) watchFile(one, { interval: LOOK_MS }, this.#listener);
  }

  /** Reads the files again. */
  reload(): void {
    try {
      this.inspection = inspect(this.#file, this.#options);
      this.problem = '';
    } catch (error) {
      this.problem = errorMessage(error);
    }
  }

  close(): void {
    for (const one of this.#files) unwatchFile(one, this.#listener);
  }
}
