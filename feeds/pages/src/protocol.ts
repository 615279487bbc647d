import { type FloorFeed, type FloorPages, PAGES_DEFAULT } from '@tickerplant/floor';

/** As floor files name them: pages on request, and pages that are broadcast, with numbers of their own. */
export const PAGES = 'pages';
export const PAGES_BROADCAST = 'pages-broadcast';
/** Broadcast as teletext. */
export const PAGES_TELETEXT = 'pages-teletext';

/** Role of the service that they publish. */
export const PAGE_ROLES: readonly string[] = ['pages'];

/** What a floor file says of a feed's pages. */
export function pagesOf({ pages }: FloorFeed): FloorPages {
  return pages ?? PAGES_DEFAULT;
}
