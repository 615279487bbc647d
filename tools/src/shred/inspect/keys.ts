import type { Inspection } from './inspection.ts';
import { isToSee, type Overlay } from './overlays.ts';
import type { View } from './screen.ts';

const MOVES: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  up: [-1, 0],
  down: [1, 0],
  left: [0, -1],
  right: [0, 1],
  k: [-1, 0],
  j: [1, 0],
  h: [0, -1],
  l: [0, 1],
  'page-up': [-10, 0],
  'page-down': [10, 0],
};

/** So many moments forward. */
const STEPS: Readonly<Record<string, number>> = { ']': 1, '[': -1, '}': 100, '{': -100 };
const OVERLAYS: Readonly<Record<string, Overlay>> = { a: 'age', d: 'drift' };

/** Does what a key asks for. @returns true when it asks to leave */
export function pressInspectKey(inspection: Inspection, view: View, key: string): boolean {
  const move = MOVES[key];
  const overlay = OVERLAYS[key];
  const { moment } = inspection;
  if (move !== undefined) moveTo(inspection, view, view.row + move[0], view.column + move[1]);
  else if (key === 'home') moveTo(inspection, view, view.row, 0);
  else if (key === 'end') moveTo(inspection, view, view.row, inspection.columns - 1);
  else if (key === 'n' || key === 'tab') toTrouble(inspection, view, 1);
  else if (key === 'p' || key === 'back-tab') toTrouble(inspection, view, -1);
  else if (key === 'm') view.isMap = !view.isMap;
  else if (overlay !== undefined) view.overlay = view.overlay === overlay ? 'rules' : overlay;
  else if (moment !== undefined && STEPS[key] !== undefined) {
    view.moment = Math.max(0, Math.min(moment.count - 1, moment.number + STEPS[key]));
  } else return key === 'q' || key === 'ctrl-c';
  return false;
}

/** Moves the cursor to a cell, or to the nearest one that there is. */
export function moveTo({ rows, columns }: Inspection, view: View, row: number, column: number): void {
  view.row = Math.max(0, Math.min(rows - 1, row));
  view.column = Math.max(0, Math.min(columns - 1, column));
}

/** Scrolls so that the cursor is in sight. */
export function follow(view: View, rows: number, columns: number): void {
  view.top = Math.max(Math.min(view.top, view.row), view.row - rows + 1);
  view.left = Math.max(Math.min(view.left, view.column), view.column - columns + 1);
}

/** To where the next piece of what is to be seen begins, round the page: unread or refused text, or what the overlay shows. */
function toTrouble(inspection: Inspection, view: View, step: 1 | -1): void {
  const { rows, columns } = inspection;
  const size = rows * columns;
  const isTrouble = (at: number): boolean => isToSee(inspection, Math.floor(at / columns), at % columns, view.overlay);
  for (let away = 1; away <= size; away++) {
    const at = (view.row * columns + view.column + step * away + size) % size;
    if (isTrouble(at) && (at % columns === 0 || !isTrouble(at - 1))) {
      moveTo(inspection, view, Math.floor(at / columns), at % columns);
      return;
    }
  }
}
