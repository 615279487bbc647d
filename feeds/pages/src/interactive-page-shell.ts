import {
  openShell,
  type Place,
  placeIn,
  type UnpositionedHandlerProcess,
  VendorShell,
} from '@tickerplant/feed-runtime';
import { askedService, type Floor, type FloorPages } from '@tickerplant/floor';
import { type InterestMessage, InterestTable, WANTED_COUNTERS } from '@tickerplant/status';
import { PageSession } from './interactive/session.ts';
import { type PageHandlerOptions, PagePublisher } from './page-publisher.ts';
import { PageShell } from './page-shell.ts';

/** Names remembered, for each page that can be open: who asks for pages that there are not must not fill the memory. */
const NAMES_A_PAGE = 4;
const NAMES_MIN = 10_000;
/** Within so much time a handler that is new has heard what subscribers want: plants repeat it every two seconds. */
const INTEREST_NS = 2_500_000_000;

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
): Promise<UnpositionedHandlerProcess> {
  return openShell(new InteractivePageShell(floor, placeIn(floor, memberName), options));
}

class InteractivePageShell extends PageShell {
  #vendor: VendorShell | undefined;
  #session: PageSession | undefined;
  /** When everything that is wanted is known. */
  #completeNs = 0;
  readonly #interest: InterestTable;

  constructor(floor: Floor, place: Place, options: PageHandlerOptions) {
    super(floor, place, options);
    this.#interest = new InterestTable({
      services: [askedService(place.feed)!],
      onWanted: (subject) => this.#want(subject, true),
      onUnwanted: (subject) => this.#want(subject, false),
      counters: this.registry.create(WANTED_COUNTERS),
      subjectsMax: namesMax(this.pages),
    });
  }

  async open(): Promise<void> {
    const { feed, clock, registry, quarantine, pages } = this;
    const desk = await this.openDesk(namesMax(pages));
    const { items, member } = desk;
    this.#completeNs = clock.monotonicNs() + INTEREST_NS;
    const publisher = new PagePublisher({
      desk,
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
          desk.shredding?.vendorLost(why);
        },
      },
      (link) => {
        this.#session = new PageSession({
          user: feed.user,
          // What is shredded is always open.
          pinned: [...new Set([...pages.pinned, ...this.shredders.flatMap((one) => one.pages)])],
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
    this.#vendor = vendor;
    vendor.open();
    await this.beginAndTell();
  }

  override status(): Record<string, unknown> {
    return {
      ...super.status(),
      pages: { ...this.#session?.status(), held: this.desk?.items.held, names: this.desk?.items.rows },
    };
  }

  protected override async closeVendor(): Promise<void> {
    await this.#vendor?.close();
    await super.closeVendor();
  }

  protected override heardInterest(message: InterestMessage, nowNs: number): void {
    this.#interest.heard(message, nowNs);
    this.scheduleFlush();
  }

  /** @param subject `SERVICE.PAGE` */
  #want(subject: string, wanted: boolean): void {
    const nowNs = this.clock.monotonicNs();
    this.member!.at(nowNs);
    this.#session!.interest(subject.slice(subject.indexOf('.') + 1), wanted, nowNs);
  }

  protected override tick(): void {
    super.tick();
    const nowNs = this.clock.monotonicNs();
    this.#interest.tick(nowNs);
    this.desk?.tick();
    if (nowNs >= this.#completeNs) this.member!.setComplete(true);
    this.#vendor!.tick();
    this.scheduleFlush();
  }
}

function namesMax({ max }: FloorPages): number {
  return Math.max(NAMES_MIN, NAMES_A_PAGE * max);
}
