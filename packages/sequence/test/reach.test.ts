import t from 'tap';
import { Reach } from '../src/index.ts';

const at = (session: string, expected: number, recovering = false) => ({ session, expected, recovering });

t.test('nothing is in doubt before there is trouble', async (t) => {
  t.ok(new Reach().reached({ session: undefined, expected: 0, recovering: false }));
});

t.test('after trouble: words of before do not count, the farthest of those after does', async (t) => {
  const reach = new Reach();
  reach.told('S1', 10);
  reach.doubt(1);
  t.notOk(reach.reached(at('S1', 10)), 'nothing has been said since');
  reach.told('S1', 10);
  t.notOk(reach.reached(at('S1', 10)), 'it may have been on its way');
  reach.told('S1', 20);
  reach.told('S1', 15);
  t.notOk(reach.reached(at('S1', 19)));
  t.notOk(reach.reached(at('S1', 20, true)), 'with a gap');
  reach.told('S2', 2);
  t.notOk(reach.reached(at('S1', 25)), 'it has begun anew');
  t.ok(reach.reached(at('S2', 2)));
  reach.told('S2', 50);
  t.ok(reach.reached(at('S2', 2)), 'from here on gaps show themselves');
});

t.test('after silence the word that ends it counts', async (t) => {
  const reach = new Reach();
  reach.told('S1', 10);
  reach.silence();
  reach.told('S1', 12);
  t.notOk(reach.reached(at('S1', 11)));
  t.ok(reach.reached(at('S1', 12)));
});
