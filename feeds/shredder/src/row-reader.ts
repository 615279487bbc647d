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
}

const NOTHING: readonly never[] = [];

/** Reads rows of one table; keeps nothing. */
export class RowReader {
  readonly #table: Table;
  /** The columns of the key first: others may be read differently by key. */
  readonly #order: readonly number[];
  /** Whether the symbol depends on nothing but the label, the panel and the heading. */
  readonly #isNamedByLabel: boolean;
  /** The column with the label; undefined for fixed cells. */
  readonly #label: number | undefined;
  readonly #colours: readonly (Condition & { kind: 'colour' })[];

  constructor(table: Table) {
    this.#table = table;
    const keys = table.key.flatMap((part) => (part.kind === 'column' ? [part.column] : []));
    this.#label = keys[0];
    const others = table.columns.filter(({ index }) => !keys.includes(index));
    const joined = (column: (typeof others)[number]): number => Number(column.joins.length > 0);
    this.#order = [...keys, ...others.sort((a, b) => joined(a) - joined(b)).map(({ index }) => index)];
    this.#isNamedByLabel = table.columns.every(
      ({ index, name }) => keys[0] === index || !table.item.includes(`{${name}}`),
    );
    this.#colours = [...table.fields, ...table.statusFields].flatMap(coloursOf);
  }

  /**
   * Reads a row.
   *
   * @param before what was made of it last time: cells between `kept` are taken from it.
   * @param isKnown whether text outside of columns is some other rule's.
   */
  read(
    page: Page,
    layout: PanelLayout,
    row: number,
    heading: Headed,
    above: string,
    isColoured: boolean,
    today: number | undefined,
    before: RowReading | undefined,
    isSame: (cell: Cell) => boolean,
    isKnown: (row: number, column: number) => boolean,
  ): RowReading {
    const table = this.#table;
    const panel = table.panels[layout.panel]!;
    const first = this.#label === undefined ? undefined : table.columns[this.#label]!;
    const kept = (index: number): Cell | undefined => {
      const cell = before?.cells[index];
      return cell !== undefined && isSame(cell) ? cell : undefined;
    };
    const base = { panel: layout.panel, row, heading, above };
    const labelCell =
      first === undefined
        ? undefined
        : (kept(first.index) ??
          continued(first, readCell(page, row + first.line, first, layout, undefined, today), above, today));
    if (labelCell?.token === '') return this.#withoutLabel(page, layout, today, base, isKnown);
    // Fixed cells have no label on the page: their panel names them.
    const label = labelCell === undefined ? nameOf(table, panel) : labelOf(labelCell);
    const isElsewhere = panel.keys !== undefined && !panel.keys.has(label ?? '');
    const known = isElsewhere ? undefined : table.keys === undefined ? label : table.keys.get(label ?? '');
    if (label === undefined || known === undefined) {
      const why =
        labelCell!.reason ??
        reason('LABEL_UNKNOWN', { row, col: labelCell!.at, name: first!.name, got: labelCell!.token });
      return { ...base, ...EMPTY, state: 'unknown', label: labelCell!.token, cells: [labelCell!], reasons: [why] };
    }
    const key = label;
    const isSameKey = before?.state === 'item' && before.label === label;
    const cells: Cell[] = new Array<Cell>(table.columns.length);
    for (const index of this.#order) {
      const column = table.columns[index]!;
      cells[index] =
        index === first?.index
          ? labelCell!
          : column.joins.length > 0
            ? isSameKey && column.joins.every((one) => cells[one] === before.cells[one])
              ? before.cells[index]!
              : joinCells(column, cells, key, today)
            : ((isSameKey ? kept(index) : undefined) ?? readCell(page, row + column.line, column, layout, key, today));
    }
    const set = table.headings.map((one, level) => headingOf(one, heading[level], label));
    const names = (name: string): string => {
      if (name === 'symbol') return symbol;
      const fixed = panel.set[name];
      if (fixed !== undefined) return fixed;
      const level = table.headings.findIndex((one) => one.sets === name);
      if (level >= 0) return set[level] ?? '';
      const column = table.columns.find((candidate) => candidate.name === name);
      if (column === undefined) return '';
      return column.index === first?.index ? known : (labelOf(cells[column.index]!) ?? '');
    };
    let symbol = known;
    symbol = isSameKey && this.#isNamedByLabel ? before.symbol : symbolOf(table.item, names);
    // What depends on nothing but cells that are the same is the same: most of a row, when one cell has changed.
    const same = isSameKey && before.symbol === symbol ? before : undefined;
    const facts: RowFacts = { cells, name: names, noValue: this.#noValue(cells), page, isColoured };
    const reasons = this.#reasons(page, layout, row, facts, set, isKnown);
    const failed = this.#guard(facts, label, panel, set, reasons, same);
    const isHeld =
      failed.length > 0 &&
      reasons.length === failed.length &&
      failed.every((index) => table.guards[index]!.otherwise === 'hold');
    const notes = this.#notes(cells);
    const values = reasons.length > 0 ? NOTHING : this.#values(facts, same);
    return {
      panel: layout.panel,
      row,
      heading,
      above,
      state: 'item',
      label,
      symbol,
      cells,
      reasons,
      notes,
      failed,
      isHeld,
      noValue: facts.noValue,
      values,
    };
  }

  #notes(cells: readonly Cell[]): readonly Reason[] {
    let notes: Reason[] | undefined;
    for (const column of this.#table.columns) {
      const cell = cells[column.index]!;
      if (cell.reason === undefined || !isApart(column, cell)) continue;
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

  #withoutLabel(
    page: Page,
    layout: PanelLayout,
    today: number | undefined,
    base: { panel: number; row: number; heading: Headed; above: string },
    isKnown: (row: number, column: number) => boolean,
  ): RowReading {
    const found = shownIn(page, this.#table, layout, base.row, isKnown);
    if (found === undefined) return { ...base, ...EMPTY, state: 'unused', label: '' };
    const isValue = this.#table.columns.some((column) => {
      if (column.isShared || column.joins.length > 0) return false;
      const { outcome, token } = readCell(page, base.row + column.line, column, layout, undefined, today);
      return token !== '' && (outcome === 'value' || outcome === 'mark');
    });
    const facts = { row: found.row, col: found.column, table: this.#table.name };
    const why = reason(isValue ? 'VALUES_WITHOUT_LABEL' : 'UNREAD_TEXT', facts);
    return { ...base, ...EMPTY, state: 'unlabelled', label: '', reasons: [why] };
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
    { cells, noValue }: RowFacts,
    set: Headed,
    isKnown: (row: number, column: number) => boolean,
  ): Reason[] {
    const table = this.#table;
    const reasons: Reason[] = [];
    // A printed mark stands for the whole row; where the cell is merely blank the rest must be there, or the row was cut.
    const marked = noValue !== undefined && cells[table.status!]!.token !== '';
    for (const column of table.columns) {
      const cell = cells[column.index]!;
      if (cell.reason !== undefined && isApart(column, cell)) continue;
      if (cell.reason !== undefined) reasons.push(cell.reason);
      else if (cell.outcome === 'blank' && !column.isOptional && !marked) {
        reasons.push(reason('CELL_MISSING', { row: cell.row, col: cell.first, name: column.name }));
      }
    }
    table.headings.forEach(({ sets }, level) => {
      if (set[level] !== undefined) return;
      reasons.push(reason('LABEL_MISSING', { row, name: sets, want: 'its heading above the row' }));
    });
    for (const condition of this.#colours) {
      const cell = cells[condition.column]!;
      if (cell.outcome === 'value' && isMixed(condition, cell, page)) {
        const name = table.columns[condition.column]!.name;
        reasons.push(reason('COLOUR_MIXED', { row: cell.row, col: cell.at, name }));
      }
    }
    const unread = unreadIn(page, table, layout, row, isKnown);
    if (unread !== undefined) {
      reasons.push(reason('UNREAD_TEXT', { row: unread.row, col: unread.column, table: table.name }));
    }
    return reasons;
  }

  /** Tries the guards; adds their reasons and says which ones failed. */
  #guard(
    facts: RowFacts,
    label: string,
    panel: Panel,
    set: Headed,
    reasons: Reason[],
    same: RowReading | undefined,
  ): readonly number[] {
    let failed: number[] | undefined;
    let keys: readonly string[] | undefined;
    const { guards } = this.#table;
    for (let index = 0; index < guards.length; index++) {
      const guard = guards[index]!;
      if (same !== undefined && holdsStill(guard, index, facts.cells, same)) continue;
      if (guard.when !== undefined && conditionHolds(guard.when, facts) !== true) continue;
      keys ??= [label, ...Object.values(panel.set), ...set.flatMap((value) => value ?? [])];
      const operands = new RowOperands(guard, facts.cells, keys);
      if (guard.comparison.holds(operands) !== false) continue;
      failed ??= [];
      failed.push(index);
      const found = guard.comparison.failure(operands);
      reasons.push(reason('GUARD_FAIL', { row: facts.cells[0]!.row, name: guard.name, got: found }));
    }
    return failed ?? NOTHING;
  }
}

const EMPTY = {
  symbol: '',
  cells: NOTHING,
  reasons: NOTHING,
  notes: NOTHING,
  failed: NOTHING,
  isHeld: false,
  noValue: undefined,
  values: NOTHING,
};

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
function holdsStill(guard: Guard, index: number, cells: readonly Cell[], before: RowReading): boolean {
  for (const column of guard.columns) if (cells[column] !== before.cells[column]) return false;
  return !before.failed.includes(index);
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
  isKnown: (row: number, column: number) => boolean,
): { row: number; column: number } | undefined {
  for (let line = 0; line < table.height; line++) {
    if (firstShown(page, row + line) < 0) continue;
    const base = (row + line) * page.columns;
    const owner = layout.owners[line]!;
    for (let column = layout.left; column < layout.right; column++) {
      if (!isShown(page.text[base + column]!)) continue;
      const own = owner[column]! < 0 ? undefined : table.columns[owner[column]!]!;
      const shared = own !== undefined && (own.isShared || own.continues);
      if (!shared && (owner[column]! >= 0 || !isKnown(row + line, column))) return { row: row + line, column };
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

/** The numbers of one row for one guard. */
/** What a cell is read as: its first part where that is a text, the token otherwise. */
function textOf(cell: Cell): string | undefined {
  if (cell.outcome !== 'value') return undefined;
  const value = cell.parts[0];
  return value?.kind === 'text' ? value.value : cell.token;
}

export class RowOperands implements Operands {
  readonly #guard: Pick<Guard, 'slots'>;
  readonly #cells: readonly Cell[];
  /** What limits may differ by. */
  readonly #keys: readonly string[];

  constructor(guard: Pick<Guard, 'slots'>, cells: readonly Cell[], keys: readonly string[]) {
    this.#guard = guard;
    this.#cells = cells;
    this.#keys = keys;
  }

  number(index: number): Exact | undefined {
    const slot: Slot = this.#guard.slots[index]!;
    if (slot.kind === 'parameter') {
      for (const key of this.#keys) {
        const value = slot.values.get(key);
        if (value !== undefined) return value;
      }
      return slot.otherwise;
    }
    const value = partOf(this.#cells[slot.column]!, slot.part);
    if (value === undefined) return undefined;
    if (value.kind === 'decimal') return exactOf(value.value);
    return typeof value.value === 'number' ? { mantissa: value.value, exponent: 0 } : undefined;
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
