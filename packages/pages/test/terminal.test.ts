// Terminals: what the recordings don't show, or show only in passing.
import {
  attributeRuns,
  Style,
  TerminalDecoder,
  type TerminalFault,
  Trust,
  trustOf,
  Width,
  widthOf,
} from '@tickerplant/pages';
import t from 'tap';
import { emptyPage } from './support.ts';

const E = '\x1b';

function drawn(text: string, rows = 4, columns = 10): TerminalDecoder {
  const decoder = new TerminalDecoder(emptyPage(rows, columns));
  decoder.message(Buffer.from(text));
  return decoder;
}

function rowsOf({ page }: TerminalDecoder): string[] {
  return Array.from({ length: page.rows }, (_, row) => page.rowText(row).trimEnd());
}

t.test('positions', (t) => {
  const cases: [string, readonly [number, number]][] = [
    [`${E}[2;3H`, [1, 2]],
    [`${E}[99;99H`, [3, 9]],
    [`${E}[3G`, [0, 2]],
    [`${E}[3\``, [0, 2]],
    [`${E}[2;3H${E}[4d`, [3, 2]],
    [`${E}[2;3H${E}[2a`, [1, 4]],
    [`${E}[1;3H${E}[2e`, [2, 2]],
    [`${E}[1;3H${E}[2E`, [2, 0]],
    [`${E}[4;3H${E}[2F`, [1, 0]],
    [`${E}[2;3H${E}[0C`, [1, 3]],
    [`${E}[2;3r`, [0, 0]],
    [`${E}[2;3r${E}[?6h`, [1, 0]],
    [`${E}[2;3r${E}[?6h${E}[9;9H`, [2, 8]],
    [`${E}[2;3r${E}[?6h${E}[?6l`, [0, 0]],
    [`${E}[2;3r${E}[3;1H${E}[9A`, [1, 0]],
    [`${E}[3;4H${E}[s${E}[H${E}[u`, [2, 3]],
    [`${E}[3;4H${E}7${E}[H${E}8`, [2, 3]],
    [`${E}[I`, [0, 8]],
    [`${E}[10G${E}[Z`, [0, 8]],
    [`${E}[10G${E}[2Z`, [0, 0]],
    [`${E}[3g\t`, [0, 9]],
    [`${E}[3g${E}[4G${E}H\r\t`, [0, 3]],
    ['abc\b\b', [0, 1]],
    [`${E}[20habc\n`, [1, 0]],
  ];
  for (const [text, cursor] of cases) t.same(drawn(text).cursor, cursor, JSON.stringify(text));
  t.end();
});

t.test('cells', (t) => {
  const cases: [string, string[]][] = [
    [`abcdef${E}[3G${E}[2X`, ['ab  ef', '', '', '']],
    [`ab${E}[3b`, ['abbbb', '', '', '']],
    [`abc${E}[2G${E}[4hX`, ['aXbc', '', '', '']],
    [`${E}[?7l0123456789AB`, ['012345678B', '', '', '']],
    ['0123456789AB', ['0123456789', 'AB', '', '']],
    [`0123456789${E}[Kx`, ['0123456789', 'x', '', '']],
    [`a\r\nb\r\nc\r\nd\r\ne`, ['b', 'c', 'd', 'e']],
    [`a\r\nb\r\nc${E}[2;3r${E}[3;1H\nx`, ['a', 'c', 'x', '']],
    [`a\r\nb\r\nc${E}[2;1H${E}[L`, ['a', '', 'b', 'c']],
    [`a\r\nb\r\nc${E}[1;1H${E}[M`, ['b', 'c', '', '']],
    [`a\r\nb\r\nc${E}[S`, ['b', 'c', '', '']],
    [`a\r\nb\r\nc${E}[T`, ['', 'a', 'b', 'c']],
    [`main${E}[?1049h${E}[Halt${E}[?1049lx`, ['mainx', '', '', '']],
    [`main${E}[?1049halt`, ['    alt', '', '', '']],
    [`a${E}]0;title\x07b${E}P1$q\x1b\\c${E}_x${E}\\d`, ['abcd', '', '', '']],
    [`a${E}[>4;2mb${E}[?2004hc${E}[1 qd${E}[!pe`, ['abcde', '', '', '']],
    [`${E}(0qx${E}(Bq\x0e${E})0q\x0fq`, ['─│q─q', '', '', '']],
    [`a${E}[1\x18b`, ['ab', '', '', '']],
    [`a${E}[2\r;3Hb`, ['a', '  b', '', '']],
    [`${E}#8${E}[1J`, [' EEEEEEEEE', 'EEEEEEEEEE', 'EEEEEEEEEE', 'EEEEEEEEEE']],
    [`abc${E}cd`, ['d', '', '', '']],
  ];
  for (const [text, rows] of cases) {
    t.same(rowsOf(drawn(text)), rows, JSON.stringify(text));
  }
  t.end();
});

t.test('a repetition fills the page once at most', (t) => {
  t.same(rowsOf(drawn(`ab${E}[65535b`, 2, 3)), ['bbb', 'bb']);
  t.end();
});

t.test('erasing fills with the background in force', (t) => {
  const { page } = drawn(`${E}[1;44m${E}[2K${E}[2;1H${E}[3X`);
  t.same(attributeRuns(page, 0), [[0, 10, 'Foreground', 'Blue', '']]);
  t.same(attributeRuns(page, 1), [[0, 3, 'Foreground', 'Blue', '']]);
  t.end();
});

t.test('protected cells stay when the others are erased', (t) => {
  const decoder = drawn(`a${E}[1"qbc${E}[0"qd${E}[?2K`);
  t.same(rowsOf(decoder)[0], ' bc');
  t.equal(decoder.page.style[1], Style.PROTECTED);
  decoder.message(Buffer.from(`${E}[1;1H${E}[?J`));
  t.same(rowsOf(decoder)[0], ' bc');
  decoder.message(Buffer.from(`${E}[2K`));
  t.same(rowsOf(decoder)[0], '');
  t.end();
});

t.test('double width wraps whole, and half of it is nothing', (t) => {
  const decoder = drawn('012345678日x');
  t.same(rowsOf(decoder), ['012345678', '日x', '', '']);
  t.equal(widthOf(decoder.page.text[10]!), Width.LEFT_HALF);
  decoder.message(Buffer.from(`${E}[2;2Hy`));
  t.same(rowsOf(decoder)[1], ' yx');
  t.end();
});

t.test('bytes that are no UTF-8 are damaged cells', (t) => {
  const faults: [TerminalFault, number][] = [];
  const decoder = new TerminalDecoder(emptyPage(2, 10), { onFault: (kind, offset) => faults.push([kind, offset]) });
  decoder.feed(Uint8Array.of(0x61, 0xff, 0xe6, 0x97, 0x62, 0xc0, 0xef, 0xbf, 0xbd, 0xe2, 0x1b, 0x5b, 0x6d, 0xed, 0xa0));
  t.equal(decoder.page.rowText(0).trimEnd(), 'a��b�����');
  const damaged = Array.from(decoder.page.text.subarray(0, 9), (word) => trustOf(word) === Trust.DAMAGED);
  // The one that was sent as such is sound.
  t.same(damaged, [false, true, true, false, true, false, true, true, true]);
  t.same(
    faults.map(([, offset]) => offset),
    [1, 4, 5, 10, 14, 14],
  );
  t.end();
});
