import { ITCH_50 } from '@tickerplant/feed-itch';
import { type HandlerProcess, startHandler } from '@tickerplant/feed-runtime';
import { createLogger } from '@tickerplant/telemetry';
import { readBenchFloor } from '../bench-floor.ts';
import { type CounterSnapshot, sumCounter } from '../counters.ts';

/** What a handler has done. */
export interface HandlerReport {
  readonly vendorMessages: number;
  /** Vendor messages that had to be asked for and came; that never came; that could not be used. */
  readonly repaired: number;
  readonly lost: number;
  readonly faults: number;
  /** By channel: the number that the next message will have. */
  readonly next: readonly number[];
}

/** A feed handler for ITCH, as `ticker feed` runs it. */
export interface HandlerRole {
  open(options: { floor: string }): Promise<void>;
  report(): HandlerReport;
}

let running: HandlerProcess;

/** The handler that `open` has started. */
export function runningHandler(): HandlerProcess {
  return running;
}

export const handlerCommands: HandlerRole = {
  async open({ floor }) {
    running = await startHandler(readBenchFloor(floor), 'f', ITCH_50, { logger: createLogger('handler', 'warn') });
  },

  report() {
    const { channels, counters } = running.status() as { channels: { next: number }[]; counters: CounterSnapshot };
    return {
      vendorMessages: sumCounter(counters, 'handler', 'vendorMessages'),
      repaired: sumCounter(counters, 'receiver', 'recovered'),
      lost: sumCounter(counters, 'handler', 'vendorLost'),
      faults: sumCounter(counters, 'handler', 'faults') + sumCounter(counters, 'handler', 'exceptions'),
      next: channels.map(({ next }) => next),
    };
  },
};
