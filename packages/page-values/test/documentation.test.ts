// Every line of the tables in docs/feeds/page-values.md, as it stands there.
import { readFileSync } from 'node:fs';
import { TYPE_NAMES } from '@tickerplant/page-values';
import t from 'tap';
import { parse } from 'yaml';
import { describe } from './describe.ts';

const text = readFileSync(new URL('../../../../docs/feeds/page-values.md', import.meta.url), 'utf8');
const LINE = /^\| `(.+)` \| `(.+)`(?: \((\w+)\))? \| (.+) \|$/;
const lines = text.split('\n').flatMap((line) => {
  const match = LINE.exec(line);
  return match === null ? [] : [{ declaration: match[1]!, token: match[2]!, key: match[3], reads: match[4]! }];
});

t.test('what the documentation says of each text', (t) => {
  t.ok(lines.length > 200, `${lines.length} lines`);
  for (const { declaration, token, key, reads } of lines) {
    t.equal(describe(parse(declaration), token, key), reads, `${declaration} reads '${token}'`);
  }
  t.end();
});

t.test('the documentation shows every type with texts that it accepts and refuses', (t) => {
  for (const name of TYPE_NAMES) {
    const mine = lines.filter(({ declaration }) => declaration === name || declaration.startsWith(`{${name}:`));
    t.ok(
      mine.some(({ reads }) => !reads.startsWith('**')),
      `${name} accepts`,
    );
    if (name !== 'yield') {
      t.ok(
        mine.some(({ reads }) => reads.startsWith('**')),
        `${name} refuses`,
      );
    }
  }
  t.end();
});
