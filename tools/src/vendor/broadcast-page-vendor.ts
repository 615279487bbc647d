import type { Server } from 'node:net';
import { type Clock, errorMessage, type TickerError } from '@tickerplant/core';
import { BroadcastVendor, PageCatalogue, TeletextVendor, type VendorControls } from '@tickerplant/feed-pages';
import type { SimulatedPages } from '@tickerplant/floor';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';
import { Pace } from './pace.ts';
import { formatOf, secondOfDay } from './page-vendor.ts';
import { layoutToggle, openVendorControl } from './vendor-control.ts';
import { openVendorLines, type VendorLine, type VendorLines } from './vendor-lines.ts';

export interface BroadcastPageVendorOptions {
  readonly lines: readonly VendorLine[];
  readonly loss: Readonly<Record<string, number>>;
  readonly ttl: number;
  /** As teletext, in place of numbered records. */
  readonly isTeletext: boolean;
  /** Longest datagram. */
  readonly packetBytes: number;
  readonly pages: SimulatedPages;
  readonly seed: number;
  /** Changes a second, of all pages. */
  readonly rate: number;
  /** Where it takes commands. */
  readonly control: { readonly address: string; readonly port: number } | undefined;
  /** IANA zone of the clocks on its pages. */
  readonly timeZone: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_MS = 5;

/** What a vendor's machine is to its sockets. */
interface Machine extends Omit<VendorControls, 'setRate'> {
  step(changes: number, nowNs: number): void;
  tick(nowNs: number): void;
}

/** A simulated broadcast of pages on real sockets. */
export class BroadcastPageVendor implements Running {
  /** Changes the layout of all pages without announcing it, or changes it back. */
  readonly toggleLayout: () => void;
  readonly #options: BroadcastPageVendorOptions;
  readonly #vendor: Machine;
  readonly #lines: VendorLines;
  readonly #pace: Pace;
  readonly #timer: NodeJS.Timeout;
  #control: Server | undefined;

  private constructor(options: BroadcastPageVendorOptions, lines: VendorLines) {
    const { pages, seed, clock, rate, timeZone, packetBytes } = options;
    this.#options = options;
    this.#lines = lines;
    this.#pace = new Pace(rate, clock.monotonicNs());
    const common = {
      catalogue: new PageCatalogue(pages.count, seed),
      seed,
      secondOfDay: secondOfDay(clock, timeZone),
    };
    this.#vendor = options.isTeletext
      ? teletext(
          new TeletextVendor({
            ...common,
            pagesPerSecond: pages.basesPerSecond,
            datagramBytes: packetBytes,
            emit: (bytes, length) => void lines.send(bytes, length),
          }),
        )
      : new BroadcastVendor({
          ...common,
          format: formatOf(pages),
          // Sessions count up over restarts: seconds since 1970.
          session: Number(clock.wallNs() / 1_000_000_000n) >>> 0,
          packetBytes,
          basesPerSecond: pages.basesPerSecond,
          // A socket may keep the bytes for a while.
          emit: (packet, length) => void lines.send(Uint8Array.from(packet.subarray(0, length)), length),
        });
    this.toggleLayout = layoutToggle(this.#vendor, options);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** @throws TickerError `MULTICAST_…`, `TOOLS_NO_LISTENER` */
  static async open(options: BroadcastPageVendorOptions): Promise<BroadcastPageVendor> {
    const { logger, loss, seed, ttl, control } = options;
    const onError = (error: TickerError): void => logger.error({ code: error.code }, errorMessage(error));
    const lines = await openVendorLines(options.lines, { loss, seed, ttl, onError });
    const vendor = new BroadcastPageVendor(options, lines);
    try {
      if (control !== undefined) vendor.#control = await openVendorControl(control, vendor.#controls(), options);
    } catch (error) {
      await vendor.close();
      throw error;
    }
    return vendor;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await new Promise<void>((done) => (this.#control === undefined ? done() : this.#control.close(() => done())));
    await this.#lines.close();
  }

  #controls(): VendorControls {
    const vendor = this.#vendor;
    return {
      setLayout: (which, layout, nowNs) => vendor.setLayout(which, layout, nowNs),
      setRate: (rate) => this.#pace.setRate(rate),
      garble: (name, nowNs) => vendor.garble(name, nowNs),
      restart: (nowNs) => vendor.restart(nowNs),
    };
  }

  #tick(): void {
    const now = this.#options.clock.monotonicNs();
    this.#vendor.step(this.#pace.due(now), now);
    this.#vendor.tick(now);
  }
}

/** Teletext has no sessions: nothing begins anew. */
function teletext(vendor: TeletextVendor): Machine {
  return {
    step: (changes) => vendor.step(changes),
    tick: (nowNs) => vendor.tick(nowNs),
    setLayout: (which, layout) => vendor.setLayout(which, layout),
    garble: (name) => vendor.garble(name),
    restart: () => undefined,
  };
}
