import assert from 'node:assert/strict';
import { encodeSession, readCount, readSequence } from '@tickerplant/moldudp64';
import { MessageRing } from '@tickerplant/sequence';
import fc from 'fast-check';
import t from 'tap';
import { Comparison, OutputGate, readTail, Takeover, writeTail } from '../src/index.ts';

const SESSION = '0126112901';

/** Messages whose content is their number; `sizes`: how many to a packet; 0 leaves a number out. */
function ringOf(sizes: readonly number[], bytesMax = 1 << 20, digests = true): MessageRing {
  const ring = new MessageRing(bytesMax, 1, digests);
  let seq = 1;
  for (const count of sizes) {
    if (count === 0) {
      seq++;
      continue;
    }
    const blocks = Buffer.concat(Array.from({ length: count }, (_, index) => block(seq + index)));
    ring.append(blocks, 0, blocks.length, seq, count);
    seq += count;
  }
  return ring;
}

function block(seq: number): Buffer {
  const text = `message ${seq} ${'.'.repeat(seq % 50)}`;
  const bytes = Buffer.alloc(2 + text.length);
  bytes.writeUInt16BE(text.length);
  bytes.write(text, 2);
  return bytes;
}

/** The numbers that packets carry. */
function numbers(packets: readonly Uint8Array[]): number[] {
  return packets.flatMap((packet) =>
    Array.from({ length: readCount(packet, 0) }, (_, index) => readSequence(packet, 0) + index),
  );
}

t.test('everything from a number on is sent again, in packets of its own, and then the gate is open', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { maxLength: 40 }),
      fc.nat(400),
      fc.integer({ min: 1, max: 5_000 }),
      (sizes, from, step) => {
        const ring = ringOf(sizes);
        const packets: Buffer[] = [];
        const gate = new OutputGate({
          packetBytes: 400,
          send: (packet, length) => packets.push(Buffer.from(packet.subarray(0, length))) > 0,
        });
        gate.open(encodeSession(SESSION), ring, from);
        for (let steps = 0; gate.replaying; steps++) {
          assert.ok(steps < 1_000, 'it ends');
          assert.equal(gate.live, false);
          gate.step(step);
        }
        assert.equal(gate.live, true);
        const kept: number[] = [];
        for (let seq = ring.after(from); seq < ring.nextSeq; seq = ring.after(seq + 1)) kept.push(seq);
        assert.deepEqual(numbers(packets), kept);
        for (const packet of packets) assert.ok(packet.length <= 400);
      },
    ),
  );
});

t.test('what comes while it sends again comes in its turn', async (t) => {
  const ring = ringOf([10, 10, 10]);
  const packets: Buffer[] = [];
  const gate = new OutputGate({
    packetBytes: 400,
    send: (packet, length) => packets.push(Buffer.from(packet.subarray(0, length))) > 0,
  });
  gate.open(encodeSession(SESSION), ring, 5);
  gate.step(1);
  const more = Buffer.concat([block(31), block(32)]);
  ring.append(more, 0, more.length, 31, 2);
  t.notOk(gate.live);
  t.equal(gate.shut(), gate.rebroadcast.to, 'it says how far it came');
  gate.open(encodeSession(SESSION), ring, gate.rebroadcast.to);
  while (gate.replaying) gate.step(100);
  t.same(
    numbers(packets),
    Array.from({ length: 28 }, (_, index) => 5 + index),
  );
  t.equal(gate.shut(), undefined, 'everything has left');
});

t.test('a takeover leaves a receipt when all channels are through', async (t) => {
  const sent: string[] = [];
  const channel = (name: string, ring: MessageRing, session: string | undefined = SESSION) => ({
    name,
    session,
    ring,
    gate: new OutputGate({ packetBytes: 1472, send: (packet) => sent.push(`${name} ${readSequence(packet, 0)}`) > 0 }),
  });
  const takeover = new Takeover({
    member: 'plant/p2',
    promotion: { term: 7, reason: 'silent', from: 0, lastHeardNs: 1_000_000_000, nowNs: 1_016_000_000, fit: true },
    from: 'plant/p1',
    wallNs: 5_000_000_000n,
    channels: [
      channel('A', ringOf([20, 20])),
      channel('B', ringOf(Array.from({ length: 200 }, () => 30))),
      channel('C', ringOf([5])),
      channel('D', ringOf([]), undefined),
    ],
    covered: [31, 1, undefined, undefined],
  });
  let receipt = takeover.step(1_016_000_000);
  t.equal(receipt, undefined, 'the second one takes a few steps');
  for (let ms = 1_017; receipt === undefined; ms++) receipt = takeover.step(ms * 1e6);
  t.strictSame(receipt, {
    member: 'plant/p2',
    from: 'plant/p1',
    term: 7,
    reason: 'silent',
    lastHeartbeatNs: 4_984_000_000n,
    promotedNs: 5_000_000_000n,
    firstPacketNs: 5_000_000_000n,
    rebroadcast: [
      { channel: 'A', session: SESSION, from: 31, to: 41 },
      { channel: 'B', session: SESSION, from: 1, to: 6_001 },
    ],
    gapMs: 16,
  });
  t.same([...new Set(sent.map((text) => text[0]))], ['A', 'B']);
});

t.test('digests say whether the same messages went before, however they were packed', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, sizes, fc.nat(300), (one, other, at) => {
      const [a, b] = [ringOf(one), ringOf(other)];
      const seq = 1 + (at % Math.min(a.nextSeq, b.nextSeq));
      assert.equal(a.digestAt(seq), b.digestAt(seq));
      assert.notEqual(a.digestAt(seq), undefined);
    }),
  );
});

t.test('a digest is not known after a hole, nor beyond what there is, nor of what is no longer kept', async (t) => {
  const holed = ringOf([3, 0, 3]);
  t.equal(holed.digestAt(3), undefined);
  t.equal(ringOf([3]).digestAt(5), undefined);
  const small = ringOf(
    Array.from({ length: 4_000 }, () => 5),
    65_536,
  );
  t.ok(small.firstSeq > 1);
  t.equal(small.digestAt(small.firstSeq - 1), undefined);
  t.equal(small.digestAt(small.nextSeq), ringOf([20_000]).digestAt(20_001), 'all that went before counts');
});

t.test('a tail makes another memory what this one was', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (sizes) => {
      const ring = ringOf(sizes);
      const { digest, tail } = readTail(ring);
      const copy = new MessageRing(1 << 20, 1, true);
      writeTail(copy, ring.nextSeq, digest, tail);
      assert.equal(copy.nextSeq, ring.nextSeq);
      assert.equal(copy.firstSeq, tail[0]?.seq ?? ring.nextSeq);
      assert.equal(copy.digestAt(copy.nextSeq), ring.digestAt(ring.nextSeq));
      const [own, others] = [Buffer.alloc(60_000), Buffer.alloc(60_000)];
      const seq = Math.floor((copy.firstSeq + copy.nextSeq) / 2);
      assert.deepEqual({ ...copy.read(seq, 9, own, 0, 60_000) }, { ...ring.read(seq, 9, others, 0, 60_000) });
      assert.deepEqual(own, others);
    }),
    { numRuns: 50 },
  );
});

t.test('a comparison: the same, behind, different', async (t) => {
  const comparison = new Comparison();
  const different: string[] = [];
  const look = (next: number, digest: number | undefined = 5): string =>
    comparison.look(
      next,
      () => digest,
      (from, to) => different.push(`${from} to ${to}`),
    );
  t.equal(look(1), 'same', 'nothing has been claimed');
  t.equal(comparison.idle, true);
  comparison.claim(10, 5, 1_000);
  t.equal(comparison.idle, false);
  t.equal(look(9), 'behind');
  t.equal(comparison.behindSinceNs, 1_000);
  t.equal(look(10), 'same');
  t.equal(comparison.agreed, 10);
  t.equal(comparison.idle, true);
  comparison.claim(20, undefined, 2_000);
  comparison.claim(30, 6, 3_000);
  t.equal(look(25), 'behind', 'what is not known is believed');
  t.equal(comparison.agreed, 20);
  t.equal(look(30), 'different');
  t.same(different, ['20 to 30']);
  comparison.reset();
  for (let i = 0; i < 1_000; i++) comparison.claim(100 + i, 5, i);
  t.equal(look(50), 'behind');
  t.equal(comparison.behindSinceNs, 744, 'the newest few are kept');
});
