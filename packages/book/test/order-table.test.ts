import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { BookFault, OrderTable } from '../src/index.ts';

/** How references may come. Each maps 0, 1, 2, … to distinct references. */
const PATTERNS: Record<string, (n: number) => number> = {
  'one after the other': (n) => n,
  'every 64th': (n) => n * 64,
  'every 4096th': (n) => n * 4096 + 5,
  'in steps of 2^32': (n) => n * 0x1_0000_0000 + 9,
  'downwards from 2^53 - 1': (n) => Number.MAX_SAFE_INTEGER - n,
  'two interleaved runs': (n) => (n & 1) * 2 ** 40 + n,
  'scattered over 53 bits': (n) => (((Math.imul(n, 0x9e3779b1) >>> 0) * 2 ** 21) % 2 ** 53) + (n % 7),
};

for (const [name, reference] of Object.entries(PATTERNS)) {
  t.test(`references ${name}: found, changed and removed as in a map`, async (t) => {
    const random = seededRandom(11);
    // Segments of two rows: hundreds of splits, and rows that wrap round.
    const table = new OrderTable(undefined, 1);
    const model = new Map<number, { bookSide: number; price: number; shares: number }>();
    const numbers: number[] = [];
    let next = 0;
    let wrong = 0;
    for (let step = 0; step < 60_000; step++) {
      // Fill up, hover, run down.
      const chance = step < 20_000 ? 0.9 : step < 40_000 ? 0.5 : 0.1;
      if (numbers.length === 0 || random.next() < chance) {
        const key = reference(next);
        const order = {
          bookSide: random.below(2000),
          price: random.below(2_000_000_000),
          shares: random.below(2 ** 32),
        };
        if (table.insert(key, order.bookSide, order.price, order.shares) !== BookFault.NONE) wrong++;
        model.set(key, order);
        numbers.push(next++);
        continue;
      }
      const at = random.below(numbers.length);
      const key = reference(numbers[at]!);
      const order = model.get(key)!;
      if (!table.find(key)) wrong++;
      if (table.bookSide !== order.bookSide || table.price !== order.price || table.shares !== order.shares) wrong++;
      if (random.next() < 0.2) {
        order.shares = random.below(2 ** 32);
        table.shares = order.shares;
        continue;
      }
      table.remove();
      model.delete(key);
      numbers[at] = numbers[numbers.length - 1]!;
      numbers.pop();
      if (table.find(key)) wrong++;
    }
    for (const [key, order] of model) if (!table.find(key) || table.shares !== order.shares) wrong++;
    for (let n = 0; n < next; n++) if (table.find(reference(n)) !== model.has(reference(n))) wrong++;
    t.equal(wrong, 0);
    t.equal(table.size, model.size);
  });
}

t.test('any references: insert, find and remove as in a set', async (t) => {
  const reference = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 300 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), reference), { maxLength: 600, size: 'max' }), (steps) => {
      const table = new OrderTable(undefined, 1);
      const model = new Set<number>();
      for (const [put, key] of steps) {
        if (put) {
          const fault = table.insert(key, 1, key, 1);
          if (fault !== (model.has(key) ? BookFault.DUPLICATE_ORDER : BookFault.NONE)) return false;
          model.add(key);
        } else {
          if (table.find(key) !== model.has(key)) return false;
          if (model.delete(key)) table.remove();
        }
      }
      return table.size === model.size && [...model].every((key) => table.find(key) && table.price === key);
    }),
  );
  t.pass();
});

t.test('removeAll takes the orders of one book side out and leaves the others', async (t) => {
  const table = new OrderTable(undefined, 2);
  for (let n = 0; n < 30_000; n++) table.insert(n * 3, n % 7, n, n + 1);
  t.equal(table.removeAll(3), 4286);
  t.equal(table.removeAll(3), 0);
  let wrong = 0;
  for (let n = 0; n < 30_000; n++) {
    if (table.find(n * 3) !== (n % 7 !== 3)) wrong++;
    else if (n % 7 !== 3 && (table.price !== n || table.shares !== n + 1)) wrong++;
  }
  t.equal(wrong, 0);
});

t.test('memory of removed orders is used again', async (t) => {
  const table = new OrderTable();
  let settled = 0;
  for (let n = 0; n < 300_000; n++) {
    table.insert(n, 0, n, 1);
    if (n < 10_000) settled = table.memoryBytes;
    else {
      table.find(n - 10_000);
      table.remove();
    }
  }
  t.equal(table.size, 10_000);
  t.equal(table.memoryBytes, settled);
});

t.test('at its bound the table refuses; a duplicate is told first', async (t) => {
  const table = new OrderTable(3);
  for (const key of [1, 2, 3]) t.equal(table.insert(key, 0, 0, 1), BookFault.NONE);
  t.equal(table.insert(4, 0, 0, 1), BookFault.TABLE_FULL);
  t.equal(table.insert(2, 0, 0, 1), BookFault.DUPLICATE_ORDER);
  t.equal(table.size, 3);
});

t.test('clear empties it', async (t) => {
  const table = new OrderTable(undefined, 1);
  for (let n = 0; n < 5000; n++) table.insert(n, 0, 0, 1);
  table.clear();
  t.equal(table.size, 0);
  t.equal(table.find(17), false);
  t.equal(table.insert(17, 4, 5, 6), BookFault.NONE);
  t.same([table.bookSide, table.price, table.shares], [4, 5, 6]);
});

t.test('options out of range are refused', async (t) => {
  t.throws(() => new OrderTable(0), { code: 'BOOK_BAD_OPTION' });
  t.throws(() => new OrderTable(10, 0), { code: 'BOOK_BAD_OPTION' });
  t.throws(() => new OrderTable(10, 9), { code: 'BOOK_BAD_OPTION' });
});
