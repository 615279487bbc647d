import type { Page } from '@tickerplant/pages';
import { cellText, isTrusted } from './cells.ts';
import type { Custom } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import type { CustomItem, RegionView } from './source.ts';

/** What a function of the author's made of a region. */
export interface CustomReading {
  readonly reasons: readonly Reason[];
  readonly items: readonly CustomItem[];
}

/** Looks that a function may take at a page: far more than it has cells. */
const LOOKS_MAX = 100_000;
const ITEMS_MAX = 10_000;

/**
 * Runs a function of the author's over its region. What it throws stays here, and so does one that looks at the page without
 * end. One that loops without looking cannot be stopped from inside its thread: hosts that load shredders of strangers run
 * them in a thread of their own.
 */
export function readCustom(custom: Custom, page: Page, pageReasons: readonly Reason[]): CustomReading {
  if (pageReasons.length > 0) return { reasons: pageReasons, items: [] };
  let looks = 0;
  const { first, end } = custom.rows;
  const view: RegionView = {
    rows: end - first,
    columns: page.columns,
    text(row, from, to) {
      if (++looks > LOOKS_MAX) throw new Error(`expected at most ${LOOKS_MAX} looks at the page`);
      const at = first + Math.trunc(row);
      if (!(at >= first && at < end)) throw new Error(`expected a row from 0 to ${end - first - 1}, got ${row}`);
      const left = Math.max(0, Math.trunc(from));
      const right = Math.min(page.columns, Math.trunc(to));
      for (let column = left; column < right; column++) {
        if (!isTrusted(page.text[at * page.columns + column]!)) return undefined;
      }
      return cellText(page, at, left, right).trim();
    },
  };
  try {
    const items = custom.read(view);
    if (!Array.isArray(items) || items.length > ITEMS_MAX)
      throw new Error(`expected a list of at most ${ITEMS_MAX} items`);
    const seen = new Set<string>();
    for (const item of items as readonly CustomItem[]) {
      if (typeof item?.key !== 'string' || typeof item.fields !== 'object' || item.fields === null) {
        throw new Error('expected items with a key and fields');
      }
      for (const value of Object.values(item.fields)) {
        if (typeof value !== 'string' && value !== null)
          throw new Error(`expected fields of text or null, got ${typeof value}`);
      }
      if (seen.has(item.key)) throw new Error(`expected each key once, got ${item.key} again`);
      seen.add(item.key);
    }
    return { reasons: [], items };
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    return { reasons: [reason('FAULT', { name: custom.name, got })], items: [] };
  }
}
