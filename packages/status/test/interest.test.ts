import assert from 'node:assert/strict';
import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { INTEREST_COUNTERS, InterestTable, InterestTeller, WANTED_COUNTERS } from '../src/index.ts';
import { Listener, sender } from './parties.ts';

const MS = 1_000_000;

/** A handler: what it has open follows from what it is told. */
function handler(options: { lingerNs?: number; subjectsMax?: number } = {}): {
  open: Set<string>;
  table: InterestTable;
  counters: Record<string, number>;
} {
  const open = new Set<string>();
  const counters = WANTED_COUNTERS.create();
  const table = new InterestTable({
    services: ['NEWS'],
    onWanted: (subject) => {
      assert.ok(!open.has(subject));
      open.add(subject);
    },
    onUnwanted: (subject) => assert.ok(open.delete(subject)),
    counters,
    ...options,
  });
  return { open, table, counters };
}

t.test('whatever is lost, handlers come to want what any plant wants, and nothing else', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0, 0.3, 0.6), (seed, loss) => {
      const random = seededRandom(seed);
      const handlers = [handler(), handler()];
      const listeners = handlers.map(({ table }) => ({ listener: new Listener(), table }));
      let lossless = false;
      const plants = ['plant/p1', 'plant/p2'].map((name, index) => {
        const wire = sender({ name, boot: BigInt(index + 1), packetBytes: 700 });
        const wants = new Set<string>();
        const teller = new InterestTeller({
          services: ['NEWS', 'OTHER'],
          say: (message) => {
            const from = wire.packets.length;
            wire.send(message, listeners[0]!.listener.clock.wallNs(), now);
            for (const packet of wire.packets.slice(from)) {
              for (const { listener, table } of listeners) {
                if (!lossless && random.next() < loss) continue;
                const heard = listener.heard.length;
                listener.take(packet);
                for (const { message } of listener.heard.slice(heard)) {
                  assert.equal(message.kind, 'interest');
                  if (message.kind === 'interest') table.heard(message, now);
                }
              }
            }
          },
          counters: INTEREST_COUNTERS.create(),
        });
        return { teller, wants };
      });
      let now = 0;
      const step = (alive: number): void => {
        now += 250 * MS;
        for (const { listener } of listeners) listener.clock.advance(250 * MS);
        plants.slice(0, alive).forEach(({ teller }) => {
          teller.tick(now);
        });
        for (const { table } of handlers) table.tick(now);
      };
      const change = (): void => {
        const { teller, wants } = plants[random.below(2)]!;
        const subject = `${['NEWS', 'NEWS', 'OTHER', 'IEX'][random.below(4)]}.P${random.below(60)}`;
        if (wants.delete(subject)) teller.unwanted(subject);
        else {
          wants.add(subject);
          teller.wanted(subject);
        }
      };
      const union = (alive: number): string[] =>
        [...new Set(plants.slice(0, alive).flatMap(({ wants }) => [...wants]))]
          .filter((one) => one.startsWith('NEWS.'))
          .sort();
      for (let i = 0; i < 60; i++) {
        for (let changes = random.below(4); changes > 0; changes--) change();
        step(2);
      }
      lossless = true;
      for (let i = 0; i < 60; i++) step(2);
      for (const { open } of handlers) assert.deepEqual([...open].sort(), union(2));
      // One plant is gone: what only its subscribers wanted ends by itself.
      for (let i = 0; i < 60; i++) step(1);
      for (const { open, table } of handlers) {
        assert.deepEqual([...open].sort(), union(1));
        assert.deepEqual([...table.subjects()].sort(), union(1));
      }
    }),
    { numRuns: 40 },
  );
});

t.test('what is wanted is told of at the next step, what is not soon forgotten', async (t) => {
  const said: (readonly string[])[] = [];
  const teller = new InterestTeller({
    services: ['NEWS'],
    say: ({ subjects }) => said.push(subjects),
    counters: INTEREST_COUNTERS.create(),
    repeatNs: 1000 * MS,
  });
  teller.wanted('NEWS.A');
  teller.wanted('IEX.A');
  teller.tick(0);
  teller.tick(100 * MS);
  teller.wanted('NEWS.B');
  teller.tick(200 * MS);
  teller.tick(1000 * MS);
  teller.tick(1100 * MS);
  teller.unwanted('NEWS.A');
  teller.tick(1200 * MS);
  teller.tick(2500 * MS);
  t.same(said, [['NEWS.A'], ['NEWS.B'], ['NEWS.A'], ['NEWS.B'], ['NEWS.B']]);
});

t.test('both ends are bounded', async (t) => {
  const said: (readonly string[])[] = [];
  const counters = INTEREST_COUNTERS.create();
  const teller = new InterestTeller({
    services: ['NEWS'],
    say: (message) => {
      said.push(message.subjects);
      table.heard(message, 0);
    },
    counters,
    subjectsMax: 1000,
  });
  const { table, open, counters: heard } = handler({ subjectsMax: 500, lingerNs: 3000 * MS });
  for (let i = 0; i < 1100; i++) teller.wanted(`NEWS.${i}`);
  t.equal(counters.refused, 100);
  for (let i = 0; i < 4; i++) teller.tick(i);
  t.same(
    said.map(({ length }) => length),
    [400, 400, 200],
  );
  t.equal(open.size, 500);
  t.equal(heard.refused, 500);
  table.tick(12_999 * MS);
  t.equal(open.size, 500, 'the word holds for ten seconds, and lingers for three');
  table.tick(13_200 * MS);
  t.equal(open.size, 0);
  table.heard({ kind: 'interest', validMs: 1e9, subjects: ['NEWS.X'] }, 0);
  table.tick(70_000 * MS);
  t.notOk(table.has('NEWS.X'), 'nobody can have something for ever');
});
