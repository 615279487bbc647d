import { type QualityState, qualityName } from '@tickerplant/records';
import type { QualityEntry, QualityScope } from '@tickerplant/status';

/** Things whose quality is kept; more than a floor has lines, feeds and channels. */
const ENTRIES_MAX = 8_192;

/** The qualities that a plant tells of, each with its since, and which of them are news. Bounded. */
export class QualityBoard {
  private readonly entries = new Map<string, QualityEntry>();
  private readonly news = new Set<string>();
  /** Entries refused because there were too many. */
  refused = 0;

  /** Sets our own opinion; `wallNs` becomes its since if it differs from the one before. */
  set(scope: QualityScope, subject: string, state: QualityState, wallNs: bigint): void {
    const { quality, reason, detail } = state;
    this.put({ scope, subject, quality: qualityName(quality), reason, detail, sinceNs: wallNs });
  }

  /** Takes over another's opinion. */
  put(entry: QualityEntry): void {
    const key = `${entry.scope} ${entry.subject}`;
    const before = this.entries.get(key);
    if (
      before !== undefined &&
      before.quality === entry.quality &&
      before.reason === entry.reason &&
      before.detail === entry.detail
    ) {
      return;
    }
    if (before === undefined && this.entries.size >= ENTRIES_MAX) {
      this.refused++;
      return;
    }
    // The particulars may change; the quality's since is that of its reason.
    const same = before !== undefined && before.quality === entry.quality && before.reason === entry.reason;
    this.entries.set(key, same ? { ...entry, sinceNs: before.sinceNs } : entry);
    this.news.add(key);
  }

  get(scope: QualityScope, subject: string): QualityEntry | undefined {
    return this.entries.get(`${scope} ${subject}`);
  }

  /** What changed since the last call. */
  takeNews(): QualityEntry[] {
    const changed = [...this.news].map((key) => this.entries.get(key)!);
    this.news.clear();
    return changed;
  }

  all(): QualityEntry[] {
    return [...this.entries.values()];
  }
}
