/**
 * What was wrong with an operation. A fault never stops the book: it says that the input and the book have
 * parted (a gap, a late join, a decoding fault), so that the caller can count it and mark the item.
 */
export const BookFault = {
  NONE: 0,
  /** No live order has this reference. Nothing changed: the book never invents an order. */
  UNKNOWN_ORDER: 1,
  /** A live order already has this reference. It stays as it was and the new one is left out. */
  DUPLICATE_ORDER: 2,
  /** More shares were taken than the order had. It was taken down to 0 and removed. */
  OVERDRAWN: 3,
  /** An order with 0 shares was to be put in. It is left out. */
  NO_SHARES: 4,
  /** The order table is at its bound. The order is left out. */
  TABLE_FULL: 5,
} as const;

export type BookFault = (typeof BookFault)[keyof typeof BookFault];
