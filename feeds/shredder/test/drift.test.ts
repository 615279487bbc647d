// Which cells are not as a shredder and its fingerprint know them.
import { compile, driftOf, learnFingerprint, type Plan, pageFromText, Shredder } from '@tickerplant/shredder';
import fc from 'fast-check';
import t from 'tap';
import { ROWS, SOURCE } from './support.ts';

const { ignore: _, ...source } = SOURCE;
const plan: Plan = compile({ ...source, static: [{ rows: '8..11' }] });
const rows: readonly string[] = [...ROWS.slice(0, 9), 'SPOT DELIVERY ONLY', 'PRICES IN SHILLINGS', ''];
const pageOf = (lines: readonly string[]) => pageFromText(lines.join('\n'), plan.rows, plan.columns);
const fingerprint = learnFingerprint(plan, [pageOf(rows)]);

function drifts(lines: readonly string[], known = true) {
  const page = pageOf(lines);
  const shredder = new Shredder(plan);
  shredder.runWhole(page, 0);
  return driftOf(shredder, page, known ? fingerprint : undefined);
}

const changed = (row: number, text: string): string[] => rows.map((line, at) => (at === row ? text : line));

t.test('a page as it is known has none', (t) => {
  t.same(drifts(rows), []);
  t.end();
});

t.test('an anchor that is another one, gone, or there twice', (t) => {
  t.same(drifts(changed(0, 'TREEZ')), [
    { row: 0, column: 0, end: 5, what: 'anchor', rule: 'name', want: 'TREES', got: 'TREEZ' },
  ]);
  t.match(drifts(changed(0, '')), [{ what: 'anchor', got: '     ' }]);
  const twice = compile({ ...SOURCE, anchors: { name: { text: 'TREES', row: '0..2', column: 0 } } });
  const page = pageFromText(['TREES', ROWS[1]!, 'TREES', ...ROWS.slice(3)].join('\n'), twice.rows, twice.columns);
  const shredder = new Shredder(twice);
  shredder.runWhole(page, 0);
  t.match(driftOf(shredder, page), [{ row: 2, column: 0, end: 5, want: 'TREES once', got: 'TREES' }]);
  t.end();
});

t.test('a header cell that is another one, has moved, or is one too many', (t) => {
  t.match(drifts(changed(1, 'TREE   BID/OFF        HIGH')), [
    { row: 1, column: 7, end: 14, what: 'header', rule: 'trees', want: 'BID/ASK', got: 'BID/OFF' },
  ]);
  t.match(drifts(changed(1, 'TREE   BID/ASK         HIGH')), [
    { row: 1, column: 23, end: 27, what: 'header', want: 'HIGH at col 22', got: 'HIGH at col 23' },
  ]);
  t.match(drifts(changed(1, 'TREE   BID/ASK        HIGH   LOW')), [
    { row: 1, column: 29, end: 32, what: 'header', want: '', got: 'LOW' },
  ]);
  t.end();
});

t.test('static text that is another, or stands in another row; nothing without a fingerprint', (t) => {
  t.match(drifts(changed(10, 'PRICES IN FLORINS')), [
    { row: 10, column: 10, what: 'static', rule: '', want: /^S/, got: /^F/ },
  ]);
  const moved = drifts([...rows.slice(0, 9), '', rows[9]!, rows[10]!]);
  t.match(moved, [{ row: 10, want: 'SPOT in row 9', got: 'SPOT' }]);
  t.same(drifts(changed(10, 'PRICES IN FLORINS'), false), []);
  t.end();
});

t.test('property: whatever changes, runs lie within the page; what differs in static text is within them', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(plan.rows - 1), fc.nat(plan.columns - 1), fc.constantFrom('X', '1', ' ', '?')), {
        maxLength: 8,
      }),
      (edits) => {
        const lines = rows.map((line) => line.padEnd(plan.columns));
        for (const [row, column, letter] of edits) {
          lines[row] = lines[row]!.slice(0, column) + letter + lines[row]!.slice(column + 1);
        }
        const found = drifts(lines);
        for (const { row, column, end } of found) {
          if (row < 0 || row >= plan.rows || column < 0 || end > plan.columns || column >= end)
            throw new Error('outside');
        }
        for (const [row, column, text] of fingerprint.text) {
          const isAnother = lines[row]!.slice(column, column + text.length) !== text;
          const isTold = found.some((one) => one.what === 'static' && Math.abs(one.row - row) <= 2);
          if (isAnother && !isTold) throw new Error(`${text} is another, and nothing says so`);
        }
      },
    ),
    { seed: 3 },
  );
  t.end();
});
