import assert from 'node:assert/strict';
import { FrameParser, FrameType } from '@tickerplant/feed-runtime';
import fc from 'fast-check';
import t from 'tap';
import { type FieldSink, FrameReader } from '../src/decoder.ts';
import { encodeImage, FRAMES, type VendorPair, type VendorValue } from '../src/encoder.ts';
import { FRAME_BYTES_MAX, ValueKind } from '../src/messages.ts';

const encodeRequest = FRAMES.request.bind(FRAMES);
const encodeStatus = FRAMES.status.bind(FRAMES);

const safe = fc.maxSafeInteger();
const value: fc.Arbitrary<VendorValue> = fc.oneof(
  fc.constant<VendorValue>({ kind: ValueKind.BLANK }),
  safe.map<VendorValue>((number) => ({ kind: ValueKind.WHOLE, value: number })),
  fc
    .tuple(safe, fc.integer({ min: -18, max: 18 }))
    .map<VendorValue>(([mantissa, exponent]) => ({ kind: ValueKind.DECIMAL, mantissa, exponent })),
  fc.string({ maxLength: 20, unit: 'grapheme-ascii' }).map<VendorValue>((text) => ({ kind: ValueKind.TEXT, text })),
);
const pairs = fc.array(fc.tuple(fc.nat(65_535), value), { maxLength: 20 });

class Pairs implements FieldSink {
  readonly list: VendorPair[] = [];

  field(id: number, kind: ValueKind, number: number, exponent: number, text: string): void {
    if (kind === ValueKind.BLANK) this.list.push([id, { kind }]);
    else if (kind === ValueKind.WHOLE) this.list.push([id, { kind, value: number }]);
    else if (kind === ValueKind.DECIMAL) this.list.push([id, { kind, mantissa: number, exponent }]);
    else this.list.push([id, { kind, text }]);
  }
}

/** All frames that a parser finds in a stream cut at the places given. */
function framesOf(stream: Uint8Array, cuts: readonly number[]): { frames: string[]; fault: string | undefined } {
  const frames: string[] = [];
  const parser = new FrameParser(
    (bytes, start, end) => frames.push(Buffer.from(bytes.subarray(start, end)).toString('hex')),
    FRAME_BYTES_MAX,
  );
  let fault: string | undefined;
  const places = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  for (let i = 1; i < places.length; i++) fault ??= parser.push(stream.subarray(places[i - 1]!, places[i]!));
  return { frames, fault };
}

t.test('what is encoded reads back, whatever the values', async () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), pairs, (request, list) => {
      const frame = encodeImage(request, list);
      const reader = new FrameReader();
      reader.reset(frame, 2, frame.length);
      assert.equal(frame.readUInt16BE(0), frame.length - 2);
      assert.equal(reader.u8(), FrameType.IMAGE);
      assert.equal(reader.u32(), request);
      const sink = new Pairs();
      reader.fields(sink);
      reader.finish();
      assert.equal(reader.fault, undefined);
      // -0 is 0 on the wire.
      assert.deepEqual(JSON.stringify(sink.list), JSON.stringify(list));
    }),
  );
});

t.test('a stream gives the same frames wherever it is cut', async () => {
  const stream = Buffer.concat([
    encodeRequest(1, 'ABC'),
    encodeStatus(2, 1, 'no such symbol'),
    encodeImage(3, [[1, { kind: ValueKind.TEXT, text: 'name' }]]),
    encodeRequest(4, 'D'),
  ]);
  const expected = framesOf(stream, []);
  assert.equal(expected.frames.length, 4);
  for (let cut = 0; cut <= stream.length; cut++) assert.deepEqual(framesOf(stream, [cut]), expected);
  assert.deepEqual(
    framesOf(
      stream,
      Array.from({ length: stream.length }, (_, i) => i),
    ),
    expected,
  );
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      assert.deepEqual(framesOf(stream, cuts), expected);
    }),
  );
});

t.test('the longest frame passes, split or whole; a longer one and an empty one end the stream', async () => {
  const longest = Buffer.alloc(2 + FRAME_BYTES_MAX, 0x55);
  longest.writeUInt16BE(FRAME_BYTES_MAX, 0);
  for (const cuts of [[], [1], [2], [3000]]) assert.equal(framesOf(longest, cuts).frames.length, 1);
  for (const length of [0, FRAME_BYTES_MAX + 1, 65_535]) {
    const bad = Buffer.from(longest);
    bad.writeUInt16BE(length, 0);
    const stream = Buffer.concat([encodeRequest(1, 'A'), bad, encodeRequest(2, 'B')]);
    for (const cuts of [[], [1], [10], [11]]) {
      const { frames, fault } = framesOf(stream, cuts);
      assert.equal(frames.length, 1, 'nothing is taken after it');
      assert.match(fault ?? '', new RegExp(`expected a frame of 1 to 4096 bytes, got a length of ${length}`));
    }
  }
});

t.test('garbage never crashes the reader, and is never read past its end', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(20), (bytes, slack) => {
      const reader = new FrameReader();
      const padded = new Uint8Array(bytes.length + slack).fill(0x41);
      padded.set(bytes);
      reader.reset(padded, 0, bytes.length);
      reader.fields(new Pairs());
      reader.finish();
      assert.ok(reader.at <= bytes.length);
    }),
    { numRuns: 2_000 },
  );
});

t.test('a number beyond 2^53 is refused, not rounded', async () => {
  const frame = encodeImage(1, [[8, { kind: ValueKind.WHOLE, value: Number.MAX_SAFE_INTEGER }]]);
  frame.writeBigInt64BE(2n ** 53n, frame.length - 8);
  const reader = new FrameReader();
  reader.reset(frame, 7, frame.length);
  reader.fields(new Pairs());
  assert.equal(reader.fault, 'expected a number within 2^53, found a larger one');
});
