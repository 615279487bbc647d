import type { PaintName } from '../../watch/paint.ts';
import { driftsAt, type Inspection } from './inspection.ts';

/** What the colours of cells say: which rule reads them, how long since they changed, what isn't as it is known. */
export type Overlay = 'rules' | 'age' | 'drift';

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

export const AGE_LEGEND: string = `changed within ${AGES.map(([, , , letter, name]) => `${letter} ${name}`).join('  ')}  ${NOT_CHANGED.letter} not`;

/** Text that is as it is known; text that isn't; all the rest. */
const AS_KNOWN = { colour: '42;30', mono: '1' } as const;
const DRIFTED = { colour: '97;41', mono: '7' } as const;
const REST = { colour: '2', mono: '2' } as const;

/** SGR parameters for a cell in an overlay of age or drift. */
export function overlayCode(
  inspection: Inspection,
  row: number,
  column: number,
  overlay: 'age' | 'drift',
  paint: PaintName,
): string {
  if (paint === 'text') return '';
  if (overlay === 'age') {
    const age = inspection.ages?.[row]?.[column] ?? null;
    if (age === null) return NOT_CHANGED[paint];
    const [, colour, mono] = bucketOf(age);
    return paint === 'colour' ? colour : mono;
  }
  if (driftsAt(inspection, row, column).length > 0) return DRIFTED[paint];
  const { role, kind } = inspection.notes[inspection.cells[row]![column]!]!;
  if (kind === 'anchor' || kind === 'header') return AS_KNOWN[paint];
  return role === 'static' && inspection.learnedFrom > 0 && kind === 'known' ? AS_KNOWN[paint] : REST[paint];
}

/** The letter that stands for a cell's age. */
export function ageLetter({ ages }: Inspection, row: number, column: number): string {
  const age = ages?.[row]?.[column] ?? null;
  return age === null ? NOT_CHANGED.letter : bucketOf(age)[3];
}

function bucketOf(age: number): (typeof AGES)[number] {
  return AGES.find(([upToMs]) => age <= upToMs)!;
}

/** What an overlay can't show, and why; empty where it can. */
export function overlayProblem({ ages, learnedFrom }: Inspection, overlay: Overlay): string {
  if (overlay === 'age' && ages === undefined) return 'how old cells are is known of captured pages only: --capture';
  if (overlay === 'drift' && learnedFrom === 0) {
    return 'static text is not compared: the shredder has no fixtures (ticker shred keep makes them)';
  }
  return '';
}

/** Whether somebody who goes from one thing to look at to the next stops at a cell. */
export function isToSee(inspection: Inspection, row: number, column: number, overlay: Overlay): boolean {
  if (overlay === 'age') return inspection.ages?.[row]?.[column] === 0;
  if (overlay === 'drift') return driftsAt(inspection, row, column).length > 0;
  const { kind } = inspection.notes[inspection.cells[row]![column]!]!;
  return kind === 'unread' || kind === 'refused';
}
