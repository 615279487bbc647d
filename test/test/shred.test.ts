// ticker shred, as scripts use it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesOf } from '@tickerplant/shredders';
import t from 'tap';
import { ticker } from '../src/ticker.ts';

t.setTimeout(600_000);

const fixture = fixturesOf('news-headlines').find(({ isDrifted }) => !isDrifted)!;

t.test('run: a page, with the colours beside it', async (t) => {
  const folder = t.testdir({ 'page.txt': fixture.text, 'page.attrs.json': JSON.stringify(fixture.attributes) });
  const { code, stdout, stderr } = await ticker(
    'shred',
    'run',
    'news-headlines',
    '--page',
    join(folder, 'page.txt'),
    '--json',
  );
  t.equal(code, 0, stderr);
  const result = JSON.parse(stdout);
  t.strictSame(Object.keys(result), ['page', 'match', 'reasons', 'items']);
  t.equal(result.page, 'NEWSTOP');
  t.equal(result.match, 'match');
  const bySubject = (a: { subject: string }, b: { subject: string }): number => (a.subject < b.subject ? -1 : 1);
  t.strictSame(
    result.items.sort(bySubject),
    [...fixture.live].sort(bySubject).map(({ subject, fields }) => ({ subject, quality: 'LIVE', reason: '', fields })),
  );
});

t.test('run: a page that drifted says why, and shows no value', async (t) => {
  const folder = t.testdir({ 'page.txt': fixture.text.replace('HEADLINE', 'STORY   ') });
  const { code, stdout } = await ticker('shred', 'run', 'news-headlines', '--page', join(folder, 'page.txt'), '--json');
  t.equal(code, 0);
  const result = JSON.parse(stdout);
  t.equal(result.match, 'hard-drift');
  t.match(result.reasons, [/^ANCHOR_MISSING row=2 col=16 want="HEADLINE" got="STORY {3}"$/]);
  t.ok(result.items.every((item: { quality: string }) => item.quality === 'SUSPECT'));
});

t.test('cover and explain', async (t) => {
  const folder = t.testdir({ 'page.txt': fixture.text });
  const page = join(folder, 'page.txt');
  const cover = await ticker('shred', 'cover', 'news-headlines', '--page', page, '--json');
  t.match(JSON.parse(cover.stdout), { page: 'NEWSTOP', unread: [], idle: [] });
  const explained = await ticker('shred', 'explain', 'news-headlines', '4', '20', '--page', page, '--json');
  t.match(JSON.parse(explained.stdout), { role: 'cell', rule: 'headlines.headline', outcome: 'value' });
});

t.test('test: all shipped shredders, and one of your own that differs', async (t) => {
  t.match(await ticker('shred', 'test', 'swap-fixings'), { code: 0, stdout: /ok {4} {2}swap-fixings april/ });
  const folder = t.testdir({
    'mine.yaml':
      'shredder: mine\npage: MINE\nsize: 3x20\nversion: 1\nanchors: {name: {text: MINE, row: 0, column: 0}}\ntables:\n  all:\n    rows: 1..2\n' +
      '    columns: {name: {at: 0..4, type: text}, price: {at: 6..12, type: price}}\n    key: name\n    fields: {price: price}\n',
    fixtures: {
      mine: {
        'good.txt': 'MINE\nOAK   1.50\n',
        'good.expected.json': '{"drifted": false, "live": [{"subject": "MINE.OAK", "fields": {"price": "1.51"}}]}',
      },
    },
  });
  const result = await ticker('shred', 'test', join(folder, 'mine.yaml'));
  t.not(result.code, 0);
  t.match(result.stdout, /not ok {2}mine good\n.*MINE\.OAK price: expected "1\.51", got "1\.50"/);
});

t.test('what cannot be run says what was expected', async (t) => {
  t.match(await ticker('shred', 'run', 'nope', '--page', 'x'), {
    code: 2,
    stderr: /expected a YAML file or one of .*base-metals/,
  });
  const folder = t.testdir({});
  const bad = join(folder, 'bad.yaml');
  writeFileSync(bad, 'shredder: bad\npages: X\n');
  const result = await ticker('shred', 'run', bad, '--page', 'x');
  t.equal(result.code, 2);
  t.match(result.stderr, /bad\.yaml:2:1 pages: unknown key: did you mean page\?/);
});
