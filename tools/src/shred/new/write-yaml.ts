import { cellType } from '@tickerplant/page-values';
import { printable } from '../../watch/paint.ts';
import type { FoundColumn, FoundTable } from './find-columns.ts';

/** An anchor, as it is proposed. */
export interface FoundAnchor {
  readonly name: string;
  readonly text: string;
  readonly row: number;
  readonly column: number;
}

/** A piece of the page that no rule reads, as it is proposed. */
export interface FoundArea {
  readonly row: number;
  readonly first: number;
  readonly last: number;
  readonly isStatic: boolean;
}

/** A shredder, as it is proposed. */
export interface Proposed {
  readonly name: string;
  readonly page: string;
  readonly rows: number;
  readonly columns: number;
  readonly captures: number;
  readonly anchors: readonly FoundAnchor[];
  readonly tables: readonly FoundTable[];
  readonly areas: readonly FoundArea[];
}

/** The proposal as an author would have written it, with examples of what each column shows. */
export function writeYaml(proposed: Proposed): string {
  const { name, page, rows, columns, captures, anchors, tables, areas } = proposed;
  const lines = [
    `# Proposed from ${captures} ${captures === 1 ? 'page' : 'pages'}. Check the types, which side of a quote comes first, and the key; add guards.`,
    `shredder: ${scalar(name)}`,
    `page: ${scalar(page)}`,
    `size: ${rows}x${columns}`,
    'version: 1',
    '',
    '# Text that must stand there, else nothing of the page is believed.',
    'anchors:',
    ...anchors.map(
      (anchor) => `  ${anchor.name}: ${flow({ text: anchor.text, row: anchor.row, column: anchor.column })}`,
    ),
    '',
    'tables:',
    ...tables.flatMap((table, index) => (index === 0 ? tableLines(table) : ['', ...tableLines(table)])),
  ];
  for (const [key, isStatic] of [
    ['static', true],
    ['ignore', false],
  ] as const) {
    const own = areas.filter((area) => area.isStatic === isStatic);
    if (own.length === 0) continue;
    lines.push(
      '',
      isStatic
        ? '# Text that was the same on all pages: a change of it is noticed.'
        : '# Text that no rule reads, and that changes.',
      `${key}:`,
    );
    for (const { row, first, last } of own) lines.push(`  - ${flow({ rows: row, columns: `${first}..${last}` })}`);
  }
  return `${lines.join('\n')}\n`;
}

function tableLines({ name, block, panels, columns, key, keys, guards }: FoundTable): string[] {
  const lines = [`  ${name}:`];
  const line = (text: string): void => {
    lines.push(`    ${text}`);
  };
  if (block.headerLines.length > 0) {
    line('header:');
    line(`  row: ${block.headerRow}`);
    line('  lines:');
    for (const text of block.headerLines) line(`    - ${quoted(text)}`);
    const base = block.headerRow + block.headerLines.length - 1;
    line(`rows: ${quoted(`+${block.first - base}..+${block.last - base}`)}`);
  } else line(`rows: ${block.first}..${block.last}`);
  line(`# ruler: ${numbers(Math.max(...columns.map(({ end }) => end)))}`);
  line(`ruler:   ${quoted(ruler(columns))}`);
  if (panels.length > 1) line(`panels: [${panels.join(', ')}]`);
  line('columns:');
  for (const column of columns) {
    const { letter, type, align, isOptional } = column;
    const declaration = {
      letter,
      type,
      ...(align === 'left' ? {} : { align }),
      ...(isOptional ? { optional: true } : {}),
    };
    line(`  ${column.name}: ${flow(declaration)}  # ${examples(column)}`);
  }
  line(`key: ${key.name}`);
  if (keys !== undefined) line(`keys: ${flow(keys)}`);
  if (guards.length > 0) line('guards:');
  for (const guard of guards) line(`  - ${flow(guard)}`);
  line('fields:');
  const fields = fieldsOf(columns);
  for (const { name: field, source } of fields) line(`  ${field}: ${source}`);
  const known = fields.filter(({ name: field, isDecimal }) => isDecimal && DICTIONARY[field] !== undefined);
  const named = Object.fromEntries(known.map(({ name: field }) => [field, DICTIONARY[field]]));
  if (known.length > 0) line(`dictionary: ${flow(named)}  # what subscribers get`);
  else line('# dictionary: {bid: BID, ask: ASK}  # subscribers get what is named here');
  return lines;
}

function numbers(width: number): string {
  return Array.from({ length: width }, (_, column) =>
    column % 10 === 0 ? String((column / 10) % 10) : column % 5 === 0 ? '5' : '.',
  ).join('');
}

function ruler(columns: readonly FoundColumn[]): string {
  const letters: string[] = [];
  for (const { first, end, letter } of columns) {
    while (letters.length < end) letters.push(' ');
    letters.fill(letter, first, end);
  }
  return letters.join('');
}

const EXAMPLES_MAX = 3;

function examples({ samples }: FoundColumn): string {
  return printable([...new Set(samples)].slice(0, EXAMPLES_MAX).join('   '));
}

/** Names that pages use, and what the trade's dictionary calls them. */
const DICTIONARY: Readonly<Record<string, string>> = {
  bid: 'BID',
  ask: 'ASK',
  offer: 'ASK',
  high: 'HIGH_1',
  low: 'LOW_1',
  last: 'TRDPRC_1',
  net: 'NETCHNG_1',
  chg: 'NETCHNG_1',
};

/** A field of the record, as it is proposed. */
interface FoundField {
  readonly name: string;
  readonly source: string;
  readonly isDecimal: boolean;
}

/** Fields of the record: each column's value; of quotes bid and ask. */
function fieldsOf(columns: readonly FoundColumn[]): FoundField[] {
  const parts = columns.flatMap((column) => {
    const all = cellType(column.type).parts;
    const values = all.filter(({ kind }) => kind === 'decimal');
    const own = values.length > 0 ? values : all.slice(0, 1);
    return own.map((part) => ({
      column: column.name,
      part: part.name,
      isOnly: own.length === 1,
      isDecimal: part.kind === 'decimal',
    }));
  });
  const count = (part: string): number =>
    parts.filter((one) => !one.isOnly && one.part === part).length + columns.filter(({ name }) => name === part).length;
  return parts.map(({ column, part, isOnly, isDecimal }) => {
    if (isOnly) return { name: column, source: part === 'value' ? column : `${column}.${part}`, isDecimal };
    const name = count(part) === 1 ? part : `${column}${part[0]!.toUpperCase()}${part.slice(1)}`;
    return { name, source: `${column}.${part}`, isDecimal };
  });
}

/** A value in YAML's flow style. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, one]) => `${scalar(key)}: ${flow(one)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? scalar(value) : String(value);
}

/** Texts that YAML takes for something else stand in quotes. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) || /^[0-9]+\.\.[0-9]+$/.test(text);
  return isPlain && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
