import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import { ByteReader, FrameParser, FrameType, LENGTH_BYTES } from '@tickerplant/feed-runtime';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { PageCatalogue } from '../src/index.ts';
import { encodeImage, encodeUpdate, FRAMES } from '../src/interactive/encoder.ts';
import { TEXT_BYTES_MAX } from '../src/interactive/messages.ts';
import { PageApplier } from '../src/page-applier.ts';
import { CONTENT_BYTES_MAX, encodeRowFields, PageFormat, type RowValue, readRowFields } from '../src/payload.ts';
import { changeOf, imageOf } from '../src/simulator/page-content.ts';
import { linesOf } from './page-readers.ts';

const encodeAccepted = FRAMES.accepted.bind(FRAMES);
const encodeHeartbeat = FRAMES.heartbeat.bind(FRAMES);
const encodeLogon = FRAMES.logon.bind(FRAMES);
const encodeRequest = FRAMES.request.bind(FRAMES);
const encodeStatus = FRAMES.status.bind(FRAMES);

/** All frames that a parser finds in a stream cut at the places given. */
function framesOf(stream: Uint8Array, cuts: readonly number[]): { frames: string[]; fault: string | undefined } {
  const frames: string[] = [];
  const parser = new FrameParser((bytes, start, end) =>
    frames.push(Buffer.from(bytes.subarray(start, end)).toString('hex')),
  );
  let fault: string | undefined;
  const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  for (let i = 1; i < places.length; i++) fault ??= parser.push(stream.subarray(places[i - 1]!, places[i]!));
  return { frames, fault };
}

const text = fc
  .string({ maxLength: 30, unit: 'grapheme' })
  .filter((value) => Buffer.byteLength(value) < TEXT_BYTES_MAX);
const u32 = fc.nat(0xffff_ffff);
const content = fc.uint8Array({ maxLength: 3_000 });
const format = fc.constantFrom(PageFormat.ANSI, PageFormat.ROW_FIELDS);

t.setTimeout(120_000);

t.test('what is encoded reads back, whatever the values', async () => {
  const reader = new ByteReader();
  const open = (frame: Buffer, type: number): void => {
    assert.equal(frame.readUInt16BE(0), frame.length - LENGTH_BYTES);
    reader.reset(frame, LENGTH_BYTES, frame.length);
    assert.equal(reader.u8(), type);
  };
  const done = (): void => {
    reader.finish();
    assert.equal(reader.fault, undefined);
  };
  fc.assert(
    fc.property(
      u32,
      u32,
      u32,
      text,
      content,
      format,
      fc.nat(65_535),
      fc.nat(65_535),
      (a, b, c, word, bytes, f, r, w) => {
        open(encodeLogon(word), FrameType.LOGON);
        assert.equal(reader.u8(), 1);
        assert.equal(reader.text(TEXT_BYTES_MAX), word);
        done();
        open(encodeRequest(a, word), FrameType.REQUEST);
        assert.deepEqual([reader.u32(), reader.text(TEXT_BYTES_MAX)], [a, word]);
        done();
        open(encodeAccepted(a, b, c), FrameType.ACCEPTED);
        assert.deepEqual([reader.u32(), reader.u32(), reader.u32()], [a, b, c]);
        done();
        open(encodeStatus(a, r & 255, word), FrameType.STATUS);
        assert.deepEqual([reader.u32(), reader.u8(), reader.text(TEXT_BYTES_MAX)], [a, r & 255, word]);
        done();
        open(encodeImage(a, f, r, w, bytes), FrameType.IMAGE);
        assert.deepEqual([reader.u32(), reader.u8(), reader.u16(), reader.u16()], [a, f, r, w]);
        assert.deepEqual([...reader.slice(reader.left)], [...bytes]);
        done();
        open(encodeUpdate(a, f, bytes), FrameType.UPDATE);
        assert.deepEqual([reader.u32(), reader.u8()], [a, f]);
        assert.deepEqual([...reader.slice(reader.left)], [...bytes]);
        done();
      },
    ),
  );
});

t.test('a stream reads the same cut in two at every place, or in many', async () => {
  const frames = [
    encodeHeartbeat(),
    encodeAccepted(1, 2, 3),
    encodeImage(7, PageFormat.ANSI, 25, 80, Buffer.alloc(5_000, 'x')),
    encodeUpdate(7, PageFormat.ANSI, Buffer.from('abc')),
    encodeStatus(1, 2, 'words'),
  ];
  const stream = Buffer.concat(frames);
  const whole = framesOf(stream, []);
  assert.equal(whole.frames.length, frames.length);
  for (let cut = 0; cut <= stream.length; cut++) assert.deepEqual(framesOf(stream, [cut]), whole);
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
      assert.deepEqual(framesOf(stream, cuts), whole);
    }),
  );
  const bytewise = Array.from({ length: stream.length }, (_, i) => i);
  assert.deepEqual(framesOf(stream, bytewise), whole);
});

t.test('the longest content goes into a frame, a longer one does not', async (t) => {
  const longest = encodeImage(1, PageFormat.ANSI, 1, 1, new Uint8Array(CONTENT_BYTES_MAX));
  t.equal(framesOf(longest, [3, 4_000, 20_000]).frames[0]?.length, 2 * (longest.length - LENGTH_BYTES));
  t.throws(() => encodeUpdate(1, PageFormat.ANSI, new Uint8Array(CONTENT_BYTES_MAX + 1)), {
    code: 'PAGES_CONTENT_TOO_LONG',
  });
  t.throws(() => encodeLogon('x'.repeat(TEXT_BYTES_MAX + 1)), { code: 'PAGES_TEXT_TOO_LONG' });
});

t.test('any bytes: the parser stops where the stream has no meaning, and takes nothing more', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(400), { maxLength: 5 }), (bytes, cuts) => {
      const inside = cuts.map((cut) => Math.min(cut, bytes.length));
      assert.deepEqual(framesOf(bytes, inside), framesOf(bytes, []));
    }),
  );
  assert.match(framesOf(Buffer.from([0, 0, 1, 2]), []).fault ?? '', /length of 0/);
});

t.test('rows as fields: what is encoded reads back; anything else is told from it', async () => {
  const rows = fc
    .uniqueArray(fc.tuple(fc.nat(24), fc.uint8Array({ maxLength: 90 })), { selector: ([row]) => row })
    .map((list) => list as unknown as RowValue[]);
  fc.assert(
    fc.property(rows, fc.nat(), fc.nat(255), (values, at, byte) => {
      const bytes = encodeRowFields('ROW80', values);
      const read: RowValue[] = [];
      assert.equal(readRowFields(bytes, 'ROW80', read), undefined);
      assert.deepEqual(
        read.map(([row, value]) => [row, [...value]]),
        values.map(([row, value]) => [row, [...value]]),
      );
      const cut = bytes.subarray(0, at % bytes.length);
      assert.notEqual(readRowFields(cut, 'ROW80', read), undefined);
      // One byte otherwise: read or refused, never thrown.
      const other = Uint8Array.from(bytes);
      other[at % other.length] = byte;
      readRowFields(other, 'ROW80', read);
    }),
  );
  assert.match(readRowFields(encodeRowFields('ROW64', [[3, Buffer.from('x')]]), 'ROW80', []) ?? '', /field of ROW80/);
});

t.test('images and changes of the simulated pages draw the pages, in either format', async () => {
  for (const pageFormat of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const catalogue = new PageCatalogue(16, 21);
    const applier = new PageApplier(new CounterRegistry());
    const random = seededRandom(4);
    for (const index of catalogue.names.keys()) {
      const page = catalogue.page(index, 43_200);
      const held = applier.create(pageFormat, 25, 80)!;
      assert.equal(applier.image(held, imageOf(page, pageFormat)), undefined);
      for (let step = 0; step < 60; step++) {
        const change = changeOf(page, pageFormat, () => {
          if (step === 30) page.setLayout('changed');
          else if (random.below(10) === 0) page.setClock(43_200 + 60 * step);
          else page.step();
        });
        if (change !== undefined) assert.equal(applier.update(held, change), undefined);
        assert.deepEqual(linesOf(held.page), linesOf(page.page), page.name);
        if (pageFormat === PageFormat.ANSI) assert.deepEqual(held.page.style, page.page.style);
      }
    }
  }
});
