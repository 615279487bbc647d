import { Reason } from '@tickerplant/records';
import type { LineState } from '@tickerplant/sequence';

/** What there is to say about a line, or about the feed as a whole. */
export interface LineQuality {
  readonly scope: 'line' | 'feed';
  readonly subject: string;
  readonly quality: 'LIVE' | 'RECOVERING' | 'STALE';
  readonly reason: string;
  readonly detail: string;
  readonly sinceNs: bigint;
}

/** In so much time at most a process that goes on after it was stopped has read what waited in its sockets. */
const DRAIN_NS_MAX = 200_000_000;

/**
 * Judges lines by their silence. One silent line of two costs the feed nothing but its safety; when all are
 * silent, the feed's values are STALE.
 */
export class LineWatch {
  readonly #feed: string;
  readonly #silentAfterNs: number;
  readonly #drainNs: number;
  readonly #current = new Map<string, LineQuality>();
  #lookedNs = -1;
  /** What is heard up to here may have waited in the sockets for long. */
  #heldUpUntilNs = -1;

  constructor(feed: string, silentAfterNs: number) {
    this.#feed = feed;
    this.#silentAfterNs = silentAfterNs;
    this.#drainNs = Math.min(DRAIN_NS_MAX, silentAfterNs / 5);
  }

  /** Everything there is to say, changed or not. */
  get all(): LineQuality[] {
    return [...this.#current.values()];
  }

  /**
   * @param missing vendor messages [from, to) that have been missing for longer than a repair should take: until
   *   they come, nothing after them is published, so the values are getting old.
   * @returns what has changed since the last look.
   */
  look(
    lines: readonly LineState[],
    nowNs: number,
    wallNs: bigint,
    missing?: { readonly from: number; readonly to: number },
  ): LineQuality[] {
    const changes: LineQuality[] = [];
    // This process was stopped: what it hears at first is of before, and its values are as old.
    if (this.#lookedNs >= 0 && nowNs - this.#lookedNs > this.#silentAfterNs)
      this.#heldUpUntilNs = nowNs + this.#drainNs;
    this.#lookedNs = nowNs;
    let heard = 0;
    for (const line of lines) {
      const silentNs = line.lastHeardNs < 0 ? Number.POSITIVE_INFINITY : nowNs - line.lastHeardNs;
      const live = silentNs <= this.#silentAfterNs && line.lastHeardNs > this.#heldUpUntilNs;
      if (live) heard++;
      const detail = live ? '' : line.lastHeardNs < 0 ? 'never heard' : 'nothing heard within the limit';
      const quality = live ? 'LIVE' : 'STALE';
      this.#judge('line', `${this.#feed}/${line.name}`, quality, Reason.LINES_SILENT, detail, wallNs, changes);
    }
    if (heard === 0) {
      this.#judge('feed', this.#feed, 'STALE', Reason.LINES_SILENT, 'no line is heard', wallNs, changes);
    } else if (missing !== undefined) {
      const detail = `vendor messages ${missing.from} to ${missing.to - 1} are missing`;
      this.#judge('feed', this.#feed, 'RECOVERING', Reason.VENDOR_MISSING, detail, wallNs, changes);
    } else {
      this.#judge('feed', this.#feed, 'LIVE', '', '', wallNs, changes);
    }
    return changes;
  }

  #judge(
    scope: 'line' | 'feed',
    subject: string,
    quality: LineQuality['quality'],
    reasonUnlessLive: string,
    detail: string,
    wallNs: bigint,
    changes: LineQuality[],
  ): void {
    const key = `${scope} ${subject}`;
    if (this.#current.get(key)?.quality === quality) return;
    const reason = quality === 'LIVE' ? '' : reasonUnlessLive;
    const change: LineQuality = { scope, subject, quality, reason, detail, sinceNs: wallNs };
    this.#current.set(key, change);
    changes.push(change);
  }
}
