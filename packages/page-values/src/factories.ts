import { anyOfTypes } from './any-of.ts';
import { CHANGE, type ChangeOptions } from './change.ts';
import { DATE, DATE_TIME, type DateOptions, TIME } from './date.ts';
import { DECIMAL, type DecimalOptions, INTEGER, PERCENT, PRICE, YIELD } from './decimal.ts';
import { cellType, makeKind } from './declaration.ts';
import { FRACTION, FRACTION_QUOTE, type FractionOptions, type FractionQuoteOptions } from './fraction.ts';
import { ENUM, type EnumOptions, LABEL, TENOR, type TenorOptions } from './listed.ts';
import type { PhraseOptions } from './phrase.ts';
import { POINTS, type PointsOptions } from './points.ts';
import { FX_QUOTE, type FxQuoteOptions, QUOTE, type QuoteOptions } from './quote.ts';
import { SIZE, type SizeOptions } from './size.ts';
import { CODE, type CodeOptions, TEXT, type TextOptions } from './text.ts';
import {
  THIRTY_SECONDS,
  THIRTY_SECONDS_QUOTE,
  type ThirtySecondsOptions,
  type ThirtySecondsQuoteOptions,
} from './thirty-seconds.ts';
import type { CellType } from './types.ts';

// One factory for each type, with its options: what `cellType` makes from declarations.

/** Options of which one must be given. */
type Needing<Options, Key extends keyof Options> = Options & { readonly [K in Key]-?: NonNullable<Options[K]> };

/**
 * A price without sign: `price({ decimals: 4 })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function price(options?: DecimalOptions): CellType {
  return makeKind(PRICE, options);
}

/**
 * A number, negative with a minus.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function decimal(options?: DecimalOptions): CellType {
  return makeKind(DECIMAL, options);
}

/**
 * A yield in per cent; declared as `yield`, which TypeScript keeps for itself.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function yieldRate(options?: DecimalOptions): CellType {
  return makeKind(YIELD, options);
}

/**
 * A percentage.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function percent(options?: DecimalOptions): CellType {
  return makeKind(PERCENT, options);
}

/**
 * A whole number.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function integer(options?: DecimalOptions): CellType {
  return makeKind(INTEGER, options);
}

/**
 * A size, volume or stock: `size({ multipliers: { K: 3, MM: 6 }, flagsBefore: { "*": "trading" } })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function size(options?: SizeOptions): CellType {
  return makeKind(SIZE, options);
}

/**
 * A foreign-exchange quote: `fxQuote({ decimals: { default: 4, JPY: 2 }, maxSpread: { default: 20, SEK: 60 } })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function fxQuote(options?: FxQuoteOptions): CellType {
  return makeKind(FX_QUOTE, options);
}

/**
 * A quote or range of two decimal sides: `quote({ order: "bid-offer" })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function quote(options: Needing<QuoteOptions, 'order'>): CellType {
  return makeKind(QUOTE, options);
}

/**
 * A price in points and 32nds.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function thirtySeconds(options?: ThirtySecondsOptions): CellType {
  return makeKind(THIRTY_SECONDS, options);
}

/**
 * A quote in points and 32nds.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function thirtySecondsQuote(options: Needing<ThirtySecondsQuoteOptions, 'order'>): CellType {
  return makeKind(THIRTY_SECONDS_QUOTE, options);
}

/**
 * A number with a fraction of a power of two.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function fraction(options?: FractionOptions): CellType {
  return makeKind(FRACTION, options);
}

/**
 * A quote in fractions.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function fractionQuote(options: Needing<FractionQuoteOptions, 'order'>): CellType {
  return makeKind(FRACTION_QUOTE, options);
}

/**
 * Forward points, bid and ask.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function points(options: Needing<PointsOptions, 'signs'>): CellType {
  return makeKind(POINTS, options);
}

/**
 * A signed change, with words for none and directions without amount.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function change(options?: ChangeOptions): CellType {
  return makeKind(CHANGE, options);
}

/**
 * A date: `date({ form: "DDMMMYY", years: "1970..2069" })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function date(options: Needing<DateOptions, 'form'>): CellType {
  return makeKind(DATE, options);
}

/**
 * A time of day: `time({ form: "hh:mm" })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function time(options: Needing<DateOptions, 'form'>): CellType {
  return makeKind(TIME, options);
}

/**
 * A date and a time in one cell.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function dateTime(options: Needing<DateOptions, 'form'>): CellType {
  return makeKind(DATE_TIME, options);
}

/**
 * A tenor of a declared list.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function tenor(options: Needing<TenorOptions, 'tenors'>): CellType {
  return makeKind(TENOR, options);
}

/**
 * One of a list of texts; declared as `enum`, which TypeScript keeps for itself.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function enumeration(options: Needing<EnumOptions, 'values'>): CellType {
  return makeKind(ENUM, options);
}

/**
 * A text that must stand there.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function label(options: Needing<EnumOptions, 'values'>): CellType {
  return makeKind(LABEL, options);
}

/**
 * A text of declared characters and length.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function text(options?: TextOptions): CellType {
  return makeKind(TEXT, options);
}

/**
 * A code of a fixed form.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function code(options: Needing<CodeOptions, 'pattern'>): CellType {
  return makeKind(CODE, options);
}

/**
 * A line of words in which some change: `phrase({ forms: "used {used} of {size}", pieces: { size: integer() } })`.
 *
 * @throws TickerError `SHRED_BAD_TYPE` for options that cannot be.
 */
export function phrase(options: Needing<PhraseOptions, 'forms'>): CellType {
  return cellType({ phrase: options });
}

/**
 * A cell that is printed in more than one style: `anyOf(price({ decimals: 2 }), thirtySeconds())`. The part `alternative` names
 * the one that read it.
 *
 * @throws TickerError `SHRED_BAD_TYPE` where the types don't give the same parts.
 */
export function anyOf(first: CellType, second: CellType, ...others: readonly CellType[]): CellType {
  return anyOfTypes([first, second, ...others]);
}
