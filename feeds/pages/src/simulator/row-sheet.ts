import type { Page } from '@tickerplant/pages';

/** Foreground colours that page services have, as a cell's style word has them. */
export const Colour = { RED: 2, GREEN: 3, YELLOW: 4, CYAN: 7, WHITE: 8 } as const;

export type Colour = (typeof Colour)[keyof typeof Colour];

const BLANK = 0x20;

/** One row of a page while it is drawn. */
export class RowSheet {
  readonly #text: Uint8Array;
  readonly #style: Uint32Array;

  constructor(columns: number) {
    this.#text = new Uint8Array(columns);
    this.#style = new Uint32Array(columns);
  }

  clear(): void {
    this.#text.fill(BLANK);
    this.#style.fill(0);
  }

  /** Writes ASCII text; what goes beyond the row is cut. */
  put(column: number, text: string, colour = 0): void {
    const end = Math.min(this.#text.length, column + text.length);
    for (let at = column; at < end; at++) {
      this.#text[at] = text.charCodeAt(at - column);
      this.#style[at] = colour;
    }
  }

  /** Makes a row of a page look like this. */
  copyTo(page: Page, row: number): void {
    for (let column = 0; column < page.columns; column++) {
      page.put(row, column, this.#text[column]!, this.#style[column]!, 0);
    }
  }
}
