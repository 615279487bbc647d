import type { FieldValue, Printed } from './fields.ts';
import type { Remembered } from './moves.ts';
import { type Reason, reasonText } from './reasons.ts';
import type { RowReading } from './row-reader.ts';

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
  readonly values: Remembered;
  readonly confirmed: number;
  readonly atNs: number;
  /** Whether something moved; else its key is new, and nothing more. */
  readonly isMove: boolean;
}

const NONE: readonly never[] = [];

/** A field, as far as items know it. */
interface Named {
  readonly name: string;
}

/** What other values change: those that differ, and the fields that have none any more. */
interface FieldChanges {
  readonly changed: ReadonlyMap<string, FieldValue>;
  readonly removed: readonly string[];
}

function fieldsOf(names: readonly Named[], values: readonly (FieldValue | undefined)[]): Map<string, FieldValue> {
  const fields = new Map<string, FieldValue>();
  names.forEach(({ name }, index) => {
    const value = values[index];
    if (value !== undefined) fields.set(name, value);
  });
  return fields;
}

function changesOf(
  names: readonly Named[],
  before: readonly (FieldValue | undefined)[],
  after: readonly (FieldValue | undefined)[],
): FieldChanges | undefined {
  let changed: Map<string, FieldValue> | undefined;
  let removed: string[] | undefined;
  for (let index = 0; index < names.length; index++) {
    const old = before[index];
    const now = after[index];
    if (old === now) continue;
    if (now === undefined) {
      removed ??= [];
      removed.push(names[index]!.name);
    } else if (old === undefined || !sameText(old.text, now.text)) {
      changed ??= new Map();
      changed.set(names[index]!.name, now);
    }
  }
  if (changed === undefined && removed === undefined) return undefined;
  return { changed: changed ?? new Map(), removed: removed ?? NONE };
}

/** Everything remembered of an item. */
export class Item implements ItemView {
  readonly subject: string;
  readonly table: string;
  state: ItemState = 'stale';
  reasons: readonly Reason[] = [];
  row = -1;
  /** Whether anything was ever told of it. */
  isTold = false;
  /** Whether it was ever believed. */
  isKnown = false;
  /** Last good values of what may not move too far. */
  moves: Remembered = [];
  pending: PendingMove | undefined = undefined;
  /** What `moves` was last taken from. */
  movesFrom: RowReading | undefined = undefined;
  #names: readonly Named[] = NONE;
  #values: readonly (FieldValue | undefined)[] = NONE;
  #fields: ReadonlyMap<string, FieldValue> | undefined = undefined;

  constructor(subject: string, table: string) {
    this.subject = subject;
    this.table = table;
  }

  get fields(): ReadonlyMap<string, FieldValue> {
    // Made when somebody asks: most values are replaced before that.
    this.#fields ??= fieldsOf(this.#names, this.#values);
    return this.#fields;
  }

  /**
   * Takes other values.
   *
   * @param names of fields. @param values by field; undefined where it has none.
   * @returns what changed; undefined where nothing did.
   */
  take(names: readonly Named[], values: readonly (FieldValue | undefined)[]): FieldChanges | undefined {
    const changes = names === this.#names ? changesOf(names, this.#values, values) : this.#otherNames(names, values);
    this.#names = names;
    this.#values = values;
    this.#fields = undefined;
    return changes;
  }

  #otherNames(names: readonly Named[], values: readonly (FieldValue | undefined)[]): FieldChanges | undefined {
    const before = this.fields;
    const after = fieldsOf(names, values);
    const old = names.map(({ name }) => before.get(name));
    const changes = changesOf(names, old, values);
    const gone = [...before.keys()].filter((name) => !after.has(name));
    return changes === undefined && gone.length === 0
      ? undefined
      : { changed: changes?.changed ?? new Map(), removed: gone };
  }

  get quality(): ItemQuality {
    return this.state === 'live' || this.state === 'no-value' ? 'LIVE' : 'SUSPECT';
  }
}

/** Whether two values show the same. */
function sameText(a: Printed, b: Printed): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** Facts that change with every tick of a page in drift, and say nothing new. */
const PASSING: ReadonlySet<string> = new Set([
  'got',
  'last',
  'first',
  'refused',
  'failed',
  'good',
  'of',
  'shown',
  'before',
  'percent',
  'settled',
]);

/** Whether nothing need be told again: the same is wrong in the same places, whatever stands there now. */
export function saysTheSame(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((one, index) => isSameFault(one, b[index]!));
}

function isSameFault(a: Reason, b: Reason): boolean {
  if (a === b) return true;
  if (a.code !== b.code) return false;
  const names = Object.keys(a.facts);
  if (names.length !== Object.keys(b.facts).length) return false;
  return names.every((name) => PASSING.has(name) || a.facts[name] === b.facts[name]);
}

export function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  if (a === b || (a.length === 0 && b.length === 0)) return true;
  return (
    a.length === b.length && a.every((one, index) => one === b[index] || reasonText(one) === reasonText(b[index]!))
  );
}
