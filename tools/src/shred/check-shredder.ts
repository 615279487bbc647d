import {
  isProvenByMemory,
  judge,
  mutationsOf,
  type Plan,
  type Printed,
  pageFromText,
  type ShreddedItem,
  shredAfter,
  shredPage,
} from '@tickerplant/shredder';
import { type Fixture, fixturesOf, shredderNames } from '@tickerplant/shredders';
import { differencesOf } from './shred.ts';

/** Changed pages made of each good fixture. */
const CHANGED_PAGES = 200;
const SHOWN_MAX = 20;

/** What the tests of a shredder say. */
export interface Check {
  readonly fixtures: number;
  /** Fixtures that are read otherwise than expected: `morning: SPOTFX.EUR bid: …`. */
  readonly differences: readonly string[];
  /** Pages made from the good fixtures by changing them as vendors, lines and editors do. */
  readonly changedPages: number;
  /** Values read from them that are LIVE and wrong. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
  /** Share of the right values that stayed LIVE, 0 to 1. */
  readonly kept: number;
}

/** Whether a version may be approved by its tests alone. */
export function isSound(check: Check): boolean {
  return check.fixtures > 0 && check.differences.length === 0 && check.wrongCount === 0;
}

/**
 * Runs a shredder's tests: its fixtures must be read as expected; of changed ones no wrong value may be LIVE.
 *
 * @param name as `fixturesOf` takes it.
 */
export function checkShredder(plan: Plan, name: string): Check {
  const fixtures = fixturesOf(name);
  const differences = fixtures.flatMap((fixture) =>
    differencesOf(plan, fixture).map((one) => `${fixture.name}: ${one}`),
  );
  const good = fixtures.filter((fixture) => !fixture.isDrifted);
  const others = otherPages(plan, fixtures);
  const textFields = textFieldsOf(plan);
  const wrong: string[] = [];
  let wrongCount = 0;
  let changedPages = 0;
  let fields = 0;
  let kept = 0;
  good.forEach((fixture, seed) => {
    const right = read(plan, fixture);
    for (const mutation of mutationsOf(rowsOf(plan, fixture.text), { seed: seed + 1, count: CHANGED_PAGES, others })) {
      // A figure for a figure in its place: no layout can tell.
      if (mutation.isLegal) continue;
      const verdict = judge(right, read(plan, fixture, mutation.rows), textFields);
      changedPages++;
      fields += verdict.fields;
      kept += verdict.kept;
      wrongCount += verdict.wrong.length;
      for (const { subject, field, right: want, got } of verdict.wrong.slice(0, SHOWN_MAX - wrong.length)) {
        wrong.push(
          `${fixture.name}, ${mutation.kind} (${mutation.detail}): ${subject} ${field} ${shown(want)} became ${shown(got)}`,
        );
      }
    }
  });
  return {
    fixtures: fixtures.length,
    differences,
    changedPages,
    wrong,
    wrongCount,
    kept: fields === 0 ? 0 : kept / fields,
  };
}

function shown(value: Printed | undefined): string {
  return value === undefined ? 'nothing' : String(value);
}

/** What is read of a good page, or of what was made of it. */
function read(plan: Plan, { text, today }: Fixture, changed?: readonly string[]): readonly ShreddedItem[] {
  const options = today === undefined ? {} : { today };
  const good = pageFromText(text, plan.rows, plan.columns);
  if (changed === undefined) return shredPage(plan, good, options).items;
  const page = pageFromText(changed.join('\n'), plan.rows, plan.columns);
  return (isProvenByMemory(plan) ? shredAfter(plan, good, page, options) : shredPage(plan, page, options)).items;
}

/** Rows as wide as the page. */
function rowsOf(plan: Plan, text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return Array.from({ length: plan.rows }, (_, row) => (lines[row] ?? '').padEnd(plan.columns).slice(0, plan.columns));
}

/** Pages of other layouts, to mix rows in from. */
function otherPages(plan: Plan, own: readonly Fixture[]): string[][] {
  const texts = new Set(own.map((fixture) => fixture.text));
  return shredderNames()
    .flatMap((name) => fixturesOf(name).slice(0, 1))
    .filter((fixture) => !texts.has(fixture.text))
    .map((fixture) => rowsOf(plan, fixture.text));
}

const LETTERS_MEAN_LITTLE: ReadonlySet<string> = new Set(['text', 'code', 'phrase', 'time', 'dateTime']);

/** Fields of free text, in which one letter is as legal as another. */
function textFieldsOf(plan: Plan): Set<string> {
  const fields = new Set<string>();
  for (const table of plan.tables) {
    const isText = (column: number): boolean =>
      table.columns[column]!.types.some((type) => LETTERS_MEAN_LITTLE.has(type.name));
    for (const { name, rule } of [...table.fields, ...table.statusFields]) {
      if ((rule.kind === 'value' || rule.kind === 'raw') && isText(rule.column)) fields.add(name);
      if (rule.kind !== 'first' && rule.kind !== 'all') continue;
      if (rule.cases.some(({ when }) => when !== undefined && isText(when.column))) fields.add(name);
    }
  }
  return fields;
}
