// The constants of the normalised message format. docs/wire.md describes it byte by byte.

/** Version of the message form, in the upper half of every message's first element. */
export const WIRE_VERSION = 1;

/** Kinds of message, in the lower half of the first element. */
export const Kind = {
  /** First message of an epoch: which channel, day and epoch this is and where the previous one ended. */
  START: 0,
  /** Declares a template: the fields that an UPDATE of it carries, in their order. */
  TEMPLATE: 1,
  /** Declares an item: its number on this channel and its subject. */
  ITEM: 2,
  /** New values for all fields of one template. */
  UPDATE: 3,
  /** Values for fields named one by one: images after trouble, rare fields. */
  FIELDS: 4,
  /** Quality of one item, or of all items of the channel. */
  QUALITY: 5,
  /** The item is gone: its number may not be used again in this epoch. */
  REMOVE: 6,
  /** A part of a page's image: size and cells. The page is what it says when the last part has come. */
  PAGE_IMAGE: 7,
  /** Cells of a page that changed, all of one change. */
  PAGE_UPDATE: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** What kind of event an update stands for; declared by its template. */
export const UpdateType = {
  UNSPECIFIED: 0,
  QUOTE: 1,
  TRADE: 2,
  /** Takes back something said before: receivers don't ripple, don't count a trade. */
  CORRECTION: 3,
  STATUS: 4,
  /** Day statistics, reference data. */
  REFERENCE: 5,
  DEPTH: 6,
} as const;
export type UpdateType = (typeof UpdateType)[keyof typeof UpdateType];

/** Names of the update types, by number. */
export const UPDATE_TYPE_NAMES: readonly string[] = [
  'unspecified',
  'quote',
  'trade',
  'correction',
  'status',
  'reference',
  'depth',
];

/** What an item's value is. */
export const RecordKind = { RECORD: 0, DEPTH: 1, PAGE: 2 } as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** Flags of a FIELDS message. */
export const FieldsFlag = {
  /** Replaces all values of the item. */
  IMAGE: 1,
  /** May repeat what was sent before (a new epoch of an unpositioned feed). */
  POSSIBLE_DUPLICATE: 2,
  /** A correction: receivers don't ripple. */
  DO_NOT_RIPPLE: 4,
} as const;

/** Flags of PAGE_IMAGE; those of PAGE_UPDATE are 0. */
export const PageFlag = {
  /** The last part: the image is complete. */
  LAST: 1,
  /** May repeat what was sent before (a new epoch of an unpositioned feed). */
  POSSIBLE_DUPLICATE: 2,
} as const;

/** Quality of an item's values. Higher is worse; the worst of several opinions counts. */
export const Quality = {
  LIVE: 0,
  /** Being brought up to date; the values shown may be old. */
  RECOVERING: 1,
  /** No longer fed: a line, handler, plant or network is silent. */
  STALE: 2,
  /** May be wrong: messages that touched it are missing, or its layout is in doubt. */
  SUSPECT: 3,
} as const;
export type Quality = (typeof Quality)[keyof typeof Quality];

/** Names of the qualities, by number. */
export const QUALITY_NAMES = ['LIVE', 'RECOVERING', 'STALE', 'SUSPECT'] as const;
export type QualityName = (typeof QUALITY_NAMES)[number];

/** First element of a message of the present version. */
export function headOf(kind: Kind): number {
  return (WIRE_VERSION << 4) | kind;
}

/** Highest item number on a channel. */
export const ITEM_MAX = 0xffffff;
/** Highest template number on a channel; small, because plants keep a row of template slots for each item. */
export const TEMPLATE_MAX = 31;
/** Most fields in a template. */
export const TEMPLATE_FIELDS_MAX = 64;
/** Longest message: what a MoldUDP64 block in a 1,472-byte packet can hold. */
export const MESSAGE_BYTES_MAX = 1450;
