import type { Page } from '@tickerplant/pages';
import type { Printed } from './fields.ts';
import type { Plan } from './plan.ts';
import { reasonText } from './reasons.ts';
import { type MatchState, Shredder, type ShredderOptions } from './shredder.ts';

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
