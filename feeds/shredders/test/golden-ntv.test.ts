// Three market pages of a German teletext service: every value.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageFromText, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Subpage {
  readonly page: number;
  readonly sub_page: number;
}

const pages = sharedDir('pages');
const text = (name: string): string => readFileSync(join(pages!, 'ntv', name), 'utf8');

/** The rows of each subpage: a line with its number comes before them. */
function subpages(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let rows: string[] = [];
  for (const line of text('ntv-2022-08-04.ndjson').trimEnd().split('\n')) {
    const read = JSON.parse(line) as Subpage | [colours: string, text: string][];
    if (Array.isArray(read)) rows.push(read.map(([, run]) => run).join(''));
    else {
      rows = [];
      found.set(`${read.page}/${read.sub_page}`, rows);
    }
  }
  return found;
}

t.test('every value of the three pages', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const sheets = subpages();
  const expected = JSON.parse(text('ntv-2022-08-04.expected.json')) as (Subpage & {
    records: Record<string, unknown>[];
  })[];
  let records = 0;
  for (const sheet of expected) {
    const name = `${sheet.page}/${sheet.sub_page}`;
    const plan = loadShredder(sheet.page === 209 ? 'ntv-indices' : 'ntv-gainers');
    const result = shredPage(plan, pageFromText(sheets.get(name)!.join('\n'), plan.rows, plan.columns));
    t.equal(result.match, 'match', `${name}: ${result.reasons.join('; ')}`);
    t.strictSame(
      result.items.filter((item) => item.quality !== 'LIVE'),
      [],
      `${name}: all are LIVE`,
    );
    const wanted = sheet.records.map(({ row: _, guardFailure: __, ...fields }) => fields);
    t.strictSame(
      result.items.map(({ fields }) => fields),
      wanted,
      name,
    );
    records += wanted.length;
  }
  t.equal(records, 19, 'records in all');
  t.end();
});
