import { build, type Histogram } from 'hdr-histogram-js';

/** Percentiles of a latency distribution, in the unit recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** A high dynamic range histogram of whole numbers (nanoseconds by convention), three significant digits. */
export class LatencyHistogram {
  readonly #histogram: Histogram;

  /** @param highest the largest value told apart; larger ones count as it. Default: a minute in ns. */
  constructor(highest = 60_000_000_000) {
    this.#histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: highest,
      numberOfSignificantValueDigits: 3,
      autoResize: false,
    });
  }

  /** Records one value; a negative one (clock trouble) counts as 0. */
  record(value: number): void {
    this.#histogram.recordValue(Math.min(Math.max(0, Math.round(value)), this.#histogram.highestTrackableValue));
  }

  reset(): void {
    this.#histogram.reset();
  }

  summary(): LatencySummary {
    const h = this.#histogram;
    const at = (percentile: number): number => h.getValueAtPercentile(percentile);
    const empty = h.totalCount === 0;
    return {
      count: h.totalCount,
      min: empty ? 0 : h.minNonZeroValue,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: h.maxValue,
    };
  }
}
