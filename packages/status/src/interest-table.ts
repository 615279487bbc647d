import { serviceOf } from '@tickerplant/records';
import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';
import type { InterestMessage } from './messages.ts';

const DESCRIPTIONS = {
  wanted: 'Times that a subject began to be wanted.',
  unwanted: 'Times that nobody wanted a subject any more.',
  refused: 'Subjects passed over because there were too many already.',
} as const;

/** What is counted of the interest that a handler hears of. */
export const WANTED_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('handler.wanted', DESCRIPTIONS);

export interface InterestTableOptions {
  /** The handler's services. */
  readonly services: readonly string[];
  /** A subject is wanted that was not before. */
  readonly onWanted: (subject: string) => void;
  /** Nobody has wanted it for some time. */
  readonly onUnwanted: (subject: string) => void;
  readonly counters: Counters<typeof DESCRIPTIONS>;
  /** How long a subject counts as wanted beyond what plants have said. @default 0 */
  readonly lingerNs?: number;
  /** Most subjects. @default 10,000 */
  readonly subjectsMax?: number;
}

const MS = 1_000_000;
/** No word holds for longer, whatever it says. */
const VALID_MS_MAX = 60_000;
const SUBJECTS_MAX = 10_000;
/** Between two looks for what is over. */
const LOOK_NS = 100 * MS;

/**
 * The subjects that are wanted of a handler: what any plant has said of late. A machine. All members of a feed hear the same,
 * so that a standby can have open what the primary has.
 */
export class InterestTable {
  readonly #options: InterestTableOptions;
  readonly #services: ReadonlySet<string>;
  /** Until when each is wanted. */
  readonly #until = new Map<string, number>();
  #lookDueNs = Number.NEGATIVE_INFINITY;

  constructor(options: InterestTableOptions) {
    this.#options = options;
    this.#services = new Set(options.services);
  }

  /** How many subjects are wanted. */
  get size(): number {
    return this.#until.size;
  }

  /** The subjects that are wanted. */
  subjects(): IterableIterator<string> {
    return this.#until.keys();
  }

  has(subject: string): boolean {
    return this.#until.has(subject);
  }

  /** What a plant says on the feed network's status group. */
  heard({ subjects, validMs }: InterestMessage, nowNs: number): void {
    const { lingerNs = 0, subjectsMax = SUBJECTS_MAX, counters, onWanted } = this.#options;
    const untilNs = nowNs + Math.min(validMs, VALID_MS_MAX) * MS + lingerNs;
    for (const subject of subjects) {
      if (!this.#services.has(serviceOf(subject))) continue;
      const before = this.#until.get(subject);
      if (before === undefined && this.#until.size >= subjectsMax) {
        counters.refused++;
        continue;
      }
      this.#until.set(subject, Math.max(before ?? 0, untilNs));
      if (before !== undefined) continue;
      counters.wanted++;
      onWanted(subject);
    }
  }

  /** Lets time pass. */
  tick(nowNs: number): void {
    if (nowNs < this.#lookDueNs) return;
    this.#lookDueNs = nowNs + LOOK_NS;
    for (const [subject, untilNs] of this.#until) {
      if (untilNs > nowNs) continue;
      this.#until.delete(subject);
      this.#options.counters.unwanted++;
      this.#options.onUnwanted(subject);
    }
  }
}
