import type { Server, Socket } from 'node:net';
import { type Clock, errorMessage, zoneOffsetNs } from '@tickerplant/core';
import { PageCatalogue, PageFormat, PageServer, type VendorControls } from '@tickerplant/feed-pages';
import type { ClientLink } from '@tickerplant/feed-runtime';
import type { SimulatedPages } from '@tickerplant/floor';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';
import { listenOn } from './listen.ts';
import { Pace } from './pace.ts';
import { openVendorControl } from './vendor-control.ts';

export interface PageVendorOptions {
  /** Where it listens; the same pages everywhere. */
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  readonly pages: SimulatedPages;
  readonly seed: number;
  /** Changes a second, of all pages that somebody has open. */
  readonly rate: number;
  /** Where it takes commands. */
  readonly control: { readonly address: string; readonly port: number } | undefined;
  /** IANA zone of the clocks on its pages. */
  readonly timeZone: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const HEARTBEAT_LIMIT_MS = 3_000;
const TICK_MS = 2;
/** A client that leaves so much unread is thrown out: what it would get is old. */
const UNREAD_BYTES_MAX = 8 << 20;

/** A simulated page service on real sockets. */
export class PageVendor implements Running {
  readonly #options: PageVendorOptions;
  readonly #server: PageServer;
  readonly #pace: Pace;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #changed = false;

  private constructor(options: PageVendorOptions) {
    const { pages, seed, clock, rate, timeZone } = options;
    this.#options = options;
    this.#pace = new Pace(rate, clock.monotonicNs());
    this.#server = new PageServer({
      catalogue: new PageCatalogue(pages.count, seed),
      format: formatOf(pages),
      seed,
      secondOfDay: secondOfDay(clock, timeZone),
      heartbeatLimitMs: HEARTBEAT_LIMIT_MS,
      pagesMax: pages.openMax,
      requestsPerSecond: pages.requestsPerSecond,
    });
  }

  /** @throws TickerError `TOOLS_NO_LISTENER`: an address cannot be listened on */
  static async open(options: PageVendorOptions): Promise<PageVendor> {
    const vendor = new PageVendor(options);
    try {
      for (const place of options.servers) {
        vendor.#listeners.push(await listenOn(place, (socket) => vendor.#opened(socket)));
      }
      if (options.control !== undefined) {
        vendor.#listeners.push(await openVendorControl(options.control, vendor.#controls(), options));
      }
    } catch (error) {
      await vendor.close();
      throw error;
    }
    vendor.#timer = setInterval(() => vendor.#tick(), TICK_MS);
    return vendor;
  }

  /** Changes the layout of all pages without announcing it, or changes it back. */
  toggleLayout(): void {
    this.#changed = !this.#changed;
    const layout = this.#changed ? 'changed' : 'usual';
    this.#server.setLayout('*', layout, this.#options.clock.monotonicNs());
    this.#options.logger.warn({ layout }, 'layout of all pages');
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.logOut();
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.all(this.#listeners.map((listener) => new Promise<void>((done) => listener.close(() => done()))));
  }

  #controls(): VendorControls {
    const server = this.#server;
    return {
      setLayout: (which, layout, nowNs) => server.setLayout(which, layout, nowNs),
      setRate: (rate) => this.#pace.setRate(rate),
      garble: (name, nowNs) => server.garble(name, nowNs),
      setStale: (name, reason, nowNs) => server.setStale(name, reason, nowNs),
      closePage: (name, reason, nowNs) => server.closePage(name, reason, nowNs),
      setMute: (mute) => server.setMute(mute),
      restart: () => server.logOut(),
    };
  }

  #opened(socket: Socket): void {
    const { clock, logger } = this.#options;
    const link: ClientLink = {
      send: (bytes) => {
        socket.write(bytes);
        if (socket.writableLength > UNREAD_BYTES_MAX) {
          logger.warn({ client: socket.remotePort }, 'a client reads too slowly');
          socket.destroy();
        }
      },
      hangUp: () => socket.destroySoon(),
    };
    this.#sockets.add(socket);
    this.#server.opened(link, clock.monotonicNs());
    logger.info({ client: socket.remotePort }, 'a client is there');
    socket.on('data', (piece: Buffer) => this.#server.received(link, piece, clock.monotonicNs()));
    socket.on('error', (error) => logger.debug({ client: socket.remotePort }, errorMessage(error)));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#server.closed(link);
      logger.info({}, 'a client is gone');
    });
  }

  #tick(): void {
    const now = this.#options.clock.monotonicNs();
    this.#server.step(this.#pace.due(now), now);
    this.#server.tick(now);
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
