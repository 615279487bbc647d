import { type Place, UnpositionedShell } from '@tickerplant/feed-runtime';
import type { Floor, FloorPages } from '@tickerplant/floor';
import type { ShreddedPages } from './elements/shredding.ts';
import { PageDesk } from './page-desk.ts';
import type { PageHandlerOptions } from './page-publisher.ts';
import { pagesOf } from './protocol.ts';

/** What the processes of all handlers of pages have in common: the desk. */
export abstract class PageShell extends UnpositionedShell {
  protected readonly pages: FloorPages;
  protected readonly shredders: readonly ShreddedPages[];
  protected desk: PageDesk | undefined;

  constructor(floor: Floor, place: Place, options: PageHandlerOptions) {
    super(floor, place, place.feed.protocol, options);
    this.pages = pagesOf(place.feed);
    this.shredders = options.shredders ?? [];
  }

  /** Opens the outputs and makes the desk: not complete yet. @param namesMax names of pages remembered */
  protected async openDesk(namesMax: number): Promise<PageDesk> {
    await this.openOutputs([], false);
    const desk = new PageDesk({
      services: this.outputs.services,
      namesMax,
      pages: this.pages,
      shredders: this.shredders,
      name: this.self.name,
      floor: this.floor.name,
      today: this.feed.day,
      clock: this.clock,
      registry: this.registry,
      createMember: (all) => this.createMember(all),
      logger: this.logger,
    });
    this.desk = desk;
    desk.member.setComplete(false);
    return desk;
  }

  protected override readonly why = (subject: string, field: string): unknown => this.desk?.why(subject, field);

  override status(): Record<string, unknown> {
    return { ...super.status(), shredders: this.desk?.shredding?.status() ?? [] };
  }

  protected async closeVendor(): Promise<void> {
    await this.desk?.close();
  }
}
