import { fixed } from './numbers.ts';
import { Quote, TornUpdates } from './quote.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

/** Currency, decimals, and about where it trades, in its units. */
const CURRENCIES = [
  ['EUR', 4, 10_900],
  ['GBP', 4, 12_600],
  ['JPY', 2, 14_900],
  ['CHF', 4, 8_800],
  ['AUD', 4, 6_600],
  ['CAD', 4, 13_500],
  ['NZD', 4, 6_100],
  ['SEK', 4, 104_000],
  ['NOK', 4, 106_000],
  ['DKK', 4, 69_000],
] as const;
const CONTRIBUTORS = [
  ['AVMM', 'AVONMOOR', 'LON'],
  ['BRKB', 'BROOK BANK', 'LON'],
  ['CRNT', 'CRANE TR', 'TOK'],
  ['DLMB', 'DELMONT BK', 'ZUR'],
  ['ESKX', 'ESKER X', 'SYD'],
  ['FRTH', 'FORTH TR', 'TOR'],
] as const;
const METALS = [
  ['XAU', 203_400, 50],
  ['XAG', 2_304, 3],
] as const;

const FIRST_ROW = 4;
const METALS_ROW = 16;
/** One in so many changes withdraws a quote; of those of a withdrawn one, one in so many gives it again. */
const WITHDRAWN_IN = 25;
const QUOTED_AGAIN_IN = 3;
const RULE = '-'.repeat(80);

interface Line {
  readonly currency: string;
  readonly places: number;
  readonly quote: Quote;
  contributor: (typeof CONTRIBUTORS)[number];
  time: string;
  quoted: boolean;
  high: number;
  low: number;
}

/**
 * Spot rates of many contributors; the ask is cut to its last two digits. Changed: a column became wider, and LOC and
 * BID/ASK stand two columns further right, with their headers.
 */
export const fxComposite: StyleFactory = (context) => {
  const { random, name } = context;
  const torn = new TornUpdates(random);
  const lines: Line[] = CURRENCIES.map(([currency, places, about]) => {
    const bid = about + random.below(Math.floor(about / 50));
    const quote = new Quote(bid, 2 + random.below(4));
    const contributor = CONTRIBUTORS[random.below(CONTRIBUTORS.length)]!;
    return { currency, places, quote, contributor, time: context.time, quoted: true, high: bid + 30, low: bid - 30 };
  });
  const metals = METALS.map(([, about, spread]) => new Quote(about + random.below(100), spread));

  const text = ({ quote, places, quoted }: Line): string =>
    quoted ? `${fixed(quote.shownBid, places)}/${fixed(quote.shownAsk, places).slice(-2)}` : '-';

  return {
    draw(row, sheet) {
      const shift = context.layout === 'changed' ? 2 : 0;
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, context.time, Colour.YELLOW);
        sheet.put(7, name);
        sheet.put(21, 'MAJORS SPOT COMPOSITE', Colour.CYAN);
        sheet.put(58, 'AVONMOOR MONEY DESKS');
      } else if (row === 1 || row === METALS_ROW - 1) sheet.put(0, RULE);
      else if (row === 2) {
        sheet.put(0, 'TIME  CCY  CODE  CONTRIBUTOR');
        sheet.put(33 + shift, 'LOC  BID/ASK');
        sheet.put(56, 'HIGH      LOW');
      } else if (line !== undefined) {
        const [code, contributor, place] = line.contributor;
        sheet.put(6, line.currency, Colour.GREEN);
        sheet.put(38 + shift, text(line));
        if (!line.quoted) return;
        sheet.put(0, line.time);
        sheet.put(11, code);
        sheet.put(17, contributor);
        sheet.put(33 + shift, place);
        sheet.put(56, fixed(line.high, line.places));
        sheet.put(66, fixed(line.low, line.places));
      } else if (row === METALS_ROW) {
        metals.forEach((quote, i) => {
          sheet.put(32 * i, METALS[i]![0]);
          sheet.put(32 * i + 6, `AVMM  ${fixed(quote.shownBid, 2)}/${fixed(quote.shownAsk, 2)}`);
        });
        sheet.put(64, 'OZ SPOT');
      } else if (row === 23) sheet.put(0, 'RATES FOR INDICATION ONLY');
      else if (row === 24) sheet.put(0, `${name} 1/1`);
    },

    step() {
      const half = torn.complete();
      if (half !== undefined) return [half];
      const choice = random.below(lines.length + 1);
      if (choice === lines.length) {
        const metal = metals[random.below(metals.length)]!;
        metal.move(random.below(41) - 20);
        metal.show();
        return [METALS_ROW];
      }
      const line = lines[choice]!;
      line.time = context.time;
      line.contributor = CONTRIBUTORS[random.below(CONTRIBUTORS.length)]!;
      if (random.below(line.quoted ? WITHDRAWN_IN : QUOTED_AGAIN_IN) === 0) line.quoted = !line.quoted;
      const { quote } = line;
      quote.move(random.below(11) - 5, 2 + random.below(4));
      line.high = Math.max(line.high, quote.bid);
      line.low = Math.min(line.low, quote.bid);
      if (line.quoted) torn.show(FIRST_ROW + choice, quote);
      else quote.show();
      return [FIRST_ROW + choice];
    },

    records() {
      const spots = lines.map(({ currency, places, quote, contributor, time, quoted, high, low }, i): TrueRecord => {
        const [code, full, place] = contributor;
        const values = {
          ccy: currency,
          bid: quoted ? fixed(quote.bid, places) : null,
          ask: quoted ? fixed(quote.ask, places) : null,
          time: quoted ? time : null,
          code: quoted ? code : null,
          contributor: quoted ? full : null,
          loc: quoted ? place : null,
          high: quoted ? fixed(high, places) : null,
          low: quoted ? fixed(low, places) : null,
        };
        return { row: FIRST_ROW + i, shown: quote.shown, values };
      });
      const ounces = metals.map((quote, i): TrueRecord => {
        const values = { ccy: METALS[i]![0], code: 'AVMM', bid: fixed(quote.bid, 2), ask: fixed(quote.ask, 2) };
        return { row: METALS_ROW, shown: quote.shown, values };
      });
      return [...spots, ...ounces];
    },
  };
};
