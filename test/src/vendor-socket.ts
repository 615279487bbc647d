import { createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '@tickerplant/core';
import type { ClientLink, VendorServerLife } from '@tickerplant/feed-runtime';

const TICK_MS = 5;

/** A simulated vendor that is asked, on a socket: can be taken away and brought back. */
export class VendorSocket<V extends VendorServerLife & { step(changes: number, nowNs: number): void }> {
  readonly server: V;
  /** Changes at each tick of 5 ms. */
  pace = 0;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #listener: Server | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: V, port: number) {
    this.server = server;
    this.#port = port;
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
    await new Promise<void>((resolve) => listener.listen(this.#port, '127.0.0.1', () => resolve()));
    this.#listener = listener;
    this.#timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  get nowNs(): number {
    return systemClock.monotonicNs();
  }

  protected tick(): void {
    this.server.step(this.pace, this.nowNs);
    this.server.tick(this.nowNs);
  }

  /** Cuts all connections, and takes no new ones. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#listener?.close(() => resolve()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.cut();
  }
}
