import {
  RequestStatus,
  type VendorClient,
  VendorServerLife,
  type VendorServerOptions,
} from '@tickerplant/feed-runtime';
import { encodeImage, encodeUpdate, FRAMES } from './encoder.ts';
import type { SimulatedMarket } from './market.ts';

export interface InteractiveVendorOptions extends VendorServerOptions {
  readonly market: SimulatedMarket;
}

/** Most requests of a client: as many as anybody's list of symbols is long. */
const REQUESTS_MAX = 1_000_000;

/** A vendor that serves one market to clients, each in an order of its own. An item is a symbol's row. */
export class InteractiveVendor extends VendorServerLife {
  readonly #market: SimulatedMarket;

  constructor(options: InteractiveVendorOptions) {
    super(FRAMES, options, []);
    this.#market = options.market;
  }

  /** Changes the market so many times, and tells those who asked. */
  step(changes: number, nowNs: number): void {
    this.at(nowNs);
    for (let i = 0; i < changes; i++) {
      const { row, changed } = this.#market.step();
      if (this.stale.has(row)) continue;
      this.forOpen(row, (client, request) => this.send(client, encodeUpdate(request, changed)));
    }
  }

  /** Loses sight of a symbol, or (without a reason) sees it again. */
  setStale(symbol: string, reason: string | undefined): void {
    const row = this.#market.rowOf(symbol);
    if (row >= 0) this.markStale(row, reason);
  }

  protected onRequest(client: VendorClient, request: number, symbol: string): void {
    const row = this.#market.rowOf(symbol);
    if (client.items.size >= REQUESTS_MAX) this.end(client);
    else if (row < 0) this.send(client, FRAMES.status(request, RequestStatus.NOT_FOUND, 'no such symbol'));
    else this.take(client, request, row);
  }

  protected image(request: number, row: number): Buffer {
    return encodeImage(request, [...this.#market.record(row)]);
  }
}
