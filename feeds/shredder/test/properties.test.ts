// What is made of a page depends on its image alone; and nothing that a page shows makes the engine throw.
import { type Page as Grid, Trust, textWord } from '@tickerplant/pages';
import { type CellChange, PageReader, Shredder } from '@tickerplant/shredder';
import fc from 'fast-check';
import t from 'tap';
import { type Page, PLAN, pageOf, ROWS } from './support.ts';

t.setTimeout(600_000);

const ROW_COUNT = 12;
const COLUMN_COUNT = 40;
/** Texts that change something: values, labels, damage, pieces of the layout. */
const TEXTS = [
  '10.15',
  '20.10/20.20',
  '-',
  'ELM',
  'OAK',
  '   ',
  ' ',
  '9',
  'O',
  '.',
  '/',
  'TREE',
  'HIGH',
  'TREES',
  '----',
  '?',
  '\u{fffd}',
];

type Edit = readonly [row: number, column: number, text: string];
const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.integer({ min: 0, max: ROW_COUNT - 1 }),
  fc.integer({ min: 0, max: COLUMN_COUNT - 1 }),
  fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...ROWS)),
);

function apply(page: Page, [row, column, text]: Edit): CellChange {
  const end = Math.min(COLUMN_COUNT, column + text.length);
  for (let at = column; at < end; at++) page.put(row, at, textWord(text.charCodeAt(at - column)), 0, 0);
  return [row, column, end];
}

/** Everything that a reader made of its page, as text. */
function reading(reader: PageReader): string {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? `${value}` : value;
  return JSON.stringify(
    reader.tables.map(({ result }) => result),
    plain,
  );
}

function readAfresh(page: Page): string {
  const reader = new PageReader(PLAN);
  reader.read(page, new Uint8Array(ROW_COUNT).fill(1), undefined, { onTable() {}, onItem() {}, onCustom() {} });
  return reading(reader);
}

t.test('reading what changed equals reading everything', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (steps) => {
      const page = pageOf();
      const reader = new PageReader(PLAN);
      const dirty = new Uint8Array(ROW_COUNT).fill(1);
      const nobody = { onTable() {}, onItem() {}, onCustom() {} };
      reader.read(page, dirty, undefined, nobody);
      for (const edits of steps) {
        for (const one of edits) dirty[apply(page, one)[0]] = 1;
        reader.read(page, dirty, undefined, nobody);
        if (reading(reader) !== readAfresh(page)) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

/** What subscribers see once the page has stood still for long. */
function seen(shredder: Shredder, page: Page, fromNs: number): string {
  let nowNs = fromNs;
  for (let step = 0; step < 50; step++) {
    const { wakeAtNs } = shredder.run(page, [], nowNs);
    if (wakeAtNs === undefined) break;
    nowNs = Math.max(wakeAtNs, nowNs + 1);
  }
  return JSON.stringify(
    [...shredder.items()]
      .map(({ subject, quality, fields }) => [
        subject,
        quality,
        quality === 'LIVE' ? [...fields].map(([name, { text }]) => [name, text]) : [],
      ])
      .sort(),
  );
}

t.test('the same image, the same records, whatever the order and the times of what led to it', async (t) => {
  // Limits on moves look back on purpose; everything else must not.
  const plan = { ...PLAN, flaps: 1000, tables: PLAN.tables.map((table) => ({ ...table, moves: [] })) };
  fc.assert(
    fc.property(fc.array(fc.tuple(edit, fc.integer({ min: 0, max: 30 })), { maxLength: 20 }), (edits) => {
      const page = pageOf();
      const shredder = new Shredder(plan);
      shredder.runWhole(page, 0);
      let nowNs = 0;
      for (const [one, waitMs] of edits) {
        shredder.run(page, [apply(page, one)], nowNs);
        nowNs += waitMs * 1e6;
        shredder.run(page, [], nowNs);
      }
      const once = new Shredder(plan);
      once.runWhole(page, 0);
      const gone = new Set<string>();
      const a = JSON.parse(seen(shredder, page, nowNs + 1e9));
      const b = JSON.parse(seen(once, page, 1e9));
      // One that was never seen is not listed where nothing is known of the table yet.
      const live = (list: [string, string, unknown][]): string =>
        JSON.stringify(list.filter(([subject, quality]) => quality === 'LIVE' && !gone.has(subject)));
      return live(a) === live(b);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('a refused cell never changes another item', async (t) => {
  const good = JSON.parse(readAfresh(pageOf()))[0].items as [string, { reading: { row: number; values: unknown } }][];
  fc.assert(
    fc.property(
      fc.constantFrom(3, 4, 5, 6),
      fc.integer({ min: 7, max: 26 }),
      fc.constantFrom('X', '\u{fffd}', ',', '#'),
      (row, column, letter) => {
        const page = pageOf();
        if (page.text[row * COLUMN_COUNT + column] === 0x20) return true;
        apply(page, [row, column, letter]);
        const [{ items, reasons }] = JSON.parse(readAfresh(page)) as [{ items: typeof good; reasons: unknown[] }];
        const others = (list: typeof good): string =>
          JSON.stringify(
            list
              .filter(([, item]) => item.reading?.row !== row)
              .map(([symbol, item]) => [symbol, item.reading?.values]),
          );
        return reasons.length === 0 && others(items) === others(good);
      },
    ),
    { numRuns: 200 },
  );
  t.pass();
});

t.test('blanks to the right of a row change nothing, and neither does a style', async (t) => {
  const page = pageOf();
  const before = readAfresh(page);
  for (let row = 0; row < ROW_COUNT; row++)
    for (let column = 30; column < COLUMN_COUNT; column++) {
      if (page.text[row * COLUMN_COUNT + column] === 0x20) page.put(row, column, 0x20, 0x3ff, 0);
    }
  t.equal(readAfresh(page), before);
});

t.test('random pages never throw, and what is LIVE on them was read in full', async (t) => {
  const cell = fc.record({
    at: fc.integer({ min: 0, max: ROW_COUNT * COLUMN_COUNT - 1 }),
    code: fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0x20, max: 0x7e })),
    set: fc.integer({ min: 0, max: 0x7e }),
    trust: fc.constantFrom(Trust.OK, Trust.OK, Trust.DAMAGED, Trust.NEVER_SET),
  });
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 200 }), fc.boolean(), (cells, fromGood) => {
      const page: Grid = fromGood ? pageOf() : pageOf([]);
      for (const { at, code, set, trust } of cells) {
        page.put(Math.floor(at / COLUMN_COUNT), at % COLUMN_COUNT, textWord(code, set, trust), 0, 0);
      }
      const shredder = new Shredder(PLAN);
      const { alerts } = shredder.runWhole(page, 0);
      if (alerts.some((alert) => alert.kind === 'fault')) return false;
      return [...shredder.items()].every((item) => item.state !== 'live' || item.fields.has('bid'));
    }),
    { numRuns: 500 },
  );
  t.pass();
});
