import type { Exact } from './exact.ts';
import type { FieldValue, Printed } from './fields.ts';
import { type Reason, reasonText } from './reasons.ts';

/** What an item's value is worth: `held` waits for confirmation, `stale` is the last good one. */
export type ItemState = 'live' | 'no-value' | 'held' | 'stale';

/** What subscribers are told: a value that isn't believed is never LIVE. */
export type ItemQuality = 'LIVE' | 'SUSPECT';

/** An item as it stands. */
export interface ItemView {
  readonly subject: string;
  readonly table: string;
  readonly state: ItemState;
  readonly quality: ItemQuality;
  /** Of LIVE items: why fields are missing. */
  readonly reasons: readonly Reason[];
  /** The last good values by field; empty before the first. */
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** Row that it was last read from; -1 before that. */
  readonly row: number;
}

/** A move beyond its limit, waiting to be confirmed. */
export interface PendingMove {
  readonly values: readonly (Exact | undefined)[];
  readonly confirmed: number;
  readonly atNs: number;
}

/** Everything remembered of an item. */
export class Item implements ItemView {
  readonly subject: string;
  readonly table: string;
  state: ItemState = 'stale';
  reasons: readonly Reason[] = [];
  fields: ReadonlyMap<string, FieldValue> = new Map();
  row = -1;
  /** Whether anything was ever told of it. */
  isTold = false;
  /** Last good values of what may not move too far, by move. */
  moves: readonly (Exact | undefined)[] = [];
  pending: PendingMove | undefined = undefined;

  constructor(subject: string, table: string) {
    this.subject = subject;
    this.table = table;
  }

  get quality(): ItemQuality {
    return this.state === 'live' || this.state === 'no-value' ? 'LIVE' : 'SUSPECT';
  }
}

/** Whether two values show the same. */
export function sameText(a: Printed, b: Printed): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

export function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b || (a.length === 0 && b.length === 0)) return true;
  return (
    a.length === b.length && a.every((one, index) => one === b[index] || reasonText(one) === reasonText(b[index]!))
  );
}
