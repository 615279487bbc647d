import { createHash } from 'node:crypto';
import { type Client, connect, type ItemJson, type Subscription } from '@tickerplant/client';
import { createLogger } from '@tickerplant/telemetry';
import { KEY, type TestFloor } from './floors.ts';
import { WAIT_MS } from './ticker.ts';

/** A client of a test floor. */
export function connectTo(floor: TestFloor): Promise<Client> {
  return connect({ status: floor.status, interface: '127.0.0.1', key: KEY, logger: createLogger('test', 'error') });
}

/** Resolves when the condition holds; rejects after `ms`. */
export async function until(condition: () => boolean, what: string, ms: number = WAIT_MS): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`expected ${what} within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** All items of a subscription by subject, as JSON. */
export function itemsOf(subscription: Subscription): Map<string, ItemJson> {
  return new Map(subscription.items.map((item) => [item.subject, item.toJSON()]));
}

/** One digest over all values and qualities: equal for equal values, however they came. */
export function digestOf(items: ReadonlyMap<string, ItemJson>): string {
  const hash = createHash('sha256');
  for (const subject of [...items.keys()].sort()) {
    const { fields, quality } = items.get(subject)!;
    hash.update(JSON.stringify([subject, quality, Object.entries(fields).sort()]));
  }
  return hash.digest('hex');
}
