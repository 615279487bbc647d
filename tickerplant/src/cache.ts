import { type ErrorContext, TickerError } from '@tickerplant/core';
import { digestPage, type Page, PageStep } from '@tickerplant/pages';
import {
  BlockReader,
  decodeMessage,
  type FieldDictionary,
  FieldsFlag,
  type FieldsMessage,
  type FieldValue,
  headOf,
  ITEM_MAX,
  type ItemMessage,
  Kind,
  LIVE,
  MESSAGE_BYTES_MAX,
  type QualityMessage,
  type QualityState,
  RecordKind,
  type StartMessage,
  serviceOf,
  TEMPLATE_MAX,
  type Template,
  type TemplateMessage,
  typedValue,
} from '@tickerplant/records';
import { BLOCK_HEADER_BYTES, blockEndBE } from '@tickerplant/sequence';
import { CellStore } from './cells.ts';
import type { CacheCounters } from './counters.ts';
import { digestValues, type ItemValues } from './digest.ts';
import { FieldValues } from './field-values.ts';
import { PageCache } from './page-cache.ts';

// A plant doesn't decode: what an item is worth follows from the last UPDATE of each template, the FIELDS
// messages after the last image, and the last QUALITY; so it keeps just these messages, as they came. Each
// item has a row of slots, each slot the address of a message's cell (0: none):
//
//     slots:   | ITEM | QUALITY | template 0 | template 1 | … |      `stride` slots a row
//
// Rows count items as they appear, so that wild item numbers cost nothing; `rows` leads from number to row.

const ITEM_SLOT = 0;
const QUALITY_SLOT = 1;
const TEMPLATE_SLOT = 2;
const STRIDE_STEP = 8;
const ROWS_AT_FIRST = 64;
const GONE = -1;
const UPDATE_HEAD = headOf(Kind.UPDATE);
const PAGE_IMAGE_HEAD = headOf(Kind.PAGE_IMAGE);
const PAGE_UPDATE_HEAD = headOf(Kind.PAGE_UPDATE);
/** No update with a header of the longest form is shorter; anything shorter goes the slow way. */
const FAST_BYTES_MIN = 10;

/** Bytes of a value by its first byte; 0 for what only the careful reader judges. */
const STEP: Uint8Array = new Uint8Array(256);
STEP.fill(1, 0x00, 0x80);
STEP.fill(1, 0xe0);
for (let length = 0; length < 32; length++) STEP[0xa0 + length] = 1 + length;
STEP[0xc0] = 1;
STEP[0xcc] = STEP[0xd0] = 2;
STEP[0xcd] = STEP[0xd1] = 3;
STEP[0xce] = STEP[0xd2] = 5;
STEP[0xcf] = STEP[0xd3] = 9;

/** Takes messages that cannot be used. The bytes are borrowed. */
export type MessageFault = (
  code: string,
  message: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  context: ErrorContext,
) => void;

/** A channel's values as plain values: what one plant gives another. */
export interface SavedValues {
  /** The messages that make them, definitions first, as blocks. */
  readonly blocks: Uint8Array;
  /** Their numbers. */
  readonly seqs: Float64Array;
  readonly next: number;
}

/** Rows of a channel's values, given before the rest. */
export interface SavedRows {
  readonly values: SavedValues;
  /** The first row behind them. */
  readonly endRow: number;
}

/** What is remembered of a piece that was given. */
export interface GivenRows {
  /** The first row behind it. */
  readonly endRow: number;
  /** The value of `next` when it was given. */
  readonly next: number;
}

/** The rest: what has changed since, what has come. */
export interface SavedRest {
  readonly values: SavedValues;
  /** Numbers of items among those given before that are void. */
  readonly gone: Int32Array;
}

/** Takes the messages of an image, one by one. The bytes are borrowed. */
export interface ImageSink {
  entry(bytes: Uint8Array, start: number, end: number, seq: number): void;
}

/**
 * The current values of all items of one channel, kept as the last messages that carry them.
 *
 * Sans-I/O: takes in-order messages, answers with images. Bad messages reach `onFault`, are counted and have
 * no other effect.
 */
export class CurrentValues {
  /** Number after the last message taken in or lost; 0 before the first. */
  next = 0;
  /** The epoch's first message, if it came. */
  start: StartMessage | undefined;

  private readonly counters: CacheCounters;
  private readonly onFault: MessageFault;
  private readonly reader: BlockReader = new BlockReader();
  private readonly cells: CellStore = new CellStore();
  private readonly fieldValues: FieldValues = new FieldValues();
  private readonly pages: PageCache;

  // Item number → row, 0 for a number never declared, GONE for one removed.
  private rows: Int32Array = new Int32Array(ROWS_AT_FIRST);
  private slots: Int32Array = new Int32Array(0);
  private stride = STRIDE_STEP;
  private rowsMax = 0;
  // Elements of the template's updates; 0 for a template never declared.
  private readonly elements: Uint8Array = new Uint8Array(TEMPLATE_MAX + 1);

  private readonly templates: (Template | undefined)[] = [];
  private definitionCells: { seq: number; bytes: Uint8Array }[] = [];
  // By row; row 0 is nobody's.
  private subjects: (string | undefined)[] = [undefined];
  private items: number[] = [0];
  private kinds: number[] = [0];
  /** From which number on the row's values are complete, whatever was lost before. */
  private wholeSince: number[] = [0];
  private readonly bySubject = new Map<string, number>();
  private readonly services = new Map<string, number>();
  /** Counts the changes of `serviceNames`. */
  serviceChanges = 0;
  private channelQuality: { seq: number; bytes: Uint8Array; state: QualityState } | undefined;
  private lostBefore = 0;
  private lostRows = 0;
  /** Whether something undeclared came after a loss: its declaration may have been in the hole. */
  private strangersSinceLoss = false;

  constructor(counters: CacheCounters, onFault: MessageFault) {
    this.counters = counters;
    this.onFault = onFault;
    this.pages = new PageCache(this.cells, counters);
  }

  /** Items declared and not removed. */
  get itemCount(): number {
    return this.bySubject.size;
  }

  /** Rows that are or were in use, from 1 on. In an epoch a row is never used again: later items have higher ones. */
  get lastRow(): number {
    return this.subjects.length - 1;
  }

  /** Bytes held for messages and slots, without what JavaScript keeps for subjects. */
  get allocatedBytes(): number {
    return this.cells.allocatedBytes + this.slots.byteLength + this.rows.byteLength;
  }

  /** Whether messages were lost and not all items have had an image since. */
  get damaged(): boolean {
    return this.lostRows > 0 || this.strangersSinceLoss;
  }

  /** Items that may be wrong because messages before their last image were lost. */
  get damagedItems(): number {
    return this.lostRows;
  }

  /** Takes in `count` blocks of `bytes[start, end)`, the first of which is number `seq`. */
  consume(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    // One view for all messages of a packet: they are copied four bytes at a time.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = start;
    let number = seq;
    let updates = 0;
    for (let left = count; left > 0 && at + 2 <= end; left--) {
      const from = at + 2;
      at = from + ((bytes[at]! << 8) | bytes[at + 1]!);
      if (at > end) break;
      const slot = this.updateSlot(bytes, from, at);
      if (slot > 0) {
        const slots = this.slots;
        const cell = slots[slot]!;
        const kept = this.cells.put(cell, view, from, at - from, number);
        if (kept !== cell) slots[slot] = kept;
        updates++;
      } else {
        this.other(bytes, view, from, at, number);
      }
      number++;
    }
    this.next = seq + count;
    this.counters.updates += updates;
    this.counters.messages += count;
  }

  /** The hot path: slot of an update in its usual form, found good throughout; 0 for any other message. */
  private updateSlot(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length < FAST_BYTES_MIN || length > MESSAGE_BYTES_MAX) return 0;
    const first = bytes[from]!;
    let at = from + 1;
    let elements = first & 0x0f;
    if (first === 0xdc) {
      elements = (bytes[at]! << 8) | bytes[at + 1]!;
      at += 2;
    } else if ((first & 0xf0) !== 0x90) {
      return 0;
    }
    if (bytes[at] !== UPDATE_HEAD) return 0;
    let item = bytes[++at]!;
    if (item < 0x80) {
      at++;
    } else if (item === 0xcd) {
      item = (bytes[at + 1]! << 8) | bytes[at + 2]!;
      at += 3;
    } else if (item === 0xce) {
      item = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
      at += 5;
    } else if (item === 0xcc) {
      item = bytes[at + 1]!;
      at += 2;
    } else {
      return 0;
    }
    const template = bytes[at++]!;
    if (template > TEMPLATE_MAX || this.elements[template] !== elements) return 0;
    const row = item >= 0 && item < this.rows.length ? this.rows[item]! : 0;
    if (row <= 0) return 0;
    for (let left = elements - 3; left > 0; left--) {
      if (at >= to) return 0;
      const step = STEP[bytes[at]!]!;
      at = step !== 0 ? at + step : this.stepOver(bytes, at, to);
    }
    return at === to ? row * this.stride + TEMPLATE_SLOT + template : 0;
  }

  /** End of a value of the rarer sorts; `to + 1` when it is none. */
  private stepOver(bytes: Uint8Array, at: number, to: number): number {
    this.reader.reset(bytes, at, to);
    return this.reader.skip() ? this.reader.at : to + 1;
  }

  /** Everything but a plain update, and what is wrong. */
  private other(bytes: Uint8Array, view: DataView, from: number, to: number, seq: number): void {
    if (to - from > MESSAGE_BYTES_MAX) {
      this.counters.malformed++;
      const what = `expected a message of at most ${MESSAGE_BYTES_MAX} bytes, found ${to - from}`;
      this.onFault('PLANT_MESSAGE_TOO_LONG', what, bytes, from, to, { seq });
      return;
    }
    try {
      this.decoded(bytes, view, from, to, seq);
    } catch (error) {
      if (!(error instanceof TickerError)) throw error;
      this.counters.malformed++;
      this.onFault(error.code, error.message, bytes, from, to, { ...error.context, seq });
    }
  }

  private decoded(bytes: Uint8Array, view: DataView, from: number, to: number, seq: number): void {
    if (this.pageMessage(bytes, view, from, to, seq)) return;
    const message = decodeMessage(bytes, from, to);
    const fault = (code: string, what: string): void => this.onFault(code, what, bytes, from, to, { seq });
    switch (message.kind) {
      case Kind.START:
        this.clear();
        this.start = message;
        this.definitionCells.push({ seq, bytes: bytes.slice(from, to) });
        return;
      case Kind.TEMPLATE:
        this.template(message, bytes, from, to, seq, fault);
        return;
      case Kind.ITEM:
        this.item(message, view, from, to, seq, fault);
        return;
      case Kind.QUALITY:
        this.quality(message, bytes, view, from, to, seq, fault);
        return;
    }
    if (message.kind === Kind.PAGE_IMAGE || message.kind === Kind.PAGE_UPDATE) return;
    const row = this.rowOfItem(message.item);
    if (row === 0) {
      this.stranger(message.item, fault);
      return;
    }
    switch (message.kind) {
      case Kind.UPDATE: {
        const expected = this.elements[message.template]!;
        if (expected === 0) {
          this.counters.unknownTemplate++;
          this.strangersSinceLoss ||= this.lostBefore > 0;
          fault('PLANT_UNKNOWN_TEMPLATE', `expected a template declared before, found ${message.template}`);
        } else if (message.values.length !== expected - 3) {
          this.counters.wrongCount++;
          const what = `expected ${expected - 3} values for template ${message.template}, found ${message.values.length}`;
          fault('PLANT_WRONG_COUNT', what);
        } else {
          this.counters.updates++;
          this.keep(row, TEMPLATE_SLOT + message.template, view, from, to, seq);
        }
        return;
      }
      case Kind.FIELDS:
        this.fieldValues.put(row, message, bytes.slice(from, to), seq);
        this.counters.fields++;
        if ((message.flags & FieldsFlag.IMAGE) !== 0) {
          this.dropSlots(row, TEMPLATE_SLOT);
          this.whole(row, seq);
        }
        return;
      case Kind.REMOVE:
        this.counters.removed++;
        this.remove(message.item, row, seq);
        return;
    }
  }

  /** Takes a message of a page, in place. @returns whether it is one */
  private pageMessage(bytes: Uint8Array, view: DataView, from: number, to: number, seq: number): boolean {
    this.reader.reset(bytes, from, to);
    this.reader.array();
    const head = this.reader.uint();
    if (head !== PAGE_IMAGE_HEAD && head !== PAGE_UPDATE_HEAD) return false;
    const item = this.reader.uint();
    const fault = (code: string, what: string): void => this.onFault(code, what, bytes, from, to, { seq });
    const row = this.rowOfItem(item);
    if (this.reader.fault !== undefined) {
      this.counters.malformed++;
      fault('RECORDS_BAD_MESSAGE', this.reader.fault);
    } else if (row === 0) {
      this.stranger(item, fault);
    } else if (this.kinds[row] !== RecordKind.PAGE) {
      this.counters.conflicting++;
      fault('PLANT_NOT_A_PAGE', `expected ${this.subjects[row]!} to be a page, found kind ${this.kinds[row]!}`);
    } else {
      const step = this.pages.take(row, bytes, view, from, to, seq);
      if (step === PageStep.UPDATE) this.counters.pageUpdates++;
      if (step === PageStep.IMAGE) this.whole(row, seq);
      if (typeof step === 'string') {
        this.counters.pageFaults++;
        fault('PLANT_PAGE_FAULT', step);
      }
    }
    return true;
  }

  private template(
    { template }: TemplateMessage,
    bytes: Uint8Array,
    from: number,
    to: number,
    seq: number,
    fault: (code: string, what: string) => void,
  ): void {
    const before = this.templates[template.id];
    if (before !== undefined) {
      if (!sameTemplate(before, template)) {
        this.counters.conflicting++;
        fault(
          'PLANT_TEMPLATE_CHANGED',
          `expected template ${template.id} as it was declared before, found other fields`,
        );
        return;
      }
      this.counters.definitions++;
      return;
    }
    this.counters.definitions++;
    this.templates[template.id] = template;
    this.elements[template.id] = 3 + template.fids.length;
    this.definitionCells.push({ seq, bytes: bytes.slice(from, to) });
    if (TEMPLATE_SLOT + template.id >= this.stride) this.widen(TEMPLATE_SLOT + template.id + 1);
  }

  private item(
    { item, subject, recordKind }: ItemMessage,
    view: DataView,
    from: number,
    to: number,
    seq: number,
    fault: (code: string, what: string) => void,
  ): void {
    const conflict = (what: string): void => {
      this.counters.conflicting++;
      fault('PLANT_ITEM_CHANGED', what);
    };
    const before = item < this.rows.length ? this.rows[item]! : 0;
    if (before === GONE) {
      conflict(`expected a new number for ${subject}, found ${item}, which was removed`);
      return;
    }
    if (before > 0) {
      if (this.subjects[before] !== subject || this.kinds[before] !== recordKind) {
        conflict(`expected item ${item} to be ${this.subjects[before]!} as before, found ${subject}`);
        return;
      }
      this.counters.definitions++;
      return;
    }
    const namesake = this.bySubject.get(subject);
    if (namesake !== undefined) {
      conflict(`expected ${subject} as item ${this.items[namesake]!}, as before, found it as item ${item}`);
      return;
    }
    this.counters.definitions++;
    const row = this.newRow();
    this.setRow(item, row);
    this.subjects[row] = subject;
    this.items[row] = item;
    this.kinds[row] = recordKind;
    this.wholeSince[row] = seq;
    this.bySubject.set(subject, row);
    const service = serviceOf(subject);
    const items = this.services.get(service) ?? 0;
    if (items === 0) this.serviceChanges++;
    this.services.set(service, items + 1);
    this.keep(row, ITEM_SLOT, view, from, to, seq);
  }

  private quality(
    { item, quality, reason, detail }: QualityMessage,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    to: number,
    seq: number,
    fault: (code: string, what: string) => void,
  ): void {
    if (item === undefined) {
      this.counters.qualities++;
      // Whatever items' own messages said before no longer counts: their lower numbers tell.
      this.channelQuality = { seq, bytes: bytes.slice(from, to), state: { quality, reason, detail } };
      return;
    }
    const row = this.rowOfItem(item);
    if (row === 0) {
      this.stranger(item, fault);
      return;
    }
    this.counters.qualities++;
    this.keep(row, QUALITY_SLOT, view, from, to, seq);
  }

  private stranger(item: number, fault: (code: string, what: string) => void): void {
    this.counters.unknownItem++;
    this.strangersSinceLoss ||= this.lostBefore > 0;
    fault('PLANT_UNKNOWN_ITEM', `expected an item declared before and not removed, found ${item}`);
  }

  private keep(row: number, slot: number, view: DataView, from: number, to: number, seq: number): void {
    const at = row * this.stride + slot;
    this.slots[at] = this.cells.put(this.slots[at]!, view, from, to - from, seq);
  }

  private dropSlots(row: number, first: number): void {
    const end = (row + 1) * this.stride;
    for (let at = row * this.stride + first; at < end; at++) {
      if (this.slots[at] !== 0) this.cells.free(this.slots[at]!);
      this.slots[at] = 0;
    }
  }

  private remove(item: number, row: number, seq: number): void {
    const subject = this.subjects[row]!;
    this.whole(row, seq);
    this.dropSlots(row, 0);
    this.fieldValues.delete(row);
    this.pages.delete(row);
    this.bySubject.delete(subject);
    this.subjects[row] = undefined;
    this.rows[item] = GONE;
    const service = serviceOf(subject);
    const others = this.services.get(service)! - 1;
    if (others === 0) {
      this.services.delete(service);
      this.serviceChanges++;
    } else {
      this.services.set(service, others);
    }
  }

  private newRow(): number {
    const row = this.subjects.length;
    if (row >= this.rowsMax) {
      this.rowsMax = Math.max(ROWS_AT_FIRST, 2 * this.rowsMax);
      const slots = new Int32Array(this.rowsMax * this.stride);
      slots.set(this.slots);
      this.slots = slots;
    }
    return row;
  }

  private setRow(item: number, row: number): void {
    if (item >= this.rows.length) {
      let length = this.rows.length;
      while (length <= item) length *= 2;
      const rows = new Int32Array(Math.min(length, ITEM_MAX + 1));
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows[item] = row;
  }

  /** Makes room for templates with higher numbers. */
  private widen(needed: number): void {
    const stride = Math.ceil(needed / STRIDE_STEP) * STRIDE_STEP;
    const slots = new Int32Array(this.rowsMax * stride);
    for (let row = 0; row < this.subjects.length; row++) {
      slots.set(this.slots.subarray(row * this.stride, (row + 1) * this.stride), row * stride);
    }
    this.slots = slots;
    this.stride = stride;
  }

  /**
   * Numbers from `from` up to but not including `to` will never come: until its next image, each item may be
   * wrong.
   */
  lose(from: number, to: number): void {
    this.next = Math.max(this.next, to);
    if (to > from) this.pages.interrupt();
    if (to <= from || to <= this.lostBefore) return;
    this.lostBefore = to;
    this.lostRows = this.itemCount;
    // Items and templates may have been declared in the hole.
    this.strangersSinceLoss ||= this.itemCount === 0;
  }

  /** The row's values are complete as of `seq`. */
  private whole(row: number, seq: number): void {
    if (this.wholeSince[row]! < this.lostBefore && seq >= this.lostBefore) this.lostRows--;
    this.wholeSince[row] = seq;
  }

  /** Drops everything: a new session begins. */
  clear(): void {
    if (this.itemCount > 0 || this.definitionCells.length > 0) this.counters.cleared++;
    this.next = 0;
    this.start = undefined;
    this.cells.clear();
    this.fieldValues.clear();
    this.pages.clear();
    this.rows = new Int32Array(ROWS_AT_FIRST);
    this.slots = new Int32Array(0);
    this.stride = STRIDE_STEP;
    this.rowsMax = 0;
    this.elements.fill(0);
    this.templates.length = 0;
    this.definitionCells = [];
    this.subjects = [undefined];
    this.items = [0];
    this.kinds = [0];
    this.wholeSince = [0];
    this.bySubject.clear();
    this.services.clear();
    this.serviceChanges++;
    this.channelQuality = undefined;
    this.lostBefore = 0;
    this.lostRows = 0;
    this.strangersSinceLoss = false;
  }

  /** All that is kept, for another plant. */
  save(): SavedValues {
    const writer = new SavedWriter(8_192);
    this.definitions(writer);
    for (let row = 1; row <= this.lastRow; row++) this.saveRow(row, writer);
    return writer.values(this.next);
  }

  /**
   * Rows behind those that were given, of some `bytes` in all, for a plant that gets the rest later (`saveRest`), with the
   * definitions that came since. Undefined: there are no more.
   */
  saveRows(given: readonly GivenRows[], bytes: number): SavedRows | undefined {
    const row = given.at(-1)?.endRow ?? 1;
    if (row > this.lastRow) return undefined;
    const writer = new SavedWriter(2 * bytes);
    this.newDefinitions(given, writer);
    let endRow = row;
    do this.saveRow(endRow++, writer);
    while (endRow <= this.lastRow && writer.bytes < bytes);
    return { values: writer.values(this.next), endRow };
  }

  /**
   * What has come since rows were given to another plant. In between there may have been no `clear`.
   *
   * @param given the pieces, in order.
   */
  saveRest(given: readonly GivenRows[]): SavedRest {
    const writer = new SavedWriter(65_536);
    this.newDefinitions(given, writer);
    const gone: number[] = [];
    let row = 1;
    for (const { endRow, next } of given) {
      for (; row < endRow; row++) {
        const item = this.items[row]!;
        // The item of an empty row may be in another one, if this plant's values are another's: see `addRest`.
        if (this.subjects[row] === undefined ? this.rowOfItem(item) !== 0 : this.newestSeq(row) < next) continue;
        gone.push(item);
        this.saveRow(row, writer);
      }
    }
    for (; row <= this.lastRow; row++) this.saveRow(row, writer);
    return { values: writer.values(this.next), gone: Int32Array.from(gone) };
  }

  /** Definitions that came after the last piece that was given; all, where none was. */
  private newDefinitions(given: readonly GivenRows[], sink: ImageSink): void {
    const from = given.at(-1)?.next ?? 0;
    this.definitions({
      entry: (bytes, start, end, seq) => {
        if (seq >= from) sink.entry(bytes, start, end, seq);
      },
    });
  }

  private saveRow(row: number, sink: ImageSink): void {
    if (this.subjects[row] === undefined) return;
    // The order of a row's messages counts only where an image among them makes older ones void.
    if (this.fieldValues.of(row).length > 0) {
      this.image(row, sink);
    } else {
      this.slotsOf(row, sink);
      this.pages.entries(row, sink);
    }
  }

  /** The number of the newest message that made a row what it is. */
  private newestSeq(row: number): number {
    let newest = this.fieldValues.of(row).at(-1)?.seq ?? 0;
    const sink: ImageSink = {
      entry: (_bytes, _start, _end, seq) => {
        newest = Math.max(newest, seq);
      },
    };
    this.slotsOf(row, sink);
    return Math.max(newest, this.pages.lastSeq(row), this.wholeSince[row]!);
  }

  /** The messages in a row's slots, ITEM first. */
  private slotsOf(row: number, sink: ImageSink): void {
    for (let at = row * this.stride, end = at + this.stride; at < end; at++) {
      const cell = this.slots[at]!;
      if (cell === 0) continue;
      const start = this.cells.start(cell);
      const bytes = this.cells.bytes[this.cells.slab(cell)]!;
      sink.entry(bytes, start, start + this.cells.length(cell), this.cells.seq(cell));
    }
  }

  /** Takes over what another plant's values of the same channel were, in place of its own. */
  restore(saved: SavedValues): void {
    this.clear();
    this.add(saved);
  }

  /** Takes over what another plant's values were after these rows of it had been added: see `saveRest`. */
  addRest({ values, gone }: SavedRest): void {
    for (const item of gone) {
      const row = this.rowOfItem(item);
      if (row !== 0) this.remove(item, row, this.next);
      // It may be declared again.
      this.rows[item] = 0;
    }
    this.add(values);
  }

  /** Takes in what another plant has saved. */
  add({ blocks, seqs, next }: SavedValues): void {
    let at = 0;
    for (const seq of seqs) {
      const end = blockEndBE(blocks, at);
      this.consume(blocks, at, end, seq, 1);
      at = end;
    }
    this.next = next;
  }

  /** Services of the items, in no particular order. */
  serviceNames(): string[] {
    return [...this.services.keys()];
  }

  /** Row of the item with this subject; 0 when there is none. */
  find(subject: string): number {
    return this.bySubject.get(subject) ?? 0;
  }

  /** Subject of the item in a row (1 to `lastRow`); undefined for an empty row. */
  subject(row: number): string | undefined {
    return this.subjects[row];
  }

  /** Number of the item in a row that is in use. */
  itemNumber(row: number): number {
    return this.items[row]!;
  }

  recordKind(row: number): RecordKind {
    return this.kinds[row]! as RecordKind;
  }

  /** The START, TEMPLATE and channel-wide QUALITY messages, in the order of their numbers. */
  definitions(sink: ImageSink): void {
    const quality = this.channelQuality;
    let pending = quality !== undefined;
    for (const { seq, bytes } of this.definitionCells) {
      if (pending && seq > quality!.seq) {
        sink.entry(quality!.bytes, 0, quality!.bytes.length, quality!.seq);
        pending = false;
      }
      sink.entry(bytes, 0, bytes.length, seq);
    }
    if (pending) sink.entry(quality!.bytes, 0, quality!.bytes.length, quality!.seq);
  }

  /** Row of the item with this number; 0 when there is none. */
  rowOfItem(item: number): number {
    return Math.max(0, this.rows[item] ?? 0);
  }

  /** Bytes of the messages that `image` will hand over, and so many more for each. */
  imageBytes(row: number, perMessage = 0): number {
    let total = 0;
    for (let at = row * this.stride, end = at + this.stride; at < end; at++) {
      if (this.slots[at] !== 0) total += this.cells.length(this.slots[at]!) + perMessage;
    }
    for (const { bytes } of this.fieldValues.of(row)) total += bytes.length + perMessage;
    return total + this.pages.bytes(row, perMessage);
  }

  /**
   * The item's messages in the order of their numbers: its ITEM first, then what gives its quality and values
   * when applied one after the other to an empty item whose templates are known (see `definitions`); those of a page
   * come last.
   */
  image(row: number, sink: ImageSink): void {
    const base = row * this.stride;
    const fields = this.fieldValues.of(row);
    let nextField = 0;
    // Few slots are in use; picking the lowest number each time is cheaper than sorting a list of objects.
    let after = -1;
    for (;;) {
      let cell = 0;
      let lowest = Number.POSITIVE_INFINITY;
      for (let slot = 0; slot < this.stride; slot++) {
        const address = this.slots[base + slot]!;
        if (address === 0) continue;
        const seq = this.cells.seq(address);
        if (seq > after && seq < lowest) {
          lowest = seq;
          cell = address;
        }
      }
      while (nextField < fields.length && fields[nextField]!.seq < lowest) {
        const { bytes, seq } = fields[nextField++]!;
        sink.entry(bytes, 0, bytes.length, seq);
      }
      if (cell === 0) break;
      after = lowest;
      const start = this.cells.start(cell);
      sink.entry(this.cells.bytes[this.cells.slab(cell)]!, start, start + this.cells.length(cell), lowest);
    }
    this.pages.entries(row, sink);
  }

  /** Quality of an item by the feed's own messages: of those that concern it the latest counts. */
  qualityOf(row: number): QualityState {
    const cell = this.slots[row * this.stride + QUALITY_SLOT]!;
    // One about the whole channel speaks of the items that there were.
    const declared = this.cells.seq(this.slots[row * this.stride + ITEM_SLOT]!);
    const ofAll = this.channelQuality;
    const channel = ofAll !== undefined && ofAll.seq > declared ? ofAll : undefined;
    if (cell === 0 || (channel !== undefined && channel.seq > this.cells.seq(cell))) return channel?.state ?? LIVE;
    const start = this.cells.start(cell);
    const bytes = this.cells.bytes[this.cells.slab(cell)]!;
    const { quality, reason, detail } = decodeMessage(bytes, start, start + this.cells.length(cell)) as QualityMessage;
    return { quality, reason, detail };
  }

  /** Decodes an item's values: for each field the one in the latest message that carries it. Slow. */
  values(row: number, dictionary: FieldDictionary): Map<number, FieldValue> {
    const values = new Map<number, FieldValue>();
    const set = (fid: number, value: FieldValue, exponent: number): void => {
      values.set(fid, typedValue(dictionary.byFid(fid), value, exponent));
    };
    this.image(row, {
      entry: (bytes, start, end) => {
        const message = decodeMessage(bytes, start, end);
        if (message.kind === Kind.FIELDS) {
          for (const [fid, value] of (message as FieldsMessage).fields) set(fid, value, 0);
        } else if (message.kind === Kind.UPDATE) {
          const { fids, exponent } = this.templates[message.template]!;
          fids.forEach((fid, index) => {
            set(fid, message.values[index]!, exponent);
          });
        }
      },
    });
    return values;
  }

  /** The page in a row, drawn; undefined where there is none that its feed's is known to be like. Slow. */
  page(row: number): Page | undefined {
    return this.pages.page(row);
  }

  /** All items with their values. Slow: for comparisons and tests. */
  *allValues(dictionary: FieldDictionary): IterableIterator<ItemValues> {
    for (const [subject, row] of this.bySubject) {
      const page = this.page(row);
      const values = this.values(row, dictionary);
      yield page === undefined ? [subject, values] : [subject, values, digestPage(page)];
    }
  }

  /** `digestValues` over all items: equal for equal streams, however they arrived. Slow. */
  digest(dictionary: FieldDictionary): string {
    return digestValues(this.allValues(dictionary));
  }
}

function sameTemplate(a: Template, b: Template): boolean {
  return (
    a.name === b.name &&
    a.updateType === b.updateType &&
    a.exponent === b.exponent &&
    a.fids.length === b.fids.length &&
    a.fids.every((fid, index) => fid === b.fids[index])
  );
}

/** Saved messages in the making. */
class SavedWriter implements ImageSink {
  private blocks: Uint8Array;
  private readonly seqs: number[] = [];
  private at = 0;

  constructor(bytes: number) {
    this.blocks = new Uint8Array(bytes);
  }

  get bytes(): number {
    return this.at;
  }

  entry(bytes: Uint8Array, start: number, end: number, seq: number): void {
    if (this.at + BLOCK_HEADER_BYTES + end - start > this.blocks.length) {
      const wider = new Uint8Array(2 * this.blocks.length + MESSAGE_BYTES_MAX);
      wider.set(this.blocks);
      this.blocks = wider;
    }
    this.seqs.push(seq);
    const { blocks } = this;
    blocks[this.at] = (end - start) >>> 8;
    blocks[this.at + 1] = end - start;
    let at = this.at + BLOCK_HEADER_BYTES;
    // Short ones, and many: a call for each would take several times as long.
    for (let from = start; from < end; from++) blocks[at++] = bytes[from]!;
    this.at = at;
  }

  values(next: number): SavedValues {
    return { blocks: this.blocks.subarray(0, this.at), seqs: Float64Array.from(this.seqs), next };
  }
}
