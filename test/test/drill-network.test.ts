import { spawnSync } from 'node:child_process';
import t from 'tap';
import { drill } from '../src/drill.ts';
import { RunningTicker } from '../src/ticker.ts';

// Real processes on hosts of their own, whose cables are pulled: network namespaces, from which nothing gets out.

const listed = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
const tried =
  process.getuid?.() === 0 && listed.status === 0 ? spawnSync('ip', ['netns', 'add', 'ticker-0-try']) : undefined;
if (tried?.status === 0) spawnSync('ip', ['netns', 'delete', 'ticker-0-try']);
const skip = tried?.status === 0 ? false : 'it takes root and ip to make network namespaces';

const namespacesOf = (pid: number): string[] =>
  spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.startsWith(`ticker-${pid}-`));

t.test('cables are pulled: of the primary plant, the primary handler, the client', { skip }, async (t) => {
  const report = await drill('--what', 'network', '--kills', '3', '--stop-ms', '1800');
  t.same(report.failures, []);
  t.match(report, { kills: 3, blow: 'cut', lost: 0, duplicated: 0, outOfOrder: 0 });
  t.equal(report.receipts.length, 2, 'the plant and the handler were replaced');
  for (const { member, from } of report.receipts) t.not(member, from);
  t.ok(report.staleMs !== undefined && report.liveMs !== undefined, 'the client noticed, and was well again');
});

t.test('the namespaces are taken away, also when the drill is stopped', { skip }, async (t) => {
  const running = new RunningTicker(
    'drill',
    '--what',
    'network',
    '--kills',
    '100',
    '--symbols',
    '20',
    '--rate',
    '1000',
  );
  const pid = running.child.pid!;
  await running.until(() => namespacesOf(pid).length >= 8, 'the namespaces to be there');
  t.not(await running.stop('SIGTERM'), 0);
  t.same(namespacesOf(pid), []);
});
