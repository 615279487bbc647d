import { fixed, grouped, signed, staying } from './numbers.ts';
import { Quote, TornUpdates } from './quote.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

/** Metal, decimals, about where it trades and how wide, in its units, and how many characters of the ask are shown. */
const METALS = [
  ['COPPER', 2, 851_250, 100, 5],
  ['ALUMINIUM', 0, 2_218, 1, 4],
  ['ZINC', 1, 24_755, 5, 4],
  ['LEAD', 0, 2_081, 1, 2],
  ['NICKEL', 0, 17_760, 10, 3],
  ['TIN', 0, 27_145, 10, 3],
] as const;
const FIRST_ROW = 5;
/** Stocks change by less than ten thousand tonnes: there is no room for more. */
const STOCK_CHANGE_MOST = 9_975;
/** Pounds in a tonne, in ten-thousandths. */
const POUNDS = 22_046_226;

interface Line {
  readonly metal: string;
  readonly places: number;
  /** Characters that are left of the ask. */
  readonly kept: number;
  readonly cash: Quote;
  readonly threeMonths: Quote;
  stocks: number;
  stockChange: number;
}

/**
 * Metals for cash and in three months; the ask is cut to as many digits as the desk likes. Changed: cents a pound in place of
 * dollars a tonne, where everything still looks like a price.
 */
export const baseMetals: StyleFactory = (context) => {
  const { random, name } = context;
  const torn = new TornUpdates(random);
  const lines: Line[] = METALS.map(([metal, places, about, width, kept]) => {
    const bid = about + width * random.below(50);
    const forward = bid + width * (random.below(60) - 20);
    const stocks = 25 * (1_000 + random.below(20_000));
    const stockChange = 25 * (random.below(200) - 100);
    return {
      metal,
      places,
      kept,
      cash: new Quote(bid, width),
      threeMonths: new Quote(forward, 2 * width),
      stocks,
      stockChange,
    };
  });

  const text = ({ places, kept }: Line, { shownBid, shownAsk }: Quote): string => {
    if (context.layout === 'changed') {
      const cents = (units: number): string => fixed(Math.round((units * 10 ** (2 - places) * 1_000_000) / POUNDS), 2);
      // Cents a pound have two decimals more than what they were made of: both sides in full.
      return `${cents(shownBid)}/${cents(shownAsk)}`;
    }
    return `${fixed(shownBid, places)}/${fixed(shownAsk, places).slice(-kept)}`;
  };
  const spread = ({ cash, threeMonths, places }: Line): string =>
    fixed(Math.abs(threeMonths.bid - cash.bid), places) + (threeMonths.bid >= cash.bid ? 'C' : 'B');

  return {
    draw(row, sheet) {
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, context.time);
        sheet.put(8, name);
        sheet.put(22, 'METALS IN WAREHOUSE', Colour.CYAN);
      } else if (row === 1) sheet.put(22, context.layout === 'changed' ? 'US CENTS PER LB' : 'USD PER TONNE');
      else if (row === 3) sheet.put(0, 'METAL         CASH              3 MONTHS            SPREAD      STOCKS   CHG');
      else if (line !== undefined) {
        sheet.put(0, line.metal);
        sheet.put(14, text(line, line.cash));
        sheet.put(32, text(line, line.threeMonths));
        sheet.put(52, spread(line));
        sheet.put(64, grouped(line.stocks, 0));
        sheet.put(73, line.stockChange === 0 ? 'UNCH' : withSign(line.stockChange));
      } else if (row === 13) sheet.put(0, 'C = CONTANGO  B = BACKWARDATION   STOCKS IN TONNES');
      else if (row === 24) sheet.put(0, `${name} 1/3`);
    },

    step() {
      const half = torn.complete();
      if (half !== undefined) return [half];
      const choice = random.below(lines.length);
      const line = lines[choice]!;
      if (random.below(12) === 0) {
        const move = staying(25 * (random.below(41) - 20), line.stockChange, STOCK_CHANGE_MOST);
        line.stocks += move;
        line.stockChange += move;
        return [FIRST_ROW + choice];
      }
      const quote = random.below(2) === 0 ? line.cash : line.threeMonths;
      const width = quote.ask - quote.bid;
      quote.move(width * (random.below(9) - 4));
      torn.show(FIRST_ROW + choice, quote);
      return [FIRST_ROW + choice];
    },

    records() {
      return lines.map((line, i): TrueRecord => {
        const { metal, places, cash, threeMonths, stocks, stockChange } = line;
        const values = {
          metal,
          cashBid: fixed(cash.bid, places),
          cashAsk: fixed(cash.ask, places),
          threeMonthBid: fixed(threeMonths.bid, places),
          threeMonthAsk: fixed(threeMonths.ask, places),
          spread: fixed(Math.abs(threeMonths.bid - cash.bid), places),
          spreadKind: threeMonths.bid >= cash.bid ? 'contango' : 'backwardation',
          stocksTonnes: String(stocks),
          stockChange: String(stockChange),
        };
        return { row: FIRST_ROW + i, shown: cash.shown && threeMonths.shown, values };
      });
    },
  };
};

function withSign(units: number): string {
  return signed(units, 0).slice(0, 1) + grouped(Math.abs(units), 0);
}
