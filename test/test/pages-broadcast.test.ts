import { statSync } from 'node:fs';
import { connect } from '@tickerplant/client';
import { systemClock } from '@tickerplant/core';
import { createLogger } from '@tickerplant/telemetry';
import t from 'tap';
import { until } from '../src/collect.ts';
import { KEY } from '../src/floors.ts';
import { pageText, TestBroadcast, writeBroadcastFloor } from '../src/pages.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// A broadcast of pages to a subscriber, as real processes; the handler is killed, and its cache spares the wait for the next
// base pages, of which a turn takes minutes here.

t.setTimeout(300_000);

const PAGES = 80;

interface Report {
  readonly process: string;
  readonly pages?: { readonly live: number; readonly notCached: number };
  readonly cache?: { readonly rewriting: boolean };
  readonly counters?: unknown;
}

async function handler(path: string): Promise<Report | undefined> {
  const { stdout } = await ticker('status', path, '--json');
  const { processes } = JSON.parse(stdout) as { processes: Report[] };
  return processes.find(({ process }) => process === 'feed/bulletins');
}

t.test('all pages come by themselves; killed and started anew, a handler has them at once', async (t) => {
  const floor = writeBroadcastFloor(t.testdir({}));
  // A first turn at a pace that tests can wait for.
  const vendor = new TestBroadcast(floor.line, PAGES);
  await vendor.open();
  t.teardown(() => vendor.close());
  const plant = new RunningTicker('plant', floor.path, 'p1');
  let feed = new RunningTicker('feed', floor.path, 'bulletins');
  t.teardown(() => Promise.all([plant, feed].map((one) => one.stop())));
  const client = await connect({
    status: floor.status,
    interface: '127.0.0.1',
    key: KEY,
    logger: createLogger('test', 'error'),
  });
  t.teardown(() => client.close());
  const subscription = client.subscribe('BULLETIN.>');
  const shows = (name: string) => {
    const item = client.item(`BULLETIN.${name}`);
    return item?.isLive === true && pageText(item.page) === vendor.text(name);
  };
  vendor.pace = 1;
  await until(() => subscription.items.filter(({ isLive }) => isLive).length === PAGES, 'all pages to be LIVE');
  vendor.pace = 0;
  await until(() => vendor.names.every(shows), 'the vendor and the subscriber to say the same');

  // From here on whole pages come once in minutes only.
  vendor.basesPerSecond = 0.05;
  for (;;) {
    const report = await handler(floor.path);
    if (report?.pages?.notCached === 0 && report.cache?.rewriting === false) break;
  }
  t.ok(statSync(floor.cache).size > PAGES * 500);
  await feed.stop('SIGKILL');
  await until(() => subscription.items.every(({ isLive }) => !isLive), 'nothing to be LIVE without a handler');
  feed = new RunningTicker('feed', floor.path, 'bulletins');
  await until(() => vendor.names.every(shows), 'all pages again, from the cache, proven by the vendor');
  const report = JSON.stringify((await handler(floor.path))?.counters);
  t.match(report, new RegExp(`"loaded":${PAGES}`));
  t.match(report, /"proven":(7\d|80)/);

  vendor.pace = 1;
  vendor.vendor.setLayout('NEWS', 'changed', systemClock.monotonicNs());
  await until(() => vendor.names.filter(shows).length > PAGES / 2, 'changes on top of what was kept');
  vendor.pace = 0;
  await until(() => vendor.names.every(shows), 'the vendor and the subscriber to say the same, again');
});
