import type { Column } from './columns.ts';
import { printable } from './paint.ts';
import { type BoardItem, Row } from './rows.ts';

/** In which order the rows stand: as they first appeared, by name, the busiest first. */
export type SortOrder = 'arrival' | 'symbol' | 'activity';

const RATE_WINDOW_MS = 1_000;

/**
 * The items of a board: what came of which, in which order they are shown, and which part of them is in sight.
 * An update costs a lookup and three assignments; everything else is left to the repaint. No clock: who calls
 * sets `nowMs`.
 */
export class BoardModel {
  readonly columns: readonly Column[];
  /** Wall-clock time in milliseconds; set it before each repaint. */
  nowMs: number;
  updates = 0;
  updatesPerSecond = 0;
  /** Length of the longest subject. */
  subjectWidth = 7;
  /** First row in sight. */
  top = 0;
  sort: SortOrder = 'arrival';
  /** Rows whose subject contains it, whatever the case; empty: all. */
  filter = '';
  /** Whether keys go into the filter. */
  typing = false;
  private readonly rows = new Map<BoardItem, Row>();
  private readonly bySubject = new Map<string, Row>();
  private ordered: Row[] = [];
  private orderIsOld = false;
  private ratedMs: number;
  private ratedUpdates = 0;

  constructor(columns: readonly Column[], nowMs: number) {
    this.columns = columns;
    this.nowMs = nowMs;
    this.ratedMs = nowMs;
  }

  /** Items on the board, in sight or not. */
  get size(): number {
    return this.bySubject.size;
  }

  // — from the subscription —

  /** A new item; one of the same name takes the place of the old one. */
  item(item: BoardItem): void {
    const subject = printable(item.subject);
    const before = this.bySubject.get(item.subject);
    if (before !== undefined) this.rows.delete(before.item);
    const row = new Row(item, subject, this.columns.length, this.nowMs);
    this.rows.set(item, row);
    this.bySubject.set(item.subject, row);
    this.subjectWidth = Math.max(this.subjectWidth, subject.length);
    this.orderIsOld = true;
  }

  image(item: BoardItem): void {
    const row = this.rows.get(item);
    if (row === undefined) return;
    row.dirty = true;
    row.updatedMs = this.nowMs;
  }

  update(item: BoardItem): void {
    this.updates++;
    const row = this.rows.get(item);
    if (row === undefined) return;
    row.dirty = true;
    row.activity++;
    row.updatedMs = this.nowMs;
  }

  // — for the repaint —

  /** Once per repaint: rates and what depends on them. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    const elapsed = nowMs - this.ratedMs;
    if (elapsed < RATE_WINDOW_MS) return;
    this.updatesPerSecond = Math.round(((this.updates - this.ratedUpdates) * 1000) / elapsed);
    this.ratedMs = nowMs;
    this.ratedUpdates = this.updates;
    for (const row of this.rows.values()) row.activity /= 2;
    if (this.sort === 'activity') this.orderIsOld = true;
  }

  /** The rows that the filter lets through, in order. */
  get order(): readonly Row[] {
    if (this.orderIsOld) {
      this.orderIsOld = false;
      const wanted = this.filter.toUpperCase();
      const rows = [...this.bySubject.values()];
      this.ordered = wanted === '' ? rows : rows.filter(({ searched }) => searched.includes(wanted));
      if (this.sort === 'symbol') this.ordered.sort(bySubject);
      if (this.sort === 'activity') this.ordered.sort((a, b) => b.activity - a.activity);
    }
    return this.ordered;
  }

  // — from the keys —

  setSort(sort: SortOrder): void {
    this.sort = sort;
    this.top = 0;
    this.orderIsOld = true;
  }

  setFilter(filter: string): void {
    this.filter = filter;
    this.top = 0;
    this.orderIsOld = true;
  }

  /** Moves the part in sight; it stays within the rows. @param height rows in sight */
  scrollTo(top: number, height: number): void {
    this.top = Math.max(0, Math.min(top, this.order.length - height));
  }
}

function bySubject(a: Row, b: Row): number {
  return a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0;
}
