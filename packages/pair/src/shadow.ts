import { Comparison, type Verdict } from './comparison.ts';
import { Steady } from './steady.ts';

/** A standby that is behind the primary for longer could not take over unnoticed. */
const BEHIND_MAX_NS = 200_000_000;
/** Who is that much behind has not caught up yet. */
const LATE_NS = 50_000_000;

/** How a standby stands to its primary, over all channels. */
export class Shadow {
  /** By channel. */
  readonly comparisons: readonly Comparison[];
  /** Of each channel that was looked at something has been found to be the same, and nothing to differ. */
  agrees = false;
  /** It is so far behind that a takeover would be noticed. */
  behind = false;
  readonly #steady: Steady = new Steady();
  #late = false;

  constructor(channels: number) {
    this.comparisons = Array.from({ length: channels }, () => new Comparison());
  }

  /** All channels are looked at anew: `look` for each, then `settle`. */
  begin(): void {
    this.agrees = this.comparisons.length > 0;
    this.behind = false;
    this.#late = false;
  }

  /**
   * Looks at what can be compared of a channel by now; as `Comparison.look`.
   *
   * @param next the number that this member's next message on it will have.
   */
  look(
    channel: number,
    next: number,
    digestAt: (seq: number) => number | undefined,
    onDifferent: (from: number, to: number) => void,
    nowNs: number,
  ): Verdict {
    const comparison = this.comparisons[channel]!;
    // At most ticks nothing has been said since the last one.
    const verdict = comparison.idle ? 'same' : comparison.look(next, digestAt, onDifferent);
    if (verdict === 'different' || comparison.agreed === 0) this.agrees = false;
    else if (verdict === 'behind') {
      const behindNs = nowNs - comparison.behindSinceNs;
      if (behindNs > BEHIND_MAX_NS) this.behind = true;
      if (behindNs > LATE_NS) this.#late = true;
    }
    return verdict;
  }

  /** @returns whether it agrees and has not been late for a while: one that isn't in step yet must have caught up for good. */
  settle(nowNs: number): boolean {
    return this.#steady.look(this.agrees && !this.#late, nowNs);
  }
}
