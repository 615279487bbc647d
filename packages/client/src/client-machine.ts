import type { Reply, Resync, Subscribe, Unsubscribe, Welcome } from '@tickerplant/control';
import type { ErrorContext, Random, TickerError } from '@tickerplant/core';
import { encodeRequest, HEADER_BYTES, MOLD_FRAMING } from '@tickerplant/moldudp64';
import { type FieldDictionary, Quality } from '@tickerplant/records';
import type { Address, DirectoryChannel, Heartbeat, StatusMessage, StatusOrigin } from '@tickerplant/status';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { type ChannelEffects, ChannelSession, ClientLine } from './channel-session.ts';
import { sameGroups } from './directory-channels.ts';
import type { FloorEvent, ServerEvent, TakeoverEvent } from './floor-events.ts';
import { FloorView, type PlantStanding } from './floor-view.ts';
import { Interest } from './interest.ts';
import type { Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import { type ClientLimits, SilenceLimit } from './options.ts';
import { PlantChoice } from './plant-choice.ts';
import { RepairServers } from './repair-servers.ts';
import { type SubscribeOptions, Subscription, type SubscriptionOwner } from './subscription.ts';

/** What a client wants done. */
export interface ClientEffects {
  /** Listen to all groups of a channel; what comes goes to `packet`. */
  join(channel: DirectoryChannel): void;
  /** Stop listening. */
  leave(channel: number): void;
  /** Connect to a plant; `controlOpened` or `controlClosed` follows. */
  connect(plant: PlantStanding, address: Address): void;
  /** End the connection, or the attempt; nothing follows. */
  disconnect(): void;
  /** @returns false when it cannot be sent now. */
  send(request: Subscribe | Unsubscribe | Resync): boolean;
  /** Sends `bytes[0, length)` by UDP. @returns whether the bytes may be overwritten. */
  sendRepair(bytes: Uint8Array, length: number, address: string, port: number): boolean;
  quarantine(code: string, message: string, bytes: Uint8Array, context: ErrorContext): void;
  listenerFailed(error: unknown): void;
  /** Tell the application. */
  event(event: FloorEvent): void;
  note(level: 'debug' | 'info' | 'warn', what: string, context: ErrorContext): void;
}

export interface ClientMachineOptions {
  readonly dictionary: FieldDictionary;
  readonly ripple: boolean;
  readonly limits: ClientLimits;
  /** This client's own: no other one of the floor has the same. */
  readonly instance: string;
  readonly random: Random;
  readonly registry: CounterRegistry;
  readonly effects: ClientEffects;
  /** Monotonic. */
  readonly nowNs: number;
  readonly wallNs: bigint;
}

/** One of the groups that carry a channel. */
export interface LineInfo {
  readonly group: string;
  readonly port: number;
  /** The plant that publishes on it; undefined where all plants share the one group, or it is not known. */
  readonly plant: string | undefined;
  /** Whether the channel's session has been heard on it within the limit of silence. */
  readonly heard: boolean;
  /** Messages that it brought first, and those that it left out. */
  readonly firsts: number;
  readonly missed: number;
}

/** Who serves a client. Names of plants; undefined: nobody at the moment. */
export interface Serving {
  /** Images come from this one: there is a connection to it. */
  readonly images: string | undefined;
  /** Missed messages are asked of this one first. */
  readonly repair: string | undefined;
  /** Publishes, or, live-live, speaks for the floor. */
  readonly primary: string | undefined;
}

/** A channel as `client.channels` shows it. */
export interface ChannelInfo {
  readonly id: number;
  readonly name: string;
  readonly services: readonly string[];
  /** One; live-live one for each plant, by rank. */
  readonly lines: readonly LineInfo[];
  /** Whether a subscription needs it. */
  readonly joined: boolean;
  /** Empty until it is heard. */
  readonly session: string;
  /** The next number. */
  readonly next: number;
  /** undefined while nobody needs it. */
  readonly state: ItemState | undefined;
  /** Subscribed items. */
  readonly items: number;
  /** Updates applied to them. */
  readonly updates: number;
  /** Gaps found, and messages that never came. */
  readonly gaps: number;
  readonly lost: number;
}

interface Subscribed {
  readonly id: number;
  readonly subscription: Subscription;
  /** By channel id. */
  readonly interests: Map<number, Interest>;
  /**
   * What this connection was asked, in order, and has not finished answering: a channel's images, or -1 for the
   * subscription itself. Empty while the plant doesn't know of the subscription.
   */
  asked: number[];
  introduced: boolean;
}

type Connection = { readonly state: 'none' } | { readonly state: 'connecting' | 'open'; readonly plant: string };

/** Most requests that a plant is left with: it bounds what a client may have waiting. */
const OUTSTANDING_MAX = 64;
/** A pause between ticks that only a process that was held up makes. */
const STALL_NS = 150_000_000;
const REPORTS_EVERY_NS = 500_000_000;

/**
 * A client without its sockets: finds the channels in what the status group says, keeps a session for each that
 * is wanted, one connection to the best plant, and the subscriptions.
 */
export class ClientMachine implements SubscriptionOwner, ChannelEffects {
  readonly dictionary: FieldDictionary;
  readonly floor: FloorView;
  /** Called once, when the channels are known. */
  onDirectory: () => void = () => {};
  private readonly options: ClientMachineOptions;
  private readonly limits: ClientLimits;
  private readonly silence: SilenceLimit;
  private readonly effects: ClientEffects;
  private readonly sessions = new Map<number, ChannelSession>();
  private readonly joined = new Map<number, DirectoryChannel>();
  private readonly subscribed = new Map<number, Subscribed>();
  private readonly idOf = new Map<Subscription, number>();
  private connection: Connection = { state: 'none' };
  private readonly choice: PlantChoice;
  private readonly repairers: RepairServers;
  private readonly serves: { images: string | undefined; repair: string | undefined } = {
    images: undefined,
    repair: undefined,
  };
  /** The last plant that images came from. */
  private imagesFrom: string | undefined;
  private request: Uint8Array = new Uint8Array(HEADER_BYTES);
  /** Requests that the plant has not finished answering. */
  private outstanding = 0;
  private nextId = 1;
  private nowNs: number;
  private wall: bigint;
  private tickedNs: number;
  /** When the plant that we are connected to last answered anything. */
  private answeredNs = 0;
  /** What is known of the floor in which all channels are LIVE; -1: there is none. */
  private liveVersion = -1;
  private reported = new Set<string>();
  private reportedNs = 0;

  constructor(options: ClientMachineOptions) {
    this.options = options;
    this.dictionary = options.dictionary;
    this.limits = options.limits;
    this.silence = new SilenceLimit(options.limits);
    this.effects = options.effects;
    this.floor = new FloorView(this.silence);
    const { instance, limits, random, nowNs } = options;
    this.choice = new PlantChoice(instance, limits, this.silence, random, nowNs);
    this.repairers = new RepairServers(instance, limits.repairTimeoutMs);
    this.nowNs = options.nowNs;
    this.tickedNs = options.nowNs;
    this.wall = options.wallNs;
  }

  // — for the application ——————————————————————————————————————————————————————————————————————————————————

  /** @throws TickerError `RECORDS_BAD_PATTERN`, `CLIENT_BAD_OPTION` */
  subscribe(patterns: readonly string[], options: SubscribeOptions, nowNs: number): Subscription {
    this.nowNs = nowNs;
    const subscription = new Subscription(this, patterns, options);
    const id = this.nextId++;
    const subscribed: Subscribed = { id, subscription, interests: new Map(), asked: [], introduced: false };
    this.subscribed.set(id, subscribed);
    this.idOf.set(subscription, id);
    this.spread(subscribed);
    return subscription;
  }

  itemsOf(subscription: Subscription): Item[] {
    const items: Item[] = [];
    const interests = this.subscribed.get(this.idOf.get(subscription) ?? 0)?.interests;
    for (const [channel, interest] of interests ?? []) {
      for (const item of this.sessions.get(channel)!.table.items()) {
        if (item.interests.includes(interest)) items.push(item);
      }
    }
    return items;
  }

  /** A subscription ends. */
  end(subscription: Subscription): void {
    const id = this.idOf.get(subscription);
    const subscribed = id === undefined ? undefined : this.subscribed.get(id);
    if (subscribed === undefined) return;
    this.idOf.delete(subscription);
    this.subscribed.delete(subscribed.id);
    if (subscribed.introduced) this.effects.send({ kind: 'unsubscribe', id: subscribed.id });
    this.outstanding -= subscribed.asked.length;
    for (const [channel, interest] of subscribed.interests) {
      const session = this.sessions.get(channel)!;
      session.removeInterest(interest);
      if (session.table.allInterests().length > 0) continue;
      this.sessions.delete(channel);
      this.joined.delete(channel);
      this.effects.leave(channel);
    }
  }

  listenerFailed(error: unknown): void {
    this.effects.listenerFailed(error);
  }

  item(subject: string): Item | undefined {
    for (const { table } of this.sessions.values()) {
      const item = table.item(subject);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  subscriptions(): Subscription[] {
    return [...this.idOf.keys()];
  }

  channelInfos(): ChannelInfo[] {
    return [...this.floor.channels.values()].map((channel) => {
      const { id, name, services, session: listed } = channel;
      const session = this.sessions.get(id);
      return {
        id,
        name,
        services,
        lines: this.lineInfos(channel, session),
        joined: session !== undefined,
        session: session?.session ?? listed,
        next: session?.next ?? 0,
        state: session?.state,
        items: session?.table.size ?? 0,
        updates: session?.counters.updates ?? 0,
        gaps: session?.counters.gaps ?? 0,
        lost: session?.counters.lost ?? 0,
      };
    });
  }

  /** The session that a channel's numbers are of: the one that is heard, or else listed; undefined: there is no such channel. */
  sessionOfChannel(name: string): string | undefined {
    for (const { id, name: listed, session } of this.floor.channels.values()) {
      if (listed === name) return this.sessions.get(id)?.session ?? session;
    }
    return undefined;
  }

  private lineInfos({ groups }: DirectoryChannel, session: ChannelSession | undefined): LineInfo[] {
    const lines = session?.groupLines ?? [];
    return groups.map(({ group, port }, rank) => ({
      group,
      port,
      plant: groups.length > 1 ? this.floor.plantOfRank(rank) : undefined,
      heard: lines[rank] !== undefined && session!.isHeard(rank),
      firsts: lines[rank]?.counters.firsts ?? 0,
      missed: lines[rank]?.counters.missed ?? 0,
    }));
  }

  /** Who serves this client. */
  serving(nowNs: number): Serving {
    return { ...this.serves, primary: this.floor.primary(nowNs) };
  }

  /** The newest takeovers seen, the oldest first. */
  get takeovers(): readonly TakeoverEvent[] {
    return this.floor.takeovers.list;
  }

  // — inputs ———————————————————————————————————————————————————————————————————————————————————————————————

  /** A message of the status group. */
  status(message: StatusMessage, origin: StatusOrigin, nowNs: number): void {
    this.nowNs = nowNs;
    switch (message.kind) {
      case 'heartbeat':
        this.floor.heartbeat(origin, message, nowNs);
        this.told(message);
        break;
      case 'directory':
        if (this.floor.directory(origin, message, nowNs)) this.reconcile();
        this.onDirectory();
        break;
      case 'quality':
        this.floor.quality(origin, message, nowNs);
        if (message.entries.some(({ scope }) => scope === 'item')) this.refreshReports();
        this.refreshOutside();
        break;
      case 'latency':
      case 'interest':
        break;
    }
    this.connectIfDue();
  }

  /**
   * A datagram of one of a channel's groups.
   *
   * @param group which of them, from 0.
   * @returns whether `tick` should come soon.
   */
  packet(channel: number, group: number, bytes: Uint8Array, length: number, nowNs: number): boolean {
    this.nowNs = nowNs;
    const session = this.sessions.get(channel);
    if (session === undefined) return false;
    session.packet(ClientLine.GROUP + group, bytes, length, nowNs);
    return session.isUrgent;
  }

  /** An answer to a repair request. */
  repairPacket(bytes: Uint8Array, length: number, address: string, port: number, nowNs: number): void {
    this.nowNs = nowNs;
    const plant = this.floor.repairerAt(address, port);
    if (plant === undefined) {
      this.effects.quarantine('CLIENT_STRANGER', 'expected an answer of a plant', bytes.subarray(0, length), {
        address,
        port,
      });
      return;
    }
    if (length < MOLD_FRAMING.sessionOffset + MOLD_FRAMING.sessionLength) {
      this.effects.quarantine('CLIENT_TRUNCATED', `expected a packet, got ${length} bytes`, bytes.subarray(0, length), {
        address,
        port,
      });
      return;
    }
    this.repairers.answered(plant);
    const name = MOLD_FRAMING.formatSession(bytes, MOLD_FRAMING.sessionOffset);
    for (const session of this.sessions.values()) {
      if (session.session !== name) continue;
      session.packet(ClientLine.REPAIR, bytes, length, nowNs, plant);
      return;
    }
  }

  /** The connection that was asked for is there. */
  controlOpened(welcome: Welcome, nowNs: number): void {
    this.nowNs = nowNs;
    if (this.connection.state !== 'connecting') return;
    this.connection = { state: 'open', plant: this.connection.plant };
    this.effects.note('info', 'connected to plant', { plant: welcome.plant, floor: welcome.floor });
    this.server('images', this.connection.plant, this.imagesFrom, 'connected');
    this.imagesFrom = this.connection.plant;
    for (const session of this.sessions.values()) session.connectionOpened(nowNs);
  }

  /** The connection, or the attempt, is over. */
  controlClosed(error: TickerError | undefined, nowNs: number): void {
    this.nowNs = nowNs;
    if (this.connection.state === 'none') return;
    const { plant } = this.connection;
    this.effects.note('warn', 'no connection to plant', { plant, code: error?.code, reason: error?.message });
    this.dropConnection(error?.message ?? 'the connection is over');
    this.connectIfDue();
  }

  controlReply(reply: Exclude<Reply, Welcome>, nowNs: number): void {
    this.nowNs = nowNs;
    this.answeredNs = nowNs;
    if (reply.kind === 'error') {
      // Which request it is about can't be told for certain: a clean start, after a while, makes no mistakes.
      const { code, message } = reply;
      this.effects.note('warn', 'plant refuses', { code, message });
      this.effects.disconnect();
      this.dropConnection(message);
      return;
    }
    if (reply.kind !== 'images' && reply.kind !== 'end') return;
    const subscribed = this.subscribed.get(reply.id);
    if (subscribed === undefined) return;
    const channel = reply.kind === 'images' ? reply.channel : subscribed.asked.shift();
    if (reply.kind === 'end') this.outstanding--;
    const interest = subscribed.interests.get(channel ?? -1);
    const session = this.sessions.get(channel ?? -1);
    if (interest === undefined || session === undefined) return;
    if (reply.kind === 'images') session.images(interest, reply, nowNs);
    else session.imagesEnd(interest);
  }

  /** Lets time pass: every few milliseconds. @returns whether the next one should come soon. */
  tick(nowNs: number, wallNs: bigint): boolean {
    const stalled = nowNs - this.tickedNs > STALL_NS;
    this.nowNs = nowNs;
    this.tickedNs = nowNs;
    this.wall = wallNs;
    // This process itself was held up: what came meanwhile waits in the sockets. Nobody is silent for that.
    if (stalled) return true;
    this.refreshOutside();
    if (nowNs - this.reportedNs > REPORTS_EVERY_NS) this.refreshReports();
    let urgent = false;
    let overdue = false;
    for (const session of this.sessions.values()) {
      session.tick(nowNs, wallNs);
      urgent ||= session.isUrgent;
      overdue ||= session.imagesOverdue(nowNs);
    }
    this.checkConnection(overdue);
    this.connectIfDue();
    this.lookAtFloor();
    return urgent;
  }

  /** The client closes. */
  close(): void {
    for (const subscription of this.idOf.keys()) {
      subscription.closeWith(undefined);
    }
    this.idOf.clear();
    this.subscribed.clear();
    this.sessions.clear();
    this.joined.clear();
    this.connection = { state: 'none' };
  }

  // — channels —————————————————————————————————————————————————————————————————————————————————————————————

  private reconcile(): void {
    for (const [id, channel] of this.floor.channels) {
      const joined = this.joined.get(id);
      if (joined !== undefined && !sameGroups(joined, channel)) {
        this.effects.leave(id);
        this.joined.set(id, channel);
        this.sessions.get(id)!.setGroups(channel.groups.length);
        this.effects.join(channel);
      }
    }
    for (const subscribed of this.subscribed.values()) this.spread(subscribed);
  }

  /** Makes a subscription known to the channels that may carry what it wants. */
  private spread({ subscription, interests }: Subscribed): void {
    for (const [id, channel] of this.floor.channels) {
      if (interests.has(id)) continue;
      const patterns = subscription.patterns.filter(({ service }) => {
        return service === undefined || channel.services.includes(service);
      });
      if (patterns.length === 0) continue;
      const interest = new Interest(patterns, subscription.fids, subscription);
      interests.set(id, interest);
      this.sessionOf(channel).addInterest(interest, this.nowNs);
    }
    if (interests.size > 0 || this.floor.channels.size === 0) return;
    // The directory names every service of the floor, so there is nothing to wait for; should one appear, it is taken up.
    const patterns = subscription.patterns.map(({ text }) => text).join(' ');
    this.effects.note('warn', 'no channel carries what is subscribed to', { patterns });
    subscription.setReady();
  }

  private sessionOf(channel: DirectoryChannel): ChannelSession {
    const known = this.sessions.get(channel.id);
    if (known !== undefined) return known;
    const { dictionary, ripple, registry, random } = this.options;
    const session = new ChannelSession({
      id: channel.id,
      name: channel.name,
      dictionary,
      ripple,
      limits: this.limits,
      silence: this.silence,
      random,
      registry,
      effects: this,
      nowNs: this.nowNs,
      wallNs: this.wall,
    });
    session.setGroups(channel.groups.length);
    this.sessions.set(channel.id, session);
    this.joined.set(channel.id, channel);
    this.liveVersion = -1;
    session.setOutside(this.floor.channelState(channel.id, channel.name, this.nowNs, this.wall), this.nowNs);
    this.effects.join(channel);
    return session;
  }

  /** A plant's word how far it has come with its channels. */
  private told({ role, state, channels }: Heartbeat): void {
    if (role !== 'plant' || state === 'joining') return;
    // A standby may be behind: what it says counts where nobody else speaks.
    const counts = state === 'primary' || this.floor.primary(this.nowNs) === undefined;
    for (const { id, session, next, unsure } of channels) {
      const known = this.sessions.get(id);
      if (known === undefined || session === '' || unsure === true) continue;
      if (counts || known.groups > 1) known.told(session, next);
    }
  }

  private refreshOutside(): void {
    const version = this.floor.version(this.nowNs);
    if (version === this.liveVersion) return;
    let live = true;
    for (const session of this.sessions.values()) {
      const state = this.floor.channelState(session.id, session.name, this.nowNs, this.wall);
      session.setOutside(state, this.nowNs);
      live &&= state.quality === Quality.LIVE;
    }
    // What is bad is told at every tick: what comes meanwhile proves nothing.
    this.liveVersion = live ? version : -1;
  }

  private refreshReports(): void {
    this.reportedNs = this.nowNs;
    const now = this.floor.itemSubjects();
    if (now.size === 0 && this.reported.size === 0) return;
    const changed = new Set([...now, ...this.reported]);
    this.reported = now;
    for (const session of this.sessions.values()) session.refreshReports(changed, this.nowNs);
  }

  // — the connection ———————————————————————————————————————————————————————————————————————————————————————

  private connectIfDue(): void {
    const available = this.floor.available(this.nowNs);
    this.choice.look(available, this.nowNs);
    // Before the channels are known there are no images to ask for.
    if (this.connection.state !== 'none' || this.subscribed.size === 0 || this.floor.channels.size === 0) return;
    const plant = this.choice.next(available, this.nowNs);
    if (plant === undefined) return;
    this.connection = { state: 'connecting', plant: plant.name };
    this.effects.connect(plant, plant.control!);
  }

  /** Leaves a plant that is of no use, or one that another is to be preferred to. */
  private checkConnection(imagesOverdue: boolean): void {
    if (this.connection.state === 'none') return;
    const { plant, state } = this.connection;
    const available = this.floor.available(this.nowNs);
    // Silent only if it says nothing here either; and where there is no other one, the connection may as well stay.
    const silent =
      available.length > 0 &&
      !available.some(({ name }) => name === plant) &&
      this.nowNs - this.answeredNs > this.silence.ns;
    if (silent || imagesOverdue) {
      const why = silent ? 'it is silent on the status group' : 'it does not answer';
      this.effects.note('warn', 'leaving plant', { plant, why });
      this.effects.disconnect();
      this.dropConnection(why);
      return;
    }
    const why =
      state === 'open' ? this.choice.whyMove(plant, available, this.outstanding === 0, this.nowNs) : undefined;
    if (why === undefined) return;
    this.effects.note('info', 'leaving plant', { plant, why });
    this.effects.disconnect();
    this.forgetConnection(why);
  }

  private dropConnection(why: string): void {
    if (this.connection.state === 'open') this.choice.lost(this.connection.plant, this.nowNs);
    this.forgetConnection(why);
  }

  private forgetConnection(why: string): void {
    this.connection = { state: 'none' };
    for (const subscribed of this.subscribed.values()) {
      subscribed.asked = [];
      subscribed.introduced = false;
    }
    this.outstanding = 0;
    for (const session of this.sessions.values()) session.connectionLost();
    this.server('images', undefined, this.imagesFrom, why);
  }

  // — what the application is told of the floor ————————————————————————————————————————————————————————————

  private lookAtFloor(): void {
    const now = this.repairers.inOrder(this.floor.repairers(undefined, this.nowNs), this.nowNs)[0]?.name;
    const before = this.serves.repair;
    const why = before === undefined ? 'it is heard' : 'it is first in order now';
    this.server('repair', now, before, now === undefined ? 'no plant is heard that could' : why);
    if (this.floor.takeovers.isPending) this.tellTakeovers();
  }

  private tellTakeovers(): void {
    const events = this.floor.takeovers.settled(
      this.nowNs,
      () => this.longestPauseMs(),
      (ns) => this.wallAt(ns),
    );
    for (const event of events) {
      const { from, to, term, gapMs } = event;
      this.effects.note('info', 'takeover', { from, to, term, gapMs });
      this.effects.event(event);
    }
  }

  private server(serves: ServerEvent['serves'], to: string | undefined, from: string | undefined, why: string): void {
    if (this.serves[serves] === to) return;
    this.serves[serves] = to;
    this.effects.event({ event: 'server', serves, from, to, why, at: this.wallAt(this.nowNs) });
  }

  private longestPauseMs(): number | undefined {
    let longestNs = -1;
    for (const { longestPauseNs } of this.sessions.values()) longestNs = Math.max(longestNs, longestPauseNs);
    return longestNs < 0 ? undefined : longestNs / 1e6;
  }

  /** Wall-clock time of a monotonic one. */
  private wallAt(ns: number): bigint {
    return this.wall + BigInt(Math.round(ns - this.tickedNs));
  }

  // — effects of the channels ——————————————————————————————————————————————————————————————————————————————

  askImages(channel: ChannelSession, interest: Interest, subjects: readonly string[]): boolean {
    if (this.connection.state !== 'open' || this.outstanding >= OUTSTANDING_MAX) return false;
    for (const subscribed of this.subscribed.values()) {
      if (subscribed.interests.get(channel.id) === interest) return this.askFor(subscribed, channel.id, subjects);
    }
    return false;
  }

  private askFor(subscribed: Subscribed, channel: number, subjects: readonly string[]): boolean {
    const { id, subscription } = subscribed;
    if (!subscribed.introduced) {
      const patterns = subscription.patterns.map(({ text }) => text);
      // Images are asked for by channel, when the channel's stream is being kept.
      if (!this.effects.send({ kind: 'subscribe', id, patterns, images: false })) return false;
      subscribed.introduced = true;
      subscribed.asked.push(-1);
      this.outstanding++;
    }
    if (!this.effects.send({ kind: 'resync', id, channel, items: [], subjects })) return false;
    subscribed.asked.push(channel);
    this.outstanding++;
    return true;
  }

  askRepair(channel: ChannelSession, session: Uint8Array, from: number, count: number, attempt: number): void {
    const plants = this.repairers.inOrder(this.floor.repairers(channel.id, this.nowNs), this.nowNs);
    if (plants.length === 0) return;
    const { name, repair } = plants[attempt % plants.length]!;
    const length = encodeRequest(session, from, count, this.request);
    this.repairers.asked(name, this.nowNs);
    const free = this.effects.sendRepair(this.request, length, repair!.address, repair!.port);
    if (!free) this.request = new Uint8Array(HEADER_BYTES);
  }

  answerers(channel: ChannelSession): readonly string[] {
    return this.floor.repairers(channel.id, this.nowNs).map(({ name }) => name);
  }

  lineChanged(channel: ChannelSession, group: number, heard: boolean): void {
    const listed = this.floor.channels.get(channel.id);
    const line = listed === undefined ? undefined : this.lineInfos(listed, this.sessions.get(channel.id))[group];
    if (line === undefined) return;
    const { plant } = line;
    const name = `${line.group}:${line.port}`;
    this.effects.note(heard ? 'info' : 'warn', heard ? 'group is heard again' : 'group is silent', {
      channel: channel.name,
      group: name,
      plant,
    });
    this.effects.event({
      event: 'line',
      channel: channel.name,
      group: name,
      plant,
      heard,
      at: this.wallAt(this.nowNs),
    });
  }

  quarantine(code: string, message: string, bytes: Uint8Array, context: ErrorContext): void {
    this.effects.quarantine(code, message, bytes, context);
  }

  itemState(subject: string): ItemState | undefined {
    return this.floor.itemState(subject, this.nowNs);
  }

  complete(interest: Interest): void {
    for (const { subscription, interests } of this.subscribed.values()) {
      const all = [...interests.values()];
      if (all.includes(interest) && all.every(({ complete }) => complete)) subscription.setReady();
    }
  }

  note(level: 'debug' | 'info' | 'warn', what: string, context: ErrorContext): void {
    this.effects.note(level, what, context);
  }
}
