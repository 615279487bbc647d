import { type Random, seededRandom } from '@tickerplant/core';
import {
  encodeTeletext,
  encodeTeletextFiller,
  TELETEXT_COLUMNS,
  TELETEXT_PACKET_BYTES,
  TELETEXT_ROWS,
  TeletextPage,
} from '@tickerplant/pages';
import type { PageCatalogue } from '../simulator/page-catalogue.ts';
import type { Layout, SimulatedPage } from '../simulator/simulated-page.ts';

export interface TeletextVendorOptions {
  readonly catalogue: PageCatalogue;
  /** Which page changes next. */
  readonly seed: number;
  /** What the clock shows at first, seconds of the day. */
  readonly secondOfDay: number;
  /** Transmissions of pages in a second, in turn. */
  readonly pagesPerSecond: number;
  /** Longest datagram. */
  readonly datagramBytes: number;
  /** Takes packets of 42 bytes, `bytes[0, length)`; they are its own from then on. */
  readonly emit: (bytes: Uint8Array, length: number) => void;
}

const SECOND = 1_000_000_000;
/** Magazines 1 to 8 with the pages 00 to 99. */
const PAGES_A_MAGAZINE = 100;
const PAGES_MAX = 800;
const SUBPAGE = 1;
const BLANK = 0x20;
/** A tick that comes late makes up for it, but never for more than this. */
const CATCH_UP_NS = SECOND / 10;
/** Bytes that are damaged on purpose in one transmission. */
const DAMAGED_BYTES = 5;

/** The number of a page, as teletext has it: 100 and so on, each digit four bits. */
export function teletextNumber(index: number): number {
  const magazine = 1 + Math.floor(index / PAGES_A_MAGAZINE);
  const within = index % PAGES_A_MAGAZINE;
  return (magazine << 8) | (Math.floor(within / 10) << 4) | (within % 10);
}

/**
 * A teletext service: the left half of the simulated pages, in turn, again and again, all rows each time. A machine:
 * whoever owns the sockets gives it the time.
 */
export class TeletextVendor {
  readonly #options: TeletextVendorOptions;
  readonly #random: Random;
  readonly #pages: number;
  #turn = 0;
  #owed = 0;
  #startNs = -1;
  #tickedNs = 0;
  #second: number;
  /** The page of which the next transmission is damaged; -1: none. */
  #damaged = -1;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(options: TeletextVendorOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#pages = Math.min(PAGES_MAX, options.catalogue.names.length);
    this.#second = options.secondOfDay;
  }

  /** Layout, truth: the page as the service has it; undefined: there is no such page. */
  page(name: string): SimulatedPage | undefined {
    const index = this.#options.catalogue.indexOf(name);
    return index < 0 || index >= this.#pages ? undefined : this.#page(index);
  }

  /** A page as it would be sent now, of the catalogue's number `index`. */
  subpage(index: number): TeletextPage {
    const { page } = this.#page(index);
    const subpage = new TeletextPage(teletextNumber(index), SUBPAGE);
    subpage.codes.fill(BLANK);
    subpage.flags.serial = true;
    for (let row = 0; row < Math.min(TELETEXT_ROWS, page.rows); row++) {
      const text = page.rowText(row);
      // Row 0 has room from column 8 on.
      for (let column = row === 0 ? 8 : 0; column < TELETEXT_COLUMNS; column++) {
        subpage.codes[row * TELETEXT_COLUMNS + column] = text.charCodeAt(row === 0 ? column - 8 : column);
      }
    }
    return subpage;
  }

  /** Changes pages so many times. */
  step(changes: number): void {
    for (let i = 0; i < changes; i++) this.#page(this.#random.below(this.#pages)).step();
  }

  /** Lets time pass: sends the pages whose turn it is. */
  tick(nowNs: number): void {
    if (this.#startNs < 0) {
      this.#startNs = nowNs;
      this.#tickedNs = nowNs;
    }
    const elapsed = Math.min(nowNs - this.#tickedNs, CATCH_UP_NS);
    this.#tickedNs = nowNs;
    this.#second = this.#options.secondOfDay + Math.floor((nowNs - this.#startNs) / SECOND);
    this.#owed += (elapsed * this.#options.pagesPerSecond) / SECOND;
    if (this.#owed < 1) return;
    for (; this.#owed >= 1; this.#owed--) {
      this.#send(this.#turn);
      this.#turn = (this.#turn + 1) % this.#pages;
    }
    // Ends the last page, so that nobody has to wait for the next one.
    this.#put(encodeTeletextFiller(1, true));
    this.#flush();
  }

  /**
   * Changes the layout of pages without announcing it, or changes it back.
   *
   * @param which a page, the beginning of pages' names, or `*`
   */
  setLayout(which: string, layout: Layout): number {
    const meant = this.#options.catalogue.setLayout(which, layout);
    for (const page of meant) page.setLayout(layout);
    return meant.length;
  }

  /** Damages the next transmission of a page, as noise on the line does. */
  garble(name: string): boolean {
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0 || index >= this.#pages) return false;
    this.#damaged = index;
    return true;
  }

  #page(index: number): SimulatedPage {
    return this.#options.catalogue.page(index, this.#second);
  }

  #send(index: number): void {
    this.#page(index).setClock(this.#second);
    const bytes = encodeTeletext(this.subpage(index));
    if (index === this.#damaged) {
      this.#damaged = -1;
      // Single bits of characters: parity finds them.
      for (let i = 0; i < DAMAGED_BYTES; i++) {
        const packet = 1 + this.#random.below(bytes.length / TELETEXT_PACKET_BYTES - 1);
        bytes[packet * TELETEXT_PACKET_BYTES + 2 + this.#random.below(TELETEXT_COLUMNS)]! ^= 1 << this.#random.below(8);
      }
    }
    for (let at = 0; at < bytes.length; at += TELETEXT_PACKET_BYTES) {
      this.#put(bytes.subarray(at, at + TELETEXT_PACKET_BYTES));
    }
  }

  #put(packet: Uint8Array): void {
    if (this.#pendingBytes + packet.length > this.#options.datagramBytes) this.#flush();
    this.#pending.push(packet);
    this.#pendingBytes += packet.length;
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#options.emit(bytes, bytes.length);
  }
}
