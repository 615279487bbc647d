import { seededRandom } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { AliasTable } from '../src/simulator/alias-table.ts';
import { Agenda } from '../src/simulator/schedule.ts';

t.test('the alias table draws each number as often as its weight says', async (t) => {
  const weights = [5, 0, 1, 2.5, 0.01, 1.49];
  const table = new AliasTable(weights);
  const random = seededRandom(5);
  const drawn = weights.map(() => 0);
  for (let i = 0; i < 200_000; i++) drawn[table.draw(random)]!++;
  weights.forEach((weight, i) => {
    const expected = weight * 20_000;
    t.ok(Math.abs(drawn[i]! - expected) <= 5 * Math.sqrt(expected), `${i}: ${drawn[i]}, expected ${expected}`);
  });
  t.equal(new AliasTable([3]).draw(random), 0);
});

t.test('the agenda gives entries by time, and at one time as they were entered', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (times) => {
      const agenda = new Agenda<number>();
      for (const [entry, ns] of times.entries()) agenda.enter(ns, entry);
      const expected = times.map((ns, entry) => ({ ns, entry })).sort((a, b) => a.ns - b.ns);
      for (const { ns, entry } of expected) if (agenda.nextNs !== ns || agenda.take() !== entry) return false;
      return agenda.nextNs === Number.POSITIVE_INFINITY && agenda.take() === undefined;
    }),
  );
  t.pass();
});
