import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, seededRandom } from '@tickerplant/core';
import { PageCatalogue } from '@tickerplant/feed-pages';
import { CellRuns, ChangeTracker, encodeScreen, Fade, Page, TerminalDecoder } from '@tickerplant/pages';

/** Updates of pages made in advance, to be applied one after another. */
export interface AnsiUpdates {
  /** The first image of each page, whole. */
  readonly bases: readonly Uint8Array[];
  readonly updates: readonly Uint8Array[];
  /** By update: the number of its page. */
  readonly pageOf: Uint32Array;
  /** Rows that the updates change, of all. */
  readonly rows: number;
}

/** What a program sent to a terminal, in pieces. */
export interface TerminalPieces {
  readonly rows: number;
  readonly columns: number;
  readonly pieces: readonly Uint8Array[];
  /** Rows that the pieces change, of all. */
  readonly changedRows: number;
}

const ROWS = 25;
const COLUMNS = 80;
const PRICES_A_ROW = 4;
const PRICE_WIDTH = 9;
const WHOLE_ROW_SHARE = 0.1;
const SECOND_OF_DAY = 36_000;

/** So many figures. */
export function digits(random: Random, width: number): string {
  return random.next().toFixed(width).slice(2).padEnd(width, '0');
}

function write(page: Page, row: number, column: number, text: string, style: number, extra: number): void {
  for (let i = 0; i < text.length; i++) page.put(row, column + i, text.charCodeAt(i), style, extra);
}

/** Pages full of digits: updates of four prices with colour and fade, one in ten of a whole row. */
export function generatedAnsi(count: number, pages: number): AnsiUpdates {
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
  const pageOf = Uint32Array.from({ length: count }, (_, i) => i % pages);
  return { bases: new Array<Uint8Array>(pages).fill(base), updates, pageOf, rows: count };
}

/** The simulated service's pages, of all its styles: each update is one change of the market behind a page. */
export function simulatedAnsi(count: number, pages: number): AnsiUpdates {
  const random = seededRandom(5);
  const catalogue = new PageCatalogue(pages, 7);
  const tracker = new ChangeTracker();
  const changes = new CellRuns();
  const before = new Page(ROWS, COLUMNS);
  const bases = Array.from({ length: pages }, (_, i) =>
    encodeScreen(catalogue.page(i, SECOND_OF_DAY).page, undefined, 'ansi'),
  );
  const updates: Uint8Array[] = [];
  const pageOf = new Uint32Array(count);
  let rows = 0;
  while (updates.length < count) {
    const index = random.below(pages);
    const simulated = catalogue.page(index, SECOND_OF_DAY);
    before.copyFrom(simulated.page);
    tracker.begin(simulated.page);
    simulated.step();
    changes.clear();
    tracker.end(changes.add);
    if (changes.count === 0) continue;
    rows += rowsOf(changes);
    pageOf[updates.length] = index;
    updates.push(encodeScreen(simulated.page, before, 'ansi'));
  }
  return { bases, updates, pageOf, rows };
}

/** Recorded terminal sessions, cut into pieces of at most so many bytes. */
export function recordedPieces(folder: string, bytes: number): TerminalPieces[] {
  const changes = new CellRuns();
  return readdirSync(folder)
    .filter((name) => name.endsWith('.recording'))
    .sort()
    .map((name) => {
      const facts = readFileSync(join(folder, name.replace(/recording$/, 'expected.json')), 'utf8');
      const { lines: rows, columns } = JSON.parse(facts) as { lines: number; columns: number };
      const stream = readFileSync(join(folder, name));
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += bytes) pieces.push(stream.subarray(at, at + bytes));
      const decoder = new TerminalDecoder(new Page(rows, columns));
      let changedRows = 0;
      for (const piece of pieces) {
        changes.clear();
        decoder.message(piece, changes.add);
        changedRows += rowsOf(changes);
      }
      return { rows, columns, pieces, changedRows };
    });
}

/** Runs come row by row. */
function rowsOf(changes: CellRuns): number {
  let rows = 0;
  for (let i = 0; i < changes.count; i++) if (i === 0 || changes.row(i) !== changes.row(i - 1)) rows++;
  return rows;
}
