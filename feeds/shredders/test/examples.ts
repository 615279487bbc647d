// The example pages beside the repository, where they are.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PageAttributes, pageFromText } from '@tickerplant/shredder';
import { sharedDir } from '@tickerplant/testkit';

type Page = ReturnType<typeof pageFromText>;

/** An example: its folder's name without the number is the shredder's. */
export interface Example {
  readonly name: string;
  readonly rows: readonly string[];
  readonly page: () => Page;
  readonly changed: () => Page;
  readonly records: readonly Record<string, unknown>[];
  readonly updates: readonly Update[];
}

export interface Update {
  readonly seq: number;
  readonly set: readonly (readonly [number, number, string])[];
  readonly scroll?: { readonly fromRow: number; readonly toRow: number; readonly down: number };
  readonly expect?: readonly Record<string, unknown>[];
  readonly expectNew?: readonly Record<string, unknown>[];
  readonly expectChanged?: readonly Record<string, unknown>[];
}

/** All examples; undefined where they aren't. */
export function examples(): Example[] | undefined {
  const pages = sharedDir('pages');
  if (pages === undefined) return undefined;
  const folder = join(pages, 'examples');
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name))
    .sort()
    .map((name) => {
      const read = (file: string): string => readFileSync(join(folder, name, file), 'utf8');
      const json = (file: string): unknown =>
        existsSync(join(folder, name, file)) ? JSON.parse(read(file)) : undefined;
      const page = (which: string): Page =>
        pageFromText(read(`${which}.txt`), 25, 80, json(`${which}.attrs.json`) as PageAttributes | undefined);
      const records = (json('records.json') as { records: Record<string, unknown>[] }).records;
      return {
        name: name.slice(3),
        rows: read('page.txt').split('\n').slice(0, 25),
        page: () => page('page'),
        changed: () => page('changed'),
        records: records.map(({ row: _, ...fields }) => fields),
        updates: existsSync(join(folder, name, 'updates.jsonl'))
          ? read('updates.jsonl')
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line))
          : [],
      };
    });
}
