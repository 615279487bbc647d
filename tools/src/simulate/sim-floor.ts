import { type Floor, parseFloor } from '@tickerplant/floor';
import { largestCollection } from './collections.ts';
import { Invariants } from './invariants.ts';
import { ClientNode, type FloorNode, HandlerNode, PlantNode, pairOf, VendorNode } from './nodes.ts';
import { isPage, shownBy } from './toy-pages.ts';
import { World } from './world.ts';

/** Of three seeds one has pages among its items, every third one: they cost several times as much. */
const WITH_PAGES: readonly number[] = [0, 1, 2, 3, 4, 5];
const RECORDS: readonly number[] = [0, 1, 3, 4, 6, 7];

/**
 * What a handler keeps of each channel for each second of a run: some three times as much as comes. A plant that begins with
 * nothing can be told everything; and more memory than that would have to be collected after each run.
 */
const RING_BYTES = 1_024;
const RING_BYTES_WITH_PAGES = 4_096;

/**
 * A run has some 2,000 messages of the vendor, and each node hears a thousand heartbeats: what remembers each of those without end is found out.
 * The largest that there is to be are the digests that a stopped standby has yet to compare, 256.
 */
const ENTRIES_MAX = 512;
const ENTRIES_AT_REST = 128;
/** Packets that wait, and gaps: as many as come in the longest time that somebody may be cut off. */
const HELD_MAX = 1_024;

// Slower than a real floor by a factor of twenty: what counts is how the times stand to each other.
const text = (trading: readonly [string, string]): string => `
floor: simulation
key: of-no-use-in-a-simulation
day: 2026-01-05
networks:
  feed: { status: 239.255.1.1:30000 }
  trading: { status: 239.255.2.1:31000 }
limits:
  heartbeatMs: 100
  takeoverAfterMs: 300
  channelHeartbeatMs: 200
  silentAfterMs: 2000
  lineSilentAfterMs: 2500
  gapWaitMs: 20
  repairTimeoutMs: 60
  lostAfterMs: 2000
  plantLostAfterMs: 10000
channels:
  - { name: C1, id: 1, feed: 239.255.1.2:30001, trading: ${trading[0]} }
  - { name: C2, id: 2, feed: 239.255.1.3:30002, trading: ${trading[1]} }
feeds:
  - name: h1
    protocol: toy
    services: { records: SIM }
    timeZone: UTC
    lines: [{ name: A, group: 239.255.3.1:20001 }, { name: B, group: 239.255.3.2:20002 }]
    requestServers: ["127.0.0.1:20100"]
    channels: { records: { hash: [C1, C2] } }
    repair: 127.0.0.1:30100
    control: 127.0.0.1:30101
    standbys: [{ repair: 127.0.0.1:30102, control: 127.0.0.1:30103 }]
    ringBytes: 256KiB
plants:
  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002, ringBytes: 128KiB }
  - { name: p2, control: 127.0.0.1:32003, repair: 127.0.0.1:32004, ringBytes: 128KiB }
`;
const parse = (...trading: [string, string]): Floor => parseFloor(text(trading), 'the simulated floor', { nowMs: 0 });
const PAIRED = parse('239.255.2.2:31001', '239.255.2.3:31002');
const LIVE_LIVE = parse('[239.255.2.2:31001, 239.255.2.4:31003]', '[239.255.2.3:31002, 239.255.2.5:31004]');

/** A whole small floor: a vendor, a pair of handlers, a pair of plants, two clients. Odd seeds: the plants are live-live. Of four seeds two: they keep journals. */
export class SimFloor {
  readonly world: World;
  readonly invariants: Invariants;
  readonly nodes: Map<string, FloorNode> = new Map();
  readonly vendor: VendorNode;
  readonly handlers: readonly HandlerNode[];
  readonly plants: readonly PlantNode[];
  readonly clients: readonly ClientNode[];

  /** @param seconds that it shall run. */
  constructor(seed: number, seconds: number) {
    const world = new World(seed);
    const floor = seed % 2 === 1 ? LIVE_LIVE : PAIRED;
    this.world = world;
    const invariants = new Invariants(world, seed % 3 === 0 ? WITH_PAGES : RECORDS);
    this.invariants = invariants;
    const { nodes } = this;
    this.vendor = new VendorNode(world, 'vendor', floor, nodes, invariants);
    invariants.vendor = this.vendor;
    const ringBytes = Math.ceil(seconds) * (invariants.items.some(isPage) ? RING_BYTES_WITH_PAGES : RING_BYTES);
    this.handlers = floor.feeds[0]!.members.map(
      ({ name }, rank) => new HandlerNode(world, name, floor, nodes, invariants, rank, Math.max(ringBytes, 65_536)),
    );
    this.plants = floor.plants.map(({ name }) => new PlantNode(world, name, floor, nodes, invariants));
    for (const plant of this.plants) plant.journals = seed % 4 >= 2;
    this.clients = ['c1', 'c2'].map((name) => new ClientNode(world, name, floor, nodes, invariants));
  }

  get all(): (VendorNode | HandlerNode | PlantNode | ClientNode)[] {
    return [...this.plants, ...this.handlers, ...this.clients, this.vendor];
  }

  node(name: string): VendorNode | HandlerNode | PlantNode | ClientNode {
    return this.all.find((node) => node.name === name)!;
  }

  /** Everybody starts within half a second. */
  start(): void {
    for (const node of this.all) {
      const delayMs = node === this.vendor ? 1_500 : this.world.random.below(500);
      this.world.after(delayMs * 1e6, () => node.start());
    }
  }

  handOver(name: string): void {
    const node = this.node(name);
    if (!node.alive || node.paused) return;
    if (node instanceof HandlerNode) node.member.handOver(node.nowNs());
    if (node instanceof PlantNode) node.plant.handOver(node.nowNs());
  }

  /** Everything that is still wrong is over. */
  heal(): void {
    for (const network of this.world.networks) {
      network.cuts.clear();
      Object.assign(network.weather, { loss: 0, duplicate: 0, delayNs: 50_000, jitterNs: 100_000 });
    }
    this.vendor.frozen = false;
    this.vendor.mute = false;
    this.vendor.beginSession();
    this.vendor.lineCut.fill(false);
    for (const node of this.all) {
      node.wallOffsetNs = 0n;
      node.resume();
      node.start();
    }
  }

  /**
   * Whatever happens, nobody keeps more than bounds allow; when all is well again, nobody still waits for anything.
   *
   * @param atRest all has been well for a while.
   */
  checkMemory(atRest: boolean): void {
    const most = atRest ? ENTRIES_AT_REST : ENTRIES_MAX;
    const check = (name: string, what: string, entries: number, bound: number): void => {
      if (entries > bound) {
        this.invariants.failed('memory', `${name} keeps ${entries} in ${what}, expected at most ${bound}`);
      }
    };
    for (const node of this.all) {
      if (!node.alive) continue;
      for (const [index, machine] of node.machines.entries()) {
        const { path, entries } = largestCollection(machine);
        check(node.name, `${index}${path}`, entries, most);
      }
      for (const [index, receiver] of node.receivers.entries()) {
        check(node.name, `the window of receiver ${index}`, receiver.held.packets, atRest ? 0 : HELD_MAX);
        check(node.name, `the gaps of receiver ${index}`, receiver.missing.length, atRest ? 0 : HELD_MAX);
      }
    }
  }

  /** After the faults have ended, and some time: everything is as it should be. */
  checkWell(): void {
    const { invariants } = this;
    const stop = (message: string): void => invariants.failed('liveness', message);
    for (const pair of [this.handlers, this.plants]) {
      const states = pair.map((node) => {
        const { state, fit, term } = pairOf(node);
        return { name: node.name, state, fit, term };
      });
      if (states.filter(({ state }) => state === 'primary').length !== 1 || !states.every(({ fit }) => fit)) {
        stop(`expected one primary and a fit standby: ${JSON.stringify(states)}`);
      }
    }
    const [ours, theirs] = this.plants.map((plant) => plant.valueDigests().join(', '));
    if (ours !== theirs) invariants.failed('same-values', `p1 holds ${ours}; p2 ${theirs}`);
    for (const client of this.clients) {
      const shown = new Map(client.items.map((item) => [item.subject, item]));
      for (const item of invariants.items) {
        const subject = `SIM.ITEM${item}`;
        const truth = invariants.lastOf(item);
        if (truth < this.vendor.sessionBegan) continue;
        const found = shown.get(subject);
        const position = found === undefined ? 0 : (shownBy(found)?.position ?? 0);
        if (found === undefined) stop(`${client.name} has no ${subject}`);
        else if (!found.isLive)
          stop(`${client.name}: ${subject} is ${found.state.name} (${found.state.reason} ${found.state.detail})`);
        else if (position !== truth)
          stop(`${client.name} shows ${subject} with ${position}, the vendor's last is ${truth}`);
      }
    }
  }
}
