// Cash prices of grain in the lines of a text service: every row of the tables, and none that damage has put elsewhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageFromText, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Expected {
  readonly commodity?: string;
  readonly area?: string;
  readonly low: string | null;
  readonly high: string | null;
  readonly basisCents: number | null;
  readonly status: string;
}

const pages = sharedDir('pages');

t.test('cash grain of 1988', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const read = (kind: string): string => readFileSync(join(pages!, 'agtext', `ket-agtext-1988-02-26.${kind}`), 'utf8');
  const expected = read('cash-grain.expected.jsonl')
    .trimEnd()
    .split('\n')
    .map((line): Expected => JSON.parse(line));
  const plan = loadShredder('agtext-cash-grain');
  const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  const wanted = expected
    .filter((row) => row.status !== 'reject')
    .map((row) => [row.commodity, row.area, row.status, row.low, row.high, row.basisCents]);
  const lines = read('txt').split('\n');
  // The first and the last lines that fit: the tables are in both, what damage has put further down is in one.
  for (const from of [0, lines.length - plan.rows]) {
    const { items } = shredPage(
      plan,
      pageFromText(lines.slice(from, from + plan.rows).join('\n'), plan.rows, plan.columns),
    );
    const got = items
      .filter((item) => item.quality === 'LIVE')
      .map(({ fields }) => {
        const basis = typeof fields.basisCents === 'string' ? Number(fields.basisCents) : null;
        return [fields.commodity, fields.area, fields.status ?? 'ok', fields.low ?? null, fields.high ?? null, basis];
      });
    t.strictSame(sorted(got), sorted(wanted), `from line ${from + 1}`);
    t.equal(got.length, 24, 'rows');
  }
  t.end();
});
