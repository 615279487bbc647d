import { CellRuns, type Page, PageEncoder, type PageStep, PageValue } from '@tickerplant/pages';
import { LIVE, PageMessage, type QualityState } from '@tickerplant/records';
import type { HistoryPage, PageHistoryListener } from './page-history.ts';

/** Something that happened to a page. */
interface Moment {
  readonly atNs: number;
  /** What changed, as messages of the page; none: only what is known of it. */
  readonly messages: readonly Uint8Array[];
  /** The page is there for the first time, or again: how old its cells are nobody knows. */
  readonly isFresh: boolean;
  /** What its service said of it. */
  readonly state: QualityState;
  /** Why it isn't known what it shows; undefined: it is. */
  readonly unknown: string | undefined;
  /** Trading day of its session, days since 1970. */
  readonly day: number;
}

/** A page as it was after a moment. */
export interface RecordedPage {
  /** Of a page that isn't known any more: as it was known last. */
  readonly page: Page;
  /** By cell: when it last changed; NaN: not since it has been known. */
  readonly changedNs: Float64Array;
  readonly atNs: number;
  readonly state: QualityState;
  readonly unknown: string | undefined;
  readonly day: number;
}

/** So many moments lie between two of which the whole page is kept. */
const KEPT_EVERY = 256;

const message = new PageMessage();
const changes = new CellRuns();

/** The page while its moments are gone through. */
interface Walk {
  readonly value: PageValue;
  changedNs: Float64Array;
}

/** Keeps all that happened to one page, so that it can be looked at as it was at any moment. */
export class PageRecording implements PageHistoryListener {
  readonly subject: string;
  readonly #moments: Moment[] = [];
  readonly #kept: { readonly image: readonly Uint8Array[]; readonly changedNs: Float64Array }[] = [];
  readonly #encoder = new PageEncoder();
  readonly #walk: Walk = { value: new PageValue(), changedNs: new Float64Array(0) };
  #isKnown = false;
  #state: QualityState = LIVE;

  constructor(subject: string) {
    this.subject = subject;
  }

  /** How many moments there are. */
  get count(): number {
    return this.#moments.length;
  }

  /** The last moment at or before a time; the first one where none is. */
  momentAt(atNs: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#moments[middle]!.atNs <= atNs) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** The page after a moment, which is 0 to `count` - 1. */
  at(moment: number): RecordedPage {
    const keptAt = Math.floor(moment / KEPT_EVERY);
    const { image, changedNs } = this.#kept[keptAt]!;
    const walk: Walk = { value: new PageValue(), changedNs: changedNs.slice() };
    for (const bytes of image) take(walk.value, bytes);
    for (let at = keptAt * KEPT_EVERY + 1; at <= moment; at++) step(walk, this.#moments[at]!);
    const { atNs, state, unknown, day } = this.#moments[moment]!;
    return { page: walk.value.page!, changedNs: walk.changedNs, atNs, state, unknown, day };
  }

  onTime(): void {}

  onGap(): void {}

  onChanged(page: HistoryPage, cells: CellRuns, atNs: number): void {
    if (page.subject !== this.subject) return;
    const isFresh = !this.#isKnown;
    this.#isKnown = true;
    this.#state = page.state;
    const messages: Uint8Array[] = [];
    const keep = (bytes: Uint8Array, length: number): void =>
      void messages.push(Uint8Array.from(bytes.subarray(0, length)));
    const shown = page.page!;
    if (isFresh || !isInOrder(cells) || !this.#encoder.update(0, shown, cells, keep)) {
      this.#encoder.image(0, shown, 0, keep);
    }
    this.#add(page, { atNs, messages, isFresh, unknown: undefined });
  }

  onJudged(page: HistoryPage, atNs: number): void {
    if (page.subject !== this.subject || !this.#isKnown) return;
    this.#state = page.state;
    this.#add(page, { atNs, messages: [], isFresh: false, unknown: undefined });
  }

  onUnknown(page: HistoryPage, why: string, atNs: number): void {
    if (page.subject !== this.subject || !this.#isKnown) return;
    this.#isKnown = false;
    this.#add(page, { atNs, messages: [], isFresh: false, unknown: why });
  }

  onGone(page: HistoryPage, atNs: number): void {
    this.onUnknown(page, 'the page is gone', atNs);
  }

  #add({ channel }: HistoryPage, moment: Omit<Moment, 'state' | 'day'>): void {
    const all = { ...moment, state: this.#state, day: channel.day };
    this.#moments.push(all);
    step(this.#walk, all);
    if ((this.count - 1) % KEPT_EVERY !== 0) return;
    const image: Uint8Array[] = [];
    this.#encoder.image(0, this.#walk.value.page!, 0, (bytes, length) =>
      image.push(Uint8Array.from(bytes.subarray(0, length))),
    );
    this.#kept.push({ image, changedNs: this.#walk.changedNs.slice() });
  }
}

function take(value: PageValue, bytes: Uint8Array): PageStep {
  message.read(bytes, 0, bytes.length);
  return value.take(message, changes);
}

/** Goes on by one moment. */
function step(walk: Walk, { atNs, messages, isFresh }: Moment): void {
  changes.clear();
  for (const bytes of messages) take(walk.value, bytes);
  const { page } = walk.value;
  if (page === undefined || messages.length === 0) return;
  const cells = page.rows * page.columns;
  if (isFresh || walk.changedNs.length !== cells) {
    walk.changedNs = new Float64Array(cells).fill(Number.NaN);
    return;
  }
  for (let run = 0; run < changes.count; run++) {
    const row = changes.row(run) * page.columns;
    walk.changedNs.fill(atNs, row + changes.first(run), row + changes.end(run));
  }
}

/** Whether runs come from the top left, as the encoder wants them: those of several changes at once may not. */
function isInOrder(cells: CellRuns): boolean {
  for (let run = 1; run < cells.count; run++) {
    const isBelow = cells.row(run) > cells.row(run - 1);
    if (!isBelow && (cells.row(run) < cells.row(run - 1) || cells.first(run) < cells.end(run - 1))) return false;
  }
  return true;
}
