import { formatEpochNs, TickerError } from '@tickerplant/core';
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

  /**
   * A time of a capture: `2026-11-30T10:02:11.5Z`, or `10:02:11.5` of the day on which it begins; UTC. Seconds may be left out.
   *
   * @throws TickerError `TOOLS_BAD_OPTION`
   */
  parse(text: string): number {
    const parts = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z?$/.exec(text);
    const [, day = this.exact(0).slice(0, 10), hours, minutes, seconds = '00', fraction = ''] = parts ?? [];
    const ms = parts === null ? Number.NaN : Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
    if (Number.isNaN(ms)) {
      throw new TickerError('TOOLS_BAD_OPTION', `expected a time as HH:MM:SS or YYYY-MM-DDTHH:MM:SSZ, got '${text}'`);
    }
    return (ms - this.utcMs) * 1e6 + Number(fraction.padEnd(9, '0'));
  }
}
