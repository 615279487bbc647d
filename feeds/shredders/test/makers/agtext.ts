// Cash prices of grain: real names of areas, bids of nobody's.
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

export const AGTEXT: Readonly<Record<string, readonly Made[]>> = {
  'agtext-cash-grain': [
    good('early', grain, 151),
    good('further-down', (random) => grain(random, 40), 152),
    none('per-ton', (random) => renamed(grain(random), '$/BU', '$/TN'), 153),
  ],
};
