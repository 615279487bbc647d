// Row fields: the rules of partial values, the vendor's text, round trips, hostile bytes.
import {
  attributeRuns,
  encodeRowField,
  encodeRowUpdate,
  RowBytes,
  RowPage,
  rowFieldOfName,
  rowFieldOfNumber,
  Trust,
  trustOf,
  Width,
  widthOf,
} from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import { halvesMatch, pieces } from './support.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

function applied(old: string, value: string, width = 64, eightBitCsi = false): string {
  const row = new RowBytes(width);
  row.apply(latin(old));
  row.apply(latin(value), eightBitCsi);
  return Buffer.from(row.bytes).toString('latin1');
}

t.test('partial values as the vendor applies them', (t) => {
  const cases: [string, string, string][] = [
    ['EUR 1.0741/43 OLDBANK', '\x1b[8`52/54\x1b[14`NEWBANK', 'EUR 1.0752/54 NEWBANK'],
    ['HIGH 1.0812 LOW 1.0699', '\x1b[5`-\x1b[5b\x1b[16`-\x1b[5b', 'HIGH ------ LOW ------'],
    ['ABCDEFGHIJKL', '\x1b[0` \x1b[3b', '    EFGHIJKL'],
    ['ABCDEFGHIJKL', '\x1b[10`XYZ', 'ABCDEFGHIJXYZ'],
    ['ABCDEFGHIJKL', '\x1b[`Z', 'ZBCDEFGHIJKL'],
    ['ABCDEFGHIJKL', 'XY', 'XY'],
    ['ABCDEFGHIJKL', 'XY\x1b[6`Z', 'XYCDEFZ'],
    ['ABC', '\x1b[6`Z', 'ABC   Z'],
    ['ABC', 'A\x1b[5b', 'AAAAAA'],
    ['ABC', '', ''],
    ['ABC', '\x1b[b', 'ABC'],
    ['ABC', 'XY\x1cZZ', 'XY'],
    ['ABCDEF', '\x1b%0\xc3\xa4', '\x1b%0\xc3\xa4F'],
  ];
  for (const [old, value, expected] of cases) t.equal(applied(old, value), expected, JSON.stringify([old, value]));
  t.equal(applied('ABC', '\x9b1`X', 64, true), 'AXC', '9B begins a sequence where that is said');
  t.equal(applied('ABC', '\x9b1`X', 64, false), '\x9b1`X', 'and is text otherwise');
  t.end();
});

t.test('bad values are refused, and change nothing', (t) => {
  const cases: [string, string, number][] = [
    ['X\x1b[5', 'cut-off', 4],
    ['X\x1b', 'cut-off', 2],
    ['X\x1b%', 'cut-off', 3],
    ['X\x1b%1', 'escape', 3],
    ['X\x1b[5m', 'sequence', 4],
    ['X\x1b[1;2`', 'sequence', 4],
    ['\x1b[2`\x1b[3b', 'repeat', 7],
  ];
  for (const [value, fault, at] of cases) {
    const row = new RowBytes(10);
    row.apply(latin('ABC'));
    t.match(row.apply(latin(value)), { fault, at }, JSON.stringify(value));
    t.equal(Buffer.from(row.bytes).toString(), 'ABC');
  }
  t.end();
});

t.test('what goes beyond the row is cut and counted', (t) => {
  const row = new RowBytes(5);
  t.match(row.apply(latin('ABCDEFG')), { fault: undefined, cut: 2 });
  t.equal(Buffer.from(row.bytes).toString(), 'ABCDE');
  t.match(row.apply(latin('\x1b[4`X\x1b[99999999b')), { cut: 99_999 });
  t.equal(Buffer.from(row.bytes).toString(), 'ABCDX');
  t.match(row.apply(latin('\x1b[70`X')), { cut: 1 });
  t.end();
});

t.test('fields and rows', (t) => {
  t.same(rowFieldOfName('ROW64_14'), { form: 'ROW64', row: 13 });
  t.same(rowFieldOfName('ROW80_25'), { form: 'ROW80', row: 24 });
  t.same(rowFieldOfName('ROW99_1'), { form: 'ROW99', row: 0 });
  for (const name of ['ROW64_15', 'ROW80_0', 'ROW80_26', 'ROW99_21', 'ROW66_1', 'ROW1_TIME', 'BID', 'ROW64_01']) {
    t.equal(rowFieldOfName(name), undefined, name);
  }
  t.same(rowFieldOfNumber(215), { form: 'ROW64', row: 0 });
  t.same(rowFieldOfNumber(339), { form: 'ROW80', row: 24 });
  t.same(rowFieldOfNumber(1378), { form: 'ROW99', row: 19 });
  for (const field of [214, 229, 314, 340, 1358, 1379]) t.equal(rowFieldOfNumber(field), undefined);
  t.end();
});

/** The first row of a page after one value. */
function shown(value: Buffer): RowPage {
  const page = new RowPage('ROW80');
  page.image([[0, value]]);
  return page;
}

t.test('the vendor text', (t) => {
  const cases: [Buffer, string, number][] = [
    [latin('plain'), 'plain', 0],
    [latin('\xa3\xbc\xbd\xbe\xac\xad\xae\xaf\xde\xfe'), '£¼½¾⅛⅜⅝⅞⇧⇩', 0],
    [Buffer.concat([latin('A\x1b%0'), Buffer.from('ä€日本')]), 'Aä€日本', 0],
    [latin('\x1b(BA\x00B'), 'AB', 0],
    [Buffer.concat([latin('\x1b%0'), Buffer.from([0xe6, 0x41, 0xff])]), '\ufffdA\ufffd', 2],
    [latin('\x1b$)1\xb0\xa1x'), '\ufffd\ufffdx', 2],
    [latin('\x1b)0a\x0eqq\x0fb'), 'a\ufffd\ufffdb', 2],
    [latin('a\x01b'), 'a\ufffdb', 1],
  ];
  for (const [value, text, faults] of cases) {
    const page = shown(value);
    t.equal(page.page.rowText(0).trimEnd(), text, JSON.stringify(text));
    t.equal(page.faults.counts.text, faults);
    t.equal(page.page.count(Trust.DAMAGED), faults, 'what is no character is damaged');
  }
  const wide = shown(Buffer.concat([latin('\x1b%0'), Buffer.from('日x')])).page;
  t.same(Array.from(wide.text.subarray(0, 3), widthOf), [Width.LEFT_HALF, Width.RIGHT_HALF, Width.SINGLE]);
  t.end();
});

t.test('an image is the whole page; a row with a refused value is damaged until it comes whole', (t) => {
  const page = new RowPage('ROW64');
  t.notOk(page.hasImage);
  page.image([
    [0, latin('first')],
    [13, latin('last')],
    [14, latin('no such row')],
  ]);
  t.equal(page.faults.counts.row, 1);
  t.equal(page.page.rowText(13).trimEnd(), 'last');
  t.equal(page.page.count(Trust.NEVER_SET), 0);
  page.update([[0, latin('\x1b[2;3`x')]]);
  t.equal(page.page.rowText(0).trimEnd(), 'first');
  t.same(attributeRuns(page.page, 0), [[0, 64, 'Foreground', 'Background', 'DAMAGED']]);
  page.update([[0, latin('\x1b[0`F')]]);
  t.equal(page.page.rowText(0).trimEnd(), 'First');
  t.equal(page.page.count(Trust.DAMAGED), 64, 'a partial value does not heal it');
  page.update([[0, latin('whole')]]);
  t.equal(page.page.count(Trust.DAMAGED), 0);
  page.update([[0, latin('\x1b[')]]);
  page.update([[0, latin('\x1b%0whole again')]]);
  t.equal(page.page.count(Trust.DAMAGED), 0, 'a value in UTF-8 that covers the row is a whole one');
  page.image([[1, latin('x')]]);
  t.equal(page.page.rowText(0).trimEnd(), '', 'rows that an image does not have are empty');
  t.end();
});

const CHARACTERS = fc.constantFrom(...' -0123456789ABC/.\xa3\xbd');
const ROW = fc.array(CHARACTERS, { maxLength: 64 }).map((characters) => latin(characters.join('')));
const SIMILAR = fc
  .tuple(ROW, fc.array(fc.tuple(fc.nat(63), CHARACTERS, fc.integer({ min: 1, max: 12 }))))
  .map(([before, edits]): [Buffer, Buffer] => {
    const after = Buffer.from(before.toString('latin1').padEnd(64), 'latin1');
    for (const [at, character, length] of edits) after.fill(character, at, Math.min(64, at + length), 'latin1');
    return [before, after];
  });

t.test('an encoded change makes one row of the other, and is never longer than it', (t) => {
  fc.assert(
    fc.property(fc.oneof(SIMILAR, fc.tuple(ROW, ROW)), ([before, after]) => {
      const value = encodeRowField(after, before);
      const row = new RowBytes(64);
      row.apply(before);
      if (value === undefined) return Buffer.compare(before, after) === 0;
      row.apply(value);
      return Buffer.compare(row.bytes, after) === 0 && value.length <= after.length;
    }),
    { numRuns: 3000 },
  );
  const wanted = encodeRowField(latin('EUR 1.0752/54 NEWBANK'), latin('EUR 1.0741/43 OLDBANK'));
  t.equal(Buffer.from(wanted!).toString('latin1'), '\x1b[8`52/54 NEW', 'runs close together are one');
  const dashes = encodeRowField(latin(`HIGH ------${' '.repeat(20)}`), latin(`HIGH 1.0812${' '.repeat(20)}`));
  t.equal(Buffer.from(dashes!).toString('latin1'), '\x1b[5`-\x1b[5b', 'equal bytes are repeated');
  t.equal(encodeRowField(latin('same'), latin('same')), undefined);
  t.end();
});

t.test('rows with sequences of their own go whole', (t) => {
  const before = latin('\x1b%0lang und mehr');
  const after = latin('\x1b%0kurz');
  const row = new RowBytes(64);
  row.apply(before);
  row.apply(encodeRowField(after, before)!);
  t.equal(Buffer.from(row.bytes).toString('latin1').trimEnd(), '\x1b%0kurz');
  t.end();
});

t.test('pages: updates made of the difference', (t) => {
  const rows = fc.array(fc.tuple(fc.nat(13), ROW), { maxLength: 14 });
  fc.assert(
    fc.property(rows, rows, (first, second) => {
      const before = new RowPage('ROW64');
      before.image(first);
      const after = new RowPage('ROW64');
      after.image(first);
      after.update(second);
      const update = encodeRowUpdate(after, before);
      before.update(update);
      for (let row = 0; row < 14; row++) {
        if (before.page.rowText(row) !== after.page.rowText(row)) return false;
      }
      return before.faults.total === 0 && encodeRowUpdate(after, before).length === 0;
    }),
    { numRuns: 500 },
  );
  t.pass();
  t.end();
});

const TOKENS = fc.constantFrom(...['\x1b[', '\x1b[4`', '\x1b[9b', '\x1b%0', '\x1b(B', '\x1b$)1', '\x0e', '\x0f']);
const VALUE = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  fc
    .array(fc.oneof(TOKENS, fc.constantFrom('A', '\xe6\x97\xa5', '\xe6', '\x1c', '\xf0\x9f\x98\x80', '1', ';', '`')))
    .map((tokens) => new Uint8Array(latin(tokens.join('')))),
);

t.test('hostile values never throw, and stay within the row', (t) => {
  const values = fc.array(fc.tuple(fc.nat(20), VALUE), { maxLength: 6 });
  fc.assert(
    fc.property(values, fc.boolean(), (values, eightBitCsi) => {
      const page = new RowPage('ROW99', { eightBitCsi });
      page.image([]);
      page.update(values);
      for (let row = 0; row < 20; row++) {
        const bytes = page.rowBytes(row);
        if (bytes.length > 99) return false;
      }
      for (const word of page.page.text) if (trustOf(word) === Trust.NEVER_SET) return false;
      return halvesMatch(page.page);
    }),
    { numRuns: 3000 },
  );
  t.pass();
  t.end();
});

t.test('rows of a message may come one by one', (t) => {
  const rows = fc.array(fc.tuple(fc.nat(13), VALUE), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(rows, fc.array(fc.nat(100), { maxLength: 3 }), (values, cuts) => {
      const whole = new RowPage('ROW64');
      whole.image([]);
      whole.update(values);
      const cut = new RowPage('ROW64');
      cut.image([]);
      const order = Uint8Array.from(values, (_, i) => i);
      for (const piece of pieces(order, cuts)) cut.update(Array.from(piece, (i) => values[i]!));
      return Buffer.compare(Buffer.from(whole.page.text.buffer), Buffer.from(cut.page.text.buffer)) === 0;
    }),
    { numRuns: 500 },
  );
  t.pass();
  t.end();
});
