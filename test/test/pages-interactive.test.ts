import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Item, type SubscriptionListener } from '@tickerplant/client';
import { createLogger } from '@tickerplant/telemetry';
import t from 'tap';
import { until } from '../src/collect.ts';
import { KEY } from '../src/floors.ts';
import { EXAMPLES, pageText, shortText, TestPageVendor, writePageFloor } from '../src/pages.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// Pages from a service to a subscriber and back: interest to the vendor, pages to the screen, as real processes. The vendor
// is in this process, so that it is known what is true and who has what open.

t.setTimeout(300_000);

interface Report {
  readonly process: string;
  readonly state?: string;
  readonly fit?: boolean;
}

async function pair(path: string): Promise<string> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const { stdout } = await ticker('status', path, '--json');
    const { processes } = JSON.parse(stdout) as { processes: Report[] };
    const handlers = processes.filter(({ process, fit }) => process.startsWith('feed/') && fit === true);
    const primary = handlers.find(({ state }) => state === 'primary');
    if (primary !== undefined && handlers.some(({ state }) => state === 'standby')) return primary.process;
    if (Date.now() > deadline) throw new Error(`expected a pair, got ${stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

t.test('pages are fetched when somebody looks, true over a takeover, and released when nobody does', async (t) => {
  const floor = writePageFloor(t.testdir({}));
  const vendor = new TestPageVendor(floor.vendorPort);
  await vendor.open();
  t.teardown(() => vendor.close());
  const plants = ['p1', 'p2'].map((name) => new RunningTicker('plant', floor.path, name));
  const handlers = new Map(
    ['screens', 'screens-2'].map((name) => [`feed/${name}`, new RunningTicker('feed', floor.path, name)]),
  );
  t.teardown(() => Promise.all([...plants, ...handlers.values()].map((one) => one.stop())));
  await pair(floor.path);
  t.same(vendor.server.openPages, ['NEWS0001'], 'what is pinned is open without anybody asking');

  const client = await connect({
    status: floor.status,
    interface: '127.0.0.1',
    key: KEY,
    logger: createLogger('test', 'error'),
  });
  t.teardown(() => client.close());
  let cells = 0;
  let marked = 0;
  const listener: SubscriptionListener = {
    onUpdate: (update) => {
      cells += update.cells?.cells ?? 0;
    },
    onImage: (item) => {
      if (item.possibleDuplicate) marked++;
    },
  };
  const names = ['FXSP0001', 'NEWS0001', 'TSYS0002', 'NOSUCH'];
  const subscriptions = names.map((name) => client.subscribe(`SCREEN.${name}`, { listener }));
  const item = (name: string) => client.item(`SCREEN.${name}`);
  const shows = (name: string) => item(name)?.isLive === true && pageText(item(name)!.page) === vendor.text(name);
  const live = names.slice(0, 3);
  await until(() => live.every(shows), 'the pages');
  await until(() => item('NOSUCH')?.state.reason === 'vendor-says', 'the refusal');
  t.match(item('NOSUCH')?.state, { name: 'STALE', detail: 'no such page' });

  vendor.pace = 1;
  const before = cells;
  await until(() => cells > before + 2_000, 'changes');
  vendor.server.setLayout('FXSP0001', 'changed', vendor.nowNs);
  vendor.server.garble('TSYS0002', vendor.nowNs);

  const primary = await pair(floor.path);
  await handlers.get(primary)!.stop('SIGKILL');
  const after = cells;
  await until(() => cells > after + 2_000, 'changes by the other handler');
  t.ok(marked > 0, 'images that may repeat what was said are marked');
  vendor.pace = 0;
  await until(() => live.every(shows), 'the vendor and the subscriber to say the same');

  handlers.set(primary, new RunningTicker('feed', floor.path, primary.slice('feed/'.length)));
  await pair(floor.path);
  t.same([...vendor.server.openPages].sort(), [...live].sort(), 'the one that is new has open what is looked at');

  vendor.server.setStale('FXSP0001', 'source lost', vendor.nowNs);
  await until(() => item('FXSP0001')!.state.detail === 'source lost', 'the word of the vendor');
  vendor.server.setStale('FXSP0001', undefined, vendor.nowNs);
  await until(() => shows('FXSP0001'), 'the page again');

  for (const subscription of subscriptions) subscription.close();
  await until(() => vendor.server.openPages.length === 1, 'pages to be released');
  t.same(vendor.server.openPages, ['NEWS0001'], 'but not what is pinned');

  const again = client.subscribe('SCREEN.FXSP0001', { listener });
  await until(() => shows('FXSP0001'), 'a page that was released, asked for again');
  again.close();
});

t.test(
  'elements: SUSPECT where the layout has changed and nowhere else, and back; a takeover is nothing to them',
  async (t) => {
    const floor = writePageFloor(t.testdir({}), [
      ['majors-spot.yaml', 'FXSP0001'],
      ['offshore-deposits.yaml', 'DEPO0001'],
    ]);
    const vendor = new TestPageVendor(floor.vendorPort);
    await vendor.open();
    t.teardown(() => vendor.close());
    const plants = ['p1', 'p2'].map((name) => new RunningTicker('plant', floor.path, name));
    const handlers = new Map(
      ['screens', 'screens-2'].map((name) => [`feed/${name}`, new RunningTicker('feed', floor.path, name)]),
    );
    t.teardown(() => Promise.all([...plants, ...handlers.values()].map((one) => one.stop())));
    await pair(floor.path);
    const client = await connect({
      status: floor.status,
      interface: '127.0.0.1',
      key: KEY,
      logger: createLogger('test', 'error'),
    });
    t.teardown(() => client.close());
    // Whatever is LIVE at any moment must have been true.
    const wrong: string[] = [];
    const check = (item: Item): void => {
      if (!item.isLive) return;
      const shown = `${shortText(item.get('BID'))} ${shortText(item.get('ASK'))}`;
      if (!vendor.everTrue(item.subject.slice('RATES.'.length)).has(shown)) wrong.push(`${item.subject} ${shown}`);
    };
    const subscription = client.subscribe('RATES.>', {
      listener: { onUpdate: ({ item }) => check(item), onImage: check, onQuality: check },
    });
    const rates = (): Item[] => subscription.items;
    const isDeposit = ({ subject }: Item): boolean => /^RATES\.[A-Z]{3}\../.test(subject);
    await until(() => rates().length === 48 && rates().every(({ isLive }) => isLive), 'all elements');

    const asked = new Set<string>();
    client.subscribe('SCREEN.>', { listener: { onItem: ({ subject }) => asked.add(subject) } });
    const { stdout } = await ticker('why', 'RATES.EUR', 'BID', '--floor', floor.path, '--json');
    const why = JSON.parse(stdout) as {
      value: string;
      from: { row: number; columns: [number, number]; raw: string }[];
    };
    const { row, columns, raw } = why.from[0]!;
    t.equal(
      vendor
        .text('FXSP0001')
        .split('\n')
        [row]!.slice(columns[0], columns[1] + 1),
      raw,
    );
    t.match(why, {
      page: 'FXSP0001',
      shredder: 'majors-spot',
      shown: { value: why.value, quality: 'LIVE', channel: 'C2' },
    });
    t.ok(raw.startsWith(why.value), `${raw} begins with ${why.value}`);

    // Another version is approved: both handlers go over to it, and nobody sees more of it than what it changes.
    const [versions, source] = [join(floor.folder, 'versions.sqlite'), join(floor.folder, 'majors-spot.yaml')];
    const spot = readFileSync(join(EXAMPLES, 'majors-spot.yaml'), 'utf8');
    writeFileSync(source, spot.replace('version: 1', 'version: 2').replace(', high: HIGH_1', ''));
    t.equal(typeof client.item('RATES.EUR')!.get('HIGH_1'), 'object');
    const told = ['--by', 'test', '--store', versions, '--force', '--note', 'without the high'];
    t.match(await ticker('shred', 'approve', source, ...told), { code: 0 });
    await until(() => client.item('RATES.EUR')!.get('HIGH_1') === null, 'the new version');
    const running = async (): Promise<string[]> => {
      const { stdout } = await ticker('status', floor.path, '--json');
      return [...stdout.matchAll(/"shredder":"majors-spot","version":(\d+)/g)].map(([, version]) => version!);
    };
    while ((await running()).join() !== '2,2') await new Promise((resolve) => setTimeout(resolve, 200));
    t.ok(rates().every(({ isLive }) => isLive));
    t.match(await ticker('shred', 'rollback', 'majors-spot', ...told.slice(0, 4)), { code: 1 }, 'nothing is before it');

    vendor.pace = 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    vendor.server.setLayout('DEPO0001', 'changed', vendor.nowNs);
    const deposits = (): Item[] => rates().filter(isDeposit);
    await until(
      () => deposits().every(({ quality, state }) => quality === 'SUSPECT' && state.reason === 'layout'),
      'doubt',
    );
    await until(() => rates().some((item) => !isDeposit(item) && item.isLive), 'the others to go on');
    t.match(deposits()[0]!.state.detail, /TYPE_REJECT/, 'with what a quant can read');
    const kept = (): string[] => readdirSync(join(floor.folder, 'evidence')).filter((name) => name.endsWith('.txt'));
    await until(() => kept().length >= 2, 'both handlers to keep the page');
    t.ok(kept().every((name) => name.includes('-DEPO0001-screens')));

    const primary = await pair(floor.path);
    await handlers.get(primary)!.stop('SIGKILL');
    await until(() => rates().some((item) => !isDeposit(item) && item.isLive), 'the other handler');
    t.ok(
      deposits().every(({ isLive }) => !isLive),
      'what was in doubt still is',
    );
    vendor.server.setLayout('DEPO0001', 'usual', vendor.nowNs);
    await until(() => deposits().every(({ isLive }) => isLive), 'the deposits again');
    t.same(
      [...asked].sort(),
      ['SCREEN.DEPO0001', 'SCREEN.FXSP0001', 'SCREEN.NEWS0001'],
      'no page is asked for an element',
    );

    // A version in which no bid may move by itself: what it holds back is believed when somebody has looked.
    const held = spot
      .replace('version: 1', 'version: 3')
      .replace('{of: quote.bid, within: 2%}', '{of: quote.bid, apart: 0, confirm: never}');
    writeFileSync(source, held);
    t.match(await ticker('shred', 'approve', source, ...told), { code: 0 });
    while ((await running()).join() !== '3') await new Promise((resolve) => setTimeout(resolve, 200));
    await until(
      () => rates().some(({ isLive, state }) => !isLive && /MOVE_LIMIT|MOVED_TOGETHER/.test(state.detail)),
      'a move that waits for a person',
    );
    vendor.pace = 0;
    t.match(await ticker('shred', 'accept', 'majors-spot', ...told.slice(0, 4)), { code: 0 });
    await until(() => rates().every(({ isLive }) => isLive), 'what was held back');
    t.same(wrong, []);

    // Whoever is started anew must not take what a page says then for what it always said.
    await Promise.all([...handlers.values()].map((handler) => handler.stop()));
    const memory = readdirSync(floor.folder).filter((name) => name.endsWith('.memory'));
    t.equal(memory.length, 1, 'the one that was killed had not written yet');
    t.match(readFileSync(join(floor.folder, memory[0]!), 'utf8'), /"spot".*"EUR"/);
  },
);
