import t from 'tap';
import { drill } from '../src/drill.ts';

// Real processes, struck while they work. The times are what the machine makes them; what must hold is that nobody
// misses anything.

t.setTimeout(600_000);

t.test('the primary plant is killed', async (t) => {
  const report = await drill('--what', 'plant', '--kills', '1');
  t.same(report.failures, []);
  t.match(report, { kills: 1, lost: 0, duplicated: 0, outOfOrder: 0 });
  t.equal(report.receipts.length, 1);
  for (const { member, from } of report.receipts) t.not(member, from);
  t.ok(report.gapMs.max > 0);
});

t.test('the primary plant hands over', async (t) => {
  const report = await drill('--what', 'plant', '--blow', 'handover', '--kills', '1');
  t.same(report.failures, []);
  t.match(report, { lost: 0, duplicated: 0, outOfOrder: 0 });
  t.ok(report.receipts.some(({ reason }) => reason === 'handover'));
});

t.test('a primary is stopped and goes on, while packets are lost on both networks', async (t) => {
  const report = await drill('--what', 'plant', '--blow', 'stop', '--stop-ms', '700', '--kills', '1', '--loss', '0.01');
  t.same(report.failures, []);
  t.match(report, { lost: 0, duplicated: 0, outOfOrder: 0 });
});
