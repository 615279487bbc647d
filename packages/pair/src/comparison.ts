/** What a comparison has found. */
export type Verdict =
  /** The same, as far as could be compared. */
  | 'same'
  /** Not so far yet: it will be compared when this member gets there. */
  | 'behind'
  | 'different';

interface Claim {
  readonly next: number;
  readonly digest: number | undefined;
  readonly heardNs: number;
}

/** Claims that wait for this member to get so far; when more come, the oldest go: the newest proves them all. */
const CLAIMS_MAX = 256;

/**
 * Compares one channel of a standby with what the primary's heartbeats say of it. A digest covers everything before its
 * number, so the latest that agrees is all that need be remembered.
 */
export class Comparison {
  /** Everything before this number is known to be the same; 0: nothing is. */
  agreed = 0;
  private readonly claims: Claim[] = [];

  /**
   * Begins anew: another session, or a state taken over.
   *
   * @param agreed what this member has published itself up to here is the same by definition.
   */
  reset(agreed = 0): void {
    this.agreed = agreed;
    this.claims.length = 0;
  }

  /**
   * The primary says that what it sent before `next` has this digest.
   *
   * @param digest undefined: it doesn't know. Then it counts that this member has come as far.
   */
  claim(next: number, digest: number | undefined, nowNs: number): void {
    this.claims.push({ next, digest, heardNs: nowNs });
    if (this.claims.length > CLAIMS_MAX) this.claims.shift();
  }

  /** Whether there is nothing to look at: all that was claimed has been compared. */
  get idle(): boolean {
    return this.claims.length === 0;
  }

  /** When the oldest claim that this member is behind of was heard; -1: it is behind of none. */
  get behindSinceNs(): number {
    return this.claims[0]?.heardNs ?? -1;
  }

  /**
   * Looks at what can be compared by now.
   *
   * @param next the number that this member's next message will have.
   * @param digestAt this member's digest before a number; undefined where it isn't known.
   * @param onDifferent told of the numbers [from, to) among which a message differs.
   */
  look(
    next: number,
    digestAt: (seq: number) => number | undefined,
    onDifferent: (from: number, to: number) => void,
  ): Verdict {
    let claim = this.claims[0];
    while (claim !== undefined && claim.next <= next) {
      this.claims.shift();
      const digest = digestAt(claim.next);
      if (digest !== undefined && claim.digest !== undefined && digest !== claim.digest) {
        onDifferent(this.agreed, claim.next);
        return 'different';
      }
      this.agreed = claim.next;
      claim = this.claims[0];
    }
    return claim === undefined ? 'same' : 'behind';
  }
}
