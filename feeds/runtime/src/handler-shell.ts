import { join } from 'node:path';
import { type ControlServer, doDuty, type StateGiver, type StateServer } from '@tickerplant/control';
import { type Clock, errorMessage, systemClock, TickerError } from '@tickerplant/core';
import type { Floor, FloorFeed, FloorMember } from '@tickerplant/floor';
import type { PairMember } from '@tickerplant/pair';
import { type InterestMessage, newBootId, openStatus, type StatusGroup, type StatusMessage } from '@tickerplant/status';
import { CounterRegistry, type Logger, Quarantine, Trouble } from '@tickerplant/telemetry';
import type { TemplateSpec } from './channel-writer.ts';
import { EpochFile } from './epoch-file.ts';
import type { EpochMemory } from './epochs.ts';
import { openHandlerControl } from './handler-control.ts';
import { HandlerReceipts } from './handler-receipts.ts';
import { Outputs } from './outputs.ts';

/** What a handler needs besides the floor file. */
export interface HandlerShellOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Called when it was told to end, to be started anew: whoever runs the process closes it. */
  readonly onEnd?: () => void;
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

/** @throws TickerError `FLOOR_NO_FEED` */
export function placeIn(floor: Floor, name: string): Place {
  const found = memberOf(floor, name);
  if (found !== undefined) return found;
  const names = floor.feeds.flatMap(({ members }) => members.map((member) => member.name)).join(', ');
  throw new TickerError('FLOOR_NO_FEED', `expected a feed of the floor (${names}), got '${name}'`);
}

/** Opens a handler's process; when that fails, what of it is open is closed. */
export async function openShell<S extends { open(): Promise<void>; close(): Promise<void> }>(shell: S): Promise<S> {
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

/** A handler as one of several, without its sockets. */
interface Member {
  readonly pair: PairMember;
  readonly state: string;
  /** Whether `tick` should come every millisecond. */
  readonly takingOver: boolean;
  heard(message: StatusMessage, nowNs: number): void;
  tick(nowNs: number, wallNs: bigint): void;
  beat(nowNs: number): void;
  handOver(nowNs: number): string | undefined;
  setDrained(drained: boolean, nowNs: number): void;
  status(): Record<string, unknown>;
}

const MS = 1_000_000;
/** While messages are sent again after a takeover, in steps of so much. */
const TAKEOVER_TICK_MS = 1;

/** What the processes of all handlers have in common: channels, status group, control, timers. */
export abstract class HandlerShell<M extends Member> {
  protected readonly floor: Floor;
  protected readonly feed: FloorFeed;
  protected readonly self: FloorMember;
  protected readonly rank: number;
  protected readonly logger: Logger;
  protected readonly clock: Clock;
  protected readonly registry: CounterRegistry = new CounterRegistry();
  protected readonly quarantine: Quarantine = new Quarantine();
  protected readonly outputs: Outputs = new Outputs();
  protected readonly receipts: HandlerReceipts;
  /** Where the floor is of a file. */
  protected readonly memory: EpochMemory | undefined;
  protected readonly boot: bigint = newBootId();
  protected member: M | undefined;
  protected closed = false;
  private readonly trouble: Trouble;
  private readonly onEnd: () => void;
  private statusGroup: StatusGroup | undefined;
  private control: ControlServer | undefined;
  private timers: NodeJS.Timeout[] = [];
  private hurry: NodeJS.Timeout | undefined;
  private flushing = false;
  private beatCount = 0;

  constructor(floor: Floor, { feed, member, rank }: Place, options: HandlerShellOptions) {
    const { logger, clock = systemClock, onEnd = () => undefined } = options;
    this.floor = floor;
    this.feed = feed;
    this.self = member;
    this.rank = rank;
    this.logger = logger;
    this.clock = clock;
    this.onEnd = onEnd;
    this.trouble = new Trouble(logger, clock);
    this.receipts = new HandlerReceipts(floor, member.name, this.registry, logger);
    this.memory =
      floor.state === undefined
        ? undefined
        : new EpochFile({
            // Several floors may keep theirs in one folder.
            path: join(floor.state, `${floor.name}.${member.name}.epoch`),
            owner: `${floor.name} handler/${member.name}`,
            day: feed.day,
            trouble: (code, message) => logger.error({ code }, message),
          });
  }

  /** Heartbeats so far: where they stand still, the process does. */
  get beats(): number {
    return this.beatCount;
  }

  /** What socket and file errors are told to. */
  protected readonly onError = (error: TickerError): void => this.trouble.report(error);

  /** Opens what is sent through. @throws whatever the sockets say: `MULTICAST_…` */
  protected async openOutputs(templates: readonly TemplateSpec[], digests: boolean): Promise<void> {
    const { floor, feed, self: member, registry, quarantine, clock, onError } = this;
    void this.receipts.open();
    await this.outputs.open({ floor, feed, member, templates, digests, registry, quarantine, clock, onError });
  }

  /**
   * Joins the status group, answers on the control address, and begins with the work: `member` must be there.
   *
   * @param states gives other members this one's state; left out: there is none to give.
   */
  protected async begin(states?: { readonly server: StateServer; readonly give: () => StateGiver }): Promise<void> {
    const { floor, self, boot, registry, quarantine, clock, onError } = this;
    const { feed: network } = floor.networks;
    const { heartbeatMs, channelHeartbeatMs } = floor.limits;
    const member = this.member!;
    this.statusGroup = await openStatus({
      endpoint: network.status,
      interface: network.interface,
      ttl: network.ttl,
      sources: network.status.sources,
      key: floor.key,
      name: `handler/${self.name}`,
      packetBytes: network.packetBytes,
      boot,
      clock,
      registry,
      quarantine,
      onMessage: (message) => {
        member.heard(message, clock.monotonicNs());
        if (message.kind === 'interest') this.heardInterest(message, clock.monotonicNs());
        this.hurryIfTakingOver();
      },
      onDoubt: (fault) => this.doubt(fault),
      onError,
    });
    if (self.control !== undefined) {
      this.control = await openHandlerControl(self.control, {
        member: self.name,
        floor: floor.name,
        boot,
        report: () => this.status(),
        duty: (request, nonce) => doDuty(member, request, floor.key, { boot, nonce }, clock.monotonicNs(), this.onEnd),
        ...(states === undefined ? {} : { states }),
        ...(this.why === undefined ? {} : { why: this.why }),
        quarantine,
        registry,
        clock,
        onError,
      });
    }
    const tickMs = Math.max(1, Math.floor(Math.min(heartbeatMs, channelHeartbeatMs) / 4));
    const beat = (): void => {
      this.beatCount++;
      this.beat(clock.monotonicNs());
    };
    this.timers = [setInterval(() => this.tick(), tickMs), setInterval(beat, heartbeatMs)];
    beat();
    // A handler without others is primary as soon as it may be; one of a pair is up when it knows who is.
    await this.settled();
  }

  /** Everything that `ticker status` shows. */
  status(): Record<string, unknown> {
    return {
      role: 'handler',
      name: this.self.name,
      feed: this.feed.name,
      ...this.member?.status(),
      boot: String(this.boot),
      ...this.receipts.status(),
      channels: this.outputs.report(),
      counters: this.registry.snapshot(),
      quarantine: this.quarantine.report().counts,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of [...this.timers, this.hurry]) clearInterval(timer);
    // Whoever stops on purpose hands over first: nobody has to wait for its silence.
    this.member?.handOver(this.clock.monotonicNs());
    this.outputs.flush(this.clock.monotonicNs());
    await this.closeVendor();
    await this.control?.close();
    await this.statusGroup?.close();
    await this.outputs.close();
    await this.receipts.close();
  }

  /** A plant's subscribers want these: for handlers that fetch items one by one, with an `InterestTable`. */
  protected heardInterest(_message: InterestMessage, _nowNs: number): void {}

  /** Says where an item's field comes from, where that can be said. @throws TickerError */
  protected readonly why: ((subject: string, field: string) => unknown) | undefined = undefined;

  /** A heartbeat is due. */
  protected abstract beat(nowNs: number): void;

  protected abstract closeVendor(): Promise<void>;

  protected tick(): void {
    this.member!.tick(this.clock.monotonicNs(), this.clock.wallNs());
    this.hurryIfTakingOver();
  }

  /** Flushes when what is at hand has been dealt with: batches under load, microseconds otherwise. */
  protected scheduleFlush(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(this.flush);
  }

  protected say(message: StatusMessage): void {
    try {
      this.statusGroup?.send(message);
    } catch (error) {
      this.logger.error({ kind: message.kind }, errorMessage(error));
    }
  }

  private readonly flush = (): void => {
    this.flushing = false;
    const now = this.clock.monotonicNs();
    this.outputs.flush(now);
    if (this.member?.state === 'primary') {
      this.outputs.sample(now, this.clock.wallNs(), (message) => this.say(message));
    }
  };

  private hurryIfTakingOver(): void {
    if (this.hurry !== undefined || this.member?.takingOver !== true) return;
    this.hurry = setInterval(() => {
      this.tick();
      if (this.member!.takingOver) return;
      clearInterval(this.hurry);
      this.hurry = undefined;
    }, TAKEOVER_TICK_MS);
  }

  /** Waits until this member is primary, or could take over, or is likely to wait for long. */
  private async settled(): Promise<void> {
    const { heartbeatMs, takeoverAfterMs } = this.floor.limits;
    const untilNs = this.clock.monotonicNs() + 20 * Math.max(heartbeatMs, takeoverAfterMs) * MS;
    while (!this.closed && this.clock.monotonicNs() < untilNs) {
      const { state, fit } = this.member!.pair;
      if (state === 'primary' || fit) return;
      await new Promise((resolve) => setTimeout(resolve, heartbeatMs));
    }
  }

  private doubt(fault: 'forged' | 'stale'): void {
    if (!this.member!.pair.doubted(this.clock.monotonicNs())) return;
    const what = fault === 'forged' ? 'with another key' : 'with a clock far from this one';
    const text = `expected the other members' heartbeats, somebody speaks ${what}: waiting`;
    this.trouble.report(new TickerError('FEED_NOT_JOINING', text));
  }
}
