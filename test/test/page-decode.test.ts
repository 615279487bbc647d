// ticker page decode, as scripts use it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTeletext, TeletextPage } from '@tickerplant/pages';
import { sharedDir } from '@tickerplant/testkit';
import t, { type Test } from 'tap';
import { ticker } from '../src/ticker.ts';

t.setTimeout(600_000);

const shared = sharedDir('pages');
const skip = shared === undefined ? 'no ../shared/pages' : false;

interface Line {
  readonly rows: readonly string[];
  readonly runs: readonly unknown[];
  readonly [key: string]: unknown;
}

/** The JSON lines of a command that must succeed. */
async function decoded(t: Test, file: string, ...options: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await ticker('page', 'decode', file, '--json', '--protocol', ...options);
  t.equal(code, 0, stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

t.test('recordings of terminals', { skip }, async (t) => {
  for (const name of ['vim_simple_edit', 'tmux_htop', 'sgr']) {
    const path = join(shared!, 'ansi-terminal', name);
    const expected = JSON.parse(readFileSync(`${path}.expected.json`, 'utf8')) as Line;
    const size = `${expected.lines}x${expected.columns}`;
    const [screen] = await decoded(t, `${path}.recording`, 'terminal', '--size', size);
    t.same(screen!.rows, expected.rows, `${name}, rows`);
    t.same(screen!.runs, expected.runs, `${name}, runs`);
  }
});

t.test('a log of a live page', { skip }, async (t) => {
  const screens = await decoded(t, join(shared!, 'reuters-fxfx', 'fxfx-live.messages.jsonl'), 'row-fields');
  const expected = readFileSync(join(shared!, 'reuters-fxfx', 'fxfx-live.expected.jsonl'), 'utf8')
    .trim()
    .split('\n');
  t.same(
    screens.map(({ rows }) => rows),
    expected.map((line) => (JSON.parse(line) as { page: string[] }).page),
  );
});

t.test('a week of teletext', { skip }, async (t) => {
  const file = join(shared!, 'teefax', 'teefax-week.t42');
  const pages = await decoded(t, file, 'teletext');
  const expected = JSON.parse(readFileSync(join(shared!, 'teefax', 'teefax-week.final-pages.json'), 'utf8')) as Line[];
  t.same(
    pages.map(({ page, subpage }) => [page, subpage]),
    expected.map(({ page, subpage }) => [page, subpage]),
  );
  for (const [i, page] of pages.entries()) t.match(page.codes, expected[i]!.rows);
  t.equal((await decoded(t, file, 'teletext', '--updates')).length, 340);
});

t.test('made here: each protocol, as JSON and for a person', async (t) => {
  const folder = t.testdir({
    'page.ansi': '\x1b[2J\x1b[2;3H\x1b[31mEUR\x1b[>7m 1.07',
    'page.term': 'plain \x1b[1;38;5;200mbold\x1b[0m\r\n',
    'rows.jsonl': [
      '{"seq":1,"kind":"update","page":"X","fields":{"ROW80_1":"\\u001b[0`lost"}}',
      '{"seq":2,"kind":"refresh","page":"X","fields":{"ROW80_1":"HIGH 1.0812","BID":1}}',
      '{"seq":3,"kind":"update","page":"X","fields":{"ROW80_1":"\\u001b[5`-\\u001b[5b"}}',
    ].join('\n'),
  });
  const [ansi] = await decoded(t, join(folder, 'page.ansi'), 'ansi', '--size', '3x12');
  t.same(ansi!.rows, [' '.repeat(12), '  EUR 1.07  ', ' '.repeat(12)]);
  t.same(ansi!.runs, [
    [],
    [
      [2, 3, 'Red', 'Background', ''],
      [5, 5, 'Red', 'Background', 'FADE_INVERSE'],
    ],
    [],
  ]);
  const [terminal] = await decoded(t, join(folder, 'page.term'), 'terminal');
  t.same(terminal!.runs[0], [[6, 4, 200, 'Background', 'BOLD']]);
  t.equal(terminal!.rows.length, 25);
  const rows = await decoded(t, join(folder, 'rows.jsonl'), 'row-fields');
  t.same(
    rows.map(({ seq, rows }) => [seq, rows[0]!.trimEnd()]),
    [
      [2, 'HIGH 1.0812'],
      [3, 'HIGH ------'],
    ],
  );
  t.match(rows[0]!.faults, { 'no-image': { count: 1, firstAt: 0 } });
  const page = new TeletextPage(0x100, 1);
  for (const [i, character] of [...'\x01RED'].entries()) page.codes[40 + i] = character.charCodeAt(0);
  writeFileSync(join(folder, 'page.t42'), encodeTeletext(page));
  const [teletext] = await decoded(t, join(folder, 'page.t42'), 'teletext');
  t.match(teletext, { page: '100', subpage: '0001', cols: 40 });
  t.equal(teletext!.rows[1]!.trimEnd(), ' RED');
  t.same(teletext!.runs[1], [
    [0, 1, 7, 0],
    [1, 39, 1, 0],
  ]);
  const readable = await ticker('page', 'decode', join(folder, 'page.t42'), '--protocol', 'teletext');
  t.equal(readable.code, 0);
  t.match(readable.stdout, '── 100/0001 ──\n   P100');
  const refused = await ticker('page', 'decode', join(folder, 'rows.jsonl'), '--protocol', 'row-fields');
  t.match(refused.stderr, '1 no-image (first at byte 0)');
});

t.test('errors say what was expected and where', async (t) => {
  const folder = t.testdir({
    empty: '',
    'bad.jsonl': '{"kind":"refresh","fields":{"ROW80_1":"x"}}\n{nonsense',
    'mixed.jsonl': '{"kind":"refresh","fields":{"ROW80_1":"x","ROW64_1":"y"}}',
    'kind.jsonl': '{"kind":"image","fields":{}}',
    'wide.jsonl': '{"kind":"refresh","fields":{"ROW80_1":"€"}}',
    'noise.t42': 'no teletext at all, '.repeat(10),
  });
  const cases: [string, string, number, RegExp][] = [
    ['empty', 'ansi', 1, /expected ansi pages, got no bytes .*PAGES_NOTHING/],
    ['missing', 'terminal', 1, /expected a file that can be read, got ENOENT .*missing/],
    ['missing', 'row-fields', 1, /expected a file that can be read, got ENOENT .*missing/],
    ['bad.jsonl', 'row-fields', 1, /expected a JSON object, got '{nonsense' .*line 2/],
    ['mixed.jsonl', 'row-fields', 1, /expected rows of ROW80 only, got "ROW64_1" .*line 1/],
    ['kind.jsonl', 'row-fields', 1, /expected kind 'refresh' or 'update', got "image"/],
    ['wide.jsonl', 'row-fields', 1, /expected ROW80_1 as text of bytes 00 to FF/],
    ['noise.t42', 'teletext', 1, /expected teletext pages, got .*2 address \(first at byte 0\)/],
    ['empty', 'telex', 2, /ansi, terminal, row-fields, teletext/],
  ];
  for (const [file, protocol, expected, message] of cases) {
    const { code, stderr } = await ticker('page', 'decode', join(folder, file), '--protocol', protocol);
    t.equal(code, expected, `${file} as ${protocol}`);
    t.match(stderr, message);
  }
  const size = await ticker('page', 'decode', join(folder, 'empty'), '--protocol', 'ansi', '--size', 'big');
  t.equal(size.code, 2);
  t.match(size.stderr, "expected --size as ROWSxCOLUMNS, got 'big'");
});
