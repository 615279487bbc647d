import { formatDay } from '@tickerplant/core';
import type { Floor, FloorFeed } from '@tickerplant/floor';
import {
  type MemberState,
  PAIR_COUNTERS,
  PairMember,
  type Promotion,
  pairTimes,
  type Receipt,
  Takeover,
} from '@tickerplant/pair';
import { LIVE, Quality, type QualityState, Reason } from '@tickerplant/records';
import type { StatusMessage } from '@tickerplant/status';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';
import type { ChannelWriter } from './channel-writer.ts';
import { type EpochMemory, Epochs, remember } from './epochs.ts';
import type { VendorListener } from './interactive-protocol.ts';
import type { OutputChannel } from './output-channel.ts';
import type { UnpositionedItems } from './unpositioned-items.ts';

/** What a member wants done. */
export interface UnpositionedMemberOutput {
  say(message: StatusMessage): void;
  /** What operators want to read about. */
  event(event: string, facts: Record<string, unknown>): void;
  receipt(receipt: Receipt): void;
}

export interface UnpositionedMemberOptions {
  readonly floor: Floor;
  readonly feed: FloorFeed;
  /** Place among the feed's members. */
  readonly rank: number;
  readonly channels: readonly OutputChannel[];
  readonly items: UnpositionedItems;
  /** Left out: of its epochs only others know when it starts anew. */
  readonly memory?: EpochMemory | undefined;
  readonly registry: CounterRegistry;
  readonly nowNs: number;
}

const UNPOSITIONED_COUNTERS = counterSet('unpositioned', {
  images: 'Images that the vendor sent.',
  updates: 'Updates that the vendor sent.',
  statuses: 'Items that ceased to be fed, one by one.',
  connectionsLost: 'Times that the connection to the vendor was lost.',
  epochs: 'Epochs begun.',
  possibleDuplicates: 'Images at the beginning of an epoch that may repeat what the one before it said.',
});

const MS = 1_000_000;
/**
 * What was modified so long before the old primary's last heartbeat may have left it after that heartbeat, and may thus
 * have been received or not. One heartbeat is what the last one can have covered late, another one its own way; and the two
 * members' connections to the vendor are not equally fast: a busy host delays one of them by tens of milliseconds. A
 * mark too many costs nothing.
 */
const MARGIN_HEARTBEATS = 2;
const MARGIN_NS_MIN = 100 * MS;
/**
 * Between becoming primary and beginning an epoch: what the old primary had from the vendor and published may still wait in
 * this member's socket, behind the heartbeat that made it primary. It is read first.
 */
const LOOK_NS = 1 * MS;
/** Images sent in one step at the beginning of an epoch: some 45 full packets, which any receiver's buffer holds. */
const STEP_BYTES = 65_536;

const UNANSWERED: QualityState = {
  quality: Quality.RECOVERING,
  reason: Reason.WAITING_FOR_IMAGE,
  detail: 'the vendor has not answered yet',
};

/** About what an item's declaration and quality take. */
const ITEM_BYTES = 64;
/** First room for rows, where there are none yet. */
const ROWS = 64;

/** An epoch's first images, a step at a time. */
interface Introduction {
  readonly rows: Int32Array;
  /** So many of them may repeat what was sent before. */
  readonly doubtful: number;
  done: number;
}

/**
 * A handler of an interactive feed as one of several, without its sockets. Each member has a connection of its own to the
 * vendor and keeps all values; the primary publishes them. The vendor numbers nothing, so no two members could write the
 * same bytes under the same numbers: whoever becomes primary begins an epoch of its own with an image of every item, and
 * goes on from there. See docs/internals/takeover.md.
 */
export class UnpositionedMember implements VendorListener {
  readonly pair: PairMember;
  readonly counters: Counters<(typeof PAIR_COUNTERS)['descriptions']>;
  private readonly counts: Counters<(typeof UNPOSITIONED_COUNTERS)['descriptions']>;
  private readonly options: UnpositionedMemberOptions;
  private readonly output: UnpositionedMemberOutput;
  private readonly channels: readonly OutputChannel[];
  private readonly source: UnpositionedItems;
  /** By row. */
  private readonly writers: ChannelWriter[] = [];
  private readonly qualities: QualityState[] = [];
  /** By row: what the stream says. */
  private readonly told: QualityState[] = [];
  /** By row: when its values last changed, monotonic. */
  private modifiedNs = new Float64Array(ROWS);
  /** By row: its number in the present epoch; -1 while its turn has not come. */
  private items = new Int32Array(ROWS);
  /** By row: 1 when the vendor has answered the present connection's request. */
  private answered = new Uint8Array(ROWS);
  private unanswered = 0;
  private readonly epochs: Epochs;
  private linked = false;
  /** Whether all items that the vendor has are known. */
  private complete = true;
  private drained = false;
  private publishing = false;
  private currentEpoch = 0;
  /** It is primary, and has not begun its epoch yet. */
  private promotion: Promotion | undefined;
  private introduction: Introduction | undefined;
  private takeover: Takeover | undefined;
  private nowNs: number;
  private wall = 0n;
  private promotedWallNs = 0n;

  constructor(options: UnpositionedMemberOptions, output: UnpositionedMemberOutput) {
    const { floor, feed, rank, channels, items, registry, nowNs } = options;
    this.options = options;
    this.output = output;
    this.channels = channels;
    this.source = items;
    this.nowNs = nowNs;
    this.epochs = new Epochs({ channels, day: feed.day, rank, members: feed.members.length, memory: options.memory });
    this.addRows();
    this.countUnanswered();
    this.counts = registry.create(UNPOSITIONED_COUNTERS);
    this.counters = registry.create(PAIR_COUNTERS);
    const times = pairTimes(floor.limits, feed.members.length);
    this.pair = new PairMember(
      {
        rank,
        members: feed.members.length,
        ...times,
        unfitAfterNs: () => times.anewAfterNs,
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

  /** The epoch that this member publishes in, or published in last; 0: none. */
  get epoch(): number {
    return this.currentEpoch;
  }

  /** Whether an epoch's first images are being sent: `tick` should come every millisecond. */
  get takingOver(): boolean {
    return this.promotion !== undefined || this.takeover !== undefined || this.introduction !== undefined;
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    return {
      state: this.pair.state,
      rank: this.pair.rank,
      term: this.pair.term,
      fit: this.pair.fit,
      linked: this.linked,
      unanswered: this.unanswered,
      drained: this.drained,
      primary: this.nameOf(this.pair.primary) ?? null,
    };
  }

  // — the vendor —————————————————————————————————————————————————————————————————————————————————————————————

  onAccepted(): void {
    this.linked = true;
    this.countUnanswered();
    this.output.event('vendor accepted', { items: this.unanswered });
    this.judgeFitness();
  }

  /** An item is asked for, the first time or again: from here on it is one of the channel's. */
  onOffered(row: number): void {
    const isCounted = row < this.writers.length && this.answered[row] === 0;
    if (row < this.writers.length) this.qualities[row] = UNANSWERED;
    this.addRows();
    // Whoever is fit does not cease to be because one more is asked for.
    this.answered[row] = this.linked && this.complete ? 1 : 0;
    if (isCounted !== (this.answered[row] === 0)) this.unanswered += isCounted ? -1 : 1;
    if (!this.publishing) return;
    if (this.items[row]! < 0) this.declare(row, false);
    else this.tellQuality(row);
  }

  /** @param state LIVE, unless the values are in doubt nevertheless */
  onImage(row: number, state: QualityState = LIVE): void {
    this.counts.images++;
    this.modifiedNs[row] = this.nowNs;
    this.qualities[row] = state;
    if (this.items[row]! >= 0) {
      if (state !== LIVE) this.tellQuality(row);
      this.source.writeImage(this.writers[row]!, this.items[row]!, row, false);
      this.tellQuality(row);
    }
    this.answer(row);
  }

  /**
   * As `onImage`, where there were values before: only what differs from them is said.
   *
   * @param change as `onUpdate` has it
   */
  onRefreshed(row: number, change: number, state: QualityState = LIVE): void {
    this.qualities[row] = state;
    const isTold = this.items[row]! >= 0;
    if (isTold && state !== LIVE) this.tellQuality(row);
    this.onUpdate(row, change);
    if (isTold) this.tellQuality(row);
    this.answer(row);
  }

  onUpdate(row: number, change: number): void {
    this.counts.updates++;
    this.modifiedNs[row] = this.nowNs;
    // One whose turn has not come will have it in its image.
    if (this.items[row]! >= 0) this.source.writeUpdate(this.writers[row]!, this.items[row]!, row, change);
  }

  onStatus(row: number, state: QualityState): void {
    this.counts.statuses++;
    this.qualities[row] = state;
    if (this.items[row]! >= 0) this.tellQuality(row);
    this.answer(row);
  }

  /** An item is not asked for any more: it is gone from its channel. */
  onWithdrawn(row: number): void {
    this.qualities[row] = UNANSWERED;
    if (this.items[row]! >= 0) this.writers[row]!.remove(this.items[row]!);
    this.items[row] = -1;
    this.answer(row);
  }

  /** The same is to be said of all items; the vendor is there. */
  onAllStatus(state: QualityState): void {
    this.counts.statuses++;
    for (let row = 0; row < this.writers.length; row++) {
      this.qualities[row] = state;
      if (this.items[row]! >= 0) this.told[row] = state;
    }
    this.tellAll(state);
  }

  /** Whether the names of all items that the vendor has are known: not before is this member fit. */
  setComplete(complete: boolean): void {
    if (this.complete === complete) return;
    this.complete = complete;
    this.countUnanswered();
    this.judgeFitness();
  }

  /** The connection is gone: a fit standby goes on at once; where there is none, nothing is LIVE until images come. */
  vendorLost(why: string, nowNs: number): void {
    this.nowNs = nowNs;
    if (!this.linked) return;
    this.linked = false;
    this.counts.connectionsLost++;
    this.output.event('vendor lost', { why });
    this.answered.fill(0);
    this.countUnanswered();
    this.judgeFitness();
    const successor = this.handOver(nowNs);
    const state: QualityState = { quality: Quality.STALE, reason: Reason.VENDOR_DOWN, detail: why };
    for (let row = 0; row < this.writers.length; row++) {
      this.qualities[row] = state;
      if (this.items[row]! >= 0) this.told[row] = state;
    }
    if (successor !== undefined) return;
    this.tellAll(state);
    this.flush(nowNs);
    this.beat(nowNs);
  }

  private tellAll(state: QualityState): void {
    if (!this.publishing) return;
    for (const { writer } of this.channels) if (writer.itemCount > 0) writer.quality(undefined, state);
  }

  private answer(row: number): void {
    if (!this.linked || this.answered[row] === 1) return;
    this.answered[row] = 1;
    this.unanswered--;
    if (this.unanswered > 0) return;
    this.output.event('all images are here', { items: this.writers.length });
    this.judgeFitness();
  }

  /** Makes room for rows that are new. */
  private addRows(): void {
    const { rows } = this.source;
    if (rows > this.items.length) {
      const room = Math.max(rows, 2 * this.items.length);
      this.modifiedNs = widened(this.modifiedNs, new Float64Array(room));
      this.items = widened(this.items, new Int32Array(room));
      this.answered = widened(this.answered, new Uint8Array(room));
    }
    for (let row = this.writers.length; row < rows; row++) {
      this.writers.push(this.source.serviceOf(row).channelOf(this.source.symbol(row)));
      this.qualities.push(UNANSWERED);
      this.told.push(LIVE);
      this.modifiedNs[row] = Number.NEGATIVE_INFINITY;
      this.items[row] = -1;
      this.answered[row] = 0;
    }
  }

  private countUnanswered(): void {
    this.unanswered = 0;
    for (let row = 0; row < this.writers.length; row++) {
      if (!this.source.isOffered(row)) this.answered[row] = 1;
      if (this.answered[row] === 0) this.unanswered++;
    }
  }

  private judgeFitness(): void {
    // Whoever becomes primary needs an epoch.
    const epochs = this.publishing || this.epochs.left;
    this.pair.setFit(this.linked && this.complete && this.unanswered === 0 && !this.drained && epochs);
  }

  // — the status group ———————————————————————————————————————————————————————————————————————————————————————

  /** A message of the feed network's status group; authenticated. */
  heard(message: StatusMessage, nowNs: number): void {
    this.nowNs = nowNs;
    if (message.kind !== 'heartbeat') return;
    if (message.role === 'plant') {
      remember(message, this.epochs, this.pair, this.nowNs);
      return;
    }
    const { feed } = this.options;
    const { rank, term, state, fit = true, successor } = message;
    if (message.feed !== feed.name || rank === this.pair.rank || rank >= feed.members.length) return;
    remember(message, this.epochs, this.pair, this.nowNs);
    this.pair.heard({ rank, term, state, fit, successor }, nowNs);
    if (this.publishing) this.giveWayToNewerEpoch();
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
    if (this.promotion !== undefined && nowNs - this.promotion.nowNs >= LOOK_NS) this.takeOver(this.promotion);
    else if (this.takeover !== undefined) this.stepTakeover();
    else if (this.introduction !== undefined) this.introduce(this.introduction);
    for (const channel of this.channels) channel.tick(nowNs);
  }

  /** The time of the vendor's data that come next. */
  at(nowNs: number): void {
    this.nowNs = nowNs;
  }

  /** Says that this member is there. */
  beat(nowNs: number): void {
    this.nowNs = nowNs;
    const { feed } = this.options;
    const own = feed.members[this.pair.rank]!;
    this.output.say({
      kind: 'heartbeat',
      role: 'handler',
      name: own.name,
      feed: feed.name,
      ...this.pair.report(),
      control: own.control,
      repair: own.repair,
      // No digest: nobody could have written the same.
      channels: this.channels.map(({ id, session, packed }) => ({
        id,
        session: session === '' ? this.epochs.remembered(id) : session,
        next: packed,
        digest: undefined,
      })),
    });
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

  // — becoming and ceasing to be primary —————————————————————————————————————————————————————————————————————

  private promoted(promotion: Promotion): void {
    const { term, reason } = promotion;
    this.output.event('primary now', { member: this.name, term, reason, before: this.nameOf(promotion.from) });
    this.promotion = promotion;
    this.promotedWallNs = this.wall;
    this.judgeFitness();
    this.beat(this.nowNs);
  }

  private takeOver(promotion: Promotion): void {
    const { floor } = this.options;
    const from = this.nameOf(promotion.from);
    this.promotion = undefined;
    const marginNs = Math.max(MARGIN_HEARTBEATS * floor.limits.heartbeatMs * MS, MARGIN_NS_MIN);
    const { lastHeardNs } = promotion;
    this.beginEpoch(lastHeardNs < 0 ? Number.NEGATIVE_INFINITY : lastHeardNs - marginNs);
    this.takeover = new Takeover({
      member: `handler/${this.name}`,
      promotion,
      from: from === undefined ? undefined : `handler/${from}`,
      wallNs: this.promotedWallNs,
      channels: this.channels,
      covered: this.channels.map(() => 1),
    });
    this.stepTakeover();
    this.beat(this.nowNs);
  }

  private steppedDown(to: number, term: number): void {
    this.output.event('no longer primary', { member: this.name, to: this.nameOf(to), term });
    this.promotion = undefined;
    this.takeover = undefined;
    this.introduction = undefined;
    this.publishing = false;
    this.items.fill(-1);
    for (const channel of this.channels) {
      channel.flush(this.nowNs);
      channel.gate.shut();
    }
    this.judgeFitness();
  }

  private stepTakeover(): void {
    const receipt = this.takeover!.step(this.nowNs);
    if (receipt === undefined) return;
    this.takeover = undefined;
    this.output.receipt(receipt);
    if (this.introduction !== undefined) this.introduce(this.introduction);
  }

  /** Receivers would not listen to this primary's epoch any more. */
  private giveWayToNewerEpoch(): void {
    const newer = this.epochs.outdone();
    if (newer === undefined) return;
    this.output.event('a newer epoch is about', newer);
    this.takeover = undefined;
    this.beginEpoch(Number.NEGATIVE_INFINITY);
    for (const { gate } of this.channels) gate.goLive();
  }

  // — an epoch ———————————————————————————————————————————————————————————————————————————————————————————————

  /** @param doubtfulFromNs what was modified from then on may have been published in the epoch before, or not. */
  private beginEpoch(doubtfulFromNs: number): void {
    const { feed } = this.options;
    this.counts.epochs++;
    this.currentEpoch = this.epochs.after(this.currentEpoch);
    this.epochs.begun(this.currentEpoch);
    const day = formatDay(feed.day);
    let first = true;
    for (const channel of this.channels) {
      const known = this.epochs.of(channel.id);
      if (known !== undefined) channel.remember(known.session, known.next);
      const { sink, session, next } = channel.open(this.currentEpoch);
      if (session !== '') first = false;
      channel.writer.attach(sink);
      channel.writer.begin(day, this.currentEpoch, session, next);
    }
    this.items.fill(-1);
    this.publishing = true;
    this.introduction = this.plan(first ? Number.POSITIVE_INFINITY : doubtfulFromNs);
    this.flush(this.nowNs);
  }

  /** What may repeat goes first, in the order in which it was modified: that is what receivers may lack. */
  private plan(doubtfulFromNs: number): Introduction {
    const doubtful: number[] = [];
    const others: number[] = [];
    for (let row = 0; row < this.writers.length; row++) {
      if (!this.source.isOffered(row)) continue;
      (this.modifiedNs[row]! >= doubtfulFromNs && this.source.hasValues(row) ? doubtful : others).push(row);
    }
    doubtful.sort((a, b) => this.modifiedNs[a]! - this.modifiedNs[b]!);
    this.counts.possibleDuplicates += doubtful.length;
    return { rows: Int32Array.from([...doubtful, ...others]), doubtful: doubtful.length, done: 0 };
  }

  /** The next items of a new epoch with their images, at a pace that receivers can follow. */
  private introduce(introduction: Introduction): void {
    const { rows, doubtful } = introduction;
    let left = STEP_BYTES;
    while (left > 0 && introduction.done < rows.length) {
      const row = rows[introduction.done]!;
      const possibleDuplicate = introduction.done < doubtful;
      introduction.done++;
      // One may have been asked for, and declared, in the meantime.
      if (this.items[row]! < 0) left -= this.declare(row, possibleDuplicate);
    }
    if (introduction.done === rows.length) this.introduction = undefined;
    this.flush(this.nowNs);
  }

  /** Makes an item one of its channel's, with its quality and values. @returns about how many bytes that took */
  private declare(row: number, possibleDuplicate: boolean): number {
    const { source } = this;
    const writer = this.writers[row]!;
    const item = writer.item(source.serviceOf(row).subject(source.symbol(row)), source.kindOf(row));
    this.items[row] = item;
    // Before the values, lest they look LIVE.
    this.told[row] = LIVE;
    this.tellQuality(row);
    return ITEM_BYTES + (this.source.hasValues(row) ? this.source.writeImage(writer, item, row, possibleDuplicate) : 0);
  }

  private tellQuality(row: number): void {
    const state = this.qualities[row]!;
    if (state === this.told[row]) return;
    this.told[row] = state;
    this.writers[row]!.quality(this.items[row]!, state);
  }

  private nameOf(rank: number | undefined): string | undefined {
    return rank === undefined ? undefined : this.options.feed.members[rank]?.name;
  }
}

function widened<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
