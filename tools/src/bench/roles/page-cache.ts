import { type Random, seededRandom } from '@tickerplant/core';
import { CellRuns, ChangeTracker, Page, PageEncoder } from '@tickerplant/pages';
import { encodeMessage, Kind, RecordKind } from '@tickerplant/records';
import { CACHE_COUNTERS, CurrentValues } from '@tickerplant/tickerplant';
import { measure, type Rates } from '../measure.ts';
import { serveRole } from '../role.ts';
import type { PagesOptions } from './page-decoder.ts';

/** What was measured. */
export interface PageCacheResult {
  readonly rates: Rates;
  readonly bytesPerChange: number;
  /** Times that a page was drawn anew, of all runs. */
  readonly drawn: number;
  readonly faults: number;
}

/** A plant's current values, of pages alone. */
export interface PageCacheRole {
  /** Changes of one row each, as the normalised messages they are, taken in over and over. */
  changes(options: PagesOptions): Promise<PageCacheResult>;
  /** Pages that stay, each with changes until it has been drawn anew twice. @returns bytes of a page's image on the wire */
  hold(pages: number): number;
}

const ROWS = 25;
const COLUMNS = 80;
const PRICES_A_ROW = 4;
const CHANGES_A_PAGE = 60;
/** Bytes of a block's length. */
const HEADER = 2;

/** A page of digits in five colours, and messages about it. */
class PageSource {
  readonly page = new Page(ROWS, COLUMNS);
  readonly #random: Random = seededRandom(4);
  readonly #tracker = new ChangeTracker();
  readonly #changes = new CellRuns();
  readonly #encoder = new PageEncoder();

  constructor() {
    for (let row = 0; row < ROWS; row++) this.#write(row, 0, COLUMNS);
  }

  item(item: number): Uint8Array[] {
    const blocks = [block(encodeMessage({ kind: Kind.ITEM, item, subject: `P.${item}`, recordKind: RecordKind.PAGE }))];
    this.#encoder.image(item, this.page, 0, (bytes, length) => blocks.push(block(bytes.subarray(0, length))));
    return blocks;
  }

  change(item: number): Uint8Array {
    this.#tracker.begin(this.page);
    const row = this.#random.below(ROWS);
    for (let price = 0; price < PRICES_A_ROW; price++) this.#write(row, price * 20, 9);
    this.#changes.clear();
    this.#tracker.end(this.#changes.add);
    let one: Uint8Array = new Uint8Array(0);
    this.#encoder.update(item, this.page, this.#changes, (bytes, length) => {
      one = block(bytes.subarray(0, length));
    });
    return one;
  }

  #write(row: number, first: number, length: number): void {
    for (let column = first; column < first + length; column++) {
      this.page.put(row, column, 0x30 + this.#random.below(10), 1 + Math.floor(column / 16), 0);
    }
  }
}

function block(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + message.length);
  bytes[0] = message.length >>> 8;
  bytes[1] = message.length;
  bytes.set(message, HEADER);
  return bytes;
}

let faults = 0;
const counters = CACHE_COUNTERS.create();
const held = new CurrentValues(counters, () => {
  faults++;
});

const commands: PageCacheRole = {
  async changes(options) {
    const source = new PageSource();
    let seq = 1;
    const take = (bytes: Uint8Array): void => held.consume(bytes, 0, bytes.length, seq++, 1);
    for (let item = 0; item < options.pages; item++) source.item(item).forEach(take);
    const updates = Array.from({ length: options.updates }, (_, i) => source.change(i % options.pages));
    const rates = await measure(
      options,
      () => undefined,
      () => {
        updates.forEach(take);
        return updates.length;
      },
    );
    const bytesPerChange = updates.reduce((sum, { length }) => sum + length - HEADER, 0) / updates.length;
    return { rates, bytesPerChange, drawn: counters.pageFolds, faults };
  },

  hold(pages) {
    const source = new PageSource();
    let seq = 1;
    const take = (bytes: Uint8Array): void => held.consume(bytes, 0, bytes.length, seq++, 1);
    let imageBytes = 0;
    for (let item = 0; item < pages; item++) {
      const blocks = source.item(item);
      imageBytes = blocks.slice(1).reduce((sum, { length }) => sum + length - HEADER, 0);
      blocks.forEach(take);
    }
    // Not all of them at the same point.
    for (let round = 0; round < CHANGES_A_PAGE; round++) {
      for (let item = 0; item < pages; item++) if ((item + round) % 4 !== 0) take(source.change(item));
    }
    if (faults > 0 || held.itemCount !== pages) throw new Error(`expected ${pages} pages, got ${held.itemCount}`);
    return imageBytes;
  },
};

serveRole(commands);
