import { TickerError } from '@tickerplant/core';
import { EPOCH_MAX, parseSession, sessionName } from '@tickerplant/floor';
import type { PairMember } from '@tickerplant/pair';
import type { Heartbeat } from '@tickerplant/status';

/** The newest that is known of a channel: its session, and the number that comes next in it. */
export interface KnownSession {
  readonly session: string;
  readonly next: number;
}

interface Channel {
  readonly id: number;
  readonly name: string;
  /** Empty: it has none yet. */
  readonly session: string;
}

/** A channel goes on: it is published; or a standby works on it, which it does whoever publishes, or nobody. */
export type SignOfLife = 'published' | 'shadow';

/** What outlives a process of the epochs that it knew. */
export interface EpochMemory {
  /** The newest of the day; 0: none is known. */
  readonly newest: number;
  /** A newer one is about to be published in. */
  keep(epoch: number): void;
}

export interface EpochOptions {
  readonly channels: readonly Channel[];
  /** Days since 1970-01-01: other days' epochs don't count. */
  readonly day: number;
  readonly rank: number;
  readonly members: number;
  /** Left out: only others remember. */
  readonly memory?: EpochMemory | undefined;
}

/**
 * What plants and other members say of a feed's channels, and the epochs that follow from it: receivers never go back to a
 * lower one, and no two members may begin the same.
 */
export class Epochs {
  private readonly options: EpochOptions;
  private readonly known = new Map<number, KnownSession>();
  /** The same by the word of those only who have what is published: plants, and a primary. */
  private readonly published = new Map<number, KnownSession>();

  constructor(options: EpochOptions) {
    this.options = options;
  }

  /**
   * A heartbeat of a plant or of another member.
   *
   * @returns by what a channel is seen to go on, if it does.
   */
  heard(message: Heartbeat): SignOfLife | undefined {
    const isPublished = message.role === 'plant' || message.state === 'primary';
    let sign: SignOfLife | undefined;
    for (const { id, session, next } of message.channels) {
      if (session === '' || this.options.channels.every((channel) => channel.id !== id)) continue;
      if (note(this.known, id, session, next)) sign ??= 'shadow';
      if (isPublished && note(this.published, id, session, next)) sign = 'published';
    }
    return sign;
  }

  /** What is known of a channel; undefined: nothing. Number 0: not known. */
  of(id: number): KnownSession | undefined {
    const known = this.known.get(id);
    const remembered = this.remembered(id);
    return remembered > (known?.session ?? '') ? { session: remembered, next: 0 } : known;
  }

  /** Whether anybody is known to have come further in this session of a channel: it may have been primary on its side of a cut. */
  isKnownBeyond(id: number, session: string, next: number): boolean {
    const known = this.known.get(id);
    return known?.session === session && known.next > next;
  }

  /** A channel of which somebody knows a newer epoch of the day than its own: receivers would not listen to it. */
  outdone(): { readonly channel: string; readonly session: string } | undefined {
    for (const { id, name, session } of this.options.channels) {
      const known = this.known.get(id);
      if (known !== undefined && known.session > session && parseSession(known.session)?.day === this.options.day) {
        return { channel: name, session: known.session };
      }
    }
    return undefined;
  }

  /** Whether this member could begin another one today. */
  get left(): boolean {
    return this.next(0) <= EPOCH_MAX;
  }

  /**
   * The next epoch above this one and all that anybody remembers of the day; each member has its own ones.
   *
   * @throws TickerError `FEED_NO_EPOCH`: the day's are used up.
   */
  after(epoch: number): number {
    const next = this.next(epoch);
    if (next > EPOCH_MAX) {
      throw new TickerError('FEED_NO_EPOCH', `expected at most ${EPOCH_MAX} epochs a day, all of them have been used`);
    }
    return next;
  }

  /** An epoch is begun, or taken part in. To be called before anything is published in it. */
  begun(epoch: number): void {
    const { memory } = this.options;
    if (memory !== undefined && epoch > memory.newest) memory.keep(epoch);
  }

  /** For heartbeats of a member that has no session yet: the newest that it remembers of a channel, so that others need not guess. */
  remembered(id: number): string {
    const newest = this.options.memory?.newest ?? 0;
    return newest === 0 ? '' : sessionName(id, this.options.day, newest);
  }

  private next(epoch: number): number {
    const { day, rank, members, memory } = this.options;
    let next = Math.max(epoch, memory?.newest ?? 0);
    for (const { session } of this.known.values()) {
      const parts = parseSession(session);
      if (parts?.day === day) next = Math.max(next, parts.epoch);
    }
    do next++;
    while ((next - 1) % members !== rank);
    return next;
  }
}

/** What a heartbeat says of epochs, and whether it keeps a member that would begin anew from doing so. */
export function remember(message: Heartbeat, epochs: Epochs, pair: PairMember, nowNs: number): void {
  const sign = epochs.heard(message);
  // A standby's work is a reason to leave the beginning to it, but says nothing of a primary that isn't heard any more.
  if (sign === 'published' || (sign === 'shadow' && pair.alone)) pair.signOfLife(nowNs);
}

/** Takes note of the newest that is known of a channel. @returns whether it goes on: something older was known. */
function note(known: Map<number, KnownSession>, id: number, session: string, next: number): boolean {
  const before = known.get(id);
  if (before !== undefined && (session < before.session || (session === before.session && next <= before.next))) {
    return false;
  }
  known.set(id, { session, next });
  return before !== undefined;
}
