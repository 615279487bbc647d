// Pages of a teletext service over the years: a base and the rows that changed, edition by edition.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Page, textWord } from '@tickerplant/pages';

const ROWS = 25;
const COLUMNS = 40;

interface Delta {
  readonly ts: string;
  readonly rows: Readonly<Record<string, string>>;
  readonly removed?: readonly string[];
}

export const readLines = <T>(...path: string[]): T[] =>
  readFileSync(join(...path), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** An edition: when it was sent, and the rows of its subpages by `53101/6`. */
export interface Edition {
  readonly ts: string;
  readonly rows: ReadonlyMap<string, string>;
}

/** All editions in turn; the rows are those of one map that goes on. */
export function* editions(...path: string[]): Generator<Edition> {
  const rows = new Map<string, string>();
  for (const delta of readLines<Delta>(...path)) {
    for (const name of delta.removed ?? []) rows.delete(name);
    for (const [name, text] of Object.entries(delta.rows)) rows.set(name, text);
    yield { ts: delta.ts, rows };
  }
}

/** Puts a subpage on a page; codes below the blank are attributes, and show as blanks. */
export function putSubpage(page: Page, edition: Edition, subpage: string): void {
  for (let row = 0; row < ROWS; row++) {
    const text = edition.rows.get(`${subpage}/${row}`) ?? '';
    for (let column = 0; column < COLUMNS; column++) {
      const code = text.charCodeAt(column) || 0x20;
      page.put(row, column, textWord(Math.max(code, 0x20)), 0, 0);
    }
  }
}

export function blankPage(): Page {
  const page = new Page(ROWS, COLUMNS);
  page.clear();
  return page;
}
