import { BLANK_TEXT, Trust, textWord } from './cell.ts';
import { characterWidth } from './character-width.ts';
import type { Page } from './page.ts';
import { INCOMPLETE, INVALID, INVALID_AGAIN, REPLACEMENT, Utf8Reader } from './utf8.ts';

// The vendor's multilingual text, in short: ASCII, the right half of its basic set, UTF-8 after ESC % 0. Characters of
// other sets, which may be designated, are damaged cells: no character is better than a wrong one.

const ESC = 0x1b;
const ASCII_SET = 0x42;
/** Where the right half of the basic set (A1 to FF) isn't Latin-1. */
const RIGHT_HALF: ReadonlyMap<number, number> = new Map([
  [0xac, 0x215b],
  [0xad, 0x215c],
  [0xae, 0x215d],
  [0xaf, 0x215e],
  [0xde, 0x21e7],
  [0xfe, 0x21e9],
]);

/**
 * Draws the bytes of a row on a page, filled up with blanks; what has no room is left out.
 *
 * @returns how many bytes made no character.
 */
export function drawRmtes(page: Page, row: number, bytes: Uint8Array): number {
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) return new RmtesRow(page, row).draw(bytes);
  // Nearly all rows are plain.
  const { columns } = page;
  const end = Math.min(bytes.length, columns);
  for (let column = 0; column < end; column++) page.put(row, column, bytes[column]!, 0, 0);
  page.erase(row, end, columns);
  return 0;
}

class RmtesRow {
  readonly #page: Page;
  readonly #row: number;
  readonly #utf8 = new Utf8Reader();
  #column = 0;
  #faults = 0;
  #isUtf8 = false;
  /** Sets G0 and G1: 0 for what is so by itself, else the final byte of what was designated. */
  readonly #sets = [0, 0];
  #isShifted = false;

  constructor(page: Page, row: number) {
    this.#page = page;
    this.#row = row;
  }

  draw(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; ) {
      if (bytes[at] === ESC) at += this.#escape(bytes, at);
      else this.#byte(bytes[at++]!);
    }
    if (this.#utf8.isInside) this.#damaged();
    const { columns } = this.#page;
    for (; this.#column < columns; this.#column++) this.#put(BLANK_TEXT);
    return this.#faults;
  }

  /** @returns how many bytes the sequence has. */
  #escape(bytes: Uint8Array, at: number): number {
    if (this.#utf8.isInside) this.#breakCharacter();
    let end = at + 1;
    while (end < bytes.length && bytes[end]! >= 0x20 && bytes[end]! < 0x30) end++;
    const final = bytes[end] ?? 0;
    const kind = bytes[at + 1]!;
    if (kind === 0x25 && final === 0x30 && end === at + 2) this.#isUtf8 = true;
    else {
      const isDouble = kind === 0x24;
      const place = isDouble && end > at + 2 ? bytes[at + 2]! : kind;
      const set = !isDouble && final === ASCII_SET ? 0 : final;
      if (place === 0x29 || place === 0x2d) this.#sets[1] = final;
      else if (isDouble || place === 0x28) this.#sets[0] = set;
    }
    return end + 1 - at;
  }

  #byte(byte: number): void {
    if (this.#isUtf8) {
      const codePoint = this.#utf8.push(byte);
      if (codePoint === INCOMPLETE) return;
      if (codePoint === INVALID) this.#damaged();
      else if (codePoint === INVALID_AGAIN) {
        this.#damaged();
        this.#byte(byte);
      } else this.#character(codePoint);
      return;
    }
    if (byte === 0x0e || byte === 0x0f) {
      this.#isShifted = byte === 0x0e;
      return;
    }
    const isRight = byte > 0xa0;
    const set = this.#sets[isRight || this.#isShifted ? 1 : 0]!;
    if (set !== 0 && (byte & 0x7f) > 0x20) this.#damaged(set);
    else this.#character(isRight ? (RIGHT_HALF.get(byte) ?? byte) : byte);
  }

  #character(codePoint: number): void {
    if (codePoint === 0) return;
    if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) {
      this.#damaged();
      return;
    }
    const width = characterWidth(codePoint);
    if (width === 0) this.#faults++;
    else if (width === 1) this.#put(codePoint);
    else if (this.#column + 1 >= this.#page.columns) this.#put(BLANK_TEXT);
    else this.#page.putWide(this.#row, this.#column, codePoint, 0, 0, 0);
    this.#column += width;
  }

  #breakCharacter(): void {
    this.#utf8.reset();
    this.#damaged();
  }

  #damaged(set = 0): void {
    this.#faults++;
    this.#put(textWord(REPLACEMENT, set, Trust.DAMAGED));
    this.#column++;
  }

  #put(text: number): void {
    if (this.#column < this.#page.columns) this.#page.put(this.#row, this.#column, text, 0, 0);
  }
}
