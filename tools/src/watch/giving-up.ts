import type { Client } from '@tickerplant/client';
import { TickerError } from '@tickerplant/core';
import type { Connection } from '../connection.ts';
import type { Ending } from './ending.ts';

/** How long to wait for a plant where nobody sees that nothing happens. */
const PLANT_WAIT_MS = 5_000;

/** Gives up when no plant is heard: a script shouldn't hang because of a wrong group. */
export function requirePlant(client: Client, { status, interface: local }: Connection, ending: Ending): void {
  let heard = false;
  client.ready.then(
    () => {
      heard = true;
    },
    () => {},
  );
  ending.after(PLANT_WAIT_MS, () => {
    if (heard) return;
    const expected = `expected to hear a plant on status group ${status}, interface ${local}, within ${PLANT_WAIT_MS / 1000} s`;
    ending.fail(new TickerError('WATCH_NO_PLANT', `${expected}; is the floor up, and the key the right one?`));
  });
}
