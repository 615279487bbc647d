import { startBroadcastPageHandler } from '@tickerplant/feed-pages';
import type { UnpositionedHandlerProcess } from '@tickerplant/feed-runtime';
import { createLogger } from '@tickerplant/telemetry';
import { readBenchFloor } from '../bench-floor.ts';
import { type CounterSnapshot, sumCounter } from '../counters.ts';
import { serveRole } from '../role.ts';

/** What a handler of pages has. */
export interface PageHandlerReport {
  /** Pages of which it has an image; those that are LIVE. */
  readonly held: number;
  readonly live: number;
  readonly deltas: number;
  /** Packets that the line lost. */
  readonly lost: number;
  /** Cells that changed. */
  readonly cells: number;
  /** Messages published. */
  readonly published: number;
}

/** A handler of a broadcast of pages, as `ticker feed` runs it. */
export interface PageHandlerRole {
  open(options: { floor: string }): Promise<void>;
  report(): PageHandlerReport;
}

let running: UnpositionedHandlerProcess;

const commands: PageHandlerRole = {
  async open({ floor }) {
    running = await startBroadcastPageHandler(readBenchFloor(floor), 'f', { logger: createLogger('handler', 'warn') });
  },

  report() {
    const { pages, channels, counters } = running.status() as {
      pages: { held: number; live: number };
      channels: { next: number }[];
      counters: CounterSnapshot;
    };
    return {
      held: pages.held,
      live: pages.live,
      deltas: sumCounter(counters, 'pageReceiver', 'deltas'),
      lost: sumCounter(counters, 'pageReceiver', 'packetsLost'),
      cells: sumCounter(counters, 'pageContent', 'cells'),
      published: channels.reduce((sum, { next }) => sum + next - 1, 0),
    };
  },
};

serveRole(commands);
