import { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { isDigit, MINUS, PLUS, reject, skipBlanks, unexpected, ZERO } from './characters.ts';
import {
  type ByKey,
  badType,
  byKeySchema,
  type Count,
  type CountRange,
  countRange,
  countSchema,
  KeyedRule,
  type OptionSchemas,
} from './declaring.ts';
import type { ReadContext, Rejection } from './types.ts';

/**
 * How signs are written.
 *
 * - `none`: none at all.
 * - `minus`: a minus for negative numbers, nothing for others.
 * - `optional`: plus, minus or nothing.
 * - `required`: plus or minus; only zero may be without.
 * - `trailing`: as `minus`, behind the number: `12.50-`.
 * - `parentheses`: negative numbers in parentheses.
 */
export type SignRule = 'none' | 'minus' | 'optional' | 'required' | 'trailing' | 'parentheses';

/** How numbers are written. */
export interface NumberOptions {
  /** Digits behind the point: `4`, `'0..2'`; or by the row's key: `{default: 4, JPY: 2}`. Any number of them if left out. */
  readonly decimals?: ByKey<Count> | undefined;
  /** The decimal separator; a point if left out. */
  readonly point?: string | undefined;
  /** What stands between thousands: `','`, `'.'`, `' '`, `"'"`. None if left out. */
  readonly grouping?: string | undefined;
  /** Numbers above 999 may be printed without grouping too. */
  readonly groupingOptional?: boolean | undefined;
  readonly sign?: SignRule | undefined;
  /** Blanks may stand between the sign and the digits. */
  readonly signGap?: boolean | undefined;
  /** Digits before the point: `'1..3'`. A cell whose number is cut off tends to have too few of them. */
  readonly digits?: Count | undefined;
  /** `007` is 7. If left out it is refused: a cut cell (`100.06` without its first digit) looks like that. */
  readonly leadingZeros?: boolean | undefined;
  /** `.15` is 0.15. */
  readonly leadingPoint?: boolean | undefined;
  /** The number is given times ten to this power: -2 where cells are in hundredths (`-08` is -0.08). */
  readonly powerOfTen?: number | undefined;
}

const MESSAGE_SEPARATOR = "expected one character that is no letter, digit or sign, such as ',' or '.'";

/** A schema for a character that stands between parts of a number. */
export function separatorSchema(): z.ZodType<string> {
  return z.custom<string>(
    (value) =>
      typeof value === 'string' && value.length === 1 && !isDigit(value.charCodeAt(0)) && !isLetterOrSign(value),
    { error: MESSAGE_SEPARATOR },
  );
}

function isLetterOrSign(character: string): boolean {
  const lower = character.toLowerCase();
  return (
    (lower >= 'a' && lower <= 'z') || character === '+' || character === '-' || character === '(' || character === ')'
  );
}

/** The schemas of `NumberOptions`, to be spread into those of types. */
export const NUMBER_OPTIONS: OptionSchemas<NumberOptions> = {
  decimals: byKeySchema(countSchema(0, 12)).optional(),
  point: separatorSchema().optional(),
  grouping: separatorSchema().optional(),
  groupingOptional: z.boolean().optional(),
  sign: z
    .enum(['none', 'minus', 'optional', 'required', 'trailing', 'parentheses'], {
      error: 'expected none, minus, optional, required, trailing or parentheses',
    })
    .optional(),
  signGap: z.boolean().optional(),
  digits: countSchema(1, 24).optional(),
  leadingZeros: z.boolean().optional(),
  leadingPoint: z.boolean().optional(),
  powerOfTen: z.int({ error: 'expected a whole number from -6 to 12' }).min(-6).max(12).optional(),
};

/** More digits than any price, volume or balance has; a bound for what comes in. */
const DIGITS_MAX = 24;
/** Up to here digits add up in a double without loss. */
const DIGITS_SAFE = 15;
const POWERS: readonly number[] = Array.from({ length: DIGITS_SAFE + 1 }, (_, power) => 10 ** power);
const ANY_DECIMALS: CountRange = { min: 0, max: 12 };

const NO_SIGN = 0;

/**
 * Reads numbers of one format. What was read stands in the fields until the next scan: one scanner belongs to
 * one type, and reading is not interleaved.
 */
export class NumberScanner {
  /** All digits read, as one whole number without sign. */
  mantissa: number | bigint = 0;
  /** How many of them stand behind the point. */
  scale = 0;
  /** How many there are, leading zeros included. */
  digits = 0;
  /** -1, 1 as printed; 0: no sign. */
  sign: number = NO_SIGN;
  /** The first character that doesn't belong to the number. */
  end = 0;

  private readonly point: number;
  private readonly grouping: number;
  private readonly groupingOptional: boolean;
  readonly signRule: SignRule;
  private readonly signGap: boolean;
  private readonly whole: CountRange;
  private readonly leadingZeros: boolean;
  private readonly leadingPoint: boolean;
  private readonly powerOfTen: number;
  private readonly decimals: KeyedRule<CountRange> | undefined;
  private readonly groupingText: string;

  /** @throws TickerError `SHRED_BAD_TYPE` where options contradict each other. */
  constructor(place: string, options: NumberOptions, defaultSign: SignRule) {
    const point = options.point ?? '.';
    if (options.grouping === point) {
      throw badType(`${place}.grouping`, `expected another character than the decimal separator '${point}'`);
    }
    if (options.groupingOptional !== undefined && options.grouping === undefined) {
      throw badType(`${place}.groupingOptional`, 'expected grouping to be declared too');
    }
    this.point = point.charCodeAt(0);
    this.grouping = options.grouping?.charCodeAt(0) ?? -1;
    this.groupingText = options.grouping ?? '';
    this.groupingOptional = options.groupingOptional ?? false;
    this.signRule = options.sign ?? defaultSign;
    this.signGap = options.signGap ?? false;
    this.whole = countRange(options.digits ?? `1..${DIGITS_MAX}`)!;
    this.leadingZeros = options.leadingZeros ?? false;
    this.leadingPoint = options.leadingPoint ?? false;
    this.powerOfTen = options.powerOfTen ?? 0;
    this.decimals =
      options.decimals === undefined ? undefined : new KeyedRule(options.decimals, (count) => countRange(count)!);
  }

  /** Whether the character is part of how numbers are written (so it cannot separate two of them). */
  uses(code: number): boolean {
    return code === this.point || code === this.grouping;
  }

  /** Scans a number with its sign from `from` on, as far as it goes. Undefined: the fields hold it. */
  scan(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    let refused = this.leadingSign(text, from, end);
    if (refused !== undefined) return refused;
    let position = this.end;
    const closing = this.signRule === 'parentheses' && position < end && text.charCodeAt(position) === 0x28;
    if (closing) position++;
    const start = position;
    refused = this.unsigned(text, position, end, context);
    if (refused !== undefined) return refused;
    position = this.end;
    if (closing) {
      if (position >= end || text.charCodeAt(position) !== 0x29)
        return unexpected(text, position, end, "')' behind a negative number");
      this.sign = -1;
      this.end++;
    } else if (this.signRule === 'trailing' && position < end && text.charCodeAt(position) === MINUS) {
      this.sign = -1;
      this.end++;
    } else if (this.signRule === 'required' && this.sign === NO_SIGN && this.mantissa !== 0) {
      return reject('SIGN', 'a sign, + or -', start);
    }
    return undefined;
  }

  /** Scans the sign that may stand at `from`, and the gap behind it; `end` is then where the number begins. */
  leadingSign(text: string, from: number, end: number): Rejection | undefined {
    this.sign = NO_SIGN;
    this.end = from;
    const code = from < end ? text.charCodeAt(from) : 0;
    if (code !== PLUS && code !== MINUS) return undefined;
    const rule = this.signRule;
    if (rule === 'none' || rule === 'trailing' || rule === 'parentheses')
      return reject('SIGN', 'no sign before the number', from);
    if (rule === 'minus' && code === PLUS) return reject('SIGN', 'no plus', from);
    this.sign = code === MINUS ? -1 : 1;
    this.end = this.signGap ? skipBlanks(text, from + 1, end) : from + 1;
    return undefined;
  }

  /** Scans a number without sign: what follows the sign, or the shortened side of a quote. */
  unsigned(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    const refused = this.wholeDigits(text, from, end);
    if (refused !== undefined) return refused;
    this.scale = 0;
    const position = this.end;
    if (position < end && text.charCodeAt(position) === this.point) {
      const first = position + 1;
      this.end = this.addDigits(text, first, end);
      this.scale = this.end - first;
      if (this.scale === 0) return unexpected(text, first, end, 'a digit behind the point');
    } else if (this.digits === 0) {
      return unexpected(text, from, end, 'a digit');
    }
    return this.checkDecimals(position, context) ?? this.checkSize(text, from);
  }

  /** The digits before the point, with their grouping. */
  private wholeDigits(text: string, from: number, end: number): Rejection | undefined {
    this.mantissa = 0;
    this.digits = 0;
    let position = this.addDigits(text, from, end);
    let group = position - from;
    let grouped = false;
    while (
      this.grouping >= 0 &&
      position + 1 < end &&
      text.charCodeAt(position) === this.grouping &&
      isDigit(text.charCodeAt(position + 1))
    ) {
      if (grouped ? group !== 3 : group < 1 || group > 3) return this.badGroup(position);
      grouped = true;
      const next = this.addDigits(text, position + 1, end);
      group = next - position - 1;
      position = next;
    }
    this.end = position;
    if (grouped && group !== 3) return this.badGroup(position);
    if (!grouped && this.grouping >= 0 && group > 3 && !this.groupingOptional) return this.badGroup(from);
    return this.checkWhole(text, from, end);
  }

  private checkWhole(text: string, from: number, end: number): Rejection | undefined {
    const { digits, whole } = this;
    if (digits === 0) {
      const pointFirst = this.end < end && text.charCodeAt(this.end) === this.point;
      return pointFirst && !this.leadingPoint ? unexpected(text, from, end, 'a digit before the point') : undefined;
    }
    if (digits > 1 && !this.leadingZeros && text.charCodeAt(from) === ZERO) {
      return reject('DIGITS', 'no zero before other digits', from);
    }
    if (digits < whole.min || digits > whole.max)
      return reject('DIGITS', `${rangeText(whole, 'digit')} before the point`, from);
    return undefined;
  }

  private badGroup(position: number): Rejection {
    return reject('GROUPING', `thousands grouped by '${this.groupingText}'`, position);
  }

  private addDigits(text: string, from: number, end: number): number {
    let position = from;
    let mantissa = this.mantissa as number;
    while (position < end) {
      const code = text.charCodeAt(position);
      if (code < 0x30 || code > 0x39) break;
      mantissa = mantissa * 10 + code - ZERO;
      position++;
    }
    // Beyond the safe digits this is only a rough size: checkSize reads them again.
    this.mantissa = mantissa;
    this.digits += position - from;
    return position;
  }

  private checkDecimals(point: number, context: ReadContext): Rejection | undefined {
    const { scale } = this;
    if (this.decimals === undefined) {
      return scale > ANY_DECIMALS.max
        ? reject('DECIMALS', `at most ${ANY_DECIMALS.max} decimals`, point + 1 + ANY_DECIMALS.max)
        : undefined;
    }
    const range = this.decimals.for(context.key);
    if (range === undefined) {
      return reject(
        'CONTEXT',
        `decimals declared for ${context.key === undefined ? 'rows without a key' : context.key}`,
        0,
      );
    }
    if (scale >= range.min && scale <= range.max) return undefined;
    const offset = scale < range.min ? this.end : point + (range.max === 0 ? 0 : 1 + range.max);
    return reject('DECIMALS', `${rangeText(range, 'decimal')}${this.decimals.suffix(context.key)}`, offset);
  }

  private checkSize(text: string, from: number): Rejection | undefined {
    if (this.digits <= DIGITS_SAFE) return undefined;
    if (this.digits > DIGITS_MAX) return reject('DIGITS', `at most ${DIGITS_MAX} digits`, from + DIGITS_MAX);
    let digits = '';
    for (let i = from; i < this.end; i++) if (isDigit(text.charCodeAt(i))) digits += text[i]!;
    this.mantissa = BigInt(digits);
    return undefined;
  }

  /** What the last scan read, with its sign. */
  value(): Decimal {
    return this.decimalOf(this.mantissa, this.sign < 0, this.scale);
  }

  /** A number of this format's power of ten. */
  decimalOf(mantissa: number | bigint, negative: boolean, scale: number): Decimal {
    return makeDecimal(mantissa, negative, this.powerOfTen - scale);
  }
}

/** `4 decimals`, `2 to 4 decimals`. */
export function rangeText(range: CountRange, what: string): string {
  if (range.min === range.max)
    return range.max === 0 ? `no ${what}s` : `${range.max} ${what}${range.max === 1 ? '' : 's'}`;
  return `${range.min} to ${range.max} ${what}s`;
}

/** A decimal whose exponent is 0 at most, as printed numbers have it; zero has no sign. */
export function makeDecimal(mantissa: number | bigint, negative: boolean, exponent: number): Decimal {
  if (exponent > 0) {
    const scaled = typeof mantissa === 'number' && exponent <= DIGITS_SAFE ? mantissa * POWERS[exponent]! : Number.NaN;
    mantissa = Number.isSafeInteger(scaled) ? scaled : BigInt(mantissa) * 10n ** BigInt(exponent);
    exponent = 0;
  }
  return new Decimal(negative && mantissa !== 0 ? -mantissa : mantissa, exponent);
}
