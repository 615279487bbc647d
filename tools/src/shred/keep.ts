import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TickerError } from '@tickerplant/core';
import { shredPage } from '@tickerplant/shredder';
import type { LineOutput } from '../output.ts';
import { besidePage, readPage, readText } from './page-file.ts';
import { itemLine } from './shred.ts';
import { readSource, STORE_DEFAULT, stem } from './source.ts';

interface KeepOptions {
  readonly page: string;
  readonly as?: string;
  readonly drifted?: true;
  readonly force?: true;
  readonly json?: true;
}

/**
 * Keeps a page, with what is read from it now, as a fixture beside a shredder's file.
 *
 * @throws TickerError `SHRED_NOT_LIVE` where items of a page that isn't said to have drifted aren't LIVE, `SHRED_EXISTS`
 */
export function runKeep(path: string, options: KeepOptions, output: LineOutput): void {
  if (!/\.ya?ml$/.test(path))
    throw new TickerError('TOOLS_BAD_OPTION', `expected the YAML file that the fixture is for, got '${path}'`);
  const { plan } = readSource(path, STORE_DEFAULT);
  const { items } = shredPage(plan, readPage(plan, options.page, undefined));
  const suspect = items.filter(({ quality }) => quality !== 'LIVE');
  if (suspect.length > 0 && options.drifted !== true) {
    const [{ subject, reason }] = suspect as [(typeof suspect)[number]];
    const message = `expected all items of ${options.page} LIVE, got ${suspect.length} that aren't: ${subject} ${reason}; --drifted keeps a page that must read so`;
    throw new TickerError('SHRED_NOT_LIVE', message);
  }
  const name = options.as ?? stem(options.page);
  const folder = join(dirname(path), 'fixtures', stem(path));
  const file = join(folder, `${name}.txt`);
  if (existsSync(file) && options.force !== true) {
    throw new TickerError(
      'SHRED_EXISTS',
      `expected no fixture at ${file}, got one; --force writes over it, --as gives another name`,
    );
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, readText(options.page, 'a page'));
  if (existsSync(besidePage(options.page)) && besidePage(options.page) !== besidePage(file))
    copyFileSync(besidePage(options.page), besidePage(file));
  const live = items.filter(({ quality }) => quality === 'LIVE').map(({ subject, fields }) => ({ subject, fields }));
  const expected = { drifted: options.drifted === true, live };
  writeFileSync(join(folder, `${name}.expected.json`), `${JSON.stringify(expected, null, 2)}\n`);
  if (options.json === true) {
    output.line(JSON.stringify({ file, ...expected }));
    return;
  }
  for (const item of items) output.line(itemLine(item));
  output.line(`kept as ${file}: read these values against the page, for they are now what is expected`);
}
