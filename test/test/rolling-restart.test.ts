import t from 'tap';
import { connectTo, until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

t.setTimeout(600_000);

t.test('a whole floor of pairs is restarted, one after the other, and a subscriber notices nothing', async (t) => {
  const floor = writeFloor(t.testdir({}), 'itch50', {
    simulator: 'seed: 5, symbols: 40, rate: 3000',
    limits: '{ heartbeatMs: 20, takeoverAfterMs: 200 }',
    pairs: true,
  });
  const up = new RunningTicker('up', floor.path);
  t.teardown(() => up.stop());
  await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const gaps: unknown[] = [];
  const next = new Map<string, number>();
  let disorder = 0;
  let updates = 0;
  const subscription = client.subscribe('T.>', {
    listener: {
      onUpdate: ({ item, seq }) => {
        updates++;
        if (seq < (next.get(item.channel) ?? 0)) disorder++;
        next.set(item.channel, seq);
      },
      onGap: (notice) => gaps.push(notice),
    },
  });
  await until(() => updates > 1_000 && subscription.items.every(({ isLive }) => isLive), 'LIVE items');
  const sessions = client.channels.map(({ session }) => session);

  const { code, stdout, stderr } = await ticker('ctl', 'restart', floor.path);
  t.equal(code, 0, stderr);
  for (const name of ['plant/p1', 'plant/p2', 'feed/f', 'feed/f-2']) {
    t.match(stdout, new RegExp(`${name} is back, and could take over`));
    t.equal(up.stderr.split(`${name} is up again`).length, 2, `${name} was started again once`);
  }
  t.notMatch(up.stderr, /ended by itself/);
  const before = updates;
  await until(() => updates > before + 1_000, 'updates to go on');
  await until(() => subscription.items.every(({ isLive }) => isLive), 'LIVE items');
  t.same(gaps, []);
  t.equal(disorder, 0);
  t.same(
    client.channels.map(({ session }) => session),
    sessions,
    'the same sessions: nobody had to begin anew',
  );
});

t.test('where nobody could go on, nothing is restarted', async (t) => {
  const floor = writeFloor(t.testdir({}), 'itch50', { simulator: 'seed: 5, symbols: 10, rate: 100' });
  const up = new RunningTicker('up', floor.path);
  t.teardown(() => up.stop());
  await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
  const { code, stderr } = await ticker('ctl', 'restart', floor.path);
  t.equal(code, 1);
  t.match(stderr, /CONTROL_NO_STANDBY/);
  t.notMatch(up.stderr, /again/);
});
