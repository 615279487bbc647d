import {
  BASIC,
  codePointOf,
  Fade,
  fadeBackgroundOf,
  fadeForegroundOf,
  type Page,
  Style,
  sgrParameters,
  Trust,
  trustOf,
  Width,
  widthOf,
  withBackground,
  withForeground,
} from '@tickerplant/pages';
import { Reason } from '@tickerplant/records';
import { ageCode } from '../page/cell-age.ts';
import { cut, type Paint, printable } from '../watch/paint.ts';
import { qualityText } from '../watch/quality-text.ts';
import type { PageModel } from './page-model.ts';

/** How long a change is seen; where its service gives it looks for a while, how long these. Milliseconds. */
const CHANGE_MS = 1_500;
const FADE_MS = 5_000;
/** For cells of which nothing has been heard. */
const UNHEARD = '·';
const KEYS = 'q quit   arrows Tab Enter follow   n p next   digits g go to   a ages   Backspace back';
const AGE_KEYS = 'a as it is   bright to dim: changed within 1 s, 10 s, 1 min, 10 min, older, not';
/** Black on yellow. */
const CHANGED = withForeground(withBackground(0, BASIC + 3), BASIC);

/** What is known of the floor, for the frame. */
export interface PageFacts {
  /** Empty until a plant has been heard. */
  readonly floor: string;
  /** The status group that is listened to. */
  readonly status: string;
  /** Something that the user should know; else empty. */
  readonly note: string;
}

/**
 * Draws a page in its frame. One that is not LIVE has none of its colours and a frame that says so: it can't be taken for
 * one that is. No terminal, no clock.
 */
export class PageScreen {
  private readonly model: PageModel;
  private readonly paint: Paint;
  private readonly isColoured: boolean;

  /** @param isColoured whether colours may be used: else attributes only */
  constructor(model: PageModel, paint: Paint, isColoured: boolean) {
    this.model = model;
    this.paint = paint;
    this.isColoured = isColoured;
  }

  /** A whole screen: as many lines as it is high. */
  screen(facts: PageFacts, nowMs: number, width: number, height: number): string[] {
    const { model, paint } = this;
    const { page } = model;
    const lines = [this.title(nowMs, width)];
    if (page === undefined) lines.push('', ...this.absence(facts).map((line) => cut(` ${line}`, width)));
    else lines.push(...this.body(page, nowMs, width, height - 2));
    while (lines.length < height - 1) lines.push('');
    lines.length = height - 1;
    lines.push(paint(cut(` ${this.footer(facts)}`, width).padEnd(width), 'bar'));
    return lines;
  }

  private get isLive(): boolean {
    const { item } = this.model;
    return item !== undefined && item.state.quality === 0 && !item.removed;
  }

  private title(nowMs: number, width: number): string {
    const { model, paint } = this;
    const { item, updatedMs } = model;
    const quality = item === undefined ? 'WAITING' : qualityText({ item, updatedMs }, nowMs).text;
    const clock = `${new Date(nowMs).toISOString().slice(11, 19)} GMT `;
    const room = Math.max(0, width - clock.length - 1);
    const text = cut(` ${printable(model.subject)}   ${quality}`, room).padEnd(room);
    return paint(`${text} ${clock}`.slice(0, width), this.isLive ? 'bar' : 'alarm');
  }

  private absence({ floor, status }: PageFacts): string[] {
    const { subject, item } = this.model;
    if (floor === '') return [`waiting for a plant on ${status}`];
    if (item === undefined) return [`waiting for ${printable(subject)}: nobody has it yet; its service is being asked`];
    if (item.removed) return [`${printable(subject)} has been taken off`];
    const { quality, reason, detail } = item.state;
    if (quality <= 1) return [`waiting for the image of ${printable(subject)}`];
    const isRefused = reason === Reason.VENDOR_SAYS;
    return [`${printable(subject)} is ${isRefused ? 'not to be had' : 'not there yet'}`, printable(detail)];
  }

  private footer({ note }: PageFacts): string {
    const { entry, hint } = this.model;
    if (entry !== undefined) return `go to ${printable(entry)}▏   Enter go   Esc cancel`;
    if (hint !== '' || note !== '') return printable(hint !== '' ? hint : note);
    return this.model.showsAge ? AGE_KEYS : KEYS;
  }

  private body(page: Page, nowMs: number, width: number, height: number): string[] {
    const { model, paint } = this;
    const hasSides = width >= page.columns + 2;
    const columns = Math.min(page.columns, hasSides ? width - 2 : width);
    model.fit(height, columns);
    const side = hasSides ? paint('│', this.isLive ? 'dim' : 'alarm') : '';
    const lines: string[] = [];
    for (let row = model.top; row < Math.min(page.rows, model.top + height); row++) {
      lines.push(side + this.row(page, row, model.left, model.left + columns, nowMs) + side);
    }
    return lines;
  }

  private row(page: Page, row: number, first: number, end: number, nowMs: number): string {
    let text = '';
    let before = '';
    const base = row * page.columns;
    for (let column = first; column < end; column++) {
      const at = base + column;
      const width = widthOf(page.text[at]!);
      // The first half stands for both, where both are in sight.
      if (width === Width.RIGHT_HALF && column > first) continue;
      const isCut = width === Width.RIGHT_HALF || (width === Width.LEFT_HALF && column === end - 1);
      const looks = this.looks(page, at, row, column, nowMs);
      if (looks !== before) text += `\x1b[${looks}m`;
      before = looks;
      text += isCut ? ' ' : characterOf(page.text[at]!);
    }
    return `${text}\x1b[m`;
  }

  /** Parameters of the SGR sequence for a cell. */
  private looks(page: Page, at: number, row: number, column: number, nowMs: number): string {
    const { cursor } = this.model;
    const isUnheard = trustOf(page.text[at]!) === Trust.NEVER_SET;
    const isAtCursor = cursor?.row === row && cursor.column === column;
    if (this.isLive && this.model.showsAge) {
      const code = ageCode(this.model.ageMs(at, nowMs), this.isColoured ? 'colour' : 'mono');
      return ['0', code, isAtCursor ? '7' : ''].filter((one) => one !== '').join(';');
    }
    let style = this.isLive && !isUnheard ? this.liveStyle(page, at, nowMs) : Style.DIM;
    if (isAtCursor) style ^= Style.REVERSE;
    return sgrParameters(style, page);
  }

  private liveStyle(page: Page, at: number, nowMs: number): number {
    let style = page.style[at]!;
    if (trustOf(page.text[at]!) === Trust.DAMAGED) style ^= Style.REVERSE;
    const age = this.model.ageMs(at, nowMs) ?? Number.POSITIVE_INFINITY;
    const extra = page.extra[at]!;
    // Size is there as well.
    if (extra >>> 3 !== 0) {
      if (age < FADE_MS) style = faded(style, extra);
    } else if (age < CHANGE_MS) {
      style = this.isColoured ? (style & ~0xf_ffff & ~Style.REVERSE) | CHANGED : style ^ Style.REVERSE;
    }
    return this.isColoured ? style : style & ~0xf_ffff;
  }
}

/** A style under the looks that its service gives a change. */
function faded(style: number, extra: number): number {
  let shown = style;
  if ((extra & Fade.BOLD) !== 0) shown |= Style.BOLD;
  if ((extra & Fade.DIM) !== 0) shown |= Style.DIM;
  if ((extra & Fade.BLINK) !== 0) shown |= Style.BLINK;
  if ((extra & Fade.REVERSE) !== 0) shown ^= Style.REVERSE;
  if ((extra & Fade.UNDERLINE) !== 0) shown |= Style.UNDERLINE;
  const foreground = fadeForegroundOf(extra);
  const background = fadeBackgroundOf(extra);
  if (foreground !== 0) shown = withForeground(shown, foreground);
  if (background !== 0) shown = withBackground(shown, background);
  return shown;
}

/** What a cell shows: controls are blanks. */
function characterOf(word: number): string {
  const code = codePointOf(word);
  if (trustOf(word) === Trust.NEVER_SET && code === 0x20) return UNHEARD;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ? ' ' : String.fromCodePoint(code);
}
