// The example pages: every field of their records, read from the cells where it stands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from '@tickerplant/core';
import { type CellType, cellType, type Reading } from '@tickerplant/page-values';
import { sharedDir } from '@tickerplant/testkit';
import t, { type Test } from 'tap';
import { TODAY, valuesOf } from './describe.ts';

const shared = sharedDir('pages');
const skip = shared === undefined ? 'no ../shared/pages' : false;

type Fields = Readonly<Record<string, unknown>>;

function rowsOf(folder: string, file: string): string[] {
  return readFileSync(join(shared!, 'examples', folder, file), 'utf8').split('\n');
}

function recordsOf(folder: string): Fields[] {
  return (JSON.parse(readFileSync(join(shared!, 'examples', folder, 'records.json'), 'utf8')) as { records: Fields[] })
    .records;
}

/** A column: where it stands, and how it is read. */
interface Column {
  readonly from: number;
  readonly end: number;
  readonly declaration: unknown;
  readonly type: CellType;
}

function column(from: number, end: number, declaration: unknown): Column {
  return { from, end, declaration, type: cellType(declaration) };
}

function read(row: string, { from, end, type }: Column, key?: string): Reading | undefined {
  const token = row.slice(from, end).trim();
  return token === '' ? undefined : type.read(token, { key, today: TODAY });
}

/** The values of a column by part; undefined where it is blank or a mark. A refusal is told. */
function values(t: Test, row: string, column: Column, key?: string): Record<string, string> {
  const reading = read(row, column, key);
  if (reading?.outcome === 'reject')
    t.fail(`'${row.slice(column.from, column.end)}': ${reading.code} ${reading.expected}`);
  return reading === undefined
    ? {}
    : (valuesOf(column.declaration, reading) ?? { mark: (reading as { mark: string }).mark });
}

/** Equal as numbers: 100 and 100.0. */
function sameNumber(t: Test, got: string | undefined, want: unknown, name: string): void {
  if (want === null || want === undefined) t.equal(got, undefined, name);
  else
    t.ok(got !== undefined && Decimal.parse(got).equals(Decimal.parse(want as string)), `${name}: ${got} is ${want}`);
}

function clockOf(text: unknown): string | undefined {
  return text === undefined ? undefined : `${text}:00`;
}

t.test('01: quotes with a carry, in full, and a mark', { skip }, (t) => {
  const rows = rowsOf('01-fx-spot-composite', 'page.txt');
  const marks = { '-': 'not-quoted' };
  const decimals = { default: 4, JPY: 2 };
  const columns = {
    time: column(0, 5, { time: 'hh:mm' }),
    ccy: column(6, 9, { enum: ['EUR', 'GBP', 'JPY', 'CHF', 'AUD', 'CAD', 'NZD', 'SEK', 'NOK', 'DKK'] }),
    code: column(11, 15, { code: 'AAAA' }),
    contributor: column(17, 32, { text: { charset: 'A-Z ' } }),
    loc: column(33, 36, { code: 'AAA' }),
    quote: column(38, 55, { fxQuote: { decimals, marks, maxSpread: { default: 20, SEK: 60, NOK: 90 } } }),
    high: column(56, 65, { price: { decimals } }),
    low: column(66, 75, { price: { decimals } }),
  };
  const metals = {
    XAU: column(12, 31, { fxQuote: { sides: 'full' } }),
    XAG: column(44, 60, { fxQuote: { sides: 'full' } }),
  };
  for (const record of recordsOf('01-fx-spot-composite')) {
    const row = rows[record.row as number]!;
    const ccy = record.ccy as string;
    if (ccy === 'XAU' || ccy === 'XAG') {
      t.match(values(t, row, metals[ccy]), { bid: record.bid, ask: record.ask, style: 'full' });
      continue;
    }
    t.equal(values(t, row, columns.ccy).value, ccy);
    t.equal(values(t, row, columns.time).value, clockOf(record.time));
    for (const name of ['code', 'contributor', 'loc', 'high', 'low'] as const) {
      t.equal(values(t, row, columns[name], ccy).value, record[name], `${ccy} ${name}`);
    }
    const quote = values(t, row, columns.quote, ccy);
    t.equal(quote.mark, record.status, `${ccy} mark`);
    t.equal(quote.bid, record.bid);
    t.equal(quote.ask, record.ask);
  }
  t.end();
});

t.test('01: torn and damaged updates', { skip }, (t) => {
  const declaration = { fxQuote: { decimals: { default: 4, JPY: 2 }, maxSpread: { default: 20, NOK: 90 } } };
  const type = cellType(declaration);
  const torn = type.read('150.05/03', { key: 'JPY' });
  t.match(torn, { outcome: 'reject', code: 'SPREAD', expected: 'a spread of at most 20 last places for JPY' });
  t.match(type.read('10.59?0/20', { key: 'NOK' }), { outcome: 'reject', code: 'DECIMALS' });
  t.match(valuesOf(declaration, type.read('150.05/09', { key: 'JPY' })), { bid: '150.05', ask: '150.09' });
  t.end();
});

t.test('02: fractions, offer first; decimals instead of them are refused', { skip }, (t) => {
  const columns: Readonly<Record<string, Column>> = Object.fromEntries(
    [
      ['USD', 10],
      ['DEM', 28],
      ['GBP', 46],
      ['JPY', 64],
    ].map(([ccy, from]) => [
      ccy,
      column(from as number, Math.min(80, (from as number) + 18), {
        fractionQuote: { order: 'offer-bid', maxSpread: '1/4' },
      }),
    ]),
  );
  const tenor = column(0, 10, {
    tenor: {
      tenors: ['O/N', 'T/N', '1WK', '1MO', '2MO', '3MO', '6MO', '9MO', '1YR'],
      units: { WK: 'WK', MO: 'MO', YR: 'YR' },
    },
  });
  const rows = rowsOf('02-deposit-rates', 'page.txt');
  const changed = rowsOf('02-deposit-rates', 'changed.txt');
  for (const record of recordsOf('02-deposit-rates')) {
    const row = rows[record.row as number]!;
    t.equal(values(t, row, tenor).value, record.tenor);
    const quote = values(t, row, columns[record.ccy as string]!);
    sameNumber(t, quote.ask, record.offer, 'offer');
    sameNumber(t, quote.bid, record.bid, 'bid');
    const refused = read(changed[record.row as number]!, columns[record.ccy as string]!);
    t.match(refused, { outcome: 'reject', code: 'DECIMALS', expected: 'no decimals' });
  }
  t.end();
});

t.test('03: 32nds with plus and eighths, asks without points; decimals instead of them are refused', { skip }, (t) => {
  const columns = {
    coupon: column(8, 15, { price: 3 }),
    maturity: column(15, 28, { date: { form: 'DDMMMYY', years: '-10..+89' } }),
    quote: column(28, 47, { thirtySecondsQuote: { order: 'bid-offer', separator: ' ', maxSpread: 4 } }),
    change: column(47, 55, { change: '32nds' }),
    bidYield: column(55, 66, { yield: 3 }),
    wi: column(66, 80, { yield: { decimals: 3, marks: { 'N/A': 'not-available' } } }),
  };
  const bills: Readonly<Record<string, Column>> = Object.fromEntries(
    [
      ['BILL3MO', 16],
      ['BILL6MO', 36],
      ['BILL1YR', 56],
    ].map(([issue, from]) => [
      issue,
      column(from as number, (from as number) + 13, {
        quote: { order: 'bid-offer', discount: true, decimals: 3, maxSpread: 50 },
      }),
    ]),
  );
  const months = ['JAN', 'FEB'];
  const rows = rowsOf('03-us-treasuries-32nds', 'page.txt');
  const changed = rowsOf('03-us-treasuries-32nds', 'changed.txt');
  for (const record of recordsOf('03-us-treasuries-32nds')) {
    const row = rows[record.row as number]!;
    const bill = bills[record.issue as string];
    if (bill !== undefined) {
      t.match(values(t, row, bill), { bid: record.bidDiscount, ask: record.askDiscount });
      continue;
    }
    const maturity = values(t, row, columns.maturity).value!;
    const [year, month, day] = maturity.split('-');
    t.equal(`${day}${months[Number(month) - 1]}${year!.slice(2)}`, record.maturity);
    const quote = values(t, row, columns.quote);
    sameNumber(t, quote.bid, record.bid, 'bid');
    sameNumber(t, quote.ask, record.ask, 'ask');
    sameNumber(t, values(t, row, columns.change).value, record.change, 'change');
    t.equal(values(t, row, columns.coupon).value, record.coupon);
    t.equal(values(t, row, columns.bidYield).value, record.bidYield);
    t.equal(values(t, row, columns.wi).value, record.wi ?? undefined);
    t.match(read(changed[record.row as number]!, columns.quote), { outcome: 'reject' });
  }
  t.end();
});

t.test('04: fixings with terms and a mark', { skip }, (t) => {
  const marks = { '*': 'not-published', '----': 'not-published' };
  const rows = rowsOf('04-swap-fixings', 'page.txt');
  const tenors = { tenor: Array.from({ length: 50 }, (_, year) => `${year + 1}Y`) };
  for (const record of recordsOf('04-swap-fixings')) {
    const row = rows[record.row as number]!;
    const left = row.slice(4, 14).trim() === record.term;
    const at = left ? 4 : 44;
    t.equal(values(t, row, column(at, at + 10, tenors)).value, record.term);
    t.equal(values(t, row, column(at + 10, at + 24, { price: 3 })).value, record.fixing);
    const previous = values(t, row, column(at + 24, at + 36, { price: { decimals: 3, marks } }));
    t.equal(previous.value, record.previous ?? undefined);
    if (record.previous === null) t.equal(previous.mark, 'not-published');
  }
  const unknown = read(rowsOf('04-swap-fixings', 'changed.txt')[6]!, column(4, 14, tenors));
  t.match(unknown, { outcome: 'reject', code: 'UNKNOWN' }, 'an inserted term is reported, not guessed');
  t.end();
});

t.test('05: two price styles, sizes with flags, wanted marks', { skip }, (t) => {
  const marks = { WNTD: 'wanted', 'N/A': 'not-available' };
  const sized = { size: { flagsBefore: { '*': 'trading' }, marks } };
  const priced = { anyOf: [{ price: { decimals: 2, marks } }, { thirtySeconds: { marks } }] };
  const columns = {
    bidSize: column(24, 32, sized),
    bid: column(32, 42, priced),
    offer: column(42, 52, priced),
    offerSize: column(52, 60, sized),
    spread: column(60, 68, { integer: { flagsAfter: { DM: 'discount-margin' }, marks } }),
    benchmark: column(68, 75, { code: ['A9A99', 'AAA9A'] }),
    last: column(75, 80, { time: 'hh:mm' }),
  };
  const rows = rowsOf('05-broker-bond-page', 'page.txt');
  for (const record of recordsOf('05-broker-bond-page')) {
    const row = rows[record.row as number]!;
    const bond = values(t, row, column(0, 24, 'text')).value;
    t.equal(bond, record.bond);
    for (const name of ['bid', 'offer', 'bidSize', 'offerSize', 'spread'] as const) {
      sameNumber(t, values(t, row, columns[name]).value, record[name], `${bond} ${name}`);
    }
    t.equal(values(t, row, columns.benchmark).value, record.benchmark ?? undefined);
    t.equal(values(t, row, columns.last).value, clockOf(record.last));
    const spread = values(t, row, columns.spread);
    t.equal(spread.flag === 'discount-margin', record.spreadKind === 'discount margin');
    if (bond === 'OXFORD HSG 4.75 2052') {
      t.equal(values(t, row, columns.bidSize).mark, 'wanted');
      t.equal(values(t, row, columns.offer).mark, 'wanted');
    }
    if (bond === 'TYNE PORT 5 2030') t.equal(values(t, row, columns.offerSize).flag, 'trading');
  }
  t.end();
});

t.test('06: asks abbreviated to any length, contango flags, no change', { skip }, (t) => {
  const quoted = { quote: { order: 'bid-offer', decimals: '0..2', maxSpread: 50, spreadIn: 'price' } };
  const columns = {
    cash: column(14, 32, quoted),
    threeMonth: column(32, 52, quoted),
    spread: column(52, 64, { price: { flagsAfter: { C: 'contango', B: 'backwardation' }, flagRequired: true } }),
    stocks: column(64, 73, { size: { grouping: ',' } }),
    change: column(73, 80, { change: { grouping: ',', unchanged: ['UNCH'], decimals: 0 } }),
  };
  const rows = rowsOf('06-base-metals', 'page.txt');
  for (const record of recordsOf('06-base-metals')) {
    const row = rows[record.row as number]!;
    const cash = values(t, row, columns.cash);
    const threeMonth = values(t, row, columns.threeMonth);
    const spread = values(t, row, columns.spread);
    t.match(cash, { bid: record.cashBid, ask: record.cashAsk }, `${record.metal}`);
    t.match(threeMonth, { bid: record.threeMonthBid, ask: record.threeMonthAsk });
    t.match(spread, { value: record.spread, flag: record.spreadKind });
    t.equal(values(t, row, columns.stocks).value, record.stocksTonnes);
    t.equal(values(t, row, columns.change).value, record.stockChange);
  }
  t.end();
});

t.test('07: headlines; a date before the time is refused', { skip }, (t) => {
  const columns = {
    time: column(0, 7, { time: 'hh:mm' }),
    code: column(7, 16, { code: 'AA9999' }),
    headline: column(16, 80, 'text'),
  };
  const rows = rowsOf('07-news-headlines', 'page.txt');
  const changed = rowsOf('07-news-headlines', 'changed.txt');
  for (const record of recordsOf('07-news-headlines')) {
    const row = rows[record.row as number]!;
    t.equal(values(t, row, columns.time).value, clockOf(record.time));
    t.equal(values(t, row, columns.code).value, record.code);
    t.equal(values(t, row, columns.headline).value, record.headline);
    t.match(read(changed[record.row as number]!, columns.time), { outcome: 'reject' });
    t.match(read(changed[record.row as number]!, columns.code), { outcome: 'reject' });
  }
  t.end();
});

t.test('08: grouped prices, closing flags, holidays; changes that lost their signs are refused', { skip }, (t) => {
  const marks = { HOL: 'holiday' };
  const priced = { price: { grouping: ',', decimals: '1..2', flagsAfter: { C: 'closing' }, marks } };
  const columns = {
    last: column(18, 30, priced),
    net: column(30, 40, { change: { grouping: ',', unchanged: ['UNCH'] } }),
    pct: column(40, 50, { percent: { decimals: 2, sign: 'required' } }),
    high: column(50, 62, { price: { grouping: ',' } }),
    low: column(62, 73, { price: { grouping: ',' } }),
    time: column(73, 80, { time: 'hh:mm' }),
  };
  const rows = rowsOf('08-index-page', 'page.txt');
  const changed = rowsOf('08-index-page', 'changed.txt');
  for (const record of recordsOf('08-index-page')) {
    const row = rows[record.row as number]!;
    const last = values(t, row, columns.last);
    t.equal(last.mark, record.status);
    if (record.status !== undefined) continue;
    for (const name of ['last', 'net', 'pct', 'high', 'low'] as const) {
      t.equal(values(t, row, columns[name]).value, record[name], `${record.index} ${name}`);
    }
    t.equal(last.flag === 'closing', record.closing);
    t.equal(values(t, row, columns.time).value, clockOf(record.time));
    if (record.net === '0') continue;
    t.match(read(changed[record.row as number]!, columns.net), { outcome: 'reject', code: 'SIGN' });
    t.match(read(changed[record.row as number]!, columns.pct), { outcome: 'reject', code: 'SIGN' });
  }
  t.end();
});
