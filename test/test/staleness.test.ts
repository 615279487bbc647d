import type { Item, Subscription } from '@tickerplant/client';
import t from 'tap';
import { connectTo, until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { RunningTicker } from '../src/ticker.ts';

// Each part of a floor of pairs falls silent as a whole: on every client all values look STALE, say why, and come back.

t.setTimeout(600_000);

const SYMBOLS = 60;

t.test('whatever falls silent, every client says so and why; what merely does not trade stays LIVE', async (t) => {
  const floor = writeFloor(t.testdir({}), 'itch50', {
    simulator: `seed: 11, symbols: ${SYMBOLS}, rate: 40`,
    limits: '{ silentAfterMs: 600, lineSilentAfterMs: 1300, heartbeatMs: 20 }',
    pairs: true,
  });
  const up = new RunningTicker('up', floor.path);
  t.teardown(() => up.stop());
  await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
  const processOf = (name: string): number => {
    const found = new RegExp(`${name} is up \\(process (\\d+)\\)`).exec(up.stderr);
    if (found === null) throw new Error(`expected ${name} to be up\n${up.stderr.slice(-2_000)}`);
    return Number(found[1]);
  };
  const signal = (names: readonly string[], signalName: NodeJS.Signals): void => {
    for (const name of names) process.kill(processOf(name), signalName);
  };
  t.teardown(() => signal(['vendor/v', 'feed/f', 'feed/f-2', 'plant/p1', 'plant/p2'], 'SIGCONT'));

  const subscriptions: Subscription[] = [];
  const doubts: string[] = [];
  const changed = new Set<string>();
  for (let index = 0; index < 2; index++) {
    const client = await connectTo(floor);
    t.teardown(() => client.close());
    subscriptions.push(
      client.subscribe('T.>', {
        listener: {
          onUpdate: ({ item }) => changed.add(item.subject),
          onQuality: ({ subject, state }) => {
            if (state.name !== 'LIVE') doubts.push(`${subject} ${state.name} ${state.reason}`);
          },
        },
      }),
    );
  }
  const every = (holds: (item: Item) => boolean): boolean =>
    subscriptions.every(({ items }) => items.length > SYMBOLS && items.every(holds));
  await until(() => every(({ isLive }) => isLive), 'items to be LIVE');

  doubts.length = 0;
  changed.clear();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  t.ok(changed.size > 0, 'some items changed');
  t.ok(changed.size < subscriptions[0]!.items.length, 'others did not');
  t.same(doubts, [], 'nobody doubted an item that merely did not change');

  for (const [names, reason] of [
    [['vendor/v'], 'lines-silent'],
    [['feed/f', 'feed/f-2'], 'handler-silent'],
    [['plant/p1', 'plant/p2'], 'plant-silent'],
  ] as const) {
    signal(names, 'SIGSTOP');
    await until(
      () => every(({ state }) => state.name === 'STALE' && state.reason === reason),
      `items to be STALE, ${reason}, without ${names.join(' and ')}`,
    );
    signal(names, 'SIGCONT');
    await until(() => every(({ isLive }) => isLive), `items to be LIVE again with ${names.join(' and ')}`);
    t.pass(`${reason} said by all, and unsaid`);
  }
});
