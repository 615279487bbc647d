import type { Page } from '@tickerplant/pages';
import type { Printed } from './fields.ts';
import type { Plan } from './plan.ts';
import { reasonText } from './reasons.ts';
import { type MatchState, Shredder, type ShredderOptions } from './shredder.ts';

/** Later than any page takes to settle. */
const LATER_NS = 1e9;

/** An item of a page on its own, as commands print it. */
export interface ShreddedItem {
  readonly subject: string;
  readonly quality: 'LIVE' | 'SUSPECT';
  /** `TYPE_REJECT row=8 …; …`; empty where it is LIVE. */
  readonly reason: string;
  /** Exact values; those of an item that is SUSPECT are never shown. */
  readonly fields: Readonly<Record<string, Printed>>;
}

/** What is made of one page on its own. */
export interface ShreddedPage {
  readonly page: string;
  readonly match: MatchState;
  readonly reasons: readonly string[];
  readonly items: readonly ShreddedItem[];
}

/** Shreds one page as settled, knowing nothing of what came before. */
export function shredPage(plan: Plan, page: Page, options: ShredderOptions = {}): ShreddedPage {
  const shredder = new Shredder(plan, options);
  shredder.runWhole(page, 0);
  return shown(shredder, page);
}

/** Shreds a page that comes after another one, both as settled. */
export function shredAfter(plan: Plan, before: Page, page: Page, options: ShredderOptions = {}): ShreddedPage {
  const shredder = new Shredder(plan, options);
  shredder.runWhole(before, 0);
  shredder.runWhole(page, LATER_NS);
  return shown(shredder, page);
}

/**
 * Whether pages of a shredder prove nothing by themselves, as any name may be a key: what they said before proves them, and only
 * after a good page can be seen what is wrong with a changed one.
 */
export function isProvenByMemory({ tables }: Plan): boolean {
  return tables.some(({ newKeys }) => newKeys > 1);
}

/** A shredder's items as commands print them. */
export function shown(shredder: Shredder, page: Page): ShreddedPage {
  const items = [...shredder.items()].map(
    ({ subject, quality, reasons, fields }): ShreddedItem => ({
      subject,
      quality,
      reason: reasons.map(reasonText).join('; '),
      fields: quality === 'LIVE' ? Object.fromEntries([...fields].map(([name, value]) => [name, value.text])) : {},
    }),
  );
  return {
    page: shredder.plan.page,
    match: shredder.match,
    reasons: shredder.matchReasons(page).map(reasonText),
    items,
  };
}
