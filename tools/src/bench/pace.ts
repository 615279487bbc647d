import { writeFileSync } from 'node:fs';
import { nowNs } from './clock.ts';

/** What to send when. */
export interface PaceOptions {
  /** When the first one is due; the past means now. */
  readonly startNs: number;
  readonly perSecond: number;
  readonly count: number;
  /** Sends number `index`, due at `dueNs`. */
  readonly send: (index: number, dueNs: number) => void;
  /** Whether the kernel has enough at present. */
  readonly congested: () => boolean;
  /**
   * How long to sleep when nothing is due, so that small batches form and processor time is left to others; 0: not at
   * all; undefined: until just before the next one is due, as exactly as can be.
   */
  readonly napNs?: number;
}

/** How it went. */
export interface PaceResult {
  /** When the first was due and when the last was sent. */
  readonly startNs: number;
  readonly endNs: number;
  /** By how much the most belated one was late. */
  readonly lateNs: number;
}

/** Sent in one turn of the event loop at most, so that what else the process has to do comes to its right. */
const BURST = 128;
/** Exact pacing wakes up so long before something is due, and looks at the clock from then on. */
const WATCH_NS = 12_000;
/** How long to leave the kernel alone when it has enough. */
const CONGESTED_NAP_NS = 50_000;
/** The finest that Linux allows for. */
const TIMER_SLACK = '/proc/self/timerslack_ns';

const nowhere = new Int32Array(new SharedArrayBuffer(4));

/** Has the kernel wake this process within microseconds, where it normally adds some 50. Linux only; else nothing. */
export function wakePunctually(): void {
  try {
    writeFileSync(TIMER_SLACK, '1');
  } catch {
    // Other systems don't have it: lateness is measured and reported all the same.
  }
}

/** Sleeps, all of the process: much more exact than timers, which know milliseconds only. */
function nap(ns: number): void {
  Atomics.wait(nowhere, 0, 0, ns / 1e6);
}

/** Sends on schedule: number i is due at `startNs` + i / `perSecond`. What is late is made up for at once. */
export function pace(options: PaceOptions): Promise<PaceResult> {
  const { perSecond, count, send, congested, napNs } = options;
  const startNs = Math.max(options.startNs, nowNs());
  const perNs = perSecond / 1e9;
  let sent = 0;
  let lateNs = 0;
  return new Promise((resolve) => {
    // Not a loop with `await`: a promise for each turn is garbage that is collected at the cost of what is measured.
    const turn = (): void => {
      const now = nowNs();
      const due = Math.min(count, Math.floor((now - startNs) * perNs) + 1);
      if (due > sent) lateNs = Math.max(lateNs, now - startNs - sent / perNs);
      for (let burst = Math.min(BURST, due - sent); burst > 0 && !congested(); burst--) {
        send(sent, startNs + sent / perNs);
        sent++;
      }
      if (sent === count) {
        resolve({ startNs, endNs: nowNs(), lateNs });
        return;
      }
      const freeNs = startNs + sent / perNs - nowNs();
      if (congested()) nap(CONGESTED_NAP_NS);
      else if (napNs === undefined && freeNs > WATCH_NS) nap(freeNs - WATCH_NS);
      else if (napNs !== undefined && napNs > 0 && freeNs > 0) nap(napNs);
      setImmediate(turn);
    };
    turn();
  });
}
