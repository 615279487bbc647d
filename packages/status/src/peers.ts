import type { StatusOrigin } from './messages.ts';

// Replay protection. A sealed packet is genuine, but anyone who saw it can send it again. So for each sender:
//
// - Within a boot, the counters of each kind of message only go up: a packet that is not newer than the last of its
//   kind is a duplicate, a late one, or a replay. (Kinds are apart so that a heartbeat is not lost to what was said
//   just after it and came before it.) Its delay (our monotonic clock less the sender's) is compared with the least seen of late: one that
//   was held back on the way for longer than the limit is stale. Wall clocks have no say here, so that a clock
//   stepping by hours on either side makes nobody deaf.
// - A new boot, or a sender never heard before, has no counter to compare: its wall clock must agree with ours
//   within the limit, its boot id must not be one that the sender had before, and it must have been sent after
//   everything heard of the old boot. When that was is kept by our monotonic clock: a step that both wall clocks made, and
//   took back, shall not lock anybody out.

/** Why a genuine packet isn't believed. */
export type PeerFault = 'replayed' | 'stale' | 'crowded';

/** Boot ids of a sender to remember as used up. */
const RETIRED_MAX = 16;
/** Kinds of messages told apart; later versions' kinds beyond share the last place. */
const KINDS_MAX = 16;

/** Least delay over the present and the last window. */
class DelayGauge {
  readonly #windowNs: number;
  #windowStartNs = 0;
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;

  constructor(windowNs: number) {
    this.#windowNs = windowNs;
  }

  /**
   * How much longer than usual this packet took, in nanoseconds. If all packets are late from now on (the
   * sender's host was suspended, which stops its monotonic clock), that becomes usual after a window.
   */
  excess(delayNs: number, nowNs: number): number {
    // At most one turn a packet: after a long silence the old window still tells what was usual.
    if (nowNs - this.#windowStartNs >= this.#windowNs) {
      this.#windowStartNs = nowNs;
      this.#leastBefore = this.#least;
      this.#least = Number.POSITIVE_INFINITY;
    }
    const usual = Math.min(this.#least, this.#leastBefore);
    this.#least = Math.min(this.#least, delayNs);
    return usual === Number.POSITIVE_INFINITY ? 0 : delayNs - usual;
  }
}

/** What is known of a sender. */
export interface Peer {
  readonly name: string;
  boot: bigint;
  counter: number;
  /** Our monotonic clock when it was last heard. */
  heardNs: number;
  /** Its wall clock less ours when it was last heard: clock difference and time on the way. */
  clockDifferenceNs: bigint;
  /** Packets believed, over all boots. */
  packets: number;
}

interface PeerState extends Omit<Peer, 'clockDifferenceNs'> {
  /** When it was last heard, by its wall clock and by ours. */
  sentWallNs: bigint;
  heardWallNs: bigint;
  /** Nothing sent up to here, by our monotonic clock, is believed of another boot. */
  sentUntilNs: number;
  readonly retired: bigint[];
  /** The last counter of each kind. */
  readonly last: Float64Array;
  delays: DelayGauge;
}

/** Everybody heard on a status group, bounded. */
export class Peers {
  readonly #staleAfterNs: number;
  readonly #peersMax: number;
  readonly #peers = new Map<string, PeerState>();

  /**
   * @param staleAfterNs how old a packet may be.
   * @param peersMax how many senders to keep track of.
   */
  constructor(staleAfterNs: number, peersMax: number) {
    this.#staleAfterNs = staleAfterNs;
    this.#peersMax = peersMax;
  }

  /**
   * Takes note of a genuine packet; answers why it isn't to be believed, or undefined.
   *
   * @param kind of its message, a whole number.
   */
  admit(origin: StatusOrigin, kind: number, nowNs: number, wallNs: bigint): PeerFault | undefined {
    const known = this.#peers.get(origin.sender);
    const place = Math.min(kind, KINDS_MAX - 1);
    const fault =
      known !== undefined && known.boot === origin.boot
        ? this.#admitNext(known, origin, place, nowNs)
        : this.#admitBoot(known, origin, nowNs, wallNs);
    if (fault !== undefined) return fault;
    const peer = this.#peers.get(origin.sender)!;
    peer.last[place] = origin.counter;
    peer.counter = Math.max(peer.counter, origin.counter);
    peer.heardNs = nowNs;
    peer.sentWallNs = origin.sentWallNs;
    peer.heardWallNs = wallNs;
    peer.packets++;
    // A sender whose clock is ahead must not lock out its own next boot: our clock is the bound.
    peer.sentUntilNs = Math.max(peer.sentUntilNs, nowNs - Math.max(0, Number(wallNs - origin.sentWallNs)));
    return undefined;
  }

  /** The senders now known. */
  list(): Peer[] {
    return [...this.#peers.values()].map(({ name, boot, counter, heardNs, sentWallNs, heardWallNs, packets }) => ({
      name,
      boot,
      counter,
      heardNs,
      clockDifferenceNs: sentWallNs - heardWallNs,
      packets,
    }));
  }

  #admitNext(peer: PeerState, origin: StatusOrigin, place: number, nowNs: number): PeerFault | undefined {
    if (origin.counter <= peer.last[place]!) return 'replayed';
    const excess = peer.delays.excess(nowNs - origin.sentMonotonicNs, nowNs);
    return excess > this.#staleAfterNs ? 'stale' : undefined;
  }

  #admitBoot(known: PeerState | undefined, origin: StatusOrigin, nowNs: number, wallNs: bigint): PeerFault | undefined {
    if (known?.retired.includes(origin.boot)) return 'replayed';
    const age = wallNs - origin.sentWallNs;
    const limit = BigInt(Math.floor(this.#staleAfterNs));
    if (age > limit || age < -limit) return 'stale';
    if (known !== undefined && nowNs - Number(age) <= known.sentUntilNs) return 'replayed';
    if (known === undefined && this.#peers.size >= this.#peersMax && !this.#makeRoom(nowNs)) return 'crowded';
    const retired = known?.retired ?? [];
    if (known !== undefined) retired.push(known.boot);
    if (retired.length > RETIRED_MAX) retired.shift();
    const delays = new DelayGauge(this.#staleAfterNs);
    delays.excess(nowNs - origin.sentMonotonicNs, nowNs);
    this.#peers.set(origin.sender, {
      name: origin.sender,
      boot: origin.boot,
      counter: 0,
      heardNs: nowNs,
      sentWallNs: origin.sentWallNs,
      heardWallNs: wallNs,
      packets: known?.packets ?? 0,
      sentUntilNs: known?.sentUntilNs ?? Number.NEGATIVE_INFINITY,
      retired,
      last: new Float64Array(KINDS_MAX),
      delays,
    });
    return undefined;
  }

  /** Forgets the sender silent for longest, if so long that all it ever sent is stale. */
  #makeRoom(nowNs: number): boolean {
    let oldest: PeerState | undefined;
    for (const peer of this.#peers.values()) {
      if (oldest === undefined || peer.heardNs < oldest.heardNs) oldest = peer;
    }
    if (oldest === undefined || nowNs - oldest.heardNs <= 2 * this.#staleAfterNs) return false;
    this.#peers.delete(oldest.name);
    return true;
  }
}
