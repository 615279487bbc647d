import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@tickerplant/core';
import { BroadcastVendor, PageCatalogue, PageFormat, PageServer } from '@tickerplant/feed-pages';
import type { ClientLink } from '@tickerplant/feed-runtime';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import type { Page } from '@tickerplant/pages';
import { testPorts } from '@tickerplant/testkit';
import { KEY } from './floors.ts';

/** Where the shredders of examples/pages.yaml are. */
export const EXAMPLES: string = fileURLToPath(new URL('../../../examples/shredders', import.meta.url));

/** A floor with a pair of handlers of a page service, and two plants. */
export interface PageFloor {
  readonly folder: string;
  readonly path: string;
  readonly status: string;
  readonly vendorPort: number;
}

/** @param shredders files of examples/shredders, and the page that each reads. */
export function writePageFloor(folder: string, shredders: readonly (readonly [string, string])[] = []): PageFloor {
  const [sf, st, fa, ta, fb, tb, vendorPort, ra, ca, rb, cb, pc, pr, qc, qr] = testPorts(15) as number[];
  const status = `239.255.224.9:${st}`;
  const path = join(folder, 'floor.yaml');
  writeFileSync(
    path,
    `
floor: test
key: ${KEY}
networks:
  feed: { interface: 127.0.0.1, ttl: 0, status: "239.255.214.9:${sf}" }
  trading: { interface: 127.0.0.1, ttl: 0, status: "${status}" }
limits: { heartbeatMs: 20, takeoverAfterMs: 300, silentAfterMs: 3000 }
channels:
  - { name: C1, id: 1, feed: "239.255.214.1:${fa}", trading: "239.255.224.1:${ta}" }
  - { name: C2, id: 2, feed: "239.255.214.2:${fb}", trading: "239.255.224.2:${tb}" }
feeds:
  - name: screens
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
    channels:
      pages: { hash: [C1, C2] }
      elements: { channel: C2 }
    repair: 127.0.0.1:${ra}
    control: 127.0.0.1:${ca}
    standbys: [{ repair: "127.0.0.1:${rb}", control: "127.0.0.1:${cb}" }]
plants:
  - { name: p1, control: "127.0.0.1:${pc}", repair: "127.0.0.1:${pr}", ringBytes: 16MiB }
  - { name: p2, control: "127.0.0.1:${qc}", repair: "127.0.0.1:${qr}", ringBytes: 16MiB }
`,
  );
  return { folder, path, status, vendorPort: vendorPort! };
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
export class TestPageVendor {
  readonly server: PageServer;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #listener: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #truths = new Map<string, Set<string>>();
  /** Changes at each tick of 5 ms. */
  pace = 0;

  constructor(port: number) {
    this.#port = port;
    this.server = new PageServer({
      catalogue: new PageCatalogue(80, 17),
      format: PageFormat.ANSI,
      seed: 3,
      secondOfDay: 36_000,
      heartbeatLimitMs: 3_000,
      pagesMax: 0,
      requestsPerSecond: 0,
    });
  }

  async open(): Promise<void> {
    const listener = createServer({ noDelay: true }, (socket) => {
      const link: ClientLink = {
        send: (bytes) => void socket.write(bytes),
        hangUp: () => socket.destroySoon(),
      };
      this.#sockets.add(socket);
      this.server.opened(link, this.nowNs);
      socket.on('data', (piece: Buffer) => this.server.received(link, piece, this.nowNs));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.server.closed(link);
      });
    });
    this.#listener = listener;
    await new Promise<void>((resolve) => listener.listen(this.#port, '127.0.0.1', () => resolve()));
    this.#timer = setInterval(() => {
      this.server.step(this.pace, this.nowNs);
      this.#noteTruth();
      this.server.tick(this.nowNs);
    }, 5);
  }

  get nowNs(): number {
    return systemClock.monotonicNs();
  }

  /** What was true of an element of pages of spot rates and deposits, at any time: bid and ask. */
  everTrue(element: string): ReadonlySet<string> {
    return this.#truths.get(element) ?? new Set();
  }

  #noteTruth(): void {
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

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#listener?.close(() => resolve()));
  }
}

/** A floor with a handler of a broadcast of pages that keeps them in a cache, and a plant. */
export interface BroadcastFloor {
  readonly path: string;
  readonly status: string;
  readonly cache: string;
  readonly line: { readonly group: string; readonly port: number };
}

export function writeBroadcastFloor(folder: string): BroadcastFloor {
  const [sf, st, fa, ta, la, ra, ca, pc, pr] = testPorts(9) as number[];
  const status = `239.255.226.9:${st}`;
  const path = join(folder, 'floor.yaml');
  writeFileSync(
    path,
    `
floor: test
key: ${KEY}
networks:
  feed: { interface: 127.0.0.1, ttl: 0, status: "239.255.216.9:${sf}" }
  trading: { interface: 127.0.0.1, ttl: 0, status: "${status}" }
limits: { heartbeatMs: 20, takeoverAfterMs: 300, silentAfterMs: 3000 }
channels:
  - { name: C1, id: 1, feed: "239.255.216.1:${fa}", trading: "239.255.226.1:${ta}" }
feeds:
  - name: bulletins
    protocol: pages-broadcast
    services: { pages: BULLETIN }
    timeZone: UTC
    lines: [{ name: A, group: "239.255.217.1:${la}" }]
    pages: { cache: cache }
    channels:
      pages: { channel: C1 }
    repair: 127.0.0.1:${ra}
    control: 127.0.0.1:${ca}
plants:
  - { name: p1, control: "127.0.0.1:${pc}", repair: "127.0.0.1:${pr}", ringBytes: 16MiB }
`,
  );
  return {
    path,
    status,
    cache: join(folder, 'cache', 'bulletins.pages'),
    line: { group: '239.255.217.1', port: la! },
  };
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
