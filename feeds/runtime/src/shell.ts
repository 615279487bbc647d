import { join } from 'node:path';
import {
  type ControlServer,
  type DutyRequest,
  doDuty,
  fetchState,
  openControlServer,
  StateServer,
} from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError, zoneOffsetNs } from '@tickerplant/core';
import {
  channelsOf,
  compileMapping,
  type Floor,
  type FloorFeed,
  type FloorMember,
  sessionName,
} from '@tickerplant/floor';
import { JOURNAL_COUNTERS, type JournalThread, type ReceiptContents, receiptThread } from '@tickerplant/journal';
import { openRequestServer, type RequestService } from '@tickerplant/moldudp64';
import { busyPoll, type MulticastSender, openSender } from '@tickerplant/multicast';
import { type Receipt, type ReceiptReport, Receipts } from '@tickerplant/pair';
import { openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import { type Address, newBootId, openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, quarantineJson, Trouble } from '@tickerplant/telemetry';
import { ChannelSet } from './channel-set.ts';
import { ChannelWriter } from './channel-writer.ts';
import { Handler } from './handler.ts';
import { LineWatch } from './line-watch.ts';
import { HandlerMember } from './member.ts';
import { OutputChannel } from './output-channel.ts';
import type { FeedProtocol } from './protocol.ts';

/** What a handler needs besides the floor file. */
export interface HandlerShellOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Called when it was told to end, to be started anew: whoever runs the process closes it. */
  readonly onEnd?: () => void;
}

/** A running feed handler. */
export interface HandlerProcess {
  /** Heartbeats so far: where they stand still, the process does. */
  readonly beats: number;
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
/** Least share of the ring for one channel: the ring's own minimum is 64 KiB. */
const RING_BYTES_MIN = 1 << 20;
const LATENCY_SAMPLE_NS = 100 * MS;
/** A gap older than this makes the feed RECOVERING: most are closed within a few milliseconds. */
const OVERDUE_REPAIR_NS = 200 * MS;
/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500 * MS;
/** While messages are sent again after a takeover, in steps of so much. */
const TAKEOVER_TICK_MS = 1;
const DOUBT_REPEAT_NS = 1_000 * MS;

/**
 * Runs a handler of one feed of a floor: joins the vendor's lines, repairs, normalises, publishes on the feed
 * network, answers the plants' repair requests, and tells the status group how things stand. One of several handlers of
 * a feed does all but publish while another one is primary.
 *
 * @param memberName the feed's name, or that of one of its standbys: `itch-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startHandler(
  floor: Floor,
  memberName: string,
  protocol: FeedProtocol,
  options: HandlerShellOptions,
): Promise<HandlerProcess> {
  const found = memberOf(floor, memberName);
  if (found === undefined) {
    const names = floor.feeds.flatMap(({ members }) => members.map(({ name }) => name)).join(', ');
    throw new TickerError('FLOOR_NO_FEED', `expected a feed of the floor (${names}), got '${memberName}'`);
  }
  const shell = new HandlerShell(floor, found, protocol, options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

/** A place among the handlers of a floor. */
interface Place {
  readonly feed: FloorFeed;
  readonly member: FloorMember;
  readonly rank: number;
}

/** The feed's handler with this name. */
export function memberOf(floor: Floor, name: string): Place | undefined {
  for (const feed of floor.feeds) {
    const rank = feed.members.findIndex((member) => member.name === name);
    if (rank >= 0) return { feed, member: feed.members[rank]!, rank };
  }
  return undefined;
}

class HandlerShell implements HandlerProcess {
  readonly #floor: Floor;
  readonly #feed: FloorFeed;
  readonly #self: FloorMember;
  readonly #rank: number;
  readonly #protocol: FeedProtocol;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #registry = new CounterRegistry();
  readonly #quarantine = new Quarantine();
  readonly #watch: LineWatch;
  readonly #senders: MulticastSender[] = [];
  readonly #receipts = new Receipts();
  readonly #boot: bigint = newBootId();
  readonly #states: StateServer;
  /** Receipts on disk. */
  readonly #journal: JournalThread<string, ReceiptContents> | undefined;
  #channels: readonly OutputChannel[] = [];
  #status: StatusGroup | undefined;
  #control: ControlServer | undefined;
  #repair: RequestService | undefined;
  #subscriber: SequencedSubscriber | undefined;
  #member: HandlerMember | undefined;
  #handler: Handler | undefined;
  #hurry: NodeJS.Timeout | undefined;
  #closed = false;
  beats = 0;
  #timers: NodeJS.Timeout[] = [];
  #stopPolling: () => void = () => {};
  #flushing = false;
  #sampledNs = 0;
  #qualityToldNs = 0;
  readonly #onEnd: () => void;
  #doubtToldNs: number = Number.NEGATIVE_INFINITY;
  #missingFrom: number | undefined;
  #missingSinceNs = 0;

  constructor(floor: Floor, { feed, member, rank }: Place, protocol: FeedProtocol, options: HandlerShellOptions) {
    this.#floor = floor;
    this.#feed = feed;
    this.#self = member;
    this.#rank = rank;
    this.#states = new StateServer(floor.key, this.#boot);
    this.#protocol = protocol;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#watch = new LineWatch(feed.name, floor.limits.lineSilentAfterMs * MS);
    this.#journal = this.#createJournal();
  }

  async open(): Promise<void> {
    const { feed: network } = this.#floor.networks;
    const { limits } = this.#floor;
    const feed = this.#feed;
    const clock = this.#clock;
    const trouble = new Trouble(this.#logger, clock);
    const onError = (error: TickerError): void => trouble.report(error);
    void this.#openJournal();
    this.#repair = await openRequestServer({
      address: this.#self.repair.address,
      port: this.#self.repair.port,
      packetBytesMax: network.packetBytes,
      // The clients are the floor's own plants: a handful, and each may have missed a lot.
      clientBudget: { bytesPerSecond: 64 << 20, burstBytes: 8 << 20 },
      totalBudget: { bytesPerSecond: 128 << 20, burstBytes: 16 << 20 },
      refuses: true,
      rebroadcast: (session, packet, length) => this.#rebroadcast(session, packet, length),
      quarantine: (code, message, bytes, context) => {
        this.#quarantine.put(clock.wallNs(), code, message, bytes, context);
      },
      registry: this.#registry,
      clock,
      onError,
    });
    const services = await this.#openChannels(onError);
    const framing = this.#protocol.createFraming();
    const { littleEndianLengths } = framing;
    const onEvent = (event: string, facts: Record<string, unknown>): void => this.#logger.info(facts, event);
    const handler = new Handler({
      protocol: this.#protocol,
      littleEndianLengths,
      services,
      channels: this.#channels,
      day: feed.day,
      zoneOffsetNs: zoneOffsetNs(feed.day, feed.timeZone),
      epochStep: feed.members.length,
      quarantine: this.#quarantine,
      registry: this.#registry,
      wallNs: () => clock.wallNs(),
      onEvent,
    });
    const member = new HandlerMember(
      {
        floor: this.#floor,
        feed,
        rank: this.#rank,
        handler,
        channels: this.#channels,
        littleEndianLengths,
        registry: this.#registry,
        nowNs: clock.monotonicNs(),
      },
      {
        listen: (start, session) => this.#subscriber?.receiver.rejoin(start, session),
        fetchState: (rank, from) => void this.#fetchState(rank, from),
        say: (message) => this.#say(message),
        event: onEvent,
        receipt: (receipt) => this.#receipt(receipt),
      },
    );
    this.#handler = handler;
    this.#member = member;
    this.#subscriber = await openSubscriber({
      framing,
      lines: feed.lines,
      requestServers: feed.requestServers,
      encodeRequest: this.#protocol.encodeRequest,
      listener: {
        onRun: (bytes, start, end, seq, count) => {
          member.onRun(bytes, start, end, seq, count);
          this.#scheduleFlush();
        },
        onLost: (from, to, reason) => {
          member.onLost(from, to, reason);
          this.#scheduleFlush();
        },
        onSession: (session, previous, next) => {
          member.onSession(session, previous, next);
          this.#scheduleFlush();
        },
        onEnd: (next) => member.onEnd(next),
      },
      receiver: {
        start: 'first-seen',
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
      clock,
      onError,
      onWarning: (warning) => this.#logger.warn({ code: warning.code }, errorMessage(warning)),
    });
    this.#status = await openStatus({
      endpoint: network.status,
      interface: network.interface,
      ttl: network.ttl,
      sources: network.status.sources,
      key: this.#floor.key,
      name: `handler/${this.#self.name}`,
      packetBytes: network.packetBytes,
      boot: this.#boot,
      clock,
      registry: this.#registry,
      quarantine: this.#quarantine,
      onMessage: (message) => {
        member.heard(message, clock.monotonicNs());
        this.#hurryIfTakingOver();
      },
      onDoubt: (fault) => this.#doubt(fault),
      onError,
    });
    if (this.#self.control !== undefined) this.#control = await this.#openControl(this.#self.control, onError);
    if (feed.busyPoll) this.#stopPolling = busyPoll();
    const tickMs = Math.max(1, Math.floor(Math.min(limits.heartbeatMs, limits.channelHeartbeatMs) / 4));
    this.#timers = [setInterval(() => this.#tick(), tickMs), setInterval(() => this.#beat(), limits.heartbeatMs)];
    this.#beat();
    // A handler without others is primary as soon as it may be; one of a pair is up when it knows who is.
    await this.#settled();
    this.#logger.info(
      {
        feed: feed.name,
        member: this.#self.name,
        state: member.state,
        epoch: handler.epoch,
        channels: this.#channels.map(({ name, session }) => ({ name, session })),
      },
      'handler is up',
    );
  }

  status(): Record<string, unknown> {
    return {
      role: 'handler',
      name: this.#self.name,
      feed: this.#feed.name,
      protocol: this.#protocol.name,
      ...this.#member?.status(),
      boot: String(this.#boot),
      receipts: this.#receipts.report(),
      journal: this.#journal?.status() ?? null,
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
    this.#closed = true;
    for (const timer of [...this.#timers, this.#hurry]) clearInterval(timer);
    this.#stopPolling();
    // Whoever stops on purpose hands over first: nobody has to wait for its silence.
    this.#member?.handOver(this.#clock.monotonicNs());
    const now = this.#clock.monotonicNs();
    for (const channel of this.#channels) channel.flush(now);
    await this.#subscriber?.close();
    await this.#control?.close();
    await this.#repair?.close();
    await this.#status?.close();
    await Promise.all(this.#senders.map((sender) => sender.close()));
    await this.#journal?.close();
  }

  /** Nobody waits for it: a handler that starts again shall be there soon. */
  async #openJournal(): Promise<void> {
    const contents = await this.#journal?.open();
    for (const report of this.#receipts.report()) this.#keepReceipt(report);
    this.#receipts.restore(contents?.receipts ?? []);
  }

  #keepReceipt(report: ReceiptReport): void {
    const text = JSON.stringify(report);
    this.#journal?.send(text, text.length);
  }

  #createJournal(): JournalThread<string, ReceiptContents> | undefined {
    const { journal, name } = this.#floor;
    if (journal === undefined) return undefined;
    const path = join(journal.dir, `handler-${this.#self.name}.sqlite`);
    return receiptThread({
      place: { path, owner: `${name} handler/${this.#self.name}` },
      counters: this.#registry.create(JOURNAL_COUNTERS),
      trouble: (code, message, facts) => this.#logger.error({ code, path, ...facts }, message),
      event: (event, facts) => this.#logger.info({ path, ...facts }, event),
    });
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
        send: (packet, length) => sender.send(packet, 0, length),
        requestServer: this.#repair!.server,
        sessionOf: (epoch) => sessionName(channel.id, feed.day, epoch),
        packetBytes: network.packetBytes,
        heartbeatNs: this.#floor.limits.channelHeartbeatMs * MS,
        ringBytes,
        digests: feed.members.length > 1,
        registry: this.#registry,
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
      plant: `handler/${this.#self.name}`,
      floor: this.#floor.name,
      boot: this.#boot,
      handler: {
        onRequest: (connection, request) => {
          switch (request.kind) {
            case 'status':
              connection.send({ kind: 'status-reply', json: JSON.stringify(this.status()) });
              break;
            case 'quarantine':
              connection.send({ kind: 'quarantine-reply', json: quarantineJson(this.#quarantine) });
              break;
            case 'state-request':
              this.#states.send(connection, request.proof, () => this.#member!.saveState(this.#clock.monotonicNs()));
              break;
            case 'duty':
              connection.send({ kind: 'done', text: this.#duty(request, connection.nonce) });
              break;
            default:
              throw new TickerError('FEED_NO_ITEMS', 'expected a request of a plant, handlers serve no items');
          }
        },
        onDrain: (connection) => this.#states.pump(connection),
        onClose: (connection) => this.#states.forget(connection),
      },
      onError,
      registry: this.#registry,
      quarantine: this.#quarantine,
      clock: this.#clock,
    });
  }

  /** Somebody speaks who isn't believed: a member that hears nobody else may be wrong itself, and does not begin. */
  #doubt(fault: 'forged' | 'stale'): void {
    const { pair } = this.#member!;
    const now = this.#clock.monotonicNs();
    if (this.#feed.members.length === 1 || !pair.alone) return;
    pair.signOfLife(now);
    if (now - this.#doubtToldNs < DOUBT_REPEAT_NS) return;
    this.#doubtToldNs = now;
    const what = fault === 'forged' ? 'with another key' : 'with a clock far from this one';
    this.#logger.error(
      { code: 'FEED_NOT_JOINING' },
      `expected the other members' heartbeats, somebody speaks ${what}: waiting`,
    );
  }

  /** Waits until this member is primary, or has taken over the primary's state, or is likely to wait for long. */
  async #settled(): Promise<void> {
    const { heartbeatMs, takeoverAfterMs } = this.#floor.limits;
    const untilNs = this.#clock.monotonicNs() + 20 * Math.max(heartbeatMs, takeoverAfterMs) * MS;
    while (!this.#closed && this.#clock.monotonicNs() < untilNs) {
      const { state, fit } = this.#member!.pair;
      if (state === 'primary' || fit) return;
      await new Promise((resolve) => setTimeout(resolve, heartbeatMs));
    }
  }

  async #fetchState(rank: number, { address, port }: Address): Promise<void> {
    const source = {
      address,
      port,
      key: this.#floor.key,
      client: `handler/${this.#self.name}`,
    };
    let state: Buffer | undefined;
    let why = '';
    try {
      state = await fetchState(source);
    } catch (error) {
      why = errorMessage(error);
    }
    if (this.#closed) return;
    this.#logger.debug({ from: this.#feed.members[rank]?.name, bytes: state?.length }, 'state fetched');
    this.#member!.stateArrived(state, why, this.#clock.monotonicNs());
    this.#scheduleFlush();
  }

  #duty(request: DutyRequest, nonce: bigint): string {
    const member = this.#member!;
    const paired = {
      pair: member.pair,
      handOver: (nowNs: number) => member.handOver(nowNs),
      setDrained: (drained: boolean, nowNs: number) => member.setDrained(drained, nowNs),
      end: () => void setImmediate(this.#onEnd),
    };
    return doDuty(paired, request, this.#floor.key, { boot: this.#boot, nonce }, this.#clock.monotonicNs());
  }

  #receipt(receipt: Receipt): void {
    const report = this.#receipts.add(receipt);
    this.#keepReceipt(report);
    this.#logger.info({ receipt: report }, 'takeover');
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
    if (this.#member?.state !== 'primary') return;
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
    this.#member!.tick(this.#clock.monotonicNs(), this.#clock.wallNs());
    this.#hurryIfTakingOver();
  }

  #hurryIfTakingOver(): void {
    if (this.#hurry !== undefined || this.#member?.takingOver !== true) return;
    this.#hurry = setInterval(() => {
      this.#tick();
      if (this.#member!.takingOver) return;
      clearInterval(this.#hurry);
      this.#hurry = undefined;
    }, TAKEOVER_TICK_MS);
  }

  #beat(): void {
    this.beats++;
    const now = this.#clock.monotonicNs();
    const feed = this.#feed;
    const member = this.#member!;
    const lines = this.#subscriber?.receiver.lines.filter((line) => feed.lines.some(({ name }) => name === line.name));
    const changes = this.#watch.look(lines ?? [], now, this.#clock.wallNs(), this.#missing(now));
    for (const change of changes) this.#logger.info({ ...change, sinceNs: String(change.sinceNs) }, 'quality');
    member.setHealthy(this.#watch.all.every(({ scope, quality }) => scope !== 'feed' || quality !== 'STALE'));
    member.beat(now);
    // The primary speaks for the feed: a standby may see other lines silent.
    if (member.state === 'primary' && (changes.length > 0 || now - this.#qualityToldNs >= QUALITY_REPEAT_NS)) {
      this.#qualityToldNs = now;
      this.#say({ kind: 'quality', entries: this.#watch.all });
    }
  }

  #missing(now: number): { readonly from: number; readonly to: number } | undefined {
    const receiver = this.#subscriber?.receiver;
    return receiver === undefined ? undefined : (this.#member!.catchingUp(receiver) ?? this.#overdue(now));
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
