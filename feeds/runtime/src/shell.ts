import { type ControlServer, type DutyRequest, doDuty, fetchState, StateServer } from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError, zoneOffsetNs } from '@tickerplant/core';
import type { Floor, FloorFeed, FloorMember } from '@tickerplant/floor';
import { busyPoll } from '@tickerplant/multicast';
import { openSubscriber, type SequencedSubscriber } from '@tickerplant/sequence';
import { type Address, newBootId, openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, Trouble } from '@tickerplant/telemetry';
import { Handler } from './handler.ts';
import { openHandlerControl } from './handler-control.ts';
import { HandlerReceipts } from './handler-receipts.ts';
import { LineWatch } from './line-watch.ts';
import { HandlerMember } from './member.ts';
import { Outputs } from './outputs.ts';
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
export interface Place {
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
  readonly #outputs = new Outputs();
  readonly #receipts: HandlerReceipts;
  readonly #onEnd: () => void;
  #beats = 0;
  readonly #boot: bigint = newBootId();
  readonly #states: StateServer;
  #status: StatusGroup | undefined;
  #control: ControlServer | undefined;
  #subscriber: SequencedSubscriber | undefined;
  #member: HandlerMember | undefined;
  #handler: Handler | undefined;
  #hurry: NodeJS.Timeout | undefined;
  #closed = false;
  #timers: NodeJS.Timeout[] = [];
  #stopPolling: () => void = () => {};
  #flushing = false;
  #qualityToldNs = 0;
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
    this.#receipts = new HandlerReceipts(floor, this.#self.name, this.#registry, this.#logger);
    this.#watch = new LineWatch(feed.name, floor.limits.lineSilentAfterMs * MS);
  }

  async open(): Promise<void> {
    const { feed: network } = this.#floor.networks;
    const { limits } = this.#floor;
    const feed = this.#feed;
    const clock = this.#clock;
    const trouble = new Trouble(this.#logger, clock);
    const onError = (error: TickerError): void => trouble.report(error);
    void this.#receipts.open();
    await this.#outputs.open({
      floor: this.#floor,
      feed,
      member: this.#self,
      templates: this.#protocol.templates,
      digests: feed.members.length > 1,
      registry: this.#registry,
      quarantine: this.#quarantine,
      clock,
      onError,
    });
    const framing = this.#protocol.createFraming();
    const { littleEndianLengths } = framing;
    const onEvent = (event: string, facts: Record<string, unknown>): void => this.#logger.info(facts, event);
    const handler = new Handler({
      protocol: this.#protocol,
      littleEndianLengths,
      services: this.#outputs.services,
      channels: this.#outputs.channels,
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
        channels: this.#outputs.channels,
        littleEndianLengths,
        registry: this.#registry,
        nowNs: clock.monotonicNs(),
      },
      {
        listen: (start, session) => this.#subscriber?.receiver.rejoin(start, session),
        fetchState: (rank, from) => void this.#fetchState(rank, from),
        say: (message) => this.#say(message),
        event: onEvent,
        receipt: (receipt) => this.#receipts.add(receipt),
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
    if (this.#self.control !== undefined) {
      this.#control = await openHandlerControl(this.#self.control, {
        member: this.#self.name,
        floor: this.#floor.name,
        boot: this.#boot,
        report: () => this.status(),
        duty: (request, nonce) => this.#duty(request, nonce),
        states: { server: this.#states, save: () => member.saveState(clock.monotonicNs()) },
        quarantine: this.#quarantine,
        registry: this.#registry,
        clock,
        onError,
      });
    }
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
        channels: this.#outputs.channels.map(({ name, session }) => ({ name, session })),
      },
      'handler is up',
    );
  }

  get beats(): number {
    return this.#beats;
  }

  status(): Record<string, unknown> {
    return {
      role: 'handler',
      name: this.#self.name,
      feed: this.#feed.name,
      protocol: this.#protocol.name,
      ...this.#member?.status(),
      boot: String(this.#boot),
      ...this.#receipts.status(),
      epoch: this.#handler?.epoch,
      channels: this.#outputs.report(),
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
    this.#outputs.flush(this.#clock.monotonicNs());
    await this.#subscriber?.close();
    await this.#control?.close();
    await this.#status?.close();
    await this.#outputs.close();
    await this.#receipts.close();
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
    const about = { boot: this.#boot, nonce };
    return doDuty(this.#member!, request, this.#floor.key, about, this.#clock.monotonicNs(), this.#onEnd);
  }

  /** Flushes when the packets at hand have been dealt with: batches under load, microseconds otherwise. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const now = this.#clock.monotonicNs();
      this.#outputs.flush(now);
      if (this.#member?.state === 'primary') {
        this.#outputs.sample(now, this.#clock.wallNs(), (message) => this.#say(message));
      }
    });
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
    this.#beats++;
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
}
