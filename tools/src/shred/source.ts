import { basename, extname } from 'node:path';
import { TickerError } from '@tickerplant/core';
import { compileYaml, type Plan } from '@tickerplant/shredder';
import { VersionStore } from '@tickerplant/shredder-versions';
import { shredderPath } from '@tickerplant/shredders';
import { readText } from './page-file.ts';

/** Where versions are kept unless said otherwise. */
export const STORE_DEFAULT = 'var/shredders.sqlite';

/** A shredder as a command names it. */
export interface NamedSource {
  readonly text: string;
  readonly plan: Plan;
  /** The file; undefined where it came out of the store. */
  readonly path: string | undefined;
  /** As `fixturesOf` takes it. */
  readonly fixtures: string;
  /** Of a stored version: its fingerprint as JSON; empty where there is none. */
  readonly fingerprint: string;
  /** `fx-spot-composite 3`, for people. */
  readonly title: string;
}

/**
 * Reads a shredder: a shipped one by its name, a YAML file by its path, a stored version as `NAME@NUMBER`.
 *
 * @throws TickerError `SHRED_UNKNOWN`, `SHRED_UNREADABLE`, `VERSIONS_…`; ShredderError `SHRED_INVALID`
 */
export function readSource(name: string, store: string): NamedSource {
  const stored = /^([^/@]+)@(\d+)$/.exec(name);
  if (stored !== null) return readStored(stored[1]!, Number(stored[2]), store);
  const path = shredderPath(name);
  return sourceOf(readText(path, 'a shredder'), path, name);
}

function readStored(name: string, number: number, path: string): NamedSource {
  const store = new VersionStore(path, 'read');
  try {
    const version = store.version(name, number);
    if (version === undefined) {
      const known = store.versions(name).map((one) => `${name}@${one.number}`);
      const got = known.length === 0 ? 'no version of it' : known.join(', ');
      throw new TickerError('SHRED_UNKNOWN', `expected ${name}@${number} in ${path}, got ${got}`);
    }
    const { plan, title } = sourceOf(version.text, `${name}@${number}`, name);
    const { text, fingerprint } = version;
    return { text, plan, path: undefined, fixtures: name, fingerprint, title };
  } finally {
    store.close();
  }
}

function sourceOf(text: string, path: string, fixtures: string): NamedSource {
  const plan = compileYaml(text, path);
  return { text, plan, path, fixtures, fingerprint: '', title: `${plan.name} ${plan.version}` };
}

/** The name of a file without folder and extension. */
export function stem(path: string): string {
  return basename(path, extname(path));
}
