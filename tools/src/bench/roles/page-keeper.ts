import { type Random, seededRandom } from '@tickerplant/core';
import {
  AnsiDecoder,
  ChangeTracker,
  encodeRowUpdate,
  encodeScreen,
  encodeTeletext,
  Fade,
  Page,
  RowPage,
  type RowValues,
  TeletextDecoder,
  TeletextPage,
} from '@tickerplant/pages';
import { measure, type Rates, type Repetition } from '../measure.ts';
import { serveRole } from '../role.ts';

/** What to do. */
export interface PagesOptions extends Repetition {
  /** Different updates, applied over and over. */
  readonly updates: number;
  readonly pages: number;
}

/** What was measured; rates in rows. */
export interface PagesResult {
  readonly rates: Rates;
  readonly bytesPerRow: number;
  /** Cells told as changed, of all runs. */
  readonly cells: number;
  readonly faults: number;
}

/** Keeps pages up to date. */
export interface PageKeeperRole {
  /** 25 x 80 page updates of one row: some prices with a fade, now and then a whole row. */
  ansi(options: PagesOptions): Promise<PagesResult>;
  /** 14 x 64 page records, partial values. */
  rowFields(options: PagesOptions): Promise<PagesResult>;
  /** Whole transmissions of pages of 24 rows. */
  teletext(options: PagesOptions): Promise<PagesResult>;
  /** The bytes of the ANSI updates read and added up, nothing else. */
  baseline(options: PagesOptions): Promise<Rates>;
  /** Makes pages of 25 x 80 that stay, all cells set. @returns how many */
  hold(pages: number): number;
}

const ROWS = 25;
const COLUMNS = 80;
const PRICES_A_ROW = 4;
const PRICE_WIDTH = 9;
const WHOLE_ROW_SHARE = 0.1;
const TELETEXT_ROWS = 24;

function digits(random: Random, width: number): string {
  return random.next().toFixed(width).slice(2).padEnd(width, '0');
}

function write(page: Page, row: number, column: number, text: string, style: number, extra: number): void {
  for (let i = 0; i < text.length; i++) page.put(row, column + i, text.charCodeAt(i), style, extra);
}

/** A page full of digits and its updates, each the step from the page before it. */
function ansiUpdates(count: number): { readonly base: Uint8Array; readonly updates: Uint8Array[] } {
  const random = seededRandom(1);
  const page = new Page(ROWS, COLUMNS);
  for (let row = 0; row < ROWS; row++) write(page, row, 0, digits(random, 20).repeat(4), 0, 0);
  const base = encodeScreen(page, undefined, 'ansi');
  const before = new Page(ROWS, COLUMNS);
  const updates: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    before.copyFrom(page);
    const row = random.below(ROWS);
    if (random.next() < WHOLE_ROW_SHARE) write(page, row, 0, digits(random, 20).repeat(4), 0, 0);
    else {
      for (let price = 0; price < PRICES_A_ROW; price++) {
        write(page, row, price * 20, digits(random, PRICE_WIDTH), 1 + random.below(8), Fade.REVERSE);
      }
    }
    updates.push(encodeScreen(page, before, 'ansi'));
  }
  return { base, updates };
}

function bytesPerRow(updates: readonly Uint8Array[], rows: number): number {
  return updates.reduce((sum, update) => sum + update.length, 0) / rows;
}

const commands: PageKeeperRole = {
  async ansi(options) {
    const { base, updates } = ansiUpdates(options.updates);
    const tracker = new ChangeTracker();
    const decoders = Array.from({ length: options.pages }, () => {
      const decoder = new AnsiDecoder(new Page(ROWS, COLUMNS), { tracker });
      decoder.message(base);
      return decoder;
    });
    let cells = 0;
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (let i = 0; i < updates.length; i++) cells += decoders[i % decoders.length]!.message(updates[i]!);
        return updates.length;
      },
    );
    const faults = decoders.reduce((sum, decoder) => sum + decoder.faults.total, 0);
    return { rates, bytesPerRow: bytesPerRow(updates, updates.length), cells, faults };
  },

  async rowFields(options) {
    const random = seededRandom(2);
    const pages = Array.from({ length: options.pages }, () => new RowPage('ROW64'));
    const image = Array.from({ length: 14 }, (_, row) => [row, Buffer.from(digits(random, 16).repeat(4))] as const);
    for (const page of pages) page.image(image);
    const before = new RowPage('ROW64');
    const after = new RowPage('ROW64');
    for (const page of [before, after]) page.image(image);
    const updates: RowValues[] = [];
    const bytes: Uint8Array[] = [];
    while (updates.length < options.updates) {
      const row = random.below(14);
      const value = Buffer.from(
        `\x1b[9\`${digits(random, 6)}\x1b[31\`${digits(random, 9)}\x1b[50\`${digits(random, 6)}`,
      );
      after.update([[row, value]]);
      const update = encodeRowUpdate(after, before);
      before.update(update);
      if (update.length !== 1) continue;
      updates.push(update);
      bytes.push(update[0]![1]);
    }
    let cells = 0;
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (let i = 0; i < updates.length; i++) cells += pages[i % pages.length]!.update(updates[i]!);
        return updates.length;
      },
    );
    const faults = pages.reduce((sum, page) => sum + page.faults.total, 0);
    return { rates, bytesPerRow: bytesPerRow(bytes, updates.length), cells, faults };
  },

  async teletext(options) {
    const random = seededRandom(3);
    const transmissions: Uint8Array[] = [];
    const count = Math.max(1, Math.floor(options.updates / TELETEXT_ROWS));
    for (let i = 0; i < count; i++) {
      // Pages 100 to 8FF, so that they come round often.
      const page = new TeletextPage(0x100 + (i % Math.min(options.pages, 0x700)), 1);
      for (let at = 8; at < page.codes.length; at++)
        page.codes[at] = random.next() < 0.2 ? random.below(32) : 0x30 + random.below(10);
      transmissions.push(encodeTeletext(page));
    }
    let cells = 0;
    const decoder = new TeletextDecoder({
      onPage: (_, changed) => {
        cells += changed;
      },
    });
    const rates = await measure(
      options,
      () => undefined,
      () => {
        for (const transmission of transmissions) decoder.feed(transmission);
        return transmissions.length * TELETEXT_ROWS;
      },
    );
    const rows = transmissions.length * TELETEXT_ROWS;
    return { rates, bytesPerRow: bytesPerRow(transmissions, rows), cells, faults: decoder.faults.total };
  },

  baseline(options) {
    const { updates } = ansiUpdates(options.updates);
    return measure(
      options,
      () => undefined,
      () => {
        let sum = 0;
        for (const update of updates) for (let i = 0; i < update.length; i++) sum += update[i]!;
        return sum < 0 ? 0 : updates.length;
      },
    );
  },

  hold(pages) {
    for (let i = 0; i < pages; i++) {
      const page = new Page(ROWS, COLUMNS);
      for (let row = 0; row < ROWS; row++) write(page, row, 0, `PAGE ${i} ROW ${row}`.padEnd(COLUMNS), 1, 0);
      HELD.push(page);
    }
    return HELD.length;
  },
};

const HELD: Page[] = [];

serveRole(commands);
