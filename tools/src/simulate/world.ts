import { type Random, seededRandom } from '@tickerplant/core';
import { EventQueue } from './event-queue.ts';
import { PacketCopies } from './packet-copies.ts';

const MS = 1_000_000;
/** Wall-clock time at the beginning. */
const EPOCH_NS = 1_700_000_000_000_000_000n;
/** Lines of the transcript that are kept. */
const TRANSCRIPT_LINES = 400;

/**
 * Something that happens at a time. Events are objects with methods, not closures: there are millions of them, and what the
 * compiler knows of a closure goes with the last one alive.
 */
interface Event {
  happen(): void;
}

class Call implements Event {
  readonly #run: () => void;

  constructor(run: () => void) {
    this.#run = run;
  }

  happen(): void {
    this.#run();
  }
}

/** Something gets to a node, if that is still the process that it was sent to. */
class Arrival<T> implements Event, Waiting {
  readonly #to: SimNode;
  readonly #generation: number;
  readonly #take: (what: T) => void;
  readonly #what: T;

  constructor(to: SimNode, take: (what: T) => void, what: T) {
    this.#to = to;
    this.#generation = to.generation;
    this.#take = take;
    this.#what = what;
  }

  happen(): void {
    if (this.#to.generation === this.#generation) this.#to.receive(this);
  }

  /** What a process does with it when it gets to it. */
  open(): void {
    this.#take(this.#what);
  }
}

/** Runs again and again, as long as a process lives: one event for all times. */
class Again implements Event, Waiting {
  readonly #node: SimNode;
  readonly #generation: number;
  /** Says after how many milliseconds. */
  readonly #run: () => number;

  constructor(node: SimNode, run: () => number) {
    this.#node = node;
    this.#generation = node.generation;
    this.#run = run;
  }

  happen(): void {
    if (this.#node.generation === this.#generation) this.#node.due(this);
  }

  open(): void {
    this.#node.world.at(this.#run() * MS, this);
  }
}

/** What waits for a process that is stopped. */
interface Waiting {
  open(): void;
}

interface Member {
  readonly node: SimNode;
  readonly onPacket: (packet: never) => void;
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
  readonly #groups = new Map<string, Member[]>();
  readonly #world: World;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
  }

  /** A node joins a group: once, until it leaves. */
  join(group: string, node: SimNode, onPacket: (packet: Uint8Array) => void): void {
    this.leave(group, node);
    this.#groups.set(group, [...(this.#groups.get(group) ?? []), { node, onPacket }]);
  }

  leave(group: string, node: SimNode): void {
    const members = this.#groups.get(group);
    const index = members?.findIndex((member) => member.node === node) ?? -1;
    if (index >= 0) this.#groups.set(group, members!.toSpliced(index, 1));
  }

  /** A node is gone from all groups. */
  forget(node: SimNode): void {
    for (const group of this.#groups.keys()) this.leave(group, node);
  }

  /** Sends to everybody in a group but the sender; what is sent changes no more. */
  multicast<T>(from: SimNode, group: string, payload: T): void {
    const members = this.#groups.get(group);
    if (members === undefined) return;
    for (const { node, onPacket } of members) if (node !== from) this.send(from, node, onPacket, payload as never);
  }

  /** Gets something to a node, or not. */
  send<T>(from: SimNode, to: SimNode, take: (what: T) => void, what: T): void {
    const { random } = this.#world;
    const { loss, duplicate, delayNs, jitterNs } = this.weather;
    if (this.cuts.size > 0 && this.cuts.has(`${from.name}>${to.name}`)) return;
    if (loss > 0 && random.next() < loss) return;
    const copies = duplicate > 0 && random.next() < duplicate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#world.at(delayNs + random.next() * jitterNs, new Arrival(to, take, what));
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
  /** What is sent is copied: senders use their bytes again. */
  readonly copies: PacketCopies = new PacketCopies();
  readonly #events = new EventQueue<Event>();
  #wallNs = EPOCH_NS;
  #wallAtNs = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  get networks(): Network[] {
    return [this.vendorA, this.vendorB, this.feed, this.trading];
  }

  wallNs(): bigint {
    if (this.#wallAtNs !== this.nowNs) {
      this.#wallAtNs = this.nowNs;
      this.#wallNs = EPOCH_NS + BigInt(Math.round(this.nowNs));
    }
    return this.#wallNs;
  }

  log(who: string, text: string): void {
    if (this.transcript.length >= TRANSCRIPT_LINES) this.transcript.splice(0, TRANSCRIPT_LINES / 4);
    this.transcript.push(`${(this.nowNs / 1e9).toFixed(3).padStart(9)} ${who.padEnd(9)} ${text}`);
  }

  after(delayNs: number, run: () => void): void {
    this.at(delayNs, new Call(run));
  }

  /** Lets an event happen after a while; it isn't waiting already. */
  at(delayNs: number, event: Event): void {
    this.#events.add(this.nowNs + delayNs, event);
  }

  /** Lets time pass. */
  run(ms: number): void {
    const endNs = this.nowNs + ms * MS;
    const events = this.#events;
    while (events.nextNs <= endNs) {
      this.nowNs = events.nextNs;
      this.events++;
      events.take().happen();
    }
    this.nowNs = endNs;
  }
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
  #inbox: Waiting[] = [];

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
    const wallNs = this.world.wallNs();
    return this.wallOffsetNs === 0n ? wallNs : wallNs + this.wallOffsetNs;
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
    for (const each of this.#inbox.splice(0)) if (this.alive && !this.paused) each.open();
  }

  /** Something else happens to the process, like a packet. */
  deliver(run: () => void): void {
    if (this.alive && !this.paused) run();
    else this.receive({ open: run });
  }

  /** Something arrives. */
  receive(what: Waiting): void {
    if (!this.alive) return;
    if (!this.paused) what.open();
    else if (this.#inbox.length < INBOX_MAX) this.#inbox.push(what);
  }

  /** A timer is due. */
  due(timer: Waiting): void {
    if (this.paused) this.#inbox.unshift(timer);
    else timer.open();
  }

  /** Runs again and again, as long as this start lasts; `run` says after how many milliseconds. */
  protected every(ms: number, run: () => number): void {
    this.world.at(ms * MS, new Again(this, run));
  }
}
