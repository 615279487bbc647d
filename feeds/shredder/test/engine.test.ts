// What becomes of items while their page changes, drifts, comes back.
import { Trust, textWord } from '@tickerplant/pages';
import {
  type CellChange,
  type ColumnSource,
  compile,
  coverage,
  type Effects,
  explain,
  learnFingerprint,
  PageSet,
  pageFromText,
  reasonText,
  Shredder,
  type ShredderSource,
  shredPage,
} from '@tickerplant/shredder';
import t from 'tap';
import { type Page, PLAN, pageOf, ROWS, SOURCE, TABLE, withRows } from './support.ts';

const MS = 1e6;

/** A shredder with its page and a clock that only goes when told. */
class Desk {
  readonly shredder: Shredder;
  readonly page: Page;
  nowMs = 0;

  constructor(plan = PLAN, page = pageOf(), options = {}) {
    this.shredder = new Shredder(plan, options);
    this.page = page;
    this.shredder.runWhole(page, 0);
  }

  /** Writes rows, and runs. */
  write(rows: Readonly<Record<number, string>>): Effects {
    const changes: CellChange[] = [];
    for (const [row, text] of Object.entries(rows)) {
      [...text.padEnd(this.page.columns)].forEach((letter, column) => {
        this.page.put(Number(row), column, textWord(letter.charCodeAt(0)), 0, 0);
      });
      changes.push([Number(row), 0, this.page.columns]);
    }
    return this.shredder.run(this.page, changes, this.nowMs * MS);
  }

  /** Lets time pass, waking the shredder when it asks for it. */
  wait(ms: number): Effects[] {
    const end = this.nowMs + ms;
    const all: Effects[] = [];
    let effects = this.shredder.run(this.page, [], this.nowMs * MS);
    all.push(effects);
    while (effects.wakeAtNs !== undefined && effects.wakeAtNs <= end * MS && all.length < 100) {
      this.nowMs = effects.wakeAtNs / MS;
      effects = this.shredder.run(this.page, [], effects.wakeAtNs);
      all.push(effects);
    }
    this.nowMs = end;
    all.push(this.shredder.run(this.page, [], end * MS));
    return all;
  }

  /** `ELM live`, `OAK stale TYPE_REJECT` */
  states(): string[] {
    return [...this.shredder.items()].map(({ subject, state, reasons }) =>
      [subject.split('.')[1], state, ...reasons.map((why) => why.code)].join(' '),
    );
  }

  bid(name: string): unknown {
    return [...this.shredder.items()].find((item) => item.subject === `TREES.${name}`)?.fields.get('bid')?.text;
  }
}

const ALL = ['ELM live', 'OAK live', 'ASH live', 'FIR live', 'YEW no-value'];
const records = (effects: readonly Effects[]) => effects.flatMap((one) => one.records);
const alerts = (effects: readonly Effects[]) => effects.flatMap((one) => one.alerts);

t.test('a change is read when it has settled, and only what changed is published', async (t) => {
  const desk = new Desk();
  t.strictSame(desk.states(), ALL);
  const first = desk.write({ 4: 'OAK    20.12/20.20    20.50' });
  t.strictSame(first.records, [], 'nothing while it may still be written');
  t.equal(first.wakeAtNs, 10 * MS);
  const published = records(desk.wait(20));
  t.strictSame(
    published.map(({ subject, fields }) => [subject, [...fields].map(([name, { text }]) => [name, text])]),
    [['TREES.OAK', [['bid', '20.12']]]],
  );
});

t.test('a page that never stands still is read all the same', async (t) => {
  const desk = new Desk();
  let published = 0;
  for (let step = 0; step < 60; step++) {
    desk.nowMs = step * 5;
    published += desk.write({ 3: `ELM    10.${10 + (step % 9)}/10.20    10.50` }).records.length;
  }
  t.ok(published > 0 && published <= 3, `now and then: ${published}`);
});

t.test('a refused cell puts its item in doubt, and nothing else', async (t) => {
  const desk = new Desk();
  desk.write({ 4: 'OAK    2O.10/20.20    20.50' });
  const effects = desk.wait(50);
  t.strictSame(desk.states(), ['ELM live', 'OAK stale TYPE_REJECT', 'ASH live', 'FIR live', 'YEW no-value']);
  t.strictSame(records(effects), [], 'the last good value stays');
  t.equal(desk.bid('OAK'), '20.10');
  t.strictSame(
    alerts(effects).map((alert) => [alert.kind, alert.about]),
    [['item', 'TREES.OAK']],
  );
  desk.write({ 4: ROWS[4]! });
  desk.wait(50);
  t.strictSame(desk.states(), ALL, 'and is back as soon as it reads');
});

t.test('a missing anchor: all of it goes SUSPECT at once, and comes back after two settled images', async (t) => {
  const desk = new Desk();
  desk.write({ 1: 'TREE   BID/OFFER      HIGH' });
  const effects = desk.wait(10);
  t.ok(
    desk.states().every((state) => state.endsWith('stale ANCHOR_MISSING')),
    desk.states().join(', '),
  );
  t.equal(desk.bid('ELM'), '10.10', 'the last good values are kept, not shown as live');
  const drift = alerts(effects).find((alert) => alert.kind === 'drift')!;
  t.match(drift.reasons.map(reasonText), [/^ANCHOR_MISSING row=1 col=7 want="BID\/ASK" got="BID\/OFF"$/]);
  t.equal(drift.evidence?.rowText(1).trim(), 'TREE   BID/OFFER      HIGH', 'the page is kept as evidence');
  desk.write({ 3: 'ELM    11.10/11.20    11.50' });
  t.strictSame(records(desk.wait(50)), [], 'nothing is published meanwhile');
  desk.write({ 1: ROWS[1]! });
  const back = [...desk.wait(10)];
  t.ok(
    desk.states().every((state) => state.endsWith('RETURNING')),
    'one settled image is not enough',
  );
  back.push(...desk.wait(30));
  t.strictSame(desk.states(), ALL);
  t.strictSame(
    records(back).map((one) => one.subject),
    ['TREES.ELM'],
    'and what changed meanwhile is published',
  );
  t.ok(alerts(back).some((alert) => alert.kind === 'returned'));
});

t.test('columns move with their headers, and not without', async (t) => {
  const moved = new Desk(
    PLAN,
    pageOf(ROWS.map((row) => (row.length > 7 && !row.startsWith('-') ? `${row.slice(0, 7)}  ${row.slice(7)}` : row))),
  );
  t.strictSame(moved.states(), ALL, 'header and data');
  const data = new Desk(
    PLAN,
    pageOf(ROWS.map((row, at) => (at > 2 && at < 8 ? `${row.slice(0, 7)}  ${row.slice(7)}` : row))),
  );
  t.ok(
    data.states().every((state) => !state.includes('live')),
    'data alone',
  );
});

t.test('labels decide: swapped, doubled, missing, unknown', async (t) => {
  const swapped = new Desk(PLAN, pageOf(withRows({ 3: ROWS[4]!, 4: ROWS[3]! })));
  t.equal(swapped.bid('ELM'), '10.10');
  const doubled = new Desk(PLAN, pageOf(withRows({ 4: 'ELM    20.10/20.20    20.50' })));
  t.strictSame(doubled.states(), [
    'ELM stale LABEL_AMBIGUOUS',
    'ASH live',
    'FIR live',
    'YEW no-value',
    'OAK stale LABEL_MISSING',
  ]);
  const unknown = new Desk(PLAN, pageOf(withRows({ 2: 'BOX    50.10/50.20    50.50' })));
  t.strictSame(unknown.states(), ALL);
  t.equal(unknown.shredder.match, 'soft-drift');
  t.match(unknown.shredder.matchReasons(unknown.page).map(reasonText), [/"BOX"/]);
});

t.test('guards: crossed sides are wrong, a wide spread waits', async (t) => {
  const desk = new Desk();
  desk.write({ 3: 'ELM    10.30/10.20    10.50', 4: 'OAK    18.10/20.20    20.50' });
  desk.wait(20);
  t.strictSame(desk.states().slice(0, 2), ['ELM stale TYPE_REJECT', 'OAK held GUARD_FAIL']);
});

t.test('too many refused cells: none of the table is believed', async (t) => {
  const desk = new Desk(PLAN, pageOf(ROWS.map((row) => row.replaceAll('.', ','))));
  t.ok(
    desk.states().every((state) => state.includes('stale COLUMN_REJECTED') || state.includes('stale REJECTED_SHARE')),
  );
});

t.test('a page in drift that goes on ticking says once what is wrong', async (t) => {
  const desk = new Desk();
  const comma = ROWS.map((row) => row.replaceAll('.', ','));
  desk.write({ 3: comma[3]!, 4: comma[4]!, 5: comma[5]! });
  const first = desk.wait(50);
  t.ok(alerts(first).some(({ kind }) => kind === 'drift'));
  t.equal(first.flatMap(({ states }) => states).length, ALL.length, 'each item once');
  desk.write({ 3: 'ELM    10,30/10,40    10,50' });
  const more = desk.wait(50);
  t.strictSame(
    more.flatMap(({ states }) => states),
    [],
  );
  t.strictSame(alerts(more), []);
  const [elm] = desk.shredder.items();
  const got = elm!.reasons.map(({ facts }) => String(facts.got));
  t.ok(
    got.some((text) => text.includes('10,30')),
    'whoever asks hears how it is now',
  );
  desk.write({ 1: 'SOMETHING ELSE' });
  t.equal(desk.wait(50).flatMap(({ states }) => states).length, ALL.length, 'until something else is wrong');
});

t.test('a jump waits until it is confirmed; all at once wait for a person', async (t) => {
  const desk = new Desk();
  desk.write({ 3: 'ELM    12.10/12.20    12.50' });
  desk.wait(10);
  t.equal(desk.states()[0], 'ELM held MOVE_LIMIT');
  desk.wait(20);
  t.equal(desk.states()[0], 'ELM live', 'still there in the next settled image');
  t.equal(desk.bid('ELM'), '12.10');
  desk.write({
    3: 'ELM    24.10/24.20    24.50',
    4: 'OAK    40.10/40.20    40.50',
    5: 'ASH    60.10/60.20    60.50',
    6: 'FIR    80.10/80.20    80.50',
  });
  const effects = desk.wait(500);
  t.ok(
    desk
      .states()
      .slice(0, 4)
      .every((state) => state.includes('held MOVED_TOGETHER')),
    desk.states().join(', '),
  );
  t.ok(alerts(effects).some((alert) => alert.reasons.some((why) => why.code === 'MOVED_TOGETHER')));
  desk.shredder.approve(desk.page, desk.nowMs * MS);
  t.strictSame(desk.states(), ALL, 'after a person has looked');
});

t.test('a page that drifts again and again waits for a person', async (t) => {
  const desk = new Desk();
  for (let time = 0; time < 8; time++) {
    desk.write({ 1: 'SOMETHING ELSE' });
    desk.wait(50);
    desk.write({ 1: ROWS[1]! });
    desk.wait(50);
  }
  t.ok(
    desk.states().every((state) => state.endsWith('stale FLAPPING')),
    desk.states().join(', '),
  );
  desk.shredder.approve(desk.page, desk.nowMs * MS);
  desk.wait(50);
  t.strictSame(desk.states(), ALL);
});

t.test('a page that is cleared goes stale, its values are never withdrawn', async (t) => {
  const desk = new Desk();
  desk.page.clear();
  desk.shredder.run(
    desk.page,
    Array.from({ length: 12 }, (_, row) => [row, 0, 40] as const),
    0,
  );
  t.strictSame(desk.states(), ALL, 'not before it has settled: it may be written anew');
  const effects = desk.wait(20);
  t.ok(
    desk.states().every((state) => state.includes('stale BLANK_PAGE')),
    desk.states().join(', '),
  );
  t.strictSame(records(effects), []);
});

t.test('damaged and unset cells are never read', async (t) => {
  const page = pageOf();
  page.mark(3, 9, Trust.DAMAGED);
  page.mark(4, 24, Trust.NEVER_SET);
  const desk = new Desk(PLAN, page);
  t.strictSame(desk.states().slice(0, 2), ['ELM stale DAMAGED_CELL', 'OAK stale DAMAGED_CELL']);
});

t.test('a new version takes the states over; what it has no more goes SUSPECT', async (t) => {
  const desk = new Desk();
  const keys = ['ELM', 'OAK', 'ASH', 'FIR'];
  const next = compile({ ...SOURCE, version: 2, tables: { trees: { ...TABLE, keys } } });
  const effects = desk.shredder.replace(next, undefined, desk.page, MS);
  t.strictSame(records([effects]), [], 'what is the same is not published again');
  t.ok(desk.states().includes('YEW stale DROPPED'), desk.states().join(', '));
  t.strictSame(desk.states().slice(0, 4), ALL.slice(0, 4));
});

t.test('static text that changes means another layout', async (t) => {
  const source: ShredderSource = { ...SOURCE, static: [{ rows: '10..11' }] };
  const plan = compile(source);
  const rows = [...ROWS, '', 'ALL PRICES ARE IN SHILLINGS', 'SEE PAGE SHRUBS FOR SMALLER PLANTS'];
  const fingerprint = learnFingerprint(plan, [pageOf(rows)]);
  t.strictSame(
    fingerprint.text.map(([row]) => row),
    [10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11],
  );
  const desk = new Desk(plan, pageOf(rows), { fingerprint });
  t.strictSame(desk.states(), ALL);
  desk.write({ 10: 'ALL PRICES ARE IN PENNIES' });
  desk.wait(20);
  t.ok(
    desk.states().every((state) => state.includes('stale STATIC_CHANGED')),
    desk.states().join(', '),
  );
});

t.test('a function of the author that throws, or looks for ever, stays within its page', async (t) => {
  const base: ShredderSource = { ...SOURCE, tables: {}, custom: {} };
  const run = (read: NonNullable<ShredderSource['custom']>[string]['read']) => {
    const desk = new Desk(compile({ ...base, custom: { mine: { rows: '3..6', read } } }));
    return [desk.shredder.match, desk.shredder.matchReasons(desk.page).map(reasonText).join('; '), desk] as const;
  };
  const [match, , desk] = run((view) => [
    { key: view.text(0, 0, 5) ?? '', fields: { bid: view.text(0, 7, 12) ?? null } },
  ]);
  t.not(match, 'hard-drift');
  t.equal(desk.bid('ELM'), '10.10');
  t.match(
    run(() => {
      throw new Error('no idea');
    })[1],
    /FAULT name="mine" got="no idea"/,
  );
  t.match(
    run((view) => {
      for (;;) view.text(0, 0, 1);
    })[1],
    /FAULT .*looks at the page/,
  );
  t.match(run(() => 7 as never)[1], /FAULT .*expected a list/);
});

t.test('a page of another size is a fault, not a crash', async (t) => {
  const desk = new Desk();
  const effects = desk.shredder.run(pageFromText('', 5, 5), [[0, 0, 5]], MS);
  t.match(effects.alerts, [{ kind: 'fault' }]);
  t.ok(desk.states().every((state) => state.endsWith('stale FAULT')));
});

t.test('sections with headings go on over subpages', async (t) => {
  const plan = compile({
    shredder: 'sections',
    page: 'LIST',
    size: '12x40',
    version: 1,
    anchors: { first: { text: 'LIST', row: 0, column: 0 }, second: { text: 'LIST', row: 6, column: 0 } },
    tables: {
      list: {
        rows: ['1..5', '7..11'],
        headings: { sets: 'wood', at: '0..10', texts: { HARDWOOD: 'hard', SOFTWOOD: 'soft' } },
        columns: { name: { at: '0..9', type: 'text' }, price: { at: '12..18', type: 'price' } },
        key: ['name', 'wood'],
        item: '{wood}.{name}',
        fields: { name: 'name', wood: 'wood', price: 'price' },
      },
    },
  });
  const set = new PageSet(2, 6, 40);
  const part = (rows: readonly string[]) => pageFromText(rows.join('\n'), 6, 40);
  const shredder = new Shredder(plan);
  set.put(0, part(['LIST', 'HARDWOOD', 'OAK         1.50', 'SOFTWOOD', 'FIR         2.50']));
  t.notOk(set.isComplete);
  set.put(1, part(['LIST', 'YEW         3.50', 'HARDWOOD', 'OAK         4.50']));
  t.ok(set.isComplete);
  shredder.runWhole(set.page, 0);
  const items = [...shredder.items()].map((item) => [item.subject, item.state, item.fields.get('price')?.text]);
  t.strictSame(items.slice(1), [
    ['LIST.soft.FIR', 'live', '2.50'],
    ['LIST.soft.YEW', 'live', '3.50'],
  ]);
  t.strictSame(items[0]!.slice(0, 2), ['LIST.hard.OAK', 'stale'], 'the same key twice in one section is ambiguous');
  const changes = set.put(1, part(['LIST', 'YEW         3.50', 'HARDWOOD', 'ELM         4.50']));
  t.strictSame(changes, [[9, 0, 3]], 'a subpage tells what differs');
});

t.test('headings that nobody knew beforehand, several in one line', async (t) => {
  const line = { phrase: 'shelf {shelf} ({place})' };
  const source: ShredderSource = {
    shredder: 'shelves',
    page: 'SHELVES',
    size: '12x40',
    version: 1,
    anchors: { title: { text: 'STOCK', row: 0, column: 0 } },
    tables: {
      stock: {
        rows: '1..11',
        headings: [
          { sets: 'shelf', at: '0..39', type: line },
          { sets: 'place', at: '0..39', type: line, part: 'place' },
          { sets: 'columns', at: '0..39', type: { label: 'name      price' }, once: true },
        ],
        columns: { name: { at: '0..8', type: { text: { charset: 'A-Z' } } }, price: { at: '10..18', type: 'price' } },
        key: ['name', 'shelf'],
        item: '{shelf}.{name}',
        fields: { name: 'name', place: 'place', price: 'price' },
      },
    },
  };
  const plan = compile(source);
  const rows = ['STOCK', 'shelf 1 (cellar)', 'name      price', 'OAK       1.50', 'FIR       2.50'];
  const read = (more: readonly string[]) =>
    shredPage(plan, pageFromText([...rows, ...more].join('\n'), 12, 40)).items.map(({ subject, quality, fields }) =>
      quality === 'LIVE' ? [subject, fields.place, fields.price] : [subject, quality],
    );
  const first = [
    ['SHELVES.1.OAK', 'cellar', '1.50'],
    ['SHELVES.1.FIR', 'cellar', '2.50'],
  ];
  t.strictSame(read(['', 'shelf 2 (loft)', 'name      price', 'OAK       3.50']), [
    ...first,
    ['SHELVES.2.OAK', 'loft', '3.50'],
  ]);
  t.strictSame(
    read(['shelf 2 (loft)', 'OAK       3.50']),
    [...first, ['SHELVES.2.OAK', 'SUSPECT']],
    'no line of names',
  );
  const broken = read(['shelf 2 loft', 'name      price', 'ELM       3.50']);
  t.strictSame(broken, [...first, ['SHELVES.ELM', 'SUSPECT']], 'a broken heading, and the line below it again');
  const problems = (heading: object) => {
    try {
      const table = { ...source.tables!.stock, headings: [heading] };
      compile({ ...source, tables: { stock: table } } as never);
    } catch (error) {
      return String(error);
    }
    return 'accepted';
  };
  t.match(problems({ sets: 'shelf', at: '0..39' }), /expected one of texts and type/);
  t.match(problems({ sets: 'shelf', at: '0..39', texts: ['A'], type: 'text' }), /expected one of texts and type/);
  t.match(problems({ sets: 'shelf', at: '0..39', type: 'price' }), /a part that is a text/);
  t.match(problems({ sets: 'shelf', at: '0..39', type: line, part: 'shef' }), /did you mean shelf/);
});

t.test('two kinds of rows among each other: what one table reads is nothing new to the other', async (t) => {
  const columns = (type: ColumnSource['type']): Record<string, ColumnSource> => ({ line: { at: '0..39', type } });
  const source: ShredderSource = {
    ...SOURCE,
    ignore: [{ rows: 11 }],
    tables: {
      woods: {
        rows: '1..9',
        columns: columns({ phrase: 'Wood {wood}: {lot}' }),
        key: 'line',
        fields: { lot: 'line.lot' },
      },
      yards: {
        rows: '1..9',
        columns: columns({ phrase: 'Yard {yard} has {room}' }),
        key: 'line',
        fields: { room: 'line.room' },
      },
    },
  };
  const desk = new Desk(
    compile(source),
    pageOf(['TREES', 'Wood ELM: 7', 'Yard 3 has room', 'Wood OAK: 8', 'Yard 4 has none']),
  );
  t.strictSame(desk.states(), ['ELM live', 'OAK live', '3 live', '4 live']);
  t.equal(desk.shredder.match, 'match', desk.shredder.matchReasons(desk.page).map(reasonText).join('; '));
  desk.write({ 2: 'Yard 3 is full' });
  const told = alerts(desk.wait(50));
  t.equal(desk.shredder.match, 'soft-drift', 'what neither of them reads is');
  t.ok(told.some(({ kind, reasons }) => kind === 'notice' && reasons.some(({ facts }) => facts.row === 2)));
});

t.test('blocks of sentences are named by parts of them', async (t) => {
  const STORE = { phrase: 'Stored in {place} by {keeper?}' };
  const source = (item: string, type: ColumnSource['type'] = STORE): ShredderSource => ({
    shredder: 'sentences',
    page: 'LIST',
    size: '8x40',
    version: 1,
    anchors: { list: { text: 'LIST', row: 0, column: 0 } },
    tables: {
      list: {
        rows: '1..6',
        height: 2,
        columns: {
          line: { at: '0..39', type: { phrase: 'Wood {wood}, lot {lot}' } },
          store: { at: '0..39', line: 1, type },
        },
        key: 'line',
        item,
        fields: { wood: 'line.wood', lot: 'line.lot' },
      },
    },
  });
  const rows = ['LIST', 'Wood ELM, lot 7', 'Stored in yard 3 by J', 'Wood ELM, lot 8', 'Stored in yard 4 by'];
  const page = pageFromText(rows.join('\n'), 8, 40);
  const shredder = new Shredder(compile(source('{line.wood}.{line.lot}.{store.keeper}')));
  shredder.runWhole(page, 0);
  const items = () => [...shredder.items()].map((item) => [item.subject, item.state, item.fields.get('lot')?.text]);
  t.strictSame(items(), [
    ['LIST.ELM.7.J', 'live', '7'],
    ['LIST.ELM.8.', 'live', '8'],
  ]);
  page.put(2, 20, textWord(0x4b), 0, 0);
  shredder.runWhole(page, 1);
  t.strictSame(items().at(-1), ['LIST.ELM.7.K', 'live', '7'], 'another part of a line below is another name');
  t.throws(() => compile(source('{line.tree}')), /expected a part of line, got "tree"/);
  t.throws(() => compile(source('{row.wood}')), /expected a column, got "row"/);
  t.throws(() => compile(source('{store.value}', 'price')), /expected a part that is a text, got store\.value/);
});

t.test('fixed cells', async (t) => {
  const columns = { rate: { at: '6..12', type: 'price' } };
  const fields = { what: 'what', rate: 'rate' };
  const panels = [
    { shift: 0, rows: 2, set: { what: 'BASE' } },
    { shift: 20, rows: 4, set: { what: 'PRIME' } },
  ];
  const plan = compile({
    ...SOURCE,
    anchors: { ...SOURCE.anchors, base: { text: 'BASE', row: 2, column: 0 } },
    tables: { rates: { rows: '2..4', columns, panels, key: 'what', fields } },
  });
  const page = pageFromText(`TREES\n\nBASE  5.25\n\n${' '.repeat(26)}6.50`, 12, 40);
  const desk = new Desk(plan, page);
  t.strictSame(
    [...desk.shredder.items()].map((item) => [item.subject, item.state, item.fields.get('rate')?.text]),
    [
      ['TREES.BASE', 'live', '5.25'],
      ['TREES.PRIME', 'live', '6.50'],
    ],
  );
  desk.write({ 4: '' });
  desk.wait(20);
  t.strictSame(desk.states(), ['BASE live', 'PRIME stale CELL_MISSING'], 'a fixed cell that is blank is missing');
  const long = { rows: '2..3', columns, panels: [{ shift: 0, set: { what: 'BASE' } }], key: 'what', fields };
  t.throws(() => compile({ ...SOURCE, tables: { long } }), /expected one row for a fixed cell, got 2/);
});

const BLOCKS: ShredderSource = {
  shredder: 'blocks',
  page: 'CARDS',
  size: '12x40',
  version: 1,
  anchors: { name: { text: 'CARDS', row: 0, column: 0 } },
  tables: {
    cards: {
      rows: '1..11',
      height: 2,
      panels: [0, 20],
      columns: { name: { at: '0..9', type: 'text' }, price: { at: '2..9', line: 1, type: 'price' } },
      key: 'name',
      fields: { price: 'price' },
    },
  },
};

t.test('blocks of several rows', async (t) => {
  const plan = compile(BLOCKS);
  const page = pageFromText('CARDS\nOAK                 ELM\n  1.50                2.50\n\nASH\n  3.50', 12, 40);
  const desk = new Desk(plan, page);
  t.strictSame(
    [...desk.shredder.items()].map((item) => [item.subject, item.fields.get('price')?.text]),
    [
      ['CARDS.OAK', '1.50'],
      ['CARDS.ELM', '2.50'],
      ['CARDS.ASH', '3.50'],
    ],
  );
});

t.test('a row of a block that is as before when it settles, having been read on the way', async (t) => {
  const plan = compile({ ...BLOCKS, settle: { quietMs: 10, atMostMs: 20 } });
  const desk = new Desk(plan, pageFromText('CARDS\nOAK                 ELM\n  1.50                2.50', 12, 40));
  const price = (): unknown => {
    const item = [...desk.shredder.items()].find(({ subject }) => subject === 'CARDS.FIR');
    return item?.quality === 'LIVE' ? item.fields.get('price')?.text : undefined;
  };
  desk.write({ 1: 'FIR                 ELM' });
  desk.wait(9);
  desk.write({ 2: '  7.77                2.50' });
  desk.wait(9);
  desk.write({ 2: '  9.99                2.50' });
  desk.wait(4);
  t.equal(price(), '9.99', 'the page does not stand still: a row that does is due, and its block is read whole');
  desk.write({ 2: '  1.50                2.50' });
  desk.wait(50);
  t.equal(price(), '1.50');
});

t.test('a person who looks at a held move lets it pass though nothing on the page changes', async (t) => {
  const desk = new Desk();
  desk.write({ 3: 'ELM    15.10/15.20    15.50' });
  desk.nowMs = 10;
  desk.shredder.run(desk.page, [], desk.nowMs * MS);
  t.ok(desk.states().includes('ELM held MOVE_LIMIT'));
  const { records, states } = desk.shredder.approve(desk.page, desk.nowMs * MS);
  t.strictSame(
    records.map(({ subject, fields }) => [subject, fields.get('bid')?.text]),
    [['TREES.ELM', '15.10']],
  );
  t.strictSame(
    states.map(({ subject, quality }) => [subject, quality]),
    [['TREES.ELM', 'LIVE']],
  );
});

t.test('every cell is accounted for, and can be explained', async (t) => {
  const rows = withRows({ 4: 'OAK    2O.10/20.20    20.50' });
  const desk = new Desk(PLAN, pageOf([...rows, 'IGNORED TEXT', '', 'NEW TEXT']));
  const { cells, unread, idle } = coverage(desk.shredder, desk.page);
  const shown = [...desk.page.text].filter((word) => word !== 0x20).length;
  t.equal(cells.read + cells.anchors + cells.static + cells.ignored + cells.unread, shown);
  t.strictSame(
    unread.filter(({ row }) => row === 11).map(({ column, text }) => [column, text]),
    [
      [0, 'NEW'],
      [4, 'TEXT'],
    ],
  );
  t.strictSame(idle, []);
  t.match(explain(desk.shredder, 3, 8), {
    role: 'cell',
    rule: 'trees.quote',
    token: '10.10/10.20',
    parts: { bid: '10.10' },
    subject: 'TREES.ELM',
    state: 'live',
  });
  const refused = explain(desk.shredder, 4, 8);
  t.match(refused, { outcome: 'reject', token: '2O.10/20.20', state: 'stale' });
  t.match(refused.reasons[0], /TYPE_REJECT row=4 col=8 name="quote" got="2O.10/);
  t.match(explain(desk.shredder, 1, 8), { role: 'header', rule: 'trees' });
  t.match(explain(desk.shredder, 0, 0), { role: 'anchor', rule: 'name' });
  t.match(explain(desk.shredder, 11, 0), { role: 'nothing' });
});
