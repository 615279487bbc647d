import { PageFlag, type PageMessage } from '@tickerplant/records';
import type { CellRuns } from './cell-runs.ts';
import { Page } from './page.ts';
import { PageOrder, PageStep } from './page-order.ts';
import { applyRuns } from './page-runs.ts';

/** A page as its messages make it: at any time one that the sender had, never a half of one. */
export class PageValue {
  /** The last page known; undefined before the first image. Remains the same object for as long as its size does. */
  page: Page | undefined;
  /** Whether the image may repeat what was sent before. */
  possibleDuplicate = false;
  readonly #order = new PageOrder();
  /** The image under way. */
  #coming: Page | undefined;

  /** Whether the page is as its sender had it; not after a message that could not be used, until the next image. */
  get isSound(): boolean {
    return this.#order.isSound;
  }

  /** Whether an image is under way. */
  get isLoading(): boolean {
    return this.#order.isLoading;
  }

  /** Why the last message was a `FAULT`. */
  get fault(): string | undefined {
    return this.#order.fault;
  }

  /**
   * Takes the next message of the item, which has been read.
   *
   * @param changes gets the cells that are others than before; of an image of another size, all.
   */
  take(message: PageMessage, changes?: CellRuns): PageStep {
    const step = this.#order.step(message);
    if (step === PageStep.UPDATE) {
      applyRuns(message, this.page!, changes);
    } else if (step === PageStep.PART || step === PageStep.IMAGE) {
      if (message.part === 0) this.#coming = new Page(message.rows, message.columns);
      applyRuns(message, this.#coming!);
    }
    if (step === PageStep.IMAGE) {
      this.#complete(this.#coming!, changes);
      this.possibleDuplicate = (message.flags & PageFlag.POSSIBLE_DUPLICATE) !== 0;
    }
    if (!this.isLoading) this.#coming = undefined;
    return step;
  }

  /** Messages are missing: the image under way will not be completed. */
  interrupt(): void {
    this.#order.interrupt();
    this.#coming = undefined;
  }

  /** What comes next has nothing to do with what came before: only an image counts. The page stays to be seen. */
  restart(): void {
    this.#order.clear();
    this.#coming = undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.restart();
    this.page = undefined;
    this.possibleDuplicate = false;
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
function tellDifferences(before: Page | undefined, after: Page, changes: CellRuns): void {
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
