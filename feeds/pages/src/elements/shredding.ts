import { isDeepStrictEqual } from 'node:util';
import { TickerError } from '@tickerplant/core';
import type { CellValue } from '@tickerplant/page-values';
import type { CellRuns, Page } from '@tickerplant/pages';
import { LIVE, Quality, type QualityState, qualityName, Reason, standardDictionary, worse } from '@tickerplant/records';
import {
  type Alert,
  type CellChange,
  type Effects,
  type Plan,
  reasonText,
  Shredder,
  type ShredderMemory,
  whyField,
} from '@tickerplant/shredder';
import { type CounterRegistry, type Counters, counterSet, type Logger } from '@tickerplant/telemetry';
import type { ElementField, ElementItems } from './element-items.ts';
import { compareShadow } from './shadow.ts';
import type { Acceptance, LoadedVersion, VersionChange } from './version-watch.ts';

const SHREDDING_COUNTERS = counterSet('shredding', {
  runs: 'Times that a page, or a part of it, was read.',
  changes: 'Changes of elements.',
  held: 'Times that an element became SUSPECT.',
  released: 'Times that an element became LIVE again.',
  drifts: 'Times that a page was not as its shredder knows it.',
  clashes: 'Elements that came from two pages: those of the second were left out.',
  versions: 'Times that a page went over to another version of its shredder.',
});

/** A shredder, and the pages that it reads. */
export interface ShreddedPages {
  /** What holds where no version of it is approved. */
  readonly plan: Plan;
  readonly pages: readonly string[];
  /** What to call an element: `{symbol}` and `{page}` are put in. */
  readonly item: string;
}

/** Where elements go: as `UnpositionedMember` has it. A row is one of `ElementItems`. */
interface ElementListener {
  onOffered(row: number): void;
  onImage(row: number, state: QualityState): void;
  onUpdate(row: number): void;
  onStatus(row: number, state: QualityState): void;
  onWithdrawn(row: number): void;
}

export interface ShreddingOptions {
  readonly shredders: readonly ShreddedPages[];
  readonly items: ElementItems;
  readonly listener: ElementListener;
  /** The page as it is now; undefined: none is held. */
  readonly pageOf: (name: string) => Page | undefined;
  /** Business date, days since 1970. */
  readonly today: number;
  /** UTC in milliseconds since 1970 at 0 ns of the monotonic clock. */
  readonly utcMs: number;
  /** What was believed of a page's rows before this process ran; undefined: nothing is known. */
  readonly recall?: ((page: string) => ShredderMemory | undefined) | undefined;
  /** A page is not as it was, or is again: for operators and quants. */
  readonly alert: (page: string, alert: Alert, plan: Plan) => void;
  readonly registry: CounterRegistry;
}

/** An element of a page. */
interface Element {
  readonly row: number;
  own: QualityState;
  /** Whether its values have been told as an image. */
  imaged: boolean;
}

interface Shredded {
  readonly name: string;
  readonly item: string;
  /** What holds where no version is approved. */
  readonly base: LoadedVersion;
  version: LoadedVersion;
  shredder: Shredder;
  /** Another version, whose effects nobody sees. */
  shadow: { readonly version: LoadedVersion; shredder: Shredder } | undefined;
  /** Field's number by table and name; those that have none are for people only. */
  fids: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly elements: Map<string, Element>;
  /** How far the page itself can be relied on. */
  state: QualityState;
  wakeAtNs: number;
}

const UNREAD: QualityState = { quality: Quality.SUSPECT, reason: Reason.LAYOUT, detail: 'not read yet' };
const DETAIL_MAX = 200;

/**
 * Shreds pages as they change: their elements become items of the feed beside the pages, and are SUSPECT as long as their
 * page isn't LIVE, or doesn't look as its shredder knows it. Sans-I/O: told of changes and of the time.
 */
export class Shredding {
  readonly #options: ShreddingOptions;
  readonly #counters: Counters<typeof SHREDDING_COUNTERS.descriptions>;
  readonly #pages = new Map<string, Shredded>();
  /** Which page an element comes from. */
  readonly #owners = new Map<string, Shredded>();
  readonly #changes: CellChange[] = [];
  #wakeAtNs = Number.POSITIVE_INFINITY;

  constructor(options: ShreddingOptions) {
    this.#options = options;
    this.#counters = options.registry.create(SHREDDING_COUNTERS);
    for (const { plan, pages, item } of options.shredders) {
      const fids = fidsOf(plan);
      const base = { plan, fingerprint: undefined };
      for (const name of pages) {
        this.#pages.set(name, {
          name,
          item,
          base,
          version: base,
          shredder: this.#newShredder(base, options.recall?.(name)),
          shadow: undefined,
          fids,
          elements: new Map(),
          state: UNREAD,
          wakeAtNs: Number.POSITIVE_INFINITY,
        });
      }
    }
  }

  /** When `tick` has something to do; infinite: nothing. */
  get wakeAtNs(): number {
    return this.#wakeAtNs;
  }

  /** What is believed of rows that are held against what they said before, by page. */
  memories(): Map<string, ShredderMemory> {
    const memories = new Map<string, ShredderMemory>();
    for (const shredded of this.#pages.values()) {
      const memory = this.#memoryOf(shredded);
      if (memory !== undefined) memories.set(shredded.name, memory);
    }
    return memories;
  }

  /** Of a page that hasn't come yet it is what was believed before. */
  #memoryOf({ name, shredder }: Shredded): ShredderMemory | undefined {
    return shredder.memory ?? this.#options.recall?.(name);
  }

  /** For `status`. */
  status(): Record<string, unknown>[] {
    return Array.from(this.#pages.values(), ({ name, shredder, shadow, state, elements }) => ({
      page: name,
      shredder: shredder.plan.name,
      version: shredder.plan.version,
      match: shredder.match,
      quality: qualityName(state.quality),
      elements: elements.size,
      suspect: [...elements.values()].filter(({ own }) => own.quality !== LIVE.quality).length,
      ...(shadow === undefined ? {} : { shadow: compareShadow(shredder, shadow.shredder) }),
    }));
  }

  /**
   * Says where a field of an element comes from.
   *
   * @throws TickerError `PAGES_NO_ELEMENT`; `SHRED_NO_FIELD`
   */
  why(symbol: string, field: string): Record<string, unknown> {
    const shredded = this.#owners.get(symbol);
    const item = shredded && [...shredded.shredder.items()].find((one) => symbolOf(shredded, one.subject) === symbol);
    if (item === undefined) throw new TickerError('PAGES_NO_ELEMENT', `expected an element of a page, got ${symbol}`);
    const { name, shredder, state } = shredded!;
    const { plan } = shredder;
    const page = { page: name, pageQuality: qualityName(state.quality), pageReason: state.reason };
    return { ...whyField(shredder, item, field), ...page, shredder: plan.name, version: plan.version };
  }

  /**
   * A page has changed, or is there for the first time.
   *
   * @param page as it is now; borrowed
   * @param changes the cells that differ from before: all of them where there was no page; borrowed
   */
  changed(name: string, page: Page, changes: CellRuns, nowNs: number): void {
    const shredded = this.#pages.get(name);
    if (shredded === undefined) return;
    this.#changes.length = 0;
    for (let run = 0; run < changes.count; run++) {
      this.#changes.push([changes.row(run), changes.first(run), changes.end(run)]);
    }
    this.#apply(shredded, shredded.shredder.run(page, this.#changes, nowNs));
    if (shredded.shadow !== undefined) this.#follow(shredded, shredded.shadow.shredder.run(page, this.#changes, nowNs));
  }

  /** Goes over to another version of a shredder, on all of its pages; what runs in shadow may be another one too. */
  change({ name, current, shadow }: VersionChange, nowNs: number): void {
    for (const shredded of this.#pages.values()) {
      if (shredded.base.plan.name !== name) continue;
      const page = this.#options.pageOf(shredded.name);
      this.#replace(shredded, current ?? shredded.base, page, nowNs);
      shredded.shadow = shadow && { version: shadow, shredder: this.#newShredder(shadow) };
      if (page !== undefined && shredded.shadow !== undefined) {
        this.#follow(shredded, shredded.shadow.shredder.runWhole(page, nowNs));
      }
    }
  }

  /** Somebody has looked at a page, or at all of a shredder: what reads as it should is believed, however far it is from what was before. */
  accept({ name, page: only }: Acceptance, nowNs: number): void {
    for (const shredded of this.#pages.values()) {
      if (shredded.base.plan.name !== name || (only !== undefined && only !== shredded.name)) continue;
      const page = this.#options.pageOf(shredded.name);
      if (page !== undefined) this.#apply(shredded, shredded.shredder.approve(page, nowNs));
    }
  }

  #replace(shredded: Shredded, version: LoadedVersion, page: Page | undefined, nowNs: number): void {
    if (version === shredded.version) return;
    this.#counters.versions++;
    shredded.version = version;
    shredded.fids = fidsOf(version.plan);
    if (page === undefined) {
      shredded.shredder = this.#newShredder(version, this.#memoryOf(shredded));
      return;
    }
    const effects = shredded.shredder.replace(version.plan, version.fingerprint, page, nowNs);
    // What is LIVE has its new values first; what no longer is has lost that before anything of it changes.
    this.#align(shredded, true);
    this.#apply(shredded, effects);
    this.#align(shredded, false);
  }

  /** Another version may give fields other numbers, and have fewer: what was said in the old one's way is put right. */
  #align(shredded: Shredded, live: boolean): void {
    const { items, listener } = this.#options;
    for (const { subject, table, fields, quality } of shredded.shredder.items()) {
      if ((quality === 'LIVE') !== live) continue;
      const element = shredded.elements.get(symbolOf(shredded, subject));
      const fids = shredded.fids.get(table);
      if (element === undefined || fids === undefined || !items.hasValues(element.row)) continue;
      const wanted = new Map<number, CellValue | null>();
      for (const [name, { value }] of fields) {
        const fid = fids.get(name);
        if (fid !== undefined) wanted.set(fid, value);
      }
      const held = items.valuesOf(element.row);
      const changed: ElementField[] = [];
      for (const [fid, value] of wanted) {
        if (!isDeepStrictEqual(held.get(fid) ?? null, value)) changed.push({ fid, value });
      }
      for (const [fid, value] of held) if (value !== null && !wanted.has(fid)) changed.push({ fid, value: null });
      if (changed.length === 0) continue;
      items.put(element.row, changed);
      listener.onUpdate(element.row);
    }
  }

  /** Of what a shadow does only the time counts at which it wants to be called. */
  #follow(shredded: Shredded, { wakeAtNs }: Effects): void {
    this.#wake(shredded, Math.min(shredded.wakeAtNs, wakeAtNs ?? Number.POSITIVE_INFINITY));
  }

  /** How far a page can be relied on has changed: LIVE, or the reason against it. */
  judged(name: string, state: QualityState): void {
    const shredded = this.#pages.get(name);
    if (shredded === undefined) return;
    shredded.state = state;
    for (const element of shredded.elements.values()) this.#tell(shredded, element);
  }

  /** A page isn't held any more. */
  gone(name: string): void {
    const shredded = this.#pages.get(name);
    if (shredded === undefined) return;
    shredded.state = UNREAD;
    shredded.wakeAtNs = Number.POSITIVE_INFINITY;
    for (const [symbol, { row }] of shredded.elements) {
      this.#owners.delete(symbol);
      this.#options.items.offer(row, false);
      this.#options.listener.onWithdrawn(row);
    }
    shredded.elements.clear();
    // When the page comes again all of it is news; what it said is still what it is held against.
    shredded.shredder = this.#newShredder(shredded.version, this.#memoryOf(shredded));
    if (shredded.shadow !== undefined) shredded.shadow.shredder = this.#newShredder(shredded.shadow.version);
  }

  /** Nothing is LIVE any more: the vendor is gone. */
  vendorLost(why: string): void {
    const state: QualityState = { quality: Quality.STALE, reason: Reason.VENDOR_DOWN, detail: why };
    // The member says so of all items.
    for (const shredded of this.#pages.values()) shredded.state = state;
  }

  /** Reads what has settled. */
  tick(nowNs: number): void {
    if (nowNs < this.#wakeAtNs) return;
    for (const shredded of this.#pages.values()) {
      if (nowNs < shredded.wakeAtNs) continue;
      shredded.wakeAtNs = Number.POSITIVE_INFINITY;
      const page = this.#options.pageOf(shredded.name);
      if (page === undefined) continue;
      this.#apply(shredded, shredded.shredder.run(page, [], nowNs));
      if (shredded.shadow !== undefined) this.#follow(shredded, shredded.shadow.shredder.run(page, [], nowNs));
    }
    this.#wakeAtNs = Number.POSITIVE_INFINITY;
    for (const { wakeAtNs } of this.#pages.values()) this.#wakeAtNs = Math.min(this.#wakeAtNs, wakeAtNs);
  }

  #apply(shredded: Shredded, { records, states, alerts, wakeAtNs }: Effects): void {
    const { items, listener, alert } = this.#options;
    const counters = this.#counters;
    counters.runs++;
    for (const { subject, table, fields, removed } of records) {
      const element = this.#elementOf(shredded, subject);
      const fids = shredded.fids.get(table);
      if (element === undefined || fids === undefined) continue;
      const changed: ElementField[] = [];
      for (const [name, { value }] of fields) {
        const fid = fids.get(name);
        if (fid !== undefined) changed.push({ fid, value });
      }
      for (const name of removed) {
        const fid = fids.get(name);
        if (fid !== undefined) changed.push({ fid, value: null });
      }
      if (changed.length === 0) continue;
      const isFirst = !items.hasValues(element.row);
      items.put(element.row, changed);
      counters.changes++;
      // Its first values come with what is to be thought of them, below.
      if (isFirst) continue;
      listener.onUpdate(element.row);
    }
    for (const { subject, quality, reasons } of states) {
      const element = this.#elementOf(shredded, subject);
      if (element === undefined) continue;
      const detail = reasons.map(reasonText).join('; ').slice(0, DETAIL_MAX);
      if (quality === 'LIVE' && element.own.quality !== LIVE.quality) counters.released++;
      else if (quality !== 'LIVE' && element.own.quality === LIVE.quality) counters.held++;
      element.own = quality === 'LIVE' ? LIVE : { quality: Quality.SUSPECT, reason: Reason.LAYOUT, detail };
      this.#tell(shredded, element);
    }
    for (const one of alerts) {
      if (one.kind === 'drift') counters.drifts++;
      alert(shredded.name, one, shredded.version.plan);
    }
    this.#wake(shredded, wakeAtNs ?? Number.POSITIVE_INFINITY);
  }

  /** The element of a subject; undefined where another page has it already. */
  #elementOf(shredded: Shredded, subject: string): Element | undefined {
    const { items, listener } = this.#options;
    const symbol = symbolOf(shredded, subject);
    const known = shredded.elements.get(symbol);
    if (known !== undefined) return known;
    if (this.#owners.has(symbol)) {
      this.#counters.clashes++;
      return undefined;
    }
    const element: Element = { row: items.add(symbol), own: UNREAD, imaged: false };
    this.#owners.set(symbol, shredded);
    shredded.elements.set(symbol, element);
    items.offer(element.row, true);
    listener.onOffered(element.row);
    return element;
  }

  #tell({ state }: Shredded, element: Element): void {
    const { items, listener } = this.#options;
    const { row, own, imaged } = element;
    // Of a page that isn't LIVE nothing is.
    const told = worse(state, own);
    if (imaged || !items.hasValues(row)) {
      listener.onStatus(row, told);
      return;
    }
    element.imaged = true;
    listener.onImage(row, told);
  }

  #newShredder({ plan, fingerprint }: LoadedVersion, memory?: ShredderMemory): Shredder {
    const { today, utcMs } = this.#options;
    return new Shredder(plan, { today, utcMs, memory, ...(fingerprint === undefined ? {} : { fingerprint }) });
  }

  /** Pages are thousands: a wake-up that is put off is found to have nothing to do, in place of looking at all at each change. */
  #wake(shredded: Shredded, atNs: number): void {
    shredded.wakeAtNs = atNs;
    this.#wakeAtNs = Math.min(this.#wakeAtNs, atNs);
  }
}

/** What an element is called. @param subject the shredder's own name for it */
function symbolOf({ item, name }: Shredded, subject: string): string {
  const own = subject.slice(subject.indexOf('.') + 1);
  return item.replaceAll('{symbol}', own).replaceAll('{page}', name);
}

function fidsOf(plan: Plan): Map<string, Map<string, number>> {
  const dictionary = standardDictionary();
  return new Map(
    plan.tables.map((table) => {
      const fields = new Map<string, number>();
      for (const { name, dictionary: field } of [...table.fields, ...table.statusFields]) {
        if (field !== undefined) fields.set(name, dictionary.fid(field));
      }
      return [table.name, fields];
    }),
  );
}

/** Tells operators of an alert: what puts a page in doubt at once, single elements only who asks for it. */
export function logAlert(logger: Logger, page: string, { kind, about, reasons }: Alert): void {
  const facts = { page, about, reasons: reasons.map(reasonText) };
  if (kind === 'drift' || kind === 'fault') logger.warn(facts, `page: ${kind}`);
  else if (kind === 'returned') logger.info(facts, 'page as it was');
  else logger.debug(facts, `page: ${kind}`);
}
