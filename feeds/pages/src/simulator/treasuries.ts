import { binary, fixed } from './numbers.ts';
import { Quote, TornUpdates } from './quote.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

/** Issue, coupon, maturity, and about where it trades, in points. */
const ISSUES = [
  ['2YR', '4.500', '31MAR27', 100],
  ['3YR', '4.000', '15MAR28', 99],
  ['5YR', '4.125', '31MAR30', 100],
  ['7YR', '4.125', '31MAR32', 99],
  ['10YR', '3.875', '15FEB35', 98],
  ['20YR', '4.375', '15FEB45', 100],
  ['30YR', '4.125', '15FEB55', 97],
  ['TIP10', '1.625', '15JAN35', 98],
] as const;
const BILLS = ['3MO', '6MO', '1YR'] as const;
const FIRST_ROW = 5;
const BILLS_ROW = 14;
const RULE = '='.repeat(80);
/** Eighths of a 32nd of a point. */
const POINT = 256;
/** A price is less than a point from yesterday's, from which it opens up to 40 away: a change has 32nds only. */
const DAY_MOST = POINT - 1 - 40;

interface Line {
  readonly quote: Quote;
  /** When it opened: the change since yesterday, in halves of a 32nd, and the yield, in thousandths. */
  readonly change: number;
  readonly yield: number;
}

/** In halves of a 32nd, which are four units. */
const changeOf = ({ change, quote }: Line): number => Math.trunc(change + quote.moved / 4);
/** What the price gains it loses. */
const yieldOf = (line: Line): number => line.yield - line.quote.moved;

/** `08`, `08+`, `086`: 32nds and eighths of them; four eighths are a plus. */
function in32nds(units: number): string {
  const eighths = units % 8;
  const whole = String(Math.floor((units % POINT) / 8)).padStart(2, '0');
  return eighths === 0 ? whole : `${whole}${eighths === 4 ? '+' : eighths}`;
}

/** `+03+`: 32nds, and a plus for half of one. */
function changeIn32nds(halves: number): string {
  const size = Math.abs(halves);
  return `${halves < 0 ? '-' : '+'}${String(Math.floor(size / 2)).padStart(2, '0')}${size % 2 === 1 ? '+' : ''}`;
}

/**
 * Government bonds in 32nds; the ask without its points: lower than the bid it belongs to the next point. Changed: headers
 * renamed, and decimals in place of 32nds.
 */
export const treasuries: StyleFactory = (context) => {
  const { random, name } = context;
  const torn = new TornUpdates(random);
  const lines: Line[] = ISSUES.map(([, , , about]) => ({
    quote: new Quote(about * POINT + random.below(POINT), 4 + random.below(12), DAY_MOST),
    change: random.below(21) - 10,
    yield: 4_000 + random.below(600),
  }));
  /** In thousandths; the ask is the lower rate. */
  const bills = BILLS.map(() => 5_000 + random.below(300));

  const decimal = (units: number): string => fixed(Math.floor((units * 10_000) / POINT), 4);

  return {
    draw(row, sheet) {
      const changed = context.layout === 'changed';
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, `${context.time}:00`);
        sheet.put(12, name);
        sheet.put(26, 'US GOVERNMENT BENCHMARKS', Colour.CYAN);
        sheet.put(58, 'DELMONT GOVT DESK');
      } else if (row === 2) {
        sheet.put(0, 'ISSUE   CPN    MATURITY');
        sheet.put(28, changed ? 'PRICE     OFFER' : 'BID       ASK');
        sheet.put(47, changed ? 'CHG     YIELD' : 'CHG     BID YLD');
      } else if (row === 3 || row === 13) sheet.put(0, RULE);
      else if (line !== undefined) {
        const [issue, coupon, maturity] = ISSUES[row - FIRST_ROW]!;
        const { shownBid, shownAsk } = line.quote;
        sheet.put(0, issue);
        sheet.put(8, coupon);
        sheet.put(15, maturity);
        sheet.put(28, changed ? decimal(shownBid) : `${Math.floor(shownBid / POINT)}-${in32nds(shownBid)}`);
        sheet.put(38, changed ? decimal(shownAsk) : in32nds(shownAsk));
        sheet.put(47, changeIn32nds(changeOf(line)));
        sheet.put(55, fixed(yieldOf(line), 3));
      } else if (row === BILLS_ROW) {
        sheet.put(0, 'BILLS');
        bills.forEach((bid, i) => {
          sheet.put(10 + 22 * i, BILLS[i]!);
          sheet.put(16 + 22 * i, `${fixed(bid, 3)}/${fixed(bid - 10, 3).slice(-3)}`);
        });
      } else if (row === 22) {
        sheet.put(0, changed ? 'ALL PRICES DECIMAL' : 'PRICES IN 32NDS, + IS HALF A 32ND, THIRD DIGIT ITS EIGHTHS');
      } else if (row === 24) sheet.put(0, `${name}  MORE: ${name}B`);
    },

    step() {
      const half = torn.complete();
      if (half !== undefined) return [half];
      const choice = random.below(lines.length + 1);
      if (choice === lines.length) {
        const bill = random.below(bills.length);
        // The ask without its whole number must belong to the same one.
        bills[bill] = Math.min(5_900, Math.max(5_010, bills[bill]! + 5 * (random.below(3) - 1)));
        return [BILLS_ROW];
      }
      const { quote } = lines[choice]!;
      quote.move(random.below(17) - 8, 4 + random.below(12));
      torn.show(FIRST_ROW + choice, quote);
      return [FIRST_ROW + choice];
    },

    records() {
      const bonds = lines.map((line, i): TrueRecord => {
        const { quote } = line;
        const [issue, coupon, maturity] = ISSUES[i]!;
        const values = {
          issue,
          coupon,
          maturity,
          bid: binary(quote.bid, 8),
          ask: binary(quote.ask, 8),
          change: binary(changeOf(line), 6),
          bidYield: fixed(yieldOf(line), 3),
        };
        return { row: FIRST_ROW + i, shown: quote.shown, values };
      });
      const discounts = bills.map((bid, i): TrueRecord => {
        const values = { bill: BILLS[i]!, bid: fixed(bid, 3), ask: fixed(bid - 10, 3) };
        return { row: BILLS_ROW, shown: true, values };
      });
      return [...bonds, ...discounts];
    },
  };
};
