import { type Random, seededRandom } from '@tickerplant/core';
import type { PageFormat } from '../payload.ts';
import type { PageCatalogue } from '../simulator/page-catalogue.ts';
import { changeOf, imageOf } from '../simulator/page-content.ts';
import { type Layout, PAGE_COLUMNS, PAGE_ROWS, type SimulatedPage } from '../simulator/simulated-page.ts';
import { PacketWriter } from './packet-writer.ts';

export interface BroadcastVendorOptions {
  readonly catalogue: PageCatalogue;
  readonly format: PageFormat;
  /** Which page changes next. */
  readonly seed: number;
  /** Of the first session; each restart counts one more. */
  readonly session: number;
  /** What the pages' clocks show at first, seconds of the day. */
  readonly secondOfDay: number;
  /** Longest datagram. */
  readonly packetBytes: number;
  /** Whole pages in a second, in turn. */
  readonly basesPerSecond: number;
  /** Takes `packet[0, length)`, borrowed. */
  readonly emit: (packet: Uint8Array, length: number) => void;
}

const SECOND = 1_000_000_000;
/** In so much time all pages are told of once. */
const ROUND_NS = 2 * SECOND;
/** In so much time all pages' clocks are set once. */
const CLOCKS_NS = 30 * SECOND;
/** Silence is not longer than this. */
const HEARTBEAT_NS = SECOND / 2;
/** A tick that comes late makes up for it, but never for more than this. */
const CATCH_UP_NS = SECOND / 10;

/**
 * A service that sends all its pages to everybody: each change as it happens, whole pages in turn, and every two seconds
 * of each page how often it has changed. A machine: whoever owns the sockets gives it the time.
 */
export class BroadcastVendor {
  /** Pages on which a change has gone out half. */
  readonly #half: number[] = [];
  readonly #options: BroadcastVendorOptions;
  readonly #random: Random;
  readonly #writer: PacketWriter;
  /** By page: changes so far. */
  readonly #sequences: Uint32Array;
  readonly #pages: number;
  #startNs = -1;
  #nowNs = 0;
  #tickedNs = 0;
  #sentNs = 0;
  #second: number;
  // What is owed, and the page whose turn is next: of whole pages, of the round, of the clocks.
  readonly #owed: { bases: number; round: number; clocks: number } = { bases: 0, round: 0, clocks: 0 };
  readonly #turn: { bases: number; round: number; clocks: number } = { bases: 0, round: 0, clocks: 0 };

  constructor(options: BroadcastVendorOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#second = options.secondOfDay;
    this.#pages = options.catalogue.names.length;
    this.#sequences = new Uint32Array(this.#pages);
    this.#writer = new PacketWriter(options.session, options.packetBytes, (packet, length) => {
      this.#sentNs = this.#nowNs;
      options.emit(packet, length);
    });
  }

  get session(): number {
    return this.#writer.session;
  }

  /** Layout, truth: the page as the service has it; undefined: there is no such page. */
  page(name: string): SimulatedPage | undefined {
    const index = this.#options.catalogue.indexOf(name);
    return index < 0 ? undefined : this.#page(index);
  }

  /** Changes pages so many times. */
  step(changes: number, nowNs: number): void {
    this.#time(nowNs);
    // The other half of a change is the next one.
    const half = this.#half.splice(0);
    for (const index of half) this.#step(index);
    for (let i = half.length; i < changes; i++) this.#step(this.#random.below(this.#pages));
    this.#writer.flush();
  }

  #step(index: number): void {
    this.#change(index, (page) => {
      page.step();
      if (page.isHalf) this.#half.push(index);
    });
  }

  /** Lets time pass: whole pages, the round, clocks, heartbeats. */
  tick(nowNs: number): void {
    this.#time(nowNs);
    const elapsed = Math.min(nowNs - this.#tickedNs, CATCH_UP_NS);
    this.#tickedNs = nowNs;
    const { basesPerSecond } = this.#options;
    const pages = this.#pages;
    this.#inTurn('bases', (elapsed * basesPerSecond) / SECOND, (index) => this.#base(index));
    this.#inTurn('round', (elapsed * pages) / ROUND_NS, (index) => {
      this.#writer.present(this.#options.catalogue.names[index]!, this.#sequences[index]!);
      if (index === pages - 1) this.#writer.round(pages);
    });
    this.#second = this.#options.secondOfDay + Math.floor((nowNs - this.#startNs) / SECOND);
    this.#inTurn('clocks', (elapsed * pages) / CLOCKS_NS, (index) =>
      this.#change(index, (page) => page.setClock(this.#second)),
    );
    this.#writer.flush();
    if (nowNs - this.#sentNs >= HEARTBEAT_NS) this.#writer.heartbeat();
  }

  // — what the one at the controls may do ————————————————————————————————————————————————————————————————————

  /**
   * Changes the layout of pages without announcing it, or changes it back.
   *
   * @param which a page, the beginning of pages' names, or `*`
   * @returns how many pages are meant that have been sent already
   */
  setLayout(which: string, layout: Layout, nowNs: number): number {
    this.#time(nowNs);
    const meant = this.#options.catalogue.setLayout(which, layout);
    for (const page of meant) {
      this.#change(this.#options.catalogue.indexOf(page.name), (each) => each.setLayout(layout));
    }
    this.#writer.flush();
    return meant.length;
  }

  /** Sends bytes that are none of a page, as from a damaged line. */
  garble(name: string, nowNs: number): boolean {
    this.#time(nowNs);
    const index = this.#options.catalogue.indexOf(name);
    if (index < 0) return false;
    const bytes = Uint8Array.from({ length: 40 }, () => this.#random.below(256));
    bytes.set([0x1b, 0x5b, 0x39, 0x39, 0x3b, 0x31, 0x48], 0);
    this.#writer.delta(name, ++this.#sequences[index]!, this.#options.format, bytes);
    this.#writer.flush();
    return true;
  }

  /** Begins a new session, as a service does that was started anew: all counts are void. */
  restart(nowNs: number): void {
    this.#time(nowNs);
    this.#sequences.fill(0);
    this.#writer.restart((this.#writer.session + 1) >>> 0);
    this.#turn.round = 0;
    this.#writer.heartbeat();
  }

  // ——————————————————————————————————————————————————————————————————————————————————————————————————————————

  #inTurn(what: 'bases' | 'round' | 'clocks', due: number, work: (index: number) => void): void {
    this.#owed[what] += due;
    for (; this.#owed[what] >= 1; this.#owed[what]--) {
      work(this.#turn[what]);
      this.#turn[what] = (this.#turn[what] + 1) % this.#pages;
    }
  }

  #base(index: number): void {
    const { format, catalogue } = this.#options;
    const content = imageOf(this.#page(index), format);
    this.#writer.base(catalogue.names[index]!, this.#sequences[index]!, format, PAGE_ROWS, PAGE_COLUMNS, content);
  }

  #change(index: number, change: (page: SimulatedPage) => void): void {
    const { format, catalogue } = this.#options;
    const page = this.#page(index);
    const bytes = changeOf(page, format, () => change(page));
    if (bytes !== undefined) this.#writer.delta(catalogue.names[index]!, ++this.#sequences[index]!, format, bytes);
  }

  #page(index: number): SimulatedPage {
    return this.#options.catalogue.page(index, this.#second);
  }

  #time(nowNs: number): void {
    this.#nowNs = nowNs;
    if (this.#startNs >= 0) return;
    this.#startNs = nowNs;
    this.#tickedNs = nowNs;
    this.#sentNs = nowNs;
  }
}
