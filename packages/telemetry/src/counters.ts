/** Name → the sentence that says what is counted. */
export type CounterDescriptions = Readonly<Record<string, string>>;

/** Live counts: plain numbers, so that counting on a hot path is one increment. */
export type Counters<D extends CounterDescriptions> = { -readonly [K in keyof D]: number };

/** A family of counters, declared once. */
export interface CounterSet<D extends CounterDescriptions> {
  readonly name: string;
  readonly descriptions: D;
  /** New counters, all zero. */
  create(): Counters<D>;
}

/**
 * Declares a family of counters, each with its sentence.
 *
 * @example const LINE = counterSet('line', { packets: 'Datagrams received on the line.' });
 */
export function counterSet<const D extends CounterDescriptions>(name: string, descriptions: D): CounterSet<D> {
  return {
    name,
    descriptions,
    create: () => Object.fromEntries(Object.keys(descriptions).map((key) => [key, 0])) as Counters<D>,
  };
}

interface Registered {
  readonly set: CounterSet<CounterDescriptions>;
  readonly labels: Readonly<Record<string, string>>;
  readonly counters: Counters<CounterDescriptions>;
}

/** All counters of a process, for `status` and for exporters. */
export class CounterRegistry {
  readonly #entries: Registered[] = [];

  /** Creates counters of the family under the labels (`{ line: 'A' }`) and keeps track of them. */
  create<D extends CounterDescriptions>(
    set: CounterSet<D>,
    labels: Readonly<Record<string, string>> = {},
  ): Counters<D> {
    const counters = set.create();
    this.#entries.push({ set: set as unknown as CounterSet<CounterDescriptions>, labels, counters });
    return counters;
  }

  /** The present values, a list entry for each family and labels. */
  snapshot(): { name: string; labels: Readonly<Record<string, string>>; values: Record<string, number> }[] {
    return this.#entries.map(({ set, labels, counters }) => ({ name: set.name, labels, values: { ...counters } }));
  }

  /** `family.counter` → its sentence. */
  descriptions(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const { set } of this.#entries) {
      for (const [key, sentence] of Object.entries(set.descriptions)) all[`${set.name}.${key}`] = sentence;
    }
    return all;
  }
}
