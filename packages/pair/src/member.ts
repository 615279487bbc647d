import type { Counters } from '@tickerplant/telemetry';
import { PAIR_COUNTERS } from './counters.ts';

/** What a member is doing. */
export type MemberState = 'joining' | 'standby' | 'primary';

/** Why a member became primary. */
export type TakeoverReason =
  /** Nobody was primary: the floor's start. */
  | 'cold-start'
  /** The primary was not heard within the limit. */
  | 'silent'
  /** The primary is heard, and says that it can't do its work. */
  | 'unfit'
  /** The primary handed over. */
  | 'handover';

/** What a member's heartbeat says of its place in the pair. */
export interface MemberReport {
  /** Place in the order of succession, from 0. */
  readonly rank: number;
  /** The highest term that it knows; its own if it is primary. */
  readonly term: number;
  readonly state: MemberState;
  /** Of a standby: it could take over and nobody would notice. Of a primary: it does its work. */
  readonly fit: boolean;
  /** Of one that has just handed over: the rank of the member that shall go on. */
  readonly successor?: number | undefined;
}

/** A promotion. */
export interface Promotion {
  readonly term: number;
  readonly reason: TakeoverReason;
  /** Rank of the primary before; undefined if none was ever heard. */
  readonly from: number | undefined;
  /** When that one was last heard, monotonic ns; -1: never. */
  readonly lastHeardNs: number;
  readonly nowNs: number;
  /** Whether this member was fit: if not, it doesn't know all that has been published. */
  readonly fit: boolean;
}

/** What a member has to be told. Called from within `heard`, `tick` and `handOver`. */
export interface MemberListener {
  /** This member is primary from now on. */
  onPromotion(promotion: Promotion): void;
  /** This member is no longer primary; `to` is the rank of the one that is, or shall be. */
  onStepDown(to: number, term: number, nowNs: number): void;
  /** Somebody else has become primary. */
  onPrimary?(rank: number, term: number, nowNs: number): void;
}

/** How a member behaves. Times in nanoseconds. */
export interface MemberOptions {
  /** From 0; the lower one goes first. */
  readonly rank: number;
  /** How many members the floor file names. */
  readonly members: number;
  /** Between two heartbeats of each member. */
  readonly heartbeatNs: number;
  /** Silence of the primary after which the best standby takes over. */
  readonly takeoverAfterNs: number;
  /** How much longer each standby waits than the one before it. @default two heartbeats */
  readonly staggerNs?: number;
  /** At the start, how long to wait for a primary. */
  readonly coldStartNs: number;
  /**
   * How long a primary that was heard may be silent before a member that isn't fit takes over. What it costs (a new
   * epoch, values in doubt) is worse than a pause.
   */
  readonly unfitAfterNs: () => number;
  readonly nowNs: number;
  readonly counters?: Counters<(typeof PAIR_COUNTERS)['descriptions']>;
}

interface Peer {
  report: MemberReport;
  heardNs: number;
}

/** A pause between ticks of more than so many heartbeats is counted. */
const STALL_HEARTBEATS = 2;
/**
 * A takeover from a primary that turns out to be alive (it was held up for longer than the limit) makes this member twice as
 * patient, up to so much; each quiet while halves that again. Otherwise two members on an overloaded host would take over
 * from each other for ever, and what they send again would add to the load.
 */
const PATIENCE_MAX = 8;
const PATIENCE_HALVES_NS = 1_000_000_000;
/** A primary that is heard within so long after it was replaced was alive. */
const ALIVE_WITHIN_NS = 2_000_000_000;
/** Between finding the primary silent and taking over: what waits in the sockets is heard in between. */
const LOOK_AGAIN_NS = 1_000_000;

/**
 * One member of a pair: decides who is primary. A machine: it is told what the other members' heartbeats say and
 * the time, and tells its listener; whoever owns it sends the heartbeats and authenticates those that come.
 *
 * - Members are ranked. The primary's heartbeats carry its term; each promotion raises the term by one.
 * - A primary that isn't heard for `takeoverAfterNs`, or says that it isn't fit, is replaced by the best fit standby.
 *   Each standby behind waits `staggerNs` longer, so that the better one's heartbeat stops it. Where that turns out to
 *   have been needless, the standby is more patient for a while.
 * - Whoever hears a higher term is not primary (any more); at equal terms the lower rank wins.
 * - Where nobody has been primary, the lowest rank goes first, after `coldStartNs`; where no standby is fit, after
 *   `unfitAfterNs`.
 *
 * In a partition there may be two primaries. That is by design, and harmless: what they publish is the same bytes
 * under the same numbers (docs/internals/takeover.md).
 */
export class PairMember {
  readonly rank: number;
  readonly counters: Readonly<Counters<(typeof PAIR_COUNTERS)['descriptions']>>;
  private readonly counts: Counters<(typeof PAIR_COUNTERS)['descriptions']>;
  private readonly members: number;
  private readonly heartbeatNs: number;
  private readonly takeoverAfterNs: number;
  private readonly staggerNs: number;
  private readonly coldStartNs: number;
  private readonly unfitAfterNs: () => number;
  private readonly listener: MemberListener;
  private readonly peers = new Map<number, Peer>();
  private currentState: MemberState = 'joining';
  private currentTerm = 0;
  private isFit = false;
  private successor: number | undefined;
  /** Rank of the primary that is, or was last. */
  private primaryRank: number | undefined;
  private primaryHeardNs = -1;
  /** From when the silence of the primary counts. */
  private silentSinceNs: number;
  /** The same for a member that would have to begin anew: the time in which it was held up doesn't count, nor that before the last sign of life. */
  private attendedNs = Number.NEGATIVE_INFINITY;
  private tickedNs = -1;
  private patience = 1;
  private patienceNs = 0;
  /** The primary that this member has taken over from for its silence, and when; until it is heard or that is long ago. */
  private replaced: { readonly rank: number; readonly atNs: number } | undefined;
  /** When the primary's silence was first found too long; -1: it isn't. */
  private doubtedNs = -1;

  constructor(options: MemberOptions, listener: MemberListener) {
    const { rank, members, heartbeatNs, takeoverAfterNs, nowNs } = options;
    this.rank = rank;
    this.members = members;
    this.heartbeatNs = heartbeatNs;
    this.takeoverAfterNs = takeoverAfterNs;
    this.staggerNs = options.staggerNs ?? 2 * heartbeatNs;
    this.coldStartNs = options.coldStartNs;
    this.unfitAfterNs = options.unfitAfterNs;
    this.listener = listener;
    this.silentSinceNs = nowNs;
    this.counts = options.counters ?? PAIR_COUNTERS.create();
    this.counters = this.counts;
  }

  get state(): MemberState {
    return this.currentState;
  }

  get term(): number {
    return this.currentTerm;
  }

  get fit(): boolean {
    return this.isFit;
  }

  /** Rank of the present primary, as far as known. */
  get primary(): number | undefined {
    return this.currentState === 'primary' ? this.rank : this.primaryRank;
  }

  /** What the next heartbeat has to say. */
  report(): MemberReport {
    return {
      rank: this.rank,
      term: this.currentTerm,
      state: this.currentState,
      fit: this.isFit,
      successor: this.successor,
    };
  }

  /** Ranks of the other members heard lately, ascending. */
  present(nowNs: number): number[] {
    return [...this.peers]
      .filter(([, peer]) => this.isPresent(peer, nowNs))
      .map(([rank]) => rank)
      .sort((a, b) => a - b);
  }

  /** Whether this member could take over (or, being primary, does its work). A joining member that is fit is a standby. */
  setFit(fit: boolean): void {
    this.isFit = fit;
    if (this.currentState === 'primary') return;
    this.currentState = fit || this.currentState === 'standby' ? 'standby' : 'joining';
  }

  /** What another member's heartbeat says; authenticated. */
  heard(report: MemberReport, nowNs: number): void {
    if (report.rank === this.rank || report.rank >= this.members) {
      this.counts.strangers++;
      return;
    }
    this.noteNeedless(report, nowNs);
    const known = this.peers.get(report.rank);
    if (known === undefined) this.peers.set(report.rank, { report, heardNs: nowNs });
    else {
      known.report = report;
      known.heardNs = nowNs;
    }
    if (this.currentState === 'primary') {
      if (report.term > this.currentTerm) this.stepDown(report.rank, report.term, nowNs);
      else if (report.term === this.currentTerm && report.state === 'primary' && report.rank < this.rank) {
        this.stepDown(report.rank, report.term, nowNs);
      } else return;
    }
    const outdated = report.term < this.currentTerm;
    if (!outdated) this.currentTerm = report.term;
    if (report.state === 'primary') {
      if (outdated) {
        this.counts.outdated++;
        return;
      }
      this.successor = undefined;
      if (this.primaryRank !== report.rank || this.primaryHeardNs < 0) {
        this.primaryRank = report.rank;
        this.listener.onPrimary?.(report.rank, report.term, nowNs);
      }
      this.primaryHeardNs = nowNs;
      this.silentSinceNs = nowNs;
      if (!report.fit && this.isFit && this.place(nowNs) === 0) this.promote('unfit', nowNs);
      return;
    }
    if (report.successor === this.rank && this.isFit && !outdated) this.promote('handover', nowNs);
  }

  /**
   * What this pair publishes is seen to go on, though nobody is heard who says so: no time to begin anew, which would only do
   * harm. A member that is fit may take over all the same, for what it sends is the same.
   */
  signOfLife(nowNs: number): void {
    this.attendedNs = Math.max(this.attendedNs, nowNs);
  }

  /**
   * Somebody speaks who isn't believed. A member that hears nobody else may be the one whose key or clock is wrong, and
   * does not begin.
   *
   * @returns whether this one waits because of that.
   */
  doubted(nowNs: number): boolean {
    if (this.members === 1 || !this.alone) return false;
    this.signOfLife(nowNs);
    return true;
  }

  /** Whether this member knows of no primary, now or before. */
  get alone(): boolean {
    return this.currentState !== 'primary' && this.primaryHeardNs < 0;
  }

  /** Lets time pass: at least once a heartbeat. */
  tick(nowNs: number): void {
    // Nobody was silent before this member could hear.
    if (this.tickedNs < 0) this.silentSinceNs = Math.max(this.silentSinceNs, nowNs);
    else if (nowNs - this.tickedNs > STALL_HEARTBEATS * this.heartbeatNs) {
      this.counts.stalls++;
      const attendedNs = Math.max(this.attendedNs, this.silentSinceNs) + nowNs - this.tickedNs;
      this.attendedNs = Math.min(attendedNs, nowNs);
    }
    this.tickedNs = nowNs;
    if (this.currentState === 'primary') return;
    // A fit one does no harm if it is wrong. Else a new epoch begins: after a pause of its own a member must have listened again,
    // for what waited in its sockets may be too old to count, and what came last have found no room there.
    const isHarmless = this.primaryHeardNs >= 0 && this.isFit;
    const silentNs = nowNs - (isHarmless ? this.silentSinceNs : Math.max(this.silentSinceNs, this.attendedNs));
    const known = this.primaryHeardNs >= 0;
    if (this.patience > 1 && nowNs - this.patienceNs >= PATIENCE_HALVES_NS) {
      this.patience /= 2;
      this.patienceNs = nowNs;
    }
    const limitNs = this.patience * this.takeoverAfterNs;
    const base = !known ? this.coldStartNs : this.isFit ? limitNs : Math.max(limitNs, this.unfitAfterNs());
    // The first look is the cheap one: this runs at every tick.
    if (silentNs < base || silentNs < base + this.place(nowNs) * this.staggerNs) {
      this.doubtedNs = -1;
      return;
    }
    // This process may have been held up itself, and heartbeats be waiting in its socket: one more look, after those.
    if (this.doubtedNs < 0) this.doubtedNs = nowNs;
    if (this.members > 1 && nowNs - this.doubtedNs < LOOK_AGAIN_NS) return;
    this.promote(known ? 'silent' : 'cold-start', nowNs);
  }

  /**
   * Hands over to the best fit standby, or to the one given. What was published until now must have left before.
   *
   * @returns the successor's rank; undefined: there is nobody fit, and nothing happens.
   */
  handOver(nowNs: number, to?: number): number | undefined {
    if (this.currentState !== 'primary') return undefined;
    const candidates = [...this.peers].filter(
      ([rank, peer]) => this.isPresent(peer, nowNs) && peer.report.fit && (to === undefined || rank === to),
    );
    const successor = candidates.map(([rank]) => rank).sort((a, b) => a - b)[0];
    if (successor === undefined) return undefined;
    this.stepDown(successor, this.currentTerm, nowNs);
    this.successor = successor;
    return successor;
  }

  /** Whether the primary that was replaced for its silence is alive after all. */
  private noteNeedless({ rank, state }: MemberReport, nowNs: number): void {
    const { replaced } = this;
    if (replaced === undefined || rank !== replaced.rank) return;
    this.replaced = undefined;
    // One that is joining has been started anew: it was dead.
    if (state === 'joining' || nowNs - replaced.atNs > ALIVE_WITHIN_NS) return;
    this.counts.needless++;
    this.patience = Math.min(PATIENCE_MAX, 2 * this.patience);
    this.patienceNs = nowNs;
  }

  private stepDown(to: number, term: number, nowNs: number): void {
    this.currentState = 'standby';
    this.primaryRank = to;
    this.primaryHeardNs = nowNs;
    this.silentSinceNs = nowNs;
    this.counts.stepDowns++;
    this.listener.onStepDown(to, term, nowNs);
  }

  private promote(reason: TakeoverReason, nowNs: number): void {
    const from = this.primaryRank;
    const lastHeardNs = this.primaryHeardNs;
    this.currentTerm++;
    if (reason === 'silent' && from !== undefined) this.replaced = { rank: from, atNs: nowNs };
    this.doubtedNs = -1;
    this.currentState = 'primary';
    this.successor = undefined;
    this.primaryRank = this.rank;
    this.counts.promotions++;
    this.listener.onPromotion({ term: this.currentTerm, reason, from, lastHeardNs, nowNs, fit: this.isFit });
  }

  /** How many members that are heard have a better claim: those that are fit, and among equals those of lower rank. */
  private place(nowNs: number): number {
    let better = 0;
    for (const [rank, peer] of this.peers) {
      const { fit, state } = peer.report;
      if (state === 'primary' || !this.isPresent(peer, nowNs)) continue;
      if (fit === this.isFit ? rank < this.rank : fit) better++;
    }
    return better;
  }

  private isPresent(peer: Peer, nowNs: number): boolean {
    return nowNs - peer.heardNs < 2 * this.takeoverAfterNs;
  }
}
