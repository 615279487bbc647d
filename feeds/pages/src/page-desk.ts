import { dirname, join } from 'node:path';
import { type Clock, errorMessage, formatDay, TickerError } from '@tickerplant/core';
import {
  type ChannelSet,
  CombinedItems,
  type UnpositionedItems,
  type UnpositionedMember,
} from '@tickerplant/feed-runtime';
import type { FloorPages } from '@tickerplant/floor';
import type { CounterRegistry, Logger } from '@tickerplant/telemetry';
import { ElementItems } from './elements/element-items.ts';
import { EvidenceFiles } from './elements/evidence-files.ts';
import { MemoryFile } from './elements/memory-file.ts';
import { logAlert, type ShreddedPages, Shredding } from './elements/shredding.ts';
import { VersionWatch } from './elements/version-watch.ts';
import { PageItems } from './page-items.ts';

export interface PageDeskOptions {
  /** By role. */
  readonly services: Readonly<Record<string, ChannelSet>>;
  readonly namesMax: number;
  readonly pages: Pick<FloorPages, 'cellsMax' | 'versions' | 'evidence'>;
  readonly shredders: readonly ShreddedPages[];
  /** Of the member. */
  readonly name: string;
  readonly floor: string;
  /** Business date, days since 1970. */
  readonly today: number;
  readonly clock: Clock;
  readonly registry: CounterRegistry;
  readonly createMember: (items: UnpositionedItems) => UnpositionedMember;
  readonly logger: Logger;
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
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #versions: VersionWatch | undefined;
  readonly #evidence: EvidenceFiles | undefined;
  readonly #memory: MemoryFile | undefined;

  constructor(options: PageDeskOptions) {
    const { services, namesMax, pages, shredders, today, clock, registry, createMember, logger } = options;
    this.#clock = clock;
    this.#logger = logger;
    this.items = new PageItems({ namesMax, cellsMax: pages.cellsMax, registry, service: services.pages! });
    this.#elements = services.elements?.service;
    const elements = services.elements === undefined ? undefined : new ElementItems(services.elements);
    this.#combined = new CombinedItems(elements === undefined ? [this.items] : [this.items, elements]);
    const member = createMember(this.#combined);
    this.member = member;
    if (elements === undefined || shredders.length === 0) return;
    const onError = (error: unknown): void => {
      logger.error({ code: error instanceof TickerError ? error.code : undefined }, errorMessage(error));
    };
    const { evidence, versions } = pages;
    this.#evidence =
      evidence === undefined
        ? undefined
        : new EvidenceFiles({ folder: evidence, member: options.name, registry, onError });
    if (versions !== undefined) {
      const path = join(dirname(versions), `${options.name}.memory`);
      this.#memory = new MemoryFile({ path, owner: `${options.floor} handler/${options.name}`, onError });
    }
    const recalled = this.#memory?.read(this.#wallMs);
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
      utcMs: this.#wallMs - clock.monotonicNs() / 1_000_000,
      recall: (page) => recalled?.get(page),
      alert: (page, alert, plan) => {
        logAlert(logger, page, alert);
        this.#evidence?.keep(page, alert, plan, this.#wallMs);
      },
      registry,
    });
    if (versions === undefined) return;
    this.#versions = new VersionWatch({
      path: versions,
      names: [...new Set(shredders.map(({ plan }) => plan.name))],
      day: formatDay(today),
      onFault: onError,
    });
    this.tick();
  }

  /** Lets time pass. */
  tick(): void {
    const { shredding } = this;
    if (shredding === undefined) return;
    const nowNs = this.#clock.monotonicNs();
    for (const change of this.#versions?.look(this.#wallMs) ?? []) {
      if (change.kind === 'accepted') {
        const { name, page, by } = change;
        this.#logger.info({ shredder: name, page, by }, 'what is held back is right');
        shredding.accept(change, nowNs);
        continue;
      }
      const { name, current, shadow } = change;
      const version = current?.plan.version ?? 'the floor file’s';
      this.#logger.info({ shredder: name, version, shadow: shadow?.plan.version }, 'shredder version');
      shredding.change(change, nowNs);
    }
    shredding.tick(nowNs);
    this.#memory?.keep(() => shredding.memories(), this.#wallMs);
  }

  async close(): Promise<void> {
    this.#versions?.close();
    await this.#memory?.close(this.shredding?.memories() ?? new Map(), this.#wallMs);
    await this.#evidence?.close();
  }

  get #wallMs(): number {
    return Number(this.#clock.wallNs() / 1_000_000n);
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
