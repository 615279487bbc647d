/** An allowance: so much per second, and so much at once after a pause. */
export interface Budget {
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
}

/**
 * A budget being used. It may be overdrawn by the last thing taken, which is then paid back before the next: so
 * that sizes need not be known beforehand, and the long-term rate still holds.
 */
export class TokenBucket {
  private readonly perNs: number;
  private readonly burst: number;
  private tokens: number;
  private filledNs: number;

  constructor(budget: Budget, nowNs: number) {
    this.perNs = budget.bytesPerSecond / 1e9;
    this.burst = budget.burstBytes;
    this.tokens = budget.burstBytes;
    this.filledNs = nowNs;
  }

  /** Whether something may be taken now. */
  allows(nowNs: number): boolean {
    if (nowNs > this.filledNs) {
      this.tokens = Math.min(this.burst, this.tokens + (nowNs - this.filledNs) * this.perNs);
      this.filledNs = nowNs;
    }
    return this.tokens > 0;
  }

  take(bytes: number): void {
    this.tokens -= bytes;
  }
}
