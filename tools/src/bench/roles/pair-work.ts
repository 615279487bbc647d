import { parseDay, zoneOffsetNs } from '@tickerplant/core';
import { ITCH_50 } from '@tickerplant/feed-itch';
import { ChannelSet, ChannelWriter, Handler, HandlerMember, OutputChannel } from '@tickerplant/feed-runtime';
import { type Floor, parseFloor, sessionName } from '@tickerplant/floor';
import { HEADER_BYTES, RequestServer } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { type Heartbeat, newBootId, type StatusMessage, StatusReceiver, StatusSender } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { FaultGate, Plant } from '@tickerplant/tickerplant';
import { median } from '../benchmark.ts';
import { makeChannelRound, QUOTE_FIELDS } from '../channel-round.ts';
import { makeItchRound, VENDOR_SESSION } from '../itch-round.ts';
import type { PacketRound } from '../packet-round.ts';
import { freePorts } from '../ports.ts';
import { serveRole } from '../role.ts';

/** How much to do. */
export interface PairWorkOptions {
  /** Messages that a member is given before it is the other one's turn. */
  readonly messages: number;
  /** Turns of each that don't count, and that do. */
  readonly warmUps: number;
  readonly turns: number;
}

/** What was measured. */
export interface PairWorkResult {
  /** Messages a second of processor time, medians: without others, and as the primary of a pair. */
  readonly alone: number;
  readonly paired: number;
  /** By how much a message takes longer in a pair: median over the turns, each compared with the one beside it. */
  readonly cost: number;
  /** The same in ns a message. */
  readonly costNs: number;
  /** Heartbeats of the other member that the paired one has heard: there must be some. */
  readonly heard: number;
}

/**
 * What it costs a primary to have a standby: with and without, in turns. Its packets are sent, on the loopback interface, to
 * a group that nobody has joined; what comes in is handed over without sockets.
 */
export interface PairWorkRole {
  plant(options: PairWorkOptions): Promise<PairWorkResult>;
  handler(options: PairWorkOptions): Promise<PairWorkResult>;
}

const DAY = '2026-01-05';
const MS = 1_000_000;
const HEARTBEAT_MS = 5;
/** Packets that a process finds in its sockets in one turn of its event loop. */
const TURN_PACKETS = 16;
const KEY = Buffer.from('a-key-that-is-no-secret');
const GROUP = '239.1.1.1:30000';
const WALL_NS = 1_767_600_000_000_000_000n;

function floorOf(paired: boolean): Floor {
  const text = `
floor: bench
key: a-key-that-is-no-secret
day: ${DAY}
networks: { feed: { status: 239.1.1.1:30000 }, trading: { status: 239.1.2.1:31000 } }
limits: { heartbeatMs: ${HEARTBEAT_MS} }
channels:
  - { name: R, id: 1, feed: 239.1.1.2:30001, trading: 239.1.2.2:31001 }
  - { name: D, id: 2, feed: 239.1.1.3:30002, trading: 239.1.2.3:31002 }
feeds:
  - name: f
    protocol: itch50
    services: { records: REC, depth: L2 }
    lines: [{ name: A, group: 239.1.3.1:20001 }]
    channels: { records: { channel: R }, depth: { channel: D } }
    repair: 127.0.0.1:30100
    control: 127.0.0.1:30101
    standbys: [${paired ? '{ repair: "127.0.0.1:30102", control: "127.0.0.1:30103" }' : ''}]
plants:
  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }
${paired ? '  - { name: p2, control: 127.0.0.1:32003, repair: 127.0.0.1:32004 }' : ''}
`;
  return parseFloor(text, 'the benchmark floor', { nowMs: Date.now() });
}

/** What a member says goes sealed, as into its socket; and what the other one says comes sealed. */
class StatusWork {
  heard = 0;
  readonly #own: StatusSender;
  readonly #other: StatusSender;
  readonly #receiver: StatusReceiver;
  readonly #sealed: Uint8Array[] = [];

  /** @param hear takes what the other member says. */
  constructor(hear: (message: StatusMessage) => void) {
    const common = { key: KEY, group: GROUP, packetBytes: 1_472 };
    this.#receiver = new StatusReceiver({
      key: KEY,
      group: GROUP,
      onMessage: (message) => {
        this.heard++;
        hear(message);
      },
    });
    this.#own = new StatusSender({ ...common, name: 'first', boot: newBootId(), emit: () => undefined });
    this.#other = new StatusSender({
      ...common,
      name: 'second',
      boot: newBootId(),
      emit: (packet) => this.#sealed.push(Uint8Array.from(packet)),
    });
  }

  say(message: StatusMessage, now: number): void {
    this.#own.send(message, WALL_NS + BigInt(Math.floor(now)), now);
  }

  /** The other member makes its heartbeat, which is as the own one. */
  prepare(own: Heartbeat, now: number): void {
    const message: Heartbeat = { ...own, rank: 1, state: 'standby', name: 'second', fit: true };
    this.#other.send(message, WALL_NS + BigInt(Math.floor(now)), now);
  }

  /** It comes. */
  deliver(now: number): void {
    for (const packet of this.#sealed.splice(0)) {
      this.#receiver.packet(packet, packet.length, now, WALL_NS + BigInt(Math.floor(now)));
    }
  }
}

/** A primary at work. */
abstract class Primary {
  now = 0;
  protected readonly paired: boolean;
  protected readonly floor: Floor;
  protected readonly registry = new CounterRegistry();
  protected readonly status: StatusWork;
  #beatDue = 0;
  #own: Heartbeat | undefined;

  constructor(paired: boolean) {
    this.paired = paired;
    this.floor = floorOf(paired);
    this.status = new StatusWork((message) => this.hear(message));
  }

  get heard(): number {
    return this.status.heard;
  }

  /**
   * Takes messages as fast as it can. The time that passes for it is the processor's: as many heartbeats a message as on
   * a core of its own that has nothing to wait for.
   *
   * @returns processor time for each message, ns.
   */
  async work(messages: number): Promise<number> {
    const startedNs = this.now;
    let done = 0;
    let usedNs = cpuNs();
    while (done < messages) {
      for (let i = 0; i < TURN_PACKETS; i++) done += this.packet();
      this.endTurn();
      await nextTurn();
      const nowNs = cpuNs();
      this.now += nowNs - usedNs;
      usedNs = nowNs;
      if (this.now < this.#beatDue) continue;
      this.#beatDue = this.now + HEARTBEAT_MS * MS;
      this.beat();
      if (!this.paired || this.#own === undefined) continue;
      // The other member's work does not count.
      const beforeNs = cpuNs();
      this.status.prepare(this.#own, this.now);
      usedNs += cpuNs() - beforeNs;
      this.status.deliver(this.now);
    }
    return (this.now + cpuNs() - usedNs - startedNs) / done;
  }

  protected say(message: StatusMessage): void {
    if (message.kind === 'heartbeat') this.#own = message;
    this.status.say(message, this.now);
  }

  protected abstract hear(message: StatusMessage): void;
  /** @returns messages. */
  protected abstract packet(): number;
  protected abstract endTurn(): void;
  protected abstract beat(): void;
}

class PlantPrimary extends Primary {
  readonly #plant: Plant;
  readonly #round: PacketRound;

  constructor(paired: boolean, sender: MulticastSender) {
    super(paired);
    this.#plant = new Plant(
      {
        floor: this.floor,
        plant: this.floor.plants[0]!,
        gate: new FaultGate(new Quarantine(), () => 0n),
        registry: this.registry,
        nowNs: 0,
        report: () => '',
      },
      {
        send: (_channel, bytes, length) => sender.send(bytes, 0, length),
        ask: () => undefined,
        answer: () => true,
        fetchState: () => undefined,
        receipt: () => undefined,
        say: (_network, message) => this.say(message),
        event: () => undefined,
      },
    );
    this.#round = makeChannelRound({
      session: sessionName(1, parseDay(DAY), 1),
      channel: 'R',
      day: DAY,
      packetBytes: 1_472,
      items: 5_000,
      templates: [QUOTE_FIELDS],
      updates: 300_000,
    });
    while (this.#plant.pair.state !== 'primary') {
      this.now += MS;
      this.beat();
    }
  }

  protected hear(message: StatusMessage): void {
    this.#plant.tradingStatus(message, this.now);
  }

  protected packet(): number {
    const before = this.#round.nextSeq;
    const packet = this.#round.next();
    this.#plant.packet(0, packet, packet.length, this.now);
    return this.#round.nextSeq - before;
  }

  protected endTurn(): void {}

  protected beat(): void {
    this.#plant.tick(this.now, WALL_NS + BigInt(Math.floor(this.now)));
  }
}

class HandlerPrimary extends Primary {
  readonly #member: HandlerMember;
  readonly #round: PacketRound;

  constructor(paired: boolean, sender: MulticastSender) {
    super(paired);
    const { floor, registry } = this;
    const feed = floor.feeds[0]!;
    const requestServer = new RequestServer({ answer: () => true });
    const channels = floor.channels.map(
      ({ id, name }) =>
        new OutputChannel({
          id,
          name,
          writer: new ChannelWriter(name, ITCH_50.templates),
          send: (bytes, length) => sender.send(bytes, 0, length),
          requestServer,
          sessionOf: (epoch) => sessionName(id, feed.day, epoch),
          packetBytes: 1_472,
          heartbeatNs: HEARTBEAT_MS * MS,
          ringBytes: 16 << 20,
          digests: paired,
          registry,
        }),
    );
    const handler = new Handler({
      protocol: ITCH_50,
      littleEndianLengths: false,
      services: {
        records: new ChannelSet('REC', [channels[0]!.writer], () => 0),
        depth: new ChannelSet('L2', [channels[1]!.writer], () => 0),
      },
      channels,
      day: feed.day,
      zoneOffsetNs: zoneOffsetNs(feed.day, feed.timeZone),
      quarantine: new Quarantine(),
      registry,
      wallNs: () => 0n,
      onEvent: () => undefined,
    });
    this.#member = new HandlerMember(
      { floor, feed, rank: 0, handler, channels, littleEndianLengths: false, registry, nowNs: 0 },
      {
        listen: () => undefined,
        fetchState: () => undefined,
        say: (message) => this.say(message),
        event: () => undefined,
        receipt: () => undefined,
      },
    );
    this.#round = makeItchRound({ symbols: 300, messages: 200_000, packetMessages: 0 });
    while (this.#member.state !== 'primary' || this.#member.takingOver) {
      this.now += MS;
      this.#member.tick(this.now, WALL_NS);
    }
    this.#member.onSession(VENDOR_SESSION, undefined, 1);
  }

  protected hear(message: StatusMessage): void {
    this.#member.heard(message, this.now);
  }

  protected packet(): number {
    const before = this.#round.nextSeq;
    const packet = this.#round.next();
    const count = this.#round.nextSeq - before;
    this.#member.onRun(packet, HEADER_BYTES, packet.length, before, count);
    return count;
  }

  protected endTurn(): void {
    this.#member.flush(this.now);
  }

  protected beat(): void {
    this.#member.tick(this.now, WALL_NS + BigInt(Math.floor(this.now)));
    this.#member.beat(this.now);
  }
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return 1_000 * (user + system);
}

async function compare(
  make: (paired: boolean, sender: MulticastSender) => Primary,
  { messages, warmUps, turns }: PairWorkOptions,
): Promise<PairWorkResult> {
  const [port] = await freePorts(1);
  const sender = await openSender({
    group: '239.255.77.9',
    port: port!,
    interface: '127.0.0.1',
    onError: (error) => {
      throw error;
    },
  });
  const primaries = [make(false, sender), make(true, sender)];
  const took: [number[], number[]] = [[], []];
  for (let turn = 0; turn < warmUps + turns; turn++) {
    // Who goes first takes turns as well.
    for (const index of turn % 2 === 0 ? [0, 1] : [1, 0]) {
      // By processor time: on a machine that others use, two turns side by side have different shares of it.
      const each = await primaries[index]!.work(messages);
      if (turn >= warmUps) took[index as 0 | 1].push(each);
    }
  }
  await sender.close();
  const [alone, paired] = took;
  return {
    alone: 1e9 / median(alone),
    paired: 1e9 / median(paired),
    cost: median(alone.map((ns, turn) => paired[turn]! / ns)) - 1,
    costNs: median(alone.map((ns, turn) => paired[turn]! - ns)),
    heard: primaries[1]!.heard,
  };
}

/** What node has to do for the packets, as in a process with sockets. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const commands: PairWorkRole = {
  plant: (options) => compare((paired, sender) => new PlantPrimary(paired, sender), options),
  handler: (options) => compare((paired, sender) => new HandlerPrimary(paired, sender), options),
};

serveRole(commands);
