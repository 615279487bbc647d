import { assert } from '@tickerplant/core';
import { type CellRuns, type Page, PageEncoder } from '@tickerplant/pages';
import {
  BlockWriter,
  encodeMessage,
  headOf,
  ITEM_MAX,
  Kind,
  LIVE,
  MESSAGE_BYTES_MAX,
  type Message,
  Quality,
  type QualityState,
  type RecordKind,
  TEMPLATE_MAX,
  type Template,
  type UpdateType,
} from '@tickerplant/records';
import { CountingSink, type MessageSink } from './message-sink.ts';

const UPDATE_HEAD = headOf(Kind.UPDATE);
const FIELDS_HEAD = headOf(Kind.FIELDS);

/** A writer's state as plain values: what one process gives another. */
export interface SavedWriter {
  /** Items defined. */
  readonly items: number;
  /** By item: 1 if it is SUSPECT. */
  readonly suspect: Uint8Array;
}

/** A template as a feed declares it; the channel gives the number. */
export interface TemplateSpec {
  readonly name: string;
  readonly updateType: UpdateType;
  readonly exponent: number;
  readonly fids: readonly number[];
  /** Upper bound of an update's length in bytes: 9 a number, 1 + its length a text, 8 for the head. */
  readonly bytesMax: number;
}

/**
 * Writes the normalised messages of one channel: hands out item and template numbers, builds updates in
 * place, and keeps track of each item's sequenced quality.
 */
export class ChannelWriter {
  readonly name: string;
  #sink: MessageSink = new CountingSink();
  readonly #writer = new BlockWriter(new Uint8Array(0));
  readonly #specs: TemplateSpec[];
  #start = 0;
  #items = 0;
  /** 1 for items that are SUSPECT in the stream. */
  #suspect = new Uint8Array(1024);
  #suspects = 0;
  /** Made when the first page is written. */
  #pages: PageEncoder | undefined;
  readonly #putPage = (bytes: Uint8Array, length: number): void => this.#putBytes(bytes, length);

  /**
   * Writes nowhere until a sink is attached.
   *
   * @param specs the templates; number i is `specs[i]`.
   */
  constructor(name: string, specs: readonly TemplateSpec[]) {
    assert(specs.length <= TEMPLATE_MAX + 1, `at most ${TEMPLATE_MAX + 1} templates on channel ${name}`);
    this.name = name;
    this.#specs = [...specs];
  }

  /** Sends what follows elsewhere: the sink of a new epoch. Call `begin` next. */
  attach(sink: MessageSink): void {
    this.#sink = sink;
  }

  /** Items defined so far in this epoch. */
  get itemCount(): number {
    return this.#items;
  }

  /**
   * The first messages of an epoch: START and the templates. All item numbers of before are void.
   *
   * @param day `2017-07-10`.
   * @param previousSession the session before and its next number, as far as known.
   */
  begin(day: string, epoch: number, previousSession = '', previousNext = 0): void {
    this.#items = 0;
    this.#suspect.fill(0);
    this.#suspects = 0;
    this.#put({ kind: Kind.START, channel: this.name, day, epoch, previousSession, previousNext });
    this.#specs.forEach(({ name, updateType, exponent, fids }, id) => {
      const template: Template = { id, name, updateType, exponent, fids };
      this.#put({ kind: Kind.TEMPLATE, template });
    });
  }

  /** What the channel's further messages depend on. */
  save(): SavedWriter {
    return { items: this.#items, suspect: this.#suspect.slice(0, this.#items) };
  }

  /** Goes on where another writer of the same channel was. */
  restore({ items, suspect }: SavedWriter): void {
    this.#items = items;
    this.#suspect = new Uint8Array(Math.max(1024, 2 * items));
    this.#suspect.set(suspect);
    this.#suspects = suspect.reduce((sum, one) => sum + one, 0);
  }

  /** Declares an item; returns its number. */
  item(subject: string, recordKind: RecordKind): number {
    const item = this.#items++;
    assert(item <= ITEM_MAX, `at most ${ITEM_MAX + 1} items on channel ${this.name}`);
    if (item >= this.#suspect.length) {
      const grown = new Uint8Array(this.#suspect.length * 2);
      grown.set(this.#suspect);
      this.#suspect = grown;
    }
    this.#put({ kind: Kind.ITEM, item, subject, recordKind });
    return item;
  }

  /** Says that an item is gone; its number is not used again in this epoch. */
  remove(item: number): void {
    this.live(item);
    this.#put({ kind: Kind.REMOVE, item });
  }

  /**
   * Begins an update. Write exactly the template's values, in its order, then call `end`.
   *
   * @returns the writer, borrowed until `end`.
   */
  update(item: number, template: number): BlockWriter {
    const spec = this.#specs[template]!;
    const writer = this.#writer;
    this.#start = this.#sink.reserve(spec.bytesMax);
    writer.bytes = this.#sink.buffer;
    writer.at = this.#start;
    writer.array(3 + spec.fids.length);
    writer.bytes[writer.at++] = UPDATE_HEAD;
    writer.int(item);
    writer.bytes[writer.at++] = template;
    return writer;
  }

  /**
   * Begins a FIELDS message. Write exactly `count` pairs of field number and value, then call `end`.
   *
   * @param flags `FieldsFlag` bits.
   * @param bytesMax upper bound of the message's length in bytes: as of a template, and 5 for each field number.
   * @returns the writer, borrowed until `end`.
   */
  fields(item: number, flags: number, count: number, bytesMax: number): BlockWriter {
    const writer = this.#writer;
    this.#start = this.#sink.reserve(bytesMax);
    writer.bytes = this.#sink.buffer;
    writer.at = this.#start;
    writer.array(3 + 2 * count);
    writer.bytes[writer.at++] = FIELDS_HEAD;
    writer.int(item);
    writer.bytes[writer.at++] = flags;
    return writer;
  }

  /**
   * Writes a whole page: an item of kind `RecordKind.PAGE`. Cells never set are so at the receiver.
   *
   * @param flags `PageFlag.POSSIBLE_DUPLICATE` or 0.
   * @returns the number of messages.
   */
  pageImage(item: number, page: Page, flags = 0): number {
    this.#pages ??= new PageEncoder();
    return this.#pages.image(item, page, flags, this.#putPage);
  }

  /**
   * Writes what changed of a page whose image has gone before in this epoch: one message, or a new image where it doesn't
   * fit in one. Says nothing when nothing changed.
   *
   * @param changes the changed cells, from the top left, as `ChangeTracker.end` tells them.
   * @returns the number of messages.
   */
  pageUpdate(item: number, page: Page, changes: CellRuns): number {
    if (changes.count === 0) return 0;
    this.#pages ??= new PageEncoder();
    return this.#pages.update(item, page, changes, this.#putPage) ? 1 : this.pageImage(item, page);
  }

  /** Ends the update or FIELDS message begun last. */
  end(): void {
    this.#sink.commit(this.#writer.at - this.#start);
  }

  /** All items of the channel become SUSPECT. */
  suspectAll(reason: string, detail: string): void {
    if (this.#items === 0) return;
    this.#suspect.fill(1, 0, this.#items);
    this.#suspects = this.#items;
    this.#quality(undefined, Quality.SUSPECT, reason, detail);
  }

  /** One item becomes SUSPECT. */
  suspect(item: number, reason: string, detail: string): void {
    if (this.#suspect[item] === 1) return;
    this.#suspect[item] = 1;
    this.#suspects++;
    this.#quality(item, Quality.SUSPECT, reason, detail);
  }

  /** Whether an item is SUSPECT: one comparison while none is. */
  isSuspect(item: number): boolean {
    return this.#suspects !== 0 && this.#suspect[item] === 1;
  }

  /** An item's values are right again. Says nothing when they weren't in doubt. */
  live(item: number): void {
    if (!this.isSuspect(item)) return;
    this.#suspect[item] = 0;
    this.#suspects--;
    this.#quality(item, LIVE.quality, LIVE.reason, LIVE.detail);
  }

  /**
   * Says how far an item (undefined: all that are defined) can be relied on, in a feed's own words. A feed uses either
   * this or `suspect` and `live`, which keep count.
   */
  quality(item: number | undefined, { quality, reason, detail }: QualityState): void {
    this.#quality(item, quality, reason, detail);
  }

  #quality(item: number | undefined, quality: Quality, reason: string, detail: string): void {
    this.#put({ kind: Kind.QUALITY, item, quality, reason, detail });
  }

  /** The slow way, for what isn't an update. */
  #put(message: Message): void {
    const bytes = encodeMessage(message);
    this.#putBytes(bytes, bytes.length);
  }

  #putBytes(bytes: Uint8Array, length: number): void {
    const at = this.#sink.reserve(Math.min(length, MESSAGE_BYTES_MAX));
    const { buffer } = this.#sink;
    for (let i = 0; i < length; i++) buffer[at + i] = bytes[i]!;
    this.#sink.commit(length);
  }
}
