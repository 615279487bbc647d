import { type ControlServer, doDuty } from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError } from '@tickerplant/core';
import type { Floor, FloorFeed, FloorMember } from '@tickerplant/floor';
import { Reason } from '@tickerplant/records';
import { newBootId, openStatus, type QualityEntry, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, Trouble } from '@tickerplant/telemetry';
import { openHandlerControl } from './handler-control.ts';
import { HandlerReceipts } from './handler-receipts.ts';
import type { InteractiveProtocol } from './interactive-protocol.ts';
import { Outputs } from './outputs.ts';
import { RecordTable } from './record-table.ts';
import { type HandlerShellOptions, memberOf, type Place } from './shell.ts';
import { UnpositionedMember } from './unpositioned-member.ts';
import { VendorShell } from './vendor-shell.ts';

/** A running handler of an interactive feed. */
export interface InteractiveHandlerProcess {
  /** Heartbeats so far: where they stand still, the process does. */
  readonly beats: number;
  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown>;
  close(): Promise<void>;
}

const MS = 1_000_000;
/** Quality is told at once when it changes, and again this often for those who joined later. */
const QUALITY_REPEAT_NS = 500 * MS;
/** While the first images of an epoch are sent, in steps of so much. */
const TAKEOVER_TICK_MS = 1;
const DOUBT_REPEAT_NS = 1_000 * MS;

/**
 * Runs a handler of an interactive feed of a floor: connects to the vendor, requests the floor file's symbols, keeps
 * their values, publishes them on the feed network while it is primary, and tells the status group how things stand.
 *
 * @param memberName the feed's name, or that of one of its standbys: `page-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startInteractiveHandler(
  floor: Floor,
  memberName: string,
  protocol: InteractiveProtocol,
  options: HandlerShellOptions,
): Promise<InteractiveHandlerProcess> {
  const found = memberOf(floor, memberName);
  if (found === undefined) {
    const names = floor.feeds.flatMap(({ members }) => members.map(({ name }) => name)).join(', ');
    throw new TickerError('FLOOR_NO_FEED', `expected a feed of the floor (${names}), got '${memberName}'`);
  }
  const shell = new InteractiveShell(floor, found, protocol, options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

class InteractiveShell implements InteractiveHandlerProcess {
  readonly #floor: Floor;
  readonly #feed: FloorFeed;
  readonly #self: FloorMember;
  readonly #rank: number;
  readonly #protocol: InteractiveProtocol;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #registry = new CounterRegistry();
  readonly #quarantine = new Quarantine();
  readonly #receipts: HandlerReceipts;
  readonly #onEnd: () => void;
  #beats = 0;
  readonly #outputs = new Outputs();
  readonly #boot: bigint = newBootId();
  #member: UnpositionedMember | undefined;
  #vendor: VendorShell | undefined;
  #status: StatusGroup | undefined;
  #control: ControlServer | undefined;
  #quality: QualityEntry;
  #timers: NodeJS.Timeout[] = [];
  #hurry: NodeJS.Timeout | undefined;
  #flushing = false;
  #closed = false;
  #qualityToldNs: number = Number.NEGATIVE_INFINITY;
  #doubtToldNs: number = Number.NEGATIVE_INFINITY;

  constructor(floor: Floor, place: Place, protocol: InteractiveProtocol, options: HandlerShellOptions) {
    this.#floor = floor;
    this.#feed = place.feed;
    this.#self = place.member;
    this.#rank = place.rank;
    this.#protocol = protocol;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#receipts = new HandlerReceipts(floor, this.#self.name, this.#registry, this.#logger);
    this.#quality = this.#judgement('STALE', 'not connected to the vendor yet');
  }

  async open(): Promise<void> {
    const { feed: network } = this.#floor.networks;
    const { limits } = this.#floor;
    const feed = this.#feed;
    const clock = this.#clock;
    const registry = this.#registry;
    const quarantine = this.#quarantine;
    const trouble = new Trouble(this.#logger, clock);
    const onError = (error: TickerError): void => trouble.report(error);
    void this.#receipts.open();
    await this.#outputs.open({
      floor: this.#floor,
      feed,
      member: this.#self,
      // Vendors send what has changed, and field by field it goes on.
      templates: [],
      digests: false,
      registry,
      quarantine,
      clock,
      onError,
    });
    const values = new RecordTable(feed.symbols.length, this.#protocol.fids);
    const member = new UnpositionedMember(
      {
        floor: this.#floor,
        feed,
        rank: this.#rank,
        channels: this.#outputs.channels,
        service: Object.values(this.#outputs.services)[0]!,
        values,
        registry,
        nowNs: clock.monotonicNs(),
      },
      {
        say: (message) => this.#say(message),
        event: (event, facts) => this.#logger.info(facts, event),
        receipt: (receipt) => {
          this.#receipts.add(receipt);
          this.#tellQuality();
        },
      },
    );
    this.#member = member;
    const vendor = new VendorShell(
      {
        servers: feed.servers,
        clock,
        onTime: (nowNs) => member.at(nowNs),
        onWorked: () => this.#scheduleFlush(),
        onLost: (server, why) => this.#vendorLost(`${server.address}:${server.port}: ${why}`),
      },
      (link) =>
        this.#protocol.createSession({
          symbols: feed.symbols,
          user: feed.user,
          values,
          link,
          registry,
          listener: {
            onAccepted: () => {
              vendor.accepted();
              this.#quality = this.#judgement('LIVE', '');
              this.#qualityToldNs = Number.NEGATIVE_INFINITY;
              member.onAccepted();
            },
            onImage: (row) => member.onImage(row),
            onUpdate: (row, fields) => member.onUpdate(row, fields),
            onStatus: (row, state) => member.onStatus(row, state),
          },
          fault: (code, message, bytes, start, end) =>
            quarantine.put(clock.wallNs(), code, message, bytes.subarray(start, end), {
              server: vendor.server.address,
            }),
        }),
    );
    this.#vendor = vendor;
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
      registry,
      quarantine,
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
        duty: (request, nonce) =>
          doDuty(member, request, this.#floor.key, { boot: this.#boot, nonce }, clock.monotonicNs(), this.#onEnd),
        quarantine,
        registry,
        clock,
        onError,
      });
    }
    vendor.open();
    const tickMs = Math.max(1, Math.floor(Math.min(limits.heartbeatMs, limits.channelHeartbeatMs) / 4));
    this.#timers = [setInterval(() => this.#tick(), tickMs), setInterval(() => this.#beat(), limits.heartbeatMs)];
    this.#beat();
    await this.#settled();
    this.#logger.info(
      { feed: feed.name, member: this.#self.name, state: member.state, epoch: member.epoch },
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
      epoch: this.#member?.epoch,
      channels: this.#outputs.report(),
      lines: [{ ...this.#quality, sinceNs: String(this.#quality.sinceNs) }],
      counters: this.#registry.snapshot(),
      quarantine: this.#quarantine.report().counts,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of [...this.#timers, this.#hurry]) clearInterval(timer);
    // Whoever stops on purpose hands over first: nobody has to wait for its silence.
    this.#member?.handOver(this.#clock.monotonicNs());
    this.#outputs.flush(this.#clock.monotonicNs());
    await this.#vendor?.close();
    await this.#control?.close();
    await this.#status?.close();
    await this.#outputs.close();
    await this.#receipts.close();
  }

  #vendorLost(why: string): void {
    if (this.#quality.quality === 'LIVE' || this.#quality.detail !== why) {
      this.#quality = this.#judgement('STALE', why);
      this.#logger.warn({ why }, 'no connection to the vendor');
    }
    this.#member!.vendorLost(why, this.#clock.monotonicNs());
    this.#tellQuality();
  }

  #judgement(quality: 'LIVE' | 'STALE', detail: string): QualityEntry {
    const reason = quality === 'LIVE' ? '' : Reason.VENDOR_DOWN;
    return { scope: 'feed', subject: this.#feed.name, quality, reason, detail, sinceNs: this.#clock.wallNs() };
  }

  /** The primary speaks for the feed: a standby may be cut off from another of the vendor's servers. */
  #tellQuality(): void {
    if (this.#member!.state !== 'primary') return;
    this.#qualityToldNs = this.#clock.monotonicNs();
    this.#say({ kind: 'quality', entries: [this.#quality] });
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

  /** Waits until this member is primary, or could be, or is likely to wait for long. */
  async #settled(): Promise<void> {
    const { heartbeatMs, takeoverAfterMs } = this.#floor.limits;
    const untilNs = this.#clock.monotonicNs() + 20 * Math.max(heartbeatMs, takeoverAfterMs) * MS;
    while (!this.#closed && this.#clock.monotonicNs() < untilNs) {
      const { state, fit } = this.#member!.pair;
      if (state === 'primary' || fit) return;
      await new Promise((resolve) => setTimeout(resolve, heartbeatMs));
    }
  }

  /** Flushes when the bytes at hand have been dealt with: batches under load, microseconds otherwise. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const now = this.#clock.monotonicNs();
      this.#outputs.flush(now);
      if (this.#member!.state === 'primary') {
        this.#outputs.sample(now, this.#clock.wallNs(), (message) => this.#say(message));
      }
    });
  }

  #tick(): void {
    this.#member!.tick(this.#clock.monotonicNs(), this.#clock.wallNs());
    this.#vendor!.tick();
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
    this.#member!.beat(now);
    if (now - this.#qualityToldNs >= QUALITY_REPEAT_NS) this.#tellQuality();
  }

  #say(message: StatusMessage): void {
    try {
      this.#status?.send(message);
    } catch (error) {
      this.#logger.error({ kind: message.kind }, errorMessage(error));
    }
  }
}
