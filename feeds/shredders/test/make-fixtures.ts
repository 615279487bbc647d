// Makes the fixtures: pages of the shipped layouts with invented names and numbers from a seed, and what must be read from
// them, worked out here and not by the engine. `node feeds/shredders/build/test/make-fixtures.js` writes them anew.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '@tickerplant/core';
import { FAMILIES } from './makers/index.ts';
import { clock, decimal, type Fields, good, grouped, type Made, none, pad, Sheet, shorter } from './making.ts';

const HOUSES = ['OAKLEY', 'BRENT BANK', 'MERIDIAN', 'KESTREL & CO', 'HOLT BROS', 'LINDEN', 'ASTER BANK'];
const CODES = ['OAKL', 'BRNT', 'MRDN', 'KSTR', 'HOLT', 'LNDN', 'ASTR'];
const PLACES = ['LON', 'PAR', 'SIN', 'NYC', 'HKG', 'FFT'];

function fxSpot(random: Random, shift = 0): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet.put(0, 0, '0911').put(0, 6, 'SPOTFX').put(0, 20, 'G10 SPOT COMPOSITE').put(0, 60, 'OAKLEY MONEY BROKERS');
  sheet.put(1, 0, '-'.repeat(80));
  sheet
    .put(2, 0, 'TIME  CCY  CODE  CONTRIBUTOR')
    .put(2, 33 + shift, 'LOC  BID/ASK')
    .put(2, 56, 'HIGH      LOW');
  const mids: readonly [string, number, number][] = [
    ['EUR', 10731, 4],
    ['GBP', 12544, 4],
    ['JPY', 15222, 2],
    ['CHF', 9012, 4],
    ['AUD', 6644, 4],
    ['CAD', 13677, 4],
    ['NZD', 6022, 4],
    ['SEK', 105120, 4],
    ['NOK', 106444, 4],
  ];
  mids.forEach(([ccy, mid, places], index) => {
    const row = 4 + index;
    const bid = mid + random.below(20) - 10;
    const ask = bid + 2 + random.below(4);
    const high = ask + random.below(30);
    const low = bid - random.below(30);
    const who = random.below(HOUSES.length);
    const time = clock(random);
    const loc = PLACES[random.below(PLACES.length)]!;
    const quote = `${decimal(bid, places)}/${decimal(ask, places).slice(-2)}`;
    sheet.put(row, 0, time).put(row, 6, ccy).put(row, 11, CODES[who]!).put(row, 17, HOUSES[who]!);
    sheet
      .put(row, 33 + shift, loc)
      .put(row, 38 + shift, quote)
      .put(row, 56, decimal(high, places))
      .put(row, 66, decimal(low, places));
    live.push({
      subject: `SPOTFX.${ccy}`,
      fields: {
        time,
        ccy,
        code: CODES[who]!,
        contributor: HOUSES[who]!,
        loc,
        quote,
        bid: decimal(bid, places),
        ask: decimal(ask, places),
        high: decimal(high, places),
        low: decimal(low, places),
      },
    });
  });
  sheet.put(13, 6, 'DKK').put(13, 38 + shift, '-');
  live.push({ subject: 'SPOTFX.DKK', fields: { ccy: 'DKK', status: 'not-quoted', mark: '-' } });
  sheet.put(15, 0, '-'.repeat(80)).put(16, 60, 'OZ SPOT').put(23, 0, 'FOR INFORMATION ONLY');
  [['XAU', 0, 195_000 + random.below(9000)] as const, ['XAG', 32, 2200 + random.below(90)] as const].forEach(
    ([ccy, column, bid]) => {
      const ask = bid + (ccy === 'XAU' ? 40 : 2);
      const quote = `${decimal(bid, 2)}/${decimal(ask, 2)}`;
      sheet
        .put(16, column, ccy)
        .put(16, column + 6, 'OAKL')
        .put(16, column + 12, quote);
      live.push({
        subject: `SPOTFX.${ccy}`,
        fields: { ccy, code: 'OAKL', quote, bid: decimal(bid, 2), ask: decimal(ask, 2) },
      });
    },
  );
  return { rows: sheet.rows, live };
}

/** 32nds of a whole number as a fraction in lowest terms; empty for none. */
function fraction(parts: number): string {
  let bottom = 32;
  while (parts > 0 && parts % 2 === 0) {
    parts /= 2;
    bottom /= 2;
  }
  return parts === 0 ? '' : `${parts}/${bottom}`;
}

function deposits(random: Random, decimals = false): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet.put(0, 0, '1020').put(0, 6, 'DEPO').put(0, 22, 'EURODEPOSITS  -  INDICATION RATES').put(0, 64, '03 FEB 98');
  const tenors = ['O/N', 'T/N', '1 WK', '1 MO', '2 MO', '3 MO', '6 MO', '9 MO', '1 YR'];
  const columns: readonly [string, number, number][] = [
    ['USD', 10, 5],
    ['DEM', 28, 3],
    ['GBP', 46, 7],
    ['JPY', 64, 0],
  ];
  for (const [ccy, column] of columns) sheet.put(2, column, ccy).put(3, column, 'OFFER-BID');
  tenors.forEach((tenor, index) => {
    const row = 5 + index;
    sheet.put(row, 0, tenor);
    for (const [ccy, column, whole] of columns) {
      const offer = 13 + random.below(18);
      const bid = offer - [2, 4, 4, 8][random.below(4)]!;
      const quote = `${whole === 0 ? '' : `${whole} `}${fraction(offer)}-${fraction(bid)}`;
      const value = (parts: number): string => shorter(decimal(whole * 100_000 + parts * 3125, 5));
      sheet.put(row, column, decimals ? `${value(offer)}-${value(bid)}` : quote);
      const label = tenor.replace(' ', '');
      live.push({
        subject: `DEPO.${ccy}.${label}`,
        fields: { tenor: label, ccy, quote, offer: value(offer), bid: value(bid) },
      });
    }
  });
  sheet.put(15, 0, '-'.repeat(80)).put(24, 0, 'DEPO  PAGE 1 OF 2');
  return { rows: sheet.rows, live };
}

function tail(parts256: number): string {
  const eighths = parts256 % 8;
  return `${pad(Math.floor(parts256 / 8) % 32)}${eighths === 0 ? '' : eighths === 4 ? '+' : eighths}`;
}
const price256 = (parts: number): string => shorter(decimal(Math.round(parts * 390_625), 8));

function treasuries(random: Random): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet.put(0, 0, '09:20:44').put(0, 12, 'USTSY').put(0, 24, 'U.S. TREASURY ACTIVES').put(0, 58, 'MERIDIAN GOVTS');
  sheet.put(2, 0, 'ISSUE   CPN    MATURITY     BID       ASK      CHG     BID YLD    WI').put(3, 0, '='.repeat(80));
  const issues: readonly [string, string, string][] = [
    ['2YR', '4.375', '31MAR26'],
    ['3YR', '4.250', '15MAR27'],
    ['5YR', '4.125', '31MAR29'],
    ['7YR', '4.500', '31MAR31'],
    ['10YR', '4.125', '15MAY34'],
    ['20YR', '4.625', '15MAY44'],
    ['30YR', '4.500', '15MAY54'],
    ['TIP10', '1.875', '15JUL34'],
  ];
  issues.forEach(([issue, coupon, maturity], index) => {
    const row = 5 + index;
    const bid = 256 * 97 + random.below(256 * 4);
    // The ask has no eighths: round up to a half of a 32nd.
    const ask = Math.ceil((bid + 1) / 4) * 4;
    const change = (1 + random.below(30)) * 4 * (random.below(2) === 0 ? 1 : -1);
    const yields = decimal(3900 + random.below(800), 3);
    const bid32 = `${Math.floor(bid / 256)}-${tail(bid)}`;
    const ask32 = `${Math.floor(ask / 256)}-${tail(ask)}`;
    sheet.put(row, 0, issue).put(row, 8, coupon).put(row, 15, maturity).put(row, 28, bid32).put(row, 38, tail(ask));
    sheet.put(row, 47, `${change < 0 ? '-' : '+'}${tail(Math.abs(change))}`).put(row, 55, yields);
    const fields: Fields = {
      issue,
      coupon,
      maturity,
      bid32,
      ask32,
      bid: price256(bid),
      ask: price256(ask),
      change: `${change < 0 ? '-' : ''}${price256(Math.abs(change))}`,
      bidYield: yields,
    };
    if (issue === '5YR') {
      sheet.put(row, 66, 'N/A');
      fields.wi = null;
    }
    live.push({ subject: `USTSY.${issue}`, fields });
  });
  sheet.put(14, 0, '='.repeat(80)).put(15, 0, 'BILLS');
  ['3MO', '6MO', '1YR'].forEach((term, index) => {
    const bid = 4900 + random.below(400);
    const ask = bid - 10;
    sheet.put(15, 10 + 20 * index, term);
    // Abbreviated to its last three figures: the whole number is the bid's.
    sheet.put(15, 16 + 20 * index, `${decimal(bid, 3)}/${pad(ask % 1000, 3)}`);
    live.push({
      subject: `USTSY.BILL${term}`,
      fields: { issue: `BILL${term}`, bidDiscount: decimal(bid, 3), askDiscount: decimal(ask, 3) },
    });
  });
  sheet.put(22, 0, 'PRICES IN 32NDS, + IS 1/64, THIRD DIGIT IS EIGHTHS OF A 32ND').put(24, 0, 'USTSY  MORE: NONE');
  return { rows: sheet.rows, live };
}

function fixings(random: Random, inserted = false): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet.put(0, 0, '11:16').put(0, 8, 'SWAPFIX').put(0, 24, 'EUR ANNUAL SWAP RATES  FIXING').put(0, 60, '02 APR 2024');
  const half = 'TERM      11:00 FIX     PREVIOUS';
  sheet.put(3, 4, half).put(3, 44, half).put(15, 4, '* NOT PUBLISHED ON THAT DAY').put(24, 4, 'SWAPFIX');
  const halves: readonly (readonly string[])[] = [
    ['1Y', ...(inserted ? ['18M'] : []), '2Y', '3Y', '4Y', '5Y', '6Y', '7Y', '8Y'],
    ['9Y', '10Y', '12Y', '15Y', '20Y', '25Y', '30Y', '40Y'],
  ];
  halves.forEach((terms, side) => {
    terms.forEach((term, index) => {
      const row = 5 + index;
      const fixing = 2400 + random.below(900);
      const previous = fixing + random.below(60) - 30;
      const isMissing = random.below(6) === 0;
      sheet.put(row, 4 + 40 * side, term).put(row, 14 + 40 * side, decimal(fixing, 3));
      sheet.put(row, 28 + 40 * side, isMissing ? '*' : decimal(previous, 3));
      if (term === '18M') return;
      live.push({
        subject: `SWAPFIX.EUR.${term}`,
        fields: { term, fixing: decimal(fixing, 3), previous: isMissing ? null : decimal(previous, 3) },
      });
    });
  });
  return { rows: sheet.rows, live };
}

const BONDS: readonly [string, string, string][] = [
  ['SEVERNSIDE 5.25 2031', 'SEVERNSIDE31', 'T4Q31'],
  ['NTHN RAIL 4.125 2028', 'NTHNRAIL28', 'T4Q28'],
  ['BRISTOL WTR 6 2034', 'BRISTOLWTR34', 'T4H34'],
  ['HARBOUR FIN FRN 2027', 'HARBOURFIN27', 'SON3M'],
  ['PENNINE GAS 3.5 2041', 'PENNINEGAS41', 'T4H42'],
  ['GILDEN PLC 7.5 PERP', 'GILDENPERP', ''],
  ['OXFORD HSG 4.75 2052', 'OXFORDHSG52', 'T3T52'],
  ['TYNE PORT 5 2030', 'TYNEPORT30', 'T4Q30'],
];

function bonds(random: Random, swapped = false): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet
    .put(0, 0, '10:41')
    .put(0, 8, 'CORPBD1')
    .put(0, 24, 'STERLING CORPORATES   BROKER SCREEN')
    .put(0, 66, 'HOLT IDB');
  const [left, right] = swapped ? ['OFFER', 'BID'] : ['BID', 'OFFER'];
  sheet
    .put(2, 0, 'BOND')
    .put(2, 24, 'SIZE')
    .put(2, 32, left!)
    .put(2, 42, right!)
    .put(2, 52, 'SIZE')
    .put(2, 60, 'SPRD    BMK    LAST');
  BONDS.forEach(([bond, symbol, benchmark], index) => {
    const row = 4 + index;
    const bid = 9200 + random.below(900);
    const offer = bid + 5 + random.below(60);
    const sides = random.below(4);
    const hasBid = sides !== 1;
    const hasOffer = sides !== 2;
    const sizes = [1 + random.below(9), 1 + random.below(9)];
    const last = clock(random);
    const spread = String(30 + random.below(69));
    const isMargin = benchmark === 'SON3M';
    sheet.put(row, 0, bond).put(row, 75, last);
    const [bidAt, offerAt] = swapped ? [42, 32] : [32, 42];
    if (hasBid) sheet.put(row, bidAt!, decimal(bid, 2)).put(row, swapped ? 52 : 24, String(sizes[0]));
    if (hasOffer) sheet.put(row, offerAt!, decimal(offer, 2)).put(row, swapped ? 24 : 52, String(sizes[1]));
    if (benchmark !== '') sheet.put(row, 60, `${spread}${isMargin ? 'DM' : ''}`).put(row, 68, benchmark);
    const fields: Fields = {
      bond,
      bid: hasBid ? decimal(bid, 2) : null,
      offer: hasOffer ? decimal(offer, 2) : null,
      bidSize: hasBid ? String(sizes[0]) : null,
      offerSize: hasOffer ? String(sizes[1]) : null,
      spread: benchmark === '' ? null : spread,
      benchmark: benchmark === '' ? null : benchmark,
      last,
    };
    if (benchmark !== '') fields.spreadKind = isMargin ? 'discount margin' : 'basis points over benchmark';
    live.push({ subject: `CORPBD1.${symbol}`, fields });
  });
  sheet
    .put(14, 0, '* TRADING NOW  WNTD = LEVEL WANTED  SIZE GBP M  SPRD OVER BMK, DM = DISC MARGIN')
    .put(24, 0, 'CORPBD1 1/4');
  return { rows: sheet.rows, live };
}

function metals(random: Random, unit = 'USD PER TONNE'): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet
    .put(0, 0, '12:35')
    .put(0, 8, 'METALS')
    .put(0, 22, 'BASE METALS  FIRST RING')
    .put(0, 58, '04 APR 24')
    .put(1, 22, unit);
  sheet.put(3, 0, 'METAL         CASH              3 MONTHS            SPREAD      STOCKS   CHG');
  const all: readonly [string, number, number][] = [
    ['COPPER', 8900, 120_000],
    ['ALUMINIUM', 2350, 540_000],
    ['ZINC', 2600, 250_000],
    ['LEAD', 2100, 200_000],
    ['NICKEL', 17_200, 80_000],
    ['TIN', 28_500, 6000],
  ];
  all.forEach(([metal, price, stock], index) => {
    const row = 5 + index;
    const cash = price + random.below(50);
    const wide = 1 + random.below(3);
    const spread = 10 + random.below(60);
    const isContango = random.below(2) === 0;
    const forward = isContango ? cash + spread : cash - spread;
    const stocks = stock + random.below(900);
    const change = random.below(5) === 0 ? 0 : (20 + random.below(75)) * (random.below(2) === 0 ? 1 : -1);
    const quote = (bid: number): string =>
      random.below(2) === 0 ? `${bid}/${bid + wide}` : `${bid}/${pad((bid + wide) % 1000, 3)}`;
    sheet.put(row, 0, metal).put(row, 14, quote(cash)).put(row, 32, quote(forward));
    sheet.put(row, 52, `${spread}${isContango ? 'C' : 'B'}`).put(row, 64, grouped(String(stocks)));
    sheet.put(row, 73, change === 0 ? 'UNCH' : `${change > 0 ? '+' : ''}${change}`);
    live.push({
      subject: `METALS.${metal}`,
      fields: {
        metal,
        unit: 'USD/t',
        cashBid: String(cash),
        cashAsk: String(cash + wide),
        threeMonthBid: String(forward),
        threeMonthAsk: String(forward + wide),
        spread: String(spread),
        spreadKind: isContango ? 'contango' : 'backwardation',
        stocksTonnes: String(stocks),
        stockChange: String(change),
      },
    });
  });
  sheet.put(13, 0, 'C = CONTANGO  B = BACKWARDATION   STOCKS IN TONNES, CHG ON DAY').put(24, 0, 'METALS 1/3');
  return { rows: sheet.rows, live };
}

const NEWS = [
  'MERIDIAN TO BUY BACK 200 MLN OF ITS SHARES',
  'BRENT BANK RAISES PRIME RATE TO 6.25 PCT FROM 6.00',
  'CORRECTED - KESTREL Q3 SALES +1.4 PCT (NOT -1.4)',
  'OATS END HIGHER AS RAIN DELAYS HARVEST; MAY +3.25',
  'TABLE - WEEKLY OIL STOCKS',
  'HOLT BROS NAMES NEW HEAD OF RATES',
  'ASTER ISLES CPI 2.9 PCT Y/Y VS 3.1 EXPECTED',
  'LINDEN PORT REOPENS AFTER 11-DAY STRIKE',
];

function headlines(random: Random, dated = false): Pick<Made, 'rows' | 'live' | 'runs'> {
  const live: { subject: string; fields: Fields }[] = [];
  const runs: [number, number, number, string, string][] = [[0, 0, 7, 'yellow', 'black']];
  const sheet = new Sheet();
  sheet.put(0, 0, 'NEWSTOP').put(0, 24, 'TOP NEWS - ECONOMY AND MARKETS').put(0, 66, '09:40 GMT');
  const by = dated ? 6 : 0;
  sheet
    .put(2, 0, dated ? 'DATE/TIME' : 'TIME')
    .put(2, 7 + by, 'CODE')
    .put(2, 16 + by, 'HEADLINE')
    .put(3, 0, '-'.repeat(80));
  NEWS.forEach((headline, index) => {
    const row = 4 + index;
    const time = `09:${pad(39 - index * 3)}`;
    const code = `NB${pad(9000 - index * 7 - random.below(5), 4)}`;
    const flash = random.below(3) === 0;
    sheet
      .put(row, 0, dated ? `02APR ${time}` : time)
      .put(row, 7 + by, code)
      .put(row, 16 + by, headline);
    if (flash) runs.push([row, 16 + by, headline.length, 'red', 'black']);
    const fields: Fields = { time, code, headline, flash };
    if (headline.startsWith('CORRECTED')) fields.kind = 'correction';
    live.push({ subject: `NEWSTOP.${code}`, fields });
  });
  sheet.put(22, 0, 'FOR STORY TEXT ENTER CODE').put(24, 0, 'NEWSTOP 1/6');
  return { rows: sheet.rows, live, runs };
}

function indices(random: Random, signs = true): Pick<Made, 'rows' | 'live'> {
  const live: { subject: string; fields: Fields }[] = [];
  const sheet = new Sheet();
  sheet.put(0, 0, '10:02').put(0, 8, 'WORLDIX').put(0, 28, 'WORLD EQUITY INDICES').put(0, 66, 'DELAYED 15M');
  sheet.put(2, 0, 'INDEX             LAST        NET       PCT       HIGH        LOW        TIME');
  const all: readonly [string, number, number, number][] = [
    ['FTSE 100', 780_000, 2, 2],
    ['DAX', 1_810_000, 2, 2],
    ['CAC 40', 810_000, 2, 2],
    ['IBEX 35', 108_000, 1, 1],
    ['DOW JONES', 3_900_000, 2, 1],
    ['S&P 500', 520_000, 2, 2],
    ['NIKKEI 225', 3_950_000, 2, 1],
    ['HANG SENG', 1_670_000, 2, 1],
  ];
  const closed = random.below(all.length);
  all.forEach(([index, level, places, edge], at) => {
    const row = 4 + at;
    const previous = level + random.below(level / 100);
    const net = (20 + random.below(level / 200)) * (random.below(2) === 0 ? 1 : -1);
    const last = previous + net;
    const pct = Math.round((net * 10_000) / previous);
    const scale = 10 ** (places - edge);
    const high = Math.ceil(Math.max(last, previous) / scale) + random.below(20);
    const low = Math.floor(Math.min(last, previous) / scale) - random.below(20);
    const closing = at === closed;
    const time = clock(random);
    const sign = (value: number): string => (!signs ? '' : value < 0 ? '-' : '+');
    const amount = (value: number, decimals: number): string => grouped(decimal(Math.abs(value), decimals));
    sheet.put(row, 0, index).put(row, 18, `${grouped(decimal(last, places))}${closing ? 'C' : ''}`);
    sheet.put(row, 30, `${sign(net)}${amount(net, places)}`).put(row, 40, `${sign(pct)}${amount(pct, 2)}`);
    sheet
      .put(row, 50, grouped(decimal(high, edge)))
      .put(row, 62, grouped(decimal(low, edge)))
      .put(row, 73, time);
    const fields: Fields = { index, last: decimal(last, places), closing };
    // Without their signs the changes say nothing; zero needs none.
    if (signs) Object.assign(fields, { net: decimal(net, places), pct: decimal(pct, 2) });
    Object.assign(fields, { high: decimal(high, edge), low: decimal(low, edge), time });
    live.push({ subject: `WORLDIX.${index.replaceAll(' ', '_')}`, fields });
  });
  sheet.put(12, 0, 'SENSEX').put(12, 18, 'HOL');
  live.push({ subject: 'WORLDIX.SENSEX', fields: { index: 'SENSEX', status: 'holiday' } });
  sheet.put(15, 0, 'C = CLOSE   HOL = MARKET HOLIDAY   ALL PRICES DELAYED').put(24, 0, 'WORLDIX 1/2');
  return { rows: sheet.rows, live };
}

/** All fixtures, by shredder. */
export const MADE: Readonly<Record<string, readonly Made[]>> = {
  'fx-spot-composite': [
    good('morning', fxSpot, 1),
    good('noon', fxSpot, 2),
    { ...good('columns-moved', (random) => fxSpot(random, 2), 3), drifted: true },
    // The metals have columns of their own.
    { ...good('columns-far-moved', (random) => only(fxSpot(random, 6), 'SPOTFX.XA'), 4), drifted: true },
  ],
  'deposit-rates': [
    good('quiet', deposits, 11),
    good('wide', deposits, 12),
    none('decimals', (random) => deposits(random, true), 13),
  ],
  'us-treasuries-32nds': [
    good('open', treasuries, 21),
    good('close', treasuries, 22),
    // The bills have no header.
    {
      ...good('renamed', (random) => only(renamed(treasuries(random), 'ASK', 'OFF'), 'USTSY.BILL'), 23),
      drifted: true,
    },
  ],
  'swap-fixings': [
    good('april', fixings, 31),
    good('may', fixings, 32),
    { ...good('term-inserted', (random) => fixings(random, true), 33), drifted: true },
  ],
  'broker-bond-page': [
    good('quiet', bonds, 41),
    good('busy', bonds, 42),
    none('sides-swapped', (random) => bonds(random, true), 43),
  ],
  'base-metals': [
    good('first-ring', metals, 51),
    good('second-ring', metals, 52),
    none('unit-changed', (random) => metals(random, 'EUR PER TONNE'), 53),
  ],
  'news-headlines': [
    good('morning', headlines, 61),
    good('late', headlines, 62),
    none('dated', (random) => headlines(random, true), 63),
  ],
  'index-page': [
    good('europe', indices, 71),
    good('evening', indices, 72),
    { ...good('signs-dropped', (random) => indices(random, false), 73), drifted: true },
  ],
  ...FAMILIES,
};

function only({ rows, live }: Pick<Made, 'rows' | 'live'>, subjects: string): Pick<Made, 'rows' | 'live'> {
  return { rows, live: live.filter((item) => item.subject.startsWith(subjects)) };
}

function renamed({ rows, live }: Pick<Made, 'rows' | 'live'>, from: string, to: string): Pick<Made, 'rows' | 'live'> {
  return { rows: rows.map((row, at) => (at === 2 ? row.replace(from, to) : row)), live };
}

/** Writes all fixtures. */
function write(): void {
  const folder = fileURLToPath(new URL('../../fixtures', import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  for (const [shredder, fixtures] of Object.entries(MADE)) {
    mkdirSync(join(folder, shredder), { recursive: true });
    for (const { name, rows, runs, drifted = false, today, live } of fixtures) {
      const file = (suffix: string): string => join(folder, shredder, `${name}${suffix}`);
      writeFileSync(file('.txt'), `${rows.map((row) => row.trimEnd()).join('\n')}\n`);
      if (runs !== undefined) writeFileSync(file('.attrs.json'), `${JSON.stringify({ runs })}\n`);
      const items = live.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
      writeFileSync(
        file('.expected.json'),
        `{\n  "drifted": ${drifted},\n${today === undefined ? '' : `  "today": ${today},\n`}  "live": [${items === '' ? '' : `\n${items}\n  `}]\n}\n`,
      );
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write();
