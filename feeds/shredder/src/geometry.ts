import type { Page } from '@tickerplant/pages';
import { cellText, isNoise, isShown, standsAt } from './cells.ts';
import type { Anchor, Header, Plan, Span, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';

// Where things stand on a page: the anchors, the header lines, and how far the cells of the headers have moved. All of it is
// a function of the image alone.

/** Where an anchor was found. */
interface AnchorPlace {
  readonly row: number;
  readonly column: number;
}

/** Where a table stands. */
export interface TablePlace {
  /** Row that relative rows are counted from: the header's last line or the anchor's. */
  readonly base: number;
  /** Row of the header's first line; -1 without a header. */
  readonly headerRow: number;
  /** How far each cell of the header has moved to the right. */
  readonly moved: readonly number[];
}

export interface Geometry {
  /** Undefined where the anchor isn't there. */
  readonly anchors: readonly (AnchorPlace | undefined)[];
  /** By anchor: why it isn't there. */
  readonly anchorReasons: readonly (Reason | undefined)[];
  readonly tables: readonly (TablePlace | undefined)[];
  /** Why the page isn't what it should be. */
  readonly pageReasons: readonly Reason[];
  /** The same by table. */
  readonly tableReasons: readonly (readonly Reason[])[];
}

/**
 * Looks for everything that a plan counts on.
 *
 * @param isDirty by row: 1 where it may have changed since `before` was found.
 * @param before where things stood; what stands in rows that haven't changed is taken from it.
 */
export function findGeometry(plan: Plan, page: Page, isDirty: Uint8Array, before: Geometry | undefined): Geometry {
  const found = plan.anchors.map((anchor, index): AnchorPlace | Reason => {
    const last = before?.anchors[index] ?? before?.anchorReasons[index];
    return last !== undefined && !isAnyIn(isDirty, anchor.rows) ? last : findAnchor(anchor, page);
  });
  const anchors = found.map((place) => ('code' in place ? undefined : place));
  const anchorReasons = found.map((place) => ('code' in place ? place : undefined));
  const headers = plan.tables.map(({ header }, index): TablePlace | Reason | undefined => {
    if (header === undefined) return undefined;
    const last = before?.tables[index] ?? before?.tableReasons[index]?.[0];
    return last !== undefined && !isAnyIn(isDirty, rowsOf(header)) ? last : findHeader(header, page);
  });
  const tables = plan.tables.map((table, index): TablePlace | undefined => {
    const place = headers[index];
    if (place !== undefined) return 'code' in place ? undefined : place;
    if (table.from === undefined) return { base: 0, headerRow: -1, moved: [] };
    const anchor = anchors[table.from];
    return anchor === undefined ? undefined : { base: anchor.row, headerRow: -1, moved: [] };
  });
  const tableReasons = headers.map((place) => (place !== undefined && 'code' in place ? [place] : []));
  const pageReasons = anchorReasons.filter((why) => why !== undefined);
  return { anchors, anchorReasons, tables, pageReasons, tableReasons };
}

function isAnyIn(isDirty: Uint8Array, { first, end }: Span): boolean {
  for (let row = first; row < end; row++) if (isDirty[row] === 1) return true;
  return false;
}

/** The rows that a header may stand in. */
function rowsOf({ rows, lines }: Header): Span {
  return { first: rows.first, end: rows.end - 1 + lines.length };
}

function findAnchor({ text, rows, columns }: Anchor, page: Page): AnchorPlace | Reason {
  let found: AnchorPlace | undefined;
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) {
      if (!standsAt(page, row, column, text)) continue;
      if (found !== undefined) {
        const again = cellText(page, row, column, column + text.length);
        return reason('ANCHOR_MISSING', { row, col: column, want: `${text} once`, got: `${again} again` });
      }
      found = { row, column };
    }
  }
  if (found !== undefined) return found;
  const row = likestRow(page, rows, columns.first, text);
  const { first: column } = columns;
  const got = cellText(page, row, column, column + text.length);
  return reason('ANCHOR_MISSING', { row, col: column, want: text, got });
}

/** Of several rows the one that looks most like a text: for messages. */
function likestRow(page: Page, rows: Span, column: number, text: string): number {
  let best = rows.first;
  let bestSame = 0;
  for (let row = rows.first; row < Math.min(rows.end, page.rows); row++) {
    const got = cellText(page, row, column, column + text.length);
    let same = 0;
    for (let at = 0; at < text.length; at++) if (text[at] !== ' ' && got[at] === text[at]) same++;
    if (same > bestSame) {
      best = row;
      bestSame = same;
    }
  }
  return best;
}

function findHeader(header: Header, page: Page): TablePlace | Reason {
  let found: TablePlace | undefined;
  const others: [row: number, Mismatch][] = [];
  for (let row = header.rows.first; row < header.rows.end; row++) {
    const place = matchHeader(header, page, row);
    if (!Array.isArray(place)) others.push([row, place]);
    else if (found !== undefined) {
      return reason('HEADER_CHANGED', { row, col: 0, want: 'the header once', got: 'the header again' });
    } else found = { base: row + header.lines.length - 1, headerRow: row, moved: place };
  }
  return found ?? nearestHeader(header, page, others).why();
}

/** The row that has most of the header's cells; of several the one that looks most like it. */
function nearestHeader(header: Header, page: Page, others: readonly [row: number, Mismatch][]): Mismatch {
  const likest = likestRow(page, header.rows, 0, header.lines[0]!);
  let nearest = others[0]![1];
  for (const [row, other] of others) {
    if (other.cells > nearest.cells || (other.cells === nearest.cells && row === likest)) nearest = other;
  }
  return nearest;
}

/** How many cells were found before the first one that is missing, and why it is: told only to those who ask. */
interface Mismatch {
  readonly cells: number;
  readonly why: () => Reason;
}

/** How far each cell has moved, or what is missing. */
function matchHeader(header: Header, page: Page, row: number): number[] | Mismatch {
  const moved: number[] = [];
  for (let line = 0; line < header.lines.length; line++) {
    const at = row + line;
    let from = 0;
    for (const cell of header.cells) {
      if (cell.line !== line) continue;
      const column = nearestPlace(page, at, cell.text, cell.column, header.follow, from);
      if (column < 0) {
        const why = (): Reason => {
          const got = cellText(page, at, cell.column, cell.column + cell.text.length);
          return reason('ANCHOR_MISSING', { row: at, col: cell.column, want: cell.text, got });
        };
        return { cells: moved.length, why };
      }
      const extra = firstShownIn(page, at, from, column);
      if (extra >= 0) return { cells: moved.length, why: () => extraCell(page, at, extra) };
      moved.push(column - cell.column);
      from = column + cell.text.length;
    }
    const extra = firstShownIn(page, at, from, page.columns);
    if (extra >= 0) return { cells: moved.length, why: () => extraCell(page, at, extra) };
  }
  return moved;
}

/** The place of a text that is nearest to where it should be; -1 where it isn't. */
function nearestPlace(page: Page, row: number, text: string, column: number, follow: number, from: number): number {
  for (let away = 0; away <= follow; away++) {
    if (column - away >= from && standsAt(page, row, column - away, text)) return column - away;
    if (away > 0 && column + away >= from && standsAt(page, row, column + away, text)) return column + away;
  }
  return -1;
}

function firstShownIn(page: Page, row: number, first: number, end: number): number {
  const base = row * page.columns;
  for (let column = first; column < end; column++) {
    if (isShown(page.text[base + column]!) && !isNoise(page, row, column)) return column;
  }
  return -1;
}

function extraCell(page: Page, row: number, column: number): Reason {
  const got = cellText(page, row, column, column + 12).trim();
  return reason('HEADER_CHANGED', { row, col: column, want: 'blank', got });
}

/** Whether two pages are alike in where things stand, and in what is wrong with that. */
export function sameGeometry(a: Geometry, b: Geometry): boolean {
  return (
    a.anchors.every((place, i) => samePlace(place, b.anchors[i])) &&
    a.tables.every((place, i) => sameTablePlace(place, b.tables[i])) &&
    sameFindings(a.pageReasons, b.pageReasons) &&
    a.tableReasons.every((reasons, i) => sameFindings(reasons, b.tableReasons[i]!))
  );
}

function samePlace(a: AnchorPlace | undefined, b: AnchorPlace | undefined): boolean {
  return a?.row === b?.row && a?.column === b?.column;
}

function sameTablePlace(a: TablePlace | undefined, b: TablePlace | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.base !== b.base || a.headerRow !== b.headerRow || a.moved.length !== b.moved.length) return false;
  return a.moved.every((by, i) => by === b.moved[i]);
}

function sameFindings(a: readonly Reason[], b: readonly Reason[]): boolean {
  return (a.length === 0 && b.length === 0) || JSON.stringify(a) === JSON.stringify(b);
}

/** How far a column has moved with the header cells above it; undefined where they moved apart. */
export function columnShift(table: Table, panel: number, column: number, place: TablePlace): number | undefined {
  const under = table.panels[panel]!.under[column]!;
  if (under.length === 0) return 0;
  const shift = place.moved[under[0]!]!;
  for (const cell of under) if (place.moved[cell] !== shift) return undefined;
  return shift;
}

/** Whether a change of a row can change where things stand. */
export function bearsGeometry(plan: Plan): readonly boolean[] {
  const bears: boolean[] = new Array<boolean>(plan.rows).fill(false);
  const mark = (first: number, end: number): void => {
    for (let row = first; row < Math.min(end, plan.rows); row++) bears[row] = true;
  };
  for (const anchor of plan.anchors) mark(anchor.rows.first, anchor.rows.end);
  for (const { header } of plan.tables) {
    if (header !== undefined) mark(rowsOf(header).first, rowsOf(header).end);
  }
  return bears;
}
