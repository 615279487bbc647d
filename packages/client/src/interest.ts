import type { SubjectPattern } from '@tickerplant/records';
import type { Item } from './item.ts';
import type { ItemState } from './item-state.ts';
import type { Layout } from './layout.ts';
import type { Update } from './update.ts';

/** Numbers of a channel that will never come; images of what they may have touched follow. */
export interface GapNotice {
  readonly channel: string;
  readonly session: string;
  /** First number lost. */
  readonly from: number;
  /** One past the last number lost. */
  readonly to: number;
  readonly reason: string;
}

/** Where a subscription's events go; every item is subscribed through at least one. */
export interface InterestSink {
  item(item: Item): void;
  image(item: Item): void;
  update(update: Update): void;
  quality(item: Item, state: ItemState, previous: ItemState): void;
  remove(item: Item): void;
  gap(notice: GapNotice): void;
}

/** What one subscription wants of one channel. */
export class Interest {
  readonly patterns: readonly SubjectPattern[];
  readonly sink: InterestSink;
  /**
   * Whether images have covered all that the patterns match. Until then a new item in the stream says nothing:
   * it may be one whose image is on its way.
   */
  complete = false;
  /** When complete: items that appear from this number on are told of in the stream. */
  completeFrom = 0;
  /** Templates that carry a wanted field, a bit each. */
  templates: number;
  private readonly fids: ReadonlySet<number> | undefined;

  /** @param fids wanted fields; undefined: all. */
  constructor(patterns: readonly SubjectPattern[], fids: ReadonlySet<number> | undefined, sink: InterestSink) {
    this.patterns = patterns;
    this.fids = fids;
    this.sink = sink;
    this.templates = fids === undefined ? -1 : 0;
  }

  matches(subject: string): boolean {
    for (const pattern of this.patterns) if (pattern.matches(subject)) return true;
    return false;
  }

  /** Takes note of a template, new or changed. */
  define(layout: Layout): void {
    if (this.fids === undefined) return;
    if (this.wants(layout)) this.templates |= 1 << layout.id;
    else this.templates &= ~(1 << layout.id);
  }

  /** Whether a message with these fields touches a wanted one. */
  wants(layout: Layout): boolean {
    const { fids } = this;
    return fids === undefined || layout.fids.some((fid) => fids.has(fid));
  }
}
