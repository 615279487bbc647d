import { inspect } from 'node:util';
import { Decimal } from '@tickerplant/core';
import type { CellRuns } from '@tickerplant/pages';
import { FieldDictionary, type FieldValue, UpdateType } from '@tickerplant/records';
import { fieldsJson, type Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import { Layout } from './layout.ts';
import { MessageView } from './message-view.ts';

/**
 * A partial change of an item, decoded field by field as it is asked for.
 *
 * *Borrowed*: the object that a listener gets is refilled for the next update, and its bytes are those of the
 * packet. Take a `copy` to keep it beyond the call.
 */
export class Update {
  /** The item, which shows the new values already. */
  item: Item;
  /** Number in the channel's sequence. */
  seq = 0;
  /** May repeat what came before: a new epoch of a feed without positions. */
  possibleDuplicate = false;
  /** Of a page: the runs of cells that are others than before; `item.page` shows the new ones already. */
  cells: CellRuns | undefined;
  /** @internal */ readonly view: MessageView;
  /** @internal Position of the message before, of the same template; 0: there is none. */
  beforeAt = 0;
  /** @internal Values before, by place, where no message before has them all. */
  older: (FieldValue | undefined)[] | undefined;
  private kept: KeptMessages | undefined;
  private texts: readonly string[] | undefined;
  private readonly before: MessageView;
  /** Number of the update whose message before `before` points at. */
  private beforeSeq = -1;

  /** @internal */
  constructor(item: Item, view: MessageView, before: MessageView) {
    this.item = item;
    this.view = view;
    this.before = before;
  }

  /** `SERVICE.SYMBOL` */
  get subject(): string {
    return this.item.subject;
  }

  /** `quote`, `trade`, `correction`, `status`, `reference`, `depth`, `page` or `unspecified`. */
  get type(): string {
    return this.cells === undefined ? this.layout.typeName : 'page';
  }

  /** Name of the template: which of the feed's messages this is. */
  get template(): string {
    return this.layout.name;
  }

  /** The item's quality and why, at the time of the update. */
  get state(): ItemState {
    return this.kept?.state ?? this.item.state;
  }

  /** Names of the fields it carries, whether changed or not. */
  get names(): readonly string[] {
    return this.layout.names;
  }

  /** The new value of a field: null when blank, undefined when the update doesn't carry it. */
  get(name: string): FieldValue | undefined {
    const index = this.layout.indexOf(name);
    return index < 0 ? undefined : this.message().value(index);
  }

  /** As `get`, by field number. */
  getByFid(fid: number): FieldValue | undefined {
    const index = this.layout.indexOfFid(fid);
    return index < 0 ? undefined : this.message().value(index);
  }

  /** The value that the field had before this update; undefined when there was none. */
  previous(name: string): FieldValue | undefined {
    const index = this.layout.indexOf(name);
    return index < 0 ? undefined : this.previousAt(index);
  }

  /** Names of the fields whose value is another than before. */
  get changed(): string[] {
    const names: string[] = [];
    for (let i = 0; i < this.names.length; i++) if (this.changedAt(i)) names.push(this.names[i]!);
    return names;
  }

  /** The values it carries, by name. */
  values(): Map<string, FieldValue> {
    const message = this.message();
    return new Map(this.names.map((name, index) => [name, message.value(index)]));
  }

  /** Of a page: the characters of a run of `cells`, as the update has made them. */
  cellText(run: number): string {
    if (this.texts !== undefined) return this.texts[run] ?? '';
    const { cells } = this;
    const { page } = this.item;
    return cells === undefined || page === undefined
      ? ''
      : page.rowText(cells.row(run), cells.first(run), cells.end(run));
  }

  /** A copy that lasts. */
  copy(): Update {
    const copy = new Update(this.item, COPIED, COPIED_BEFORE);
    copy.seq = this.seq;
    copy.possibleDuplicate = this.possibleDuplicate;
    const { cells } = this;
    if (cells !== undefined) {
      copy.cells = cells.copy();
      copy.texts = this.texts ?? Array.from({ length: cells.count }, (_, run) => this.cellText(run));
    }
    if (this.kept !== undefined) {
      copy.kept = this.kept;
      copy.older = this.older;
      return copy;
    }
    const older = this.isMixed ? this.names.map((_, index) => this.previousAt(index)) : this.older;
    copy.older = older;
    copy.kept = new KeptMessages(this.view, older === undefined ? this.messageBefore() : undefined, this.item.state);
    return copy;
  }

  toJSON(): UpdateJson {
    const { subject, seq, type, item } = this;
    return {
      subject,
      seq,
      type,
      ...(this.possibleDuplicate ? { possibleDuplicate: true as const } : {}),
      quality: this.state.name,
      fields: fieldsJson(item.dictionary, this.values()),
      ...(this.cells === undefined ? {} : { cells: this.cellsJson(this.cells) }),
    };
  }

  private cellsJson(cells: CellRuns): CellsJson[] {
    return Array.from({ length: cells.count }, (_, run) => [cells.row(run), cells.first(run), this.cellText(run)]);
  }

  private get layout(): Layout {
    return this.kept === undefined ? this.view.layout : this.kept.layout;
  }

  private message(): MessageView {
    return this.kept === undefined ? this.view : this.kept.message();
  }

  private previousAt(index: number): FieldValue | undefined {
    if (this.older !== undefined) return this.older[index];
    if (this.isMixed) return this.item.table.storedValue(this.item, this.layout.fids[index]!);
    return this.messageBefore()?.value(index);
  }

  private changedAt(index: number): boolean {
    const before = this.older === undefined && !this.isMixed ? this.messageBefore() : undefined;
    if (before !== undefined) return this.message().differs(before, index);
    return !sameValue(this.message().value(index), this.previousAt(index));
  }

  /** Whether values of before may stand elsewhere than in the message before. */
  private get isMixed(): boolean {
    return this.kept === undefined && (this.view.layout.overlaps || this.item.loose !== undefined);
  }

  /** Looked up when first asked for: most listeners don't ask. */
  private messageBefore(): MessageView | undefined {
    if (this.kept !== undefined) return this.kept.messageBefore();
    if (this.beforeAt === 0) return undefined;
    if (this.beforeSeq !== this.seq) {
      this.item.store!.view(this.beforeAt, this.view.layout, this.before);
      this.beforeSeq = this.seq;
    }
    return this.before;
  }
}

// What `console.log` shows.
Object.defineProperty(Update.prototype, inspect.custom, {
  value(this: Update) {
    return this.toJSON();
  },
});

/**
 * The messages of a copied update: only their bytes, so that copies are cheap; a view is pointed at them when one
 * is looked at.
 */
class KeptMessages {
  readonly layout: Layout;
  readonly state: ItemState;
  /** The message, and behind it the one before. */
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly values: number;
  private readonly valuesBefore: number;
  private readonly pairs: boolean;

  constructor(message: MessageView, before: MessageView | undefined, state: ItemState) {
    this.layout = message.layout;
    this.state = state;
    this.end = message.end - message.start;
    this.values = message.values - message.start;
    this.pairs = message.pairs;
    const lengthBefore = before === undefined ? 0 : before.end - before.start;
    this.valuesBefore = before === undefined ? 0 : this.end + before.values - before.start;
    // Not `slice`: that of a Buffer gives a view of the packet.
    const bytes = new Uint8Array(this.end + lengthBefore);
    for (let i = 0; i < this.end; i++) bytes[i] = message.bytes[message.start + i]!;
    for (let i = 0; i < lengthBefore; i++) bytes[this.end + i] = before!.bytes[before!.start + i]!;
    this.bytes = bytes;
  }

  message(): MessageView {
    if (copiedOwner !== this) {
      copiedOwner = this;
      const { bytes, values, end, layout } = this;
      if (this.pairs) COPIED.pointAtPairs(bytes, 0, values, end, layout.fids.length, () => layout);
      else COPIED.point(bytes, 0, values, end, layout);
    }
    return COPIED;
  }

  messageBefore(): MessageView | undefined {
    if (this.valuesBefore === 0) return undefined;
    COPIED_BEFORE.point(this.bytes, this.end, this.valuesBefore, this.bytes.length, this.layout);
    return COPIED_BEFORE;
  }
}

// Work views for copies, and whose message the first one points at.
const NO_LAYOUT = new Layout(
  { id: 0, name: '', updateType: UpdateType.UNSPECIFIED, exponent: 0, fids: [] },
  new FieldDictionary(),
);
const COPIED = new MessageView(NO_LAYOUT);
const COPIED_BEFORE = new MessageView(NO_LAYOUT);
let copiedOwner: KeptMessages | undefined;

/** Cells of a page that changed: row and first column, from 0, and their characters. */
export type CellsJson = readonly [row: number, column: number, text: string];

/** An update for JSON: decimals are strings, times and enumerations text. */
export interface UpdateJson {
  readonly subject: string;
  readonly seq: number;
  readonly type: string;
  /** Only where it is so. */
  readonly possibleDuplicate?: true;
  readonly quality: string;
  readonly fields: Readonly<Record<string, null | number | string>>;
  /** Of a page. */
  readonly cells?: readonly CellsJson[];
}

/** Equal in value: 1.50 is 1.5. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a instanceof Decimal && b instanceof Decimal) return a.equals(b);
  return a === b;
}
