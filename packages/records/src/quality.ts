import { QUALITY_NAMES, type Quality, type QualityName } from './wire.ts';

/** A quality with its reason. */
export interface QualityState {
  readonly quality: Quality;
  /** Stable code of the reason (`Reason`), empty when LIVE. */
  readonly reason: string;
  /** The particulars, for a person. */
  readonly detail: string;
}

/** Reasons for anything but LIVE. */
export const Reason = {
  /** The vendor's messages are missing and could not be had again. */
  VENDOR_GAP: 'vendor-gap',
  /** Messages of the vendor are missing; they are being asked for. */
  VENDOR_MISSING: 'vendor-missing',
  /** A vendor message that concerned the item could not be used, or contradicts what went before. */
  VENDOR_FAULT: 'vendor-fault',
  /** The vendor says itself that the value isn't to be relied on. */
  VENDOR_SAYS: 'vendor-says',
  /** The vendor serves no more items at a time than are open already. */
  VENDOR_LIMIT: 'vendor-limit',
  /** From the handler's cache; the vendor has not been heard of it since. */
  FROM_CACHE: 'from-cache',
  /** No line of the feed has been heard within the limit. */
  LINES_SILENT: 'lines-silent',
  /** The connection to the vendor of an interactive feed is down. */
  VENDOR_DOWN: 'vendor-down',
  /** The feed's handler has not been heard within the limit. */
  HANDLER_SILENT: 'handler-silent',
  /** No plant has been heard within the limit. */
  PLANT_SILENT: 'plant-silent',
  /** The channel's data have not been heard within the limit. */
  CHANNEL_SILENT: 'channel-silent',
  /** Messages of the channel are missing; they are being asked for. */
  CHANNEL_GAP: 'channel-gap',
  /** Messages of the channel are lost; a new image is under way. */
  CHANNEL_LOST: 'channel-lost',
  /** The plant has the values from its journal, and not heard yet what came since. */
  JOURNAL: 'journal',
  /** A page isn't as its shredder knows it, or shows what can't be right: the detail says where. */
  LAYOUT: 'layout',
  /** The image has not arrived yet. */
  WAITING_FOR_IMAGE: 'waiting-for-image',
  /** The channel began a new session or epoch; its values of before no longer count. */
  NEW_SESSION: 'new-session',
  /** Fields or messages that this program cannot read. */
  UNREADABLE: 'unreadable',
} as const;

/** What a value is when nobody says otherwise. */
export const LIVE: QualityState = { quality: 0, reason: '', detail: '' };

/** The worse of two opinions; of two equally bad ones the first. */
export function worse(a: QualityState, b: QualityState): QualityState {
  return b.quality > a.quality ? b : a;
}

/** `SUSPECT`, from its number; what isn't known counts as the worst. */
export function qualityName(quality: Quality): QualityName {
  return QUALITY_NAMES[quality] ?? 'SUSPECT';
}
