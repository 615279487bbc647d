import t from 'tap';
import { RestartPolicy } from '../src/supervise/restart-policy.ts';

t.test('each restart waits twice as long, up to a bound, until the process has run well', async (t) => {
  const policy = new RestartPolicy();
  const waits: number[] = [];
  for (let nowMs = 0, round = 0; round < 12; round++, nowMs += 20_000) {
    const decision = policy.ended(nowMs, 15_000);
    if (decision.kind === 'restart') waits.push(decision.afterMs);
  }
  t.same(waits, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000, 10_000]);
  t.same(policy.ended(1e6, 30_000), { kind: 'restart', afterMs: 100 });
});

t.test('a storm is given up', async (t) => {
  const policy = new RestartPolicy();
  const kinds = Array.from({ length: 9 }, (_, round) => policy.ended(round * 1_000, 500).kind);
  t.same(kinds, [...Array.from({ length: 7 }, () => 'restart'), 'give-up', 'give-up']);
});
