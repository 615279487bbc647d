import { Decimal } from '@tickerplant/core';
import type { FieldValue } from '@tickerplant/records';
import { fieldsJson, type Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import type { Layout } from './layout.ts';
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
  /** @internal Its item's state when it was copied. */
  stateThen: ItemState | undefined;
  /** @internal */ readonly view: MessageView;
  /** @internal Position of the message before, of the same template; 0: there is none. */
  beforeAt = 0;
  /** @internal Values before, by place, where they don't stand in the message before. */
  older: (FieldValue | undefined)[] | undefined;
  private before: MessageView | undefined;
  /** Which of the messages before `before` points at. */
  private beforeSeq = -1;

  /** @internal */
  constructor(item: Item, layout: Layout) {
    this.item = item;
    this.view = new MessageView(layout);
  }

  /** `SERVICE.SYMBOL` */
  get subject(): string {
    return this.item.subject;
  }

  /** `quote`, `trade`, `correction`, `status`, `reference`, `depth` or `unspecified`. */
  get type(): string {
    return this.view.layout.typeName;
  }

  /** Name of the template: which of the feed's messages this is. */
  get template(): string {
    return this.view.layout.name;
  }

  /** The item's quality and why, at the time of the update. */
  get state(): ItemState {
    return this.stateThen ?? this.item.state;
  }

  /** Names of the fields it carries, whether changed or not. */
  get names(): readonly string[] {
    return this.view.layout.names;
  }

  /** The new value of a field: null when blank, undefined when the update doesn't carry it. */
  get(name: string): FieldValue | undefined {
    const index = this.view.layout.indexOf(name);
    return index < 0 ? undefined : this.view.value(index);
  }

  /** As `get`, by field number. */
  getByFid(fid: number): FieldValue | undefined {
    const index = this.view.layout.indexOfFid(fid);
    return index < 0 ? undefined : this.view.value(index);
  }

  /** The value that the field had before this update; undefined when there was none. */
  previous(name: string): FieldValue | undefined {
    const index = this.view.layout.indexOf(name);
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
    const values = new Map<string, FieldValue>();
    for (let i = 0; i < this.names.length; i++) values.set(this.names[i]!, this.view.value(i));
    return values;
  }

  /** A copy that lasts. */
  copy(): Update {
    const copy = new Update(this.item, this.view.layout);
    copy.seq = this.seq;
    copy.stateThen = this.state;
    copy.possibleDuplicate = this.possibleDuplicate;
    copy.view.copyFrom(this.view);
    const before = this.messageBefore();
    if (before !== undefined) {
      copy.before = new MessageView(before.layout);
      copy.before.copyFrom(before);
      copy.beforeAt = this.beforeAt;
      copy.beforeSeq = this.seq;
    }
    if (this.older !== undefined) copy.older = [...this.older];
    return copy;
  }

  toJSON(): UpdateJson {
    const { subject, seq, type, item } = this;
    return { subject, seq, type, quality: this.state.name, fields: fieldsJson(item.dictionary, this.values()) };
  }

  /** @internal */
  previousAt(index: number): FieldValue | undefined {
    if (this.older !== undefined) return this.older[index];
    return this.messageBefore()?.value(index);
  }

  /** @internal */
  changedAt(index: number): boolean {
    const before = this.older === undefined ? this.messageBefore() : undefined;
    if (before !== undefined) return this.view.differs(before, index);
    return !sameValue(this.view.value(index), this.previousAt(index));
  }

  /** Looked up when first asked for: most listeners don't ask. */
  private messageBefore(): MessageView | undefined {
    if (this.beforeAt === 0) return undefined;
    this.before ??= new MessageView(this.view.layout);
    if (this.beforeSeq !== this.seq) {
      this.item.store!.view(this.beforeAt, this.view.layout, this.before);
      this.beforeSeq = this.seq;
    }
    return this.before;
  }
}

/** An update for JSON: decimals are strings, times and enumerations text. */
export interface UpdateJson {
  readonly subject: string;
  readonly seq: number;
  readonly type: string;
  readonly quality: string;
  readonly fields: Readonly<Record<string, null | number | string>>;
}

/** Equal in value: 1.50 is 1.5. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (a instanceof Decimal && b instanceof Decimal) return a.equals(b);
  return a === b;
}
