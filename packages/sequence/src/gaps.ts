/** Why numbers were given up. */
export type LostReason =
  /** Asked for as often as allowed, without an answer. */
  | 'unanswered'
  /** Nobody who may be asked has it any more. */
  | 'unavailable'
  /** Did not come within the time allowed. */
  | 'expired'
  /** The session gave way to another, or its numbering began anew. */
  | 'session-over'
  /** The receiver was told to finish. */
  | 'finished';

/** A run of missing numbers, or the part of one that a request covers. */
export interface Gap {
  /** The first missing number. */
  from: number;
  /** The number after the last missing one. */
  to: number;
  /** Since when it is missed, in monotonic ns; -1: it came and was dropped for want of room, time does not count yet. */
  openedNs: number;
  /** When it was last asked for; -1 if not. */
  askedNs: number;
  /** How often it was asked for since the last answer. */
  attempts: number;
  /** What came of it could not be kept for want of room: ask when there is room. */
  parked: boolean;
  /** Given up, and not yet reported: that happens when delivery gets there. It may still come before. */
  givenUp: LostReason | undefined;
}

const UNASKED = { askedNs: -1, attempts: 0 };

/** What an arrival means for gaps that were asked for. */
export type Answers =
  /** Nothing: it came on a line of its own accord. */
  | 'none'
  /** It is the one packet that answers a request: what it leaves open must be asked for again. */
  | 'single'
  /** It is one of several that answer a request: the rest may follow. */
  | 'many';

/**
 * The missing numbers, as disjoint ranges in ascending order. Bounded by its user: between two gaps lies
 * something that was received, save for the parts into which requests and parking cut a gap.
 */
export class GapList {
  /** The last `fill` was the one answer to a request, and brought less than was asked for. */
  cutShort = false;
  readonly #gaps: Gap[] = [];
  readonly #onClosed: (from: number, to: number) => void;

  /** @param onClosed told of each missing range that arrives. */
  constructor(onClosed: (from: number, to: number) => void) {
    this.#onClosed = onClosed;
  }

  get length(): number {
    return this.#gaps.length;
  }

  /** How many numbers are missing. Walks the list. */
  get missing(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  }

  /** Whether somebody has been asked for any of it. */
  get asked(): boolean {
    return this.#gaps.some(({ askedNs }) => askedNs >= 0);
  }

  at(index: number): Gap {
    return this.#gaps[index]!;
  }

  shift(): void {
    this.#gaps.shift();
  }

  /**
   * Adds a range that overlaps no gap.
   *
   * @param openedNs -1: parked. Such ranges join their neighbours of the same kind, so that they do not add up.
   */
  add(from: number, to: number, openedNs: number): void {
    const gaps = this.#gaps;
    const index = this.#firstEndingAfter(from);
    const parked = openedNs < 0;
    if (parked) {
      const before = gaps[index - 1];
      const after = gaps[index];
      const joinsBefore = before !== undefined && before.openedNs < 0 && before.to === from;
      const joinsAfter = after !== undefined && after.openedNs < 0 && after.from === to;
      if (joinsBefore) {
        before.to = joinsAfter ? after.to : to;
        if (joinsAfter) gaps.splice(index, 1);
        return;
      }
      if (joinsAfter) {
        after.from = from;
        return;
      }
    }
    gaps.splice(index, 0, { from, to, openedNs, parked, givenUp: undefined, ...UNASKED });
  }

  /** Takes out what of [from, to) is missing, telling `onClosed`. @returns how many numbers that was. */
  fill(from: number, to: number, answers: Answers, nowNs: number): number {
    const gaps = this.#gaps;
    const first = this.#firstEndingAfter(from);
    this.cutShort = false;
    let filled = 0;
    let goneFrom = first;
    let gone = 0;
    for (let index = first; index < gaps.length; index++) {
      const gap = gaps[index]!;
      if (gap.from >= to) break;
      const start = Math.max(gap.from, from);
      const end = Math.min(gap.to, to);
      filled += end - start;
      if (start === gap.from && end === gap.to) {
        if (gone === 0) goneFrom = index;
        gone++;
      } else if (start === gap.from) {
        gap.from = end;
        if (answers === 'single' && gap.askedNs >= 0) {
          Object.assign(gap, UNASKED);
          this.cutShort = true;
        }
      } else if (end === gap.to) {
        gap.to = start;
      } else {
        gaps.splice(index + 1, 0, { ...gap, from: end });
        gap.to = start;
      }
      if (answers === 'many' && gap.askedNs >= 0) gap.askedNs = nowNs;
      this.#onClosed(start, end);
    }
    if (gone > 0) gaps.splice(goneFrom, gone);
    return filled;
  }

  /** What came in [from, to) could not be kept: the attempt does not count, and asking waits for room. */
  park(from: number, to: number): void {
    const gaps = this.#gaps;
    for (let index = this.#firstEndingAfter(from); index < gaps.length && gaps[index]!.from < to; index++) {
      const gap = gaps[index]!;
      if (gap.askedNs < 0) continue;
      gap.askedNs = -1;
      gap.attempts--;
      gap.parked = true;
    }
  }

  /** Nobody has anything before number `end`: what is missing of it is given up, asked for or not. @returns whether there was any. */
  abandon(end: number): boolean {
    const gaps = this.#gaps;
    let any = false;
    for (let index = 0; index < gaps.length && gaps[index]!.from < end; index++) {
      const gap = gaps[index]!;
      if (gap.givenUp !== undefined) continue;
      if (gap.to > end) {
        this.#cut(index, end);
        Object.assign(gaps[index + 1]!, UNASKED);
      }
      gap.askedNs = -1;
      gap.givenUp = 'unavailable';
      any = true;
    }
    return any;
  }

  /** How many of [from, to) are missing. */
  missingIn(from: number, to: number): number {
    const gaps = this.#gaps;
    let missing = 0;
    for (let index = this.#firstEndingAfter(from); index < gaps.length && gaps[index]!.from < to; index++) {
      const gap = gaps[index]!;
      missing += Math.min(gap.to, to) - Math.max(gap.from, from);
    }
    return missing;
  }

  /**
   * Shapes the gap at `index` into what one request asks for: at most `count` numbers, the rest becoming the next
   * gap; or more than its own, where gaps that nobody has asked for follow it directly.
   */
  shape(index: number, count: number): void {
    const gaps = this.#gaps;
    const gap = gaps[index]!;
    while (gap.to - gap.from < count) {
      const after = gaps[index + 1];
      if (after === undefined || after.from !== gap.to || after.askedNs >= 0 || after.givenUp !== undefined) return;
      const taken = Math.min(after.to, gap.from + count) - after.from;
      gap.to += taken;
      if (after.openedNs >= 0) gap.openedNs = Math.min(gap.openedNs, after.openedNs);
      after.from += taken;
      if (after.from === after.to) gaps.splice(index + 1, 1);
    }
    if (gap.to - gap.from > count) this.#cut(index, gap.from + count);
  }

  /** Parts the gap at `index` in two before number `at`. */
  #cut(index: number, at: number): void {
    const gap = this.#gaps[index]!;
    this.#gaps.splice(index + 1, 0, { ...gap, from: at });
    gap.to = at;
  }

  #firstEndingAfter(seq: number): number {
    const gaps = this.#gaps;
    let low = 0;
    let high = gaps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (gaps[middle]!.to > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
