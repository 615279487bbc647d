import {
  type HandlerShellOptions,
  type Place,
  placeIn,
  type UnpositionedHandlerProcess,
  UnpositionedShell,
  VendorShell,
} from '@tickerplant/feed-runtime';
import type { Floor } from '@tickerplant/floor';
import { PageSession } from './interactive/session.ts';
import { PageItems } from './page-items.ts';
import { PagePublisher } from './page-publisher.ts';
import type { PageWatcher, PageWatcherFactory } from './page-watcher.ts';
import { PAGES, pagesOf } from './protocol.ts';

export interface PageHandlerOptions extends HandlerShellOptions {
  /** Makes what watches the pages. */
  readonly watcher?: PageWatcherFactory;
}

/** A running handler of pages on request. */
export interface PageHandlerProcess extends UnpositionedHandlerProcess {
  /** Somebody looks at a page, or nobody does any more. @returns false: there is no room for the name, or it is none */
  interest(name: string, wanted: boolean): boolean;
}

/** Names remembered, for each page that can be open: who asks for pages that there are not must not fill the memory. */
const NAMES_A_PAGE = 4;
const NAMES_MIN = 10_000;

/**
 * Runs a handler of a page service of a floor: asks for pages as they are wanted, and publishes them on the feed network
 * while it is primary.
 *
 * @param memberName the feed's name, or that of one of its standbys: `screens-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startPageHandler(
  floor: Floor,
  memberName: string,
  options: PageHandlerOptions,
): Promise<PageHandlerProcess> {
  const shell = new InteractivePageShell(floor, placeIn(floor, memberName), options);
  try {
    await shell.open();
  } catch (error) {
    await shell.close();
    throw error;
  }
  return shell;
}

class InteractivePageShell extends UnpositionedShell implements PageHandlerProcess {
  readonly #watcher: PageWatcher | undefined;
  #vendor: VendorShell | undefined;
  #session: PageSession | undefined;
  #items: PageItems | undefined;

  constructor(floor: Floor, place: Place, options: PageHandlerOptions) {
    super(floor, place, PAGES, options);
    this.#watcher = options.watcher?.(place.feed.name);
  }

  async open(): Promise<void> {
    const { feed, clock, registry, quarantine } = this;
    const pages = pagesOf(feed);
    await this.openOutputs([], false);
    const namesMax = Math.max(NAMES_MIN, NAMES_A_PAGE * pages.max);
    const items = new PageItems({ namesMax, cellsMax: pages.cellsMax, registry });
    const member = this.createMember(items);
    const publisher = new PagePublisher({
      items,
      member,
      watcher: this.#watcher,
      onAccepted: () => {
        vendor.accepted();
        this.vendorAccepted();
      },
      nowNs: () => clock.monotonicNs(),
    });
    const vendor = new VendorShell(
      {
        servers: feed.servers,
        clock,
        onTime: (nowNs) => member.at(nowNs),
        onWorked: () => this.scheduleFlush(),
        onLost: (server, why) => {
          this.vendorLost(`${server.address}:${server.port}: ${why}`);
          this.#watcher?.vendorLost(why, clock.monotonicNs());
        },
      },
      (link) => {
        this.#session = new PageSession({
          user: feed.user,
          pinned: pages.pinned,
          prefetch: pages.prefetch,
          pagesMax: pages.max,
          requestsPerSecond: pages.requestsPerSecond,
          lingerMs: pages.lingerMs,
          answerMs: pages.answerMs,
          items,
          listener: publisher,
          link,
          registry,
          fault: (code, message, bytes, start, end) =>
            quarantine.put(clock.wallNs(), code, message, bytes.subarray(start, end), {
              server: vendor.server.address,
            }),
        });
        return this.#session;
      },
    );
    this.#items = items;
    this.#vendor = vendor;
    vendor.open();
    await this.beginAndTell();
  }

  interest(name: string, wanted: boolean): boolean {
    const nowNs = this.clock.monotonicNs();
    this.member!.at(nowNs);
    const known = this.#session!.interest(name, wanted, nowNs);
    this.scheduleFlush();
    return known;
  }

  override status(): Record<string, unknown> {
    return {
      ...super.status(),
      pages: { ...this.#session?.status(), held: this.#items?.held, names: this.#items?.rows },
    };
  }

  protected async closeVendor(): Promise<void> {
    await this.#vendor?.close();
  }

  protected override tick(): void {
    super.tick();
    this.#vendor!.tick();
    this.scheduleFlush();
  }
}
