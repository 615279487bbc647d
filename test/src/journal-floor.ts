import { join } from 'node:path';
import type { Client, Item, Subscription } from '@tickerplant/client';
import type { Test } from 'tap';
import { connectTo, until } from './collect.ts';
import { type TestFloor, writeFloor } from './floors.ts';
import { RunningTicker, ticker } from './ticker.ts';

/** For `writeFloor`. */
export const OPTIONS = {
  simulator: 'seed: 7, symbols: 40, rate: 1500',
  // On a busy machine a handler that begins anew needs its time to get the vendor's day.
  limits: '{ silentAfterMs: 500, lostAfterMs: 60000 }',
  journal: '{ dir: journal, bytes: 1MiB }',
};

/** A floor of one plant and one handler, process by process. */
export interface Running {
  readonly floor: TestFloor;
  readonly folder: string;
  readonly plantFile: string;
  start(part: 'plant' | 'feed'): RunningTicker;
  kill(part: 'plant' | 'feed', signal?: NodeJS.Signals): Promise<void>;
  processOf(part: 'plant' | 'feed'): RunningTicker;
}

/** Starts such a floor; it ends with the test. */
export function run(t: Test): Running {
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
export async function watching(t: Test, floor: TestFloor): Promise<[Client, Subscription, Set<string>]> {
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

/** Whether all items of the floor are there, and LIVE. */
export const allLive = (subscription: Subscription): boolean =>
  subscription.items.length > 40 && subscription.items.every(({ isLive }) => isLive);

/** What the plant says of itself. */
export async function status(floor: TestFloor): Promise<Record<string, never>> {
  const { stdout } = await ticker('status', floor.path, '--json');
  const { processes } = JSON.parse(stdout) as { processes: Record<string, never>[] };
  return processes.find((each) => String(each.process) === 'plant/p1')!;
}

/** Strikes a part, and waits until no item is LIVE. */
export async function killAndSee(running: Running, part: 'plant' | 'feed', subscription: Subscription): Promise<void> {
  await running.kill(part);
  await until(() => subscription.items.every(({ isLive }) => !isLive), 'no item to be LIVE');
}
