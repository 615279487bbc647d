import { type Random, seededRandom } from '@tickerplant/core';
import { Page } from '@tickerplant/pages';
import { hoursAndMinutes } from './numbers.ts';
import { RowSheet } from './row-sheet.ts';

/** How a page looks: as its readers know it, or after a change that nobody announced. */
export type Layout = 'usual' | 'changed';

/** What a value on a page truly is: text, because the number of decimals matters; null where there is none. */
export type TrueValue = string | boolean | null;

/** What stands behind a row of a page. */
export interface TrueRecord {
  /** The row in the usual layout, from 0. */
  readonly row: number;
  /** False while only a part of the last change has gone out: the page then shows a value that nobody ever quoted. */
  readonly shown: boolean;
  readonly values: Readonly<Record<string, TrueValue>>;
}

/** What a style may use of the page that it draws. */
interface StyleContext {
  /** The page's name. */
  readonly name: string;
  readonly random: Random;
  readonly layout: Layout;
  /** As the page's clock shows it: `14:32`. */
  readonly time: string;
}

/** One of the trade's ways to lay out a page, with the market behind it. */
export interface PageStyle {
  /** Draws a row, on an empty one. */
  draw(row: number, sheet: RowSheet): void;
  /** Changes the market once, or completes a change that went out half. @returns the rows that look different now */
  step(): readonly number[];
  /** The truth, record by record. */
  records(): readonly TrueRecord[];
}

export type StyleFactory = (context: StyleContext) => PageStyle;

export const PAGE_ROWS = 25;
export const PAGE_COLUMNS = 80;
/** The row with the page's clock. */
const CLOCK_ROW = 0;

const sheet = new RowSheet(PAGE_COLUMNS);

/** A page of the simulated service: what it shows, and what is true. Depends on its seed and the calls only. */
export class SimulatedPage {
  readonly name: string;
  /** What the service shows. */
  readonly page: Page = new Page(PAGE_ROWS, PAGE_COLUMNS);
  readonly #style: PageStyle;
  #layout: Layout = 'usual';
  #time: string;

  /** @param secondOfDay what the page's clock shows first */
  constructor(name: string, createStyle: StyleFactory, seed: number, secondOfDay: number) {
    this.name = name;
    this.#time = hoursAndMinutes(secondOfDay);
    const random = seededRandom(seed);
    const self = this;
    this.#style = createStyle({
      name,
      random,
      get layout() {
        return self.#layout;
      },
      get time() {
        return self.#time;
      },
    });
    this.#drawAll();
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** Changes the layout without a word, or changes it back. */
  setLayout(layout: Layout): void {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#drawAll();
  }

  /** Changes the market once. */
  step(): void {
    for (const row of this.#style.step()) this.#draw(row);
  }

  /** Whether a change has gone out half: the next step completes it. */
  get isHalf(): boolean {
    return this.#style.records().some(({ shown }) => !shown);
  }

  /** Sets the page's clock. @returns whether it shows something else than before */
  setClock(secondOfDay: number): boolean {
    const time = hoursAndMinutes(secondOfDay);
    if (time === this.#time) return false;
    this.#time = time;
    this.#draw(CLOCK_ROW);
    return true;
  }

  /** What is true at present. */
  records(): readonly TrueRecord[] {
    return this.#style.records();
  }

  #drawAll(): void {
    for (let row = 0; row < PAGE_ROWS; row++) this.#draw(row);
  }

  #draw(row: number): void {
    sheet.clear();
    this.#style.draw(row, sheet);
    sheet.copyTo(this.page, row);
  }
}
