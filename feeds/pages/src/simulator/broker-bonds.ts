import { binary, fixed } from './numbers.ts';
import { Quote, TornUpdates } from './quote.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

/** Bond, benchmark, how it is quoted (32nds or decimals), about where in its units. */
const BONDS = [
  ['AVONMOOR 5.5 2032', 'T4Q32', 'decimal', 9_910],
  ['BROOK RAIL 4.25 2029', 'T4Q29', 'decimal', 9_680],
  ['CRANE WATER 6 2035', 'T4H35', 'decimal', 10_310],
  ['DELMONT FIN FRN 2028', 'SON3M', 'decimal', 10_002],
  ['ESKER GAS 3.75 2042', 'T4H42', 'decimal', 8_125],
  ['FORTH PLC 7.25 PERP', '', '32nds', 3_104],
  ['GRANTLEY 4.5 2053', 'T3T53', 'decimal', 8_800],
  ['HUMBER PORT 5 2031', 'T4Q31', 'decimal', 9_875],
] as const;
const FIRST_ROW = 4;
/** What can stand in place of a side's price or size. */
const WANTED = 'WNTD';

interface Line {
  readonly bond: string;
  readonly benchmark: string;
  readonly is32nds: boolean;
  readonly quote: Quote;
  readonly spread: number;
  /** In millions; 0: nobody on that side. */
  bidSize: number;
  offerSize: number;
  /** Somebody wants to know where it is offered: words in place of price and sizes. */
  wanted: boolean;
  last: string;
}

/**
 * A broker's screen: sizes, levels that are wanted, one bond in 32nds among decimals. Changed: bid and offer changed places,
 * and their sizes with them.
 */
export const brokerBonds: StyleFactory = (context) => {
  const { random, name } = context;
  const torn = new TornUpdates(random);
  const lines: Line[] = BONDS.map(([bond, benchmark, kind, about]) => ({
    bond,
    benchmark,
    is32nds: kind === '32nds',
    quote: new Quote(about + random.below(30), kind === '32nds' ? 16 : 25),
    spread: 40 + random.below(120),
    bidSize: 1 + random.below(10),
    offerSize: 1 + random.below(10),
    wanted: false,
    last: context.time,
  }));

  const price = ({ is32nds }: Line, units: number): string =>
    is32nds ? `${Math.floor(units / 32)}-${String(units % 32).padStart(2, '0')}` : fixed(units, 2);
  const size = (line: Line, value: number): string => (line.wanted ? WANTED : value === 0 ? '' : String(value));

  return {
    draw(row, sheet) {
      const changed = context.layout === 'changed';
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, context.time);
        sheet.put(8, name);
        sheet.put(24, 'STERLING CREDIT   BROKER SCREEN', Colour.CYAN);
        sheet.put(68, 'FORTH IDB');
      } else if (row === 2) {
        sheet.put(0, 'BOND                    SIZE');
        sheet.put(32, changed ? 'OFFER     BID' : 'BID       OFFER');
        sheet.put(52, 'SIZE    SPRD    BMK    LAST');
      } else if (line !== undefined) {
        const { quote, bidSize, offerSize, wanted } = line;
        const bid = bidSize === 0 ? '' : price(line, quote.shownBid);
        const offer = wanted ? WANTED : offerSize === 0 ? '' : price(line, quote.shownAsk);
        const bidSizeText = size(line, bidSize);
        const offerSizeText = wanted ? '' : size(line, offerSize);
        sheet.put(0, line.bond);
        sheet.put(24, changed ? offerSizeText : bidSizeText);
        sheet.put(32, changed ? offer : bid);
        sheet.put(42, changed ? bid : offer);
        sheet.put(52, changed ? bidSizeText : offerSizeText);
        sheet.put(60, line.benchmark === '' ? 'N/A' : String(line.spread));
        sheet.put(68, line.benchmark);
        sheet.put(75, line.last);
      } else if (row === 14) sheet.put(0, 'WNTD = LEVEL WANTED   SIZES IN GBP M   SPRD IN BP OVER BMK');
      else if (row === 24) sheet.put(0, `${name} 1/4`);
    },

    step() {
      const half = torn.complete();
      if (half !== undefined) return [half];
      const choice = random.below(lines.length);
      const line = lines[choice]!;
      const { quote } = line;
      line.last = context.time;
      line.wanted = !line.is32nds && line.bidSize > 0 && random.below(20) === 0;
      if (!line.wanted && random.below(5) === 0) {
        if (random.below(2) === 0) line.bidSize = random.below(8);
        else line.offerSize = random.below(8);
      }
      quote.move(random.below(11) - 5);
      if (line.wanted || line.bidSize === 0 || line.offerSize === 0) quote.show();
      else torn.show(FIRST_ROW + choice, quote);
      return [FIRST_ROW + choice];
    },

    records() {
      return lines.map((line, i): TrueRecord => {
        const { quote, is32nds, bidSize, offerSize, wanted, benchmark } = line;
        const exact = (units: number): string => (is32nds ? binary(units, 5) : fixed(units, 2));
        const values = {
          bond: line.bond,
          bid: bidSize === 0 ? null : exact(quote.bid),
          offer: wanted || offerSize === 0 ? null : exact(quote.ask),
          bidSize: wanted || bidSize === 0 ? null : String(bidSize),
          offerSize: wanted || offerSize === 0 ? null : String(offerSize),
          spread: benchmark === '' ? null : String(line.spread),
          benchmark: benchmark === '' ? null : benchmark,
          last: line.last,
        };
        return { row: FIRST_ROW + i, shown: quote.shown, values };
      });
    },
  };
};
