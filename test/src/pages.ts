import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@tickerplant/core';
import { BroadcastVendor, PageCatalogue, PageFormat, PageServer } from '@tickerplant/feed-pages';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import type { Page } from '@tickerplant/pages';
import { testPorts } from '@tickerplant/testkit';
import { type SmallFloor, writeSmallFloor } from './floors.ts';
import { VendorSocket } from './vendor-socket.ts';

/** Where the shredders of examples/pages.yaml are. */
export const EXAMPLES: string = fileURLToPath(new URL('../../../examples/shredders', import.meta.url));

/** A floor with a pair of handlers of a page service, and two plants. */
export interface PageFloor extends SmallFloor {
  readonly vendorPort: number;
}

/** @param shredders files of examples/shredders, and the page that each reads. */
export function writePageFloor(folder: string, shredders: readonly (readonly [string, string])[] = []): PageFloor {
  const vendorPort = testPorts(1)[0]!;
  const feed = `
name: screens
protocol: pages
services: { pages: SCREEN, elements: RATES }
timeZone: UTC
servers: ["127.0.0.1:${vendorPort}"]
pages:
  pinned: [NEWS0001]
  lingerMs: 500
  answerMs: 1000
  versions: versions.sqlite
  evidence: evidence
  shredders: [${shredders.map(([file, page]) => `{ shredder: "${EXAMPLES}/${file}", pages: [${page}] }`).join(', ')}]
channels: { pages: { hash: [C1, C2] }, elements: { channel: C2 } }`;
  return { ...writeSmallFloor(folder, 4, { channels: 2, plants: 2, standby: true, feed }), vendorPort };
}

/** A number as text without zeros at its end; `-` where there is none. */
export function shortText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = String(value);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** The lines of a page, as text. */
export function pageText(page: Page | undefined): string {
  if (page === undefined) return '';
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row)).join('\n');
}

/** The page service on a socket. */
export class TestPageVendor extends VendorSocket<PageServer> {
  readonly #truths = new Map<string, Set<string>>();

  constructor(port: number) {
    const server = new PageServer({
      catalogue: new PageCatalogue(80, 17),
      format: PageFormat.ANSI,
      seed: 3,
      secondOfDay: 36_000,
      heartbeatLimitMs: 3_000,
      pagesMax: 0,
      requestsPerSecond: 0,
    });
    super(server, port);
  }

  /** What was true of an element of pages of spot rates and deposits, at any time: bid and ask. */
  everTrue(element: string): ReadonlySet<string> {
    return this.#truths.get(element) ?? new Set();
  }

  protected override tick(): void {
    super.tick();
    for (const name of this.server.openPages) {
      if (!/^(FXSP|DEPO)/.test(name)) continue;
      for (const { values } of this.server.page(name)!.records()) {
        const { ccy, tenor, bid, ask, offer } = values;
        const element = tenor === undefined ? String(ccy) : `${ccy}.${tenor}`;
        if (!this.#truths.has(element)) this.#truths.set(element, new Set());
        this.#truths.get(element)!.add(`${shortText(bid)} ${shortText(ask ?? offer)}`);
      }
    }
  }

  /** What a page truly shows. */
  text(name: string): string {
    return pageText(this.server.page(name)?.page);
  }
}

/** A floor with a handler of a broadcast of pages that keeps them in a cache, and a plant. */
export interface BroadcastFloor extends SmallFloor {
  readonly cache: string;
  readonly line: { readonly group: string; readonly port: number };
}

export function writeBroadcastFloor(folder: string): BroadcastFloor {
  const line = { group: '239.255.217.1', port: testPorts(1)[0]! };
  const feed = `
name: bulletins
protocol: pages-broadcast
services: { pages: BULLETIN }
timeZone: UTC
lines: [{ name: A, group: "${line.group}:${line.port}" }]
pages: { cache: cache }
channels: { pages: { channel: C1 } }`;
  return { ...writeSmallFloor(folder, 6, { feed }), cache: join(folder, 'cache', 'bulletins.pages'), line };
}

/** The broadcast on a socket. */
export class TestBroadcast {
  readonly vendor: BroadcastVendor;
  readonly names: readonly string[];
  /** Changes at each tick of 5 ms. */
  pace = 0;
  /** Whole pages in a second, in turn. */
  basesPerSecond = 40;
  readonly #line: BroadcastFloor['line'];
  #sender: MulticastSender | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(line: BroadcastFloor['line'], pages: number) {
    const self = this;
    const catalogue = new PageCatalogue(pages, 23);
    this.names = catalogue.names;
    this.#line = line;
    this.vendor = new BroadcastVendor({
      catalogue,
      format: PageFormat.ANSI,
      seed: 5,
      session: 1,
      secondOfDay: 36_000,
      packetBytes: 1_400,
      get basesPerSecond() {
        return self.basesPerSecond;
      },
      emit: (packet, length) => {
        this.#sender?.send(Uint8Array.from(packet.subarray(0, length)), 0, length);
      },
    });
  }

  async open(): Promise<void> {
    const onError = (error: Error): never => {
      throw error;
    };
    this.#sender = await openSender({ ...this.#line, interface: '127.0.0.1', ttl: 0, onError });
    this.#timer = setInterval(() => {
      this.vendor.step(this.pace, systemClock.monotonicNs());
      this.vendor.tick(systemClock.monotonicNs());
    }, 5);
  }

  text(name: string): string {
    return pageText(this.vendor.page(name)?.page);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sender?.close();
  }
}
