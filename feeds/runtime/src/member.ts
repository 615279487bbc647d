import { deserialize, serialize } from 'node:v8';
import type { StateGiver } from '@tickerplant/control';
import { errorMessage, TickerError } from '@tickerplant/core';
import type { Floor, FloorFeed } from '@tickerplant/floor';
import {
  type MemberState,
  PAIR_COUNTERS,
  PairMember,
  type Promotion,
  pairTimes,
  type Receipt,
  Shadow,
  Takeover,
} from '@tickerplant/pair';
import { Reason } from '@tickerplant/records';
import type { SequencedListener, SequencedReceiver } from '@tickerplant/sequence';
import type { Address, Heartbeat, StatusMessage, VendorProgress } from '@tickerplant/status';
import type { CounterRegistry, Counters } from '@tickerplant/telemetry';
import { EpochPeers } from './epoch-peers.ts';
import { type EpochMemory, Epochs, remember } from './epochs.ts';
import type { Handler, SavedHandler } from './handler.ts';
import { judgeAsPrimary, judgeAsStandby, type LossVerdict, type VendorRange } from './loss-agreement.ts';
import type { OutputChannel, SavedChannel } from './output-channel.ts';
import { PlantAudit } from './plant-audit.ts';
import { VendorBacklog } from './vendor-backlog.ts';

/** What a member wants done. */
export interface HandlerMemberOutput {
  /** Takes up the vendor's lines anew, with this message of theirs (in that session, if one is named). Not called from within `onRun` and the like. */
  listen(start: number | 'first-seen', session?: string): void;
  /** Gets another member's state, and hands it to `settledArrived` and `stateArrived`. */
  fetchState(rank: number, from: Address): void;
  say(message: StatusMessage): void;
  /** What operators want to read about. */
  event(event: string, facts: Record<string, unknown>): void;
  receipt(receipt: Receipt): void;
}

export interface HandlerMemberOptions {
  readonly floor: Floor;
  readonly feed: FloorFeed;
  /** Place among the feed's members. */
  readonly rank: number;
  readonly handler: Handler;
  readonly channels: readonly OutputChannel[];
  /** Byte order of the vendor's block lengths. */
  readonly littleEndianLengths: boolean;
  /** Left out: of its epochs only others know when it starts anew. */
  readonly memory?: EpochMemory | undefined;
  readonly registry: CounterRegistry;
  readonly nowNs: number;
}

/**
 * `waiting`: for somebody who is primary, or until it is clear that nobody is. `joining`: the vendor's messages are
 * kept while the primary's state is on its way. `running`: the vendor's messages are worked on. `turning`: the vendor has
 * begun another session; its messages are kept until the primary has said in which epoch it goes on.
 */
type Phase = 'waiting' | 'joining' | 'running' | 'turning';

/** What one member gives another. */
interface SavedMember {
  readonly version: number;
  readonly feed: string;
  /** Days since 1970. */
  readonly day: number;
  readonly term: number;
  /** It works through the day. */
  readonly workingUp: boolean;
  readonly handler: SavedHandler;
  readonly channels: readonly SavedChannel[];
}

const MS = 1_000_000;
/** A gap older than this makes the feed RECOVERING: most are closed within a few milliseconds. */
const OVERDUE_REPAIR_NS = 200 * MS;
/** A session of the vendor that is so young has no day behind it. */
const BEGINNING_NS = 5_000 * MS;
/** So many times what a member itself waits for vendor messages it waits for others to say how they stand with them. */
const LOSS_WAITS = 2;
const STATE_VERSION = 3;
/** Between two tries to get the state. */
const FETCH_AGAIN_NS = 500 * MS;

/**
 * A feed handler as one of several, without its sockets. The primary normalises and publishes; the standbys do the
 * same work on the same vendor messages and keep what comes of it, so that any of them can go on with the same bytes
 * under the same numbers. See docs/internals/takeover.md.
 */
export class HandlerMember implements Omit<SequencedListener, 'onRequest'> {
  readonly pair: PairMember;
  readonly counters: Counters<(typeof PAIR_COUNTERS)['descriptions']>;
  private readonly options: HandlerMemberOptions;
  private readonly output: HandlerMemberOutput;
  private readonly handler: Handler;
  private readonly channels: readonly OutputChannel[];
  /** By channel: what the primary's last heartbeat said of it. */
  private readonly covered: (number | undefined)[];
  private readonly shadow: Shadow;
  private readonly epochs: Epochs;
  private readonly audit: PlantAudit = new PlantAudit();
  private readonly peers: EpochPeers;
  private phase: Phase = 'waiting';
  /** All that this member would publish is what the primary has published, as far as both have come. */
  private inSync = false;
  /** What it has compared agrees: it asks the primary to take nothing for lost any more without its word. */
  private asking = false;
  /** By channel: how far the primary was when it first said that it does so. All up to there must agree as well. */
  private readonly admittedAt: (number | undefined)[];
  /** It is in step, but late. */
  private behind = false;
  /** When it heard the first message of the vendor's session, while the primary was in the one before. */
  private turnedNs = Number.NEGATIVE_INFINITY;
  /** Something is known of the vendor's lines: they can be heard. */
  private healthy = true;
  /** It has begun anew and works through the vendor's day. */
  private workingUp = false;
  /** The first of the vendor's messages that is missing, and since when. */
  private missingFrom: number | undefined;
  private missingSinceNs = 0;
  /** Told to stay out of it. */
  private drained = false;
  private backlog: VendorBacklog | undefined;
  private fetching = false;
  /** What has come of the state that is on its way. */
  private settled: unknown[] = [];
  private fetchDueNs = 0;
  private takeover: Takeover | undefined;
  /** What has been given up of the vendor's messages last, and since when. */
  private lost: (VendorRange & { readonly sinceNs: number }) | undefined;
  private lossVerdict: LossVerdict = 'lose';
  /** Its epoch is not to be gone on with, and the next one has not begun yet. */
  private anewDue = false;
  /** Who was primary before this member. */
  private former: number | undefined;
  /** After a takeover of state: the vendor's session goes on, it does not begin. */
  private resuming = false;
  private nowNs: number;
  private wall = 0n;

  constructor(options: HandlerMemberOptions, output: HandlerMemberOutput) {
    const { floor, feed, rank, channels, registry, nowNs } = options;
    this.options = options;
    this.output = output;
    this.handler = options.handler;
    this.channels = channels;
    this.nowNs = nowNs;
    this.epochs = new Epochs({ channels, day: feed.day, rank, members: feed.members.length, memory: options.memory });
    this.covered = channels.map(() => undefined);
    this.admittedAt = channels.map(() => undefined);
    this.shadow = new Shadow(channels.length);
    this.peers = new EpochPeers(channels, floor.limits.takeoverAfterMs * MS);
    this.counters = registry.create(PAIR_COUNTERS);
    const times = pairTimes(floor.limits, feed.members.length);
    this.pair = new PairMember(
      {
        rank,
        members: feed.members.length,
        ...times,
        unfitAfterNs: () => {
          // One that is in step may go on though it be late: what it sends is the same. A new epoch is the last resort…
          if (this.phase === 'running' && this.inSync) return times.lateAfterNs;
          // … but for one that is in the vendor's session from its beginning: there is little to begin anew.
          return this.nowNs - this.turnedNs < BEGINNING_NS ? 2 * times.lateAfterNs : times.anewAfterNs;
        },
        nowNs,
        counters: this.counters,
      },
      {
        onPromotion: (promotion) => this.promoted(promotion),
        onStepDown: (to, term) => this.steppedDown(to, term),
        onPrimary: (by, term) => this.output.event('primary', { primary: this.nameOf(by), term }),
      },
    );
  }

  get state(): MemberState {
    return this.pair.state;
  }

  get name(): string {
    return this.nameOf(this.pair.rank)!;
  }

  /** Whether messages are being sent again: `tick` should come every millisecond. */
  get takingOver(): boolean {
    return this.takeover !== undefined;
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    return {
      state: this.pair.state,
      rank: this.pair.rank,
      term: this.pair.term,
      fit: this.pair.fit,
      phase: this.phase,
      inSync: this.inSync,
      givenUp: this.lost === undefined ? null : { from: this.lost.from, to: this.lost.to },
      drained: this.drained,
      primary: this.nameOf(this.pair.primary) ?? null,
    };
  }

  // — the vendor's messages ——————————————————————————————————————————————————————————————————————————————————

  onRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    if (this.phase === 'running') this.handler.onRun(bytes, start, end, seq, count);
    else this.counters.earlyDropped += this.backlog?.keep(bytes, start, end, seq, count) ?? 0;
  }

  /** Vendor messages [from, to) have been given up: whether it is settled what comes of that. */
  mayLose(from: number, to: number): boolean {
    if (this.isLone || this.phase !== 'running') return true;
    if (this.lost?.from !== from || this.lost.to !== to) {
      this.lost = { from, to, sinceNs: this.nowNs };
      this.output.event('vendor messages given up', { from, to: to - 1 });
    }
    this.lossVerdict = this.judgeLoss(this.lost);
    return this.lossVerdict !== 'wait';
  }

  onLost(from: number, to: number, reason: string): void {
    if (this.phase !== 'running') {
      this.backlog?.clear();
      return;
    }
    const isPrimary = this.pair.state === 'primary';
    // Another session of the vendor follows, and with it another epoch: nothing need be said in this one.
    if (isPrimary && reason === 'session-over' && !this.isLone) {
      this.output.event('vendor messages lost', { from, to: to - 1, reason });
      return;
    }
    const verdict = this.isLone ? 'lose' : this.lossVerdict;
    this.lossVerdict = 'lose';
    if (verdict === 'lose' && (isPrimary || reason !== 'session-over')) {
      this.handler.onLost(from, to, reason);
      return;
    }
    this.backlog = undefined;
    this.phase = 'joining';
    if (!isPrimary) {
      // The primary may have them: then what it published is not what would be published here.
      this.leaveSync('vendor messages lost', { from, to: to - 1, reason });
    } else if (typeof verdict === 'object' && this.pair.handOver(this.nowNs, verdict.handOverTo) !== undefined) {
      // A standby has what is lost here. Nothing of it is published, and the state is that one's from now on.
      this.leaveSync('handed over: a standby has what was lost here', { from, to: to - 1, reason });
      this.beat(this.nowNs);
    } else {
      this.output.event('vendor messages lost that others may have had', { from, to: to - 1, reason });
      this.anewDue = true;
    }
  }

  private judgeLoss(lost: VendorRange & { readonly sinceNs: number }): LossVerdict {
    const waitNs = LOSS_WAITS * this.options.floor.limits.lostAfterMs * MS;
    const expired = this.nowNs - lost.sinceNs >= waitNs;
    const { primary } = this.pair;
    if (this.pair.state !== 'primary') {
      return judgeAsStandby(lost, primary === undefined ? undefined : this.peers.vendorOf(primary), expired);
    }
    // What the one before it published it would have published itself, if that one had lost the same.
    const before = this.former === undefined ? undefined : this.peers.vendorOf(this.former)?.lost;
    const isBeyond =
      (before?.from !== lost.from || before.to !== lost.to) &&
      this.channels.some(({ id, session, next }) => this.epochs.isKnownBeyond(id, session, next));
    const mayBeBeyond = lost.sinceNs - this.peers.strayedNs < waitNs;
    const peers = this.peers.forLoss(this.pair.present(this.nowNs));
    return judgeAsPrimary(lost, peers, expired, isBeyond || mayBeBeyond);
  }

  /** What a plant holds otherwise only an epoch can mend, which everybody begins anew. */
  private auditPlant(message: Heartbeat): void {
    if (this.pair.state !== 'primary' || this.phase !== 'running') return;
    const deviation = this.audit.look(message, this.channels, this.nowNs);
    if (deviation === undefined) return;
    this.counters.diverged++;
    this.output.event('a plant holds other bytes than were published', { ...deviation });
    this.anewDue = true;
  }

  private get isLone(): boolean {
    return this.options.feed.members.length === 1;
  }

  onSession(session: string, previous: string | undefined, next: number): void {
    if (this.phase !== 'running') {
      this.backlog?.begin(session);
      return;
    }
    if (this.resuming) {
      this.resuming = false;
      if (session === this.handler.session && next === this.handler.position) return;
      // After a change of session what waited in the socket may be older than the state. Nothing is made of it here: it would be an
      // epoch ahead of the primary's, which would have to give way to it.
      if (this.pair.state !== 'primary' && session !== this.handler.session) {
        this.leaveSync('the state is of another session of the vendor', { session, of: this.handler.session });
        this.phase = 'joining';
        return;
      }
    }
    const before = previous ?? (this.handler.session || undefined);
    if (before === undefined) {
      const { primary } = this.pair;
      // The state was of a primary that had no session of the vendor yet. In which it is by now, it has to say: this one may be another.
      // Where it does not hear the vendor, it is in none.
      if (this.pair.state !== 'primary' && primary !== undefined && this.peers.get(primary)?.fit !== false) {
        this.leaveSync('the state is from before any session of the vendor', { session });
        this.phase = 'joining';
        this.backlog = undefined;
        return;
      }
      this.handler.onSession(session, undefined, next);
      return;
    }
    if (this.pair.state !== 'primary') {
      this.turn(session, next);
      return;
    }
    const epoch = this.epochs.after(this.handler.epoch);
    this.epochs.begun(epoch);
    this.handler.onSession(session, before, next, epoch);
    this.lost = undefined;
    this.peers.begin();
    for (const comparison of this.shadow.comparisons) comparison.reset();
    for (const { gate } of this.channels) gate.goLive();
  }

  /**
   * A standby cannot know the bytes of the epoch that another session of the vendor makes necessary: the first message says where the
   * old one ended, and who has not heard the vendor's last messages need not know that. So it keeps what comes. It stays as fit
   * as it was: in the place of a primary that does not hear the vendor it would begin an epoch of its own.
   */
  private turn(session: string, next: number): void {
    this.output.event('the vendor has begun another session', { session, of: this.handler.session });
    this.phase = 'turning';
    this.turnedNs = next <= 1 ? this.nowNs : Number.NEGATIVE_INFINITY;
    this.backlog = new VendorBacklog(this.options.feed.ringBytes);
    this.backlog.begin(session);
  }

  onEnd(next: number): void {
    if (this.phase === 'running') this.handler.onEnd(next);
  }

  // — the status group ———————————————————————————————————————————————————————————————————————————————————————

  /** A message of the feed network's status group; authenticated. */
  heard(message: StatusMessage, nowNs: number): void {
    this.nowNs = nowNs;
    if (message.kind !== 'heartbeat') return;
    const { feed } = this.options;
    if (message.role === 'plant') {
      remember(message, this.epochs, this.pair, this.nowNs);
      this.auditPlant(message);
      return;
    }
    if (message.feed !== feed.name || message.rank === this.pair.rank) return;
    const { rank, term, state, fit = true, successor } = message;
    if (rank >= feed.members.length) return;
    remember(message, this.epochs, this.pair, this.nowNs);
    this.peers.heard(message, nowNs);
    if (state === 'primary' && term >= this.pair.term) this.follow(message);
    else if (successor === this.pair.rank) this.cover(message);
    this.pair.heard({ rank, term, state, fit, successor }, nowNs);
    if (this.pair.state === 'primary') this.giveWayToNewerEpoch();
    else if (state === 'primary' && rank === this.pair.primary) this.compare();
  }

  /**
   * What is missing of the vendor's messages so that the feed is in doubt: what it still has to work through of the day, having begun
   * anew (until then, what it publishes was true earlier), or what has not come for longer than a repair takes.
   *
   * @param receiver of the vendor's lines.
   * @returns vendor messages [from, to); undefined: nothing.
   */
  missing(receiver: Pick<SequencedReceiver, 'session' | 'missing'>, nowNs: number): VendorRange | undefined {
    const [missing] = receiver.missing;
    if (missing?.from !== this.missingFrom) {
      this.missingFrom = missing?.from;
      this.missingSinceNs = nowNs;
    }
    if (this.workingUp && receiver.session === undefined) {
      const { firstSequence } = this.options.feed;
      const first = firstSequence === 'first-seen' ? 1 : firstSequence;
      return { from: first, to: first + 1 };
    }
    if (missing === undefined) this.workingUp = false;
    return this.workingUp || nowNs - this.missingSinceNs >= OVERDUE_REPAIR_NS ? missing : undefined;
  }

  /** Whether the vendor can be heard. */
  setHealthy(healthy: boolean): void {
    if (healthy === this.healthy) return;
    this.healthy = healthy;
    this.judgeFitness();
  }

  // — time ———————————————————————————————————————————————————————————————————————————————————————————————————

  /** Sends what is pending. */
  flush(nowNs: number): void {
    this.nowNs = nowNs;
    for (const channel of this.channels) channel.flush(nowNs);
  }

  /** Lets time pass: at least once a heartbeat, and every millisecond while `takingOver`. */
  tick(nowNs: number, wallNs: bigint): void {
    this.nowNs = nowNs;
    this.wall = wallNs;
    this.pair.tick(nowNs);
    if (this.anewDue && this.pair.state === 'primary') this.beginAnewLive();
    if (this.takeover !== undefined) this.stepTakeover();
    for (const channel of this.channels) channel.tick(nowNs);
    if (this.pair.state === 'primary') return;
    this.compare();
    if (this.phase === 'joining') this.join();
    else if (this.phase === 'waiting' && this.pair.primary !== undefined) this.phase = 'joining';
  }

  /** Says that this member is there. */
  beat(nowNs: number): void {
    this.nowNs = nowNs;
    const { feed } = this.options;
    const own = feed.members[this.pair.rank]!;
    const report = this.pair.report();
    this.output.say({
      kind: 'heartbeat',
      role: 'handler',
      name: own.name,
      feed: feed.name,
      ...report,
      control: own.control,
      repair: own.repair,
      vendor: this.vendorProgress(),
      channels: this.channels.map(({ id, session, packed, ring }) => {
        if (session === '') return { id, session: this.epochs.remembered(id), next: 0 };
        const digest = ring.digestAt(packed);
        return { id, session, next: packed, digest: digest?.toString(16), unsure: this.workingUp };
      }),
    });
  }

  /** Undefined: this member could not go on in its epoch. */
  private vendorProgress(): VendorProgress | undefined {
    const { phase, inSync, asking, lost, handler } = this;
    const isPrimary = this.pair.state === 'primary';
    const isReady = (inSync || asking) && (phase === 'running' || phase === 'turning');
    if (this.isLone || !(isPrimary || isReady)) return undefined;
    const awaits = isPrimary ? this.peers.awaited : [];
    return { next: handler.position, awaits, lost: lost && { from: lost.from, to: lost.to } };
  }

  // — planned work ———————————————————————————————————————————————————————————————————————————————————————————

  /**
   * Hands over to another member.
   *
   * @returns its name; undefined if no other one is fit, or this one isn't primary.
   */
  handOver(nowNs: number): string | undefined {
    this.flush(nowNs);
    const successor = this.pair.handOver(nowNs);
    if (successor === undefined) return undefined;
    this.beat(nowNs);
    return this.nameOf(successor);
  }

  /** Stays out of it from now on, for work on this process; or takes part again. */
  setDrained(drained: boolean, nowNs: number): void {
    this.nowNs = nowNs;
    this.drained = drained;
    this.judgeFitness();
    this.beat(nowNs);
  }

  // — state transfer —————————————————————————————————————————————————————————————————————————————————————————

  /**
   * This member's state, for another one: what stays as it is piece by piece, then the rest.
   *
   * @throws TickerError `FEED_NOT_PRIMARY`, here or from the rest.
   */
  giveState(): StateGiver {
    const primary = (): void => {
      if (this.pair.state !== 'primary')
        throw new TickerError('FEED_NOT_PRIMARY', 'expected the primary, this is not it');
    };
    primary();
    const giver = this.handler.give();
    return {
      settled: () => {
        const piece = giver.piece();
        return piece === undefined ? undefined : serialize(piece);
      },
      rest: () => {
        primary();
        this.flush(this.nowNs);
        const state: SavedMember = {
          version: STATE_VERSION,
          feed: this.options.feed.name,
          day: this.options.feed.day,
          term: this.pair.term,
          workingUp: this.workingUp,
          handler: giver.rest(),
          channels: this.channels.map((channel) => channel.save()),
        };
        return serialize(state);
      },
    };
  }

  /** A piece of the state that was asked for, ahead of the rest; in its order, authenticated by the shell. */
  settledArrived(piece: Uint8Array): void {
    if (this.phase === 'joining') this.settled.push(deserialize(piece));
  }

  /** The state that was asked for; undefined: it could not be had, for the reason given. Authenticated by the shell. */
  stateArrived(rest: Uint8Array | undefined, why: string, nowNs: number): void {
    this.nowNs = nowNs;
    this.fetching = false;
    this.fetchDueNs = nowNs + FETCH_AGAIN_NS;
    const { settled } = this;
    this.settled = [];
    if (this.phase !== 'joining') return;
    if (rest === undefined) {
      this.output.event('no state to be had', { why });
      return;
    }
    try {
      this.takeOverState(deserialize(rest) as SavedMember, settled);
    } catch (error) {
      // Half restored is not restored.
      this.output.event('state refused', { why: errorMessage(error) });
    }
  }

  private takeOverState(state: SavedMember, settled: readonly unknown[]): void {
    const { feed, littleEndianLengths } = this.options;
    if (state.version !== STATE_VERSION || state.feed !== feed.name || state.day !== feed.day) {
      const got = `version ${state.version}, feed ${state.feed}, day ${state.day}`;
      throw new TickerError(
        'FEED_BAD_STATE',
        `expected version ${STATE_VERSION}, feed ${feed.name}, day ${feed.day}, got ${got}`,
      );
    }
    const byId = new Map(state.channels.map((channel) => [channel.id, channel]));
    const saved = this.channels.map(({ id, name }) => {
      const channel = byId.get(id);
      if (channel === undefined)
        throw new TickerError('FEED_BAD_STATE', `expected a state with channel ${name}, got none`);
      return channel;
    });
    this.channels.forEach((channel, index) => {
      channel.restore(saved[index]!);
    });
    this.handler.restore(state.handler, settled);
    this.epochs.begun(state.handler.epoch);
    this.shadow.comparisons.forEach((comparison, index) => {
      comparison.reset();
      this.covered[index] = undefined;
    });
    this.phase = 'running';
    this.workingUp = state.workingUp;
    this.inSync = false;
    this.asking = false;
    this.admittedAt.fill(undefined);
    this.lost = undefined;
    this.peers.begin();
    this.anewDue = false;
    this.counters.transfers++;
    const { session, position } = state.handler;
    const backlog = this.backlog;
    this.backlog = undefined;
    const facts = { session, position, epoch: state.handler.epoch, kept: backlog?.messages ?? 0 };
    this.output.event('state taken over', facts);
    if (backlog?.covers(session, position)) {
      backlog.replay(position, littleEndianLengths, (bytes, start, end, seq, count) => {
        this.handler.onRun(bytes, start, end, seq, count);
      });
      return;
    }
    this.resuming = session !== '';
    if (session === '') this.output.listen(feed.firstSequence);
    else this.output.listen(position, session);
  }

  /** Asks the primary for its state, when it is time; what the vendor sends meanwhile is kept. */
  private join(): void {
    if (this.backlog === undefined) {
      this.backlog = new VendorBacklog(this.options.feed.ringBytes);
      this.output.listen('first-seen');
      // What comes until the state is taken on the other side must be here: a heartbeat's time to begin with.
      this.fetchDueNs = Math.max(this.fetchDueNs, this.nowNs + this.options.floor.limits.heartbeatMs * MS);
      return;
    }
    const { primary } = this.pair;
    if (this.fetching || this.nowNs < this.fetchDueNs || primary === undefined) return;
    const control = this.peers.get(primary)?.control;
    if (control === undefined || primary === this.pair.rank) return;
    this.fetching = true;
    this.settled = [];
    this.output.fetchState(primary, control);
  }

  // — comparing ——————————————————————————————————————————————————————————————————————————————————————————————

  /** The primary's heartbeat: how far it has come, and with what. */
  private follow(message: Heartbeat): void {
    this.cover(message);
    const isAdmitted = message.vendor?.awaits?.includes(this.pair.rank) === true;
    for (const { id, session, next, digest } of message.channels) {
      const index = this.indexOf(id);
      if (index < 0 || this.channels[index]!.session !== session || digest === undefined) continue;
      this.shadow.comparisons[index]!.claim(next, Number.parseInt(digest, 16), this.nowNs);
      this.admittedAt[index] = isAdmitted ? (this.admittedAt[index] ?? next) : undefined;
    }
  }

  /** Remembers from where on messages would have to be sent again. */
  private cover(message: Heartbeat): void {
    for (const { id, session, next } of message.channels) {
      const index = this.indexOf(id);
      if (index >= 0) this.covered[index] = this.channels[index]!.session === session ? next : undefined;
    }
  }

  private compare(): void {
    const { primary } = this.pair;
    if (this.phase !== 'running' && this.phase !== 'turning') return;
    if (primary === undefined || primary === this.pair.rank) return;
    const message = this.peers.get(primary);
    // The primary has given up what this member has not come to, and waits for its word: it has none, and goes.
    const lost = (this.behind || !this.healthy) && this.inSync ? this.peers.vendorOf(primary)?.lost : undefined;
    if (lost !== undefined && lost.from >= this.handler.position) {
      this.leaveSync('the primary has given up vendor messages ahead of here', { from: lost.from, to: lost.to - 1 });
      this.phase = 'joining';
      this.backlog = undefined;
      return;
    }
    for (const { id, session } of message?.state === 'primary' ? message.channels : []) {
      const index = this.indexOf(id);
      // An older one is the primary's to give up: receivers never go back to it.
      if (index < 0 || session <= this.channels[index]!.session) continue;
      const { turnedNs } = this;
      this.leaveSync('the primary is in another epoch', { channel: this.channels[index]!.name, session });
      // It is the one that this member has been waiting for.
      if (this.phase === 'turning') this.turnedNs = turnedNs;
      this.phase = 'joining';
      return;
    }
    const { shadow, channels } = this;
    shadow.begin();
    for (let index = 0; index < channels.length; index++) {
      const { ring, name, packed } = channels[index]!;
      const verdict = shadow.look(
        index,
        packed,
        (seq) => ring.digestAt(seq),
        (from, to) => {
          this.counters.diverged++;
          this.leaveSync('what this member would publish differs', { channel: name, from, to: to - 1 });
        },
        this.nowNs,
      );
      if (verdict !== 'different') continue;
      this.phase = 'joining';
      return;
    }
    const { behind } = shadow;
    if (behind && this.phase === 'turning') {
      this.leaveSync('the primary goes on in a session of the vendor that is over here', {});
      this.phase = 'joining';
      this.backlog = undefined;
      return;
    }
    this.asking = shadow.settle(this.nowNs);
    if (this.inSync && this.admittedAt.includes(undefined)) {
      this.leaveSync('the primary goes by its own word alone', { primary: this.nameOf(primary) });
    }
    if (!shadow.agrees || !(this.inSync || (this.asking && this.isAdmitted()))) {
      // What the primary has published before is the same, and may be asked for here.
      for (const [index, { agreed }] of shadow.comparisons.entries()) channels[index]!.prove(agreed);
      return;
    }
    if (this.inSync && behind === this.behind) return;
    this.inSync = true;
    this.behind = behind;
    this.turnedNs = Number.NEGATIVE_INFINITY;
    for (const channel of channels) channel.prove(Number.POSITIVE_INFINITY);
    this.output.event(behind ? 'behind the primary' : 'in step with the primary', { primary: this.nameOf(primary) });
    this.judgeFitness();
  }

  /** Whether the primary awaits this member's word, and all that it had published before that has agreed. */
  private isAdmitted(): boolean {
    return this.shadow.comparisons.every(({ agreed }, index) => agreed >= (this.admittedAt[index] ?? Infinity));
  }

  private leaveSync(what: string, facts: Record<string, unknown>): void {
    this.inSync = false;
    this.turnedNs = Number.NEGATIVE_INFINITY;
    this.behind = false;
    this.asking = false;
    this.admittedAt.fill(undefined);
    for (const [index, { agreed }] of this.shadow.comparisons.entries()) this.channels[index]!.unprove(agreed);
    this.judgeFitness();
    this.output.event(what, facts);
  }

  private judgeFitness(): void {
    const inStep = this.inSync && !this.behind;
    this.pair.setFit(this.healthy && !this.drained && (this.pair.state === 'primary' || inStep));
  }

  // — becoming and ceasing to be primary —————————————————————————————————————————————————————————————————————

  private promoted(promotion: Promotion): void {
    const { term, reason } = promotion;
    const from = this.nameOf(promotion.from);
    this.former = promotion.from;
    const goesOn = this.phase === 'running' && this.inSync;
    this.output.event('primary now', { member: this.name, term, reason, before: from, goesOn });
    if (!goesOn) this.beginAnew();
    for (const channel of this.channels) channel.prove(Number.POSITIVE_INFINITY);
    this.behind = false;
    this.takeover = new Takeover({
      member: `handler/${this.name}`,
      promotion,
      from: from === undefined ? undefined : `handler/${from}`,
      wallNs: this.wall,
      channels: this.channels,
      covered: this.covered,
    });
    this.judgeFitness();
    this.stepTakeover();
    this.beat(this.nowNs);
  }

  private steppedDown(to: number, term: number): void {
    this.output.event('no longer primary', { member: this.name, to: this.nameOf(to), term });
    this.takeover = undefined;
    this.anewDue = false;
    this.channels.forEach((channel, index) => {
      channel.flush(this.nowNs);
      this.covered[index] = channel.gate.shut() ?? channel.packed;
      // What it published is what there is, until the new primary says otherwise.
      this.shadow.comparisons[index]!.reset(channel.packed);
      this.admittedAt[index] = channel.packed;
    });
    this.judgeFitness();
  }

  private stepTakeover(): void {
    const receipt = this.takeover!.step(this.nowNs);
    if (receipt === undefined) return;
    this.takeover = undefined;
    for (const { from, to } of receipt.rebroadcast) this.counters.rebroadcast += to - from;
    this.output.receipt(receipt);
    // Even where there was nothing to send again, the channels are heard of at once.
    for (const channel of this.channels) channel.tick(this.nowNs);
  }

  /** Nothing, or not everything, is known of what was published: a new epoch, and the vendor's day from its beginning. */
  private beginAnew(): void {
    for (const channel of this.channels) {
      const known = this.epochs.of(channel.id);
      if (known !== undefined) channel.remember(known.session, known.next);
    }
    this.channels.forEach((_, index) => {
      this.covered[index] = 1;
      this.shadow.comparisons[index]!.reset();
    });
    this.phase = 'running';
    this.resuming = false;
    this.backlog = undefined;
    this.lost = undefined;
    this.peers.begin();
    this.anewDue = false;
    // What a member publishes in an epoch of its own is what there is.
    this.inSync = true;
    this.behind = false;
    this.workingUp = true;
    // Before anything of the new epoch: what follows is of earlier in the day until it has caught up.
    const detail = 'a handler has begun anew, and works through the day';
    const state = { quality: 'RECOVERING', reason: Reason.VENDOR_MISSING, detail, sinceNs: this.wall } as const;
    this.output.say({ kind: 'quality', entries: [{ scope: 'feed', subject: this.options.feed.name, ...state }] });
    const epoch = this.epochs.after(this.handler.epoch);
    this.epochs.begun(epoch);
    this.handler.begin(epoch);
    this.flush(this.nowNs);
    this.output.listen(this.options.feed.firstSequence);
  }

  /** Receivers would not listen to this primary's epoch any more. */
  private giveWayToNewerEpoch(): void {
    const newer = this.epochs.outdone();
    if (newer === undefined) return;
    this.output.event('a newer epoch is about', newer);
    this.beginAnewLive();
  }

  private beginAnewLive(): void {
    this.beginAnew();
    for (const { gate } of this.channels) gate.goLive();
  }

  private indexOf(id: number): number {
    return this.channels.findIndex((channel) => channel.id === id);
  }

  private nameOf(rank: number | undefined): string | undefined {
    return rank === undefined ? undefined : this.options.feed.members[rank]?.name;
  }
}
