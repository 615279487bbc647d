// Changed pages by the hundred: for every key the right value, or none.
import { judge, mutationsOf, pageFromText, type ShreddedItem, shredPage } from '@tickerplant/shredder';
import { fixturesOf, loadShredder, shredderNames } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { examples } from './examples.ts';

const PAGES = 400;
/** Free text, in which one letter is as legal as another. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  'fx-spot-composite': ['time', 'code', 'contributor', 'loc'],
  'broker-bond-page': ['benchmark', 'last'],
  'news-headlines': ['time', 'headline', 'kind'],
  'index-page': ['time'],
  fxfx: ['time', 'dealerCode', 'dealer', 'city', 'source'],
};

function rowsOf(name: string, text: string): string[] {
  const { rows, columns } = loadShredder(name);
  const lines = text.split('\n');
  return Array.from({ length: rows }, (_, row) => (lines[row] ?? '').padEnd(columns));
}

/** Tries changed pages of one good page. */
function check(t: Test, name: string, rows: readonly string[], others: readonly string[][], seed: number): void {
  const plan = loadShredder(name);
  const read = (page: readonly string[]): readonly ShreddedItem[] =>
    shredPage(plan, pageFromText(page.join('\n'), plan.rows, plan.columns)).items;
  const good = read(rows);
  t.ok(
    good.every((item) => item.quality === 'LIVE'),
    `${name}: the good page is LIVE`,
  );
  const text = new Set(TEXT[name]);
  const wrong: string[] = [];
  let pages = 0;
  let legal = 0;
  let legalWrong = 0;
  let fields = 0;
  let kept = 0;
  for (const mutation of mutationsOf(rows, { seed, count: PAGES, others })) {
    const verdict = judge(good, read(mutation.rows), text);
    if (mutation.isLegal) {
      legal++;
      if (verdict.wrong.length > 0) legalWrong++;
      continue;
    }
    pages++;
    fields += verdict.fields;
    kept += verdict.kept;
    for (const one of verdict.wrong) {
      wrong.push(
        `${mutation.kind} (${mutation.detail}): ${one.subject} ${one.field} ${String(one.right)} became ${String(one.got)}`,
      );
    }
  }
  t.strictSame(wrong, [], `${name}, seed ${seed}: no wrong value is LIVE`);
  t.ok(pages >= 300, `${name}: ${pages} changed pages`);
  t.ok(kept > 0, `${name}: something is kept`);
  t.comment(
    `${name}: ${pages} changed pages, ${((100 * kept) / fields).toFixed(1)} % of the right values kept; ` +
      `figure for figure: ${legalWrong} of ${legal} read wrong`,
  );
}

t.test('the fixtures', async (t) => {
  const pages = new Map(
    shredderNames().map((name) => [
      name,
      fixturesOf(name)
        .filter((fixture) => !fixture.isDrifted)
        .map((fixture) => rowsOf(name, fixture.text)),
    ]),
  );
  for (const [name, good] of pages) {
    const others = [...pages].filter(([other]) => other !== name).flatMap(([, rows]) => rows);
    for (const [seed, rows] of good.entries()) check(t, name, rows, others, 100 + seed);
  }
});

const all = examples();
t.test(
  'the example pages',
  { skip: all === undefined && 'the example pages are not beside the repository' },
  async (t) => {
    for (const example of all!) {
      const others = all!.filter((other) => other !== example).map((other) => [...other.rows]);
      for (const seed of [1, 2]) check(t, example.name, example.rows, others, seed);
    }
  },
);
