import { type Client, connect, type Item, type SubscriptionListener } from '@tickerplant/client';
import { digestPage } from '@tickerplant/pages';
import { createLogger } from '@tickerplant/telemetry';
import t from 'tap';
import { until } from '../src/collect.ts';
import { KEY } from '../src/floors.ts';
import { PagePublisher, writePageFloor } from '../src/page-publisher.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// Pages from a handler's writer through a real plant to clients and to the command, while packets are lost and clients
// come and go. The publisher is in this process, so that everything that was ever true is known.

t.setTimeout(300_000);

t.test('pages end to end: asked for when wanted, joined in mid-stream, never one that never was', async (t) => {
  const floor = writePageFloor(t.testdir({}));
  const plant = new RunningTicker('plant', floor.path, 'p1');
  t.teardown(() => plant.stop());
  const publisher = new PagePublisher(floor.path);
  await publisher.open();
  t.teardown(() => publisher.close());
  const client = async (): Promise<Client> => {
    const logger = createLogger('test', 'error');
    const one = await connect({ status: floor.status, interface: '127.0.0.1', key: KEY, logger });
    t.teardown(() => one.close());
    return one;
  };

  const wrong: string[] = [];
  let looks = 0;
  let updates = 0;
  const look = (item: Item): void => {
    if (!item.isLive) return;
    looks++;
    const page = item.page === undefined ? 'none' : digestPage(item.page);
    if (!publisher.history.get(item.subject)!.has(page))
      wrong.push(`${item.subject} is LIVE as it never was, at ${item.seq}`);
  };
  const listener: SubscriptionListener = {
    onImage: look,
    onUpdate: ({ item, cells }) => {
      updates++;
      if (cells === undefined) wrong.push(`an update of ${item.subject} without cells`);
      look(item);
    },
    onQuality: look,
  };

  const first = await client();
  first.subscribe('NEWS.A', { listener });
  await until(() => first.item('NEWS.A')?.isLive === true, 'the page that was asked for');
  t.same(publisher.wanted, ['NEWS.A']);
  t.match(first.item('NEWS.A')!.page!.rowText(0), /^NEWS\.A {2}see <NEWS\.OTHER>/);

  t.comment('changes, with a tenth of the packets lost');
  publisher.loss = 0.1;
  publisher.drawing = true;
  await until(() => updates > 200, 'updates');
  const second = await client();
  second.subscribe(['NEWS.A', 'NEWS.B'], { listener });
  await until(() => ['NEWS.A', 'NEWS.B'].every((subject) => second.item(subject)?.isLive), 'both pages in mid-stream');
  const more = updates + 400;
  await until(() => updates > more, 'more updates');

  const printed = await ticker('page', 'NEWS.B', '--floor', floor.path, '--once', '--json');
  t.equal(printed.code, 0, printed.stderr);
  const json = JSON.parse(printed.stdout) as {
    subject: string;
    quality: string;
    page: { rows: number; text: string[] };
  };
  t.match(json, { subject: 'NEWS.B', page: { rows: 25, columns: 80 } });
  t.match(json.page.text[0], /^NEWS\.B {2}see/);

  const events = await ticker('page', 'NEWS.A', '--floor', floor.path, '--json', '--duration', '3');
  const lines = events.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; cells?: unknown[]; page?: object });
  t.ok(lines.some(({ event, page }) => event === 'image' && page !== undefined));
  t.ok(lines.some(({ event, cells }) => event === 'update' && cells !== undefined && cells.length > 0));

  publisher.drawing = false;
  publisher.loss = 0;
  for (const one of [first, second]) {
    await until(() => {
      const item = one.item('NEWS.A')!;
      return item.isLive && digestPage(item.page!) === publisher.truth('NEWS.A');
    }, 'the page as it is in the end');
  }
  t.same(wrong, []);
  t.ok(looks > 500);

  t.comment('a page that there is not');
  second.subscribe('NEWS.NOPE', { listener });
  await until(() => second.item('NEWS.NOPE')?.state.reason === 'vendor-says', 'the refusal');
  t.match(second.item('NEWS.NOPE')!.state, { name: 'STALE', detail: 'there is no such page' });
  t.equal(second.item('NEWS.NOPE')!.page, undefined);
  const refused = await ticker('page', 'NEWS.NOPE', '--floor', floor.path, '--once', '--duration', '2');
  t.equal(refused.code, 1);
  t.match(refused.stderr, /expected page NEWS\.NOPE within 2 s: it is STALE, vendor-says, there is no such page/);

  t.comment('a handler that falls silent: not LIVE, and still to be seen');
  await publisher.close();
  await until(() => first.item('NEWS.A')?.isLive === false, 'a page that is not LIVE any more');
  t.match(first.item('NEWS.A')!.page!.rowText(0), /^NEWS\.A/);
});
