// The inspector: what is said of each cell, the screen, the keys, the server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixturesOf, shredderPath } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { capturedPage, filePage } from '../src/shred/inspect/inspectable.ts';
import { type Inspection, noteLines } from '../src/shred/inspect/inspection.ts';
import { follow, moveTo, pressInspectKey } from '../src/shred/inspect/keys.ts';
import { newView, printout, screen, sight } from '../src/shred/inspect/screen.ts';
import { serveInspection } from '../src/shred/inspect/web-server.ts';
import { CapturedFloor } from './captured-floor.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/shredders/', import.meta.url));
const [FIXTURE] = fixturesOf('fx-spot-composite').filter(({ isDrifted }) => !isDrifted);
const STORE = 'none.sqlite';
/** A refused quote in row 7, text that nobody knows in row 19. */
const TEXT = FIXTURE!.text
  .split('\n')
  .map((row, at) => (at === 7 ? row.replace('0.9004', '0,9004') : at === 19 ? '   EXTRA \x1b[2J' : row))
  .join('\n');

function inspected(t: Test): Inspection {
  const file = join(t.testdir({ 'page.txt': TEXT }), 'page.txt');
  return filePage(file, { with: 'fx-spot-composite', store: STORE }).inspect(0);
}

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
    const now = newView();
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
  const lines = screen(page, { ...newView(), row: 7, column: 38 }, 140, 40, 'colour').join('\n');
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
  const now = newView();
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
  const server = await serveInspection(filePage(join(folder, 'page.txt'), { with: mine, store: STORE }), 0);
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

async function capturedMetals(
  t: Test,
): Promise<{ capture: string[]; changes: number; before: (atNs: number) => number }> {
  const floor = new CapturedFloor(5);
  floor.add('FXSP0001');
  floor.add('METL0001');
  floor.pass(1_000);
  for (let i = 0; i < 20; i++) {
    floor.change('METL0001', (page) => page.step());
    floor.pass(100);
  }
  floor.pass(2_000);
  floor.change('METL0001', (page) => page.setLayout('changed'));
  floor.pass(1_500);
  const file = join(t.testdir(), 'day.pcapng.gz');
  await floor.write(file);
  const { history } = floor.pages.get('METL0001')!;
  const before = (atNs: number): number => history.filter((one) => one.atNs <= atNs).length;
  return { capture: [file], changes: history.length, before };
}

const METALS = { with: join(EXAMPLES, 'warehouse-metals.yaml'), store: STORE };

t.test('a page out of a capture: at a time, before and after; age and drift', async (t) => {
  const { capture, changes, before } = await capturedMetals(t);
  const captured = await capturedPage(undefined, { ...METALS, capture });
  t.equal(captured.count, changes, 'the page that the shredder reads');
  t.equal(captured.first, changes - 1, 'as it was in the end');
  const end = captured.inspect(captured.first);
  t.match(end, {
    file: 'SCREEN.METL0001',
    match: 'hard-drift',
    moment: { number: changes - 1, count: changes, quality: 'LIVE' },
  });
  t.match(end.drifts, [{ row: 1, column: 19, end: 32, what: 'anchor', rule: 'unit', want: 'USD PER TONNE' }]);
  t.match(
    noteLines(end, 1, 24).join('\n'),
    /age {5}changed at this moment\ndrift {3}anchor unit: want "USD PER TONNE"/,
  );

  const early = await capturedPage('SCREEN.METL0001', { ...METALS, capture, at: '10:00:01.95' });
  const then = early.inspect(early.first);
  const number = before(1_950_000_000) - 1;
  t.ok(number > 5);
  t.match(then, { match: 'match', drifts: [], moment: { at: '2026-01-05T10:00:01.900000000Z', number } });
  const ages = then.ages!.flat().filter((age) => age !== null);
  t.ok(ages.includes(0) && ages.every((age) => age >= 0 && age <= 900), 'what has changed since the beginning');
  t.ok(then.ages!.flat().includes(null));

  const now = newView();
  const press = (...keys: string[]) => {
    for (const key of keys) pressInspectKey(then, now, key);
  };
  press(']');
  t.equal(now.moment, number + 1);
  press('{');
  t.equal(now.moment, 0);
  press('}');
  t.equal(now.moment, changes - 1);
  press('a', 'n');
  t.equal(now.overlay, 'age');
  t.equal(then.ages![now.row]![now.column], 0, 'to what has just changed');
  const shown = screen(then, now, 150, 40, 'colour').join('\n');
  t.ok(shown.includes('\x1b[30;103;7m'), 'just changed, under the cursor');
  t.ok(shown.includes('\x1b[1;93m'), 'changed within a second');
  t.ok(shown.includes(`2026-01-05 10:00:01.900, change ${number + 1} of ${changes}`));
  press('d');
  t.equal(now.overlay, 'drift');
  press('d');
  t.equal(now.overlay, 'rules');
  t.match(printout(then, 'text').join('\n'), /changed within 0 now {2}1 1 s/);
  t.match(printout(end, 'text').join('\n'), /drift {4}row 1 col 19\.\.31 {2}anchor unit {2}want "USD PER TONNE"/);

  await t.rejects(capturedPage('SCREEN.NONE', { ...METALS, capture }), { code: 'SHRED_NO_PAGE' });
  await t.rejects(capturedPage(undefined, { ...METALS, capture, at: 'noon' }), { code: 'TOOLS_BAD_OPTION' });
});

t.test('the drift overlay: anchors, headers and static text of the fixtures', async (t) => {
  const text = FIXTURE!.text.replace('BID/ASK', 'BID/OFF').replace('RATES FOR INDICATION', 'RATES FOR INFORMATION');
  const file = join(t.testdir({ 'page.txt': text }), 'page.txt');
  const page = filePage(file, { with: 'fx-spot-composite', store: STORE }).inspect(0);
  t.ok(page.learnedFrom > 0, 'the shipped one has fixtures');
  t.match(page.drifts[0], { what: 'header', want: 'BID/ASK', got: 'BID/OFF' });
  const now = newView();
  pressInspectKey(page, now, 'd');
  pressInspectKey(page, now, 'n');
  t.same([now.row, now.column], [page.drifts[0]!.row, page.drifts[0]!.column]);
  const lines = screen(page, { ...now, row: 0, column: 0 }, 140, 40, 'colour').join('\n');
  t.ok(lines.includes('\x1b[97;41mBID/OFF'), 'what is another one');
  t.ok(lines.includes('\x1b[42;30m'), 'what is as it was');
  pressInspectKey(page, now, 'a');
  t.match(screen(page, now, 140, 40, 'text').join('\n'), /--capture/, 'ages are known of captured pages only');
});

t.test('the server goes to another moment', async (t) => {
  const { capture, changes } = await capturedMetals(t);
  const server = await serveInspection(await capturedPage(undefined, { ...METALS, capture }), 0);
  t.teardown(() => server.close());
  const ask = async (query: string) => {
    const answer = (await (await fetch(`${server.url}inspection.json${query}`)).json()) as { inspection: Inspection };
    return answer.inspection.moment!.number;
  };
  t.equal(await ask(''), changes - 1);
  t.equal(await ask('?moment=3'), 3);
  t.equal(await ask(''), 3, 'and stays there');
  t.equal(await ask('?moment=999999'), changes - 1);
  t.equal((await fetch(`${server.url}inspection.json?moment=x`)).status, 404);
});
