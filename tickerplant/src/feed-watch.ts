import { channelsOf, type Floor, type FloorFeed } from '@tickerplant/floor';
import { LIVE, Quality, type QualityName, type QualityState, Reason, worse } from '@tickerplant/records';
import type { Address, Heartbeat, QualityEntry } from '@tickerplant/status';

const QUALITY_OF: Readonly<Record<QualityName, Quality>> = Quality;
/** Handlers remembered for a channel. */
const HANDLERS_MAX = 16;

interface Handler {
  heardNs: number;
  repair: Address | undefined;
}

/** What the floor says of a channel. */
interface WatchedChannel {
  readonly id: number;
  /** The feed that is published on it; undefined: none. */
  readonly feed: string | undefined;
  /** Keys of its feed's and its lines' opinions: `feed iex`, `line iex/A`. */
  readonly feedKey: string;
  readonly lines: readonly string[];
  /** By the sender's name. */
  readonly handlers: Map<string, Handler>;
  opinion: QualityState;
}

/**
 * What is known of the handlers that feed the channels, from the feed network's status group: who is there,
 * where they answer repair requests, what they say of lines, feeds and channels.
 */
export class FeedWatch {
  private readonly channels: WatchedChannel[];
  private readonly byId = new Map<number, number>();
  private readonly byName = new Map<string, number>();
  private readonly byFeed = new Map<string, number[]>();
  private readonly opinions = new Map<string, QualityState>();
  private readonly known: Set<string> = new Set();
  private readonly silentAfterNs: number;
  private readonly startedNs: number;

  constructor(floor: Floor, silentAfterNs: number, nowNs: number) {
    this.silentAfterNs = silentAfterNs;
    this.startedNs = nowNs;
    this.channels = floor.channels.map((channel, index) => {
      const feed = feedOf(floor, channel.name);
      this.byId.set(channel.id, index);
      this.byName.set(channel.name, index);
      if (feed !== undefined) this.byFeed.set(feed.name, [...(this.byFeed.get(feed.name) ?? []), index]);
      return {
        id: channel.id,
        feed: feed?.name,
        feedKey: `feed ${feed?.name ?? ''}`,
        lines: feed?.lines.map(({ name }) => `line ${feed.name}/${name}`) ?? [],
        handlers: new Map(),
        opinion: LIVE,
      };
    });
    for (const { name, lines } of floor.feeds) {
      this.known.add(`feed ${name}`);
      for (const line of lines) this.known.add(`line ${name}/${line.name}`);
    }
  }

  /** Index of the channel with this id; undefined if the floor has none. */
  indexOf(id: number): number | undefined {
    return this.byId.get(id);
  }

  /** A handler is there. */
  heartbeat(message: Heartbeat, sender: string, nowNs: number): void {
    // One that is joining has nothing yet, and speaks for nobody.
    if (message.role !== 'handler' || message.state === 'joining') return;
    // Most of its channels come twice: noting that again costs less than leaving it out.
    for (const index of this.byFeed.get(message.feed ?? '') ?? []) this.note(index, message, sender, nowNs);
    for (const { id } of message.channels) {
      const index = this.byId.get(id);
      if (index !== undefined) this.note(index, message, sender, nowNs);
    }
  }

  private note(index: number, { repair }: Heartbeat, sender: string, nowNs: number): void {
    const { handlers } = this.channels[index]!;
    const known = handlers.get(sender);
    if (known !== undefined) {
      known.heardNs = nowNs;
      known.repair = repair;
    } else if (handlers.size < HANDLERS_MAX) {
      handlers.set(sender, { heardNs: nowNs, repair });
    }
  }

  /**
   * A handler's opinion.
   *
   * @returns whether it is to be passed on as it is; one on a channel goes into our own.
   */
  quality(entry: QualityEntry): boolean {
    const state: QualityState = { quality: QUALITY_OF[entry.quality], reason: entry.reason, detail: entry.detail };
    if (entry.scope === 'item') return true;
    if (entry.scope === 'channel') {
      const index = this.byName.get(entry.subject);
      if (index !== undefined) this.channels[index]!.opinion = state;
      return false;
    }
    const key = `${entry.scope} ${entry.subject}`;
    if (!this.known.has(key)) return false;
    this.opinions.set(key, state);
    return true;
  }

  /** Where to ask for what a channel misses: the handlers heard lately, in the order in which they were first heard. */
  repairAddresses(index: number, nowNs: number): Address[] {
    const addresses: Address[] = [];
    for (const { heardNs, repair } of this.channels[index]!.handlers.values()) {
      if (repair !== undefined && nowNs - heardNs < this.silentAfterNs) addresses.push(repair);
    }
    return addresses;
  }

  /** What follows for a channel from the state of its handlers, feeds and lines. */
  judge(index: number, nowNs: number): QualityState {
    const { handlers, feed, feedKey, lines, opinion } = this.channels[index]!;
    let heardNs = -1;
    for (const handler of handlers.values()) heardNs = Math.max(heardNs, handler.heardNs);
    const silentNs = nowNs - (heardNs < 0 ? this.startedNs : heardNs);
    let worst = LIVE;
    if (silentNs >= this.silentAfterNs) {
      const names = [...handlers.keys()].join(', ');
      const detail = names === '' ? 'no handler has been heard' : `${names} is not heard any more`;
      worst = { quality: Quality.STALE, reason: Reason.HANDLER_SILENT, detail };
    }
    worst = worse(worst, opinion);
    if (feed === undefined) return worst;
    if (lines.length > 0 && lines.every((line) => this.isStale(line))) {
      const detail = `no line of ${feed} is heard`;
      worst = worse(worst, { quality: Quality.STALE, reason: Reason.LINES_SILENT, detail });
    }
    return worse(worst, this.opinions.get(feedKey) ?? LIVE);
  }

  private isStale(key: string): boolean {
    return (this.opinions.get(key)?.quality ?? Quality.LIVE) >= Quality.STALE;
  }
}

/** The feed that is published on a channel. */
export function feedOf(floor: Floor, channel: string): FloorFeed | undefined {
  return floor.feeds.find(({ channels }) =>
    Object.values(channels).some((mapping) => channelsOf(mapping).includes(channel)),
  );
}
