import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { seededRandom } from '@tickerplant/core';
import { sessionName } from '@tickerplant/floor';
import { JOURNAL_COUNTERS, type JournalNews } from '@tickerplant/journal';
import { Kind, type Message, standardDictionary } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { CurrentValues } from '../src/cache.ts';
import { ChannelLine, PlantChannel, type SavedPlantChannel } from '../src/channel.ts';
import { CACHE_COUNTERS } from '../src/counters.ts';
import { JournalFeed } from '../src/journal/feed.ts';
import { PlantWriter } from '../src/journal/plant-writer.ts';
import type { PlantJournalContents, PlantJournalRequest } from '../src/journal/requests.ts';
import { blocksOf } from './blocks.ts';
import { packetOf } from './sample-floor.ts';

t.setTimeout(180_000);

const DAY = 17_357;
const dictionary = standardDictionary();
const [BID, ASK] = [dictionary.fid('BID'), dictionary.fid('ASK')];
const session = (channel: number, epoch = 1): string => sessionName(channel, DAY, epoch);
const SMALL = 4_096;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'journal-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const newValues = (): CurrentValues => new CurrentValues(CACHE_COUNTERS.create(), () => {});

/** Messages of a channel by number from 1 on, each with what the values are after it. */
class Truth {
  readonly blocks: Uint8Array[] = [];
  readonly digests: string[] = [newValues().digest(dictionary)];
  readonly crcs: number[] = [0];
  private readonly values = newValues();

  add(message: Message): void {
    const block = blocksOf([message]);
    this.values.consume(block, 0, block.length, this.blocks.length + 1, 1);
    this.blocks.push(block);
    this.crcs.push(crc32(block, this.crcs.at(-1)!));
    this.digests.push(this.values.digest(dictionary));
  }

  get next(): number {
    return this.blocks.length + 1;
  }

  /** Messages [from, to). */
  part(from: number, to: number): Buffer {
    return Buffer.concat(this.blocks.slice(from - 1, to - 1));
  }

  /** Asserts that a state is what this channel was at some moment. */
  check({ next, digest, values, tail }: SavedPlantChannel): void {
    const restored = newValues();
    restored.restore(values);
    assert.equal(restored.next, next);
    assert.equal(restored.digest(dictionary), this.digests[next - 1], `values as of ${next}`);
    let at = tail[0]?.seq ?? next;
    if (digest !== null) assert.equal(digest, this.crcs[at - 1], `digest before ${at}`);
    for (const { seq, count, blocks } of tail) {
      assert.equal(seq, at);
      assert.ok(this.part(seq, seq + count).equals(blocks), `messages from ${seq} on`);
      at += count;
    }
    assert.equal(at, next, 'the tail ends where the values are');
  }
}

function messageOf(random: { below(n: number): number }, truth: Truth, channel: number): Message {
  const { next } = truth;
  if (next === 1) {
    const rest = { day: '2017-07-10', epoch: 1, previousSession: '', previousNext: 0 };
    return { kind: Kind.START, channel: `c${channel}`, ...rest };
  }
  if (next === 2) {
    return { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID, ASK] } };
  }
  if (next < 12) return { kind: Kind.ITEM, item: next, subject: `X.S${next}`, recordKind: 0 };
  const item = 3 + random.below(9);
  const [a, b] = [random.below(1_000_000), random.below(1_000_000)];
  if (random.below(30) === 0) return { kind: Kind.FIELDS, item, flags: 1, fields: [[BID, BigInt(a)]] } as never;
  return { kind: Kind.UPDATE, item, template: 0, values: [a, b] };
}

function runsOf(truth: Truth, channel: number, from: number, sizes: readonly number[]): PlantJournalRequest {
  const ends: number[] = [];
  let to = from;
  for (const size of sizes) {
    to += size;
    ends.push(truth.part(from, to).length);
  }
  const blocks = Uint8Array.from(truth.part(from, to));
  return { kind: 'runs', channel, seq: from, counts: sizes, ends, blocks, wallMs: 1_000 + to };
}

const begin = (channel: number, epoch = 1): PlantJournalRequest => {
  return { kind: 'begin', channel, session: session(channel, epoch), next: 1, digest: 0, values: undefined, wallMs: 1 };
};

interface Opened {
  readonly writer: PlantWriter;
  readonly news: JournalNews[];
  readonly contents: PlantJournalContents;
}

function open(path: string, tailBytes = 8_192): Opened {
  const news: JournalNews[] = [];
  const place = { path, owner: 'test plant/p1', channelBytes: SMALL, tailBytes };
  const writer = new PlantWriter(place, (one) => news.push(one));
  return { writer, news, contents: writer.open(0) };
}

/** Writes a journal of two channels. @returns their truths */
function write(writer: PlantWriter, seed: number, steps: number): Map<number, Truth> {
  const random = seededRandom(seed);
  const truths = new Map([1, 2].map((channel) => [channel, new Truth()]));
  for (const channel of truths.keys()) writer.request(begin(channel), 0);
  for (let step = 0; step < steps; step++) {
    const channel = 1 + random.below(2);
    const truth = truths.get(channel)!;
    const sizes = Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(12));
    const from = truth.next;
    for (let n = sizes.reduce((a, b) => a + b); n > 0; n--) truth.add(messageOf(random, truth, channel));
    writer.request(runsOf(truth, channel, from, sizes), 0);
  }
  return truths;
}

t.test('what was written comes back, images and pruning between, and goes on from there', async () => {
  const place = folder();
  fc.assert(
    fc.property(fc.integer(), fc.nat(120), fc.integer({ min: 100, max: 9_000 }), (seed, steps, tailBytes) => {
      const path = join(place, `${seed}.sqlite`);
      rmSync(path, { force: true });
      const first = open(path);
      const truths = write(first.writer, seed, steps);
      first.writer.close();
      const second = open(path, tailBytes);
      assert.deepEqual(second.news, []);
      assert.equal(second.contents.channels.length, 2);
      for (const saved of second.contents.channels) {
        const truth = truths.get(saved.id)!;
        assert.equal(saved.next, truth.next);
        assert.equal(saved.session, session(saved.id));
        truth.check(saved);
        assert.ok(saved.tail.reduce((sum, { blocks }) => sum + blocks.length, 0) <= tailBytes);
        // The next message of each, by the writer that has read it.
        truth.add(messageOf(seededRandom(seed), truth, saved.id));
        second.writer.request(runsOf(truth, saved.id, saved.next, [1]), 0);
      }
      second.writer.close();
      const third = open(path);
      for (const saved of third.contents.channels) {
        assert.equal(saved.next, truths.get(saved.id)!.next);
        truths.get(saved.id)!.check(saved);
      }
      third.writer.close();
    }),
    { numRuns: 12 },
  );
});

t.test('the file is bounded', async (t) => {
  const path = join(folder(), 'j.sqlite');
  const { writer } = open(path);
  const truths = write(writer, 3, 100);
  const size = (): number => statSync(path).size + (existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0);
  const random = seededRandom(4);
  const truth = truths.get(1)!;
  let most = 0;
  for (let i = 0; i < 1_500; i++) {
    const from = truth.next;
    for (let n = 0; n < 20; n++) truth.add(messageOf(random, truth, 1));
    writer.request(runsOf(truth, 1, from, [20]), 0);
    if (i === 500) most = size();
  }
  writer.close();
  t.ok(size() <= most, `${size()} bytes, after a third of it ${most}`);
  const { contents, writer: again } = open(path);
  again.close();
  truth.check(contents.channels[0]!);
});

t.test('a new session makes void what there was', async (t) => {
  const path = join(folder(), 'j.sqlite');
  const { writer } = open(path);
  write(writer, 5, 40);
  writer.request(begin(1, 2), 0);
  writer.close();
  const { contents, news, writer: again } = open(path);
  again.close();
  t.same(news, []);
  t.match(contents.channels[0], { id: 1, session: session(1, 2), next: 1, tail: [] });
  t.equal(contents.channels[0]!.values.seqs.length, 0);
});

t.test('messages that do not follow are refused loudly: the journal must not have a hole', async (t) => {
  const { writer } = open(join(folder(), 'j.sqlite'));
  const truth = write(writer, 6, 30).get(1)!;
  const from = truth.next + 1;
  for (let n = 0; n < 3; n++) truth.add(messageOf(seededRandom(1), truth, 1));
  t.throws(() => writer.request(runsOf(truth, 1, from, [1]), 0), /expected message/);
  writer.close();
});

/** A journal as a killed process leaves it (with its log) and as a stopped one does, and what is true of it. */
function victims(): { source: string; truths: Map<number, Truth>; killed: boolean }[] {
  return [true, false].map((killed) => {
    const place = folder();
    const path = join(place, 'j.sqlite');
    const { writer } = open(path);
    const truths = write(writer, 11, 60);
    writer.request({ kind: 'receipt', text: '{"a":1}' }, 0);
    const source = join(folder(), 'source');
    if (!killed) writer.close();
    mkdirSync(source);
    for (const name of readdirSync(place)) cpSync(join(place, name), join(source, name));
    if (killed) writer.close();
    return { source, truths, killed };
  });
}

/** Opens a copy that was tampered with. @returns whether all of it came back, and what was told */
function tamper(
  source: string,
  truths: Map<number, Truth>,
  harm: (place: string) => void,
): { whole: boolean; news: JournalNews[] } {
  const place = mkdtempSync(join(tmpdir(), 'journal-harm-'));
  try {
    cpSync(source, place, { recursive: true });
    harm(place);
    const { writer, news, contents } = open(join(place, 'j.sqlite'));
    for (const saved of contents.channels) truths.get(saved.id)!.check(saved);
    for (const text of contents.receipts) assert.equal(text, '{"a":1}');
    const whole =
      contents.channels.length === 2 &&
      contents.receipts.length === 1 &&
      contents.channels.every(({ id, next }) => next === truths.get(id)!.next);
    // And what it goes on with is as good.
    assert.ok(!news.some(({ kind }) => kind === 'failed'), JSON.stringify(news));
    writer.close();
    const again = open(join(place, 'j.sqlite'));
    assert.deepEqual(again.news, []);
    assert.deepEqual(
      again.contents.channels.map(({ id, next }) => [id, next]),
      contents.channels.map(({ id, next }) => [id, next]),
    );
    for (const saved of again.contents.channels) truths.get(saved.id)!.check(saved);
    again.writer.close();
    return { whole, news };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

t.test('cut off anywhere: a true earlier state or none, and told', async (t) => {
  const random = seededRandom(21);
  for (const { source, truths, killed } of victims()) {
    for (const name of readdirSync(source)) {
      const { size } = statSync(join(source, name));
      for (let i = 0; i < 25; i++) {
        const length = i < 4 ? i * 50 : random.below(size);
        const { whole, news } = tamper(source, truths, (place) => truncateSync(join(place, name), length));
        // Of a log that is cut off SQLite takes what is whole, as after a crash of the machine.
        if (!whole && name === 'j.sqlite') assert.match(JSON.stringify(news), /"damaged"/, `${name} cut to ${length}`);
      }
      t.pass(`${killed ? 'killed' : 'stopped'}: ${name}, ${size} bytes`);
    }
  }
});

t.test('any bit turned: a true state or none, and told', async (t) => {
  const random = seededRandom(22);
  for (const { source, truths, killed } of victims()) {
    for (const name of readdirSync(source)) {
      const { size } = statSync(join(source, name));
      let told = 0;
      for (let i = 0; i < 60; i++) {
        const bits = Array.from({ length: 1 + random.below(3) }, () => random.below(8 * size));
        const { whole, news } = tamper(source, truths, (place) => {
          const bytes = readFileSync(join(place, name));
          for (const bit of bits) bytes[bit >> 3]! ^= 1 << (bit & 7);
          writeFileSync(join(place, name), bytes);
        });
        if (news.length > 0) told++;
        if (!whole && name === 'j.sqlite') assert.match(JSON.stringify(news), /"damaged"/, `${name}, bits ${bits}`);
      }
      t.pass(`${killed ? 'killed' : 'stopped'}: ${name}, damage found in ${told} of 60`);
      if (name === 'j.sqlite' && !killed) t.ok(told > 10, 'most of a file is of importance');
    }
  }
});

// — handing over ——————————————————————————————————————————————————————————————————————————————————————————————————

interface Bench {
  readonly channel: PlantChannel;
  readonly feed: JournalFeed;
  readonly truth: Truth;
  readonly counters: ReturnType<(typeof JOURNAL_COUNTERS)['create']>;
  readonly target: { ready: boolean; inFlight: number };
  readonly path: string;
  writer: Opened;
  /** Messages come, in a packet. */
  say(count: number, lost?: boolean): void;
  step(): void;
  /** Closes the journal and opens it again. @returns the channel's state in it */
  reopen(): SavedPlantChannel | undefined;
}

function bench(ringBytes = 65_536): Bench {
  const truth = new Truth();
  const random = seededRandom(8);
  const counters = JOURNAL_COUNTERS.create();
  const path = join(folder(), 'j.sqlite');
  const made = { ...open(path) };
  let nowNs = 0;
  const channel = new PlantChannel(
    {
      name: 'c1',
      id: 1,
      ringBytes,
      liveLive: false,
      packetBytes: 1472,
      heartbeatNs: 20e6,
      gapWaitNs: 1e6,
      requestTimeoutNs: 2e6,
      lostAfterNs: 10e6,
      digests: true,
      answerers: () => [''],
      registry: new CounterRegistry(),
      quarantine: () => {},
    },
    { send: () => true, request: () => {}, session: () => {}, lost: () => {} },
  );
  const target = {
    ready: true,
    inFlight: 0,
    send: (request: PlantJournalRequest) => result.writer.writer.request(structuredClone(request), 0),
  };
  const result: Bench = {
    channel,
    truth,
    counters,
    target,
    path,
    writer: made,
    feed: new JournalFeed([channel], target, counters),
    say(count, lost = false) {
      const from = truth.next;
      for (let n = 0; n < count; n++) truth.add(messageOf(random, truth, 1));
      if (lost) return;
      const packet = packetOf(session(1), from, []);
      const bytes = Buffer.concat([packet, truth.part(from, truth.next)]);
      bytes.writeUInt16BE(count, 18);
      channel.packet(ChannelLine.FEED, bytes, bytes.length, nowNs);
      for (let i = 0; i < 20; i++) {
        nowNs += 1e6;
        channel.tick(nowNs);
      }
    },
    step() {
      nowNs += 6e9;
      result.feed.step(nowNs, 1_000);
    },
    reopen() {
      result.writer.writer.close();
      result.writer = open(path);
      return result.writer.contents.channels[0];
    },
  };
  return result;
}

t.test('what a channel takes in is in the journal, whatever comes between the steps', async (t) => {
  const { say, step, reopen, truth, counters } = bench();
  for (let i = 0; i < 200; i++) {
    say(1 + (i % 30));
    if (i % 3 === 0) step();
  }
  step();
  step();
  const saved = reopen()!;
  t.equal(saved.next, truth.next);
  truth.check(saved);
  t.match(counters, { images: 0, skipped: 0, lagging: 0 });
});

t.test(
  'a writer that lags: messages wait, then the journal begins anew with an image; there is never a hole',
  async (t) => {
    const { say, step, reopen, truth, counters, target, channel } = bench();
    say(40);
    step();
    step();
    const before = truth.next;
    target.inFlight = 1 << 30;
    say(40);
    step();
    t.equal(counters.lagging, 1);
    t.equal(reopen()!.next, before, 'it is as of before');
    while (channel.ring.firstSeq <= before) say(40);
    target.inFlight = 1;
    step();
    t.ok(counters.skipped > 0);
    step();
    t.equal(counters.images, 0, 'no image while there is something on its way');
    t.equal(reopen()!.next, before);
    target.inFlight = 0;
    step();
    t.equal(counters.images, 1);
    say(10);
    step();
    const saved = reopen()!;
    t.equal(saved.next, truth.next);
    truth.check(saved);
  },
);

t.test('a channel with holes is not written: the journal stays what it was before them', async (t) => {
  const { say, step, reopen, truth, channel } = bench();
  say(40);
  step();
  step();
  const before = truth.next;
  say(5, true);
  say(40);
  say(1);
  for (let i = 0; i < 5; i++) step();
  t.ok(channel.values.damaged);
  const saved = reopen()!;
  t.equal(saved.next, before);
  truth.check(saved);
});

t.test("another plant's state, and a writer that knows nothing any more", async (t) => {
  const one = bench();
  one.say(100);
  const other = bench();
  other.say(10);
  other.step();
  other.step();
  const saved = one.channel.save();
  other.channel.restore(saved);
  other.feed.restored(0, saved, 2_000);
  const written = other.reopen()!;
  t.equal(written.next, one.truth.next);
  one.truth.check(written);
  t.equal(written.asOfMs, 2_000);
  t.equal(other.counters.images, 0, 'no image was asked of the plant');

  other.feed.reset();
  other.step();
  other.step();
  const again = other.reopen()!;
  t.equal(again.next, one.truth.next);
  one.truth.check(again);
});

t.test(
  'a channel goes on where its journal was, and its values are not up to date until the handler says so',
  async (t) => {
    const { say, step, reopen, truth } = bench();
    say(100);
    step();
    step();
    const saved = reopen()!;
    const again = bench();
    again.channel.restore(saved);
    again.feed.resumed(0, saved);
    const { channel } = again;
    t.equal(channel.asOfMs, 1_000);
    t.notOk(channel.caughtUp(), 'nothing has been heard');
    channel.told(session(1), saved.next + 5);
    t.notOk(channel.caughtUp(), 'nothing has come');
    const packet = (from: number, count: number): void => {
      const bytes = Buffer.concat([packetOf(session(1), from, []), truth.part(from, from + count)]);
      bytes.writeUInt16BE(count, 18);
      channel.packet(ChannelLine.FEED, bytes, bytes.length, 1);
    };
    say(10);
    packet(saved.next + 3, 2);
    t.notOk(channel.caughtUp(), 'a gap');
    packet(saved.next, 3);
    t.ok(channel.caughtUp());
    t.equal(channel.asOfMs, undefined);
    t.equal(channel.values.digest(dictionary), truth.digests[saved.next + 4]);
    t.equal(channel.ring.digestAt(saved.next + 5), truth.crcs[saved.next + 4]);
  },
);

t.test('a message that is repeated to the group does not bring a journal up to date', async (t) => {
  const { say, step, reopen, truth } = bench();
  say(100);
  step();
  step();
  const saved = reopen()!;
  const { channel } = bench();
  channel.restore(saved);
  const bytes = Buffer.concat([packetOf(session(1), 50, []), truth.part(50, 52)]);
  bytes.writeUInt16BE(2, 18);
  channel.packet(ChannelLine.FEED, bytes, bytes.length, 1);
  t.notOk(channel.caughtUp(), 'no handler has spoken');
  channel.told(session(1, 2), 1);
  t.notOk(channel.caughtUp(), 'nor one of this session');
  channel.told(session(1), saved.next + 1);
  t.notOk(channel.caughtUp());
  t.equal(channel.asOfMs, saved.asOfMs);
});
