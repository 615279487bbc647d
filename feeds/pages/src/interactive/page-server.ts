import { type Random, seededRandom } from '@tickerplant/core';
import { ByteReader } from '../byte-reader.ts';
import type { PageFormat } from '../payload.ts';
import type { PageCatalogue } from '../simulator/page-catalogue.ts';
import { changeOf, imageOf } from '../simulator/page-content.ts';
import { type Layout, PAGE_COLUMNS, PAGE_ROWS, type SimulatedPage } from '../simulator/simulated-page.ts';
import {
  encodeAccepted,
  encodeHeartbeat,
  encodeImage,
  encodeLogout,
  encodeRejected,
  encodeStatus,
  encodeUpdate,
} from './encoder.ts';
import { FrameParser } from './framing.ts';
import { FrameType, PageStatus, PROTOCOL_VERSION, TEXT_BYTES_MAX } from './messages.ts';

/** What the service does with a client's connection. */
export interface ClientLink {
  send(bytes: Uint8Array): void;
  /** Ends the connection, after what has been sent. */
  hangUp(): void;
}

export interface PageServerOptions {
  readonly catalogue: PageCatalogue;
  readonly format: PageFormat;
  /** Which page changes next. */
  readonly seed: number;
  /** What the pages' clocks show at first, seconds of the day. */
  readonly secondOfDay: number;
  /** Who is silent for longer is gone. */
  readonly heartbeatLimitMs: number;
  /** Most pages that a client has open at a time; 0: any number. */
  readonly pagesMax: number;
  /** Most requests of a client in a second; 0: any number. */
  readonly requestsPerSecond: number;
  /** Most clients at a time; the next one's logon is refused. */
  readonly clientsMax?: number;
}

const MS = 1_000_000;
const SECOND = 1_000 * MS;
const CLIENTS_MAX = 64;
/** Heartbeats sent within the limit. */
const BEATS = 3;
/** Requests beyond the agreed number that are let pass: clocks differ. */
const LENIENT = 1.5;

interface Client {
  readonly link: ClientLink;
  readonly parser: FrameParser;
  accepted: boolean;
  heardNs: number;
  sentNs: number;
  /** Number of the request → page. */
  readonly pages: Map<number, number>;
  /** Page → number of the request. */
  readonly requests: Map<number, number>;
  /** Requests made in the second that began at `secondNs`. */
  made: number;
  secondNs: number;
}

/**
 * A service that serves pages to those who ask for them, each client in an order of its own. A machine: whoever owns the
 * connections gives it bytes and the time. Clients are known by the link that they were opened with.
 */
export class PageServer {
  readonly #options: PageServerOptions;
  readonly #random: Random;
  readonly #clients = new Map<ClientLink, Client>();
  readonly #reader = new ByteReader();
  /** Page → how many clients have it open. */
  readonly #open = new Map<number, number>();
  /** Pages that are open, for drawing one by its place. */
  #drawn: number[] = [];
  /** Pages on which a change has gone out half. */
  readonly #half: number[] = [];
  /** By page: what the service says of one that it has lost sight of. */
  readonly #stale = new Map<number, string>();
  #mute = false;
  #nowNs = 0;
  #startNs = -1;
  #second: number;

  constructor(options: PageServerOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#second = options.secondOfDay;
  }

  /** Clients that have logged on. */
  get clients(): number {
    let count = 0;
    for (const { accepted } of this.#clients.values()) if (accepted) count++;
    return count;
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

  opened(link: ClientLink, nowNs: number): void {
    this.#time(nowNs);
    const client: Client = {
      link,
      parser: new FrameParser((bytes, start, end) => this.#frame(client, bytes, start, end)),
      accepted: false,
      heardNs: nowNs,
      sentNs: nowNs,
      pages: new Map(),
      requests: new Map(),
      made: 0,
      secondNs: nowNs,
    };
    this.#clients.set(link, client);
  }

  received(link: ClientLink, bytes: Uint8Array, nowNs: number): void {
    this.#time(nowNs);
    const client = this.#clients.get(link);
    if (client === undefined) return;
    client.heardNs = nowNs;
    if (client.parser.push(bytes) !== undefined) this.#end(client);
  }

  closed(link: ClientLink): void {
    const client = this.#clients.get(link);
    if (client !== undefined) this.#forget(client);
  }

  /** Lets time pass: the pages' clocks, heartbeats, and clients that are gone. */
  tick(nowNs: number): void {
    this.#time(nowNs);
    const second = this.#options.secondOfDay + Math.floor((nowNs - this.#startNs) / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      for (const index of this.#open.keys()) this.#change(index, (page) => page.setClock(second));
    }
    const limitNs = this.#options.heartbeatLimitMs * MS;
    for (const client of this.#clients.values()) {
      if (nowNs - client.heardNs > limitNs) this.#end(client);
      else if (client.accepted && nowNs - client.sentNs >= limitNs / BEATS) this.#send(client, encodeHeartbeat());
    }
  }

  /** Changes pages that are open so many times, and tells those who have them open. */
  step(changes: number, nowNs: number): void {
    this.#time(nowNs);
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
    this.#time(nowNs);
    const meant = this.#options.catalogue.setLayout(which, layout);
    for (const page of meant) {
      this.#change(this.#options.catalogue.indexOf(page.name), (each) => each.setLayout(layout));
    }
    return meant.length;
  }

  /** Loses sight of a page, or (without a reason) sees it again. @returns whether there is such a page */
  setStale(name: string, reason: string | undefined, nowNs: number): boolean {
    this.#time(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    if (reason === undefined) this.#stale.delete(index);
    else this.#stale.set(index, reason.slice(0, TEXT_BYTES_MAX));
    this.#forOpen(index, (client, request) => this.#answer(client, request, index));
    return true;
  }

  /** Answers no requests any more, or does again. */
  setMute(mute: boolean): void {
    this.#mute = mute;
  }

  /** Sends everybody who has a page open bytes that are none of it, as from a damaged line. */
  garble(name: string, nowNs: number): boolean {
    this.#time(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    const bytes = Uint8Array.from({ length: 40 }, () => this.#random.below(256));
    bytes.set([0x1b, 0x5b, 0x39, 0x39, 0x3b, 0x31, 0x48], 0);
    this.#forOpen(index, (client, request) => {
      this.#send(client, encodeUpdate(request, this.#options.format, bytes));
    });
    return true;
  }

  /** Closes everybody's request of a page. */
  closePage(name: string, reason: string, nowNs: number): boolean {
    this.#time(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    this.#forOpen(index, (client, request) => {
      this.#release(client, request);
      this.#send(client, encodeStatus(request, PageStatus.CLOSED, reason));
    });
    return true;
  }

  /** Says goodbye to everybody. */
  logOut(): void {
    for (const client of [...this.#clients.values()]) {
      this.#send(client, encodeLogout());
      this.#end(client);
    }
  }

  // — clients ————————————————————————————————————————————————————————————————————————————————————————————————

  #frame(client: Client, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    const type = reader.u8();
    if (!client.accepted) {
      if (type === FrameType.LOGON) this.#logOn(client);
      else this.#refuse(client, 'expected a logon first');
      return;
    }
    switch (type) {
      case FrameType.REQUEST:
        this.#request(client);
        return;
      case FrameType.RELEASE:
        this.#release(client, reader.u32());
        return;
      case FrameType.LOGOUT:
        this.#end(client);
        return;
      default:
      // A heartbeat, or what a later version says.
    }
  }

  #logOn(client: Client): void {
    const { heartbeatLimitMs, pagesMax, requestsPerSecond, clientsMax = CLIENTS_MAX } = this.#options;
    const reader = this.#reader;
    const version = reader.u8();
    const user = reader.text(TEXT_BYTES_MAX);
    reader.finish();
    if (reader.fault !== undefined || version !== PROTOCOL_VERSION || user === '') {
      this.#refuse(client, reader.fault ?? `expected version ${PROTOCOL_VERSION} and a user, found ${version}`);
    } else if (this.clients >= clientsMax) {
      this.#refuse(client, 'too many clients');
    } else {
      client.accepted = true;
      this.#send(client, encodeAccepted(heartbeatLimitMs, pagesMax, requestsPerSecond));
    }
  }

  #request(client: Client): void {
    const { pagesMax, catalogue } = this.#options;
    const reader = this.#reader;
    const request = reader.u32();
    const name = reader.text(TEXT_BYTES_MAX);
    reader.finish();
    if (reader.fault !== undefined) {
      this.#end(client);
      return;
    }
    if (this.#mute) return;
    const index = catalogue.indexOf(name);
    const known = client.pages.get(request);
    if (this.#isTooFast(client)) {
      this.#send(client, encodeStatus(request, PageStatus.TOO_FAST, 'too many requests'));
    } else if (index < 0) {
      this.#send(client, encodeStatus(request, PageStatus.NOT_FOUND, 'no such page'));
    } else if (known === undefined && pagesMax > 0 && client.pages.size >= pagesMax) {
      this.#send(client, encodeStatus(request, PageStatus.LIMIT, `${pagesMax} pages are open`));
    } else {
      if (known !== index || client.requests.get(index) !== request) {
        const other = client.requests.get(index);
        if (other !== undefined) this.#release(client, other);
        this.#release(client, request);
        client.pages.set(request, index);
        client.requests.set(index, request);
        this.#open.set(index, (this.#open.get(index) ?? 0) + 1);
        this.#drawn = [];
      }
      this.#answer(client, request, index);
    }
  }

  #isTooFast(client: Client): boolean {
    const { requestsPerSecond } = this.#options;
    if (this.#nowNs - client.secondNs >= SECOND) {
      client.secondNs = this.#nowNs;
      client.made = 0;
    }
    client.made++;
    return requestsPerSecond > 0 && client.made > requestsPerSecond * LENIENT;
  }

  #answer(client: Client, request: number, index: number): void {
    const { format } = this.#options;
    const reason = this.#stale.get(index);
    if (reason !== undefined) {
      this.#send(client, encodeStatus(request, PageStatus.STALE, reason));
      return;
    }
    const page = this.#page(index);
    page.setClock(this.#second);
    this.#send(client, encodeImage(request, format, PAGE_ROWS, PAGE_COLUMNS, imageOf(page, format)));
  }

  #release(client: Client, request: number): void {
    const index = client.pages.get(request);
    if (index === undefined) return;
    client.pages.delete(request);
    client.requests.delete(index);
    const count = this.#open.get(index)! - 1;
    if (count > 0) this.#open.set(index, count);
    else this.#open.delete(index);
    this.#drawn = [];
  }

  // — pages ——————————————————————————————————————————————————————————————————————————————————————————————————

  #page(index: number): SimulatedPage {
    return this.#options.catalogue.page(index, this.#second);
  }

  #change(index: number, change: (page: SimulatedPage) => void): void {
    const { format } = this.#options;
    const page = this.#page(index);
    const bytes = changeOf(page, format, () => change(page));
    if (bytes === undefined || this.#stale.has(index)) return;
    this.#forOpen(index, (client, request) => this.#send(client, encodeUpdate(request, format, bytes)));
  }

  #forOpen(index: number, work: (client: Client, request: number) => void): void {
    if (!this.#open.has(index)) return;
    for (const client of this.#clients.values()) {
      const request = client.requests.get(index);
      if (request !== undefined) work(client, request);
    }
  }

  // — connections ————————————————————————————————————————————————————————————————————————————————————————————

  #refuse(client: Client, reason: string): void {
    this.#send(client, encodeRejected(reason));
    this.#end(client);
  }

  #send(client: Client, bytes: Uint8Array): void {
    client.sentNs = this.#nowNs;
    client.link.send(bytes);
  }

  #end(client: Client): void {
    client.parser.stop();
    this.#forget(client);
    client.link.hangUp();
  }

  #forget(client: Client): void {
    for (const request of [...client.pages.keys()]) this.#release(client, request);
    this.#clients.delete(client.link);
  }

  #time(nowNs: number): void {
    this.#nowNs = nowNs;
    if (this.#startNs < 0) this.#startNs = nowNs;
  }
}
