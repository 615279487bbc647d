import assert from 'node:assert/strict';
import { deserialize, serialize } from 'node:v8';
import * as fc from 'fast-check';
import t from 'tap';
import { type LoggedTrade, type SavedTrades, TradeLog } from '../src/index.ts';

interface Step {
  readonly kind: 'add' | 'break' | 'clear';
  readonly instrument: number;
  readonly id: number;
  readonly price: number;
}

/** The same in the obvious way: an array of trades, searched from its beginning. */
class SlowLog {
  readonly #max: number;
  trades: (LoggedTrade & { broken: boolean })[] = [];
  overflowed = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(trade: LoggedTrade): boolean {
    if (this.trades.length === this.#max) {
      this.overflowed++;
      return false;
    }
    this.trades.push({ ...trade, broken: false });
    return true;
  }

  break(id: number): LoggedTrade | undefined {
    const trade = this.trades.find((candidate) => candidate.id === id);
    if (trade === undefined || trade.broken) return undefined;
    trade.broken = true;
    const { broken: _, ...found } = trade;
    return found;
  }

  of(instrument: number): LoggedTrade[] {
    return this.trades
      .filter((trade) => trade.instrument === instrument && !trade.broken)
      .map(({ broken: _, ...trade }) => trade)
      .reverse();
  }
}

const blank = (): LoggedTrade => ({ instrument: 0, price: 0, shares: 0, time: 0, id: 0, flags: 0 });

function visited(log: TradeLog, instrument: number): LoggedTrade[] {
  const trades: LoggedTrade[] = [];
  log.forEach(instrument, blank(), (trade) => {
    trades.push({ ...trade });
    return true;
  });
  return trades;
}

// Few numbers, so that breaks find their trades, and the extremes, so that all of a number counts.
const anyId = fc.oneof(fc.nat(30), fc.constantFrom(2 ** 32, 2 ** 32 + 5, 2 ** 52, Number.MAX_SAFE_INTEGER));
const anyInstrument = fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, fc.constantFrom(1023, 1024, 5000));
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constant('add' as const) },
    { weight: 6, arbitrary: fc.constant('break' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  ),
  instrument: anyInstrument,
  id: anyId,
  price: fc.nat(1000),
});

t.test('does what an array of trades does, full or not', async () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), fc.constantFrom(0, 1, 7, 40, 1000), (steps, max) => {
      const log = new TradeLog(max);
      const slow = new SlowLog(max);
      const found = blank();
      steps.forEach(({ kind, instrument, id, price }, step) => {
        if (kind === 'clear') {
          log.clear();
          slow.trades = [];
          slow.overflowed = 0;
        } else if (kind === 'add') {
          const trade = { instrument, id, price, shares: price * 3, time: step - 5, flags: price & 0x7f };
          const added = log.add(instrument, id, price, trade.shares, trade.time, trade.flags);
          assert.equal(added, slow.add(trade));
        } else {
          const expected = slow.break(id);
          assert.equal(log.break(id, found), expected !== undefined);
          if (expected !== undefined) assert.deepEqual({ ...found }, expected);
        }
        assert.equal(log.size, slow.trades.length);
        assert.equal(log.overflowed, slow.overflowed);
      });
      for (const instrument of [0, 1, 2, 3, 1023, 1024, 5000, 9999]) {
        assert.deepEqual(visited(log, instrument), slow.of(instrument));
      }
    }),
    { numRuns: 500 },
  );
});

t.test('keeps every trade while it grows', async (t) => {
  const count = 20_000;
  const log = new TradeLog(count);
  // Numbers as exchanges give them: rising by one, and far apart in the upper half.
  const idOf = (trade: number): number => (trade % 2 === 0 ? trade : trade * 2 ** 33);
  for (let trade = 0; trade < count; trade++) {
    assert.ok(log.add(trade % 1500, idOf(trade), trade, 1, trade, trade & 0x7f));
  }
  t.notOk(log.add(0, -1, 0, 0, 0, 0), 'then it is full');
  const found = blank();
  for (let trade = count - 1; trade >= 0; trade--) {
    assert.ok(log.break(idOf(trade), found));
    assert.deepEqual([found.instrument, found.price, found.flags], [trade % 1500, trade, trade & 0x7f]);
    assert.equal(log.break(idOf(trade), found), false);
  }
  t.equal(log.size, count);
  t.same(visited(log, 7), []);
});

t.test('a visit ends when told', async (t) => {
  const log = new TradeLog();
  for (let id = 1; id <= 5; id++) log.add(0, id, id, 1, 0, 0);
  const seen: number[] = [];
  log.forEach(0, blank(), (trade) => {
    seen.push(trade.id);
    return trade.id > 4;
  });
  t.same(seen, [5, 4]);
});

t.test('what is given in pieces, while trades come and are broken, is the whole in the end', async (t) => {
  const anyBreaks = fc.array(fc.nat(12_000), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(6_000), { maxLength: 4 }),
      anyBreaks,
      fc.boolean(),
      async (steps, breaks, cleared) => {
        const log = new TradeLog(10_000);
        const found = blank();
        const settled: SavedTrades[] = [];
        let id = 0;
        steps.forEach((count, step) => {
          for (let i = 0; i < count; i++) log.add(id % 3, ++id, id * 7, id % 100, id, id & 0x7f);
          for (const broken of breaks) if (broken % steps.length === step) log.break(broken, found);
          const piece = log.settled(settled.length);
          if (piece !== undefined) settled.push(deserialize(serialize(piece)));
        });
        if (cleared) {
          log.clear();
          log.add(1, 5, 5, 5, 5, 5);
        }
        const saved = deserialize(serialize(log.save(settled.length)));
        const copy = new TradeLog(10_000);
        copy.add(2, 77, 1, 1, 1, 1);
        if (cleared && settled.length > 0) {
          assert.throws(() => copy.restore(saved, settled), { code: 'FEED_BAD_STATE' });
          return;
        }
        copy.restore(saved, settled);
        for (let i = 0; i < 5; i++) {
          id++;
          for (const one of [log, copy]) one.add(i % 3, id, i, i, i, i);
        }
        assert.deepEqual([copy.size, copy.overflowed], [log.size, log.overflowed]);
        for (const broken of [...breaks, 1, 2, 3, id, id - 7]) {
          const [theirs, ours] = [blank(), blank()];
          assert.deepEqual([copy.break(broken, ours), ours], [log.break(broken, theirs), theirs]);
        }
        for (const instrument of [0, 1, 2]) assert.deepEqual(visited(copy, instrument), visited(log, instrument));
      },
    ),
    { numRuns: 60 },
  );
  t.pass();
});
