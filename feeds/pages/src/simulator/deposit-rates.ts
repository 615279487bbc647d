import { binary, fixed, fractionOf32 } from './numbers.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

const TENORS = ['O/N', 'T/N', '1 WK', '1 MO', '2 MO', '3 MO', '6 MO', '9 MO', '1 YR'] as const;
/** Currency, and about where its rates are, in whole per cent. */
const CURRENCIES = [
  ['USD', 5],
  ['CHF', 3],
  ['GBP', 7],
  ['JPY', 0],
] as const;
const FIRST_ROW = 5;
const FIRST_COLUMN = 10;
const COLUMN_WIDTH = 18;
const RULE = '-'.repeat(80);

/** A rate in 32nds: the offer, and how far below it the bid is. */
interface Rate {
  offer: number;
  readonly width: number;
}

/**
 * Deposit rates, offer first, in fractions; the bid's fraction belongs to the offer's whole number. Changed: decimals, both
 * sides in full.
 */
export const depositRates: StyleFactory = (context) => {
  const { random, name } = context;
  const rates: Rate[][] = TENORS.map(() =>
    CURRENCIES.map(([, about]) => {
      const width = random.below(2) === 0 ? 4 : 2;
      return { width, offer: 32 * about + width + 1 + random.below(31 - width) };
    }),
  );

  const text = ({ offer, width }: Rate): string => {
    const bid = offer - width;
    // Cut, not rounded, as the service's own program does it.
    const decimal = (units: number): string => fixed(Math.floor((units * 10_000) / 32), 4);
    if (context.layout === 'changed') return `${decimal(offer)}-${decimal(bid)}`;
    const whole = Math.floor(offer / 32);
    return `${whole === 0 ? '' : `${whole} `}${fractionOf32(offer % 32)}-${fractionOf32(bid % 32)}`;
  };

  return {
    draw(row, sheet) {
      const tenor = row - FIRST_ROW;
      if (row === 0) {
        sheet.put(0, context.time);
        sheet.put(6, name);
        sheet.put(22, 'OFFSHORE DEPOSITS - INDICATION', Colour.CYAN);
      } else if (row === 2 || row === 3) {
        CURRENCIES.forEach(([currency], i) => {
          sheet.put(FIRST_COLUMN + COLUMN_WIDTH * i, row === 2 ? currency : 'OFFER-BID');
        });
      } else if (tenor >= 0 && tenor < TENORS.length) {
        sheet.put(0, TENORS[tenor]!);
        for (const [i, rate] of rates[tenor]!.entries()) sheet.put(FIRST_COLUMN + COLUMN_WIDTH * i, text(rate));
      } else if (row === 15) sheet.put(0, RULE);
      else if (row === 16) sheet.put(0, 'LONGER DATES ON REQUEST');
      else if (row === 24) sheet.put(0, `${name}  PAGE 1 OF 2`);
    },

    step() {
      const tenor = random.below(TENORS.length);
      const rate = rates[tenor]![random.below(CURRENCIES.length)]!;
      const move = random.below(2) === 0 ? -1 : 1;
      // Neither side leaves the whole number: the bid is written without one.
      const inside = (offer: number): boolean =>
        Math.floor(offer / 32) === Math.floor(rate.offer / 32) && offer % 32 > rate.width;
      rate.offer += inside(rate.offer + move) ? move : -move;
      return [FIRST_ROW + tenor];
    },

    records() {
      return TENORS.flatMap((tenor, t) =>
        CURRENCIES.map(([ccy], c): TrueRecord => {
          const { offer, width } = rates[t]![c]!;
          const values = {
            tenor: tenor.replace(' ', ''),
            ccy,
            offer: binary(offer, 5),
            bid: binary(offer - width, 5),
          };
          return { row: FIRST_ROW + t, shown: true, values };
        }),
      );
    },
  };
};
