import { inspect } from 'node:util';
import { type AttributeRun, attributeRuns, type Page } from '@tickerplant/pages';
import {
  type FieldDictionary,
  type FieldValue,
  jsonValue,
  type QualityName,
  type RecordKind,
  serviceOf,
} from '@tickerplant/records';
import type { Interest } from './interest.ts';
import type { ItemPage } from './item-page.ts';
import { type ItemState, sameState, worst } from './item-state.ts';
import type { ImageLoad, ItemTable } from './item-table.ts';
import type { ValueStore } from './value-store.ts';

/** A value that came by itself: in a FIELDS message, or as a ripple. */
export interface LooseValue {
  readonly value: FieldValue;
  readonly stamp: number;
}

/**
 * A subscribed item with its current values. The object stays the same as long as the item is subscribed,
 * through gaps, new sessions and new images; what changes is what it says.
 */
export class Item {
  /** `SERVICE.SYMBOL` */
  readonly subject: string;
  /** What its value is: a record, a depth book, a page (`RecordKind`). */
  recordKind: RecordKind;
  /** Taken off the channel by the plant. The values are the last ones. */
  removed = false;
  /**
   * Its image may repeat what came before, or go back behind it: a new epoch of a feed without positions. Updates say it
   * of themselves.
   */
  possibleDuplicate = false;

  // What follows belongs to the item table.
  /** @internal */ readonly table: ItemTable;
  /** @internal Number on the channel, in the session of `store`; -1 while unknown. */
  number = -1;
  /** @internal Where its values are: those of its session, until an image of another has come. */
  store: ValueStore | undefined;
  /** @internal Values that came one by one, by field number. */
  loose: Map<number, LooseValue> | undefined;
  /** @internal Never changed in place: items with the same interests share it. */
  interests: readonly Interest[] = [];
  /** @internal Once it is removed. */
  lastSeq = 0;
  /** @internal What keeps it from being current: waiting for an image and why; undefined when it is imaged. */
  hold: ItemState | undefined;
  /** @internal Defined in a new session that is heard from its beginning; its first values there end the hold. */
  begins = false;
  /** @internal The images that its values are being taken from. */
  load: ImageLoad | undefined;
  /** @internal What the sequenced QUALITY messages say. */
  sequenced: ItemState;
  /** @internal What the status group says of it. */
  reported: ItemState | undefined;
  /** @internal Templates whose last message could not be read, a bit each. */
  unreadable = 0;
  /** @internal */ unreadableState: ItemState | undefined;
  /** @internal Of a page: its cells. */
  cells: ItemPage | undefined;
  /** @internal What listeners were told last. */
  shown: ItemState;

  /** @internal */
  constructor(table: ItemTable, subject: string, recordKind: RecordKind, state: ItemState, sequenced: ItemState) {
    this.table = table;
    this.subject = subject;
    this.recordKind = recordKind;
    this.hold = state;
    this.shown = state;
    this.sequenced = sequenced;
  }

  /** Number up to which the values are complete, in the channel's sequence; 0 while there is no image. */
  get seq(): number {
    return this.table.seqOf(this);
  }

  /** `SERVICE` */
  get service(): string {
    return serviceOf(this.subject);
  }

  /** The part after the service. */
  get symbol(): string {
    return this.subject.slice(this.service.length + 1);
  }

  /** Name of its channel. */
  get channel(): string {
    return this.table.channel;
  }

  /** Whether the image has come; false again when it no longer counts (lost messages, a new session). */
  get hasImage(): boolean {
    return this.hold === undefined && this.cells?.state === undefined;
  }

  /**
   * The page, of an item that is one: undefined before its first image. It is worked on in place and is always one that the
   * service had; whether it has it still, `state` says. Copy what is to last; write nothing into it.
   */
  get page(): Page | undefined {
    return this.cells?.page;
  }

  /** The worst of all there is to say: about the item, its channel, the feed and the plants. */
  get state(): ItemState {
    let state = this.hold ?? this.sequenced;
    if (this.hold !== undefined) state = worst(state, this.sequenced);
    if (this.reported !== undefined) state = worst(state, this.reported);
    if (this.unreadableState !== undefined) state = worst(state, this.unreadableState);
    if (this.cells?.state !== undefined) state = worst(state, this.cells.state);
    state = worst(state, this.table.state);
    return sameState(state, this.shown) ? this.shown : state;
  }

  /** `LIVE`, or what it is instead; `state` says why and since when. */
  get quality(): QualityName {
    return this.state.name;
  }

  /** Whether the values can be relied on. */
  get isLive(): boolean {
    return this.state.quality === 0;
  }

  /**
   * The current value of a field: undefined when the item doesn't have it (yet), null when it is blank.
   *
   * @param name `BID`
   */
  get(name: string): FieldValue | undefined {
    const fid = this.table.fidOf(name);
    return fid === undefined ? undefined : this.table.valueOf(this, fid);
  }

  /** As `get`, by field number. */
  getByFid(fid: number): FieldValue | undefined {
    return this.table.valueOf(this, fid);
  }

  /** All current values, by name, in the order of their templates. */
  values(): Map<string, FieldValue> {
    const values = new Map<string, FieldValue>();
    for (const fid of this.table.fidsOf(this)) {
      const value = this.table.valueOf(this, fid);
      if (value !== undefined) values.set(this.dictionary.nameOf(fid), value);
    }
    return values;
  }

  /** Dictionary of its fields, for formatting. */
  get dictionary(): FieldDictionary {
    return this.table.dictionary;
  }

  toJSON(): ItemJson {
    const { subject, seq } = this;
    const { name, reason, detail } = this.state;
    const fields = fieldsJson(this.dictionary, this.values());
    const { page } = this;
    const json = { subject, seq, quality: name, reason, detail, fields };
    return page === undefined ? json : { ...json, page: pageJson(page) };
  }
}

// What `console.log` shows.
Object.defineProperty(Item.prototype, inspect.custom, {
  value(this: Item) {
    return this.toJSON();
  },
});

/** An item for JSON: decimals are strings, times and enumerations text. */
export interface ItemJson {
  readonly subject: string;
  readonly seq: number;
  readonly quality: QualityName;
  readonly reason: string;
  readonly detail: string;
  readonly fields: Readonly<Record<string, null | number | string>>;
  /** Of a page. */
  readonly page?: PageJson;
}

/** A page for JSON. */
export interface PageJson {
  readonly rows: number;
  readonly columns: number;
  /** A row's characters, without blanks at its end. */
  readonly text: readonly string[];
  /** A row's looks: column, length, foreground, background, flags. */
  readonly runs: readonly (readonly AttributeRun[])[];
}

function pageJson(page: Page): PageJson {
  const rows = Array.from({ length: page.rows }, (_, row) => row);
  return {
    rows: page.rows,
    columns: page.columns,
    text: rows.map((row) => page.rowText(row).trimEnd()),
    runs: rows.map((row) => attributeRuns(page, row)),
  };
}

/** Values as JSON carries them. */
export function fieldsJson(
  dictionary: FieldDictionary,
  values: Iterable<readonly [string, FieldValue]>,
): Record<string, null | number | string> {
  const json: Record<string, null | number | string> = {};
  for (const [name, value] of values) json[name] = jsonValue(dictionary, dictionary.byName(name), value);
  return json;
}
