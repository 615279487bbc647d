// Changed pages by the hundred: for every key the right value, or none.
import {
  isProvenByMemory,
  judge,
  mutationsOf,
  pageFromText,
  type ShreddedItem,
  Shredder,
  shown,
} from '@tickerplant/shredder';
import { fixturesOf, loadShredder, shredderNames } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { examples } from './examples.ts';

t.setTimeout(600_000);

const PAGES = 400;
/** Free text, in which one letter is as legal as another. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  'fx-spot-composite': ['time', 'code', 'contributor', 'loc'],
  'broker-bond-page': ['benchmark', 'last'],
  'news-headlines': ['time', 'headline', 'kind'],
  'index-page': ['time'],
  'tourist-rates-1995': ['unit'],
  'tourist-rates-1996': ['unit'],
  'tourist-rates-2002': ['unit'],
  'ntv-indices': ['time'],
  'cli-bridge-addresses': ['address', 'port'],
  'cli-linkagg-ports': ['port'],
  'nws-cli': ['title', 'time'],
  'nws-cli-estimated': ['title', 'time'],
  'nws-mos-nbs': ['station', 'time'],
  'nws-rtp-dtx': ['name'],
  'teefax-map': ['title'],
  'teefax-weather': ['pageTime', 'forecastTime', 'forecast'],
  fxfx: ['time', 'dealerCode', 'dealer', 'city', 'source'],
};

/** Pages of layouts with the same labels: rows of one are legal on the other. */
const SIBLINGS: readonly string[] = ['tourist-rates-', 'agtext-futures-', 'treasury-dts-', 'nws-cli'];

function rowsOf(name: string, text: string): string[] {
  const { rows, columns } = loadShredder(name);
  const lines = text.split('\n');
  return Array.from({ length: rows }, (_, row) => (lines[row] ?? '').padEnd(columns));
}

/** Tries changed pages of one good page. */
function check(
  t: Test,
  name: string,
  rows: readonly string[],
  others: readonly string[][],
  seed: number,
  today?: number,
): void {
  const plan = loadShredder(name);
  // A change without its sign is a change, and one price (or board) is as good as another: what proves such pages is what they said
  // before. Where nobody looks while a changed page goes on standing there, what must only be seen twice is believed in the end: counted.
  const isRemembered = isProvenByMemory(plan);
  const pageOf = (page: readonly string[]) => pageFromText(page.join('\n'), plan.rows, plan.columns);
  /** What is shown at once, and what in the end, if the page goes on standing there. */
  const read = (changed: readonly string[]): Record<'atOnce' | 'inTheEnd', readonly ShreddedItem[]> => {
    const shredder = new Shredder(plan, today === undefined ? {} : { today });
    if (isRemembered) shredder.runWhole(pageOf(rows), 0);
    const page = pageOf(changed);
    let { wakeAtNs } = shredder.runWhole(page, 1e9);
    const atOnce = shown(shredder, page).items;
    if (!isRemembered) return { atOnce, inTheEnd: atOnce };
    for (let more = 0; more < 10 && wakeAtNs !== undefined; more++) ({ wakeAtNs } = shredder.run(page, [], wakeAtNs));
    return { atOnce, inTheEnd: shown(shredder, page).items };
  };
  const good = read(rows).atOnce;
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
  let wrongInTheEnd = 0;
  for (const mutation of mutationsOf(rows, { seed, count: PAGES, others })) {
    const { atOnce, inTheEnd } = read(mutation.rows);
    const verdict = judge(good, atOnce, text);
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
    wrongInTheEnd += judge(good, inTheEnd, text).wrong.filter(({ right }) => right !== undefined).length;
  }
  t.strictSame(wrong, [], `${name}, seed ${seed}: no wrong value is LIVE`);
  t.ok(wrongInTheEnd * 500 <= fields, `${name}, seed ${seed}: ${wrongInTheEnd} wrong values of ${fields} in the end`);
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
        .map((fixture) => ({ rows: rowsOf(name, fixture.text), today: fixture.today })),
    ]),
  );
  for (const [name, good] of pages) {
    const others = [...pages]
      .filter(([other]) => other !== name && !SIBLINGS.some((kind) => other.startsWith(kind) && name.startsWith(kind)))
      .flatMap(([, found]) => found.map(({ rows }) => rows));
    for (const [seed, { rows, today }] of good.entries()) check(t, name, rows, others, 100 + seed, today);
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
