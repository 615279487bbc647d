import type { Server, Socket } from 'node:net';
import { type Clock, errorMessage } from '@tickerplant/core';
import { InteractiveVendor, SimulatedMarket } from '@tickerplant/feed-interactive';
import type { ClientLink } from '@tickerplant/feed-runtime';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';
import { listenOn } from './listen.ts';
import { Pace } from './pace.ts';

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
/** A client that leaves so much unread is thrown out: what it would get is old. */
const UNREAD_BYTES_MAX = 8 << 20;

/** A simulated interactive vendor on real sockets. */
export class InteractiveVendorServer implements Running {
  readonly #options: InteractiveVendorServerOptions;
  readonly #vendor: InteractiveVendor;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  readonly #pace: Pace;

  private constructor(options: InteractiveVendorServerOptions) {
    this.#options = options;
    this.#pace = new Pace(options.rate, options.clock.monotonicNs());
    const market = new SimulatedMarket(options.symbols, options.seed);
    this.#vendor = new InteractiveVendor({ market, heartbeatLimitMs: HEARTBEAT_LIMIT_MS });
  }

  /** @throws TickerError `TOOLS_NO_LISTENER`: an address cannot be listened on */
  static async open(options: InteractiveVendorServerOptions): Promise<InteractiveVendorServer> {
    const server = new InteractiveVendorServer(options);
    try {
      for (const place of options.servers) {
        server.#listeners.push(await listenOn(place, (socket) => server.#opened(socket)));
      }
    } catch (error) {
      await server.close();
      throw error;
    }
    server.#timer = setInterval(() => server.#tick(), TICK_MS);
    return server;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#vendor.logOut();
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.all(this.#listeners.map((listener) => new Promise<void>((done) => listener.close(() => done()))));
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
    this.#vendor.step(this.#pace.due(now), now);
    this.#vendor.tick(now);
  }
}
