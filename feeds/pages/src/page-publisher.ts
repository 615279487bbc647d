import type { HandlerShellOptions, UnpositionedMember } from '@tickerplant/feed-runtime';
import type { QualityState } from '@tickerplant/records';
import type { BroadcastListener } from './broadcast/receiver.ts';
import type { PageItems } from './page-items.ts';
import type { PageListener } from './page-listener.ts';
import type { PageWatcher, PageWatcherFactory } from './page-watcher.ts';

/** What a handler of pages needs besides the floor file. */
export interface PageHandlerOptions extends HandlerShellOptions {
  /** Makes what watches the pages. */
  readonly watcher?: PageWatcherFactory;
}

export interface PagePublisherOptions {
  readonly items: PageItems;
  readonly member: UnpositionedMember;
  readonly watcher: PageWatcher | undefined;
  /** The vendor has let us in, or is heard. */
  readonly onAccepted: () => void;
  readonly nowNs: () => number;
}

/** Hands what a session tells to the member that publishes it, and to whoever watches the pages. */
export class PagePublisher implements PageListener {
  readonly #options: PagePublisherOptions;

  constructor(options: PagePublisherOptions) {
    this.#options = options;
  }

  /** The listener of a broadcast: this one, and what only a broadcast tells. */
  withBroadcast(more: Omit<BroadcastListener, keyof PageListener>): BroadcastListener {
    return {
      onAccepted: () => this.onAccepted(),
      onOffered: (row) => this.onOffered(row),
      onImage: (row, state) => this.onImage(row, state),
      onRefreshed: (row, state) => this.onRefreshed(row, state),
      onUpdate: (row) => this.onUpdate(row),
      onStatus: (row, state) => this.onStatus(row, state),
      onWithdrawn: (row) => this.onWithdrawn(row),
      ...more,
    };
  }

  onAccepted(): void {
    this.#options.onAccepted();
  }

  onOffered(row: number): void {
    this.#options.member.onOffered(row);
  }

  onImage(row: number, state: QualityState): void {
    this.#options.member.onImage(row, state);
    this.#watch(row);
    this.#judge(row, state);
  }

  onRefreshed(row: number, state: QualityState): void {
    this.#options.member.onRefreshed(row, 0, state);
    this.#watch(row);
    this.#judge(row, state);
  }

  onUpdate(row: number): void {
    this.#options.member.onUpdate(row, 0);
    this.#watch(row);
  }

  onStatus(row: number, state: QualityState): void {
    this.#options.member.onStatus(row, state);
    this.#judge(row, state);
  }

  onWithdrawn(row: number): void {
    const { member, watcher, items, nowNs } = this.#options;
    member.onWithdrawn(row);
    watcher?.gone(items.symbol(row), nowNs());
  }

  #watch(row: number): void {
    const { items, watcher, nowNs } = this.#options;
    if (watcher === undefined || items.changes.count === 0) return;
    watcher.changed(items.symbol(row), items.page(row)!, items.changes, nowNs());
  }

  #judge(row: number, state: QualityState): void {
    const { items, watcher, nowNs } = this.#options;
    watcher?.judged(items.symbol(row), state, nowNs());
  }
}
