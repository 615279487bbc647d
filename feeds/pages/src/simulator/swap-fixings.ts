import { fixed } from './numbers.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

const LEFT = ['1Y', '2Y', '3Y', '4Y', '5Y', '6Y', '7Y', '8Y'] as const;
const RIGHT = ['9Y', '10Y', '12Y', '15Y', '20Y', '25Y', '30Y', '40Y'] as const;
/** What the changed layout has more, as the second of the left half. */
const NEW_TERM = '18M';
const FIRST_ROW = 5;
const RIGHT_COLUMN = 44;

interface Fixing {
  readonly term: string;
  /** In thousandths. */
  fixing: number;
  /** Null: there was none. */
  readonly previous: number | null;
}

/** Fixings in two tables side by side. Changed: a row more in the left one, which pushes those below down. */
export const swapFixings: StyleFactory = (context) => {
  const { random, name } = context;
  const fixingsOf = (terms: readonly string[]): Fixing[] =>
    terms.map((term) => {
      const previous = 2_300 + random.below(1_100);
      return { term, fixing: previous + random.below(41) - 20, previous: term === '40Y' ? null : previous };
    });
  const left = fixingsOf(LEFT);
  const right = fixingsOf(RIGHT);
  const inserted = fixingsOf([NEW_TERM])[0]!;
  const leftAsShown = (): Fixing[] => (context.layout === 'changed' ? [left[0]!, inserted, ...left.slice(1)] : left);

  return {
    draw(row, sheet) {
      if (row === 0) {
        sheet.put(0, context.time);
        sheet.put(8, name);
        sheet.put(24, 'EUR SWAPS  MIDDAY FIXING', Colour.CYAN);
      } else if (row === 1) sheet.put(8, 'MEAN OF THE MIDDLE FIVE OF NINE BANKS');
      else if (row === 3) {
        for (const column of [4, RIGHT_COLUMN]) sheet.put(column, 'TERM      TODAY FIX     PREVIOUS');
      } else if (row === 16) sheet.put(4, '* NOT PUBLISHED ON THAT DAY');
      else if (row === 24) sheet.put(4, name);
      else {
        [leftAsShown()[row - FIRST_ROW], right[row - FIRST_ROW]].forEach((each, i) => {
          if (each === undefined) return;
          const column = i === 0 ? 4 : RIGHT_COLUMN;
          sheet.put(column, each.term);
          sheet.put(column + 10, fixed(each.fixing, 3));
          sheet.put(column + 24, each.previous === null ? '*' : fixed(each.previous, 3));
        });
      }
    },

    step() {
      const table = random.below(2) === 0 ? left : right;
      const choice = random.below(table.length);
      table[choice]!.fixing += random.below(2) === 0 ? -1 : 1;
      const shown = table === left ? leftAsShown() : right;
      return [FIRST_ROW + shown.indexOf(table[choice]!)];
    },

    records() {
      const truth = ({ term, fixing, previous }: Fixing, i: number): TrueRecord => {
        const values = { term, fixing: fixed(fixing, 3), previous: previous === null ? null : fixed(previous, 3) };
        return { row: FIRST_ROW + i, shown: true, values };
      };
      return [...left.map(truth), ...right.map(truth)];
    },
  };
};
