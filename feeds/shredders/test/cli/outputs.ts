// What network devices printed, and the records that are expected of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileYaml, type Plan, pageFromText, type ShreddedItem, shredPage } from '@tickerplant/shredder';
import { sharedDir } from '@tickerplant/testkit';
import type { Test } from 'tap';
import { parse } from 'yaml';

const pages = sharedDir('pages');

/** Why tests of recorded outputs are skipped; false where they are not. */
export const skip: string | false = pages === undefined && 'no ../shared/pages';

type Fields = ShreddedItem['fields'];
/** As the list of records has it: texts, and lists of them. */
export type OutputRecord = Readonly<Record<string, string | readonly string[]>>;

/** An output, the shredder that reads it, and how its items become the expected records. */
export interface Output {
  readonly file: string;
  readonly plan: Plan;
  /** The number of records: an empty list proves nothing. */
  readonly count: number;
  /** The keys of records by field; or a function that gives the records of all items, in order. */
  readonly records: Readonly<Record<string, string>> | ((items: readonly ShreddedItem[]) => readonly OutputRecord[]);
  /** Expected texts have the blanks at the ends of their lines, which cells without text can't be told from: they are not compared. */
  readonly hasEndBlanks?: boolean;
}

function withoutEndBlanks(record: OutputRecord): OutputRecord {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, typeof value === 'string' ? value.trimEnd() : value]),
  );
}

const text = (file: string): string => readFileSync(join(pages!, 'cli-tables', file), 'utf8');

/** A shredder that is only here for its test: `test/cli/NAME.yaml`. */
export function testShredder(name: string): Plan {
  const file = fileURLToPath(new URL(`../../../test/cli/${name}.yaml`, import.meta.url));
  return compileYaml(readFileSync(file, 'utf8'), file);
}

/** A field as text: what stands for no value has a mark of its own, and what isn't there is an empty text. */
export function shownField(fields: Fields, field: string): string {
  return String(fields[field] ?? fields[`${field}Mark`] ?? '');
}

function itemsOf(plan: Plan, file: string): readonly ShreddedItem[] {
  return shredPage(plan, pageFromText(text(`${file}.raw`), plan.rows, plan.columns)).items;
}

/** Every record of an output, in order and with all of its keys, and nothing of any other output. */
export function checkOutput(t: Test, { file, plan, count, records, hasEndBlanks = false }: Output): void {
  const items = itemsOf(plan, file);
  t.strictSame(
    items.filter(({ quality }) => quality !== 'LIVE').map(({ subject, reason }) => `${subject} ${reason}`),
    [],
    `${file}: nothing is held back`,
  );
  const renamed = ({ fields }: ShreddedItem): OutputRecord =>
    Object.fromEntries(Object.entries(records).map(([field, key]) => [key, shownField(fields, field)]));
  const got = typeof records === 'function' ? records(items) : items.map(renamed);
  const listed = (parse(text(`${file}.yml`)) as { readonly parsed_sample: readonly OutputRecord[] }).parsed_sample;
  const want = hasEndBlanks ? listed.map(withoutEndBlanks) : listed;
  t.same(got, want, `${file}: every record, in order`);
  t.equal(want.length, count);
  const others = readdirSync(join(pages!, 'cli-tables'))
    .filter((name) => name.endsWith('.raw'))
    .map((name) => name.slice(0, -'.raw'.length));
  for (const other of others) {
    if (other === file) continue;
    const live = itemsOf(plan, other).filter(({ quality }) => quality === 'LIVE');
    t.strictSame(live, [], `${other} is another page`);
  }
}
