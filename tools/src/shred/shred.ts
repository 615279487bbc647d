import { parseDay, TickerError } from '@tickerplant/core';
import {
  coverage,
  explain,
  type Plan,
  pageFromText,
  type ShreddedItem,
  Shredder,
  shredPage,
} from '@tickerplant/shredder';
import { type Fixture, fixturesOf, loadShredder, shredderNames } from '@tickerplant/shredders';
import { parseWhole } from '../options.ts';
import type { LineOutput } from '../output.ts';
import { readPage } from './page-file.ts';
import { readSource } from './source.ts';

/** What the commands take of pages. */
interface PageFiles {
  readonly page: readonly string[];
  readonly attrs?: string;
  readonly today?: string;
  readonly json?: true;
}

/** Shreds each page and prints what came of it. */
export function runShred(name: string, files: PageFiles & { readonly store: string }, output: LineOutput): void {
  const { plan } = readSource(name, files.store);
  const options = files.today === undefined ? {} : { today: parseDay(files.today) };
  for (const path of files.page) {
    const result = shredPage(plan, readPage(plan, path, files.attrs), options);
    if (files.json === true) {
      output.line(JSON.stringify(result));
      continue;
    }
    output.line(`${result.page}  ${result.match}`);
    for (const reason of result.reasons) output.line(`  ${reason}`);
    for (const item of result.items) output.line(itemLine(item));
  }
}

export function itemLine({ subject, quality, reason, fields }: ShreddedItem): string {
  const values = Object.entries(fields).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : value}`,
  );
  return `${quality.padEnd(7)}  ${subject}  ${[...values, ...(reason === '' ? [] : [reason])].join('  ')}`;
}

/**
 * Compares what shredders make of their fixtures with what is expected.
 *
 * @throws TickerError `SHRED_TEST_FAILED` where one differs
 */
export function runTest(names: readonly string[], json: boolean, output: LineOutput): void {
  let failed = 0;
  let count = 0;
  for (const name of names.length > 0 ? names : shredderNames()) {
    const plan = loadShredder(name);
    const fixtures = fixturesOf(name);
    if (fixtures.length === 0) throw new TickerError('SHRED_NO_FIXTURES', `expected fixtures of ${name}, got none`);
    for (const fixture of fixtures) {
      const differences = differencesOf(plan, fixture);
      count++;
      if (differences.length > 0) failed++;
      if (json) output.line(JSON.stringify({ shredder: plan.name, fixture: fixture.name, differences }));
      else {
        output.line(`${differences.length === 0 ? 'ok    ' : 'not ok'}  ${plan.name} ${fixture.name}`);
        for (const difference of differences) output.line(`        ${difference}`);
      }
    }
  }
  if (failed > 0)
    throw new TickerError(
      'SHRED_TEST_FAILED',
      `expected all fixtures as written, got ${failed} of ${count} that differ`,
    );
}

export function differencesOf(plan: Plan, fixture: Fixture): string[] {
  const page = pageFromText(fixture.text, plan.rows, plan.columns, fixture.attributes);
  const options = fixture.today === undefined ? {} : { today: fixture.today };
  const got = new Map(shredPage(plan, page, options).items.map((item) => [item.subject, item]));
  const differences: string[] = [];
  for (const { subject, fields } of fixture.live) {
    const item = got.get(subject);
    got.delete(subject);
    if (item === undefined || item.quality !== 'LIVE') {
      differences.push(`${subject}: expected LIVE, got ${item === undefined ? 'nothing' : `SUSPECT ${item.reason}`}`);
      continue;
    }
    for (const name of new Set([...Object.keys(fields), ...Object.keys(item.fields)])) {
      const want = JSON.stringify(fields[name]);
      const have = JSON.stringify(item.fields[name]);
      if (want !== have)
        differences.push(`${subject} ${name}: expected ${want ?? 'nothing'}, got ${have ?? 'nothing'}`);
    }
  }
  for (const { subject, quality, reason } of got.values()) {
    if (quality === 'LIVE') differences.push(`${subject}: expected nothing LIVE, got values`);
    else if (!fixture.isDrifted) differences.push(`${subject}: expected LIVE, got SUSPECT ${reason}`);
  }
  return differences;
}

/** Prints which cells of pages are read. */
export function runCover(name: string, files: PageFiles, output: LineOutput): void {
  const plan = loadShredder(name);
  for (const path of files.page) {
    const page = readPage(plan, path, files.attrs);
    const shredder = new Shredder(plan);
    shredder.runWhole(page, 0);
    const result = coverage(shredder, page);
    if (files.json === true) {
      output.line(JSON.stringify({ page: plan.page, match: shredder.match, ...result }));
      continue;
    }
    const counts = Object.entries(result.cells).map(([kind, count]) => `${kind} ${count}`);
    output.line(`${plan.page}  ${counts.join('  ')}`);
    for (const { row, column, text } of result.unread)
      output.line(`  unread  row ${row} col ${column}  ${JSON.stringify(text)}`);
    for (const rule of result.idle) output.line(`  found nothing  ${rule}`);
  }
}

/** Prints what a cell is to a shredder. */
export function runExplain(name: string, row: string, column: string, files: PageFiles, output: LineOutput): void {
  const plan = loadShredder(name);
  const shredder = new Shredder(plan);
  shredder.runWhole(readPage(plan, files.page[0]!, files.attrs), 0);
  const result = explain(
    shredder,
    parseWhole('row', row, 0, plan.rows - 1),
    parseWhole('column', column, 0, plan.columns - 1),
  );
  if (files.json === true) {
    output.line(JSON.stringify(result));
    return;
  }
  for (const [fact, value] of Object.entries(result)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (Array.isArray(value)) for (const one of value) output.line(`${fact.padEnd(8)}  ${one}`);
    else if (typeof value === 'object') {
      for (const [part, text] of Object.entries(value)) output.line(`${fact.padEnd(8)}  ${part} ${text}`);
    } else output.line(`${fact.padEnd(8)}  ${value}`);
  }
}
