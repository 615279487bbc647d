import { COLUMN_WIDTH_MAX, type Column } from './columns.ts';
import type { Row } from './rows.ts';

/** A column that has found room. */
interface Place {
  readonly column: Column;
  /** Its place among all columns, and among a row's cells. */
  readonly index: number;
  readonly width: number;
}

/** How the width of a screen is used. */
export interface Layout {
  readonly subjectWidth: number;
  readonly places: readonly Place[];
  /** Blanks before the quality are not part of it. 0: no room. */
  readonly qualityWidth: number;
}

const SUBJECT_WIDTH_MAX = 24;
/** Room for `LIVE halted`. */
const QUALITY_WIDTH = 11;
/** The quality goes after the prices. */
const QUALITY_RANK = 4;
const GAP = 2;

/**
 * Which columns fit, and how wide they are: the least important go first. The quality gets what is left.
 *
 * @param widths of the columns so far, brought up to date: they only grow, so that the columns stand still.
 */
export function layoutFor(
  columns: readonly Column[],
  widths: number[],
  rows: readonly Row[],
  subjectLength: number,
  width: number,
): Layout {
  const subjectWidth = Math.min(subjectLength, SUBJECT_WIDTH_MAX, width);
  let places = columns.map((column, index) => {
    let needed = widths[index] ?? column.width;
    for (const { cells } of rows) needed = Math.max(needed, cells[index]!.text.length);
    widths[index] = Math.min(needed, COLUMN_WIDTH_MAX);
    return { column, index, width: widths[index] };
  });
  let hasQuality = true;
  let left = width - subjectWidth - GAP - QUALITY_WIDTH;
  for (const { column, width: own } of places) left -= column.gap + own;
  while (left < 0 && (hasQuality || places.length > 0)) {
    const last = places.reduce<Place | undefined>(
      (a, b) => (a === undefined || b.column.rank > a.column.rank ? b : a),
      undefined,
    );
    if (last === undefined || (hasQuality && last.column.rank < QUALITY_RANK)) {
      hasQuality = false;
      left += GAP + QUALITY_WIDTH;
    } else {
      places = places.filter((place) => place !== last);
      left += last.column.gap + last.width;
    }
  }
  return { subjectWidth, places, qualityWidth: hasQuality ? QUALITY_WIDTH + left : 0 };
}
