import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { PageAttributes, ShreddedItem } from '@tickerplant/shredder';
import { FOLDER } from './shipped.ts';

/** A page made for tests, with what must be read from it. */
export interface Fixture {
  readonly name: string;
  /** One row a line. */
  readonly text: string;
  readonly attributes: PageAttributes | undefined;
  /** Whether its layout is another one than the shredder's. */
  readonly isDrifted: boolean;
  /** Business date in days since 1970, for pages with dates without a year. */
  readonly today: number | undefined;
  /** Every item that must be LIVE, with all of its fields; no other may be. */
  readonly live: readonly Pick<ShreddedItem, 'subject' | 'fields'>[];
}

/** The fixtures of a shredder: of a shipped one by its name, of a YAML file from `fixtures/NAME` beside it; none where there is no such folder. */
export function fixturesOf(shredder: string): Fixture[] {
  const isPath = shredder.endsWith('.yaml') || shredder.endsWith('.yml');
  const folder = isPath
    ? join(dirname(shredder), 'fixtures', basename(shredder, extname(shredder)))
    : join(FOLDER, 'fixtures', shredder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file): Fixture => {
      const name = file.slice(0, -'.txt'.length);
      const attributes = join(folder, `${name}.attrs.json`);
      const expected = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8'));
      return {
        name,
        text: readFileSync(join(folder, file), 'utf8'),
        attributes: existsSync(attributes) ? JSON.parse(readFileSync(attributes, 'utf8')) : undefined,
        isDrifted: expected.drifted === true,
        today: expected.today,
        live: expected.live,
      };
    });
}
