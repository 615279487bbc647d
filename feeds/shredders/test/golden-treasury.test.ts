// Two daily statements of the real layouts: the eight tables of 2013, and the first one of 2006.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageFromText, type ShreddedItem, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

const pages = sharedDir('pages');
const skip = pages === undefined && 'no ../shared/pages';
const read = (file: string): string => readFileSync(join(pages!, 'treasury-dts', file), 'latin1');

function items(shredder: string, file: string): readonly ShreddedItem[] {
  const plan = loadShredder(shredder);
  return shredPage(plan, pageFromText(read(file), plan.rows, plan.columns)).items;
}

/** Labels as the tables have them: without brackets, hyphens and stops. */
const plain = (label: string): string => label.replace(/[^A-Za-z0-9:]+/g, ' ').trim();
/** The one label of two lines of which the tables have only the second. */
const SHORTENED: Readonly<Record<string, string>> = { 'Total Public Debt Subject to Limit': 'Subject to Limit' };

const BALANCES = ['closing', 'openingToday', 'openingMonth', 'openingYear'];
const FLOWS = ['today', 'month', 'year'];

/** By table: its name there, the words before the label, the amounts; the last two tables of the file t7 share one. */
const TABLES: readonly (readonly [
  file: string,
  name: string,
  parts: readonly string[],
  before: readonly string[],
  amounts: readonly string[],
])[] = [
  ['t1', 'TABLE I Operating Cash Balance', ['cash'], [], BALANCES],
  [
    't2',
    'TABLE II Deposits and Withdrawals of Operating Cash',
    ['deposits'],
    ['account', '=deposit', 'subtype'],
    FLOWS,
  ],
  ['t3', '', ['withdrawals'], ['account', '=withdrawal', 'subtype'], FLOWS],
  ['t4', 'TABLE III-A Public Debt Transactions', ['issues', 'redemptions'], ['=', 'type', 'subtype'], FLOWS],
  [
    't5',
    'TABLE III-B Adjustment of Public Debt Transactions to Cash Basis',
    ['adjustment'],
    ['=', 'type', 'subtype'],
    FLOWS,
  ],
  ['t6', 'TABLE III-C Debt Subject to Limit', ['debt'], ['='], BALANCES],
  ['t7', 'TABLE IV Federal Tax Deposits', ['taxes'], ['type'], FLOWS],
  ['t7', 'TABLE V Short-Term Cash Investments', ['investments'], ['type'], ['a', 'b', 'c']],
  ['t8', 'TABLE VI Income Tax Refunds Issued', ['refunds'], ['='], FLOWS],
];
/** What the parts of table III-A are called there. */
const SURTYPES: Readonly<Record<string, string>> = { issues: 'issue', redemptions: 'redemption' };

t.test('2013: every row of the eight tables, and no other', { skip }, (t) => {
  const found = items('treasury-dts-2013', 'dts-13020500.txt');
  t.strictSame(
    found.filter(({ quality }) => quality !== 'LIVE').map(({ subject, reason }) => `${subject} ${reason}`),
    [],
    'all of it is LIVE',
  );
  const statement = found.find(({ subject }) => subject === 'TREASURY-DTS.STATEMENT');
  t.strictSame(statement?.fields, { date: '2013-02-05' });
  const day = '2013-02-05,2013-02,2013,2,Tuesday';
  let rows = 1;
  for (const [file, name, parts, before, amounts] of TABLES) {
    const got = found.flatMap(({ subject, fields }) => {
      const part = subject.split('.')[1]!;
      if (!parts.includes(part)) return [];
      const word = (field: string): string => {
        if (field === '=') return SURTYPES[part] ?? '';
        return field.startsWith('=') ? field.slice(1) : plain(String(fields[field] ?? ''));
      };
      const label = String(fields.item);
      const item = SHORTENED[label] ?? plain(label);
      const isTotal = item.startsWith('Total') ? '1' : '0';
      const numbers = amounts.map((field) => (fields[field] === null ? '*' : String(fields[field])));
      return [[name, day, ...before.map(word), item, isTotal, ...numbers, ''].join(',')];
    });
    const all = read(`dts-13020500_${file}.expected.csv`).trim().split(/\r?\n/).slice(1);
    const wanted = all.filter((line) => file !== 't7' || line.startsWith(name));
    t.strictSame([...got].sort(), [...wanted].sort(), `${file} ${name}`);
    rows += got.length;
  }
  t.equal(rows, found.length, 'no other rows');
  t.end();
});

t.test('the first table of both years', { skip }, (t) => {
  const expected = JSON.parse(read('dts-table1.expected.json'));
  for (const [file, shredder] of [
    ['dts-13020500.txt', 'treasury-dts-2013'],
    ['dts-06073100.txt', 'treasury-dts-2006'],
  ] as const) {
    const found = items(shredder, file).filter(({ quality }) => quality === 'LIVE');
    const cash = found.filter(({ subject }) => subject.includes('.cash.'));
    t.strictSame(
      cash.map(({ fields }) => ({ account: fields.item, values: BALANCES.map((name) => Number(fields[name])) })),
      expected[file].records.map(({ account, values }: { account: string; values: number[] }) => ({
        account,
        values,
      })),
      file,
    );
    t.equal(found.find(({ subject }) => subject.endsWith('.STATEMENT'))?.fields.date, expected[file].date);
  }
  const limit = items('treasury-dts-2013', 'dts-13020500.txt').find(({ subject }) => subject.endsWith('Debt_Limit'));
  const values = BALANCES.map((name) => (limit?.fields[name] === null ? null : Number(limit?.fields[name])));
  t.strictSame(values, expected['dts-13020500.txt'].statutoryDebtLimit.values, 'a mark is no value');
  t.end();
});

t.test('neither layout is read as the other', { skip }, (t) => {
  for (const [shredder, file] of [
    ['treasury-dts-2013', 'dts-06073100.txt'],
    ['treasury-dts-2006', 'dts-13020500.txt'],
  ] as const) {
    const live = items(shredder, file).filter(({ quality }) => quality === 'LIVE');
    t.strictSame(live, [], shredder);
  }
  t.end();
});
