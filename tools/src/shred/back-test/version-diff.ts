import type { Printed } from '@tickerplant/shredder';
import type { TestedPage } from './back-test.ts';
import { type Element, samePrinted } from './element.ts';

/** A time in which two versions made differently of an element. */
export interface DifferingTime {
  readonly page: string;
  readonly subject: string;
  readonly what: 'only-first' | 'only-second' | 'quality' | 'field';
  /** Of `field`. */
  readonly field?: string;
  readonly fromNs: number;
  /** Until then; the captures' end where it never ceased. */
  toNs: number;
  /** Whether it went on to the end. */
  isOpen: boolean;
  /** What each had in the beginning; undefined: nothing. */
  readonly first: Printed | undefined;
  readonly second: Printed | undefined;
  /** How often either changed meanwhile, and they differed still. */
  changes: number;
}

type Difference = Pick<DifferingTime, 'what' | 'field' | 'first' | 'second'>;

interface Open {
  readonly time: DifferingTime;
  now: Difference;
}

/** Bound on times that are listed. */
const TIMES_MAX = 100_000;

/** Compares the elements that two versions make of pages in the course of time. */
export class VersionDiff {
  /** As many as are kept, in the order in which they began. */
  readonly times: DifferingTime[] = [];
  /** All that there were, and how long they were. */
  count = 0;
  totalNs = 0;
  /** Elements, by page and subject, that ever differed. */
  readonly differing: Set<string> = new Set();
  readonly #elements = new Map<string, [first: Element | undefined, second: Element | undefined]>();
  /** By page and element, then by what differs. */
  readonly #open = new Map<string, Map<string, Open>>();
  /** Elements of which something has changed in the present moment. */
  readonly #touched = new Set<string>();

  /** How many elements there were. */
  get elements(): number {
    return this.#elements.size;
  }

  /** @param version 0 or 1 */
  element({ subject: page }: TestedPage, version: number, element: Element): void {
    const key = `${page}\n${element.subject}`;
    const pair = this.#elements.get(key) ?? [undefined, undefined];
    pair[version === 0 ? 0 : 1] = element;
    this.#elements.set(key, pair);
    this.#touched.add(key);
  }

  /** Both versions have had their say of this moment. */
  moment(atNs: number): void {
    for (const key of this.#touched) this.#compare(key, atNs);
    this.#touched.clear();
  }

  /** The captures are over. @param endOf when a page was last known of */
  end(endOf: (page: string) => number): void {
    for (const open of this.#open.values()) {
      for (const { time } of open.values()) {
        time.isOpen = true;
        this.#close(time, endOf(time.page));
      }
    }
    this.#open.clear();
    this.times.sort((a, b) => a.fromNs - b.fromNs);
  }

  #compare(key: string, atNs: number): void {
    const [first, second] = this.#elements.get(key)!;
    const [page, subject] = key.split('\n') as [string, string];
    const open = this.#open.get(key) ?? new Map<string, Open>();
    const present = differencesOf(first, second);
    for (const [what, { time }] of open) {
      if (present.has(what)) continue;
      open.delete(what);
      this.#close(time, atNs);
    }
    for (const [what, difference] of present) {
      const known = open.get(what);
      if (known === undefined) {
        const time = { page, subject, ...difference, fromNs: atNs, toNs: atNs, isOpen: false, changes: 0 };
        open.set(what, { time, now: difference });
      } else if (!samePrinted(known.now.first, difference.first) || !samePrinted(known.now.second, difference.second)) {
        known.now = difference;
        known.time.changes++;
      }
    }
    if (open.size === 0) this.#open.delete(key);
    else this.#open.set(key, open);
  }

  #close(time: DifferingTime, atNs: number): void {
    time.toNs = atNs;
    // Both changed in one moment, one after the other.
    if (time.toNs === time.fromNs && !time.isOpen) return;
    this.count++;
    this.totalNs += time.toNs - time.fromNs;
    this.differing.add(`${time.page}\n${time.subject}`);
    if (this.times.length < TIMES_MAX) this.times.push(time);
  }
}

/** What two versions make differently of an element at a moment. */
function differencesOf(first: Element | undefined, second: Element | undefined): Map<string, Difference> {
  const differences = new Map<string, Difference>();
  if (first === undefined || second === undefined) {
    const one = (first ?? second)!;
    // Nothing is known: no version is to blame.
    if (one.quality === 'UNKNOWN') return differences;
    const what = first === undefined ? 'only-second' : 'only-first';
    return differences.set(what, { what, first: first && qualityOf(first), second: second && qualityOf(second) });
  }
  if (first.quality !== second.quality) {
    return differences.set('quality', { what: 'quality', first: qualityOf(first), second: qualityOf(second) });
  }
  for (const field of new Set([...Object.keys(first.fields), ...Object.keys(second.fields)])) {
    const [a, b] = [first.fields[field], second.fields[field]];
    if (!samePrinted(a, b)) differences.set(`field ${field}`, { what: 'field', field, first: a, second: b });
  }
  return differences;
}

function qualityOf({ quality, reason }: Element): string {
  return reason === '' ? quality : `${quality} ${reason}`;
}
