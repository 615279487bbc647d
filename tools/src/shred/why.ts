import { parseDay, TickerError } from '@tickerplant/core';
import { type Field, type ItemView, type Printed, reasonText, Shredder } from '@tickerplant/shredder';
import { hashOf, VersionStore, versionState } from '@tickerplant/shredder-versions';
import type { LineOutput } from '../output.ts';
import { columnsOf } from './inspect/inspection.ts';
import { readPage } from './shred.ts';
import { type NamedSource, readSource } from './source.ts';

interface WhyOptions {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
  readonly json?: true;
}

/** Text on the page that a field was made from. */
interface Origin {
  /** `spot.quote` */
  readonly rule: string;
  readonly row: number;
  /** Columns of the page: those of the text; of the window where it is blank. */
  readonly columns: readonly [first: number, last: number];
  readonly raw: string;
  readonly type: string;
  /** Parts of what was read, by name. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Where a field's value comes from. */
interface Why {
  readonly subject: string;
  readonly field: string;
  /** Null where it has none, or none that is believed. */
  readonly value: Printed;
  readonly quality: string;
  readonly reasons: readonly string[];
  readonly from: readonly Origin[];
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
  const { value, quality, reasons, from, shredder, version, hash, standing } = why;
  const shown = value === null ? 'no value' : Array.isArray(value) ? value.join(', ') : String(value);
  output.line(`${why.subject} ${why.field}  ${shown}  ${quality}`);
  for (const reason of reasons) output.line(`  why      ${reason}`);
  for (const { rule, row, columns, raw, type, parts } of from) {
    output.line(`  page     ${file} row ${row} col ${columns[0]}..${columns[1]}`);
    output.line(`  raw      ${raw === '' ? '(blank)' : JSON.stringify(raw)}`);
    const read = Object.entries(parts).map(([name, text]) => `${name} ${text}`);
    output.line(
      `  rule     ${rule}${type === '' ? '' : `, ${type}`}${read.length === 0 ? '' : `: ${read.join('  ')}`}`,
    );
  }
  if (from.length === 0) output.line('  rule     not read from a cell: the shredder sets it');
  output.line(`  version  ${shredder} ${version}  ${hash.slice(0, 12)}  ${standing ?? `not in ${options.store}`}`);
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
  const table = plan.tables.find((one) => one.name === item.table);
  const fields = [...(table?.fields ?? []), ...(table?.statusFields ?? [])];
  const field = fields.find((one) => one.name === fieldName) ?? fields.find((one) => one.dictionary === fieldName);
  if (field === undefined && !item.fields.has(fieldName)) {
    const known = [
      ...new Set(fields.map((one) => (one.dictionary === undefined ? one.name : `${one.name} (${one.dictionary})`))),
    ];
    throw new TickerError(
      'SHRED_NO_FIELD',
      `expected a field of ${item.subject}, got ${fieldName}; it has ${known.join(', ')}`,
    );
  }
  const name = field?.name ?? fieldName;
  const hash = hashOf(source.text);
  return {
    subject: item.subject,
    field: name,
    value: item.quality === 'LIVE' ? (item.fields.get(name)?.text ?? null) : null,
    quality: item.quality,
    reasons: item.reasons.map(reasonText),
    from: field === undefined || table === undefined ? [] : originsOf(shredder, item, table.index, field),
    file,
    shredder: plan.name,
    version: plan.version,
    hash,
    standing: standingOf(source, hash, options.store),
  };
}

function originsOf(shredder: Shredder, item: ItemView, tableIndex: number, field: Field): Origin[] {
  const { plan } = shredder;
  const table = plan.tables[tableIndex]!;
  const readings = [...shredder.reader.tables[tableIndex]!.readings()];
  const reading = readings.find((one) => one.state === 'item' && `${plan.service}.${one.symbol}` === item.subject);
  if (reading === undefined) return [];
  return columnsOf(plan, tableIndex, field).flatMap((column): Origin[] => {
    const cell = reading.cells[column];
    if (cell === undefined) return [];
    const { row, token, at, first, end, type } = cell;
    const parts: Record<string, string> = cell.mark === undefined ? {} : { mark: cell.mark };
    type?.parts.forEach(({ name }, index) => {
      const part = cell.parts[index];
      if (part !== undefined && part !== null) parts[name] = String(part.value);
    });
    const columns = token === '' ? ([first, end - 1] as const) : ([at, at + [...token].length - 1] as const);
    return [
      { rule: `${table.name}.${table.columns[column]!.name}`, row, columns, raw: token, type: type?.name ?? '', parts },
    ];
  });
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
