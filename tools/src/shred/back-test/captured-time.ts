import { formatEpochNs } from '@tickerplant/core';
import type { CaptureStart } from '../history/read-captures.ts';

/** Prints times of a reading of captures, UTC. */
export class CapturedTime {
  readonly #beginNs: bigint;
  /** UTC in milliseconds since 1970 at 0 ns. */
  readonly utcMs: number;

  constructor({ seconds }: CaptureStart) {
    this.#beginNs = BigInt(seconds) * 1_000_000_000n;
    this.utcMs = seconds * 1000;
  }

  /** `2026-11-30T09:30:00.123456789Z` */
  readonly exact = (atNs: number): string => formatEpochNs(this.#beginNs + BigInt(Math.round(atNs)));

  /** `2026-11-30 09:30:00.123` */
  readonly short = (atNs: number): string => this.exact(atNs).slice(0, 23).replace('T', ' ');
}
