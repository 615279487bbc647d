/** What is known of one stream of a capture: one sender's numbering on one group. */
export interface StreamReport {
  readonly packets: number;
  readonly messages: number;
  /** Number of the first and the last message; null before any. */
  readonly first: number | null;
  readonly last: number | null;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly nextSeq: number | null;
  /** Missing numbers, [first, last] each. */
  readonly gaps: readonly (readonly [number, number])[];
  readonly gapCount: number;
  readonly missing: number;
  /** Where the numbering went back: [packet, expected, got]. */
  readonly backwardJumps: readonly (readonly [number, number, number])[];
  readonly backwardJumpCount: number;
}

/** Lists in reports stop here; the counts go on. */
const LISTED_MAX = 1000;

/** Follows the numbers of one stream, in the order of the file. */
export class StreamFacts {
  #packets = 0;
  #messages = 0;
  #first: number | null = null;
  #last: number | null = null;
  #next: number | null = null;
  #gapCount = 0;
  #missing = 0;
  #jumpCount = 0;
  readonly #gaps: [number, number][] = [];
  readonly #jumps: [number, number, number][] = [];

  /** @param packet number of the record in the file. */
  add(packet: number, seq: number, count: number): void {
    this.#packets++;
    this.#messages += count;
    if (this.#next !== null && seq > this.#next) {
      this.#gapCount++;
      this.#missing += seq - this.#next;
      if (this.#gaps.length < LISTED_MAX) this.#gaps.push([this.#next, seq - 1]);
    } else if (this.#next !== null && seq < this.#next) {
      this.#jumpCount++;
      if (this.#jumps.length < LISTED_MAX) this.#jumps.push([packet, this.#next, seq]);
    }
    if (count > 0) {
      this.#first ??= seq;
      this.#last = seq + count - 1;
    }
    this.#next = seq + count;
  }

  report(): StreamReport {
    return {
      packets: this.#packets,
      messages: this.#messages,
      first: this.#first,
      last: this.#last,
      firstSeq: this.#first,
      lastSeq: this.#last,
      nextSeq: this.#next,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
      missing: this.#missing,
      backwardJumps: this.#jumps,
      backwardJumpCount: this.#jumpCount,
    };
  }
}
