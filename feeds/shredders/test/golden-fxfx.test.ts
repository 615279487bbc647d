// A live page, message by message: its records after each one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RowPage, rowFieldOfName } from '@tickerplant/pages';
import { type CellChange, Shredder } from '@tickerplant/shredder';
import { loadShredder } from '@tickerplant/shredders';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';

const pages = sharedDir('pages');
const lines = <T>(name: string): T[] =>
  readFileSync(join(pages!, 'reuters-fxfx', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What is there of a record, without the row that it stands in. */
const facts = (record: object): string =>
  JSON.stringify(
    Object.entries(record)
      .filter(([name, value]) => name !== 'row' && value !== null)
      .sort(),
  );

t.test('the records after each message', { skip: pages === undefined && 'no ../shared/pages' }, (t) => {
  const messages = lines<{ seq: number; kind: string; fields: Record<string, string> }>('fxfx-live.messages.jsonl');
  const expected = lines<{ records: object[] }>('fxfx-live.expected.jsonl');
  const shredder = new Shredder(loadShredder('fxfx'));
  const page = new RowPage('ROW64');
  let records = 0;
  messages.forEach(({ seq, kind, fields }, index) => {
    const changes: CellChange[] = [];
    const values = Object.entries(fields).map(
      ([name, value]) => [rowFieldOfName(name)!.row, Buffer.from(value, 'latin1')] as const,
    );
    const onChange = (row: number, first: number, end: number): void => void changes.push([row, first, end]);
    if (kind === 'refresh') page.image(values, onChange);
    else page.update(values, onChange);
    const nowNs = 10e9 * index;
    if (index === 0) shredder.runWhole(page.page, nowNs);
    else {
      let effects = shredder.run(page.page, changes, nowNs);
      for (let left = 20; effects.wakeAtNs !== undefined && left > 0; left--)
        effects = shredder.run(page.page, [], effects.wakeAtNs);
    }
    const items = [...shredder.items()];
    t.strictSame(
      items.filter((item) => item.quality !== 'LIVE').map((item) => item.subject),
      [],
      `${seq}: all are LIVE`,
    );
    const got = items.map((item) =>
      facts(Object.fromEntries([...item.fields].map(([name, { text }]) => [name, text]))),
    );
    t.strictSame(got.sort(), expected[index]!.records.map(facts).sort(), `${seq}: the records`);
    records += got.length;
  });
  t.equal(records, 112, 'records in all');
  t.end();
});
