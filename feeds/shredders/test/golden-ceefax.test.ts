// Teletext pages from a tape, with what reception did to them: every cell that can be read gives its value, no other gives one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from '@tickerplant/core';
import { pageFromText, shredPage } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

interface Cell {
  readonly status: string;
  readonly value?: string;
}
interface Expected extends Cell {
  readonly name?: string;
  readonly price?: string;
  readonly priceStatus?: string;
  readonly change?: string;
  readonly changeStatus?: string;
  readonly code?: string;
  readonly prevClose?: Cell;
  readonly latest?: Cell;
  readonly country?: string;
  readonly unit?: string;
}
interface Subpage<Content> {
  readonly page: number;
  readonly subpage: string;
  readonly broadcast?: string;
  readonly kind?: string;
  readonly rows?: readonly string[];
  readonly records?: readonly Content[];
}

const pages = sharedDir('pages');
const skip = pages === undefined && 'no ../shared/pages';
const lines = (name: string): Subpage<Expected>[] =>
  readFileSync(join(pages!, 'ceefax', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Numbers are the same whatever zeros are behind them; a value without a number is none. */
const number = (value: unknown): string | undefined =>
  typeof value === 'string' ? Decimal.parse(value.replace('+', '')).toShortString() : undefined;

function read(shredder: string, rows: readonly string[]): Record<string, unknown>[] {
  const plan = loadShredder(shredder);
  const result = shredPage(plan, pageFromText(rows.join('\n'), plan.rows, plan.columns));
  return result.items.filter((item) => item.quality === 'LIVE').map(({ fields }) => fields);
}

const sorted = (list: readonly unknown[]): string[] => list.map((one) => JSON.stringify(one)).sort();
/** What a cell must give: its value where its status is ok, else nothing. */
const given = (cell: Cell | undefined): string | undefined => (cell?.status === 'ok' ? number(cell.value) : undefined);

t.test('shares and currencies of a day in 2002', { skip }, (t) => {
  const all = lines('ceefax-2002-10-31.pages.jsonl');
  const rowsOf = ({ page, subpage }: Subpage<Expected>): readonly string[] =>
    all.find((one) => one.page === page && one.subpage === subpage)!.rows!;
  const counts = { prices: 0, changes: 0, directions: 0, rates: 0 };
  for (const sheet of lines('ceefax-2002-10-31.expected.jsonl')) {
    const name = `${sheet.page}/${sheet.subpage}`;
    if (sheet.kind === 'shares') {
      const got = read('ceefax-shares', rowsOf(sheet)).map((item) => {
        const change = number(item.change);
        return [item.name, number(item.price), change, change === undefined ? item.direction : undefined];
      });
      const wanted = sheet
        .records!.filter((record) => record.status !== 'noise')
        .map((record) => {
          const price = given({ status: record.priceStatus!, value: record.price! });
          const change = given({ status: record.changeStatus!, value: record.change! });
          const direction = record.changeStatus === 'direction-only' ? record.change : undefined;
          if (price !== undefined) counts.prices++;
          if (change !== undefined) counts.changes++;
          if (direction !== undefined) counts.directions++;
          return [record.name, price, change, direction];
        });
      t.strictSame(sorted(got), sorted(wanted), name);
    } else if (sheet.kind === 'fx') {
      const got = read(sheet.page === 241 ? 'ceefax-pound-rates' : 'ceefax-euro-rates', rowsOf(sheet));
      const wanted = sheet.records!.map((record) => [record.code, given(record.prevClose), given(record.latest)]);
      counts.rates += wanted.flat().filter((value) => value !== undefined).length - wanted.length;
      const shown = got.map((item) => [item.code, number(item.prevClose), number(item.latest)]);
      t.strictSame(sorted(shown), sorted(wanted), name);
    }
  }
  t.strictSame(counts, { prices: 1622, changes: 585, directions: 20, rates: 71 }, 'values in all');
  t.end();
});

t.test('tourist rates in three layouts', { skip }, (t) => {
  const all = lines('tourist-rates-three-formats.pages.jsonl');
  let rates = 0;
  for (const sheet of lines('tourist-rates-three-formats.expected.jsonl')) {
    const is = (one: Subpage<Expected>): boolean => one.page === sheet.page && one.subpage === sheet.subpage;
    const got = read(`tourist-rates-${sheet.broadcast!.slice(0, 4)}`, all.find(is)!.rows!);
    const wanted = sheet.records!.map((record) => [record.country, given(record), record.unit]);
    rates += wanted.filter(([, rate]) => rate !== undefined).length;
    const shown = got.map((item) => [item.country, number(item.rate), item.unit]);
    t.strictSame(sorted(shown), sorted(wanted), `${sheet.broadcast} ${sheet.subpage}`);
  }
  t.equal(rates, 66, 'rates in all');
  t.end();
});
