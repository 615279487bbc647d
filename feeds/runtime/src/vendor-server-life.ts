import { ByteReader } from './byte-reader.ts';
import { FrameParser } from './frame-parser.ts';
import { FrameType, PROTOCOL_VERSION, RequestStatus, type VendorFrames } from './vendor-frames.ts';

/** What a simulated vendor does with a client's connection. */
export interface ClientLink {
  send(bytes: Uint8Array): void;
  /** Ends the connection, after what has been sent. */
  hangUp(): void;
}

export interface VendorServerOptions {
  /** Who is silent for longer is gone. */
  readonly heartbeatLimitMs: number;
  /** Most clients at a time; the next one's logon is refused. */
  readonly clientsMax?: number;
}

export interface VendorClient {
  readonly link: ClientLink;
  readonly parser: FrameParser;
  accepted: boolean;
  heardNs: number;
  sentNs: number;
  /** Number of the request → item. */
  readonly items: Map<number, number>;
  /** Item → number of the request. */
  readonly requests: Map<number, number>;
}

const MS = 1_000_000;
const CLIENTS_MAX = 64;
/** Heartbeats sent within the limit. */
const BEATS = 3;

/**
 * What all simulated vendors that are asked have in common: logon, heartbeats, and which client has which items open under which
 * number. A machine: whoever owns the connections gives it bytes and the time. Clients are known by the link that they were opened
 * with, items by a number of the vendor's own.
 */
export abstract class VendorServerLife {
  protected nowNs = 0;
  /** By item: what the vendor says of one that it has lost sight of. */
  protected readonly stale: Map<number, string> = new Map();
  readonly #frames: VendorFrames;
  readonly #options: VendorServerOptions;
  readonly #limits: readonly number[];
  readonly #clients = new Map<ClientLink, VendorClient>();
  readonly #reader = new ByteReader();

  /** @param limits what a client that logs on is told besides the heartbeats' limit, as many as the dialect has */
  constructor(frames: VendorFrames, options: VendorServerOptions, limits: readonly number[]) {
    this.#frames = frames;
    this.#options = options;
    this.#limits = limits;
  }

  /** Clients that have logged on. */
  get clients(): number {
    let count = 0;
    for (const { accepted } of this.#clients.values()) if (accepted) count++;
    return count;
  }

  /** A client asks for something: `take` it or send it a status. */
  protected abstract onRequest(client: VendorClient, request: number, name: string): void;

  /** The frame with all of an item. */
  protected abstract image(request: number, item: number): Buffer;

  /** A client has an item open that it had not. */
  protected onTaken(_item: number): void {}

  /** A client has an item open no more. */
  protected onReleased(_item: number): void {}

  opened(link: ClientLink, nowNs: number): void {
    this.at(nowNs);
    const client: VendorClient = {
      link,
      parser: new FrameParser(
        (bytes, start, end) => this.#frame(client, bytes, start, end),
        this.#frames.dialect.frameBytesMax,
      ),
      accepted: false,
      heardNs: nowNs,
      sentNs: nowNs,
      items: new Map(),
      requests: new Map(),
    };
    this.#clients.set(link, client);
  }

  received(link: ClientLink, bytes: Uint8Array, nowNs: number): void {
    this.at(nowNs);
    const client = this.#clients.get(link);
    if (client === undefined) return;
    client.heardNs = nowNs;
    if (client.parser.push(bytes) !== undefined) this.end(client);
  }

  closed(link: ClientLink): void {
    const client = this.#clients.get(link);
    if (client !== undefined) this.#forget(client);
  }

  /** Lets time pass: heartbeats, and clients that are gone. */
  tick(nowNs: number): void {
    this.at(nowNs);
    const limitNs = this.#options.heartbeatLimitMs * MS;
    for (const client of this.#clients.values()) {
      if (nowNs - client.heardNs > limitNs) this.end(client);
      else if (client.accepted && nowNs - client.sentNs >= limitNs / BEATS) this.send(client, this.#frames.heartbeat());
    }
  }

  /** Says goodbye to everybody. */
  logOut(): void {
    for (const client of [...this.#clients.values()]) {
      this.send(client, this.#frames.logout());
      this.end(client);
    }
  }

  protected at(nowNs: number): void {
    this.nowNs = nowNs;
  }

  /** Opens an item under a number, and answers. What the client had under that number, or of that item, is closed. */
  protected take(client: VendorClient, request: number, item: number): void {
    if (client.items.get(request) !== item) {
      const other = client.requests.get(item);
      if (other !== undefined) this.release(client, other);
      this.release(client, request);
      client.items.set(request, item);
      client.requests.set(item, request);
      this.onTaken(item);
    }
    this.#answer(client, request, item);
  }

  protected release(client: VendorClient, request: number): void {
    const item = client.items.get(request);
    if (item === undefined) return;
    client.items.delete(request);
    client.requests.delete(item);
    this.onReleased(item);
  }

  /** Loses sight of an item, or (without a reason) sees it again. */
  protected markStale(item: number, reason: string | undefined): void {
    if (reason === undefined) this.stale.delete(item);
    else this.stale.set(item, reason);
    this.forOpen(item, (client, request) => this.#answer(client, request, item));
  }

  protected forOpen(item: number, work: (client: VendorClient, request: number) => void): void {
    for (const client of this.#clients.values()) {
      const request = client.requests.get(item);
      if (request !== undefined) work(client, request);
    }
  }

  protected send(client: VendorClient, bytes: Uint8Array): void {
    client.sentNs = this.nowNs;
    client.link.send(bytes);
  }

  /** Ends a client's connection. */
  protected end(client: VendorClient): void {
    client.parser.stop();
    this.#forget(client);
    client.link.hangUp();
  }

  #frame(client: VendorClient, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    const type = reader.u8();
    if (!client.accepted) {
      if (type === FrameType.LOGON) this.#logOn(client);
      else this.#refuse(client, 'expected a logon first');
      return;
    }
    switch (type) {
      case FrameType.REQUEST: {
        const request = reader.u32();
        const name = reader.text(this.#frames.dialect.textBytesMax);
        reader.finish();
        if (reader.fault === undefined) this.onRequest(client, request, name);
        else this.end(client);
        return;
      }
      case FrameType.RELEASE:
        this.release(client, reader.u32());
        return;
      case FrameType.LOGOUT:
        this.end(client);
        return;
      default:
      // A heartbeat, or what a later version says.
    }
  }

  #logOn(client: VendorClient): void {
    const { heartbeatLimitMs, clientsMax = CLIENTS_MAX } = this.#options;
    const reader = this.#reader;
    const version = reader.u8();
    const user = reader.text(this.#frames.dialect.textBytesMax);
    reader.finish();
    if (reader.fault !== undefined || version !== PROTOCOL_VERSION || user === '') {
      this.#refuse(client, reader.fault ?? `expected version ${PROTOCOL_VERSION} and a user, found ${version}`);
    } else if (this.clients >= clientsMax) {
      this.#refuse(client, 'too many clients');
    } else {
      client.accepted = true;
      this.send(client, this.#frames.accepted(heartbeatLimitMs, ...this.#limits));
    }
  }

  #refuse(client: VendorClient, reason: string): void {
    this.send(client, this.#frames.rejected(reason));
    this.end(client);
  }

  #answer(client: VendorClient, request: number, item: number): void {
    const reason = this.stale.get(item);
    const frame =
      reason === undefined ? this.image(request, item) : this.#frames.status(request, RequestStatus.STALE, reason);
    this.send(client, frame);
  }

  #forget(client: VendorClient): void {
    for (const request of [...client.items.keys()]) this.release(client, request);
    this.#clients.delete(client.link);
  }
}
