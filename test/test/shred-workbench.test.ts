// The shredder workbench, as people and scripts use it: from a captured page to an approved version, and back.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesOf } from '@tickerplant/shredders';
import t, { type Test } from 'tap';
import { RunningTicker, ticker } from '../src/ticker.ts';

t.setTimeout(600_000);

const [MORNING, NOON] = fixturesOf('fx-spot-composite').filter(({ isDrifted }) => !isDrifted);

function pages(t: Test): { folder: string; morning: string; noon: string; store: string } {
  const folder = t.testdir({ 'morning.txt': MORNING!.text, 'noon.txt': NOON!.text });
  return {
    folder,
    morning: join(folder, 'morning.txt'),
    noon: join(folder, 'noon.txt'),
    store: join(folder, 'var', 'shredders.sqlite'),
  };
}

function withoutHighs(yaml: string): string {
  return yaml.replace('      high: high\n', '').replace(', high: HIGH_1', '');
}

t.test('from pages to an approved version, a second one, and back', async (t) => {
  const { folder, morning, noon, store } = pages(t);
  const mine = join(folder, 'mine.yaml');
  const shred = (...args: string[]) => ticker('shred', ...args);
  const made = await shred('new', morning, noon, '--name', 'mine', '--out', mine);
  t.match(
    made,
    {
      code: 0,
      stdout: /table main: time, ccy, code, contributor, loc, bidAsk, high, low\n.*of 20 items on 2 pages 20 are LIVE/,
    },
    made.stderr,
  );
  t.match(await shred('new', morning, '--name', 'mine', '--out', mine), { code: 1, stderr: /SHRED_EXISTS/ });

  const bare = await shred('approve', mine, '--by', 'bob', '--store', store);
  t.match(bare, { code: 1, stderr: /SHRED_NO_FIXTURES/ });
  t.match(await shred('keep', mine, '--page', morning), { code: 0, stdout: /SPOTFX\.GBP.*bid 1\.2549 {2}ask 1\.2553/ });
  t.ok(existsSync(join(folder, 'fixtures', 'mine', 'morning.expected.json')));
  t.match(await shred('test', mine), { code: 0, stdout: /ok {4} {2}mine morning/ });

  // Without guards a changed page makes wrong values: it is not approved unless somebody says why.
  writeFileSync(mine, readFileSync(mine, 'utf8').replace(/ {4}guards:\n(?: {6}- .*\n)+/, ''));
  const refused = await shred('approve', mine, '--by', 'bob', '--from', '2026-01-05', '--store', store, '--json');
  t.match(refused, { code: 1, stderr: /SHRED_TEST_FAILED/ });
  const { check } = JSON.parse(refused.stdout);
  t.strictSame(check.differences, []);
  t.ok(check.wrongCount > 0);
  t.match(await shred('versions', 'mine', '--store', store), { code: 2, stderr: /SHRED_UNKNOWN/ });
  t.match(await shred('approve', mine, '--by', 'bob', '--force', '--store', store), {
    code: 2,
    stderr: /expected --note with --force/,
  });
  const forced = await shred(
    'approve',
    mine,
    '--by',
    'bob',
    '--from',
    '2026-01-05',
    '--force',
    '--note',
    'a trial',
    '--store',
    store,
  );
  t.match(forced, { code: 0, stdout: /approved {2}mine 1 .* from 2026-01-05 {2}by bob/ }, forced.stderr);

  const text = readFileSync(mine, 'utf8');
  writeFileSync(mine, withoutHighs(text));
  t.match(await shred('propose', mine, '--by', 'ann', '--store', store), {
    code: 2,
    stderr: /another text: expected a new number, such as 2/,
  });
  writeFileSync(mine, withoutHighs(text).replace('version: 1', 'version: 2'));
  t.match(await shred('propose', mine, '--by', 'ann', '--note', 'no highs', '--store', store), { code: 0 });
  const diff = await shred('diff', 'mine@1', 'mine@2', '--page', morning, noon, '--store', store, '--json');
  const lines = diff.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(lines.length, 2);
  t.equal(diff.code, 1, 'they differ');
  t.match(lines[0], {
    items: 10,
    differences: [{ subject: 'SPOTFX.EUR', what: 'field', field: 'high', first: '1.0768' }],
  });
  t.match(await shred('diff', 'mine@1', 'mine@1', '--page', morning, '--store', store), {
    code: 0,
    stdout: /10 of 10 items the same\n.*no difference/,
  });
  t.match(await shred('approve', 'mine@2', '--by', 'bob', '--force', '--note', 'a trial too', '--store', store), {
    code: 0,
  });
  const why = await shred('why', morning, 'GBP', 'ask', '--with', 'mine@2', '--store', store, '--json');
  t.match(JSON.parse(why.stdout), {
    subject: 'SPOTFX.GBP',
    field: 'ask',
    value: '1.2553',
    quality: 'LIVE',
    from: [
      {
        rule: 'main.bidAsk',
        row: 5,
        columns: [38, 46],
        raw: '1.2549/53',
        type: 'fxQuote',
        parts: { bid: '1.2549', ask: '1.2553' },
      },
    ],
    shredder: 'mine',
    version: 2,
    standing: /^approved from .* by bob$/,
  });

  t.match(await shred('rollback', 'mine', '--by', 'cay', '--note', 'highs are missed', '--store', store), {
    code: 0,
    stdout: /withdrawn {2}mine 2 {2}by cay\ntoday version 1 holds/,
  });
  const versions = await shred('versions', 'mine', '--store', store, '--json');
  const listed = versions.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(listed, [
    {
      number: 1,
      state: 'approved',
      current: true,
      author: 'bob',
      history: [{ action: 'approve', by: 'bob', from: '2026-01-05', note: 'forced: a trial' }],
    },
    {
      number: 2,
      state: 'withdrawn',
      current: false,
      author: 'ann',
      note: 'no highs',
      history: [{ by: 'bob' }, { action: 'withdraw', by: 'cay', note: 'highs are missed' }],
    },
  ]);
  t.match(await shred('rollback', 'mine', '--by', 'cay', '--store', store), {
    code: 1,
    stderr: /version 1 and none before it/,
  });
});

t.test('a shipped shredder is approved by its own tests', async (t) => {
  const { store } = pages(t);
  const result = await ticker(
    'shred',
    'approve',
    'swap-fixings',
    '--by',
    'bob',
    '--from',
    '2026-12-01',
    '--store',
    store,
    '--json',
  );
  t.equal(result.code, 0, result.stderr);
  const { state, number, hash, check } = JSON.parse(result.stdout);
  t.match({ state, number, hash }, { state: 'approved', number: 1, hash: /^[0-9a-f]{64}$/ });
  t.match(check, { fixtures: 3, differences: [], wrongCount: 0 });
  t.ok(check.changedPages > 100);
});

t.test('inspect: printed, as JSON, in a browser', async (t) => {
  const { folder, morning } = pages(t);
  const printed = await ticker('shred', 'inspect', morning, '--with', 'fx-spot-composite', '--once');
  t.equal(printed.code, 0, printed.stderr);
  t.match(printed.stdout, /LIVE 12 {3}SUSPECT 0 {3}unread 0/);
  t.match(printed.stdout, /^f {2}spot\.quote {2}fxQuote$/m);
  const json = JSON.parse((await ticker('shred', 'inspect', morning, '--with', 'fx-spot-composite', '--json')).stdout);
  t.match(json.notes[json.cells[5][40]], { rule: 'spot.quote', raw: '1.2549/53' });
  t.match(await ticker('shred', 'inspect', morning, '--with', 'fx-spot-composite'), {
    code: 2,
    stderr: /expected a terminal, or --once/,
  });
  t.match(await ticker('shred', 'inspect', join(folder, 'none.txt'), '--with', 'fx-spot-composite', '--once'), {
    code: 1,
    stderr: /SHRED_UNREADABLE/,
  });

  const server = new RunningTicker('shred', 'inspect', morning, '--with', 'fx-spot-composite', '--serve', '0');
  t.teardown(() => server.stop());
  await server.until(() => server.stdout.includes('inspector at'), 'an address');
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(server.stdout)![0];
  t.match(await (await fetch(`${url}inspection.json`)).json(), {
    inspection: { page: 'SPOTFX', rows: 25 },
    problem: '',
  });
  t.equal(await server.stop(), 0);
});

t.test('why: what cannot be found says what there is', async (t) => {
  const { morning, store } = pages(t);
  const why = (...args: string[]) =>
    ticker('shred', 'why', morning, ...args, '--with', 'fx-spot-composite', '--store', store);
  t.match(await why('SPOTFX.XXX', 'bid'), { code: 1, stderr: /there are SPOTFX\.EUR, SPOTFX\.GBP/ });
  t.match(await why('EUR', 'price'), { code: 1, stderr: /it has time, ccy.*bid \(BID\)/ });
  t.match(await why('EUR', 'BID'), {
    code: 0,
    stdout: /SPOTFX\.EUR bid {2}1\.0736 {2}LIVE\n.*row 4 col 38\.\.46\n.*"1\.0736\/39"\n.*spot\.quote, fxQuote/,
  });
  t.match(await why('DKK', 'status'), { code: 0, stdout: /DKK status {2}not-quoted {2}LIVE/ });
});
