import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import t from 'tap';
import {
  type ControlFault,
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  type Reply,
  type Request,
} from '../src/index.ts';

const record: typeof fc.record = ((model: object) => fc.record(model as never, { noNullPrototype: true })) as never;
const whole = fc.maxSafeNat();
const id = fc.integer({ min: 0, max: 0xffff_ffff });
const channel = fc.integer({ min: 1, max: 1295 });
const name = fc.string({ maxLength: 60, unit: 'binary' });
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const kind = <K extends string>(value: K): fc.Arbitrary<K> => fc.constant(value);

const request: fc.Arbitrary<Request> = fc.oneof(
  record({ kind: kind('hello'), version: whole, client: name }),
  record({
    kind: kind('subscribe'),
    id,
    patterns: fc.array(name),
    images: fc.boolean(),
    fields: optional(fc.array(name)),
  }),
  record({ kind: kind('unsubscribe'), id }),
  record({ kind: kind('resync'), id, channel, items: fc.array(fc.nat(0xffffff)), subjects: fc.array(name) }),
  record({ kind: kind('status') }),
  record({ kind: kind('why'), subject: name, field: name }),
  record({ kind: kind('quarantine') }),
  record({ kind: kind('ping'), token: whole }),
  record({ kind: kind('state-request'), proof: fc.uint8Array() }),
  record({
    kind: kind('duty'),
    duty: fc.constantFrom('hand-over' as const, 'drain' as const, 'join' as const),
    proof: fc.uint8Array(),
  }),
);

const reply: fc.Arbitrary<Reply> = fc.oneof(
  record({
    kind: kind('welcome'),
    version: whole,
    plant: name,
    floor: name,
    boot: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    nonce: optional(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  }),
  record({
    kind: kind('images'),
    id,
    channel,
    session: fc.string({ maxLength: 10 }),
    asOf: whole,
    last: fc.boolean(),
    blob: fc.uint8Array({ maxLength: 70_000, size: 'max' }),
  }),
  record({ kind: kind('subscribed'), id, matched: whole }),
  record({ kind: kind('end'), id, matched: whole }),
  record({ kind: kind('error'), id: optional(id), code: name, message: name }),
  record({ kind: kind('status-reply'), json: fc.json() }),
  record({ kind: kind('quarantine-reply'), json: fc.json() }),
  record({ kind: kind('pong'), token: whole }),
  record({
    kind: kind('state'),
    index: fc.nat(),
    settled: fc.boolean(),
    last: fc.boolean(),
    blob: fc.uint8Array(),
    proof: fc.uint8Array(),
  }),
  record({ kind: kind('done'), text: name }),
  record({ kind: kind('why-reply'), json: fc.json() }),
);

/** Bytes come back as a Buffer over the frame. */
const plain = (message: Reply | Request | ControlFault): unknown =>
  Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, value instanceof Uint8Array ? Uint8Array.from(value) : value]),
  );

t.test('any message comes back as it was', async () => {
  fc.assert(
    fc.property(request, (message) => {
      const frame = encodeRequest(message);
      assert.equal(frame.readUInt32BE(0), frame.length - 4);
      assert.deepEqual(plain(decodeRequest(frame, 4, frame.length)), message);
    }),
  );
  fc.assert(
    fc.property(reply, (message) => {
      const frame = encodeReply(message);
      assert.equal(frame.readUInt32BE(0), frame.length - 4);
      assert.deepEqual(plain(decodeReply(frame, 4, frame.length)), message);
    }),
    { numRuns: 200 },
  );
});

t.test('a message is read where it stands: bytes around it do not matter', async () => {
  fc.assert(
    fc.property(request, fc.uint8Array(), fc.uint8Array(), (message, before, after) => {
      const content = encodeRequest(message).subarray(4);
      const bytes = Buffer.concat([before, content, after]);
      assert.deepEqual(plain(decodeRequest(bytes, before.length, before.length + content.length)), message);
    }),
  );
});

t.test('a message cut at any place is malformed', async () => {
  fc.assert(
    fc.property(fc.oneof(request, reply), (message) => {
      const isRequest =
        message.kind !== 'images' &&
        message.kind !== 'state' &&
        decodeRequest(encode(message), 4, encode(message).length).kind !== 'fault';
      const frame = encode(message);
      for (let end = 4; end < frame.length; end += 1 + (end >> 8)) {
        const read = isRequest ? decodeRequest(frame, 4, end) : decodeReply(frame, 4, end);
        assert.equal(read.kind, 'fault', `cut at ${end} of ${frame.length}`);
      }
    }),
    { numRuns: 50 },
  );
});

function encode(message: Request | Reply): Buffer {
  const replies = [
    'welcome',
    'state',
    'done',
    'images',
    'subscribed',
    'end',
    'error',
    'status-reply',
    'quarantine-reply',
    'why-reply',
    'pong',
  ];
  return replies.includes(message.kind) ? encodeReply(message as Reply) : encodeRequest(message as Request);
}

t.test('changed and random bytes never throw', async () => {
  const random = seededRandom(11);
  const frames = [
    encodeRequest({ kind: 'subscribe', id: 1, patterns: ['IEX.*', 'NASDAQ.>'], images: true, fields: ['BID', 'ASK'] }),
    encodeRequest({ kind: 'resync', id: 1, channel: 3, items: [1, 70_000], subjects: ['IEX.SPY'] }),
    encodeReply({
      kind: 'images',
      id: 1,
      channel: 3,
      session: '0317071000',
      asOf: 2 ** 40,
      last: true,
      blob: Buffer.alloc(40),
    }),
  ];
  const faults = { read: 0, refused: 0 };
  for (let i = 0; i < 30_000; i++) {
    const frame = Buffer.from(frames[i % 3]!);
    if (i % 5 === 0) for (let at = 4; at < frame.length; at++) frame[at] = random.below(256);
    for (let changes = random.below(4); changes >= 0; changes--)
      frame[4 + random.below(frame.length - 4)] = random.below(256);
    for (const decode of [decodeRequest, decodeReply]) {
      faults[decode(frame, 4, frame.length).kind === 'fault' ? 'refused' : 'read']++;
    }
  }
  assert.ok(faults.refused > 30_000 && faults.read > 0, JSON.stringify(faults));
});

t.test('only plain values are taken, and only as many as there are bytes', async (t) => {
  const refused = (bytes: readonly number[], message: RegExp): void => {
    const fault = decodeRequest(Uint8Array.from(bytes), 0, bytes.length);
    t.match(fault, { kind: 'fault', code: 'CONTROL_MALFORMED', message });
  };
  refused([], /got the end of the message/);
  refused([0x91, 0x05, 0xc0], /expected nothing behind the message, got 1 bytes/);
  refused([0x81, 0x05, 0x05], /type 0x81/);
  refused([0x92, 0x05, 0xde, 0, 0], /type 0xde/);
  refused([0x92, 0x05, 0xd4, 0x72, 0x40], /type 0xd4/);
  refused([0x92, 0x05, 0xc7, 1, 0x62, 0], /type 0xc7/);
  refused([0x91, 0xc1], /type 0xc1/);
  refused([0xdd, 0xff, 0xff, 0xff, 0xff, 1], /at most 1 elements, got 4294967295/);
  refused([0xdc, 0x00, 0x02, 0x05], /at most 1 elements, got 2/);
  refused([0x92, 0x05, 0xc6, 0xff, 0xff, 0xff, 0xff], /ends behind it/);
  refused([0x92, 0x05, 0xdb, 0x00, 0x00, 0x00, 0x01], /ends behind it/);
  refused([0x92, 0x05, 0xa2, 0x41], /ends behind it/);
  refused([0x92, 0x05, 0xcf, 1, 2, 3], /ends behind it/);
  refused([0x92, 0x05, 0x91, 0x91, 0x05], /arrays at most 2 deep/);
  refused([0x05], /expected an array, got 5/);
});

t.test('hostile claims cost no memory', async (t) => {
  const nested = Buffer.concat([Buffer.from([0x9f]), Buffer.alloc(1_000_000, 0xdd)]);
  const before = process.memoryUsage();
  for (let i = 0; i < 100; i++) t.equal(decodeRequest(nested, 0, nested.length).kind, 'fault');
  const after = process.memoryUsage();
  t.ok(after.heapUsed - before.heapUsed < 50e6 && after.arrayBuffers - before.arrayBuffers < 50e6);
});

t.test('a code that is not known, or is of the other side, is told apart from garbage', async (t) => {
  const read = (value: unknown): Request | ControlFault => {
    const content = pack(value);
    return decodeRequest(content, 0, content.length);
  };
  t.match(read([99]), {
    code: 'CONTROL_UNKNOWN',
    message: 'expected a message of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, got 99',
  });
  t.match(read([35, 1, 1]), { code: 'CONTROL_UNKNOWN' });
  t.match(read([]), { code: 'CONTROL_UNKNOWN', message: /got nothing/ });
  t.match(read(['2']), { code: 'CONTROL_UNKNOWN', message: /got "2"/ });
});

t.test('elements behind the last one known are passed over', async (t) => {
  const content = pack([3, 7, 'news', [1, 2]]);
  t.same(decodeRequest(content, 0, content.length), { kind: 'unsubscribe', id: 7 });
});

t.test('each wrong element is named with what was expected and what came', async (t) => {
  for (const [value, message] of [
    [[3], 'expected unsubscribe.id to be a whole number from 0 to 4294967295, got nothing'],
    [[3, -1], 'expected unsubscribe.id to be a whole number from 0 to 4294967295, got -1'],
    [[3, 1.5], 'expected unsubscribe.id to be a whole number from 0 to 4294967295, got 1.5'],
    [[7, 2n ** 53n], 'expected ping.token to be a whole number from 0 to 9007199254740991, got 9007199254740992'],
    [[1, 1, 'x'.repeat(256)], 'expected hello.client to be text of up to 255 characters, got text of 256 characters'],
    [
      [2, 1, 'IEX.*', true],
      'expected subscribe.patterns to be at most 100000 times text of up to 255 characters, got "IEX.*"',
    ],
    [
      [2, 1, ['a', 5], true],
      'expected subscribe.patterns to be at most 100000 times text of up to 255 characters, got an array of 2',
    ],
    [[2, 1, [], 1], 'expected subscribe.images to be true or false, got 1'],
    [[4, 1, 0, [], []], 'expected resync.channel to be a whole number from 1 to 1295, got 0'],
    [
      [4, 1, 1, [2 ** 24], []],
      'expected resync.items to be at most 1000000 times a whole number from 0 to 16777215, got an array of 1',
    ],
  ] as const) {
    const content = pack(value);
    t.same(decodeRequest(content, 0, content.length), { kind: 'fault', code: 'CONTROL_MALFORMED', message });
  }
  const images = pack([34, 1, 1, '0117071000', 1, true, 'blob']);
  t.match(decodeReply(images, 0, images.length), { message: 'expected images.blob to be bytes, got "blob"' });
});

t.test('our own mistakes are not sent', async (t) => {
  t.throws(() => encodeRequest({ kind: 'unsubscribe', id: -1 }), /unsubscribe\.id/);
  t.throws(() => encodeReply({ kind: 'end', id: 1, matched: Number.NaN }), /end\.matched/);
  t.throws(() => encodeRequest({ kind: 'nonsense' } as never), /known kind/);
});
