import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import { createPacketHeader, SequencedReceiver } from '@tickerplant/sequence';
import { lossyLink } from '@tickerplant/testkit';
import fc from 'fast-check';
import t from 'tap';
import {
  appendGapFillRange,
  encodeGapFillRequest,
  encodeSegmentHeader,
  GAP_FILL_MESSAGES_MAX,
  GAP_FILL_REQUEST_BYTES_MAX,
  GapFillRequest,
  GapFillServer,
  type GapFillServerOptions,
  IexTpFraming,
  midnightBase,
  StreamStore,
} from '../src/index.ts';
import { fromHex, GAP_FILL_REQUEST } from './examples.ts';
import { messagesOf, SMALL_DAY, simulate } from './simulated.ts';

const day = simulate({ ...SMALL_DAY, symbols: 20, regularNs: 8e9 });
const lineA = day.filter(({ line }) => line === 0).map(({ bytes }) => bytes);
const messages = messagesOf(lineA);
const session = lineA[0]!.slice(2, 12);

interface Answer {
  readonly client: string;
  readonly bytes: Uint8Array;
}

/** A server that has heard the whole day, and what it answers. */
function serverOf(options: GapFillServerOptions = {}): { server: GapFillServer<string>; answers: Answer[] } {
  const answers: Answer[] = [];
  const server = new GapFillServer<string>(options, (bytes, length, client) => {
    answers.push({ client, bytes: bytes.slice(0, length) });
    return true;
  });
  for (const bytes of lineA) assert.equal(server.published(bytes, bytes.length), undefined);
  return { server, answers };
}

function ask(server: GapFillServer<string>, from: number, count: number, nowNs = 0, client = 'me'): string | undefined {
  const out = new Uint8Array(64);
  const length = encodeGapFillRequest(session, from, count, out);
  return server.ask(client, client, out, length, nowNs)?.code;
}

t.test('worked example 8.12, both ways', (t) => {
  const bytes = fromHex(GAP_FILL_REQUEST);
  const request = new GapFillRequest();
  t.equal(request.parse(bytes, bytes.length), undefined);
  t.match(request, { protocol: 0x8004, channel: 1, session: 0x42870000, ranges: 1, messages: 11 });
  t.strictSame([request.first[0], request.last[0]], [12340, 12350]);
  const out = new Uint8Array(32);
  t.equal(encodeGapFillRequest(bytes.slice(2, 12), 12340, 11, out), 32);
  t.strictSame(out, bytes);
  t.end();
});

t.test('a request of several ranges is read back', (t) => {
  const ranges = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 20 })), { maxLength: 40 })
    .map((steps) => {
      let end = 0;
      return steps.map(([skip, count]) => {
        const first = end + skip;
        end = first + count - 1;
        return { first, last: end };
      });
    });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(ranges, (ranges) => {
        const out = new Uint8Array(GAP_FILL_REQUEST_BYTES_MAX);
        let length = encodeGapFillRequest(session, 0, 0, out);
        for (const { first, last } of ranges) length = appendGapFillRange(out, length, first, last);
        const request = new GapFillRequest();
        assert.equal(request.parse(out, length), undefined);
        assert.equal(request.ranges, ranges.length);
        ranges.forEach(({ first, last }, i) => {
          assert.deepEqual([request.first[i], request.last[i]], [first, last]);
        });
        assert.equal(
          request.messages,
          ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
        );
      }),
    ),
  );
  t.end();
});

t.test('requests that break a rule are faults', (t) => {
  const request = new GapFillRequest();
  const make = (...ranges: [first: number, last: number][]): Uint8Array => {
    const out = new Uint8Array(16 + 16 * ranges.length);
    let length = encodeGapFillRequest(session, 0, 0, out);
    for (const [first, last] of ranges) length = appendGapFillRange(out, length, first, last);
    return out;
  };
  const fault = (bytes: Uint8Array, length = bytes.length): string | undefined => request.parse(bytes, length)?.message;
  t.equal(fault(make()), undefined, 'a test request');
  t.equal(fault(make([1, 1], [2, 2])), undefined);
  t.equal(fault(make([1, GAP_FILL_MESSAGES_MAX])), undefined);
  t.match(fault(make([1, GAP_FILL_MESSAGES_MAX + 1])), /at most 1000 messages, got 1001/);
  t.match(fault(make([1, 600], [700, 1200])), /at most 1000 messages, got 1101/);
  t.match(fault(make([0, 3])), /ascending ranges/);
  t.match(fault(make([5, 4])), /ascending ranges/);
  t.match(fault(make([5, 9], [9, 10])), /ascending ranges/);
  t.match(fault(make([5, 9], [1, 2])), /ascending ranges/);
  const good = make([5, 9]);
  for (let length = 0; length < good.length; length++) t.type(fault(good, length), 'string', `${length} bytes`);
  t.match(fault(Uint8Array.from([...good, 0])), /1 ranges of 16 bytes, got 17 bytes/);
  t.match(fault(good.with(0, 2)), /version 1, got 2/);
  t.match(fault(good.with(1, 2)), /type 1 \(sequenced messages\), got 2/);
  t.match(fault(good.with(14, 0xff)), /ranges of 16 bytes/);
  t.match(fault(good.with(31, 0x7f)), /ascending ranges/, 'a number beyond 2^53');
  t.end();
});

t.test('no bytes make the server throw', (t) => {
  const { server } = serverOf({ clientMessagesPerSecond: 1e9, totalMessagesPerSecond: 1e9 });
  const good = new Uint8Array(32);
  encodeGapFillRequest(session, 3, 5, good);
  const mutated = fc
    .array(fc.tuple(fc.nat(31), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
    .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), good));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        server.ask('me', 'me', bytes, bytes.length, 0);
        server.published(bytes, bytes.length);
      }),
      { numRuns: 1000 },
    ),
  );
  t.ok(server.counters.malformed > 0);
  t.ok(server.counters.segmentsSent > 0);
  t.end();
});

t.test('a store gives what a plain list of messages would, within its bounds', (t) => {
  // Long enough that the memory is gone through several times.
  const block = fc
    .tuple(fc.oneof(fc.nat(40), fc.nat(9000)), fc.nat(250))
    .map(([length, seed]) => Uint8Array.from({ length }, (_, i) => (i + seed) % 251));
  const step = fc.record({
    blocks: fc.array(block, { minLength: 1, maxLength: 6 }),
    back: fc.nat(3),
    skip: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.integer({ min: 5, max: 60 }),
        (steps, messagesMax) => {
          const store = new StreamStore(65_535, messagesMax);
          // The model: every block ever, by number, and its stream offset.
          const model = new Map<number, { offset: number; hex: string }>();
          let next = 1;
          let end = 0;
          let since = 1;
          for (const { blocks, back, skip } of steps) {
            if (skip > 0) {
              next += skip;
              end += skip * 7;
              since = next;
            }
            // The segment begins with up to `back` messages that are known already.
            const from = Math.max(since, next - back);
            const known = Array.from({ length: next - from }, (_, i) => model.get(from + i)!.hex);
            const fresh = blocks.map((bytes) => {
              const hex = Buffer.from([bytes.length & 0xff, bytes.length >>> 8, ...bytes]).toString('hex');
              model.set(next++, { offset: end, hex });
              end += hex.length / 2;
              return hex;
            });
            const payload = Buffer.from([...known, ...fresh].join(''), 'hex');
            const offset = model.get(from)!.offset;
            if (payload.length > 65_535) return;
            store.append(payload, 0, from, known.length + fresh.length, offset);
            assert.equal(store.nextSeq, next);
            assert.equal(store.nextOffset, end);
            assert.ok(store.firstSeq >= since && store.nextSeq - store.firstSeq <= messagesMax);
            const held = end - store.offsetOf(store.firstSeq);
            assert.ok(held <= 65_535);
            // Nothing is dropped without need.
            const before = store.firstSeq - 1;
            const full = store.nextSeq - store.firstSeq === messagesMax;
            assert.ok(before < since || full || end - model.get(before)!.offset > 65_535);
            const out = new Uint8Array(70_000);
            for (let seq = store.firstSeq; seq < next; ) {
              const to = store.read(seq, 4, out, 10, 10 + 12_000);
              assert.ok(store.readCount >= 1 && store.readCount <= 4);
              assert.ok(to <= 12_010 || store.readCount === 1);
              const expected = Array.from({ length: store.readCount }, (_, i) => model.get(seq + i)!.hex).join('');
              assert.equal(Buffer.from(out.subarray(10, to)).toString('hex'), expected);
              assert.equal(store.offsetOf(seq), model.get(seq)!.offset);
              seq += store.readCount;
            }
          }
        },
      ),
      { numRuns: 60 },
    ),
  );
  t.end();
});

t.test('a store is full at exactly its size', (t) => {
  for (const [length, first] of [
    [65_533, 1],
    [65_534, 2],
  ] as const) {
    const store = new StreamStore(65_535, 10);
    const block = new Uint8Array(length);
    block.set([(length - 2) & 0xff, (length - 2) >>> 8]);
    store.append(block, 0, 1, 1, 0);
    store.append(new Uint8Array(2), 0, 2, 1, length);
    t.equal(store.firstSeq, first, `${length} + 2 bytes`);
  }
  t.end();
});

t.test('answers are ordinary segments with exactly the messages asked for', (t) => {
  const { server, answers } = serverOf({ clientMessagesPerSecond: 1e9, totalMessagesPerSecond: 1e9 });
  const framing = new IexTpFraming();
  const header = createPacketHeader();
  const range = fc.tuple(fc.integer({ min: 1, max: messages.length }), fc.integer({ min: 1, max: 1000 }));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(range, ([from, count]) => {
        answers.length = 0;
        assert.equal(ask(server, from, count), undefined);
        let seq = from;
        for (const { bytes } of answers) {
          assert.equal(framing.parse(bytes, bytes.length, header), undefined);
          assert.equal(header.seq, seq);
          assert.ok(bytes.length <= 1400);
          assert.deepEqual(bytes.subarray(2, 12), session);
          seq += header.count;
        }
        const expected = messages.slice(from - 1, from - 1 + count);
        assert.deepEqual(messagesOf(answers.map(({ bytes }) => bytes)), expected);
      }),
    ),
  );
  t.equal(server.counters.messagesMissing > 0, true, 'what is not there yet is counted');
  t.end();
});

t.test('a test request is answered with a heartbeat that carries the next numbers', (t) => {
  const { server, answers } = serverOf();
  t.equal(ask(server, 0, 0), undefined);
  t.equal(answers.length, 1);
  const header = createPacketHeader();
  t.equal(new IexTpFraming().parse(answers[0]!.bytes, answers[0]!.bytes.length, header), undefined);
  t.match(header, { kind: 'heartbeat', seq: messages.length + 1, count: 0 });
  t.equal(server.counters.tests, 1);
  t.end();
});

t.test('requests for another stream, or before anything is published, are ignored and counted', (t) => {
  const { server, answers } = serverOf();
  const out = new Uint8Array(64);
  for (let i = 0; i < session.length; i++) {
    const length = encodeGapFillRequest(session.with(i, session[i]! ^ 1), 1, 1, out);
    t.equal(server.ask('me', 'me', out, length, 0), undefined);
  }
  t.equal(server.counters.foreign, session.length);
  const silent = new GapFillServer<string>({}, () => t.fail('nothing to answer'));
  t.equal(ask(silent, 1, 1), undefined);
  t.equal(silent.counters.foreign, 1);
  t.equal(answers.length, 0);
  t.end();
});

t.test('a client that asks for too much is ignored until time has passed; others are served', (t) => {
  const { server, answers } = serverOf({ clientMessagesPerSecond: 1000, totalMessagesPerSecond: 2500 });
  const served = (client: string): number =>
    messagesOf(answers.filter((answer) => answer.client === client).map(({ bytes }) => bytes)).length;
  for (let i = 0; i < 20; i++) ask(server, 1, 100, 0, 'greedy');
  t.equal(served('greedy'), 1000);
  t.equal(server.counters.overBudget, 10);
  ask(server, 1, 100, 0, 'modest');
  t.equal(served('modest'), 100);
  ask(server, 1, 100, 0.1e9, 'greedy');
  t.equal(served('greedy'), 1100, 'a tenth of a second is worth a tenth of the rate');
  ask(server, 1, 1000, 0.1e9, 'third');
  ask(server, 1, 900, 0.1e9, 'fourth');
  t.equal(served('fourth'), 0, 'all together have asked for too much');
  for (let i = 0; i < 3000; i++) ask(server, 0, 0, 10e9, 'tester');
  t.equal(served('tester'), 0);
  t.equal(server.counters.tests, 1000, 'tests are not free');
  t.end();
});

t.test('what makes room is missing, and counted', (t) => {
  const { server, answers } = serverOf({ store: new StreamStore(1 << 20, 100) });
  ask(server, messages.length - 149, 100);
  t.strictSame(messagesOf(answers.map(({ bytes }) => bytes)), messages.slice(-100, -50));
  t.equal(server.counters.messagesMissing, 50);
  t.equal(server.counters.messagesSent, 50);
  t.end();
});

t.test('a restart of the session forgets the old numbering', (t) => {
  const { server, answers } = serverOf();
  const restart = new Uint8Array(40);
  const stream = { protocol: 0x8003, channel: 1, session: 0x51000000 };
  encodeSegmentHeader(restart, 0, stream, 0, 0, 0, 1, midnightBase(SMALL_DAY.day), 86_000e9);
  t.equal(server.published(restart, 40), undefined);
  ask(server, 1, 10);
  t.equal(answers.length, 0);
  t.equal(server.counters.messagesMissing, 10);
  t.end();
});

t.test('memory that the socket still uses is not written again', (t) => {
  const held: { bytes: Uint8Array; copy: Uint8Array }[] = [];
  const server = new GapFillServer<string>({}, (bytes, length) => {
    held.push({ bytes: bytes.subarray(0, length), copy: bytes.slice(0, length) });
    return false;
  });
  for (const bytes of lineA) server.published(bytes, bytes.length);
  ask(server, 1, 200);
  ask(server, 100, 200);
  t.ok(held.length > 10);
  for (const { bytes, copy } of held) t.strictSame(bytes, copy);
  t.end();
});

t.test('two lines that lose a fifth each, and gap fill: every message once and in order', (t) => {
  const random = seededRandom(20);
  const link = { loss: 0.2, duplication: 0.05, reorder: 0.1, reorderDistance: 5 };
  const answers: Uint8Array[] = [];
  const server = new GapFillServer<string>(
    { clientMessagesPerSecond: 1e9, totalMessagesPerSecond: 1e9 },
    (bytes, length) => answers.push(bytes.slice(0, length)) > 0,
  );
  const requests: Uint8Array[] = [];
  const got: string[] = [];
  let expected = 1;
  const receiver = new SequencedReceiver(
    new IexTpFraming(),
    {
      onRun: (bytes, start, end, seq, count) => {
        assert.equal(seq, expected);
        expected += count;
        for (let at = start; at < end; ) {
          const length = bytes[at]! | (bytes[at + 1]! << 8);
          got.push(Buffer.from(bytes).toString('hex', at + 2, at + 2 + length));
          at += 2 + length;
        }
      },
      onLost: () => t.fail('nothing is given up'),
      onSession: () => {},
      onEnd: () => {},
      onRequest: (session, from, count) => {
        const out = new Uint8Array(32);
        requests.push(out.subarray(0, encodeGapFillRequest(session, from, count, out)));
      },
    },
    {
      lines: ['A', 'B', 'repair'],
      repairLine: 2,
      singlePacketAnswers: false,
      start: 1,
      requestMessagesMax: 1000,
      requestAttemptsMax: 20,
      lostAfterNs: 60e9,
    },
  );
  for (const bytes of lineA) server.published(bytes, bytes.length);
  const linkOf = (which: 0 | 1): typeof day =>
    lossyLink(
      day.filter(({ line }) => line === which),
      link,
      random,
    );
  const a = linkOf(0);
  const b = linkOf(1);
  let nowNs = 0;
  const pass = (): void => {
    receiver.tick(nowNs);
    for (const request of requests.splice(0)) {
      if (random.next() >= 0.2) server.ask('me', 'me', request, request.length, nowNs);
    }
    for (const bytes of answers.splice(0)) {
      if (random.next() >= 0.2) receiver.packet(2, bytes, bytes.length, nowNs);
    }
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = j === b.length || (i < a.length && a[i]!.ns <= b[j]!.ns);
    const { line, bytes } = fromA ? a[i++]! : b[j++]!;
    nowNs += 1e6;
    receiver.packet(line, bytes, bytes.length, nowNs);
    pass();
  }
  for (let i = 0; i < 1000; i++) {
    nowNs += 1e6;
    receiver.packet(0, lineA.at(-1)!, lineA.at(-1)!.length, nowNs);
    pass();
  }
  t.strictSame(got, messages);
  t.equal(receiver.counters.lost, 0);
  t.ok(receiver.counters.requests > 0 && server.counters.messagesSent > 0);
  t.end();
});
