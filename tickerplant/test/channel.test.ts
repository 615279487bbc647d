import { seededRandom } from '@tickerplant/core';
import { sessionName } from '@tickerplant/floor';
import { encodeSession, HEADER_BYTES, readCount, readSequence, writeHeader } from '@tickerplant/moldudp64';
import { encodeMessage, Kind, type Message, standardDictionary } from '@tickerplant/records';
import { blockEndBE, MessageRing } from '@tickerplant/sequence';
import { CounterRegistry } from '@tickerplant/telemetry';
import { lossyLink } from '@tickerplant/testkit';
import fc from 'fast-check';
import t from 'tap';
import { ChannelLine, type ChannelOptions, type ChannelOutput, PlantChannel } from '../src/channel.ts';
import { blocksOf } from './blocks.ts';
import { packetOf } from './sample-floor.ts';

const MS = 1_000_000;
const DAY = 17_357;
const SESSION = sessionName(7, DAY, 1);
const dictionary = standardDictionary();
const [BID, ASK] = [dictionary.fid('BID'), dictionary.fid('ASK')];

const heartbeat = (seq: number): Buffer => packetOf(SESSION, seq, []);
const endOf = (seq: number): Buffer => packetOf(SESSION, seq, [], 0xffff);
/** A message that is just some bytes: the stream carries it, the values refuse it. */
const text = (value: string): Uint8Array => Buffer.from(value);

interface Rig {
  readonly channel: PlantChannel;
  readonly log: string[];
  readonly packets: Buffer[];
  readonly faults: string[];
  /** What has been logged since the last call. */
  told(): string[];
}

function rig(options: Partial<ChannelOptions> = {}, output: Partial<ChannelOutput> = {}): Rig {
  const log: string[] = [];
  const packets: Buffer[] = [];
  const faults: string[] = [];
  const made = {
    log,
    packets,
    faults,
    told: () => log.splice(0),
    channel: new PlantChannel(
      {
        name: 'c7',
        id: 7,
        ringBytes: 1 << 20,
        packetBytes: 1472,
        heartbeatNs: 20 * MS,
        gapWaitNs: 2 * MS,
        requestTimeoutNs: 20 * MS,
        digests: false,
        liveLive: false,
        answerers: () => [''],
        lostAfterNs: 100 * MS,
        registry: new CounterRegistry(),
        quarantine: (code) => faults.push(code),
        ...options,
      },
      {
        send: (bytes, length) => {
          packets.push(Buffer.from(bytes.slice(0, length)));
          const count = readCount(bytes, 0);
          const what = count === 0 ? 'heartbeat' : count === 0xffff ? 'end' : `+${count}`;
          log.push(`send ${readSequence(bytes, 0)} ${what}`);
          return true;
        },
        request: (_session, from, count, attempt) => log.push(`request ${from} +${count} attempt ${attempt}`),
        session: (session, previous, next) => log.push(`session ${session} after ${previous ?? 'none'} at ${next}`),
        lost: (from, to, reason) => log.push(`lost ${from} to ${to} ${reason}`),
        ...output,
      },
    ),
  };
  made.channel.gate.goLive();
  return made;
}

const begun = `session ${SESSION} after none at 1`;

t.test('what comes in order goes out as it came, at once', async (t) => {
  const { channel, told, packets } = rig();
  const first = packetOf(SESSION, 1, [text('one'), text('two')]);
  const second = packetOf(SESSION, 3, [text('three')]);
  channel.packet(ChannelLine.FEED, first, first.length, 0);
  channel.packet(ChannelLine.FEED, second, second.length, 0);
  t.strictSame(told(), [begun, 'send 1 +2', 'send 3 +1']);
  t.strictSame(packets, [first, second]);
  t.match(channel.counters, { forwarded: 2, reframed: 0, messages: 3 });
  t.equal(channel.next, 4);
});

t.test('what was missed is asked for, and follows under its own numbers', async (t) => {
  const { channel, told } = rig();
  const feed = (seq: number, ...messages: Uint8Array[]): void => {
    const bytes = packetOf(SESSION, seq, messages);
    channel.packet(ChannelLine.FEED, bytes, bytes.length, 10 * MS);
  };
  feed(1, text('one'));
  feed(4, text('four'), text('five'));
  feed(6, text('six'));
  t.strictSame(told(), [begun, 'send 1 +1']);
  channel.tick(11 * MS);
  t.strictSame(told(), []);
  channel.tick(12 * MS);
  t.strictSame(told(), ['request 2 +2 attempt 0']);
  channel.tick(32 * MS);
  t.strictSame(told(), ['request 2 +2 attempt 1', 'send 2 heartbeat']);
  const answer = packetOf(SESSION, 2, [text('two'), text('three')]);
  channel.packet(ChannelLine.REPAIR, answer, answer.length, 33 * MS);
  t.strictSame(told(), ['send 2 +2', 'send 4 +2', 'send 6 +1']);
  t.match(channel.counters, { forwarded: 2, reframed: 2, messages: 6, lost: 0 });
  const out = Buffer.alloc(100);
  const { count, end } = channel.ring.read(1, 100, out, 0, out.length);
  t.equal(count, 6);
  t.strictSame(out.subarray(0, end), Buffer.from(blocksOf(['one', 'two', 'three', 'four', 'five', 'six'].map(text))));
});

t.test('what has gone out already does not go out again', async (t) => {
  const { channel, told } = rig();
  const both = packetOf(SESSION, 1, [text('one'), text('two')]);
  const overlap = packetOf(SESSION, 2, [text('two'), text('three')]);
  for (const line of [ChannelLine.FEED, ChannelLine.REPAIR]) channel.packet(line, both, both.length, 0);
  channel.packet(ChannelLine.FEED, overlap, overlap.length, 0);
  t.strictSame(told(), [begun, 'send 1 +2', 'send 3 +1']);
});

t.test('a plant that comes late asks for what went before', async (t) => {
  const { channel, told } = rig({ gapWaitNs: 0 });
  const bytes = packetOf(SESSION, 100, [text('hundred')]);
  channel.packet(ChannelLine.FEED, bytes, bytes.length, 0);
  channel.tick(0);
  t.match(told(), [begun, 'request 1 +64 attempt 0', 'request 65 +35 attempt 0']);
});

t.test('what nobody has any more leaves a hole, which is recorded', async (t) => {
  const { channel, told } = rig();
  const [first, fifth] = [packetOf(SESSION, 1, [text('one')]), packetOf(SESSION, 5, [text('five')])];
  channel.packet(ChannelLine.FEED, first, first.length, 0);
  channel.packet(ChannelLine.FEED, fifth, fifth.length, 0);
  for (let ms = 0; ms < 99; ms++) channel.tick(ms * MS);
  t.notMatch(told().join('|'), /lost/);
  t.notOk(channel.values.damaged);
  channel.tick(100 * MS);
  t.strictSame(told().slice(0, 2), ['lost 2 to 5 expired', 'send 5 +1']);
  t.strictSame(channel.losses, [{ session: SESSION, from: 2, to: 5, reason: 'expired' }]);
  t.ok(channel.values.damaged);
  t.equal(channel.next, 6);
  t.equal(channel.ring.read(2, 1, Buffer.alloc(100), 0, 100).count, 0);
  t.match(channel.counters, { lost: 3, losses: 1 });
  for (let seq = 7; seq < 300; seq += 2) {
    const bytes = packetOf(SESSION, seq, [text('x')]);
    channel.packet(ChannelLine.FEED, bytes, bytes.length, 200 * MS);
  }
  channel.tick(300 * MS);
  t.equal(channel.losses.length, 64, 'a bounded number of holes');
  t.equal(channel.counters.losses, 1 + 147);
});

t.test('a later epoch replaces values and memory; earlier ones and other channels are refused', async (t) => {
  const { channel, told } = rig();
  const quote: Message[] = [
    { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID, ASK] } },
    { kind: Kind.ITEM, item: 0, subject: 'IEX.A', recordKind: 0 },
  ];
  const feed = (bytes: Buffer): void => channel.packet(ChannelLine.FEED, bytes, bytes.length, 0);
  feed(packetOf(SESSION, 1, quote));
  t.equal(channel.values.itemCount, 1);
  const next = sessionName(7, DAY, 2);
  feed(packetOf(next, 1, [text('x')]));
  t.strictSame(told(), [begun, 'send 1 +2', `session ${next} after ${SESSION} at 1`, 'send 1 +1']);
  t.equal(channel.values.itemCount, 0);
  t.equal(channel.ring.nextSeq, 2);
  for (const other of [SESSION, sessionName(7, DAY - 1, 9), sessionName(8, DAY, 3), '000010059B', '?']) {
    feed(packetOf(other, 2, [text('x')]));
  }
  t.strictSame(told(), []);
  const tomorrow = sessionName(7, DAY + 1, 0);
  feed(packetOf(tomorrow, 1, [text('x')]));
  t.strictSame(told(), [`session ${tomorrow} after ${next} at 1`, 'send 1 +1']);
  t.equal(channel.counters.foreignSession, 4, 'those left behind are known to the receiver');
});

t.test('an idle channel heartbeats, a busy one does not, a finished one says so', async (t) => {
  const { channel, told } = rig();
  channel.tick(1_000 * MS);
  t.strictSame(told(), [], 'nothing to say before the first packet');
  const at = (ms: number, bytes: Buffer): void => channel.packet(ChannelLine.FEED, bytes, bytes.length, ms * MS);
  at(1_000, packetOf(SESSION, 1, [text('one')]));
  channel.tick(1_019 * MS);
  at(1_019, packetOf(SESSION, 2, [text('two')]));
  channel.tick(1_030 * MS);
  t.strictSame(told(), [begun, 'send 1 +1', 'send 2 +1']);
  at(1_038, heartbeat(3));
  channel.tick(1_039 * MS);
  channel.tick(1_040 * MS);
  channel.tick(1_060 * MS);
  t.strictSame(told(), ['send 3 heartbeat', 'send 3 heartbeat']);
  at(1_061, endOf(3));
  channel.tick(1_062 * MS);
  t.strictSame(told(), ['send 3 end']);
  channel.tick(1_081 * MS);
  t.strictSame(told(), ['send 3 end']);
  t.ok(channel.over);
  t.equal(channel.heardNs, 1_061 * MS);
});

t.test('a heartbeat that shows a lost tail is followed by a request', async (t) => {
  const { channel, told } = rig({ gapWaitNs: 0 });
  const bytes = packetOf(SESSION, 1, [text('one')]);
  channel.packet(ChannelLine.FEED, bytes, bytes.length, 0);
  channel.packet(ChannelLine.FEED, heartbeat(3), HEADER_BYTES, 0);
  channel.tick(0);
  t.strictSame(told(), [begun, 'send 1 +1', 'request 2 +1 attempt 0']);
});

t.test('packets too large for the trading network are cut at messages', async (t) => {
  const { channel, told, packets } = rig({ packetBytes: 512 });
  const messages = Array.from({ length: 100 }, (_, i) => text(`message ${i}`.padEnd(20)));
  messages[50] = text('x'.repeat(900));
  const bytes = packetOf(SESSION, 1, messages);
  channel.packet(ChannelLine.FEED, bytes, bytes.length, 0);
  t.strictSame(told(), [
    begun,
    'send 1 +22',
    'send 23 +22',
    'send 45 +6',
    'send 51 +1',
    'send 52 +22',
    'send 74 +22',
    'send 96 +5',
  ]);
  t.strictSame(Buffer.concat(packets.map((sent) => sent.subarray(HEADER_BYTES))), Buffer.from(blocksOf(messages)));
  t.strictSame(
    packets.map(({ length }) => length <= 512),
    [true, true, true, false, true, true, true],
  );
});

t.test('packets of the largest size go through', async (t) => {
  const { channel, packets } = rig({ packetBytes: 65_507, ringBytes: 65_536 });
  const one = packetOf(SESSION, 1, [text('x'.repeat(65_507 - HEADER_BYTES - 2))]);
  const many = packetOf(
    SESSION,
    2,
    Array.from({ length: 32_743 }, () => text('')),
  );
  for (const bytes of [one, many]) channel.packet(ChannelLine.FEED, bytes, bytes.length, 0);
  t.equal(packets.length, 2);
  t.equal(packets[0]!.length, 65_507);
  t.ok(packets[0]!.equals(one) && packets[1]!.equals(many));
  t.equal(channel.next, 2 + 32_743);
});

t.test('a buffer that the kernel still refers to is left alone', async (t) => {
  const sent: { bytes: Uint8Array; copy: Buffer }[] = [];
  const send = (bytes: Uint8Array, length: number): boolean => {
    sent.push({ bytes: bytes.subarray(0, length), copy: Buffer.from(bytes.slice(0, length)) });
    return false;
  };
  const { channel } = rig({ heartbeatNs: MS }, { send });
  for (const seq of [3, 4, 5, 1, 2]) {
    const bytes = packetOf(SESSION, seq, [text(`number ${seq}`)]);
    channel.packet(ChannelLine.FEED, bytes, bytes.length, seq);
    channel.tick(seq * MS);
  }
  t.ok(sent.length >= 5);
  for (const { bytes, copy } of sent) t.ok(copy.equals(bytes));
});

t.test('garbage is refused packet by packet and message by message, and nothing else changes', async (t) => {
  const { channel, told, faults } = rig();
  const good = packetOf(SESSION, 1, [text('not a message of ours')]);
  channel.packet(ChannelLine.FEED, good, good.length, 0);
  t.strictSame(told(), [begun, 'send 1 +1'], 'the stream carries whatever has a number');
  t.strictSame(faults.splice(0), ['RECORDS_BAD_MESSAGE']);
  const random = seededRandom(1);
  for (let i = 0; i < 2_000; i++) {
    const garbage =
      i % 2 === 0 ? Buffer.alloc(random.below(60)) : Buffer.from(good.subarray(0, random.below(good.length)));
    if (i % 2 === 0) for (let at = 0; at < garbage.length; at++) garbage[at] = random.below(256);
    channel.packet(i & 1, garbage, garbage.length, 0);
  }
  t.strictSame(told(), []);
  t.ok(faults.length > 1_000);
});

/** A stream of quotes, as messages. */
function quotes(items: number, updates: number, seed: number): Uint8Array[] {
  const random = seededRandom(seed);
  const messages: Message[] = [
    { kind: Kind.START, channel: 'c7', day: '2017-07-10', epoch: 1, previousSession: '', previousNext: 0 },
    { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID, ASK] } },
  ];
  for (let item = 0; item < items; item++)
    messages.push({ kind: Kind.ITEM, item, subject: `IEX.S${item}`, recordKind: 0 });
  for (let i = 0; i < updates; i++) {
    const values = [random.below(1_000_000), random.below(1_000_000)];
    messages.push({ kind: Kind.UPDATE, item: random.below(items), template: 0, values });
  }
  return messages.map(encodeMessage);
}

t.test(
  'over a bad network with repair, the stream that goes out is the one that came, and so are the values',
  async (t) => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.4, noNaN: true }), (seed, loss) => {
        const random = seededRandom(seed);
        const messages = quotes(5, 200, seed);
        const sources = new MessageRing(1 << 20);
        const all: Buffer[] = [];
        for (let seq = 1; seq <= messages.length; ) {
          const batch = messages.slice(seq - 1, seq + random.below(9));
          const bytes = packetOf(SESSION, seq, batch);
          sources.append(bytes, HEADER_BYTES, bytes.length, seq, batch.length);
          all.push(bytes);
          seq += batch.length;
        }
        all.push(endOf(messages.length + 1));
        const answers: Buffer[] = [];
        const request = (_session: Uint8Array, from: number, count: number): void => {
          if (random.next() < loss) return;
          const out = Buffer.alloc(300);
          const read = sources.read(from, count, out, HEADER_BYTES, out.length);
          writeHeader(out, 0, encodeSession(SESSION), from, read.count);
          answers.push(out.subarray(0, read.end));
        };
        const { channel, packets } = rig({ gapWaitNs: 0, lostAfterNs: 10_000 * MS }, { request });
        const perfect = rig().channel;
        for (const bytes of all) perfect.packet(ChannelLine.FEED, bytes, bytes.length, 0);
        let nowNs = 0;
        const pass = (line: number, bytes: Buffer): void => {
          nowNs += MS;
          channel.packet(line, Buffer.from(bytes), bytes.length, nowNs);
          channel.tick(nowNs);
        };
        for (const bytes of lossyLink(all, { loss, duplication: 0.1, reorder: 0.2, reorderDistance: 5 }, random)) {
          pass(ChannelLine.FEED, bytes);
          for (const answer of answers.splice(0)) pass(ChannelLine.REPAIR, answer);
        }
        for (let round = 0; round < 1_000 && !channel.over; round++) {
          pass(ChannelLine.FEED, all.at(-1)!);
          nowNs += 10 * MS;
          for (const answer of answers.splice(0)) pass(ChannelLine.REPAIR, answer);
        }
        if (!channel.over) throw new Error('did not come to the end');
        let next = 1;
        const blocks: Buffer[] = [];
        for (const bytes of packets) {
          const count = readCount(bytes, 0);
          if (count === 0 || count === 0xffff) continue;
          if (readSequence(bytes, 0) !== next) throw new Error(`expected ${next}`);
          let at = HEADER_BYTES;
          for (let i = 0; i < count; i++) at = blockEndBE(bytes, at);
          if (at !== bytes.length) throw new Error('blocks and length differ');
          blocks.push(bytes.subarray(HEADER_BYTES));
          next += count;
        }
        if (!Buffer.concat(blocks).equals(Buffer.from(blocksOf(messages)))) throw new Error('other bytes');
        t.equal(channel.values.digest(dictionary), perfect.values.digest(dictionary));
        if (channel.values.itemCount !== 5) throw new Error('items');
      }),
      { numRuns: 150 },
    );
  },
);

t.test('when a message left is known for the latest packets', async (t) => {
  const { channel } = rig();
  for (let i = 0; i < 5_000; i++) {
    const bytes = packetOf(SESSION, 1 + 2 * i, [text('a'), text('b')]);
    channel.packet(ChannelLine.FEED, bytes, bytes.length, i);
  }
  const timeOf = (seq: number): number => channel.sent.timeOf(seq, channel.next);
  t.strictSame([timeOf(10_000), timeOf(9_999), timeOf(9_998)], [4_999, 4_999, 4_998]);
  t.strictSame([timeOf(10_001), timeOf(1)], [-1, -1], 'not sent yet; too long ago');
  t.equal(timeOf(1 + 2 * 904), 904);
});
