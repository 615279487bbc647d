import type { QualityState } from '@tickerplant/records';

/** What a session or a receiver tells of the service's pages. A row is a page's place in `PageItems`. */
export interface PageListener {
  /** The service has let us in, or is heard: what is wanted of it is on its way. */
  onAccepted(): void;
  /** A page is asked for, or was heard of: it belongs to what is published from here on. */
  onOffered(row: number): void;
  /** A page that was not there is, all of it. @param state LIVE unless it is in doubt nevertheless */
  onImage(row: number, state: QualityState): void;
  /** A page has come whole, where there was one: `changes` has what differs. */
  onRefreshed(row: number, state: QualityState): void;
  /** A page has changed: `changes` says where. */
  onUpdate(row: number): void;
  /** A page isn't to be relied on, until an image comes. */
  onStatus(row: number, state: QualityState): void;
  /** A page isn't asked for any more, and was forgotten. */
  onWithdrawn(row: number): void;
}
