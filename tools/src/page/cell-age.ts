import type { PaintName } from '../watch/paint.ts';

/** Ages of cells: up to so many milliseconds, with colours (ECMA-48 SGR) from bright to dim, and a letter for who sees none. */
const AGES: readonly (readonly [upToMs: number, colour: string, mono: string, letter: string, name: string])[] = [
  [0, '30;103', '7', '0', 'now'],
  [1_000, '1;93', '1', '1', '1 s'],
  [10_000, '33', '4', '2', '10 s'],
  [60_000, '36', '', '3', '1 min'],
  [600_000, '34', '', '4', '10 min'],
  [Number.POSITIVE_INFINITY, '90', '2', '5', 'older'],
];
/** A cell that hasn't changed since the page is known. */
const NOT_CHANGED = { colour: '2', mono: '2', letter: '.' } as const;

/** How old a cell of each colour is at most, ms. */
export const AGE_LIMITS_MS: readonly number[] = AGES.map(([upToMs]) => upToMs);

/** What the letters say. */
export const AGE_LEGEND: string = `changed within ${AGES.map(([, , , letter, name]) => `${letter} ${name}`).join('  ')}  ${NOT_CHANGED.letter} not`;

/** SGR parameters for a cell by its age. @param ageMs null: it hasn't changed since the page is known */
export function ageCode(ageMs: number | null, paint: PaintName): string {
  if (paint === 'text') return '';
  if (ageMs === null) return NOT_CHANGED[paint];
  const [, colour, mono] = bucketOf(ageMs);
  return paint === 'colour' ? colour : mono;
}

/** The letter that stands for an age. */
export function ageLetter(ageMs: number | null): string {
  return ageMs === null ? NOT_CHANGED.letter : bucketOf(ageMs)[3];
}

function bucketOf(ageMs: number): (typeof AGES)[number] {
  return AGES.find(([upToMs]) => ageMs <= upToMs)!;
}
