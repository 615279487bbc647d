import { type Random, seededRandom } from '@tickerplant/core';

const MS = 1_000_000;
/** Wall-clock time at the beginning. */
const EPOCH_NS = 1_700_000_000_000_000_000n;
/** Lines of the transcript that are kept. */
const TRANSCRIPT_LINES = 400;

interface Event {
  readonly atNs: number;
  readonly order: number;
  readonly run: () => void;
}

/** How a network behaves at the moment. */
export interface Weather {
  /** Share of the packets lost, and sent twice. */
  loss: number;
  duplicate: number;
  /** Every packet takes from `delayNs` to `delayNs + jitterNs`: more than the time between packets puts them out of order. */
  delayNs: number;
  jitterNs: number;
}

export const FAIR: Readonly<Weather> = { loss: 0, duplicate: 0, delayNs: 50_000, jitterNs: 100_000 };

/** One network: who listens to what, and what the weather is. */
export class Network {
  readonly name: string;
  readonly weather: Weather = { ...FAIR };
  /** `from>to`: nothing gets through that way. */
  readonly cuts: Set<string> = new Set();
  readonly #groups = new Map<string, Map<SimNode, (packet: Uint8Array) => void>>();
  readonly #world: World;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
  }

  join(group: string, node: SimNode, onPacket: (packet: Uint8Array) => void): void {
    let members = this.#groups.get(group);
    if (members === undefined) {
      members = new Map();
      this.#groups.set(group, members);
    }
    members.set(node, onPacket);
  }

  leave(group: string, node: SimNode): void {
    this.#groups.get(group)?.delete(node);
  }

  /** A node is gone from all groups. */
  forget(node: SimNode): void {
    for (const members of this.#groups.values()) members.delete(node);
  }

  /** Sends to everybody in a group but the sender; the bytes may be used again. */
  multicast<T>(from: SimNode, group: string, payload: T): void {
    for (const [node, onPacket] of this.#groups.get(group) ?? []) {
      if (node !== from) this.send(from, node, () => onPacket(payload as never));
    }
  }

  /** Gets something to a node, or not. */
  send(from: SimNode, to: SimNode, arrive: () => void): void {
    const { random } = this.#world;
    const { loss, duplicate, delayNs, jitterNs } = this.weather;
    if (this.cuts.size > 0 && this.cuts.has(`${from.name}>${to.name}`)) return;
    if (loss > 0 && random.next() < loss) return;
    const copies = duplicate > 0 && random.next() < duplicate ? 2 : 1;
    const { generation } = to;
    for (let copy = 0; copy < copies; copy++) {
      this.#world.after(delayNs + random.next() * jitterNs, () => {
        if (to.generation === generation) to.deliver(arrive);
      });
    }
  }

  /** Whether anything gets from one to the other and back: for connections. */
  connects(a: SimNode, b: SimNode): boolean {
    return !this.cuts.has(`${a.name}>${b.name}`) && !this.cuts.has(`${b.name}>${a.name}`);
  }
}

/** Virtual time, randomness, networks and the transcript. Nothing outside has a say. */
export class World {
  readonly random: Random;
  readonly vendorA: Network = new Network(this, 'line A');
  readonly vendorB: Network = new Network(this, 'line B');
  readonly feed: Network = new Network(this, 'feed network');
  readonly trading: Network = new Network(this, 'trading network');
  nowNs: number = 1_000 * MS;
  /** Events run so far. */
  events = 0;
  readonly transcript: string[] = [];
  #heap: Event[] = [];
  #order = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  get networks(): Network[] {
    return [this.vendorA, this.vendorB, this.feed, this.trading];
  }

  wallNs(): bigint {
    return EPOCH_NS + BigInt(Math.round(this.nowNs));
  }

  log(who: string, text: string): void {
    if (this.transcript.length >= TRANSCRIPT_LINES) this.transcript.splice(0, TRANSCRIPT_LINES / 4);
    this.transcript.push(`${(this.nowNs / 1e9).toFixed(3).padStart(9)} ${who.padEnd(9)} ${text}`);
  }

  after(delayNs: number, run: () => void): void {
    const heap = this.#heap;
    const event: Event = { atNs: this.nowNs + delayNs, order: this.#order++, run };
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  /** Lets time pass. */
  run(ms: number): void {
    const endNs = this.nowNs + ms * MS;
    while (this.#heap.length > 0 && this.#heap[0]!.atNs <= endNs) {
      const event = this.#pop();
      this.nowNs = event.atNs;
      this.events++;
      event.run();
    }
    this.nowNs = endNs;
  }

  #pop(): Event {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
}

/** Packets that wait for a process that is stopped; a socket's buffer holds no more. */
const INBOX_MAX = 400;

/** A process: it lives, is stopped, dies and starts anew. */
export abstract class SimNode {
  readonly name: string;
  readonly world: World;
  alive = false;
  paused = false;
  /** When it last went on after a stop. */
  resumedNs: number = Number.NEGATIVE_INFINITY;
  /** Counts the starts. */
  generation = 0;
  /** How far its wall clock is off. */
  wallOffsetNs = 0n;
  /** Its monotonic clock begins anywhere. */
  #monotonicOffsetNs = 0;
  #inbox: (() => void)[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** Builds the machines and joins the groups. */
  protected abstract boot(): void;

  nowNs(): number {
    return this.world.nowNs + this.#monotonicOffsetNs;
  }

  wallNs(): bigint {
    return this.world.wallNs() + this.wallOffsetNs;
  }

  log(text: string): void {
    this.world.log(this.name, text);
  }

  start(): void {
    if (this.alive) return;
    this.generation++;
    this.alive = true;
    this.paused = false;
    this.#inbox = [];
    this.#monotonicOffsetNs = this.world.random.below(1e9);
    this.log('starts');
    this.boot();
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.generation++;
    for (const network of this.world.networks) network.forget(this);
    this.log('is killed');
  }

  pause(): void {
    if (this.alive) this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.resumedNs = this.world.nowNs;
    this.log('goes on');
    // Timers before sockets, as node does it.
    for (const run of this.#inbox.splice(0)) if (this.alive && !this.paused) run();
  }

  /** Something arrives. */
  deliver(run: () => void): void {
    if (!this.alive) return;
    if (!this.paused) run();
    else if (this.#inbox.length < INBOX_MAX) this.#inbox.push(run);
  }

  /** Runs again and again, as long as this start lasts; `run` says after how many milliseconds. */
  protected every(ms: number, run: () => number): void {
    const { generation } = this;
    const due = (): void => {
      if (this.generation !== generation) return;
      if (this.paused) {
        this.#inbox.unshift(due);
        return;
      }
      this.world.after(run() * MS, due);
    };
    this.world.after(ms * MS, due);
  }
}
