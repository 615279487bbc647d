import { parseDay, TickerError } from '@tickerplant/core';
import { type FieldOrigin, Shredder, whyField } from '@tickerplant/shredder';
import { hashOf, VersionStore, versionState } from '@tickerplant/shredder-versions';
import type { LineOutput } from '../output.ts';
import { readPage } from './page-file.ts';
import { type NamedSource, readSource } from './source.ts';

interface WhyOptions {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
  readonly json?: true;
}

/** Where a field's value comes from, and what read it. */
interface Why extends FieldOrigin {
  readonly file: string;
  readonly shredder: string;
  readonly version: number;
  /** SHA-256 of its text. */
  readonly hash: string;
  /** How this text stands in the store: `approved from 2026-11-30 by bob`; undefined where it isn't stored. */
  readonly standing: string | undefined;
}

/** Says where a field's value comes from. @throws TickerError `SHRED_NO_ITEM`, `SHRED_NO_FIELD` */
export function runWhy(
  file: string,
  subject: string,
  fieldName: string,
  options: WhyOptions,
  output: LineOutput,
): void {
  const why = explainField(file, subject, fieldName, options);
  if (options.json === true) {
    output.line(JSON.stringify(why));
    return;
  }
  const { shredder, version, hash, standing } = why;
  for (const line of originLines(why, file)) output.line(line);
  output.line(`  version  ${shredder} ${version}  ${hash.slice(0, 12)}  ${standing ?? `not in ${options.store}`}`);
}

/** As people read it. @param page what to call the page */
export function originLines({ subject, field, value, quality, reasons, from }: FieldOrigin, page: string): string[] {
  const shown = value === null ? 'no value' : Array.isArray(value) ? value.join(', ') : String(value);
  const lines = [`${subject} ${field}  ${shown}  ${quality}`, ...reasons.map((reason) => `  why      ${reason}`)];
  for (const { rule, row, columns, raw, type, parts } of from) {
    lines.push(`  page     ${page} row ${row} col ${columns[0]}..${columns[1]}`);
    lines.push(`  raw      ${raw === '' ? '(blank)' : JSON.stringify(raw)}`);
    const read = Object.entries(parts).map(([name, text]) => `${name} ${text}`);
    lines.push(`  rule     ${rule}${type === '' ? '' : `, ${type}`}${read.length === 0 ? '' : `: ${read.join('  ')}`}`);
  }
  if (from.length === 0) lines.push('  rule     not read from a cell: the shredder sets it');
  return lines;
}

/** @throws TickerError `SHRED_NO_ITEM`, `SHRED_NO_FIELD` */
function explainField(file: string, subject: string, fieldName: string, options: WhyOptions): Why {
  const source = readSource(options.with, options.store);
  const { plan } = source;
  const shredder = new Shredder(plan, options.today === undefined ? {} : { today: parseDay(options.today) });
  shredder.runWhole(readPage(plan, file, options.attrs), 0);
  const items = [...shredder.items()];
  const item =
    items.find((one) => one.subject === subject) ?? items.find((one) => one.subject === `${plan.service}.${subject}`);
  if (item === undefined) {
    const known = items.map((one) => one.subject).join(', ');
    throw new TickerError(
      'SHRED_NO_ITEM',
      `expected an item of ${plan.name}, got ${subject}; on this page there are ${known === '' ? 'none' : known}`,
    );
  }
  const hash = hashOf(source.text);
  return {
    ...whyField(shredder, item, fieldName),
    file,
    shredder: plan.name,
    version: plan.version,
    hash,
    standing: standingOf(source, hash, options.store),
  };
}

function standingOf({ plan }: NamedSource, hash: string, path: string): string | undefined {
  const store = new VersionStore(path, 'read');
  try {
    const version = store.versions(plan.name).find((one) => one.hash === hash);
    if (version === undefined) return undefined;
    const { state, decision } = versionState(version, store.decisions(plan.name));
    const from = decision === undefined || decision.from === '' ? '' : ` from ${decision.from}`;
    return `${state}${from} by ${decision?.by ?? version.author}`;
  } finally {
    store.close();
  }
}
