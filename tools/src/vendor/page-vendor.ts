import type { Server } from 'node:net';
import { type Clock, zoneOffsetNs } from '@tickerplant/core';
import { PageCatalogue, PageFormat, PageServer, type VendorControls } from '@tickerplant/feed-pages';
import type { SimulatedPages } from '@tickerplant/floor';
import type { Running } from '../process.ts';
import { AskedVendor, type AskedVendorOptions, HEARTBEAT_LIMIT_MS } from './asked-vendor.ts';
import { layoutToggle, openVendorControl } from './vendor-control.ts';

/** The rate is that of all pages that somebody has open. */
export interface PageVendorOptions extends AskedVendorOptions {
  readonly pages: SimulatedPages;
  readonly seed: number;
  /** Where it takes commands. */
  readonly control: { readonly address: string; readonly port: number } | undefined;
  /** IANA zone of the clocks on its pages. */
  readonly timeZone: string;
}

/** A simulated page service on real sockets: with one at its controls. */
export class PageVendor implements Running {
  /** Changes the layout of all pages without announcing it, or changes it back. */
  readonly toggleLayout: () => void;
  readonly #vendor: AskedVendor;
  #control: Server | undefined;

  private constructor(vendor: AskedVendor, toggleLayout: () => void) {
    this.#vendor = vendor;
    this.toggleLayout = toggleLayout;
  }

  /** @throws TickerError `TOOLS_NO_LISTENER`: an address cannot be listened on */
  static async open(options: PageVendorOptions): Promise<PageVendor> {
    const { pages, seed, control, clock, timeZone } = options;
    const server = new PageServer({
      catalogue: new PageCatalogue(pages.count, seed),
      format: formatOf(pages),
      seed,
      secondOfDay: secondOfDay(clock, timeZone),
      heartbeatLimitMs: HEARTBEAT_LIMIT_MS,
      pagesMax: pages.openMax,
      requestsPerSecond: pages.requestsPerSecond,
    });
    const asked = await AskedVendor.open(server, options);
    const vendor = new PageVendor(asked, layoutToggle(server, options));
    const controls: VendorControls = {
      setLayout: (which, layout, nowNs) => server.setLayout(which, layout, nowNs),
      setRate: (rate) => asked.setRate(rate),
      garble: (name, nowNs) => server.garble(name, nowNs),
      setStale: (name, reason, nowNs) => server.setStale(name, reason, nowNs),
      closePage: (name, reason, nowNs) => server.closePage(name, reason, nowNs),
      setMute: (mute) => server.setMute(mute),
      restart: () => server.logOut(),
    };
    try {
      if (control !== undefined) vendor.#control = await openVendorControl(control, controls, options);
    } catch (error) {
      await vendor.close();
      throw error;
    }
    return vendor;
  }

  async close(): Promise<void> {
    await this.#vendor.close();
    await new Promise<void>((done) => (this.#control === undefined ? done() : this.#control.close(() => done())));
  }
}

export function formatOf({ format }: SimulatedPages): PageFormat {
  return format === 'ansi' ? PageFormat.ANSI : PageFormat.ROW_FIELDS;
}

/** Seconds since midnight in a zone. */
export function secondOfDay(clock: Clock, timeZone: string): number {
  const seconds = Number(clock.wallNs() / 1_000_000_000n);
  const offset = zoneOffsetNs(Math.floor(seconds / 86_400), timeZone) / 1_000_000_000;
  return (((seconds - offset) % 86_400) + 86_400) % 86_400;
}
