import type { Page } from '@tickerplant/pages';
import { firstShown, standsAt } from './cells.ts';
import { columnShift, type Geometry } from './geometry.ts';
import type { Plan, Span, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';

/** Where the columns of one panel of a table stand on the page at hand. */
export interface PanelLayout {
  readonly panel: number;
  /** By column. */
  readonly first: Int16Array;
  readonly end: Int16Array;
  /** By line of a block and column of the page: the number of the column that reads it, or -1. */
  readonly owners: readonly Int16Array[];
  /** By line of a block: the columns of the page that are the panel's and that no column reads. */
  readonly gaps: readonly Int16Array[];
  /** The columns of the page that what is made of a row depends on: `reach.first` to `reach.end` - 1. */
  readonly reach: Span;
  /** The part of a row that is the panel's: from behind the one to its left up to where the next one begins. */
  readonly left: number;
  readonly right: number;
  /** The rows that it reads, from the top. */
  readonly rows: readonly number[];
}

/** Where a table stands on the page at hand; `reasons` where it can't be read. */
export interface TableLayout {
  readonly panels: readonly PanelLayout[];
  readonly reasons: readonly Reason[];
  /** Row that its rows are counted from. */
  readonly base: number;
}

/** Lays the columns of a table over a page. */
export function layOut(plan: Plan, table: Table, geometry: Geometry): TableLayout {
  const place = geometry.tables[table.index];
  const reasons = [...geometry.pageReasons, ...geometry.tableReasons[table.index]!];
  if (place === undefined || reasons.length > 0) return { panels: [], reasons, base: 0 };
  const panels: Columns[] = [];
  for (const panel of table.panels) {
    const first = new Int16Array(table.columns.length);
    const end = new Int16Array(table.columns.length);
    for (const column of table.columns) {
      const shift = columnShift(table, panel.index, column.index, place);
      if (shift === undefined) {
        const facts = {
          row: place.headerRow,
          col: column.first,
          want: `headers of ${column.name} above each other`,
          got: 'moved apart',
        };
        return { panels: [], reasons: [reason('HEADER_CHANGED', facts)], base: 0 };
      }
      const to = shift + (column.isShared ? 0 : panel.shift);
      first[column.index] = Math.max(0, column.first + to);
      end[column.index] = Math.min(plan.columns, column.end + to);
    }
    // A column that came nearer to its left neighbour takes its room.
    for (const column of table.columns) {
      for (const other of table.columns) {
        if (other.joins.length > 0 || other.line !== column.line || first[other.index]! <= first[column.index]!)
          continue;
        end[column.index] = Math.min(end[column.index]!, first[other.index]!);
      }
    }
    const owners = Array.from({ length: table.height }, (_, line) => {
      const owner = new Int16Array(plan.columns).fill(-1);
      for (const column of table.columns) {
        if (column.line === line && column.joins.length === 0)
          owner.fill(column.index, first[column.index], end[column.index]);
      }
      return owner;
    });
    const own = table.columns
      .filter((column) => column.joins.length === 0)
      .filter((column) => !column.isShared || table.panels.length === 1);
    const left = Math.min(...own.map((column) => first[column.index]!));
    panels.push({
      panel: panel.index,
      first,
      end,
      owners,
      left,
      right: plan.columns,
      rows: rowsOf(plan, table, panel.index, place.base),
    });
  }
  return { panels: withEdges(table, panels, plan.columns), reasons, base: place.base };
}

/** A panel before it is known what the others leave to it. */
type Columns = Omit<PanelLayout, 'gaps' | 'reach'>;

function withEdges(table: Table, panels: readonly Columns[], columns: number): PanelLayout[] {
  const own = table.columns.filter(({ joins }) => joins.length === 0).map(({ index }) => index);
  return panels.map((panel) => {
    const next = panels.filter((other) => other.left > panel.left).map((other) => other.left);
    // What stands between two panels may be of either: both look at it.
    const before = panels.filter((other) => other.left < panel.left).map((other) => lastColumn(other));
    const left = Math.max(0, ...before);
    const right = Math.min(columns, ...next);
    const gaps = panel.owners.map((owner) => Int16Array.from(gapsOf(owner, left, right)));
    // Cells beside say whether a text goes on, and whether a sign stands alone.
    const firsts = own.map((column) => panel.first[column]!);
    const ends = own.map((column) => panel.end[column]!);
    const reach = { first: Math.min(left, ...firsts) - 1, end: Math.max(right, ...ends) + 1 };
    return { ...panel, left, right, gaps, reach };
  });
}

function gapsOf(owner: Int16Array, left: number, right: number): number[] {
  const gaps: number[] = [];
  for (let column = left; column < right; column++) if (owner[column] === -1) gaps.push(column);
  return gaps;
}

/** The column behind a panel's last one. */
function lastColumn({ first, end, left }: Columns): number {
  return Math.max(...[...end].filter((_, column) => first[column]! >= left));
}

function rowsOf(plan: Plan, table: Table, panel: number, base: number): number[] {
  const rows: number[] = [];
  for (const span of table.panels[panel]!.rows) {
    const from = span.isRelative ? base : 0;
    for (let row = span.first; row < span.end; row++) {
      const at = row + from;
      if (at >= 0 && at + table.height <= plan.rows && !rows.includes(at)) rows.push(at);
    }
  }
  return rows.sort((a, b) => a - b);
}

/** Whether a row ends the table. */
export function endsTable(table: Table, page: Page, row: number): boolean {
  if (table.until.length === 0 && !table.endsAtBlank) return false;
  const column = firstShown(page, row);
  if (column < 0 && table.endsAtBlank) return true;
  return column >= 0 && table.until.some((text) => startsAt(page, row, column, text));
}

function startsAt(page: Page, row: number, column: number, text: string): boolean {
  if (standsAt(page, row, column, text)) return true;
  if (column + text.length > page.columns) return false;
  const base = row * page.columns + column;
  for (let at = 0; at < text.length; at++) if (page.text[base + at] !== text.charCodeAt(at)) return false;
  return true;
}
