import { Decimal } from '@tickerplant/core';
import type { FieldValue } from '@tickerplant/records';
import type { Column } from './columns.ts';
import type { Style } from './paint.ts';

/** What the board needs of an item; `Item` of the client fits. */
export interface BoardItem {
  readonly subject: string;
  readonly recordKind: number;
  readonly removed: boolean;
  readonly state: {
    readonly quality: number;
    readonly name: string;
    readonly reason: string;
    readonly detail: string;
    /** Wall-clock ns since 1970. */
    readonly since: bigint;
  };
  get(name: string): FieldValue | undefined;
}

/** How long a change is seen, and how long it glares. Milliseconds. */
const FLASH_MS = 700;
const GLARE_MS = 250;
/** After so long without an update a LIVE item is said to be quiet. */
export const QUIET_MS = 30_000;

type Change = 'up' | 'down' | 'changed';

/** One value on the screen, and how it last changed. */
export class Cell {
  text = '';
  private value: FieldValue | undefined;
  private change: Change = 'changed';
  private changedMs = Number.NEGATIVE_INFINITY;

  /** Takes the current value. @param flash whether a difference to what was shown is to be seen */
  refresh(value: FieldValue | undefined, column: Pick<Column, 'text'>, flash: boolean, nowMs: number): void {
    const before = this.value;
    if (value === before) return;
    this.value = value;
    const text = value === undefined || value === null ? '' : column.text(value);
    if (flash && text !== this.text) {
      this.change = changeBetween(before, value);
      this.changedMs = nowMs;
    }
    this.text = text;
  }

  /** How it is to be drawn now. */
  style(nowMs: number): Style {
    const age = nowMs - this.changedMs;
    if (age >= FLASH_MS) return 'plain';
    return age < GLARE_MS ? `${this.change}-new` : this.change;
  }
}

function changeBetween(before: FieldValue | undefined, after: FieldValue | undefined): Change {
  if (before instanceof Decimal && after instanceof Decimal) return after.compare(before) > 0 ? 'up' : 'down';
  if (isWhole(before) && isWhole(after)) return after > before ? 'up' : 'down';
  return 'changed';
}

function isWhole(value: FieldValue | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** An item's line. Updates only mark it; its values are read when it is drawn. */
export class Row {
  readonly item: BoardItem;
  readonly subject: string;
  /** In upper case, for the filter. */
  readonly searched: string;
  readonly cells: readonly Cell[];
  /** Updates lately: halves every second. */
  activity = 0;
  /** When the last update or image came. */
  updatedMs: number;
  dirty = true;
  /** Number of the last frame that it was part of. */
  private frame = -1;

  constructor(item: BoardItem, subject: string, cells: number, nowMs: number) {
    this.item = item;
    this.subject = subject;
    this.searched = subject.toUpperCase();
    this.cells = Array.from({ length: cells }, () => new Cell());
    this.updatedMs = nowMs;
  }

  /** Makes the cells current. What changed while the row was out of sight doesn't flash. */
  refresh(columns: readonly Column[], frame: number, nowMs: number): void {
    const seen = this.frame === frame - 1;
    this.frame = frame;
    if (!this.dirty) return;
    this.dirty = false;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      this.cells[i]!.refresh(column.value(this.item), column, seen && column.flashes, nowMs);
    }
  }
}
