import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import t from 'tap';
import { Seal } from '../src/seal.ts';
import { GROUP, HEARTBEAT, KEY, Listener, sender } from './parties.ts';

t.test('a packet cut at any length is dropped and counted', async (t) => {
  const to = new Listener();
  const packet = sender().send(HEARTBEAT, to.clock.wallNs());
  for (let length = 0; length < packet.length; length++) to.machine.packet(packet, length, 0, to.clock.wallNs());
  t.same(to.heard, []);
  t.same(to.counts(), { malformed: 21, forged: packet.length - 21 });
  t.equal(to.quarantine.total, packet.length);
});

t.test('a packet with any one bit changed is dropped and counted', async (t) => {
  const to = new Listener();
  const packet = sender().send(HEARTBEAT, to.clock.wallNs());
  for (let bit = 0; bit < packet.length * 8; bit++) {
    const changed = Buffer.from(packet);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    to.take(changed);
  }
  t.same(to.heard, []);
  t.same(to.counts(), { malformed: 16, version: 16, forged: (packet.length - 4) * 8 });
  to.take(packet);
  t.equal(to.heard.length, 1, 'the true one is still believed');
});

t.test('a packet under another key, or of another group, is forged', async (t) => {
  const to = new Listener();
  to.take(sender({ key: new TextEncoder().encode('another key of the floor') }).send(HEARTBEAT, to.clock.wallNs()));
  to.take(sender({ group: '239.255.20.1:31000' }).send(HEARTBEAT, to.clock.wallNs()));
  t.same(to.counts(), { forged: 2 });
  t.same(to.quarantine.report().counts, { STATUS_FORGED: 2 });
});

t.test('random bytes are never believed and never throw', async () => {
  const random = seededRandom(7);
  const to = new Listener();
  for (let i = 0; i < 5_000; i++) {
    const bytes = Uint8Array.from({ length: random.below(300) }, () => random.below(256));
    if (i % 2 === 0) bytes.set([0x54, 0x53, 1, 0].slice(0, bytes.length));
    to.take(bytes);
  }
  assert.deepEqual(to.heard, []);
  assert.equal(to.quarantine.total, 5_000);
});

// From here on the packets are genuine – a member of the floor gone mad – but what they say is not.

const seal = new Seal(KEY, GROUP);

t.test('sealed bytes that are no MessagePack, or other MessagePack, never throw', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.anything({ withBigInt: false, withTypedArray: true }).map((value) => {
          try {
            return pack(value);
          } catch {
            return new Uint8Array(1); // Values that cannot be packed.
          }
        }),
      ),
      (body) => {
        const to = new Listener();
        to.take(seal.close(body));
        assert.deepEqual(to.heard, []);
        assert.equal(to.quarantine.total, 1);
      },
    ),
    { numRuns: 500 },
  );
});

t.test('a sealed message with any element replaced is read or refused, never half believed', async () => {
  const now = new Listener().clock.wallNs();
  const good: readonly (readonly [number, unknown])[] = [
    [1, [1, 'p1', null, 1, 0, 0, ['127.0.0.1', 1], null, [[1, '0117071000', 7, null]]]],
    [2, [1, 0, 1, 'floor', [[1, 'X', ['S'], '', '239.1.1.1', 5, []]]]],
    [3, [[0, 'iex/A', 2, 'lines-silent', '', 5n]]],
    [4, [1, [[1, 2n]]]],
  ];
  /** Every place in a nested array. */
  const places = (value: unknown, path: number[] = []): number[][] =>
    Array.isArray(value) ? [path, ...value.flatMap((one, i) => places(one, [...path, i]))] : [path];
  const replaced = (value: unknown, path: readonly number[], by: unknown): unknown =>
    path.length === 0
      ? by
      : (value as unknown[]).map((one, i) => (i === path[0] ? replaced(one, path.slice(1), by) : one));
  let believed = 0;
  let refused = 0;
  for (const [kind, content] of good) {
    for (const path of places(content)) {
      for (const by of [
        null,
        -1,
        1.5,
        Number.NaN,
        2 ** 53,
        2n ** 64n - 1n,
        'x'.repeat(300),
        '',
        [],
        [[]],
        true,
        {},
        99_999,
      ]) {
        const to = new Listener();
        to.take(seal.close(pack(['s', 1n, 1, now, 0, kind, replaced(content, path, by)])));
        assert.equal(to.heard.length + to.quarantine.total, 1);
        if (to.heard.length > 0) believed++;
        else {
          refused++;
          assert.deepEqual(to.counts(), { malformed: 1 });
          assert.match(to.quarantine.report().entries[0]!.message, /^expected .+, got /);
        }
      }
    }
  }
  assert.ok(refused > 4 * believed, `${refused} refused, ${believed} believed`);
});

t.test('a genuine packet of an unknown kind is counted as such, further elements are passed over', async (t) => {
  const to = new Listener();
  to.take(seal.close(pack(['s', 1n, 1, to.clock.wallNs(), 0, 77, ['news']])));
  to.take(seal.close(pack(['s', 1n, 2, to.clock.wallNs(), 0, 4, [1, [[1, 2n, 'new']], 'newer'], 'newest'])));
  t.same(to.counts(), { unknown: 1, messages: 1 });
  t.same(to.heard[0]!.message, { kind: 'latency', channel: 1, samples: [[1, 2n]] });
});
