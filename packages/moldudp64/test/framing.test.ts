import { createPacketHeader, type PacketFault, type PacketHeader } from '@tickerplant/sequence';
import fc from 'fast-check';
import t from 'tap';
import {
  COUNT_OFFSET,
  encodeRequest,
  encodeSession,
  formatSession,
  HEADER_BYTES,
  MOLD_FRAMING,
  type MoldRequest,
  parseRequest,
  readCount,
  readSequence,
  SEQUENCE_OFFSET,
  SESSION_LENGTH,
  writeHeader,
} from '../src/index.ts';
import { hex } from './support/hex.ts';

const ORDER_DELETE = hex(`
  30 30 30 30 31 30 30 35 39 42 00 00 00 00 00 e1
  49 d0 00 01 00 13 44 0a b1 00 00 1f 1a cf 4c 4e
  b7 00 00 00 00 01 66 5d 6a`);
const HEARTBEAT = hex('30 30 30 30 30 38 33 36 37 49 00 00 00 00 00 05 d9 21 00 00');
const END_OF_SESSION = hex('30 30 30 30 30 38 33 36 37 49 00 00 00 00 00 05 d9 21 ff ff');
const REQUEST = hex('30 30 30 30 31 30 30 35 39 42 00 00 00 00 01 22 0e 5d 00 03');
const TWO_MESSAGES = hex(`
  53 45 53 53 49 4f 4e 30 30 31 00 00 00 00 00 00
  00 05 00 02 00 03 41 42 43 00 00`);

function parse(bytes: Uint8Array, length = bytes.length): { header: PacketHeader; fault: PacketFault | undefined } {
  const header = createPacketHeader();
  return { fault: MOLD_FRAMING.parse(bytes, length, header), header };
}

t.test('layout - offsets and sizes are the published ones', async (t) => {
  t.same([SESSION_LENGTH, SEQUENCE_OFFSET, COUNT_OFFSET, HEADER_BYTES], [10, 10, 18, 20]);
  t.same([MOLD_FRAMING.sessionOffset, MOLD_FRAMING.sessionLength, MOLD_FRAMING.littleEndianLengths], [0, 10, false]);
});

t.test('example - data packet with one message', async (t) => {
  const { header, fault } = parse(ORDER_DELETE);
  t.equal(fault, undefined);
  t.same(header, { seq: 14_764_496, count: 1, kind: 'data', blocksStart: 20, blocksEnd: 41, restart: false });
  t.equal(MOLD_FRAMING.formatSession(ORDER_DELETE, 0), '000010059B');
});

t.test('example - header of a packet with 38 messages', async (t) => {
  const packet = Buffer.alloc(1472);
  hex('30 30 30 30 31 30 30 35 39 42 00 00 00 00 01 22 0e 5d 00 26').copy(packet);
  let at = 20;
  for (let i = 0; i < 38; i++) {
    const length = i < 36 ? 36 : 40;
    packet.writeUInt16BE(length, at);
    at += 2 + length;
  }
  t.equal(at, 1472);
  const { header, fault } = parse(packet);
  t.equal(fault, undefined);
  t.match(header, { seq: 19_009_117, count: 38, blocksEnd: 1472 });
  t.equal(header.seq + header.count, 19_009_155);
});

t.test('example - heartbeat', async (t) => {
  const { header, fault } = parse(HEARTBEAT);
  t.equal(fault, undefined);
  t.match(header, { seq: 383_265, count: 0, kind: 'heartbeat', blocksStart: 20, blocksEnd: 20 });
  const written = Buffer.alloc(20);
  writeHeader(written, 0, encodeSession('000008367I'), 383_265, 0);
  t.same(written, HEARTBEAT);
});

t.test('example - end of session: its count is not added to its number', async (t) => {
  const { header, fault } = parse(END_OF_SESSION);
  t.equal(fault, undefined);
  t.match(header, { seq: 383_265, count: 0, kind: 'end', blocksStart: 20, blocksEnd: 20 });
});

t.test('example - request', async (t) => {
  const out = Buffer.alloc(20);
  t.equal(encodeRequest(encodeSession('000010059B'), 19_009_117, 3, out), 20);
  t.same(out, REQUEST);
  const request: MoldRequest = { seq: 0, count: 0 };
  t.equal(parseRequest(REQUEST, 20, request), undefined);
  t.same(request, { seq: 19_009_117, count: 3 });
});

t.test('example - two messages, the second of zero length', async (t) => {
  const { header, fault } = parse(TWO_MESSAGES);
  t.equal(fault, undefined);
  t.match(header, { seq: 5, count: 2, kind: 'data', blocksStart: 20, blocksEnd: 27 });
  t.equal(MOLD_FRAMING.formatSession(TWO_MESSAGES, 0), 'SESSION001');
});

t.test('every truncation of a packet is a fault, and so is every byte too many', async (t) => {
  for (const packet of [ORDER_DELETE, HEARTBEAT, END_OF_SESSION, TWO_MESSAGES]) {
    for (let length = 0; length < packet.length; length++) {
      const code = length < 20 ? 'MOLD_SHORT' : 'MOLD_TRUNCATED';
      t.match(parse(packet, length).fault, { code, context: { length } }, `${length} of ${packet.length} bytes`);
    }
    t.match(parse(Buffer.concat([packet, Buffer.alloc(1)])).fault, { code: 'MOLD_LEFT_OVER' });
  }
});

t.test('a number that JavaScript does not hold exactly is a fault', async (t) => {
  const packet = Buffer.from(TWO_MESSAGES);
  packet.writeBigUInt64BE(2n ** 53n - 1n, 10);
  t.match(parse(packet).fault, { code: 'MOLD_SEQUENCE_TOO_LARGE', message: /got 9007199254740991$/ });
  packet.writeBigUInt64BE(2n ** 53n - 3n, 10);
  t.match(parse(packet), { fault: undefined, header: { seq: Number.MAX_SAFE_INTEGER - 2 } });
  packet.writeBigUInt64BE(2n ** 64n - 1n, 10);
  t.match(parse(packet).fault, { code: 'MOLD_SEQUENCE_TOO_LARGE', context: { seq: 2n ** 64n - 1n } });
});

t.test('session - short names are padded with spaces, and compared without', async (t) => {
  t.same(Buffer.from(encodeSession('ABC')).toString('latin1'), 'ABC       ');
  t.equal(formatSession(encodeSession('ABC'), 0), 'ABC');
  for (const session of ['', '12345678901', 'naïve', 'a\n']) {
    t.throws(() => encodeSession(session), { code: 'MOLD_BAD_SESSION' }, session);
  }
});

t.test('request - what cannot be asked for is a fault', async (t) => {
  const request: MoldRequest = { seq: 0, count: 0 };
  for (let length = 0; length < 20; length++) {
    t.match(parseRequest(REQUEST, length, request), { code: 'MOLD_REQUEST_LENGTH' });
  }
  t.match(parseRequest(ORDER_DELETE, 41, request), { code: 'MOLD_REQUEST_LENGTH' });
  const packet = Buffer.from(REQUEST);
  packet.writeUInt16BE(0, 18);
  t.match(parseRequest(packet, 20, request), { code: 'MOLD_REQUEST_RANGE', message: /got 19009117 and 0$/ });
  packet.writeUInt16BE(0xffff, 18);
  t.equal(parseRequest(packet, 20, request), undefined);
  t.equal(request.count, 65_534);
  packet.writeBigUInt64BE(0n, 10);
  t.match(parseRequest(packet, 20, request), { code: 'MOLD_REQUEST_RANGE' });
  packet.writeBigUInt64BE(2n ** 60n, 10);
  t.match(parseRequest(packet, 20, request), { code: 'MOLD_REQUEST_RANGE' });
});

t.test('request - more than an answer could count is cut', async (t) => {
  const out = Buffer.alloc(20);
  encodeRequest(encodeSession('S'), 1, 1_000_000, out);
  t.equal(readCount(out, 0), 65_534);
});

// A buffer that throws on a read outside [0, length).
function guarded(bytes: Uint8Array, length: number): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key) && Number(key) >= length) {
        throw new Error(`read at ${key} of ${length}`);
      }
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

t.test('random and mutated bytes never throw, and are never read beyond their end', async () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(ORDER_DELETE, HEARTBEAT, END_OF_SESSION, TWO_MESSAGES, REQUEST),
      fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }),
    )
    .map(([packet, changes]) => {
      const bytes = Buffer.from(packet);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes as Uint8Array;
    });
  const packets = fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated);
  fc.assert(
    fc.property(packets, fc.nat(60), (bytes, cut) => {
      const length = Math.min(cut, bytes.length);
      const header = createPacketHeader();
      const fault = MOLD_FRAMING.parse(guarded(bytes, length), length, header);
      parseRequest(guarded(bytes, length), length, { seq: 0, count: 0 });
      if (fault !== undefined) return fault.code.startsWith('MOLD_') && fault.message.includes('expected');
      // What is accepted is walked without a fault by anyone.
      let at = header.blocksStart;
      for (let i = 0; i < header.count; i++) at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
      return at === length && readSequence(bytes, 0) === header.seq && Number.isSafeInteger(header.seq + header.count);
    }),
    { numRuns: 5000 },
  );
});
