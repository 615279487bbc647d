// The spot page of 64 columns: dealers, cities and prices of nobody's.
import type { Random } from '@tickerplant/core';
import { decimal, type Fields, good, type Made, none, pad, Sheet } from '../making.ts';

const DEALERS: readonly (readonly [string, string, string])[] = [
  ['OAKL', 'OAKLEY', 'LON'],
  ['BRN2', 'BRENT BANK', 'PAR'],
  ['', 'HOLT & SONS', 'SIN'],
  ['KSTR', 'Kestrel', 'NYC'],
  ['ASTR', 'ASTER BK OFX', 'HKG'],
];
const MIDS: readonly (readonly [string, number, number])[] = [
  ['EUR', 10731, 4],
  ['GBP', 12544, 4],
  ['CHF', 9012, 4],
  ['JPY', 15222, 2],
  ['AUD', 6644, 4],
  ['CAD', 13677, 4],
  ['DKK', 69512, 4],
  ['NOK', 96444, 4],
];

/** @param shift columns that the quotes have moved to the right. */
function page(random: Random, shift = 0): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet(14, 64);
  sheet
    .put(0, 0, '0917')
    .put(0, 5, 'CCY PAGE NAME * REUTER SPOT RATES     * CCY HI*EURO*LO FXFX')
    .put(9, 0, '-'.repeat(64));
  MIDS.forEach(([ccy, mid, places], index) => {
    const row = 1 + index;
    const bid = mid + random.below(40) - 20;
    const ask = bid + random.below(6);
    const high = ask + random.below(30);
    const low = bid - random.below(30);
    const [dealerCode, name, city] = DEALERS[random.below(DEALERS.length)]!;
    const dealer = name.slice(0, 12);
    const minute = pad(random.below(18));
    const quote = `${decimal(bid, places)}/${decimal(ask, places).slice(-2)}`;
    sheet.put(row, 0, `09${minute}`).put(row, 5, ccy).put(row, 9, dealerCode).put(row, 14, dealer).put(row, 27, city);
    sheet
      .put(row, 31 + shift, quote)
      .put(row, 43, '*')
      .put(row, 45, ccy);
    sheet.put(row, 50, decimal(high, places)).put(row, 58, decimal(low, places));
    const fields: Fields = { time: `09:${minute}`, ccy };
    if (dealerCode !== '') fields.dealerCode = dealerCode;
    Object.assign(fields, { dealer, city, quote, bid: decimal(bid, places), ask: decimal(ask, places) });
    Object.assign(fields, { high: decimal(high, places), low: decimal(low, places) });
    live.push({ subject: `FXFX.${ccy}`, fields });
  });
  const gold = 190_000 + random.below(9000);
  const silver = 2200 + random.below(90);
  for (const [row, metal, bid, ask] of [
    [10, 'XAU', gold, gold + 35],
    [11, 'XAG', silver, silver + random.below(4)],
  ] as const) {
    const source = ['LMX', 'ABCD'][random.below(2)]!;
    sheet
      .put(row, 0, metal)
      .put(row, 4, source)
      .put(row, row === 10 ? 8 : 9, `${decimal(bid, 2)}/${decimal(ask, 2)}`)
      .put(row, 23, '*');
    live.push({ subject: `FXFX.${metal}`, fields: { metal, source, bid: decimal(bid, 2), ask: decimal(ask, 2) } });
  }
  const three = 350 + random.below(80);
  const percent = 400 + random.below(90);
  const funds = 310 + random.below(20);
  sheet.put(10, 25, `ED3  ${decimal(three, 2)}/ ${decimal(three + 20, 2)} * FED        * WGVS 30Y`);
  live.push({
    subject: 'FXFX.ED3',
    fields: { instrument: 'ED3', bid: decimal(three, 2), ask: decimal(three + 20, 2) },
  });
  const points = 90 + random.below(9);
  const parts = random.below(31);
  const later = parts + random.below(2);
  sheet.put(
    11,
    25,
    `US30Y YTM  ${decimal(percent, 2)} * ${decimal(funds, 2)}- ${decimal(funds + 3, 2)} * ${points}.${pad(parts)}/${pad(later)}`,
  );
  live.push({ subject: 'FXFX.US30Y.YTM', fields: { instrument: 'US30Y', yield: decimal(percent, 2) } });
  live.push({
    subject: 'FXFX.FEDFUNDS',
    fields: { instrument: 'FEDFUNDS', bid: decimal(funds, 2), ask: decimal(funds + 3, 2) },
  });
  const whole = (thirtySeconds: number): string => {
    const text = String(points + thirtySeconds / 32);
    return text.includes('.') ? text : `${text}.0`;
  };
  live.push({
    subject: 'FXFX.US30Y',
    fields: {
      instrument: 'US30Y',
      quote: `${points}.${pad(parts)}/${pad(later)}`,
      convention: 'dot-32nds',
      bid32: `${points}-${pad(parts)}`,
      ask32: `${points}-${pad(later)}`,
      bid: whole(parts),
      ask: whole(later),
    },
  });
  return { rows: sheet.rows, live };
}

export const FXFX: readonly Made[] = [
  good('open', page, 101),
  good('noon', page, 102),
  // The quotes stand elsewhere; what is below the line stands as before.
  {
    ...good(
      'quotes-moved',
      (random) => {
        const { rows, live } = page(random, 2);
        return { rows, live: live.filter(({ subject }) => !MIDS.some(([ccy]) => subject === `FXFX.${ccy}`)) };
      },
      103,
    ),
    drifted: true,
  },
  none(
    'renamed',
    (random) => ({ rows: page(random).rows.map((row) => row.replace('HI*EURO*LO', 'LO*EURO*HI')), live: [] }),
    104,
  ),
];
