import t from 'tap';
import { namespacesOf, skipWithoutNamespaces } from '../src/namespaces.ts';
import { RunningTicker } from '../src/ticker.ts';

const skip = skipWithoutNamespaces();

t.test('namespaces are taken away when a drill is stopped', { skip }, async (t) => {
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
  await running.until(() => running.stderr.includes('a subscriber gets'), 'the floor to be up', 120_000);
  t.ok(namespacesOf(pid).length >= 8);
  t.not(await running.stop('SIGTERM'), 0);
  t.same(namespacesOf(pid), []);
});
