import { PageStep, PageValue } from '@tickerplant/pages';
import {
  BlockReader,
  decodeMessage,
  type FieldDictionary,
  FieldsFlag,
  type FieldValue,
  headOf,
  Kind,
  MESSAGE_BYTES_MAX,
  type Message,
  type PageImageMessage,
  PageMessage,
  type PageUpdateMessage,
  type QualityState,
  RecordKind,
  type Template,
  typedValue,
} from '@tickerplant/records';

interface ModelItem {
  readonly subject: string;
  readonly recordKind: number;
  readonly values: Map<number, FieldValue>;
}

/** What the cache must come to, said slowly: decode every message and overlay its values, one after the other. */
export class ValueModel {
  readonly items: Map<number, ModelItem> = new Map();
  readonly removed: Set<number> = new Set();
  readonly templates: Map<number, Template> = new Map();
  readonly qualities: Map<number, QualityState> = new Map();
  readonly pages: Map<number, PageValue> = new Map();
  faults = 0;
  private readonly dictionary: FieldDictionary;

  constructor(dictionary: FieldDictionary) {
    this.dictionary = dictionary;
  }

  take(bytes: Uint8Array): void {
    let message: Message;
    try {
      if (bytes.length > MESSAGE_BYTES_MAX) throw new Error('too long');
      message = decodeMessage(bytes);
    } catch {
      this.faults++;
      this.voidPage(bytes);
      return;
    }
    if (message.kind === Kind.PAGE_IMAGE || message.kind === Kind.PAGE_UPDATE) {
      if (!this.page(bytes, message.item)) this.faults++;
      return;
    }
    if (!this.apply(message)) this.faults++;
  }

  private page(bytes: Uint8Array, item: number): boolean {
    if (this.items.get(item)?.recordKind !== RecordKind.PAGE) return false;
    const page = this.pages.get(item) ?? new PageValue();
    this.pages.set(item, page);
    const message = new PageMessage();
    message.read(bytes, 0, bytes.length);
    const step = page.take(message);
    return step === PageStep.PART || step === PageStep.IMAGE || step === PageStep.UPDATE;
  }

  /** What cannot be read may have been any change of its page. */
  private voidPage(bytes: Uint8Array): void {
    const reader = new BlockReader();
    reader.reset(bytes, 0, bytes.length);
    reader.array();
    const head = reader.uint();
    const item = reader.uint();
    if (head !== headOf(Kind.PAGE_IMAGE) && head !== headOf(Kind.PAGE_UPDATE)) return;
    if (reader.fault === undefined && bytes.length <= MESSAGE_BYTES_MAX) this.pages.get(item)?.clear();
  }

  private apply(message: Exclude<Message, PageImageMessage | PageUpdateMessage>): boolean {
    switch (message.kind) {
      case Kind.START:
        this.items.clear();
        this.removed.clear();
        this.templates.clear();
        this.qualities.clear();
        this.pages.clear();
        return true;
      case Kind.TEMPLATE: {
        const { template } = message;
        const before = this.templates.get(template.id);
        if (before !== undefined) return JSON.stringify(before) === JSON.stringify(template);
        this.templates.set(template.id, template);
        return true;
      }
      case Kind.ITEM: {
        const { item, subject, recordKind } = message;
        if (this.removed.has(item)) return false;
        const before = this.items.get(item);
        if (before !== undefined) return before.subject === subject && before.recordKind === recordKind;
        for (const other of this.items.values()) if (other.subject === subject) return false;
        this.items.set(item, { subject, recordKind, values: new Map() });
        return true;
      }
      case Kind.QUALITY: {
        const state = { quality: message.quality, reason: message.reason, detail: message.detail };
        if (message.item === undefined) {
          for (const item of this.items.keys()) this.qualities.set(item, state);
          return true;
        }
        if (!this.items.has(message.item)) return false;
        this.qualities.set(message.item, state);
        return true;
      }
    }
    const item = this.items.get(message.item);
    if (item === undefined) return false;
    switch (message.kind) {
      case Kind.UPDATE: {
        const template = this.templates.get(message.template);
        if (template === undefined || template.fids.length !== message.values.length) return false;
        template.fids.forEach((fid, i) => {
          item.values.set(fid, typedValue(this.dictionary.byFid(fid), message.values[i]!, template.exponent));
        });
        return true;
      }
      case Kind.FIELDS:
        if ((message.flags & FieldsFlag.IMAGE) !== 0) item.values.clear();
        for (const [fid, value] of message.fields) {
          item.values.set(fid, typedValue(this.dictionary.byFid(fid), value, 0));
        }
        return true;
      case Kind.REMOVE:
        this.items.delete(message.item);
        this.qualities.delete(message.item);
        this.pages.delete(message.item);
        this.removed.add(message.item);
        return true;
    }
  }
}
