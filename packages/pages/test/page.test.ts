import {
  attributeRuns,
  ChangeTracker,
  nearestIndex,
  Page,
  Style,
  TRUE_COLOUR,
  Trust,
  trustOf,
  withForeground,
} from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import { apply, copyOf, differences, emptyPage, halvesMatch, RED, terminalEdits, trackedCells } from './support.ts';

const ROWS = 5;
const COLUMNS = 12;
const RUNS = { numRuns: 500 };

/** Operations that move cells, with rows and columns anywhere. */
const MOVES = fc.tuple(fc.nat(6), fc.nat(ROWS - 1), fc.nat(COLUMNS - 1), fc.integer({ min: 1, max: 20 }));

function move(page: Page, [kind, row, column, count]: readonly [number, number, number, number]): void {
  switch (kind) {
    case 0:
      page.insertCells(row, column, count);
      return;
    case 1:
      page.deleteCells(row, column, count);
      return;
    case 2:
      page.scrollUp(row, ROWS, count);
      return;
    case 3:
      page.scrollDown(0, row + 1, count);
      return;
    case 4:
      page.erase(row, column, Math.min(COLUMNS, column + count));
      return;
    case 5:
      page.mark(row, column, Trust.DAMAGED);
      return;
    default:
      page.clear();
  }
}

/** The same on rows of characters, the plain way. */
function movePlainly(rows: string[], [kind, row, column, count]: readonly [number, number, number, number]): void {
  const line = rows[row]!;
  const blank = ' '.repeat(COLUMNS);
  switch (kind) {
    case 0:
      rows[row] = (line.slice(0, column) + ' '.repeat(count) + line.slice(column)).slice(0, COLUMNS);
      return;
    case 1:
      rows[row] = (line.slice(0, column) + line.slice(column + count)).padEnd(COLUMNS);
      return;
    case 2:
      rows.splice(row, Math.min(count, ROWS - row));
      while (rows.length < ROWS) rows.push(blank);
      return;
    case 3: {
      const region = rows.slice(0, row + 1);
      for (let i = 0; i < Math.min(count, row + 1); i++) region.unshift(blank);
      rows.splice(0, row + 1, ...region.slice(0, row + 1));
      return;
    }
    case 4:
      rows[row] = line.slice(0, column) + ' '.repeat(Math.min(COLUMNS - column, count)) + line.slice(column + count);
      return;
    case 5:
      return;
    default:
      rows.fill(blank);
  }
}

t.test('a page is eight bytes a cell, ten from its first size or fade on', (t) => {
  const page = new Page(25, 80);
  const other = new Page(25, 80);
  t.equal(page.text.buffer.byteLength, 16_000);
  t.equal(page.extra, other.extra, 'what is all zeros is shared');
  page.put(3, 4, 0x41, 0, 5);
  page.put(3, 5, 0x41, 0, 0);
  t.not(page.extra, other.extra);
  t.same([...page.extra.subarray(243, 247)], [0, 5, 0, 0]);
  t.ok(other.extra.every((word) => word === 0));
  other.copyFrom(page);
  t.equal(other.extra[244], 5);
  page.clear();
  t.equal(other.extra[244], 5);
  other.copyFrom(new Page(25, 80));
  t.ok(other.extra.every((word) => word === 0));
  t.ok(new Page(25, 80).extra.every((word) => word === 0));
  t.end();
});

t.test('a page is never set at first', (t) => {
  const page = new Page(25, 80);
  t.equal(page.count(Trust.NEVER_SET), 2000);
  t.equal(page.rowText(0), ' '.repeat(80));
  t.same(attributeRuns(page, 0), []);
  page.erase(0, 0, 80);
  t.equal(page.count(Trust.OK), 80);
  for (const [rows, columns] of [
    [0, 80],
    [25, 501],
    [2.5, 80],
  ] as const) {
    t.throws(() => new Page(rows, columns), { code: 'PAGES_BAD_SIZE' });
  }
  t.end();
});

t.test('cells move as characters of strings do', (t) => {
  fc.assert(
    fc.property(fc.array(MOVES, { maxLength: 12 }), (moves) => {
      const page = new Page(ROWS, COLUMNS);
      const rows = Array.from({ length: ROWS }, (_, row) =>
        Array.from({ length: COLUMNS }, (_, column) => String.fromCharCode(0x41 + ((row * 7 + column) % 26))).join(''),
      );
      for (const [row, line] of rows.entries()) {
        for (let column = 0; column < COLUMNS; column++) page.put(row, column, line.charCodeAt(column), 0, 0);
      }
      for (const one of moves) {
        move(page, one);
        movePlainly(rows, one);
      }
      return rows.every((line, row) => page.rowText(row) === line);
    }),
    RUNS,
  );
  t.pass();
  t.end();
});

t.test('halves of double-width characters are never alone', (t) => {
  const random = fc.array(fc.oneof(terminalEdits(ROWS, COLUMNS), MOVES), { maxLength: 12 });
  fc.assert(
    fc.property(random, (steps) => {
      const page = new Page(ROWS, COLUMNS);
      for (const step of steps) {
        if (typeof step[0] === 'number') move(page, step as [number, number, number, number]);
        else apply(page, step as Parameters<typeof apply>[1]);
      }
      return halvesMatch(page);
    }),
    RUNS,
  );
  t.pass();
  t.end();
});

t.test('the changes told are the cells that differ, no more and no fewer', (t) => {
  const random = fc.array(fc.oneof(terminalEdits(ROWS, COLUMNS), MOVES), { maxLength: 8 });
  fc.assert(
    fc.property(terminalEdits(ROWS, COLUMNS), random, (first, steps) => {
      const page = emptyPage(ROWS, COLUMNS);
      apply(page, first);
      const before = copyOf(page);
      const told = trackedCells(page, () => {
        for (const step of steps) {
          if (typeof step[0] === 'number') move(page, step as [number, number, number, number]);
          else apply(page, step as Parameters<typeof apply>[1]);
        }
      });
      t.same(told, differences(before, page));
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('what is written again as it was has not changed', (t) => {
  const page = emptyPage(2, 10);
  page.put(0, 3, 0x41, 0, 0);
  const told = trackedCells(page, () => {
    page.clear();
    page.put(0, 3, 0x41, 0, 0);
  });
  t.same(told, []);
  t.end();
});

t.test('a tracker serves pages of any size, one after another', (t) => {
  const tracker = new ChangeTracker();
  for (const [rows, columns] of [
    [2, 2],
    [40, 99],
    [3, 200],
  ] as const) {
    const page = emptyPage(rows, columns);
    tracker.begin(page);
    t.ok(tracker.active);
    page.put(rows - 1, columns - 1, 0x41, 0, 0);
    const runs: number[][] = [];
    t.equal(
      tracker.end((...run) => runs.push(run)),
      1,
    );
    t.same(runs, [[rows - 1, columns - 1, columns]]);
    t.equal(page.tracker, undefined);
    t.equal(tracker.end(), 0, 'nothing is watched any more');
  }
  t.end();
});

t.test('colours of all kinds, and their bound', (t) => {
  const page = emptyPage(1, 4);
  const grey = page.trueColour(0x424242);
  t.equal(page.trueColour(0x424242), grey, 'one code a colour');
  page.put(0, 0, 0x41, grey, 0);
  page.put(0, 1, 0x42, withForeground(Style.BOLD, RED), 0);
  t.same(attributeRuns(page, 0), [
    [0, 1, '#424242', 'Background', ''],
    [1, 1, 'Red', 'Background', 'BOLD'],
  ]);
  for (let rgb = 0; rgb < 2000; rgb++) t.ok(page.trueColour(rgb) < 1024);
  t.ok(page.trueColour(0xff0000) < TRUE_COLOUR, 'beyond the bound the nearest of 256');
  t.equal(nearestIndex(0xff00ff), 201);
  t.equal(nearestIndex(0x080808), 232);
  t.equal(nearestIndex(0xeeeeee), 255);
  t.equal(nearestIndex(0), 16);
  t.end();
});

t.test('trust belongs to the cell, and a copy is a copy', (t) => {
  const page = emptyPage(1, 3);
  page.put(0, 1, 0x41, 0, 0);
  page.mark(0, 1, Trust.DAMAGED);
  t.equal(trustOf(page.text[1]!), Trust.DAMAGED);
  t.equal(page.rowText(0), ' A ', 'the character stays');
  t.same(attributeRuns(page, 0), [[1, 1, 'Foreground', 'Background', 'DAMAGED']]);
  const copy = copyOf(page);
  page.put(0, 1, 0x42, 0, 0);
  t.equal(copy.rowText(0), ' A ');
  t.notOk(page.sameCell(1, copy));
  t.ok(page.sameCell(0, copy));
  t.end();
});

t.test('equal numbers of different colours are different cells', (t) => {
  const one = emptyPage(1, 1);
  const other = emptyPage(1, 1);
  one.put(0, 0, 0x41, one.trueColour(0x112233), 0);
  other.put(0, 0, 0x41, other.trueColour(0x445566), 0);
  t.notOk(one.sameCell(0, other));
  other.put(0, 0, 0x41, other.trueColour(0x112233), 0);
  const third = emptyPage(1, 1);
  third.put(0, 0, 0x41, third.trueColour(0x112233), 0);
  t.ok(one.sameCell(0, third));
  t.end();
});
