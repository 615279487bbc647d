import type { TakeoverEvent } from './floor-events.ts';

/** A plant that says it is primary. */
export interface PrimaryClaim {
  readonly name: string;
  readonly boot: bigint;
  readonly term: number;
}

/** Takeovers remembered. */
const KEPT = 64;
/** From a takeover until it is told: what it did to the stream has been seen by then. */
const SETTLE_NS = 250_000_000;

/** Who is primary, as its heartbeats say, and each change of that. */
export class TakeoverWatch {
  private primary: PrimaryClaim | undefined;
  private readonly kept: TakeoverEvent[] = [];
  private readonly pending: { readonly from: string; readonly claim: PrimaryClaim; readonly atNs: number }[] = [];

  /** The newest takeovers that have been told, the oldest first. */
  get list(): readonly TakeoverEvent[] {
    return this.kept;
  }

  /** Whether there are any that have not been told. */
  get isPending(): boolean {
    return this.pending.length > 0;
  }

  /**
   * A plant says that it is primary.
   *
   * @param holds whether the one known until now still says so too.
   */
  claims(claim: PrimaryClaim, holds: (known: PrimaryClaim) => boolean, nowNs: number): void {
    const known = this.primary;
    if (known !== undefined) {
      if (known.name === claim.name && known.boot === claim.boot && known.term === claim.term) return;
      // Of two that say so the higher term counts: the other has not heard of it yet.
      if (claim.term <= known.term && holds(known)) return;
      if (this.pending.length < KEPT) this.pending.push({ from: known.name, claim, atNs: nowNs });
    }
    this.primary = claim;
  }

  /**
   * Takeovers that can be told now.
   *
   * @param gapMs the longest pause of the stream of late.
   * @param wallAt wall-clock time of a monotonic one.
   */
  settled(nowNs: number, gapMs: () => number | undefined, wallAt: (ns: number) => bigint): TakeoverEvent[] {
    const told: TakeoverEvent[] = [];
    while (this.pending.length > 0 && nowNs - this.pending[0]!.atNs >= SETTLE_NS) {
      const { from, claim, atNs } = this.pending.shift()!;
      const { name: to, term } = claim;
      told.push({ event: 'takeover', from, to, term, at: wallAt(atNs), gapMs: gapMs() });
    }
    this.kept.push(...told);
    this.kept.splice(0, Math.max(0, this.kept.length - KEPT));
    return told;
  }
}
