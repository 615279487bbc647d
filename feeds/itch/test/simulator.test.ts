import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  type DaySchedule,
  MarketSimulator,
  type MarketSimulatorOptions,
  MESSAGES,
  NASDAQ_DAY,
  shortDay,
} from '../src/index.ts';
import { StrictConsumer } from './simulator-exchange.ts';

const SMALL = { seed: 3, symbols: 30, messages: 30_000 } as const;
const SECOND = 1_000_000_000;

/** The SHA-256 of a day's messages, each with its length, as driven by `drive`. */
function digest(options: MarketSimulatorOptions, drive: (simulator: MarketSimulator) => unknown): string {
  const hash = createHash('sha256');
  const simulator = new MarketSimulator(options, (bytes, start, length) => {
    hash.update(Uint8Array.of(length)).update(bytes.subarray(start, start + length));
  });
  drive(simulator);
  return hash.digest('hex');
}

const wholeDay = (simulator: MarketSimulator): number => simulator.run(Number.POSITIVE_INFINITY);

t.test('the same options give the same bytes; another seed, day or size other ones', async (t) => {
  const first = digest(SMALL, wholeDay);
  t.equal(digest(SMALL, wholeDay), first);
  t.not(digest({ ...SMALL, seed: 4 }, wholeDay), first);
  t.not(digest({ ...SMALL, day: 1 }, wholeDay), first);
  t.not(digest({ ...SMALL, symbols: 31 }, wholeDay), first);
  t.not(digest({ ...SMALL, messages: 31_000 }, wholeDay), first);
});

t.test('however it is driven, the bytes are the same', async (t) => {
  const small = { seed: 9, symbols: 5, messages: 1500 };
  const expected = digest(small, wholeDay);
  const drive = fc.oneof(
    fc.record({ run: fc.nat({ max: 300 }) }),
    fc.record({ step: fc.integer({ min: 0, max: 1800 }).map((seconds) => seconds * SECOND) }),
    fc.constant({ start: true }),
  );
  fc.assert(
    fc.property(fc.array(drive, { minLength: 1, maxLength: 20 }), (drives) => {
      return (
        digest(small, (simulator) => {
          for (const part of drives) {
            if ('run' in part) simulator.run(part.run);
            else if ('step' in part) simulator.step(part.step);
            else simulator.startOfDay();
          }
          wholeDay(simulator);
        }) === expected
      );
    }),
    { numRuns: 40 },
  );
  t.pass();
});

for (const options of [
  { seed: 1, symbols: 60, messages: 150_000 },
  { seed: 2, symbols: 3, messages: 60_000 },
  { seed: 5, symbols: 300, messages: 12_000 },
  { seed: 6, symbols: 1, messages: 40 },
  { seed: 7, symbols: 40, messages: 60_000, schedule: shortDay(9 * 3600 * SECOND, 2 * SECOND, 6 * SECOND, SECOND) },
]) {
  t.test(
    `a strict consumer has nothing to complain of: seed ${options.seed}, ${options.symbols} symbols, ${options.messages} messages`,
    async (t) => {
      const consumer = new StrictConsumer();
      const simulator = new MarketSimulator(options, (...message) => consumer.message(...message));
      wholeDay(simulator);
      t.same(consumer.complaints, []);
      t.equal(consumer.messages, simulator.messages);
      t.equal(consumer.books.orders, 0, 'all orders are deleted in the end');
      t.equal(consumer.events.join(''), 'OSQMEC');
      t.equal(simulator.finished, true);
      t.equal(simulator.run(1), 0);
      t.equal(consumer.counts.get('R'), options.symbols);
    },
  );
}

t.test('whatever the options, a strict consumer has nothing to complain of', async (t) => {
  const anyDay = fc.record({
    seed: fc.integer(),
    symbols: fc.integer({ min: 1, max: 60 }),
    messagesEach: fc.integer({ min: 40, max: 150 }),
    seconds: fc.tuple(
      fc.nat({ max: 30_000 }),
      fc.nat({ max: 20_000 }),
      fc.nat({ max: 20_000 }),
      fc.nat({ max: 10_000 }),
    ),
  });
  fc.assert(
    fc.property(anyDay, ({ seed, symbols, messagesEach, seconds }) => {
      const [start, preMarket, regular, postMarket] = seconds;
      const schedule = shortDay(start * SECOND, preMarket * SECOND, regular * SECOND, postMarket * SECOND);
      const consumer = new StrictConsumer();
      const options = { seed, symbols, messages: symbols * messagesEach, schedule };
      wholeDay(new MarketSimulator(options, (...message) => consumer.message(...message)));
      if (consumer.complaints.length > 0) throw new Error(consumer.complaints.join('; '));
      return consumer.books.orders === 0 && consumer.events.join('') === 'OSQMEC';
    }),
    { numRuns: 40 },
  );
  t.pass();
});

t.test('a strict consumer notices when one message in a thousand is missing', async (t) => {
  const consumer = new StrictConsumer();
  let n = 0;
  wholeDay(
    new MarketSimulator(SMALL, (...message) => {
      if (++n % 1000 !== 0) consumer.message(...message);
    }),
  );
  t.ok(consumer.complaints.length > 10, `${consumer.complaints.length} complaints`);
});

t.test('a day has all message types but the market-wide halt, mostly of orders', async (t) => {
  const consumer = new StrictConsumer();
  wholeDay(
    new MarketSimulator({ seed: 1, symbols: 60, messages: 200_000 }, (...message) => consumer.message(...message)),
  );
  const missing = MESSAGES.map(({ type }) => type).filter((type) => !consumer.counts.has(type));
  t.same(missing, ['W']);
  t.ok(Math.abs(consumer.messages - 200_000) < 10_000, `${consumer.messages} messages`);
  const share = (...types: string[]): number =>
    types.reduce((sum, type) => sum + consumer.counts.get(type)!, 0) / consumer.messages;
  t.ok(share('A', 'F') > 0.35 && share('A', 'F') < 0.5, 'adds');
  t.ok(share('D') > 0.3 && share('D') < 0.45, 'deletes');
  t.ok(share('E', 'C') > 0.03 && share('E', 'C') < 0.12, 'executions');
});

t.test('the start of the day: O, breaker levels, all directories, all states, S', async (t) => {
  let types = '';
  const simulator = new MarketSimulator(SMALL, (bytes, start) => (types += String.fromCharCode(bytes[start]!)));
  t.equal(simulator.startOfDay(), 3 + 4 * 30);
  t.equal(types, `SV${'R'.repeat(30)}${'H'.repeat(30)}${'Y'.repeat(30)}${'L'.repeat(30)}S`);
  t.equal(simulator.startOfDay(), 0, 'once only');
  t.equal(simulator.nowNs, NASDAQ_DAY.systemHoursNs);
});

t.test('locates go from 1 in the order of the tickers, and instruments tell them', async (t) => {
  const { instruments } = new MarketSimulator(SMALL, () => {});
  const stocks = instruments.map(({ stock }) => stock);
  t.same(
    instruments.map(({ locate }) => locate),
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  t.same(stocks, [...new Set(stocks)].sort());
  t.ok(stocks.every((stock) => /^[A-Z]{3,5}(\.[AB])?$/.test(stock)));
  t.equal(Math.max(...instruments.map(({ activity }) => activity)), 1);
});

t.test('step sends what falls in the time and no more', async (t) => {
  const simulator = new MarketSimulator(SMALL, () => {});
  simulator.step(NASDAQ_DAY.marketOpenNs - NASDAQ_DAY.startOfMessagesNs + 3600 * SECOND);
  const hour = NASDAQ_DAY.marketOpenNs + 3600 * SECOND;
  t.ok(simulator.nowNs <= hour && simulator.nowNs > hour - 60 * SECOND, `latest at ${simulator.nowNs}`);
  const quarter = simulator.step(900 * SECOND);
  t.ok(quarter > 300 && quarter < 3000, `${quarter} messages in a quarter of an hour`);
  t.ok(simulator.nowNs <= hour + 900 * SECOND);
});

t.test('run sends so many messages, or a few more', async (t) => {
  const simulator = new MarketSimulator(SMALL, () => {});
  for (let i = 0; i < 200; i++) {
    const sent = simulator.run(100);
    if (sent < 100 || sent > 140) t.fail(`${sent} messages`);
  }
  t.ok(simulator.messages >= 20_000);
});

t.test('options that make no day are refused', async (t) => {
  const make = (options: Partial<MarketSimulatorOptions>): (() => void) => {
    return () => void new MarketSimulator({ seed: 1, ...options }, () => {});
  };
  t.throws(make({ symbols: 0 }), { code: 'ITCH_BAD_OPTION' });
  t.throws(make({ symbols: 20_001 }), { code: 'ITCH_BAD_OPTION' });
  t.throws(make({ symbols: 100, messages: 3999 }), { code: 'ITCH_BAD_OPTION' });
  const early: DaySchedule = { ...NASDAQ_DAY, marketCloseNs: NASDAQ_DAY.marketOpenNs - 1 };
  t.throws(make({ schedule: early }), { code: 'ITCH_BAD_SCHEDULE' });
  t.throws(() => shortDay(23 * 3600 * SECOND, 0, 3600 * SECOND, 0), { code: 'ITCH_BAD_SCHEDULE' });
});
