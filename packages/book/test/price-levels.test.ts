import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { PriceLevels, Side } from '../src/index.ts';

for (const side of [Side.BID, Side.ASK]) {
  const name = side === Side.BID ? 'bids' : 'asks';

  t.test(`${name}: any levels set are kept sorted, best first`, async (t) => {
    // Up to hundreds of levels: near and far from the best, short and long moves.
    const setting = fc.tuple(fc.integer({ min: -50, max: 300 }), fc.nat({ max: 4 }));
    fc.assert(
      fc.property(fc.array(setting, { maxLength: 1500, size: 'max' }), (settings) => {
        const levels = new PriceLevels(side);
        const model = new Map<number, number>();
        for (const [price, shares] of settings) {
          const had = model.has(price);
          const better = [...model.keys()].filter((p) => (side === Side.BID ? p > price : p < price)).length;
          const index = levels.set(price, shares, shares * 2);
          if (shares > 0) model.set(price, shares);
          else model.delete(price);
          if (index !== (had || shares > 0 ? better : -1)) return false;
          if (levels.levelsChanged !== (had !== model.has(price))) return false;
        }
        const expected = [...model].sort(([a], [b]) => (side === Side.BID ? b - a : a - b));
        return (
          levels.length === expected.length &&
          expected.every(
            ([price, shares], i) =>
              levels.priceAt(i) === price &&
              levels.sharesAt(i) === shares &&
              levels.ordersAt(i) === shares * 2 &&
              levels.indexOf(price) === i,
          )
        );
      }),
      { numRuns: 60 },
    );
    t.pass();
  });
}

t.test('price 0 is a price like any other, on both sides', async (t) => {
  for (const side of [Side.BID, Side.ASK]) {
    const levels = new PriceLevels(side);
    t.equal(levels.add(0, 5, 1), 0);
    t.equal(levels.indexOf(0), 0);
    t.ok(Object.is(levels.bestPrice, 0), 'not minus zero');
    t.equal(levels.reduce(0, 5, 1), 0);
    t.equal(levels.length, 0);
  }
});

t.test('at levelsMax new levels are refused and old ones may change', async (t) => {
  const levels = new PriceLevels(Side.BID, 2);
  levels.set(10, 1, 1);
  levels.set(11, 1, 1);
  t.equal(levels.set(12, 1, 1), -1);
  t.equal(levels.set(10, 7, 1), 1);
  t.equal(levels.bestPrice, 11);
  levels.set(11, 0, 0);
  t.equal(levels.set(12, 1, 1), 0);
});

t.test('clear says whether there was anything', async (t) => {
  const levels = new PriceLevels(Side.ASK);
  levels.clear();
  t.equal(levels.levelsChanged, false);
  levels.set(10, 1, 1);
  levels.clear();
  t.equal(levels.levelsChanged, true);
  t.equal(levels.length, 0);
  t.equal(levels.indexOf(10), -1);
});

t.test('taking from a level that is not there is a mistake of ours', async (t) => {
  t.throws(() => new PriceLevels(Side.BID).reduce(10, 1, 1), /a live order has its level/);
});

t.test('a run of levels is what reading them one by one gives', async (t) => {
  const random = seededRandom(3);
  for (const side of [Side.BID, Side.ASK]) {
    const levels = new PriceLevels(side);
    for (let i = 0; i < 40; i++) levels.add(100 + random.below(30), 1 + random.below(50), 1);
    const out = new Float64Array(30);
    for (const [from, count] of [
      [0, 10],
      [3, 7],
      [levels.length - 2, 10],
      [levels.length + 5, 4],
    ] as const) {
      const filled = levels.readRun(from, count, out);
      t.equal(filled, Math.max(0, Math.min(count, levels.length - from)));
      for (let i = 0; i < filled; i++) {
        const level = from + i;
        t.same(
          [...out.subarray(i * 3, i * 3 + 3)],
          [levels.priceAt(level), levels.sharesAt(level), levels.ordersAt(level)],
        );
      }
    }
  }
});
