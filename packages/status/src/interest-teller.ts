import { serviceOf } from '@tickerplant/records';
import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';
import type { InterestMessage } from './messages.ts';

const DESCRIPTIONS = {
  told: 'Subjects told of, repetitions included.',
  refused: 'Subjects that were not told of because there were too many already.',
} as const;

/** What is counted of the interest that a plant tells handlers of. */
export const INTEREST_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('plant.interest', DESCRIPTIONS);

export interface InterestTellerOptions {
  /** Services whose handlers fetch items when they are wanted. */
  readonly services: readonly string[];
  readonly say: (message: InterestMessage) => void;
  readonly counters: Counters<typeof DESCRIPTIONS>;
  /** How often each subject is told again. @default 2 s */
  readonly repeatNs?: number;
  /** How long a word holds. @default 10 s: four in a row may be lost */
  readonly validMs?: number;
  /** Most subjects. @default 10,000 */
  readonly subjectsMax?: number;
}

const MS = 1_000_000;
const REPEAT_NS = 2_000 * MS;
const VALID_MS = 10_000;
const SUBJECTS_MAX = 10_000;
/** Subjects in one step: so many of 30 characters fill some ten packets. */
const PER_STEP = 400;

/**
 * Tells the handlers of a floor which subjects this plant's subscribers want, so that they fetch them. A machine. The
 * word holds for a while only and is repeated, a part at each step: a lost packet heals, and what a plant that is gone has said
 * ends by itself. Every plant speaks, for its own subscribers; what one wants or another is wanted.
 */
export class InterestTeller {
  readonly #options: InterestTellerOptions;
  readonly #services: ReadonlySet<string>;
  readonly #repeatNs: number;
  /** Subjects told of, with the time for the next word; the one that is due first comes first. */
  readonly #told = new Map<string, number>();
  /** Not told of yet. */
  readonly #fresh = new Set<string>();

  constructor(options: InterestTellerOptions) {
    this.#options = options;
    this.#services = new Set(options.services);
    this.#repeatNs = options.repeatNs ?? REPEAT_NS;
  }

  /** How many subjects are told of. */
  get size(): number {
    return this.#told.size + this.#fresh.size;
  }

  /** Somebody wants a subject that nobody wanted before. */
  wanted(subject: string): void {
    if (!this.#services.has(serviceOf(subject)) || this.#told.has(subject)) return;
    if (this.size >= (this.#options.subjectsMax ?? SUBJECTS_MAX)) this.#options.counters.refused++;
    else this.#fresh.add(subject);
  }

  /** Nobody wants it any more. */
  unwanted(subject: string): void {
    this.#told.delete(subject);
    this.#fresh.delete(subject);
  }

  /** Lets time pass: new subjects are told of at once, the others when it is their turn. */
  tick(nowNs: number): void {
    const subjects: string[] = [];
    for (const subject of this.#fresh) {
      if (subjects.length >= PER_STEP) break;
      subjects.push(subject);
    }
    for (const [subject, dueNs] of this.#told) {
      if (subjects.length >= PER_STEP || dueNs > nowNs) break;
      subjects.push(subject);
    }
    if (subjects.length === 0) return;
    for (const subject of subjects) {
      this.#fresh.delete(subject);
      this.#told.delete(subject);
      this.#told.set(subject, nowNs + this.#repeatNs);
    }
    this.#options.counters.told += subjects.length;
    this.#options.say({ kind: 'interest', validMs: this.#options.validMs ?? VALID_MS, subjects });
  }
}
