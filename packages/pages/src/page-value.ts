import { Kind, PageFlag, type PageMessage } from '@tickerplant/records';
import type { CellRuns } from './cell-runs.ts';
import { Page } from './page.ts';
import { applyRuns } from './page-runs.ts';

/** What a message did to a page. */
export const PageStep = {
  /** A part of an image, of which more is to come: the page is what it was. */
  PART: 0,
  /** The image is complete: the page is what it says. */
  IMAGE: 1,
  /** The page has changed. */
  UPDATE: 2,
  /** An update, and no image before it. */
  NO_IMAGE: 3,
  /** A part of an image that isn't the one that was to come. */
  OUT_OF_ORDER: 4,
  /** The message doesn't fit the page; `fault` says why. */
  FAULT: 5,
} as const;
export type PageStep = (typeof PageStep)[keyof typeof PageStep];

/** Before which an image cannot go on: the first part begins it. */
const NO_PART = -1;

/**
 * A page as its messages make it. An image replaces the page when its last part has come, all parts in their order and
 * nothing of the same item between them; what begins and isn't ended leaves no trace. So the page is always one that the
 * sender had.
 */
export class PageValue {
  /** The page; undefined before the first image. Remains the same object for as long as its size does. */
  page: Page | undefined;
  /** Whether the image may repeat what was sent before. */
  possibleDuplicate = false;
  /** Why the last message was a `FAULT`. */
  fault: string | undefined;
  #coming: Page | undefined;
  #nextPart = NO_PART;

  /** Whether an image is under way. */
  get isLoading(): boolean {
    return this.#coming !== undefined;
  }

  /**
   * Takes the next message of the item, which has been read.
   *
   * @param changes gets the cells that are others than before; of an image of another size, all.
   */
  take(message: PageMessage, changes?: CellRuns): PageStep {
    this.fault = undefined;
    return message.kind === Kind.PAGE_IMAGE ? this.#part(message, changes) : this.#update(message, changes);
  }

  /** Messages are missing: the image under way will not be completed. */
  interrupt(): void {
    this.#coming = undefined;
    this.#nextPart = NO_PART;
  }

  /** Forgets everything. */
  clear(): void {
    this.interrupt();
    this.page = undefined;
    this.possibleDuplicate = false;
  }

  #update(message: PageMessage, changes: CellRuns | undefined): PageStep {
    this.interrupt();
    const { page } = this;
    if (page === undefined) return PageStep.NO_IMAGE;
    this.fault = message.check(page.rows, page.columns);
    if (this.fault !== undefined) return PageStep.FAULT;
    applyRuns(message, page, changes);
    return PageStep.UPDATE;
  }

  #part(message: PageMessage, changes: CellRuns | undefined): PageStep {
    const { part, rows, columns, flags } = message;
    const isFirst = part === 0;
    const coming = isFirst ? undefined : this.#coming;
    if (
      !isFirst &&
      (coming === undefined || part !== this.#nextPart || coming.rows !== rows || coming.columns !== columns)
    ) {
      this.interrupt();
      return PageStep.OUT_OF_ORDER;
    }
    this.fault = message.check(rows, columns);
    if (this.fault !== undefined) {
      this.interrupt();
      return PageStep.FAULT;
    }
    const page = coming ?? new Page(rows, columns);
    applyRuns(message, page);
    this.#coming = page;
    this.#nextPart = part + 1;
    if ((flags & PageFlag.LAST) === 0) return PageStep.PART;
    this.interrupt();
    this.#complete(page, changes);
    this.possibleDuplicate = (flags & PageFlag.POSSIBLE_DUPLICATE) !== 0;
    return PageStep.IMAGE;
  }

  #complete(image: Page, changes: CellRuns | undefined): void {
    const before = this.page;
    const isSameSize = before !== undefined && before.rows === image.rows && before.columns === image.columns;
    if (changes !== undefined) tellDifferences(isSameSize ? before : undefined, image, changes);
    if (isSameSize) before.copyFrom(image);
    else this.page = image;
  }
}

/** Which cells of `after` are others than those of `before`, which has the same size; undefined: all. */
export function tellDifferences(before: Page | undefined, after: Page, changes: CellRuns): void {
  const { rows, columns } = after;
  for (let row = 0; row < rows; row++) {
    let first = -1;
    for (let column = 0; column < columns; column++) {
      const isChanged = before === undefined || !after.sameCell(row * columns + column, before);
      if (isChanged && first < 0) first = column;
      if (isChanged || first < 0) continue;
      changes.add(row, first, column);
      first = -1;
    }
    if (first >= 0) changes.add(row, first, columns);
  }
}
