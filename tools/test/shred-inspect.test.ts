// The inspector: what is said of each cell, the screen, the keys, the server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesOf, shredderPath } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { type Inspection, inspect, noteLines } from '../src/shred/inspect/inspection.ts';
import { follow, moveTo, pressInspectKey } from '../src/shred/inspect/keys.ts';
import { printout, screen, sight, type View } from '../src/shred/inspect/screen.ts';
import { serveInspection } from '../src/shred/inspect/web-server.ts';

const [FIXTURE] = fixturesOf('fx-spot-composite').filter(({ isDrifted }) => !isDrifted);
const STORE = 'none.sqlite';
/** A refused quote in row 7, text that nobody knows in row 19. */
const TEXT = FIXTURE!.text
  .split('\n')
  .map((row, at) => (at === 7 ? row.replace('0.9004', '0,9004') : at === 19 ? '   EXTRA \x1b[2J' : row))
  .join('\n');

function inspected(t: Test): Inspection {
  const file = join(t.testdir({ 'page.txt': TEXT }), 'page.txt');
  return inspect(file, { with: 'fx-spot-composite', store: STORE });
}

const view = (): View => ({ row: 0, column: 0, top: 0, left: 0, isMap: false, problem: '' });

t.test('of each cell: rule, raw, value, field, or why not', async (t) => {
  const page = inspected(t);
  const at = (row: number, column: number) => page.notes[page.cells[row]![column]!]!;
  t.match(at(5, 40), {
    kind: 'value',
    rule: 'spot.quote',
    raw: '1.2549/53',
    type: 'fxQuote',
    value: { bid: '1.2549', ask: '1.2553' },
    subject: 'SPOTFX.GBP',
    state: 'live',
    fields: { quote: '1.2549/53', bid: '1.2549', ask: '1.2553' },
    why: [],
  });
  t.match(at(7, 40), { kind: 'refused', raw: '0,9004/09', fields: { bid: null }, why: [/^TYPE_REJECT row=7 col=39/] });
  t.equal(at(7, 6).kind, 'doubt', 'the rest of a row that is not believed');
  t.equal(at(5, 50).kind, 'window', 'a blank that a rule looks at');
  t.equal(at(5, 24).kind, 'value', 'the blank between two words of a value');
  t.match(at(0, 6), { kind: 'anchor', rule: 'name' });
  t.match(at(2, 0), { kind: 'header', rule: 'spot' });
  t.equal(at(1, 5).kind, 'known');
  t.equal(at(19, 3).kind, 'unread');
  t.match(page.unread, [{ row: 19, column: 3, text: 'EXTRA' }, {}]);
  t.match(noteLines(page, 7, 40), [
    /row 7 col 40/,
    /rule +spot\.quote {2}col 38\.\.\d+/,
    /raw/,
    /type/,
    /item +SPOTFX\.CHF {2}stale/,
    /fields/,
    /why +TYPE_REJECT/,
  ]);
  t.match(noteLines(page, 19, 3).join('\n'), /no rule reads this/);
});

t.test('screens fit, and no page commands the terminal', async (t) => {
  const page = inspected(t);
  for (const [width, height] of [
    [140, 40],
    [100, 30],
    [40, 12],
    [10, 3],
  ] as const) {
    const now = view();
    const room = sight(page, width, height);
    moveTo(page, now, 19, 8);
    follow(now, room.rows, room.columns);
    const lines = screen(page, now, width, height, 'text');
    t.equal(lines.length, height, `${width}x${height}`);
    if (width >= 40)
      t.ok(
        lines.every((line) => [...line].length <= width),
        `${width}x${height}: no line is too long`,
      );
    t.notOk(lines.some((line) => line.includes('\x1b')));
  }
  const lines = screen(page, { ...view(), row: 7, column: 38 }, 140, 40, 'colour').join('\n');
  t.ok(lines.includes('\x1b[97;41;7m0\x1b[0m\x1b[97;41m,9004/09'), 'refused text and the cursor are seen');
  t.ok(lines.includes('\x1b[30;43mEXTRA'), 'unread text is seen');
  t.match(
    printout(page, 'text').join('\n'),
    /^ {2}5 aaaaa bbb {2}cccc {2}dddddddddddd·+ +eee {2}fffffffff·+ +gggggg·+ +hhhhhh·+$/m,
    'the map has letters',
  );
});

t.test('keys: over the page, and to what needs work', async (t) => {
  const page = inspected(t);
  const now = view();
  const press = (...keys: string[]) => keys.map((key) => pressInspectKey(page, now, key)).at(-1);
  press('up', 'left');
  t.strictSame([now.row, now.column], [0, 0]);
  press('down', 'right', 'l');
  t.strictSame([now.row, now.column], [1, 2]);
  press('n');
  t.strictSame([now.row, now.column], [7, 38], 'refused');
  press('tab');
  t.strictSame([now.row, now.column], [19, 3], 'unread');
  press('p');
  t.strictSame([now.row, now.column], [7, 38]);
  press('end');
  t.equal(now.column, 79);
  press('m');
  t.ok(now.isMap);
  t.equal(press('x'), false);
  t.equal(press('q'), true);
});

t.test('the server: loopback, what it shows follows the files', async (t) => {
  const yaml = readFileSync(shredderPath('fx-spot-composite'), 'utf8');
  const folder = t.testdir({ 'page.txt': TEXT, 'mine.yaml': yaml });
  const mine = join(folder, 'mine.yaml');
  const server = await serveInspection(join(folder, 'page.txt'), { with: mine, store: STORE }, 0);
  t.teardown(() => server.close());
  const ask = async () =>
    (await (await fetch(`${server.url}inspection.json`)).json()) as { inspection: Inspection; problem: string };
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const html = await fetch(server.url);
  t.match(await html.text(), /inspect\.js/);
  t.match(html.headers.get('content-security-policy'), /default-src 'none'/);
  t.equal((await ask()).inspection.unread.length, 2);
  const events = await fetch(`${server.url}events`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.match((await reader.read()).value, /data: hello/);
  writeFileSync(mine, yaml.replace('{rows: 14..18}', '{rows: 14..19}'));
  t.match((await reader.read()).value, /data: changed/);
  t.equal((await ask()).inspection.unread.length, 0, 'the new shredder is used');
  writeFileSync(mine, yaml.replace('key: ccy', 'key: cyc'));
  t.match((await reader.read()).value, /data: changed/);
  const broken = await ask();
  t.match(broken.problem, /mine\.yaml:\d+:\d+ tables\.spot\.key: .*cyc/);
  t.equal(broken.inspection.unread.length, 0, 'the last one that could be used is still shown');
  await reader.cancel();
  t.equal((await fetch(`${server.url}nothing`)).status, 404);
  t.equal((await fetch(server.url, { method: 'POST' })).status, 405);
});
