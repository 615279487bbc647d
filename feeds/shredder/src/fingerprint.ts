import type { Page } from '@tickerplant/pages';
import { cellText, isShown } from './cells.ts';
import { Cover, PageReader } from './page-reader.ts';
import type { Plan } from './plan.ts';
import { type Reason, reason } from './reasons.ts';

/** A piece of text that was the same on all approved pages: row, column, text. */
export type StaticText = readonly [row: number, column: number, text: string];

/** What approved pages had in common in the areas that are declared `static`; kept beside the shredder. */
export interface Fingerprint {
  readonly shredder: string;
  readonly version: number;
  /** How many pages it was learned from. */
  readonly pages: number;
  readonly text: readonly StaticText[];
}

/** Share of the static characters that must stand where they did. */
const SOFT_SHARE = 0.98;
const HARD_SHARE = 0.9;
/** A piece may have moved by so many rows. */
const ROWS_MOVED_MAX = 2;

/** Learns a fingerprint from approved pages of the plan's size; at least one. */
export function learnFingerprint(plan: Plan, pages: readonly Page[]): Fingerprint {
  const [first] = pages;
  const text: StaticText[] = [];
  if (first !== undefined) {
    const reader = new PageReader(plan);
    reader.read(first, new Uint8Array(plan.rows).fill(1), undefined, { onTable() {}, onItem() {}, onCustom() {} });
    const isStatic = (at: number): boolean =>
      reader.cover[at] === Cover.STATIC &&
      isShown(first.text[at]!) &&
      pages.every((page) => page.text[at] === first.text[at]);
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        if (!isStatic(row * plan.columns + column)) continue;
        let end = column + 1;
        while (end < plan.columns && isStatic(row * plan.columns + end)) end++;
        text.push([row, column, cellText(first, row, column, end)]);
        column = end;
      }
    }
  }
  return { shredder: plan.name, version: plan.version, pages: pages.length, text };
}

/** Share of the static characters that are where they were, pieces moved by a row or two included; 1 where there are none. */
export function staticShare({ text }: Fingerprint, page: Page): number {
  let all = 0;
  let same = 0;
  for (const [row, column, piece] of text) {
    all += piece.length;
    let best = 0;
    for (let away = -ROWS_MOVED_MAX; away <= ROWS_MOVED_MAX; away++) {
      if (row + away < 0 || row + away >= page.rows) continue;
      const got = cellText(page, row + away, column, column + piece.length);
      let count = 0;
      for (let at = 0; at < piece.length; at++) if (got[at] === piece[at]) count++;
      best = Math.max(best, count);
    }
    same += best;
  }
  return all === 0 ? 1 : same / all;
}

/** What a page's static text says of it. */
export function fingerprintReasons(
  fingerprint: Fingerprint,
  page: Page,
): { readonly hard: readonly Reason[]; readonly soft: readonly Reason[] } {
  const share = staticShare(fingerprint, page);
  if (share >= SOFT_SHARE) return { hard: [], soft: [] };
  const why = [
    reason('STATIC_CHANGED', {
      percent: Math.floor(share * 100),
      want: `${share < HARD_SHARE ? HARD_SHARE * 100 : SOFT_SHARE * 100}`,
    }),
  ];
  return share < HARD_SHARE ? { hard: why, soft: [] } : { hard: [], soft: why };
}
