import {
  decodeMessage,
  type FieldDictionary,
  FieldsFlag,
  type FieldValue,
  jsonValue,
  Kind,
  Quality,
  type QualityName,
  qualityName,
  standardDictionary,
  type Template,
  typedValue,
} from '@tickerplant/records';

/** An item as the slow cache knows it. */
export interface SlowItem {
  readonly subject: string;
  quality: QualityName;
  reason: string;
  /** By field name. */
  readonly values: Map<string, FieldValue>;
}

/**
 * What a receiver must know after a stream of messages, computed in the slow, obvious way: every message decoded
 * in full, fields overlaid in the order of the numbers. Fast structures are compared with it.
 */
export class SlowCache {
  readonly items: Map<string, SlowItem> = new Map();
  readonly #dictionary: FieldDictionary = standardDictionary();
  readonly #templates = new Map<number, Template>();
  readonly #byNumber = new Map<number, SlowItem>();

  /** Applies the message in `bytes[start, end)`. */
  apply(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const message = decodeMessage(bytes, start, end);
    switch (message.kind) {
      case Kind.START:
        this.items.clear();
        this.#templates.clear();
        this.#byNumber.clear();
        break;
      case Kind.TEMPLATE:
        this.#templates.set(message.template.id, message.template);
        break;
      case Kind.ITEM: {
        const item: SlowItem = { subject: message.subject, quality: 'LIVE', reason: '', values: new Map() };
        this.items.set(message.subject, item);
        this.#byNumber.set(message.item, item);
        break;
      }
      case Kind.UPDATE: {
        const template = this.#templates.get(message.template)!;
        const item = this.#byNumber.get(message.item)!;
        template.fids.forEach((fid, index) => {
          this.#set(item, fid, message.values[index]!, template.exponent);
        });
        break;
      }
      case Kind.FIELDS: {
        const item = this.#byNumber.get(message.item)!;
        if ((message.flags & FieldsFlag.IMAGE) !== 0) item.values.clear();
        for (const [fid, value] of message.fields) this.#set(item, fid, value, 0);
        break;
      }
      case Kind.QUALITY: {
        const items = message.item === undefined ? this.#byNumber.values() : [this.#byNumber.get(message.item)!];
        for (const item of items) {
          item.quality = qualityName(message.quality ?? Quality.LIVE);
          item.reason = message.reason;
        }
        break;
      }
      case Kind.REMOVE: {
        this.items.delete(this.#byNumber.get(message.item)!.subject);
        this.#byNumber.delete(message.item);
        break;
      }
    }
  }

  /** An item's values as JSON has them; undefined for an unknown subject. */
  json(subject: string): Record<string, null | number | string> | undefined {
    const item = this.items.get(subject);
    if (item === undefined) return undefined;
    const fields: Record<string, null | number | string> = {};
    for (const [name, value] of item.values) {
      fields[name] = jsonValue(this.#dictionary, this.#dictionary.byName(name), value);
    }
    return fields;
  }

  #set(item: SlowItem, fid: number, value: Parameters<typeof typedValue>[1], exponent: number): void {
    const field = this.#dictionary.byFid(fid);
    item.values.set(this.#dictionary.nameOf(fid), typedValue(field, value, exponent));
  }
}
