import type { CellRuns } from '@tickerplant/pages';
import type { Alert, Plan, Reason } from '@tickerplant/shredder';
import type { CaptureGap, HistoryChannel, HistoryPage, PageHistoryListener } from '../history/page-history.ts';
import type { Element } from './element.ts';
import { PageElements } from './page-elements.ts';

/** A page that shredders are tested on. One that goes and comes again, in another session, is the same. */
export interface TestedPage {
  readonly subject: string;
  /** What each version makes of it. */
  readonly versions: readonly PageElements[];
  /** Up to this time all is known that became of it. */
  readonly provenNs: number;
}

/** Told what comes of a test. Of one page in the order of time. */
export interface BackTestListener {
  /** The page is one that is told of, from here on. Its elements follow. */
  onPage(page: TestedPage, atNs: number): void;
  /** The page is an image of what its service has, or isn't known. */
  onKnown(page: TestedPage, isKnown: boolean, atNs: number): void;
  onUpdate(page: TestedPage, atNs: number): void;
  /** @param version which of them, from 0 @param changed names of fields */
  onElement(page: TestedPage, version: number, element: Element, changed: readonly string[], atNs: number): void;
  onHeld(page: TestedPage, version: number, subject: string, reasons: readonly Reason[], atNs: number): void;
  onAlert(page: TestedPage, version: number, alert: Alert, atNs: number): void;
  /** All has been told that this moment brings to the page. */
  onMoment(page: TestedPage, atNs: number): void;
  onGap(gap: CaptureGap, atNs: number): void;
}

export interface BackTestOptions {
  /** One, or several to be compared. */
  readonly plans: readonly Plan[];
  /** UTC in milliseconds since 1970 at 0 ns. */
  readonly utcMs: number;
  /** Business date, days since 1970. @default that of the page's session */
  readonly today?: number;
  /** Subjects of pages, which must have a plan's size. @default those of its size, from when they first matched */
  readonly pages?: readonly string[];
}

class PageUnderTest implements TestedPage {
  readonly subject: string;
  readonly versions: PageElements[];
  current: HistoryPage | undefined;
  isTold = false;
  isKnown = false;
  goneNs = 0;

  constructor(subject: string, versions: (page: PageUnderTest) => PageElements[]) {
    this.subject = subject;
    this.versions = versions(this);
  }

  get provenNs(): number {
    return this.current?.channel.provenNs ?? this.goneNs;
  }

  get wakeAtNs(): number {
    return this.versions.reduce((least, { wakeAtNs }) => Math.min(least, wakeAtNs), Number.POSITIVE_INFINITY);
  }
}

/** The pages of one channel that are tested, and when the first of them has something to do. */
interface ChannelPages {
  readonly pages: Set<PageUnderTest>;
  wakeAtNs: number;
}

/**
 * Runs versions of a shredder over pages as they were, as a handler runs it: change by change, with its wake-ups between them. A
 * machine: listens to a `PageHistory`.
 */
export class BackTest implements PageHistoryListener {
  readonly #options: BackTestOptions;
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #listener: BackTestListener;
  readonly #pages = new Map<string, PageUnderTest>();
  readonly #channels = new Map<HistoryChannel, ChannelPages>();
  /** All pages that there were with an image, by subject: `25x80`. */
  readonly #seen = new Map<string, string>();

  constructor(options: BackTestOptions, listener: BackTestListener) {
    this.#options = options;
    this.#wanted = options.pages === undefined ? undefined : new Set(options.pages);
    this.#listener = listener;
  }

  /** Pages that were told of. */
  get tested(): readonly TestedPage[] {
    return [...this.#pages.values()].filter(({ isTold }) => isTold);
  }

  /** Pages in the captures that weren't told of, with their sizes: `SCREEN.FXSP0001`, `25x80`. */
  get passedOver(): readonly (readonly [subject: string, size: string])[] {
    return [...this.#seen].filter(([subject]) => this.#pages.get(subject)?.isTold !== true);
  }

  onTime(channel: HistoryChannel, untilNs: number): void {
    const pages = this.#channels.get(channel);
    if (pages === undefined || untilNs < pages.wakeAtNs) return;
    pages.wakeAtNs = Number.POSITIVE_INFINITY;
    for (const page of pages.pages) {
      this.#advance(page, untilNs);
      pages.wakeAtNs = Math.min(pages.wakeAtNs, page.wakeAtNs);
    }
  }

  onChanged(history: HistoryPage, changes: CellRuns, atNs: number): void {
    const { rows, columns } = history.page!;
    this.#seen.set(history.subject, `${rows}x${columns}`);
    const page = this.#pages.get(history.subject) ?? this.#newPage(history.subject, rows, columns, atNs);
    if (page === undefined) return;
    if (page.current !== history) this.#enter(page, history);
    const isImage = !page.isKnown;
    page.isKnown = true;
    if (page.isTold && isImage) this.#listener.onKnown(page, true, atNs);
    for (const version of page.versions) version.changed(history, changes, atNs);
    this.#ran(page, atNs);
    if (page.isTold) this.#listener.onUpdate(page, atNs);
    const pages = this.#channels.get(history.channel)!;
    pages.wakeAtNs = Math.min(pages.wakeAtNs, page.wakeAtNs);
  }

  onJudged(history: HistoryPage, atNs: number): void {
    const page = this.#pageOf(history);
    if (page?.isKnown !== true) return;
    for (const version of page.versions) version.judged(history.state, atNs);
    this.#ran(page, atNs);
  }

  onUnknown(history: HistoryPage, why: string, atNs: number): void {
    const page = this.#pageOf(history);
    if (page !== undefined) this.#lose(page, why, atNs);
  }

  onGone(history: HistoryPage, atNs: number): void {
    const page = this.#pageOf(history);
    if (page === undefined) return;
    this.#lose(page, 'the page is gone', atNs);
    this.#channels.get(history.channel)?.pages.delete(page);
    page.current = undefined;
    page.goneNs = atNs;
  }

  onGap(gap: CaptureGap, atNs: number): void {
    this.#listener.onGap(gap, atNs);
  }

  #pageOf(history: HistoryPage): PageUnderTest | undefined {
    const page = this.#pages.get(history.subject);
    return page?.current === history ? page : undefined;
  }

  /** A page that is to be tested; undefined: it isn't. */
  #newPage(subject: string, rows: number, columns: number, atNs: number): PageUnderTest | undefined {
    const { plans } = this.#options;
    const isWanted = this.#wanted?.has(subject);
    const fits = plans.some((plan) => plan.rows === rows && plan.columns === columns);
    if (isWanted === false || !fits) return undefined;
    const page = new PageUnderTest(subject, (self) => plans.map((plan, index) => this.#elementsOf(self, plan, index)));
    this.#pages.set(subject, page);
    if (isWanted === true) {
      page.isTold = true;
      this.#listener.onPage(page, atNs);
    }
    return page;
  }

  #elementsOf(page: PageUnderTest, plan: Plan, index: number): PageElements {
    const { utcMs, today } = this.#options;
    const listener = this.#listener;
    return new PageElements(plan, ({ channel }) => ({ utcMs, today: today ?? channel.day }), {
      onElement: (element, changed, atNs) => {
        if (page.isTold) listener.onElement(page, index, element, changed, atNs);
      },
      onHeld: (subject, reasons, atNs) => {
        if (page.isTold) listener.onHeld(page, index, subject, reasons, atNs);
      },
      onAlert: (alert, atNs) => {
        if (page.isTold) listener.onAlert(page, index, alert, atNs);
      },
    });
  }

  #enter(page: PageUnderTest, history: HistoryPage): void {
    if (page.current !== undefined) this.#channels.get(page.current.channel)?.pages.delete(page);
    page.current = history;
    const pages = this.#channels.get(history.channel) ?? { pages: new Set(), wakeAtNs: Number.POSITIVE_INFINITY };
    pages.pages.add(page);
    this.#channels.set(history.channel, pages);
  }

  #lose(page: PageUnderTest, why: string, atNs: number): void {
    if (!page.isKnown) return;
    page.isKnown = false;
    for (const version of page.versions) version.lost(why, atNs);
    if (!page.isTold) return;
    this.#listener.onKnown(page, false, atNs);
    this.#listener.onMoment(page, atNs);
  }

  /** Does what was due until then, in its order. */
  #advance(page: PageUnderTest, untilNs: number): void {
    for (let due = page.wakeAtNs; due <= untilNs; due = page.wakeAtNs) {
      for (const version of page.versions) version.wake(page.current!, due);
      this.#ran(page, due);
    }
  }

  /** Versions have run: the page may turn out to be one that they read. */
  #ran(page: PageUnderTest, atNs: number): void {
    const listener = this.#listener;
    if (!page.isTold && page.versions.some(({ hasMatched }) => hasMatched)) {
      page.isTold = true;
      listener.onPage(page, atNs);
      listener.onKnown(page, true, atNs);
      page.versions.forEach((version, index) => {
        for (const element of version.elements())
          listener.onElement(page, index, element, Object.keys(element.fields), atNs);
      });
    }
    if (page.isTold) listener.onMoment(page, atNs);
  }
}
