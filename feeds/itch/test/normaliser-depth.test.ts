import t from 'tap';
import { DEPTH_LEVELS } from '../src/index.ts';
import { Bench } from './normaliser-bench.ts';

const price = (tick: number): string => (100 + tick / 100).toFixed(4);

/** Twelve levels a side, of 10 shares times the level's number: bids from 99.99 down, offers from 100.01 up. */
function deep(): Bench {
  const bench = new Bench();
  for (let level = 1; level <= 12; level++) {
    bench.add(level, 'B', level * 10, price(-level));
    bench.add(100 + level, 'S', level * 10, price(level));
  }
  return bench;
}

const expected = (ticks: readonly number[]): string[] => ticks.map((tick) => `${price(tick)} ${Math.abs(tick) * 10} 1`);

t.test('ten levels a side of as many as there are, best first', async (t) => {
  const bench = deep();
  t.equal(DEPTH_LEVELS, 10);
  t.same(bench.levels('BID'), expected([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10]));
  t.same(bench.levels('ASK'), expected([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  t.equal(Object.keys(bench.depth).length, 2 * 10 * 3 + 1, 'price, size and orders of each, and the time');
});

t.test('a side that nobody has ordered on says nothing; one that is empty again is blank', async (t) => {
  const bench = new Bench();
  bench.add(1, 'B', 100, '5');
  t.notOk('BEST_ASK1' in bench.depth);
  bench.send('D', { orderReferenceNumber: 1 });
  t.match(bench.depth, { BEST_BID1: null, BEST_BSIZ1: null, BID_NORD1: null, BEST_BID10: null, BEST_BSZ10: null });
});

t.test('levels move up when one before them goes, down when one comes', async (t) => {
  const bench = deep();
  bench.send('D', { orderReferenceNumber: 3 });
  t.same(bench.levels('BID'), expected([-1, -2, -4, -5, -6, -7, -8, -9, -10, -11]));
  bench.execute(110, 100, 1);
  t.same(bench.levels('ASK'), expected([1, 2, 3, 4, 5, 6, 7, 8, 9, 11]), 'the tenth');
  bench.send('D', { orderReferenceNumber: 1 });
  bench.send('D', { orderReferenceNumber: 2 });
  t.same(bench.levels('BID'), expected([-4, -5, -6, -7, -8, -9, -10, -11, -12]), 'fewer than ten');
  bench.add(50, 'B', 10, price(-1));
  bench.add(51, 'B', 5, price(-7));
  const levels = expected([-1, -4, -5, -6, -7, -8, -9, -10, -11, -12]);
  t.same(bench.levels('BID'), levels.with(4, `${price(-7)} 75 2`));
});

t.test('what happens behind the tenth level is not said', async (t) => {
  const bench = deep();
  const before = bench.messages;
  const time = bench.depth.LV_TIM_NS;
  bench.timestamp++;
  bench.add(60, 'B', 1000, price(-20));
  bench.send('X', { orderReferenceNumber: 11, canceledShares: 5 });
  bench.send('D', { orderReferenceNumber: 12 });
  bench.send('U', { originalOrderReferenceNumber: 11, newOrderReferenceNumber: 61, shares: 4, price: price(-13) });
  t.equal(bench.messages, before);
  t.equal(bench.depth.LV_TIM_NS, time);
  bench.send('D', { orderReferenceNumber: 10 });
  t.equal(bench.levels('BID').at(-1), `${price(-13)} 4 1`, 'but it is known');
});

t.test('a change of size at any level leaves the others as they are', async (t) => {
  for (let level = 1; level <= 10; level++) {
    const bench = deep();
    bench.timestamp++;
    bench.send('X', { orderReferenceNumber: level, canceledShares: 1 });
    const levels = expected([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10]);
    t.same(bench.levels('BID'), levels.with(level - 1, `${price(-level)} ${level * 10 - 1} 1`));
    t.same(bench.levels('ASK'), expected([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    t.equal(bench.depth.LV_TIM_NS, '13:30:00.000000002');
  }
});

t.test('a replaced order moves between any two levels', async (t) => {
  const bench = deep();
  let reference = 200;
  for (let from = 1; from <= 12; from++) {
    for (let to = 1; to <= 12; to++) {
      const originalOrderReferenceNumber = reference++;
      const newOrderReferenceNumber = reference++;
      bench.add(originalOrderReferenceNumber, 'S', 1, price(from));
      bench.send('U', { originalOrderReferenceNumber, newOrderReferenceNumber, shares: 2, price: price(to) });
      const levels = Array.from({ length: 10 }, (_, index) => {
        const level = index + 1;
        return level === to ? `${price(level)} ${level * 10 + 2} 2` : `${price(level)} ${level * 10} 1`;
      });
      t.same(bench.levels('ASK'), levels, `from level ${from} to ${to}`);
      bench.send('D', { orderReferenceNumber: newOrderReferenceNumber });
    }
  }
});

t.test('a floor without a depth service has records all the same', async (t) => {
  const bench = new Bench({ depth: false });
  bench.add(1, 'B', 100, '5');
  bench.normaliser.lost(2, 3);
  t.match(bench.aapl, { BID: '5.0000' });
  t.equal(bench.quality(), 'SUSPECT');
  t.equal(bench.deep.items.size, 0);
});
