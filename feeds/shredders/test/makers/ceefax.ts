// Teletext pages of 40 columns: shares of nobody's, and rates that were never quoted. Reception has spoilt some cells.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, pad, Sheet } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;
interface Item {
  subject: string;
  fields: Fields;
}

const NAMES = [
  ...['Abacus', 'AbbeyBk', 'Alderny', 'Amber G', 'Anvil', 'ArcLite', 'Ashdown', 'Aspen &C', 'Atlas.M', 'Avocado'],
  ...['Balham', 'Barley', 'Beacon', 'Bellfry', 'Birch H', 'Bishop', 'Bluebel', 'Bramble', 'Bridgwt', 'Brindle'],
  ...['Cabinet', 'Candle', 'Caraway', 'Cedar T', 'Chandlr', 'Chestnt', 'Cinder', 'Clovery', 'Cobalt', 'Copperb'],
];
const QUARTERS = ['', '¼', '½', '¾'];
const NOISE = ['@', '!', 'h', '→'];

/** Quarters as a decimal. */
function quarters(count: number): string {
  const rest = Math.abs(count) % 4;
  const whole = Math.floor(Math.abs(count) / 4);
  return `${count < 0 ? '-' : ''}${whole}.${['0', '25', '5', '75'][rest]}`;
}

/** @param shift columns that the prices of the right side have moved. */
function shares(random: Random, noise: number, shift = 0): Page {
  const live: Item[] = [];
  const sheet = new Sheet(25, 40);
  sheet.put(0, 3, `P221 CEEFAX 1 221 Fri 13 Sep 1${random.below(9)}:${pad(random.below(60))}/10`);
  sheet
    .put(4, 1, 'MID-PRICES UPDATE: CLOSE           1/7')
    .put(22, 3, 'For information only')
    .put(24, 1, 'Shares B    Forex');
  NAMES.forEach((name, index) => {
    const row = 6 + (index % 15);
    const side = index < 15 ? 0 : 20;
    const count = 40 + random.below(1600);
    const fields: Fields = { name };
    sheet.put(row, 1 + side, name);
    live.push({ subject: `CEEFAX-SHARES.${name.replace(' ', '_')}`, fields });
    if (index === 4) {
      fields.status = 'no-price';
      return;
    }
    const at = side + (side > 0 ? shift : 0);
    const whole = Math.floor(count / 4);
    sheet.put(row, 10 + at, (whole === 0 ? '' : String(whole)).padStart(4) + QUARTERS[count % 4]);
    fields.price = quarters(count);
    const kind = random.below(5);
    if (kind === 0) return;
    const change = random.below(2) === 0 ? 1 + random.below(30) : -1 - random.below(30);
    const sign = change < 0 ? '-' : '+';
    if (kind === 1) {
      sheet.put(row, 16 + at, sign);
      Object.assign(fields, { change: null, direction: sign });
      return;
    }
    const points = Math.floor(Math.abs(change) / 4);
    sheet.put(row, 16 + at, sign + (points === 0 ? '' : String(points)).padStart(2) + QUARTERS[Math.abs(change) % 4]);
    Object.assign(fields, { change: quarters(change).replace('.0', ''), direction: sign });
  });
  for (let left = noise; left > 0; left--) {
    // A price or a change that can't be read: its value goes, the other stays.
    const index = 5 + random.below(NAMES.length - 5);
    const { fields } = live[index]!;
    const at = index < 15 ? 0 : 20;
    const row = 6 + (index % 15);
    const mark = NOISE[random.below(NOISE.length)]!;
    if (random.below(2) === 0) {
      sheet.put(row, 13 + at, mark);
      delete fields.price;
    } else {
      sheet.put(row, 18 + at, mark);
      delete fields.change;
      delete fields.direction;
    }
  }
  return { rows: sheet.rows, live };
}

const CODES: readonly (readonly [string, number, number])[] = [
  ['$', 15580, 4],
  ['Y', 19152, 2],
  ['A$', 28174, 4],
  ['Bt', 676400, 4],
  ['C$', 24390, 4],
  ['DKr', 117645, 4],
  ['HK$', 121515, 4],
  ['M$', 59307, 4],
  ['NKr', 116785, 4],
  ['NZ$', 32283, 4],
  ['R', 156990, 4],
  ['R$', 57811, 4],
  ['Rjp', 143761, 1],
  ['SFr', 23188, 4],
  ['Shk', 74001, 4],
  ['SKr', 143495, 4],
  ['SR', 58367, 4],
  ['S$', 27608, 4],
  ['T$', 542396, 4],
];

const OF: Readonly<Record<string, readonly [title: string, code: string, rupee: string, other: string]>> = {
  GBP: ['POUND RATES', '£', 'IRu', 'eur'],
  EUR: ['EURO RATES', 'eur', 'Iru', '£'],
};

function currencies(random: Random, base: 'GBP' | 'EUR', noise: number, swapped = false): Page {
  const live: Item[] = [];
  const sheet = new Sheet(25, 40);
  const [title, code, rupee, other] = OF[base]!;
  const heads = swapped ? 'Latest  WedCls' : 'WedCls  Latest';
  sheet.put(0, 3, 'P241 CEEFAX 1 241 Fri 13 Sep').put(4, 1, 'Updated at : 17:05').put(6, 14, title);
  sheet
    .put(8, base === 'EUR' ? 1 : 2, code)
    .put(8, 6, heads)
    .put(8, base === 'EUR' ? 21 : 22, code)
    .put(8, 26, heads);
  // The euro's rates are those of the pound by what a pound was in euros.
  const scale = base === 'EUR' ? 1583 : 1000;
  const pounds: (readonly [string, number, number])[] = [...CODES, [rupee, 753350, 4]];
  const list = [
    [other, base === 'EUR' ? 6317 : 15831, 4] as const,
    ...pounds.map(([name, mid, places]) => [name, Math.floor((mid * 1000) / scale), places] as const),
  ];
  list.forEach(([name, mid, places], index) => {
    const row = 10 + (index % 11);
    const side = index < 11 ? 0 : 20;
    const prevClose = mid + random.below(Math.floor(mid / 100));
    const latest = prevClose + random.below(Math.floor(mid / 100)) - Math.floor(mid / 200);
    const figures = [decimal(prevClose, places), decimal(latest, places)];
    const fields: Fields = { code: name, prevClose: figures[0]!, latest: figures[1]! };
    sheet
      .put(row, 1 + side, name.padStart(3))
      .put(row, 5 + side, figures[0]!.padStart(7))
      .put(row, 13 + side, figures[1]!.padStart(7));
    if (index < noise) {
      // The point is lost.
      const field = ['prevClose', 'latest'][index % 2]!;
      const at = (index % 2 === 0 ? 5 : 13) + side;
      sheet.put(row, at, (fields[field] as string).replace('.', '-').padStart(7));
      delete fields[field];
    }
    live.push({ subject: `CEEFAX-${base}.${name}`, fields });
  });
  return { rows: sheet.rows, live };
}

/** Where rates about stand, and how they are printed. */
const COUNTRIES: Readonly<Record<string, readonly (readonly [string, number, number, string])[]>> = {
  1995: [
    ['Australia', 214, 2, 'dollars'],
    ['Austria', 1494, 2, 'schillings'],
    ['Canada', 2122, 3, 'dollars'],
    ['Denmark', 837, 2, 'kroner'],
    ['Germany', 2134, 3, 'marks'],
    ['Greece', 347, 0, 'drachmae'],
    ['Hong Kong', 1184, 2, 'dollars'],
    ['Japan', 131, 0, 'yen'],
    ['Norway', 96, 1, 'kroner'],
    ['South Africa', 559, 2, 'rand'],
    ['Switzerland', 1768, 3, 'francs'],
    ['Turkey', 65838, 0, 'lire'],
  ],
  1996: [
    ['Australia', 18375, 4, 'dollars'],
    ['Belgium', 4608, 2, 'francs'],
    ['Denmark', 871, 2, 'kroner'],
    ['Germany', 2245, 3, 'marks'],
    ['Hong Kong', 11485, 3, 'dollars'],
    ['Italy', 233000, 2, 'lire'],
    ['Japan', 15750, 2, 'yen'],
    ['Norway', 971, 2, 'kroner'],
    ['South Africa', 65825, 4, 'rand'],
    ['Switzerland', 182, 2, 'francs'],
    ['Turkey', 11189300, 2, 'lira'],
    ['USA', 14875, 4, 'dollars'],
  ],
  2002: [
    ['Australia', 26810, 4, 'dollars'],
    ['Canada', 23483, 4, 'dollars'],
    ['Czech Rep', 4507, 2, 'koruna'],
    ['Denmark', 1121, 2, 'kroner'],
    ['Hong Kong', 1158, 2, 'dollars'],
    ['Hungary', 34274, 2, 'forints'],
    ['India', 6675, 2, 'rupees'],
    ['Kenya', 11159, 2, 'schillings'],
    ['New Zealand', 30341, 4, 'dollars'],
    ['Saudi Arabia', 55972, 4, 'riyal'],
    ['Switzerland', 22203, 4, 'francs'],
    ['USA', 15048, 4, 'dollars'],
  ],
};

interface TouristLayout {
  readonly title: readonly [row: number, column: number, text: string];
  readonly first: number;
  readonly country: number;
  /** Where a rate begins. */
  readonly at: (rate: string) => number;
  readonly unit: number;
}

const LAYOUTS: Readonly<Record<string, TouristLayout>> = {
  1995: { title: [5, 10, "MONDAY'S POUND BUYS"], first: 7, country: 7, at: () => 20, unit: 27 },
  1996: {
    title: [5, 1, 'Banknote selling rates for Sep 13'],
    first: 6,
    country: 1,
    at: (rate) => 20 - rate.indexOf('.'),
    unit: 29,
  },
  2002: {
    title: [4, 1, 'Bank note selling rates for Sep 13'],
    first: 6,
    country: 1,
    at: (rate) => 26 - rate.length,
    unit: 29,
  },
};

function tourist(random: Random, year: number, noise: number): Page {
  const live: Item[] = [];
  const sheet = new Sheet(25, 40);
  const { title, first, country, at, unit } = LAYOUTS[year]!;
  sheet
    .put(0, 3, 'P244 CEEFAX 1 244 Fri 13 Sep')
    .put(title[0], title[1], title[2])
    .put(21, 4, 'Rates for indication only');
  COUNTRIES[year]!.forEach(([land, mid, places, currency], index) => {
    const rate = decimal(mid + random.below(Math.ceil(mid / 20)), places);
    const row = first + index;
    sheet.put(row, country, land).put(row, at(rate), rate).put(row, unit, currency);
    const fields: Fields = { country: land, rate, unit: currency };
    if (index >= 3 && index < 3 + noise) {
      sheet.put(row, at(rate), rate.includes('.') ? rate.replace('.', '→') : rate.replace(rate[1]!, '→'));
      delete fields.rate;
    }
    live.push({ subject: `TOURIST-${year}.${land.replace(' ', '_')}`, fields });
  });
  return { rows: sheet.rows, live };
}

const retitled = ({ rows }: Page, from: string, to: string): Page => ({
  rows: rows.map((row) => row.replace(from, to)),
  live: [],
});
const years = [1995, 1996, 2002].map((year): [string, readonly Made[]] => [
  `tourist-rates-${year}`,
  [
    good('clean', (random) => tourist(random, year, 0), 1000 + year),
    good('late', (random) => tourist(random, year, 0), 52000 + year),
    { ...good('noisy', (random) => tourist(random, year, 3), 2000 + year), drifted: true },
    none(
      'buying',
      (random) =>
        retitled(tourist(random, year, 0), year === 1995 ? 'BUYS' : 'selling', year === 1995 ? 'COST' : 'buying'),
      3000 + year,
    ),
  ],
]);

export const CEEFAX: Readonly<Record<string, readonly Made[]>> = {
  'ceefax-shares': [
    good('clean', (random) => shares(random, 0), 111),
    good('late', (random) => shares(random, 0), 5112),
    { ...good('noisy', (random) => shares(random, 5), 112), drifted: true },
    none('moved', (random) => shares(random, 0, 1), 113),
  ],
  'ceefax-pound-rates': [
    good('clean', (random) => currencies(random, 'GBP', 0), 114),
    good('late', (random) => currencies(random, 'GBP', 0), 5115),
    { ...good('noisy', (random) => currencies(random, 'GBP', 5), 115), drifted: true },
    none('columns-changed', (random) => currencies(random, 'GBP', 0, true), 116),
  ],
  'ceefax-euro-rates': [
    good('clean', (random) => currencies(random, 'EUR', 0), 117),
    good('late', (random) => currencies(random, 'EUR', 0), 5118),
    { ...good('noisy', (random) => currencies(random, 'EUR', 5), 118), drifted: true },
    none('columns-changed', (random) => currencies(random, 'EUR', 0, true), 119),
  ],
  ...Object.fromEntries(years),
};
