import { readFileSync } from 'node:fs';
import { type Random, seededRandom, TickerError } from '@tickerplant/core';
import { PageCatalogue, type StyleName } from '@tickerplant/feed-pages';
import { encodeScreen, Page } from '@tickerplant/pages';
import {
  type CellChange,
  compileYaml,
  type Plan,
  pageFromText,
  Shredder,
  type ShredderOptions,
  shredPage,
} from '@tickerplant/shredder';
import { fixturesOf, loadShredder } from '@tickerplant/shredders';

/** A page, and changes of one row each, behind the last of which it is as at first: all may come again. */
export interface ShredSteps {
  readonly plan: Plan;
  /** Days since 1970. */
  readonly today: number | undefined;
  readonly base: Page;
  readonly updates: readonly Uint8Array[];
}

/** How many rules a shredder has. */
export interface Rules {
  /** Columns: each reads a cell and judges its place, type and shape. */
  readonly columns: number;
  /** Guards, limits of moves, what must be alike in several rows. */
  readonly guards: number;
  readonly total: number;
  /** Of the table with most of them: what one of its rows is put through. */
  readonly ofRow: number;
}

const EXAMPLES = new URL('../../../../../examples/shredders/', import.meta.url);
const SECOND_OF_DAY = 36_000;
/** Figures that change at a time. */
const FIGURES = 3;
const TRIES_A_FIGURE = 4;
/** Most rows have no figures at all. */
const TRIES_A_STEP = 50;
const ZERO = 0x30;

/** Counts a shredder's rules; anchors and headers, which are looked at only when their rows change, are not counted. */
export function rulesOf({ tables }: Plan): Rules {
  const columns = tables.map((table) => table.columns.length);
  const guards = tables.map(({ guards, moves, alike }) => guards.length + moves.length + alike.length);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    columns: sum(columns),
    guards: sum(guards),
    total: sum(columns) + sum(guards),
    ofRow: Math.max(...columns.map((count, i) => count + guards[i]!)),
  };
}

/**
 * Changes of a shipped shredder's fixture: up to three figures of a row at a time, such that all that is LIVE stays so, and some of
 * it changes; there and back again.
 *
 * @param count of them: as many back as there.
 * @throws TickerError `BENCH_BAD_FIXTURE`: there is nothing that may change.
 */
export function fixtureSteps(name: string, count: number): ShredSteps {
  const plan = loadShredder(name);
  const fixture = fixturesOf(name).find(({ isDrifted }) => !isDrifted)!;
  const { today, text, attributes } = fixture;
  const random = seededRandom(11);
  const base = pageFromText(text, plan.rows, plan.columns, attributes);
  const options = today === undefined ? {} : { today };
  const page = copyOf(base);
  const there: Uint8Array[] = [];
  const back: Uint8Array[] = [];
  for (let tries = 0; there.length < count / 2; tries++) {
    if (tries > TRIES_A_STEP * count) {
      throw new TickerError('BENCH_BAD_FIXTURE', 'expected a fixture with figures that may change', { shredder: name });
    }
    const before = copyOf(page);
    const row = random.below(page.rows);
    for (let figure = 0; figure < FIGURES; figure++) changeFigure(page, row, random, plan, options);
    if (isSmooth(plan, options, before, page, row) && isSmooth(plan, options, page, before, row)) {
      const update = encoded(page, before);
      if (update !== undefined) {
        there.push(update);
        back.push(encoded(before, page)!);
        continue;
      }
    }
    page.copyFrom(before);
  }
  return { plan, today, base, updates: [...there, ...back.reverse()] };
}

/**
 * The simulated service's page of a style as its market changes, as long as all of it is LIVE to an example's shredder, and back again: in
 * the long run so few rows have quotes that the shredder doubts the page.
 *
 * @param count of them at most: as many back as there.
 */
export function simulatedSteps(file: string, style: StyleName, count: number): ShredSteps {
  const plan = compileYaml(readFileSync(new URL(file, EXAMPLES), 'utf8'), file);
  const catalogue = new PageCatalogue(8, 3);
  const simulated = catalogue.page(catalogue.indexOf(`${style}0001`), SECOND_OF_DAY);
  const { page } = simulated;
  const base = copyOf(page);
  const there: Uint8Array[] = [];
  const back: Uint8Array[] = [];
  while (there.length < count / 2) {
    const before = copyOf(page);
    simulated.step();
    // A change that goes out in two halves is one change here.
    while (simulated.isHalf) simulated.step();
    if (shredPage(plan, page).items.some(({ quality }) => quality !== 'LIVE')) break;
    const update = encoded(page, before)!;
    if (update.length === 0) continue;
    there.push(update);
    back.push(encoded(before, page)!);
  }
  return { plan, today: undefined, base, updates: [...there, ...back.reverse()] };
}

function copyOf(page: Page): Page {
  const copy = new Page(page.rows, page.columns);
  copy.copyFrom(page);
  return copy;
}

/** The message that turns a page into another; undefined: the protocol lacks a character that stands beside what changes. */
function encoded(after: Page, before: Page): Uint8Array | undefined {
  try {
    return encodeScreen(after, before, 'ansi');
  } catch {
    return undefined;
  }
}

/** Makes a figure of a row another one, where that leaves all of the page as good as it was. */
function changeFigure(page: Page, row: number, random: Random, plan: Plan, options: ShredderOptions): void {
  const base = row * page.columns;
  const isFigure = (word: number): boolean => word >= ZERO && word <= ZERO + 9;
  const figures = Array.from({ length: page.columns }, (_, i) => i).filter((i) => isFigure(page.text[base + i]!));
  for (let attempt = 0; attempt < TRIES_A_FIGURE && figures.length > 0; attempt++) {
    const column = figures[random.below(figures.length)]!;
    const word = page.text[base + column]!;
    const style = page.style[base + column]!;
    const extra = page.extra[base + column]!;
    page.put(row, column, ZERO + ((word - ZERO + 1 + random.below(9)) % 10), style, extra);
    const { match, items } = shredPage(plan, page, options);
    if (match === 'match' && items.every(({ quality }) => quality === 'LIVE')) return;
    page.put(row, column, word, style, extra);
  }
}

/** Whether one page follows another with nothing but new values. */
function isSmooth(plan: Plan, options: ShredderOptions, from: Page, to: Page, row: number): boolean {
  const shredder = new Shredder(plan, options);
  shredder.runWhole(from, 0);
  const changes: CellChange[] = [[row, 0, to.columns]];
  const settledNs = plan.quietNs + plan.atMostNs;
  const first = shredder.run(to, changes, settledNs);
  const then = shredder.run(to, [], 2 * settledNs);
  const isQuiet = [first, then].every(({ states, alerts }) => states.length === 0 && alerts.length === 0);
  return isQuiet && first.records.length + then.records.length > 0;
}
