import { assert } from '@tickerplant/core';
import { Packr } from 'msgpackr';
import { BAD, bytes, type Field, flag, list, oneOf, optional, show, text, u64, whole } from './fields.ts';
import type {
  ControlFault,
  DutyReply,
  DutyRequest,
  End,
  ErrorReply,
  Hello,
  Images,
  Ping,
  Pong,
  QuarantineReply,
  QuarantineRequest,
  Reply,
  Request,
  Resync,
  StatePart,
  StateRequest,
  StatusReply,
  StatusRequest,
  Subscribe,
  Subscribed,
  Unsubscribe,
  Welcome,
  WhyReply,
  WhyRequest,
} from './messages.ts';
import { DUTIES } from './messages.ts';
import { plainFault } from './plain.ts';

// A frame is the length of what follows (4 bytes, big-endian) and one MessagePack array: the message's code, then
// its fields in the order of the tables below. Readers pass over elements behind the last one they know.

/** Longest message of an error, in characters. */
export const ERROR_TEXT_MAX = 4_000;

/** Bytes of a frame's length. */
export const LENGTH_BYTES = 4;

interface Layout<M> {
  readonly code: number;
  readonly kind: string;
  readonly fields: readonly (readonly [name: string, field: Field<never>])[];
  /** Only for the types. */
  readonly message?: M;
}

type Fields<M> = { readonly [K in Exclude<keyof M, 'kind'>]-?: Field<M[K]> };

function layout<M extends { kind: string }>(code: number, kind: M['kind'], fields: Fields<M>): Layout<M> {
  return { code, kind, fields: Object.entries(fields) as [string, Field<never>][] };
}

const subscription = whole(0, 0xffff_ffff);
const channel = whole(1, 1295);
const name = text(255);

const REQUESTS: readonly Layout<Request>[] = [
  layout<Hello>(1, 'hello', { version: whole(), client: name }),
  layout<Subscribe>(2, 'subscribe', {
    id: subscription,
    patterns: list(name, 100_000),
    images: flag,
    fields: optional(list(name, 10_000)),
  }),
  layout<Unsubscribe>(3, 'unsubscribe', { id: subscription }),
  layout<Resync>(4, 'resync', {
    id: subscription,
    channel,
    items: list(whole(0, 0xff_ffff), 1_000_000),
    subjects: list(name, 100_000),
  }),
  layout<StatusRequest>(5, 'status', {}),
  layout<QuarantineRequest>(6, 'quarantine', {}),
  layout<Ping>(7, 'ping', { token: whole() }),
  layout<StateRequest>(8, 'state-request', { proof: bytes }),
  layout<DutyRequest>(9, 'duty', { duty: oneOf(DUTIES), proof: bytes }),
  layout<WhyRequest>(10, 'why', { subject: name, field: name }),
];

const REPLIES: readonly Layout<Reply>[] = [
  layout<Welcome>(33, 'welcome', {
    version: whole(),
    plant: name,
    floor: name,
    boot: u64,
    nonce: optional(u64),
  }),
  layout<Images>(34, 'images', {
    id: subscription,
    channel,
    session: text(10),
    asOf: whole(),
    last: flag,
    blob: bytes,
  }),
  layout<Subscribed>(35, 'subscribed', { id: subscription, matched: whole() }),
  layout<End>(36, 'end', { id: subscription, matched: whole() }),
  layout<ErrorReply>(37, 'error', { id: optional(subscription), code: name, message: text(ERROR_TEXT_MAX) }),
  layout<StatusReply>(38, 'status-reply', { json: text(64 * 2 ** 20) }),
  layout<QuarantineReply>(39, 'quarantine-reply', { json: text(64 * 2 ** 20) }),
  layout<Pong>(40, 'pong', { token: whole() }),
  layout<StatePart>(41, 'state', { index: whole(), settled: flag, last: flag, blob: bytes, proof: bytes }),
  layout<DutyReply>(42, 'done', { text: name }),
  layout<WhyReply>(43, 'why-reply', { json: text(64 * 2 ** 20) }),
];

const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

/** A client's message as a whole frame. */
export function encodeRequest(request: Request): Buffer {
  return encode(REQUESTS, request);
}

/** A plant's message as a whole frame. */
export function encodeReply(reply: Reply): Buffer {
  return encode(REPLIES, reply);
}

/**
 * Reads a client's message from a frame's content. Never throws.
 *
 * @returns the message, or `CONTROL_MALFORMED` or `CONTROL_UNKNOWN`.
 */
export function decodeRequest(frame: Uint8Array, start: number, end: number): Request | ControlFault {
  return decode(REQUESTS, frame, start, end);
}

/**
 * Reads a plant's message from a frame's content; a blob in it is borrowed from the frame. Never throws.
 *
 * @returns the message, or `CONTROL_MALFORMED` or `CONTROL_UNKNOWN`.
 */
export function decodeReply(frame: Uint8Array, start: number, end: number): Reply | ControlFault {
  return decode(REPLIES, frame, start, end);
}

function encode(layouts: readonly Layout<unknown>[], message: { readonly kind: string }): Buffer {
  const layout = layouts.find((candidate) => candidate.kind === message.kind);
  assert(layout !== undefined, `a message of a known kind, not ${message.kind}`);
  const elements: unknown[] = [layout.code];
  for (const [key, field] of layout.fields) {
    const value = (message as unknown as Record<string, never>)[key] as never;
    assert(field.read(value) !== BAD, `${message.kind}.${key} is ${field.expected}, not ${show(value)}`);
    elements.push(field.write(value));
  }
  const content = packr.pack(elements);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + content.length);
  frame.writeUInt32BE(content.length, 0);
  frame.set(content, LENGTH_BYTES);
  return frame;
}

function decode<M>(layouts: readonly Layout<M>[], frame: Uint8Array, start: number, end: number): M | ControlFault {
  const plain = plainFault(frame, start, end);
  if (plain !== undefined) return malformed(plain);
  let elements: unknown;
  try {
    elements = packr.unpack(frame.subarray(start, end));
  } catch (error) {
    return malformed(`expected MessagePack, got ${String(error)}`);
  }
  if (!Array.isArray(elements)) return malformed(`expected an array, got ${show(elements)}`);
  const layout = layouts.find((candidate) => candidate.code === elements[0]);
  if (layout === undefined) {
    const codes = layouts.map((candidate) => candidate.code).join(', ');
    return {
      kind: 'fault',
      code: 'CONTROL_UNKNOWN',
      message: `expected a message of ${codes}, got ${show(elements[0])}`,
    };
  }
  const message: Record<string, unknown> = { kind: layout.kind };
  for (const [index, [key, field]] of layout.fields.entries()) {
    const value = field.read(elements[index + 1]);
    if ((value as unknown) === BAD) {
      return malformed(`expected ${layout.kind}.${key} to be ${field.expected}, got ${show(elements[index + 1])}`);
    }
    message[key] = value;
  }
  return message as M;
}

function malformed(message: string): ControlFault {
  return { kind: 'fault', code: 'CONTROL_MALFORMED', message };
}
