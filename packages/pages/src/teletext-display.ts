import { NEVER_SET_TEXT, Size, Style, Trust, textWord, Width } from './cell.ts';
import { BASIC } from './colour.ts';
import type { Page } from './page.ts';
import { CODE_DAMAGED, CODE_NEVER_SET, TELETEXT_COLUMNS, TELETEXT_ROWS, type TeletextPage } from './teletext-page.ts';
import { isMosaic, latinCharacter, mosaicCharacter } from './teletext-sets.ts';

/** Sets of mosaic cells: the viewdata mosaics, separated and not. */
export const MOSAICS = 0x76;
export const SEPARATED_MOSAICS = 0x77;

const WHITE = 7;
const BLANK = 0x20;
const COLOURS = 0x3ff | (0x3ff << 10);

/** Attributes while a row is drawn. */
class RowState {
  foreground = WHITE;
  background = 0;
  isMosaic = false;
  isSeparated = false;
  isHeld = false;
  held = BLANK;
  heldSet = 0;
  flags = 0;
  /** As the codes say it: 0 normal, 1 height, 2 width, 3 both. */
  size = 0;

  get style(): number {
    return ((BASIC + this.foreground) | ((BASIC + this.background) << 10) | this.flags) >>> 0;
  }

  /** The attributes that count for the cell of their own code. */
  setAt(code: number): void {
    switch (code) {
      case 0x09:
        this.flags &= ~Style.BLINK;
        return;
      case 0x0c:
        this.#resize(0);
        return;
      case 0x18:
        this.flags |= Style.CONCEAL;
        return;
      case 0x19:
      case 0x1a:
        this.isSeparated = code === 0x1a;
        return;
      case 0x1c:
        this.background = 0;
        return;
      case 0x1d:
        this.background = this.foreground;
        return;
      case 0x1e:
        this.isHeld = true;
    }
  }

  /** The attributes that count from the next cell on. */
  setAfter(code: number): void {
    if (code < 0x08 || (code >= 0x10 && code < 0x18)) {
      const isMosaicColour = code >= 0x10;
      if (isMosaicColour !== this.isMosaic) this.#forget();
      this.foreground = code & 7;
      this.isMosaic = isMosaicColour;
      this.flags &= ~Style.CONCEAL;
    } else if (code === 0x08) this.flags |= Style.BLINK;
    else if (code >= 0x0d && code <= 0x0f) this.#resize(code - 0x0c);
    else if (code === 0x1f) this.isHeld = false;
  }

  #resize(size: number): void {
    if (size !== this.size) this.#forget();
    this.size = size;
  }

  #forget(): void {
    this.held = BLANK;
    this.heldSet = 0;
  }
}

/**
 * Draws a subpage as a decoder of level 1 shows it; boxes, concealed text and the flags that keep a page from the screen are
 * for whoever shows it. Rows whose codes are as when they were last drawn are left alone: services send all rows again and
 * again, and few of them differ.
 */
export function drawTeletext(subpage: TeletextPage): void {
  const { drawn, page } = subpage;
  const isOther = drawn.nationalOption !== subpage.flags.nationalOption;
  drawn.nationalOption = subpage.flags.nationalOption;
  let isTallAbove = false;
  let isDrawnAbove = false;
  for (let row = 0; row < TELETEXT_ROWS; row++) {
    const wasHidden = drawn.hidden[row] === 1;
    const isHidden: boolean = isTallAbove;
    const isNew = !isHidden && differs(subpage, row);
    const mustDraw: boolean = isHidden ? isDrawnAbove || !wasHidden : isNew || isOther || wasHidden;
    if (isHidden && mustDraw) hideRowBelow(page, row - 1);
    else if (mustDraw) drawn.tall[row] = Number(drawRow(subpage, row));
    drawn.hidden[row] = Number(isHidden);
    isTallAbove = !isHidden && drawn.tall[row] === 1;
    isDrawnAbove = mustDraw;
  }
}

/** Whether a row's codes are others than those that were drawn; from here on they count as drawn. */
function differs({ codes, drawn }: TeletextPage, row: number): boolean {
  let isOther = false;
  const end = (row + 1) * TELETEXT_COLUMNS;
  for (let at = row * TELETEXT_COLUMNS; at < end; at++) {
    if (codes[at] === drawn.codes[at]) continue;
    drawn.codes[at] = codes[at]!;
    isOther = true;
  }
  return isOther;
}

/** @returns whether the row below is hidden: some character is of double height. */
function drawRow(subpage: TeletextPage, row: number): boolean {
  const { page, codes } = subpage;
  const state = new RowState();
  let isTall = false;
  let isRightHalf = false;
  for (let column = 0; column < TELETEXT_COLUMNS; column++) {
    const at = row * TELETEXT_COLUMNS + column;
    const raw = row === 0 && column < 8 ? headerCode(subpage, column) : codes[at]!;
    const code = raw === CODE_NEVER_SET ? BLANK : raw & ~CODE_DAMAGED;
    const trust = raw === CODE_NEVER_SET ? Trust.NEVER_SET : raw >= CODE_DAMAGED ? Trust.DAMAGED : Trust.OK;
    if (code < BLANK) state.setAt(code);
    if (isRightHalf) isRightHalf = false;
    else {
      const isTallCell = (state.size & 1) !== 0 && row < TELETEXT_ROWS - 1;
      const isWide = (state.size & 2) !== 0 && column < TELETEXT_COLUMNS - 1;
      isTall ||= isTallCell;
      isRightHalf = isWide;
      drawCell(page, at, shownText(subpage, state, code, trust), state.style, isTallCell, isWide);
    }
    if (code < BLANK) state.setAfter(code);
  }
  return isTall;
}

/** Columns 0 to 7 of row 0 are the decoder's own: the page number. */
function headerCode(subpage: TeletextPage, column: number): number {
  return `   P${subpage.number.toString(16).toUpperCase()} `.charCodeAt(column);
}

function shownText(subpage: TeletextPage, state: RowState, code: number, trust: Trust): number {
  if (trust === Trust.NEVER_SET) return NEVER_SET_TEXT;
  if (code < BLANK) return state.isHeld ? textWord(state.held, state.heldSet, trust) : textWord(BLANK, 0, trust);
  if (!state.isMosaic || !isMosaic(code)) {
    return textWord(latinCharacter(subpage.flags.nationalOption, code), 0, trust);
  }
  state.held = mosaicCharacter(code);
  state.heldSet = state.isSeparated ? SEPARATED_MOSAICS : MOSAICS;
  return textWord(state.held, state.heldSet, trust);
}

function drawCell(page: Page, at: number, text: number, style: number, isTall: boolean, isWide: boolean): void {
  const row = Math.floor(at / TELETEXT_COLUMNS);
  const column = at % TELETEXT_COLUMNS;
  const size = isTall ? (isWide ? Size.BOTH_TOP : Size.HEIGHT_TOP) : isWide ? Size.DOUBLE_WIDTH : Size.NORMAL;
  if (!isWide) {
    page.put(row, column, text, style, size);
    return;
  }
  page.put(row, column, BLANK, style, size);
  page.put(row, column + 1, BLANK, style, size);
  page.text[at] = (text | (Width.LEFT_HALF << 30)) >>> 0;
  page.text[at + 1] = (text | (Width.RIGHT_HALF << 30)) >>> 0;
}

/** The row below shows the lower halves, and the background where there are none. */
function hideRowBelow(page: Page, row: number): void {
  for (let column = 0; column < TELETEXT_COLUMNS; column++) {
    const at = row * TELETEXT_COLUMNS + column;
    const size = page.extra[at]!;
    const below = size === Size.HEIGHT_TOP ? Size.HEIGHT_BOTTOM : size === Size.BOTH_TOP ? Size.BOTH_BOTTOM : 0;
    const text = below === 0 ? BLANK : page.text[at]!;
    const style = below === 0 ? page.style[at]! & COLOURS : page.style[at]!;
    page.put(row + 1, column, text & 0x3fff_ffff, style, below);
    if (text >>> 30 !== 0) page.text[at + TELETEXT_COLUMNS] = text;
  }
}
