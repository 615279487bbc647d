import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type ControlFault, FrameParser } from '../src/index.ts';

function frame(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** The frames that come out when a stream is fed in pieces. */
function parse(
  pieces: readonly Uint8Array[],
  max = 1_000_000,
): { frames: string[]; faults: (ControlFault | undefined)[] } {
  const frames: string[] = [];
  const parser = new FrameParser(max, (bytes, start, end) => {
    frames.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
  });
  // Each piece in memory of its own, filled with something else afterwards: nothing may be kept of it.
  const faults = pieces.map((piece) => {
    const own = Uint8Array.from(piece);
    const fault = parser.push(own);
    own.fill(0xee);
    return fault;
  });
  return { frames, faults };
}

t.test('three frames arrive whole at every split point, and at every two', async () => {
  const contents = ['a', 'bcdefgh', 'ij'];
  const stream = Buffer.concat(contents.map((content) => frame(Buffer.from(content))));
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const { frames, faults } = parse([
        stream.subarray(0, first),
        stream.subarray(first, second),
        stream.subarray(second),
      ]);
      assert.deepEqual(frames, contents);
      assert.deepEqual(faults, [undefined, undefined, undefined]);
    }
  }
});

t.test('a stream fed byte by byte gives the same frames', async (t) => {
  const contents = ['a'.repeat(300), 'b', 'c'.repeat(70_000), 'd'];
  const stream = Buffer.concat(contents.map((content) => frame(Buffer.from(content))));
  t.ok(parse(Array.from(stream, (byte) => Uint8Array.of(byte))).frames.join('|') === contents.join('|'));
});

t.test('frames of any sizes in pieces of any sizes come out in order', async () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 8 }),
      (sizes, cuts) => {
        const contents = sizes.map((size, index) => Buffer.alloc(size, 65 + index));
        const stream = Buffer.concat(contents.map(frame));
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const end = at + cuts[i % cuts.length]!;
          pieces.push(stream.subarray(at, end));
          at = end;
        }
        const { frames } = parse(pieces);
        assert.ok(frames.join() === contents.map((content) => content.toString('latin1')).join());
      },
    ),
  );
});

t.test('a length of nothing or beyond the limit ends the stream, wherever it is split', async (t) => {
  for (const length of [0, 101, 0x7fff_ffff, 0xffff_ffff]) {
    const bad = Buffer.alloc(4);
    bad.writeUInt32BE(length);
    const stream = Buffer.concat([frame(Buffer.from('good')), bad, frame(Buffer.from('never'))]);
    for (let split = 0; split <= stream.length; split++) {
      const { frames, faults } = parse(
        [stream.subarray(0, split), stream.subarray(split), frame(Buffer.from('late'))],
        100,
      );
      assert.deepEqual(frames, ['good']);
      assert.deepEqual(faults.at(-1), {
        kind: 'fault',
        code: 'CONTROL_BAD_LENGTH',
        message: `expected a frame of 1 to 100 bytes, got a length of ${length}`,
      });
    }
  }
  t.same(parse([frame(Buffer.alloc(100, 65))], 100).frames, ['A'.repeat(100)], 'the limit itself is allowed');
});

t.test('a long frame that is only claimed takes no memory', async (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const parser = new FrameParser(2 ** 31, () => t.fail('no frame'));
  t.equal(parser.push(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3])), undefined);
  t.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

t.test('after stop nothing more comes, not even of the same piece', async (t) => {
  const frames: string[] = [];
  const parser: FrameParser = new FrameParser(100, (bytes, start, end) => {
    frames.push(Buffer.from(bytes.subarray(start, end)).toString());
    parser.stop();
  });
  t.equal(parser.push(Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))])), undefined);
  t.equal(parser.push(frame(Buffer.from('three'))), undefined);
  t.same(frames, ['one']);
});
