import type { Reply, Resync, Subscribe, Unsubscribe, Welcome } from '@tickerplant/control';
import type { ErrorContext, TickerError } from '@tickerplant/core';
import { encodeRequest, HEADER_BYTES, MOLD_FRAMING } from '@tickerplant/moldudp64';
import type { FieldDictionary } from '@tickerplant/records';
import type { Address, DirectoryChannel, StatusMessage, StatusOrigin } from '@tickerplant/status';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { type ChannelEffects, ChannelSession, ClientLine } from './channel-session.ts';
import { FloorView, type PlantInfo } from './floor-view.ts';
import { Interest } from './interest.ts';
import type { Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import { BackOff, type ClientLimits, SilenceLimit } from './options.ts';
import { type SubscribeOptions, Subscription, type SubscriptionOwner } from './subscription.ts';

/** What a client wants done. */
export interface ClientEffects {
  /** Listen to a channel's group; what comes goes to `packet`. */
  join(channel: DirectoryChannel): void;
  /** Stop listening. */
  leave(channel: number): void;
  /** Connect to a plant; `controlOpened` or `controlClosed` follows. */
  connect(plant: PlantInfo, address: Address): void;
  /** End the connection, or the attempt; nothing follows. */
  disconnect(): void;
  /** @returns false when it cannot be sent now. */
  send(request: Subscribe | Unsubscribe | Resync): boolean;
  /** Sends `bytes[0, length)` by UDP. @returns whether the bytes may be overwritten. */
  sendRepair(bytes: Uint8Array, length: number, address: string, port: number): boolean;
  quarantine(code: string, message: string, bytes: Uint8Array, context: ErrorContext): void;
  listenerFailed(error: unknown): void;
  note(level: 'debug' | 'info' | 'warn', what: string, context: ErrorContext): void;
}

export interface ClientMachineOptions {
  readonly dictionary: FieldDictionary;
  readonly ripple: boolean;
  readonly limits: ClientLimits;
  readonly registry: CounterRegistry;
  readonly effects: ClientEffects;
  /** Monotonic. */
  readonly nowNs: number;
  readonly wallNs: bigint;
}

/** A channel as `client.channels` shows it. */
export interface ChannelInfo {
  readonly id: number;
  readonly name: string;
  readonly services: readonly string[];
  readonly group: string;
  readonly port: number;
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
  private readonly backOffs = new Map<string, BackOff>();
  private request: Uint8Array = new Uint8Array(HEADER_BYTES);
  /** Requests that the plant has not finished answering. */
  private outstanding = 0;
  private nextId = 1;
  private nowNs: number;
  private wall: bigint;
  private tickedNs: number;
  /** When the plant that we are connected to last answered anything. */
  private answeredNs = 0;
  private reported = new Set<string>();
  private reportedNs = 0;

  constructor(options: ClientMachineOptions) {
    this.options = options;
    this.dictionary = options.dictionary;
    this.limits = options.limits;
    this.silence = new SilenceLimit(options.limits);
    this.effects = options.effects;
    this.floor = new FloorView(this.silence);
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
    return [...this.floor.channels.values()].map(({ id, name, services, endpoint, session: listed }) => {
      const session = this.sessions.get(id);
      return {
        id,
        name,
        services,
        group: endpoint.group,
        port: endpoint.port,
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

  /** Name of the plant that images come from; undefined while there is no connection. */
  get plant(): string | undefined {
    return this.connection.state === 'open' ? this.connection.plant : undefined;
  }

  // — inputs ———————————————————————————————————————————————————————————————————————————————————————————————

  /** A message of the status group. */
  status(message: StatusMessage, origin: StatusOrigin, nowNs: number): void {
    this.nowNs = nowNs;
    switch (message.kind) {
      case 'heartbeat':
        this.floor.heartbeat(origin, message, nowNs);
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
        break;
    }
    this.connectIfDue();
  }

  /** A datagram of a channel's group. @returns whether `tick` should come soon. */
  packet(channel: number, bytes: Uint8Array, length: number, nowNs: number): boolean {
    this.nowNs = nowNs;
    const session = this.sessions.get(channel);
    if (session === undefined) return false;
    session.packet(ClientLine.GROUP, bytes, length, nowNs);
    return session.isUrgent;
  }

  /** An answer to a repair request. */
  repairPacket(bytes: Uint8Array, length: number, address: string, port: number, nowNs: number): void {
    this.nowNs = nowNs;
    if (!this.floor.isRepairAddress(address, port)) {
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
    const name = MOLD_FRAMING.formatSession(bytes, MOLD_FRAMING.sessionOffset);
    for (const session of this.sessions.values()) {
      if (session.session !== name) continue;
      session.packet(ClientLine.REPAIR, bytes, length, nowNs);
      return;
    }
  }

  /** The connection that was asked for is there. */
  controlOpened(welcome: Welcome, nowNs: number): void {
    this.nowNs = nowNs;
    if (this.connection.state !== 'connecting') return;
    this.connection = { state: 'open', plant: this.connection.plant };
    this.effects.note('info', 'connected to plant', { plant: welcome.plant, floor: welcome.floor });
    for (const session of this.sessions.values()) session.connectionOpened(nowNs);
  }

  /** The connection, or the attempt, is over. */
  controlClosed(error: TickerError | undefined, nowNs: number): void {
    this.nowNs = nowNs;
    if (this.connection.state === 'none') return;
    const { plant } = this.connection;
    this.effects.note('warn', 'no connection to plant', { plant, code: error?.code, reason: error?.message });
    this.dropConnection();
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
      this.dropConnection();
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
      if (joined !== undefined && !sameEndpoint(joined, channel)) {
        this.effects.leave(id);
        this.joined.set(id, channel);
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
    const { dictionary, ripple, registry } = this.options;
    const session = new ChannelSession({
      id: channel.id,
      name: channel.name,
      dictionary,
      ripple,
      limits: this.limits,
      silence: this.silence,
      registry,
      effects: this,
      nowNs: this.nowNs,
      wallNs: this.wall,
    });
    this.sessions.set(channel.id, session);
    this.joined.set(channel.id, channel);
    session.setOutside(this.floor.channelState(channel.id, channel.name, this.nowNs, this.wall), this.nowNs);
    this.effects.join(channel);
    return session;
  }

  private refreshOutside(): void {
    for (const session of this.sessions.values()) {
      session.setOutside(this.floor.channelState(session.id, session.name, this.nowNs, this.wall), this.nowNs);
    }
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
    if (this.connection.state !== 'none' || this.subscribed.size === 0) return;
    for (const plant of this.floor.available(this.nowNs)) {
      let backOff = this.backOffs.get(plant.name);
      if (backOff === undefined) {
        backOff = new BackOff(this.limits.retryMs);
        this.backOffs.set(plant.name, backOff);
      }
      if (!backOff.isDue(this.nowNs)) continue;
      backOff.tried(this.nowNs);
      this.connection = { state: 'connecting', plant: plant.name };
      this.effects.connect(plant, plant.control!);
      return;
    }
  }

  /** Leaves a plant that is of no use. */
  private checkConnection(imagesOverdue: boolean): void {
    if (this.connection.state === 'none') return;
    const { plant } = this.connection;
    const available = this.floor.available(this.nowNs);
    // Silent only if it says nothing here either; and where there is no other one, the connection may as well stay.
    const silent =
      available.length > 0 &&
      !available.some(({ name }) => name === plant) &&
      this.nowNs - this.answeredNs > this.silence.ns;
    if (!silent && !imagesOverdue) return;
    const why = silent ? 'it is silent on the status group' : 'it does not answer';
    this.effects.note('warn', 'leaving plant', { plant, why });
    this.effects.disconnect();
    this.dropConnection();
  }

  private dropConnection(): void {
    if (this.connection.state === 'open') this.backOffs.get(this.connection.plant)?.tried(this.nowNs);
    this.connection = { state: 'none' };
    for (const subscribed of this.subscribed.values()) {
      subscribed.asked = [];
      subscribed.introduced = false;
    }
    this.outstanding = 0;
    for (const session of this.sessions.values()) session.connectionLost();
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
    const addresses = this.floor.repairAddresses(channel.id, this.nowNs);
    if (addresses.length === 0) return;
    const { address, port } = addresses[attempt % addresses.length]!;
    const length = encodeRequest(session, from, count, this.request);
    const free = this.effects.sendRepair(this.request, length, address, port);
    if (!free) this.request = new Uint8Array(HEADER_BYTES);
  }

  answerers(channel: ChannelSession): number {
    return this.floor.repairAddresses(channel.id, this.nowNs).length;
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

function sameEndpoint(a: DirectoryChannel, b: DirectoryChannel): boolean {
  const text = ({ endpoint, sources = [] }: DirectoryChannel): string =>
    [endpoint.group, endpoint.port, ...sources].join(' ');
  return text(a) === text(b);
}
