import { existsSync, writeFileSync } from 'node:fs';
import { TickerError } from '@tickerplant/core';
import type { LineOutput } from '../../output.ts';
import { readText } from '../page-file.ts';
import { proposeShredder } from './propose.ts';

interface NewOptions {
  readonly name: string;
  readonly page?: string;
  readonly size?: string;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Proposes a shredder from captured pages, and writes it. @throws TickerError `SHRED_NOTHING_FOUND`, `SHRED_EXISTS`, `SHRED_UNREADABLE` */
export function runNew(files: readonly string[], options: NewOptions, output: LineOutput): void {
  if (!/^[a-z][a-z0-9-]*$/.test(options.name)) {
    throw new TickerError('TOOLS_BAD_OPTION', `expected --name of small letters, figures and -, got '${options.name}'`);
  }
  const texts = files.map((file) => readText(file, 'a page').replaceAll('\r', ''));
  const { name, page } = options;
  const size = options.size === undefined ? sizeOf(texts) : parseSize(options.size);
  const path = options.out ?? `${name}.yaml`;
  if (path !== '-' && existsSync(path) && options.force !== true) {
    throw new TickerError(
      'SHRED_EXISTS',
      `expected no file at ${path}, got one; --force writes over it, --out says where else`,
    );
  }
  const { yaml, plan, live, items } = proposeShredder(texts, {
    name,
    ...(page === undefined ? {} : { page }),
    ...size,
  });
  if (path === '-') {
    output.line(yaml.trimEnd());
    return;
  }
  writeFileSync(path, yaml);
  const tables = plan.tables.map((table) => ({
    name: table.name,
    columns: table.columns.map((column) => column.name),
  }));
  if (options.json === true) {
    output.line(JSON.stringify({ file: path, page: plan.page, tables, pages: files.length, items, live }));
    return;
  }
  output.line(`wrote ${path}: page ${plan.page}, ${plan.rows}x${plan.columns}`);
  for (const table of tables) output.line(`  table ${table.name}: ${table.columns.join(', ')}`);
  output.line(`  of ${items} items on ${files.length} ${files.length === 1 ? 'page' : 'pages'} ${live} are LIVE`);
  output.line(`now look at it: ticker shred inspect ${files[0]} --with ${path}`);
}

/** Pages are 24 or 25 rows of 40 or 80 columns unless there is more. */
function sizeOf(texts: readonly string[]): { rows: number; columns: number } {
  const lines = texts.map((text) => text.replace(/\n$/, '').split('\n'));
  const height = Math.max(...lines.map((one) => one.length));
  const width = Math.max(...lines.flat().map((line) => [...line.trimEnd()].length));
  return { rows: height === 24 ? 24 : Math.max(25, height), columns: width <= 40 ? 40 : Math.max(80, width) };
}

/** @throws TickerError `TOOLS_BAD_OPTION` */
function parseSize(text: string): { rows: number; columns: number } {
  const match = /^(\d{1,3})x(\d{1,3})$/.exec(text);
  if (match === null) throw new TickerError('TOOLS_BAD_OPTION', `expected --size as ROWSxCOLUMNS, got '${text}'`);
  return { rows: Number(match[1]), columns: Number(match[2]) };
}
