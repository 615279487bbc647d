import { deserialize } from 'node:v8';
import { ClientMachine, fillLimits, type Item, type Subscription } from '@tickerplant/client';
import type { Reply, Request, StateGiver } from '@tickerplant/control';
import { TickerError } from '@tickerplant/core';
import {
  ChannelSet,
  ChannelWriter,
  type EpochMemory,
  Handler,
  HandlerMember,
  LineWatch,
  OutputChannel,
} from '@tickerplant/feed-runtime';
import { type Floor, type GroupAddress, sessionName, tradingGroup } from '@tickerplant/floor';
import { encodeRequest, MOLD_FRAMING, MoldSender, RequestServer } from '@tickerplant/moldudp64';
import type { PairMember, Receipt } from '@tickerplant/pair';
import { standardDictionary } from '@tickerplant/records';
import { MessageRing, SequencedReceiver } from '@tickerplant/sequence';
import { type Address, Peers, type StatusMessage, type StatusOrigin } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import {
  CACHE_COUNTERS,
  type ClientConnection,
  CurrentValues,
  FaultGate,
  Plant,
  type SavedPlantChannel,
} from '@tickerplant/tickerplant';
import type { Invariants } from './invariants.ts';
import { TOY_FEED, writeToyMessage } from './toy-feed.ts';
import { type Network, SimNode, type World } from './world.ts';

const MS = 1_000_000;
const dictionary = standardDictionary();
/** While something is missing or under way, and otherwise. */
const URGENT_TICK_MS = 5;
const TICK_MS = 25;
/** For a connection's messages. */
const STREAM_DELAY_NS = 1_000_000;
/** How often somebody who waits on a connection finds out that it is closed. */
const STREAM_LOOK_NS = 500 * MS;
/** As on a real floor. */
const STALE_AFTER_NS = 5_000 * MS;
const PEERS_MAX = 256;
/** Between two times that a handler says how its lines are, if nothing changes. */
const QUALITY_REPEAT_NS = 500 * MS;
/** Between two times that a plant's journal is written: at random, so that what is on disk is of any age. */
const JOURNAL_LEAST_MS = 100;
const JOURNAL_SPREAD_MS = 5_000;
const KINDS: readonly StatusMessage['kind'][] = ['heartbeat', 'directory', 'quality', 'latency', 'interest'];

function groupText({ group, port }: Pick<GroupAddress, 'group' | 'port'>): string {
  return `${group}:${port}`;
}

/** A status message on its way. */
interface Said {
  readonly message: StatusMessage;
  readonly origin: StatusOrigin;
}

/** A node that speaks on status groups, and whom others may ask by UDP and by connection. */
export abstract class FloorNode extends SimNode {
  readonly floor: Floor;
  readonly invariants: Invariants;
  protected readonly nodes: ReadonlyMap<string, FloorNode>;
  #said = 0;

  constructor(world: World, name: string, floor: Floor, nodes: Map<string, FloorNode>, invariants: Invariants) {
    super(world, name);
    this.floor = floor;
    this.invariants = invariants;
    this.nodes = nodes;
    nodes.set(name, this);
  }

  /** What it is made of, and what of it receives numbered packets: for looking at how much they keep. */
  get machines(): readonly object[] {
    return [];
  }

  get receivers(): readonly Pick<SequencedReceiver, 'held' | 'missing'>[] {
    return [];
  }

  /** A UDP packet from another node: `answer` sends one back. */
  abstract ask(packet: Uint8Array, from: FloorNode, answer: (packet: Uint8Array) => void): void;

  /** This node's state, for another one of its pair. @throws when it can't be had */
  giveState(): StateGiver {
    throw new TickerError('SIM_NO_STATE', 'expected a member of a pair');
  }

  protected say(network: Network, message: StatusMessage): void {
    const origin: StatusOrigin = {
      sender: this.name,
      boot: BigInt(this.generation),
      counter: ++this.#said,
      sentWallNs: this.wallNs(),
      sentMonotonicNs: this.nowNs(),
    };
    // What is said changes no more: the machines make each message anew.
    network.multicast<Said>(this, 'status', { message, origin } as never);
  }

  /**
   * Listens to a network's status group, and believes what a real process would: nothing old, nothing said twice.
   *
   * @param doubt somebody speaks whose clock is too far from this node's.
   */
  protected listen(
    network: Network,
    hear: (message: StatusMessage, origin: StatusOrigin) => void,
    doubt: () => void = () => undefined,
  ): void {
    const peers = new Peers(STALE_AFTER_NS, PEERS_MAX);
    network.join('status', this, (packet) => {
      const { message, origin } = packet as unknown as Said;
      const fault = peers.admit(origin, KINDS.indexOf(message.kind), this.nowNs(), this.wallNs());
      if (fault === undefined) hear(message, origin);
      else if (fault === 'stale') doubt();
    });
  }

  /** The node with an address of the floor file. */
  protected at({ port }: Address): FloorNode | undefined {
    const { plants, feeds } = this.floor;
    const plant = plants.find(({ control, repair }) => control.port === port || repair.port === port);
    const member = feeds[0]!.members.find(({ control, repair }) => control?.port === port || repair.port === port);
    return this.nodes.get(plant?.name ?? member?.name ?? '');
  }

  protected request(
    network: Network,
    to: FloorNode | undefined,
    packet: Uint8Array,
    take: (answer: Uint8Array) => void,
  ): void {
    if (to === undefined) return;
    const answer = (bytes: Uint8Array): void => network.send(to, this, take, bytes);
    network.send(this, to, (asked) => to.ask(asked, this, answer), packet);
  }

  /** Gets another node's state over a connection. */
  protected fetch(
    network: Network,
    to: FloorNode | undefined,
    arrived: (rest: Uint8Array | undefined, why: string) => void,
    settledArrived: (piece: Uint8Array) => void = () => undefined,
  ): void {
    const { generation } = this;
    // A real floor's state takes a while: much changes between its pieces.
    const slowness = this.world.random.below(2) === 0 ? 1 : 20;
    const later = (does: () => void): void => {
      this.world.after(STREAM_DELAY_NS * slowness * (1 + this.world.random.below(30)), does);
    };
    const back = (does: () => void): void => {
      later(() => {
        if (this.generation === generation) this.deliver(does);
      });
    };
    const reaches = (): boolean => to?.alive === true && network.connects(this, to);
    if (to === undefined || !reaches()) {
      back(() => arrived(undefined, 'unreachable'));
      return;
    }
    const giving = to.generation;
    let giver: StateGiver | undefined;
    let done = false;
    const end = (rest: Uint8Array | undefined, why: string): void => {
      if (done) return;
      done = true;
      arrived(rest, why);
    };
    // One that is killed while it is stopped says nothing any more.
    const watch = (): void => {
      if (done) return;
      if (!reaches() || to.generation !== giving) back(() => end(undefined, 'closed'));
      else this.world.after(STREAM_LOOK_NS, watch);
    };
    watch();
    const give = (): void => {
      if (done || !reaches() || to.generation !== giving) {
        back(() => end(undefined, 'timeout'));
        return;
      }
      to.deliver(() => {
        try {
          giver ??= to.giveState();
          const piece = giver.settled();
          if (piece === undefined) {
            const rest = giver.rest();
            back(() => (reaches() ? end(rest, '') : end(undefined, 'timeout')));
          } else {
            back(() => {
              if (done) return;
              settledArrived(piece);
              later(give);
            });
          }
        } catch (error) {
          back(() => end(undefined, String(error)));
        }
      });
    };
    later(give);
  }
}

/** The vendor: sends its days, a session each, on two lines, and repeats what it is asked for of any. */
export class VendorNode extends FloorNode {
  /** The item of each message by its serial number, from 1 on. */
  readonly history: number[] = [0];
  /** Virtual time at which each was sent. */
  readonly sentNs: number[] = [0];
  readonly lineCut: [boolean, boolean] = [false, false];
  frozen = false;
  /** It repeats nothing. */
  mute = false;
  /** The serial number of the session's first message. */
  sessionBegan = 1;
  #sessions = 0;
  /** Whether it goes on; if not, whether the lines say so. */
  #session: 'open' | 'ended' | 'silent' = 'silent';
  #mold: MoldSender | undefined;
  #server: RequestServer | undefined;
  #reply: (packet: Uint8Array) => void = () => undefined;

  protected boot(): void {
    const { random } = this.world;
    this.#server = new RequestServer({
      answer: (packet, length) => {
        this.#reply(this.world.copies.of(packet, length));
        return true;
      },
    });
    this.beginSession();
    const items = this.invariants.items;
    this.every(5, () => {
      if (!this.frozen && this.#session === 'open') {
        for (let count = 1 + random.below(3); count > 0; count--) {
          const item = items[random.below(items.length)]!;
          const message = writeToyMessage(item, this.history.length);
          this.history.push(item);
          this.sentNs.push(this.world.nowNs);
          this.#mold!.append(message, 0, message.length);
        }
      }
      if (this.#session !== 'silent') this.#mold!.tick(this.nowNs());
      return 40 + random.below(160);
    });
  }

  /** Begins the next session, with message 1, if there is none. */
  beginSession(): void {
    if (this.#session === 'open') return;
    this.#session = 'open';
    this.sessionBegan = this.history.length;
    const session = `VENDOR${String(++this.#sessions).padStart(4, '0')}`;
    this.log(`begins session ${session}`);
    const lines = [this.world.vendorA, this.world.vendorB];
    const ring = new MessageRing(1 << 16);
    this.#mold = new MoldSender({
      session,
      heartbeatNs: 500 * MS,
      emit: (buffer, length) => {
        const packet = this.world.copies.of(buffer, length);
        lines.forEach((line, index) => {
          if (!this.lineCut[index]!) line.multicast(this, 'line', packet);
        });
        return true;
      },
      onData: (bytes, start, end, seq, count) => ring.append(bytes, start, end, seq, count),
    });
    // Those before are still answered for.
    this.#server!.openChannel(session, ring);
  }

  /** Ends the session: the lines say so until the next one begins, or just fall silent. */
  endSession(says: boolean): void {
    if (this.#session !== 'open') return;
    this.#session = says ? 'ended' : 'silent';
    this.log(`ends its session after message ${this.#mold!.next - 1}`);
    if (says) this.#mold!.end(this.nowNs());
  }

  ask(packet: Uint8Array, from: FloorNode, answer: (packet: Uint8Array) => void): void {
    if (this.mute) return;
    this.#reply = answer;
    this.#server!.packet(packet, packet.length, 1, from.name, this.nowNs());
  }
}

class SimEpochs implements EpochMemory {
  newest = 0;

  keep(epoch: number): void {
    this.newest = epoch;
  }
}

/** A feed handler, of a pair. */
export class HandlerNode extends FloorNode {
  readonly rank: number;
  member!: HandlerMember;
  readonly receipts: Receipt[] = [];
  receiver!: SequencedReceiver;
  channels: readonly OutputChannel[] = [];
  /** What its disk holds. */
  readonly memory: EpochMemory = new SimEpochs();
  readonly #ringBytes: number;
  #server!: RequestServer;
  #reply: (packet: Uint8Array) => void = () => undefined;

  constructor(
    world: World,
    name: string,
    floor: Floor,
    nodes: Map<string, FloorNode>,
    invariants: Invariants,
    rank: number,
    ringBytes: number,
  ) {
    super(world, name, floor, nodes, invariants);
    this.rank = rank;
    this.#ringBytes = ringBytes;
  }

  protected boot(): void {
    const { floor, world } = this;
    const feed = floor.feeds[0]!;
    const registry = new CounterRegistry();
    const quarantine = new Quarantine();
    const { limits, networks } = floor;
    this.#server = new RequestServer({
      refuses: true,
      answer: (packet, length) => {
        this.#reply(this.world.copies.of(packet, length));
        return true;
      },
    });
    this.channels = floor.channels.map(
      ({ id, name }) =>
        new OutputChannel({
          id,
          name,
          writer: new ChannelWriter(name, TOY_FEED.templates),
          send: (packet, length) => {
            const bytes = this.world.copies.of(packet, length);
            this.invariants.published(this, bytes);
            world.feed.multicast(this, name, bytes);
            return true;
          },
          requestServer: this.#server,
          sessionOf: (epoch) => sessionName(id, feed.day, epoch),
          packetBytes: networks.feed.packetBytes,
          heartbeatNs: limits.channelHeartbeatMs * MS,
          ringBytes: this.#ringBytes,
          digests: true,
          registry,
        }),
    );
    const writers = this.channels.map(({ writer }) => writer);
    const handler = new Handler({
      protocol: TOY_FEED,
      littleEndianLengths: false,
      services: { records: new ChannelSet('SIM', writers, (symbol) => Number(symbol.slice(4)) % writers.length) },
      channels: this.channels,
      day: feed.day,
      zoneOffsetNs: 0,
      quarantine,
      registry,
      wallNs: () => this.wallNs(),
      onEvent: (event, facts) => this.log(`${event} ${JSON.stringify(facts)}`),
    });
    const member = new HandlerMember(
      {
        floor,
        feed,
        rank: this.rank,
        handler,
        channels: this.channels,
        littleEndianLengths: false,
        memory: this.memory,
        registry,
        nowNs: this.nowNs(),
      },
      {
        listen: (start, session) => this.receiver.rejoin(start, session),
        fetchState: (rank) => {
          const to = this.nodes.get(feed.members[rank]!.name);
          this.fetch(
            world.feed,
            to,
            (rest, why) => {
              member.stateArrived(rest, why, this.nowNs());
              member.flush(this.nowNs());
            },
            (piece) => member.settledArrived(piece),
          );
        },
        say: (message) => this.say(world.feed, message),
        event: (event, facts) => this.log(`${event} ${JSON.stringify(facts)}`),
        receipt: (receipt) => this.receipts.push(receipt),
      },
    );
    this.member = member;
    const vendor = this.nodes.get('vendor')!;
    this.receiver = new SequencedReceiver(
      MOLD_FRAMING,
      {
        onRun: (bytes, start, end, seq, count) => member.onRun(bytes, start, end, seq, count),
        mayLose: (from, to) => member.mayLose(from, to),
        onLost: (from, to, reason) => member.onLost(from, to, reason),
        onSession: (session, previous, next) => member.onSession(session, previous, next),
        onEnd: (next) => member.onEnd(next),
        onRequest: (session, from, count, attempt) => {
          const packet = new Uint8Array(20);
          encodeRequest(session, from, count, packet);
          const line = attempt % 2 === 0 ? world.vendorA : world.vendorB;
          this.request(line, vendor, packet, (answer) => this.#vendorPacket(2, answer));
        },
      },
      {
        lines: ['A', 'B', 'repair'],
        repairLine: 2,
        start: 'first-seen',
        // As a real handler's.
        sessionPolicy: (current, _incoming, ended) =>
          current === undefined || ended || this.#linesSilent() ? 'switch' : 'ignore',
        gapWaitNs: limits.gapWaitMs * MS,
        requestTimeoutNs: limits.repairTimeoutMs * MS,
        requestMessagesMax: 64,
        lostAfterNs: limits.lostAfterMs * MS,
        requestAttemptsMax: Math.ceil(limits.lostAfterMs / limits.repairTimeoutMs),
      },
    );
    [world.vendorA, world.vendorB].forEach((line, index) => {
      line.join('line', this, (packet) => this.#vendorPacket(index, packet));
    });
    this.listen(
      world.feed,
      (message) => member.heard(message, this.nowNs()),
      () => void member.pair.doubted(this.nowNs()),
    );
    const watch = new LineWatch(feed.name, limits.lineSilentAfterMs * MS);
    this.every(0, () => {
      this.receiver.tick(this.nowNs());
      member.tick(this.nowNs(), this.wallNs());
      member.flush(this.nowNs());
      return this.receiver.recovering || member.takingOver ? URGENT_TICK_MS : TICK_MS;
    });
    const lines = this.receiver.lines.filter(({ name }) => name !== 'repair');
    let qualityToldNs = Number.NEGATIVE_INFINITY;
    this.every(0, () => {
      const nowNs = this.nowNs();
      const changes = watch.look(lines, nowNs, this.wallNs(), member.missing(this.receiver, nowNs));
      member.setHealthy(watch.all.every(({ scope, quality }) => scope !== 'feed' || quality !== 'STALE'));
      member.beat(nowNs);
      if (member.state === 'primary' && (changes.length > 0 || nowNs - qualityToldNs >= QUALITY_REPEAT_NS)) {
        qualityToldNs = nowNs;
        this.say(world.feed, { kind: 'quality', entries: watch.all });
      }
      return limits.heartbeatMs;
    });
  }

  override get machines(): readonly object[] {
    return [this.member, this.receiver, this.channels];
  }

  override get receivers(): readonly SequencedReceiver[] {
    return [this.receiver];
  }

  #linesSilent(): boolean {
    const limitNs = this.floor.limits.lineSilentAfterMs * MS;
    return this.receiver.lines.every(({ lastHeardNs }) => this.nowNs() - lastHeardNs > limitNs);
  }

  #vendorPacket(line: number, packet: Uint8Array): void {
    this.receiver.packet(line, packet, packet.length, this.nowNs());
    this.member.flush(this.nowNs());
  }

  ask(packet: Uint8Array, from: FloorNode, answer: (packet: Uint8Array) => void): void {
    this.#reply = (bytes) => {
      this.invariants.published(this, bytes);
      answer(bytes);
    };
    this.#server.packet(packet, packet.length, 1, from.name, this.nowNs());
  }

  override giveState(): StateGiver {
    return this.member.giveState();
  }
}

/** A ticker plant, of a pair. */
export class PlantNode extends FloorNode {
  plant!: Plant;
  /** Whether it keeps a journal. */
  journals = false;
  /** Nothing that is written reaches the disk. */
  diskStuck = false;
  /** What the disk holds, whatever becomes of the process. */
  #disk: { readonly state: Uint8Array; readonly asOfMs: number } | undefined;
  readonly receipts: Receipt[] = [];
  #reply: (packet: Uint8Array) => void = () => undefined;

  override get machines(): readonly object[] {
    return [this.plant];
  }

  override get receivers(): readonly SequencedReceiver[] {
    return this.plant.channels.map(({ receiver }) => receiver);
  }

  protected boot(): void {
    const { floor, world } = this;
    const self = floor.plants.find(({ name }) => name === this.name)!;
    const plant = new Plant(
      {
        floor,
        plant: self,
        gate: new FaultGate(new Quarantine(), () => this.wallNs()),
        registry: new CounterRegistry(),
        nowNs: this.nowNs(),
        report: () => '{}',
      },
      {
        send: (channel, bytes, length) => {
          const packet = this.world.copies.of(bytes, length);
          this.invariants.published(this, packet);
          const group = tradingGroup(floor.channels[channel]!, floor.plants.indexOf(self));
          world.trading.multicast(this, groupText(group), packet);
          return true;
        },
        ask: (to, bytes, length) => {
          const packet = this.world.copies.of(bytes, length);
          this.request(world.feed, this.at(to), packet, (answer) => {
            plant.repairPacket(answer, answer.length, to, this.nowNs());
          });
        },
        answer: (bytes, length) => {
          this.#reply(this.world.copies.of(bytes, length));
          return true;
        },
        say: (network, message) => this.say(network === 'feed' ? world.feed : world.trading, message),
        event: (event, facts) => this.log(`${event} ${JSON.stringify(facts)}`),
        fetchState: (from) => {
          this.fetch(
            world.feed,
            this.at(from),
            (rest, why) => plant.stateArrived(rest, why, this.nowNs()),
            (piece) => plant.settledArrived(piece),
          );
        },
        receipt: (receipt) => this.receipts.push(receipt),
      },
    );
    this.plant = plant;
    if (this.#disk !== undefined) {
      const { state, asOfMs } = this.#disk;
      const { channels } = deserialize(state) as { readonly channels: readonly SavedPlantChannel[] };
      plant.offerJournal(channels.map((channel) => ({ ...channel, asOfMs })));
    }
    if (this.journals) {
      this.every(JOURNAL_LEAST_MS, () => {
        this.#write();
        return JOURNAL_LEAST_MS + world.random.below(JOURNAL_SPREAD_MS);
      });
    }
    floor.channels.forEach(({ name }, index) => {
      world.feed.join(name, this, (packet) => plant.packet(index, packet, packet.length, this.nowNs()));
    });
    this.listen(world.feed, (message, origin) => plant.feedStatus(message, origin, this.nowNs(), this.wallNs()));
    this.listen(
      world.trading,
      (message) => plant.tradingStatus(message, this.nowNs()),
      () => void plant.pair.doubted(this.nowNs()),
    );
    this.every(0, () => {
      plant.tick(this.nowNs(), this.wallNs());
      if (plant.subscriptions.pending) plant.subscriptions.pump(this.nowNs(), false);
      return plant.recovering || plant.takingOver ? URGENT_TICK_MS : TICK_MS;
    });
  }

  ask(packet: Uint8Array, from: FloorNode, answer: (packet: Uint8Array) => void): void {
    this.#reply = (bytes) => {
      this.invariants.published(this, bytes);
      answer(bytes);
    };
    this.plant.repairRequest(packet, packet.length, 1, from.name, this.nowNs());
  }

  override giveState(): StateGiver {
    return this.plant.giveState();
  }

  /** Of each channel: how far it has come, and a digest of its values. */
  valueDigests(): string[] {
    const { channels } = deserialize(this.giveState().rest()) as { readonly channels: readonly SavedPlantChannel[] };
    return channels.map((channel) => {
      const values = new CurrentValues(CACHE_COUNTERS.create(), () => {});
      values.restore(channel.values);
      return `${channel.session} ${channel.next} ${values.itemCount} ${values.digest(dictionary)}`;
    });
  }

  #write(): void {
    if (this.diskStuck) return;
    try {
      this.#disk = { state: this.plant.giveState().rest(), asOfMs: Number(this.wallNs() / 1_000_000n) };
    } catch (error) {
      // What has holes is not worth keeping.
      if (!(error instanceof TickerError)) throw error;
    }
  }
}

/** A client's connection to a plant, as the plant sees it. */
class SimConnection implements ClientConnection {
  readonly id: number;
  readonly peer = 'sim';
  readonly client: string;
  readonly queuedBytes = 0;
  readonly #reply: (reply: Reply) => void;
  open = true;

  constructor(id: number, client: string, reply: (reply: Reply) => void) {
    this.id = id;
    this.client = client;
    this.#reply = reply;
  }

  ready(): boolean {
    return true;
  }

  send(reply: Reply): boolean {
    // What is borrowed is copied before it travels.
    if (this.open) this.#reply(reply.kind === 'images' ? { ...reply, blob: reply.blob.slice() } : reply);
    return true;
  }
}

let connections = 0;

/** A subscriber. */
export class ClientNode extends FloorNode {
  machine!: ClientMachine;
  subscription!: Subscription;
  #attempt = 0;
  #connection: { readonly to: PlantNode; readonly made: SimConnection; readonly generation: number } | undefined;

  override get machines(): readonly object[] {
    return [this.machine];
  }

  protected boot(): void {
    const { world, floor } = this;
    this.#connection = undefined;
    const machine = new ClientMachine({
      dictionary,
      ripple: false,
      limits: fillLimits({ gapWaitMs: 10, repairTimeoutMs: 50, streamBytesMax: 65_536, moveBackMs: 2_000 }),
      instance: `${this.name} ${this.generation}`,
      random: world.random,
      registry: new CounterRegistry(),
      nowNs: this.nowNs(),
      wallNs: this.wallNs(),
      effects: {
        join: ({ id, groups }) => {
          groups.forEach((group, index) => {
            const text = groupText(group);
            world.trading.join(text, this, (packet) => machine.packet(id, index, packet, packet.length, this.nowNs()));
          });
        },
        leave: (id) => {
          const channel = floor.channels.find((each) => each.id === id);
          for (const group of channel?.trading ?? []) world.trading.leave(groupText(group), this);
        },
        connect: (plant) => this.#connect(plant.name),
        disconnect: () => this.#disconnect(),
        send: (request) => this.#send(request),
        sendRepair: (bytes, length, address, port) => {
          const packet = this.world.copies.of(bytes, length);
          this.request(world.trading, this.at({ address, port }), packet, (answer) => {
            machine.repairPacket(answer, answer.length, address, port, this.nowNs());
          });
          return true;
        },
        quarantine: (code, message) => this.log(`bad packet ${code} ${message}`),
        listenerFailed: (error) => this.invariants.failed('listener', String(error)),
        event: (event) => this.log(`${event.event} ${JSON.stringify({ ...event, at: undefined })}`),
        note: (_level, what, context) => this.log(`${what} ${JSON.stringify(context)}`),
      },
    });
    this.machine = machine;
    this.listen(world.trading, (message, origin) => machine.status(message, origin, this.nowNs()));
    this.invariants.clientStarts(this);
    this.subscription = machine.subscribe(
      ['SIM.>'],
      {
        listener: {
          onUpdate: (update) => this.invariants.update(this, update),
          onGap: (notice) => this.log(`gap ${JSON.stringify(notice)}`),
        },
      },
      this.nowNs(),
    );
    this.every(0, () => {
      const urgent = machine.tick(this.nowNs(), this.wallNs());
      this.invariants.look(this);
      return urgent ? URGENT_TICK_MS : 2 * TICK_MS;
    });
  }

  get items(): readonly Item[] {
    return this.subscription.items;
  }

  ask(): void {
    // Nobody asks a client.
  }

  #connect(plantName: string): void {
    const attempt = ++this.#attempt;
    const { generation, world } = this;
    const plant = this.nodes.get(plantName) as PlantNode;
    const current = (): boolean => this.generation === generation && this.#attempt === attempt;
    world.after(2 * STREAM_DELAY_NS, () => {
      if (!current()) return;
      if (!plant.alive || !world.trading.connects(this, plant)) {
        this.deliver(() =>
          this.machine.controlClosed(new TickerError('CONTROL_UNREACHABLE', 'not there'), this.nowNs()),
        );
        return;
      }
      const made = new SimConnection(++connections, this.name, (reply) => {
        world.after(STREAM_DELAY_NS, () => {
          if (current() && world.trading.connects(this, plant)) {
            this.deliver(() => this.machine.controlReply(reply as never, this.nowNs()));
          }
        });
      });
      plant.deliver(() => plant.plant.subscriptions.open(made, plant.nowNs()));
      this.#connection = { to: plant, made, generation: plant.generation };
      const welcome = { kind: 'welcome', version: 1, plant: plantName, floor: this.floor.name, boot: 1n } as const;
      this.deliver(() => this.machine.controlOpened(welcome, this.nowNs()));
      this.#watch(attempt);
    });
  }

  /** Notices that the other side is gone, as TCP would. */
  #watch(attempt: number): void {
    this.world.after(50 * MS, () => {
      const connection = this.#connection;
      if (this.#attempt !== attempt || connection === undefined || !this.alive) return;
      if (connection.to.generation === connection.generation && this.world.trading.connects(this, connection.to)) {
        this.#watch(attempt);
        return;
      }
      this.#disconnect();
      this.deliver(() => this.machine.controlClosed(new TickerError('CONTROL_BROKEN', 'gone'), this.nowNs()));
    });
  }

  #disconnect(): void {
    this.#attempt++;
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.made.open = false;
    if (connection.to.generation === connection.generation && connection.to.alive) {
      connection.to.plant.subscriptions.close(connection.made);
    }
  }

  #send(request: Request): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    const { to, made, generation } = connection;
    this.world.after(STREAM_DELAY_NS, () => {
      if (to.generation !== generation || !made.open || !this.world.trading.connects(this, to)) return;
      to.deliver(() => {
        try {
          to.plant.subscriptions.request(made, request as never);
        } catch (error) {
          if (!(error instanceof TickerError)) throw error;
          made.send({ kind: 'error', id: undefined, code: error.code, message: error.message });
        }
      });
    });
    return true;
  }
}

/** Where a node stands in its pair. */
export function pairOf(node: HandlerNode | PlantNode): PairMember {
  return node instanceof HandlerNode ? node.member.pair : node.plant.pair;
}
