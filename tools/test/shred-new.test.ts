// What ticker shred new proposes: a shredder that compiles, reads the pages it was made from, and leaves no text unaccounted for.
import { compileYaml, coverage, pageFromText, Shredder, shredPage } from '@tickerplant/shredder';
import { fixturesOf } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { identifier } from '../src/shred/new/find-columns.ts';
import { proposeShredder } from '../src/shred/new/propose.ts';

const SIZE = { rows: 25, columns: 80 };

function good(name: string): string[] {
  return fixturesOf(name)
    .filter((fixture) => !fixture.isDrifted)
    .map((fixture) => fixture.text);
}

/** Tries a proposal on the pages it was made from. */
function check(t: Test, name: string, texts: readonly string[]): void {
  const { yaml, live, items } = proposeShredder(texts, { name, ...SIZE });
  const plan = compileYaml(yaml, `${name}.yaml`);
  t.ok(items > 0, `${name}: has items`);
  t.equal(live, items, `${name}: all are LIVE`);
  for (const text of texts) {
    const page = pageFromText(text, 25, 80);
    const shredder = new Shredder(plan);
    shredder.runWhole(page, 0);
    t.strictSame(coverage(shredder, page).unread, [], `${name}: no text is left over`);
    t.equal(shredder.match, 'match');
  }
}

/** Pages of 25 x 80 with a table and a title: what a proposal is made for. */
const PROPOSABLE = [
  'base-metals',
  'broker-bond-page',
  'deposit-rates',
  'fx-spot-composite',
  'index-page',
  'news-headlines',
  'swap-fixings',
  'us-treasuries-32nds',
];

t.test('the pages of the shipped shredders, together and one by one', async (t) => {
  for (const name of PROPOSABLE) {
    const texts = good(name);
    check(t, name, texts);
    for (const text of texts) check(t, name, [text]);
  }
});

t.test('the values are those that the shipped shredders read', async (t) => {
  const values = (name: string, fields: readonly string[]): Record<string, unknown> => {
    const [text] = good(name);
    const { plan } = proposeShredder(good(name), { name, ...SIZE });
    const items = shredPage(plan, pageFromText(text!, 25, 80)).items;
    return Object.fromEntries(items.map((item) => [item.subject, fields.map((field) => item.fields[field])]));
  };
  const expected = (name: string, fields: readonly string[]): Record<string, unknown> => {
    const [fixture] = fixturesOf(name).filter(({ isDrifted }) => !isDrifted);
    return Object.fromEntries(fixture!.live.map((item) => [item.subject, fields.map((field) => item.fields[field])]));
  };
  const spot = values('fx-spot-composite', ['bid', 'ask', 'high', 'low']);
  const wanted = expected('fx-spot-composite', ['bid', 'ask', 'high', 'low']);
  for (const subject of ['SPOTFX.EUR', 'SPOTFX.JPY', 'SPOTFX.NOK'])
    t.strictSame(spot[subject], wanted[subject], subject);
  const news = values('news-headlines', ['headline', 'code']);
  t.strictSame(news, expected('news-headlines', ['headline', 'code']));
});

t.test('a page that moved is not read by what was proposed', async (t) => {
  const [text] = good('fx-spot-composite');
  const { plan } = proposeShredder([text!], { name: 'spot', ...SIZE });
  const rows = text!.split('\n');
  const moved = rows.map((row, at) => (at >= 2 && at <= 13 ? `  ${row}` : row)).join('\n');
  const result = shredPage(plan, pageFromText(moved, 25, 80));
  t.equal(result.match, 'hard-drift');
  t.notOk(result.items.some((item) => item.quality === 'LIVE'));
});

t.test('pages with nothing to propose say so', async (t) => {
  const none = { code: 'SHRED_NOTHING_FOUND' };
  t.throws(() => proposeShredder(['NOTICE\n\nNO PAGE TODAY\n'], { name: 'x', ...SIZE }), none);
  t.throws(() => proposeShredder([''], { name: 'x', ...SIZE }), none);
  t.throws(
    () => proposeShredder(['OAK   1.50  2.50\nELM   1.25  2.25\n'], { name: 'x', ...SIZE }),
    none,
    'nothing to know the page by',
  );
});

t.test('names from headers', async (t) => {
  t.equal(identifier('BID YLD', 0), 'bidYld');
  t.equal(identifier('11:00 FIX', 0), 'c1100Fix');
  t.equal(identifier('%', 2), 'column3');
});
