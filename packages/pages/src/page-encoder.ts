import { assert } from '@tickerplant/core';
import {
  BlockWriter,
  headOf,
  IMAGE_ELEMENTS,
  Kind,
  MESSAGE_BYTES_MAX,
  PageFlag,
  RunWidth,
  SORT_LOOK_MASK,
  SORT_WIDTH_SHIFT,
  UPDATE_ELEMENTS,
} from '@tickerplant/records';
import {
  backgroundOf,
  codePointOf,
  foregroundOf,
  Trust,
  trustOf,
  Width,
  widthOf,
  withBackground,
  withForeground,
} from './cell.ts';
import type { CellRuns } from './cell-runs.ts';
import { TRUE_COLOUR } from './colour.ts';
import type { Page } from './page.ts';

/** Takes a message, `bytes[0, length)`. The bytes are borrowed. */
export type PageMessageSink = (bytes: Uint8Array, length: number) => void;

/** Bytes of a message before its colours and runs, at most: array, head, item, flags, part, size, colours' array. */
const HEAD_BYTES = 3 + 1 + 5 + 1 + 3 + 3 + 3 + 3;
/** Bytes of a run without its characters, at most: array, skip, length of the text, style, sort, extra. */
const RUN_BYTES = 1 + 5 + 3 + 5 + 3 + 3;
/** A colour given by red, green and blue, at most. */
const COLOUR_BYTES = 5;
/** Longest character in UTF-8. */
const CHARACTER_BYTES = 4;
/** So many blanks side by side become a run of their own, which is their number. */
const BLANKS_MIN = 8;
const BLANK = 0x20;
const REPLACEMENT = 0xfffd;

/**
 * Writes pages as messages: an image in as many parts as it takes, a change in one. Works in buffers of its own, so that
 * one encoder serves any number of pages, one after another.
 *
 * Equal pages with equal histories of colours give equal bytes.
 */
export class PageEncoder {
  readonly #bytesMax: number;
  readonly #runs: BlockWriter;
  readonly #message: BlockWriter;
  // The message being written.
  #count = 0;
  /** The cell behind the last run. */
  #cell = 0;
  readonly #colours: number[] = [];

  /** @param bytesMax longest message, 128 to 1,450 bytes. */
  constructor(bytesMax: number = MESSAGE_BYTES_MAX) {
    assert(bytesMax >= 128 && bytesMax <= MESSAGE_BYTES_MAX, 'room for a run, and no more than a message may have');
    this.#bytesMax = bytesMax;
    this.#runs = new BlockWriter(new Uint8Array(bytesMax + RUN_BYTES));
    this.#message = new BlockWriter(new Uint8Array(bytesMax + RUN_BYTES));
  }

  /**
   * Writes a whole page. Cells of which nothing has been heard are left out: they are what an image begins with.
   *
   * @param flags `PageFlag.POSSIBLE_DUPLICATE` or 0.
   * @returns the number of messages.
   */
  image(item: number, page: Page, flags: number, sink: PageMessageSink): number {
    const cells = page.rows * page.columns;
    let part = 0;
    for (let at = 0; ; ) {
      this.#begin();
      at = this.#imageCells(page, at, cells);
      const last = at === cells;
      const message = this.#message;
      message.at = 0;
      message.array(IMAGE_ELEMENTS + this.#count);
      message.int(headOf(Kind.PAGE_IMAGE));
      message.int(item);
      message.int(last ? flags | PageFlag.LAST : flags);
      message.int(part++);
      message.int(page.rows);
      message.int(page.columns);
      this.#end(sink);
      if (last) return part;
    }
  }

  /**
   * Writes a change of a page whose image has gone before.
   *
   * @param changes the runs of changed cells, from the top left, as a `ChangeTracker` tells them.
   * @returns false, and nothing was written, when it doesn't fit in one message: a change is seen as a whole or not at
   *   all, so send an image.
   */
  update(item: number, page: Page, changes: CellRuns, sink: PageMessageSink): boolean {
    this.#begin();
    for (let i = 0; i < changes.count; i++) {
      const base = changes.row(i) * page.columns;
      assert(base + changes.first(i) >= this.#cell, 'runs of changed cells come from the top left');
      const end = base + changes.end(i);
      if (this.#cells(page, base + changes.first(i), end) !== end) return false;
    }
    const message = this.#message;
    message.at = 0;
    message.array(UPDATE_ELEMENTS + this.#count);
    message.int(headOf(Kind.PAGE_UPDATE));
    message.int(item);
    message.int(0);
    this.#end(sink);
    return true;
  }

  #begin(): void {
    this.#runs.at = 0;
    this.#count = 0;
    this.#cell = 0;
    this.#colours.length = 0;
  }

  #end(sink: PageMessageSink): void {
    const message = this.#message;
    const runs = this.#runs;
    message.array(this.#colours.length);
    for (const rgb of this.#colours) message.int(rgb);
    message.bytes.set(runs.bytes.subarray(0, runs.at), message.at);
    sink(message.bytes, message.at + runs.at);
  }

  /** As `#cells`, without those that have never been set. */
  #imageCells(page: Page, from: number, end: number): number {
    let at = from;
    while (at < end) {
      const first = at;
      while (at < end && !isUnheard(page, at)) at++;
      if (at > first) {
        const reached = this.#cells(page, first, at);
        if (reached !== at) return reached;
      }
      while (at < end && isUnheard(page, at)) at++;
    }
    return end;
  }

  /** Writes runs of the cells from `at` to `end` - 1 while there is room. @returns the first cell not written. */
  #cells(page: Page, at: number, end: number): number {
    while (at < end) {
      const reached = this.#run(page, at, end);
      if (reached === at) return at;
      at = reached;
    }
    return end;
  }

  /** Writes the run that begins at `first`. @returns the cell behind it; `first` where there is no room. */
  #run(page: Page, first: number, end: number): number {
    const room = this.#bytesMax - HEAD_BYTES - this.#colours.length * COLOUR_BYTES - this.#runs.at - RUN_BYTES;
    const { text } = page;
    const style = page.style[first]!;
    const extra = page.extra[first]!;
    const colourBytes = 2 * COLOUR_BYTES;
    if (room < colourBytes + CHARACTER_BYTES) return first;
    const least = isBlank(text[first]!) ? blanksFrom(page, first, end) : 0;
    if (least >= BLANKS_MIN) {
      this.#head(first, least, style, text[first]! >>> 21, extra, page);
      this.#tail(style, text[first]! >>> 21, extra, page);
      return first + least;
    }
    const width = runWidthAt(page, first, end);
    const step = width === RunWidth.DOUBLE ? 2 : 1;
    const sort = (((text[first]! >>> 21) & SORT_LOOK_MASK) | (width << SORT_WIDTH_SHIFT)) >>> 0;
    let at = first;
    let bytes = 0;
    do {
      const more = utf8Bytes(codePointOf(text[at]!));
      if (bytes + more > room - colourBytes) break;
      bytes += more;
      at += step;
    } while (at < end && goesOn(page, first, at, end, width) && !isLongBlank(page, at, end));
    this.#head(first, -1, style, sort, extra, page);
    this.#text(page, first, at, step, bytes);
    this.#tail(style, sort, extra, page);
    return at;
  }

  /** Array, skip and, unless it is text that follows, the number of blanks. */
  #head(first: number, blanks: number, style: number, sort: number, extra: number, page: Page): void {
    const runs = this.#runs;
    runs.array(extra !== 0 ? 5 : sort !== 0 ? 4 : this.#styleOf(style, page) !== 0 ? 3 : 2);
    runs.int(first - this.#cell);
    if (blanks >= 0) {
      runs.int(blanks);
      this.#cell = first + blanks;
    }
  }

  #text(page: Page, first: number, end: number, step: number, bytes: number): void {
    const runs = this.#runs;
    const out = runs.bytes;
    if (bytes < 32) {
      out[runs.at++] = 0xa0 | bytes;
    } else if (bytes < 0x100) {
      out[runs.at++] = 0xd9;
      out[runs.at++] = bytes;
    } else {
      out[runs.at++] = 0xda;
      out[runs.at++] = bytes >>> 8;
      out[runs.at++] = bytes;
    }
    let to = runs.at;
    for (let at = first; at < end; at += step) {
      const code = characterOf(codePointOf(page.text[at]!));
      if (code < 0x80) {
        out[to++] = code;
      } else if (code < 0x800) {
        out[to++] = 0xc0 | (code >>> 6);
        out[to++] = 0x80 | (code & 0x3f);
      } else {
        if (code < 0x1_0000) {
          out[to++] = 0xe0 | (code >>> 12);
        } else {
          out[to++] = 0xf0 | (code >>> 18);
          out[to++] = 0x80 | ((code >>> 12) & 0x3f);
        }
        out[to++] = 0x80 | ((code >>> 6) & 0x3f);
        out[to++] = 0x80 | (code & 0x3f);
      }
    }
    runs.at = to;
    this.#cell = end;
  }

  #tail(style: number, sort: number, extra: number, page: Page): void {
    const runs = this.#runs;
    const own = this.#styleOf(style, page);
    if (own !== 0 || sort !== 0 || extra !== 0) runs.int(own);
    if (sort !== 0 || extra !== 0) runs.int(sort);
    if (extra !== 0) runs.int(extra);
    this.#count++;
  }

  /** A style with the colours given by red, green and blue as entries of the message's own list. */
  #styleOf(style: number, page: Page): number {
    let own = style;
    const foreground = foregroundOf(style);
    const background = backgroundOf(style);
    if (foreground >= TRUE_COLOUR) own = withForeground(own, this.#colourOf(foreground, page));
    if (background >= TRUE_COLOUR) own = withBackground(own, this.#colourOf(background, page));
    return own;
  }

  #colourOf(code: number, page: Page): number {
    const rgb = page.colours?.rgbOf(code) ?? 0;
    const index = this.#colours.indexOf(rgb);
    return TRUE_COLOUR + (index >= 0 ? index : this.#colours.push(rgb) - 1);
  }
}

/** Whether a cell is as it is in a new page. */
function isUnheard(page: Page, at: number): boolean {
  const text = page.text[at]!;
  return (
    trustOf(text) === Trust.NEVER_SET && (text & 0xcfff_ffff) === BLANK && page.style[at] === 0 && page.extra[at] === 0
  );
}

function isBlank(text: number): boolean {
  return codePointOf(text) === BLANK && widthOf(text) === Width.SINGLE;
}

function isLongBlank(page: Page, at: number, end: number): boolean {
  return isBlank(page.text[at]!) && blanksFrom(page, at, Math.min(end, at + BLANKS_MIN)) === BLANKS_MIN;
}

/** How many blanks there are from `first` on that look like that one. */
function blanksFrom(page: Page, first: number, end: number): number {
  const text = page.text[first]!;
  const style = page.style[first]!;
  const extra = page.extra[first]!;
  let at = first + 1;
  while (at < end && page.text[at] === text && page.style[at] === style && page.extra[at] === extra) at++;
  return at - first;
}

/** How wide the character that begins at `at` is: the halves go as one where they differ in nothing else. */
function runWidthAt(page: Page, at: number, end: number): number {
  switch (widthOf(page.text[at]!)) {
    case Width.LEFT_HALF:
      return isPair(page, at, end) ? RunWidth.DOUBLE : RunWidth.LEFT_HALF;
    case Width.RIGHT_HALF:
      return RunWidth.RIGHT_HALF;
    default:
      return RunWidth.SINGLE;
  }
}

function isPair(page: Page, at: number, end: number): boolean {
  const right = at + 1;
  return (
    right < end &&
    right % page.columns !== 0 &&
    widthOf(page.text[right]!) === Width.RIGHT_HALF &&
    ((page.text[right]! ^ page.text[at]!) & 0x3fff_ffff) === 0 &&
    page.style[right] === page.style[at] &&
    page.extra[right] === page.extra[at]
  );
}

/** Whether the cell at `at` belongs to the run that began at `first`. */
function goesOn(page: Page, first: number, at: number, end: number, width: number): boolean {
  return (
    // Set, trust and width.
    page.text[at]! >>> 21 === page.text[first]! >>> 21 &&
    page.style[at] === page.style[first] &&
    page.extra[at] === page.extra[first] &&
    (width === RunWidth.SINGLE || runWidthAt(page, at, end) === width)
  );
}

/** What of a code point can be sent: those of UTF-16's surrogates cannot. */
function characterOf(code: number): number {
  return (code >= 0xd800 && code < 0xe000) || code > 0x10_ffff ? REPLACEMENT : code;
}

function utf8Bytes(codePoint: number): number {
  const code = characterOf(codePoint);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
}
