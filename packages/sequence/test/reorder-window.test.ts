import fc from 'fast-check';
import t from 'tap';
import { ReorderWindow } from '../src/reorder-window.ts';

t.test('takes buffers of the least power of two that holds a packet, and uses them again', async (t) => {
  const window = new ReorderWindow(10, 1 << 20);
  const sizes: number[] = [];
  for (const length of [1, 2048, 2049, 4096, 4097, 65_507]) {
    window.insert(1, 2, Buffer.alloc(length), 0, length);
    sizes.push(window.bytes);
    const held = window.shift();
    t.equal(held.length, length);
    window.release(held);
    t.equal(window.bytes, 0);
  }
  t.same(sizes, [2048, 2048, 4096, 4096, 8192, 65_536]);
  window.insert(1, 2, Buffer.alloc(10), 0, 10);
  const first = window.shift();
  window.release(first);
  window.insert(2, 3, Buffer.alloc(10), 0, 10);
  t.equal(window.shift().bytes, first.bytes);
});

t.test('room is judged by packets and by the buffer that would be taken', async (t) => {
  const window = new ReorderWindow(3, 8192);
  t.ok(window.hasRoomFor(8192));
  t.notOk(window.hasRoomFor(8193));
  window.insert(1, 2, Buffer.alloc(3000), 0, 3000);
  t.ok(window.hasRoomFor(4096));
  t.notOk(window.hasRoomFor(4097));
  window.insert(2, 3, Buffer.alloc(1), 0, 1);
  window.insert(3, 4, Buffer.alloc(1), 0, 1);
  t.notOk(window.hasRoom);
});

// The model is a sorted list without packets that lie within another.
t.test('agrees with a sorted list', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ seq: fc.integer({ min: 1, max: 200 }), count: fc.integer({ min: 1, max: 12 }) }),
    },
    { weight: 1, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.constant('pop' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const window = new ReorderWindow(1000, 1 << 24);
      let model: { seq: number; next: number }[] = [];
      for (const each of steps) {
        if (each === 'shift' || each === 'pop') {
          if (model.length === 0) continue;
          const expected = each === 'shift' ? model.shift()! : model.pop()!;
          const held = each === 'shift' ? window.shift() : window.pop();
          if (held.seq !== expected.seq || held.next !== expected.next || held.bytes[0] !== expected.seq % 256)
            return false;
          window.release(held);
        } else {
          const { seq, count } = each;
          const next = seq + count;
          if (model.some((other) => other.seq <= seq && other.next >= next)) continue;
          window.insert(seq, next, Buffer.from([0, seq, 0]), 1, 2);
          model = model.filter((other) => other.seq < seq || other.next > next);
          model.push({ seq, next });
          model.sort((a, b) => a.seq - b.seq);
        }
        if (window.packets !== model.length || window.bytes !== 2048 * model.length) return false;
        if (window.head?.seq !== model[0]?.seq || window.tail?.seq !== model.at(-1)?.seq) return false;
        if (window.nextBeforeTail !== (model.at(-2)?.next ?? 0)) return false;
      }
      return true;
    }),
    { numRuns: 500 },
  );
});

t.test('the front is cleared away however long it runs', async (t) => {
  const window = new ReorderWindow(5000, 1 << 24);
  const block = Buffer.alloc(4);
  for (let seq = 1; seq <= 3000; seq++) window.insert(seq, seq + 1, block, 0, 4);
  for (let seq = 1; seq <= 2500; seq++) {
    const held = window.shift();
    if (held.seq !== seq) t.equal(held.seq, seq);
    window.release(held);
  }
  t.equal(window.packets, 500);
  window.insert(2400, 2502, block, 0, 4);
  t.equal(window.head!.seq, 2400);
  t.equal(window.packets, 500, 'the packet that lay within the new one is gone');
});
