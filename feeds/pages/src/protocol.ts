import { type FloorFeed, type FloorPages, PAGES_DEFAULT } from '@tickerplant/floor';

/** As floor files name them: pages on request, and pages that are broadcast, with numbers of their own. */
export const PAGES = 'pages';
export const PAGES_BROADCAST = 'pages-broadcast';
/** Broadcast as teletext. */
export const PAGES_TELETEXT = 'pages-teletext';

/** Roles of the services that they publish: pages, and the elements that shredders make of them. */
export const PAGE_ROLES: readonly string[] = ['pages', 'elements'];

/** What a floor file says of a feed's pages. */
export function pagesOf({ pages }: FloorFeed): FloorPages {
  return pages ?? PAGES_DEFAULT;
}
