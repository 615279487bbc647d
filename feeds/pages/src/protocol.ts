import { type FloorFeed, type FloorPages, PAGES_DEFAULT } from '@tickerplant/floor';

/** As floor files name them: pages on request, and pages that are broadcast. */
export const PAGES = 'pages';
export const PAGES_BROADCAST = 'pages-broadcast';

/** Role of the service that both publish. */
export const PAGE_ROLES: readonly string[] = ['pages'];

/** What a floor file says of a feed's pages. */
export function pagesOf({ pages }: FloorFeed): FloorPages {
  return pages ?? PAGES_DEFAULT;
}
