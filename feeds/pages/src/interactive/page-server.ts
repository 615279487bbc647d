import { type Random, seededRandom } from '@tickerplant/core';
import {
  type ClientLink,
  RequestStatus,
  type VendorClient,
  VendorServerLife,
  type VendorServerOptions,
} from '@tickerplant/feed-runtime';
import type { PageFormat } from '../payload.ts';
import type { PageCatalogue } from '../simulator/page-catalogue.ts';
import { changeOf, imageOf } from '../simulator/page-content.ts';
import { type Layout, PAGE_COLUMNS, PAGE_ROWS, type SimulatedPage } from '../simulator/simulated-page.ts';
import { encodeImage, encodeUpdate, FRAMES } from './encoder.ts';
import { TEXT_BYTES_MAX } from './messages.ts';

export interface PageServerOptions extends VendorServerOptions {
  readonly catalogue: PageCatalogue;
  readonly format: PageFormat;
  /** Which page changes next. */
  readonly seed: number;
  /** What the pages' clocks show at first, seconds of the day. */
  readonly secondOfDay: number;
  /** Most pages that a client has open at a time; 0: any number. */
  readonly pagesMax: number;
  /** Most requests of a client in a second; 0: any number. */
  readonly requestsPerSecond: number;
}

const SECOND = 1_000_000_000;
/** Requests beyond the agreed number that are let pass: clocks differ. */
const LENIENT = 1.5;

/** Requests that a client has made in the second that began at `secondNs`. */
interface Pace {
  made: number;
  secondNs: number;
}

/** A service that serves pages to those who ask for them, each client in an order of its own. An item is a page's place. */
export class PageServer extends VendorServerLife {
  readonly #options: PageServerOptions;
  readonly #random: Random;
  readonly #paces = new WeakMap<ClientLink, Pace>();
  /** Page → how many clients have it open. */
  readonly #open = new Map<number, number>();
  /** Pages that are open, for drawing one by its place. */
  #drawn: number[] = [];
  /** Pages on which a change has gone out half. */
  readonly #half: number[] = [];
  #mute = false;
  #startNs = -1;
  #second: number;

  constructor(options: PageServerOptions) {
    super(FRAMES, options, [options.pagesMax, options.requestsPerSecond]);
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#second = options.secondOfDay;
  }

  /** Names of the pages that somebody has open. */
  get openPages(): readonly string[] {
    return [...this.#open.keys()].map((index) => this.#options.catalogue.names[index]!);
  }

  /** Layouts, truth: the page as the service has it; undefined: there is no such page. */
  page(name: string): SimulatedPage | undefined {
    const index = this.#options.catalogue.indexOf(name);
    return index < 0 ? undefined : this.#page(index);
  }

  override opened(link: ClientLink, nowNs: number): void {
    super.opened(link, nowNs);
    this.#paces.set(link, { made: 0, secondNs: nowNs });
  }

  /** Lets time pass on the pages' clocks too. */
  override tick(nowNs: number): void {
    this.at(nowNs);
    const second = this.#options.secondOfDay + Math.floor((nowNs - this.#startNs) / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      for (const index of this.#open.keys()) this.#change(index, (page) => page.setClock(second));
    }
    super.tick(nowNs);
  }

  /** Changes pages that are open so many times, and tells those who have them open. */
  step(changes: number, nowNs: number): void {
    this.at(nowNs);
    if (this.#drawn.length !== this.#open.size) this.#drawn = [...this.#open.keys()];
    if (this.#drawn.length === 0) return;
    // The other half of a change is the next one.
    const half = this.#half.splice(0).filter((index) => this.#open.has(index));
    for (const index of half) this.#step(index);
    for (let i = half.length; i < changes; i++) this.#step(this.#drawn[this.#random.below(this.#drawn.length)]!);
  }

  #step(index: number): void {
    this.#change(index, (page) => {
      page.step();
      if (page.isHalf) this.#half.push(index);
    });
  }

  // — what the one at the controls may do ————————————————————————————————————————————————————————————————————

  /**
   * Changes the layout of pages without announcing it, or changes it back.
   *
   * @param which a page, the beginning of pages' names, or `*`
   * @returns how many pages that somebody may have seen are meant
   */
  setLayout(which: string, layout: Layout, nowNs: number): number {
    this.at(nowNs);
    const meant = this.#options.catalogue.setLayout(which, layout);
    for (const page of meant) {
      this.#change(this.#options.catalogue.indexOf(page.name), (each) => each.setLayout(layout));
    }
    return meant.length;
  }

  /** Loses sight of a page, or (without a reason) sees it again. @returns whether there is such a page */
  setStale(name: string, reason: string | undefined, nowNs: number): boolean {
    this.at(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    this.markStale(index, reason?.slice(0, TEXT_BYTES_MAX));
    return true;
  }

  /** Answers no requests any more, or does again. */
  setMute(mute: boolean): void {
    this.#mute = mute;
  }

  /** Sends everybody who has a page open bytes that are none of it, as from a damaged line. */
  garble(name: string, nowNs: number): boolean {
    this.at(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    const bytes = Uint8Array.from({ length: 40 }, () => this.#random.below(256));
    bytes.set([0x1b, 0x5b, 0x39, 0x39, 0x3b, 0x31, 0x48], 0);
    this.forOpen(index, (client, request) => {
      this.send(client, encodeUpdate(request, this.#options.format, bytes));
    });
    return true;
  }

  /** Closes everybody's request of a page. */
  closePage(name: string, reason: string, nowNs: number): boolean {
    this.at(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    this.forOpen(index, (client, request) => {
      this.release(client, request);
      this.send(client, FRAMES.status(request, RequestStatus.CLOSED, reason));
    });
    return true;
  }

  // — clients ————————————————————————————————————————————————————————————————————————————————————————————————

  protected onRequest(client: VendorClient, request: number, name: string): void {
    if (this.#mute) return;
    const { pagesMax, catalogue } = this.#options;
    const index = catalogue.indexOf(name);
    const isKnown = client.items.has(request);
    if (this.#isTooFast(client)) {
      this.send(client, FRAMES.status(request, RequestStatus.TOO_FAST, 'too many requests'));
    } else if (index < 0) {
      this.send(client, FRAMES.status(request, RequestStatus.NOT_FOUND, 'no such page'));
    } else if (!isKnown && pagesMax > 0 && client.items.size >= pagesMax) {
      this.send(client, FRAMES.status(request, RequestStatus.LIMIT, `${pagesMax} pages are open`));
    } else {
      this.take(client, request, index);
    }
  }

  #isTooFast(client: VendorClient): boolean {
    const { requestsPerSecond } = this.#options;
    const pace = this.#paces.get(client.link)!;
    if (this.nowNs - pace.secondNs >= SECOND) {
      pace.secondNs = this.nowNs;
      pace.made = 0;
    }
    pace.made++;
    return requestsPerSecond > 0 && pace.made > requestsPerSecond * LENIENT;
  }

  protected image(request: number, index: number): Buffer {
    const { format } = this.#options;
    const page = this.#page(index);
    page.setClock(this.#second);
    return encodeImage(request, format, PAGE_ROWS, PAGE_COLUMNS, imageOf(page, format));
  }

  protected override onTaken(index: number): void {
    this.#open.set(index, (this.#open.get(index) ?? 0) + 1);
    this.#drawn = [];
  }

  protected override onReleased(index: number): void {
    const count = this.#open.get(index)! - 1;
    if (count > 0) this.#open.set(index, count);
    else this.#open.delete(index);
    this.#drawn = [];
  }

  protected override at(nowNs: number): void {
    super.at(nowNs);
    if (this.#startNs < 0) this.#startNs = nowNs;
  }

  // — pages ——————————————————————————————————————————————————————————————————————————————————————————————————

  #page(index: number): SimulatedPage {
    return this.#options.catalogue.page(index, this.#second);
  }

  #change(index: number, change: (page: SimulatedPage) => void): void {
    const { format } = this.#options;
    const page = this.#page(index);
    const bytes = changeOf(page, format, () => change(page));
    if (bytes === undefined || this.stale.has(index)) return;
    this.forOpen(index, (client, request) => this.send(client, encodeUpdate(request, format, bytes)));
  }
}
