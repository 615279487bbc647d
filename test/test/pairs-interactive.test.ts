import { connect } from '@tickerplant/client';
import { createLogger } from '@tickerplant/telemetry';
import t from 'tap';
import { until } from '../src/collect.ts';
import { KEY } from '../src/floors.ts';
import { TestVendor, TruthWatch, valuesText, writeInteractiveFloor } from '../src/interactive.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// A pair of handlers of a feed that numbers nothing, as real processes, struck while the vendor's market moves. The
// vendor is in this process, so that everything that was ever true is known.

t.setTimeout(300_000);

const SYMBOLS = Array.from({ length: 40 }, (_, i) => `S${i}`);
const KILLS = 3;

interface MemberReport {
  readonly process: string;
  readonly state?: string;
  readonly fit?: boolean;
  readonly epoch?: number;
  readonly receipts?: readonly { readonly reason: string; readonly member: string; readonly from: string | null }[];
}

async function reports(path: string): Promise<MemberReport[]> {
  const { stdout } = await ticker('status', path, '--json');
  const { processes } = JSON.parse(stdout) as { processes: MemberReport[] };
  return processes.filter(({ process }) => process.startsWith('feed/'));
}

/** Waits until the pair has a primary and a fit standby. */
async function whole(path: string): Promise<{ readonly primary: MemberReport; readonly standby: MemberReport }> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const both = await reports(path);
    const primary = both.find(({ state, fit }) => state === 'primary' && fit === true);
    const standby = both.find(({ state, fit }) => state === 'standby' && fit === true);
    if (primary !== undefined && standby !== undefined) return { primary, standby };
    if (Date.now() > deadline) throw new Error(`expected a primary and a fit standby, got ${JSON.stringify(both)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

t.test(
  'a pair of an interactive feed: killed again and again, nothing false is shown, and in the end all is true',
  async (t) => {
    const floor = writeInteractiveFloor(t.testdir({}), SYMBOLS);
    const vendor = new TestVendor(SYMBOLS, floor.vendorPort);
    await vendor.open();
    t.teardown(() => vendor.close());
    const plant = new RunningTicker('plant', floor.path, 'p1');
    const handlers = new Map(
      ['page', 'page-2'].map((name) => [`feed/${name}`, new RunningTicker('feed', floor.path, name)]),
    );
    t.teardown(() => Promise.all([plant, ...handlers.values()].map((one) => one.stop())));
    await whole(floor.path);
    const client = await connect({
      status: floor.status,
      interface: '127.0.0.1',
      key: KEY,
      logger: createLogger('test', 'error'),
    });
    t.teardown(() => client.close());
    const watch = new TruthWatch(vendor.market);
    const subscription = client.subscribe('PAGE.>', { listener: watch });
    await until(() => subscription.items.filter(({ isLive }) => isLive).length === SYMBOLS.length, 'all items');
    vendor.pace = 3;

    let killed: MemberReport | undefined;
    for (let round = 0; round < KILLS; round++) {
      const { primary } = await whole(floor.path);
      const before = watch.updates;
      await until(() => watch.updates > before + 200, 'traffic');
      await handlers.get(primary.process)!.stop('SIGKILL');
      killed = primary;
      const after = watch.updates;
      await until(() => watch.updates > after + 200, 'traffic again');
      handlers.set(primary.process, new RunningTicker('feed', floor.path, primary.process.slice('feed/'.length)));
    }
    const { primary, standby } = await whole(floor.path);
    const survivor = primary.process === killed!.process ? standby : primary;
    const from = killed!.process.replace('feed/', 'handler/');
    t.ok(
      survivor.receipts!.some((receipt) => receipt.from === from && receipt.reason === 'silent'),
      'a receipt of the takeover',
    );
    t.ok(primary.epoch! > KILLS, 'an epoch for each takeover');

    const handover = await ticker('ctl', 'hand-over', floor.path, primary.process);
    t.equal(handover.code, 0, handover.stderr);
    await whole(floor.path);
    const receipts = (await reports(floor.path)).flatMap((report) => report.receipts ?? []);
    t.ok(receipts.some(({ reason }) => reason === 'handover'));

    // The vendor goes away from both: what nobody feeds is not LIVE, and comes back by image only.
    await vendor.cut();
    await until(() => subscription.items.every(({ state }) => state.reason === 'vendor-down'), 'all to be STALE');
    await vendor.open();
    await until(() => subscription.items.every(({ isLive }) => isLive), 'all to be LIVE again');

    vendor.setStale('S7', 'not priced today');
    const seven = client.item('PAGE.S7')!;
    await until(() => seven.state.detail === 'not priced today', 'the word of the vendor');
    t.match(seven.state, { name: 'STALE', reason: 'vendor-says' });
    vendor.setStale('S7', undefined);
    await until(() => seven.isLive, 'S7 to be LIVE again');

    vendor.pace = 0;
    await until(
      () => subscription.items.every((item) => item.isLive && valuesText(item) === vendor.market.truth(item.symbol)),
      'the vendor and the subscriber to say the same',
    );
    t.equal(subscription.items.length, SYMBOLS.length);
    t.same(watch.wrong, []);
    t.equal(watch.removed, 0, 'the subscription is never broken');
    t.ok(watch.marked > 0, 'what may have been told before says so');
    for (const { reason } of watch.gaps) t.equal(reason, 'session-ended');
    t.equal(watch.doubts.has('channel-lost'), false);
  },
);
