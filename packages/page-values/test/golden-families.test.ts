// Cells of real pages: noise of reception, decimal commas, abbreviated asks, weather reports. What their expected files call
// `ok` must give that value; what they reject must be refused.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from '@tickerplant/core';
import { cellType, type ReadContext, type Reading } from '@tickerplant/page-values';
import { sharedDir } from '@tickerplant/testkit';
import t, { type Test } from 'tap';
import { valuesOf } from './describe.ts';

const shared = sharedDir('pages');
const skip = shared === undefined ? 'no ../shared/pages' : false;

type Fields = Readonly<Record<string, unknown>>;

function load(...path: string[]): string {
  return readFileSync(join(shared!, ...path), 'utf8');
}

function lines<T>(...path: string[]): T[] {
  return load(...path)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** A declaration and what it makes, to read many cells. */
class Reader {
  readonly declaration: unknown;
  private readonly type: ReturnType<typeof cellType>;

  constructor(declaration: unknown) {
    this.declaration = declaration;
    this.type = cellType(declaration);
  }

  read(token: string, context: ReadContext = {}): Reading {
    return this.type.read(token, context);
  }

  /** The values by part; none where there are none. */
  values(token: string, context: ReadContext = {}): Record<string, string> {
    return valuesOf(this.declaration, this.read(token, context)) ?? {};
  }
}

function same(a: string | undefined, b: unknown): boolean {
  return a !== undefined && typeof b === 'string' && Decimal.parse(a).equals(Decimal.parse(b.replace('+', '')));
}

t.test('reuters-fxfx: spot quotes, metals, fed funds and a bond in 32nds', { skip }, (t) => {
  const quote = new Reader({ fxQuote: { decimals: { default: 4, JPY: 2 }, maxSpread: 60 } });
  const price = new Reader({ price: { decimals: { default: 4, JPY: 2 } } });
  const time = new Reader({ time: 'hhmm' });
  const full = new Reader({ quote: { order: 'bid-offer', separatorGap: true, sides: 'full', decimals: 2 } });
  const funds = new Reader({ quote: { order: 'bid-offer', separator: '-', separatorGap: true, sides: 'full' } });
  const bond = new Reader({ thirtySecondsQuote: { order: 'bid-offer', pointsSeparator: '.' } });
  for (const { page, records } of lines<{ page: string[]; records: Fields[] }>(
    'reuters-fxfx',
    'fxfx-live.expected.jsonl',
  )) {
    for (const record of records) {
      const row = page[(record.row as number) - 1]!;
      const sides = { bid: record.bid, ask: record.ask };
      if (record.ccy !== undefined) {
        const key = record.ccy as string;
        t.equal(time.values(row.slice(0, 4)).value, `${record.time}:00`);
        t.match(quote.values(row.slice(31, 43).trim(), { key }), sides, row);
        t.equal(price.values(row.slice(50, 57).trim(), { key }).value, record.high);
        t.equal(price.values(row.slice(58, 64).trim(), { key }).value, record.low);
      } else if (record.metal !== undefined) {
        t.match(full.values(row.slice(8, 23).trim()), sides, row);
      } else if (record.instrument === 'ED3') {
        t.match(full.values(row.slice(28, 41).trim()), sides, row);
      } else if (record.instrument === 'FEDFUNDS') {
        t.match(funds.values(row.slice(43, 54).trim()), sides, row);
      } else if (record.convention !== undefined) {
        const read = bond.values(row.slice(55, 64).trim());
        t.ok(same(read.bid, record.bid) && same(read.ask, record.ask), row);
      }
    }
  }
  t.end();
});

/** Compares a reading with what a cell's status says. */
function checkStatus(t: Test, reader: Reader, token: string, status: unknown, value: unknown, what: string): void {
  if (status === 'blank') {
    t.equal(token, '', what);
    return;
  }
  const reading = token === '' ? undefined : reader.read(token);
  if (status === 'ok') t.ok(same(reader.values(token).value, value), `${what}: ${JSON.stringify(reading)}`);
  else if (status === 'direction-only')
    t.match(reader.values(token), { value: 'null', direction: value === '+' ? 'up' : 'down' }, what);
  else t.equal(reading?.outcome ?? 'reject', 'reject', `${what}: ${JSON.stringify(reading)}`);
}

t.test('ceefax: share prices and changes with quarters, and line noise', { skip }, (t) => {
  const price = new Reader({ fraction: { denominator: 4, digits: '1..4' } });
  const change = new Reader({ change: { of: 'fraction', denominator: 4, signGap: true, digits: '1..2' } });
  const cells = { read: 0, refused: 0 };
  for (const { kind, records } of lines<{ kind: string; records: Fields[] }>(
    'ceefax',
    'ceefax-2002-10-31.expected.jsonl',
  )) {
    if (kind !== 'shares') continue;
    for (const record of records) {
      const raw = record.raw as string;
      if (record.status === 'noise') continue;
      checkStatus(t, price, raw.slice(9, 14).trim(), record.priceStatus, record.price, `'${raw}' price`);
      checkStatus(t, change, raw.slice(15, 19).trim(), record.changeStatus, record.change, `'${raw}' change`);
      if (record.priceStatus === 'ok') cells.read++;
      if (record.priceStatus === 'reject') cells.refused++;
    }
  }
  t.ok(cells.read > 1600 && cells.refused > 20, JSON.stringify(cells));
  t.end();
});

t.test('ceefax: currencies and tourist rates', { skip }, (t) => {
  const price = new Reader('price');
  const check = (cell: Fields) =>
    checkStatus(t, price, (cell.raw as string).trim(), cell.status, cell.value, `'${cell.raw}'`);
  for (const { kind, records } of lines<{ kind: string; records: Fields[] }>(
    'ceefax',
    'ceefax-2002-10-31.expected.jsonl',
  )) {
    if (kind === 'fx')
      for (const record of records) for (const name of ['prevClose', 'latest']) check(record[name] as Fields);
    if (kind === 'tourist') for (const record of records) check(record);
  }
  for (const { records } of lines<{ records: Fields[] }>('ceefax', 'tourist-rates-three-formats.expected.jsonl')) {
    for (const record of records) check(record);
  }
  t.end();
});

t.test('ntv: decimal commas, signed percentages', { skip }, (t) => {
  const pages: { page: number; sub: number; rows: string[] }[] = [];
  for (const line of lines<unknown>('ntv', 'ntv-2022-08-04.ndjson')) {
    const head = line as { page: number; sub_page: number };
    if (Array.isArray(line)) pages.at(-1)!.rows.push((line as [string, string][]).map(([, text]) => text).join(''));
    else pages.push({ page: head.page, sub: head.sub_page, rows: [] });
  }
  const price = new Reader({ price: { point: ',', decimals: 2, marks: { '0,00': 'unknown' } } });
  const net = new Reader({ change: { point: ',', decimals: 2 } });
  const pct = new Reader({ percent: { suffix: '%', sign: 'required', point: ',', decimals: 1 } });
  const volume = new Reader('integer');
  const labels = {
    last: 'aktuell',
    open: 'Eröffnung',
    dayHigh: 'Tageshoch',
    dayLow: 'Tagestief',
    previousClose: 'Vortag',
    net: 'Differenz',
    yearHigh: 'Jahreshoch',
    yearLow: 'Jahrestief',
  };
  for (const { page, sub_page, records } of JSON.parse(load('ntv', 'ntv-2022-08-04.expected.json')) as {
    page: number;
    sub_page: number;
    records: Fields[];
  }[]) {
    const { rows } = pages.find((one) => one.page === page && one.sub === sub_page)!;
    for (const [i, record] of records.entries()) {
      if (page === 211) {
        const row = rows[record.row as number]!;
        t.equal(price.values(row.slice(14, 23).trim()).value, record.last, row);
        t.equal(pct.values(row.slice(23, 30).trim()).value, record.pct);
        t.equal(volume.values(row.slice(30).trim()).value, record.volume);
        continue;
      }
      for (const [name, label] of Object.entries(labels)) {
        const row = rows.find((one) => one.trim().startsWith(label))!;
        const token = row.slice(11 + 10 * i - (i === 0 ? 0 : 1), 20 + 10 * i).trim();
        t.equal((name === 'net' ? net : price).values(token).value, record[name], `${label} '${token}'`);
      }
    }
  }
  t.equal(price.read('0,00').outcome, 'mark');
  t.end();
});

t.test('agtext: eighths of a cent, hundredths, ranges, words for none', { skip }, (t) => {
  const cents = new Reader({ fraction: { denominator: 4, sign: 'minus', signGap: true } });
  const dollars = new Reader({ fraction: { decimals: 2, denominator: 4 } });
  const change = new Reader({ change: { of: 'fraction', signGap: true, sign: 'optional', unchanged: ['NC'] } });
  // One page has changes in hundredths and others with a point.
  const point = { change: { leadingPoint: true, sign: 'optional', decimals: 2, unchanged: ['NC'] } };
  const hundredths = { change: { powerOfTen: -2, leadingZeros: true, decimals: 0, unchanged: ['NC'] } };
  const decimals = new Reader({ anyOf: [point, hundredths] });
  const range = new Reader({
    quote: {
      order: 'low-high',
      separator: '-',
      decimals: 2,
      sides: 'full',
      single: true,
      marks: { 'NO BIDS': 'no-bids' },
    },
  });
  let read = 0;
  for (const record of lines<Fields>('agtext', 'ket-agtext-1988-02-26.cash-grain.expected.jsonl')) {
    if (record.status === 'reject') continue;
    const [, bids, basis] = (record.raw as string).split(/ {2,}| (?=[\d.]+-)/);
    if (record.status === 'no-bids') {
      t.match(range.read(bids!.trim()), { outcome: 'mark', mark: 'no-bids' });
      continue;
    }
    if (bids === undefined || basis === undefined) continue;
    t.match(range.values(bids), { low: record.low, high: record.high }, record.raw as string);
    t.equal(Number(cents.values(basis).value), record.basisCents, basis);
    read++;
  }
  t.ok(read >= 20, `${read} rows of cash grain`);
  read = 0;
  for (const year of ['1988-02-26', '1990-09-26']) {
    for (const record of lines<Fields>('agtext', `ket-agtext-${year}.futures.expected.jsonl`)) {
      if (record.table !== 'settlement' || record.status !== 'ok') continue;
      const [contract, open, last, ...rest] = (record.raw as string).split(/ {2,}/);
      const moved = rest.join(' ');
      if (contract === undefined || open === undefined || last === undefined || moved === '') continue;
      const grain = record.unit === 'cents/bu';
      if (grain) {
        const reader = year.startsWith('1988') ? dollars : cents;
        const factor = year.startsWith('1988') ? 2 : 0;
        for (const [token, want] of [
          [open, record.open],
          [last, record.last],
        ] as const) {
          const reading = reader.read(token);
          if (reading.outcome !== 'value' || reading.parts[0]?.kind !== 'decimal') {
            t.fail(`'${token}' of ${record.raw}: ${JSON.stringify(reading)}`);
            continue;
          }
          const { mantissa, exponent } = reading.parts[0].value;
          t.ok(new Decimal(mantissa, exponent + factor).equals(Decimal.parse(want as string)), `${token} is ${want}`);
        }
      }
      const reader = grain ? change : decimals;
      t.ok(same(reader.values(moved).value, record.change), `'${moved}' is ${record.change} in ${record.raw}`);
      read++;
    }
  }
  t.ok(read > 30, `${read} settlements`);
  t.end();
});

t.test('teefax: a clock with a weekday and no year', { skip }, (t) => {
  const clock = new Reader({ dateTime: { form: "WWW, DD MMM 'at' hh:mm Z", zones: ['GMT', 'BST'], nearest: 'any' } });
  let refused = 0;
  for (const record of lines<Fields>('teefax', 'p531-weather-station.expected.jsonl')) {
    const today = Math.floor(Date.parse(record.ts as string) / 86_400_000);
    const token = record.pageTime as string;
    const values = clock.values(token, { today });
    if (values.zone === undefined) {
      t.match(clock.read(token, { today }), { code: 'WEEKDAY' }, token);
      t.equal(record.stale, true, `${token} is of another year than ${record.ts}`);
      refused++;
      continue;
    }
    const hours = values.zone === 'BST' ? 1 : 0;
    const utc = Date.parse(`${values.date}T${values.time}Z`) - hours * 3_600_000;
    t.equal(new Date(utc).toISOString().slice(0, 16), (record.pageTimeUtc as string).slice(0, 16), token);
  }
  t.equal(refused, 2, 'the page that was sent again years later');
  t.equal(new Reader({ decimal: { suffix: 'C', decimals: 1 } }).values('11.0C').value, '11.0');
  t.equal(new Reader({ integer: { suffix: '%' } }).values('73%').value, '73');
  t.equal(new Reader({ integer: { suffix: 'hPa' } }).values('1014 hPa').value, '1014');
  t.end();
});

t.test('treasury-dts: balances in groups of three', { skip }, (t) => {
  const amount = new Reader({ integer: { grouping: ',', sign: 'minus', marks: { '*': 'suspended' } } });
  const rows = load('treasury-dts', 'dts-13020500.txt').split(/\r?\n/);
  const expected = JSON.parse(load('treasury-dts', 'dts-table1.expected.json')) as Readonly<
    Record<string, { records: Fields[] }>
  >;
  for (const { account, values } of expected['dts-13020500.txt']!.records as unknown as {
    account: string;
    values: number[];
  }[]) {
    // Labels that are wrapped have their figures on the last line.
    const row = rows.find((one) => account.endsWith(one.slice(0, 40).trim()) && /\d$/.test(one))!;
    const cells = [row.slice(42, 52), row.slice(54, 65), row.slice(67, 78), row.slice(80)];
    for (const [i, cell] of cells.entries())
      t.equal(amount.values(cell.trim()).value, String(values[i]), `${account} '${cell}'`);
  }
  t.end();
});

t.test('nws: times of twelve hours, traces, estimates, missing hundreds', { skip }, (t) => {
  const time = new Reader({ time: ['hmm AM', 'h:mm AM'] });
  const number = new Reader({
    decimal: { flagsAfter: { '(E)': 'estimated' }, marks: { T: 'trace', MM: 'missing', M: 'missing' } },
  });
  const stations = JSON.parse(load('nws', 'cli.expected.json')) as Readonly<Record<string, { records?: Fields[] }>>;
  for (const { records } of Object.values(stations)) {
    for (const record of records ?? []) {
      if (record.time !== undefined) t.equal(time.read(record.time as string).outcome, 'value', `${record.time}`);
      for (const name of ['observed', 'record', 'normal', 'departure', 'lastYear']) {
        const token = record[name] as string | undefined;
        if (token === undefined) continue;
        if (token === 'T') t.match(number.read(token), { outcome: 'mark', mark: 'trace' });
        else t.equal(number.values(token).value, token);
      }
    }
  }
  t.match(number.values('57(E)'), { value: '57', flag: 'estimated' });
  t.equal(number.read('57 E').outcome, 'reject', 'a flag that changed its form overnight');
  // Cells of three columns each, that touch.
  const cell = new Reader({ integer: { sign: 'minus', marks: { '-88': 'unlimited' } } });
  const row = load('nws', 'MOS-NBS_12Z.txt')
    .split(/\r?\n/)
    .find((one) => one.startsWith('CIG '))!;
  const ceilings = Array.from({ length: 23 }, (_, i) => row.slice(4 + 3 * i, 7 + 3 * i).trim());
  t.equal(
    ceilings
      .map((token) => cell.values(token).value ?? 'none')
      .join(' ')
      .slice(0, 29),
    '27 35 27 22 22 11 11 9 none 1',
  );
  t.end();
});
