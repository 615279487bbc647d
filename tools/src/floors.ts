import { type Floor, loadFloor } from '@tickerplant/floor';
import { FEED_NAMES, feedTool, INTERACTIVE_FEEDS, PAGE_FEEDS, SIMULATED_FEEDS } from './feeds.ts';

/**
 * Reads a floor file, with what this command knows of protocols.
 *
 * @throws TickerError `FLOOR_INVALID` with every problem by line and key.
 */
export function readFloor(path: string): Floor {
  const known = [
    ...FEED_NAMES.map((name) => ({ ...feedTool(name).protocol, interactive: false, pages: false })),
    ...INTERACTIVE_FEEDS.map((protocol) => ({ ...protocol, interactive: true, pages: false })),
    ...PAGE_FEEDS.map((protocol) => ({ ...protocol, pages: true })),
  ];
  const protocols = Object.fromEntries(
    known.map(({ name, roles, interactive, pages }) => [
      name,
      { services: roles, simulated: SIMULATED_FEEDS.includes(name), interactive, pages },
    ]),
  );
  return loadFloor(path, { protocols });
}
