import { TickerError } from '@tickerplant/core';
import { QUALITY_NAMES } from '@tickerplant/records';
import { Packr } from 'msgpackr';
import {
  type Address,
  type ChannelProgress,
  type DirectoryChannel,
  type DirectoryGroup,
  type QualityEntry,
  ROLES,
  SCOPES,
  STATES,
  type StatusMessage,
  type StatusOrigin,
  type VendorProgress,
} from './messages.ts';
import { ElementReader, TEXT_MAX } from './reading.ts';

// The body of a packet is a MessagePack array:
//
//   [sender, boot, counter, wallNs, monotonicNs, kind, message]
//
//   kind  message
//   1     heartbeat  [role, name, feed|nil, term, rank, state, control|nil, repair|nil, [channel, …], unfit, successor|nil,
//                    vendor|nil]
//                      address  [address, port]
//                      channel  [id, session, next, digest|nil, unsure]
//                      vendor   [next, [awaited rank, …], lostFrom|nil, lostTo|nil]
//   2     directory  [version, part, parts, floor, [channel, …], silentAfterMs or nil]
//                      channel  [id, name, [service, …], session, group, port, [source, …], [further group, …]]
//                      group    [group, port, [source, …]]
//   3     quality    [[scope, subject, quality, reason, detail, sinceNs], …]
//   4     latency    [channel, [[seq, wallNs], …]]
//   5     interest   [validMs, [subject, …]]
//
// unfit and unsure are 0 or 1. role, state, scope and quality are indexes into ROLES, STATES, SCOPES and QUALITY_NAMES. Whole numbers beyond
// 32 bits travel as 64-bit integers. Readers pass over elements behind the last one they know.

const Kind = { HEARTBEAT: 1, DIRECTORY: 2, QUALITY: 3, LATENCY: 4, INTEREST: 5 } as const;

/** Most packets that a directory may be spread over. */
export const DIRECTORY_PARTS_MAX = 256;
const DETAIL_MAX = 200;
const CHANNEL_ID_MAX = 1295;

/** One packet's share of a directory. */
export interface DirectoryPart {
  readonly kind: 'directory-part';
  /** Goes up whenever the directory changes. */
  readonly version: number;
  /** From 0 to `parts - 1`. */
  readonly part: number;
  readonly parts: number;
  readonly floor: string;
  readonly channels: readonly DirectoryChannel[];
  readonly silentAfterMs: number | undefined;
}

/** What one packet can say. */
export type PacketMessage = Exclude<StatusMessage, { kind: 'directory' }> | DirectoryPart;

/** A decoded body. `message` comes from `decodeMessage`, after the origin has been found good. */
export interface Body {
  readonly origin: StatusOrigin;
  readonly kind: number;
  readonly content: unknown;
}

const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

// msgpackr would write a number beyond 32 bits as a binary fraction.
const whole = (value: number): number | bigint => (value > 0xffff_ffff ? BigInt(value) : value);

/** Bytes that a value takes on the wire. */
export function sizeOf(value: unknown): number {
  return packr.pack(value).length;
}

/** The body for a message given in wire form. */
export function encodeBody(origin: StatusOrigin, kind: number, content: unknown): Uint8Array {
  const { sender, boot, counter, sentWallNs, sentMonotonicNs } = origin;
  return packr.pack([sender, boot, whole(counter), sentWallNs, whole(sentMonotonicNs), kind, content]);
}

/**
 * Reads who sent a body, and leaves the message in wire form.
 *
 * @throws TickerError `STATUS_MALFORMED`
 */
export function decodeBody(bytes: Uint8Array, start: number, end: number): Body {
  let value: unknown;
  try {
    value = packr.unpack(bytes.subarray(start, end));
  } catch (cause) {
    throw new TickerError('STATUS_MALFORMED', `expected MessagePack, got ${String(cause)}`, {}, { cause });
  }
  const reader = new ElementReader(value, 'body');
  const origin = {
    sender: reader.text('sender'),
    boot: reader.wide('boot'),
    counter: reader.whole('counter', 1),
    sentWallNs: reader.wide('wallNs'),
    sentMonotonicNs: reader.whole('monotonicNs'),
  };
  return { origin, kind: reader.whole('kind'), content: reader.optional((content) => content) };
}

/**
 * Reads a message out of its wire form; undefined for a kind that this version doesn't know.
 *
 * @throws TickerError `STATUS_MALFORMED`
 */
export function decodeMessage(kind: number, content: unknown): PacketMessage | undefined {
  switch (kind) {
    case Kind.HEARTBEAT:
      return readHeartbeat(new ElementReader(content, 'heartbeat'));
    case Kind.DIRECTORY:
      return readDirectory(new ElementReader(content, 'directory'));
    case Kind.QUALITY:
      return {
        kind: 'quality',
        entries: new ElementReader([content], 'quality').list('entries', readQuality),
      };
    case Kind.LATENCY:
      return readLatency(new ElementReader(content, 'latency'));
    case Kind.INTEREST: {
      const reader = new ElementReader(content, 'interest');
      return { kind: 'interest', validMs: reader.whole('validMs', 1), subjects: reader.texts('subjects') };
    }
    default:
      return undefined;
  }
}

/** A message in wire form, ready to be cut into packets: what stands in each, and what is shared out. */
export interface Divisible {
  readonly kind: number;
  /** Goes into every packet, around its share of the elements. */
  wrap(elements: readonly unknown[], part: number, parts: number): unknown;
  readonly elements: readonly unknown[];
}

/** @param directoryVersion for a directory: the version to give it. */
export function toWire(message: StatusMessage, directoryVersion: number): Divisible {
  switch (message.kind) {
    case 'heartbeat': {
      const { role, name, feed, term, rank, state, control, repair, channels, fit, successor, vendor } = message;
      const head = [ROLES.indexOf(role), text(name), textOrNil(feed), whole(term), whole(rank), STATES.indexOf(state)];
      const addresses = [writeAddress(control), writeAddress(repair)];
      return {
        kind: Kind.HEARTBEAT,
        wrap: (elements) => [
          ...head,
          ...addresses,
          elements,
          fit === false ? 1 : 0,
          successor ?? null,
          writeVendor(vendor),
        ],
        elements: channels.map(({ id, session, next, digest, unsure }) => [
          id,
          text(session),
          whole(next),
          textOrNil(digest),
          unsure === true ? 1 : 0,
        ]),
      };
    }
    case 'directory':
      return {
        kind: Kind.DIRECTORY,
        wrap: (elements, part, parts) => [
          directoryVersion,
          part,
          parts,
          text(message.floor),
          elements,
          message.silentAfterMs ?? null,
        ],
        // The first group stands where the only one does: for readers that know of no others.
        elements: message.channels.map(({ id, name, services, session, groups: [first, ...further] }) => [
          id,
          text(name),
          services.map(text),
          text(session),
          ...writeGroup(first!),
          further.map(writeGroup),
        ]),
      };
    case 'quality':
      return {
        kind: Kind.QUALITY,
        wrap: (elements) => elements,
        elements: message.entries.map(({ scope, subject, quality, reason, detail, sinceNs }) => [
          SCOPES.indexOf(scope),
          text(subject),
          QUALITY_NAMES.indexOf(quality),
          text(reason),
          detail.slice(0, DETAIL_MAX),
          sinceNs,
        ]),
      };
    case 'latency':
      return {
        kind: Kind.LATENCY,
        wrap: (elements) => [message.channel, elements],
        elements: message.samples.map(([seq, wallNs]) => [whole(seq), wallNs]),
      };
    case 'interest':
      return {
        kind: Kind.INTEREST,
        wrap: (elements) => [whole(message.validMs), elements],
        elements: message.subjects.map(text),
      };
  }
}

function text(value: string): string {
  if (value.length > TEXT_MAX) {
    throw new TickerError('STATUS_TOO_LONG', `expected text of up to ${TEXT_MAX} characters, got ${value.length}`, {
      text: `${value.slice(0, 40)}…`,
    });
  }
  return value;
}

function textOrNil(value: string | undefined): string | null {
  return value === undefined ? null : text(value);
}

function writeAddress(value: Address | undefined): unknown {
  return value === undefined ? null : [value.address, value.port];
}

function writeVendor(value: VendorProgress | undefined): unknown {
  if (value === undefined) return null;
  const { next, awaits = [], lost } = value;
  return lost === undefined ? [whole(next), awaits] : [whole(next), awaits, whole(lost.from), whole(lost.to)];
}

function readVendor(value: unknown): VendorProgress {
  const reader = new ElementReader(value, 'vendor');
  const next = reader.whole('next');
  const awaits = reader.list('awaits', (rank) => new ElementReader([rank], 'vendor').whole('awaits'));
  const from = reader.optionalWhole('lostFrom');
  return { next, awaits, lost: from === undefined ? undefined : { from, to: reader.whole('lostTo', from + 1) } };
}

function writeGroup({ group, port, sources = [] }: DirectoryGroup): unknown[] {
  return [text(group), port, sources];
}

function readGroup(reader: ElementReader): DirectoryGroup {
  return {
    group: reader.text('group'),
    port: reader.whole('port', 1, 65_535),
    sources: reader.texts('sources'),
  };
}

function readAddress(value: unknown): Address {
  const reader = new ElementReader(value, 'address');
  return { address: reader.text('address'), port: reader.whole('port', 1, 65_535) };
}

function readHeartbeat(reader: ElementReader): PacketMessage {
  return {
    kind: 'heartbeat',
    role: reader.word('role', ROLES),
    name: reader.text('name'),
    feed: reader.optionalText('feed'),
    term: reader.whole('term'),
    rank: reader.whole('rank'),
    state: reader.word('state', STATES),
    control: reader.optional(readAddress),
    repair: reader.optional(readAddress),
    channels: reader.list('channels', readProgress),
    fit: (reader.optionalWhole('unfit') ?? 0) === 0,
    successor: reader.optionalWhole('successor'),
    vendor: reader.optional(readVendor),
  };
}

function readProgress(value: unknown): ChannelProgress {
  const reader = new ElementReader(value, 'channel');
  return {
    id: reader.whole('id', 1, CHANNEL_ID_MAX),
    session: reader.text('session'),
    next: reader.whole('next'),
    digest: reader.optionalText('digest'),
    unsure: reader.optionalWhole('unsure') === 1,
  };
}

function readDirectory(reader: ElementReader): DirectoryPart {
  const version = reader.whole('version');
  const part = reader.whole('part', 0, DIRECTORY_PARTS_MAX - 1);
  return {
    kind: 'directory-part',
    version,
    part,
    parts: reader.whole('parts', part + 1, DIRECTORY_PARTS_MAX),
    floor: reader.text('floor'),
    channels: reader.list('channels', readDirectoryChannel),
    silentAfterMs: reader.optionalWhole('silentAfterMs', 1),
  };
}

function readDirectoryChannel(value: unknown): DirectoryChannel {
  const reader = new ElementReader(value, 'channel');
  return {
    id: reader.whole('id', 1, CHANNEL_ID_MAX),
    name: reader.text('name'),
    services: reader.texts('services'),
    session: reader.text('session'),
    groups: [readGroup(reader), ...(reader.optional(readFurtherGroups) ?? [])],
  };
}

function readFurtherGroups(value: unknown): DirectoryGroup[] {
  return new ElementReader([value], 'channel').list('groups', (group) => readGroup(new ElementReader(group, 'group')));
}

function readQuality(value: unknown): QualityEntry {
  const reader = new ElementReader(value, 'quality');
  return {
    scope: reader.word('scope', SCOPES),
    subject: reader.text('subject'),
    quality: reader.word('quality', QUALITY_NAMES),
    reason: reader.text('reason'),
    detail: reader.text('detail'),
    sinceNs: reader.wide('sinceNs'),
  };
}

function readLatency(reader: ElementReader): PacketMessage {
  return {
    kind: 'latency',
    channel: reader.whole('channel', 1, CHANNEL_ID_MAX),
    samples: reader.list('samples', (value) => {
      const sample = new ElementReader(value, 'sample');
      return [sample.whole('seq'), sample.wide('wallNs')] as const;
    }),
  };
}
