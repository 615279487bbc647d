import t from 'tap';
import { drill } from '../src/drill.ts';

// Real processes; the vendor's lines go through a relay of ours, which cuts them: A, B, then both.

t.test('vendor lines are cut, one and both', async (t) => {
  const report = await drill('--what', 'line', '--kills', '3', '--stop-ms', '1200');
  t.same(report.failures, []);
  t.match(report, { kills: 3, blow: 'cut', lost: 0, duplicated: 0, outOfOrder: 0 });
  t.ok(report.detectionMs !== undefined && report.detectionMs.max > 0, 'the lines were found silent');
  t.ok(report.doubts['lines-silent'] !== undefined, 'with both cut, items ceased to be LIVE');
  t.ok(report.liveMs !== undefined, 'and were LIVE again');
});
