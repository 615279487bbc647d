import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ImageCursor, ImageWriter } from '../src/index.ts';

function read(blob: Uint8Array): { entries: [number, string][]; fault: string | undefined } {
  const cursor = new ImageCursor(blob);
  const entries: [number, string][] = [];
  while (cursor.next()) {
    assert.ok(cursor.start <= cursor.end && cursor.end <= blob.length);
    entries.push([cursor.seq, Buffer.from(blob.subarray(cursor.start, cursor.end)).toString('hex')]);
  }
  return { entries, fault: cursor.fault };
}

const entry = fc.tuple(fc.maxSafeNat(), fc.uint8Array({ maxLength: 60 }));

t.test('entries come back with their numbers, in order', async () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 50 }), (entries) => {
      const writer = new ImageWriter(10_000);
      for (const [seq, bytes] of entries) {
        const around = Buffer.concat([Buffer.from('>>'), bytes, Buffer.from('<<')]);
        assert.ok(writer.append(seq, around, 2, 2 + bytes.length));
      }
      assert.equal(writer.count, entries.length);
      assert.deepEqual(read(writer.blob()), {
        entries: entries.map(([seq, bytes]) => [seq, Buffer.from(bytes).toString('hex')]),
        fault: undefined,
      });
    }),
  );
});

t.test('what does not fit is refused whole, and fits after a reset', async (t) => {
  const writer = new ImageWriter(40);
  const bytes = Buffer.alloc(20, 0xab);
  t.ok(writer.append(1, bytes, 0, 20));
  t.notOk(writer.append(2, bytes, 0, 20));
  t.ok(writer.append(3, bytes, 0, 0), 'ten bytes are left');
  t.notOk(writer.append(4, bytes, 0, 0));
  t.same(read(writer.blob()).entries, [
    [1, 'ab'.repeat(20)],
    [3, ''],
  ]);
  writer.reset();
  t.equal(writer.count, 0);
  t.equal(writer.blob().length, 0);
  t.ok(writer.append(2, bytes, 0, 20));
  t.same(read(writer.blob()).entries, [[2, 'ab'.repeat(20)]]);
});

t.test('a message longer than 65,535 bytes is refused, one of just that length is not', async (t) => {
  const writer = new ImageWriter(200_000);
  const bytes = Buffer.alloc(65_536, 1);
  t.notOk(writer.append(1, bytes, 0, 65_536));
  t.ok(writer.append(1, bytes, 0, 65_535));
  t.equal(read(writer.blob()).entries[0]![1].length, 2 * 65_535);
});

t.test('a blob cut at any place gives the entries before the cut, and a fault unless it is between two', async () => {
  const writer = new ImageWriter(1_000);
  const lengths = [3, 0, 17, 1];
  for (const [index, length] of lengths.entries()) writer.append(index + 1, Buffer.alloc(20, index), 0, length);
  const blob = writer.blob();
  const ends = [0];
  for (const length of lengths) ends.push(ends.at(-1)! + 10 + length);
  for (let cut = 0; cut <= blob.length; cut++) {
    const { entries, fault } = read(blob.subarray(0, cut));
    assert.equal(entries.length, ends.filter((end) => end <= cut).length - 1);
    assert.equal(fault === undefined, ends.includes(cut), `cut at ${cut}: ${fault}`);
  }
});

t.test('any bytes are read within their bounds', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (blob) => {
      const { entries, fault } = read(blob);
      const used = entries.reduce((sum, [, hex]) => sum + 10 + hex.length / 2, 0);
      assert.equal(used === blob.length, fault === undefined);
    }),
    { numRuns: 1_000 },
  );
});

t.test('a number beyond 2^53 - 1 is a fault', async (t) => {
  const blob = Buffer.alloc(10);
  blob.writeBigUInt64BE(2n ** 53n);
  t.match(read(blob), { entries: [], fault: /number up to 2\^53 - 1/ });
  blob.writeBigUInt64BE(2n ** 53n - 1n);
  t.same(read(blob), { entries: [[2 ** 53 - 1, '']], fault: undefined });
});
