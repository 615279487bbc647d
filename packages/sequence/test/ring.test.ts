import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { MessageRing } from '../src/index.ts';

const SIZE = 65_536;

/** The bytes of a message: filled with what depends on its number, so that stale data show. */
function block(seq: number, length: number): Buffer {
  const bytes = Buffer.alloc(2 + length, seq % 251);
  bytes.writeUInt16BE(length);
  return bytes;
}

function append(ring: MessageRing, seq: number, lengths: readonly number[]): void {
  const blocks = Buffer.concat([
    Buffer.from('head'),
    ...lengths.map((length, i) => block(seq + i, length)),
    Buffer.from('tail'),
  ]);
  ring.append(blocks, 4, blocks.length - 4, seq, lengths.length);
}

t.test('an empty ring has nothing and knows what comes next', async (t) => {
  const ring = new MessageRing(SIZE, 7);
  t.same([ring.firstSeq, ring.nextSeq, ring.bytes], [7, 7, 0]);
  t.same({ ...ring.read(7, 10, Buffer.alloc(100), 0, 100) }, { count: 0, end: 0 });
});

t.test('messages are read by number, across packets, up to the count asked for', async (t) => {
  const ring = new MessageRing(SIZE);
  append(ring, 1, [1, 2, 3]);
  append(ring, 4, [0, 5]);
  const out = Buffer.alloc(100, '.');
  t.same({ ...ring.read(2, 3, out, 10, 100) }, { count: 3, end: 10 + 4 + 5 + 2 });
  t.same(out.subarray(10, 21), Buffer.concat([block(2, 2), block(3, 3), block(4, 0)]));
  t.equal(out[21], 46, 'nothing is written beyond the end');
  t.same({ ...ring.read(5, 9, out, 0, 100) }, { count: 1, end: 7 });
  t.same({ ...ring.read(6, 9, out, 0, 100) }, { count: 0, end: 0 });
  t.same({ ...ring.read(0, 9, out, 0, 100) }, { count: 0, end: 0 });
});

t.test('only whole messages are read, as many as fit', async (t) => {
  const ring = new MessageRing(SIZE);
  append(ring, 1, [10, 10, 10]);
  const out = Buffer.alloc(100);
  t.same({ ...ring.read(1, 3, out, 0, 36) }, { count: 3, end: 36 });
  t.same({ ...ring.read(1, 3, out, 0, 35) }, { count: 2, end: 24 });
  t.same({ ...ring.read(1, 3, out, 0, 11) }, { count: 0, end: 0 });
});

t.test('a number that was never appended ends what is read', async (t) => {
  const ring = new MessageRing(SIZE);
  append(ring, 1, [1, 1]);
  append(ring, 5, [1]);
  const out = Buffer.alloc(100);
  t.equal(ring.read(1, 10, out, 0, 100).count, 2);
  t.equal(ring.read(3, 10, out, 0, 100).count, 0);
  t.equal(ring.read(5, 10, out, 0, 100).count, 1);
  t.same([ring.firstSeq, ring.nextSeq], [1, 6]);
});

t.test('a number twice, or blocks larger than the ring, is our own mistake', async (t) => {
  const ring = new MessageRing(SIZE);
  append(ring, 5, [1]);
  t.throws(() => append(ring, 5, [1]), /expected message 6 or later, got 5/);
  t.throws(() => append(ring, 6, [40_000, 40_000]), /expected blocks of at most/);
  t.throws(() => new MessageRing(1000), { code: 'SEQUENCE_BAD_OPTION' });
});

t.test('forgets everything for a new session', async (t) => {
  const ring = new MessageRing(SIZE);
  append(ring, 1, [1, 1]);
  ring.clear();
  t.same([ring.firstSeq, ring.nextSeq, ring.bytes], [1, 1, 0]);
  append(ring, 1, [3]);
  const out = Buffer.alloc(10);
  t.equal(ring.read(1, 10, out, 0, 10).end, 5);
  t.same(out.subarray(0, 5), block(1, 3));
});

t.test('very small packets are bounded by the number of entries', async (t) => {
  const ring = new MessageRing(SIZE);
  for (let seq = 1; seq <= 5000; seq++) append(ring, seq, [0]);
  t.equal(ring.nextSeq - ring.firstSeq, 1024);
  t.equal(ring.bytes, 2048);
});

// The model keeps every message in a map. The ring must agree with it on all it still has, must keep whatever
// fits (it may waste less than one packet at its end), and must never give anything else.
t.test('agrees with a map of all messages', async () => {
  const packets = fc.array(
    fc.record({
      hole: fc.constantFrom(0, 0, 0, 0, 1, 3),
      lengths: fc.array(fc.oneof(fc.nat(40), fc.nat(4000)), { minLength: 1, maxLength: 12 }),
      readBack: fc.nat(60),
      countMax: fc.nat(40),
      room: fc.nat(9000),
    }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(packets, (script) => {
      const ring = new MessageRing(SIZE);
      const model = new Map<number, Buffer>();
      const sizes: number[] = [];
      const out = Buffer.alloc(9010);
      let seq = 1;
      for (const { hole, lengths, readBack, countMax, room } of script) {
        seq += hole;
        append(ring, seq, lengths);
        for (const length of lengths) model.set(seq, block(seq++, length));
        sizes.push(lengths.reduce((sum, length) => sum + 2 + length, 0));

        const from = Math.max(0, seq - readBack);
        const expected: Buffer[] = [];
        let size = 0;
        for (let at = from; at >= ring.firstSeq && expected.length < countMax; at++) {
          const message = model.get(at);
          if (message === undefined || size + message.length > room) break;
          expected.push(message);
          size += message.length;
        }
        out.fill(0xee);
        const { count, end } = ring.read(from, countMax, out, 5, 5 + room);
        if (count !== expected.length || end !== 5 + size) return false;
        if (Buffer.compare(out.subarray(5, end), Buffer.concat(expected)) !== 0) return false;
        if (out[4] !== 0xee || out[end] !== 0xee) return false;

        let bytes = 0;
        for (const [at, message] of model) if (at >= ring.firstSeq) bytes += message.length;
        if (bytes !== ring.bytes || ring.nextSeq !== seq) return false;
        const total = sizes.reduce((sum, each) => sum + each, 0);
        if (total <= SIZE && ring.firstSeq !== [...model.keys()][0]) return false;
        if (total > SIZE && ring.bytes < SIZE - 3 * Math.max(...sizes)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
});

t.test('digests are those of all messages before, however they were packed and whatever has made room', async () => {
  const packets = fc.array(
    fc.record({
      lengths: fc.array(fc.oneof(fc.nat(40), fc.nat(4000)), { minLength: 1, maxLength: 12 }),
      // How far back to ask, and whether at all: digests are made when they are asked for, or enough has come.
      back: fc.option(fc.nat(60)),
    }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(packets, (script) => {
      const ring = new MessageRing(SIZE, 1, true);
      const digests = [0, 0];
      let seq = 1;
      for (const { lengths, back } of script) {
        append(ring, seq, lengths);
        for (const length of lengths) {
          digests.push(crc32(block(seq, length), digests[seq]!));
          seq++;
        }
        if (back === null) continue;
        const first = ring.firstSeq;
        if (seq - first < 1 || ring.bytes > SIZE) return false;
        for (const at of [seq, first, Math.max(first, seq - back)]) if (ring.digestAt(at) !== digests[at]) return false;
        if (ring.digestAt(first - 1) !== undefined || ring.digestAt(seq + 1) !== undefined) return false;
      }
      return ring.digestAt(seq) === digests[seq];
    }),
    { numRuns: 500 },
  );
});
