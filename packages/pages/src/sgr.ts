import { backgroundOf, Fade, foregroundOf, Style, UNDERLINE_MASK, withBackground, withForeground } from './cell.ts';
import { BASIC, INDEXED, TRUE_COLOUR, UNSET } from './colour.ts';
import type { Page } from './page.ts';

// Select Graphic Rendition: attributes as numbers, in the two dialects.

/** Attributes of the characters to come. */
export interface Pen {
  style: number;
  extra: number;
}

const FADE_MASK = 0xfff8;

/** Applies one SGR parameter of the page services; false for one that they don't have. */
export function applyPageSgr(pen: Pen, parameter: number): boolean {
  switch (parameter) {
    case 0:
      pen.style = 0;
      return true;
    case 1:
      pen.style |= Style.BOLD;
      return true;
    case 2:
      pen.style |= Style.DIM;
      return true;
    case 4:
      pen.style |= Style.UNDERLINE;
      return true;
    case 5:
      pen.style |= Style.BLINK;
      return true;
    case 7:
      pen.style |= Style.REVERSE;
      return true;
    case 8:
      pen.style |= Style.CONCEAL;
      return true;
    case 22:
      pen.style &= ~(Style.BOLD | Style.DIM);
      return true;
    case 24:
      pen.style &= ~Style.UNDERLINE;
      return true;
    case 25:
      pen.style &= ~Style.BLINK;
      return true;
    case 27:
      pen.style &= ~Style.REVERSE;
      return true;
  }
  if (parameter >= 30 && parameter <= 37) pen.style = withForeground(pen.style, BASIC + parameter - 30);
  else if (parameter >= 40 && parameter <= 47) pen.style = withBackground(pen.style, BASIC + parameter - 40);
  else return false;
  return true;
}

/** Applies one parameter of the page services' fade sequence; false for one that they don't have. */
export function applyFade(pen: Pen, parameter: number): boolean {
  switch (parameter) {
    case 0:
      pen.extra &= ~FADE_MASK;
      return true;
    case 1:
      pen.extra |= Fade.BOLD;
      return true;
    case 2:
      pen.extra |= Fade.DIM;
      return true;
    case 4:
      pen.extra |= Fade.UNDERLINE;
      return true;
    case 5:
      pen.extra |= Fade.BLINK;
      return true;
    case 7:
      pen.extra |= Fade.REVERSE;
      return true;
    case 22:
      pen.extra &= ~(Fade.BOLD | Fade.DIM);
      return true;
    case 24:
      pen.extra &= ~Fade.UNDERLINE;
      return true;
    case 25:
      pen.extra &= ~Fade.BLINK;
      return true;
    case 27:
      pen.extra &= ~Fade.REVERSE;
      return true;
  }
  if (parameter >= 30 && parameter <= 37) pen.extra = (pen.extra & ~0x0f00) | ((parameter - 29) << 8);
  else if (parameter >= 40 && parameter <= 47) pen.extra = (pen.extra & ~0xf000) | ((parameter - 39) << 12);
  else return false;
  return true;
}

/** The parameters of a sequence, those after a colon marked as parts of the one before. */
export interface Parameters {
  readonly count: number;
  /** -1 where nothing was given. */
  readonly values: Int32Array;
  readonly isPart: Uint8Array;
}

/**
 * Applies a terminal's SGR sequence (ECMA-48 8.3.117, colours as in T.416 with colons or semicolons).
 *
 * @returns how many parameters were not understood.
 */
export function applyTerminalSgr(pen: Pen, parameters: Parameters, page: Page): number {
  const { count, values, isPart } = parameters;
  if (count === 0) pen.style &= Style.PROTECTED;
  let unknown = 0;
  for (let i = 0; i < count; ) {
    let end = i + 1;
    while (end < count && isPart[end] !== 0) end++;
    const value = Math.max(0, values[i]!);
    if (value === 38 || value === 48) {
      const isOne = end > i + 1;
      const last = isOne ? end : count;
      const used = applyColour(pen, value === 38, values, i, last, isOne, page);
      if (used === 0) unknown++;
      i = isOne ? end : Math.min(count, i + Math.max(1, used));
      continue;
    }
    if (value === 4 && end > i + 1) applyUnderline(pen, values[i + 1]!);
    else if (!applySimple(pen, value)) unknown++;
    i = end;
  }
  return unknown;
}

function applyUnderline(pen: Pen, kind: number): void {
  pen.style &= ~UNDERLINE_MASK;
  if (kind === 0) return;
  // Dotted and dashed lines count as plain ones.
  if (kind === 2) pen.style |= Style.DOUBLE_UNDERLINE;
  else if (kind === 3) pen.style |= Style.WAVY_UNDERLINE;
  else pen.style |= Style.UNDERLINE;
}

/** @returns how many parameters were used; 0 if they make no colour. */
function applyColour(
  pen: Pen,
  isForeground: boolean,
  values: Int32Array,
  at: number,
  end: number,
  isOne: boolean,
  page: Page,
): number {
  const kind = values[at + 1];
  let code: number;
  let used: number;
  if (kind === 5 && at + 2 < end) {
    used = 3;
    const index = Math.max(0, values[at + 2]!);
    if (index > 255) return 0;
    code = INDEXED + index;
  } else if (kind === 2) {
    // With colons a colour space may stand before the colours.
    const first = isOne && end - at >= 6 ? at + 3 : at + 2;
    if (first + 2 >= end) return 0;
    used = first + 3 - at;
    let rgb = 0;
    for (let i = first; i < first + 3; i++) rgb = (rgb << 8) | Math.min(255, Math.max(0, values[i]!));
    code = page.trueColour(rgb);
  } else return 0;
  pen.style = isForeground ? withForeground(pen.style, code) : withBackground(pen.style, code);
  return used;
}

function applySimple(pen: Pen, value: number): boolean {
  switch (value) {
    case 0:
      pen.style &= Style.PROTECTED;
      return true;
    case 3:
      pen.style |= Style.ITALIC;
      return true;
    case 4:
      applyUnderline(pen, 1);
      return true;
    case 6:
      pen.style |= Style.BLINK;
      return true;
    case 9:
      pen.style |= Style.STRUCK;
      return true;
    case 21:
      // ECMA-48 says double underline; the terminal that our recordings come from, and others, end bold.
      pen.style &= ~Style.BOLD;
      return true;
    case 23:
      pen.style &= ~Style.ITALIC;
      return true;
    case 24:
      applyUnderline(pen, 0);
      return true;
    case 28:
      pen.style &= ~Style.CONCEAL;
      return true;
    case 29:
      pen.style &= ~Style.STRUCK;
      return true;
    case 39:
      pen.style = withForeground(pen.style, UNSET);
      return true;
    case 49:
      pen.style = withBackground(pen.style, UNSET);
      return true;
  }
  if (value >= 90 && value <= 97) pen.style = withForeground(pen.style, BASIC + 8 + value - 90);
  else if (value >= 100 && value <= 107) pen.style = withBackground(pen.style, BASIC + 8 + value - 100);
  else return applyPageSgr(pen, value);
  return true;
}

const SIMPLE: readonly (readonly [bit: number, parameter: string])[] = [
  [Style.BOLD, ';1'],
  [Style.DIM, ';2'],
  [Style.ITALIC, ';3'],
  [Style.BLINK, ';5'],
  [Style.REVERSE, ';7'],
  [Style.CONCEAL, ';8'],
  [Style.STRUCK, ';9'],
];
const UNDERLINES: Readonly<Record<number, string>> = {
  [Style.UNDERLINE]: ';4',
  [Style.DOUBLE_UNDERLINE]: ';4:2',
  [Style.WAVY_UNDERLINE]: ';4:3',
};

/** The parameters that set a style from whatever was before: `0;1;31`. */
export function sgrParameters(style: number, page: Page): string {
  let text = '0';
  for (const [bit, parameter] of SIMPLE) if ((style & bit) !== 0) text += parameter;
  text += UNDERLINES[style & UNDERLINE_MASK] ?? '';
  return text + colourParameter(foregroundOf(style), 30, page) + colourParameter(backgroundOf(style), 40, page);
}

function colourParameter(code: number, base: number, page: Page): string {
  if (code === UNSET) return '';
  if (code < BASIC + 8) return `;${base + code - BASIC}`;
  if (code < INDEXED) return `;${base + 60 + code - BASIC - 8}`;
  if (code < TRUE_COLOUR) return `;${base + 8};5;${code - INDEXED}`;
  const rgb = page.colours?.rgbOf(code) ?? 0;
  return `;${base + 8};2;${rgb >>> 16};${(rgb >>> 8) & 255};${rgb & 255}`;
}
