import { foregroundOf, type Page } from '@tickerplant/pages';
import { BLANK, cellText, isShown } from './cells.ts';
import { ChangedCells } from './changed-cells.ts';
import { type CustomReading, readCustom } from './custom.ts';
import { bearsGeometry, findGeometry, type Geometry, sameGeometry } from './geometry.ts';
import { layOut } from './layout.ts';
import type { Plan, Table } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { asksForColours, type RowReading } from './row-reader.ts';
import { type ItemListener, TableReader, type TableReading, type TableSurroundings } from './table-reader.ts';

/** What a cell of the page is to the shredder. */
export const Cover = {
  NOTHING: 0,
  ANCHOR: 1,
  HEADER: 2,
  STATIC: 3,
  IGNORED: 4,
  /** In a table's rows, but in none of its columns. */
  BETWEEN: 5,
  CUSTOM: 6,
  /** Table n's columns are `COLUMN + n`. */
  COLUMN: 8,
} as const;

/** Told of what was read anew. */
export interface ReadListener extends ItemListener {
  /** A table was judged anew: all its items may differ. */
  onTable(table: number, reading: TableReading): void;
  onCustom(index: number, reading: CustomReading): void;
}

/**
 * Reads pages of one kind: what is made of a page is a function of its image alone; that only what changed is read again shows
 * in nothing but the time it takes.
 */
export class PageReader {
  readonly plan: Plan;
  readonly tables: readonly TableReader[];
  readonly #bears: readonly boolean[];
  readonly #around: PageSurroundings;
  #geometry: Geometry | undefined;
  /** Whether any rule asks for colours, and whether the page has any. */
  readonly #needsColours: boolean;
  /** Counts the changes of what `unreadText` tells. */
  unreadChanges = 0;
  /** By row: the first column with text that no rule reads, or -1. */
  readonly #unread: Int16Array;

  constructor(plan: Plan) {
    this.plan = plan;
    this.tables = plan.tables.map((table) => new TableReader(table));
    this.#needsColours = plan.tables.some(asksForColours);
    this.#bears = bearsGeometry(plan);
    this.#around = new PageSurroundings(plan, this.tables);
    this.#unread = new Int16Array(plan.rows).fill(-1);
  }

  /** Whether anchors or headers may stand in a row. */
  bearsGeometry(row: number): boolean {
    return this.#bears[row]!;
  }

  /** Where things stand; undefined before the first page. */
  get geometry(): Geometry | undefined {
    return this.#geometry;
  }

  /** What each cell is to the shredder (`Cover`), by row and column. */
  get cover(): Uint8Array {
    return this.#around.cover;
  }

  /** Text of the page that no rule reads, outside of tables. */
  *unreadText(page: Page): Generator<Reason> {
    for (let row = 0; row < this.plan.rows; row++) {
      const column = this.#unread[row]!;
      if (column >= 0) {
        yield reason('UNREAD_TEXT', { row, col: column, got: cellText(page, row, column, column + 20).trim() });
      }
    }
  }

  /**
   * Reads what changed.
   *
   * @param isDirty by row: 1 where it changed since it was last read. Cleared here.
   * @param today business date in days since 1970, for types that need it.
   * @param areOthersSame whether the other rows surely didn't; where that isn't known they are compared when need be: a row that
   * is still to be read may stand in one block with one that is read now.
   */
  read(
    page: Page,
    isDirty: Uint8Array,
    today: number | undefined,
    listener: ReadListener,
    areOthersSame: boolean = false,
  ): void {
    const around = this.#around;
    if (today !== around.today) {
      around.today = today;
      this.#geometry = undefined;
    }
    const isColoured = this.#needsColours && hasColours(page);
    if (isColoured !== around.isColoured) {
      around.isColoured = isColoured;
      this.#geometry = undefined;
    }
    let mustFind = this.#geometry === undefined;
    for (let row = 0; !mustFind && row < this.plan.rows; row++) mustFind = isDirty[row] !== 0 && this.#bears[row]!;
    const isLaidAnew = mustFind && this.#find(page, isDirty);
    around.changes.look(page, isDirty, areOthersSame);
    around.areOthersSame = areOthersSame;
    around.isOtherNew = false;
    for (let index = 0; index < this.tables.length; index++) {
      const table = this.tables[index]!;
      if (!table.read(page, isDirty, around, listener)) continue;
      around.isOtherNew = true;
      listener.onTable(index, table.result);
    }
    for (let index = 0; index < this.plan.customs.length; index++) {
      const custom = this.plan.customs[index]!;
      let changed = mustFind;
      for (let row = custom.rows.first; row < custom.rows.end; row++) changed ||= isDirty[row] !== 0;
      if (changed) listener.onCustom(index, readCustom(custom, page, this.#geometry!.pageReasons));
    }
    for (let row = 0; row < this.plan.rows; row++) {
      if (isDirty[row] === 0) continue;
      isDirty[row] = 0;
      // Where no text was unread, only a change can bring some.
      const isAll = isLaidAnew || this.#unread[row]! >= 0;
      const first = isAll ? 0 : around.changes.firstOf(row);
      const unread = this.#firstUnread(page, row, first, isAll ? this.plan.columns : around.changes.endOf(row));
      around.changes.keep(row);
      if (unread >= 0 || this.#unread[row] !== unread) this.unreadChanges++;
      this.#unread[row] = unread;
    }
  }

  #firstUnread({ text }: Page, row: number, first: number, end: number): number {
    const { cover } = this.#around;
    const base = row * this.plan.columns;
    for (let column = first; column < end; column++) {
      const word = text[base + column]!;
      if (word !== BLANK && cover[base + column] === Cover.NOTHING && isShown(word)) return column;
    }
    return -1;
  }

  /**
   * Finds where things stand; where they stand as before, no table is read anew for it.
   *
   * @returns whether all is.
   */
  #find(page: Page, isDirty: Uint8Array): boolean {
    const geometry = findGeometry(this.plan, page, isDirty, this.#geometry);
    if (this.#geometry !== undefined && (geometry === this.#geometry || sameGeometry(this.#geometry, geometry))) {
      return false;
    }
    this.#geometry = geometry;
    for (const reader of this.tables) reader.lay(layOut(this.plan, reader.table, geometry));
    this.#coverAll();
    isDirty.fill(1);
    return true;
  }

  #coverAll(): void {
    const { plan } = this;
    const cover = this.#around.cover.fill(Cover.NOTHING);
    const paint = (row: number, first: number, end: number, kind: number, over: (before: number) => boolean): void => {
      for (let at = row * plan.columns + first; at < row * plan.columns + end; at++) {
        if (over(cover[at]!)) cover[at] = kind;
      }
    };
    const always = (): boolean => true;
    const ifNothing = (before: number): boolean => before === Cover.NOTHING;
    const ifFree = (before: number): boolean => before === Cover.NOTHING || before === Cover.BETWEEN;
    for (const { table, layout } of this.tables) {
      for (const panel of layout.panels) {
        for (const row of panel.rows) {
          for (let line = 0; line < table.height; line++) {
            paint(row + line, panel.left, panel.right, Cover.BETWEEN, ifNothing);
          }
        }
      }
    }
    for (const { table, layout } of this.tables) {
      for (const panel of layout.panels) {
        for (const row of panel.rows) {
          for (const column of table.columns) {
            if (column.joins.length > 0) continue;
            paint(
              row + column.line,
              panel.first[column.index]!,
              panel.end[column.index]!,
              Cover.COLUMN + table.index,
              ifFree,
            );
          }
        }
      }
    }
    for (const custom of plan.customs) {
      for (let row = custom.rows.first; row < custom.rows.end; row++) paint(row, 0, plan.columns, Cover.CUSTOM, ifFree);
    }
    const areas = [
      ...plan.statics.map((area) => [area, Cover.STATIC] as const),
      ...plan.ignored.map((area) => [area, Cover.IGNORED] as const),
    ];
    for (const [area, kind] of areas) {
      for (let row = area.rows.first; row < area.rows.end; row++)
        paint(row, area.columns.first, area.columns.end, kind, area.isOutside ? ifNothing : ifFree);
    }
    const geometry = this.#geometry!;
    plan.anchors.forEach((anchor, index) => {
      const place = geometry.anchors[index];
      if (place !== undefined) paint(place.row, place.column, place.column + anchor.text.length, Cover.ANCHOR, always);
    });
    plan.tables.forEach((table, index) => {
      const place = geometry.tables[index];
      table.header?.cells.forEach((cell, number) => {
        if (place === undefined) return;
        const column = cell.column + place.moved[number]!;
        paint(place.headerRow + cell.line, column, column + cell.text.length, Cover.HEADER, always);
      });
    });
  }
}

/** What the tables of a page ask of it; one for all, made once. */
class PageSurroundings implements TableSurroundings {
  readonly changes: ChangedCells;
  readonly cover: Uint8Array;
  isColoured = false;
  today: number | undefined = undefined;
  isOtherNew = false;
  areOthersSame = false;
  readonly #columns: number;
  readonly #tables: readonly TableReader[];

  constructor({ rows, columns }: Plan, tables: readonly TableReader[]) {
    this.changes = new ChangedCells(rows, columns);
    this.cover = new Uint8Array(rows * columns);
    this.#columns = columns;
    this.#tables = tables;
  }

  findAbove({ index, columns }: Table, symbol: string): RowReading | undefined {
    // Of the table itself, and of those below it, only what was made of the last image would be known.
    for (let above = 0; above < index; above++) {
      const found = this.#tables[above]!.goodItem(symbol, columns);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  isKnown(table: number, row: number, column: number): boolean {
    const cover = this.cover[row * this.#columns + column]!;
    return cover !== Cover.NOTHING && cover !== Cover.BETWEEN && cover !== Cover.COLUMN + table;
  }
}

function hasColours({ style }: Page): boolean {
  for (let at = 0; at < style.length; at++) if (foregroundOf(style[at]!) !== 0) return true;
  return false;
}
