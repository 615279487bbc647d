import type { CellRuns, Page } from '@tickerplant/pages';
import type { QualityState } from '@tickerplant/records';

/** What is hung on to a handler of pages: whatever makes something of what they show. */
export interface PageWatcher {
  /**
   * A page has changed, or is there for the first time.
   *
   * @param name as it is asked for at the vendor's
   * @param page as it is now; borrowed
   * @param changes the cells that differ from before: all of them where there was no page; borrowed
   */
  changed(name: string, page: Page, changes: CellRuns, nowNs: number): void;
  /** How far the page can be relied on has changed: LIVE, or the reason against it. */
  judged(name: string, state: QualityState, nowNs: number): void;
  /** The page isn't held any more. */
  gone(name: string, nowNs: number): void;
  /** Nothing is LIVE any more: the vendor is gone. */
  vendorLost(why: string, nowNs: number): void;
}

/** Makes watchers when a handler begins; `names` are as the floor file's feed has them. */
export type PageWatcherFactory = (feed: string) => PageWatcher;
