import { Reason } from '@tickerplant/records';
import type { LineState } from '@tickerplant/sequence';

/** What there is to say about a line, or about the feed as a whole. */
export interface LineQuality {
  readonly scope: 'line' | 'feed';
  readonly subject: string;
  readonly quality: 'LIVE' | 'STALE';
  readonly reason: string;
  readonly detail: string;
  readonly sinceNs: bigint;
}

/**
 * Judges lines by their silence. One silent line of two costs the feed nothing but its safety; when all are
 * silent, the feed's values are STALE.
 */
export class LineWatch {
  readonly #feed: string;
  readonly #silentAfterNs: number;
  readonly #current = new Map<string, LineQuality>();

  constructor(feed: string, silentAfterNs: number) {
    this.#feed = feed;
    this.#silentAfterNs = silentAfterNs;
  }

  /** Everything there is to say, changed or not. */
  get all(): LineQuality[] {
    return [...this.#current.values()];
  }

  /** @returns what has changed since the last look. */
  look(lines: readonly LineState[], nowNs: number, wallNs: bigint): LineQuality[] {
    const changes: LineQuality[] = [];
    let heard = 0;
    for (const line of lines) {
      const silentNs = line.lastHeardNs < 0 ? Number.POSITIVE_INFINITY : nowNs - line.lastHeardNs;
      const live = silentNs <= this.#silentAfterNs;
      if (live) heard++;
      const detail = live ? '' : line.lastHeardNs < 0 ? 'never heard' : 'nothing heard within the limit';
      this.#judge('line', `${this.#feed}/${line.name}`, live, detail, wallNs, changes);
    }
    this.#judge('feed', this.#feed, heard > 0, heard > 0 ? '' : 'no line is heard', wallNs, changes);
    return changes;
  }

  #judge(
    scope: 'line' | 'feed',
    subject: string,
    live: boolean,
    detail: string,
    wallNs: bigint,
    changes: LineQuality[],
  ): void {
    const quality = live ? 'LIVE' : 'STALE';
    const key = `${scope} ${subject}`;
    if (this.#current.get(key)?.quality === quality) return;
    const reason = live ? '' : Reason.LINES_SILENT;
    const change: LineQuality = { scope, subject, quality, reason, detail, sinceNs: wallNs };
    this.#current.set(key, change);
    changes.push(change);
  }
}
