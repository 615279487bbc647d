import { isDeepStrictEqual } from 'node:util';
import type { ItemView, Shredder } from '@tickerplant/shredder';

/** How a version that runs in shadow stands against the one that is published. */
export interface ShadowReport {
  readonly version: number;
  readonly match: string;
  /** Elements that both have LIVE with the same values, or both not LIVE. */
  readonly same: number;
  readonly different: number;
  /** The first few, for people. */
  readonly differences: readonly string[];
}

const DIFFERENCES_MAX = 20;

/** Compares what two versions make of a page, now. */
export function compareShadow(current: Shredder, shadow: Shredder): ShadowReport {
  const items = (one: Shredder): Map<string, ItemView> =>
    new Map(Array.from(one.items(), (item) => [item.subject, item]));
  const [ours, theirs] = [items(current), items(shadow)];
  const differences: string[] = [];
  let same = 0;
  let different = 0;
  for (const subject of new Set([...ours.keys(), ...theirs.keys()])) {
    const found = difference(ours.get(subject), theirs.get(subject));
    if (found === undefined) {
      same++;
      continue;
    }
    different++;
    if (differences.length < DIFFERENCES_MAX) differences.push(`${subject} ${found}`);
  }
  return { version: shadow.plan.version, match: shadow.match, same, different, differences };
}

function difference(current: ItemView | undefined, shadow: ItemView | undefined): string | undefined {
  const [before, after] = [current?.quality ?? 'none', shadow?.quality ?? 'none'];
  if (before !== after) return `is ${before}, in shadow ${after}`;
  if (before !== 'LIVE') return undefined;
  for (const name of new Set([...current!.fields.keys(), ...shadow!.fields.keys()])) {
    const [ours, theirs] = [current!.fields.get(name), shadow!.fields.get(name)];
    if (isDeepStrictEqual(ours?.value, theirs?.value)) continue;
    return `${name} ${ours?.text ?? 'none'}, in shadow ${theirs?.text ?? 'none'}`;
  }
  return undefined;
}
