import assert from 'node:assert/strict';
import { decodeMessage, encodeMessage, Kind, type Message, PageFlag, PageMessage } from '@tickerplant/records';
import fc from 'fast-check';
import t from 'tap';
import {
  attributeRuns,
  CellRuns,
  ChangeTracker,
  digestPage,
  Page,
  PageEncoder,
  PageStep,
  PageValue,
  Style,
  Trust,
  textWord,
} from '../src/index.ts';
import { apply, copyOf, differences, emptyPage, halvesMatch, pageEdits, seen, terminalEdits } from './support.ts';

const ROWS = 6;
const COLUMNS = 21;
const edits = fc.oneof(pageEdits(ROWS, COLUMNS), terminalEdits(ROWS, COLUMNS));
/** Work on a page between two messages: edits, and what decoders do besides. */
const work = fc.record({
  edits,
  marks: fc.array(
    fc.record({ row: fc.nat(ROWS - 1), column: fc.nat(COLUMNS - 1), trust: fc.constantFrom(...Object.values(Trust)) }),
    { maxLength: 3 },
  ),
  wrapped: fc.boolean(),
  scroll: fc.constantFrom(0, 0, 1, 2),
  rgb: fc.array(fc.integer({ min: 0, max: 0xff_ffff }), { maxLength: 4 }),
});
type Work = typeof work extends fc.Arbitrary<infer W> ? W : never;

function draw(page: Page, { edits, marks, wrapped, scroll, rgb }: Work): void {
  apply(page, edits);
  for (const { row, column, trust } of marks) page.mark(row, column, trust);
  if (wrapped) page.addStyle(1, page.columns - 1, Style.WRAPPED);
  if (scroll > 0) page.scrollUp(0, page.rows, scroll, Style.BOLD);
  rgb.forEach((colour, index) => {
    page.put(2, index, textWord(0x40 + index), page.trueColour(colour) | (page.trueColour(colour ^ 0xff) << 10), 0);
  });
}

/** What a handler sends for a change; an image where it doesn't fit. */
function sendChange(encoder: PageEncoder, page: Page, change: () => void): Uint8Array[] {
  const tracker = new ChangeTracker();
  const changes = new CellRuns();
  tracker.begin(page);
  change();
  tracker.end(changes.add);
  const messages: Uint8Array[] = [];
  const keep = (bytes: Uint8Array, length: number): void => {
    messages.push(bytes.slice(0, length));
  };
  if (!encoder.update(7, page, changes, keep)) encoder.image(7, page, 0, keep);
  return messages;
}

function imageOf(encoder: PageEncoder, page: Page, flags = 0): Uint8Array[] {
  const messages: Uint8Array[] = [];
  encoder.image(7, page, flags, (bytes, length) => messages.push(bytes.slice(0, length)));
  return messages;
}

const message = new PageMessage();

function take(value: PageValue, bytes: Uint8Array, changes?: CellRuns): PageStep {
  assert.equal(message.read(bytes, 0, bytes.length), undefined);
  assert.equal(message.item, 7);
  return value.take(message, changes);
}

/** Whether two pages say the same, cell by cell; colours may have other codes. */
function same(a: Page | undefined, b: Page): boolean {
  return a !== undefined && a.rows === b.rows && a.columns === b.columns && differences(a, b).length === 0;
}

t.test('a page at the receiver is the one at the sender, after every message that ends something', async () => {
  fc.assert(
    fc.property(work, fc.array(work, { maxLength: 6 }), fc.constantFrom(128, 200, 1450), (first, rest, bytesMax) => {
      const encoder = new PageEncoder(bytesMax);
      const page = new Page(ROWS, COLUMNS);
      draw(page, first);
      const value = new PageValue();
      const changes = new CellRuns();
      const image = imageOf(encoder, page, PageFlag.POSSIBLE_DUPLICATE);
      for (const [index, bytes] of image.entries()) {
        assert.ok(bytes.length <= bytesMax, 'no message is too long');
        assert.equal(take(value, bytes), index === image.length - 1 ? PageStep.IMAGE : PageStep.PART);
        if (index < image.length - 1) assert.equal(value.page, undefined);
      }
      assert.ok(same(value.page, page));
      assert.deepEqual(seen(value.page!), seen(page));
      assert.equal(digestPage(value.page!), digestPage(page));
      assert.equal(value.possibleDuplicate, true);
      for (const one of rest) {
        const before = copyOf(page);
        const messages = sendChange(encoder, page, () => draw(page, one));
        changes.clear();
        for (const [index, bytes] of messages.entries()) {
          assert.ok(bytes.length <= bytesMax);
          const shown = copyOf(value.page!);
          const step = take(value, bytes, changes);
          if (index === messages.length - 1) assert.ok(step === PageStep.UPDATE || step === PageStep.IMAGE);
          else assert.ok(step === PageStep.PART && same(value.page, shown), 'half an image is not to be seen');
        }
        assert.ok(same(value.page, page));
        assert.equal(halvesMatch(value.page!), halvesMatch(page));
        const told = new Set(cellsOf(changes, COLUMNS));
        for (const at of differences(before, page)) assert.ok(told.has(at), `${at} is told of`);
      }
    }),
    { numRuns: 150 },
  );
});

function cellsOf(changes: CellRuns, columns: number): string[] {
  const cells: string[] = [];
  for (let i = 0; i < changes.count; i++) {
    assert.ok(changes.first(i) < changes.end(i) && changes.end(i) <= columns);
    for (let column = changes.first(i); column < changes.end(i); column++) cells.push(`${changes.row(i)},${column}`);
  }
  return cells;
}

t.test('whatever is lost, a page is shown as the sender had it at some time, or not at all', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ work, image: fc.boolean() }), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.boolean()),
      (steps, losses) => {
        const encoder = new PageEncoder(160);
        const page = new Page(ROWS, COLUMNS);
        const states: Page[] = [];
        const value = new PageValue();
        const stream: { bytes: Uint8Array; first: boolean; last: boolean }[] = [];
        for (const { work, image } of steps) {
          const change = sendChange(encoder, page, () => draw(page, work));
          const messages = stream.length === 0 || image ? imageOf(encoder, page) : change;
          messages.forEach((bytes, index) => {
            stream.push({ bytes, first: index === 0, last: index === messages.length - 1 });
          });
          states.push(copyOf(page));
        }
        let known = false;
        for (const { bytes } of stream) {
          if (losses.next().value) {
            // As a receiver does: what it has is in doubt until the next image.
            value.clear();
            known = false;
            continue;
          }
          const step = take(value, bytes);
          known ||= step === PageStep.IMAGE;
          assert.equal(value.page !== undefined, known);
          if (value.page !== undefined) assert.ok(states.some((state) => same(value.page, state)));
        }
      },
    ),
    { numRuns: 150 },
  );
});

t.test('parts that do not follow one another make no image', async (t) => {
  const encoder = new PageEncoder(128);
  const page = emptyPage(ROWS, COLUMNS);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) page.put(row, column, textWord(0x41 + column), column % 2, 0);
  }
  const parts = imageOf(encoder, page);
  t.ok(parts.length > 2);
  const value = new PageValue();
  t.equal(take(value, parts[1]!), PageStep.OUT_OF_ORDER);
  t.equal(take(value, parts[0]!), PageStep.PART);
  t.equal(take(value, parts[2]!), PageStep.OUT_OF_ORDER);
  t.notOk(value.isLoading);
  for (const part of parts) take(value, part);
  t.ok(same(value.page, page));

  t.test('an update ends the image under way, and counts for the page before it', async (t) => {
    take(value, parts[0]!);
    page.put(0, 0, textWord(0x7a), 0, 0);
    const changes = new CellRuns();
    changes.add(0, 0, 1);
    encoder.update(7, page, changes, (bytes, length) => t.equal(take(value, bytes.slice(0, length)), PageStep.UPDATE));
    t.ok(same(value.page, page));
    t.ok(value.isSound);
    t.equal(take(value, parts[1]!), PageStep.OUT_OF_ORDER);
    t.ok(same(value.page, page));
    t.notOk(value.isSound, 'whose image was that?');
  });
  t.test('an image of another size is another page', async (t) => {
    const small = emptyPage(2, 4);
    const before = value.page;
    for (const part of imageOf(encoder, small)) take(value, part);
    t.not(value.page, before);
    t.ok(same(value.page, small));
    const big = new CellRuns();
    big.add(3, 0, 2);
    encoder.update(7, page, big, (bytes, length) => t.equal(take(value, bytes.slice(0, length)), PageStep.FAULT));
    t.match(value.fault, /expected at most 8 cells/);
    t.ok(same(value.page, small), 'the page is what it was');
    t.notOk(value.isSound, 'which is not what the sender has');
    const changes = new CellRuns();
    changes.add(0, 0, 1);
    encoder.update(7, small, changes, (bytes, length) =>
      t.equal(take(value, bytes.slice(0, length)), PageStep.NO_IMAGE),
    );
    for (const part of imageOf(encoder, small)) take(value, part);
    t.ok(value.isSound);
  });
});

t.test('an empty page of the usual size takes one short message; a full one few', async (t) => {
  t.same(
    imageOf(new PageEncoder(), emptyPage(25, 80)).map(({ length }) => length),
    [13],
  );
  const page = emptyPage(25, 80);
  for (let row = 0; row < 25; row++) {
    for (let column = 0; column < 80; column++)
      page.put(row, column, textWord(0x41 + (column % 60)), (column >> 4) + 1, 0);
  }
  t.equal(imageOf(new PageEncoder(), page).length, 2);
});

t.test('messages as plain values come back as the same bytes', async () => {
  fc.assert(
    fc.property(work, work, (first, second) => {
      const page = new Page(ROWS, COLUMNS);
      draw(page, first);
      const encoder = new PageEncoder(300);
      for (const bytes of [...imageOf(encoder, page), ...sendChange(encoder, page, () => draw(page, second))]) {
        const plain: Message = decodeMessage(bytes);
        assert.ok(plain.kind === Kind.PAGE_IMAGE || plain.kind === Kind.PAGE_UPDATE);
        assert.deepEqual(Buffer.from(encodeMessage(plain)), Buffer.from(bytes));
      }
    }),
  );
});

t.test('no bytes do harm: a message is good as a whole, or without effect', async () => {
  fc.assert(
    fc.property(
      work,
      fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 }),
      fc.nat(300),
      (drawn, flips, cut) => {
        const page = new Page(ROWS, COLUMNS);
        draw(page, drawn);
        for (const bytes of imageOf(new PageEncoder(), page)) {
          for (const { at, byte } of flips) bytes[at % bytes.length] = byte;
          const length = cut % 3 === 0 ? cut % bytes.length : bytes.length;
          if (message.read(bytes, 0, length) !== undefined) continue;
          const value = new PageValue();
          for (const part of imageOf(new PageEncoder(), page)) take(value, part);
          if (message.read(bytes, 0, length) !== undefined) continue;
          const step = value.take(message);
          if (step === PageStep.FAULT) assert.ok(same(value.page, page));
          const taken = value.page!;
          if (step !== PageStep.IMAGE || taken.rows * taken.columns > 10_000) continue;
          // What was taken in can be sent on as it is.
          const next = new PageValue();
          for (const part of imageOf(new PageEncoder(), taken)) take(next, part);
          assert.ok(same(next.page, taken));
        }
      },
    ),
    { numRuns: 500 },
  );
});

t.test('the example in docs/wire.md', async (t) => {
  const bytes = Buffer.from(
    '97 18 07 00 91 ce 00 ff 80 00 92 51 a5 4c 4f 4e 44 4f 93 01 a2 39 39 cd 01 11 93 00 04 ce 00 10 00 02'.replaceAll(
      ' ',
      '',
    ),
    'hex',
  );
  const page = emptyPage(2, 80);
  const value = new PageValue();
  for (const part of imageOf(new PageEncoder(), page)) take(value, part);
  const changes = new CellRuns();
  t.equal(take(value, bytes, changes), PageStep.UPDATE);
  const shown = value.page!;
  t.equal(shown.rowText(1).trimEnd(), ' LONDO 99');
  t.same(attributeRuns(shown, 1), [
    [7, 2, '#ff8000', 'Background', ''],
    [9, 4, 'Red', 'Background', 'BOLD'],
  ]);
  t.same(cellsOf(changes, 80).length, 11);
});
