import { BroadcastVendor, PageCatalogue, PageFormat } from '@tickerplant/feed-pages';

/** Where a packet of the broadcast has its number. */
const NUMBER_AT = 8;
const PACKET_BYTES = 1_400;
const TICK_NS = 50_000_000;
/** In so much of the vendor's time all pages are sent, and told of. */
const WHOLE_NS = 2_500_000_000;

/** The packets of the simulated broadcast of pages, made in advance. */
export class PagePackets {
  readonly #vendor: BroadcastVendor;
  #made: Uint8Array[] = [];
  #nowNs = 0;

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
  }

  /** All pages, whole, as they are by now; and that these are all. */
  whole(): readonly Uint8Array[] {
    this.#made = [];
    for (const endNs = this.#nowNs + WHOLE_NS; this.#nowNs <= endNs; this.#nowNs += TICK_NS) {
      this.#vendor.tick(this.#nowNs);
    }
    return this.#made;
  }

  /** Changes of pages drawn at random, each in a packet of its own. */
  deltas(count: number): readonly Uint8Array[] {
    this.#made = [];
    while (this.#made.length < count) this.#vendor.step(1, this.#nowNs);
    return this.#made;
  }
}

/** The number of a packet of the broadcast. */
export function packetNumber(packet: Uint8Array): number {
  const at = NUMBER_AT;
  return ((packet[at]! << 24) | (packet[at + 1]! << 16) | (packet[at + 2]! << 8) | packet[at + 3]!) >>> 0;
}
