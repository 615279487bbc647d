import * as fc from 'fast-check';
import t from 'tap';
import { ItchBench } from '../src/itch-bench.ts';
import { anyDeepBook, anyItchFlow } from '../src/itch-flow.ts';

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
    { numRuns: 60 },
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
    { numRuns: 60 },
  );
});
