import { type Floor, loadFloor } from '@tickerplant/floor';
import { FEED_NAMES, feedTool, SIMULATED_FEEDS } from './feeds.ts';

/**
 * Reads a floor file, with what this command knows of protocols.
 *
 * @throws TickerError `FLOOR_INVALID` with every problem by line and key.
 */
export function readFloor(path: string): Floor {
  const protocols = Object.fromEntries(
    FEED_NAMES.map((name) => [
      name,
      { services: feedTool(name).protocol.roles, simulated: SIMULATED_FEEDS.includes(name) },
    ]),
  );
  return loadFloor(path, { protocols });
}
