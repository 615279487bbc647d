import { ImageCursor, type PlantRequest, type Reply } from '@tickerplant/control';
import type { TickerError } from '@tickerplant/core';
import { encodeMessage, Kind, type Message, standardDictionary } from '@tickerplant/records';
import t from 'tap';
import { CurrentValues } from '../src/cache.ts';
import { CACHE_COUNTERS, CLIENT_COUNTERS, type ClientCounters } from '../src/counters.ts';
import type { SnapshotChannel } from '../src/snapshot.ts';
import { type ClientConnection, type SubscriptionLimits, Subscriptions } from '../src/subscriptions.ts';
import { blocksOf } from './blocks.ts';

const dictionary = standardDictionary();
const [BID, ASK] = [dictionary.fid('BID'), dictionary.fid('ASK')];

class FakeChannel implements SnapshotChannel {
  readonly id: number;
  session: string | undefined = 'S1';
  readonly values: CurrentValues = new CurrentValues(CACHE_COUNTERS.create(), () => undefined);
  readonly services: readonly string[];

  constructor(id: number, services: readonly string[]) {
    this.id = id;
    this.services = services;
    this.begin();
  }

  begin(): void {
    this.values.clear();
    this.values.next = 1;
    this.feed({ kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID, ASK] } });
  }

  feed(...messages: Message[]): void {
    const bytes = blocksOf(messages.map(encodeMessage));
    this.values.consume(bytes, 0, bytes.length, this.values.next, messages.length);
  }

  /** Declares an item and gives it values. */
  item(item: number, subject: string): void {
    this.feed(
      { kind: Kind.ITEM, item, subject, recordKind: 0 },
      { kind: Kind.UPDATE, item, template: 0, values: [1_000_000 + item, 2_000_000] },
    );
  }
}

class FakeConnection implements ClientConnection {
  readonly id: number;
  readonly peer = '127.0.0.1:5';
  readonly client: string;
  queuedBytes = 0;
  isReady = true;
  readonly replies: Reply[] = [];

  constructor(id: number) {
    this.id = id;
    this.client = `c${id}`;
  }

  ready(): boolean {
    return this.isReady;
  }

  send(reply: Reply): boolean {
    // A blob is borrowed.
    this.replies.push(reply.kind === 'images' ? { ...reply, blob: reply.blob.slice() } : reply);
    return this.isReady;
  }

  take(): Reply[] {
    return this.replies.splice(0);
  }

  /** What came, in short. */
  story(): string[] {
    return this.take().map((reply) => {
      if (reply.kind !== 'images') return `${reply.kind} ${JSON.stringify(reply).replace(/"kind":"[^"]*",?/, '')}`;
      const { id, channel, session, asOf, last } = reply;
      return `images ${id} of ${channel}/${session} as of ${asOf}${last ? ' last' : ''}: ${subjectsIn(reply.blob).join(' ')}`;
    });
  }
}

/** Subjects whose images a blob holds; feeding it to an empty cache must raise no fault. */
function subjectsIn(blob: Uint8Array): string[] {
  const values = new CurrentValues(CACHE_COUNTERS.create(), (code) => {
    if (code !== 'PLANT_UNKNOWN_TEMPLATE') throw new Error(code);
  });
  const cursor = new ImageCursor(blob);
  while (cursor.next()) {
    const bytes = blocksOf([blob.slice(cursor.start, cursor.end)]);
    values.consume(bytes, 0, bytes.length, cursor.seq, 1);
  }
  if (cursor.fault !== undefined) throw new Error(cursor.fault);
  const subjects: string[] = [];
  for (let row = 1; row <= values.lastRow; row++) subjects.push(values.subject(row)!);
  return subjects;
}

interface Rig {
  readonly channels: FakeChannel[];
  readonly subscriptions: Subscriptions;
  readonly counters: ClientCounters;
  connect(): FakeConnection;
  /** Pumps until there is nothing more that can be done; how many turns it took. */
  drain(nowNs?: number, busy?: boolean): number;
  readonly limits: Partial<SubscriptionLimits>;
}

function rig(limits: Partial<SubscriptionLimits> = {}): Rig {
  const channels = [new FakeChannel(1, ['IEX']), new FakeChannel(2, ['IEX', 'BOOK']), new FakeChannel(3, ['ITCH'])];
  const counters = CLIENT_COUNTERS.create();
  const subscriptions = new Subscriptions({ channels, report: (kind) => `{"report":"${kind}"}`, counters, limits });
  let connections = 0;
  return {
    channels,
    subscriptions,
    counters,
    limits,
    connect() {
      const connection = new FakeConnection(++connections);
      subscriptions.open(connection, 0);
      return connection;
    },
    drain(nowNs = 0, busy = false) {
      let turns = 1;
      while (subscriptions.pump(nowNs, busy)) if (++turns > 1e6) throw new Error('never ends');
      return turns;
    },
  };
}

const subscribe = (id: number, ...patterns: string[]): PlantRequest => ({
  kind: 'subscribe',
  id,
  patterns,
  images: true,
});

t.test('a subscription is answered by the count, the images of each channel that may match, and the end', async (t) => {
  const { channels, subscriptions, connect, drain, counters } = rig();
  channels[0]!.item(5, 'IEX.A');
  channels[0]!.item(6, 'IEX.B');
  channels[1]!.item(0, 'BOOK.A');
  channels[2]!.item(0, 'ITCH.A');
  const client = connect();
  subscriptions.request(client, subscribe(7, 'IEX.*', 'IEX.A'));
  t.strictSame(client.story(), [], 'nothing before its turn');
  drain();
  t.strictSame(client.story(), [
    'subscribed {"id":7,"matched":2}',
    'images 7 of 1/S1 as of 6 last: IEX.A IEX.B',
    'images 7 of 2/S1 as of 4 last: ',
    'end {"id":7,"matched":2}',
  ]);
  subscriptions.request(client, subscribe(8, 'IEX.B', 'IEX.B', 'ITCH.NONE', 'NOBODY.X'));
  drain();
  t.strictSame(client.story(), [
    'subscribed {"id":8,"matched":1}',
    'images 8 of 1/S1 as of 6 last: IEX.B',
    'images 8 of 2/S1 as of 4 last: ',
    'images 8 of 3/S1 as of 4 last: ',
    'end {"id":8,"matched":1}',
  ]);
  subscriptions.request(client, subscribe(9, '>'));
  drain();
  t.match(client.story()[0], 'subscribed {"id":9,"matched":4}');
  t.match(counters, { subscribes: 3, images: 7, refused: 0 });
});

t.test('without images only the count comes', async (t) => {
  const { channels, subscriptions, connect, drain } = rig();
  channels[0]!.item(5, 'IEX.A');
  const client = connect();
  subscriptions.request(client, { kind: 'subscribe', id: 1, patterns: ['IEX.*'], images: false });
  drain();
  t.strictSame(client.story(), ['subscribed {"id":1,"matched":1}', 'end {"id":1,"matched":0}']);
});

t.test('an image and the stream from its number on give what the plant has, whatever happens meanwhile', async (t) => {
  const { channels, subscriptions, connect } = rig({ messageBytes: 400, pumpBytes: 1 });
  const [channel] = channels as [FakeChannel];
  const stream: { seq: number; bytes: Uint8Array }[] = [];
  const feed = (...messages: Message[]): void => {
    for (const message of messages) {
      stream.push({ seq: channel.values.next, bytes: encodeMessage(message) });
      channel.feed(message);
    }
  };
  for (let item = 0; item < 60; item++) channel.item(item, `IEX.S${item}`);
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.*'));
  let item = 60;
  for (let turn = 0; subscriptions.pump(0, false); turn++) {
    feed({ kind: Kind.UPDATE, item: (turn * 7) % 60, template: 0, values: [turn, turn] });
    feed({ kind: Kind.ITEM, item, subject: `IEX.S${item}`, recordKind: 0 });
    feed({ kind: Kind.UPDATE, item, template: 0, values: [item, item] });
    if (turn === 3) feed({ kind: Kind.REMOVE, item: 50 });
    item++;
  }
  const replies = client.take().flatMap((reply) => (reply.kind === 'images' && reply.channel === 1 ? [reply] : []));
  t.ok(replies.length > 5, 'in several messages');
  // A simple client: an item is as of its message; every other item of the stream counts from the first one on.
  const copy = new CurrentValues(CACHE_COUNTERS.create(), (code) => {
    if (code !== 'PLANT_UNKNOWN_ITEM') throw new Error(code);
  });
  const take = (bytes: Uint8Array, seq: number): void => {
    const blocks = blocksOf([bytes]);
    copy.consume(blocks, 0, blocks.length, seq, 1);
  };
  const asOf = new Map<number, number>();
  for (const reply of replies) {
    const cursor = new ImageCursor(reply.blob);
    while (cursor.next()) {
      t.ok(cursor.seq < reply.asOf);
      take(reply.blob.slice(cursor.start, cursor.end), cursor.seq);
    }
    for (const subject of subjectsIn(reply.blob)) asOf.set(Number(subject.slice(5)), reply.asOf);
  }
  t.equal(replies.at(-1)!.last, true);
  const first = replies[0]!.asOf;
  for (const { seq, bytes } of stream) {
    const itemOf = bytes[2]! < 0x80 ? bytes[2]! : bytes[3]!;
    if (seq >= (asOf.get(itemOf) ?? first)) take(bytes, seq);
  }
  t.equal(copy.digest(dictionary), channel.values.digest(dictionary));
  t.equal(copy.itemCount, channel.values.itemCount);
});

t.test('a channel that begins a new session while its images are sent is begun anew', async (t) => {
  const { channels, subscriptions, connect, drain, counters } = rig({ messageBytes: 200, pumpBytes: 1 });
  const [channel] = channels as [FakeChannel];
  for (let item = 0; item < 20; item++) channel.item(item, `IEX.OLD${item}`);
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.*'));
  while (!client.replies.some(({ kind }) => kind === 'images')) subscriptions.pump(0, false);
  const before = client.take().flatMap((reply) => (reply.kind === 'images' ? subjectsIn(reply.blob) : [])).length;
  t.ok(before > 0 && before < 20);
  channel.session = 'S2';
  channel.begin();
  channel.item(3, 'IEX.NEW');
  drain();
  t.strictSame(client.story(), [
    'images 1 of 1/S2 as of 4 last: IEX.NEW',
    'images 1 of 2/S1 as of 2 last: ',
    `end {"id":1,"matched":${before + 1}}`,
  ]);
  t.equal(counters.restarts, 1);
});

t.test('items removed while they wait for their turn are left out', async (t) => {
  const { channels, subscriptions, connect, drain } = rig({ pumpBytes: 1 });
  channels[0]!.item(1, 'IEX.A');
  channels[0]!.item(2, 'IEX.B');
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.A', 'IEX.B'));
  while (!client.replies.some(({ kind }) => kind === 'subscribed')) subscriptions.pump(0, false);
  channels[0]!.feed({ kind: Kind.REMOVE, item: 1 });
  drain();
  t.match(client.story().join('|'), /as of 7 last: IEX\.B\|/);
});

t.test('resync gives images anew: of all, of items by number, of items by name', async (t) => {
  const { channels, subscriptions, connect, drain, counters } = rig();
  for (const item of [1, 2, 3]) channels[0]!.item(item, `IEX.S${item}`);
  channels[0]!.item(4, 'OTHER.X');
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.*'));
  drain();
  client.take();
  const resync = (channel: number, items: number[], subjects: string[]): string[] => {
    subscriptions.request(client, { kind: 'resync', id: 1, channel, items, subjects });
    drain();
    return client.story();
  };
  t.strictSame(resync(1, [], []), ['images 1 of 1/S1 as of 10 last: IEX.S1 IEX.S2 IEX.S3', 'end {"id":1,"matched":3}']);
  t.strictSame(resync(1, [2, 99], ['IEX.S3', 'IEX.NONE']), [
    'images 1 of 1/S1 as of 10 last: IEX.S2 IEX.S3',
    'end {"id":1,"matched":2}',
  ]);
  t.strictSame(resync(3, [], []), ['images 1 of 3/S1 as of 2 last: ', 'end {"id":1,"matched":0}']);
  t.equal(counters.resyncs, 3);
  const refused = (request: PlantRequest): string => {
    try {
      subscriptions.request(client, request);
      return 'taken';
    } catch (error) {
      return (error as TickerError).code;
    }
  };
  t.equal(refused({ kind: 'resync', id: 2, channel: 1, items: [], subjects: [] }), 'PLANT_NO_SUBSCRIPTION');
  t.equal(refused({ kind: 'resync', id: 1, channel: 9, items: [], subjects: [] }), 'PLANT_NO_CHANNEL');
  t.equal(refused(subscribe(1, 'IEX.A')), 'PLANT_SUBSCRIPTION_TAKEN');
  t.equal(refused({ kind: 'unsubscribe', id: 3 }), 'PLANT_NO_SUBSCRIPTION');
  t.equal(counters.refused, 4);
});

t.test('an unsubscribed pattern is forgotten, with what was still to be sent', async (t) => {
  const { channels, subscriptions, connect, drain } = rig();
  channels[0]!.item(1, 'IEX.A');
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.A', 'IEX.*'));
  subscriptions.request(client, subscribe(2, 'IEX.A'));
  drain();
  client.take();
  const { interest } = subscriptions;
  t.strictSame(interest.size, { subjects: 1, patterns: 1 });
  t.equal(interest.subscribers('IEX.A'), 2);
  t.ok(interest.wants('IEX.ZZ'));
  subscriptions.request(client, { kind: 'resync', id: 1, channel: 1, items: [], subjects: [] });
  subscriptions.request(client, { kind: 'unsubscribe', id: 1 });
  drain();
  t.strictSame(client.story(), []);
  t.equal(interest.subscribers('IEX.A'), 1);
  t.notOk(interest.wants('IEX.ZZ'));
  subscriptions.request(client, subscribe(1, 'IEX.ZZ'));
  drain();
  subscriptions.close(client);
  t.strictSame(interest.size, { subjects: 0, patterns: 0 });
  t.notOk(subscriptions.pending);
  subscriptions.request(client, subscribe(5, 'IEX.A'));
  t.notOk(subscriptions.pending, 'a connection that is gone');
});

t.test('a pattern that is none refuses the subscription it stands in', async (t) => {
  const { subscriptions, connect, drain, counters } = rig();
  const client = connect();
  const many = Array.from({ length: 1_200 }, (_, i) => `IEX.S${i}`);
  subscriptions.request(client, subscribe(1, ...many, 'IEX.>.A'));
  subscriptions.request(client, subscribe(2, 'IEX.A'));
  drain();
  const story = client.story();
  t.match(story[0], /error .*"id":1,"code":"RECORDS_BAD_PATTERN"/);
  t.match(story[1], 'subscribed {"id":2');
  t.strictSame(subscriptions.interest.size, { subjects: 1, patterns: 0 });
  t.equal(counters.refused, 1);
  subscriptions.request(client, subscribe(1, 'IEX.B'));
  drain();
  t.match(client.story()[0], 'subscribed {"id":1', 'the number is free again');
});

t.test('what a client may have waiting, subscribed and in patterns is bounded', async (t) => {
  const { subscriptions, connect, drain } = rig({
    pendingMax: 3,
    subscriptionsMax: 4,
    patternsMax: 50,
    wildcardsMax: 5,
  });
  const client = connect();
  const tooMany = { code: 'PLANT_TOO_MANY' };
  for (const id of [1, 2, 3]) subscriptions.request(client, subscribe(id, 'IEX.A'));
  t.throws(() => subscriptions.request(client, { kind: 'status' }), tooMany);
  drain();
  t.throws(() => subscriptions.request(client, subscribe(4, ...Array.from({ length: 48 }, () => 'IEX.A'))), tooMany);
  subscriptions.request(client, subscribe(4, ...Array.from({ length: 47 }, () => 'IEX.A')));
  drain();
  t.throws(() => subscriptions.request(client, subscribe(5, 'IEX.A')), tooMany);
  subscriptions.request(client, { kind: 'unsubscribe', id: 4 });
  client.take();
  subscriptions.request(client, subscribe(6, ...Array.from({ length: 6 }, (_, i) => `S${i}.*`)));
  drain();
  t.match(client.story(), [/error .*"id":6,"code":"PLANT_TOO_MANY"/]);
  t.equal(subscriptions.report()[0]!.subscriptions, 3);
});

t.test('state and quarantine are answered in their turn', async (t) => {
  const { subscriptions, connect, drain } = rig();
  const client = connect();
  subscriptions.request(client, { kind: 'status' });
  subscriptions.request(client, { kind: 'quarantine' });
  drain();
  t.strictSame(client.take(), [
    { kind: 'status-reply', json: '{"report":"status"}' },
    { kind: 'quarantine-reply', json: '{"report":"quarantine"}' },
  ]);
});

function bytesOf(replies: readonly Reply[]): number {
  return replies.reduce((sum, reply) => sum + (reply.kind === 'images' ? reply.blob.length : 0), 0);
}

t.test('one turn sends a bounded amount, and less when the stream is busy', async (t) => {
  const { channels, subscriptions, connect } = rig();
  for (let item = 0; item < 20_000; item++) channels[0]!.item(item, `IEX.S${item}`);
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.*'));
  let turns = 0;
  for (let more = true; more; turns++) {
    const busy = turns % 2 === 0;
    more = subscriptions.pump(0, busy);
    const bytes = bytesOf(client.take());
    t.ok(bytes <= (busy ? 32 : 128) * 1024, `${bytes} bytes`);
  }
  t.ok(turns > 10);
});

t.test('clients take turns: one who asks for all does not keep one who asks for little waiting', async (t) => {
  const { channels, subscriptions, connect, drain } = rig();
  for (let item = 0; item < 20_000; item++) channels[0]!.item(item, `IEX.S${item}`);
  const [greedy, other, modest] = [connect(), connect(), connect()];
  for (let id = 0; id < 200; id++) subscriptions.request(greedy, subscribe(id, 'IEX.*'));
  subscriptions.request(other, subscribe(1, 'IEX.*'));
  for (let turn = 0; turn < 20; turn++) subscriptions.pump(0, false);
  subscriptions.request(modest, subscribe(1, 'IEX.S7'));
  let turns = 0;
  while (!modest.replies.some(({ kind }) => kind === 'end')) {
    subscriptions.pump(0, false);
    turns++;
  }
  t.ok(turns <= 5, `${turns} turns`);
  while (!other.replies.some(({ kind }) => kind === 'end')) subscriptions.pump(0, false);
  const ratio = bytesOf(greedy.replies) / bytesOf(other.replies);
  t.ok(ratio > 0.8 && ratio < 1.3, `${ratio}`);
  subscriptions.close(greedy);
  drain();
  t.notOk(subscriptions.pending);
});

t.test('a client that does not read is passed over until it does', async (t) => {
  const { channels, subscriptions, connect, counters } = rig();
  for (let item = 0; item < 5_000; item++) channels[0]!.item(item, `IEX.S${item}`);
  const [slow, fast] = [connect(), connect()];
  slow.isReady = false;
  for (const client of [slow, fast]) subscriptions.request(client, subscribe(1, 'IEX.*'));
  while (subscriptions.pump(0, false));
  t.equal(fast.replies.at(-1)!.kind, 'end');
  t.equal(slow.replies.length, 0);
  t.ok(counters.notReady > 0);
  t.ok(subscriptions.pending);
  slow.isReady = true;
  while (subscriptions.pump(0, false));
  t.equal(slow.replies.at(-1)!.kind, 'end');
});

t.test('a flood of requests uses up its own budget and nobody else’s', async (t) => {
  const { subscriptions, connect, drain, counters } = rig({
    clientBudget: { bytesPerSecond: 100_000, burstBytes: 200_000 },
  });
  const [flooder, modest] = [connect(), connect()];
  let answered = 0;
  let refused = 0;
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 10; i++) {
      try {
        subscriptions.request(flooder, { kind: 'status' });
      } catch {
        refused++;
      }
    }
    drain(round);
    answered += flooder.take().length;
  }
  t.ok(answered <= 4, `${answered} answers at 64 KiB each`);
  t.ok(refused > 600, 'beyond what may wait');
  t.ok(counters.overBudget > 0);
  subscriptions.request(modest, { kind: 'status' });
  drain(100);
  t.equal(modest.take().length, 1);
  drain(2_000_000_000);
  t.ok(flooder.take().length >= 1, 'goes on when the budget allows');
});

t.test('an image too large for a message has one of its own', async (t) => {
  const { channels, subscriptions, connect, drain } = rig({ messageBytes: 1_000 });
  const [channel] = channels as [FakeChannel];
  channel.item(1, 'IEX.A');
  channel.item(2, 'IEX.LONG');
  channel.item(3, 'IEX.Z');
  for (let i = 0; i < 10; i++) {
    channel.feed({ kind: Kind.FIELDS, item: 2, flags: 0, fields: [[1_000 + i, 'x'.repeat(1_000)]] });
  }
  const client = connect();
  subscriptions.request(client, subscribe(1, 'IEX.*'));
  drain();
  const replies = client.take();
  t.strictSame(
    replies.flatMap((reply) => (reply.kind === 'images' && reply.channel === 1 ? [subjectsIn(reply.blob)] : [])),
    [['IEX.A'], ['IEX.LONG'], ['IEX.Z']],
  );
  t.ok(bytesOf(replies) > 10_000);
});
