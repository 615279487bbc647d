// The German market pages: real names of columns, prices of nobody's.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, pad, Sheet } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;
interface Item {
  subject: string;
  fields: Fields;
}

const comma = (text: string): string => text.replace('.', ',');
const LABELS: readonly (readonly [number, string])[] = [
  [8, 'aktuell'],
  [9, 'zuvor'],
  [11, 'Eröffnung'],
  [12, 'Tageshoch'],
  [13, 'Tagestief'],
  [15, 'Vortag'],
  [16, 'Differenz'],
  [18, 'Jahreshoch'],
  [19, 'Jahrestief'],
];

function indices(random: Random, names: readonly (readonly [string, number])[]): Page {
  const live: Item[] = [];
  const sheet = new Sheet(24, 41);
  sheet
    .put(0, 1, '209.06 209 ntv text Fr 13.9.    17:31:02')
    .put(1, 37, '6/7')
    .put(3, 3, 'ntv')
    .put(3, 21, 'Indizes im Verlauf');
  for (const [row, label] of LABELS) sheet.put(row, 1, label);
  names.forEach(([name, level], index) => {
    const previousClose = level + random.below(Math.floor(level / 90));
    const open = previousClose + random.below(Math.floor(level / 150)) - Math.floor(level / 300);
    const last = open + random.below(Math.floor(level / 150)) - Math.floor(level / 300);
    const dayHigh = Math.max(open, last) + random.below(Math.floor(level / 200));
    const dayLow = Math.min(open, last) - random.below(Math.floor(level / 200));
    const net = last - previousClose;
    const yearHigh = dayHigh + Math.floor(level / 20) + random.below(Math.floor(level / 20));
    const yearLow = dayLow - Math.floor(level / 20) - random.below(Math.floor(level / 20));
    const time = `17:${pad(10 + random.below(20))}`;
    const put = (row: number, text: string): void => void sheet.put(row, 12 + 10 * index, text.padStart(8));
    put(5, name);
    put(6, time);
    put(8, comma(decimal(last, 2)));
    put(11, comma(decimal(open, 2)));
    put(12, comma(decimal(dayHigh, 2)));
    put(13, comma(decimal(dayLow, 2)));
    put(15, comma(decimal(previousClose, 2)));
    put(16, `${net < 0 ? '' : '+'}${comma(decimal(net, 2))}`);
    put(18, comma(decimal(yearHigh, 2)));
    put(19, comma(decimal(yearLow, 2)));
    const values = { last, open, dayHigh, dayLow, previousClose, net, yearHigh, yearLow };
    const fields: Fields = { instrument: name, time };
    for (const [field, value] of Object.entries(values)) fields[field] = decimal(value, 2);
    live.push({ subject: `NTV-209.${name}`, fields });
  });
  return { rows: sheet.rows, live };
}

const CITIES = [['Wien', 300_000] as const, ['Zürich', 1_110_000] as const, ['Stoxx50', 366_000] as const];
const FUTURES = [['Bobl-Fut', 12_700] as const, ['Schatz-F', 10_950] as const, ['Bund-Fut', 15_730] as const];
const NAMES = [
  'Ahorn',
  'Birkenhof',
  'Eichenbaum',
  'Fichte & Co',
  'Ginster',
  'Kiefer',
  'Linde',
  'Rotbuche',
  'Ulme',
  'Weide',
];

function gainers(random: Random): Page {
  const live: Item[] = [];
  const sheet = new Sheet(24, 41);
  sheet.put(0, 1, '211.01 211 ntv text Fr 13.9.    17:31:02').put(2, 15, 'Tops & Flops').put(3, 3, 'ntv');
  sheet.put(3, 15, 'Gewinner Dax-Familie').put(4, 1, '17:15 Uhr').put(4, 17, 'Kurs').put(4, 33, 'Volumen');
  sheet.put(19, 1, 'Mindestumsatz: 10.000 EUR');
  let gain = 150 + random.below(30);
  NAMES.forEach((name, index) => {
    const last = 1000 + random.below(20_000);
    const volume = 3000 + random.below(900_000);
    const row = 5 + index;
    sheet
      .put(row, 1, name)
      .put(row, 13, 'X')
      .put(row, 15, comma(decimal(last, 2)).padStart(7));
    sheet.put(row, 23, `+${comma(decimal(gain, 1))}%`.padStart(7)).put(row, 33, String(volume).padStart(7));
    live.push({
      subject: `NTV-211.${name.replaceAll(' ', '_')}`,
      fields: { name, venue: 'X', last: decimal(last, 2), pct: decimal(gain, 1), volume: String(volume) },
    });
    gain -= random.below(12);
  });
  return { rows: sheet.rows, live };
}

const renamed = ({ rows }: Page, from: string, to: string): Page => ({
  rows: rows.map((row) => row.replace(from, to)),
  live: [],
});

export const NTV: Readonly<Record<string, readonly Made[]>> = {
  'ntv-indices': [
    good('cities', (random) => indices(random, CITIES), 121),
    good('futures', (random) => indices(random, FUTURES), 122),
    none(
      'rows-changed',
      (random) => renamed(renamed(indices(random, CITIES), 'Tageshoch', 'Tagestief'), 'Vortag', 'Vorjahr'),
      123,
    ),
  ],
  'ntv-gainers': [
    good('afternoon', gainers, 124),
    good('evening', gainers, 125),
    none('losers', (random) => renamed(gainers(random), 'Gewinner', 'Verlierer'), 126),
  ],
};
