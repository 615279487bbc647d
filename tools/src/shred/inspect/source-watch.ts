import { unwatchFile, watchFile } from 'node:fs';
import { errorMessage } from '@tickerplant/core';
import type { Inspectable } from './inspectable.ts';
import type { Inspection } from './inspection.ts';

/** How often files are looked at, in milliseconds. By name, for editors put a new file in the place of the old one. */
const LOOK_MS = 200;

/** A page, at one of its moments, and a shredder, in files that change. */
export class SourceWatch {
  readonly #page: Inspectable;
  readonly #listener: () => void;
  #moment: number;
  /** The newest one that could be made. */
  inspection: Inspection;
  /** Why the files as they are now can't be inspected; empty where they can. */
  problem = '';

  /** @throws TickerError and ShredderError where there is nothing to show in the first place. */
  constructor(page: Inspectable, onChange: () => void) {
    this.#page = page;
    this.#moment = page.first;
    this.inspection = page.inspect(page.first);
    this.#listener = () => {
      this.reload();
      onChange();
    };
    for (const one of page.files) watchFile(one, { interval: LOOK_MS }, this.#listener);
  }

  /** Goes to a moment, or the nearest that there is. */
  look(moment: number): void {
    const wanted = Math.max(0, Math.min(this.#page.count - 1, moment));
    if (wanted === this.#moment) return;
    this.#moment = wanted;
    this.reload();
  }

  /** Reads the files again. */
  reload(): void {
    try {
      this.inspection = this.#page.inspect(this.#moment);
      this.problem = '';
    } catch (error) {
      this.problem = errorMessage(error);
    }
  }

  close(): void {
    for (const one of this.#page.files) unwatchFile(one, this.#listener);
  }
}
