import { readU48BE, writeU48BE } from '@tickerplant/core';
import type { ReceiverOptions } from '../../src/index.ts';
import {
  type Framing,
  type PacketFault,
  type PacketHeader,
  type SequencedListener,
  SequencedReceiver,
} from '../../src/index.ts';

// A transport small enough to write by hand: session (2 characters), kind (D, H, E, or R: heartbeat that
// restarts), number (48 bits), count (8 bits), blocks.
const HEADER = 10;

/** The toy transport, with block lengths in either byte order. */
export function toyFraming(littleEndianLengths = false): Framing {
  return {
    name: 'toy',
    sessionOffset: 0,
    sessionLength: 2,
    littleEndianLengths,
    formatSession: (bytes, at) => String.fromCharCode(bytes[at]!, bytes[at + 1]!),
    parse(bytes: Uint8Array, length: number, out: PacketHeader): PacketFault | undefined {
      if (length < HEADER)
        return { code: 'TOY_SHORT', message: `expected 10 bytes, got ${length}`, context: { length } };
      const kind = String.fromCharCode(bytes[2]!);
      out.kind = kind === 'D' ? 'data' : kind === 'E' ? 'end' : 'heartbeat';
      out.restart = kind === 'R';
      out.seq = readU48BE(bytes, 3);
      out.count = bytes[9]!;
      out.blocksStart = HEADER;
      let at = HEADER;
      for (let i = 0; i < out.count; i++) {
        at += 2 + (littleEndianLengths ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!);
        if (!(at <= length)) return { code: 'TOY_TRUNCATED', message: 'a block ends beyond the packet', context: {} };
      }
      out.blocksEnd = at;
      return undefined;
    },
  };
}

/** One message: its own number as text, so that what is delivered can be checked. */
function toyBlock(text: string, littleEndianLengths = false): Buffer {
  const data = Buffer.from(`..${text}`, 'latin1');
  if (littleEndianLengths) data.writeUInt16LE(text.length);
  else data.writeUInt16BE(text.length);
  return data;
}

function packet(session: string, kind: string, seq: number, blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from(`${session}${kind}${'\0'.repeat(7)}`, 'latin1');
  writeU48BE(header, 3, seq);
  header[9] = blocks.length;
  return Buffer.concat([header, ...blocks]);
}

/** Messages `from` to `to`, both included. */
export function data(from: number, to: number = from, session = 'S1', littleEndianLengths = false): Buffer {
  const blocks = Array.from({ length: to - from + 1 }, (_, i) => toyBlock(String(from + i), littleEndianLengths));
  return packet(session, 'D', from, blocks);
}

export const heartbeat = (next: number, session = 'S1'): Buffer => packet(session, 'H', next, []);
export const end = (next: number, session = 'S1'): Buffer => packet(session, 'E', next, []);
export const restart = (next: number, session = 'S1'): Buffer => packet(session, 'R', next, []);

export interface Recording {
  receiver: SequencedReceiver;
  /** Takes what was told since the last call. */
  take(): string[];
  faults: { code: string; hex: string; context: Readonly<Record<string, unknown>> }[];
}

/** A receiver of the toy transport that writes down all it tells, as a transcript. */
export function recording(
  options: Partial<ReceiverOptions> = {},
  littleEndianLengths = false,
  mayLose?: (from: number, to: number) => boolean,
): Recording {
  const told: string[] = [];
  const range = (from: number, to: number): string => (to === from + 1 ? `${from}` : `${from}-${to - 1}`);
  const listener: SequencedListener = {
    onRun(bytes, start, end, seq, count) {
      let at = start;
      for (let i = 0; i < count; i++) {
        const length = littleEndianLengths ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
        const text = Buffer.from(bytes.subarray(at + 2, at + 2 + length)).toString('latin1');
        if (text !== String(seq + i)) told.push(`WRONG ${seq + i} is '${text}'`);
        at += 2 + length;
      }
      if (at !== end) told.push(`WRONG end ${end}, expected ${at}`);
      told.push(`run ${range(seq, seq + count)}`);
    },
    onLost: (from, to, reason) => told.push(`lost ${range(from, to)} ${reason}`),
    onSession: (session, previous, next) => told.push(`session ${session} after ${previous ?? 'none'} from ${next}`),
    ...(mayLose === undefined ? {} : { mayLose }),
    onEnd: (next) => told.push(`end ${next}`),
    onGap: (from, to) => told.push(`gap ${range(from, to)}`),
    onGapClosed: (from, to) => told.push(`closed ${range(from, to)}`),
    onRequest: (session, from, count, attempt) =>
      told.push(
        `ask ${Buffer.from(session).toString('latin1')} ${range(from, from + count)}${attempt > 0 ? ` again ${attempt}` : ''}`,
      ),
  };
  const faults: Recording['faults'] = [];
  const receiver = new SequencedReceiver(toyFraming(littleEndianLengths), listener, {
    lines: ['A', 'B', 'repair'],
    repairLine: 2,
    gapWaitNs: 10,
    requestTimeoutNs: 100,
    requestAttemptsMax: 3,
    lostAfterNs: 1000,
    quarantine: (code, _message, bytes, context) =>
      faults.push({ code, hex: Buffer.from(bytes).toString('hex'), context }),
    ...options,
  });
  const take = (): string[] => told.splice(0);
  return { receiver, take, faults };
}

export const A = 0;
export const B = 1;
export const REPAIR = 2;
