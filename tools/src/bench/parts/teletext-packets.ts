import { readFileSync } from 'node:fs';
import { seededRandom } from '@tickerplant/core';
import { PageCatalogue, TeletextVendor } from '@tickerplant/feed-pages';
import { encodeTeletext, TELETEXT_PACKET_BYTES, TELETEXT_ROWS, TeletextPage } from '@tickerplant/pages';

/** Teletext packets, to be taken one piece after another. */
export interface TeletextPackets {
  readonly pieces: readonly Uint8Array[];
  /** Packets with a row of text, 1 to 24: headers and what is not shown don't count. */
  readonly rows: number;
  readonly bytes: number;
}

/** As many datagrams as a network of 1500-byte frames has them carry. */
const DATAGRAM_BYTES = 35 * TELETEXT_PACKET_BYTES;
const TICK_NS = 10_000_000;
const PAGES_PER_SECOND = 1_000;
/** Changes of the market between two transmissions of a page, about. */
const CHANGES_A_TICK = 20;
/** Pages 100 to 8FF. */
const NUMBERS = 0x700;

/** Whole transmissions of pages full of digits and attributes. */
export function generatedTeletext(rows: number, pages: number): TeletextPackets {
  const random = seededRandom(3);
  const count = Math.max(1, Math.floor(rows / (TELETEXT_ROWS - 1)));
  return packets(
    Array.from({ length: count }, (_, i) => {
      const page = new TeletextPage(0x100 + (i % Math.min(pages, NUMBERS)), 1);
      for (let at = 8; at < page.codes.length; at++) {
        page.codes[at] = random.next() < 0.2 ? random.below(32) : 0x30 + random.below(10);
      }
      return encodeTeletext(page);
    }),
  );
}

/** The simulated service: its pages in turn, as they are at the time, in datagrams. */
export function simulatedTeletext(rows: number, pages: number): TeletextPackets {
  const pieces: Uint8Array[] = [];
  let held = 0;
  const vendor = new TeletextVendor({
    catalogue: new PageCatalogue(pages, 7),
    seed: 5,
    secondOfDay: 36_000,
    pagesPerSecond: PAGES_PER_SECOND,
    datagramBytes: DATAGRAM_BYTES,
    emit: (bytes, length) => {
      pieces.push(bytes.subarray(0, length));
      held += length;
    },
  });
  for (let nowNs = 0; held < rows * TELETEXT_PACKET_BYTES; nowNs += TICK_NS) {
    vendor.step(CHANGES_A_TICK);
    vendor.tick(nowNs);
  }
  return packets(pieces);
}

/** A file of packets. */
export function recordedTeletextPackets(path: string): TeletextPackets {
  return packets([readFileSync(path)]);
}

function packets(pieces: readonly Uint8Array[]): TeletextPackets {
  let rows = 0;
  let bytes = 0;
  for (const piece of pieces) {
    bytes += piece.length;
    for (let at = 0; at + TELETEXT_PACKET_BYTES <= piece.length; at += TELETEXT_PACKET_BYTES) {
      const row = packetNumber(piece[at]!, piece[at + 1]!);
      if (row >= 1 && row < TELETEXT_ROWS) rows++;
    }
  }
  return { pieces, rows, bytes };
}

/** The packet's number, of two undamaged bytes of its address: every second bit of each is the number's or the magazine's. */
function packetNumber(first: number, second: number): number {
  const nibble = (byte: number): number =>
    ((byte >> 1) & 1) | ((byte >> 2) & 2) | ((byte >> 3) & 4) | ((byte >> 4) & 8);
  return (nibble(first) >> 3) | (nibble(second) << 1);
}
