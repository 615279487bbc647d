import { BlockReader } from './block-reader.ts';
import {
  EXTRA_MAX,
  IMAGE_ELEMENTS,
  PAGE_COLUMNS_MAX,
  PAGE_ELEMENTS_MAX,
  PAGE_OWN_COLOUR,
  PAGE_ROWS_MAX,
  RunWidth,
  SORT_MAX,
  SORT_WIDTH_SHIFT,
  STYLE_MAX,
  UPDATE_ELEMENTS,
} from './page-layout.ts';
import { headOf, ITEM_MAX, Kind } from './wire.ts';

const IMAGE_HEAD = headOf(Kind.PAGE_IMAGE);
const UPDATE_HEAD = headOf(Kind.PAGE_UPDATE);
const RGB_MAX = 0xff_ffff;
/** Bound on a message's own colours: what ten bits leave. */
const COLOURS_MAX = 1024 - PAGE_OWN_COLOUR;

/**
 * A PAGE_IMAGE or PAGE_UPDATE, read in place: `read` it, `check` it against the page's size, then take
 * its runs one by one (`rewind`, `next`). So a bad message is found out before anything of it has been used.
 */
export class PageMessage {
  kind: typeof Kind.PAGE_IMAGE | typeof Kind.PAGE_UPDATE = Kind.PAGE_UPDATE;
  item = 0;
  /** `PageFlag` bits. */
  flags = 0;
  /** Of an image: which part of it this is, from 0. */
  part = 0;
  /** Of an image. */
  rows = 0;
  columns = 0;
  // The run that `next` went to.
  bytes: Uint8Array = new Uint8Array(0);
  /** Its first cell, counted from the top left. */
  first = 0;
  /** Its characters in UTF-8, `bytes[textAt, textEnd)`, where `blanks` is -1; else the number of blanks. */
  textAt = 0;
  textEnd = 0;
  blanks = -1;
  style = 0;
  /** Character set (bits 0–6), trust (7–8), `RunWidth` (9–10). */
  sort = 0;
  extra = 0;
  readonly #reader = new BlockReader();
  #end = 0;
  #colours: number[] = [];
  #runsAt = 0;
  #runs = 0;
  #left = 0;
  /** The cell behind the run that `next` went to. */
  #behind = 0;

  /**
   * Reads all but the runs.
   *
   * @returns what is wrong with it, or undefined.
   */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const reader = this.#reader;
    this.bytes = bytes;
    this.#end = end;
    reader.reset(bytes, start, end);
    const elements = reader.array();
    const head = reader.uint();
    if (head !== IMAGE_HEAD && head !== UPDATE_HEAD)
      return reader.fault ?? `expected a page's message, found head ${head}`;
    this.kind = head === IMAGE_HEAD ? Kind.PAGE_IMAGE : Kind.PAGE_UPDATE;
    this.item = reader.uint();
    this.flags = reader.uint();
    const before = head === IMAGE_HEAD ? IMAGE_ELEMENTS : UPDATE_ELEMENTS;
    if (head === IMAGE_HEAD) {
      this.part = reader.uint();
      this.rows = reader.uint();
      this.columns = reader.uint();
    }
    const colours = reader.array();
    if (reader.fault !== undefined) return reader.fault;
    if (colours > COLOURS_MAX) return `expected at most ${COLOURS_MAX} colours, found ${colours}`;
    if (this.item > ITEM_MAX) return `expected an item from 0 to ${ITEM_MAX}, found ${this.item}`;
    if (elements < before || elements - before > PAGE_ELEMENTS_MAX) {
      return `expected ${before} to ${before + PAGE_ELEMENTS_MAX} elements, found ${elements}`;
    }
    if (head === IMAGE_HEAD && !isSize(this.rows, this.columns)) {
      return `expected a page of 1 to ${PAGE_ROWS_MAX} rows of 1 to ${PAGE_COLUMNS_MAX} columns, found ${this.rows} x ${this.columns}`;
    }
    this.#colours.length = 0;
    for (let i = 0; i < colours && reader.fault === undefined; i++) this.#colours.push(reader.uint());
    if (this.#colours.some((rgb) => rgb > RGB_MAX)) return 'expected colours up to FFFFFF, found a greater one';
    this.#runsAt = reader.at;
    this.#runs = elements - before;
    return reader.fault;
  }

  /**
   * Looks at every run.
   *
   * @param rows the page's size, up to 500; an image has its own.
   * @returns what is wrong with it, or undefined.
   */
  check(rows: number, columns: number): string | undefined {
    const reader = this.#reader;
    const cells = rows * columns;
    reader.reset(this.bytes, this.#runsAt, this.#end);
    let cell = 0;
    for (let run = 0; run < this.#runs; run++) {
      const end = this.#checkRun(cell, cells, columns);
      if (typeof end === 'string') return `${end} in run ${run}`;
      cell = end;
    }
    return reader.at === this.#end
      ? undefined
      : `expected the end of the message, found ${this.#end - reader.at} more bytes`;
  }

  /** Goes back before the first run. */
  rewind(): void {
    this.#reader.reset(this.bytes, this.#runsAt, this.#end);
    this.#left = this.#runs;
    this.#behind = 0;
  }

  /** Goes to the next run of a message that was found good; false behind the last. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#run(this.#behind);
    this.#behind = this.#runEnd();
    return true;
  }

  /** All runs as plain values: for tools. Of a message that was found good. */
  runs(): PageRun[] {
    const runs: PageRun[] = [];
    this.rewind();
    for (let behind = 0; this.next(); behind = this.#behind) {
      const { bytes, textAt, textEnd, first, style, sort, extra } = this;
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + textAt, textEnd - textAt);
      runs.push({
        skip: first - behind,
        cells: this.blanks >= 0 ? this.blanks : text.toString('utf8'),
        style,
        sort,
        extra,
      });
    }
    return runs;
  }

  /** The colours that styles of it refer to. */
  get colours(): readonly number[] {
    return this.#colours;
  }

  /** Reads the head of a run. `cell`: behind the run before. */
  #run(cell: number): void {
    const reader = this.#reader;
    const elements = reader.array();
    this.first = cell + reader.uint();
    const length = reader.textLength();
    this.textAt = reader.at;
    this.textEnd = this.textAt + Math.max(0, length);
    this.blanks = -1;
    if (length >= 0) reader.at = this.textEnd;
    else this.blanks = reader.uint();
    this.style = elements > 2 ? reader.uint() : 0;
    this.sort = elements > 3 ? reader.uint() : 0;
    this.extra = elements > 4 ? reader.uint() : 0;
    if (elements < 2 || elements > 5) reader.fault ??= `expected 2 to 5 elements, found ${elements}`;
  }

  #checkRun(cell: number, cells: number, columns: number): number | string {
    const reader = this.#reader;
    this.#run(cell);
    if (reader.fault !== undefined) return reader.fault;
    if (this.style > STYLE_MAX || this.extra > EXTRA_MAX) return 'expected a style of 31 bits and an extra word of 16';
    if (this.sort > SORT_MAX || ((this.sort >>> 7) & 3) === 3) return `expected a sort of cell, found ${this.sort}`;
    const colours = PAGE_OWN_COLOUR + this.#colours.length;
    if ((this.style & 0x3ff) >= colours || ((this.style >>> 10) & 0x3ff) >= colours) {
      return `expected colours up to ${colours - 1}, found ${this.style & 0x3ff} and ${(this.style >>> 10) & 0x3ff}`;
    }
    const isDouble = this.sort >>> SORT_WIDTH_SHIFT === RunWidth.DOUBLE;
    const end = this.#runEnd();
    if (end < 0) return 'expected text in UTF-8, found other bytes';
    if (this.blanks >= 0 && this.sort >>> SORT_WIDTH_SHIFT !== RunWidth.SINGLE)
      return 'expected blanks of single width';
    if (isDouble && !this.#isInRow(end, columns)) return 'expected both halves in one row, found one in each';
    if (end === this.first) return 'expected at least one cell';
    return end <= cells ? end : `expected at most ${cells} cells, found cell ${end - 1}`;
  }

  /** Whether no character of double width of the run lies across the end of a row. */
  #isInRow(end: number, columns: number): boolean {
    const toRowEnd = columns - (this.first % columns);
    // An even number to the end of the first row; and of all rows it touches, if there are others.
    return (
      end - this.first <= toRowEnd ||
      (toRowEnd % 2 === 0 && (columns % 2 === 0 || end - this.first <= toRowEnd + columns))
    );
  }

  /** The cell behind the run; -1 where its text isn't UTF-8. */
  #runEnd(): number {
    if (this.blanks >= 0) return this.first + this.blanks;
    const characters = utf8Length(this.bytes, this.textAt, this.textEnd);
    if (characters < 0) return -1;
    return this.first + (this.sort >>> SORT_WIDTH_SHIFT === RunWidth.DOUBLE ? 2 * characters : characters);
  }
}

/** A run as it stands in a message. */
export interface PageRun {
  /** Cells between the end of the run before and this one. */
  readonly skip: number;
  /** The characters, or the number of blanks. */
  readonly cells: string | number;
  readonly style: number;
  readonly sort: number;
  readonly extra: number;
}

function isSize(rows: number, columns: number): boolean {
  return rows >= 1 && rows <= PAGE_ROWS_MAX && columns >= 1 && columns <= PAGE_COLUMNS_MAX;
}

/** Number of characters in `bytes[at, end)`; -1 where that isn't UTF-8. */
function utf8Length(bytes: Uint8Array, at: number, end: number): number {
  let characters = 0;
  while (at < end) {
    const first = bytes[at]!;
    characters++;
    if (first < 0x80) {
      at++;
      continue;
    }
    if (first < 0xc2 || first > 0xf4) return -1;
    const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (at + length > end) return -1;
    // No overlong forms, no surrogates, nothing above 10FFFF.
    const second = bytes[at + 1]!;
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return -1;
    for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return -1;
    at += length;
  }
  return characters;
}
