import type { Decimal } from '@tickerplant/core';

/** A named part of what a type reads: `fxQuote` gives `bid`, `ask` and `style`; most types give one part named `value`. */
export type CellValue =
  | { readonly kind: 'decimal'; readonly value: Decimal }
  | { readonly kind: 'text'; readonly value: string }
  /** Days since 1970-01-01. */
  | { readonly kind: 'date'; readonly value: number }
  /** Nanoseconds of the day as printed; the zone is in the type's `info`. */
  | { readonly kind: 'time'; readonly value: number }
  /** A sign or an arrow with no amount. */
  | { readonly kind: 'direction'; readonly value: -1 | 0 | 1 };

/**
 * Why a text is refused. A stable code for counters and rules; `expected` in the reading says it in words.
 *
 * | code | meaning |
 * | --- | --- |
 * | `CHARACTER` | a character that cannot stand there |
 * | `LOOK_ALIKE` | a letter or a foreign character that only looks like what should stand there: O, l, U+2212 |
 * | `ENDED` | the text ends too early |
 * | `SIGN` | a sign missing, or one that isn't declared |
 * | `DECIMALS` | not the declared number of decimals |
 * | `GROUPING` | digits not grouped as declared |
 * | `DIGITS` | too few or too many digits, a leading zero: typical of a cell that is cut off |
 * | `AFFIX` | a declared text before or after the value, or a flag, is missing |
 * | `SUFFIX` | an abbreviated side that doesn't fit the side in full, or either form where the other is declared |
 * | `SPREAD` | the spread breaks its limit |
 * | `AMBIGUOUS` | more than one reading is possible |
 * | `ORDER` | the sides stand the wrong way round |
 * | `THIRTY_SECONDS`, `FRACTION` | no 32nds, no proper fraction of a declared denominator |
 * | `DATE`, `WEEKDAY`, `TIME` | no such date, another day of the week, no such time |
 * | `CONTEXT` | what the type needs to know is missing: the business date, a rule for the row's key |
 * | `UNKNOWN` | not in the declared list |
 * | `LENGTH` | too short or too long |
 */
export type RejectCode =
  | 'CHARACTER'
  | 'LOOK_ALIKE'
  | 'ENDED'
  | 'SIGN'
  | 'DECIMALS'
  | 'GROUPING'
  | 'DIGITS'
  | 'AFFIX'
  | 'SUFFIX'
  | 'SPREAD'
  | 'AMBIGUOUS'
  | 'ORDER'
  | 'THIRTY_SECONDS'
  | 'FRACTION'
  | 'DATE'
  | 'WEEKDAY'
  | 'TIME'
  | 'CONTEXT'
  | 'UNKNOWN'
  | 'LENGTH';

/** A refusal: what was expected, and at which character of the token (0 to its length) it wasn't so. */
export interface Rejection {
  readonly outcome: 'reject';
  readonly code: RejectCode;
  readonly expected: string;
  readonly offset: number;
}

/** What a text says. */
export type Reading =
  /** In the order of `CellType.parts`; null: that part isn't printed (no ask in a one-sided quote, no flag). */
  | { readonly outcome: 'value'; readonly parts: readonly (CellValue | null)[] }
  /** A declared mark that says why there is no value: `not-quoted`, `holiday`. */
  | { readonly outcome: 'mark'; readonly mark: string }
  | Rejection;

/** What a type may need besides the text. */
export interface ReadContext {
  /** The canonical key of the row, for options that differ by key (decimals by currency). */
  readonly key?: string | undefined;
  /** Business date in days since 1970-01-01, for dates without a year and two-digit years. */
  readonly today?: number | undefined;
}

/** Facts of a type that its values don't carry. */
export interface TypeInfo {
  /** What the numbers count, as declared: `percent`, `USD/t`. */
  readonly unit?: string | undefined;
  /** IANA zone of printed times, as declared. */
  readonly zone?: string | undefined;
}

/** A part of what a type gives. */
export interface CellPart {
  readonly name: string;
  readonly kind: CellValue['kind'];
}

/** A type of cell. Immutable, and the same text in the same context always reads the same. */
export interface CellType {
  readonly name: string;
  readonly parts: readonly CellPart[];
  readonly info: TypeInfo;
  /**
   * Accepts all of the token or rejects; never throws.
   *
   * @param token the whole text between the rulers, blanks trimmed, never empty.
   */
  read(token: string, context: ReadContext): Reading;
}
