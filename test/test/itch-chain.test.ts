import assert from 'node:assert/strict';
import { MarketSimulator } from '@tickerplant/feed-itch';
import * as fc from 'fast-check';
import t from 'tap';
import { ItchBench } from '../src/itch-bench.ts';
import { anyDamage, noticeableDamage } from '../src/itch-damage.ts';
import { anyDeepBook, anyItchFlow } from '../src/itch-flow.ts';
import { SlowItch } from '../src/slow-itch.ts';

/** A failure is made smaller for so long; what it is by then is shown. */
const SHRINK_MS = 60_000;
const DAY = 18_000;
const HOUR = 3_600_000_000_000;
/** New York in summer and winter, Tokyo (where the day begins before GMT's), GMT. */
const anyZone = fc.constantFrom(4 * HOUR, 5 * HOUR, -9 * HOUR, 0);

t.test('after every message of a random order flow, all is as the slow computation has it', async () => {
  fc.assert(
    fc.property(anyItchFlow(80), anyZone, fc.boolean(), (messages, zoneOffsetNs, depth) => {
      const bench = new ItchBench({ day: DAY, zoneOffsetNs, depth });
      for (const message of messages) {
        bench.send(message);
        bench.check();
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: SHRINK_MS },
  );
});

t.test('so is every level of a deep book', async () => {
  fc.assert(
    fc.property(anyDeepBook(140), (messages) => {
      const bench = new ItchBench({ day: DAY, zoneOffsetNs: 4 * HOUR });
      for (const message of messages) {
        bench.send(message);
        bench.check();
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: SHRINK_MS },
  );
});

t.test('so is the simulated day, at several points of it and at its end', async (t) => {
  for (const [seed, symbols, messages] of [
    [1, 120, 60_000],
    [2, 25, 40_000],
    [3, 8, 20_000],
  ] as const) {
    const bench = new ItchBench({ day: DAY, zoneOffsetNs: 4 * HOUR });
    const simulator = new MarketSimulator({ seed, symbols, messages, day: DAY }, (bytes, start, length) =>
      bench.send(bytes, start, length),
    );
    simulator.startOfDay();
    bench.check();
    while (simulator.run(Math.ceil(messages / 8)) > 0) bench.check();
    t.equal(bench.slow.position, simulator.messages);
    t.same(bench.faults, []);
    t.equal(bench.slow.subjects.length, 2 * symbols + 1);
  }
});

t.test('whatever comes, nothing throws, every bad message is counted, and what is LIVE is as computed', async () => {
  fc.assert(
    fc.property(anyDamage(fc.oneof(anyItchFlow(80), anyDeepBook(60))), (events) => {
      const bench = new ItchBench({ day: DAY, zoneOffsetNs: 4 * HOUR });
      for (const event of events) {
        if (event === 'lost') bench.lost();
        else if (event === 'session') bench.reset();
        else bench.send(event);
        bench.check();
      }
    }),
    { numRuns: 200, interruptAfterTimeLimit: SHRINK_MS },
  );
});

t.test('with any damage that can be noticed, what is LIVE is what an undamaged stream would have given', async () => {
  fc.assert(
    fc.property(noticeableDamage(fc.oneof(anyItchFlow(80), anyDeepBook(60))), (deliveries) => {
      const bench = new ItchBench({ day: DAY, zoneOffsetNs: 4 * HOUR });
      const truth = new SlowItch({ day: DAY, zoneOffsetNs: 4 * HOUR, depth: 'ITCHD' });
      for (const { sent, came, strange } of deliveries) {
        truth.apply(sent);
        for (const bytes of strange) bench.send(bytes);
        if (came === undefined) bench.lost();
        else bench.send(came);
        for (const subject of truth.subjects) {
          if (bench.quality(subject) !== 'LIVE') continue;
          assert.deepEqual(bench.published(subject), truth.expected(subject), subject);
        }
      }
    }),
    { numRuns: 300, interruptAfterTimeLimit: SHRINK_MS },
  );
});
