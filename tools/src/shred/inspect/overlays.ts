import { ageCode } from '../../page/cell-age.ts';
import type { PaintName } from '../../watch/paint.ts';
import { driftsAt, type Inspection } from './inspection.ts';

/** What the colours of cells say: which rule reads them, how long since they changed, what isn't as it is known. */
export type Overlay = 'rules' | 'age' | 'drift';

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
  if (overlay === 'age') return ageCode(ageOf(inspection, row, column), paint);
  if (paint === 'text') return '';
  if (driftsAt(inspection, row, column).length > 0) return DRIFTED[paint];
  const { role, kind } = inspection.notes[inspection.cells[row]![column]!]!;
  if (kind === 'anchor' || kind === 'header') return AS_KNOWN[paint];
  return role === 'static' && inspection.learnedFrom > 0 && kind === 'known' ? AS_KNOWN[paint] : REST[paint];
}

/** How old a cell is, ms; null: it hasn't changed since the page is known, or nobody knows. */
export function ageOf({ ages }: Inspection, row: number, column: number): number | null {
  return ages?.[row]?.[column] ?? null;
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
  if (overlay === 'age') return ageOf(inspection, row, column) === 0;
  if (overlay === 'drift') return driftsAt(inspection, row, column).length > 0;
  const { kind } = inspection.notes[inspection.cells[row]![column]!]!;
  return kind === 'unread' || kind === 'refused';
}
