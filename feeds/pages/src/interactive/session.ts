import { RequestStatus, type SessionContext, UNANSWERED, VendorSessionLife } from '@tickerplant/feed-runtime';
import { LIVE, Quality, type QualityState, Reason } from '@tickerplant/records';
import { type Counters, counterSet } from '@tickerplant/telemetry';
import type { PageItems, Taken } from '../page-items.ts';
import type { PageListener } from '../page-listener.ts';
import { isPageFormat, type PageFormat } from '../payload.ts';
import { FRAMES } from './encoder.ts';

const SESSION_COUNTERS = counterSet('pageSession', {
  connections: 'Connections on which a logon was sent.',
  frames: 'Frames that came.',
  images: 'Images taken.',
  updates: 'Updates taken.',
  statuses: 'Words about single pages.',
  requests: 'Requests made.',
  releases: 'Pages released.',
  evictions: 'Pages released to make room for others.',
  limitWaits: 'Pages that had to wait because as many are open as the vendor allows.',
  unanswered: 'Requests that the vendor did not answer in time, and that were made again.',
  refusals: 'Requests that the vendor refused.',
  strangers: 'Frames under a request that is not open: most are late, after a release.',
  unknownFrames: 'Frames of types that this program does not know; passed over.',
  namesRefused: 'Pages that nobody could be asked for: no name, or too many names.',
  doubts: 'Images and updates after which a page may be otherwise than the vendor has it.',
  faults: 'Frames that could not be used; the quarantine keeps the newest.',
});

const MS = 1_000_000;
const SECOND = 1_000 * MS;
/** A request that was refused is made again after so long; of a page that there isn't, later. */
const REFUSED_AGAIN_NS = 5 * SECOND;
const NOT_FOUND_AGAIN_NS = 60 * SECOND;
/** A page in doubt is asked for again at once, then after so long, twice as long each time, at most: */
const DOUBT_AGAIN_NS = 5 * SECOND;
const DOUBT_AGAIN_NS_MAX = 60 * SECOND;
/** When the vendor says that requests come too fast, none is made for so long. */
const TOO_FAST_NS = 1 * SECOND;
/** Share of a second's requests that may go out at once. */
const BURST_SHARE = 5;

/** Why a page is wanted; bits, in the order of their weight. */
const Want = { PINNED: 1, INTEREST: 2, PREFETCH: 4 } as const;

/** What is known of a page on the present connection. */
const State = { IDLE: 0, QUEUED: 1, ASKED: 2, OPEN: 3, REFUSED: 4 } as const;
type State = (typeof State)[keyof typeof State];

const NO_ROOM: QualityState = {
  quality: Quality.STALE,
  reason: Reason.VENDOR_LIMIT,
  detail: 'as many pages are open as the vendor allows, and all are looked at',
};

export interface PageSessionOptions extends SessionContext {
  /** Pages that are always open. */
  readonly pinned: readonly string[];
  /** Pages that are asked for at the beginning, and given up when there is no room. */
  readonly prefetch: readonly string[];
  /** Most pages open at a time, unless the vendor allows fewer. */
  readonly pagesMax: number;
  /** Most requests in a second, unless the vendor allows fewer. */
  readonly requestsPerSecond: number;
  /** How long a page stays open when nobody looks at it any more, ms. */
  readonly lingerMs: number;
  /** How long the vendor may take to answer a request, ms. */
  readonly answerMs: number;
  readonly items: PageItems;
  readonly listener: PageListener;
}

/**
 * The client's side of a page service, without the connection: asks for pages when somebody wants them, at the pace and
 * up to the number that the vendor allows, and releases them when nobody does. A machine that is used again for the
 * next connection, with everything that is wanted requested anew.
 *
 * Who must make room: pages that nobody looks at any more, the one left first first; then those of the pre-fetch list
 * that nobody looks at. Pinned pages and those looked at never do: what has no room then waits, and says so.
 */
export class PageSession extends VendorSessionLife {
  readonly #options: PageSessionOptions;
  readonly #items: PageItems;
  readonly #listener: PageListener;
  readonly #counters: Counters<typeof SESSION_COUNTERS.descriptions>;
  // By row.
  readonly #wants: number[] = [];
  readonly #states: State[] = [];
  /** The number of the request that is open at the vendor; -1: none. */
  readonly #requestOf: number[] = [];
  readonly #backOffNs: number[] = [];
  /** Whether an image has come under the request that is open. */
  readonly #drawn: boolean[] = [];
  /** Number of the request → row. */
  readonly #rowOf = new Map<number, number>();
  /** Rows to be asked for: pinned, looked at, pre-fetched; each first come, first served. */
  readonly #queues: readonly Set<number>[] = [new Set(), new Set(), new Set()];
  /** Rows asked for → when; in that order. */
  readonly #asked = new Map<number, number>();
  /** Rows that nobody wants any more and that are still open → since when; in that order. */
  readonly #left = new Map<number, number>();
  /** Rows open that only the pre-fetch list wants, the one looked at least recently first. */
  readonly #prefetched = new Set<number>();
  /** Rows to be asked for again → when. */
  readonly #again = new Map<number, number>();
  /** In the same order, rows that wait for room and have been told so. */
  readonly #waiting: readonly Set<number>[] = [new Set(), new Set(), new Set()];
  #nextRequest = 1;
  #pagesMax = 0;
  #rate = 0;
  /** Requests that may be made at once. */
  #tokens = 0;
  #tokensNs = 0;
  #pausedUntilNs = 0;

  constructor(options: PageSessionOptions) {
    const counters = options.registry.create(SESSION_COUNTERS);
    super(options, FRAMES, counters);
    this.#options = options;
    this.#items = options.items;
    this.#listener = options.listener;
    this.#counters = counters;
    for (const name of options.pinned) this.#want(name, Want.PINNED);
    for (const name of options.prefetch) this.#want(name, Want.PREFETCH);
  }

  /** Pages open at the vendor. */
  get open(): number {
    return this.#rowOf.size;
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    return {
      open: this.open,
      pagesMax: this.#pagesMax,
      queued: sizeOf(this.#queues),
      waiting: sizeOf(this.#waiting),
      unanswered: this.#asked.size,
      lingering: this.#left.size,
      refused: this.#again.size,
    };
  }

  // — interest ———————————————————————————————————————————————————————————————————————————————————————————————

  /**
   * Somebody looks at a page, or nobody does any more.
   *
   * @returns false: there is no room for the name, or it is none.
   */
  interest(name: string, wanted: boolean, nowNs: number): boolean {
    this.nowNs = nowNs;
    if (wanted) return this.#want(name, Want.INTEREST);
    const row = this.#items.rowOf(name);
    if (row >= 0) this.#unwant(row, Want.INTEREST);
    return true;
  }

  #want(name: string, want: number): boolean {
    const row = this.#items.add(name);
    if (row < 0) {
      this.#counters.namesRefused++;
      return false;
    }
    this.#know(row);
    const before = this.#wants[row]!;
    this.#wants[row] = before | want;
    this.#left.delete(row);
    this.#prefetched.delete(row);
    if (before === 0 && !this.#items.isOffered(row)) {
      this.#items.offer(row, true);
      this.#listener.onOffered(row);
    }
    if (this.isUp) {
      const state = this.#states[row]!;
      // One that was left in doubt is asked for again too.
      const isDoubtful = before === 0 && this.#backOffNs[row]! > 0;
      if (state === State.IDLE || state === State.QUEUED || isDoubtful) this.#enqueue(row);
      this.#pump();
    }
    return true;
  }

  #unwant(row: number, want: number): void {
    if ((this.#wants[row]! & want) === 0) return;
    this.#wants[row]! &= ~want;
    const left = this.#wants[row]!;
    if (left === 0) {
      if (this.#requestOf[row]! >= 0 && this.#options.lingerMs > 0) this.#left.set(row, this.nowNs);
      else this.#giveUp(row);
    } else {
      if (this.#states[row] === State.QUEUED) this.#enqueue(row);
      if (left === Want.PREFETCH && this.#requestOf[row]! >= 0) this.#prefetched.add(row);
    }
    this.#pump();
  }

  // — the connection —————————————————————————————————————————————————————————————————————————————————————————

  override received(bytes: Uint8Array, nowNs: number): void {
    super.received(bytes, nowNs);
    this.#pump();
  }

  override disconnected(): void {
    super.disconnected();
    this.#rowOf.clear();
    this.#asked.clear();
    this.#again.clear();
    this.#prefetched.clear();
    for (const queue of [...this.#queues, ...this.#waiting]) queue.clear();
    for (let row = 0; row < this.#states.length; row++) {
      this.#states[row] = State.IDLE;
      this.#requestOf[row] = -1;
      this.#backOffNs[row] = 0;
      this.#drawn[row] = false;
    }
    for (const row of this.#left.keys()) this.#forget(row);
    this.#left.clear();
  }

  override tick(nowNs: number): void {
    super.tick(nowNs);
    this.#pump();
  }

  protected look(): void {
    for (const [row, askedNs] of this.#asked) {
      if (this.nowNs - askedNs < this.#options.answerMs * MS) break;
      this.#counters.unanswered++;
      this.#release(row);
      this.#enqueue(row);
      this.#listener.onStatus(row, UNANSWERED);
    }
    for (const [row, sinceNs] of this.#left) {
      if (this.nowNs - sinceNs < this.#options.lingerMs * MS) break;
      this.#left.delete(row);
      this.#giveUp(row);
    }
    for (const [row, atNs] of this.#again) if (this.nowNs >= atNs) this.#enqueue(row);
  }

  // — requests ———————————————————————————————————————————————————————————————————————————————————————————————

  /** Puts a row into the queue that is right for it. */
  #enqueue(row: number): void {
    this.#again.delete(row);
    const place = placeOf(this.#wants[row]!);
    // One that waits for room goes on waiting, unless it has become more important.
    if (this.#waiting[place]?.has(row) === true) return;
    this.#dequeue(row);
    // One that nobody wants any more, and that is in doubt, may as well stay so.
    if (this.#wants[row] === 0) return;
    this.#states[row] = State.QUEUED;
    this.#queues[place]!.add(row);
  }

  #dequeue(row: number): void {
    for (const queue of this.#queues) queue.delete(row);
    for (const queue of this.#waiting) queue.delete(row);
  }

  /** Makes as many requests as pace and room allow. */
  #pump(): void {
    if (!this.isUp || this.nowNs < this.#pausedUntilNs) return;
    this.#refill();
    for (let place = 0; place < this.#queues.length; place++) {
      for (const row of this.#waiting[place]!) {
        if (this.#tokens < 1) return;
        if (!this.#makeRoom(row)) break;
        this.#ask(row);
      }
      for (const row of this.#queues[place]!) {
        if (this.#tokens < 1) return;
        if (this.#requestOf[row]! >= 0 || this.#makeRoom(row)) this.#ask(row);
        else this.#wait(row, place);
      }
    }
  }

  #wait(row: number, place: number): void {
    this.#dequeue(row);
    this.#waiting[place]!.add(row);
    this.#counters.limitWaits++;
    this.#listener.onStatus(row, NO_ROOM);
  }

  #refill(): void {
    if (this.#rate === 0) {
      this.#tokens = Number.POSITIVE_INFINITY;
      return;
    }
    const burst = Math.max(1, this.#rate / BURST_SHARE);
    this.#tokens = Math.min(burst, this.#tokens + ((this.nowNs - this.#tokensNs) * this.#rate) / SECOND);
    this.#tokensNs = this.nowNs;
  }

  /** Whether a page more can be open, if need be at the cost of one that nobody looks at. */
  #makeRoom(row: number): boolean {
    if (this.#rowOf.size < this.#pagesMax) return true;
    const [left] = this.#left.keys();
    if (left !== undefined) {
      this.#left.delete(left);
      this.#counters.evictions++;
      this.#giveUp(left);
      return this.#rowOf.size < this.#pagesMax;
    }
    if ((this.#wants[row]! & (Want.PINNED | Want.INTEREST)) === 0) return false;
    const [prefetched] = this.#prefetched;
    if (prefetched === undefined) return false;
    this.#counters.evictions++;
    this.#wants[prefetched] = 0;
    this.#giveUp(prefetched);
    return this.#rowOf.size < this.#pagesMax;
  }

  #ask(row: number): void {
    this.#counters.requests++;
    this.#tokens--;
    this.#dequeue(row);
    let request = this.#requestOf[row]!;
    if (request < 0) {
      request = this.#nextRequest;
      this.#nextRequest = (this.#nextRequest % 0xffff_ffff) + 1;
      this.#requestOf[row] = request;
      this.#rowOf.set(request, row);
      if (this.#wants[row] === Want.PREFETCH) this.#prefetched.add(row);
    }
    this.#states[row] = State.ASKED;
    this.#asked.delete(row);
    this.#asked.set(row, this.nowNs);
    this.send(FRAMES.request(request, this.#items.symbol(row)));
  }

  /** Tells the vendor that no more of a page is wanted. */
  #release(row: number): void {
    const request = this.#requestOf[row]!;
    if (request < 0) return;
    this.#counters.releases++;
    this.#closed(row);
    this.send(FRAMES.release(request));
  }

  /** A request is no longer open at the vendor. */
  #closed(row: number): void {
    this.#rowOf.delete(this.#requestOf[row]!);
    this.#requestOf[row] = -1;
    this.#asked.delete(row);
    this.#prefetched.delete(row);
    this.#states[row] = State.IDLE;
    this.#drawn[row] = false;
  }

  /** Nobody wants a page: it is released and forgotten. */
  #giveUp(row: number): void {
    this.#release(row);
    this.#dequeue(row);
    this.#again.delete(row);
    this.#states[row] = State.IDLE;
    this.#backOffNs[row] = 0;
    this.#forget(row);
  }

  #forget(row: number): void {
    this.#items.offer(row, false);
    this.#items.drop(row);
    this.#listener.onWithdrawn(row);
  }

  /** The vendor won't serve a page at present. */
  #refused(row: number, againNs: number, state: QualityState): void {
    this.#counters.refusals++;
    this.#closed(row);
    if (this.#wants[row] === 0) {
      this.#left.delete(row);
      this.#giveUp(row);
      return;
    }
    this.#states[row] = State.REFUSED;
    this.#again.set(row, this.nowNs + againNs);
    this.#listener.onStatus(row, state);
  }

  #know(row: number): void {
    for (let next = this.#wants.length; next <= row; next++) {
      this.#wants.push(0);
      this.#states.push(State.IDLE);
      this.#requestOf.push(-1);
      this.#backOffNs.push(0);
      this.#drawn.push(false);
    }
  }

  // — what the vendor says ———————————————————————————————————————————————————————————————————————————————————

  protected onAccepted([pagesMax = 0, rate = 0]: readonly number[]): void {
    const options = this.#options;
    this.#pagesMax = pagesMax === 0 ? options.pagesMax : Math.min(pagesMax, options.pagesMax);
    this.#rate = lower(rate, options.requestsPerSecond);
    this.#tokens = 1;
    this.#tokensNs = this.nowNs;
    this.#pausedUntilNs = 0;
    this.#listener.onAccepted();
    for (let row = 0; row < this.#wants.length; row++) this.#enqueue(row);
  }

  protected rowOfRequest(request: number): number {
    return this.#rowOf.get(request) ?? -1;
  }

  protected onContent(row: number, isImage: boolean, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = this;
    const format = reader.u8();
    const rows = isImage ? reader.u16() : 0;
    const columns = isImage ? reader.u16() : 0;
    const content = reader.slice(Math.max(0, reader.left));
    const fault = reader.fault ?? (isPageFormat(format) ? undefined : `expected a format of 1 or 2, found ${format}`);
    if (fault !== undefined) {
      this.badFrame(fault, bytes, start, end);
      this.#doubt(row, fault);
    } else if (isImage) {
      this.#image(row, this.#items.image(row, format as PageFormat, rows, columns, content), bytes, start, end);
    } else if (this.#drawn[row]!) {
      this.#update(row, this.#items.update(row, format as PageFormat, content), bytes, start, end);
    } else this.#counters.strangers++;
  }

  #image(row: number, taken: Taken, bytes: Uint8Array, start: number, end: number): void {
    this.#asked.delete(row);
    const { isNew, doubt } = this.#items;
    if (taken === 'refused') {
      this.badFrame(doubt, bytes, start, end);
      this.#doubt(row, doubt);
      return;
    }
    this.#counters.images++;
    this.#states[row] = State.OPEN;
    this.#drawn[row] = true;
    this.#dequeue(row);
    this.#again.delete(row);
    const state = taken === 'good' ? LIVE : faulty(doubt);
    if (isNew) this.#listener.onImage(row, state);
    else this.#listener.onRefreshed(row, state);
    if (taken === 'good') {
      this.#backOffNs[row] = 0;
      return;
    }
    this.#options.fault('PAGES_BAD_CONTENT', doubt, bytes, start, end);
    this.#counters.doubts++;
    this.#askAgain(row);
  }

  #update(row: number, taken: Taken, bytes: Uint8Array, start: number, end: number): void {
    const { doubt } = this.#items;
    if (taken !== 'good') {
      if (taken === 'refused') this.badFrame(doubt, bytes, start, end);
      else this.#options.fault('PAGES_BAD_CONTENT', doubt, bytes, start, end);
      this.#doubt(row, doubt);
      if (taken === 'refused') return;
    }
    this.#counters.updates++;
    this.#listener.onUpdate(row);
  }

  /** A page may be otherwise than the vendor has it: until a good image comes, and one is asked for. */
  #doubt(row: number, why: string): void {
    this.#counters.doubts++;
    this.#listener.onStatus(row, faulty(why));
    // Already on its way, or planned.
    if (this.#again.has(row) || this.#states[row] === State.QUEUED) return;
    if (this.#states[row] === State.ASKED) this.#asked.delete(row);
    this.#askAgain(row);
  }

  /** The first time at once, then after a while that doubles: a fault may be in everything the vendor says of a page. */
  #askAgain(row: number): void {
    const waitNs = this.#backOffNs[row]!;
    this.#backOffNs[row] = Math.min(DOUBT_AGAIN_NS_MAX, Math.max(DOUBT_AGAIN_NS, 2 * waitNs));
    if (waitNs === 0) this.#enqueue(row);
    else this.#again.set(row, this.nowNs + waitNs);
  }

  protected onStatus(row: number, status: number, state: QualityState): void {
    switch (status) {
      case RequestStatus.STALE:
        // Still open: an image comes when it is over.
        this.#asked.delete(row);
        this.#dequeue(row);
        this.#again.delete(row);
        this.#states[row] = State.ASKED;
        this.#drawn[row] = false;
        this.#listener.onStatus(row, state);
        return;
      case RequestStatus.LIMIT:
        this.#limitReached(row, state);
        return;
      case RequestStatus.TOO_FAST:
        this.#counters.refusals++;
        this.#closed(row);
        this.#pausedUntilNs = this.nowNs + TOO_FAST_NS;
        this.#enqueue(row);
        return;
      case RequestStatus.NOT_FOUND:
        this.#refused(row, NOT_FOUND_AGAIN_NS, state);
        return;
      default:
        this.#refused(row, REFUSED_AGAIN_NS, state);
    }
  }

  /** The vendor allows fewer pages than it said, or somebody else uses the same right: what is open now is the limit. */
  #limitReached(row: number, state: QualityState): void {
    this.#refused(row, REFUSED_AGAIN_NS, { ...state, reason: Reason.VENDOR_LIMIT });
    const open = this.#rowOf.size - this.#asked.size;
    if (open > 0) this.#pagesMax = Math.min(this.#pagesMax, open);
  }
}

function faulty(why: string): QualityState {
  return { quality: Quality.SUSPECT, reason: Reason.VENDOR_FAULT, detail: `${why}; a new image is asked for` };
}

/** The lower of two bounds, where 0 is none. */
function lower(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b);
}

function placeOf(wants: number): number {
  return (wants & Want.PINNED) !== 0 ? 0 : (wants & Want.INTEREST) !== 0 ? 1 : 2;
}

function sizeOf(sets: readonly Set<number>[]): number {
  return sets.reduce((sum, set) => sum + set.size, 0);
}
