// Page updates in ANSI X3.64, as the fact sheet has them.
import assert from 'node:assert/strict';
import {
  AnsiDecoder,
  type AnsiFault,
  attributeRuns,
  BASIC,
  encodeScreen,
  Page,
  Size,
  Style,
  setOf,
  sizeOf,
} from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import { copyOf, emptyPage, words } from './support.ts';

const E = '\x1b';

/** A page of some rows with a letter on each, and a decoder on it. */
function letters(rows: number, columns = 10): AnsiDecoder {
  const decoder = new AnsiDecoder(emptyPage(rows, columns));
  for (let row = 0; row < rows; row++) send(decoder, `${E}[${row + 1};1H${String.fromCharCode(0x61 + row)}`);
  return decoder;
}

function send(decoder: AnsiDecoder, text: string): void {
  decoder.message(Buffer.from(text, 'latin1'));
}

function column(decoder: AnsiDecoder): string {
  return Array.from({ length: decoder.page.rows }, (_, row) => decoder.page.rowText(row)[0]).join('');
}

function drawn(text: string, rows = 3, columns = 10): AnsiDecoder {
  const decoder = new AnsiDecoder(emptyPage(rows, columns));
  send(decoder, text);
  return decoder;
}

function rowsOf({ page }: AnsiDecoder): string[] {
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row).trimEnd());
}

t.test('controls', (t) => {
  const cases: [string, string[], readonly [number, number]][] = [
    ['ab\bc', ['ac', '', ''], [0, 2]],
    ['\b\bx', ['x', '', ''], [0, 1]],
    ['ab\r\ncd', ['ab', 'cd', ''], [1, 2]],
    ['ab\ncd', ['ab', '  cd', ''], [1, 4]],
    ['a\x00\x7f\x01b', ['ab', '', ''], [0, 2]],
    [`ab${E}Dc`, ['ab', '  c', ''], [1, 3]],
    [`ab${E}Ec`, ['ab', 'c', ''], [1, 1]],
    [`\n\nab${E}Mc`, ['', '  c', 'ab'], [1, 3]],
    [`ab${E}7${E}[3;3Hc${E}8d`, ['abd', '', '  c'], [0, 3]],
    [`ab${E}cd`, ['d', '', ''], [0, 1]],
    [`ab${E}[pd`, ['d', '', ''], [0, 1]],
  ];
  for (const [text, rows, cursor] of cases) {
    const decoder = drawn(text);
    t.same(rowsOf(decoder), rows, JSON.stringify(text));
    t.same(decoder.cursor, cursor, `${JSON.stringify(text)}, cursor`);
  }
  t.end();
});

t.test('tab stops are those of 80 columns', (t) => {
  const stops: number[] = [];
  const decoder = new AnsiDecoder(emptyPage(1, 80));
  for (let i = 0; i < 11; i++) {
    send(decoder, '\t');
    stops.push(decoder.cursor[1] + 1);
  }
  t.same(stops, [9, 17, 25, 33, 41, 49, 57, 65, 73, 80, 80]);
  t.end();
});

t.test('the top bit is dropped before anything else', (t) => {
  const decoder = drawn('a\x9b2Jb\xc1\x80');
  // 9B is ESC, which begins a sequence that 2 does not end.
  t.same(rowsOf(decoder), ['aJbA', '', '']);
  t.equal(decoder.faults.counts['eighth-bit'], 3);
  t.equal(decoder.faults.counts.sequence, 1);
  t.end();
});

t.test('positions and moves', (t) => {
  const cases: [string, readonly [number, number]][] = [
    [`${E}[2;3H`, [1, 2]],
    [`${E}[2;3f`, [1, 2]],
    [`${E}[0;0H`, [0, 0]],
    [`${E}[2H`, [1, 0]],
    [`${E}[3;3H${E}[H`, [0, 0]],
    [`${E}[3;3H${E}[9;1H`, [2, 2]],
    [`${E}[3;3H${E}[1;11H`, [2, 2]],
    [`${E}[3;3H${E}[1;1;1H`, [2, 2]],
    [`${E}[3;3H${E}[A`, [1, 2]],
    [`${E}[3;3H${E}[9A`, [0, 2]],
    [`${E}[3;3H${E}[0A`, [2, 2]],
    [`${E}[B`, [1, 0]],
    [`${E}[9B`, [2, 0]],
    [`${E}[0B`, [0, 0]],
    [`${E}[C`, [0, 1]],
    [`${E}[99C`, [0, 9]],
    [`${E}[0C`, [0, 0]],
    [`${E}[3;3H${E}[0D`, [2, 1]],
    [`${E}[3;3H${E}[9D`, [2, 0]],
    [`${E}[2;3r`, [0, 0]],
    [`${E}[3;3H${E}[3;2r`, [2, 2]],
    [`${E}[2;3r${E}[3;1H${E}[9A`, [1, 0]],
    [`${E}[1;2r${E}[9B`, [1, 0]],
    [`${E}[1;2r${E}[3;1H${E}[9B`, [2, 0]],
  ];
  for (const [text, cursor] of cases) t.same(drawn(text).cursor, cursor, JSON.stringify(text));
  t.end();
});

t.test('rows: scrolling, inserting, deleting', (t) => {
  const cases: [string, string][] = [
    [`${E}[25;1H\n`, 'abcdefghijklmnopqrstuvwxy'], // outside the region nothing
    [`${E}[24;1H\n`, 'bcdefghijklmnopqrstuvwx y'],
    [`${E}[1;1H${E}M`, ' abcdefghijklmnopqrstuvwy'],
    [`${E}[2;5r${E}[5;1H\n`, 'acde fghijklmnopqrstuvwxy'],
    [`${E}[2;5r${E}[2;1H${E}M`, 'a bcdfghijklmnopqrstuvwxy'],
    [`${E}[3;1H${E}[2L`, 'ab  cdefghijklmnopqrstuvy'],
    [`${E}[3;1H${E}[2M`, 'abefghijklmnopqrstuvwx  y'],
    [`${E}[24;1H${E}[3L`, 'abcdefghijklmnopqrstuvwxy'], // on the region's last row nothing
    [`${E}[24;1H${E}[3M`, 'abcdefghijklmnopqrstuvwxy'],
    [`${E}[23;1H${E}[9M`, 'abcdefghijklmnopqrstuvx y'],
    [`${E}[25;1H${E}[1M`, 'abcdefghijklmnopqrstuvwxy'], // outside the region nothing
    [`${E}[20;1H${E}[2S`, 'abcdefghijklmnopqrsvwx  y'], // from the cursor's row
    [`${E}[20;1H${E}[2T`, 'abcdefghijklmnopqrs  tuvy'],
    [`${E}[25;1H${E}[2S`, 'abcdefghijklmnopqrstuvwxy'],
  ];
  for (const [text, expected] of cases) {
    const decoder = letters(25);
    send(decoder, text);
    t.equal(column(decoder), expected, JSON.stringify(text));
  }
  t.end();
});

t.test('within a row: erasing, inserting, deleting', (t) => {
  const cases: [string, string[]][] = [
    [`${E}[2;3H${E}[K`, ['abcdef', 'gh', 'mnopqr']],
    [`${E}[2;3H${E}[1K`, ['abcdef', '   jkl', 'mnopqr']],
    [`${E}[2;3H${E}[2K`, ['abcdef', '', 'mnopqr']],
    [`${E}[2;3H${E}[J`, ['abcdef', 'gh', '']],
    [`${E}[2;3H${E}[1J`, ['', '   jkl', 'mnopqr']],
    [`${E}[2;3H${E}[2J`, ['', '', '']],
    [`${E}[2;3H${E}[3K`, ['abcdef', 'ghijkl', 'mnopqr']],
    [`${E}[2;3H${E}[2@`, ['abcdef', 'gh  ijkl', 'mnopqr']],
    [`${E}[2;3H${E}[0@`, ['abcdef', 'gh ijkl', 'mnopqr']],
    [`${E}[2;3H${E}[2P`, ['abcdef', 'ghkl', 'mnopqr']],
    [`${E}[2;3H${E}[99P`, ['abcdef', 'gh', 'mnopqr']],
  ];
  for (const [text, rows] of cases) {
    t.same(rowsOf(drawn(`abcdef${E}[2;1Hghijkl${E}[3;1Hmnopqr${text}`)), rows, JSON.stringify(text));
  }
  t.end();
});

t.test('erasing does not use the colour in force', (t) => {
  const { page } = drawn(`${E}[7;31;42mab${E}[2K`);
  t.same(attributeRuns(page, 0), []);
  t.end();
});

t.test('wrap', (t) => {
  t.same(rowsOf(drawn('0123456789ABC')), ['012345678C', '', ''], 'off: the last column is written again');
  t.same(rowsOf(drawn(`${E}[?7h0123456789ABC`)), ['0123456789', 'ABC', ''], 'on');
  const decoder = drawn(`${E}[?7h0123456789`);
  t.same(decoder.cursor, [0, 9], 'it waits for the next character');
  send(decoder, 'A');
  t.same(rowsOf(decoder), ['012345678A', '', ''], 'and is forgotten at the end of the message');
  const two = drawn(`${E}[?7h`);
  two.feed(Buffer.from('0123456789'));
  two.feed(Buffer.from('A'));
  t.same(rowsOf(two), ['0123456789', 'A', ''], 'but not between pieces of one message');
  t.end();
});

t.test('page state lives on between messages', (t) => {
  const decoder = drawn(`${E}[2;3H${E}[31;1m${E}(g`);
  send(decoder, 'x');
  t.same(attributeRuns(decoder.page, 1), [[2, 1, 'Red', 'Background', 'BOLD']]);
  t.equal(decoder.page.setAt(1, 2), 0x67);
  send(decoder, `${E}[`);
  send(decoder, '3;1');
  send(decoder, 'Hy');
  t.same(rowsOf(decoder), ['', '  x', 'y'], 'a sequence that was cut off is completed by the next message');
  t.end();
});

t.test('attributes add up until switched off', (t) => {
  const runs = attributeRuns(
    drawn(`${E}[1ma${E}[4;5mb${E}[31;42mc${E}[22;25md${E}[24;27me${E}[mf${E}[2;7mg${E}[8mh${E}[0mi`).page,
    0,
  );
  t.same(runs, [
    [0, 1, 'Foreground', 'Background', 'BOLD'],
    [1, 1, 'Foreground', 'Background', 'BOLD | UNDERLINE | BLINK'],
    [2, 1, 'Red', 'Green', 'BOLD | UNDERLINE | BLINK'],
    [3, 1, 'Red', 'Green', 'UNDERLINE'],
    [4, 1, 'Red', 'Green', ''],
    [6, 1, 'Foreground', 'Background', 'INVERSE | DIM'],
    [7, 1, 'Foreground', 'Background', 'INVERSE | DIM | HIDDEN'],
  ]);
  t.end();
});

t.test('fade, sizes, sets', (t) => {
  const { page } = drawn(`${E}[>7;33ma${E}[>0mb${E}[>1Zc${E}[>Zd${E}(0qx${E}(B${E})g\x0eA\x0fB${E}(A#`);
  t.equal(page.rowText(0), 'abcd─│AB£ ');
  t.same(attributeRuns(page, 0), [
    [0, 1, 'Foreground', 'Background', 'FADE_INVERSE | FADE_Yellow'],
    [2, 1, 'Foreground', 'Background', 'DOUBLE_HEIGHT_TOP'],
  ]);
  t.equal(sizeOf(page.extra[2]!), Size.HEIGHT_TOP);
  t.same(
    Array.from(page.text.subarray(0, 9), setOf),
    [0, 0, 0, 0, 0x30, 0x30, 0x67, 0, 0x41],
    'a set is kept beside the character',
  );
  t.end();
});

t.test('what is unknown is counted, told with its offset, and passed over', (t) => {
  const faults: [AnsiFault, number][] = [];
  const decoder = new AnsiDecoder(emptyPage(3, 10), { onFault: (kind, offset) => faults.push([kind, offset]) });
  send(decoder, 'ab');
  send(decoder, `${E}[5y${E}[38m${E}[9;9H${E}Z\x07${E}[3${E}[1;2;3;4;5;6;7;8;9;0;1;2;3;4;5;6;7;8;9;0;1mc`);
  t.same(rowsOf(decoder), ['abc', '', '']);
  t.same(
    faults.map(([kind]) => kind),
    ['sequence', 'parameter', 'position', 'sequence', 'control', 'broken-off', 'parameter'],
  );
  t.same(faults[0], ['sequence', 5], 'offsets count from the first byte of all');
  t.same(attributeRuns(decoder.page, 0), [], 'a sequence with too many parameters does nothing');
  t.end();
});

t.test('changes of a message', (t) => {
  const decoder = drawn('abc');
  const runs: number[][] = [];
  const cells = decoder.message(Buffer.from(`${E}[1;1Habd${E}[2;2Hxy`), (...run) => runs.push(run));
  t.equal(cells, 3);
  t.same(runs, [
    [0, 2, 3],
    [1, 1, 3],
  ]);
  t.end();
});

t.test('the encoder writes little', (t) => {
  const before = emptyPage(25, 80);
  new AnsiDecoder(before).message(Buffer.from(`${E}[10;1HEUR 1.0741/43`));
  const after = emptyPage(25, 80);
  new AnsiDecoder(after).message(Buffer.from(`${E}[10;1HEUR 1.0752/54`));
  t.equal(encodeScreen(after, after, 'ansi').length, 0, 'nothing where nothing changed');
  const text = Buffer.from(encodeScreen(after, before, 'ansi')).toString('latin1');
  t.match(text, `${E}[10;09H52/54`);
  t.notMatch(text, 'EUR');
  const base = Buffer.from(encodeScreen(after, undefined, 'ansi')).toString('latin1');
  t.match(base, `${E}[2J${E}[10;01HEUR 1.0752/54`);
  after.put(24, 79, 0x41, 0, 0);
  t.match(Buffer.from(encodeScreen(after, before, 'ansi')).toString('latin1'), `${E}[?7l`, 'the last row without wrap');
  t.end();
});

t.test('what page services cannot say is refused, with its place', (t) => {
  const cases: [number, number][] = [
    [0x20ac, 0],
    [0x41, BASIC + 8],
    [0x41, Style.ITALIC],
  ];
  for (const [text, style] of cases) {
    const page = emptyPage(3, 10);
    page.put(1, 2, text, style, 0);
    t.throws(() => encodeScreen(page, undefined, 'ansi'), {
      code: 'PAGES_NOT_ENCODABLE',
      context: { row: 1, column: 2 },
    });
  }
  t.throws(() => encodeScreen(emptyPage(3, 10), new Page(3, 11), 'ansi'), { code: 'PAGES_BAD_SIZE' });
  t.end();
});

/** Pieces of sequences, whole and cut off. */
const PIECE = fc.oneof(
  fc.constantFrom(
    `${E}[5;5H`,
    `${E}[1;3`,
    `${E}[`,
    E,
    `${E}(`,
    `${E}7`,
    `${E}8`,
    `${E}[2;4r`,
    `${E}[?7h`,
    '\x0e',
    ';;7',
  ),
  fc.constantFrom(`${E}[1;31m`, `${E}[>7;33m`, `${E}[>6Z`, `${E})0`, 'HELLO WORLD', `${E}[L`, '4;4Hx', 'm', '\n'),
);
const MESSAGE = fc.array(PIECE, { maxLength: 8 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

t.test('a decoder that takes over another one’s state goes on as that one would have', async () => {
  fc.assert(
    fc.property(MESSAGE, MESSAGE, (first, second) => {
      const one = new AnsiDecoder(emptyPage(6, 12));
      one.message(first);
      const other = new AnsiDecoder(copyOf(one.page));
      assert.equal(other.restore(JSON.parse(JSON.stringify(one.save()))), true);
      one.message(second);
      other.message(second);
      assert.deepEqual(words(other.page), words(one.page));
      assert.deepEqual(other.save(), one.save());
      // Of a smaller page it may be no state, and is refused then, not half taken over.
      const small = new AnsiDecoder(emptyPage(1, 1));
      const before = small.save();
      if (!small.restore(one.save())) assert.deepEqual(small.save(), before);
    }),
    { numRuns: 500 },
  );
});

t.test('decoders at work in turns, in the middle of sequences too, do what each would alone', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), MESSAGE), { maxLength: 12 }), (turns) => {
      const together = [0, 1, 2].map(() => new AnsiDecoder(emptyPage(6, 12)));
      const alone = [0, 1, 2].map(() => new AnsiDecoder(emptyPage(6, 12)));
      for (const [which, message] of turns) together[which]!.message(message);
      for (const [index, decoder] of alone.entries()) {
        for (const [which, message] of turns) if (which === index) decoder.message(message);
        assert.deepEqual(words(together[index]!.page), words(decoder.page));
        assert.deepEqual(together[index]!.save(), decoder.save());
        assert.deepEqual(together[index]!.faults.counts, decoder.faults.counts);
      }
    }),
    { numRuns: 500 },
  );
});
