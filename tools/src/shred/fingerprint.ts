import { type Fingerprint, learnFingerprint, type Plan, pageFromText } from '@tickerplant/shredder';
import { fixturesOf } from '@tickerplant/shredders';
import type { NamedSource } from './source.ts';

/**
 * What the good fixtures of a shredder have in common; undefined: it has none.
 *
 * @param name as `fixturesOf` takes it
 */
export function learnedFingerprint(plan: Plan, name: string): Fingerprint | undefined {
  const pages = fixturesOf(name).filter((fixture) => !fixture.isDrifted);
  if (pages.length === 0) return undefined;
  return learnFingerprint(
    plan,
    pages.map(({ text, attributes }) => pageFromText(text, plan.rows, plan.columns, attributes)),
  );
}

/** The fingerprint that a version was approved with, or that its fixtures have; undefined: there is none. */
export function fingerprintOf({ plan, fixtures, fingerprint }: NamedSource): Fingerprint | undefined {
  return fingerprint === '' ? learnedFingerprint(plan, fixtures) : JSON.parse(fingerprint);
}
