import { type Clock, errorMessage, type TickerError } from '@tickerplant/core';
import type { Logger } from './log.ts';

/** Between two log lines about the same kind of trouble. */
const QUIET_NS = 1_000_000_000;

interface Seen {
  loggedNs: number;
  suppressed: number;
}

/** Logs errors of sockets in plain words, each kind once a second at most: a full network must not fill the disk. */
export class Trouble {
  private readonly logger: Logger;
  private readonly clock: Clock;
  private readonly seen = new Map<string, Seen>();

  constructor(logger: Logger, clock: Clock) {
    this.logger = logger;
    this.clock = clock;
  }

  report(error: TickerError): void {
    const nowNs = this.clock.monotonicNs();
    const before = this.seen.get(error.code);
    if (before !== undefined && nowNs - before.loggedNs < QUIET_NS) {
      before.suppressed++;
      return;
    }
    this.seen.set(error.code, { loggedNs: nowNs, suppressed: 0 });
    const more = before?.suppressed ?? 0;
    this.logger.error({ code: error.code, ...(more > 0 ? { suppressed: more } : {}) }, errorMessage(error));
  }
}
