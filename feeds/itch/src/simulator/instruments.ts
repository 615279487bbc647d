import type { Random } from '@tickerplant/core';
import type { StockDirectory } from '../encoder.ts';
import { AliasTable } from './alias-table.ts';

/** A made-up instrument. Tickers are invented; any likeness to a real one is chance. */
export interface SimulatedInstrument {
  /** The stock locate: 1, 2, … in the order of the tickers. */
  readonly locate: number;
  readonly stock: string;
  readonly directory: Readonly<StockDirectory>;
  /** The price that the day starts around, in cents. */
  readonly startCents: number;
  /** The usual spread in cents: 1 to 5. */
  readonly spreadCents: number;
  /** Share of the market's activity (Zipf over a random ranking), relative to the busiest, which is 1. */
  readonly activity: number;
}

const FIRST_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** No vowels, so that no words come about. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
/** Market category and how many of 100 instruments have it. */
const MARKETS: readonly (readonly [string, number])[] = [
  ['Q', 35],
  ['G', 15],
  ['S', 15],
  ['N', 20],
  ['P', 10],
  ['A', 3],
  ['Z', 2],
];
const NASDAQ_MARKETS = 'QGS';
const PRICE_CENTS_MIN = 500;
const PRICE_CENTS_MAX = 40_000;
/** From this price on a round lot is 40 shares. */
const SMALL_LOT_CENTS = 25_000;

function drawTicker(random: Random): string {
  const letter = (from: string): string => from[random.below(from.length)]!;
  const length = random.next() < 0.3 ? 3 : random.next() < 0.9 ? 4 : 5;
  let ticker = letter(FIRST_LETTERS);
  while (ticker.length < length) ticker += letter(LETTERS);
  return random.next() < 0.01 ? `${ticker.slice(0, 4)}.${letter('AB')}` : ticker;
}

const MARKET_SHARES = new AliasTable(MARKETS.map(([, of100]) => of100));

/** @param newIssues how many, from the first on, are new on the market today. */
export function drawInstruments(random: Random, count: number, newIssues: number): SimulatedInstrument[] {
  const tickers = new Set<string>();
  while (tickers.size < count) tickers.add(drawTicker(random));
  const ranks = Array.from({ length: count }, (_, i) => i + 1);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [ranks[i], ranks[j]] = [ranks[j]!, ranks[i]!];
  }
  return [...tickers].sort().map((stock, index) => {
    const startCents = Math.round(PRICE_CENTS_MIN * (PRICE_CENTS_MAX / PRICE_CENTS_MIN) ** random.next());
    const isNew = index < newIssues;
    const market = isNew ? 'Q' : MARKETS[MARKET_SHARES.draw(random)]![0];
    const listedHere = NASDAQ_MARKETS.includes(market);
    const fund = market === 'P' || random.next() < 0.1;
    const leverage = fund && random.next() < 0.2 ? 2 : fund ? 1 : 0;
    return {
      locate: index + 1,
      stock,
      startCents,
      spreadCents: Math.min(5, 1 + random.below(1 + Math.ceil(startCents / 8000))),
      activity: 1 / ranks[index]!,
      directory: {
        stock,
        marketCategory: market,
        financialStatusIndicator: listedHere ? 'N' : '',
        roundLotSize: startCents < SMALL_LOT_CENTS ? 100 : 40,
        roundLotsOnly: 'N',
        issueClassification: fund ? 'Q' : 'C',
        issueSubType: fund ? 'E' : 'Z',
        authenticity: 'P',
        shortSaleThresholdIndicator: random.next() < 0.01 ? 'Y' : 'N',
        ipoFlag: !listedHere ? '' : isNew ? 'Y' : 'N',
        luldReferencePriceTier: random.next() < 0.4 ? '1' : '2',
        etpFlag: fund ? 'Y' : 'N',
        etpLeverageFactor: leverage,
        inverseIndicator: leverage === 2 && random.next() < 0.5 ? 'Y' : 'N',
      },
    };
  });
}
