import { Decimal, formatTimeOfDayNs, TickerError } from '@tickerplant/core';
import { type FieldDictionary, type FieldValue, formatValue } from '@tickerplant/records';
import { printable } from './paint.ts';

/** Where a column's values come from. */
interface Fields {
  /** undefined: no such field (yet); null: blank. */
  get(name: string): FieldValue | undefined;
}

/** A column of the board. */
export interface Column {
  readonly title: string;
  /** Least width; it grows when a value needs more. */
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Blanks before it. */
  readonly gap: number;
  /** Where the screen is too narrow, the column with the highest rank goes first. */
  readonly rank: number;
  /** Whether a change is worth a flash. */
  readonly flashes: boolean;
  value(fields: Fields): FieldValue | undefined;
  text(value: FieldValue): string;
}

/** Widest that a column may grow. */
export const COLUMN_WIDTH_MAX = 24;

const TIMES: readonly string[] = ['SALTIM_NS', 'QUOTIM_NS', 'LV_TIM_NS', 'TIMACT_NS'];

/** The first of some fields that the item has: records and depth items share a board. */
function firstOf(names: readonly string[]): (fields: Fields) => FieldValue | undefined {
  return (fields) => {
    for (const name of names) {
      const value = fields.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function latestTime(fields: Fields): FieldValue | undefined {
  let latest: number | undefined;
  for (const name of TIMES) {
    const value = fields.get(name);
    if (typeof value === 'number' && (latest === undefined || value > latest)) latest = value;
  }
  return latest;
}

/** `1234567` → `1,234,567`; a price with every digit of its scale. */
export function quantityText(value: FieldValue): string {
  if (value === null) return '';
  if (value instanceof Decimal) return value.toString();
  return printable(String(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `14:32:35.788` */
function timeText(value: FieldValue): string {
  return typeof value === 'number' ? formatTimeOfDayNs(value).slice(0, 12) : '';
}

const ARROWS: readonly string[] = ['', '▲', '▼', ''];

function arrowText(value: FieldValue): string {
  return typeof value === 'number' ? (ARROWS[value] ?? '') : '';
}

function column(
  title: string,
  width: number,
  rank: number,
  names: readonly string[],
  text: (value: FieldValue) => string = quantityText,
): Column {
  return { title, width, align: 'right', gap: 2, rank, flashes: true, value: firstOf(names), text };
}

/** The columns between the item's name and its quality. */
export const BOARD_COLUMNS: readonly Column[] = [
  column('LAST', 9, 1, ['TRDPRC_1']),
  { ...column('', 1, 5, ['PRCTCK_1'], arrowText), gap: 1, flashes: false },
  column('SIZE', 6, 9, ['TRDVOL_1']),
  column('BIDSIZE', 7, 6, ['BIDSIZE', 'BEST_BSIZ1']),
  column('BID', 9, 2, ['BID', 'BEST_BID1']),
  column('ASK', 9, 3, ['ASK', 'BEST_ASK1']),
  column('ASKSIZE', 7, 7, ['ASKSIZE', 'BEST_ASIZ1']),
  column('VOLUME', 9, 8, ['ACVOL_1']),
  { ...column('TIME (GMT)', 12, 10, [], timeText), value: latestTime, flashes: false },
];

/**
 * A column for each of some fields.
 *
 * @throws TickerError `TOOLS_BAD_OPTION`
 */
export function columnsFor(names: readonly string[], dictionary: FieldDictionary): Column[] {
  return names.map((name, index) => {
    const field = dictionary.byName(name);
    if (field === undefined) {
      throw new TickerError('TOOLS_BAD_OPTION', `expected --fields to name fields of the dictionary, got '${name}'`);
    }
    const text = (value: FieldValue): string => printable(formatValue(dictionary, field, value));
    const numeric = field.type === 'decimal' || field.type === 'integer';
    return {
      ...column(name, Math.max(name.length, 8), index + 1, [name], field.type === 'integer' ? quantityText : text),
      align: numeric ? 'right' : 'left',
      flashes: field.type !== 'time',
    } as const;
  });
}
