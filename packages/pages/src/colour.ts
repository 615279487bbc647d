// Colours are numbers of ten bits: unset, the sixteen basic ones, the 256 of the terminals' table, and colours given
// by red, green and blue, which each page keeps in a table of its own.

import { PAGE_OWN_COLOUR } from '@tickerplant/records';

/** The display's own foreground or background. */
export const UNSET = 0;
/** Black, red, green, yellow, blue, magenta, cyan, white; add 8 for the bright ones. */
export const BASIC = 1;
/** Number n of the table of 256 is `INDEXED + n`. */
export const INDEXED = 17;
/** Entry n of the page's own table is `TRUE_COLOUR + n`. */
export const TRUE_COLOUR: number = PAGE_OWN_COLOUR;
/** Bound on colours given by red, green and blue in one page. */
export const TRUE_COLOURS_MAX: number = 1024 - TRUE_COLOUR;

const BASIC_NAMES = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
/** The six steps of the table's colour cube. */
const STEPS = [0, 95, 135, 175, 215, 255];

/** The colours of a page that are given by red, green and blue; those beyond the bound become the nearest of 256. */
export class TrueColours {
  readonly #values: number[] = [];

  /** @param rgb 0 to FFFFFF. */
  codeOf(rgb: number): number {
    let index = this.#values.indexOf(rgb);
    if (index < 0) {
      if (this.#values.length >= TRUE_COLOURS_MAX) return INDEXED + nearestIndex(rgb);
      index = this.#values.push(rgb) - 1;
    }
    return TRUE_COLOUR + index;
  }

  /** The red, green and blue of a code from `TRUE_COLOUR` on; 0 for one that was never given. */
  rgbOf(code: number): number {
    return this.#values[code - TRUE_COLOUR] ?? 0;
  }
}

/** The entry of the table's cube or grey ramp (16 to 255) that is nearest to a colour. */
export function nearestIndex(rgb: number): number {
  const parts = [rgb >>> 16, (rgb >>> 8) & 255, rgb & 255];
  const cube = parts.map((part) => STEPS.reduce((best, step, i) => (closer(step, STEPS[best]!, part) ? i : best), 0));
  const grey = Math.max(0, Math.min(23, Math.round((parts.reduce((sum, part) => sum + part) / 3 - 8) / 10)));
  const distance = (colour: readonly number[]): number =>
    colour.reduce((sum, value, i) => sum + (value - parts[i]!) ** 2, 0);
  const level = 8 + 10 * grey;
  const isGrey = distance([level, level, level]) < distance(cube.map((step) => STEPS[step]!));
  return isGrey ? 232 + grey : 16 + 36 * cube[0]! + 6 * cube[1]! + cube[2]!;
}

function closer(step: number, best: number, value: number): boolean {
  return Math.abs(step - value) < Math.abs(best - value);
}

/**
 * A colour as attribute runs name it: `Red`, `BrightRed`, 0 to 255, `#ff00ff`.
 *
 * @param unset what the unset colour is called.
 */
export function colourName(code: number, unset: string, colours: TrueColours | undefined): string | number {
  if (code === UNSET) return unset;
  if (code < BASIC + 8) return BASIC_NAMES[code - BASIC]!;
  if (code < INDEXED) return `Bright${BASIC_NAMES[code - BASIC - 8]}`;
  if (code < TRUE_COLOUR) return code - INDEXED;
  return `#${(colours?.rgbOf(code) ?? 0).toString(16).padStart(6, '0')}`;
}
