import { FrameReader } from './decoder.ts';
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
import type { SimulatedMarket } from './market.ts';
import { FrameType, ItemStatus, PROTOCOL_VERSION } from './messages.ts';

/** What the vendor does with a client's connection. */
export interface ClientLink {
  send(bytes: Uint8Array): void;
  /** Ends the connection, after what has been sent. */
  hangUp(): void;
}

export interface InteractiveVendorOptions {
  readonly market: SimulatedMarket;
  /** Who is silent for longer is gone. */
  readonly heartbeatLimitMs: number;
  /** Most clients at a time; the next one's logon is refused. */
  readonly clientsMax?: number;
}

const MS = 1_000_000;
const CLIENTS_MAX = 64;
/** Heartbeats sent within the limit. */
const BEATS = 3;
/** Most requests of a client: as many as anybody's list of symbols is long. */
const REQUESTS_MAX = 1_000_000;

interface Client {
  readonly link: ClientLink;
  readonly parser: FrameParser;
  accepted: boolean;
  heardNs: number;
  sentNs: number;
  /** Number of the request → row. */
  readonly rows: Map<number, number>;
  /** Row → number of the request. */
  readonly requests: Map<number, number>;
}

/**
 * A vendor that serves one market to clients, each in an order of its own. A machine: whoever owns the connections gives it
 * bytes and the time. Clients are known by the link that they were opened with.
 */
export class InteractiveVendor {
  readonly #options: InteractiveVendorOptions;
  readonly #clients = new Map<ClientLink, Client>();
  readonly #reader = new FrameReader();
  /** By row: what the vendor says of a symbol that it has lost sight of. */
  readonly #stale = new Map<number, string>();
  #nowNs = 0;

  constructor(options: InteractiveVendorOptions) {
    this.#options = options;
  }

  /** Clients that have logged on. */
  get clients(): number {
    let count = 0;
    for (const { accepted } of this.#clients.values()) if (accepted) count++;
    return count;
  }

  opened(link: ClientLink, nowNs: number): void {
    this.#nowNs = nowNs;
    const client: Client = {
      link,
      parser: new FrameParser((bytes, start, end) => this.#frame(client, bytes, start, end)),
      accepted: false,
      heardNs: nowNs,
      sentNs: nowNs,
      rows: new Map(),
      requests: new Map(),
    };
    this.#clients.set(link, client);
  }

  received(link: ClientLink, bytes: Uint8Array, nowNs: number): void {
    this.#nowNs = nowNs;
    const client = this.#clients.get(link);
    if (client === undefined) return;
    client.heardNs = nowNs;
    if (client.parser.push(bytes) !== undefined) this.#end(client);
  }

  closed(link: ClientLink): void {
    this.#clients.delete(link);
  }

  /** Lets time pass: heartbeats, and clients that are gone. */
  tick(nowNs: number): void {
    this.#nowNs = nowNs;
    const limitNs = this.#options.heartbeatLimitMs * MS;
    for (const client of this.#clients.values()) {
      if (nowNs - client.heardNs > limitNs) this.#end(client);
      else if (client.accepted && nowNs - client.sentNs >= limitNs / BEATS) this.#send(client, encodeHeartbeat());
    }
  }

  /** Changes the market so many times, and tells those who asked. */
  step(changes: number, nowNs: number): void {
    this.#nowNs = nowNs;
    for (let i = 0; i < changes; i++) {
      const { row, changed } = this.#options.market.step();
      if (this.#stale.has(row)) continue;
      for (const client of this.#clients.values()) {
        const request = client.requests.get(row);
        if (request !== undefined) this.#send(client, encodeUpdate(request, changed));
      }
    }
  }

  /** Loses sight of a symbol, or (without a reason) sees it again. */
  setStale(symbol: string, reason: string | undefined): void {
    const row = this.#options.market.rowOf(symbol);
    if (row < 0) return;
    if (reason === undefined) this.#stale.delete(row);
    else this.#stale.set(row, reason);
    for (const client of this.#clients.values()) {
      const request = client.requests.get(row);
      if (request !== undefined) this.#answer(client, request, row);
    }
  }

  /** Says goodbye to everybody. */
  logOut(): void {
    for (const client of [...this.#clients.values()]) {
      this.#send(client, encodeLogout());
      this.#end(client);
    }
  }

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
      case FrameType.CLOSE: {
        const request = reader.u32();
        const row = client.rows.get(request);
        client.rows.delete(request);
        if (row !== undefined) client.requests.delete(row);
        return;
      }
      case FrameType.LOGOUT:
        this.#end(client);
        return;
      default:
      // A heartbeat, or what a later version says.
    }
  }

  #logOn(client: Client): void {
    const reader = this.#reader;
    const version = reader.u8();
    const user = reader.text();
    reader.finish();
    if (reader.fault !== undefined || version !== PROTOCOL_VERSION || user === '') {
      this.#refuse(client, reader.fault ?? `expected version ${PROTOCOL_VERSION} and a user, found ${version}`);
    } else if (this.clients >= (this.#options.clientsMax ?? CLIENTS_MAX)) {
      this.#refuse(client, 'too many clients');
    } else {
      client.accepted = true;
      this.#send(client, encodeAccepted(this.#options.heartbeatLimitMs));
    }
  }

  #request(client: Client): void {
    const reader = this.#reader;
    const request = reader.u32();
    const symbol = reader.text();
    reader.finish();
    if (reader.fault !== undefined || client.rows.size >= REQUESTS_MAX) {
      this.#end(client);
      return;
    }
    const row = this.#options.market.rowOf(symbol);
    if (row < 0) {
      this.#send(client, encodeStatus(request, ItemStatus.NOT_FOUND, 'no such symbol'));
      return;
    }
    client.rows.set(request, row);
    client.requests.set(row, request);
    this.#answer(client, request, row);
  }

  #answer(client: Client, request: number, row: number): void {
    const reason = this.#stale.get(row);
    if (reason === undefined) this.#send(client, encodeImage(request, [...this.#options.market.record(row)]));
    else this.#send(client, encodeStatus(request, ItemStatus.STALE, reason));
  }

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
    this.#clients.delete(client.link);
    client.link.hangUp();
  }
}
