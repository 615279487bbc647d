import { type ControlServer, openControlServer } from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError, zoneOffsetNs } from '@tickerplant/core';
import { channelsOf, compileMapping, type Floor, type FloorFeed, parseSession, sessionName } from '@tickerplant/floor';
import { openRequestServer, type RequestService } from '@tickerplant/moldudp64';
import { busyPoll, type MulticastSender, openSender } from '@tickerplant/multicast';
import { openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import { openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, quarantineJson } from '@tickerplant/telemetry';
import { ChannelSet } from './channel-set.ts';
import { ChannelWriter } from './channel-writer.ts';
import { Handler } from './handler.ts';
import { LineWatch } from './line-watch.ts';
import { OutputChannel } from './output-channel.ts';
import type { FeedProtocol } from './protocol.ts';

/** What a handler needs besides the floor file. */
export interface HandlerShellOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A running feed handler. */
export interface HandlerProcess {
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  /**
   * Takes a packet as if it had come on a line, by its place in the floor file: for measuring without the way there.
   * It is borrowed.
   */
  receive(line: number, packet: Uint8Array): void;
  close(): Promise<void>;
}

const MS = 1_000_000;
/** How long to listen for what plants remember of the channels, in heartbeats. */
const DISCOVERY_HEARTBEATS = 4;
/** Least share of the ring for one channel: the ring's own minimum is 64 KiB. */
const RING_BYTES_MIN = 1 << 20;
const LATENCY_SAMPLE_NS = 100 * MS;
/** A gap older than this makes the feed RECOVERING: most are closed within a few milliseconds. */
const OVERDUE_REPAIR_NS = 200 * MS;
/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500 * MS;

/**
 * Runs the handler of one feed of a floor: joins the vendor's lines, repairs, normalises, publishes on the feed
 * network, answers the plants' repair requests, and tells the status group how things stand.
 *
 * @throws TickerError `FEED_UNKNOWN`; whatever the sockets say: `MULTICAST_…`
 */
export async function startHandler(
  floor: Floor,
  feedName: string,
  protocol: FeedProtocol,
  options: HandlerShellOptions,
): Promise<HandlerProcess> {
  const feed = floor.feeds.find((candidate) => candidate.name === feedName);
  if (feed === undefined) {
    const names = floor.feeds.map((candidate) => candidate.name).join(', ');
    throw new TickerError('FLOOR_NO_FEED', `expected a feed of the floor (${names}), got '${feedName}'`);
  }
  const shell = new HandlerShell(floor, feed, protocol, options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

class HandlerShell implements HandlerProcess {
  readonly #floor: Floor;
  readonly #feed: FloorFeed;
  readonly #protocol: FeedProtocol;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #registry = new CounterRegistry();
  readonly #quarantine = new Quarantine();
  readonly #watch: LineWatch;
  readonly #senders: MulticastSender[] = [];
  /** What plants say of our channels, while we are about to begin: by channel id. */
  readonly #remembered = new Map<number, { session: string; next: number }>();
  #channels: readonly OutputChannel[] = [];
  #status: StatusGroup | undefined;
  #control: ControlServer | undefined;
  #repair: RequestService | undefined;
  #subscriber: SequencedSubscriber | undefined;
  #handler: Handler | undefined;
  #timers: NodeJS.Timeout[] = [];
  #stopPolling: () => void = () => {};
  #flushing = false;
  #sampledNs = 0;
  #qualityToldNs = 0;
  #missingFrom: number | undefined;
  #missingSinceNs = 0;

  constructor(floor: Floor, feed: FloorFeed, protocol: FeedProtocol, options: HandlerShellOptions) {
    this.#floor = floor;
    this.#feed = feed;
    this.#protocol = protocol;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#watch = new LineWatch(feed.name, floor.limits.lineSilentAfterMs * MS);
  }

  async open(): Promise<void> {
    const { feed: network } = this.#floor.networks;
    const feed = this.#feed;
    const onError = (error: TickerError): void => this.#logger.error({ code: error.code }, errorMessage(error));
    this.#status = await openStatus({
      endpoint: network.status,
      interface: network.interface,
      ttl: network.ttl,
      sources: network.status.sources,
      key: this.#floor.key,
      name: `handler/${feed.name}`,
      packetBytes: network.packetBytes,
      clock: this.#clock,
      registry: this.#registry,
      quarantine: this.#quarantine,
      onMessage: (message) => this.#remember(message),
      onError,
    });
    this.#repair = await openRequestServer({
      address: feed.repair.address,
      port: feed.repair.port,
      packetBytesMax: network.packetBytes,
      // The clients are the floor's own plants: a handful, and each may have missed a lot.
      clientBudget: { bytesPerSecond: 64 << 20, burstBytes: 8 << 20 },
      totalBudget: { bytesPerSecond: 128 << 20, burstBytes: 16 << 20 },
      refuses: true,
      rebroadcast: (session, packet, length) => this.#rebroadcast(session, packet, length),
      quarantine: (code, message, bytes, context) => {
        this.#quarantine.put(this.#clock.wallNs(), code, message, bytes, context);
      },
      registry: this.#registry,
      clock: this.#clock,
      onError,
    });
    await new Promise((resolve) => setTimeout(resolve, DISCOVERY_HEARTBEATS * this.#floor.limits.heartbeatMs));
    const services = await this.#openChannels(onError);
    const epoch = this.#nextEpoch();
    const framing = this.#protocol.createFraming();
    const handler = new Handler({
      protocol: this.#protocol,
      littleEndianLengths: framing.littleEndianLengths,
      services,
      channels: this.#channels,
      day: feed.day,
      zoneOffsetNs: zoneOffsetNs(feed.day, feed.timeZone),
      epoch,
      quarantine: this.#quarantine,
      registry: this.#registry,
      wallNs: () => this.#clock.wallNs(),
      onEvent: (event, facts) => this.#logger.info(facts, event),
    });
    this.#handler = handler;
    this.#scheduleFlush();
    const { limits } = this.#floor;
    this.#subscriber = await openSubscriber({
      framing,
      lines: feed.lines,
      requestServers: feed.requestServers,
      encodeRequest: this.#protocol.encodeRequest,
      listener: {
        onRun: (bytes, start, end, seq, count) => {
          handler.onRun(bytes, start, end, seq, count);
          this.#scheduleFlush();
        },
        onLost: (from, to, reason) => {
          handler.onLost(from, to, reason);
          this.#scheduleFlush();
        },
        onSession: (session, previous, next) => {
          handler.onSession(session, previous, next);
          this.#scheduleFlush();
        },
        onEnd: (next) => handler.onEnd(next),
      },
      receiver: {
        start: feed.firstSequence,
        sessionPolicy: (current, _incoming, ended) =>
          current === undefined || ended || this.#linesSilent() ? 'switch' : 'ignore',
        gapWaitNs: limits.gapWaitMs * MS,
        requestTimeoutNs: limits.repairTimeoutMs * MS,
        requestMessagesMax: this.#protocol.requestMessagesMax,
        singlePacketAnswers: this.#protocol.singlePacketAnswers,
        lostAfterNs: limits.lostAfterMs * MS,
        reorderBytesMax: feed.ringBytes,
        requestAttemptsMax: Math.max(1, Math.ceil(limits.lostAfterMs / limits.repairTimeoutMs)),
      },
      registry: this.#registry,
      quarantine: this.#quarantine,
      clock: this.#clock,
      onError,
      onWarning: (warning) => this.#logger.warn({ code: warning.code }, errorMessage(warning)),
    });
    if (feed.control !== undefined) this.#control = await this.#openControl(feed.control, onError);
    if (feed.busyPoll) this.#stopPolling = busyPoll();
    this.#timers = [
      setInterval(() => this.#tick(), limits.channelHeartbeatMs),
      setInterval(() => this.#beat(), limits.heartbeatMs),
    ];
    this.#beat();
    this.#logger.info(
      { feed: feed.name, epoch, channels: this.#channels.map(({ name, session }) => ({ name, session })) },
      'handler is up',
    );
  }

  status(): Record<string, unknown> {
    return {
      role: 'handler',
      name: this.#feed.name,
      protocol: this.#protocol.name,
      epoch: this.#handler?.epoch,
      channels: this.#channels.map(({ id, name, session, next, writer }) => ({
        id,
        name,
        session,
        next,
        items: writer.itemCount,
      })),
      lines: this.#watch.all.map((entry) => ({ ...entry, sinceNs: String(entry.sinceNs) })),
      missing: this.#subscriber?.receiver.missing,
      counters: this.#registry.snapshot(),
      quarantine: this.#quarantine.report().counts,
    };
  }

  receive(line: number, packet: Uint8Array): void {
    this.#subscriber!.receiver.packet(line, packet, packet.length, this.#clock.monotonicNs());
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopPolling();
    const now = this.#clock.monotonicNs();
    for (const channel of this.#channels) channel.flush(now);
    await this.#subscriber?.close();
    await this.#control?.close();
    await this.#repair?.close();
    await this.#status?.close();
    await Promise.all(this.#senders.map((sender) => sender.close()));
  }

  async #openChannels(onError: (error: TickerError) => void): Promise<Record<string, ChannelSet>> {
    const { feed: network } = this.#floor.networks;
    const feed = this.#feed;
    const names = [...new Set(Object.values(feed.channels).flatMap((mapping) => channelsOf(mapping)))];
    const ringBytes = Math.max(RING_BYTES_MIN, Math.floor(feed.ringBytes / names.length));
    const outputs = new Map<string, OutputChannel>();
    for (const name of names) {
      const channel = this.#floor.channels.find((candidate) => candidate.name === name)!;
      const sender = await openSender({
        ...channel.feed,
        interface: network.interface,
        ttl: network.ttl,
        sendBufferBytes: 4 << 20,
        onError,
      });
      this.#senders.push(sender);
      const output = new OutputChannel({
        id: channel.id,
        name,
        writer: new ChannelWriter(name, this.#protocol.templates),
        sender,
        requestServer: this.#repair!.server,
        sessionOf: (epoch) => sessionName(channel.id, feed.day, epoch),
        packetBytes: network.packetBytes,
        heartbeatNs: this.#floor.limits.channelHeartbeatMs * MS,
        ringBytes,
        registry: this.#registry,
        before: this.#remembered.get(channel.id) ?? { session: '', next: 0 },
      });
      outputs.set(name, output);
    }
    this.#channels = [...outputs.values()];
    return Object.fromEntries(
      Object.entries(feed.services).map(([role, service]) => {
        const mapping = feed.channels[role]!;
        const own = channelsOf(mapping);
        const indexes = new Map(own.map((name, index) => [name, index]));
        const map = compileMapping(mapping);
        const writers = own.map((name) => outputs.get(name)!.writer);
        return [role, new ChannelSet(service, writers, (symbol) => indexes.get(map(symbol))!)];
      }),
    );
  }

  /** Answers `ticker status`, in the plants' own language. */
  #openControl(
    { address, port }: { readonly address: string; readonly port: number },
    onError: (error: TickerError) => void,
  ): Promise<ControlServer> {
    return openControlServer({
      address,
      port,
      plant: `handler/${this.#feed.name}`,
      floor: this.#floor.name,
      boot: this.#status!.boot,
      handler: {
        onRequest: (connection, request) => {
          switch (request.kind) {
            case 'status':
              connection.send({ kind: 'status-reply', json: JSON.stringify(this.status()) });
              break;
            case 'quarantine':
              connection.send({ kind: 'quarantine-reply', json: quarantineJson(this.#quarantine) });
              break;
            default:
              throw new TickerError('FEED_NO_ITEMS', 'expected a request of a plant, handlers serve no items');
          }
        },
      },
      onError,
      registry: this.#registry,
      quarantine: this.#quarantine,
      clock: this.#clock,
    });
  }

  #remember(message: StatusMessage): void {
    if (message.kind !== 'heartbeat' || message.role !== 'plant' || this.#handler !== undefined) return;
    for (const { id, session, next } of message.channels) {
      const before = this.#remembered.get(id);
      if (session !== '' && (before === undefined || session > before.session)) {
        this.#remembered.set(id, { session, next });
      }
    }
  }

  /** The epoch above all that plants remember of our channels on this day. */
  #nextEpoch(): number {
    let epoch = 0;
    for (const { id } of this.#channels) {
      const remembered = this.#remembered.get(id);
      const parts = remembered === undefined ? undefined : parseSession(remembered.session);
      if (parts !== undefined && parts.day === this.#feed.day) epoch = Math.max(epoch, parts.epoch);
    }
    return epoch + 1;
  }

  /** Flushes when the packets at hand have been dealt with: batches under load, microseconds otherwise. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const now = this.#clock.monotonicNs();
      for (const channel of this.#channels) channel.flush(now);
      if (now - this.#sampledNs >= LATENCY_SAMPLE_NS) this.#sample(now);
    });
  }

  #sample(now: number): void {
    this.#sampledNs = now;
    const wall = this.#clock.wallNs();
    for (const { id, next } of this.#channels) {
      if (next > 1) this.#say({ kind: 'latency', channel: id, samples: [[next - 1, wall]] });
    }
  }

  /** A stray packet must not end a session that is going on: another one is believed when this one is silent. */
  #linesSilent(): boolean {
    const limitNs = this.#floor.limits.lineSilentAfterMs * MS;
    const now = this.#clock.monotonicNs();
    return this.#subscriber?.receiver.lines.every(({ lastHeardNs }) => now - lastHeardNs > limitNs) ?? true;
  }

  #tick(): void {
    const now = this.#clock.monotonicNs();
    for (const channel of this.#channels) channel.tick(now);
  }

  #beat(): void {
    const now = this.#clock.monotonicNs();
    const feed = this.#feed;
    this.#say({
      kind: 'heartbeat',
      role: 'handler',
      name: feed.name,
      feed: feed.name,
      term: 0,
      rank: 0,
      state: 'primary',
      control: feed.control,
      repair: feed.repair,
      channels: this.#channels.map(({ id, session, next }) => ({ id, session, next })),
    });
    const lines = this.#subscriber?.receiver.lines.filter((line) => feed.lines.some(({ name }) => name === line.name));
    const changes = this.#watch.look(lines ?? [], now, this.#clock.wallNs(), this.#overdue(now));
    for (const change of changes) this.#logger.info({ ...change, sinceNs: String(change.sinceNs) }, 'quality');
    if (changes.length > 0 || now - this.#qualityToldNs >= QUALITY_REPEAT_NS) {
      this.#qualityToldNs = now;
      this.#say({ kind: 'quality', entries: this.#watch.all });
    }
  }

  /** What the vendor's lines have both lost, once a repair has taken longer than it should. */
  #overdue(now: number): { readonly from: number; readonly to: number } | undefined {
    const missing = this.#subscriber?.receiver.missing[0];
    if (missing === undefined || missing.from !== this.#missingFrom) {
      this.#missingFrom = missing?.from;
      this.#missingSinceNs = now;
      return undefined;
    }
    return now - this.#missingSinceNs < OVERDUE_REPAIR_NS ? undefined : missing;
  }

  #say(message: StatusMessage): void {
    try {
      this.#status?.send(message);
    } catch (error) {
      this.#logger.error({ kind: message.kind }, errorMessage(error));
    }
  }

  #rebroadcast(session: string, packet: Buffer, length: number): boolean {
    const index = this.#channels.findIndex((channel) => channel.session === session);
    return this.#senders[index]?.send(packet, 0, length) ?? true;
  }
}
