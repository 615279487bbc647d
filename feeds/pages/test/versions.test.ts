import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EFFECT_MS, VersionStore } from '@tickerplant/shredder-versions';
import t, { type Test } from 'tap';
import { VersionWatch } from '../src/elements/version-watch.ts';

// What a handler makes of the decisions in a file of versions, and when.

const SPOT = readFileSync(new URL('../../../../examples/shredders/majors-spot.yaml', import.meta.url), 'utf8');
const NAME = 'majors-spot';
const DAY = '2026-11-30';
const T0 = Date.UTC(2026, 10, 30, 9);
const NOTHING = { by: 'bob', note: '' };

const version = (number: number): string => SPOT.replace('version: 1', `version: ${number}`);

function propose(store: VersionStore, number: number, nowMs: number, text = version(number)): void {
  store.propose({ name: NAME, number, text, author: 'ann', fingerprint: '', note: '' }, nowMs);
}

class World {
  readonly path: string;
  readonly faults: string[] = [];
  readonly #t: Test;
  #store: VersionStore | undefined;

  constructor(t: Test) {
    this.#t = t;
    this.path = join(t.testdir({}), 'versions.sqlite');
  }

  get store(): VersionStore {
    if (this.#store === undefined) {
      const store = new VersionStore(this.path, 'write');
      this.#t.teardown(() => store.close());
      this.#store = store;
    }
    return this.#store;
  }

  watch(): VersionWatch {
    const onFault = (error: unknown): void => void this.faults.push(String(error));
    const watch = new VersionWatch({ path: this.path, names: [NAME, 'another'], day: DAY, onFault });
    this.#t.teardown(() => watch.close());
    return watch;
  }
}

/** Looks as often as there is something to do, and says when what changed. */
function looks(watch: VersionWatch, fromMs: number, toMs: number): string[] {
  const seen: string[] = [];
  for (let ms = fromMs; ms <= toMs; ms = Math.max(ms + 1, watch.dueMs)) {
    for (const change of watch.look(ms)) {
      if (change.kind === 'accepted') {
        seen.push(`${ms - T0} ${change.name} accepted ${change.page ?? 'all'} by ${change.by}`);
        continue;
      }
      const { name, current, shadow } = change;
      seen.push(`${ms - T0} ${name} ${current?.plan.version ?? 'none'} ${shadow?.plan.version ?? 'none'}`);
    }
  }
  return seen;
}

t.test('members that look at different times go over at the same one', async (t) => {
  const world = new World(t);
  const [one, two] = [world.watch(), world.watch()];
  t.same(looks(one, T0, T0 + 1_700), [], 'there is no file yet');
  t.same(looks(two, T0 + 333, T0 + 1_900), []);
  const { store } = world;
  propose(store, 2, T0 + 1_900);
  store.approve({ ...NOTHING, name: NAME, number: 2, from: DAY }, T0 + 2_000);
  propose(store, 3, T0 + 2_050);
  store.shadow({ ...NOTHING, name: NAME, number: 3 }, T0 + 2_100);
  const told = [`${2_000 + EFFECT_MS} ${NAME} 2 none`, `${2_100 + EFFECT_MS} ${NAME} 2 3`];
  t.same(looks(one, T0 + 2_100, T0 + 6_000), told);
  t.same(looks(two, T0 + 2_444, T0 + 6_000), told);
  store.withdraw({ ...NOTHING, name: NAME, number: 2 }, T0 + 7_000);
  store.approve({ ...NOTHING, name: NAME, number: 3, from: '2026-12-01' }, T0 + 7_000);
  const back = [`${7_000 + EFFECT_MS} ${NAME} none none`];
  t.same(looks(one, T0 + 7_000, T0 + 10_000), back, 'approved for another day: it holds on none of today');
  t.same(looks(two, T0 + 7_123, T0 + 10_000), back);
  // Who starts later finds it so at once.
  t.same(looks(world.watch(), T0 + 20_000, T0 + 21_000), []);
  t.same(world.faults, []);
});

t.test(
  'what somebody has accepted takes effect once, at the same moment on all members, and not on those that start later',
  async (t) => {
    const world = new World(t);
    const { store } = world;
    propose(store, 2, T0);
    store.approve({ ...NOTHING, name: NAME, number: 2, from: DAY }, T0);
    store.accept({ ...NOTHING, name: NAME }, T0);
    const [one, two] = [world.watch(), world.watch()];
    t.same(looks(one, T0 + 5_000, T0 + 6_000), [`5000 ${NAME} 2 none`], 'that was before');
    t.same(looks(two, T0 + 5_111, T0 + 6_000), [`5111 ${NAME} 2 none`]);
    store.accept({ ...NOTHING, name: NAME, page: 'P1' }, T0 + 6_000);
    store.accept({ ...NOTHING, name: 'another' }, T0 + 6_100);
    const told = [
      `${6_000 + EFFECT_MS} ${NAME} accepted P1 by bob`,
      `${6_100 + EFFECT_MS} another accepted all by bob`,
    ];
    t.same(looks(one, T0 + 6_100, T0 + 12_000), told);
    t.same(looks(two, T0 + 6_222, T0 + 12_000), told);
    t.same(looks(world.watch(), T0 + 12_000, T0 + 13_000), [`12000 ${NAME} 2 none`]);
    // A file that can only be read later says no more than it would have said at once.
    const late = new VersionWatch({
      path: join(world.path, '..', 'late.sqlite'),
      names: [NAME],
      day: DAY,
      onFault: () => {},
    });
    t.teardown(() => late.close());
    t.same(looks(late, T0 + 13_000, T0 + 14_000), []);
    copyFileSync(world.path, join(world.path, '..', 'late.sqlite'));
    t.same(
      looks(late, T0 + 14_001, T0 + 16_000).map((line) => line.split(' ').slice(1).join(' ')),
      [`${NAME} 2 none`],
    );
    t.equal(store.current(NAME, DAY)?.version.number, 2, 'it is about no version');
    t.throws(() => store.accept({ name: NAME, by: '', note: '' }, T0), { code: 'VERSIONS_BAD' });
  },
);

t.test('a version that cannot be used leaves the one before it, and is told of once', async (t) => {
  const world = new World(t);
  const { store } = world;
  propose(store, 2, T0);
  store.approve({ ...NOTHING, name: NAME, number: 2, from: DAY }, T0);
  const watch = world.watch();
  t.same(looks(watch, T0 + 5_000, T0 + 5_000), [`5000 ${NAME} 2 none`]);
  propose(store, 3, T0 + 5_100, version(3).replace('key: ccy', 'key: nothing'));
  store.approve({ ...NOTHING, name: NAME, number: 3, from: DAY }, T0 + 5_100);
  propose(store, 4, T0 + 5_100, version(5));
  store.shadow({ ...NOTHING, name: NAME, number: 4 }, T0 + 5_200);
  t.same(looks(watch, T0 + 5_200, T0 + 20_000), []);
  t.equal(world.faults.length, 2, world.faults.join('\n'));
  t.match(world.faults[0], /SHRED_INVALID|nothing/);
  store.rollback({ ...NOTHING, name: NAME, day: DAY }, T0 + 21_000);
  t.match(world.faults[1], /expected the text of majors-spot 4, got that of majors-spot 5/);
  // It is loaded anew, which nobody notices.
  t.same(looks(watch, T0 + 21_000, T0 + 24_000), [`23000 ${NAME} 2 none`]);
  t.equal(world.faults.length, 2);
});
