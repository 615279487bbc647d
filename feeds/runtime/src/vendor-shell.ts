import { connect, type Socket } from 'node:net';
import { type Clock, errorMessage } from '@tickerplant/core';
import type { UnicastAddress } from '@tickerplant/floor';
import type { VendorLink, VendorSession } from './interactive-protocol.ts';

export interface VendorShellOptions {
  /** Tried in turn. */
  readonly servers: readonly UnicastAddress[];
  readonly clock: Clock;
  /** Before bytes are handed to the session. */
  readonly onTime: (nowNs: number) => void;
  /** After bytes have been handed to it. */
  readonly onWorked: () => void;
  /** A connection is gone, or one that was tried did not come about. */
  readonly onLost: (server: UnicastAddress, why: string) => void;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** First wait before the next server is tried; doubles up to the second. A session that was accepted begins anew. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 2_000;
/** How long the goodbye may take. */
const GOODBYE_MS = 500;
/** Bytes that may wait to be sent: the requests of some hundred thousand symbols. A vendor that reads no faster is not there. */
const UNSENT_BYTES_MAX = 8 << 20;

/** The connection to an interactive vendor: connects, connects again after a while that doubles, to each server in turn. */
export class VendorShell implements VendorLink {
  readonly #options: VendorShellOptions;
  readonly #session: VendorSession;
  #socket: Socket | undefined;
  #connected = false;
  #turn = 0;
  #retryMs = RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #hungUp = '';

  /** @param createSession makes the session that works over this link */
  constructor(options: VendorShellOptions, createSession: (link: VendorLink) => VendorSession) {
    this.#options = options;
    this.#session = createSession(this);
  }

  /** The server that the present connection leads to, or that is being tried. */
  get server(): UnicastAddress {
    const { servers } = this.#options;
    return servers[this.#turn % servers.length]!;
  }

  open(): void {
    const { address, port } = this.server;
    this.#hungUp = '';
    const socket = connect({ host: address, port, noDelay: true });
    this.#socket = socket;
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => this.hangUp('no connection within the limit'));
    socket.on('connect', () => {
      // From here on the session knows when it has been silent for too long.
      socket.setTimeout(0);
      this.#connected = true;
      this.#session.connected(this.#now());
    });
    socket.on('data', (piece: Buffer) => {
      this.#options.onTime(this.#now());
      this.#session.received(piece, this.#now());
      this.#options.onWorked();
    });
    socket.on('end', () => this.hangUp('the vendor ended the connection'));
    socket.on('error', (error) => {
      if (this.#hungUp === '') this.#hungUp = errorMessage(error);
    });
    socket.on('close', () => this.#lost());
  }

  /** The session has been let in: the next failure is a new one. */
  accepted(): void {
    this.#retryMs = RETRY_MS;
  }

  tick(): void {
    if (this.#connected) this.#session.tick(this.#now());
  }

  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#connected) return;
    socket.write(bytes);
    if (socket.writableLength > UNSENT_BYTES_MAX) this.hangUp('the vendor does not read');
  }

  hangUp(why: string): void {
    if (this.#hungUp === '') this.#hungUp = why;
    this.#socket?.destroy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (socket === undefined) return;
    if (this.#connected) this.#session.logOut();
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      // What was said last shall still go out, if the vendor takes it.
      socket.destroySoon();
      setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
    });
  }

  #now(): number {
    return this.#options.clock.monotonicNs();
  }

  #lost(): void {
    const { server } = this;
    this.#socket = undefined;
    if (this.#connected) this.#session.disconnected();
    this.#connected = false;
    if (this.#closed) return;
    this.#options.onLost(server, this.#hungUp === '' ? 'the connection was closed' : this.#hungUp);
    this.#turn++;
    this.#retry = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
  }
}
