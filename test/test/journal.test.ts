import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Item, Subscription } from '@tickerplant/client';
import t, { type Test } from 'tap';
import { connectTo, digestOf, itemsOf, until } from '../src/collect.ts';
import { type TestFloor, writeFloor } from '../src/floors.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// A plant that is killed and comes back with no peer: what its journal holds, on a floor of real processes.

t.setTimeout(180_000);

const OPTIONS = {
  simulator: 'seed: 7, symbols: 40, rate: 4000',
  limits: '{ silentAfterMs: 500 }',
  journal: '{ dir: journal, bytes: 1MiB }',
};

interface Running {
  readonly floor: TestFloor;
  readonly folder: string;
  readonly plantFile: string;
  start(part: 'plant' | 'feed'): RunningTicker;
  kill(part: 'plant' | 'feed', signal?: NodeJS.Signals): Promise<void> | undefined;
  processOf(part: 'plant' | 'feed'): RunningTicker;
}

/** A floor whose processes can be struck one by one. */
function run(t: Test): Running {
  const folder = t.testdir({});
  const floor = writeFloor(folder, 'itch50', OPTIONS);
  const parts: Record<string, RunningTicker> = {};
  const start = (part: 'plant' | 'feed'): RunningTicker => {
    parts[part] = new RunningTicker(part, floor.path, part === 'plant' ? 'p1' : 'f');
    return parts[part];
  };
  start('plant');
  start('feed');
  parts.vendor = new RunningTicker('vendor', floor.path);
  t.teardown(() =>
    Promise.all(
      Object.values(parts).map((part) => {
        part.child.kill('SIGCONT');
        return part.stop('SIGKILL');
      }),
    ),
  );
  return {
    floor,
    folder,
    plantFile: join(folder, 'journal', 'plant-p1.sqlite'),
    start,
    kill: async (part, signal = 'SIGKILL') => {
      await parts[part]!.stop(signal);
    },
    processOf: (part) => parts[part]!,
  };
}

/** A client that notes every item that it ever saw LIVE. */
async function watching(t: Test, floor: TestFloor): Promise<[Client, Subscription, Set<string>]> {
  const client = await connectTo(floor);
  t.teardown(() => client.close());
  const live = new Set<string>();
  const note = (item: Item): void => {
    if (item.isLive) live.add(item.subject);
  };
  const subscription = client.subscribe('T.>', {
    listener: { onQuality: note, onUpdate: (update) => note(update.item) },
  });
  return [client, subscription, live];
}

const allLive = (subscription: Subscription): boolean =>
  subscription.items.length > 40 && subscription.items.every(({ isLive }) => isLive);

const fieldsOf = (subscription: Subscription): Record<string, unknown> =>
  Object.fromEntries([...itemsOf(subscription)].map(([subject, { fields }]) => [subject, fields]));

async function status(floor: TestFloor): Promise<Record<string, never>> {
  const { stdout } = await ticker('status', floor.path, '--json');
  const { processes } = JSON.parse(stdout) as { processes: Record<string, never>[] };
  return processes.find((each) => String(each.process) === 'plant/p1')!;
}

t.test('values come back STALE, are what they were, and LIVE when everything since has come', async (t) => {
  const { floor, kill, start, processOf } = run(t);
  const [, before] = await watching(t, floor);
  await until(() => allLive(before), 'LIVE items');
  // The stream stands still: what the client has is all there is.
  processOf('feed').child.kill('SIGSTOP');
  await until(() => before.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  const truth = fieldsOf(before);
  await kill('plant');
  start('plant');
  const [client, after, live] = await watching(t, floor);
  await until(() => after.items.length === before.items.length, 'the items of the journal');
  await until(() => after.items.every(({ state }) => state.reason === 'journal'), 'the reason');
  t.same(fieldsOf(after), truth);
  for (const { quality, state } of after.items) {
    t.equal(quality, 'STALE');
    t.match(state.detail, /values from the journal, as of \d{4}-\d\d-\d\dT/);
  }
  // For longer than any silence may last.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  t.same([...live], [], 'none was ever LIVE');
  const sessions = client.channels.map(({ session }) => session);

  processOf('feed').child.kill('SIGCONT');
  await until(() => allLive(after), 'items to be LIVE again', 60_000);
  t.same(
    client.channels.map(({ session }) => session),
    sessions,
    'in the same session',
  );
  const { channels, counters } = (await status(floor)) as unknown as {
    channels: { name: string; next: number; journalAsOfMs: number | null; damagedItems: number }[];
    counters: { name: string; labels: { channel: string }; values: { messages: number } }[];
  };
  for (const { name, next, journalAsOfMs, damagedItems } of channels) {
    t.equal(journalAsOfMs, null);
    t.equal(damagedItems, 0);
    const counted = counters.find((each) => each.name === 'plant.channel' && each.labels.channel === name)!;
    t.ok(counted.values.messages < next - 1, `${name}: what the journal held was not asked for`);
  }
  // Nothing new comes; both clients have all.
  processOf('feed').child.kill('SIGSTOP');
  await until(() => [before, after].every(({ items }) => items.every(({ isLive }) => !isLive)), 'the stream to stop');
  t.equal(digestOf(itemsOf(after)), digestOf(itemsOf(before)), 'both have the same');
});

t.test('with no handler values stay STALE with their reason, until a new epoch makes them void', async (t) => {
  const { floor, kill, start } = run(t);
  const [, before] = await watching(t, floor);
  await until(() => allLive(before), 'LIVE items');
  await kill('feed');
  await until(() => before.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  await kill('plant');
  start('plant');
  const [client, after, live] = await watching(t, floor);
  await until(() => after.items.length === before.items.length, 'the items of the journal');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  t.same([...new Set(after.items.map(({ state }) => `${state.name} ${state.reason}`))], ['STALE journal']);
  t.same([...live], []);
  const sessions = client.channels.map(({ session }) => session);
  start('feed');
  await until(() => allLive(after), 'items to be LIVE again', 60_000);
  for (const [index, { session }] of client.channels.entries()) {
    t.ok(session > sessions[index]!, `${sessions[index]} is followed by ${session}`);
  }
});

t.test('receipts outlive the processes that they tell of', async (t) => {
  const { floor, kill, start } = run(t);
  const [, items] = await watching(t, floor);
  await until(() => allLive(items), 'LIVE items');
  const count = async (): Promise<number> => {
    const { stdout } = await ticker('status', floor.path, '--takeovers');
    return stdout.split('\n').filter((line) => /plant\/p1 for nobody/.test(line)).length;
  };
  t.equal(await count(), 1);
  await kill('plant');
  start('plant');
  await until(() => allLive(items), 'LIVE items again');
  t.equal(await count(), 2);
  await kill('feed', 'SIGTERM');
  await kill('plant', 'SIGTERM');
  start('plant');
  start('feed');
  await until(() => allLive(items), 'LIVE items again', 60_000);
  t.equal(await count(), 3);
  const { stdout } = await ticker('status', floor.path, '--takeovers');
  t.equal(stdout.split('\n').filter((line) => /handler\/f for nobody/.test(line)).length, 2, stdout);
});

t.test('a damaged journal is set aside, and the plant goes on', async (t) => {
  const { floor, folder, plantFile, kill, start } = run(t);
  const [, items] = await watching(t, floor);
  await until(() => allLive(items) && statSync(plantFile).size > 200_000, 'a journal of some size');
  await kill('plant');
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
  const folder = t.testdir({ small: {} });
  const small = join(folder, 'small');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  t.teardown(() => execFileSync('umount', ['-l', small]));
  const floor = writeFloor(folder, 'itch50', { ...OPTIONS, journal: `{ dir: small }` });
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
