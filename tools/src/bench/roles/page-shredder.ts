import { AnsiDecoder, CellRuns, Page } from '@tickerplant/pages';
import { type CellChange, type RecordChange, Shredder } from '@tickerplant/shredder';
import { measure, type Rates, type Repetition } from '../measure.ts';
import { fixtureSteps, type Rules, rulesOf, type ShredSteps, simulatedSteps } from '../parts/shred-steps.ts';
import { serveRole } from '../role.ts';

/** What to shred. */
export interface ShredOptions extends Repetition {
  /** A shipped shredder, on changes of its fixture; or the example for the simulated service's spot rates, on that service's changes. */
  readonly shredder: string;
  /** Different changes, at most. */
  readonly steps: number;
  /** Changed rows of a run, at least. */
  readonly rows: number;
}

/** What was measured; rates in changed rows. */
export interface ShredResult {
  readonly rules: Rules;
  /** Applied and shredded. */
  readonly rates: Rates;
  /** Baselines: the changes applied to the page and nothing else; the new values of the same elements as JSON text, parsed and kept. */
  readonly applied: Rates;
  readonly parsed: Rates;
  /** Elements that changed and fields that did, by changed row; bytes of a row's JSON. */
  readonly elements: number;
  readonly fields: number;
  readonly jsonBytes: number;
  /** Changes that made elements SUSPECT, and alerts, of all runs. */
  readonly doubts: number;
}

/** Shreds pages. */
export interface PageShredderRole {
  run(options: ShredOptions): Promise<ShredResult>;
}

export const SIMULATED_SHREDDER = 'majors-spot';

/** A page, its decoder and its shredder; each row is left to settle before the next one changes. */
class Desk {
  readonly #steps: ShredSteps;
  readonly #page: Page;
  readonly #decoder: AnsiDecoder;
  readonly #shredder: Shredder;
  readonly #runs = new CellRuns();
  readonly #changes: CellChange[] = [];
  readonly #settleNs: number;
  #nowNs = 0;
  /** What the last reading made. */
  #last: readonly RecordChange[] = [];
  elements = 0;
  fields = 0;
  doubts = 0;

  constructor(steps: ShredSteps) {
    const { plan, base, today } = steps;
    this.#steps = steps;
    this.#page = new Page(base.rows, base.columns);
    this.#page.copyFrom(base);
    this.#decoder = new AnsiDecoder(this.#page);
    this.#shredder = new Shredder(plan, today === undefined ? {} : { today });
    this.#shredder.runWhole(this.#page, this.#nowNs);
    this.#settleNs = plan.quietNs + 1;
  }

  /** Applies a change without looking at it. */
  apply(update: Uint8Array): void {
    this.#runs.clear();
    this.#decoder.message(update, this.#runs.add);
  }

  /** Applies a change, and shreds what changed. */
  shred(update: Uint8Array): void {
    this.apply(update);
    const runs = this.#runs;
    this.#changes.length = 0;
    for (let i = 0; i < runs.count; i++) this.#changes.push([runs.row(i), runs.first(i), runs.end(i)]);
    this.#take(this.#changes);
    this.#nowNs += this.#settleNs;
    this.#take([]);
  }

  /** All changes once; the elements' new values as JSON, a text for each. */
  record(): string[][] {
    return this.#steps.updates.map((update) => {
      const texts: string[] = [];
      this.shred(update);
      for (const { subject, fields } of this.#last) {
        const values = Object.fromEntries([...fields].map(([name, { text }]) => [name, text]));
        texts.push(JSON.stringify({ subject, ...values }));
      }
      return texts;
    });
  }

  #take(changes: readonly CellChange[]): void {
    const { records, states, alerts } = this.#shredder.run(this.#page, changes, this.#nowNs);
    this.#last = records;
    for (const { fields } of records) this.fields += fields.size;
    this.elements += records.length;
    for (const { quality } of states) if (quality !== 'LIVE') this.doubts++;
    this.doubts += alerts.length;
  }
}

const commands: PageShredderRole = {
  async run({ shredder, steps: count, rows, ...repetition }) {
    const steps =
      shredder === SIMULATED_SHREDDER
        ? simulatedSteps(`${shredder}.yaml`, 'FXSP', count)
        : fixtureSteps(shredder, count);
    const { updates } = steps;
    const rounds = Math.ceil(rows / updates.length);
    const eachUpdate = (work: (update: Uint8Array) => void): number => {
      for (let round = 0; round < rounds; round++) for (const update of updates) work(update);
      return rounds * updates.length;
    };
    let doubts = 0;
    let last = new Desk(steps);
    const rates = await measure(
      repetition,
      () => new Desk(steps),
      (desk) => {
        const done = eachUpdate((update) => desk.shred(update));
        doubts += desk.doubts;
        last = desk;
        return done;
      },
    );
    const applied = await measure(
      repetition,
      () => new Desk(steps),
      (desk) => eachUpdate((update) => desk.apply(update)),
    );
    const json = new Desk(steps).record();
    const parsed = await measure(
      repetition,
      () => new Map<string, unknown>(),
      (values) => {
        for (let round = 0; round < rounds; round++) {
          for (const texts of json) {
            for (const text of texts) {
              const value = JSON.parse(text) as { subject: string };
              values.set(value.subject, value);
            }
          }
        }
        return rounds * json.length;
      },
    );
    const shredded = rounds * updates.length;
    return {
      rules: rulesOf(steps.plan),
      rates,
      applied,
      parsed,
      elements: last.elements / shredded,
      fields: last.fields / shredded,
      jsonBytes: json.flat().reduce((sum, text) => sum + text.length, 0) / json.length,
      doubts,
    };
  },
};

serveRole(commands);
