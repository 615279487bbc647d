import { fixed } from './numbers.ts';
import { Colour } from './row-sheet.ts';
import type { StyleFactory, TrueRecord } from './simulated-page.ts';

const WHO = ['AVONMOOR', 'BROOK BANK', 'CENTRAL BK', 'DELMONT FIN', 'US TREASURY', 'NORTH SEA GROUP'] as const;
const WHAT = [
  'HOLDS RATE AT {} PCT, VOTE 6-3',
  'SAYS Q3 PROFIT UP {} PCT, SHARES RISE',
  'TO SELL {} BLN BOND',
  'CUTS OUTLOOK; SEES {} PCT (CONSENSUS +0.8)',
  'NAMES NEW HEAD OF TRADING',
  'REPORTS OUTPUT -{} PCT M/M, LEAST IN 11 MONTHS',
] as const;
const FIRST_ROW = 4;
const LINES = 9;
const DATE = '30NOV';
/** How long a headline of the changed layout can be. */
const CHANGED_LENGTH = 58;
/** One in so many steps corrects a headline in place. */
const CORRECTED_IN = 6;

interface Headline {
  readonly time: string;
  readonly code: string;
  readonly flash: boolean;
  text: string;
}

/**
 * Headlines, the newest on top: a new one pushes the others down. Changed: a date before the time, columns further right,
 * and texts cut.
 */
export const headlines: StyleFactory = (context) => {
  const { random, name } = context;
  let next = 101;
  const write = (): string => {
    const what = WHAT[random.below(WHAT.length)]!;
    return `${WHO[random.below(WHO.length)]!} ${what.replace('{}', fixed(random.below(900), 2))}`;
  };
  const create = (): Headline => ({
    time: context.time,
    code: `NB${String(next++ % 10_000).padStart(4, '0')}`,
    flash: random.below(3) === 0,
    text: write(),
  });
  const lines: Headline[] = [];
  for (let i = 0; i < LINES; i++) lines.unshift(create());

  return {
    draw(row, sheet) {
      const changed = context.layout === 'changed';
      const line = lines[row - FIRST_ROW];
      if (row === 0) {
        sheet.put(0, name, Colour.YELLOW);
        sheet.put(24, 'NEWS IN BRIEF', Colour.CYAN);
        sheet.put(66, `${context.time} GMT`);
      } else if (row === 2) {
        sheet.put(0, changed ? 'DATE/TIME    CODE     HEADLINE' : 'TIME   CODE     HEADLINE');
      } else if (row === 3) sheet.put(0, '-'.repeat(80));
      else if (line !== undefined) {
        const { time, code, text, flash } = line;
        sheet.put(0, changed ? `${DATE} ${time}` : time);
        sheet.put(changed ? 13 : 7, code);
        sheet.put(changed ? 22 : 16, changed ? text.slice(0, CHANGED_LENGTH) : text, flash ? Colour.RED : 0);
      } else if (row === 22) sheet.put(0, 'FOR THE STORY ENTER ITS CODE');
      else if (row === 24) sheet.put(0, `${name} 1/6`);
    },

    step() {
      if (random.below(CORRECTED_IN) === 0) {
        const choice = random.below(lines.length);
        lines[choice]!.text = write();
        return [FIRST_ROW + choice];
      }
      lines.unshift(create());
      lines.pop();
      return lines.map((_, i) => FIRST_ROW + i);
    },

    records() {
      return lines.map(({ time, code, flash, text }, i): TrueRecord => {
        return { row: FIRST_ROW + i, shown: true, values: { time, code, headline: text, flash } };
      });
    },
  };
};
