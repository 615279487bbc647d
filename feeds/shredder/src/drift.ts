import type { Page } from '@tickerplant/pages';
import { cellText } from './cells.ts';
import { type Fingerprint, placeOf } from './fingerprint.ts';
import type { TablePlace } from './geometry.ts';
import type { Header, Plan } from './plan.ts';
import type { Reason } from './reasons.ts';
import type { Shredder } from './shredder.ts';

/** Cells of a page that are not as a shredder, or its fingerprint, knows them: `column` to `end` - 1 of a row. */
export interface DriftedCells {
  readonly row: number;
  readonly column: number;
  readonly end: number;
  readonly what: 'anchor' | 'header' | 'static';
  /** Name of the anchor, or of the header's table; empty for static text. */
  readonly rule: string;
  /** What should stand there; blank: nothing. Of text that has only moved: where it should stand. */
  readonly want: string;
  readonly got: string;
}

/**
 * Where a page differs from what is known of it: anchors that aren't there, header cells that are others or have moved, static text
 * that is another. The page was run before.
 *
 * @param fingerprint static text of approved pages; without it that isn't looked at
 */
export function driftOf(shredder: Shredder, page: Page, fingerprint?: Fingerprint): DriftedCells[] {
  const { plan, reader } = shredder;
  const { geometry } = reader;
  if (geometry === undefined) return [];
  const found: DriftedCells[] = [];
  const reasons = [...geometry.pageReasons];
  plan.anchors.forEach(({ name, text }, index) => {
    if (geometry.anchors[index] !== undefined) return;
    const reason = reasons.shift();
    const place = placeIn(reason, plan);
    // One that is there twice isn't there either.
    if (place !== undefined) {
      found.push({ ...cellsOf(page, place, text, 'anchor', name), want: String(reason!.facts.want) });
    }
  });
  plan.tables.forEach(({ name, header }, index) => {
    if (header === undefined) return;
    const place = geometry.tables[index];
    if (place !== undefined) found.push(...movedCells(page, header, place, name));
    else found.push(...changedHeader(page, header, geometry.tableReasons[index]![0], plan, name));
  });
  for (const piece of fingerprint?.text ?? []) found.push(...changedText(page, piece));
  return found;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Where a reason says that something is wrong. */
function placeIn(reason: Reason | undefined, plan: Plan): Place | undefined {
  const { row, col: column } = reason?.facts ?? {};
  if (typeof row !== 'number' || typeof column !== 'number') return undefined;
  return row >= 0 && row < plan.rows && column >= 0 && column < plan.columns ? { row, column } : undefined;
}

function cellsOf(
  page: Page,
  { row, column }: Place,
  want: string,
  what: DriftedCells['what'],
  rule: string,
  length: number = want.length,
): DriftedCells {
  const end = Math.min(page.columns, column + length);
  return { row, column, end, what, rule, want, got: cellText(page, row, column, end) };
}

/** Cells of a header that has been found: those that stand elsewhere. */
function movedCells(page: Page, header: Header, { headerRow, moved }: TablePlace, rule: string): DriftedCells[] {
  return header.cells.flatMap(({ line, column, text }, index) => {
    const away = moved[index]!;
    if (away === 0) return [];
    const place = { row: headerRow + line, column: column + away };
    const found = cellsOf(page, place, text, 'header', rule);
    return [{ ...found, want: `${text} at col ${column}`, got: `${found.got} at col ${place.column}` }];
  });
}

/** Cells of a header that hasn't been found, in the row that looks most like it. */
function changedHeader(
  page: Page,
  header: Header,
  reason: Reason | undefined,
  plan: Plan,
  rule: string,
): DriftedCells[] {
  const place = placeIn(reason, plan);
  if (place === undefined) return [];
  const { want, got } = reason!.facts;
  const at = header.cells.find(({ text, column }) => text === want && column === place.column);
  const line = at?.line ?? header.lines.length - 1;
  const cells = header.cells.flatMap((cell) => {
    const row = place.row - line + cell.line;
    if (row < 0 || row >= page.rows) return [];
    const one = cellsOf(page, { row, column: cell.column }, cell.text, 'header', rule);
    return one.got === cell.text ? [] : [one];
  });
  // Text where there should be none.
  if (at === undefined && typeof got === 'string' && reason!.code === 'HEADER_CHANGED') {
    cells.push(cellsOf(page, place, '', 'header', rule, Math.max(1, got.length)));
  }
  return cells;
}

/** The parts of a piece of static text that are others. */
function changedText(page: Page, piece: Fingerprint['text'][number]): DriftedCells[] {
  const [ownRow, first, text] = piece;
  const { row, same } = placeOf(piece, page);
  if (same === text.length) {
    if (row === ownRow) return [];
    return [{ ...cellsOf(page, { row, column: first }, text, 'static', ''), want: `${text} in row ${ownRow}` }];
  }
  const got = cellText(page, row, first, first + text.length);
  const found: DriftedCells[] = [];
  for (let at = 0; at < text.length; at++) {
    if (got[at] === text[at]) continue;
    let end = at + 1;
    while (end < text.length && got[end] !== text[end]) end++;
    found.push(cellsOf(page, { row, column: first + at }, text.slice(at, end), 'static', ''));
    at = end;
  }
  return found;
}
