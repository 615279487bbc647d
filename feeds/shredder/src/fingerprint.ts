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
/** A piece may have moved by so many rows; where it is as good in two of them, the nearer one counts. */
const ROWS_AWAY = [0, -1, 1, -2, 2] as const;

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
  for (const piece of text) {
    all += piece[2].length;
    same += placeOf(piece, page).same;
  }
  return all === 0 ? 1 : same / all;
}

/** Where a page has most of a piece of static text: in its row, or in one near by; and how many of its characters. */
export function placeOf([row, column, text]: StaticText, page: Page): { readonly row: number; readonly same: number } {
  let best = { row, same: 0 };
  for (const away of ROWS_AWAY) {
    if (row + away < 0 || row + away >= page.rows) continue;
    const got = cellText(page, row + away, column, column + text.length);
    let same = 0;
    for (let at = 0; at < text.length; at++) if (got[at] === text[at]) same++;
    if (same > best.same) best = { row: row + away, same };
  }
  return best;
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
