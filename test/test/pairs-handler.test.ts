import t from 'tap';
import { drill } from '../src/drill.ts';
import { ticker } from '../src/ticker.ts';

// Real processes, struck while they work. The times are what the machine makes them; what must hold is that nobody
// misses anything.

t.setTimeout(600_000);

t.test('the primary handler is killed', async (t) => {
  const report = await drill('--what', 'handler', '--kills', '1');
  t.same(report.failures, []);
  t.match(report, { kills: 1, lost: 0, duplicated: 0, outOfOrder: 0 });
  t.equal(report.receipts.length, 1);
  for (const { member, from } of report.receipts) t.not(member, from);
  t.ok(report.gapMs.max > 0);
});

t.test('the primary handler hands over', async (t) => {
  const report = await drill('--what', 'handler', '--blow', 'handover', '--kills', '1');
  t.same(report.failures, []);
  t.match(report, { lost: 0, duplicated: 0, outOfOrder: 0 });
  t.ok(report.receipts.some(({ reason }) => reason === 'handover'));
});

t.test('an option that makes no sense is refused', async (t) => {
  const { code, stderr } = await ticker('drill', '--kills', 'many');
  t.equal(code, 2);
  t.match(stderr, /expected --kills to be a whole number from 1 up, got 'many'/);
});
