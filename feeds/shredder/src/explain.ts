import type { Page } from '@tickerplant/pages';
import { cellText, isShown } from './cells.ts';
import { Cover } from './page-reader.ts';
import type { Plan } from './plan.ts';
import { reasonText } from './reasons.ts';
import type { RowReading } from './row-reader.ts';
import type { Cell } from './rows.ts';
import type { Shredder } from './shredder.ts';

/** What a cell of the page is to a shredder. */
export interface Explanation {
  readonly row: number;
  readonly column: number;
  readonly role: 'anchor' | 'header' | 'static' | 'ignored' | 'custom' | 'cell' | 'between' | 'nothing';
  /** `spot.quote`: the rule that reads it. */
  readonly rule: string | undefined;
  /** The columns of the page that the rule reads there. */
  readonly first: number | undefined;
  readonly end: number | undefined;
  readonly token: string | undefined;
  readonly type: string | undefined;
  readonly outcome: Cell['outcome'] | undefined;
  /** The parts by name, as text; the mark's meaning under `mark`. */
  readonly parts: Readonly<Record<string, string>>;
  /** The item of the row, and how it stands. */
  readonly subject: string | undefined;
  readonly state: string | undefined;
  /** Why the cell was refused, then why its row isn't believed. */
  readonly reasons: readonly string[];
}

const ROLES: Readonly<Record<number, Explanation['role']>> = {
  [Cover.NOTHING]: 'nothing',
  [Cover.ANCHOR]: 'anchor',
  [Cover.HEADER]: 'header',
  [Cover.STATIC]: 'static',
  [Cover.IGNORED]: 'ignored',
  [Cover.BETWEEN]: 'between',
  [Cover.CUSTOM]: 'custom',
};

/** Says which rule reads a cell, what it made of it, or why it was refused. The page was run before. */
export function explain(shredder: Shredder, row: number, column: number): Explanation {
  const { plan, reader } = shredder;
  const cover = reader.cover[row * plan.columns + column] ?? Cover.NOTHING;
  const nothing: Explanation = {
    row,
    column,
    role: cover >= Cover.COLUMN ? 'cell' : ROLES[cover]!,
    rule: undefined,
    first: undefined,
    end: undefined,
    token: undefined,
    type: undefined,
    outcome: undefined,
    parts: {},
    subject: undefined,
    state: undefined,
    reasons: [],
  };
  if (cover < Cover.COLUMN) {
    const { geometry } = reader;
    const anchor = plan.anchors.find((_, index) => {
      const place = geometry?.anchors[index];
      return place?.row === row && column >= place.column && column < place.column + plan.anchors[index]!.text.length;
    });
    const table = cover === Cover.HEADER ? plan.tables.find((_, index) => isInHeader(shredder, index, row)) : undefined;
    return { ...nothing, rule: anchor?.name ?? table?.name };
  }
  const table = plan.tables[cover - Cover.COLUMN]!;
  const tableReader = reader.tables[table.index]!;
  for (const panel of tableReader.layout.panels) {
    for (let line = 0; line < table.height; line++) {
      const owner = panel.owners[line]![column]!;
      if (owner < 0 || table.columns[owner]!.line !== line) continue;
      const reading = readingAt(tableReader.readings(), panel.panel, row - line);
      if (reading === undefined && !panel.rows.includes(row - line)) continue;
      const rule = `${table.name}.${table.columns[owner]!.name}`;
      const cell = reading?.cells.find(
        (candidate) => candidate.row === row && candidate.first <= column && column < candidate.end,
      );
      const item = reading === undefined ? undefined : findItem(shredder, table.name, reading.symbol);
      const why = [
        ...(cell?.reason === undefined ? [] : [cell.reason]),
        ...(reading?.reasons ?? []),
        ...(item?.reasons ?? []),
      ];
      return {
        ...nothing,
        rule,
        first: panel.first[owner]!,
        end: panel.end[owner]!,
        token: cell?.token,
        type: cell?.type?.name ?? table.columns[owner]!.types.map((type) => type.name).join(' or '),
        outcome: cell?.outcome,
        parts: cell === undefined ? {} : partsOf(cell),
        subject: item?.subject,
        state: item?.state,
        reasons: [...new Set(why.map(reasonText))],
      };
    }
  }
  return nothing;
}

function isInHeader(shredder: Shredder, table: number, row: number): boolean {
  const place = shredder.reader.geometry?.tables[table];
  return place !== undefined && row >= place.headerRow && row <= place.base;
}

function readingAt(readings: Iterable<RowReading>, panel: number, row: number): RowReading | undefined {
  for (const reading of readings) if (reading.panel === panel && reading.row === row) return reading;
  return undefined;
}

function findItem(shredder: Shredder, table: string, symbol: string) {
  const subject = `${shredder.plan.service}.${symbol}`;
  for (const item of shredder.items()) if (item.table === table && item.subject === subject) return item;
  return undefined;
}

function partsOf(cell: Cell): Readonly<Record<string, string>> {
  const parts: Record<string, string> = {};
  if (cell.mark !== undefined) parts.mark = cell.mark;
  cell.type?.parts.forEach(({ name }, index) => {
    const part = cell.parts[index];
    if (part !== undefined && part !== null) parts[name] = String(part.value);
  });
  return parts;
}

/** Text that stands somewhere. */
export interface Placed {
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/** Which cells of a page a shredder knows. */
export interface Coverage {
  /** Cells with text, by what they are. */
  readonly cells: {
    readonly read: number;
    readonly anchors: number;
    readonly static: number;
    readonly ignored: number;
    readonly unread: number;
  };
  /** Text that no rule reads and nobody declared. */
  readonly unread: readonly Placed[];
  /** Columns that found nothing on this page: `metals.code`. */
  readonly idle: readonly string[];
}

/** Accounts for every cell with text. The page was run before. */
export function coverage(shredder: Shredder, page: Page): Coverage {
  const { plan, reader } = shredder;
  const count = { read: 0, anchors: 0, static: 0, ignored: 0, unread: 0 };
  const isRead = readCells(shredder);
  const unread: Placed[] = [];
  for (let row = 0; row < plan.rows; row++) {
    let begun = -1;
    for (let column = 0; column <= plan.columns; column++) {
      const at = row * plan.columns + column;
      const isText = column < plan.columns && isShown(page.text[at]!);
      let isUnread = false;
      if (isText) {
        const cover = reader.cover[at]!;
        if (cover === Cover.ANCHOR || cover === Cover.HEADER) count.anchors++;
        else if (cover === Cover.STATIC) count.static++;
        else if (cover === Cover.IGNORED) count.ignored++;
        else if (cover === Cover.CUSTOM || isRead[at] === 1) count.read++;
        // Below the end of a table its columns mean nothing.
        else if (isIn(plan.statics, row, column)) count.static++;
        else if (isIn(plan.ignored, row, column)) count.ignored++;
        else isUnread = true;
        if (isUnread) count.unread++;
      }
      if (isUnread && begun < 0) begun = column;
      if (!isUnread && begun >= 0) {
        unread.push({ row, column: begun, text: cellText(page, row, begun, column) });
        begun = -1;
      }
    }
  }
  const found = new Set<string>();
  for (const { table, ...tableReader } of reader.tables.map((one) => ({
    table: one.table,
    readings: [...one.readings()],
  }))) {
    for (const reading of tableReader.readings) {
      for (const column of table.columns)
        if ((reading.cells[column.index]?.token ?? '') !== '') found.add(`${table.name}.${column.name}`);
    }
  }
  const rules = plan.tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`));
  return { cells: count, unread, idle: rules.filter((rule) => !found.has(rule)) };
}

function isIn(areas: Plan['ignored'], row: number, column: number): boolean {
  return areas.some(
    ({ rows, columns }) => row >= rows.first && row < rows.end && column >= columns.first && column < columns.end,
  );
}

/** The cells that items were read from. */
function readCells({ plan, reader }: Shredder): Uint8Array {
  const isRead = new Uint8Array(plan.rows * plan.columns);
  for (const table of reader.tables) {
    for (const reading of table.readings()) {
      if (reading.state !== 'item') continue;
      for (const cell of reading.cells)
        isRead.fill(1, cell.row * plan.columns + cell.first, cell.row * plan.columns + cell.end);
    }
    markHeadings(table, plan.columns, isRead);
  }
  return isRead;
}

/** Headings and first lines of labels are read though they make no item. */
function markHeadings(table: Shredder['reader']['tables'][number], columns: number, isRead: Uint8Array): void {
  const { headings, wraps, key } = table.table;
  if (headings.length === 0 && !wraps) return;
  const label = key[0]?.kind === 'column' ? key[0].column : -1;
  const used = new Set([...table.readings()].map((reading) => reading.row));
  for (const panel of table.layout.panels) {
    for (const row of panel.rows) {
      if (used.has(row)) continue;
      for (const { columns: at } of headings) isRead.fill(1, row * columns + at.first, row * columns + at.end);
      if (wraps) isRead.fill(1, row * columns + panel.first[label]!, row * columns + panel.end[label]!);
    }
  }
}
