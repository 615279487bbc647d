import assert from 'node:assert/strict';
import { decodeUdp, FragmentReassembler, LINK_TYPE_RAW, UdpDatagram } from '@tickerplant/capture';
import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { join, u } from './support.ts';

/** A piece of an IPv4 datagram as a raw IP packet. */
function fragment(id: number, data: Uint8Array, start: number, end: number, more: boolean): Uint8Array {
  const piece = data.subarray(start, end);
  const flags = (more ? 0x2000 : 0) | (start / 8);
  const header = join(
    Uint8Array.of(0x45, 0),
    u(2, false, 20 + piece.length, id, flags),
    Uint8Array.of(64, 17, 0, 0),
    u(4, false, 0x0a000001, 0xef010203),
  );
  return join(header, piece);
}

function datagram(payload: Uint8Array): Uint8Array {
  return join(u(2, false, 1, 2, payload.length + 8, 0), payload);
}

function add(
  reassembler: FragmentReassembler,
  packet: Uint8Array,
  nowNs = 0,
  end: number = packet.length,
): Buffer | undefined {
  const udp = new UdpDatagram();
  assert.equal(decodeUdp(LINK_TYPE_RAW, packet, 0, end, udp), 'fragment');
  return reassembler.add(udp, nowNs) ? Buffer.from(udp.payload()) : undefined;
}

const PAYLOAD = Uint8Array.from({ length: 40 }, (_, i) => i);
const DATA = datagram(PAYLOAD);

t.test('in any order, with duplicates and overlaps, the datagram is the same', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 10 })), { maxLength: 20 }),
      fc.nat(),
      (payload, extra, seed) => {
        const data = datagram(payload);
        const last = Math.floor((data.length - 1) / 8) * 8;
        const pieces: [number, number][] = [[last, data.length]];
        for (let at = 0; at < last; at += 8) pieces.push([at, at + 8]);
        for (const [unit, units] of extra) {
          const end = Math.min((unit + units) * 8, last);
          if (unit * 8 < end) pieces.push([unit * 8, end]);
        }
        const random = seededRandom(seed);
        const order = new Map(pieces.map((piece) => [piece, random.next()]));
        pieces.sort((a, b) => order.get(a)! - order.get(b)!);
        const reassembler = new FragmentReassembler();
        const whole = pieces
          .map(([start, end]) => add(reassembler, fragment(7, data, start, end, end < data.length)))
          .find((found) => found !== undefined);
        return whole !== undefined && Buffer.compare(whole, payload) === 0;
      },
    ),
  );
  t.end();
});

t.test('of overlapping pieces the first copy stays', (t) => {
  const reassembler = new FragmentReassembler();
  const other = DATA.map((byte) => byte ^ 0xff);
  t.notOk(add(reassembler, fragment(7, DATA, 0, 24, true)));
  t.notOk(add(reassembler, fragment(7, other, 16, 32, true)));
  const whole = add(reassembler, fragment(7, DATA, 32, 48, false));
  t.same([...whole!.subarray(0, 16)], [...PAYLOAD.subarray(0, 16)]);
  t.same([...whole!.subarray(16, 24)], [...other.subarray(24, 32)]);
  t.equal(reassembler.completed, 1);
  t.end();
});

t.test('datagrams that interleave are kept apart', (t) => {
  const reassembler = new FragmentReassembler();
  const other = datagram(PAYLOAD.map((byte) => byte + 100));
  add(reassembler, fragment(1, DATA, 0, 16, true));
  add(reassembler, fragment(2, other, 0, 16, true));
  t.equal(reassembler.unfinished, 2);
  t.same([...add(reassembler, fragment(1, DATA, 16, 48, false))!], [...PAYLOAD]);
  t.same([...add(reassembler, fragment(2, other, 16, 48, false))!], [...other.subarray(8)]);
  t.equal(reassembler.unfinished, 0);
  t.end();
});

t.test('what stays unfinished too long is given up', (t) => {
  const reassembler = new FragmentReassembler({ timeoutNs: 1000 });
  add(reassembler, fragment(7, DATA, 0, 16, true), 0);
  t.notOk(add(reassembler, fragment(7, DATA, 16, 48, false), 1001));
  t.equal(reassembler.timedOut, 1);
  t.ok(add(reassembler, fragment(7, DATA, 0, 16, true), 2001), 'the limit counts from the first piece');
  t.end();
});

t.test('too many unfinished ones: the oldest makes room', (t) => {
  const reassembler = new FragmentReassembler({ datagramsMax: 2 });
  for (const id of [1, 2, 3]) add(reassembler, fragment(id, DATA, 0, 16, true));
  t.equal(reassembler.evicted, 1);
  t.equal(reassembler.unfinished, 2);
  t.ok(add(reassembler, fragment(3, DATA, 16, 48, false)));
  t.ok(add(reassembler, fragment(2, DATA, 16, 48, false)));
  t.notOk(add(reassembler, fragment(1, DATA, 16, 48, false)));
  t.end();
});

t.test('pieces that cannot be are refused', (t) => {
  const reassembler = new FragmentReassembler();
  t.notOk(add(reassembler, fragment(7, DATA, 0, 12, true)), 'not a multiple of 8');
  t.notOk(add(reassembler, fragment(7, DATA, 0, 0, true)), 'empty');
  const cut = fragment(7, DATA, 0, 16, true);
  t.notOk(add(reassembler, cut, 0, cut.length - 4), 'cut by the snap length');
  const far = fragment(7, new Uint8Array(65_536 + 8), 65_512, 65_520, false);
  t.notOk(add(reassembler, far), 'beyond the longest datagram');
  t.equal(reassembler.refused, 4);
  t.notOk(add(reassembler, fragment(7, DATA, 16, 48, false)));
  t.notOk(add(reassembler, fragment(7, DATA, 16, 40, false)), 'another end');
  t.notOk(add(reassembler, fragment(7, new Uint8Array(64), 40, 56, true)), 'beyond the end');
  t.equal(reassembler.refused, 6);
  t.ok(add(reassembler, fragment(7, DATA, 0, 16, true)));
  t.end();
});

t.test('an end before what has come already is refused', (t) => {
  const reassembler = new FragmentReassembler();
  t.notOk(add(reassembler, fragment(7, DATA, 24, 40, true)));
  t.notOk(add(reassembler, fragment(7, DATA, 8, 16, false)));
  t.equal(reassembler.refused, 1);
  t.end();
});

t.test('a whole whose UDP length is wrong is a fault', (t) => {
  const reassembler = new FragmentReassembler();
  const wrong = DATA.slice();
  wrong[5]! += 1;
  const udp = new UdpDatagram();
  for (const packet of [fragment(7, wrong, 0, 16, true), fragment(7, wrong, 16, 48, false)]) {
    decodeUdp(LINK_TYPE_RAW, packet, 0, packet.length, udp);
    t.notOk(reassembler.add(udp, 0));
  }
  t.equal(udp.outcome, 'bad-udp-length');
  t.equal(reassembler.completed, 0);
  t.end();
});
