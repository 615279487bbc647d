import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { allLive, killAndSee, OPTIONS, run, status, watching } from '../src/journal-floor.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// What journals keep besides values, and what happens to them, on a floor of real processes.

t.setTimeout(230_000);

t.test('receipts outlive the processes that they tell of', async (t) => {
  const running = run(t);
  const { floor, kill, start } = running;
  const [, items] = await watching(t, floor);
  await until(() => allLive(items), 'LIVE items', 60_000);
  const count = async (): Promise<number> => {
    const { stdout } = await ticker('status', floor.path, '--takeovers');
    return stdout.split('\n').filter((line) => /plant\/p1 for nobody/.test(line)).length;
  };
  t.equal(await count(), 1);
  await killAndSee(running, 'plant', items);
  start('plant');
  await until(() => allLive(items), 'LIVE items again', 60_000);
  t.equal(await count(), 2);
  await kill('feed', 'SIGTERM');
  await kill('plant', 'SIGTERM');
  await until(() => items.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  start('plant');
  start('feed');
  await until(() => allLive(items), 'LIVE items again', 60_000);
  t.equal(await count(), 3);
  const { stdout } = await ticker('status', floor.path, '--takeovers');
  t.equal(stdout.split('\n').filter((line) => /handler\/f for nobody/.test(line)).length, 2, stdout);
});

t.test('a damaged journal is set aside, and the plant goes on', async (t) => {
  const running = run(t);
  const { floor, folder, plantFile, start } = running;
  const [, items] = await watching(t, floor);
  await until(() => allLive(items) && statSync(plantFile).size > 200_000, 'a journal of some size', 60_000);
  await killAndSee(running, 'plant', items);
  // Whatever is in the log goes before what is in the file.
  rmSync(`${plantFile}-wal`, { force: true });
  const file = openSync(plantFile, 'r+');
  for (let at = 100; at < statSync(plantFile).size; at += 4_096) writeSync(file, 'damage', at + 1_000);
  closeSync(file);
  const again = start('plant');
  await until(() => allLive(items), 'LIVE items again', 60_000);
  t.match(again.stderr, /JOURNAL_DAMAGED/);
  t.ok(readdirSync(join(folder, 'journal')).some((name) => name.startsWith('plant-p1.sqlite.damaged-')));
  const { journal } = await status(floor);
  t.match(journal, { state: 'writing', failure: null });
});

const skip = process.getuid?.() === 0 ? false : 'needs root, to mount a small disk';

t.test('a full disk: said once, counted, and the floor goes on', { skip }, async (t) => {
  const small = mkdtempSync(join(tmpdir(), 'small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  t.teardown(() => {
    execFileSync('umount', ['-l', small]);
    rmdirSync(small);
  });
  const floor = writeFloor(t.testdir({}), 'itch50', { ...OPTIONS, journal: `{ dir: "${small}" }` });
  const parts = [
    new RunningTicker('plant', floor.path, 'p1'),
    new RunningTicker('feed', floor.path, 'f'),
    new RunningTicker('vendor', floor.path),
  ];
  t.teardown(() => Promise.all(parts.map((part) => part.stop('SIGKILL'))));
  const [, items] = await watching(t, floor);
  await parts[0]!.until(() => parts[0]!.stderr.includes('SQLITE_FULL'), 'the disk to be full', 60_000);
  await until(() => allLive(items), 'LIVE items all the same');
  const { journal, counters } = (await status(floor)) as unknown as {
    journal: unknown;
    counters: { name: string; values: { failures: number } }[];
  };
  t.match(journal, { state: 'failed', failure: { code: 'SQLITE_FULL' } });
  t.equal(counters.find(({ name }) => name === 'journal')!.values.failures, 1);
  t.equal(parts[0]!.stderr.split('SQLITE_FULL').length - 1, 1, 'said once');
  const { stdout } = await ticker('status', floor.path);
  t.match(stdout, /journal: NOT WRITTEN.*SQLITE_FULL/);
  // Room again: it takes some seconds until it is tried.
  execFileSync('mount', ['-o', 'remount,size=64m', small]);
  await parts[0]!.until(() => parts[0]!.stderr.includes('the journal is written again'), 'recovery', 60_000);
});
