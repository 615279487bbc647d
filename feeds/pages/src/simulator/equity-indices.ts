import { fixed, grouped, signed, staying } from './numbers.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

/** Index, about where it stands in hundredths, and whether it trades, has closed, or has a holiday. */
const INDICES = [
  ['AVONMOOR 100', 765_974, 'open'],
  ['BROOK 30', 1_770_221, 'open'],
  ['CRANE 40', 801_622, 'open'],
  ['DELMONT 35', 1_030_570, 'open'],
  ['ESKER IND', 3_876_966, 'open'],
  ['FORTH 500', 511_794, 'open'],
  ['GRANTLEY 225', 3_882_049, 'closed'],
  ['HUMBER 50', 1_658_757, 'closed'],
  ['ISLAY COMP', 0, 'holiday'],
] as const;
const FIRST_ROW = 4;
/** A day's move at most, as a share of the day before: for none of these indices a thousand points, which there is no room for. */
const DAY_MOST = 1 / 50;

interface Line {
  readonly index: string;
  readonly state: 'open' | 'closed' | 'holiday';
  /** All in hundredths. */
  readonly previous: number;
  last: number;
  high: number;
  low: number;
  time: string;
}

/**
 * Indices of the world: closing marks, a holiday, signs. Changed: the signs are gone, and up and down is told by colour
 * only.
 */
export const equityIndices: StyleFactory = (context) => {
  const { random, name } = context;
  const lines: Line[] = INDICES.map(([index, about, state]) => {
    const move = random.below(5_001) - 2_500;
    const last = about + move;
    const high = Math.max(about, last) + 500;
    return { index, state, previous: about, last, high, low: Math.min(about, last) - 500, time: context.time };
  });

  const net = ({ last, previous }: Line): number => last - previous;
  /** In hundredths of a per cent. */
  const percent = (line: Line): number => Math.round((net(line) * 10_000) / line.previous);

  return {
    draw(row, sheet) {
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, context.time);
        sheet.put(8, name);
        sheet.put(28, 'INDICES OF THE WORLD', Colour.YELLOW);
        sheet.put(66, 'DELAYED 15M');
      } else if (row === 2) {
        sheet.put(0, 'INDEX             LAST        NET       PCT       HIGH        LOW        TIME');
      } else if (line?.state === 'holiday') {
        sheet.put(0, line.index);
        sheet.put(18, 'HOL');
      } else if (line !== undefined) {
        const change = net(line);
        const colour = change < 0 ? Colour.RED : change > 0 ? Colour.GREEN : Colour.WHITE;
        const unsigned = context.layout === 'changed';
        const netText = (unsigned || change < 0 ? '' : '+') + grouped(unsigned ? Math.abs(change) : change, 2);
        const pct = percent(line);
        const pctText = unsigned ? fixed(Math.abs(pct), 2) : pct === 0 ? '0.00' : signed(pct, 2);
        sheet.put(0, line.index);
        sheet.put(18, grouped(line.last, 2) + (line.state === 'closed' ? 'C' : ''));
        sheet.put(30, change === 0 ? 'UNCH' : netText, colour);
        sheet.put(40, pctText, colour);
        sheet.put(50, grouped(line.high, 2));
        sheet.put(62, grouped(line.low, 2));
        sheet.put(73, line.time);
      } else if (row === 15) sheet.put(0, 'C = CLOSE   HOL = HOLIDAY   ALL PRICES DELAYED');
      else if (row === 24) sheet.put(0, `${name} 1/2`);
    },

    step() {
      const open = lines.filter(({ state }) => state === 'open');
      const line = open[random.below(open.length)]!;
      line.last += staying(random.below(2_001) - 1_000, net(line), line.previous * DAY_MOST);
      line.high = Math.max(line.high, line.last);
      line.low = Math.min(line.low, line.last);
      line.time = context.time;
      return [FIRST_ROW + lines.indexOf(line)];
    },

    records() {
      return lines.map((line, i): TrueRecord => {
        const { index, state, last, high, low, time } = line;
        if (state === 'holiday') return { row: FIRST_ROW + i, shown: true, values: { index, status: 'holiday' } };
        const values = {
          index,
          last: fixed(last, 2),
          closing: state === 'closed',
          net: fixed(net(line), 2),
          pct: fixed(percent(line), 2),
          high: fixed(high, 2),
          low: fixed(low, 2),
          time,
        };
        return { row: FIRST_ROW + i, shown: true, values };
      });
    },
  };
};
