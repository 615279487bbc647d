import type { Page } from '@tickerplant/pages';
import { strangers } from './alike.ts';
import { broken } from './chains.ts';
import { below, goesOn, type Headed, isSameHeaded, loneLabel } from './headings.ts';
import { endsTable, type PanelLayout, type TableLayout } from './layout.ts';
import type { Column, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { asksForColours, isApart, RowReader, type RowReading } from './row-reader.ts';
import { noCell } from './rows.ts';
import { isDigit } from './shape.ts';
import { doubtful, type Part } from './sums.ts';
import type { Surroundings } from './surroundings.ts';

/** What was made of an item. */
export interface ItemReading {
  readonly symbol: string;
  /** `none`: the page says that there is no value. */
  readonly state: 'good' | 'none' | 'held' | 'bad';
  readonly reading: RowReading | undefined;
  /** Of `good` and `none` ones: why fields are missing. */
  readonly reasons: readonly Reason[];
}

/** What was made of a table: a function of the image alone. */
export interface TableReading {
  /** Why none of it is believed; empty where it is. */
  readonly reasons: readonly Reason[];
  /** What a person should know though nothing is in doubt for it. */
  readonly notices: readonly Reason[];
  /** By symbol, in the order of the rows; those that are missing behind them. */
  readonly items: ReadonlyMap<string, ItemReading>;
}

/** What the reader of the page knows for all tables. */
export interface TableSurroundings extends Surroundings {
  /** Whether anything of a table above this one was made anew: sums may ask for its rows. */
  isOtherNew: boolean;
  /** Whether rows that aren't to be read are surely as when they were last read. */
  readonly areOthersSame: boolean;
  /** A row of a table above a table, where it is believed, with its cells in the places that the table's columns have. */
  findAbove(table: Table, symbol: string): RowReading | undefined;
}

/** Told of what was read anew. */
export interface ItemListener {
  /** One item of a table was read anew, and nothing else. */
  onItem(table: number, item: ItemReading): void;
}

/** Column shares are judged where at least so many cells were refused. */
const REFUSED_MIN = 3;
const FAILED_MIN = 2;
const NOTICES_MAX = 20;
const UNKNOWN_END = 2;

/** Keeps what was made of a table's rows; reads again only those that changed. */
export class TableReader {
  readonly table: Table;
  readonly #rows: RowReader;
  #layout: TableLayout = { panels: [], reasons: [], base: 0 };
  /** By panel and position in its rows. */
  #readings: (RowReading | undefined)[][] = [];
  #result: TableReading = { reasons: [], notices: [], items: new Map() };
  /** By panel and position: whether the row ends the table. */
  #ends: Uint8Array[] = [];
  #mustResolve = true;
  /** Whether what a row says depends on other rows. */
  readonly #isJudgedTogether: boolean;
  readonly #asksForColours: boolean;
  /** Whether what a row says depends on what stands above it. */
  readonly #dependsOnAbove: boolean;
  readonly #label: number;
  readonly #noHeading: Headed;

  constructor(table: Table) {
    this.table = table;
    this.#rows = new RowReader(table);
    this.#isJudgedTogether = table.alike.length + table.chains.length + table.sums.length > 0;
    this.#asksForColours = asksForColours(table);
    this.#dependsOnAbove = table.headings.length > 0 || table.wraps;
    this.#label = table.key[0]?.kind === 'column' ? table.key[0].column : -1;
    this.#noHeading = table.headings.map(() => undefined);
  }

  get layout(): TableLayout {
    return this.#layout;
  }

  get result(): TableReading {
    return this.#result;
  }

  /** Takes another layout: everything is read anew. */
  lay(layout: TableLayout): void {
    this.#layout = layout;
    this.#readings = layout.panels.map((panel) => new Array<RowReading | undefined>(panel.rows.length));
    this.#ends = layout.panels.map((panel) => new Uint8Array(panel.rows.length).fill(UNKNOWN_END));
    this.#mustResolve = true;
  }

  /**
   * Reads the rows that changed, and judges the table.
   *
   * @param isDirty by row of the page.
   * @param listener told of each item whose reading was made anew; after a `true` result all items may have changed.
   * @returns whether the table was judged anew.
   */
  read(page: Page, isDirty: Uint8Array, around: TableSurroundings, listener: ItemListener): boolean {
    for (let index = 0; index < this.#layout.panels.length; index++) {
      if (this.#isTouched(index, isDirty)) this.#readPanel(page, index, isDirty, around, listener);
    }
    if (!this.#mustResolve && !(around.isOtherNew && this.table.sums.length > 0)) return false;
    this.#mustResolve = false;
    this.#result = this.#judge(around);
    return true;
  }

  /** Whether any row of a panel is to be read; what is made of the others depends on nothing else. */
  #isTouched(index: number, isDirty: Uint8Array): boolean {
    const { rows } = this.#layout.panels[index]!;
    const { height } = this.table;
    for (let position = 0; position < rows.length; position++) {
      if (isAnyDirty(isDirty, rows[position]!, height)) return true;
    }
    return false;
  }

  /** All readings, for those who explain. */
  *readings(): Generator<RowReading> {
    for (const panel of this.#readings) for (const reading of panel) if (reading !== undefined) yield reading;
  }

  #readPanel(page: Page, index: number, isDirty: Uint8Array, around: TableSurroundings, listener: ItemListener): void {
    const { table } = this;
    const { height } = table;
    const layout = this.#layout.panels[index]!;
    const readings = this.#readings[index]!;
    const ends = this.#ends[index]!;
    const hasHeadings = table.headings.length > 0;
    let heading = this.#noHeading;
    let above = '';
    let hasEnded = false;
    for (let position = 0; position < layout.rows.length; position++) {
      const row = layout.rows[position]!;
      const before = readings[position];
      if (!this.#dependsOnAbove && before !== undefined && !hasEnded && !isAnyDirty(isDirty, row, height)) {
        if (before.state === 'item') position += height - 1;
        continue;
      }
      if (ends[position] === UNKNOWN_END || isDirty[row] !== 0) ends[position] = Number(endsTable(table, page, row));
      hasEnded ||= ends[position] === 1;
      if (hasEnded) {
        if (before !== undefined) this.#mustResolve = true;
        readings[position] = undefined;
        continue;
      }
      const set = hasHeadings ? below(table, page, row, above, heading) : undefined;
      const begun = set === undefined && table.wraps ? loneLabel(page, layout, row, this.#label) : '';
      if (set !== undefined || (begun !== '' && goesOn(table, above + begun))) {
        heading = set ?? heading;
        above = set === undefined ? `${above}${begun} ` : '';
        if (before !== undefined) this.#mustResolve = true;
        readings[position] = undefined;
        continue;
      }
      const isBelowSame = before !== undefined && before.above === above && isSameHeaded(before.heading, heading);
      const begins = above;
      above = '';
      const isKept =
        isBelowSame && (!isAnyDirty(isDirty, row, height) || this.#isUntouched(before, layout, isDirty, around));
      if (isKept) {
        if (before.state === 'item') position += height - 1;
        continue;
      }
      const kept = isBelowSame && before.isSettled ? before : undefined;
      const isSettled = height === 1 || around.areOthersSame || isBlockSettled(layout, row, height, isDirty, around);
      const reading = this.#rows.read(page, layout, row, heading, begins, around, kept, isSettled);
      readings[position] = reading;
      const isJudgedWithOthers = this.#isJudgedTogether || table.repeated.has(reading.label);
      if (before !== undefined && !isJudgedWithOthers && isAlike(before, reading)) {
        this.#replace(reading, around, listener);
      } else this.#mustResolve = true;
      if (reading.state === 'item' && height > 1) {
        // The rows of a block are its own.
        for (let line = 1; line < height; line++) readings[position + line] = undefined;
        position += height - 1;
      }
    }
  }

  /** Whether a row, or block, that was read well would be read the same: nothing has changed where its panel looks. */
  #isUntouched(before: RowReading, { reach }: PanelLayout, isDirty: Uint8Array, around: TableSurroundings): boolean {
    if (this.#asksForColours || this.#isJudgedTogether || !before.isSettled || before.reasons.length > 0) return false;
    if (this.table.repeated.has(before.label)) return false;
    for (let row = before.row; row < before.row + this.table.height; row++) {
      if (isDirty[row] !== 0 && !around.changes.isSame(row, reach.first, reach.end)) return false;
    }
    return true;
  }

  /** Puts a good reading in the place of a good one of the same item: nothing else can have changed. */
  #replace(reading: RowReading, around: TableSurroundings, listener: ItemListener): void {
    if (reading.state !== 'item' || this.#mustResolve) return;
    const before = this.#result.items.get(reading.symbol);
    // Of an ambiguous item none is believed, whatever its rows say.
    if (before === undefined || before.reading === undefined) return;
    const item: ItemReading = {
      symbol: reading.symbol,
      state: reading.noValue === undefined ? 'good' : 'none',
      reading,
      reasons: reading.notes,
    };
    (this.#result.items as Map<string, ItemReading>).set(reading.symbol, item);
    around.isOtherNew = true;
    listener.onItem(this.table.index, item);
  }

  #judge(around: TableSurroundings): TableReading {
    const { table } = this;
    const items = new Map<string, ItemReading>();
    const notices: Reason[] = [];
    const reasons: Reason[] = [...this.#layout.reasons];
    const tally = new Tally(table);
    const unknown: RowReading[] = [];
    const repeated: RowReading[] = [];
    for (const reading of this.#inOrder()) {
      if (reading.state !== 'item') {
        tally.noteLabel(reading);
        if (reading.state === 'unknown') unknown.push(reading);
        if (reading.state !== 'unused' && notices.length < NOTICES_MAX) notices.push(...reading.reasons);
        continue;
      }
      tally.add(reading);
      if (table.repeated.has(reading.label)) {
        repeated.push(reading);
        continue;
      }
      const before = items.get(reading.symbol);
      items.set(reading.symbol, before === undefined ? itemOf(reading) : ambiguous(before, reading));
    }
    this.#doubtStrangers(items);
    this.#placeRepeated(items, repeated);
    this.#doubtChains(items);
    this.#doubtSums(items, around);
    this.#doubtSimilar(items, unknown);
    for (const symbol of table.expected) {
      if (items.has(symbol)) continue;
      items.set(symbol, {
        symbol,
        state: 'bad',
        reading: undefined,
        reasons: [reason('LABEL_MISSING', { table: table.name, want: symbol })],
      });
    }
    if (this.#layout.reasons.length === 0) reasons.push(...tally.reasons(items));
    notices.push(...tally.notices());
    return { reasons, notices, items };
  }

  /** Rows that say something else than the others below their heading. */
  #doubtStrangers(items: Map<string, ItemReading>): void {
    for (const alike of this.table.alike) {
      const good = [...items.values()].filter((item) => item.state === 'good').flatMap((item) => item.reading ?? []);
      for (const { reading, reason: why } of strangers(alike, good)) {
        items.set(reading.symbol, { symbol: reading.symbol, state: 'bad', reading: undefined, reasons: [why] });
      }
    }
  }

  /** Rows that don't go on from the ones above them. */
  #doubtChains(items: Map<string, ItemReading>): void {
    for (const chain of this.table.chains) {
      const good = [...items.values()].filter((item) => item.state === 'good').flatMap((item) => item.reading ?? []);
      for (const { reading, reason: why } of broken(chain, good)) {
        items.set(reading.symbol, { symbol: reading.symbol, state: 'bad', reading: undefined, reasons: [why] });
      }
    }
  }

  /** An item that is believed, by its symbol, with its cells in the places that columns of the same names have. */
  goodItem(symbol: string, columns: readonly Column[]): RowReading | undefined {
    const item = this.#result.reasons.length === 0 ? this.#result.items.get(symbol) : undefined;
    const { reading } = item ?? {};
    if (item?.state !== 'good' || reading === undefined) return undefined;
    const cells = columns.map(({ name }) => {
      const own = this.table.columns.find((column) => column.name === name);
      return own === undefined ? noCell(reading.row) : reading.cells[own.index]!;
    });
    return { ...reading, cells };
  }

  /** Rows whose sum isn't what the page says it is. */
  #doubtSums(items: Map<string, ItemReading>, around: TableSurroundings): void {
    if (this.table.sums.length === 0) return;
    const good = [...items].flatMap(([symbol, { state, reading }]) =>
      state === 'good' && reading !== undefined ? [{ ...reading, symbol }] : [],
    );
    // By symbol, or by a label that only one row has.
    const find = (name: string): Part | undefined => {
      const own = good.find(({ symbol }) => symbol === name) ?? good.find(({ label }) => label === name);
      const reading = own ?? around.findAbove(this.table, name);
      return reading === undefined ? undefined : { reading, isOther: own === undefined };
    };
    for (const [symbol, why] of doubtful(this.table.sums, find)) {
      // What another table says is believed, or not, there.
      if (items.has(symbol)) items.set(symbol, { symbol, state: 'bad', reading: undefined, reasons: [why] });
    }
  }

  /** Gives each place of a repeated key its symbol. */
  #placeRepeated(items: Map<string, ItemReading>, readings: readonly RowReading[]): void {
    for (const [label, symbols] of this.table.repeated) {
      const found = readings.filter((reading) => reading.label === label);
      found.sort((a, b) => a.panel - b.panel || a.row - b.row);
      if (found.length === 0) continue;
      symbols.forEach((symbol, index) => {
        const reading = found[index];
        if (found.length === symbols.length) items.set(symbol, itemOf({ ...reading!, symbol }));
        else {
          const facts = { row: found[0]!.row, got: label, times: found.length, want: symbols.length };
          items.set(symbol, { symbol, state: 'bad', reading: undefined, reasons: [reason('LABEL_AMBIGUOUS', facts)] });
        }
      });
    }
  }

  /** A label that may be what damage left of a key puts that key in doubt: the row that has it may have got it by mistake. */
  #doubtSimilar(items: Map<string, ItemReading>, unknown: readonly RowReading[]): void {
    for (const { row, label } of unknown) {
      for (const [symbol, item] of items) {
        const own = item.reading?.label;
        if (own === undefined || !isLike(label, own)) continue;
        const why = reason('LABEL_AMBIGUOUS', { row: item.reading!.row, again: row, got: label, want: own });
        items.set(symbol, { symbol, state: 'bad', reading: undefined, reasons: [why] });
      }
    }
  }

  /** By rows, then panels, as people read. */
  #inOrder(): RowReading[] {
    const all = [...this.readings()];
    return all.sort((a, b) => a.row - b.row || a.panel - b.panel);
  }
}

function isAnyDirty(isDirty: Uint8Array, row: number, height: number): boolean {
  for (let line = 0; line < height; line++) if (isDirty[row + line] !== 0) return true;
  return false;
}

/** Whether none of a block's rows has changed but waits to be read: it may be another one again when its time comes. */
function isBlockSettled(
  { reach }: PanelLayout,
  row: number,
  height: number,
  isDirty: Uint8Array,
  around: TableSurroundings,
): boolean {
  for (let line = 0; line < height; line++) {
    if (isDirty[row + line] === 0 && !around.changes.isSame(row + line, reach.first, reach.end)) return false;
  }
  return true;
}

/** Whether a reading differs from the one before in nothing but its values. */
function isAlike(before: RowReading, reading: RowReading): boolean {
  if (before.state !== reading.state) return false;
  if (before.state === 'unused') return true;
  return (
    before.state === 'item' &&
    before.symbol === reading.symbol &&
    before.reasons.length === 0 &&
    reading.reasons.length === 0 &&
    before.noValue === reading.noValue &&
    areSame(before.notes, reading.notes)
  );
}

/** What is said of columns that stand for themselves counts in what is said of the table. */
function areSame(before: readonly Reason[], notes: readonly Reason[]): boolean {
  if (before.length !== notes.length) return false;
  for (let index = 0; index < notes.length; index++) if (before[index] !== notes[index]) return false;
  return true;
}

/** Whether a text is the beginning of a key, or differs from it in one character; `11Y` is no damaged `12Y`, but another term. */
function isLike(text: string, key: string): boolean {
  if (text === '' || text === key) return false;
  if (key.startsWith(text)) return true;
  if (text.length !== key.length || key.length < 2) return false;
  let differences = 0;
  for (let at = 0; at < key.length; at++) {
    if (text[at] === key[at]) continue;
    if (isDigit(text.charCodeAt(at)) && isDigit(key.charCodeAt(at))) return false;
    differences++;
  }
  return differences === 1;
}

/** Whether a row has a printed mark that says that it has no value. */
function isMarked({ status }: Table, { cells, noValue }: RowReading): boolean {
  return status !== undefined && noValue !== undefined && cells[status]!.token !== '';
}

function itemOf(reading: RowReading): ItemReading {
  const { symbol, reasons } = reading;
  const good = reading.noValue === undefined ? 'good' : 'none';
  const state = reasons.length === 0 ? good : reading.isHeld ? 'held' : 'bad';
  return { symbol, state, reading, reasons: reasons.length === 0 ? reading.notes : reasons };
}

function ambiguous(before: ItemReading, reading: RowReading): ItemReading {
  const { symbol, label } = reading;
  const first = before.reading?.row ?? before.reasons[0]?.facts.row ?? -1;
  const why = reason('LABEL_AMBIGUOUS', { row: first, again: reading.row, got: label });
  return { symbol, state: 'bad', reading: undefined, reasons: [why] };
}

/** Counts over a table, and what follows from them. */
class Tally {
  readonly #table: Table;
  readonly #given: number[];
  readonly #refused: number[];
  /** What was wrong with the first cell that was refused, by column. */
  readonly #why: (Reason | undefined)[];
  readonly #failed: number[];
  readonly #apart: number[];
  /** Rows in which a column has a hole, and rows in which it has a value beside a mark that says there is none. */
  readonly #holes: number[];
  readonly #strays: number[];
  #rows = 0;
  #firstFailure: Reason | undefined;
  #unlabelled: Reason | undefined;

  constructor(table: Table) {
    this.#table = table;
    this.#given = table.columns.map(() => 0);
    this.#refused = table.columns.map(() => 0);
    this.#why = table.columns.map(() => undefined);
    this.#failed = table.guards.map(() => 0);
    this.#apart = table.columns.map(() => 0);
    this.#holes = table.columns.map(() => -1);
    this.#strays = table.columns.map(() => -1);
  }

  /** Values without a label: those of other rows may stand beside the wrong one. */
  noteLabel({ reasons }: RowReading): void {
    this.#unlabelled ??= reasons.find((why) => why.code === 'VALUES_WITHOUT_LABEL');
  }

  add(reading: RowReading): void {
    this.#rows++;
    for (let index = 0; index < reading.cells.length; index++) {
      const cell = reading.cells[index]!;
      if (isApart(this.#table.columns[index]!, cell)) {
        this.#apart[index]!++;
        this.#why[index] ??= cell.reason;
        continue;
      }
      if (cell.outcome === 'blank' && !this.#table.columns[index]!.isOptional && reading.reasons.length > 0) {
        this.#holes[index] = cell.row;
      }
      if (cell.outcome === 'value' && index !== this.#table.status && isMarked(this.#table, reading)) {
        if (!this.#isKey(index)) this.#strays[index] = cell.row;
      }
      if (cell.token !== '' || cell.outcome === 'reject') this.#given[index]!++;
      if (cell.outcome !== 'reject') continue;
      this.#refused[index]!++;
      this.#why[index] ??= cell.reason;
    }
    for (const index of reading.failed) {
      this.#failed[index]!++;
      if (this.#table.guards[index]!.scope === 'table') {
        this.#firstFailure ??= reading.reasons.find((why) => why.facts.name === this.#table.guards[index]!.name);
      }
    }
  }

  #isKey(column: number): boolean {
    return this.#table.key.some((part) => part.kind === 'column' && part.column === column);
  }

  /** A hole in a column, and a value where there should be none: its values have slipped by a row. */
  #slipped(): Reason | undefined {
    const column = this.#table.columns.find(({ index }) => this.#holes[index]! >= 0 && this.#strays[index]! >= 0);
    if (column === undefined) return undefined;
    const facts = { row: this.#strays[column.index]!, col: column.first, table: this.#table.name, column: column.name };
    return reason('VALUES_WITHOUT_LABEL', { ...facts, hole: this.#holes[column.index]! });
  }

  /** Isolated columns with cells that were refused. */
  notices(): Reason[] {
    return this.#table.columns
      .filter(({ index }) => this.#apart[index]! > 0)
      .map((column) => this.#columnReason(column, this.#apart[column.index]!));
  }

  #columnReason({ name, index }: Column, refused: number): Reason {
    const { code, facts } = this.#why[index] ?? reason('TYPE_REJECT', {});
    return reason('COLUMN_REJECTED', {
      table: this.#table.name,
      column: name,
      refused,
      of: Math.max(this.#given[index]!, refused),
      first: code,
      got: facts.got ?? '',
      want: facts.want ?? '',
    });
  }

  reasons(items: ReadonlyMap<string, ItemReading>): Reason[] {
    const { name, columns, guards, rejectedShare, atLeast } = this.#table;
    const reasons: Reason[] = [];
    const unlabelled = this.#unlabelled ?? this.#slipped();
    if (unlabelled !== undefined) reasons.push(unlabelled);
    if (this.#firstFailure !== undefined) {
      reasons.push(
        reason('TABLE_GUARD', {
          table: name,
          ...this.#firstFailure.facts,
          guard: String(this.#firstFailure.facts.name),
        }),
      );
    }
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    const given = sum(this.#given);
    const refused = sum(this.#refused);
    if (refused >= REFUSED_MIN && refused > rejectedShare * given) {
      reasons.push(reason('REJECTED_SHARE', { table: name, refused, of: given }));
    }
    for (const column of columns) {
      const count = this.#refused[column.index]!;
      if (count >= REFUSED_MIN && count > rejectedShare * this.#given[column.index]!) {
        reasons.push(this.#columnReason(column, count));
      }
    }
    for (let index = 0; index < guards.length; index++) {
      const count = this.#failed[index]!;
      if (count >= FAILED_MIN && count > rejectedShare * this.#rows) {
        reasons.push(reason('GUARD_SHARE', { table: name, guard: guards[index]!.name, failed: count, of: this.#rows }));
      }
    }
    let good = 0;
    for (const { state, reading } of items.values()) {
      // A mark that says that there is no value is read as well as a value; a blank may be anything.
      if (state === 'good' || (state === 'none' && reading !== undefined && isMarked(this.#table, reading))) good++;
    }
    if (good < atLeast) reasons.push(reason('COVERAGE_LOW', { table: name, good, atLeast }));
    return reasons;
  }
}
