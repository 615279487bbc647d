import {
  PAGES,
  PAGES_BROADCAST,
  PAGES_TELETEXT,
  startBroadcastPageHandler,
  startPageHandler,
} from '@tickerplant/feed-pages';
import { memberOf, startHandler, startInteractiveHandler } from '@tickerplant/feed-runtime';
import { loadShredder } from '@tickerplant/shredders';
import { createLogger } from '@tickerplant/telemetry';
import type { Command } from 'commander';
import { feedTool, INTERACTIVE_FEEDS } from '../feeds.ts';
import { readFloor } from '../floors.ts';
import { runUntilStopped } from '../process.ts';

/** `ticker feed FLOOR NAME` */
export function addFeed(program: Command): void {
  program
    .command('feed')
    .description('run a handler of one feed')
    .argument('<floor>', 'floor file')
    .argument('<name>', 'name of the feed, or of one of its standbys: itch-2')
    .addHelpText('after', '\nExample:\n  ticker feed examples/simulated.yaml itch\n')
    .action(async (path: string, name: string) => {
      const floor = readFloor(path);
      const feed = memberOf(floor, name)?.feed;
      const logger = createLogger(`feed/${name}`);
      const interactive = INTERACTIVE_FEEDS.find((protocol) => protocol.name === feed?.protocol);
      if (interactive !== undefined) {
        await runUntilStopped(logger, (onEnd) => startInteractiveHandler(floor, name, interactive, { logger, onEnd }));
        return;
      }
      const shredders = (feed?.pages?.shredders ?? []).map(({ shredder, ...rest }) => ({
        plan: loadShredder(shredder),
        ...rest,
      }));
      if (feed?.protocol === PAGES) {
        await runUntilStopped(logger, (onEnd) => startPageHandler(floor, name, { logger, onEnd, shredders }));
        return;
      }
      if (feed?.protocol === PAGES_BROADCAST || feed?.protocol === PAGES_TELETEXT) {
        await runUntilStopped(logger, (onEnd) => startBroadcastPageHandler(floor, name, { logger, onEnd, shredders }));
        return;
      }
      // An unknown name is startHandler's to complain about: it knows the others.
      const { protocol } = feedTool(feed?.protocol ?? floor.feeds[0]!.protocol);
      await runUntilStopped(logger, (onEnd) => startHandler(floor, name, protocol, { logger, onEnd }));
    });
}
