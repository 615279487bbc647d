import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { JournalKeeper, type JournalNews } from '../src/keeper.ts';
import { readJournal } from '../src/read.ts';
import type { ImageRow, RunRow } from '../src/rows.ts';
import { JournalStore } from '../src/store.ts';

const OWNER = 'test plant/p1';

/** What a file holds, in plain values. */
interface Contents {
  readonly images: ImageRow[];
  readonly runs: RunRow[];
  readonly receipts: string[];
}

function contentsOf(path: string): Contents & { faults: string[] } {
  const images: ImageRow[] = [];
  const runs: RunRow[] = [];
  const receipts: string[] = [];
  const faults = readJournal(path, OWNER, {
    image: ({ channel, generation, session, next, digest, writtenMs, image }) =>
      images.push({ channel, generation, session, next, digest, writtenMs, image: Uint8Array.from(image) }),
    run: ({ channel, generation, session, seq, count, digest, writtenMs, blocks }) =>
      runs.push({ channel, generation, session, seq, count, digest, writtenMs, blocks: Uint8Array.from(blocks) }),
    receipt: (text) => receipts.push(text),
  });
  return { images, runs, receipts, faults };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'journal-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const image = fc.record(
  {
    channel: fc.integer({ min: 1, max: 3 }),
    generation: fc.integer({ min: 1, max: 9 }),
    session: fc.stringMatching(/^[0-9A-Z]{10}$/),
    next: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    digest: fc.option(fc.nat(0xffff_ffff)),
    writtenMs: fc.nat(2 ** 45),
    image: fc.uint8Array({ maxLength: 9_000 }),
  },
  { noNullPrototype: true },
);
const run = fc.record(
  {
    channel: fc.integer({ min: 1, max: 3 }),
    generation: fc.integer({ min: 1, max: 9 }),
    session: fc.stringMatching(/^[0-9A-Z]{10}$/),
    seq: fc.integer({ min: 1, max: 1_000 }),
    count: fc.integer({ min: 1, max: 100 }),
    digest: fc.option(fc.nat(0xffff_ffff)),
    writtenMs: fc.nat(2 ** 45),
    blocks: fc.uint8Array({ maxLength: 9_000 }),
  },
  { noNullPrototype: true },
);
const operation = fc.oneof(
  image.map((row) => ({ kind: 'begin' as const, row })),
  image.map((row) => ({ kind: 'image' as const, row })),
  run.map((row) => ({ kind: 'run' as const, row })),
  fc.record({ kind: fc.constant('prune' as const), channel: fc.integer({ min: 1, max: 3 }), seq: fc.nat(1_000) }),
  fc.record({ kind: fc.constant('receipt' as const), text: fc.string({ unit: 'binary' }) }),
  fc.record({ kind: fc.constant('again' as const) }),
);

t.test('what is written is what is read, whatever the order, and after any reopening', async () => {
  const place = folder();
  let files = 0;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
      const path = join(place, `${files++}.sqlite`);
      let images = new Map<number, ImageRow>();
      let runs: RunRow[] = [];
      let receipts: string[] = [];
      let store = new JournalStore(path, OWNER);
      for (const step of operations) {
        if (step.kind === 'again') {
          store.close();
          store = new JournalStore(path, OWNER);
          continue;
        }
        store.transaction(() => {
          if (step.kind === 'prune') store.prune(step.channel, step.seq);
          else if (step.kind === 'receipt') store.receipt(step.text, 4);
          else if (step.kind === 'run') store.run(step.row);
          else store[step.kind](step.row);
        });
        if (step.kind === 'prune')
          runs = runs.filter(({ channel, seq }) => channel !== step.channel || seq >= step.seq);
        else if (step.kind === 'receipt') receipts = [...receipts, step.text].slice(-4);
        else if (step.kind === 'run') runs = [...runs, step.row];
        else images = new Map([...images, [step.row.channel, step.row]]);
        if (step.kind === 'begin') runs = runs.filter(({ channel }) => channel !== step.row.channel);
      }
      store.close();
      const sorted = [...images.values()].sort((a, b) => a.channel - b.channel);
      assert.deepEqual(contentsOf(path), { images: sorted, runs, receipts, faults: [] });
    }),
    { numRuns: 60 },
  );
});

t.test('a transaction that fails leaves nothing', async (t) => {
  const path = join(folder(), 'j.sqlite');
  const store = new JournalStore(path, OWNER);
  t.throws(() =>
    store.transaction(() => {
      store.receipt('one', 9);
      throw new Error('no');
    }),
  );
  store.receipt('two', 9);
  store.close();
  t.same(contentsOf(path).receipts, ['two']);
});

t.test('any one row whose bytes were changed is left out and told, all others are there', async (t) => {
  const path = join(folder(), 'j.sqlite');
  const rows = Array.from({ length: 6 }, (_, index): RunRow => {
    const blocks = Uint8Array.from({ length: 600 }, (_, at) => (at * 7 + index) & 255);
    return {
      channel: 1,
      generation: 1,
      session: '0126112901',
      seq: 1 + index,
      count: 1,
      digest: 5,
      writtenMs: 7,
      blocks,
    };
  });
  for (const column of ['generation', 'seq', 'count', 'digest', 'writtenMs', 'session', 'blocks', 'crc']) {
    rmSync(path, { force: true });
    const store = new JournalStore(path, OWNER);
    for (const row of rows) store.run(row);
    store.close();
    const { default: Database } = await import('better-sqlite3');
    const database = new Database(path);
    const value = column === 'blocks' ? 'zeroblob(600)' : column === 'session' ? "'0126112902'" : `${column} + 1`;
    database.exec(`UPDATE runs SET ${column} = ${value} WHERE id = 3`);
    database.close();
    const { runs, faults } = contentsOf(path);
    t.same(
      runs.map(({ seq }) => seq),
      [1, 2, 4, 5, 6],
      column,
    );
    t.match(faults, [/expected sound messages of channel 1/]);
  }
});

function keeper(
  path: string,
  nowMs = 0,
): { keeper: JournalKeeper; news: JournalNews[]; receipts(): readonly string[] } {
  const news: JournalNews[] = [];
  const made = new JournalKeeper(
    { path, owner: OWNER },
    (one) => news.push(one),
    () => {},
  );
  made.open({ image: () => {}, run: () => {}, fault: () => undefined }, nowMs);
  return { keeper: made, news, receipts: () => made.receipts };
}

t.test('a file that is none, is empty, or of another version: set aside and told, the newest kept', async (t) => {
  const place = folder();
  const path = join(place, 'j.sqlite');
  const bad: ((file: string) => void)[] = [
    (file) => writeSync(openSync(file, 'w'), 'this is no database, but long enough to be looked at as one'.repeat(99)),
    (file) => closeSync(openSync(file, 'w')),
    (file) => truncateSync(file, 1_000),
  ];
  for (const [index, spoil] of [...bad, ...bad].entries()) {
    const { keeper: before, receipts } = keeper(path);
    t.same(receipts(), []);
    before.receipt(`receipt ${index}`, 0);
    before.close();
    spoil(path);
    const { keeper: after, news } = keeper(path, index * 1_000);
    const aside = `${path}.damaged-1970-01-01T00-00-0${index}-000Z`;
    t.match(news, [{ kind: 'damaged', aside, faults: [String] }]);
    t.ok(after.writing);
    t.ok(existsSync(aside));
    after.close();
    rmSync(path);
  }
  t.equal(readdirSync(place).filter((name) => /\.damaged-[^-]*-[^-]*-[^-]*-[^-]*-[^-]*-[^-]*Z$/.test(name)).length, 3);
});

t.test("another one's file is not touched", async (t) => {
  const path = join(folder(), 'j.sqlite');
  const store = new JournalStore(path, 'test plant/p2');
  store.receipt('of p2', 9);
  store.close();
  const { keeper: refused, news } = keeper(path);
  t.match(news, [{ kind: 'failed', code: 'JOURNAL_OTHER_OWNER' }]);
  refused.receipt('of p1', 0);
  refused.tick(60_000);
  t.notOk(refused.writing);
  t.equal(news.length, 1, 'said once');
  new JournalStore(path, 'test plant/p2').close();
});

t.test('of two processes with one file the second goes without, and on when the first is gone', async (t) => {
  const path = join(folder(), 'j.sqlite');
  const first = keeper(path);
  first.keeper.receipt('first', 0);
  const second = keeper(path);
  t.match(second.news, [{ kind: 'failed', code: 'SQLITE_BUSY' }]);
  second.keeper.receipt('second', 0);
  second.keeper.tick(1_000);
  t.notOk(second.keeper.writing, 'not tried at once');
  first.keeper.close();
  second.keeper.tick(10_000);
  t.match(second.news, [{ kind: 'failed' }, { kind: 'recovered' }]);
  second.keeper.close();
  t.same(contentsOf(path).receipts, ['first', 'second']);
});

t.test('a folder that cannot be made: said, and tried again', async (t) => {
  const place = folder();
  writeSync(openSync(join(place, 'taken'), 'w'), 'a file');
  const path = join(place, 'taken', 'j.sqlite');
  const { keeper: stuck, news } = keeper(path);
  t.match(news, [{ kind: 'failed', code: /^(EEXIST|ENOTDIR)$/ }]);
  stuck.receipt('kept in memory', 0);
  rmSync(join(place, 'taken'));
  stuck.tick(10_000);
  stuck.close();
  t.ok(existsSync(path));
  t.same(contentsOf(path).receipts, ['kept in memory']);
});
