import { BroadcastVendor, PageCatalogue, PageFormat } from '@tickerplant/feed-pages';

/** Where a packet of the broadcast has its number. */
const NUMBER_AT = 8;
const PACKET_BYTES = 1_400;
const TICK_NS = 50_000_000;
/** In so much of the vendor's time all pages have been sent, and told of. */
const START_NS = 2_500_000_000;

/** The packets of the simulated broadcast of pages, made in advance. */
export class PagePackets {
  /** All pages, whole; and that these are all. */
  readonly start: readonly Uint8Array[];
  readonly #vendor: BroadcastVendor;
  #made: Uint8Array[] = [];

  constructor(pages: number) {
    this.#vendor = new BroadcastVendor({
      catalogue: new PageCatalogue(pages, 7),
      format: PageFormat.ANSI,
      seed: 5,
      session: 1,
      secondOfDay: 36_000,
      packetBytes: PACKET_BYTES,
      basesPerSecond: pages,
      emit: (packet, length) => void this.#made.push(Uint8Array.from(packet.subarray(0, length))),
    });
    for (let nowNs = 0; nowNs <= START_NS; nowNs += TICK_NS) this.#vendor.tick(nowNs);
    this.start = this.#made;
  }

  /** Changes of pages drawn at random, each in a packet of its own. */
  deltas(count: number): readonly Uint8Array[] {
    this.#made = [];
    while (this.#made.length < count) this.#vendor.step(1, START_NS);
    return this.#made.slice(0, count);
  }
}

/** The number of a packet of the broadcast. */
export function packetNumber(packet: Uint8Array): number {
  const at = NUMBER_AT;
  return ((packet[at]! << 24) | (packet[at + 1]! << 16) | (packet[at + 2]! << 8) | packet[at + 3]!) >>> 0;
}
