import { TickerError } from '@tickerplant/core';
import { BlockReader, type WireValue } from './block-reader.ts';
import { BlockWriter } from './block-writer.ts';
import { IMAGE_ELEMENTS, PAGE_COLUMNS_MAX, PAGE_ROWS_MAX, UPDATE_ELEMENTS } from './page-layout.ts';
import { PageMessage, type PageRun } from './page-message.ts';
import {
  headOf,
  ITEM_MAX,
  Kind,
  MESSAGE_BYTES_MAX,
  type Quality,
  type RecordKind,
  TEMPLATE_FIELDS_MAX,
  TEMPLATE_MAX,
  type UpdateType,
  WIRE_VERSION,
} from './wire.ts';

/** A template: the fields that its updates carry, in their order. */
export interface Template {
  readonly id: number;
  readonly name: string;
  readonly updateType: UpdateType;
  /** The exponent of every decimal in it that is sent as a bare whole number. */
  readonly exponent: number;
  readonly fids: readonly number[];
}

export interface StartMessage {
  readonly kind: typeof Kind.START;
  readonly channel: string;
  /** `2017-07-10` */
  readonly day: string;
  readonly epoch: number;
  /** The session before this epoch and its next number, as far as known; empty and 0 at the start of a day. */
  readonly previousSession: string;
  readonly previousNext: number;
}
export interface TemplateMessage {
  readonly kind: typeof Kind.TEMPLATE;
  readonly template: Template;
}
export interface ItemMessage {
  readonly kind: typeof Kind.ITEM;
  readonly item: number;
  readonly subject: string;
  readonly recordKind: RecordKind;
}
export interface UpdateMessage {
  readonly kind: typeof Kind.UPDATE;
  readonly item: number;
  readonly template: number;
  readonly values: readonly WireValue[];
}
export interface FieldsMessage {
  readonly kind: typeof Kind.FIELDS;
  readonly item: number;
  /** `FieldsFlag` bits. */
  readonly flags: number;
  readonly fields: readonly (readonly [fid: number, value: WireValue])[];
}
export interface QualityMessage {
  readonly kind: typeof Kind.QUALITY;
  /** undefined: all items of the channel. */
  readonly item: number | undefined;
  readonly quality: Quality;
  readonly reason: string;
  readonly detail: string;
}
export interface RemoveMessage {
  readonly kind: typeof Kind.REMOVE;
  readonly item: number;
}

/** A part of a page's image, or a change of a page. Programs that keep pages use those of packages/pages. */
export interface PageImageMessage {
  readonly kind: typeof Kind.PAGE_IMAGE;
  readonly item: number;
  /** `PageFlag` bits. */
  readonly flags: number;
  /** From 0. */
  readonly part: number;
  readonly rows: number;
  readonly columns: number;
  /** Red, green and blue of the colours 273, 274, … that styles of this message name. */
  readonly colours: readonly number[];
  readonly runs: readonly PageRun[];
}
export interface PageUpdateMessage {
  readonly kind: typeof Kind.PAGE_UPDATE;
  readonly item: number;
  readonly flags: number;
  readonly colours: readonly number[];
  readonly runs: readonly PageRun[];
}

/** A normalised message, decoded in full. */
export type Message =
  | StartMessage
  | TemplateMessage
  | ItemMessage
  | UpdateMessage
  | FieldsMessage
  | QualityMessage
  | RemoveMessage
  | PageImageMessage
  | PageUpdateMessage;

/** A decimal's exponent is within ± this. */
const EXPONENT_MAX = 18;

const reader = new BlockReader();
const pageReader = new PageMessage();

/**
 * Decodes a message in full, checking everything. For definitions, tools and tests; hot paths read in place
 * with `BlockReader`.
 *
 * @throws TickerError `RECORDS_BAD_MESSAGE`, saying what was expected.
 */
export function decodeMessage(bytes: Uint8Array, start = 0, end: number = bytes.length): Message {
  reader.reset(bytes, start, end);
  const length = reader.array();
  const head = reader.uint();
  if (reader.fault !== undefined) return bad(reader.fault, start);
  if (head >> 4 !== WIRE_VERSION) return bad(`expected version ${WIRE_VERSION}, found ${head >> 4}`, start);
  const kind = head & 0x0f;
  if (kind === Kind.PAGE_IMAGE || kind === Kind.PAGE_UPDATE) return decodePage(bytes, start, end);
  const message = decodeBody(kind, length, start);
  if (reader.fault !== undefined) return bad(reader.fault, start);
  if (reader.at !== end) return bad(`expected the end of the message, found ${end - reader.at} more bytes`, start);
  return message;
}

function decodePage(bytes: Uint8Array, start: number, end: number): Message {
  // Of an update the size isn't known: only that it fits the largest page.
  const fault = pageReader.read(bytes, start, end) ?? pageReader.check(...sizeOf(pageReader));
  if (fault !== undefined) return bad(fault, start);
  const { kind, item, flags, part, rows, columns } = pageReader;
  const contents = { colours: [...pageReader.colours], runs: pageReader.runs() };
  if (kind === Kind.PAGE_UPDATE) return { kind, item, flags, ...contents };
  return { kind, item, flags, part, rows, columns, ...contents };
}

function sizeOf({ kind, rows, columns }: PageMessage): [rows: number, columns: number] {
  return kind === Kind.PAGE_IMAGE ? [rows, columns] : [1, PAGE_ROWS_MAX * PAGE_COLUMNS_MAX];
}

function bad(what: string, offset: number): never {
  throw new TickerError('RECORDS_BAD_MESSAGE', what, { offset });
}

function decodeBody(kind: number, length: number, start: number): Message {
  const need = (elements: number): void => {
    if (length !== elements) bad(`expected ${elements} elements in a message of kind ${kind}, found ${length}`, start);
  };
  switch (kind) {
    case Kind.START: {
      need(6);
      return {
        kind,
        channel: text(),
        day: text(),
        epoch: reader.uint(),
        previousSession: text(),
        previousNext: whole(),
      };
    }
    case Kind.TEMPLATE: {
      need(6);
      const id = within(reader.uint(), TEMPLATE_MAX, 'template', start);
      const name = text();
      const updateType = reader.uint() as UpdateType;
      const exponent = whole();
      if (reader.fault === undefined && Math.abs(exponent) > EXPONENT_MAX) {
        bad(`expected an exponent within ±${EXPONENT_MAX}, found ${exponent}`, start);
      }
      const count = reader.array();
      if (count > TEMPLATE_FIELDS_MAX) bad(`expected at most ${TEMPLATE_FIELDS_MAX} fields, found ${count}`, start);
      const fids: number[] = [];
      for (let i = 0; i < count; i++) fids.push(whole());
      return { kind, template: { id, name, updateType, exponent, fids } };
    }
    case Kind.ITEM: {
      need(4);
      const item = within(reader.uint(), ITEM_MAX, 'item', start);
      return { kind, item, subject: text(), recordKind: reader.uint() as RecordKind };
    }
    case Kind.UPDATE: {
      if (length < 3) need(3);
      const item = within(reader.uint(), ITEM_MAX, 'item', start);
      const template = within(reader.uint(), TEMPLATE_MAX, 'template', start);
      const values: WireValue[] = [];
      for (let i = 3; i < length && reader.fault === undefined; i++) values.push(reader.value());
      return { kind, item, template, values };
    }
    case Kind.FIELDS: {
      if (length < 3 || length % 2 === 0) bad(`expected field and value in pairs, found ${length} elements`, start);
      const item = within(reader.uint(), ITEM_MAX, 'item', start);
      const flags = reader.uint();
      const fields: (readonly [number, WireValue])[] = [];
      for (let i = 3; i < length && reader.fault === undefined; i += 2) fields.push([whole(), reader.value()]);
      return { kind, item, flags, fields };
    }
    case Kind.QUALITY: {
      need(5);
      const which = reader.value();
      if (which !== null && typeof which !== 'number') bad('expected an item or nothing', start);
      const quality = within(reader.uint(), 3, 'quality', start) as Quality;
      return { kind, item: which === null ? undefined : (which as number), quality, reason: text(), detail: text() };
    }
    case Kind.REMOVE: {
      need(2);
      return { kind, item: within(reader.uint(), ITEM_MAX, 'item', start) };
    }
    default:
      return bad(`expected a kind from 0 to 8, found ${kind}`, start);
  }
}

function text(): string {
  const value = reader.value();
  return typeof value === 'string' ? value : (refuse('text', value) as never);
}

function whole(): number {
  const value = reader.value();
  return typeof value === 'number' ? value : (refuse('a whole number', value) as never);
}

function refuse(expected: string, value: WireValue): void {
  reader.fault ??= `expected ${expected}, found ${value === null ? 'nothing' : typeof value}`;
}

function within(value: number, max: number, what: string, offset: number): number {
  if (reader.fault === undefined && value > max) {
    bad(`expected ${what} from 0 to ${max}, found ${value}`, offset);
  }
  return value;
}

/** Writes a value. Decimals whose exponent is `exponent` go as bare whole numbers. */
export function writeValue(writer: BlockWriter, value: WireValue, exponent?: number): void {
  if (value === null) {
    writer.nil();
  } else if (typeof value === 'number') {
    writer.int(value);
  } else if (typeof value === 'string') {
    writer.text(value);
  } else if (typeof value === 'bigint') {
    writeBigInt(writer, value);
  } else if (value.exponent === exponent) {
    writeValue(writer, value.mantissa);
  } else {
    writer.array(2);
    writeValue(writer, value.mantissa);
    writer.int(value.exponent);
  }
}

function writeBigInt(writer: BlockWriter, value: bigint): void {
  const small = Number(value);
  if (Number.isSafeInteger(small)) {
    writer.int(small);
    return;
  }
  const view = new DataView(writer.bytes.buffer, writer.bytes.byteOffset, writer.bytes.byteLength);
  if (value > 0n && value < 1n << 64n) {
    writer.bytes[writer.at] = 0xcf;
    view.setBigUint64(writer.at + 1, value);
  } else if (value >= -(1n << 63n) && value < 0n) {
    writer.bytes[writer.at] = 0xd3;
    view.setBigInt64(writer.at + 1, value);
  } else {
    throw new TickerError('RECORDS_BAD_VALUE', `expected a number of at most 64 bits, got ${value}`);
  }
  writer.at += 9;
}

/** Writes any message through `writer`. Hot paths write UPDATE themselves; this serves the rest. */
export function writeMessage(writer: BlockWriter, message: Message): void {
  switch (message.kind) {
    case Kind.START:
      writer.array(6);
      writer.int(headOf(message.kind));
      writer.text(message.channel);
      writer.text(message.day);
      writer.int(message.epoch);
      writer.text(message.previousSession);
      writer.int(message.previousNext);
      break;
    case Kind.TEMPLATE: {
      const { id, name, updateType, exponent, fids } = message.template;
      writer.array(6);
      writer.int(headOf(message.kind));
      writer.int(id);
      writer.text(name);
      writer.int(updateType);
      writer.int(exponent);
      writer.array(fids.length);
      for (const fid of fids) writer.int(fid);
      break;
    }
    case Kind.ITEM:
      writer.array(4);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      writer.text(message.subject);
      writer.int(message.recordKind);
      break;
    case Kind.UPDATE:
      writer.array(3 + message.values.length);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      writer.int(message.template);
      for (const value of message.values) writeValue(writer, value);
      break;
    case Kind.FIELDS:
      writer.array(3 + 2 * message.fields.length);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      writer.int(message.flags);
      for (const [fid, value] of message.fields) {
        writer.int(fid);
        writeValue(writer, value);
      }
      break;
    case Kind.QUALITY:
      writer.array(5);
      writer.int(headOf(message.kind));
      if (message.item === undefined) writer.nil();
      else writer.int(message.item);
      writer.int(message.quality);
      writer.text(message.reason);
      writer.text(message.detail);
      break;
    case Kind.REMOVE:
      writer.array(2);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      break;
    case Kind.PAGE_IMAGE:
      writer.array(IMAGE_ELEMENTS + message.runs.length);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      writer.int(message.flags);
      writer.int(message.part);
      writer.int(message.rows);
      writer.int(message.columns);
      writeCells(writer, message);
      break;
    case Kind.PAGE_UPDATE:
      writer.array(UPDATE_ELEMENTS + message.runs.length);
      writer.int(headOf(message.kind));
      writer.int(message.item);
      writer.int(message.flags);
      writeCells(writer, message);
      break;
  }
}

function writeCells(writer: BlockWriter, { colours, runs }: PageImageMessage | PageUpdateMessage): void {
  writer.array(colours.length);
  for (const rgb of colours) writer.int(rgb);
  for (const { skip, cells, style, sort, extra } of runs) {
    writer.array(extra !== 0 ? 5 : sort !== 0 ? 4 : style !== 0 ? 3 : 2);
    writer.int(skip);
    writeValue(writer, cells);
    if (style !== 0 || sort !== 0 || extra !== 0) writer.int(style);
    if (sort !== 0 || extra !== 0) writer.int(sort);
    if (extra !== 0) writer.int(extra);
  }
}

/** Room for the longest message that can be refused for its length rather than for its text's. */
const scratch = new BlockWriter(new Uint8Array(8 * MESSAGE_BYTES_MAX));

/**
 * A message in bytes of its own.
 *
 * @throws TickerError `RECORDS_TOO_LONG` when it doesn't fit a block.
 */
export function encodeMessage(message: Message): Uint8Array {
  scratch.at = 0;
  try {
    writeMessage(scratch, message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    scratch.at = scratch.bytes.length;
  }
  if (scratch.at > MESSAGE_BYTES_MAX) {
    throw new TickerError('RECORDS_TOO_LONG', `expected at most ${MESSAGE_BYTES_MAX} bytes, got ${scratch.at}`, {
      kind: message.kind,
    });
  }
  return scratch.bytes.slice(0, scratch.at);
}
