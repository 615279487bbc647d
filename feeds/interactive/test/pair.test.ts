import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@tickerplant/core';
import {
  ChannelSet,
  ChannelWriter,
  OutputChannel,
  RecordItems,
  RecordTable,
  UnpositionedMember,
  type VendorSession,
} from '@tickerplant/feed-runtime';
import { type Floor, parseFloor, parseSession, sessionName } from '@tickerplant/floor';
import { RequestServer } from '@tickerplant/moldudp64';
import { decodeMessage, FieldsFlag, type FieldValue, Kind, type Message } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { FIDS, INTERACTIVE, InteractiveVendor, SimulatedMarket } from '../src/index.ts';

// Two members, a vendor and a listener in virtual time: stalls, deaths, cut connections, hand-overs, from a seed.

const MS = 1_000_000;
const HEARTBEAT_MS = 5;
const SYMBOLS = Array.from({ length: 60 }, (_, i) => `S${i}`);
const TIME = FIDS.length;
const TIME_FID = FIDS.at(-1)!;
const STEP_BYTES_MAX = 70_000;

const FLOOR: Floor = parseFloor(
  `
floor: test
key: the-key-of-a-test-floor
day: 2026-11-20
networks:
  feed: { status: 239.1.1.1:20000 }
  trading: { status: 239.1.1.2:20001 }
limits: { heartbeatMs: ${HEARTBEAT_MS}, takeoverAfterMs: 15, silentAfterMs: 200 }
channels: [{ name: C1, id: 1, feed: 239.1.1.3:20002, trading: 239.1.1.4:20003 }]
feeds:
  - name: page
    protocol: interactive
    services: { records: PAGE }
    servers: [127.0.0.1:20004]
    symbols: [${SYMBOLS.join(', ')}]
    channels: { records: { channel: C1 } }
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
  readonly session: VendorSession;
  readonly client: { send(bytes: Uint8Array): void; hangUp(): void };
  /** Bytes of the vendor that wait in this node's socket. */
  inbox: Uint8Array[] = [];
  connected = false;
  stalledUntil = 0;
  retryAt = 0;

  constructor(world: World, rank: number) {
    const registry = new CounterRegistry();
    const feed = FLOOR.feeds[0]!;
    const requestServer = new RequestServer({
      answer: () => true,
      rebroadcast: () => true,
      quarantine: () => {},
      registry,
    });
    const writer = new ChannelWriter('C1', []);
    const channel = new OutputChannel({
      id: 1,
      name: 'C1',
      writer,
      send: (packet, length) => {
        world.heardPacket(Buffer.from(packet.subarray(0, length)), rank);
        return true;
      },
      requestServer,
      sessionOf: (epoch) => sessionName(1, feed.day, epoch),
      packetBytes: 1472,
      heartbeatNs: 20 * MS,
      ringBytes: 1 << 20,
      digests: false,
      registry,
    });
    const values = new RecordTable(SYMBOLS.length, FIDS);
    this.member = new UnpositionedMember(
      {
        floor: FLOOR,
        feed,
        rank,
        channels: [channel],
        items: new RecordItems(new ChannelSet('PAGE', [writer], () => 0), SYMBOLS, values),
        registry,
        nowNs: world.now * MS,
      },
      {
        say: (message) => world.said(rank, message),
        event: () => {},
        receipt: () => {
          world.receipts++;
        },
      },
    );
    this.client = {
      send: (bytes) => void this.inbox.push(bytes),
      hangUp: () => world.cut(this),
    };
    this.session = INTERACTIVE.createSession({
      symbols: SYMBOLS,
      user: 'desk',
      values,
      link: {
        send: (bytes) => world.vendor.received(this.client, bytes, world.now * MS),
        hangUp: () => world.cut(this),
      },
      registry,
      listener: this.member,
      fault: (code, message) => assert.fail(`${code} ${message}`),
    });
  }
}

/** Tells of each change before anybody else hears of it. */
class WatchedMarket extends SimulatedMarket {
  onChange: (row: number) => void = () => {};

  override step(): ReturnType<SimulatedMarket['step']> {
    const change = super.step();
    this.onChange(change.row);
    return change;
  }
}

class World {
  now = 1_000;
  receipts = 0;
  readonly market = new WatchedMarket(SYMBOLS, 5);
  readonly vendor = new InteractiveVendor({ market: this.market, heartbeatLimitMs: 3_000 });
  readonly nodes: (Node | undefined)[] = [undefined, undefined];
  readonly random: Random;
  readonly history = SYMBOLS.map(() => new Map<number, string>());
  // What a listener has: it takes everything in order, and never goes back to a lower session.
  session = '';
  next = 0;
  rows = new Map<number, number>();
  shown = SYMBOLS.map(() => new Map<number, FieldValue>());
  live = SYMBOLS.map(() => false);
  versions = SYMBOLS.map(() => -1);
  marked = 0;
  epochs = 0;
  private unmarkedSeen = false;
  /** The item defined last, while its first values are to come. */
  private defined = -1;
  private bytes = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.market.onChange = (row) => this.remember(row);
    SYMBOLS.forEach((_, row) => {
      this.remember(row);
    });
  }

  remember(row: number): void {
    const record = this.market.record(row);
    this.history[row]!.set((record.get(TIME) as { value: number }).value, this.truth(row));
  }

  truth(row: number): string {
    const pairs = [...this.market.record(row)].map(([id, value]): [number, string] => {
      if (value.kind === 0) return [FIDS[id - 1]!, 'null'];
      if (value.kind === 1) return [FIDS[id - 1]!, String(value.value)];
      if (value.kind === 2) return [FIDS[id - 1]!, `${value.mantissa / 100}`];
      return [FIDS[id - 1]!, value.text];
    });
    return JSON.stringify(pairs.sort(([a], [b]) => a - b));
  }

  shownText(row: number): string {
    const pairs = [...this.shown[row]!].map(([fid, value]): [number, string] => [
      fid,
      typeof value === 'object' && value !== null ? `${Number(value.mantissa) / 100}` : String(value),
    ]);
    return JSON.stringify(pairs.sort(([a], [b]) => a - b));
  }

  cut(node: Node): void {
    this.vendor.closed(node.client);
    node.inbox = [];
    if (!node.connected) return;
    node.connected = false;
    node.retryAt = this.now + 20 + this.random.below(50);
    node.session.disconnected();
    node.member.vendorLost('cut', this.now * MS);
  }

  kill(rank: number): void {
    const node = this.nodes[rank];
    if (node === undefined) return;
    this.vendor.closed(node.client);
    this.nodes[rank] = undefined;
  }

  said(from: number, message: Parameters<UnpositionedMember['heard']>[0]): void {
    // Those that stall hear it when they go on.
    this.nodes.forEach((node, rank) => {
      if (rank === from || node === undefined) return;
      this.queue.push({ at: Math.max(this.now, node.stalledUntil), node, message });
    });
  }

  readonly queue: { at: number; node: Node; message: Parameters<UnpositionedMember['heard']>[0] }[] = [];

  /** A millisecond. */
  step(changes: number): void {
    this.now++;
    this.bytes = 0;
    this.vendor.step(changes, this.now * MS);
    this.vendor.tick(this.now * MS);
    for (const [rank, node] of this.nodes.entries()) {
      if (node === undefined || this.now < node.stalledUntil) continue;
      const { member, session } = node;
      // As an event loop has it: timers, then what waits in the sockets.
      member.tick(this.now * MS, BigInt(this.now * MS));
      if (!node.connected && this.now >= node.retryAt) {
        node.connected = true;
        this.vendor.opened(node.client, this.now * MS);
        session.connected(this.now * MS);
      }
      if (node.connected) session.tick(this.now * MS);
      const due = this.queue.filter((each) => each.node === node && each.at <= this.now);
      for (const each of due) {
        this.queue.splice(this.queue.indexOf(each), 1);
        member.heard(each.message, this.now * MS);
      }
      member.at(this.now * MS);
      for (const bytes of node.inbox.splice(0)) session.received(bytes, this.now * MS);
      if (this.nodes[rank] !== node) continue;
      member.flush(this.now * MS);
      if ((this.now + rank) % HEARTBEAT_MS === 0) member.beat(this.now * MS);
      assert.ok(this.bytes <= STEP_BYTES_MAX, `at most so much in a millisecond, got ${this.bytes}`);
    }
    // A plant tells on the feed network how far it has come.
    if (this.now % HEARTBEAT_MS === 0 && this.session !== '') {
      for (const node of this.nodes) {
        if (node === undefined) continue;
        const message = { kind: 'heartbeat', role: 'plant', name: 'p1', term: 1, rank: 0, state: 'primary' } as const;
        const channels = [{ id: 1, session: this.session, next: this.next }];
        this.queue.push({ at: Math.max(this.now, node.stalledUntil), node, message: { ...message, channels } });
      }
    }
  }

  heardPacket(packet: Buffer, rank: number): void {
    this.bytes += packet.length;
    const session = packet.toString('latin1', 0, 10);
    const seq = Number(packet.readBigUInt64BE(10));
    const count = packet.readUInt16BE(18);
    if (session < this.session || count === 0) return;
    if (session > this.session) {
      assert.equal((parseSession(session)!.epoch - 1) % 2, rank, 'an epoch of its own');
      if (count === 0) return;
    } else {
      assert.equal(seq, this.next, 'one session comes from one member, without a hole');
    }
    let at = 20;
    for (let i = 0; i < count; i++) {
      const length = packet.readUInt16BE(at);
      this.take(session, decodeMessage(packet, at + 2, at + 2 + length));
      at += 2 + length;
    }
    this.next = seq + count;
  }

  take(session: string, message: Message): void {
    switch (message.kind) {
      case Kind.START:
        if (this.session !== '') {
          // As far as known: an epoch may end before anybody has heard of it.
          assert.ok(message.previousSession <= this.session);
          if (message.previousSession === this.session) assert.ok(message.previousNext <= this.next);
        }
        this.session = session;
        this.rows = new Map();
        this.live.fill(false);
        this.unmarkedSeen = false;
        this.epochs++;
        return;
      case Kind.ITEM:
        this.rows.set(message.item, SYMBOLS.indexOf(message.subject.slice('PAGE.'.length)));
        this.live[this.rows.get(message.item)!] = true;
        this.defined = message.item;
        return;
      case Kind.QUALITY:
        for (const [item, row] of this.rows) {
          if (message.item === undefined || message.item === item) this.live[row] = message.quality === 0;
        }
        return;
      case Kind.FIELDS: {
        const row = this.rows.get(message.item)!;
        const values = this.shown[row]!;
        const marked = (message.flags & FieldsFlag.POSSIBLE_DUPLICATE) !== 0;
        if ((message.flags & FieldsFlag.IMAGE) !== 0) values.clear();
        for (const [fid, value] of message.fields) values.set(fid, value);
        const version = values.get(TIME_FID) as number;
        assert.equal(this.shownText(row), this.history[row]!.get(version), 'values that were true together');
        if (version < this.versions[row]!) assert.ok(marked, `${SYMBOLS[row]} went back unmarked`);
        if (message.item === this.defined && !marked && this.versions[row]! >= 0) {
          assert.equal(version, this.versions[row], 'what the old epoch may not have said is marked');
        }
        this.defined = -1;
        this.versions[row] = version;
        if (marked) {
          this.marked++;
          assert.equal(this.unmarkedSeen, false, 'what may repeat comes first');
        } else if ((message.flags & FieldsFlag.IMAGE) !== 0) this.unmarkedSeen = true;
        return;
      }
      default:
        assert.fail(`message of kind ${message.kind}`);
    }
  }
}

function run(seed: number): World {
  const world = new World(seed);
  const { random } = world;
  world.nodes[0] = new Node(world, 0);
  world.nodes[1] = new Node(world, 1);
  for (let i = 0; i < 1_500; i++) world.step(i % 10 === 0 ? 1 : 0);
  assert.ok(world.live.every(Boolean), 'all LIVE at first');
  for (let i = 0; i < 3_000; i++) {
    world.step(random.below(4) === 0 ? 1 : 0);
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
    else if (what === 4) node.member.setDrained(random.below(2) === 0, world.now * MS);
  }
  world.nodes.forEach((node, rank) => {
    if (node === undefined) world.nodes[rank] = new Node(world, rank);
    else node.member.setDrained(false, world.now * MS);
  });
  for (let i = 0; i < 3_000; i++) world.step(0);
  SYMBOLS.forEach((symbol, row) => {
    assert.equal(world.shownText(row), world.truth(row), symbol);
    assert.ok(world.live[row], `${symbol} is LIVE`);
  });
  const states = world.nodes.map((node) => node!.member.state).sort();
  assert.deepEqual(states, ['primary', 'standby']);
  assert.ok(world.nodes.every((node) => node!.member.pair.fit));
  return world;
}

t.test('whatever happens to a pair: nothing false, nothing back unmarked, and all true in the end', async (t) => {
  let epochs = 0;
  let marked = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const world = run(seed);
      epochs += world.epochs;
      marked += world.marked;
      assert.ok(world.receipts >= world.epochs - 5);
    }),
    { numRuns: 20 },
  );
  t.ok(epochs > 50, `${epochs} epochs`);
  t.ok(marked > 0, `${marked} marked`);
});

t.test('a primary that loses the vendor hands over at once to a standby that has it', async (t) => {
  const world = new World(1);
  world.nodes[0] = new Node(world, 0);
  world.nodes[1] = new Node(world, 1);
  for (let i = 0; i < 1_500; i++) world.step(0);
  const primary = world.nodes.find((node) => node!.member.state === 'primary')!;
  const other = world.nodes.find((node) => node !== primary)!;
  world.cut(primary);
  t.equal(primary.member.state, 'standby');
  t.equal(primary.member.pair.fit, false);
  const epochs = world.epochs;
  for (let i = 0; i < 5; i++) world.step(0);
  t.equal(other.member.state, 'primary');
  t.equal(world.epochs, epochs + 1);
  t.ok(world.live.every(Boolean));
});

t.test('with nobody to go on, items are STALE, and come back by image in the same epoch', async (t) => {
  const world = new World(2);
  world.nodes[0] = new Node(world, 0);
  for (let i = 0; i < 1_500; i++) world.step(0);
  const [node] = world.nodes;
  t.ok(world.live.every(Boolean));
  const { epochs, session } = world;
  world.cut(node!);
  t.ok(world.live.every((live) => !live));
  for (let i = 0; i < 200; i++) world.step(0);
  t.ok(world.live.every(Boolean));
  t.equal(world.epochs, epochs);
  t.equal(world.session, session);
});

t.test('a standby without the vendor, or without all images, is not fit', async (t) => {
  const world = new World(3);
  const node = new Node(world, 1);
  t.equal(node.member.pair.fit, false);
  node.member.onAccepted();
  SYMBOLS.forEach((_, row) => {
    t.equal(node.member.pair.fit, false);
    if (row % 2 === 0) node.member.onImage(row);
    else node.member.onStatus(row, { quality: 2, reason: 'vendor-says', detail: 'no such symbol' });
  });
  t.equal(node.member.pair.fit, true);
  node.connected = true;
  world.cut(node);
  t.equal(node.member.pair.fit, false);
});
