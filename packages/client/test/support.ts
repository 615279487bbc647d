import {
  BlockWriter,
  encodeMessage,
  type FieldDictionary,
  headOf,
  Kind,
  type Message,
  type Quality,
  RecordKind,
  standardDictionary,
  type Template,
  UpdateType,
  type WireValue,
  writeValue,
} from '@tickerplant/records';

// A little market for the tests: two templates, messages in blocks, and a recorder that writes events down.

export const dictionary: FieldDictionary = standardDictionary();
const fid = (name: string): number => dictionary.fid(name);

export const QUOTE: Template = {
  id: 0,
  name: 'quote',
  updateType: UpdateType.QUOTE,
  exponent: -4,
  fids: ['BID', 'BIDSIZE', 'ASK', 'ASKSIZE', 'QUOTIM_NS'].map(fid),
};
export const TRADE: Template = {
  id: 1,
  name: 'trade',
  updateType: UpdateType.TRADE,
  exponent: -4,
  fids: ['TRDPRC_1', 'TRDVOL_1', 'ACVOL_1'].map(fid),
};

export function template(definition: Template): Uint8Array {
  return encodeMessage({ kind: Kind.TEMPLATE, template: definition });
}

export function item(number: number, subject: string, recordKind: RecordKind = RecordKind.RECORD): Uint8Array {
  return encodeMessage({ kind: Kind.ITEM, item: number, subject, recordKind });
}

/** An UPDATE as handlers write it: decimals as bare mantissas at the template's exponent. */
export function update(number: number, definition: Template, ...values: WireValue[]): Uint8Array {
  const writer = new BlockWriter(new Uint8Array(1500));
  writer.array(3 + values.length);
  writer.int(headOf(Kind.UPDATE));
  writer.int(number);
  writer.int(definition.id);
  for (const value of values) writeValue(writer, value, definition.exponent);
  return writer.bytes.slice(0, writer.at);
}

export function quote(number: number, bid: number, ask: number, bidSize = 100, askSize = 200): Uint8Array {
  return update(number, QUOTE, bid, bidSize, ask, askSize, 34_200_000_000_000);
}

export function trade(number: number, price: number, size: number, volume: number): Uint8Array {
  return update(number, TRADE, price, size, volume);
}

export function quality(number: number | undefined, to: Quality, reason = '', detail = ''): Uint8Array {
  return encodeMessage({ kind: Kind.QUALITY, item: number, quality: to, reason, detail });
}

export function remove(number: number): Uint8Array {
  return encodeMessage({ kind: Kind.REMOVE, item: number });
}

export function message(what: Message): Uint8Array {
  return encodeMessage(what);
}

/** Messages as blocks, each with its length before it. */
export function blocks(...messages: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, m) => sum + m.length + 2, 0));
  let at = 0;
  for (const m of messages) {
    bytes[at] = m.length >> 8;
    bytes[at + 1] = m.length & 0xff;
    bytes.set(m, at + 2);
    at += 2 + m.length;
  }
  return bytes;
}
