import type { Server, Socket } from 'node:net';
import { type Clock, errorMessage } from '@tickerplant/core';
import type { ClientLink, VendorServerLife } from '@tickerplant/feed-runtime';
import type { Logger } from '@tickerplant/telemetry';
import type { Running } from '../process.ts';
import { listenOn } from './listen.ts';
import { Pace } from './pace.ts';

export interface AskedVendorOptions {
  /** Where it listens; the same items everywhere. */
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  /** Changes a second. */
  readonly rate: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A vendor that is asked, without its sockets. */
type AskedMachine = VendorServerLife & { step(changes: number, nowNs: number): void };

/** Of the simulated vendors: who is silent for longer is gone. */
export const HEARTBEAT_LIMIT_MS = 3_000;
const TICK_MS = 2;
/** A client that leaves so much unread is thrown out: what it would get is old. */
const UNREAD_BYTES_MAX = 8 << 20;

/** A simulated vendor that is asked, on real sockets: takes connections, and makes changes at a steady rate. */
export class AskedVendor implements Running {
  readonly #machine: AskedMachine;
  readonly #options: AskedVendorOptions;
  readonly #pace: Pace;
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(machine: AskedMachine, options: AskedVendorOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#pace = new Pace(options.rate, options.clock.monotonicNs());
  }

  /** @throws TickerError `TOOLS_NO_LISTENER`: an address cannot be listened on */
  static async open(machine: AskedMachine, options: AskedVendorOptions): Promise<AskedVendor> {
    const vendor = new AskedVendor(machine, options);
    try {
      for (const place of options.servers) {
        vendor.#listeners.push(await listenOn(place, (socket) => vendor.#opened(socket)));
      }
    } catch (error) {
      await vendor.close();
      throw error;
    }
    vendor.#timer = setInterval(() => vendor.#tick(), TICK_MS);
    return vendor;
  }

  /** @param rate changes a second, from now on */
  setRate(rate: number): void {
    this.#pace.setRate(rate);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#machine.logOut();
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
    this.#machine.opened(link, clock.monotonicNs());
    logger.info({ client: socket.remotePort }, 'a client is there');
    socket.on('data', (piece: Buffer) => this.#machine.received(link, piece, clock.monotonicNs()));
    socket.on('error', (error) => logger.debug({ client: socket.remotePort }, errorMessage(error)));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#machine.closed(link);
      logger.info({}, 'a client is gone');
    });
  }

  #tick(): void {
    const now = this.#options.clock.monotonicNs();
    this.#machine.step(this.#pace.due(now), now);
    this.#machine.tick(now);
  }
}
