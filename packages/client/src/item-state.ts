import { Quality, type QualityName, type QualityState, qualityName, Reason } from '@tickerplant/records';

/** An item's quality: how bad, why, and since when. Immutable. */
export interface ItemState extends QualityState {
  /** `LIVE`, `RECOVERING`, `STALE` or `SUSPECT`. */
  readonly name: QualityName;
  /** Wall-clock nanoseconds since 1970-01-01 UTC. */
  readonly since: bigint;
}

/** Makes a state. What is LIVE needs no reason. */
export function itemState(quality: Quality, reason: string, detail: string, since: bigint): ItemState {
  const isLive = quality === Quality.LIVE;
  return { quality, reason: isLive ? '' : reason, detail: isLive ? '' : detail, since, name: qualityName(quality) };
}

/** Nothing is wrong, since `since`. */
export function live(since: bigint): ItemState {
  return itemState(Quality.LIVE, '', '', since);
}

/** The image has not come yet. */
export function waiting(since: bigint): ItemState {
  return itemState(Quality.RECOVERING, Reason.WAITING_FOR_IMAGE, '', since);
}

/** The worse of two; of two equally bad ones the first; of two good ones that which is good for a shorter time. */
export function worst(a: ItemState, b: ItemState): ItemState {
  if (b.quality !== a.quality) return b.quality > a.quality ? b : a;
  return a.quality === Quality.LIVE && b.since > a.since ? b : a;
}

/** Whether two states say the same, whenever they began. */
export function sameState(a: ItemState, b: ItemState): boolean {
  return a === b || (a.quality === b.quality && a.reason === b.reason && a.detail === b.detail);
}

/** The newer of two states of the same thing; where only the detail differs, it has been so since the older one began. */
export function following(older: ItemState, newer: ItemState): ItemState {
  const goesOn = newer.quality === older.quality && newer.reason === older.reason;
  return goesOn ? { ...newer, since: older.since } : newer;
}
