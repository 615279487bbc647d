import t from 'tap';
import { drill } from '../src/drill.ts';
import { skipWithoutNamespaces } from '../src/namespaces.ts';

// Real processes on hosts of their own, whose cables are pulled: network namespaces, from which nothing gets out.

const skip = skipWithoutNamespaces();

t.test('cables are pulled: of the primary plant, the primary handler, the client', { skip }, async (t) => {
  const report = await drill('--what', 'network', '--kills', '3', '--stop-ms', '1800');
  t.same(report.failures, []);
  t.match(report, { kills: 3, blow: 'cut', lost: 0, duplicated: 0, outOfOrder: 0 });
  t.equal(report.receipts.length, 2, 'the plant and the handler were replaced');
  for (const { member, from } of report.receipts) t.not(member, from);
  t.ok(report.staleMs !== undefined && report.liveMs !== undefined, 'the client noticed, and was well again');
});
