import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, errorMessage, TickerError } from '@tickerplant/core';
import { type ClientLink, InteractiveVendor, SimulatedMarket } from '@tickerplant/feed-interactive';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';

export interface InteractiveVendorServerOptions {
  /** Where it listens; the same market everywhere. */
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  readonly symbols: readonly string[];
  readonly seed: number;
  /** Changes a second. */
  readonly rate: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const HEARTBEAT_LIMIT_MS = 3_000;
const TICK_MS = 2;
/** A tick that comes late makes up for it, but never with more than this much at once. */
const CATCH_UP_NS = 100_000_000;
/** A client that leaves so much unread is thrown out: what it would get is old. */
const UNREAD_BYTES_MAX = 8 << 20;

/** A simulated interactive vendor on real sockets. */
export class InteractiveVendorServer implements Running {
  readonly #options: InteractiveVendorServerOptions;
  readonly #vendor: InteractiveVendor;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #owed = 0;
  #lastNs = 0;

  private constructor(options: InteractiveVendorServerOptions) {
    this.#options = options;
    const market = new SimulatedMarket(options.symbols, options.seed);
    this.#vendor = new InteractiveVendor({ market, heartbeatLimitMs: HEARTBEAT_LIMIT_MS });
  }

  /** @throws TickerError `TOOLS_NO_LISTENER`: an address cannot be listened on */
  static async open(options: InteractiveVendorServerOptions): Promise<InteractiveVendorServer> {
    const server = new InteractiveVendorServer(options);
    try {
      for (const { address, port } of options.servers) await server.#listen(address, port);
    } catch (error) {
      await server.close();
      throw error;
    }
    server.#lastNs = options.clock.monotonicNs();
    server.#timer = setInterval(() => server.#tick(), TICK_MS);
    return server;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#vendor.logOut();
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.all(this.#listeners.map((listener) => new Promise<void>((done) => listener.close(() => done()))));
  }

  async #listen(address: string, port: number): Promise<void> {
    const listener = createServer({ noDelay: true }, (socket) => this.#opened(socket));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (error) => {
        const text = `expected to listen on ${address}:${port}, got ${errorMessage(error)}`;
        reject(new TickerError('TOOLS_NO_LISTENER', text, {}, { cause: error }));
      });
      listener.listen(port, address, () => resolve());
    });
    this.#listeners.push(listener);
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
    this.#vendor.opened(link, clock.monotonicNs());
    logger.info({ client: socket.remotePort }, 'a client is there');
    socket.on('data', (piece: Buffer) => this.#vendor.received(link, piece, clock.monotonicNs()));
    socket.on('error', (error) => logger.debug({ client: socket.remotePort }, errorMessage(error)));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#vendor.closed(link);
      logger.info({}, 'a client is gone');
    });
  }

  #tick(): void {
    const now = this.#options.clock.monotonicNs();
    this.#owed += (Math.min(now - this.#lastNs, CATCH_UP_NS) * this.#options.rate) / 1e9;
    this.#lastNs = now;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    this.#vendor.step(whole, now);
    this.#vendor.tick(now);
  }
}
