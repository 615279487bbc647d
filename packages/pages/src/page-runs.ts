import { type PageMessage, RunWidth, SORT_LOOK_MASK, SORT_WIDTH_SHIFT } from '@tickerplant/records';
import { BLANK_TEXT, backgroundOf, foregroundOf, Width, withBackground, withForeground } from './cell.ts';
import type { CellRuns } from './cell-runs.ts';
import { TRUE_COLOUR } from './colour.ts';
import type { Page } from './page.ts';

const LEFT_HALF = Width.LEFT_HALF << 30;
const RIGHT_HALF = Width.RIGHT_HALF << 30;
/** By `RunWidth`: the width of a character's first cell. */
const FIRST_WIDTHS: readonly number[] = [0, LEFT_HALF, RIGHT_HALF, LEFT_HALF];

/**
 * Writes the cells of a message into a page.
 *
 * @param message found good for a page of this size.
 * @param changes gets the cells that are others than before.
 */
export function applyRuns(message: PageMessage, page: Page, changes?: CellRuns): void {
  const codes = message.colours.map((rgb) => page.trueColour(rgb));
  const colourOf = (code: number): number => (code < TRUE_COLOUR ? code : codes[code - TRUE_COLOUR]!);
  const marks = changes === undefined ? undefined : new Marks(page.columns, changes);
  message.rewind();
  while (message.next()) {
    const { style } = message;
    const foreground = colourOf(foregroundOf(style));
    applyRun(
      message,
      page,
      withBackground(withForeground(style, foreground), colourOf(backgroundOf(style))) >>> 0,
      marks,
    );
  }
  marks?.end();
}

function applyRun(message: PageMessage, page: Page, style: number, marks: Marks | undefined): void {
  const { bytes, textEnd, extra, blanks } = message;
  const width = message.sort >>> SORT_WIDTH_SHIFT;
  const sort = (message.sort & SORT_LOOK_MASK) << 21;
  let at = message.first;
  if (blanks >= 0) {
    const word = (BLANK_TEXT | sort) >>> 0;
    for (const end = at + blanks; at < end; at++) write(page, at, word, style, extra, marks);
    return;
  }
  const first = FIRST_WIDTHS[width]!;
  for (let from = message.textAt; from < textEnd; ) {
    let code = bytes[from]!;
    if (code < 0x80) {
      from++;
    } else if (code < 0xe0) {
      code = ((code & 0x1f) << 6) | (bytes[from + 1]! & 0x3f);
      from += 2;
    } else if (code < 0xf0) {
      code = ((code & 0x0f) << 12) | ((bytes[from + 1]! & 0x3f) << 6) | (bytes[from + 2]! & 0x3f);
      from += 3;
    } else {
      code = ((code & 0x07) << 18) | ((bytes[from + 1]! & 0x3f) << 12);
      code |= ((bytes[from + 2]! & 0x3f) << 6) | (bytes[from + 3]! & 0x3f);
      from += 4;
    }
    write(page, at++, (code | sort | first) >>> 0, style, extra, marks);
    if (width === RunWidth.DOUBLE) write(page, at++, (code | sort | RIGHT_HALF) >>> 0, style, extra, marks);
  }
}

function write(page: Page, at: number, text: number, style: number, extra: number, marks: Marks | undefined): void {
  if (page.text[at] === text && page.style[at] === style && page.extra[at] === extra) return;
  page.load(at, text, style, extra);
  marks?.changed(at);
}

/** Makes runs out of changed cells that come one after another. */
class Marks {
  readonly #columns: number;
  readonly #changes: CellRuns;
  #first = -1;
  #end = -1;

  constructor(columns: number, changes: CellRuns) {
    this.#columns = columns;
    this.#changes = changes;
  }

  changed(at: number): void {
    if (at !== this.#end || at % this.#columns === 0) {
      this.end();
      this.#first = at;
    }
    this.#end = at + 1;
  }

  end(): void {
    if (this.#first < 0) return;
    const row = Math.floor(this.#first / this.#columns);
    const base = row * this.#columns;
    this.#changes.add(row, this.#first - base, this.#end - base);
    this.#first = -1;
  }
}
