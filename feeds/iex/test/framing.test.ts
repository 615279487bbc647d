import assert from 'node:assert/strict';
import { createPacketHeader, type SequencedListener, SequencedReceiver } from '@tickerplant/sequence';
import fc from 'fast-check';
import t from 'tap';
import { encodeSegmentHeader, epochBase, HEADER_LENGTH, IexTpFraming, midnightBase, Protocol } from '../src/index.ts';
import { ATOMIC_UPDATE, fromHex, HEARTBEAT } from './examples.ts';

const STREAM = { protocol: Protocol.TOPS_1_6, channel: 1, session: 0xfeed };
const BASE = midnightBase(17_357);
const SECOND = 1_000_000_000;

/** A segment with messages of the given texts. */
function segment(
  seq: number,
  offset: number,
  sentNs: number,
  texts: readonly string[] = [],
  stream = STREAM,
): Uint8Array {
  const out: number[] = new Array(HEADER_LENGTH).fill(0);
  for (const text of texts) out.push(text.length & 0xff, text.length >>> 8, ...Buffer.from(text));
  const bytes = Uint8Array.from(out);
  encodeSegmentHeader(bytes, 0, stream, bytes.length - HEADER_LENGTH, texts.length, offset, seq, BASE, sentNs);
  return bytes;
}

function parse(framing: IexTpFraming, bytes: Uint8Array): string {
  const header = createPacketHeader();
  const fault = framing.parse(bytes, bytes.length, header);
  if (fault !== undefined) return fault.code;
  return `${header.kind} ${header.seq}+${header.count}${header.restart ? ' restart' : ''}`;
}

t.test('worked example 8.1: a heartbeat before the first message', (t) => {
  const bytes = fromHex(HEARTBEAT);
  const header = createPacketHeader();
  const framing = new IexTpFraming();
  t.equal(framing.parse(bytes, bytes.length, header), undefined);
  t.match(header, { seq: 1, count: 0, kind: 'heartbeat', blocksStart: 40, blocksEnd: 40 });
  t.equal(framing.formatSession(bytes, framing.sessionOffset), 'TOPS 1.6/1/0x43cd0000');
  const again = new Uint8Array(40);
  const stream = { protocol: 0x8003, channel: 1, session: 0x43cd0000 };
  encodeSegmentHeader(again, 0, stream, 0, 0, 0, 1, epochBase(1499697139680062786n), 0);
  t.strictSame(again, bytes);
  t.end();
});

t.test('worked example 8.2: a segment of six messages', (t) => {
  const bytes = fromHex(ATOMIC_UPDATE);
  const header = createPacketHeader();
  const framing = new IexTpFraming();
  t.equal(framing.parse(bytes, bytes.length, header), undefined);
  t.match(header, { seq: 24649, count: 6, kind: 'data', blocksStart: 40, blocksEnd: 220, restart: false });
  t.equal(framing.formatSession(bytes, framing.sessionOffset), 'DEEP 1.0/1/0x43810000');
  const again = bytes.slice();
  again.fill(0, 0, 40);
  const stream = { protocol: 0x8004, channel: 1, session: 0x43810000 };
  encodeSegmentHeader(again, 0, stream, 180, 6, 551275, 24649, epochBase(1493132820577874877n), 0);
  t.strictSame(again, bytes);
  t.end();
});

t.test('every truncation and every extension of a segment is a fault', (t) => {
  const bytes = fromHex(ATOMIC_UPDATE);
  const padded = new Uint8Array(bytes.length + 50);
  padded.set(bytes);
  const header = createPacketHeader();
  for (let length = 0; length < padded.length; length++) {
    const fault = new IexTpFraming().parse(padded, length, header);
    if (length === bytes.length) t.equal(fault, undefined);
    else t.equal(fault?.code, length < HEADER_LENGTH ? 'IEX_TP_TRUNCATED' : 'IEX_TP_BAD_LENGTH', `${length} bytes`);
  }
  t.end();
});

t.test('each rule of the header has its fault', (t) => {
  const good = segment(5, 100, 0, ['one', 'two']);
  const change = (at: number, ...values: number[]): Uint8Array => {
    const bytes = good.slice();
    bytes.set(values, at);
    return bytes;
  };
  const code = (bytes: Uint8Array, framing = new IexTpFraming()): string => parse(framing, bytes);
  t.equal(code(good), 'data 5+2');
  t.equal(code(change(0, 2)), 'IEX_TP_BAD_VERSION');
  t.equal(code(change(1, 7)), 'data 5+2', 'the reserved byte does not matter');
  t.equal(code(change(2, 0x05)), 'IEX_TP_FOREIGN_PROTOCOL', 'DEEP+');
  t.equal(code(good, new IexTpFraming({ protocols: [Protocol.DEEP_1_0] })), 'IEX_TP_FOREIGN_PROTOCOL');
  t.equal(code(change(12, 9)), 'IEX_TP_BAD_LENGTH', 'payload shorter than the packet');
  t.equal(code(change(14, 1)), 'IEX_TP_BAD_LENGTH', 'fewer messages than blocks');
  t.equal(code(change(14, 3)), 'IEX_TP_BAD_LENGTH', 'more messages than blocks');
  t.equal(code(change(14, 0)), 'IEX_TP_BAD_LENGTH', 'blocks and no messages');
  t.equal(code(change(40, 2)), 'IEX_TP_BAD_LENGTH', 'blocks that end too early');
  t.equal(code(change(40, 4)), 'IEX_TP_BAD_LENGTH', 'blocks that end too late');
  t.equal(code(change(40, 0xff, 0xff)), 'IEX_TP_BAD_LENGTH');
  t.equal(code(change(24, 0)), 'IEX_TP_BAD_SEQUENCE', 'sequence 0');
  t.equal(code(change(24, ...Array(8).fill(0xff))), 'IEX_TP_BAD_SEQUENCE', 'sequence -1');
  t.equal(code(change(24, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0)), 'IEX_TP_BAD_SEQUENCE', 'ends beyond 2^53');
  t.equal(code(change(16, ...Array(8).fill(0xff))), 'IEX_TP_BAD_SEQUENCE', 'offset -1');
  t.equal(code(change(22, 0x20)), 'IEX_TP_BAD_SEQUENCE', 'offset beyond 2^53');
  t.equal(code(segment(5, 100, 0, ['', 'two'])), 'data 5+2', 'a block of length 0 is legal');
  t.end();
});

t.test('the stream offset must go on where the sequence number goes on', (t) => {
  const framing = new IexTpFraming();
  t.equal(parse(framing, segment(1, 0, 0, ['one', 'two'])), 'data 1+2');
  t.equal(parse(framing, segment(3, 9, 0, ['three'])), 'IEX_TP_BAD_OFFSET');
  t.equal(parse(framing, segment(3, 10, 0, ['three'])), 'data 3+1');
  t.equal(parse(framing, segment(4, 18, 0)), 'IEX_TP_BAD_OFFSET', 'in heartbeats too');
  t.equal(parse(framing, segment(2, 5, 0, ['two', 'three', 'four'])), 'data 2+3', 'the other line cuts differently');
  t.equal(parse(framing, segment(5, 23, 0, ['five'])), 'data 5+1');
  t.equal(parse(framing, segment(9, 999, 0, ['nine'])), 'data 9+1', 'after a gap nothing can be said');
  t.equal(parse(framing, segment(5, 0, 0, ['x'], { ...STREAM, session: 1 })), 'data 5+1', 'nor of another session');
  t.end();
});

t.test('a new numbering of the same session is told from a late heartbeat by its send time', (t) => {
  const framing = new IexTpFraming();
  t.equal(parse(framing, segment(1, 0, 1 * SECOND)), 'heartbeat 1+0 restart', 'the first means nothing');
  t.equal(parse(framing, segment(1, 0, 2 * SECOND, ['one'])), 'data 1+1');
  t.equal(parse(framing, segment(1, 0, 2 * SECOND + 5)), 'heartbeat 1+0', 'the other line had not begun');
  t.equal(parse(framing, segment(1, 0, 3 * SECOND - 1000)), 'heartbeat 1+0', 'too soon after a message');
  t.equal(parse(framing, segment(2, 5, 8 * SECOND)), 'heartbeat 2+0');
  t.equal(parse(framing, segment(1, 0, 9 * SECOND)), 'heartbeat 1+0 restart');
  t.equal(parse(framing, segment(1, 0, 9 * SECOND + 20)), 'heartbeat 1+0 restart', 'the other line follows');
  t.equal(parse(framing, segment(1, 0, 10 * SECOND, ['uno'])), 'data 1+1');
  t.equal(parse(framing, segment(1, 0, 10 * SECOND)), 'heartbeat 1+0');
  t.equal(parse(framing, segment(2, 5, 11 * SECOND, ['due'])), 'data 2+1');
  t.equal(parse(framing, segment(3, 10, 12 * SECOND, ['tre'])), 'data 3+1');
  t.end();
});

t.test('joining late: a numbered heartbeat is enough to recognise a restart', (t) => {
  const framing = new IexTpFraming();
  t.equal(parse(framing, segment(500, 9_000, 1 * SECOND)), 'heartbeat 500+0');
  t.equal(parse(framing, segment(1, 0, 1 * SECOND + 1000)), 'heartbeat 1+0');
  t.equal(parse(framing, segment(1, 0, 5 * SECOND)), 'heartbeat 1+0 restart');
  t.end();
});

t.test('the sequencing machine delivers both numberings of a restarted session, from lines that lag', (t) => {
  const log: string[] = [];
  const listener: SequencedListener = {
    onRun: (bytes, start, end, seq) => {
      for (let at = start; at < end; seq++) {
        const length = bytes[at]! | (bytes[at + 1]! << 8);
        log.push(`${seq} ${Buffer.from(bytes).toString('latin1', at + 2, at + 2 + length)}`);
        at += 2 + length;
      }
    },
    onLost: (from, to) => log.push(`lost ${from} to ${to}`),
    onSession: (session, previous, next) => log.push(`${session === previous ? 'again' : 'session'} from ${next}`),
    onEnd: () => log.push('end'),
    onRequest: () => log.push('request'),
  };
  const receiver = new SequencedReceiver(new IexTpFraming(), listener, { lines: ['A', 'B'] });
  const take = (line: number, bytes: Uint8Array): void => receiver.packet(line, bytes, bytes.length, 0);
  take(0, segment(1, 0, 1 * SECOND));
  take(0, segment(1, 0, 2 * SECOND, ['one', 'two']));
  take(1, segment(1, 0, 2 * SECOND + 9)); // sent by B before it had the first message
  take(1, segment(1, 0, 2 * SECOND + 10, ['one']));
  take(0, segment(3, 10, 3 * SECOND, ['three']));
  take(0, segment(1, 0, 9 * SECOND));
  take(1, segment(2, 5, 2 * SECOND + 30, ['two', 'three'])); // B is late with the old numbering
  take(1, segment(1, 0, 9 * SECOND + 30));
  take(1, segment(1, 0, 10 * SECOND + 30, ['uno']));
  take(0, segment(1, 0, 10 * SECOND, ['uno', 'due']));
  take(1, segment(2, 5, 11 * SECOND, ['due', 'tre']));
  t.strictSame(log, ['session from 1', '1 one', '2 two', '3 three', 'again from 1', '1 uno', '2 due', '3 tre']);
  t.equal(receiver.counters.restarts, 1);
  t.end();
});

t.test('no bytes make the framing throw, or pass blocks that don’t add up', (t) => {
  const good = fromHex(ATOMIC_UPDATE);
  const mutated = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const bytes = good.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const headed = fc
    .uint8Array({ minLength: 38, maxLength: 300 })
    .map((bytes) => Uint8Array.from([1, 0, 3, 0x80, ...bytes.subarray(2)]));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), headed, mutated), (bytes) => {
        const header = createPacketHeader();
        if (new IexTpFraming().parse(bytes, bytes.length, header) !== undefined) return;
        let at = header.blocksStart;
        for (let i = 0; i < header.count; i++) at += 2 + bytes[at]! + 256 * bytes[at + 1]!;
        assert.equal(at, header.blocksEnd);
        assert.equal(at, bytes.length);
        assert.ok(Number.isSafeInteger(header.seq) && header.seq >= 1);
      }),
      { numRuns: 1000 },
    ),
  );
  t.end();
});
