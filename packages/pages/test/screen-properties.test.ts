// Round trips, pieces and hostile bytes, for page updates and terminals alike.
import { AnsiDecoder, encodeScreen, type Page, type ScreenDialect, TerminalDecoder } from '@tickerplant/pages';
import fc from 'fast-check';
import t from 'tap';
import {
  apply,
  copyOf,
  differences,
  emptyPage,
  halvesMatch,
  pageEdits,
  pieces,
  seen,
  terminalEdits,
  words,
} from './support.ts';

const ROWS = 6;
const COLUMNS = 30;

interface Decoder {
  readonly page: Page;
  readonly faults: { readonly total: number };
  feed(bytes: Uint8Array): void;
  message(bytes: Uint8Array, onChange?: (row: number, first: number, end: number) => void): number;
}

const DIALECTS = {
  ansi: { make: (page: Page): Decoder => new AnsiDecoder(page), edits: pageEdits(ROWS, COLUMNS) },
  terminal: { make: (page: Page): Decoder => new TerminalDecoder(page), edits: terminalEdits(ROWS, COLUMNS) },
} as const;

/** Bytes that are likely to mean something. */
const TOKENS = fc.constantFrom(
  ...['\x1b', '\x1b[', '\x1b[?', '\x1b[>', ';', '1', '25', '99999', 'A', 'B', 'C', 'D', 'H', 'J', 'K', 'L', 'M', 'P'],
  ...['S', 'T', '@', 'X', 'b', 'd', 'e', 'g', 'h', 'l', 'm', 'r', 's', 'u', 'p', 'Z', '7', '8', 'c', '#8', '(0', ')A'],
  ...['\x0e', '\x0f', '\t', '\r', '\n', '\b', '\x1b]0;', '\x07', '\x1b\\', '\x1bP', '\x18', 'text', '38;5;', ':', '"q'],
  ...[
    '\xe6\x97\xa5',
    '\xf0\x9f\x98\x80',
    '\xe6',
    '\xff',
    '\xcc\x81',
    '\x9b',
    '1049h',
    '1049l',
    '6h',
    '7h',
    '20h',
    '4h',
  ],
);
const HOSTILE = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(TOKENS, { maxLength: 80 }).map((tokens) => new Uint8Array(Buffer.from(tokens.join(''), 'latin1'))),
);

for (const [name, { make, edits }] of Object.entries(DIALECTS)) {
  const dialect = name as ScreenDialect;

  t.test(`${dialect}: what is encoded is decoded, base and updates, whatever was before`, (t) => {
    fc.assert(
      fc.property(fc.array(edits, { minLength: 1, maxLength: 5 }), HOSTILE, (steps, junk) => {
        const page = emptyPage(ROWS, COLUMNS);
        const decoder = make(emptyPage(ROWS, COLUMNS));
        // A receiver with an odd state: the base must bring order into it.
        if (dialect === 'ansi') {
          decoder.message(junk);
          decoder.feed(Buffer.from('\x1b\x1b[p'));
        }
        let before: Page | undefined;
        for (const step of steps) {
          apply(page, step);
          const cells: string[] = [];
          const shown = copyOf(decoder.page);
          decoder.message(encodeScreen(page, before, dialect), (row, first, end) => {
            for (let column = first; column < end; column++) cells.push(`${row},${column}`);
          });
          t.same(words(decoder.page), words(page));
          t.same(cells, differences(shown, decoder.page));
          before = copyOf(page);
        }
      }),
      { numRuns: 150 },
    );
    t.end();
  });

  t.test(`${dialect}: an update says no more than the whole page`, (t) => {
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const before = emptyPage(ROWS, COLUMNS);
        apply(before, first);
        const after = copyOf(before);
        apply(after, second);
        const update = encodeScreen(after, before, dialect).length;
        return update === 0
          ? differences(before, after).length === 0
          : update <= encodeScreen(after, undefined, dialect).length + ROWS * 24;
      }),
      { numRuns: 300 },
    );
    t.pass();
    t.end();
  });

  t.test(`${dialect}: hostile bytes never throw, and come to the same in any pieces`, (t) => {
    fc.assert(
      fc.property(HOSTILE, fc.array(fc.nat(1000), { maxLength: 6 }), (bytes, cuts) => {
        const whole = make(emptyPage(ROWS, COLUMNS));
        whole.feed(bytes);
        const cut = make(emptyPage(ROWS, COLUMNS));
        for (const piece of pieces(bytes, cuts)) cut.feed(piece);
        t.same(seen(cut.page), seen(whole.page));
        t.same(cut.faults, whole.faults);
        t.ok(halvesMatch(whole.page));
      }),
      { numRuns: 700 },
    );
    t.end();
  });

  t.test(`${dialect}: every split point of a message`, (t) => {
    const page = emptyPage(ROWS, COLUMNS);
    fc.assert(
      fc.property(edits, (step) => {
        apply(page, step);
        const bytes = encodeScreen(page, undefined, dialect);
        for (let at = 0; at <= bytes.length; at++) {
          const decoder = make(emptyPage(ROWS, COLUMNS));
          decoder.feed(bytes.subarray(0, at));
          decoder.feed(bytes.subarray(at));
          if (JSON.stringify(words(decoder.page)) !== JSON.stringify(words(page))) return false;
        }
        return true;
      }),
      { numRuns: 3 },
    );
    t.pass();
    t.end();
  });
}

t.test('ansi: a message may be cut anywhere and continue in the next', (t) => {
  const text = Buffer.from('\x1b[?7h\x1b[2;3H\x1b[31mab\x1b[>7mcd\x1b(0qq\x1b7\x1b[1;1Hx\x1b8y');
  const whole = new AnsiDecoder(emptyPage(ROWS, COLUMNS));
  whole.message(text);
  for (let at = 0; at <= text.length; at++) {
    const decoder = new AnsiDecoder(emptyPage(ROWS, COLUMNS));
    decoder.message(text.subarray(0, at));
    decoder.message(text.subarray(at));
    t.same(words(decoder.page), words(whole.page), `cut at ${at}`);
  }
  t.end();
});
