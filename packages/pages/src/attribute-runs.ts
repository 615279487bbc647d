import {
  backgroundOf,
  Fade,
  fadeBackgroundOf,
  fadeForegroundOf,
  foregroundOf,
  Size,
  Style,
  sizeOf,
  Trust,
  trustOf,
  UNDERLINE_MASK,
} from './cell.ts';
import { BASIC, colourName, UNSET } from './colour.ts';
import type { Page } from './page.ts';

/** Cells of a row that look alike: column, length, foreground, background, flags joined by ` | `. */
export type AttributeRun = readonly [
  column: number,
  length: number,
  foreground: string | number,
  background: string | number,
  flags: string,
];

/** In the order in which they are named. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [Style.REVERSE, 'INVERSE'],
  [Style.BOLD, 'BOLD'],
  [Style.ITALIC, 'ITALIC'],
  [Style.WRAPPED, 'WRAPLINE'],
  [Style.DIM, 'DIM'],
  [Style.CONCEAL, 'HIDDEN'],
  [Style.STRUCK, 'STRIKEOUT'],
  [Style.BLINK, 'BLINK'],
  [Style.PROTECTED, 'PROTECTED'],
];
const UNDERLINES: Readonly<Record<number, string>> = {
  [Style.UNDERLINE]: 'UNDERLINE',
  [Style.DOUBLE_UNDERLINE]: 'DOUBLE_UNDERLINE',
  [Style.WAVY_UNDERLINE]: 'UNDERCURL',
};
const SIZES: Readonly<Record<number, string>> = {
  [Size.DOUBLE_WIDTH]: 'DOUBLE_WIDTH',
  [Size.HEIGHT_TOP]: 'DOUBLE_HEIGHT_TOP',
  [Size.HEIGHT_BOTTOM]: 'DOUBLE_HEIGHT_BOTTOM',
  [Size.BOTH_TOP]: 'DOUBLE_SIZE_TOP',
  [Size.BOTH_BOTTOM]: 'DOUBLE_SIZE_BOTTOM',
};
const FADES: readonly (readonly [bit: number, name: string])[] = [
  [Fade.REVERSE, 'FADE_INVERSE'],
  [Fade.BOLD, 'FADE_BOLD'],
  [Fade.DIM, 'FADE_DIM'],
  [Fade.BLINK, 'FADE_BLINK'],
  [Fade.UNDERLINE, 'FADE_UNDERLINE'],
];

/**
 * The runs of a row, from the left; cells that look as the display does by itself are left out. Trust is among the flags
 * (`DAMAGED`); that a cell was never set is not.
 */
export function attributeRuns(page: Page, row: number): AttributeRun[] {
  const runs: AttributeRun[] = [];
  const base = row * page.columns;
  let first = 0;
  for (let column = 1; column <= page.columns; column++) {
    if (column < page.columns && looksAlike(page, base + first, base + column)) continue;
    const at = base + first;
    const style = page.style[at]!;
    const flags = flagNames(page, at);
    if (foregroundOf(style) !== UNSET || backgroundOf(style) !== UNSET || flags !== '') {
      const foreground = colourName(foregroundOf(style), 'Foreground', page.colours);
      const background = colourName(backgroundOf(style), 'Background', page.colours);
      runs.push([first, column - first, foreground, background, flags]);
    }
    first = column;
  }
  return runs;
}

function looksAlike(page: Page, a: number, b: number): boolean {
  const isDamaged = (at: number): boolean => trustOf(page.text[at]!) === Trust.DAMAGED;
  return page.style[a] === page.style[b] && page.extra[a] === page.extra[b] && isDamaged(a) === isDamaged(b);
}

function flagNames(page: Page, at: number): string {
  const style = page.style[at]!;
  const extra = page.extra[at]!;
  const names: string[] = [];
  for (const [bit, name] of FLAGS) {
    // Terminals name a plain underline before the flags of the line, the other kinds after all.
    if (bit === Style.WRAPPED && (style & UNDERLINE_MASK) === Style.UNDERLINE) names.push('UNDERLINE');
    if ((style & bit) !== 0) names.push(name);
  }
  if ((style & UNDERLINE_MASK) > Style.UNDERLINE) names.push(UNDERLINES[style & UNDERLINE_MASK]!);
  if (sizeOf(extra) !== Size.NORMAL) names.push(SIZES[sizeOf(extra)]!);
  for (const [bit, name] of FADES) if ((extra & bit) !== 0) names.push(name);
  const fadeForeground = fadeForegroundOf(extra);
  const fadeBackground = fadeBackgroundOf(extra);
  if (fadeForeground !== 0) names.push(`FADE_${colourName(BASIC + fadeForeground - 1, '', undefined)}`);
  if (fadeBackground !== 0) names.push(`FADE_ON_${colourName(BASIC + fadeBackground - 1, '', undefined)}`);
  if (trustOf(page.text[at]!) === Trust.DAMAGED) names.push('DAMAGED');
  return names.join(' | ');
}
