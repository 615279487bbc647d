import { codePointIn } from './ansi-sets.ts';
import { BLANK_TEXT, backgroundOnly, codePointOf, Style, Trust, textWord } from './cell.ts';
import { type ChangeListener, ChangeTracker } from './changes.ts';
import { characterWidth } from './character-width.ts';
import { type FaultListener, Faults } from './faults.ts';
import { Page } from './page.ts';
import { applyTerminalSgr, type Parameters, type Pen } from './sgr.ts';
import { ControlParser, type ControlSink } from './terminal-parser.ts';
import { TerminalTabs } from './terminal-tabs.ts';
import { INCOMPLETE, INVALID, INVALID_AGAIN, REPLACEMENT, Utf8Reader } from './utf8.ts';

const KINDS = ['encoding', 'control', 'sequence', 'parameter', 'mark'] as const;

/**
 * What is counted: bytes that are no UTF-8; controls, sequences and parameters that mean nothing here; combining marks,
 * for which a cell has no room.
 */
export type TerminalFault = (typeof KINDS)[number];

export interface TerminalDecoderOptions {
  readonly onFault?: FaultListener<TerminalFault>;
  /** Shared with others, to save memory. */
  readonly tracker?: ChangeTracker;
}

/** What DECSC saves. */
interface Cursor extends Pen {
  row: number;
  column: number;
  isWrapPending: boolean;
  isOrigin: boolean;
  /** G0 to G3: whether line graphics. */
  g: number[];
  active: number;
}

const LINE_GRAPHICS = 0x30;

/**
 * Draws what a terminal of today would draw (ECMA-48, DEC's private sequences, UTF-8) on a page. It answers nothing.
 * Bytes may come in any pieces. No input throws: what has no effect on cells is passed over, and counted where it is
 * unknown.
 */
export class TerminalDecoder implements ControlSink {
  readonly page: Page;
  readonly faults: Faults<TerminalFault>;
  readonly #tracker: ChangeTracker;
  readonly #parser: ControlParser = new ControlParser(this);
  readonly #utf8 = new Utf8Reader();
  readonly #tabs: TerminalTabs;
  #cursor: Cursor = initialCursor();
  #saved: Cursor = initialCursor();
  #top = 0;
  #bottom: number;
  #wraps = true;
  #inserts = false;
  #newLines = false;
  #last = 0;
  /** The other screen's cells and cursors, while the alternate one is shown. */
  #main: { readonly cells: Page; readonly cursor: Cursor; readonly saved: Cursor } | undefined;
  #taken = 0;
  #at = 0;

  constructor(page: Page, { onFault, tracker }: TerminalDecoderOptions = {}) {
    this.page = page;
    this.faults = new Faults(KINDS, onFault);
    this.#tracker = tracker ?? new ChangeTracker();
    this.#bottom = page.rows;
    this.#tabs = new TerminalTabs(page.columns);
  }

  /** Row and column of the next character, from 0. */
  get cursor(): readonly [row: number, column: number] {
    return [this.#cursor.row, this.#cursor.column];
  }

  /**
   * Takes a piece of the stream and tells what it changed.
   *
   * @returns how many cells differ from before it.
   */
  message(bytes: Uint8Array, onChange?: ChangeListener): number {
    this.#tracker.begin(this.page);
    this.feed(bytes);
    return this.#tracker.end(onChange);
  }

  /** Takes a piece of the stream. */
  feed(bytes: Uint8Array): void {
    for (this.#at = 0; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at]!;
      if (this.#parser.isIdle && byte >= 0x20 && byte !== 0x7f) this.#textByte(byte);
      else {
        this.#breakCharacter();
        this.#parser.push(byte);
      }
    }
    this.#taken += bytes.length;
  }

  #fault(kind: TerminalFault): void {
    this.faults.add(kind, this.#taken + this.#at);
  }

  #textByte(byte: number): void {
    if (byte < 0x80 && !this.#utf8.isInside) {
      this.#print(byte);
      return;
    }
    const codePoint = this.#utf8.push(byte);
    if (codePoint === INCOMPLETE) return;
    if (codePoint === INVALID_AGAIN) {
      this.#damaged();
      this.#textByte(byte);
    } else if (codePoint === INVALID) this.#damaged();
    else if (codePoint < 0xa0 && codePoint >= 0x80) this.#fault('control');
    else this.#print(codePoint);
  }

  #breakCharacter(): void {
    if (!this.#utf8.isInside) return;
    this.#utf8.reset();
    this.#damaged();
  }

  #damaged(): void {
    this.#fault('encoding');
    this.#print(REPLACEMENT, Trust.DAMAGED);
  }

  #print(codePoint: number, trust: Trust = Trust.OK): void {
    const { page } = this;
    const cursor = this.#cursor;
    const set = cursor.g[cursor.active]!;
    const shown = set !== 0 && codePoint >= 0x60 && codePoint < 0x7f ? codePointIn(set, codePoint) : codePoint;
    const width = characterWidth(shown);
    if (width === 0) {
      this.#fault('mark');
      return;
    }
    this.#last = codePoint;
    if (cursor.isWrapPending || (width === 2 && cursor.column === page.columns - 1)) {
      if (this.#wraps) this.#wrap();
      else if (width === 2) cursor.column = page.columns - 2;
    }
    if (cursor.column < 0 || cursor.column + width > page.columns) {
      // A double-width character on a page of one column.
      cursor.column = 0;
      this.#fault('parameter');
      return;
    }
    if (this.#inserts) page.insertCells(cursor.row, cursor.column, width, backgroundOnly(cursor.style));
    if (width === 2) page.putWide(cursor.row, cursor.column, shown, 0, cursor.style, 0);
    else page.put(cursor.row, cursor.column, trust === 0 ? shown : textWord(shown, 0, trust), cursor.style, 0);
    if (cursor.column + width < page.columns) cursor.column += width;
    else {
      cursor.column = page.columns - 1;
      cursor.isWrapPending = true;
    }
  }

  #wrap(): void {
    const cursor = this.#cursor;
    this.page.addStyle(cursor.row, this.page.columns - 1, Style.WRAPPED);
    cursor.column = 0;
    cursor.isWrapPending = false;
    this.#index();
  }

  #index(): void {
    const cursor = this.#cursor;
    if (cursor.row === this.#bottom - 1) this.#scroll(this.#top, 1);
    else if (cursor.row < this.page.rows - 1) cursor.row++;
  }

  /** Scrolls the region from a row on; up where `count` is above 0. */
  #scroll(top: number, count: number): void {
    const style = backgroundOnly(this.#cursor.style);
    if (count > 0) this.page.scrollUp(top, this.#bottom, count, style);
    else this.page.scrollDown(top, this.#bottom, -count, style);
  }

  #moveTo(row: number, column: number): void {
    const cursor = this.#cursor;
    cursor.row = Math.max(0, Math.min(this.page.rows - 1, row));
    cursor.column = Math.max(0, Math.min(this.page.columns - 1, column));
    cursor.isWrapPending = false;
  }

  /** A position counted from the region's top where the origin is there. */
  #address(row: number, column: number): void {
    const isOrigin = this.#cursor.isOrigin;
    this.#moveTo(isOrigin ? Math.min(this.#bottom - 1, row + this.#top) : row, column);
  }

  #up(count: number): void {
    const { row, column } = this.#cursor;
    this.#moveTo(Math.max(row >= this.#top ? this.#top : 0, row - count), column);
  }

  #down(count: number): void {
    const { row, column } = this.#cursor;
    this.#moveTo(Math.min(row < this.#bottom ? this.#bottom - 1 : this.page.rows - 1, row + count), column);
  }

  control(byte: number): void {
    const cursor = this.#cursor;
    switch (byte) {
      case 0x07:
      case 0x00:
        return;
      case 0x08:
        this.#moveTo(cursor.row, cursor.column - 1);
        return;
      case 0x09:
        this.#tab();
        return;
      case 0x0a:
      case 0x0b:
      case 0x0c:
        if (this.#newLines) cursor.column = 0;
        cursor.isWrapPending = false;
        this.#index();
        return;
      case 0x0d:
        this.#moveTo(cursor.row, 0);
        return;
      case 0x0e:
        cursor.active = 1;
        return;
      case 0x0f:
        cursor.active = 0;
        return;
    }
    this.#fault('control');
  }

  #tab(): void {
    const cursor = this.#cursor;
    if (cursor.isWrapPending) {
      if (this.#wraps) this.#wrap();
      return;
    }
    // As terminals do for those who copy: the tab stays in the cell where it was.
    const at = cursor.row * this.page.columns + cursor.column;
    if (codePointOf(this.page.text[at]!) === codePointOf(BLANK_TEXT)) {
      this.page.put(cursor.row, cursor.column, 0x09, this.page.style[at]!, 0);
    }
    cursor.column = this.#tabs.after(cursor.column);
  }

  escape(intermediate: number, final: number): void {
    const cursor = this.#cursor;
    if (intermediate >= 0x28 && intermediate <= 0x2b) {
      cursor.g[intermediate - 0x28] = final === LINE_GRAPHICS ? LINE_GRAPHICS : 0;
      return;
    }
    if (intermediate === 0x23 && final === 0x38) {
      this.#align();
      return;
    }
    switch (intermediate === 0 ? final : 0) {
      case 0x37: // 7
        this.#save();
        return;
      case 0x38: // 8
        this.#restore();
        return;
      case 0x44: // D
        cursor.isWrapPending = false;
        this.#index();
        return;
      case 0x45: // E
        this.#moveTo(cursor.row, 0);
        this.#index();
        return;
      case 0x48: // H
        this.#tabs.set(cursor.column);
        return;
      case 0x4d: // M
        cursor.isWrapPending = false;
        if (cursor.row === this.#top) this.#scroll(this.#top, -1);
        else if (cursor.row > 0) cursor.row--;
        return;
      case 0x63: // c
        this.#reset();
        return;
      case 0x3d: // = and >, keypad
      case 0x3e:
        return;
    }
    this.#fault('sequence');
  }

  sequence(prefix: number, intermediate: number, final: number, parameters: Parameters): void {
    if (intermediate === 0 && prefix === 0) this.#plainSequence(final, parameters);
    else if (intermediate === 0 && prefix === 0x3f) this.#privateSequence(final, parameters);
    else if (prefix === 0 && intermediate === 0x22 && final === 0x71) {
      // DECSCA: protected from selective erasure.
      if (parameter(parameters, 0, 0) === 1) this.#cursor.style |= Style.PROTECTED;
      else this.#cursor.style &= ~Style.PROTECTED;
    }
    // Else: about keyboards, cursor shapes and the like, nothing to do with cells.
  }

  #plainSequence(final: number, parameters: Parameters): void {
    const { page } = this;
    const cursor = this.#cursor;
    const { row, column } = cursor;
    const fill = backgroundOnly(cursor.style);
    const count = Math.max(1, parameter(parameters, 0, 1));
    switch (final) {
      case 0x40: // @
        cursor.isWrapPending = false;
        page.insertCells(row, column, count, fill);
        return;
      case 0x41: // A
        this.#up(count);
        return;
      case 0x42: // B, e
      case 0x65:
        this.#down(count);
        return;
      case 0x43: // C, a
      case 0x61:
        this.#moveTo(row, column + count);
        return;
      case 0x44: // D
        this.#moveTo(row, column - count);
        return;
      case 0x45: // E
        this.#down(count);
        cursor.column = 0;
        return;
      case 0x46: // F
        this.#up(count);
        cursor.column = 0;
        return;
      case 0x47: // G, backquote
      case 0x60:
        this.#moveTo(row, count - 1);
        return;
      case 0x48: // H, f
      case 0x66:
        this.#address(count - 1, Math.max(1, parameter(parameters, 1, 1)) - 1);
        return;
      case 0x49: // I
        for (let i = 0; i < Math.min(count, page.columns); i++) cursor.column = this.#tabs.after(cursor.column);
        return;
      case 0x4a: // J
        this.#erasePage(parameter(parameters, 0, 0), fill);
        return;
      case 0x4b: // K
        this.#eraseRow(parameter(parameters, 0, 0), fill);
        return;
      case 0x4c: // L
        if (row >= this.#top && row < this.#bottom) this.#scroll(row, -count);
        return;
      case 0x4d: // M
        if (row >= this.#top && row < this.#bottom) this.#scroll(row, count);
        return;
      case 0x50: // P
        cursor.isWrapPending = false;
        page.deleteCells(row, column, count, fill);
        return;
      case 0x53: // S
        this.#scroll(this.#top, count);
        return;
      case 0x54: // T
        if (parameters.count <= 1) this.#scroll(this.#top, -count);
        return;
      case 0x58: // X
        cursor.isWrapPending = false;
        page.erase(row, column, Math.min(page.columns, column + count), fill);
        return;
      case 0x5a: // Z
        for (let i = 0; i < Math.min(count, page.columns); i++) cursor.column = this.#tabs.before(cursor.column);
        cursor.isWrapPending = false;
        return;
      case 0x62: // b
        // More than fills the page shows nothing else.
        if (this.#last !== 0) for (let i = Math.min(count, page.text.length); i > 0; i--) this.#print(this.#last);
        return;
      case 0x64: // d
        this.#address(count - 1, column);
        return;
      case 0x67: // g
        if (parameter(parameters, 0, 0) === 0) this.#tabs.clear(column);
        else if (parameter(parameters, 0, 0) === 3) this.#tabs.clearAll();
        return;
      case 0x68: // h, l
      case 0x6c:
        for (let i = 0; i < parameters.count; i++) {
          if (parameters.values[i] === 4) this.#inserts = final === 0x68;
          else if (parameters.values[i] === 20) this.#newLines = final === 0x68;
          else this.#fault('parameter');
        }
        return;
      case 0x6d: // m
        for (let unknown = applyTerminalSgr(cursor, parameters, page); unknown > 0; unknown--) this.#fault('parameter');
        return;
      case 0x72: // r
        this.#region(count, parameter(parameters, 1, page.rows));
        return;
      case 0x73: // s
        this.#save();
        return;
      case 0x75: // u
        this.#restore();
        return;
      case 0x63: // c, n, t: reports and windows
      case 0x6e:
      case 0x74:
        return;
    }
    this.#fault('sequence');
  }

  #privateSequence(final: number, parameters: Parameters): void {
    switch (final) {
      case 0x4a: // J, K
      case 0x4b:
        this.#eraseUnprotected(final === 0x4a, parameter(parameters, 0, 0));
        return;
      case 0x68: // h, l
      case 0x6c:
        for (let i = 0; i < parameters.count; i++) this.#privateMode(parameters.values[i]!, final === 0x68);
        return;
    }
    // Reports, saved modes: nothing to do with cells.
  }

  #privateMode(mode: number, isSet: boolean): void {
    switch (mode) {
      case 3:
        // The width stays; the rest of what it does is done.
        this.#region(1, this.page.rows);
        this.page.clear(backgroundOnly(this.#cursor.style));
        return;
      case 6:
        this.#cursor.isOrigin = isSet;
        this.#address(0, 0);
        return;
      case 7:
        this.#wraps = isSet;
        return;
      case 47:
      case 1047:
      case 1049:
        this.#alternate(isSet);
        return;
    }
    // Cursor, mouse, paste and so on: nothing to do with cells.
  }

  #alternate(isSet: boolean): void {
    const { page } = this;
    if (isSet === (this.#main !== undefined)) return;
    if (isSet) {
      const cells = new Page(page.rows, page.columns);
      cells.copyFrom(page);
      this.#main = { cells, cursor: { ...this.#cursor, g: [...this.#cursor.g] }, saved: this.#cursor };
      this.#saved = { ...this.#cursor, g: [...this.#cursor.g] };
      page.clear(backgroundOnly(this.#cursor.style));
    } else {
      page.copyFrom(this.#main!.cells);
      this.#cursor = this.#main!.cursor;
      this.#saved = this.#main!.saved;
      this.#main = undefined;
    }
  }

  #erasePage(part: number, style: number): void {
    const { row } = this.#cursor;
    const { page } = this;
    if (part > 2) {
      if (part !== 3) this.#fault('parameter'); // 3 is what has scrolled away
      return;
    }
    if (part === 0) page.erase(row, this.#cursor.column, page.columns, style);
    if (part === 1) page.erase(row, 0, this.#cursor.column + 1, style);
    const first = part === 0 ? row + 1 : 0;
    const end = part === 1 ? row : page.rows;
    for (let r = first; r < end; r++) page.erase(r, 0, page.columns, style);
  }

  #eraseRow(part: number, style: number): void {
    const { row, column, isWrapPending } = this.#cursor;
    const { page } = this;
    if (part > 2) this.#fault('parameter');
    else if (part !== 0 || !isWrapPending) {
      page.erase(row, part === 0 ? column : 0, part === 1 ? column + 1 : page.columns, style);
    }
  }

  #eraseUnprotected(isPage: boolean, part: number): void {
    const { page } = this;
    const { row, column } = this.#cursor;
    const here = row * page.columns + column;
    const low = isPage ? 0 : row * page.columns;
    const high = isPage ? page.text.length : low + page.columns;
    const first = part === 0 ? here : low;
    const end = part === 1 ? here + 1 : high;
    for (let at = first; at < end && part <= 2; at++) {
      if ((page.style[at]! & Style.PROTECTED) !== 0) continue;
      const r = Math.floor(at / page.columns);
      page.erase(r, at - r * page.columns, at - r * page.columns + 1);
    }
  }

  #region(top: number, bottom: number): void {
    const end = bottom === 0 ? this.page.rows : Math.min(bottom, this.page.rows);
    if (top >= end) return;
    this.#top = top - 1;
    this.#bottom = end;
    this.#address(0, 0);
  }

  #align(): void {
    const { page } = this;
    page.clear();
    for (let row = 0; row < page.rows; row++) {
      for (let column = 0; column < page.columns; column++) page.put(row, column, 0x45, 0, 0);
    }
  }

  #save(): void {
    this.#saved = { ...this.#cursor, g: [...this.#cursor.g] };
  }

  #restore(): void {
    this.#cursor = { ...this.#saved, g: [...this.#saved.g] };
  }

  #reset(): void {
    this.#cursor = initialCursor();
    this.#saved = initialCursor();
    this.#main = undefined;
    this.#top = 0;
    this.#bottom = this.page.rows;
    this.#wraps = true;
    this.#inserts = false;
    this.#newLines = false;
    this.#last = 0;
    this.#tabs.reset();
    this.page.clear();
  }
}

function initialCursor(): Cursor {
  return { row: 0, column: 0, isWrapPending: false, isOrigin: false, style: 0, extra: 0, g: [0, 0, 0, 0], active: 0 };
}

/** A parameter that wasn't given is `missing`. */
function parameter({ count, values }: Parameters, index: number, missing: number): number {
  const value = index < count ? values[index]! : -1;
  return value < 0 ? missing : value;
}
