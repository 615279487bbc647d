import type { HandlerShellOptions } from '@tickerplant/feed-runtime';
import type { QualityState } from '@tickerplant/records';
import type { BroadcastListener } from './broadcast/receiver.ts';
import type { ShreddedPages } from './elements/shredding.ts';
import type { PageDesk } from './page-desk.ts';
import type { PageListener } from './page-listener.ts';

/** What a handler of pages needs besides the floor file. */
export interface PageHandlerOptions extends HandlerShellOptions {
  /** What is made of the pages. @default nothing */
  readonly shredders?: readonly ShreddedPages[];
}

export interface PagePublisherOptions {
  readonly desk: Pick<PageDesk, 'items' | 'member' | 'shredding' | 'rowOf'>;
  /** The vendor has let us in, or is heard. */
  readonly onAccepted: () => void;
  readonly nowNs: () => number;
}

/** Hands what a session tells to the member that publishes it, and to whoever watches the pages. */
export class PagePublisher implements PageListener {
  readonly #options: PagePublisherOptions;
  readonly #desk: PagePublisherOptions['desk'];

  constructor(options: PagePublisherOptions) {
    this.#options = options;
    this.#desk = options.desk;
  }

  get #member(): PageDesk['member'] {
    return this.#desk.member;
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
    this.#member.onOffered(this.#desk.rowOf(row));
  }

  onImage(row: number, state: QualityState): void {
    this.#member.onImage(this.#desk.rowOf(row), state);
    this.#watch(row);
    this.#judge(row, state);
  }

  onRefreshed(row: number, state: QualityState): void {
    this.#member.onRefreshed(this.#desk.rowOf(row), 0, state);
    this.#watch(row);
    this.#judge(row, state);
  }

  onUpdate(row: number): void {
    this.#member.onUpdate(this.#desk.rowOf(row), 0);
    this.#watch(row);
  }

  onStatus(row: number, state: QualityState): void {
    this.#member.onStatus(this.#desk.rowOf(row), state);
    this.#judge(row, state);
  }

  onWithdrawn(row: number): void {
    const { items, member, shredding } = this.#desk;
    member.onWithdrawn(this.#desk.rowOf(row));
    shredding?.gone(items.symbol(row));
  }

  #watch(row: number): void {
    const { items, shredding } = this.#desk;
    if (shredding === undefined || items.changes.count === 0) return;
    shredding.changed(items.symbol(row), items.page(row)!, items.changes, this.#options.nowNs());
  }

  #judge(row: number, state: QualityState): void {
    const { items, shredding } = this.#desk;
    shredding?.judged(items.symbol(row), state);
  }
}
