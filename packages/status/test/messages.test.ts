import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type StatusMessage, StatusSender } from '../src/index.ts';
import { GROUP, HEARTBEAT, KEY, Listener, sender } from './parties.ts';

const record: typeof fc.record = ((model: object) => fc.record(model as never, { noNullPrototype: true })) as never;
const text = fc.string({ maxLength: 40, unit: 'binary' });
const whole = fc.maxSafeNat();
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const port = fc.integer({ min: 1, max: 65_535 });
const address = record({ address: fc.ipV4(), port });
const id = fc.integer({ min: 1, max: 1295 });
const wallNs = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const message: fc.Arbitrary<StatusMessage> = fc.oneof(
  record({
    kind: fc.constant('heartbeat' as const),
    role: fc.constantFrom('handler' as const, 'plant' as const),
    name: text,
    feed: optional(text),
    term: whole,
    rank: whole,
    state: fc.constantFrom('primary' as const, 'standby' as const, 'joining' as const),
    control: optional(address),
    repair: optional(address),
    channels: fc.array(record({ id, session: text, next: whole, digest: optional(text), unsure: fc.boolean() }), {
      maxLength: 60,
    }),
    fit: fc.boolean(),
    successor: optional(whole),
    vendor: optional(
      record({
        next: whole,
        awaits: fc.array(fc.nat(100), { maxLength: 4 }),
        lost: optional(record({ from: fc.nat(), more: fc.integer({ min: 1, max: 9 }) })).map(
          (lost) => lost && { from: lost.from, to: lost.from + lost.more },
        ),
      }),
    ),
  }),
  record({
    kind: fc.constant('directory' as const),
    floor: text,
    channels: fc.array(
      record({
        id,
        name: text,
        services: fc.array(text, { maxLength: 4 }),
        session: text,
        groups: fc.array(record({ group: fc.ipV4(), port, sources: fc.array(fc.ipV4(), { maxLength: 3 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
      { maxLength: 60 },
    ),
    silentAfterMs: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  }),
  record({
    kind: fc.constant('quality' as const),
    entries: fc.array(
      record({
        scope: fc.constantFrom('line' as const, 'channel' as const, 'feed' as const, 'item' as const),
        subject: text,
        quality: fc.constantFrom('LIVE' as const, 'STALE' as const, 'SUSPECT' as const, 'RECOVERING' as const),
        reason: text,
        detail: text,
        sinceNs: wallNs,
      }),
      { maxLength: 40 },
    ),
  }),
  record({
    kind: fc.constant('latency' as const),
    channel: id,
    samples: fc.array(fc.tuple(whole, wallNs), { maxLength: 200 }),
  }),
  record({
    kind: fc.constant('interest' as const),
    validMs: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    subjects: fc.array(text, { maxLength: 200 }),
  }),
);

/** What arrived, put together again. */
function merged(messages: readonly StatusMessage[]): unknown {
  const elements = messages.flatMap((message): readonly unknown[] => {
    if (message.kind === 'quality') return message.entries;
    if (message.kind === 'interest') return message.subjects;
    return message.kind === 'latency' ? message.samples : message.channels;
  });
  const key = {
    heartbeat: 'channels',
    directory: 'channels',
    quality: 'entries',
    latency: 'samples',
    interest: 'subjects',
  };
  return { ...messages[0], [key[messages[0]!.kind]]: elements };
}

t.test('any message arrives as it was sent, in packets that keep to their size', async () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 700, max: 9000 }), (message, packetBytes) => {
      const from = sender({ packetBytes });
      const to = new Listener();
      from.send(message, to.clock.wallNs());
      for (const packet of from.packets) {
        assert.ok(packet.length <= packetBytes);
        to.take(packet);
      }
      if (message.kind === 'directory') assert.equal(to.heard.length, 1);
      assert.deepEqual(merged(to.heard.map((one) => one.message)), message);
      assert.deepEqual(to.counts(), { messages: to.heard.length });
    }),
  );
});

t.test('the origin tells who, which start, which packet and when', async (t) => {
  const from = sender({ name: 'handler/iex', boot: 0xffff_ffff_ffff_fffen });
  const to = new Listener();
  const wallNs = to.clock.wallNs() - 1_000n;
  to.take(from.send(HEARTBEAT, wallNs, 123_456_789_012.9));
  to.take(from.send(HEARTBEAT, wallNs + 5n, 123_456_789_099));
  t.same(
    to.heard.map((one) => one.origin),
    [
      {
        sender: 'handler/iex',
        boot: 0xffff_ffff_ffff_fffen,
        counter: 1,
        sentWallNs: wallNs,
        sentMonotonicNs: 123_456_789_012,
      },
      {
        sender: 'handler/iex',
        boot: 0xffff_ffff_ffff_fffen,
        counter: 2,
        sentWallNs: wallNs + 5n,
        sentMonotonicNs: 123_456_789_099,
      },
    ],
  );
  t.match(to.machine.senders(), [{ name: 'handler/iex', counter: 2, packets: 2, clockDifferenceNs: -995n }]);
});

t.test('a detail is cut, other texts beyond the bound are refused before anything is sent', async (t) => {
  const to = new Listener();
  const from = sender();
  const entry = {
    scope: 'item',
    subject: 'X.Y',
    quality: 'STALE',
    reason: 'r',
    detail: 'd'.repeat(500),
    sinceNs: 1n,
  } as const;
  to.take(from.send({ kind: 'quality', entries: [entry] }, to.clock.wallNs()));
  t.same(to.heard[0]!.message, { kind: 'quality', entries: [{ ...entry, detail: 'd'.repeat(200) }] });
  const long = { ...entry, subject: 's'.repeat(256) };
  t.throws(() => from.send({ kind: 'quality', entries: [long] }, 0n), { code: 'STATUS_TOO_LONG' });
  const small = sender({ packetBytes: 240 });
  t.throws(() => small.send({ kind: 'quality', entries: [entry] }, 0n), { code: 'STATUS_TOO_LONG' });
  t.same(small.packets, []);
});

t.test('a directory in more packets than may be is refused', async (t) => {
  const from = sender({ packetBytes: 300 });
  const channels = Array.from({ length: 1295 }, (_, i) => ({
    id: i + 1,
    name: `CHANNEL-${'X'.repeat(100)}`,
    services: [],
    session: '',
    groups: [{ group: '239.255.1.1', port: 1 }],
  }));
  t.throws(() => from.send({ kind: 'directory', floor: 'f', channels }, 0n), { code: 'STATUS_TOO_LONG' });
});

t.test('a key that is too short is refused', async (t) => {
  const options = { key: KEY.subarray(0, 15), group: GROUP, name: 'x', boot: 1n, packetBytes: 1472, emit: () => {} };
  t.throws(() => new StatusSender(options), { code: 'STATUS_BAD_KEY', message: /at least 16 bytes, got 15/ });
});
