import t from 'tap';
import { connectTo, until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// Vendor messages that neither line brings and the vendor doesn't repeat, on a floor of pairs, through sockets.

t.setTimeout(600_000);

interface HandlerStatus {
  readonly process: string;
  readonly epoch: number;
  readonly state: string;
  readonly fit: boolean;
  readonly counters: readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[];
}

/** Losses that both handlers must have told. */
const LOST = 10;

t.test('both handlers of a pair give up the same, say so under the same number, and stay a pair', async (t) => {
  const floor = writeFloor(t.testdir({}), 'itch50', {
    pairs: true,
    mute: true,
    simulator: 'seed: 7, symbols: 40, rate: 2000, loss: { A: 0.05, B: 0.05 }',
    limits: '{ lostAfterMs: 200, repairTimeoutMs: 20 }',
  });
  const up = new RunningTicker('up', floor.path);
  t.teardown(() => up.stop());
  await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const gaps: unknown[] = [];
  const subscription = client.subscribe('T.>', { listener: { onGap: (notice) => gaps.push(notice) } });
  const isTold = (): boolean =>
    subscription.items.length > 40 && subscription.items.every(({ state }) => state.reason === 'vendor-gap');
  await until(isTold, 'all items to be SUSPECT');
  const sessions = client.channels.map(({ session }) => session);
  gaps.length = 0;

  const handlers = async (): Promise<HandlerStatus[]> => {
    const { stdout } = await ticker('status', floor.path, '--json');
    const { processes } = JSON.parse(stdout) as { processes: HandlerStatus[] };
    return processes.filter(({ process }) => process.startsWith('feed/'));
  };
  const count = ({ counters }: HandlerStatus, set: string, name: string): number =>
    counters.find((counter) => counter.name === set)!.values[name]!;
  let all = await handlers();
  const enough = (): boolean =>
    all.length === 2 && all.every((each) => each.fit && count(each, 'handler', 'vendorLost') >= LOST);
  for (let tries = 0; !enough() && tries < 120; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    all = await handlers();
  }
  t.ok(enough(), JSON.stringify(all.map(({ state, fit, epoch }) => ({ state, fit, epoch }))));
  t.same(
    all.map(({ epoch }) => epoch),
    [all[0]!.epoch, all[0]!.epoch],
  );
  t.same(
    client.channels.map(({ session }) => session),
    sessions,
    'nobody had to begin anew',
  );
  t.same(gaps, [], 'no subscriber misses anything');
  for (const each of all) {
    t.equal(count(each, 'pair', 'diverged'), 0, `${each.process} has never differed`);
    // Once it must, when it joins; and where the two have given up different parts of a gap.
    const transfers = count(each, 'pair', 'transfers');
    t.ok(transfers <= 2, `${each.process} has taken the state ${transfers} times`);
  }
});
