import { type CellRuns, type Page, PageStep, PageValue } from '@tickerplant/pages';
import type { PageMessage } from '@tickerplant/records';
import { type ItemState, waiting } from './item-state.ts';

/** The page of an item, and what there is against relying on it. */
export class ItemPage {
  /** Waiting for an image, or a message that could not be used; undefined: the page is the service's. */
  state: ItemState | undefined;
  readonly #value = new PageValue();

  /** @param wallNs now */
  constructor(wallNs: bigint) {
    this.state = waiting(wallNs);
  }

  /** The last page known; undefined before the first. */
  get page(): Page | undefined {
    return this.#value.page;
  }

  get possibleDuplicate(): boolean {
    return this.#value.possibleDuplicate;
  }

  /** Takes the item's next message, which has been read. @param changes gets the cells that are others than before */
  take(message: PageMessage, changes: CellRuns): PageStep {
    const step = this.#value.take(message, changes);
    if (step === PageStep.IMAGE) this.state = undefined;
    return step;
  }

  /** What was wrong with the last message, in words. */
  faultOf(step: PageStep, message: PageMessage): string {
    if (step === PageStep.FAULT) return this.#value.fault!;
    return `expected the next part of an image, found part ${message.part}`;
  }

  /** Messages are missing: an image under way will not be completed. */
  interrupt(): void {
    this.#value.interrupt();
  }

  /** What comes next has nothing to do with what came before: only an image counts. The page stays to be seen. */
  restart(wallNs: bigint): void {
    this.#value.restart();
    this.state = waiting(wallNs);
  }
}
