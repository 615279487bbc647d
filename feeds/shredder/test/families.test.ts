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
  const { shredder, page } = deskOf(table, rows.slice(0, 3));
  t.equal(shredder.match, 'match');
  write(shredder, page, 1, 'ELM     @ 10', 1);
  t.equal(shredder.match, 'soft-drift', 'a person is told of it');
  t.match(shredder.matchReasons(page), [{ code: 'COLUMN_REJECTED', facts: { column: 'whole', refused: 1 } }]);
  write(shredder, page, 1, 'ELM       10', 2);
  t.equal(shredder.match, 'match');
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

/** A statement: amounts by account, some labels of two lines, sections of two levels. */
const STATEMENT: TableSource = {
  rows: '1..12',
  columns: {
    name: { at: '0..20', align: 'any', type: 'text' },
    price: { at: '22..27', align: 'right', type: 'integer', marks: { '*': 'suspended' } },
  },
  wraps: true,
  headings: [
    {
      sets: 'side',
      at: '0..20',
      texts: { 'In:': 'in', 'Out:': 'out' },
      holds: { in: ['Letters', 'Sale of old things', 'Rent', 'Total'], out: ['Fees', 'Rent'] },
    },
    {
      sets: 'kind',
      at: '0..20',
      texts: { 'By post or by hand:': 'sent', 'Other:': 'other' },
      holds: { sent: ['Letters'], other: ['Sale of old things'] },
    },
  ],
  key: 'name',
  keys: ['Letters', 'Sale of old things', 'Rent', 'Total', 'Fees', 'Net'],
  item: '{name}',
  sums: [{ of: ['price'], total: 'Total', plus: ['Letters', 'Sale of old things', 'Rent'], rounding: 0.5 }],
  fields: { name: 'name', side: 'side', kind: 'kind', price: 'price' },
};

const STATED = [
  'In:                         ',
  ' By post                    ',
  '  or by hand:               ',
  '  Letters                 12',
  ' Other:                     ',
  '  Sale of                   ',
  '   old things             30',
  ' Rent                    100',
  ' Total                   143',
  'Out:                        ',
  ' Fees                     * ',
  'Net                        3',
];

/** `Letters in sent 12`, by item; what is in doubt with its reason. */
function stated(changes: Readonly<Record<number, string>> = {}, source: TableSource = STATEMENT): string[] {
  const plan = compile({
    shredder: 'trees',
    page: 'TREES',
    size: '13x40',
    version: 1,
    anchors: { name: { text: 'TREES', row: 0, column: 0 } },
    tables: { statement: source },
  });
  const rows = STATED.map((row, at) => changes[at] ?? row);
  const shredder = new Shredder(plan);
  shredder.runWhole(pageFromText(['TREES', ...rows].join('\n'), 13, 40), 0);
  const lines = [...shredder.items()].map(({ subject, quality, fields, reasons }) => {
    const of = (name: string): string => String(fields.get(name)?.text ?? 'none');
    const shown = quality === 'LIVE' ? ['side', 'kind', 'price'].map(of) : reasons.map(({ code }) => code);
    return [subject.slice('TREES.'.length), ...shown].join(' ');
  });
  return lines.sort();
}

const GOOD = [
  'Letters in sent 12',
  'Sale_of_old_things in other 30',
  'Rent in  100',
  'Total in  143',
  'Fees out  none',
  'Net   3',
].sort();
const but = (changes: Readonly<Record<string, string>>): string[] =>
  GOOD.map((line) => {
    const name = line.split(' ')[0]!;
    return changes[name] === undefined ? line : `${name} ${changes[name]}`;
  }).sort();

t.test('labels and headings that begin in the row above, and headings of two levels', (t) => {
  t.strictSame(stated(), GOOD);
  t.strictSame(
    stated({ 5: '  Sale of 7' }),
    but({ Sale_of_old_things: 'LABEL_MISSING' }),
    'a row with more than a label is no beginning',
  );
  t.strictSame(stated({ 5: '' }), but({ Sale_of_old_things: 'LABEL_MISSING' }), 'half a label is none');
  t.strictSame(
    stated({ 6: '   old thing              30' }),
    but({ Sale_of_old_things: 'LABEL_MISSING' }),
    'and one that differs is another',
  );
  t.strictSame(
    stated({ 4: '' }),
    but({ Sale_of_old_things: 'LABEL_MISSING' }),
    'a row needs the heading that holds it',
  );
  t.strictSame(stated({ 2: '' }), but({ Letters: 'LABEL_MISSING' }), 'a heading of two lines too');
  t.strictSame(
    stated({ 4: 'Out:' }),
    but({ Sale_of_old_things: 'LABEL_MISSING LABEL_MISSING', Rent: 'out  100', Total: 'LABEL_MISSING' }),
    'an outer heading ends the inner one',
  );
  t.end();
});

t.test('a label is read anew when the row above it changes', (t) => {
  const { shredder, page } = deskOf(
    {
      ...LIST,
      columns: { ...LIST.columns, name: { at: '0..5', type: 'text' } },
      wraps: true,
      keys: ['OLD ELM', 'OAK'],
    },
    ['', 'OLD', 'ELM       10.00'],
  );
  t.strictSame(prices(shredder), { OLD_ELM: '10.00', OAK: null });
  write(shredder, page, 2, 'ODD', 1);
  t.strictSame(prices(shredder), { OLD_ELM: null, OAK: null });
  write(shredder, page, 2, 'OLD', 2);
  t.strictSame(prices(shredder), { OLD_ELM: '10.00', OAK: null });
  t.end();
});

t.test('a sum that does not come out puts all of its rows in doubt', (t) => {
  const inDoubt = but({
    Letters: 'GUARD_FAIL',
    Sale_of_old_things: 'GUARD_FAIL',
    Rent: 'GUARD_FAIL',
    Total: 'GUARD_FAIL',
  });
  t.strictSame(
    stated({ 8: ' Total                   144' }),
    but({ Total: 'in  144' }),
    'four rows may be half a unit out each',
  );
  t.strictSame(stated({ 8: ' Total                   145' }), inDoubt);
  t.strictSame(stated({ 7: ' Rent                    700' }), inDoubt);
  t.strictSame(
    stated({ 7: ' Rent                    7O0' }),
    but({ Rent: 'TYPE_REJECT' }),
    'without one of them nothing is known of the sum',
  );
  const required = { ...STATEMENT, sums: [{ ...STATEMENT.sums![0]!, required: true }] };
  t.strictSame(
    stated({ 7: ' Rent                    7O0' }, required),
    inDoubt.map((line) => (line.startsWith('Rent') ? 'Rent TYPE_REJECT' : line)),
    'unless it is needed',
  );
  const less = {
    ...STATEMENT,
    sums: [{ of: ['price'], total: 'Rent', plus: ['Total'], less: ['Letters', 'Sale of old things'], rounding: 0.5 }],
  };
  t.strictSame(stated({}, less), GOOD, 'some are taken away');
  t.strictSame(stated({ 3: '  Letters                 21' }, less), inDoubt);
  t.end();
});

t.test('doubt goes on from sum to sum', (t) => {
  const sums = [
    { of: ['price'], total: 'Rent', plus: ['Letters', 'Fees'], required: true },
    { of: ['price'], total: 'Total', plus: ['Rent', 'Net'], required: true },
  ];
  const changes = {
    3: '  Letters                 12',
    7: ' Rent                     15',
    8: ' Total                    18',
  };
  const right = { Rent: 'in  15', Total: 'in  18', Fees: 'out  3' };
  const fees = { ...changes, 10: ' Fees                      3' };
  t.strictSame(stated(fees, { ...STATEMENT, sums }), but(right));
  t.strictSame(
    stated({ ...fees, 8: ' Total                    19' }, { ...STATEMENT, sums }),
    but({ Rent: 'GUARD_FAIL', Total: 'GUARD_FAIL', Net: 'GUARD_FAIL', Letters: 'GUARD_FAIL', Fees: 'GUARD_FAIL' }),
  );
  t.end();
});

t.test('marks among figures that are aligned right stand anywhere, figures do not', (t) => {
  t.strictSame(stated({ 10: ' Fees                *      ' }), but({ Fees: 'CELL_MISSING UNREAD_TEXT' }));
  t.strictSame(stated({ 10: ' Fees                    *  ' }), GOOD);
  t.strictSame(stated({ 10: ' Fees                     7 ' }), but({ Fees: 'OUT_OF_LINE' }));
  t.end();
});

t.test('places of a key that stands there several times are missed by their own names', (t) => {
  const table: TableSource = { ...LIST, keys: ['ELM', 'OAK'], repeated: { ELM: ['ELM.OLD', 'ELM.YOUNG'] } };
  t.strictSame(prices(deskOf(table, ['ELM       10.00', 'ELM       20.00', 'OAK       30.00']).shredder), {
    'ELM.OLD': '10.00',
    'ELM.YOUNG': '20.00',
    OAK: '30.00',
  });
  t.strictSame(prices(deskOf(table, ['OAK       30.00']).shredder), {
    OAK: '30.00',
    'ELM.OLD': null,
    'ELM.YOUNG': null,
  });
  t.end();
});

t.test('what a statement cannot be', (t) => {
  const problem = (changes: Partial<TableSource>, want: RegExp): void => {
    t.throws(() => stated({}, { ...STATEMENT, ...changes }), { message: want });
  };
  const heading = { sets: 'side', at: '0..20', texts: { 'In:': 'in' } };
  problem({ headings: [{ ...heading, holds: { inn: ['Rent'] } }] }, /headings.*did you mean in\?/s);
  problem({ height: 2 }, /expected rows of one line/);
  problem({ sums: [{ of: ['prise'], total: 'Total', plus: ['Rent'] }] }, /sums.*did you mean price\?/s);
  problem({ sums: [{ of: ['price'], total: 'Total', plus: ['Rent'], rounding: 'half' }] }, /expected a number/);
  const { keys: _, ...without } = STATEMENT;
  t.throws(() => stated({}, without), { message: /expected keys: they say which labels go on/ });
  t.end();
});

t.test('a sum over tables: the one below is in doubt, the one above is not', (t) => {
  const columns = LIST.columns;
  const part = (rows: string, rest: Partial<TableSource>): TableSource => ({ ...LIST, columns, rows, ...rest });
  const plan = compile({
    shredder: 'trees',
    page: 'TREES',
    size: '8x40',
    version: 1,
    anchors: { name: { text: 'TREES', row: 0, column: 0 } },
    tables: {
      above: part('1..2', { item: 'above.{name}', keys: ['ELM', 'OAK'] }),
      below: part('4..5', {
        item: 'below.{name}',
        keys: ['ELM', 'ALL'],
        sums: [{ of: ['price'], total: 'ALL', plus: ['below.ELM', 'above.OAK'], required: true }],
      }),
    },
    settle: { quietMs: 0, atMostMs: 0 },
  });
  const shredder = new Shredder(plan);
  const page = pageOf(['ELM       10.00', 'OAK       20.00', '', 'ELM        1.00', 'ALL       21.00']);
  shredder.runWhole(page, 0);
  const good = { 'above.ELM': '10.00', 'above.OAK': '20.00', 'below.ELM': '1.00', 'below.ALL': '21.00' };
  t.strictSame(prices(shredder), good);
  write(shredder, page, 2, 'OAK       22.00', 1);
  t.strictSame(prices(shredder), { ...good, 'above.OAK': '22.00', 'below.ELM': null, 'below.ALL': null });
  write(shredder, page, 2, 'OAK       2O.00', 2);
  t.strictSame(prices(shredder), { ...good, 'above.OAK': null, 'below.ELM': null, 'below.ALL': null });
  write(shredder, page, 2, 'OAK       20.00', 3);
  t.strictSame(prices(shredder), good, 'without a change of its own');
  write(shredder, page, 4, '', 4);
  t.strictSame(
    prices(shredder),
    { ...good, 'below.ELM': null, 'below.ALL': null },
    'a row that is gone proves nothing any more',
  );
  t.end();
});

t.test('headings in symbols: the same label below each of them, and one below none', (t) => {
  const table: TableSource = {
    ...LIST,
    headings: { sets: 'side', at: '0..5', texts: { 'In:': 'in', 'Out:': 'out' }, holds: { in: ['ELM'], out: ['ELM'] } },
    keys: ['ELM', 'OAK'],
    item: '{side}.{name}',
  };
  const rows = ['OAK       10.00', 'In:', 'ELM       20.00', 'Out:', 'ELM       30.00'];
  t.strictSame(prices(deskOf(table, rows).shredder), { OAK: '10.00', 'in.ELM': '20.00', 'out.ELM': '30.00' });
  t.strictSame(
    prices(deskOf(table, rows.slice(0, 3)).shredder),
    { OAK: '10.00', 'in.ELM': '20.00', 'out.ELM': null },
    'each is missed',
  );
  t.strictSame(
    prices(deskOf(table, [rows[0]!, rows[1]!, rows[2]!, rows[4]!, rows[3]!]).shredder),
    { OAK: '10.00', 'in.ELM': null, 'out.ELM': null },
    'twice below one is ambiguous',
  );
  t.end();
});

const DAYS: TableSource = {
  rows: '1..6',
  columns: {
    name: { at: '0..2', type: { text: 3 } },
    of: { at: '4..6', type: { enum: ['MAR', 'MAY'] } },
    price: { at: '8..11', align: 'right', type: 'integer' },
    change: { at: '13..16', align: 'right', type: { change: { unchanged: ['NC'] } } },
  },
  untilBlank: true,
  key: 'name',
  chains: [{ of: 'price', by: 'change', same: 'of' }],
  fields: { price: 'price' },
};

t.test('a number that does not go on from the row above puts both in doubt', (t) => {
  const of = (...rows: readonly string[]): Record<string, unknown> => prices(deskOf(DAYS, rows).shredder);
  const rows = ['MON MAR  100   +1', 'TUE MAR  102   +2', 'WED MAY  150   +3', 'THU MAY  150   NC'];
  const good = { MON: '100', TUE: '102', WED: '150', THU: '150' };
  t.strictSame(of(...rows), good, 'of another contract it does not');
  t.strictSame(of(rows[0]!, 'TUE MAR  103   +2', rows[2]!, rows[3]!), { ...good, MON: null, TUE: null });
  t.strictSame(
    of(rows[0]!, 'TUE MAR  1O2   +2', 'WED MAR  150   +3'),
    { MON: '100', TUE: null, WED: '150' },
    'a row that is not believed breaks no chain',
  );
  const gap: TableSource = { ...DAYS, untilBlank: false };
  t.strictSame(
    prices(deskOf(gap, [rows[0]!, '', 'WED MAR  150   +3']).shredder),
    { MON: '100', WED: '150' },
    'nor does one that is missing',
  );
  t.strictSame(of(rows[0]!, '', rows[1]!), { MON: '100' }, 'a blank row ends the table');
  const { shredder, page } = deskOf(DAYS, rows);
  write(shredder, page, 1, 'MON MAR  101   +1', 1);
  t.strictSame(prices(shredder), { ...good, MON: null, TUE: null }, 'a row is judged anew with the other');
  t.throws(() => deskOf({ ...DAYS, chains: [{ of: 'price', by: 'change', same: 'off' }] }, rows), {
    message: /did you mean of\?/,
  });
  t.end();
});

t.test('what is ignored outside of tables still counts beside their columns', (t) => {
  const readings = (outside: boolean): unknown[] => {
    const plan = compile({
      shredder: 'trees',
      page: 'TREES',
      size: '8x40',
      version: 1,
      anchors: { name: { text: 'TREES', row: 0, column: 0 } },
      tables: { trees: { ...LIST, rows: '2..3' } },
      ignore: [{ rows: '0..7', outside }],
    });
    const shredder = new Shredder(plan);
    const page = pageOf(['SOME TEXT', 'ELM       10.00', 'OAK       20.00   30.00', 'MORE TEXT']);
    shredder.runWhole(page, 0);
    return [prices(shredder), shredder.match];
  };
  t.strictSame(readings(false), [{ ELM: '10.00', OAK: '20.00' }, 'match']);
  t.strictSame(readings(true), [{ ELM: '10.00', OAK: null }, 'match']);
  t.end();
});

t.test('a column that goes on in rows with nothing else puts nothing in doubt', (t) => {
  const year: TableSource['columns'][string] = { at: '20..23', type: { integer: 4 }, optional: true };
  const of = (continues: boolean, ...rows: readonly string[]): unknown =>
    prices(deskOf({ ...LIST, columns: { ...LIST.columns, year: { ...year, continues } } }, rows).shredder);
  const rows = ['ELM       10.00     1946', '                    1985', 'OAK       20.00'];
  const good = { ELM: '10.00', OAK: '20.00' };
  t.strictSame(of(true, ...rows), good);
  t.strictSame(of(false, ...rows), { ELM: null, OAK: null }, 'values without a label, in any other');
  t.strictSame(of(true, rows[0]!, '          20.00     1985', rows[2]!), { ELM: null, OAK: null }, 'nor beside others');
  t.end();
});

t.test('a sum over tables of other columns: their own numbers, by the names of their columns', (t) => {
  const { name, price } = LIST.columns;
  const plan = (there: readonly string[]) =>
    compile({
      shredder: 'trees',
      page: 'TREES',
      size: '8x40',
      version: 1,
      anchors: { name: { text: 'TREES', row: 0, column: 0 } },
      tables: {
        // The same columns in another order.
        changes: { ...LIST, columns: { price: price!, name: name! }, rows: '1', item: 'change.{name}', keys: ['ELM'] },
        balances: {
          ...LIST,
          rows: '3',
          columns: { name: name!, now: { ...price!, at: '16..21' }, price: price! },
          keys: ['ELM'],
          sums: [{ of: ['now - price'], there, total: 'ELM', plus: ['change.ELM'] }],
        },
      },
    });
  const of = (...rows: readonly string[]): unknown => {
    const shredder = new Shredder(plan(['price']));
    shredder.runWhole(pageOf(rows), 0);
    return prices(shredder);
  };
  t.strictSame(of('ELM        2.00', '', 'ELM       10.00  12.00'), { 'change.ELM': '2.00', ELM: '10.00' });
  t.strictSame(of('ELM        3.00', '', 'ELM       10.00  12.00'), { 'change.ELM': '3.00', ELM: null });
  t.throws(() => plan(['price', 'price']), { message: /expected 1, as in of/ });
  t.end();
});
