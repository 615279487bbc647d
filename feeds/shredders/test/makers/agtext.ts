// Cash prices of grain and prices of futures: real names of areas and commodities, prices of nobody's.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, Sheet } from '../making.ts';

type Page = Pick<Made, 'rows' | 'live'>;

const AREAS = [
  'Louisville',
  'Ohio Valley',
  'Pennyrile',
  'Purchase',
  'Bluegrass',
  'Cumberland',
  'Mammoth Cave',
  'Lincoln Tr.',
];
const COMMODITIES: readonly (readonly [string, string, number])[] = [
  ['CORN', 'No. 2 - Yellow', 215],
  ['SOYBEANS', 'No. 1 - Yellow', 655],
  ['WHEAT', 'No. 2 - Soft Red Winter', 330],
];
const QUARTERS = ['', '1/4', '1/2', '3/4'];

/** @param above lines above the tables. */
function grain(random: Random, above = 12): Page {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet(500, 64);
  sheet.put(above - 6, 4, 'CASH GRAIN, selling per bushel');
  let row = above;
  COMMODITIES.forEach(([commodity, grade, level], index) => {
    sheet.put(row, 14, commodity).put(row + 1, 9, grade);
    row += 3;
    if (index === 0) {
      sheet.put(row, 26, 'BASIS').put(row + 1, 4, 'AREA      $/BU      (MAR 89)');
      row += 2;
    }
    // The future, in quarters of a cent.
    const future = 4 * level + 44 + random.below(40);
    AREAS.forEach((area) => {
      const kind = random.below(8);
      sheet.put(row, 0, area);
      const fields: Fields = { commodity, area };
      if (kind === 0) {
        sheet.put(row, 15, 'NO BIDS');
        fields.status = 'no-bids';
      } else {
        const low = level - random.below(20);
        const high = kind < 3 ? low : low + 2 * random.below(6);
        const basis = 2 * (low + high) - future;
        const cents = Math.floor(Math.abs(basis) / 4);
        const rest = Math.abs(basis) % 4;
        const bids = high === low ? decimal(low, 2) : `${decimal(low, 2)}-${decimal(high, 2)}`;
        const sign = basis < 0 ? '-' : '';
        sheet.put(row, 13, bids).put(row, 24, `${sign}${cents}`.padStart(4)).put(row, 29, QUARTERS[rest]!);
        Object.assign(fields, { low: decimal(low, 2), high: decimal(high, 2) });
        fields.basisCents = `${sign}${cents}.${['0', '25', '5', '75'][rest]}`;
      }
      live.push({ subject: `AGTEXT-GRAIN.${commodity}.${area.replaceAll(' ', '_')}`, fields });
      row++;
    });
    row++;
  });
  sheet.put(row - 1, 0, '='.repeat(31));
  return { rows: sheet.rows, live };
}

const renamed = ({ rows }: Page, from: string, to: string): Page => ({
  rows: rows.map((row) => row.replace(from, to)),
  live: [],
});

/** A commodity: its symbol, heading, and about where its price is, in hundredths or quarters. */
type Traded = readonly [symbol: string, heading: string, level: number, kind: 'meat' | 'grain' | 'crush', unit: string];
const TRADED: readonly Traded[] = [
  ['LC', 'LIVE CATTLE FUTURES', 7400, 'meat', 'cents/lb'],
  ['FC', 'FEEDER CATTLE FUTURES', 8300, 'meat', 'cents/lb'],
  ['LH', 'LIVE HOG FUTURES', 4800, 'meat', 'cents/lb'],
  ['C', 'CORN FUTURES', 880, 'grain', 'cents/bu'],
  ['W', 'WHEAT FUTURES', 1240, 'grain', 'cents/bu'],
  ['S', 'SOYBEAN FUTURES', 2520, 'grain', 'cents/bu'],
  ['BO', 'SOYBEAN OIL FUTURES', 2210, 'crush', 'cents/lb'],
  ['SM', 'SOYBEAN MEAL FUTURES', 18_100, 'crush', 'USD/short ton'],
];
const MONTHS = ['Feb', 'Apr', 'May', 'Jul', 'Sep', 'Oct'];
const RULE = 'x'.repeat(31);

/** Quarters as they are printed: `2 1/4`. */
const quarters = (value: number): string => {
  const whole = Math.floor(value / 4);
  return `${whole === 0 && value !== 0 ? '' : whole} ${QUARTERS[value % 4]}`.trim();
};
/** And as they are read: with one decimal at least. */
const readQuarters = (value: number, scale = 1): string => {
  const text = String((value / 4) * scale);
  return text.includes('.') ? text : `${text}.0`;
};

/** What a change looks like, where in its column it begins, and how it is read. */
function changeOf(
  kind: Traded[3],
  change: number,
  isOld: boolean,
): readonly [text: string, column: number, read: string] {
  const sign = change < 0 ? '-' : isOld ? '' : '+';
  const size = Math.abs(change);
  if (kind === 'grain') {
    if (change === 0) return ['NC', 27, '0'];
    const whole = Math.floor(size / 4);
    const text = `${sign}${whole === 0 ? (isOld ? '' : ' ') : String(whole)} ${QUARTERS[size % 4]}`.trimEnd();
    const value = String(change / 4);
    if (!isOld) return [text, whole > 9 ? 25 : 26, value];
    return whole === 0 ? [text.trim(), sign === '' ? 28 : 27, value] : [text, sign === '' ? 26 : 25, value];
  }
  const value = decimal(change, 2);
  if (change === 0) return ['NC', kind === 'meat' ? 29 : 28, '0'];
  if (kind === 'meat' && !isOld) return [`${sign}${String(size).padStart(2, '0')}`, 28, value];
  const digits = size < 100 ? decimal(size, 2).slice(1) : decimal(size, 2);
  const text = sign + digits;
  const end = kind === 'meat' ? 31 : 32;
  return [text, end - text.length, value];
}

function priceOf(kind: Traded[3], value: number, isOld: boolean): readonly [text: string, read: string] {
  if (kind !== 'grain') return [decimal(value, 2), decimal(value, 2)];
  if (!isOld) return [quarters(value), readQuarters(value)];
  const dollars = `${decimal(Math.floor(value / 4), 2)} ${QUARTERS[value % 4]}`.trim();
  return [dollars, String((value * 25) / 10_000)];
}

/** Prices at the end of a day. */
function settlement(random: Random, isOld: boolean, above = 20): Page {
  const year = isOld ? 1988 : 1990;
  const page = `AGTEXT-FUTURES-${year}`;
  const sheet = new Sheet(500, 64);
  const live: { subject: string; fields: Fields }[] = [
    { subject: `${page}.REPORT`, fields: { date: `${year}-03-14` } },
  ];
  let row = above;
  sheet.put(row++, 0, RULE);
  const pads: Readonly<Record<string, number>> = isOld
    ? { LC: 7, FC: 6, LH: 8, C: 10, W: 9, S: 9, BO: 7, SM: 6 }
    : { LC: 6, FC: 5, LH: 8, C: 10, W: 9, S: 8, BO: 6, SM: 6 };
  for (const [product, heading, level, kind, unit] of TRADED) {
    if (product === 'C') {
      sheet.put(row - 1, 0, RULE).put(row++, 2, "'CHANGE' on the Futures is");
      sheet.put(row++, 0, "compared to previous day's close").put(row++, 0, RULE);
      row++;
      sheet.put(row++, 0, RULE);
    }
    if (product === 'BO') sheet.put(row - 1, 0, RULE);
    sheet.put(row++, pads[product]!, heading);
    if (product === 'LC') {
      sheet.put(row++, isOld ? 8 : 7, `MARCH 14, ${year}`).put(row, isOld ? 8 : 7, 'SETTLEMENT PRICES');
      row += 2;
      sheet.put(row++, 0, isOld ? 'Mon     Open      Last    Change' : 'Mon     Open     Last    Change');
    }
    if (product === 'C' && isOld) sheet.put(row++, 9, `MARCH 14, ${year}`);
    const count = kind === 'crush' ? 2 : 4 + random.below(3);
    for (const contract of MONTHS.slice(0, count)) {
      const width = kind === 'grain' ? 12 : 60;
      const last = level + random.below(width) * 2;
      const open = last + random.below(width) - width / 2;
      const change = random.below(6) === 0 ? 0 : random.below(40) - 20;
      const [lastText, lastRead] = priceOf(kind, last, isOld);
      const [openText, openRead] = priceOf(kind, open, isOld);
      const [text, at, changeRead] = changeOf(kind, change, isOld);
      const [first, second] = kind === 'grain' ? [5, 15] : kind === 'meat' && !isOld ? [12, 22] : [13, 23];
      const put = (column: number, price: string): void => {
        sheet.put(row, kind === 'grain' ? column : column - price.length, price);
      };
      put(first!, openText);
      put(second!, lastText);
      sheet.put(row++, 0, contract).put(row - 1, at, text);
      const fields: Fields = { product, contract, unit: isOld && kind === 'grain' ? 'USD/bu' : unit };
      Object.assign(fields, { open: openRead, last: lastRead, change: changeRead });
      if (isOld && kind === 'grain') fields.changeUnit = 'cents/bu';
      live.push({ subject: `${page}.${product}.${contract}`, fields });
    }
    row++;
  }
  sheet.put(row, 0, isOld ? '"'.repeat(31) : '-'.repeat(31));
  return { rows: sheet.rows, live };
}

/** The prices of five days: each is that of the day before, and the change. */
function fiveDays(random: Random, above = 8): Page {
  const sheet = new Sheet(500, 64);
  const live: { subject: string; fields: Fields }[] = [];
  const line = '-'.repeat(31);
  sheet
    .put(above, 0, line)
    .put(above + 1, 5, 'DAILY FUTURES SUMMARY')
    .put(above + 2, 0, line);
  sheet.put(above + 4, 1, 'The following report displays').put(above + 5, 2, 'the settlement futures price');
  sheet.put(above + 6, 6, 'for the last 5 days.');
  let row = above + 8;
  const pads: Readonly<Record<string, number>> = { LC: 7, FC: 5, LH: 8, C: 10, W: 9, S: 8, BO: 6, SM: 6 };
  for (const [product, heading, level, kind, unit] of TRADED) {
    sheet.put(row++, pads[product]!, heading);
    sheet.put(row++, 0, product === 'LC' ? 'Date    Basis    Last    Change' : 'Date    Basis     Last   Change');
    let last = level + 2 * random.below(30);
    const changes = random.below(5);
    for (let day = 0; day < 5; day++) {
      const change = random.below(6) === 0 ? 0 : random.below(40) - 20;
      // Another contract has another price.
      last = day > 0 && day === changes ? last + 31 : last + change;
      const contract = day < changes ? 'Mar' : 'May';
      const [lastText, lastRead] = priceOf(kind, last, false);
      const [text, at, changeRead] = changeOf(kind, change, false);
      const column = kind === 'grain' ? 15 : (kind === 'meat' ? 22 : 23) - lastText.length;
      const date = `03-1${day + 1}`;
      sheet.put(row, 0, date).put(row, 9, contract).put(row, column, lastText);
      sheet.put(row++, at, text);
      live.push({
        subject: `AGTEXT-FIVE-DAY.${product}.${date}`,
        fields: { product, date: `1991-${date}`, contract, unit, last: lastRead, change: changeRead },
      });
    }
    row++;
  }
  sheet.put(row - 1, 0, line);
  return { rows: sheet.rows, live };
}
/** 15 March 1991. */
const IDES = 7743;

const withoutProducts = ({ rows, live }: Page, ...products: readonly string[]): Page => ({
  rows,
  live: live.filter(({ subject }) => !products.includes(subject.split('.')[1]!)),
});

/** The prices of two days have changed places: neither goes on from the other. */
function exchanged({ rows, live }: Page): Page {
  const at = rows.findIndex((row) => row.includes('SOYBEAN MEAL')) + 2;
  const swapped = rows.map((row, index) => {
    const other = index === at + 3 ? at + 4 : index === at + 4 ? at + 3 : index;
    return row.slice(0, 12) + rows[other]!.slice(12);
  });
  return {
    rows: swapped,
    live: live.filter(({ subject }) => !['SM.03-13', 'SM.03-14', 'SM.03-15'].some((end) => subject.endsWith(end))),
  };
}

const renamedTo = (page: Page, from: string, to: string): Page => ({ ...page, rows: renamed(page, from, to).rows });

export const AGTEXT: Readonly<Record<string, readonly Made[]>> = {
  'agtext-cash-grain': [
    good('early', grain, 151),
    good('further-down', (random) => grain(random, 40), 152),
    none('per-ton', (random) => renamed(grain(random), '$/BU', '$/TN'), 153),
  ],
  'agtext-futures-1988': [
    good('early', (random) => settlement(random, true), 161),
    good('further-down', (random) => settlement(random, true, 150), 162),
    none('opening-prices', (random) => renamed(settlement(random, true), 'SETTLEMENT PRICES', 'OPENING PRICES'), 163),
    {
      ...good('name-lost', (random) => withoutProducts(renamedTo(settlement(random, true), 'WHEAT', 'WH'), 'W'), 164),
      drifted: true,
    },
  ],
  'agtext-futures-1990': [
    good('early', (random) => settlement(random, false), 171),
    good('further-down', (random) => settlement(random, false, 150), 172),
    {
      ...good(
        'name-lost',
        (random) => withoutProducts(renamedTo(settlement(random, false), 'LIVE HOG', 'LEAN HOG'), 'LH'),
        173,
      ),
      drifted: true,
    },
  ],
  'agtext-five-day': [
    { ...good('early', fiveDays, 181), today: IDES },
    { ...good('further-down', (random) => fiveDays(random, 230), 182), today: IDES },
    { ...good('days-exchanged', (random) => exchanged(fiveDays(random)), 183), drifted: true, today: IDES },
  ],
};
