// What pages of the world ask for: a clock of their own, keys that come twice, some of the keys, rows that must agree, values in
// parts, labels that must be the same.
import { textWord } from '@tickerplant/pages';
import { compile, pageFromText, Shredder, type ShredderOptions, type TableSource } from '@tickerplant/shredder';
import t from 'tap';

type Page = ReturnType<typeof pageFromText>;

const MINUTE_NS = 60e9;
const DAY_MS = 86_400_000;
/** 13 September 2019, a Friday. */
const TODAY = 18_152;

const pageOf = (rows: readonly string[]): Page => pageFromText(['TREES', ...rows].join('\n'), 8, 40);

function deskOf(
  table: TableSource,
  rows: readonly string[],
  options: ShredderOptions = {},
): { shredder: Shredder; page: Page } {
  const plan = compile({
    shredder: 'trees',
    page: 'TREES',
    size: '8x40',
    version: 1,
    anchors: { name: { text: 'TREES', row: 0, column: 0 } },
    tables: { trees: table },
    settle: { quietMs: 0, atMostMs: 0 },
  });
  const shredder = new Shredder(plan, options);
  const page = pageOf(rows);
  shredder.runWhole(page, 0);
  return { shredder, page };
}

/** Items with the price that is LIVE; null for the others. */
function prices(shredder: Shredder): Record<string, unknown> {
  return Object.fromEntries(
    [...shredder.items()].map((item) => [
      item.subject.slice('TREES.'.length),
      item.quality === 'LIVE' ? (item.fields.get('price')?.text ?? 'none') : null,
    ]),
  );
}

/** Writes a row, and runs. */
function write(shredder: Shredder, page: Page, row: number, text: string, nowNs: number): void {
  for (const [column, letter] of [...text.padEnd(40)].entries())
    page.put(row, column, textWord(letter.charCodeAt(0)), 0, 0);
  shredder.run(page, [[row, 0, 40]], nowNs);
}

const LIST: TableSource = {
  rows: '1..6',
  columns: {
    name: { at: '0..5', type: { text: { charset: 'A-Z' } } },
    price: { at: '9..14', align: 'right', type: { price: { decimals: 2 } } },
  },
  key: 'name',
  fields: { name: 'name', price: 'price' },
};

t.test('a page that shows an old time is not believed', async (t) => {
  const table: TableSource = {
    ...LIST,
    rows: 1,
    columns: {
      ...LIST.columns,
      time: { at: '17..38', type: { dateTime: { form: 'WWW DD MMM hh:mm Z', zones: ['GMT', 'BST'] } } },
    },
    clock: { of: 'time', within: 30, zones: { BST: 60 } },
  };
  // 12:00 UTC at 0 ns; the page says 12:50 in summer time, which is 11:50.
  const options = { today: TODAY, utcMs: TODAY * DAY_MS + DAY_MS / 2 };
  const { shredder, page } = deskOf(table, ['ELM       10.10  Fri 13 Sep 12:50 BST'], options);
  t.strictSame(prices(shredder), { ELM: '10.10' });
  const { wakeAtNs } = shredder.run(page, [], 1);
  t.ok(
    wakeAtNs !== undefined && wakeAtNs > 20 * MINUTE_NS && wakeAtNs < 21 * MINUTE_NS,
    'asks to be woken when it is too old',
  );
  const effects = shredder.run(page, [], wakeAtNs!);
  t.strictSame(prices(shredder), { ELM: null }, 'time alone makes it old');
  t.match(effects.states[0]?.reasons[0], { code: 'PAGE_OLD', facts: { minutes: 30, within: 30 } });
  write(shredder, page, 1, 'ELM       10.20  Fri 13 Sep 13:20 BST', wakeAtNs! + 1);
  t.strictSame(prices(shredder), { ELM: '10.20' }, 'and comes back');
  const unjudged = deskOf(table, ['ELM       10.10  Thu 12 Sep 12:50 BST'], { today: TODAY });
  t.strictSame(prices(unjudged.shredder), { ELM: '10.10' }, 'without the time nothing is judged');
});

t.test('keys that stand twice', async (t) => {
  const table: TableSource = { ...LIST, repeated: { ELM: ['ELM', 'ELM.2'] } };
  const { shredder, page } = deskOf(table, ['ELM       10.10', 'OAK       20.10', 'ELM       30.10']);
  t.strictSame(prices(shredder), { OAK: '20.10', ELM: '10.10', 'ELM.2': '30.10' });
  write(shredder, page, 3, 'ELM       30.30', 1e9);
  t.strictSame(prices(shredder), { OAK: '20.10', ELM: '10.10', 'ELM.2': '30.30' }, 'each place keeps its symbol');
  write(shredder, page, 1, '', 2e9);
  t.strictSame(prices(shredder), { OAK: '20.10', ELM: null, 'ELM.2': null }, 'one that is left could be either');
});

t.test('a page with some of the keys', async (t) => {
  const keys = ['ELM', 'OAK', 'ASH'];
  t.strictSame(prices(deskOf({ ...LIST, keys }, ['ELM       10.10']).shredder), { ELM: '10.10', OAK: null, ASH: null });
  t.strictSame(prices(deskOf({ ...LIST, keys, partial: true }, ['ELM       10.10']).shredder), { ELM: '10.10' });
});

t.test('rows that must agree', async (t) => {
  const table: TableSource = {
    ...LIST,
    columns: { ...LIST.columns, off: { at: '17..21', align: 'right', type: { decimal: { decimals: 2 } } } },
    alike: [{ of: 'price - off', within: { default: 0, ASH: 0.05 } }],
  };
  const rows = ['ELM       10.10   0.10', 'OAK       10.30   0.30', 'ASH        9.95   0.00'];
  const { shredder, page } = deskOf(table, rows);
  t.strictSame(prices(shredder), { ELM: '10.10', OAK: '10.30', ASH: '9.95' });
  write(shredder, page, 2, 'OAK       10.30   0.20', 1e9);
  t.strictSame(prices(shredder), { ELM: '10.10', OAK: null, ASH: '9.95' }, 'the one that differs is in doubt');
  write(shredder, page, 1, 'ELM       10.10   9.10', 2e9);
  t.strictSame(prices(shredder), { ELM: null, OAK: null, ASH: null }, 'without a majority all are');
  write(shredder, page, 1, rows[0]!, 3e9);
  write(shredder, page, 2, rows[1]!, 4e9);
  t.strictSame(prices(shredder), { ELM: '10.10', OAK: '10.30', ASH: '9.95' }, 'and come back');
});

t.test('a value in parts, each in its place', async (t) => {
  const part = { optional: true, isolated: true } as const;
  const table: TableSource = {
    ...LIST,
    columns: {
      name: LIST.columns.name!,
      whole: { at: '8..11', align: 'right', type: { integer: { digits: '1..4' } }, ...part },
      quarter: { at: 12, type: { enum: ['¼', '½', '¾'] }, ...part },
      price: { join: ['whole', 'quarter'], separator: '', type: { fraction: { denominator: 4 } }, ...part },
    },
  };
  const rows = ['ELM       10½', 'OAK         ¼', 'ASH       12', 'FIR     @ 12', 'YEW       1 ¼', 'BOX        @'];
  t.strictSame(
    prices(deskOf(table, rows).shredder),
    { ELM: '10.5', OAK: '0.25', ASH: '12.0', FIR: 'none', YEW: null, BOX: 'none' },
    'damage takes away its own value; figures out of their place put the row in doubt',
  );
});

t.test('labels that must be the same', async (t) => {
  const table: TableSource = {
    ...LIST,
    columns: { ...LIST.columns, again: { at: '18..23', type: { text: { charset: 'A-Z' } } } },
    guards: [{ that: 'same(name, again) = 1', name: 'label' }],
  };
  const { shredder, page } = deskOf(table, ['ELM       10.10   ELM', 'OAK       20.10   OAK', 'ASH       30.10   ASH']);
  t.strictSame(prices(shredder), { ELM: '10.10', OAK: '20.10', ASH: '30.10' });
  write(shredder, page, 2, 'OAK       20.10   ASH', 1e9);
  t.strictSame(prices(shredder), { ELM: '10.10', OAK: null, ASH: '30.10' });
});
