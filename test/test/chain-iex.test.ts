import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { connectTo, digestOf, itemsOf, until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// The recorded session, through real processes: vendor lines → handler → plant → client.

const shared = sharedDir('captures');
const skip = shared === undefined ? 'needs the shared captures' : false;
t.setTimeout(900_000);

const RUNS = [
  ['at full speed', 'max', undefined],
  ['at full speed, a fifth lost on each line', 'max', 'A=0.2,B=0.2'],
  ['at ten times the original pace, a fifth lost on each line', '10', 'A=0.2,B=0.2'],
  ...(process.env.TICKER_SLOW_TESTS === undefined
    ? []
    : ([
        ['at the original pace', '1', undefined],
        ['at the original pace, a fifth lost on each line', '1', 'A=0.2,B=0.2'],
      ] as const)),
] as const;
const digests = new Map<string, string>();

for (const [what, speed, loss] of RUNS) {
  t.test(`a subscriber has the ground truth's last values: ${what}`, { skip }, async (t) => {
    const name = join(shared!, 'iex-tops16-2017-07-10');
    const truth = readFileSync(`${name}.lastvalue.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((row) => row.afterSeq === 57_674);
    const floor = writeFloor(t.testdir({}), 'iex-tops', { day: '2017-07-10' });
    const up = new RunningTicker('up', floor.path);
    t.teardown(() => up.stop());
    await up.until(() => up.stderr.includes("floor 'test' is up"), 'the floor to be up');
    const client = await connectTo(floor);
    t.teardown(() => client.close());
    const gaps: unknown[] = [];
    const last = new Map<string, number>();
    let disorder = 0;
    const subscription = client.subscribe('T.>', {
      listener: {
        onUpdate: (update) => {
          const key = update.item.channel;
          if (update.seq <= (last.get(key) ?? 0)) disorder++;
          last.set(key, update.seq);
        },
        onGap: (notice) => gaps.push(notice),
      },
    });
    const sent = await ticker(
      'replay',
      `${name}.pcapng.gz`,
      ...['--floor', floor.path, '--speed', speed, '--linger', '1500', '--json'],
      ...(loss === undefined ? [] : ['--loss', loss]),
    );
    t.equal(sent.code, 0, sent.stderr);
    t.match(JSON.parse(sent.stdout), { messages: 57_674, packets: 13_022 });
    await until(() => client.item('T.#MARKET')?.get('PERIOD_CD2') !== undefined, 'the market to have an event');
    await until(() => quoteOf('T.AAPL') === 57_651, 'the last quote to arrive');
    function quoteOf(subject: string): unknown {
      return client.item(subject)?.get('SEQNUM_QT');
    }
    const items = itemsOf(subscription);
    t.equal(items.size, 7_800, '7,799 symbols and the market');
    const money = (price: number): string | null => (price === 0 ? null : (price / 10_000).toFixed(4));
    for (const row of truth) {
      if (row.symbol === undefined) continue;
      const item = items.get(`T.${row.symbol}`)!;
      t.equal(item.quality, 'LIVE');
      const { quote, trade } = row;
      t.match(item.fields, {
        BID: money(quote.bidPrice),
        BIDSIZE: quote.bidSize,
        ASK: money(quote.askPrice),
        ASKSIZE: quote.askSize,
        TRDPRC_1: money(trade.price),
        TRDVOL_1: trade.size,
        TRADE_ID: trade.tradeId,
      });
      t.equal(Number(item.fields.ACVOL_1) + Number(item.fields.BRKN_VOL ?? 0), row.tradedShares);
      t.equal(Number(item.fields.NUM_MOVES) + Number(item.fields.BRKN_NUM ?? 0), row.trades);
    }
    const empty = [...items.values()].filter(
      ({ fields }) => fields.BIDSIZE === 0 && fields.ASKSIZE === 0 && fields.NUM_MOVES === undefined,
    );
    t.equal(empty.length, truth.find((row) => row.symbol === undefined).otherSymbolsWithOnlyAnEmptyQuote);
    t.same(gaps, [], 'nothing was lost on the way');
    t.equal(disorder, 0, 'nothing came twice or out of order');
    digests.set(what, digestOf(items));
    t.equal(digests.get(what), digests.get(RUNS[0][0]), 'the values are those of the run without loss');
    t.equal(await up.stop(), 0, 'the floor stops cleanly');
  });
}
