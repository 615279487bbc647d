import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp, createServer } from 'node:net';
import { type ControlConnection, connectControl, ImageCursor, type Reply } from '@tickerplant/control';
import { seededRandom, type TickerError } from '@tickerplant/core';
import { type Floor, sessionName } from '@tickerplant/floor';
import { encodeRequest, MOLD_FRAMING, openPublisher, openRequestServer, type Publisher } from '@tickerplant/moldudp64';
import { encodeMessage, Kind, type Message, standardDictionary } from '@tickerplant/records';
import { MessageRing, openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import { openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { createLogger } from '@tickerplant/telemetry';
import { testPorts } from '@tickerplant/testkit';
import t from 'tap';
import { CurrentValues } from '../src/cache.ts';
import { CACHE_COUNTERS } from '../src/counters.ts';
import { type PlantProcess, startPlant } from '../src/shell.ts';
import { blocksOf } from './blocks.ts';
import { sampleFloor } from './sample-floor.ts';

const MS = 1_000_000;
const SESSION = sessionName(1, 17_357, 1);
const logger = createLogger('test', 'silent');
const dictionary = standardDictionary();
const [BID, ASK] = [dictionary.fid('BID'), dictionary.fid('ASK')];
const fail = (error: TickerError): void => {
  throw error;
};

async function until(what: string, done: () => boolean): Promise<void> {
  for (let i = 0; i < 4_000; i++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never came: ${what}`);
}

function newFloor(): Floor {
  const ports = testPorts(11);
  // The handlers' repair ports are two in a row.
  return sampleFloor([...ports.slice(0, 6), ...ports.slice(7)]);
}

/** A handler, as far as a plant sees it: a publisher of channel X1 that keeps what it sent for repair. */
async function handler(
  floor: Floor,
  drop?: (seq: number) => boolean,
): Promise<{ publisher: Publisher; close(): Promise<void> }> {
  const ring = new MessageRing(1 << 22);
  const requests = await openRequestServer({ ...floor.feeds[0]!.members[0]!.repair, onError: fail });
  requests.server.openChannel(SESSION, ring);
  const publisher = await openPublisher({
    ...floor.channels[0]!.feed,
    interface: '127.0.0.1',
    session: SESSION,
    heartbeatNs: 20 * MS,
    onData: (bytes, start, end, seq, count) => {
      ring.append(bytes, start, end, seq, count);
      // What is to be lost on the way is sent under a session that nobody listens to.
      if (drop?.(seq) === true) bytes[0] = 0x5a;
      else bytes[0] = SESSION.charCodeAt(0);
    },
    onError: fail,
  });
  const { feed } = floor.networks;
  const group = await openStatus({
    endpoint: feed.status,
    interface: feed.interface,
    key: floor.key,
    name: 'handler/iex',
    onMessage: () => undefined,
    onError: fail,
  });
  const { name, repair } = floor.feeds[0]!.members[0]!;
  const timer = setInterval(() => {
    const channels = [{ id: 1, session: SESSION, next: publisher.next }];
    group.send({
      kind: 'heartbeat',
      role: 'handler',
      name,
      feed: name,
      term: 0,
      rank: 0,
      state: 'primary',
      repair,
      channels,
    });
  }, 10);
  return {
    publisher,
    close: async () => {
      clearInterval(timer);
      await group.close();
      await publisher.close();
      await requests.close();
    },
  };
}

function send(publisher: Publisher, messages: readonly Message[]): void {
  for (const message of messages) {
    const bytes = encodeMessage(message);
    publisher.append(bytes, 0, bytes.length);
  }
}

const definitions: Message[] = [
  { kind: Kind.START, channel: 'X1', day: '2017-07-10', epoch: 1, previousSession: '', previousNext: 0 },
  { kind: Kind.TEMPLATE, template: { id: 0, name: 'q', updateType: 1, exponent: -4, fids: [BID, ASK] } },
];
const items = (count: number): Message[] =>
  Array.from({ length: count }, (_, item) => ({ kind: Kind.ITEM, item, subject: `IEX.S${item}`, recordKind: 0 }));

/** A subscriber of the trading group that keeps values like the plant. */
async function subscriber(
  floor: Floor,
  start: number | 'first-seen' = 1,
): Promise<{ values: CurrentValues; socket: SequencedSubscriber; lost: number }> {
  const values = new CurrentValues(CACHE_COUNTERS.create(), () => undefined);
  const made = { values, lost: 0, socket: undefined as unknown as SequencedSubscriber };
  made.socket = await openSubscriber({
    framing: MOLD_FRAMING,
    receiver: { start, gapWaitNs: MS, requestTimeoutNs: 20 * MS, requestAttemptsMax: 100 },
    lines: [{ name: 'trading', ...floor.channels[0]!.trading[0]!, interface: '127.0.0.1' }],
    requestServers: [floor.plants[0]!.repair],
    encodeRequest,
    listener: {
      onRun: (bytes, from, end, seq, count) => values.consume(bytes, from, end, seq, count),
      onLost: (from, to) => {
        made.lost += to - from;
      },
      onSession: () => undefined,
      onEnd: () => undefined,
    },
    onError: fail,
  });
  return made;
}

async function client(floor: Floor): Promise<{ connection: ControlConnection; replies: Reply[] }> {
  const replies: Reply[] = [];
  const connection = await connectControl({
    ...floor.plants[0]!.control,
    client: 'test',
    onReply: (reply) => replies.push(reply.kind === 'images' ? { ...reply, blob: reply.blob.slice() } : reply),
    onClose: () => undefined,
  });
  return { connection, replies };
}

async function status(floor: Floor): Promise<{ group: StatusGroup; heard: StatusMessage[] }> {
  const heard: StatusMessage[] = [];
  const { trading } = floor.networks;
  const group = await openStatus({
    endpoint: trading.status,
    interface: trading.interface,
    key: floor.key,
    name: 'client/test',
    onMessage: (message) => heard.push(message),
    onError: fail,
  });
  return { group, heard };
}

/** Values of the images that came. */
function imagesOf(replies: readonly Reply[]): CurrentValues {
  const values = new CurrentValues(CACHE_COUNTERS.create(), (code) => {
    throw new Error(code);
  });
  for (const reply of replies) {
    if (reply.kind !== 'images') continue;
    const cursor = new ImageCursor(reply.blob);
    while (cursor.next()) {
      const bytes = blocksOf([reply.blob.slice(cursor.start, cursor.end)]);
      values.consume(bytes, 0, bytes.length, cursor.seq, 1);
    }
  }
  return values;
}

const running: { close(): Promise<void> }[] = [];
async function kept<T extends { close(): Promise<void> }>(opened: Promise<T>): Promise<T> {
  const thing = await opened;
  running.push(thing);
  return thing;
}
/** A plant that has found that its pair's other one is not there. */
async function started(floor: Floor): Promise<PlantProcess> {
  const plant = await kept(startPlant(floor, 'p1', { logger }));
  await until('the plant to be primary', () => plant.plant.pair.state === 'primary');
  return plant;
}
t.afterEach(async () => {
  for (const thing of running.splice(0).reverse()) await thing.close();
});

t.test('from a publisher through a plant: stream, images, state and status group', async (t) => {
  const floor = newFloor();
  const plant = await started(floor);
  const { group, heard } = await status(floor);
  running.push(group);
  const listener = await subscriber(floor);
  running.push(listener.socket);
  const { publisher } = await kept(handler(floor));
  send(publisher, [...definitions, ...items(500)]);
  const random = seededRandom(1);
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 100; i++) {
      const values = [random.below(1e6), random.below(1e6)];
      send(publisher, [{ kind: Kind.UPDATE, item: random.below(500), template: 0, values }]);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const total = 2 + 500 + 5_000;
  await until('all messages', () => listener.values.next === total + 1);
  const isLive = (message: StatusMessage): boolean =>
    message.kind === 'quality' &&
    message.entries.some(({ subject, quality }) => subject === 'X1' && quality === 'LIVE');
  await until('a good word for the channel', () => heard.some(isLive));
  const values = plant.plant.channels[0]!.values;
  t.equal(listener.values.digest(dictionary), values.digest(dictionary));
  t.equal(values.itemCount, 500);

  const { connection, replies } = await client(floor);
  t.match(connection.welcome, { plant: 'p1', floor: 'test' });
  connection.send({ kind: 'subscribe', id: 1, patterns: ['IEX.*'], images: true });
  await until('the end of the images', () => replies.some(({ kind }) => kind === 'end'));
  t.strictSame(replies[0], { kind: 'subscribed', id: 1, matched: 500 });
  t.equal(imagesOf(replies).digest(dictionary), values.digest(dictionary));
  for (const reply of replies) {
    if (reply.kind === 'images') t.match(reply, { session: SESSION, channel: 1, asOf: total + 1 });
  }
  connection.send({ kind: 'status' });
  connection.send({ kind: 'quarantine' });
  connection.send({ kind: 'subscribe', id: 1, patterns: ['IEX.A'], images: true });
  await until('the answers', () => replies.some(({ kind }) => kind === 'quarantine-reply'));
  const state = replies.find(({ kind }) => kind === 'status-reply') as { json: string };
  t.match(JSON.parse(state.json), {
    role: 'plant',
    name: 'p1',
    channels: [{ name: 'X1', session: SESSION, next: total + 1, items: 500, losses: [] }, { name: 'X2' }],
    clients: [{ client: 'test', subscriptions: 1 }],
    interest: { subjects: 0, patterns: 1 },
  });
  t.match(
    replies.find(({ kind }) => kind === 'error'),
    { id: 1, code: 'PLANT_SUBSCRIPTION_TAKEN' },
  );
  connection.close();

  await until('the directory', () => heard.some(({ kind }) => kind === 'directory'));
  t.match(heard.filter(({ kind }) => kind === 'directory').at(-1), {
    channels: [
      { name: 'X1', session: SESSION, services: ['IEX'] },
      { name: 'X2', session: '' },
    ],
  });
  t.match(
    heard.findLast(({ kind }) => kind === 'heartbeat'),
    { role: 'plant', name: 'p1', control: floor.plants[0]!.control },
  );
  await until('a judgement on the silent channel', () =>
    heard.some(
      (message) =>
        message.kind === 'quality' &&
        message.entries.some(({ subject, quality }) => subject === 'X2' && quality === 'STALE'),
    ),
  );
});

t.test('what is lost between handler and plant, or plant and subscriber, is repaired', async (t) => {
  const floor = newFloor();
  const plant = await started(floor);
  const random = seededRandom(2);
  const { publisher } = await kept(handler(floor, (seq) => seq > 1 && random.next() < 0.3));
  send(publisher, [...definitions, ...items(100)]);
  publisher.flush();
  for (let i = 0; i < 300; i++) {
    send(
      publisher,
      Array.from({ length: 10 }, () => ({
        kind: Kind.UPDATE,
        item: random.below(100),
        template: 0,
        values: [random.below(1e6), i],
      })),
    );
    publisher.flush();
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const [channel] = plant.plant.channels;
  await until('all messages', () => channel!.next === 2 + 100 + 3_000 + 1);
  t.equal(channel!.counters.lost, 0);
  t.ok(channel!.receiver.counters.recovered > 100);
  t.ok(channel!.counters.reframed > 0);
  // One that comes late has missed everything.
  const late = await subscriber(floor);
  running.push(late.socket);
  await until('the late subscriber', () => late.values.next === channel!.next);
  t.equal(late.lost, 0);
  t.equal(late.values.digest(dictionary), channel!.values.digest(dictionary));
});

t.test('garbage on every socket is counted and kept, and changes nothing', async (t) => {
  const floor = newFloor();
  const plant = await started(floor);
  const { publisher } = await kept(handler(floor));
  send(publisher, [...definitions, ...items(10)]);
  const [channel] = plant.plant.channels;
  await until('the items', () => channel!.values.itemCount === 10);
  const before = channel!.values.digest(dictionary);

  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  udp.setMulticastInterface('127.0.0.1');
  udp.setMulticastTTL(0);
  const good = Buffer.from(`${SESSION}\0\0\0\0\0\0\0\x07\0\x01\0\x03abc`, 'latin1');
  const targets: [number, string][] = [
    [floor.channels[0]!.feed.port, floor.channels[0]!.feed.group],
    [floor.channels[1]!.feed.port, floor.channels[1]!.feed.group],
    [floor.networks.feed.status.port, floor.networks.feed.status.group],
    [floor.networks.trading.status.port, floor.networks.trading.status.group],
    [floor.plants[0]!.repair.port, floor.plants[0]!.repair.address],
  ];
  for (let i = 0; i < 100; i++) {
    for (const [port, address] of targets) {
      const bytes = i % 2 === 0 ? randomBytes(i * 14) : Buffer.concat([good.subarray(0, i % 25), randomBytes(i % 9)]);
      udp.send(bytes, port, address);
    }
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { control } = floor.plants[0]!;
  for (let i = 0; i < 20; i++) {
    await new Promise<void>((resolve) => {
      const tcp = connectTcp(control.port, control.address, () => {
        tcp.write(i % 3 === 0 ? Buffer.alloc(8, 0xff) : randomBytes(10 + i * 200));
        if (i % 5 === 0) tcp.destroy();
      });
      tcp.on('error', () => resolve());
      tcp.on('close', () => resolve());
      tcp.resume();
      setTimeout(() => tcp.destroy(), 300).unref();
    });
  }
  await until('the quarantine', () => {
    const kinds = Object.keys(plant.quarantine().counts);
    return ['MOLD_', 'STATUS_', 'MOLD_REQUEST_', 'CONTROL_'].every((prefix) =>
      kinds.some((kind) => kind.startsWith(prefix)),
    );
  });
  udp.close();

  send(publisher, [{ kind: Kind.UPDATE, item: 3, template: 0, values: [1, 2] }]);
  await until('the stream', () => channel!.next === 2 + 10 + 1 + 1);
  t.equal(channel!.counters.lost, 0);
  t.not(channel!.values.digest(dictionary), before);
  const { connection, replies } = await client(floor);
  connection.send({ kind: 'quarantine' });
  await until('the quarantine over the wire', () => replies.length > 0);
  const report = JSON.parse((replies[0] as { json: string }).json) as {
    counts: Record<string, number>;
    entries: unknown[];
  };
  t.ok(report.counts.MOLD_SHORT! > 0 && report.counts.STATUS_MALFORMED! > 0 && report.counts.MOLD_REQUEST_LENGTH! > 0);
  t.ok(report.entries.length <= 256);
  connection.close();
});

t.test('a snapshot of 10,000 items with 20 fields comes whole', async (t) => {
  const floor = newFloor();
  const plant = await started(floor);
  const { publisher } = await kept(handler(floor));
  const fids = Array.from({ length: 20 }, (_, i) => 7_000 + i);
  const messages: Message[] = [
    definitions[0]!,
    ...[0, 1, 2, 3].map(
      (id): Message => ({
        kind: Kind.TEMPLATE,
        template: { id, name: `t${id}`, updateType: 1, exponent: -4, fids: fids.slice(5 * id, 5 * id + 5) },
      }),
    ),
    ...items(10_000),
  ];
  for (let item = 0; item < 10_000; item++) {
    for (let template = 0; template < 4; template++) {
      messages.push({
        kind: Kind.UPDATE,
        item,
        template,
        values: [item, 990_000 + item, template, 123_456_789, 34_200_000_000_000],
      });
    }
  }
  const [channel] = plant.plant.channels;
  for (let at = 0; at < messages.length; at += 1_000) {
    send(publisher, messages.slice(at, at + 1_000));
    await until('what was sent', () => channel!.next === Math.min(at + 1_000, messages.length) + 1);
  }
  const { connection, replies } = await client(floor);
  const began = process.hrtime.bigint();
  connection.send({ kind: 'subscribe', id: 1, patterns: ['IEX.>'], images: true });
  await until('the end', () => replies.at(-1)?.kind === 'end');
  t.comment(`${Number(process.hrtime.bigint() - began) / 1e6} ms`);
  t.strictSame(replies.at(-1), { kind: 'end', id: 1, matched: 10_000 });
  t.equal(imagesOf(replies).digest(dictionary), channel!.values.digest(dictionary));
  connection.close();
});

t.test('what keeps a plant from starting is said, and nothing stays open', async (t) => {
  const floor = newFloor();
  await t.rejects(startPlant(floor, 'p9', { logger }), { code: 'FLOOR_NO_PLANT', message: /p1, p2.*'p9'/ });
  const tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(floor.plants[0]!.control.port, '127.0.0.1', resolve));
  await t.rejects(startPlant(floor, 'p1', { logger }), { code: 'CONTROL_PORT_IN_USE' });
  tcp.close();
  const udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(floor.plants[0]!.repair.port, '127.0.0.1', resolve));
  await t.rejects(startPlant(floor, 'p1', { logger }), { code: 'MULTICAST_PORT_IN_USE' });
  udp.close();
  const nowhere: Floor = {
    ...floor,
    networks: { ...floor.networks, trading: { ...floor.networks.trading, interface: 'nope0' } },
  };
  await t.rejects(startPlant(nowhere, 'p1', { logger }), { code: 'MULTICAST_NO_INTERFACE' });
  const plant: PlantProcess = await startPlant(floor, 'p1', { logger });
  await plant.close();
  await plant.close();
});
