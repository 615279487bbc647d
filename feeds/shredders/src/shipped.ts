import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TickerError } from '@tickerplant/core';
import { compileYaml, type Plan } from '@tickerplant/shredder';

/** The workspace's own folder: this file is run from `build/src`. */
export const FOLDER: string = fileURLToPath(new URL('../..', import.meta.url));

/** The names of the shipped shredders. */
export function shredderNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * The file of a shredder: a shipped one by its name, any other by its path.
 *
 * @throws TickerError `SHRED_UNKNOWN`
 */
export function shredderPath(name: string): string {
  if (name.endsWith('.yaml') || name.endsWith('.yml')) return name;
  const names = shredderNames();
  if (names.includes(name)) return join(FOLDER, `${name}.yaml`);
  const message = `expected a YAML file or one of ${names.join(', ')}; got ${JSON.stringify(name)}`;
  throw new TickerError('SHRED_UNKNOWN', message);
}

/**
 * Loads a shredder.
 *
 * @throws TickerError `SHRED_UNKNOWN`, `SHRED_UNREADABLE`; ShredderError `SHRED_INVALID`
 */
export function loadShredder(name: string): Plan {
  const path = shredderPath(name);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new TickerError('SHRED_UNREADABLE', `expected a shredder at ${path}, got ${got}`, {}, { cause: error });
  }
  return compileYaml(text, path);
}
