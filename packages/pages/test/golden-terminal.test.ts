// Streams that real programs sent to a terminal, against the screens that a terminal shows after them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attributeRuns, Page, TerminalDecoder } from '@tickerplant/pages';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Expected {
  readonly name: string;
  readonly columns: number;
  readonly lines: number;
  readonly rows: readonly string[];
  readonly runs: readonly (readonly unknown[])[];
}

const pages = sharedDir('pages');
const skip = pages === undefined ? 'no ../shared/pages' : false;

t.test('recordings end on the expected screens', { skip }, (t) => {
  const folder = join(pages!, 'ansi-terminal');
  const names = readdirSync(folder).filter((name) => name.endsWith('.expected.json'));
  t.equal(names.length, 20);
  for (const name of names) {
    const expected = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Expected;
    const stream = readFileSync(join(folder, `${expected.name}.recording`));
    for (const size of [stream.length, 1, 7, 1000]) {
      const page = new Page(expected.lines, expected.columns);
      const decoder = new TerminalDecoder(page);
      for (let at = 0; at < stream.length; at += size) decoder.feed(stream.subarray(at, at + size));
      const rows = Array.from({ length: page.rows }, (_, row) => page.rowText(row));
      const runs = Array.from({ length: page.rows }, (_, row) => attributeRuns(page, row));
      t.same(rows, expected.rows, `${expected.name} in pieces of ${size}, rows`);
      t.same(runs, expected.runs, `${expected.name} in pieces of ${size}, runs`);
    }
  }
  t.end();
});
