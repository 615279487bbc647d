import * as fc from 'fast-check';
import t from 'tap';
import { EventQueue } from '../src/simulate/event-queue.ts';

t.test('what is due first comes first; of two at the same time, what was added first', async () => {
  const step = fc.oneof(fc.nat(9), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_000, size: 'max' }), (steps) => {
      const queue = new EventQueue<number>();
      const model: { readonly atNs: number; readonly id: number }[] = [];
      let added = 0;
      const take = (): void => {
        const first = model.reduce((a, b) => (b.atNs < a.atNs ? b : a));
        model.splice(model.indexOf(first), 1);
        if (queue.nextNs !== first.atNs) throw new Error(`expected ${first.atNs}, got ${queue.nextNs}`);
        const got = queue.take();
        if (got !== first.id) throw new Error(`expected event ${first.id}, got ${got}`);
      };
      for (const step of steps) {
        if (step === 'take') {
          if (model.length > 0) take();
        } else {
          queue.add(step, added);
          model.push({ atNs: step, id: added++ });
        }
      }
      while (model.length > 0) take();
      if (queue.nextNs !== Number.POSITIVE_INFINITY) throw new Error(`expected nothing, got ${queue.nextNs}`);
    }),
  );
});
