import { LIVE, Quality, type QualityState, Reason } from '@tickerplant/records';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';
import type { HeldPage } from '../page-applier.ts';
import type { PageItems, Taken } from '../page-items.ts';
import type { PageListener } from '../page-listener.ts';
import type { PageFormat } from '../payload.ts';
import { RecordType } from './messages.ts';
import { PacketReader } from './packet-reader.ts';
import { SeenPackets } from './seen-packets.ts';

const RECEIVER_COUNTERS = counterSet('pageReceiver', {
  packets: 'Packets taken, each once.',
  duplicates: 'Packets that had come already, on another line or late.',
  packetsLost: 'Packets that came on no line, as far as can be told.',
  bases: 'Whole pages taken.',
  deltas: 'Changes taken.',
  corrected: 'Pages that a base found to be otherwise, where nothing was known to be wrong.',
  oldRecords: 'Bases and changes that were known already.',
  held: 'Changes that came before one they follow, and were held.',
  withoutBase: 'Changes of pages of which no base has come; passed over.',
  gaps: 'Times that a change of a page was missing for too long.',
  healed: 'Gaps that ended without a base.',
  proven: 'Pages from the cache, or from before a silence, that were found to be as the vendor has them.',
  broken: 'Bases and changes of which a part was missing.',
  sessions: 'Sessions of the vendor.',
  pagesRefused: 'Records of pages for which there is no room.',
  doubts: 'Bases and changes after which a page may be otherwise than the vendor has it.',
  gone: 'Pages that the vendor has no more.',
  faults: 'Packets of which something could not be used; the quarantine keeps the newest.',
});

/** How far a page can be relied on. */
const Standing = {
  /** Nothing but its name is known. */
  NONE: 0,
  /** It is as it was at some time: from the cache, or before a silence or a new session. */
  OLD: 1,
  LIVE: 2,
  /** A change is missing, or one could not be used. */
  DOUBTFUL: 3,
} as const;
type Standing = (typeof Standing)[keyof typeof Standing];

const MS = 1_000_000;
const LOOK_NS = 10 * MS;
/** Changes held of one page, and of all, in bytes. */
const HELD_MAX = 16;
const HELD_BYTES_MAX = 8 << 20;
/** Bases and changes that are put together at a time. */
const ASSEMBLIES_MAX = 256;
/** A page that is not told of in so many rounds is gone. */
const ROUNDS = 3;
/** After so many rounds all pages are known, however many the vendor says it has. */
const ROUNDS_COMPLETE = 2;

const GAP: QualityState = {
  quality: Quality.SUSPECT,
  reason: Reason.VENDOR_GAP,
  detail: 'a change is missing; the next base puts it right',
};
const NEW_SESSION: QualityState = {
  quality: Quality.STALE,
  reason: Reason.NEW_SESSION,
  detail: 'the vendor began anew; the next base puts it right',
};
const CACHED: QualityState = {
  quality: Quality.STALE,
  reason: Reason.FROM_CACHE,
  detail: 'not heard of since this handler was started',
};

export interface BroadcastListener extends PageListener {
  /** All pages that the vendor has are known by name. */
  onComplete(): void;
  /** The same of all pages. */
  onAllStatus(state: QualityState): void;
  /** Nothing is heard any more. */
  onSilent(why: string): void;
}

export interface BroadcastReceiverOptions {
  readonly items: PageItems;
  readonly listener: BroadcastListener;
  /** Silence after which the vendor counts as gone. */
  readonly silentAfterNs: number;
  /** How long a missing change may take to come on another line. */
  readonly gapWaitNs: number;
  /** Most pages. */
  readonly pagesMax: number;
  readonly registry: CounterRegistry;
  /** Takes a packet that cannot be used; the bytes are borrowed. */
  readonly fault: (code: string, message: string, bytes: Uint8Array) => void;
}

/** A base or a change whose parts are coming. */
interface Assembly {
  readonly type: number;
  readonly sequence: number;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
}

/** A change that came before one it follows. */
interface HeldDelta {
  readonly format: PageFormat;
  readonly content: Uint8Array;
}

/** Where a page stands. */
interface Place {
  standing: Standing;
  /** Of the vendor's session, and the change, that the page is at; -1: none. */
  session: number;
  sequence: number;
  /** The newest change that is known of in that session. */
  newest: number;
  /** The round in which it was heard of last. */
  round: number;
  assembly: Assembly | undefined;
  held: Map<number, HeldDelta> | undefined;
  /** Since when a change is missing; -1: none is. */
  gapNs: number;
  /** Rounds in a row that told of it at an earlier change. */
  behind: number;
  /** Whether it differs from what the cache has. */
  dirty: boolean;
}

/**
 * Receives a broadcast of pages on any number of lines, keeps all pages, and says of each how far it can be relied on.
 * A machine: packets and the time go in. No input throws, and none touches another page than its own.
 */
export class BroadcastReceiver {
  readonly #options: BroadcastReceiverOptions;
  readonly #items: PageItems;
  readonly #listener: BroadcastListener;
  readonly #counters: Counters<typeof RECEIVER_COUNTERS.descriptions>;
  readonly #reader = new PacketReader();
  readonly #seen = new SeenPackets();
  /** By row. */
  readonly #places: Place[] = [];
  /** Rows of which a change is missing, that have not been told so yet. */
  readonly #gaps = new Set<number>();
  readonly #assembling = new Set<number>();
  /** Rows that differ from what the cache has, in the order in which they began to. */
  readonly #dirty = new Set<number>();
  #heldBytes = 0;
  #session = -1;
  #complete = false;
  #round = 0;
  /** Rounds since the vendor is heard. */
  #rounds = 0;
  #pages = 0;
  #heardNs = Number.NEGATIVE_INFINITY;
  #lookedNs = Number.NEGATIVE_INFINITY;
  #nowNs = 0;

  constructor(options: BroadcastReceiverOptions) {
    this.#options = options;
    this.#items = options.items;
    this.#listener = options.listener;
    this.#counters = options.registry.create(RECEIVER_COUNTERS);
  }

  /** For `status`. */
  status(): Record<string, unknown> {
    const count = (standing: Standing): number =>
      this.#places.reduce((sum, place) => sum + (place.standing === standing ? 1 : 0), 0);
    return {
      session: this.#session,
      held: this.#items.held,
      live: count(Standing.LIVE),
      old: count(Standing.OLD),
      doubtful: count(Standing.DOUBTFUL),
      unknown: count(Standing.NONE),
      notCached: this.#dirty.size,
    };
  }

  // — packets ————————————————————————————————————————————————————————————————————————————————————————————————

  /** Takes a datagram of any line; borrowed. */
  packet(bytes: Uint8Array, nowNs: number): void {
    this.#nowNs = nowNs;
    const reader = this.#reader;
    if (!reader.open(bytes)) {
      this.#fault(bytes);
      return;
    }
    if (reader.session !== this.#session && !this.#newSession(reader.session)) return;
    if (this.#heardNs === Number.NEGATIVE_INFINITY) this.#listener.onAccepted();
    this.#heardNs = nowNs;
    if (!this.#seen.take(reader.packet)) {
      this.#counters.duplicates++;
      return;
    }
    this.#counters.packets++;
    this.#counters.packetsLost = this.#seen.lost;
    while (reader.next()) this.#record();
    if (reader.fault !== undefined) this.#fault(bytes);
  }

  /** Lets time pass: every few milliseconds. */
  tick(nowNs: number): void {
    this.#nowNs = nowNs;
    if (nowNs - this.#lookedNs < LOOK_NS) return;
    this.#lookedNs = nowNs;
    for (const row of this.#gaps) {
      if (nowNs - this.#places[row]!.gapNs < this.#options.gapWaitNs) break;
      this.#gaps.delete(row);
      this.#counters.gaps++;
      this.#places[row]!.standing = Standing.DOUBTFUL;
      this.#listener.onStatus(row, GAP);
    }
    if (this.#heardNs !== Number.NEGATIVE_INFINITY && nowNs - this.#heardNs > this.#options.silentAfterNs) {
      this.#heardNs = Number.NEGATIVE_INFINITY;
      this.#complete = false;
      this.#rounds = 0;
      this.#age();
      this.#listener.onSilent(`nothing heard for ${Math.round(this.#options.silentAfterNs / MS)} ms`);
    }
  }

  /** @returns false: it is an older session than the one that is on: a late packet */
  #newSession(session: number): boolean {
    const isFirst = this.#session < 0;
    // Sessions count up and may go round: one up to half the circle behind is an old one.
    if (!isFirst && (session - this.#session) >>> 0 > 0x7fff_ffff) {
      this.#counters.duplicates++;
      return false;
    }
    this.#session = session;
    this.#counters.sessions++;
    this.#seen.clear();
    if (isFirst) return true;
    this.#age();
    this.#listener.onAllStatus(NEW_SESSION);
    return true;
  }

  /** What is held is as it was at some time, from here on. */
  #age(): void {
    this.#gaps.clear();
    for (const place of this.#places) {
      if (place.standing === Standing.NONE) continue;
      // A page that a change is missing of cannot be proven by its sequence.
      if (place.standing === Standing.DOUBTFUL || place.gapNs >= 0) place.session = -1;
      place.standing = Standing.OLD;
      place.gapNs = -1;
      this.#forgetHeld(place);
    }
  }

  #record(): void {
    const reader = this.#reader;
    if (reader.type === RecordType.ROUND) {
      this.#roundEnds(reader.sequence);
      return;
    }
    const row = this.#rowOf(reader.name, reader.type !== RecordType.GONE);
    if (row < 0) return;
    const place = this.#places[row]!;
    place.round = this.#round;
    switch (reader.type) {
      case RecordType.PRESENT:
        this.#present(row, place, reader.sequence);
        return;
      case RecordType.GONE:
        this.#gone(row);
        return;
      default: {
        const content = reader.parts === 1 ? reader.content : this.#assemble(row, place);
        if (content === undefined) return;
        if (reader.type === RecordType.BASE) this.#base(row, place, content);
        else this.#delta(row, place, content);
      }
    }
  }

  /** The row of a page that is published; -1: there is none, or no room for it. */
  #rowOf(name: string, adds: boolean): number {
    let row = this.#items.rowOf(name);
    if (row >= 0 && this.#items.isOffered(row)) return row;
    if (!adds) return -1;
    if (row < 0) row = this.#places.length < this.#options.pagesMax ? this.#items.add(name) : -1;
    if (row < 0) {
      this.#counters.pagesRefused++;
      return -1;
    }
    this.#know(row);
    this.#pages++;
    this.#items.offer(row, true);
    this.#listener.onOffered(row);
    return row;
  }

  #know(row: number): void {
    while (this.#places.length <= row) {
      this.#places.push({
        standing: Standing.NONE,
        session: -1,
        sequence: -1,
        newest: -1,
        round: this.#round,
        assembly: undefined,
        held: undefined,
        gapNs: -1,
        behind: 0,
        dirty: false,
      });
    }
  }

  /** Puts parts together. @returns the whole content, when it is complete */
  #assemble(row: number, place: Place): Uint8Array | undefined {
    const { type, sequence, part, parts, content } = this.#reader;
    let { assembly } = place;
    if (assembly?.type !== type || assembly.sequence !== sequence || assembly.parts.length !== parts) {
      if (assembly !== undefined) this.#counters.broken++;
      else if (this.#assembling.size >= ASSEMBLIES_MAX) this.#breakOldest();
      assembly = { type, sequence, parts: new Array(parts).fill(undefined), missing: parts };
      place.assembly = assembly;
      this.#assembling.add(row);
    }
    if (assembly.parts[part] === undefined) assembly.missing--;
    assembly.parts[part] = Uint8Array.from(content);
    if (assembly.missing > 0) return undefined;
    place.assembly = undefined;
    this.#assembling.delete(row);
    return Buffer.concat(assembly.parts as Uint8Array[]);
  }

  #breakOldest(): void {
    const [row] = this.#assembling;
    if (row === undefined) return;
    this.#assembling.delete(row);
    this.#places[row]!.assembly = undefined;
    this.#counters.broken++;
  }

  // — what records say ———————————————————————————————————————————————————————————————————————————————————————

  #base(row: number, place: Place, content: Uint8Array): void {
    const { sequence, format, rows, columns } = this.#reader;
    const isSame = place.session === this.#session;
    const isKnown = isSame && sequence === place.sequence && place.standing === Standing.LIVE;
    if (isSame && sequence < place.sequence) {
      this.#counters.oldRecords++;
      return;
    }
    const taken = this.#items.image(row, format, rows, columns, content);
    const { doubt, isNew } = this.#items;
    if (taken === 'refused') {
      this.#doubt(row, place, doubt, content);
      return;
    }
    this.#counters.bases++;
    if (isKnown && this.#items.changes.count > 0) this.#counters.corrected++;
    place.newest = isSame ? Math.max(place.newest, sequence) : sequence;
    place.session = this.#session;
    place.sequence = sequence;
    place.standing = taken === 'good' ? Standing.LIVE : Standing.DOUBTFUL;
    const state = taken === 'good' ? LIVE : faulty(doubt);
    if (isNew) this.#listener.onImage(row, state);
    else this.#listener.onRefreshed(row, state);
    if (taken !== 'good') {
      this.#counters.doubts++;
      this.#options.fault('PAGES_BAD_CONTENT', doubt, content);
    }
    this.#closeGap(row, place);
    this.#markDirty(row, place);
    this.#takeHeld(row, place);
  }

  #delta(row: number, place: Place, content: Uint8Array): void {
    const { sequence, format } = this.#reader;
    if (place.session !== this.#session || place.standing === Standing.NONE) {
      this.#counters.withoutBase++;
      return;
    }
    if (sequence <= place.sequence) {
      this.#counters.oldRecords++;
      return;
    }
    place.newest = Math.max(place.newest, sequence);
    if (sequence > place.sequence + 1) {
      this.#hold(place, sequence, format, content);
      this.#openGap(row, place);
    } else {
      this.#apply(row, place, sequence, format, content);
      this.#takeHeld(row, place);
    }
  }

  #apply(row: number, place: Place, sequence: number, format: PageFormat, content: Uint8Array): void {
    const taken: Taken = this.#items.update(row, format, content);
    place.sequence = sequence;
    if (taken !== 'good') this.#doubt(row, place, this.#items.doubt, content);
    if (taken === 'refused') return;
    this.#counters.deltas++;
    this.#listener.onUpdate(row);
    this.#markDirty(row, place);
    // The change that was expected next: so none was missed since the page was kept.
    if (place.standing === Standing.OLD) this.#prove(row, place);
  }

  #present(row: number, place: Place, sequence: number): void {
    if (place.session !== this.#session || place.standing === Standing.NONE) return;
    place.newest = Math.max(place.newest, sequence);
    if (sequence < place.sequence) this.#behind(row, place);
    else place.behind = 0;
    if (sequence > place.sequence) this.#openGap(row, place);
    else if (sequence === place.sequence && place.standing === Standing.OLD) this.#prove(row, place);
  }

  /** The vendor says again and again that a page has not come as far as it is: then what brought it there was not the vendor's. */
  #behind(row: number, place: Place): void {
    if (++place.behind < ROUNDS) return;
    place.behind = 0;
    place.session = -1;
    place.standing = Standing.DOUBTFUL;
    this.#closeGap(row, place);
    this.#forgetHeld(place);
    this.#listener.onStatus(row, GAP);
  }

  #prove(row: number, place: Place): void {
    place.standing = Standing.LIVE;
    this.#counters.proven++;
    this.#listener.onStatus(row, LIVE);
  }

  #gone(row: number): void {
    const place = this.#places[row]!;
    this.#counters.gone++;
    this.#forgetHeld(place);
    this.#assembling.delete(row);
    this.#gaps.delete(row);
    place.assembly = undefined;
    place.standing = Standing.NONE;
    place.session = -1;
    place.sequence = -1;
    place.newest = -1;
    this.#pages--;
    place.gapNs = -1;
    // The cache is to forget it too.
    this.#markDirty(row, place);
    this.#items.drop(row);
    this.#items.offer(row, false);
    this.#listener.onWithdrawn(row);
  }

  #roundEnds(pages: number): void {
    this.#round++;
    this.#rounds++;
    if (!this.#complete && (this.#pages >= pages || this.#rounds >= ROUNDS_COMPLETE)) {
      this.#complete = true;
      this.#listener.onComplete();
    }
    for (let row = 0; row < this.#places.length; row++) {
      const heard = this.#places[row]!.round;
      if (this.#items.isOffered(row) && this.#round - heard > ROUNDS) this.#gone(row);
    }
  }

  // — gaps and doubts ————————————————————————————————————————————————————————————————————————————————————————

  #openGap(row: number, place: Place): void {
    if (place.gapNs >= 0 || place.standing === Standing.DOUBTFUL) return;
    place.gapNs = this.#nowNs;
    this.#gaps.add(row);
  }

  #closeGap(row: number, place: Place): void {
    place.gapNs = -1;
    this.#gaps.delete(row);
  }

  /** Keeps a change until those before it have come. */
  #hold(place: Place, sequence: number, format: PageFormat, content: Uint8Array): void {
    place.held ??= new Map();
    if (place.held.size >= HELD_MAX || this.#heldBytes + content.length > HELD_BYTES_MAX) return;
    if (place.held.has(sequence)) return;
    this.#counters.held++;
    this.#heldBytes += content.length;
    place.held.set(sequence, { format, content: Uint8Array.from(content) });
  }

  /** Takes the changes that were held and whose turn it is; where none is missing any more, the gap is over. */
  #takeHeld(row: number, place: Place): void {
    const { held } = place;
    if (held !== undefined) {
      for (const sequence of held.keys()) if (sequence <= place.sequence) this.#forget(held, sequence);
      for (let next = held.get(place.sequence + 1); next !== undefined; next = held.get(place.sequence + 1)) {
        this.#forget(held, place.sequence + 1);
        this.#apply(row, place, place.sequence + 1, next.format, next.content);
      }
      if (held.size === 0) place.held = undefined;
    }
    if (place.sequence < place.newest) {
      this.#openGap(row, place);
      return;
    }
    const wasTold = place.gapNs >= 0 && !this.#gaps.has(row);
    if (place.gapNs >= 0 && wasTold && place.standing === Standing.DOUBTFUL) {
      this.#counters.healed++;
      place.standing = Standing.LIVE;
      this.#listener.onStatus(row, LIVE);
    }
    this.#closeGap(row, place);
  }

  #forget(held: Map<number, HeldDelta>, sequence: number): void {
    this.#heldBytes -= held.get(sequence)!.content.length;
    held.delete(sequence);
  }

  #forgetHeld(place: Place): void {
    if (place.held === undefined) return;
    for (const sequence of [...place.held.keys()]) this.#forget(place.held, sequence);
    place.held = undefined;
  }

  #doubt(row: number, place: Place, why: string, content: Uint8Array): void {
    this.#counters.doubts++;
    this.#options.fault('PAGES_BAD_CONTENT', why, content);
    place.standing = Standing.DOUBTFUL;
    // Not a gap: only a base puts it right.
    this.#closeGap(row, place);
    this.#listener.onStatus(row, faulty(why));
  }

  #fault(bytes: Uint8Array): void {
    this.#counters.faults++;
    this.#options.fault('PAGES_BAD_PACKET', this.#reader.fault ?? '', bytes);
  }

  // — the cache ——————————————————————————————————————————————————————————————————————————————————————————————

  /** Takes a page from the cache: STALE until the vendor's words prove it, or replace it. @returns whether there is room */
  restore(name: string, session: number, sequence: number, held: HeldPage): boolean {
    const row = this.#rowOf(name, true);
    if (row < 0) return false;
    const place = this.#places[row]!;
    place.standing = Standing.OLD;
    place.session = session;
    place.sequence = sequence;
    place.newest = sequence;
    this.#items.put(row, held);
    const { changes } = this.#items;
    changes.clear();
    for (let each = 0; each < held.page.rows; each++) changes.add(each, 0, held.page.columns);
    this.#listener.onImage(row, CACHED);
    return true;
  }

  /**
   * The next page that differs from what the cache has, and is as its service had it at its sequence, or is gone.
   *
   * @returns its row; -1: there is none
   */
  nextDirty(): number {
    for (const row of this.#dirty) {
      const place = this.#places[row]!;
      // What is in doubt is not kept: the cache has how it was before, and its sequence.
      this.#dirty.delete(row);
      place.dirty = false;
      // One that is old is as it was when it was read from the cache.
      if (place.standing !== Standing.DOUBTFUL && (place.standing === Standing.NONE || place.session >= 0)) return row;
    }
    return -1;
  }

  /** All pages are to be written to the cache once more. @returns how many those are at most */
  dirtyAll(): number {
    for (let row = 0; row < this.#places.length; row++) {
      const place = this.#places[row]!;
      if (place.standing === Standing.LIVE || place.standing === Standing.OLD) this.#markDirty(row, place);
    }
    return this.#dirty.size;
  }

  /** Where a page stands: the vendor's session and the page's sequence in it. */
  placeOf(row: number): { readonly session: number; readonly sequence: number } {
    return this.#places[row]!;
  }

  #markDirty(row: number, place: Place): void {
    if (place.dirty) return;
    place.dirty = true;
    this.#dirty.add(row);
  }
}

function faulty(why: string): QualityState {
  return { quality: Quality.SUSPECT, reason: Reason.VENDOR_FAULT, detail: `${why}; the next base puts it right` };
}
