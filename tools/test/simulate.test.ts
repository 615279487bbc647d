import { HandlerMember } from '@tickerplant/feed-runtime';
import { CellRuns, type Page, PageEncoder, PageOrder, PageStep } from '@tickerplant/pages';
import { PairMember } from '@tickerplant/pair';
import { SequencedReceiver } from '@tickerplant/sequence';
import t, { type Test } from 'tap';
import { describeRun, shrink, simulate } from '../src/simulate/simulate.ts';
import { TOY_FEED } from '../src/simulate/toy-feed.ts';

const SECONDS = 60;

t.test('floors on which things go wrong keep what they promise', async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const run = simulate(seed, SECONDS);
    if (run.failure !== undefined) t.fail(describeRun(run));
  }
});

t.test('the same seed is the same run', async (t) => {
  const [one, again] = [simulate(7, 20), simulate(7, 20)];
  t.equal(one.events, again.events);
  t.same(one.transcript, again.transcript);
  t.notSame(simulate(8, 20).transcript, one.transcript);
  t.ok(one.updates > 100, `${one.updates} updates`);
});

/** Puts a mistake into a class while seeds are tried, until one is found; undoes it. */
async function planted(
  t: Test,
  prototype: object,
  method: string,
  mistake: (original: (...args: unknown[]) => unknown) => (this: never, ...args: never[]) => unknown,
  expected: readonly string[],
): Promise<void> {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[method]!;
  methods[method] = mistake(original) as never;
  try {
    for (let seed = 1; seed <= 150; seed++) {
      const run = simulate(seed, SECONDS);
      if (run.failure === undefined) continue;
      t.ok(expected.includes(run.failure.invariant), `seed ${seed}: ${run.failure.invariant} ${run.failure.message}`);
      const small = shrink(run, SECONDS);
      t.equal(small.failure?.invariant, run.failure.invariant);
      t.ok(small.faults.length <= run.faults.length);
      t.match(describeRun(small), /^seed \d+: [\s\S]*faults:[\s\S]*transcript:/);
      return;
    }
    t.fail(`nothing was found wrong with a mistake in ${method}`);
  } finally {
    methods[method] = original;
  }
}

t.test('mistakes put in on purpose are found', async (t) => {
  await t.test('a receiver that forgets what is missing', async (t) => {
    await planted(t, SequencedReceiver.prototype, 'ask', () => () => undefined, [
      'liveness',
      'timely',
      'exception',
      'same-bytes',
      'same-values',
    ]);
  });
  await t.test('a primary that never gives way', async (t) => {
    await planted(t, PairMember.prototype, 'stepDown', () => () => undefined, ['liveness']);
  });
  await t.test('a standby that takes over a state only in part', async (t) => {
    const context = { services: {} } as never;
    const normaliser = Object.getPrototypeOf(TOY_FEED.createNormaliser(context)) as object;
    await planted(t, normaliser, 'restore', () => () => undefined, [
      'same-bytes',
      'liveness',
      'no-wrong-value',
      'timely',
    ]);
  });
  await t.test('a receiver that shows a page before its image is complete', async (t) => {
    await planted(
      t,
      PageOrder.prototype,
      'step',
      (original) =>
        function (this: PageOrder, ...args: never[]) {
          const step = original.apply(this, args);
          return step === PageStep.PART ? PageStep.IMAGE : step;
        } as never,
      ['no-wrong-value', 'once-in-order'],
    );
  });
  await t.test('a handler that forgets a part of a change', async (t) => {
    await planted(
      t,
      PageEncoder.prototype,
      'update',
      (original) =>
        function (this: PageEncoder, item: number, page: Page, changes: CellRuns, sink: never) {
          // Of some changes the last run is forgotten.
          const some = new CellRuns();
          for (let run = 0; run < changes.count - 1; run++)
            some.add(changes.row(run), changes.first(run), changes.end(run));
          return original.call(this, item, page, some, sink);
        } as never,
      ['no-wrong-value', 'once-in-order', 'liveness'],
    );
  });
  await t.test('a member that remembers all that it hears', async (t) => {
    await planted(
      t,
      HandlerMember.prototype,
      'heard',
      (original) =>
        function (this: { heardBefore?: unknown[] }, ...args: never[]) {
          this.heardBefore ??= [];
          this.heardBefore.push(args[0]);
          return original.apply(this, args);
        } as never,
      ['memory'],
    );
  });
  await t.test('a member that takes for lost what others may have', async (t) => {
    await planted(t, HandlerMember.prototype, 'mayLose', () => () => true, [
      'same-bytes',
      'liveness',
      'no-wrong-value',
    ]);
  });
  await t.test('a member that goes on without being in step', async (t) => {
    await planted(
      t,
      HandlerMember.prototype,
      'compare',
      (original) =>
        function (this: { inSync: boolean; phase: string; judgeFitness(): void }, ...args: never[]) {
          original.apply(this, args);
          this.inSync = true;
          this.phase = 'running';
          this.judgeFitness();
        } as never,
      ['same-bytes', 'liveness', 'no-wrong-value', 'exception'],
    );
  });
});
