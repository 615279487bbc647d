import type { Page } from '@tickerplant/pages';
import { firstShown, isShown } from './cells.ts';
import { symbolOf } from './compile.ts';
import { type Exact, exactOf } from './exact.ts';
import type { Operands } from './expression.ts';
import { conditionHolds, type FieldValue, fieldOf, isMixed, type RowFacts } from './fields.ts';
import { type Headed, headingOf } from './headings.ts';
import type { PanelLayout } from './layout.ts';
import type { Column, Condition, Field, Guard, Panel, Slot, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { type Cell, continued, joinCells, partOf, readCell, unreadIn } from './rows.ts';
import type { Surroundings } from './surroundings.ts';

/** What was made of a row (or block) of one panel. */
export interface RowReading {
  readonly panel: number;
  readonly row: number;
  /** `unlabelled`: text without a key; `unknown`: a key that isn't expected. */
  readonly state: 'unused' | 'unlabelled' | 'unknown' | 'item';
  readonly label: string;
  readonly symbol: string;
  /** What the headings above it set. */
  readonly heading: Headed;
  /** What the rows above said of its label, with a blank behind it; '' where it begins in its own. */
  readonly above: string;
  /** By column; empty where the row is unused. */
  readonly cells: readonly Cell[];
  /** Why it isn't believed; of unlabelled and unknown rows a notice. */
  readonly reasons: readonly Reason[];
  /** Why fields are missing though the rest is believed. */
  readonly notes: readonly Reason[];
  /** Guards that failed, by position. */
  readonly failed: readonly number[];
  /** Whether nothing is wrong but guards that wait. */
  readonly isHeld: boolean;
  /** Why the page shows no value in this row, in its own words. */
  readonly noValue: string | undefined;
  /** By field of `fields`, or of `statusFields` where there is no value. */
  readonly values: readonly (FieldValue | undefined)[];
  /** Whether all of its rows were read when they had settled: of a block some may have been read before that. */
  readonly isSettled: boolean;
}

const NOTHING: readonly never[] = [];
const NO_SLOTS: Pick<Guard, 'slots'> = { slots: NOTHING };

/** Where a row stands, and what stands above it. */
type Base = Pick<RowReading, 'panel' | 'row' | 'heading' | 'above' | 'isSettled'>;

/** Reads rows of one table; keeps nothing but what it works with. */
export class RowReader {
  readonly #table: Table;
  /** The columns of the key first: others may be read differently by key. */
  readonly #order: readonly number[];
  /** Whether the symbol depends on nothing but the label, the panel and the heading. */
  readonly #isNamedByLabel: boolean;
  /** The column with the label; undefined for fixed cells. */
  readonly #label: Column | undefined;
  readonly #colours: readonly (Condition & { kind: 'colour' })[];
  readonly #facts: Facts;
  readonly #operands = new RowOperands(NO_SLOTS, NOTHING, NOTHING);
  /** By panel: what it sets. */
  readonly #panelSets: readonly (readonly string[])[];

  constructor(table: Table) {
    this.#table = table;
    const keys = table.key.flatMap((part) => (part.kind === 'column' ? [part.column] : []));
    this.#label = keys[0] === undefined ? undefined : table.columns[keys[0]]!;
    const others = table.columns.filter(({ index }) => !keys.includes(index));
    const joined = (column: (typeof others)[number]): number => Number(column.joins.length > 0);
    this.#order = [...keys, ...others.sort((a, b) => joined(a) - joined(b)).map(({ index }) => index)];
    this.#isNamedByLabel = table.columns.every(
      ({ index, name }) => keys[0] === index || !(table.item.includes(`{${name}}`) || table.item.includes(`{${name}.`)),
    );
    this.#colours = [...table.fields, ...table.statusFields].flatMap(coloursOf);
    this.#facts = new Facts(table, this.#label);
    this.#panelSets = table.panels.map((panel) => Object.values(panel.set));
  }

  /**
   * Reads a row.
   *
   * @param before what was made of it last time: cells that haven't changed since are taken from it.
   * @param isSettled whether all of its rows have settled.
   */
  read(
    page: Page,
    layout: PanelLayout,
    row: number,
    heading: Headed,
    above: string,
    around: Surroundings,
    before: RowReading | undefined,
    isSettled: boolean,
  ): RowReading {
    const table = this.#table;
    const panel = table.panels[layout.panel]!;
    const base: Base = { panel: layout.panel, row, heading, above, isSettled };
    const first = this.#label;
    const labelCell = first === undefined ? undefined : this.#labelCell(first, page, layout, base, around, before);
    if (labelCell?.token === '') return this.#withoutLabel(page, layout, base, around);
    // Fixed cells have no label on the page: their panel names them.
    const label = labelCell === undefined ? nameOf(table, panel) : labelOf(labelCell);
    const isElsewhere = panel.keys !== undefined && !panel.keys.has(label ?? '');
    const known = isElsewhere ? undefined : table.keys === undefined ? label : table.keys.get(label ?? '');
    if (label === undefined || known === undefined) {
      const why =
        labelCell!.reason ??
        reason('LABEL_UNKNOWN', { row, col: labelCell!.at, name: first!.name, got: labelCell!.token });
      return readingOf(base, 'unknown', { ...EMPTY, label: labelCell!.token, cells: [labelCell!], reasons: [why] });
    }
    const ofKey = before?.state === 'item' && before.label === label ? before : undefined;
    const cells = this.#cells(page, layout, row, label, labelCell, around, ofKey);
    const set = table.headings.length === 0 ? NOTHING : this.#set(heading, label);
    const facts = this.#facts;
    facts.take(page, around.isColoured, cells, panel, set, known, this.#noValue(cells));
    const symbol =
      ofKey !== undefined && this.#isNamedByLabel ? ofKey.symbol : symbolOf(table.item, (name) => facts.name(name));
    facts.symbol = symbol;
    // What depends on nothing but cells that are the same is the same: most of a row, when one cell has changed.
    const same = ofKey?.symbol === symbol ? ofKey : undefined;
    const reasons = this.#reasons(page, layout, row, set, around, same);
    const failed = this.#guard(label, layout.panel, set, reasons, same);
    const isHeld =
      failed.length > 0 &&
      reasons.length === failed.length &&
      failed.every((index) => table.guards[index]!.otherwise === 'hold');
    const values = reasons.length > 0 ? NOTHING : this.#values(facts, same);
    return {
      panel: layout.panel,
      row,
      state: 'item',
      label,
      symbol,
      heading,
      above,
      cells,
      reasons: reasons.length === 0 ? NOTHING : reasons,
      notes: this.#notes(cells),
      failed,
      isHeld,
      noValue: facts.noValue,
      values,
      isSettled,
    };
  }

  #labelCell(
    first: Column,
    page: Page,
    layout: PanelLayout,
    { row, above }: Base,
    around: Surroundings,
    before: RowReading | undefined,
  ): Cell {
    const kept = before?.cells[first.index];
    if (kept !== undefined && isSame(kept, around)) return kept;
    const cell = readCell(page, row + first.line, first, layout, undefined, around.today);
    return continued(first, cell, above, around.today);
  }

  /** Reads the columns; those that haven't changed are as before. */
  #cells(
    page: Page,
    layout: PanelLayout,
    row: number,
    key: string,
    labelCell: Cell | undefined,
    around: Surroundings,
    before: RowReading | undefined,
  ): readonly Cell[] {
    const { columns } = this.#table;
    const order = this.#order;
    const cells: Cell[] = before === undefined ? new Array<Cell>(columns.length) : before.cells.slice();
    for (let at = 0; at < order.length; at++) {
      const index = order[at]!;
      const column = columns[index]!;
      if (column === this.#label) cells[index] = labelCell!;
      else if (column.joins.length > 0) {
        if (before === undefined || !areJoinsSame(column, cells, before)) {
          cells[index] = joinCells(column, cells, key, around.today);
        }
      } else if (before === undefined || !isSame(before.cells[index]!, around)) {
        cells[index] = readCell(page, row + column.line, column, layout, key, around.today);
      }
    }
    return cells;
  }

  /** What the headings set for a label. */
  #set(heading: Headed, label: string): Headed {
    return this.#table.headings.map((one, level) => headingOf(one, heading[level], label));
  }

  #notes(cells: readonly Cell[]): readonly Reason[] {
    const { columns } = this.#table;
    let notes: Reason[] | undefined;
    for (let index = 0; index < columns.length; index++) {
      const cell = cells[index]!;
      if (cell.reason === undefined || !isApart(columns[index]!, cell)) continue;
      notes ??= [];
      notes.push(cell.reason);
    }
    return notes ?? NOTHING;
  }

  #values(facts: RowFacts, same: RowReading | undefined): readonly (FieldValue | undefined)[] {
    const fields = facts.noValue === undefined ? this.#table.fields : this.#table.statusFields;
    const known = same !== undefined && same.noValue === facts.noValue && same.values.length > 0 ? same : undefined;
    const values = new Array<FieldValue | undefined>(fields.length);
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!;
      values[index] =
        known !== undefined && isUnchanged(field, facts, known) ? known.values[index] : fieldOf(field, facts);
    }
    return values;
  }

  #withoutLabel(page: Page, layout: PanelLayout, base: Base, around: Surroundings): RowReading {
    const found = shownIn(page, this.#table, layout, base.row, around);
    if (found === undefined) return readingOf(base, 'unused', EMPTY);
    const isValue = this.#table.columns.some((column) => {
      if (column.isShared || column.joins.length > 0) return false;
      const { outcome, token } = readCell(page, base.row + column.line, column, layout, undefined, around.today);
      return token !== '' && (outcome === 'value' || outcome === 'mark');
    });
    const facts = { row: found.row, col: found.column, table: this.#table.name };
    const why = reason(isValue ? 'VALUES_WITHOUT_LABEL' : 'UNREAD_TEXT', facts);
    return readingOf(base, 'unlabelled', { ...EMPTY, reasons: [why] });
  }

  #noValue(cells: readonly Cell[]): string | undefined {
    const { status } = this.#table;
    if (status === undefined) return undefined;
    const cell = cells[status]!;
    return cell.outcome === 'mark' ? cell.mark : undefined;
  }

  #reasons(
    page: Page,
    layout: PanelLayout,
    row: number,
    set: Headed,
    around: Surroundings,
    same: RowReading | undefined,
  ): Reason[] {
    const table = this.#table;
    const { columns, headings } = table;
    const { cells, noValue } = this.#facts;
    const reasons: Reason[] = [];
    // A printed mark stands for the whole row; where the cell is merely blank the rest must be there, or the row was cut.
    const marked = noValue !== undefined && cells[table.status!]!.token !== '';
    for (let index = 0; index < columns.length; index++) {
      const column = columns[index]!;
      const cell = cells[index]!;
      if (cell.reason !== undefined) {
        if (!isApart(column, cell)) reasons.push(cell.reason);
      } else if (cell.outcome === 'blank' && !column.isOptional && !marked) {
        reasons.push(reason('CELL_MISSING', { row: cell.row, col: cell.first, name: column.name }));
      }
    }
    for (let level = 0; level < headings.length; level++) {
      if (set[level] !== undefined) continue;
      reasons.push(reason('LABEL_MISSING', { row, name: headings[level]!.sets, want: 'its heading above the row' }));
    }
    for (const condition of this.#colours) {
      const cell = cells[condition.column]!;
      if (cell.outcome === 'value' && isMixed(condition, cell, page)) {
        const name = columns[condition.column]!.name;
        reasons.push(reason('COLOUR_MIXED', { row: cell.row, col: cell.at, name }));
      }
    }
    const unread = unreadIn(page, table, layout, row, around, same?.reasons.length === 0);
    if (unread !== undefined) {
      reasons.push(reason('UNREAD_TEXT', { row: unread.row, col: unread.column, table: table.name }));
    }
    return reasons;
  }

  /** Tries the guards; adds their reasons and says which ones failed. */
  #guard(
    label: string,
    panel: number,
    set: Headed,
    reasons: Reason[],
    same: RowReading | undefined,
  ): readonly number[] {
    const facts = this.#facts;
    const operands = this.#operands;
    let failed: number[] | undefined;
    let keys: readonly string[] | undefined;
    const { guards } = this.#table;
    for (let index = 0; index < guards.length; index++) {
      const guard = guards[index]!;
      if (same !== undefined && holdsStill(guard, index, facts.cells, same)) continue;
      if (guard.when !== undefined && conditionHolds(guard.when, facts) !== true) continue;
      keys ??= this.#keysOf(label, panel, set);
      operands.take(guard, facts.cells, keys);
      if (guard.comparison.holds(operands) !== false) continue;
      failed ??= [];
      failed.push(index);
      const found = guard.comparison.failure(operands);
      reasons.push(reason('GUARD_FAIL', { row: facts.cells[0]!.row, name: guard.name, got: found }));
    }
    return failed ?? NOTHING;
  }

  /** What limits may differ by. */
  #keysOf(label: string, panel: number, set: Headed): readonly string[] {
    const sets = this.#panelSets[panel]!;
    if (sets.length === 0 && set.length === 0) return [label];
    return [label, ...sets, ...set.flatMap((value) => value ?? [])];
  }
}

/** What fields and guards may ask of the row at hand. */
class Facts implements RowFacts {
  readonly #table: Table;
  readonly #label: Column | undefined;
  page!: Page;
  isColoured = false;
  cells: readonly Cell[] = NOTHING;
  noValue: string | undefined = undefined;
  symbol = '';
  #panel!: Panel;
  #set: Headed = NOTHING;
  #known = '';

  constructor(table: Table, label: Column | undefined) {
    this.#table = table;
    this.#label = label;
  }

  /** @param known what the label stands for: the symbol, until it is made. */
  take(
    page: Page,
    isColoured: boolean,
    cells: readonly Cell[],
    panel: Panel,
    set: Headed,
    known: string,
    noValue: string | undefined,
  ): void {
    this.page = page;
    this.isColoured = isColoured;
    this.cells = cells;
    this.#panel = panel;
    this.#set = set;
    this.#known = known;
    this.symbol = known;
    this.noValue = noValue;
  }

  name(name: string): string {
    if (name === 'symbol') return this.symbol;
    const fixed = this.#panel.set[name];
    if (fixed !== undefined) return fixed;
    const level = this.#table.headings.findIndex((one) => one.sets === name);
    if (level >= 0) return this.#set[level] ?? '';
    const point = name.indexOf('.');
    const owner = point < 0 ? name : name.slice(0, point);
    const column = this.#table.columns.find((candidate) => candidate.name === owner);
    if (column === undefined) return '';
    if (point >= 0) {
      const part = partOf(this.cells[column.index]!, name.slice(point + 1));
      return part?.kind === 'text' ? part.value : '';
    }
    return column === this.#label ? this.#known : (labelOf(this.cells[column.index]!) ?? '');
  }
}

const EMPTY = {
  label: '',
  cells: NOTHING as readonly Cell[],
  reasons: NOTHING as readonly Reason[],
};

/** The reading of a row that makes no item. */
function readingOf(
  { panel, row, heading, above, isSettled }: Base,
  state: RowReading['state'],
  { label, cells, reasons }: typeof EMPTY,
): RowReading {
  return {
    panel,
    row,
    state,
    label,
    symbol: '',
    heading,
    above,
    cells,
    reasons,
    notes: NOTHING,
    failed: NOTHING,
    isHeld: false,
    noValue: undefined,
    values: NOTHING,
    isSettled,
  };
}

/** Whether a cell, and those beside it, are as when it was read. */
function isSame({ row, first, end }: Cell, around: Surroundings): boolean {
  return around.changes.isSame(row, first - 1, end + 1);
}

function areJoinsSame({ joins }: Column, cells: readonly Cell[], before: RowReading): boolean {
  for (let index = 0; index < joins.length; index++) {
    if (cells[joins[index]!] !== before.cells[joins[index]!]) return false;
  }
  return true;
}

/** Whether a refused cell takes away its own fields only. */
export function isApart(column: Column, { outcome, reason: why }: Cell): boolean {
  if (!column.isIsolated || outcome !== 'reject') return false;
  // Of joined cells the reason stands with the one that was refused.
  return why === undefined || why.code === 'TYPE_REJECT' || why.code === 'SHAPE_REJECT';
}

/** What the panel of a fixed cell calls it. */
function nameOf(table: Table, panel: Panel): string {
  return table.key.map((part) => (part.kind === 'name' ? (panel.set[part.name] ?? '') : '')).join('_');
}

/** What a cell says as a key: its text where its type gives one, else as printed; undefined where it says nothing. */
function labelOf(cell: Cell): string | undefined {
  if (cell.outcome !== 'value') return undefined;
  const part = cell.parts[0];
  return part?.kind === 'text' ? part.value : cell.token;
}

/** Whether a guard held before, and reads only cells that are the same. */
function holdsStill({ columns }: Guard, index: number, cells: readonly Cell[], before: RowReading): boolean {
  for (let at = 0; at < columns.length; at++) {
    if (cells[columns[at]!] !== before.cells[columns[at]!]) return false;
  }
  return before.failed.length === 0 || !before.failed.includes(index);
}

/** Whether a field depends only on cells that are the same. */
function isUnchanged({ rule }: Field, { cells }: RowFacts, before: RowReading): boolean {
  switch (rule.kind) {
    case 'value':
    case 'raw':
    case 'mark':
    case 'status':
      return cells[rule.column] === before.cells[rule.column];
    case 'name':
    case 'constant':
      return true;
    default:
      // Conditions may ask for colours, which are not the cells'.
      return false;
  }
}

/** Any text of a panel's part of a row. */
function shownIn(
  page: Page,
  table: Table,
  layout: PanelLayout,
  row: number,
  around: Surroundings,
): { row: number; column: number } | undefined {
  for (let line = 0; line < table.height; line++) {
    if (firstShown(page, row + line) < 0) continue;
    const base = (row + line) * page.columns;
    const owner = layout.owners[line]!;
    for (let column = layout.left; column < layout.right; column++) {
      if (!isShown(page.text[base + column]!)) continue;
      const own = owner[column]! < 0 ? undefined : table.columns[owner[column]!]!;
      const shared = own !== undefined && (own.isShared || own.continues);
      if (!shared && (owner[column]! >= 0 || !around.isKnown(table.index, row + line, column)))
        return { row: row + line, column };
    }
  }
  return undefined;
}

/** Whether fields of a table depend on colours. */
export function asksForColours(table: Table): boolean {
  return [...table.fields, ...table.statusFields].some((field) => coloursOf(field).length > 0);
}

function coloursOf({ rule }: Field): (Condition & { kind: 'colour' })[] {
  const conditions =
    rule.kind === 'when'
      ? [rule.when]
      : rule.kind === 'first' || rule.kind === 'all'
        ? rule.cases.map((one) => one.when)
        : [];
  return conditions.filter((condition) => condition?.kind === 'colour') as (Condition & { kind: 'colour' })[];
}

/** What a cell is read as: its first part where that is a text, the token otherwise. */
/** A cell's text as its type reads it; undefined where it has no value. */
export function textOf(cell: Cell): string | undefined {
  if (cell.outcome !== 'value') return undefined;
  const value = cell.parts[0];
  return value?.kind === 'text' ? value.value : cell.token;
}

/** The numbers of one row for one guard. */
export class RowOperands implements Operands {
  #slots: readonly Slot[];
  #cells: readonly Cell[];
  /** What limits may differ by. */
  #keys: readonly string[];

  constructor({ slots }: Pick<Guard, 'slots'>, cells: readonly Cell[], keys: readonly string[]) {
    this.#slots = slots;
    this.#cells = cells;
    this.#keys = keys;
  }

  /** Goes over to another guard or row. */
  take({ slots }: Pick<Guard, 'slots'>, cells: readonly Cell[], keys: readonly string[]): void {
    this.#slots = slots;
    this.#cells = cells;
    this.#keys = keys;
  }

  number(index: number): Exact | undefined {
    const slot: Slot = this.#slots[index]!;
    if (slot.kind === 'parameter') {
      for (let at = 0; at < this.#keys.length; at++) {
        const value = slot.values.get(this.#keys[at]!);
        if (value !== undefined) return value;
      }
      return slot.otherwise;
    }
    const value = partOf(this.#cells[slot.column]!, slot.part);
    if (value === undefined) return undefined;
    if (value.kind === 'decimal') return exactOf(value.value);
    return typeof value.value === 'number' ? { mantissa: value.value, exponent: 0 } : undefined;
  }

  isRefused(index: number): boolean {
    const slot: Slot = this.#slots[index]!;
    return slot.kind === 'part' && this.#cells[slot.column]!.outcome === 'reject';
  }

  holds(column: number, given: boolean): boolean {
    const cell = this.#cells[column]!;
    return given ? cell.token !== '' : cell.outcome === 'value';
  }

  same(column: number, other: number): boolean {
    const a = textOf(this.#cells[column]!);
    return a !== undefined && a === textOf(this.#cells[other]!);
  }
}
