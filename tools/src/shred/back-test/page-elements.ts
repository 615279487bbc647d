import type { CellRuns } from '@tickerplant/pages';
import { LIVE, type QualityState, qualityName } from '@tickerplant/records';
import {
  type Alert,
  type CellChange,
  type Effects,
  type Plan,
  type Printed,
  type Reason,
  reasonText,
  Shredder,
  type ShredderOptions,
} from '@tickerplant/shredder';
import type { HistoryPage } from '../history/page-history.ts';
import { type Element, type ElementQuality, samePrinted } from './element.ts';

/** Told of what one version of a shredder makes of a page. */
export interface ElementListener {
  /** @param changed names of fields that are others than before, or gone; of one that has become LIVE all */
  onElement(element: Element, changed: readonly string[], atNs: number): void;
  onAlert(alert: Alert, atNs: number): void;
  /** An item is held back by the shredder, for another reason than before. */
  onHeld(subject: string, reasons: readonly Reason[], atNs: number): void;
}

/**
 * How soon a wake-up that did nothing is tried again: a row may be due and have to wait for another one. Handlers look every few
 * milliseconds.
 */
const AGAIN_NS = 5_000_000;

/** What is remembered of an element. */
interface Remembered {
  readonly table: string;
  readonly fields: Map<string, Printed>;
  /** What the shredder thinks of it; undefined: it has not said yet. */
  isGood: boolean | undefined;
  reason: string;
  /** As it was told last. */
  told: Element | undefined;
}

/** The elements that one version of a shredder makes of one page in the course of time, as a handler publishes them. */
export class PageElements {
  readonly plan: Plan;
  /** When `wake` has something to do; infinite: nothing. */
  wakeAtNs: number = Number.POSITIVE_INFINITY;
  /** Whether the page was ever what the shredder expects. */
  hasMatched = false;
  readonly #optionsOf: (page: HistoryPage) => ShredderOptions;
  readonly #listener: ElementListener;
  /** Of the page as it has been known since; undefined while it isn't. */
  #shredder: Shredder | undefined;
  readonly #elements = new Map<string, Remembered>();
  /** Why nothing is known of the page; undefined: it is known. */
  #unknown: string | undefined = undefined;
  #state: QualityState = LIVE;
  readonly #changes: CellChange[] = [];

  /** @param optionsOf asked whenever the page is there for the first time, or again */
  constructor(plan: Plan, optionsOf: (page: HistoryPage) => ShredderOptions, listener: ElementListener) {
    this.plan = plan;
    this.#optionsOf = optionsOf;
    this.#listener = listener;
  }

  /** All elements, as they were told last. */
  *elements(): Generator<Element> {
    for (const { told } of this.#elements.values()) if (told !== undefined) yield told;
  }

  changed(page: HistoryPage, changes: CellRuns, nowNs: number): void {
    this.#unknown = undefined;
    this.#state = page.state;
    // A version for pages of another size doesn't read this one; a page that takes another size while it is read is a fault.
    const { rows, columns } = page.page!;
    if (this.#shredder === undefined && (rows !== this.plan.rows || columns !== this.plan.columns)) return;
    this.#shredder ??= new Shredder(this.plan, this.#optionsOf(page));
    this.#changes.length = 0;
    for (let run = 0; run < changes.count; run++) {
      this.#changes.push([changes.row(run), changes.first(run), changes.end(run)]);
    }
    this.#run(page, this.#changes, nowNs);
  }

  /** Does what is due. @param nowNs `wakeAtNs`, or later. */
  wake(page: HistoryPage, nowNs: number): void {
    if (nowNs < this.wakeAtNs) return;
    this.#run(page, [], nowNs);
    this.wakeAtNs = Math.max(this.wakeAtNs, nowNs + AGAIN_NS);
  }

  judged(state: QualityState, nowNs: number): void {
    this.#state = state;
    this.#tellAll(nowNs);
  }

  /** Nothing is known of the page from here on. What is read of it next is read as of a page that is there for the first time. */
  lost(why: string, nowNs: number): void {
    this.#unknown = why;
    this.wakeAtNs = Number.POSITIVE_INFINITY;
    this.#shredder = undefined;
    this.#tellAll(nowNs);
    for (const element of this.#elements.values()) {
      element.isGood = undefined;
      element.fields.clear();
    }
  }

  #run({ page }: HistoryPage, changes: readonly CellChange[], nowNs: number): void {
    const shredder = this.#shredder;
    if (page === undefined || shredder === undefined) return;
    this.#apply(shredder.run(page, changes, nowNs), nowNs);
    const { match } = shredder;
    if (match === 'match' || match === 'soft-drift') this.hasMatched = true;
  }

  #apply({ records, states, alerts, wakeAtNs }: Effects, nowNs: number): void {
    this.wakeAtNs = wakeAtNs ?? Number.POSITIVE_INFINITY;
    const touched = new Map<string, string[]>();
    const touch = (subject: string): string[] => {
      const names = touched.get(subject) ?? [];
      touched.set(subject, names);
      return names;
    };
    for (const { subject, table, fields, removed } of records) {
      const element = this.#remembered(subject, table);
      const names = touch(subject);
      for (const [name, { text }] of fields) {
        element.fields.set(name, text);
        names.push(name);
      }
      for (const name of removed) {
        element.fields.delete(name);
        names.push(name);
      }
    }
    for (const { subject, quality, reasons } of states) {
      const element = this.#remembered(subject, '');
      touch(subject);
      element.isGood = quality === 'LIVE';
      element.reason = reasons.map(reasonText).join('; ');
      if (quality !== 'LIVE') this.#listener.onHeld(subject, reasons, nowNs);
    }
    for (const alert of alerts) this.#listener.onAlert(alert, nowNs);
    for (const [subject, names] of touched) this.#tell(subject, this.#elements.get(subject)!, names, nowNs);
  }

  #remembered(subject: string, table: string): Remembered {
    let element = this.#elements.get(subject);
    if (element === undefined) {
      element = {
        table: table === '' ? this.#tableOf(subject) : table,
        fields: new Map(),
        isGood: undefined,
        reason: '',
        told: undefined,
      };
      this.#elements.set(subject, element);
    }
    return element;
  }

  /** Of an item without values. */
  #tableOf(subject: string): string {
    for (const item of this.#shredder?.items() ?? []) if (item.subject === subject) return item.table;
    return '';
  }

  #tellAll(nowNs: number): void {
    for (const [subject, element] of this.#elements) this.#tell(subject, element, [], nowNs);
  }

  #tell(subject: string, element: Remembered, names: readonly string[], nowNs: number): void {
    const { table, told } = element;
    const [quality, reason] = this.#qualityOf(element);
    const fields = quality === 'LIVE' ? Object.fromEntries(element.fields) : {};
    const isSame = told !== undefined && told.quality === quality && told.reason === reason;
    let changed: readonly string[] = [];
    if (quality === 'LIVE') {
      changed =
        told?.quality === 'LIVE'
          ? names.filter((name) => !samePrinted(told.fields[name], fields[name]))
          : Object.keys(fields);
    }
    if (isSame && changed.length === 0) return;
    element.told = { subject, table, quality, reason, fields };
    this.#listener.onElement(element.told, changed, nowNs);
  }

  /** The worse of what is thought of the page and of the element. */
  #qualityOf({ isGood, reason }: Remembered): readonly [quality: ElementQuality, reason: string] {
    if (this.#unknown !== undefined) return ['UNKNOWN', this.#unknown];
    if (isGood === undefined) return ['UNKNOWN', 'not read again yet'];
    const quality = qualityName(this.#state.quality);
    if (!isGood && quality !== 'SUSPECT') return ['SUSPECT', reason];
    if (quality === 'LIVE') return ['LIVE', reason];
    return [quality, [this.#state.reason, this.#state.detail].filter((text) => text !== '').join(': ')];
  }
}
