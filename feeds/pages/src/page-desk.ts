import { type Clock, TickerError } from '@tickerplant/core';
import {
  type ChannelSet,
  CombinedItems,
  type UnpositionedItems,
  type UnpositionedMember,
} from '@tickerplant/feed-runtime';
import type { Alert } from '@tickerplant/shredder';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { ElementItems } from './elements/element-items.ts';
import { type ShreddedPages, Shredding } from './elements/shredding.ts';
import { PageItems } from './page-items.ts';

export interface PageDeskOptions {
  /** By role. */
  readonly services: Readonly<Record<string, ChannelSet>>;
  readonly namesMax: number;
  readonly cellsMax: number;
  readonly shredders: readonly ShreddedPages[];
  /** Business date, days since 1970. */
  readonly today: number;
  readonly clock: Clock;
  readonly registry: CounterRegistry;
  readonly createMember: (items: UnpositionedItems) => UnpositionedMember;
  readonly alert: (page: string, alert: Alert) => void;
}

const PAGES_PART = 0;
const ELEMENTS_PART = 1;

/** A handler's pages, the elements that are made of them, and the member that publishes both. */
export class PageDesk {
  readonly items: PageItems;
  readonly member: UnpositionedMember;
  /** Undefined: nothing is made of the pages. */
  readonly shredding: Shredding | undefined;
  readonly #combined: CombinedItems;
  /** Their service. */
  readonly #elements: string | undefined;

  constructor(options: PageDeskOptions) {
    const { services, namesMax, cellsMax, shredders, today, clock, registry, createMember, alert } = options;
    this.items = new PageItems({ namesMax, cellsMax, registry, service: services.pages! });
    this.#elements = services.elements?.service;
    const elements = services.elements === undefined ? undefined : new ElementItems(services.elements);
    this.#combined = new CombinedItems(elements === undefined ? [this.items] : [this.items, elements]);
    const member = createMember(this.#combined);
    this.member = member;
    if (elements === undefined || shredders.length === 0) return;
    const row = (own: number): number => this.#combined.row(ELEMENTS_PART, own);
    this.shredding = new Shredding({
      shredders,
      items: elements,
      listener: {
        onOffered: (own) => member.onOffered(row(own)),
        onImage: (own, state) => member.onImage(row(own), state),
        onUpdate: (own) => member.onUpdate(row(own), 0),
        onStatus: (own, state) => member.onStatus(row(own), state),
        onWithdrawn: (own) => member.onWithdrawn(row(own)),
      },
      pageOf: (name) => this.items.page(this.items.rowOf(name)),
      today,
      utcMs: Number(clock.wallNs() / 1_000_000n) - clock.monotonicNs() / 1_000_000,
      alert,
      registry,
    });
  }

  /**
   * Says where a field of an element comes from.
   *
   * @param subject `SERVICE.SYMBOL`
   * @throws TickerError `PAGES_NO_ELEMENT`; `SHRED_NO_FIELD`
   */
  why(subject: string, field: string): Record<string, unknown> {
    const at = subject.indexOf('.');
    if (this.shredding === undefined || subject.slice(0, at) !== this.#elements) {
      throw new TickerError(
        'PAGES_NO_ELEMENT',
        `expected an item of ${this.#elements ?? 'a feed with elements'}, got ${subject}`,
      );
    }
    return this.shredding.why(subject.slice(at + 1), field);
  }

  /** The member's row of a page. */
  rowOf(page: number): number {
    return this.#combined.row(PAGES_PART, page);
  }
}
