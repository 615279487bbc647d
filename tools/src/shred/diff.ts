import { parseDay } from '@tickerplant/core';
import { type Printed, type ShreddedItem, type ShreddedPage, shredPage } from '@tickerplant/shredder';
import type { LineOutput } from '../output.ts';
import { printedText } from './back-test/element.ts';
import { readPage } from './page-file.ts';
import { type NamedSource, readSource } from './source.ts';

interface DiffOptions {
  readonly page: readonly string[];
  readonly today?: string;
  readonly store: string;
  readonly json?: true;
}

/** Something that two versions make differently of a page. */
interface Difference {
  readonly subject: string;
  readonly what: 'only-first' | 'only-second' | 'quality' | 'field';
  /** Of `field`. */
  readonly field?: string;
  /** Values, or quality with its reason; undefined: there is none. */
  readonly first?: Printed;
  readonly second?: Printed;
}

/** Compares what two versions make of pages, item by item and field by field. @returns whether there is a difference */
export function runDiff(first: string, second: string, options: DiffOptions, output: LineOutput): boolean {
  const a = readSource(first, options.store);
  const b = readSource(second, options.store);
  const today = options.today === undefined ? {} : { today: parseDay(options.today) };
  let total = 0;
  for (const path of options.page) {
    const make = ({ plan }: NamedSource): ShreddedPage => shredPage(plan, readPage(plan, path, undefined), today);
    const [one, two] = [make(a), make(b)];
    const differences = differencesBetween(one.items, two.items);
    const changed = new Set(differences.map(({ subject }) => subject)).size;
    const all = new Set([...one.items, ...two.items].map(({ subject }) => subject)).size;
    total += differences.length;
    if (options.json === true) {
      const match = { first: one.match, second: two.match };
      output.line(
        JSON.stringify({
          file: path,
          first: a.title,
          second: b.title,
          match,
          items: all,
          same: all - changed,
          differences,
        }),
      );
      continue;
    }
    const match = one.match === two.match ? one.match : `${one.match} → ${two.match}`;
    output.line(`${path}  ${match}  ${all - changed} of ${all} items the same`);
    for (const difference of differences) output.line(`  ${differenceText(difference)}`);
  }
  if (options.json !== true)
    output.line(`${first} → ${second}: ${total === 0 ? 'no difference' : `${total} differences`}`);
  return total > 0;
}

/** What is made differently; in the order of the first, then what only the second has. */
function differencesBetween(first: readonly ShreddedItem[], second: readonly ShreddedItem[]): Difference[] {
  const others = new Map(second.map((item) => [item.subject, item]));
  const differences: Difference[] = [];
  for (const item of first) {
    const other = others.get(item.subject);
    others.delete(item.subject);
    if (other === undefined) differences.push({ subject: item.subject, what: 'only-first', first: qualityText(item) });
    else differences.push(...itemDifferences(item, other));
  }
  for (const item of others.values())
    differences.push({ subject: item.subject, what: 'only-second', second: qualityText(item) });
  return differences;
}

function itemDifferences(item: ShreddedItem, other: ShreddedItem): Difference[] {
  const { subject } = item;
  if (item.quality !== other.quality)
    return [{ subject, what: 'quality', first: qualityText(item), second: qualityText(other) }];
  const names = new Set([...Object.keys(item.fields), ...Object.keys(other.fields)]);
  return [...names].flatMap((field): Difference[] => {
    const [first, second] = [item.fields[field], other.fields[field]];
    if (JSON.stringify(first) === JSON.stringify(second)) return [];
    return [
      {
        subject,
        what: 'field',
        field,
        ...(first === undefined ? {} : { first }),
        ...(second === undefined ? {} : { second }),
      },
    ];
  });
}

function qualityText({ quality, reason }: ShreddedItem): string {
  return reason === '' ? quality : `${quality} ${reason}`;
}

function differenceText({ subject, what, field, first, second }: Difference): string {
  if (what === 'only-first') return `- ${subject}  ${printedText(first)}`;
  if (what === 'only-second') return `+ ${subject}  ${printedText(second)}`;
  return `~ ${subject}${field === undefined ? '' : `  ${field}`}  ${printedText(first)} → ${printedText(second)}`;
}
