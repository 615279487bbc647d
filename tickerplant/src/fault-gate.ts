import type { ErrorContext } from '@tickerplant/core';
import type { Quarantine, QuarantineReport } from '@tickerplant/telemetry';

/** Bad packets and messages kept between two ticks; a flood of more is only counted. */
const KEPT_PER_INTERVAL = 1_000;
const INTERVAL_NS = 100_000_000;

/**
 * Lets bad input into the quarantine, but not so much of it at a time that keeping it slows the live stream:
 * what exceeds the rate is counted by kind and not kept.
 */
export class FaultGate {
  private readonly quarantine: Quarantine;
  private readonly wallNs: () => bigint;
  private readonly skipped = new Map<string, number>();
  private left: number = KEPT_PER_INTERVAL;
  private dueNs = 0;

  constructor(quarantine: Quarantine, wallNs: () => bigint) {
    this.quarantine = quarantine;
    this.wallNs = wallNs;
  }

  /** Takes bad input; the bytes are borrowed. */
  readonly put = (code: string, message: string, bytes: Uint8Array, context: ErrorContext): void => {
    if (this.left > 0) {
      this.left--;
      this.quarantine.put(this.wallNs(), code, message, bytes, context);
    } else {
      this.skipped.set(code, (this.skipped.get(code) ?? 0) + 1);
    }
  };

  /** Lets time pass. */
  tick(nowNs: number): void {
    if (nowNs < this.dueNs) return;
    this.dueNs = nowNs + INTERVAL_NS;
    this.left = KEPT_PER_INTERVAL;
  }

  /** As the quarantine's, with what was only counted. */
  report(): QuarantineReport {
    const report = this.quarantine.report();
    const counts: Record<string, number> = { ...report.counts };
    let dropped = report.dropped;
    for (const [code, count] of this.skipped) {
      counts[code] = (counts[code] ?? 0) + count;
      dropped += count;
    }
    return { counts, entries: report.entries, dropped };
  }
}
