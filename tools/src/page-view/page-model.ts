import type { CellRuns, Page } from '@tickerplant/pages';
import { serviceOf } from '@tickerplant/records';
import type { BoardItem } from '../watch/rows.ts';
import { linkAt, linksOf, neighbour, subjectFor } from './links.ts';

/** What the view needs of an item; `Item` of the client fits. */
export interface PageItem extends BoardItem {
  readonly page: Page | undefined;
}

/** Fields that name the page before and after, where a service sends them; and which of them. */
const CHAIN: Readonly<Record<1 | -1, readonly string[]>> = {
  1: ['NEXT_LR', 'LONGNEXTLR', 'BR_NEXTLR'],
  [-1]: ['PREV_LR', 'LONGPREVLR', 'BR_PREVLR'],
};
const HISTORY_MAX = 100;

/** A page being looked at: which, what of it changed when, where the cursor is, what is being typed. No clock, no terminal. */
export class PageModel {
  subject: string;
  item: PageItem | undefined;
  /** When the page came or changed last, ms since 1970. */
  updatedMs: number;
  /** By cell: when it changed last. */
  changedMs: Float64Array = new Float64Array(0);
  /** The first row and column in sight. */
  top = 0;
  left = 0;
  cursor: { row: number; column: number } | undefined;
  /** Whether colours say how old cells are, in place of the service's own. */
  showsAge = false;
  /** The name that is being typed. */
  entry: string | undefined;
  /** What a key that led nowhere was for. */
  hint = '';
  private readonly history: string[] = [];

  constructor(subject: string, nowMs: number) {
    this.subject = subject;
    this.updatedMs = nowMs;
  }

  get page(): Page | undefined {
    return this.item?.page;
  }

  // — from the subscription —

  /** The item is there, or its page is new. Nothing of it has changed before one's eyes. */
  image(item: PageItem, nowMs: number): void {
    this.item = item;
    this.updatedMs = nowMs;
    const { page } = item;
    if (page !== undefined) this.changedMs = new Float64Array(page.text.length).fill(Number.NEGATIVE_INFINITY);
  }

  /** Some cells are others than before. */
  changed(item: PageItem, cells: CellRuns, nowMs: number): void {
    const { page } = item;
    if (page === undefined) return;
    if (this.changedMs.length !== page.text.length) this.image(item, nowMs);
    this.updatedMs = nowMs;
    for (let run = 0; run < cells.count; run++) {
      const base = cells.row(run) * page.columns;
      this.changedMs.fill(nowMs, base + cells.first(run), base + cells.end(run));
    }
  }

  /** How long ago a cell changed before one's eyes, ms; null: it hasn't. @param at row × columns + column */
  ageMs(at: number, nowMs: number): number | null {
    const changedMs = this.changedMs[at] ?? Number.NEGATIVE_INFINITY;
    return changedMs === Number.NEGATIVE_INFINITY ? null : Math.max(0, nowMs - changedMs);
  }

  // — moving on —

  /** Goes to another item. */
  open(subject: string, nowMs: number): void {
    if (subject === this.subject) return;
    this.history.push(this.subject);
    if (this.history.length > HISTORY_MAX) this.history.shift();
    this.show(subject, nowMs);
  }

  /** Goes to where one came from. @returns whether there is such a place */
  back(nowMs: number): boolean {
    const subject = this.history.pop();
    if (subject !== undefined) this.show(subject, nowMs);
    return subject !== undefined;
  }

  /** The subject that a name stands for here. */
  subjectFor(name: string, services: readonly string[]): string {
    return subjectFor(name, serviceOf(this.subject), services);
  }

  /** The name under the cursor; undefined: nothing is there. */
  nameAtCursor(): string | undefined {
    const { page, cursor } = this;
    return page === undefined || cursor === undefined ? undefined : linkAt(page, cursor.row, cursor.column)?.name;
  }

  /** The next page or subpage, or the one before: by the service's word, else by its number. */
  neighbour(step: 1 | -1): string | undefined {
    for (const field of CHAIN[step]) {
      const name = this.item?.get(field);
      if (typeof name === 'string' && name.trim() !== '') return name.trim();
    }
    return neighbour(this.subject.slice(serviceOf(this.subject).length + 1), step);
  }

  // — the cursor —

  moveBy(rows: number, columns: number): void {
    const { page, cursor } = this;
    if (page === undefined) return;
    if (cursor === undefined) {
      this.cursor = { row: Math.min(this.top, page.rows - 1), column: Math.min(this.left, page.columns - 1) };
      return;
    }
    cursor.row = within(cursor.row + rows, page.rows);
    cursor.column = within(cursor.column + columns, page.columns);
  }

  /** To the next link in brackets, or the one before, round and round. @returns whether there are any */
  moveToLink(step: 1 | -1): boolean {
    const { page } = this;
    const links = page === undefined ? [] : linksOf(page);
    if (page === undefined || links.length === 0) return false;
    const { cursor } = this;
    const at = cursor === undefined ? -1 : cursor.row * page.columns + cursor.column;
    const places = links.map(({ row, first }) => row * page.columns + first + 1);
    const next = step === 1 ? places.find((place) => place > at) : places.findLast((place) => place < at);
    const place = next ?? (step === 1 ? places[0]! : places.at(-1)!);
    this.cursor = { row: Math.floor(place / page.columns), column: place % page.columns };
    return true;
  }

  /** Moves what is in sight so that it lies within the page, and the cursor in it. */
  fit(rows: number, columns: number): void {
    const { page, cursor } = this;
    if (page === undefined) return;
    if (cursor !== undefined) {
      cursor.row = within(cursor.row, page.rows);
      cursor.column = within(cursor.column, page.columns);
      this.top = Math.min(cursor.row, Math.max(this.top, cursor.row - rows + 1));
      this.left = Math.min(cursor.column, Math.max(this.left, cursor.column - columns + 1));
    }
    this.top = within(this.top, Math.max(1, page.rows - rows + 1));
    this.left = within(this.left, Math.max(1, page.columns - columns + 1));
  }

  private show(subject: string, nowMs: number): void {
    this.subject = subject;
    this.item = undefined;
    this.updatedMs = nowMs;
    this.changedMs = new Float64Array(0);
    this.top = 0;
    this.left = 0;
    this.cursor = undefined;
    this.entry = undefined;
    this.hint = '';
  }
}

function within(value: number, length: number): number {
  return Math.max(0, Math.min(value, length - 1));
}
