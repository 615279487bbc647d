import type { CellType, CellValue, ReadContext } from '@tickerplant/page-values';
import { codePointOf, type Page } from '@tickerplant/pages';
import { BLANK, isNoise, isShown, isTrusted, shownCode } from './cells.ts';
import type { PanelLayout } from './layout.ts';
import type { Column, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { hasShape, proseFault } from './shape.ts';

/** What was made of one cell. */
export interface Cell {
  readonly outcome: 'blank' | 'value' | 'mark' | 'reject';
  /** As printed, without the blanks around it. */
  readonly token: string;
  readonly row: number;
  /** Where its column stands; `at` is where the token begins. */
  readonly first: number;
  readonly end: number;
  readonly at: number;
  readonly type: CellType | undefined;
  readonly parts: readonly (CellValue | null)[];
  /** What the mark (or the blank) means. */
  readonly mark: string | undefined;
  readonly reason: Reason | undefined;
}

const NO_PARTS: readonly null[] = [];

/** The value of a cell's part; undefined where there is none. */
export function partOf(cell: Cell, name: string): CellValue | undefined {
  const { type } = cell;
  if (type === undefined || cell.outcome !== 'value') return undefined;
  for (let index = 0; index < type.parts.length; index++) {
    if (type.parts[index]!.name === name) return cell.parts[index] ?? undefined;
  }
  return undefined;
}

/** The cell of a column that a row doesn't have. */
export function noCell(row: number): Cell {
  const where = { row, first: 0, end: 0, at: 0, token: '' };
  return { outcome: 'blank', ...where, type: undefined, parts: NO_PARTS, mark: undefined, reason: undefined };
}

/** A cell that goes on from the rows above it: all of the text is read as one. */
export function continued(column: Column, cell: Cell, above: string, today: number | undefined): Cell {
  if (above === '' || cell.token === '') return cell;
  // What is wrong with the place of its last line is wrong with all of it; half a text means nothing to the type.
  if (cell.outcome === 'reject' && cell.reason?.code !== 'TYPE_REJECT') return cell;
  const { row, first, end, at } = cell;
  const where = { row, first, end, at, token: above + cell.token };
  return readToken(column, where, undefined, today, (why) => ({
    outcome: 'reject',
    ...where,
    type: undefined,
    parts: NO_PARTS,
    mark: undefined,
    reason: why,
  }));
}

/** Reads the texts of other columns as one. */
export function joinCells(
  column: Column,
  cells: readonly Cell[],
  key: string | undefined,
  today: number | undefined,
): Cell {
  const parts = column.joins.map((index) => cells[index]!);
  const { row, first, end, at } = parts[0]!;
  const where = { row, first, end, at };
  const token = parts
    .map((part) => part.token)
    .join(column.separator)
    .trim();
  const nothing = { type: undefined, parts: NO_PARTS, reason: undefined };
  // What is wrong with one of them has been said there.
  if (parts.some((part) => part.outcome === 'reject'))
    return { outcome: 'reject', ...where, token, ...nothing, mark: undefined };
  if (parts.every((part) => part.token === '')) return blankCell(column, { ...where, token: '' });
  return readToken(column, { ...where, token }, key, today, (why) => ({
    outcome: 'reject',
    ...where,
    token,
    ...nothing,
    mark: undefined,
    reason: why,
  }));
}

/** Reads the cell of a column in a row. */
export function readCell(
  page: Page,
  row: number,
  column: Column,
  layout: PanelLayout,
  key: string | undefined,
  today: number | undefined,
): Cell {
  const first = layout.first[column.index]!;
  const end = layout.end[column.index]!;
  const base = row * page.columns;
  let at = first;
  while (at < end && !isShown(page.text[base + at]!)) at++;
  let stop = end;
  while (stop > at && !isShown(page.text[base + stop - 1]!)) stop--;
  let token = '';
  let untrusted = -1;
  for (let cell = at; cell < stop; cell++) {
    const word = page.text[base + cell]!;
    if (!isTrusted(word)) untrusted = cell;
    token += String.fromCodePoint(shownCode(word));
  }
  for (let cell = first; untrusted < 0 && cell < end; cell++) {
    if (!isTrusted(page.text[base + cell]!)) untrusted = cell;
  }
  const where = { row, first, end, at, token };
  const refuse = (why: Reason): Cell => ({
    outcome: 'reject',
    ...where,
    type: undefined,
    parts: NO_PARTS,
    mark: undefined,
    reason: why,
  });
  const facts = { row, col: first, name: column.name, got: token };
  if (untrusted >= 0) {
    const code = codePointOf(page.text[base + untrusted]!);
    return refuse(
      reason('DAMAGED_CELL', { row, col: untrusted, name: column.name, shown: String.fromCodePoint(code) }),
    );
  }
  if (at === stop) return blankCell(column, where);
  // Text that goes on beyond the column may have been cut: unless that cell belongs to a column of its own.
  const owner = layout.owners[column.line]!;
  if (at === first && first > 0 && owner[first - 1] === -1 && isShown(page.text[base + first - 1]!)) {
    return refuse(reason('RULER_CROSSED', { ...facts, at: first - 1 }));
  }
  if (stop === end && end < page.columns && owner[end] === -1 && isShown(page.text[base + end]!)) {
    return refuse(reason('RULER_CROSSED', { ...facts, at: end }));
  }
  const mark = column.marks.get(token);
  const isOutOfLine = (column.align === 'left' && at !== first) || (column.align === 'right' && stop !== end);
  // Marks among figures that are aligned right stand anywhere: pages centre them.
  if (isOutOfLine && !(mark !== undefined && column.align === 'right')) {
    // Where damage stands alone for itself, it is for the type to refuse it.
    const alone = column.isIsolated ? readToken(column, where, key, today, refuse) : undefined;
    if (alone?.outcome === 'reject') return alone;
    const by = column.align === 'left' ? at - first : end - stop;
    return refuse(reason('OUT_OF_LINE', { ...facts, by }));
  }
  if (mark !== undefined) {
    return { outcome: 'mark', ...where, type: undefined, parts: NO_PARTS, mark, reason: undefined };
  }
  if (column.isProse) {
    const fault = proseFault(token);
    if (fault >= 0) return refuse(reason('SHAPE_REJECT', { ...facts, at: at + fault, want: 'undamaged text' }));
  }
  return readToken(column, where, key, today, refuse);
}

type Where = Pick<Cell, 'row' | 'first' | 'end' | 'at' | 'token'>;

function blankCell(column: Column, where: Where): Cell {
  const mark = column.blank;
  return {
    outcome: mark === undefined ? 'blank' : 'mark',
    ...where,
    type: undefined,
    parts: NO_PARTS,
    mark,
    reason: undefined,
  };
}

function readToken(
  column: Column,
  where: Where,
  key: string | undefined,
  today: number | undefined,
  refuse: (why: Reason) => Cell,
): Cell {
  const context: ReadContext = { key, today };
  let found: Cell | undefined;
  let rejected: Reason | undefined;
  const facts = { row: where.row, col: where.at, name: column.name, got: where.token };
  for (const type of column.types) {
    const reading = type.read(where.token, context);
    if (reading.outcome === 'reject') {
      rejected ??= reason('TYPE_REJECT', {
        row: where.row,
        col: where.at + reading.offset,
        name: column.name,
        got: where.token,
        type: type.name,
        code: reading.code,
        want: reading.expected,
      });
      continue;
    }
    if (found !== undefined)
      return refuse(reason('TYPE_REJECT', { ...facts, code: 'AMBIGUOUS', want: 'one type that takes it' }));
    found =
      reading.outcome === 'mark'
        ? { outcome: 'mark', ...where, type, parts: NO_PARTS, mark: reading.mark, reason: undefined }
        : { outcome: 'value', ...where, type, parts: reading.parts, mark: undefined, reason: undefined };
  }
  if (found === undefined) return refuse(rejected ?? reason('TYPE_REJECT', facts));
  if (
    found.outcome === 'value' &&
    column.shapes.length > 0 &&
    !column.shapes.some((shape) => hasShape(where.token, shape))
  ) {
    return refuse(reason('SHAPE_REJECT', { ...facts, want: column.shapes.join(' or ') }));
  }
  return found;
}

/** The first column of a panel's part of a row with text that no column reads, or -1. */
export function unreadIn(
  page: Page,
  table: Table,
  layout: PanelLayout,
  row: number,
  isKnown: (row: number, column: number) => boolean,
): { readonly row: number; readonly column: number } | undefined {
  for (let line = 0; line < table.height; line++) {
    const owner = layout.owners[line]!;
    const base = (row + line) * page.columns;
    for (let column = layout.left; column < layout.right; column++) {
      const word = page.text[base + column]!;
      if (word === BLANK || owner[column] !== -1 || !isShown(word)) continue;
      if (!isKnown(row + line, column) && !isNoise(page, row + line, column)) return { row: row + line, column };
    }
  }
  return undefined;
}
