/** The two sides of a book. The values index arrays: bids first. */
export const Side = { BID: 0, ASK: 1 } as const;

export type Side = (typeof Side)[keyof typeof Side];
