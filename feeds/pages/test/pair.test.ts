import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@tickerplant/core';
import { ChannelSet, ChannelWriter, OutputChannel, UnpositionedMember } from '@tickerplant/feed-runtime';
import { type Floor, parseFloor, parseSession, sessionName } from '@tickerplant/floor';
import { RequestServer } from '@tickerplant/moldudp64';
import { PageStep, PageValue } from '@tickerplant/pages';
import { decodeMessage, Kind, PageMessage } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { PageCatalogue, PageFormat, PageServer } from '../src/index.ts';
import { PageSession } from '../src/interactive/session.ts';
import { PageItems } from '../src/page-items.ts';
import { PagePublisher } from '../src/page-publisher.ts';
import { linesOf } from './page-readers.ts';

// Two members of a page service's handlers, the service and a listener in virtual time: interest comes and goes while
// members stall, die, lose the service and hand over.

const MS = 1_000_000;
const HEARTBEAT_MS = 5;
const PAGES = 24;

const FLOOR: Floor = parseFloor(
  `
floor: test
key: the-key-of-a-test-floor
day: 2026-11-20
networks: { feed: { status: 239.1.1.1:20000 }, trading: { status: 239.1.1.2:20001 } }
limits: { heartbeatMs: ${HEARTBEAT_MS}, takeoverAfterMs: 15, silentAfterMs: 200 }
channels: [{ name: C1, id: 1, feed: 239.1.1.3:20002, trading: 239.1.1.4:20003 }]
feeds:
  - name: screens
    protocol: pages
    services: { pages: SCREEN }
    servers: [127.0.0.1:20004]
    pages: {}
    channels: { pages: { channel: C1 } }
    repair: 127.0.0.1:20005
    control: 127.0.0.1:20006
    standbys: [{ repair: 127.0.0.1:20007, control: 127.0.0.1:20008 }]
plants: [{ name: p1, control: 127.0.0.1:20009, repair: 127.0.0.1:20010 }]
`,
  'test.yaml',
  { nowMs: 0 },
);

class Node {
  readonly member: UnpositionedMember;
  readonly session: PageSession;
  readonly client: { send(bytes: Uint8Array): void; hangUp(): void };
  inbox: Uint8Array[] = [];
  outbox: Uint8Array[] = [];
  connected = false;
  stalledUntil = 0;
  retryAt = 0;

  constructor(world: World, rank: number) {
    const registry = new CounterRegistry();
    const feed = FLOOR.feeds[0]!;
    const writer = new ChannelWriter('C1', []);
    const channel = new OutputChannel({
      id: 1,
      name: 'C1',
      writer,
      send: (packet, length) => {
        world.heardPacket(Buffer.from(packet.subarray(0, length)), rank);
        return true;
      },
      requestServer: new RequestServer({
        answer: () => true,
        rebroadcast: () => true,
        quarantine: () => {},
        registry,
      }),
      sessionOf: (epoch) => sessionName(1, feed.day, epoch),
      packetBytes: 1472,
      heartbeatNs: 20 * MS,
      ringBytes: 1 << 20,
      digests: false,
      registry,
    });
    const items = new PageItems({
      namesMax: 1_000,
      cellsMax: 4_000,
      registry,
      service: new ChannelSet('SCREEN', [writer], () => 0),
    });
    this.member = new UnpositionedMember(
      {
        floor: FLOOR,
        feed,
        rank,
        channels: [channel],
        items,
        registry,
        nowNs: world.now * MS,
      },
      {
        say: (message) => world.said(rank, message),
        event: () => {},
        receipt: () => {},
      },
    );
    this.client = { send: (bytes) => void this.inbox.push(bytes), hangUp: () => world.cut(this) };
    this.session = new PageSession({
      user: 'desk',
      pinned: ['NEWS0001'],
      prefetch: [],
      pagesMax: 1_000,
      requestsPerSecond: 0,
      lingerMs: 50,
      answerMs: 500,
      items,
      listener: new PagePublisher({
        desk: { items, member: this.member, shredding: undefined, rowOf: (row) => row },
        onAccepted: () => this.member.onAccepted(),
        nowNs: () => world.now * MS,
      }),
      link: { send: (bytes) => void this.outbox.push(bytes), hangUp: () => world.cut(this) },
      registry,
      fault: () => {},
    });
    for (const name of world.wanted) this.session.interest(name, true, world.now * MS);
  }
}

/** An item as the listener has it. */
interface Shown {
  readonly name: string;
  readonly value: PageValue;
  live: boolean;
}

class World {
  now = 1_000;
  readonly catalogue = new PageCatalogue(PAGES, 5);
  readonly server = new PageServer({
    catalogue: this.catalogue,
    format: PageFormat.ANSI,
    seed: 4,
    secondOfDay: 36_000,
    heartbeatLimitMs: 3_000,
    pagesMax: 0,
    requestsPerSecond: 0,
  });
  readonly nodes: (Node | undefined)[] = [undefined, undefined];
  readonly random: Random;
  readonly wanted = new Set<string>();
  /** Everything that each page ever showed. */
  readonly history = new Map<string, Set<string>>();
  session = '';
  next = 0;
  items = new Map<number, Shown>();
  epochs = 0;
  marked = 0;
  checks = 0;
  readonly queue: { at: number; node: Node; message: Parameters<UnpositionedMember['heard']>[0] }[] = [];
  readonly #reader = new PageMessage();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.remember();
  }

  truth(name: string): string {
    return linesOf(this.server.page(name)!.page).join('\n');
  }

  remember(): void {
    for (const name of this.catalogue.names) {
      const texts = this.history.get(name) ?? new Set();
      texts.add(this.truth(name));
      this.history.set(name, texts);
    }
  }

  want(name: string, wanted: boolean): void {
    if (wanted) this.wanted.add(name);
    else this.wanted.delete(name);
    for (const node of this.nodes) node?.session.interest(name, wanted, this.now * MS);
  }

  cut(node: Node): void {
    this.server.closed(node.client);
    node.inbox = [];
    node.outbox = [];
    if (!node.connected) return;
    node.connected = false;
    node.retryAt = this.now + 20 + this.random.below(50);
    node.session.disconnected();
    node.member.vendorLost('cut', this.now * MS);
  }

  kill(rank: number): void {
    const node = this.nodes[rank];
    if (node === undefined) return;
    this.server.closed(node.client);
    this.nodes[rank] = undefined;
  }

  said(from: number, message: Parameters<UnpositionedMember['heard']>[0]): void {
    this.nodes.forEach((node, rank) => {
      if (rank === from || node === undefined) return;
      this.queue.push({ at: Math.max(this.now, node.stalledUntil), node, message });
    });
  }

  /** A millisecond. */
  step(changes: number): void {
    this.now++;
    for (let i = 0; i < changes; i++) {
      this.server.step(1, this.now * MS);
      this.remember();
    }
    this.server.tick(this.now * MS);
    for (const [rank, node] of this.nodes.entries()) {
      if (node === undefined || this.now < node.stalledUntil) continue;
      const { member, session } = node;
      member.tick(this.now * MS, BigInt(this.now * MS));
      if (!node.connected && this.now >= node.retryAt) {
        node.connected = true;
        this.server.opened(node.client, this.now * MS);
        session.connected(this.now * MS);
      }
      if (node.connected) session.tick(this.now * MS);
      for (const each of this.queue.filter((one) => one.node === node && one.at <= this.now)) {
        this.queue.splice(this.queue.indexOf(each), 1);
        member.heard(each.message, this.now * MS);
      }
      member.at(this.now * MS);
      for (const bytes of node.inbox.splice(0)) session.received(bytes, this.now * MS);
      for (const bytes of node.outbox.splice(0)) this.server.received(node.client, bytes, this.now * MS);
      if (this.nodes[rank] !== node) continue;
      member.flush(this.now * MS);
      if ((this.now + rank) % HEARTBEAT_MS === 0) member.beat(this.now * MS);
    }
    if (this.now % HEARTBEAT_MS !== 0 || this.session === '') return;
    for (const node of this.nodes) {
      if (node === undefined) continue;
      const message = { kind: 'heartbeat', role: 'plant', name: 'p1', term: 1, rank: 0, state: 'primary' } as const;
      const channels = [{ id: 1, session: this.session, next: this.next }];
      this.queue.push({ at: Math.max(this.now, node.stalledUntil), node, message: { ...message, channels } });
    }
  }

  /** A packet of whoever publishes. */
  heardPacket(packet: Buffer, rank: number): void {
    const session = packet.toString('latin1', 0, 10);
    const seq = Number(packet.readBigUInt64BE(10));
    const count = packet.readUInt16BE(18);
    if (session < this.session || count === 0) return;
    if (session > this.session) assert.equal((parseSession(session)!.epoch - 1) % 2, rank, 'an epoch of its own');
    else assert.equal(seq, this.next, 'one session comes from one member, without a hole');
    let at = 20;
    for (let i = 0; i < count; i++) {
      const length = packet.readUInt16BE(at);
      this.#take(session, packet, at + 2, at + 2 + length);
      at += 2 + length;
    }
    this.next = seq + count;
  }

  #take(session: string, packet: Buffer, start: number, end: number): void {
    const message = decodeMessage(packet, start, end);
    switch (message.kind) {
      case Kind.START:
        this.session = session;
        this.items = new Map();
        this.epochs++;
        return;
      case Kind.ITEM: {
        const name = message.subject.slice('SCREEN.'.length);
        for (const item of this.items.values()) assert.notEqual(item.name, name, 'each once');
        this.items.set(message.item, { name, value: new PageValue(), live: true });
        return;
      }
      case Kind.QUALITY:
        for (const [number, item] of this.items) {
          if (message.item !== undefined && message.item !== number) continue;
          item.live = message.quality === 0;
          this.#check(item);
        }
        return;
      case Kind.REMOVE:
        assert.ok(this.items.delete(message.item));
        return;
      case Kind.PAGE_IMAGE:
      case Kind.PAGE_UPDATE: {
        const item = this.items.get(message.item)!;
        assert.equal(this.#reader.read(packet, start, end), undefined);
        const step = item.value.take(this.#reader);
        assert.ok(step === PageStep.IMAGE || step === PageStep.PART || step === PageStep.UPDATE, `step ${step}`);
        if (step !== PageStep.PART) this.#check(item);
        if (step === PageStep.IMAGE && item.value.possibleDuplicate) this.marked++;
        return;
      }
      default:
        assert.fail(`message of kind ${message.kind}`);
    }
  }

  /** What looks LIVE is what the service once showed. */
  #check({ name, value, live }: Shown): void {
    if (!live || value.page === undefined) return;
    this.checks++;
    assert.ok(this.history.get(name)!.has(linesOf(value.page).join('\n')), `${name} shows what it showed once`);
  }
}

function run(seed: number): World {
  const world = new World(seed);
  const { random } = world;
  const { names } = world.catalogue;
  world.nodes[0] = new Node(world, 0);
  world.nodes[1] = new Node(world, 1);
  for (let i = 0; i < 12; i++) world.want(names[random.below(PAGES)]!, true);
  for (let i = 0; i < 1_000; i++) world.step(i % 20 === 0 ? 1 : 0);
  for (let i = 0; i < 2_500; i++) {
    world.step(random.below(8) === 0 ? 1 : 0);
    if (random.below(40) === 0) world.want(names[random.below(PAGES)]!, random.below(2) === 0);
    if (random.below(400) === 0) world.server.garble(names[random.below(PAGES)]!, world.now * MS);
    const rank = random.below(2);
    const node = world.nodes[rank];
    if (node === undefined) {
      if (random.below(200) === 0) world.nodes[rank] = new Node(world, rank);
      continue;
    }
    const what = random.below(1_500);
    if (what === 0) world.kill(rank);
    else if (what === 1) node.stalledUntil = world.now + random.below(80);
    else if (what === 2) world.cut(node);
    else if (what === 3) node.member.handOver(world.now * MS);
  }
  world.nodes.forEach((node, rank) => {
    if (node === undefined) world.nodes[rank] = new Node(world, rank);
  });
  for (let i = 0; i < 7_000; i++) world.step(0);
  const shown = new Map([...world.items.values()].map((item) => [item.name, item]));
  assert.deepEqual([...shown.keys()].sort(), [...new Set([...world.wanted, 'NEWS0001'])].sort());
  for (const [name, { value, live }] of shown) {
    assert.ok(live, `${name} is LIVE`);
    assert.equal(linesOf(value.page!).join('\n'), world.truth(name), name);
  }
  const states = world.nodes.map((node) => node!.member.state).sort();
  assert.deepEqual(states, ['primary', 'standby']);
  assert.ok(world.nodes.every((node) => node!.member.pair.fit));
  return world;
}

t.setTimeout(120_000);

t.test('whatever happens to a pair: nothing LIVE that never was, and in the end what is wanted, true', async (t) => {
  let epochs = 0;
  let marked = 0;
  let checks = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const world = run(seed);
      epochs += world.epochs;
      marked += world.marked;
      checks += world.checks;
    }),
    { numRuns: 8 },
  );
  t.ok(epochs > 16, `${epochs} epochs`);
  t.ok(marked > 0, `${marked} marked`);
  t.ok(checks > 1_000, `${checks} checks`);
});

t.test(
  'when the service is lost with nobody to go on, pages are STALE, and LIVE again without a new image of each',
  async (t) => {
    const world = new World(2);
    world.nodes[0] = new Node(world, 0);
    world.want('FXSP0001', true);
    for (let i = 0; i < 1_500; i++) world.step(0);
    const item = (): Shown => [...world.items.values()].find(({ name }) => name === 'FXSP0001')!;
    t.ok(item().live);
    const { epochs, next } = world;
    world.cut(world.nodes[0]!);
    t.notOk(item().live);
    for (let i = 0; i < 300; i++) world.step(0);
    t.ok(item().live);
    t.equal(world.epochs, epochs);
    t.ok(world.next - next < 6, 'what did not change is not said again');
  },
);
