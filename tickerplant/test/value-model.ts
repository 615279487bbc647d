import {
  decodeMessage,
  type FieldDictionary,
  FieldsFlag,
  type FieldValue,
  Kind,
  MESSAGE_BYTES_MAX,
  type Message,
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
      return;
    }
    if (!this.apply(message)) this.faults++;
  }

  private apply(message: Message): boolean {
    switch (message.kind) {
      case Kind.START:
        this.items.clear();
        this.removed.clear();
        this.templates.clear();
        this.qualities.clear();
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
        this.removed.add(message.item);
        return true;
      case Kind.PAGE_IMAGE:
      case Kind.PAGE_UPDATE:
        return item.recordKind === RecordKind.PAGE;
    }
  }
}
