import { BASIC, CellRuns, Fade, Page, Style, Trust, textWord, withForeground } from '@tickerplant/pages';
import type { FieldValue } from '@tickerplant/records';
import t from 'tap';
import { linkAt, linksOf, neighbour, subjectFor } from '../src/page-view/links.ts';
import { pressPageKey } from '../src/page-view/page-keys.ts';
import { type PageItem, PageModel } from '../src/page-view/page-model.ts';
import { type PageFacts, PageScreen } from '../src/page-view/page-screen.ts';
import { parseKeys } from '../src/watch/keys.ts';
import { paintOf } from '../src/watch/paint.ts';

const NOW = Date.UTC(2026, 10, 22, 14, 30);
const FACTS = { floor: 'test', status: '239.1.2.3:4000', note: '' };
const LIVE = { quality: 0, name: 'LIVE', reason: '', detail: '', since: BigInt(NOW) * 1_000_000n };
const STALE = { ...LIVE, quality: 2, name: 'STALE', reason: 'vendor-down', detail: 'no connection' };

function write(page: Page, row: number, column: number, text: string, style = 0, extra = 0): void {
  [...text].forEach((one, index) => {
    page.put(row, column + index, textWord(one.codePointAt(0)!), style, extra);
  });
}

class FakePage implements PageItem {
  readonly subject = 'NEWS.FX';
  readonly recordKind = 2;
  removed = false;
  state = LIVE;
  page: Page | undefined;
  readonly fields = new Map<string, FieldValue>();

  constructor(rows = 4, columns = 30) {
    this.page = new Page(rows, columns);
    this.page.clear();
  }

  get(name: string): FieldValue | undefined {
    return this.fields.get(name);
  }
}

function view(item = new FakePage(), isColoured = true): { item: FakePage; model: PageModel; screen: PageScreen } {
  const model = new PageModel('NEWS.FX', NOW);
  model.image(item, NOW);
  return { item, model, screen: new PageScreen(model, paintOf(isColoured ? 'colour' : 'mono'), isColoured) };
}

/** A screen with ␛ for the control character. */
function draw(screen: PageScreen, facts: PageFacts, nowMs: number, width: number, height: number): string[] {
  return screen.screen(facts, nowMs, width, height).map((line) => line.replaceAll('\x1b', '␛'));
}

/** Without what gives it its looks. */
function plain(line: string): string {
  return line.replace(/␛\[[0-9;]*m/g, '');
}

t.test('links: in brackets, or a word under the cursor', (t) => {
  const page = new Page(3, 40);
  write(page, 0, 2, 'see <FXSP0001> and <0#EUR=>');
  write(page, 1, 0, 'a < b > c  page 305, EUR=');
  t.same(
    linksOf(page).map(({ row, first, end, name }) => [row, first, end, name]),
    [
      [0, 6, 16, 'FXSP0001'],
      [0, 21, 29, '0#EUR='],
    ],
  );
  t.equal(linkAt(page, 0, 6)?.name, 'FXSP0001', 'on the bracket too');
  t.equal(linkAt(page, 0, 3)?.name, 'see');
  t.equal(linkAt(page, 1, 17)?.name, '305');
  t.equal(linkAt(page, 1, 22)?.name, 'EUR=');
  t.equal(linkAt(page, 1, 4), undefined);
  t.equal(linkAt(page, 2, 0), undefined);
  t.equal(subjectFor('305', 'NEWS', ['NEWS', 'TEXT']), 'NEWS.305');
  t.equal(subjectFor('TEXT.305', 'NEWS', ['NEWS', 'TEXT']), 'TEXT.305');
  t.equal(subjectFor('BRK.A', 'NEWS', ['NEWS', 'TEXT']), 'NEWS.BRK.A');
  t.equal(neighbour('FXSP0009', 1), 'FXSP0010');
  t.equal(neighbour('100/0002', -1), '100/0001');
  t.equal(neighbour('X0', -1), undefined);
  t.equal(neighbour('FXFX', 1), undefined);
  t.end();
});

t.test('a live page has its colours, and changes are seen for a moment', (t) => {
  const { item, model, screen } = view();
  write(item.page!, 1, 0, 'BID', withForeground(Style.BOLD, BASIC + 1));
  const lines = draw(screen, FACTS, NOW, 60, 10);
  t.equal(lines.length, 10);
  t.match(plain(lines[0]!), /^ NEWS\.FX {3}LIVE .*14:30:00 GMT $/);
  t.match(lines[0], /^␛\[7m/);
  t.match(lines[2], /␛\[0;1;31mBID␛\[0m/);
  t.match(plain(lines[2]!), /^│BID {27}│$/);
  write(item.page!, 1, 4, '99');
  const cells = new CellRuns();
  cells.add(1, 4, 6);
  model.changed(item, cells, NOW);
  t.match(draw(screen, FACTS, NOW + 100, 60, 10)[2], /␛\[0;30;43m99␛\[0m/);
  t.notMatch(draw(screen, FACTS, NOW + 1600, 60, 10)[2], /43m/);

  t.test('with the looks that the service gives them, where it does', (t) => {
    write(item.page!, 1, 4, '88', 0, Fade.REVERSE | (4 << 8));
    model.changed(item, cells, NOW);
    t.match(draw(screen, FACTS, NOW + 4000, 60, 10)[2], /␛\[0;7;33m88/);
    t.notMatch(draw(screen, FACTS, NOW + 5100, 60, 10)[2], /33m/);
    t.end();
  });
  t.test('damaged cells are reversed, and those never heard of marked', (t) => {
    item.page!.mark(1, 0, Trust.DAMAGED);
    item.page!.mark(1, 10, Trust.NEVER_SET);
    const line = draw(screen, FACTS, NOW + 9000, 60, 10)[2]!;
    t.match(line, /␛\[0;1;7;31mB␛\[0;1;31mID/);
    t.match(line, /␛\[0;2m·/);
    t.end();
  });
  t.end();
});

t.test('the age of cells, in place of the colours of the page', (t) => {
  const { item, model, screen } = view();
  write(item.page!, 1, 0, 'BID 99', withForeground(Style.BOLD, BASIC + 1));
  const cells = new CellRuns();
  cells.add(1, 4, 6);
  model.changed(item, cells, NOW);
  pressPageKey(model, 'a');
  const row = (afterMs: number): string => draw(screen, FACTS, NOW + afterMs, 60, 10)[2]!;
  t.match(row(500), /␛\[0;2mBID ␛\[0;1;93m99␛\[0;2m /);
  t.match(row(5_000), /␛\[0;33m99/);
  t.match(row(700_000), /␛\[0;90m99/);
  t.match(plain(draw(screen, FACTS, NOW, 120, 10)[9]!), /changed within 1 s/);
  model.cursor = { row: 1, column: 4 };
  t.match(row(5_000), /␛\[0;33;7m9␛\[0;33m9/, 'there is the cursor');
  item.state = STALE;
  t.notMatch(row(500).replaceAll('␛[1;30;43m', ''), /;[39]\d/, 'one that is not LIVE has no colours here either');
  item.state = LIVE;
  pressPageKey(model, 'a');
  t.match(row(5_000), /␛\[0;1;31mBID/);
  t.end();
});

t.test('without colours, attributes only', (t) => {
  const { item, model, screen } = view(new FakePage(), false);
  write(item.page!, 0, 0, 'X', withForeground(Style.BOLD, BASIC + 1));
  const cells = new CellRuns();
  cells.add(0, 0, 1);
  model.changed(item, cells, NOW);
  const lines = draw(screen, FACTS, NOW, 60, 10);
  t.match(lines[1], /␛\[0;1;7mX/);
  for (const line of lines) t.notMatch(line, /;3\d|;4\d/);
  t.end();
});

t.test('a page that is not LIVE cannot be taken for one that is', (t) => {
  const { item, model, screen } = view();
  write(item.page!, 0, 0, 'BID', withForeground(Style.BOLD, BASIC + 1));
  const cells = new CellRuns();
  cells.add(0, 0, 3);
  model.changed(item, cells, NOW);
  for (const state of [
    STALE,
    { ...STALE, quality: 1, name: 'RECOVERING' },
    { ...STALE, quality: 3, name: 'SUSPECT' },
  ]) {
    item.state = state;
    const lines = draw(screen, FACTS, NOW + 12_000, 60, 10);
    t.match(lines[0], /^␛\[1;30;43m/);
    t.match(plain(lines[0]!), new RegExp(`^ NEWS.FX {3}${state.name} vendor-down 12s: no con`));
    for (const line of lines.slice(1, 5)) {
      t.match(line, /^␛\[1;30;43m│/, 'the sides say so too');
      t.notMatch(line.replaceAll('␛[1;30;43m', ''), /;[34]\d/, 'none of its colours');
    }
    t.match(plain(lines[1]!), /BID/);
  }
  item.state = LIVE;
  item.removed = true;
  t.match(draw(screen, FACTS, NOW, 60, 10)[0], /^␛\[1;30;43m.*REMOVED/);
  t.end();
});

t.test('where there is no page, what is being waited for or why there is none', (t) => {
  const model = new PageModel('NEWS.NOPE', NOW);
  const screen = new PageScreen(model, paintOf('text'), false);
  const shown = (facts = FACTS): string => draw(screen, facts, NOW, 100, 8).join('\n');
  t.match(shown({ ...FACTS, floor: '' }), /waiting for a plant on 239/);
  t.match(shown(), /nobody has it yet/);
  const item = new FakePage();
  item.page = undefined;
  item.state = { ...STALE, quality: 1, reason: 'waiting-for-image' };
  model.image(item, NOW);
  t.match(shown(), /waiting for the image of NEWS.NOPE/);
  item.state = { ...STALE, reason: 'vendor-says', detail: 'no such \x1bpage' };
  t.match(shown(), /NEWS.NOPE is not to be had\n no such \?page/);
  item.state = STALE;
  t.match(shown(), /NEWS.NOPE is not there yet\n no connection/);
  item.removed = true;
  t.match(shown(), /has been taken off/);
  t.end();
});

t.test('a small terminal shows a part, and follows the cursor', (t) => {
  const { item, model, screen } = view(new FakePage(25, 80));
  for (let row = 0; row < 25; row++) write(item.page!, row, 0, `row ${row} ${'-'.repeat(60)} end`);
  let lines = draw(screen, FACTS, NOW, 40, 10);
  t.equal(lines.length, 10);
  for (const line of lines) t.ok(plain(line).length <= 40);
  t.match(plain(lines[1]!), /^row 0/);
  for (let i = 0; i < 12; i++) pressPageKey(model, 'down');
  for (let i = 0; i < 75; i++) pressPageKey(model, 'right');
  lines = draw(screen, FACTS, NOW, 40, 10);
  t.match(plain(lines[8]!), /end/);
  t.match(lines[8], /␛\[0;7m/, 'there is the cursor');
  t.end();
});

t.test('double-width characters keep their columns', (t) => {
  const { item, screen } = view(new FakePage(2, 10));
  item.page!.putWide(0, 2, 0x65e5, 0, 0, 0);
  t.equal(plain(draw(screen, FACTS, NOW, 60, 6)[1]!), '│  日      │');
  t.equal(plain(draw(screen, FACTS, NOW, 3, 6)[1]!), '   ', 'one that is cut off is a blank');
  t.end();
});

t.test('keys: links, numbers, next and previous, back', (t) => {
  const { item, model } = view();
  const press = (...keys: string[]): unknown => keys.map((key) => pressPageKey(model, key)).at(-1);
  write(item.page!, 1, 3, '<FXSP0001> <FXSP0002>');
  t.same(press('tab', 'enter'), { go: 'FXSP0001' });
  t.same(press('tab', 'enter'), { go: 'FXSP0002' });
  t.same(press('tab', 'enter'), { go: 'FXSP0001' }, 'round and round');
  t.same(press('back-tab', 'enter'), { go: 'FXSP0002' });
  t.same(press('escape', 'enter'), undefined);
  t.match(model.hint, /no name/);
  t.same(press(...'305', 'enter'), { go: '305' });
  t.same(press('g', ...'EUR=', 'backspace', 'enter'), { go: 'EUR' });
  t.same(press('g', 'q', 'escape'), undefined, 'q is a letter while a name is typed');
  t.equal(model.entry, undefined);
  t.same(press('n'), undefined);
  t.match(model.hint, /no page before or after/);
  item.fields.set('NEXT_LR', 'FXFY ');
  t.same(press('n'), { go: 'FXFY' });
  t.same(press('q'), 'exit');
  t.same(press('g', 'ctrl-c'), 'exit');

  model.open('NEWS.FXSP0009', NOW);
  t.equal(model.item, undefined);
  t.same(press('page-down'), { go: 'FXSP0010' });
  t.same(press('-'), { go: 'FXSP0008' });
  t.equal(press('backspace'), 'back');
  t.ok(model.back(NOW));
  t.equal(model.subject, 'NEWS.FX');
  t.notOk(model.back(NOW));
  t.same(parseKeys('\t\x1b[Z\x1b[C\x1bOD'), ['tab', 'back-tab', 'right', 'left']);
  t.end();
});
