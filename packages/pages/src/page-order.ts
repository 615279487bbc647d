import { Kind, PageFlag, type PageMessage } from '@tickerplant/records';

/** What a message does to a page. */
export const PageStep = {
  /** A part of an image, of which more is to come: the page is what it was. */
  PART: 0,
  /** The image is complete: the page is what it says. */
  IMAGE: 1,
  /** The page has changed. */
  UPDATE: 2,
  /** An update, and no image before it that it could belong to. */
  NO_IMAGE: 3,
  /** A part of an image that isn't the one that was to come. The page isn't what its sender has any more. */
  OUT_OF_ORDER: 4,
  /** The message doesn't fit the page; `fault` says why. The page isn't what its sender has any more. */
  FAULT: 5,
} as const;
export type PageStep = (typeof PageStep)[keyof typeof PageStep];

/**
 * Follows the messages of one page: judges what each of them does, whoever then keeps the page or the messages. An image
 * counts when its last part has come, all parts in their order and nothing of the same item between them. What begins and isn't
 * ended has no effect.
 */
export class PageOrder {
  /** Size of the page that an update changes; 0 while there is no image that the sender's is known to be like. */
  rows = 0;
  columns = 0;
  /** Why the last message was a `FAULT`. */
  fault: string | undefined;
  // The image under way; no rows: none.
  #rows = 0;
  #columns = 0;
  #nextPart = 0;

  /** Whether an image is under way. */
  get isLoading(): boolean {
    return this.#rows > 0;
  }

  /** Whether the page is as its sender had it. */
  get isSound(): boolean {
    return this.rows > 0;
  }

  /** The item's next message, which has been read. */
  step(message: PageMessage): PageStep {
    this.fault = undefined;
    return message.kind === Kind.PAGE_IMAGE ? this.#part(message) : this.#update(message);
  }

  /** Messages may be missing: the image under way will not be completed. */
  interrupt(): void {
    this.#rows = 0;
  }

  /** There is no page any more. */
  clear(): void {
    this.interrupt();
    this.rows = 0;
    this.columns = 0;
  }

  #update(message: PageMessage): PageStep {
    this.interrupt();
    if (!this.isSound) return PageStep.NO_IMAGE;
    this.fault = message.check(this.rows, this.columns);
    if (this.fault === undefined) return PageStep.UPDATE;
    this.clear();
    return PageStep.FAULT;
  }

  #part(message: PageMessage): PageStep {
    const { part, rows, columns, flags } = message;
    const isNext = part === this.#nextPart && rows === this.#rows && columns === this.#columns;
    if (part !== 0 && !isNext) {
      this.clear();
      return PageStep.OUT_OF_ORDER;
    }
    this.fault = message.check(rows, columns);
    if (this.fault !== undefined) {
      this.clear();
      return PageStep.FAULT;
    }
    this.#rows = rows;
    this.#columns = columns;
    this.#nextPart = part + 1;
    if ((flags & PageFlag.LAST) === 0) return PageStep.PART;
    this.interrupt();
    this.rows = rows;
    this.columns = columns;
    return PageStep.IMAGE;
  }
}
