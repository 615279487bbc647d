import type { CellType, CellValue, ReadContext } from '@tickerplant/page-values';
import { codePointOf, type Page } from '@tickerplant/pages';
import { BLANK, isNoise, isShown, isTrusted, shownCode } from './cells.ts';
import type { PanelLayout } from './layout.ts';
import type { Column, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { hasShape, proseFault } from './shape.ts';
import type { Surroundings } from './surroundings.ts';

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
  const { parts } = type;
  for (let index = 0; index < parts.length; index++) {
    if (parts[index]!.name === name) return cell.parts[index] ?? undefined;
  }
  return undefined;
}

/** The cell of a column that a row doesn't have. */
export function noCell(row: number): Cell {
  return cellOf('blank', { row, first: 0, end: 0, at: 0, token: '' }, undefined, NO_PARTS, undefined, undefined);
}

/** A cell that goes on from the rows above it: all of the text is read as one. */
export function continued(column: Column, cell: Cell, above: string, today: number | undefined): Cell {
  if (above === '' || cell.token === '') return cell;
  // What is wrong with the place of its last line is wrong with all of it; half a text means nothing to the type.
  if (cell.outcome === 'reject' && cell.reason?.code !== 'TYPE_REJECT') return cell;
  const { row, first, end, at } = cell;
  return readToken(column, { row, first, end, at, token: above + cell.token }, undefined, today);
}

/** Reads the texts of other columns as one. */
export function joinCells(
  column: Column,
  cells: readonly Cell[],
  key: string | undefined,
  today: number | undefined,
): Cell {
  const { row, first, end, at } = cells[column.joins[0]!]!;
  let joined = '';
  let isRefused = false;
  let isBlank = true;
  for (let index = 0; index < column.joins.length; index++) {
    const { token, outcome } = cells[column.joins[index]!]!;
    joined = index === 0 ? token : joined + column.separator + token;
    isRefused ||= outcome === 'reject';
    isBlank &&= token === '';
  }
  const where = { row, first, end, at, token: joined.trim() };
  // What is wrong with one of them has been said there.
  if (isRefused) return cellOf('reject', where, undefined, NO_PARTS, undefined, undefined);
  if (isBlank) return blankCell(column, { ...where, token: '' });
  return readToken(column, where, key, today);
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
  const { text } = page;
  const first = layout.first[column.index]!;
  const end = layout.end[column.index]!;
  const base = row * page.columns;
  let at = first;
  while (at < end && !isShown(text[base + at]!)) at++;
  let stop = end;
  while (stop > at && !isShown(text[base + stop - 1]!)) stop--;
  const token = shownText(text, base + at, base + stop);
  const untrusted = untrustedIn(text, base + first, base + end, base + at, base + stop) - base;
  const where: Where = { row, first, end, at, token };
  if (untrusted >= 0) {
    const shown = String.fromCodePoint(codePointOf(text[base + untrusted]!));
    return refused(where, reason('DAMAGED_CELL', { row, col: untrusted, name: column.name, shown }));
  }
  if (at === stop) return blankCell(column, where);
  // Text that goes on beyond the column may have been cut: unless that cell belongs to a column of its own.
  const owner = layout.owners[column.line]!;
  if (at === first && first > 0 && owner[first - 1] === -1 && isShown(text[base + first - 1]!)) {
    return refused(where, reason('RULER_CROSSED', { ...factsOf(column, where), at: first - 1 }));
  }
  if (stop === end && end < page.columns && owner[end] === -1 && isShown(text[base + end]!)) {
    return refused(where, reason('RULER_CROSSED', { ...factsOf(column, where), at: end }));
  }
  const mark = column.marks.size === 0 ? undefined : column.marks.get(token);
  const isOutOfLine = (column.align === 'left' && at !== first) || (column.align === 'right' && stop !== end);
  // Marks among figures that are aligned right stand anywhere: pages centre them.
  if (isOutOfLine && !(mark !== undefined && column.align === 'right')) {
    // Where damage stands alone for itself, it is for the type to refuse it.
    const alone = column.isIsolated ? readToken(column, where, key, today) : undefined;
    if (alone?.outcome === 'reject') return alone;
    const by = column.align === 'left' ? at - first : end - stop;
    return refused(where, reason('OUT_OF_LINE', { ...factsOf(column, where), by }));
  }
  if (mark !== undefined) return cellOf('mark', where, undefined, NO_PARTS, mark, undefined);
  if (column.isProse) {
    const fault = proseFault(token);
    if (fault >= 0) {
      const facts = { ...factsOf(column, where), at: at + fault, want: 'undamaged text' };
      return refused(where, reason('SHAPE_REJECT', facts));
    }
  }
  return readToken(column, where, key, today);
}

/** What cells show, by their places in the page's text. */
function shownText(text: Uint32Array, first: number, end: number): string {
  let shown = '';
  let at = first;
  // Plain letters and figures, four at a time: the same in a fraction of the time.
  for (; at + 4 <= end; at += 4) {
    const a = text[at]!;
    const b = text[at + 1]!;
    const c = text[at + 2]!;
    const d = text[at + 3]!;
    if ((a | b | c | d) >>> 7 !== 0) break;
    shown += String.fromCharCode(a, b, c, d);
  }
  for (; at < end; at++) shown += String.fromCodePoint(shownCode(text[at]!));
  return shown;
}

/** A cell that can't be believed: the last of those from `from` to `to` - 1, else the first of all; -1 or less where there is none. */
function untrustedIn(text: Uint32Array, first: number, end: number, from: number, to: number): number {
  for (let at = to - 1; at >= from; at--) if (!isTrusted(text[at]!)) return at;
  for (let at = first; at < end; at++) if (!isTrusted(text[at]!)) return at;
  return -1;
}

type Where = Pick<Cell, 'row' | 'first' | 'end' | 'at' | 'token'>;

/** All cells are made here: objects whose properties come in one order are read fastest. */
function cellOf(
  outcome: Cell['outcome'],
  { row, first, end, at, token }: Where,
  type: CellType | undefined,
  parts: readonly (CellValue | null)[],
  mark: string | undefined,
  why: Reason | undefined,
): Cell {
  return { outcome, token, row, first, end, at, type, parts, mark, reason: why };
}

function refused(where: Where, why: Reason): Cell {
  return cellOf('reject', where, undefined, NO_PARTS, undefined, why);
}

/** Where a column stands, and what is there: for reasons. */
function factsOf(column: Column, { row, first, token }: Where) {
  return { row, col: first, name: column.name, got: token };
}

function blankCell(column: Column, where: Where): Cell {
  const mark = column.blank;
  return cellOf(mark === undefined ? 'blank' : 'mark', where, undefined, NO_PARTS, mark, undefined);
}

function readToken(column: Column, where: Where, key: string | undefined, today: number | undefined): Cell {
  const context: ReadContext = { key, today };
  const { types, shapes } = column;
  let found: Cell | undefined;
  let rejected: Reason | undefined;
  for (let index = 0; index < types.length; index++) {
    const type = types[index]!;
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
    if (found !== undefined) {
      const facts = { ...factsOf(column, where), col: where.at };
      return refused(where, reason('TYPE_REJECT', { ...facts, code: 'AMBIGUOUS', want: 'one type that takes it' }));
    }
    found =
      reading.outcome === 'mark'
        ? cellOf('mark', where, type, NO_PARTS, reading.mark, undefined)
        : cellOf('value', where, type, reading.parts, undefined, undefined);
  }
  if (found === undefined) {
    return refused(where, rejected ?? reason('TYPE_REJECT', { ...factsOf(column, where), col: where.at }));
  }
  if (found.outcome === 'value' && shapes.length > 0 && !hasOneOf(shapes, where.token)) {
    const facts = { ...factsOf(column, where), col: where.at, want: shapes.join(' or ') };
    return refused(where, reason('SHAPE_REJECT', facts));
  }
  return found;
}

function hasOneOf(shapes: readonly string[], token: string): boolean {
  for (let index = 0; index < shapes.length; index++) if (hasShape(token, shapes[index]!)) return true;
  return false;
}

/**
 * The first text in a panel's part of a row that no column reads; undefined where there is none.
 *
 * @param clean what was made of the row before, where it had no such text: lines that are the same still have none.
 */
export function unreadIn(
  page: Page,
  table: Table,
  layout: PanelLayout,
  row: number,
  around: Surroundings,
  isClean: boolean,
): { readonly row: number; readonly column: number } | undefined {
  const { text } = page;
  for (let line = 0; line < table.height; line++) {
    // A cell that stands beside may change what counts as noise.
    if (isClean && around.changes.isSame(row + line, layout.left - 1, layout.right + 1)) continue;
    const gaps = layout.gaps[line]!;
    const base = (row + line) * page.columns;
    for (let index = 0; index < gaps.length; index++) {
      const column = gaps[index]!;
      const word = text[base + column]!;
      if (word === BLANK || !isShown(word)) continue;
      if (!around.isKnown(table.index, row + line, column) && !isNoise(page, row + line, column)) {
        return { row: row + line, column };
      }
    }
  }
  return undefined;
}
