import assert from 'node:assert/strict';
import type { ClientLink, VendorLink } from '@tickerplant/feed-runtime';
import { type QualityState, qualityName } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import { PageCatalogue, PageServer } from '../src/index.ts';
import { PageSession, type PageSessionOptions } from '../src/interactive/session.ts';
import { PageItems } from '../src/page-items.ts';
import type { PageListener } from '../src/page-listener.ts';
import { PageFormat } from '../src/payload.ts';
import { linesOf } from './page-readers.ts';

export const MS = 1_000_000;

export interface ServiceOptions {
  readonly pages?: number;
  readonly format?: PageFormat;
  /** Of the vendor. */
  readonly pagesMax?: number;
  readonly requestsPerSecond?: number;
}

/** A page service and one client of it, in virtual time; bytes travel when `settle` is called. */
export class ServiceWorld implements PageListener {
  readonly server: PageServer;
  readonly items: PageItems;
  readonly session: PageSession;
  readonly registry: CounterRegistry = new CounterRegistry();
  readonly faults: string[] = [];
  readonly hangUps: string[] = [];
  /** What happened, in order: `image FXSP0001`. */
  readonly events: string[] = [];
  /** By name. */
  readonly states: Map<string, QualityState> = new Map();
  /** Names of what is published. */
  readonly offered: Set<string> = new Set();
  now = 1_000;
  /** Every request and release that reached the vendor, with its time, ms. */
  readonly asked: { readonly at: number; readonly what: string }[] = [];
  #toServer: Uint8Array[] = [];
  #toClient: Uint8Array[] = [];
  #up = false;
  #client: ClientLink = { send: () => undefined, hangUp: () => undefined };

  constructor(service: ServiceOptions, session: Partial<PageSessionOptions> = {}) {
    const { pages = 40, format = PageFormat.ANSI, pagesMax = 0, requestsPerSecond = 0 } = service;
    this.server = new PageServer({
      catalogue: new PageCatalogue(pages, 5),
      format,
      seed: 9,
      secondOfDay: 36_000,
      heartbeatLimitMs: 3_000,
      pagesMax,
      requestsPerSecond,
    });
    this.items = new PageItems({ namesMax: 1_000, cellsMax: 4_000, registry: this.registry });
    const link: VendorLink = {
      send: (bytes) => void this.#toServer.push(bytes),
      hangUp: (why) => {
        this.hangUps.push(why);
        this.cut();
      },
    };
    this.session = new PageSession({
      user: 'desk',
      pinned: [],
      prefetch: [],
      pagesMax: 1_000,
      requestsPerSecond: 0,
      lingerMs: 1_000,
      answerMs: 5_000,
      items: this.items,
      listener: this,
      link,
      registry: this.registry,
      fault: (code, message) => void this.faults.push(`${code}: ${message}`),
      ...session,
    });
  }

  /** Time as the machines have it. */
  get ns(): number {
    return this.now * MS;
  }

  connect(): void {
    this.#up = true;
    const client: ClientLink = {
      send: (bytes) => {
        if (this.#client === client) this.#toClient.push(bytes);
      },
      hangUp: () => {
        if (this.#client === client) this.cut();
      },
    };
    this.#client = client;
    this.server.opened(client, this.ns);
    this.session.connected(this.ns);
    this.settle();
  }

  cut(): void {
    if (!this.#up) return;
    this.#up = false;
    this.#toServer = [];
    this.#toClient = [];
    this.server.closed(this.#client);
    this.session.disconnected();
  }

  /** Lets all bytes arrive. @param pieces how many bytes travel at a time */
  settle(pieces = 65_536): void {
    while (this.#toServer.length + this.#toClient.length > 0) {
      for (const bytes of this.#toServer.splice(0)) {
        this.#note(bytes);
        if (this.#up) this.server.received(this.#client, bytes, this.ns);
      }
      for (const bytes of this.#toClient.splice(0)) {
        for (let at = 0; this.#up && at < bytes.length; at += pieces) {
          this.session.received(bytes.subarray(at, at + pieces), this.ns);
        }
      }
    }
  }

  /** Time goes on. @param silent whether the vendor stands still */
  pass(ms: number, silent = false): void {
    for (const until = this.now + ms; this.now < until; ) {
      this.now = Math.min(until, this.now + 10);
      if (!silent) this.server.tick(this.ns);
      this.session.tick(this.ns);
      this.settle();
    }
  }

  /** Hands bytes to the session as if the vendor had sent them. */
  say(bytes: Uint8Array): void {
    this.session.received(bytes, this.ns);
    this.settle();
  }

  want(...names: string[]): void {
    for (const name of names) this.session.interest(name, true, this.ns);
    this.settle();
  }

  leave(...names: string[]): void {
    for (const name of names) this.session.interest(name, false, this.ns);
    this.settle();
  }

  quality(name: string): string {
    const state = this.states.get(name);
    return state === undefined ? '' : `${qualityName(state.quality)} ${state.reason}`.trim();
  }

  /** Names of the pages that are open at the vendor. */
  get open(): string[] {
    return [...this.server.openPages].sort();
  }

  /** A page as the client has it. */
  lines(name: string): string[] {
    const page = this.items.page(this.items.rowOf(name));
    assert(page !== undefined, `expected page ${name}`);
    return linesOf(page);
  }

  /** The same as the vendor has it. */
  truth(name: string): string[] {
    return linesOf(this.server.page(name)!.page);
  }

  counter(name: string): number {
    const all = this.registry.snapshot() as unknown as { name: string; values: Record<string, number> }[];
    const flat = JSON.stringify(all);
    const match = new RegExp(`"${name}":(\\d+)`).exec(flat);
    assert(match !== null, `expected a counter ${name} in ${flat}`);
    return Number(match[1]);
  }

  // — what the session tells ————————————————————————————————————————————————————————————————————————————————

  onAccepted(): void {
    this.events.push('accepted');
  }

  onOffered(row: number): void {
    this.offered.add(this.items.symbol(row));
  }

  onImage(row: number, state: QualityState): void {
    this.#tell('image', row);
    this.states.set(this.items.symbol(row), state);
  }

  onRefreshed(row: number, state: QualityState): void {
    this.#tell('refreshed', row);
    this.states.set(this.items.symbol(row), state);
  }

  onUpdate(row: number): void {
    this.#tell('update', row);
  }

  onStatus(row: number, state: QualityState): void {
    this.#tell('status', row);
    this.states.set(this.items.symbol(row), state);
  }

  onWithdrawn(row: number): void {
    this.#tell('withdrawn', row);
    this.states.delete(this.items.symbol(row));
    this.offered.delete(this.items.symbol(row));
  }

  #tell(what: string, row: number): void {
    this.events.push(`${what} ${this.items.symbol(row)}`);
  }

  #note(bytes: Uint8Array): void {
    const type = String.fromCharCode(bytes[2]!);
    if (type === 'R') this.asked.push({ at: this.now, what: Buffer.from(bytes.subarray(8)).toString() });
    if (type === 'C') this.asked.push({ at: this.now, what: 'release' });
  }
}
