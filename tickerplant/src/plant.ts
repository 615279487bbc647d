import { deserialize, serialize } from 'node:v8';
import type { StateGiver } from '@tickerplant/control';
import { errorMessage, formatDay, TickerError } from '@tickerplant/core';
import { askedService, type Floor, type FloorPlant, isLiveLive, parseSession, tradingGroup } from '@tickerplant/floor';
import { COUNT_MAX, encodeRequest, HEADER_BYTES, RequestServer } from '@tickerplant/moldudp64';
import {
  PAIR_COUNTERS,
  PairMember,
  type Promotion,
  pairTimes,
  type Receipt,
  Shadow,
  Takeover,
} from '@tickerplant/pair';
import { Quality, Reason } from '@tickerplant/records';
import type { LostReason } from '@tickerplant/sequence';
import {
  type Address,
  type Heartbeat,
  INTEREST_COUNTERS,
  InterestTeller,
  type StatusMessage,
  type StatusOrigin,
} from '@tickerplant/status';
import type { CounterRegistry, Counters } from '@tickerplant/telemetry';
import { ChannelLine, Giving, PlantChannel, type SavedPiece, type SavedPlantChannel } from './channel.ts';
import { CLIENT_COUNTERS } from './counters.ts';
import { DirectoryTeller } from './directory-teller.ts';
import { EarlyPackets } from './early-packets.ts';
import type { FaultGate } from './fault-gate.ts';
import { FeedWatch, feedOf } from './feed-watch.ts';
import { QualityTeller } from './quality-teller.ts';
import type { SnapshotChannel } from './snapshot.ts';
import { type SubscriptionLimits, Subscriptions } from './subscriptions.ts';

const MS = 1_000_000;
/** The ring's own minimum. */
const RING_BYTES_MIN = 65_536;
/** Samples taken over from one message. */
const SAMPLES_MAX = 256;
/** After so many tries in vain a plant begins without another one's state. */
const REFUSALS_MAX = 4;
/** Between two tries to get another plant's state. */
const FETCH_AGAIN_NS = 500 * MS;
const STATE_VERSION = 2;
/**
 * Silence of the whole feed network after which a plant counts as cut off from it: in limits for a takeover, for its
 * handlers may just be having one; but well before anything is STALE.
 */
const CUT_OFF_LIMITS = 10;

/** What one plant gives another. */
interface SavedPlant {
  readonly version: number;
  readonly floor: string;
  readonly channels: readonly SavedPlantChannel[];
}

/** What a plant wants done. Channels are indices in the floor's list. */
export interface PlantOutput {
  /**
   * Sends `bytes[0, length)` to a channel's group on the trading network.
   *
   * @returns whether the bytes may be overwritten.
   */
  send(channel: number, bytes: Uint8Array, length: number): boolean;
  /** Sends a repair request to a handler or another plant. The bytes are borrowed. */
  ask(to: Address, bytes: Uint8Array, length: number): void;
  /** Answers a subscriber's repair request; as `send`. */
  answer(bytes: Buffer, length: number, port: number, address: string): boolean;
  /** Gets another plant's state, and hands it to `settledArrived` and `stateArrived`. */
  fetchState(from: Address): void;
  /** A channel goes on with a state from elsewhere. */
  restored?(channel: number, saved: SavedPlantChannel, from: 'journal' | 'plant'): void;
  receipt(receipt: Receipt): void;
  /** Says something on the status group of a network. */
  say(network: 'feed' | 'trading', message: StatusMessage): void;
  /** What operators want to read about. */
  event(event: string, facts: Record<string, unknown>): void;
}

export interface PlantOptions {
  readonly floor: Floor;
  readonly plant: FloorPlant;
  readonly gate: FaultGate;
  readonly registry: CounterRegistry;
  /** Monotonic time at the start. */
  readonly nowNs: number;
  /** Wall clock at the start, nanoseconds since 1970. @default 0, until the first tick */
  readonly wallNs?: bigint;
  /** Answers a client's request for the state, as JSON. */
  readonly report: (kind: 'status' | 'quarantine') => string;
  readonly limits?: Partial<SubscriptionLimits>;
}

/**
 * A ticker plant without its sockets: all channels of the floor, what is said of them on the status groups, the
 * answers to repair requests, and the subscriptions.
 */
export class Plant {
  readonly channels: readonly PlantChannel[];
  readonly subscriptions: Subscriptions;
  readonly requestServer: RequestServer;
  private readonly floor: Floor;
  private readonly self: FloorPlant;
  readonly pair: PairMember;
  private readonly pairCounters: Counters<(typeof PAIR_COUNTERS)['descriptions']>;
  /** Other plants as they were last heard on the trading network, by rank. */
  private readonly peers = new Map<number, Heartbeat>();
  /** `waiting` for another plant or the time to go alone; `joining` while its state is on the way. */
  private phase: 'waiting' | 'joining' | 'running' = 'waiting';
  /** It takes in what comes: it has another plant's state, or works without. */
  private begun = false;
  /** It began without what other plants may have had, and has not caught up since. */
  private stateless = false;
  /** It was found to hold other bytes than the primary, and has not got the primary's state yet. */
  private diverged = false;
  /** Live-live: it has had all that the others have, since it last took over a state; so it publishes. */
  private whole = false;
  private fetching = false;
  /** What has come of the state that is on its way. */
  private readonly pieces: SavedPiece[] = [];
  private fetchDueNs = 0;
  private refusals = 0;
  /** What the journal holds, for want of anything better. */
  private journal: readonly SavedPlantChannel[] = [];
  private takeover: Takeover | undefined;
  private readonly shadow: Shadow;
  /** By channel: what the primary's last heartbeat said of it. */
  private readonly covered: (number | undefined)[];
  /** Told to stay out of it. */
  private drained = false;
  private inStep = false;
  /** What came before it is known what other plants have sent. */
  private readonly early: EarlyPackets = new EarlyPackets();
  private handlersHeardNs: number;
  private readonly output: PlantOutput;
  private readonly gate: FaultGate;
  private readonly watch: FeedWatch;
  private readonly quality: QualityTeller;
  private readonly directory: DirectoryTeller;
  /** Of items that are fetched when somebody wants them. */
  private readonly interest: InterestTeller;
  /** Where the floor file says that a channel's messages may be had again. */
  private readonly repairs: readonly (readonly Address[])[];
  private readonly bySession = new Map<string, number>();
  private readonly requestBytes: Uint8Array = new Uint8Array(HEADER_BYTES);
  private nowNs: number;
  private wallNs: bigint;
  private beatDueNs = 0;

  constructor(options: PlantOptions, output: PlantOutput) {
    const { floor, plant, registry, gate, nowNs } = options;
    const { limits, networks } = floor;
    this.floor = floor;
    this.self = plant;
    this.output = output;
    this.gate = gate;
    this.nowNs = nowNs;
    this.wallNs = options.wallNs ?? 0n;
    const silentAfterNs = limits.silentAfterMs * MS;
    this.watch = new FeedWatch(floor, silentAfterNs, nowNs);
    this.requestServer = new RequestServer({
      packetBytesMax: Math.max(networks.trading.packetBytes, networks.feed.packetBytes),
      refuses: true,
      answer: (bytes, length, port, address) => output.answer(bytes, length, port, address),
      rebroadcast: (session, bytes, length) => {
        const index = this.bySession.get(session);
        return index === undefined || output.send(index, bytes, length);
      },
      quarantine: gate.put,
      registry,
    });
    const ringBytes = Math.max(RING_BYTES_MIN, Math.floor(plant.ringBytes / floor.channels.length));
    this.channels = floor.channels.map(
      (channel, index) =>
        new PlantChannel(
          {
            name: channel.name,
            id: channel.id,
            ringBytes,
            packetBytes: networks.trading.packetBytes,
            heartbeatNs: limits.channelHeartbeatMs * MS,
            gapWaitNs: limits.gapWaitMs * MS,
            requestTimeoutNs: limits.repairTimeoutMs * MS,
            lostAfterNs: limits.plantLostAfterMs * MS,
            digests: floor.plants.length > 1,
            liveLive: isLiveLive(channel),
            // One that is down would never refuse: where some are heard, those are whose word counts.
            answerers: () => this.answerers(index),
            registry,
            quarantine: gate.put,
          },
          {
            send: (bytes, length) => output.send(index, bytes, length),
            request: (session, from, count, attempt) => this.ask(index, session, from, count, attempt),
            session: (session, previous, next) => this.onSession(index, session, previous, next),
            lost: (from, to, reason) => this.onLost(index, from, to, reason),
          },
        ),
    );
    const tell = (message: StatusMessage): void => output.say('trading', message);
    this.directory = new DirectoryTeller(floor, this.channels, tell);
    this.quality = new QualityTeller({
      channels: this.channels,
      watch: this.watch,
      silentAfterNs,
      nowNs,
      say: tell,
      event: (event, facts) => output.event(event, facts),
    });
    this.repairs = floor.channels.map(({ name }) => repairsOf(floor, plant, name));
    this.interest = new InterestTeller({
      services: floor.feeds.flatMap((feed) => askedService(feed) ?? []),
      say: (message) => output.say('feed', message),
      counters: registry.create(INTEREST_COUNTERS),
    });
    this.subscriptions = new Subscriptions({
      interest: this.interest,
      channels: this.channels.map((channel, index) => new ChannelView(channel, this.directory.services[index]!)),
      report: options.report,
      counters: registry.create(CLIENT_COUNTERS),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    this.shadow = new Shadow(this.channels.length);
    this.covered = this.channels.map(() => undefined);
    this.handlersHeardNs = Number.NEGATIVE_INFINITY;
    this.pairCounters = registry.create(PAIR_COUNTERS);
    const alone = floor.plants.length === 1;
    const times = pairTimes(limits, floor.plants.length);
    this.pair = new PairMember(
      {
        rank: floor.plants.indexOf(plant),
        members: floor.plants.length,
        ...times,
        coldStartNs: alone ? 0 : times.coldStartNs,
        // One that has been in step may go on though it be late: what it sends is the same.
        unfitAfterNs: () => (this.whole && !this.diverged ? times.lateAfterNs : times.anewAfterNs),
        nowNs,
        counters: this.pairCounters,
      },
      {
        onPromotion: (promotion) => this.promoted(promotion),
        onStepDown: (to, term) => this.steppedDown(to, term),
        onPrimary: (by, term) => output.event('primary', { primary: this.nameOf(by), term }),
      },
    );
    // With nobody to wait for, the first packet that comes is sent on.
    if (alone) this.pair.tick(nowNs);
  }

  /** Whether messages are being sent again: `tick` should come every millisecond. */
  get takingOver(): boolean {
    return this.takeover !== undefined;
  }

  /** Whether a channel misses messages, so that `tick` should come every millisecond. */
  get recovering(): boolean {
    for (const { receiver } of this.channels) if (receiver.recovering) return true;
    return false;
  }

  /** A packet of a channel's group on the feed network; it is the plant's from now on. */
  packet(channel: number, bytes: Uint8Array, length: number, nowNs: number): void {
    // One that has begun goes on, also while it waits for another one's state to replace its own.
    if (this.begun) this.channels[channel]!.packet(ChannelLine.FEED, bytes, length, nowNs);
    else this.pairCounters.earlyDropped += this.early.keep(channel, bytes, length);
  }

  /** An answer to a repair request. @param from whose it is */
  repairPacket(bytes: Uint8Array, length: number, from: Address, nowNs: number): void {
    // Whose it is stands in the session; what is too short for one goes to the first channel, which refuses it.
    let index = 0;
    if (length >= HEADER_BYTES) {
      const session = Buffer.from(bytes.buffer, bytes.byteOffset, SESSION_BYTES).toString('latin1');
      index = this.bySession.get(session) ?? 0;
    }
    this.channels[index]?.packet(ChannelLine.REPAIR, bytes, length, nowNs, nameOf(from));
  }

  /** A subscriber's repair request. */
  repairRequest(bytes: Uint8Array, length: number, port: number, address: string, nowNs: number): void {
    this.requestServer.packet(bytes, length, port, address, nowNs);
  }

  /** What was said on the feed network's status group. */
  feedStatus(message: StatusMessage, origin: StatusOrigin, nowNs: number, wallNs: bigint): void {
    switch (message.kind) {
      case 'heartbeat':
        this.watch.heartbeat(message, origin.sender, nowNs);
        if (message.role !== 'handler') return;
        this.handlersHeardNs = nowNs;
        if (message.state === 'primary') this.told(message);
        return;
      case 'quality': {
        const items = [];
        const doubtful = this.channels.filter((_, index) => {
          const { quality, reason } = this.watch.judge(index, nowNs);
          return quality !== Quality.LIVE && reason !== Reason.HANDLER_SILENT;
        });
        for (const entry of message.entries) {
          if (!this.watch.quality(entry)) continue;
          if (entry.scope === 'item') items.push(entry);
          else this.quality.board.put(entry);
        }
        // What is said of how far the feed has come counts from now on: before, it was on its way there.
        for (const channel of doubtful) channel.doubt();
        if (items.length > 0) this.output.say('trading', { kind: 'quality', entries: items });
        return;
      }
      case 'latency':
        this.passSamples(message.channel, message.samples, nowNs, wallNs);
        return;
      case 'directory':
      case 'interest':
        return;
    }
  }

  /** What another plant said on the trading network's status group. */
  tradingStatus(message: StatusMessage, nowNs: number): void {
    if (message.kind !== 'heartbeat' || message.role !== 'plant') return;
    const { rank, term, state, fit = true, successor } = message;
    if (rank === this.pair.rank || rank >= this.floor.plants.length) return;
    this.nowNs = nowNs;
    this.peers.set(rank, message);
    if (state === 'primary' ? term >= this.pair.term : successor === this.pair.rank) this.follow(message);
    this.pair.heard({ rank, term, state, fit, successor }, nowNs);
    if (this.pair.state !== 'primary' && state === 'primary') this.compare();
  }

  /**
   * This plant's state, for another one.
   *
   * @throws TickerError `PLANT_NOT_WHOLE`, here or from the rest: it has holes itself.
   */
  giveState(): StateGiver {
    const whole = (): void => {
      const damaged = this.channels.find(({ values }) => values.damaged);
      if (this.phase === 'running' && damaged === undefined) return;
      const what = damaged === undefined ? `this one is ${this.phase}` : `channel ${damaged.name} has holes`;
      throw new TickerError('PLANT_NOT_WHOLE', `expected a plant whose values are whole, ${what}`);
    };
    whole();
    const given = this.channels.map(() => new Giving());
    let at = 0;
    return {
      settled: () => {
        for (; at < this.channels.length; at++) {
          const piece = this.channels[at]!.savePiece(given[at]!);
          if (piece !== undefined) return serialize(piece);
        }
        return undefined;
      },
      rest: () => {
        whole();
        const channels = this.channels.map((channel, index) => channel.save(given[index]));
        const state: SavedPlant = { version: STATE_VERSION, floor: this.floor.name, channels };
        return serialize(state);
      },
    };
  }

  /**
   * What this plant's journal holds. It is used where no other plant's state can be had, and is STALE until everything has
   * come that came since. To be called before the first packet.
   */
  offerJournal(channels: readonly SavedPlantChannel[]): void {
    this.journal = channels;
    if (!this.begun) return;
    this.restoreJournal();
    if (this.pair.state === 'primary') for (const { gate } of this.channels) gate.goLive();
  }

  /** A piece of the state that was asked for, ahead of the rest; in its order, authenticated by the shell. */
  settledArrived(piece: Uint8Array): void {
    if (this.phase === 'joining') this.pieces.push(deserialize(piece) as SavedPiece);
  }

  /** The state that was asked for; undefined: it could not be had, for the reason given. Authenticated by the shell. */
  stateArrived(bytes: Uint8Array | undefined, why: string, nowNs: number): void {
    this.nowNs = nowNs;
    this.fetching = false;
    this.fetchDueNs = nowNs + FETCH_AGAIN_NS;
    const pieces = this.pieces.splice(0);
    if (this.phase !== 'joining') return;
    try {
      if (bytes === undefined) throw new TickerError('PLANT_NO_STATE', why);
      this.restore(deserialize(bytes) as SavedPlant, pieces);
    } catch (error) {
      this.output.event('no state of another plant', { why: errorMessage(error) });
      if (++this.refusals < REFUSALS_MAX) return;
      // Perhaps it has holes itself. Then the handlers are asked for everything.
      this.refusals = 0;
      this.begin();
      this.takeEarly();
    }
  }

  /**
   * Hands over to another plant.
   *
   * @returns its name; undefined if no other one is fit, or this one isn't primary.
   */
  handOver(nowNs: number): string | undefined {
    this.nowNs = nowNs;
    const successor = this.pair.handOver(nowNs);
    if (successor === undefined) return undefined;
    this.beat();
    return this.nameOf(successor);
  }

  /** Stays out of it from now on, for work on this process; or takes part again. */
  setDrained(drained: boolean, nowNs: number): void {
    this.nowNs = nowNs;
    this.drained = drained;
    this.judgeFitness();
    this.beat();
  }

  /** Lets time pass. Call it every millisecond or so while `recovering`, else a few times in a heartbeat's interval. */
  tick(nowNs: number, wallNs: bigint): void {
    this.nowNs = nowNs;
    this.gate.tick(nowNs);
    this.wallNs = wallNs;
    this.pair.tick(nowNs);
    if (this.takeover !== undefined) this.stepTakeover();
    for (const channel of this.channels) channel.tick(nowNs);
    if (nowNs < this.beatDueNs) return;
    // As regular as can be: what others conclude from a late heartbeat costs more than an early one.
    const intervalNs = this.floor.limits.heartbeatMs * MS;
    this.beatDueNs = Math.max(this.beatDueNs + intervalNs, nowNs + intervalNs / 2);
    this.judgeFitness();
    if (this.pair.state !== 'primary') this.catchUp();
    // Whoever learns where the channels are shall know already how they are.
    this.quality.tell(nowNs, wallNs);
    this.beat();
    this.directory.tick(nowNs);
    this.interest.tick(nowNs);
  }

  /** The state, for `status`; `registry` and the like are the shell's to add. */
  status(nowNs: number): Record<string, unknown> {
    return {
      role: 'plant',
      name: this.self.name,
      floor: this.floor.name,
      rank: this.pair.rank,
      term: this.pair.term,
      state: this.pair.state,
      fit: this.pair.fit,
      phase: this.phase,
      drained: this.drained,
      primary: this.nameOf(this.pair.primary) ?? null,
      channels: this.channels.map((channel, index) => this.channelStatus(channel, index, nowNs)),
      quality: this.quality.board.all().map((entry) => ({ ...entry, sinceNs: String(entry.sinceNs) })),
      clients: this.subscriptions.report(),
      interest: { ...this.subscriptions.interest.size, told: this.interest.size },
      repairClients: this.requestServer.clientReports(),
    };
  }

  private channelStatus(channel: PlantChannel, index: number, nowNs: number): Record<string, unknown> {
    const { values, ring, receiver } = channel;
    const { group, port } = tradingGroup(this.floor.channels[index]!, this.pair.rank);
    return {
      id: channel.id,
      name: channel.name,
      group: `${group}:${port}`,
      publishing: channel.gate.live,
      liveLive: channel.liveLive,
      session: channel.session ?? '',
      next: channel.next,
      over: channel.over,
      items: values.itemCount,
      services: this.directory.servicesOf(index),
      quality: this.quality.board.get('channel', channel.name)?.quality,
      journalAsOfMs: channel.asOfMs ?? null,
      heardMsAgo: channel.heardNs < 0 ? null : Math.round((nowNs - channel.heardNs) / MS),
      missing: receiver.missing,
      held: receiver.held,
      losses: channel.losses,
      damagedItems: values.damagedItems,
      ring: { first: ring.firstSeq, next: ring.nextSeq, bytes: ring.bytes },
      valueBytes: values.allocatedBytes,
    };
  }

  /** Whom to ask for a channel's messages: those heard of, then those that the floor file names. */
  private holders(index: number): readonly Address[] {
    const heard = this.watch.repairAddresses(index, this.nowNs);
    const known = this.repairs[index]!;
    return [
      ...heard,
      ...known.filter(({ address, port }) => !heard.some((a) => a.address === address && a.port === port)),
    ];
  }

  /** Of those, the ones that would say so if they had a message no more: who is heard, and in this session. Nobody is: all. */
  private answerers(index: number): string[] {
    const { id, session } = this.channels[index]!;
    const handlers = this.watch.repairAddresses(index, this.nowNs);
    if (handlers.length === 0) return this.repairs[index]!.map(nameOf);
    const plants = this.pair.present(this.nowNs).flatMap((rank) => {
      const { repair, channels } = this.peers.get(rank)!;
      const told = channels.find((channel) => channel.id === id)?.session ?? session;
      return repair !== undefined && told === session ? [repair] : [];
    });
    return [...handlers, ...plants].map(nameOf);
  }

  private ask(index: number, session: Uint8Array, from: number, count: number, attempt: number): void {
    const all = this.holders(index);
    if (all.length === 0) return;
    const length = encodeRequest(session, from, Math.min(count, COUNT_MAX), this.requestBytes);
    this.output.ask(all[attempt % all.length]!, this.requestBytes, length);
  }

  private onSession(index: number, session: string, previous: string | undefined, next: number): void {
    const { name, ring } = this.channels[index]!;
    if (previous !== undefined) {
      this.bySession.delete(previous);
      this.requestServer.closeChannel(previous);
      // What the primary said of that one is not about this one's numbers; before the first of them there is nothing to differ in.
      this.shadow.comparisons[index]!.reset(1);
    }
    this.bySession.set(session, index);
    this.requestServer.openChannel(session, ring);
    this.output.event('session', { channel: name, session, previous, next });
  }

  private onLost(index: number, from: number, to: number, reason: LostReason): void {
    this.output.event('messages lost', { channel: this.channels[index]!.name, from, to: to - 1, reason });
  }

  /** The handlers' samples, and when the same messages left here. */
  private passSamples(
    id: number,
    samples: readonly (readonly [seq: number, wallNs: bigint])[],
    nowNs: number,
    wallNs: bigint,
  ): void {
    const index = this.watch.indexOf(id);
    if (index === undefined || samples.length > SAMPLES_MAX) return;
    this.output.say('trading', { kind: 'latency', channel: id, samples });
    const channel = this.channels[index]!;
    const own: [number, bigint][] = [];
    for (const [seq] of samples) {
      const leftNs = channel.sent.timeOf(seq, channel.next);
      if (leftNs >= 0) own.push([seq, wallNs - BigInt(Math.round(nowNs - leftNs))]);
    }
    if (own.length > 0) this.output.say('trading', { kind: 'latency', channel: id, samples: own });
  }

  private beat(): void {
    const { control, repair, name } = this.self;
    const message: StatusMessage = {
      kind: 'heartbeat',
      role: 'plant',
      name,
      ...this.pair.report(),
      control,
      repair,
      channels: this.channels.map(({ id, session, next, ring, doubtful }, index) => {
        const digest = ring.digestAt(next);
        const unsure = doubtful || this.quality.isUnsure(index);
        return { id, session: session ?? '', next, digest: digest?.toString(16), unsure };
      }),
    };
    this.output.say('trading', message);
    // Handlers choose their epoch by what plants remember.
    this.output.say('feed', message);
  }

  private promoted(promotion: Promotion): void {
    const { term, reason, nowNs } = promotion;
    const from = this.nameOf(promotion.from);
    this.output.event('primary now', { member: this.self.name, term, reason, before: from });
    this.begin();
    this.whole = true;
    // Live-live there is nothing to send again: what the primary sent, this plant has sent too.
    const shared = this.channels.flatMap(({ liveLive }, index) => (liveLive ? [] : [index]));
    this.takeover = new Takeover({
      member: `plant/${this.self.name}`,
      promotion,
      from: from === undefined ? undefined : `plant/${from}`,
      wallNs: this.wallNs,
      channels: shared.map((index) => this.channels[index]!),
      covered: shared.map((index) => this.covered[index]),
    });
    this.nowNs = nowNs;
    this.inStep = true;
    this.judgeFitness();
    this.stepTakeover();
    // With the gates open, or behind what is being sent again: subscribers want these too.
    this.takeEarly();
    // Its word is what counts from now on: all of it at once, for whoever has not heard it yet.
    if (promotion.from !== undefined) {
      this.quality.repeat();
      this.quality.tell(nowNs, this.wallNs);
    }
    this.beat();
  }

  /** Goes to work; one without other plants' state does what it can: it asks the handlers for what its journal lacks. */
  private begin(): void {
    this.stateless = !this.begun;
    this.phase = 'running';
    if (this.begun) return;
    this.begun = true;
    this.restoreJournal();
  }

  private takeEarly(): void {
    for (const { channel, bytes, length } of this.early.take()) this.packet(channel, bytes, length, this.nowNs);
  }

  private restoreJournal(): void {
    for (const saved of this.journal) {
      const index = this.watch.indexOf(saved.id);
      if (index === undefined) continue;
      const { name, ring } = this.channels[index]!;
      const day = feedOf(this.floor, name)?.day;
      const { session, next, asOfMs } = saved;
      if (parseSession(session)?.day !== day) {
        const today = day === undefined ? undefined : formatDay(day);
        this.output.event('journal of another day left alone', { channel: name, session, today });
        continue;
      }
      this.channels[index]!.restore(saved);
      this.output.restored?.(index, saved, 'journal');
      const asOf = new Date(asOfMs!).toISOString();
      this.output.event('values from the journal', { channel: name, session, next, repair: ring.firstSeq, asOf });
    }
    this.journal = [];
  }

  /** A handler's word how far its channels have come. */
  private told(message: Heartbeat): void {
    for (const { id, session, next, unsure } of message.channels) {
      const index = this.watch.indexOf(id);
      if (index !== undefined && unsure !== true) this.channels[index]!.told(session, next);
    }
  }

  private steppedDown(to: number, term: number): void {
    this.output.event('no longer primary', { member: this.self.name, to: this.nameOf(to), term });
    this.takeover = undefined;
    this.channels.forEach(({ gate, ring, liveLive }, index) => {
      this.covered[index] = (liveLive ? undefined : gate.shut()) ?? ring.nextSeq;
      // What it published is what there is.
      this.shadow.comparisons[index]!.reset(ring.nextSeq);
    });
    if (this.recovering) {
      // Not all of it, though: the new primary may have what is missing here.
      if (this.stateless) this.phase = 'joining';
      this.inStep = false;
    }
    this.judgeFitness();
  }

  private stepTakeover(): void {
    const receipt = this.takeover!.step(this.nowNs);
    if (receipt === undefined) return;
    this.takeover = undefined;
    for (const { from, to } of receipt.rebroadcast) this.pairCounters.rebroadcast += to - from;
    this.output.receipt(receipt);
  }

  /** The primary's heartbeat: how far it has come, and with what. */
  private follow(message: Heartbeat): void {
    for (const { id, session, next, digest } of message.channels) {
      const index = this.watch.indexOf(id);
      if (index === undefined || session === '') continue;
      const same = this.channels[index]!.session === session;
      this.covered[index] = same ? next : undefined;
      if (same && message.state === 'primary') {
        this.shadow.comparisons[index]!.claim(
          next,
          digest === undefined ? undefined : Number.parseInt(digest, 16),
          this.nowNs,
        );
      }
    }
  }

  /** Whether what this plant holds is what the primary has published. */
  private compare(): void {
    const { primary } = this.pair;
    if (this.phase !== 'running' || primary === undefined || primary === this.pair.rank) return;
    const { shadow } = this;
    let lacking = false;
    shadow.begin();
    for (const { id, session } of this.peers.get(primary)?.channels ?? []) {
      const index = this.watch.indexOf(id);
      if (index === undefined || session === '') continue;
      const { name, ring, values, session: own } = this.channels[index]!;
      const verdict = shadow.look(
        index,
        own === session ? ring.nextSeq : 0,
        (seq) => ring.digestAt(seq),
        (from, to) => this.differs(name, from, to),
        this.nowNs,
      );
      if (verdict !== 'different' && !(values.damaged && own === session)) continue;
      // Another plant may have what was lost here.
      this.phase = 'joining';
      lacking = true;
    }
    const steady = shadow.settle(this.nowNs);
    const inStep = !lacking && shadow.agrees && !shadow.behind && (this.inStep || steady);
    if (inStep === this.inStep) return;
    this.inStep = inStep;
    if (inStep) this.whole = true;
    this.output.event(inStep ? 'in step with the primary' : 'not in step with the primary', {
      primary: this.nameOf(primary),
    });
    this.judgeFitness();
  }

  private differs(channel: string, from: number, to: number): void {
    this.pairCounters.diverged++;
    this.diverged = true;
    this.whole = false;
    this.setOwnGates();
    this.output.event('what this plant holds differs', { channel, from, to: to - 1 });
  }

  /** A plant that no handler reaches can't do its work, whoever it is. */
  private judgeFitness(): void {
    const { takeoverAfterMs, silentAfterMs } = this.floor.limits;
    const limitNs = Math.min(CUT_OFF_LIMITS * takeoverAfterMs, silentAfterMs / 2) * MS;
    const heardNs = this.channels.reduce((latest, channel) => Math.max(latest, channel.heardNs), this.handlersHeardNs);
    const connected = this.nowNs - heardNs < limitNs;
    this.pair.setFit(connected && !this.drained && (this.pair.state === 'primary' || this.inStep));
    this.setOwnGates();
  }

  /**
   * Live-live: a plant that has what the others have publishes all the time. It goes on when it is late, or misses
   * something that it asks for: what it does send is right, and subscribers take the rest from the others.
   */
  private setOwnGates(): void {
    const open = this.whole && !this.drained;
    for (const { liveLive, gate } of this.channels) {
      if (!liveLive || gate.live === open) continue;
      if (open) gate.goLive();
      else gate.shut();
    }
  }

  /** A plant that has nothing yet, or has missed something, takes over the primary's state. */
  private catchUp(): void {
    const { primary } = this.pair;
    if (primary === undefined || primary === this.pair.rank) return;
    if (this.phase === 'waiting') this.phase = 'joining';
    if (this.phase !== 'joining' || this.fetching || this.nowNs < this.fetchDueNs) return;
    const control = this.peers.get(primary)?.control;
    if (control === undefined) return;
    this.fetching = true;
    this.pieces.length = 0;
    this.output.fetchState(control);
  }

  private restore(state: SavedPlant, pieces: readonly SavedPiece[]): void {
    if (state.version !== STATE_VERSION || state.floor !== this.floor.name) {
      const got = `version ${state.version} of floor ${state.floor}`;
      throw new TickerError(
        'PLANT_BAD_STATE',
        `expected version ${STATE_VERSION} of floor ${this.floor.name}, got ${got}`,
      );
    }
    for (const saved of state.channels) {
      const index = this.watch.indexOf(saved.id);
      if (index === undefined) continue;
      const own = pieces.filter(({ id }) => id === saved.id);
      this.channels[index]!.restore(saved, own);
      // Whoever writes it down needs all of it.
      this.output.restored?.(index, own.length === 0 ? saved : this.channels[index]!.save(), 'plant');
    }
    this.journal = [];
    for (const comparison of this.shadow.comparisons) comparison.reset();
    this.inStep = false;
    this.refusals = 0;
    this.begun = true;
    this.stateless = false;
    this.diverged = false;
    this.whole = false;
    this.phase = 'running';
    this.pairCounters.transfers++;
    this.takeEarly();
    this.output.event('state taken over', {
      channels: state.channels.map(({ id, session, next }) => ({ id, session, next })),
    });
  }

  private nameOf(rank: number | undefined): string | undefined {
    return rank === undefined ? undefined : this.floor.plants[rank]?.name;
  }
}

function nameOf({ address, port }: Address): string {
  return `${address}:${port}`;
}

/** Bytes of a session at the beginning of a packet. */
const SESSION_BYTES = 10;

/** A channel as snapshots see it. */
class ChannelView implements SnapshotChannel {
  readonly services: readonly string[];
  private readonly channel: PlantChannel;

  constructor(channel: PlantChannel, services: readonly string[]) {
    this.channel = channel;
    this.services = services;
  }

  get id(): number {
    return this.channel.id;
  }

  get session(): string | undefined {
    return this.channel.session;
  }

  get values(): PlantChannel['values'] {
    return this.channel.values;
  }
}

/** The feed's handlers, then the other plants. */
function repairsOf(floor: Floor, self: FloorPlant, channel: string): Address[] {
  const feed = feedOf(floor, channel);
  const others = floor.plants.filter((plant) => plant !== self);
  return [...(feed?.members ?? []), ...others].map(({ repair }) => repair);
}
