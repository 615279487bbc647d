import type { Subscription } from '@tickerplant/client';
import t from 'tap';
import { digestOf, itemsOf, until } from '../src/collect.ts';
import { allLive, killAndSee, run, status, watching } from '../src/journal-floor.ts';

// A plant that is killed and comes back with no peer: what its journal holds, on a floor of real processes.

t.setTimeout(230_000);

const fieldsOf = (subscription: Subscription): Record<string, unknown> =>
  Object.fromEntries([...itemsOf(subscription)].map(([subject, { fields }]) => [subject, fields]));

t.test('values come back STALE, are what they were, and LIVE when everything since has come', async (t) => {
  const { floor, kill, start, processOf } = run(t);
  const [, before] = await watching(t, floor);
  await until(() => allLive(before), 'LIVE items', 60_000);
  // The stream stands still: what the client has is all there is.
  processOf('feed').child.kill('SIGSTOP');
  await until(() => before.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
  const truth = fieldsOf(before);
  await kill('plant');
  start('plant');
  const [client, after, live] = await watching(t, floor);
  await until(() => after.items.length === before.items.length, 'the items of the journal', 60_000);
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
  const running = run(t);
  const { floor, kill, start } = running;
  const [, before] = await watching(t, floor);
  await until(() => allLive(before), 'LIVE items', 60_000);
  await killAndSee(running, 'feed', before);
  await kill('plant');
  start('plant');
  const [client, after, live] = await watching(t, floor);
  await until(() => after.items.length === before.items.length, 'the items of the journal', 60_000);
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
