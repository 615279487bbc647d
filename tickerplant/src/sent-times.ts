const KEPT = 4096;

/** When the latest packets left, by the number of their first message. Bounded: 4096 packets. */
export class SentTimes {
  private readonly seqs: Float64Array = new Float64Array(KEPT);
  private readonly times: Float64Array = new Float64Array(KEPT);
  private noted = 0;

  /** A packet with `seq` first left at `nowNs`; numbers ascend. */
  note(seq: number, nowNs: number): void {
    const slot = this.noted++ & (KEPT - 1);
    this.seqs[slot] = seq;
    this.times[slot] = nowNs;
  }

  /** When the packet with message `seq` left (monotonic ns); -1 when that isn't known, or it hasn't yet. */
  timeOf(seq: number, next: number): number {
    if (seq >= next) return -1;
    let low = Math.max(0, this.noted - KEPT);
    let high = this.noted;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.seqs[middle & (KEPT - 1)]! > seq) high = middle;
      else low = middle + 1;
    }
    // `low` is the first packet that begins after `seq`.
    return low > Math.max(0, this.noted - KEPT) ? this.times[(low - 1) & (KEPT - 1)]! : -1;
  }

  clear(): void {
    this.noted = 0;
  }
}
