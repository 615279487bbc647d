import type { VendorProgress } from '@tickerplant/status';

/** Vendor messages [from, to). */
export interface VendorRange {
  readonly from: number;
  readonly to: number;
}

/** Another member, where vendor messages have been given up. */
export interface LossPeer {
  readonly rank: number;
  /** It is heard. */
  readonly present: boolean;
  /** It could take over at once. */
  readonly fit: boolean;
  /** How far it has come in the same epoch; undefined: it could not go on in it. */
  readonly vendor: VendorProgress | undefined;
}

/**
 * What a member does about vendor messages that it has given up. `wait`: until others have said how they stand. `lose`: says in the
 * stream that they are lost. `leave`: nothing of it may be said in this epoch; a primary begins another, a standby takes the
 * primary's state. Else: hands over to a standby that has them.
 */
export type LossVerdict = 'wait' | 'lose' | 'leave' | { readonly handOverTo: number };

/**
 * A primary may say in its epoch that vendor messages are lost when whoever else could go on in that epoch has given up the same ones:
 * else the same numbers could come to stand for what was lost here and is known there.
 *
 * @param expired it has waited for others long enough.
 * @param beyond numbers that this loss would take have been published by a member that has not given up the same, or may have been.
 */
export function judgeAsPrimary(
  lost: VendorRange,
  peers: readonly LossPeer[],
  expired: boolean,
  beyond: boolean,
): LossVerdict {
  const others = peers.filter(({ vendor }) => vendor !== undefined && !isSame(vendor.lost, lost));
  const better = others.find(({ present, fit, vendor }) => present && fit && vendor!.next >= lost.to);
  if (better !== undefined) return { handOverTo: better.rank };
  if (others.length === 0) return beyond ? 'leave' : 'lose';
  return expired || others.some(({ present }) => !present) ? 'leave' : 'wait';
}

/**
 * A standby says the same as its primary, or nothing.
 *
 * @param primary undefined: not heard, or in another epoch.
 */
export function judgeAsStandby(lost: VendorRange, primary: VendorProgress | undefined, expired: boolean): LossVerdict {
  if (primary !== undefined) {
    const { next, lost: theirs } = primary;
    if (isSame(theirs, lost)) return next >= lost.to ? 'lose' : 'wait';
    // It has some of them, or has given up others.
    if (next > lost.from || (theirs !== undefined && theirs.from < lost.to && theirs.to > lost.from)) return 'leave';
  }
  return expired ? 'leave' : 'wait';
}

function isSame(a: VendorRange | undefined, b: VendorRange): boolean {
  return a !== undefined && a.from === b.from && a.to === b.to;
}
