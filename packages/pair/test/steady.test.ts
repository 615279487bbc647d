import t from 'tap';
import { Steady } from '../src/index.ts';

const MS = 1_000_000;

t.test('what has held for 200 ms without a break counts', async (t) => {
  const steady = new Steady();
  t.equal(steady.look(true, 0), false);
  t.equal(steady.look(true, 199 * MS), false);
  t.equal(steady.look(false, 200 * MS), false, 'a break');
  t.equal(steady.look(true, 210 * MS), false);
  t.equal(steady.look(true, 410 * MS), true);
  t.equal(steady.look(true, 900 * MS), true);
  t.equal(steady.look(false, 901 * MS), false);
});
