import { type Alert, type Reason, type ReasonCode, reasonText } from '@tickerplant/shredder';
import type { BackTest, TestedPage } from './back-test.ts';
import type { Element, ElementQuality } from './element.ts';

/** A drift of a page, as it was told. */
interface Drift {
  readonly atNs: number;
  readonly page: string;
  readonly about: string;
  readonly kind: Alert['kind'];
  /** As it began. */
  readonly reason: string;
  /** How often the reasons were others meanwhile. */
  otherReasons: number;
  /** When the page was again what it had been; undefined: it wasn't. */
  endNs: number | undefined;
  /** Nobody says when it is over. */
  readonly isEndless: boolean;
}

/** What was held back for one reason. */
interface Held {
  readonly code: ReasonCode;
  count: number;
  /** The first time. */
  readonly atNs: number;
  readonly page: string;
  readonly subject: string;
  readonly reason: string;
}

interface ElementTimes {
  readonly page: string;
  readonly subject: string;
  readonly table: string;
  changes: number;
  liveNs: number;
  /** While its page was known. */
  knownNs: number;
  quality: ElementQuality;
  sinceNs: number;
}

interface PageTimes {
  readonly page: TestedPage;
  readonly fromNs: number;
  updates: number;
  knownNs: number;
  /** Infinite while it isn't known. */
  knownSinceNs: number;
  notices: number;
}

/** The elements of a table, taken together. */
export interface TableTimes {
  readonly page: string;
  readonly table: string;
  readonly elements: number;
  readonly changes: number;
  /** Sums over the elements: so long each was LIVE, and its page known. */
  readonly liveNs: number;
  readonly knownNs: number;
}

/** Bound on drifts that are listed. */
const DRIFTS_MAX = 1_000;

/** What is to be said of a back-test in the end. */
export class BackTestSummary {
  readonly #pages = new Map<string, PageTimes>();
  readonly #elements = new Map<string, ElementTimes>();
  readonly #drifts: Drift[] = [];
  #driftCount = 0;
  readonly #held = new Map<ReasonCode, Held>();

  page(page: TestedPage, atNs: number): void {
    const times = { page, fromNs: atNs, updates: 0, knownNs: 0, knownSinceNs: Number.POSITIVE_INFINITY, notices: 0 };
    this.#pages.set(page.subject, times);
  }

  known({ subject }: TestedPage, isKnown: boolean, atNs: number): void {
    const times = this.#pages.get(subject)!;
    times.knownNs += Math.max(0, atNs - times.knownSinceNs);
    times.knownSinceNs = isKnown ? atNs : Number.POSITIVE_INFINITY;
    if (isKnown) return;
    // What comes again is read as a page that is there for the first time.
    for (const drift of this.#drifts) if (!drift.isEndless && drift.page === subject) drift.endNs ??= atNs;
  }

  update({ subject }: TestedPage): void {
    this.#pages.get(subject)!.updates++;
  }

  element({ subject: page }: TestedPage, { subject, table, quality }: Element, atNs: number): void {
    const key = `${page}\n${subject}`;
    let times = this.#elements.get(key);
    if (times === undefined) {
      times = { page, subject, table, changes: 0, liveNs: 0, knownNs: 0, quality, sinceNs: atNs };
      this.#elements.set(key, times);
    }
    count(times, atNs);
    times.changes++;
    times.quality = quality;
  }

  held({ subject: page }: TestedPage, subject: string, reasons: readonly Reason[], atNs: number): void {
    for (const code of new Set(reasons.map((one) => one.code))) {
      const known = this.#held.get(code);
      if (known !== undefined) known.count++;
      else {
        const reason = reasonText(reasons.find((one) => one.code === code)!);
        this.#held.set(code, { code, count: 1, atNs, page, subject, reason });
      }
    }
  }

  alert({ subject: page }: TestedPage, { kind, about, reasons }: Alert, atNs: number): void {
    if (kind === 'notice') this.#pages.get(page)!.notices++;
    if (kind === 'returned') {
      for (const drift of this.#drifts) {
        if (!drift.isEndless && drift.page === page && drift.about === about) drift.endNs ??= atNs;
      }
    }
    if (kind !== 'drift' && kind !== 'fault') return;
    // Values that jump together put nothing into quarantine from which it could return.
    const isEndless = kind === 'fault' || reasons[0]?.code === 'MOVED_TOGETHER';
    const open = this.#drifts.findLast((one) => one.page === page && one.about === about && !one.isEndless);
    if (!isEndless && open !== undefined && open.endNs === undefined) {
      open.otherReasons++;
      return;
    }
    this.#driftCount++;
    if (this.#drifts.length >= DRIFTS_MAX) return;
    const reason = reasons.map(reasonText).join('; ');
    this.#drifts.push({ atNs, page, about, kind, reason, otherReasons: 0, endNs: undefined, isEndless });
  }

  /** The captures have come to their end. */
  end(test: BackTest): void {
    for (const page of test.tested) {
      const times = this.#pages.get(page.subject)!;
      times.knownNs += Math.max(0, page.provenNs - times.knownSinceNs);
      times.knownSinceNs = page.provenNs;
      for (const element of this.#elements.values()) if (element.page === page.subject) count(element, page.provenNs);
    }
  }

  /** As plain values. @param timeOf how to print a time */
  json(timeOf: (atNs: number) => string): Record<string, unknown> {
    const seconds = (ns: number): number => Math.round(ns / 1e6) / 1e3;
    const pages = [...this.#pages.values()].map(({ page, updates, knownNs, fromNs, notices }) => ({
      page: page.subject,
      from: timeOf(fromNs),
      to: timeOf(page.provenNs),
      knownSeconds: seconds(knownNs),
      updates,
      notices,
    }));
    const elements = [...this.#elements.values()].map(({ page, subject, table, changes, liveNs, knownNs }) => ({
      page,
      subject,
      table,
      changes,
      live: shareOf(liveNs, knownNs),
      knownSeconds: seconds(knownNs),
    }));
    const tables = this.tables().map(({ page, table, elements: count, changes, liveNs, knownNs }) => ({
      page,
      table,
      elements: count,
      changes,
      live: shareOf(liveNs, knownNs),
    }));
    const drifts = this.#drifts.map(({ atNs, endNs, isEndless: _, ...facts }) => ({
      at: timeOf(atNs),
      until: endNs === undefined ? null : timeOf(endNs),
      ...facts,
    }));
    const held = [...this.#held.values()].map(({ atNs, ...facts }) => ({ ...facts, at: timeOf(atNs) }));
    return { pages, tables, elements, drifts, driftCount: this.#driftCount, held };
  }

  /** For people. */
  lines(timeOf: (atNs: number) => string): string[] {
    const lines: string[] = [];
    for (const { page, updates, knownNs, fromNs, notices } of this.#pages.values()) {
      const span = page.provenNs - fromNs;
      const known = `known for ${duration(knownNs)} of ${duration(span)}`;
      const notice = notices === 0 ? '' : `, ${notices} notices of text that nothing reads`;
      lines.push(`page      ${page.subject}  from ${timeOf(fromNs)}, ${known}, ${updates} updates${notice}`);
    }
    for (const { page, table, elements, changes, liveNs, knownNs } of this.tables()) {
      const what = `${elements} elements, ${changes} changes`;
      lines.push(`table     LIVE ${percent(liveNs, knownNs)}  ${page}  ${table}  ${what}`);
    }
    for (const { page, subject, changes, liveNs, knownNs } of this.#elements.values()) {
      lines.push(`element   LIVE ${percent(liveNs, knownNs)}  ${page}  ${subject}  ${changes} changes`);
    }
    for (const { atNs, endNs, page, about, kind, reason, otherReasons, isEndless } of this.#drifts) {
      const until = isEndless ? '' : endNs === undefined ? '  to the end' : `  until ${timeOf(endNs)}`;
      const others = otherReasons === 0 ? '' : `  (other reasons ${otherReasons} times meanwhile)`;
      lines.push(`${kind.padEnd(8)}  ${timeOf(atNs)}${until}  ${page}  ${about}  ${reason}${others}`);
    }
    if (this.#driftCount > this.#drifts.length) lines.push(`drifts    ${this.#driftCount} in all`);
    for (const { code, count, atNs, page, subject, reason } of [...this.#held.values()].sort(
      (a, b) => b.count - a.count,
    )) {
      lines.push(`held      ${count} times ${code}  first ${timeOf(atNs)}  ${page}  ${subject}  ${reason}`);
    }
    return lines;
  }

  /** By table of a page: the sums of its elements. */
  tables(): TableTimes[] {
    const tables = new Map<string, { -readonly [Key in keyof TableTimes]: TableTimes[Key] }>();
    for (const { page, table, changes, liveNs, knownNs } of this.#elements.values()) {
      const key = `${page}\n${table}`;
      const sum = tables.get(key) ?? { page, table, elements: 0, changes: 0, liveNs: 0, knownNs: 0 };
      sum.elements++;
      sum.changes += changes;
      sum.liveNs += liveNs;
      sum.knownNs += knownNs;
      tables.set(key, sum);
    }
    return [...tables.values()];
  }
}

function count(times: ElementTimes, atNs: number): void {
  const passed = Math.max(0, atNs - times.sinceNs);
  if (times.quality !== 'UNKNOWN') times.knownNs += passed;
  if (times.quality === 'LIVE') times.liveNs += passed;
  times.sinceNs = atNs;
}

/** Null where nothing was known. */
function shareOf(liveNs: number, knownNs: number): number | null {
  return knownNs === 0 ? null : liveNs / knownNs;
}

export function percent(liveNs: number, knownNs: number): string {
  const share = shareOf(liveNs, knownNs);
  return share === null ? '    -  ' : `${(Math.floor(share * 10_000) / 100).toFixed(2).padStart(6)} %`;
}

/** `6:30:00` */
export function duration(ns: number): string {
  const seconds = Math.round(ns / 1e9);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (ns < 10e9) return `${(ns / 1e9).toFixed(3)} s`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
