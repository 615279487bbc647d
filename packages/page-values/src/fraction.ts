import type { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { binaryFraction } from './binary-fraction.ts';
import { DECIMAL_VALUE, makeType, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { BLANK, isDigit, reject, SLASH, unexpected, ZERO } from './characters.ts';
import {
  type ByKey,
  badType,
  byKeySchema,
  type Count,
  countSchema,
  KeyedRule,
  type OptionSchemas,
} from './declaring.ts';
import { NumberScanner, type SignRule } from './number-format.ts';
import { PartCarry, type PartLimit } from './part-carry.ts';
import { makeQuote, SIDE_OPTIONS, type SideForm, type SideOptions, type SideReader, type SideStyle } from './sides.ts';
import type { ReadContext, Rejection } from './types.ts';

/** How numbers with fractions are written. */
export interface FractionFormat {
  /** `none` if left out. */
  readonly sign?: Exclude<SignRule, 'trailing' | 'parentheses'> | undefined;
  /** Blanks may stand between the sign and the digits: `- 1¾`. */
  readonly signGap?: boolean | undefined;
  /** The largest denominator: 64 if left out. All are powers of two. */
  readonly denominator?: number | undefined;
  /** The whole part has so many decimals, and the fraction is one of its last place: with 2, `1.98 1/4` is 1.9825. */
  readonly decimals?: number | undefined;
  /** Digits before the point: `'1..3'`. */
  readonly digits?: Count | undefined;
  /** Refuse whole numbers without a fraction. */
  readonly fractionRequired?: boolean | undefined;
}

/** The schemas of `FractionFormat`. */
export const FRACTION_FORMAT: OptionSchemas<FractionFormat> = {
  sign: z
    .enum(['none', 'minus', 'optional', 'required'], { error: 'expected none, minus, optional or required' })
    .optional(),
  signGap: z.boolean().optional(),
  denominator: z.literal([2, 4, 8, 16, 32, 64], { error: 'expected 2, 4, 8, 16, 32 or 64' }).optional(),
  decimals: z.int().min(0).max(6).optional(),
  digits: countSchema(1, 8).optional(),
  fractionRequired: z.boolean().optional(),
};

/** Fractions that are one character, as numerator of 8ths. */
const GLYPHS: ReadonlyMap<number, number> = new Map([
  [0xbc, 2],
  [0xbd, 4],
  [0xbe, 6],
  [0x215b, 1],
  [0x215c, 3],
  [0x215d, 5],
  [0x215e, 7],
]);

/** The base-2 logarithm of a denominator. */
const BITS: ReadonlyMap<number, number> = new Map([
  [2, 1],
  [4, 2],
  [8, 3],
  [16, 4],
  [32, 5],
  [64, 6],
]);

/** Reads whole numbers with fractions, or either alone. What was read stands in the fields until the next scan. */
export class FractionScanner {
  /** The number in 1/64 of its last place, without sign. */
  parts64 = 0;
  /** -1, 1 as printed; 0: none. */
  sign = 0;
  /** Whether a whole number was printed, and whether a fraction was. */
  hasWhole = false;
  hasFraction = false;
  end = 0;
  private readonly number: NumberScanner;
  private readonly denominator: number;
  private readonly decimals: number;
  private readonly fractionRequired: boolean;

  constructor(place: string, format: FractionFormat) {
    this.decimals = format.decimals ?? 0;
    this.number = new NumberScanner(
      place,
      {
        ...(format.decimals === undefined ? { decimals: 0 } : { decimals: format.decimals }),
        digits: format.digits ?? '1..8',
        sign: format.sign,
        signGap: format.signGap,
      },
      'none',
    );
    this.denominator = format.denominator ?? 64;
    this.fractionRequired = format.fractionRequired ?? false;
  }

  scan(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    let refused = this.number.leadingSign(text, from, end);
    if (refused !== undefined) return refused;
    this.sign = this.number.sign;
    const start = this.number.end;
    refused = this.unsigned(text, start, end, context);
    if (refused !== undefined) return refused;
    if (this.number.signRule === 'required' && this.sign === 0 && this.parts64 !== 0)
      return reject('SIGN', 'a sign, + or -', start);
    return undefined;
  }

  /** Scans without a sign. */
  unsigned(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    this.parts64 = 0;
    this.hasWhole = false;
    this.hasFraction = false;
    this.end = from;
    if (from < end && GLYPHS.has(text.charCodeAt(from))) return this.glyph(text, from, end);
    const bare = this.bareFraction(text, from, end);
    if (bare !== undefined)
      return bare === from
        ? this.fraction(text, from, end)
        : reject('FRACTION', 'a whole number with decimals first', from);
    const refused = this.number.unsigned(text, from, end, context);
    if (refused !== undefined) return refused;
    this.hasWhole = true;
    this.parts64 = (this.number.mantissa as number) * 64;
    this.end = this.number.end;
    return this.behindWhole(text, end);
  }

  /** Where a fraction without a whole number stands: at `from`, or -1 where none may; undefined: no fraction. */
  private bareFraction(text: string, from: number, end: number): number | undefined {
    let position = from;
    while (position < end && isDigit(text.charCodeAt(position))) position++;
    if (position === from || position >= end || text.charCodeAt(position) !== SLASH) return undefined;
    return this.decimals === 0 ? from : -1;
  }

  private behindWhole(text: string, end: number): Rejection | undefined {
    const at = this.end;
    if (at < end && GLYPHS.has(text.charCodeAt(at))) return this.glyph(text, at, end);
    if (at + 1 < end && text.charCodeAt(at) === BLANK && isDigit(text.charCodeAt(at + 1)))
      return this.fraction(text, at + 1, end);
    return this.fractionRequired ? unexpected(text, at, end, 'a fraction behind the whole number') : undefined;
  }

  private glyph(text: string, at: number, end: number): Rejection | undefined {
    const eighths = GLYPHS.get(text.charCodeAt(at))!;
    if (this.denominator < ((eighths & 1) === 1 ? 8 : eighths === 4 ? 2 : 4)) {
      return reject('FRACTION', `a fraction of at most ${this.denominator}ths`, at);
    }
    this.parts64 += eighths * 8;
    this.hasFraction = true;
    this.end = at + 1;
    if (this.end < end && isDigit(text.charCodeAt(this.end)))
      return reject('FRACTION', 'no digit behind the fraction', this.end);
    return undefined;
  }

  /** Numerator, slash, denominator. */
  private fraction(text: string, from: number, end: number): Rejection | undefined {
    const numerator = this.smallNumber(text, from, end);
    const slash = this.end;
    if (numerator < 0) return reject('FRACTION', 'a numerator of one or two digits', from);
    if (slash >= end || text.charCodeAt(slash) !== SLASH) return unexpected(text, slash, end, "'/' and a denominator");
    const denominator = this.smallNumber(text, slash + 1, end);
    const bits = BITS.get(denominator);
    if (bits === undefined || denominator > this.denominator) {
      if (this.end === slash + 1) return unexpected(text, slash + 1, end, 'a denominator');
      return reject('FRACTION', `a denominator of 2, 4, 8 … up to ${this.denominator}`, slash + 1);
    }
    if (numerator === 0 || numerator >= denominator)
      return reject('FRACTION', 'a numerator above 0 and below the denominator', from);
    this.parts64 += numerator * (64 >> bits);
    this.hasFraction = true;
    return undefined;
  }

  /** One or two digits, none of them a leading zero; -1 where they aren't. Moves `end` behind all digits. */
  private smallNumber(text: string, from: number, end: number): number {
    let position = from;
    let value = 0;
    while (position < end && isDigit(text.charCodeAt(position)))
      value = Math.min(value * 10 + text.charCodeAt(position++) - ZERO, 1000);
    this.end = position;
    const digits = position - from;
    return digits < 1 || digits > 2 || (digits === 2 && text.charCodeAt(from) === ZERO) ? -1 : value;
  }

  value(): Decimal {
    return this.decimalOf(this.parts64, this.sign < 0);
  }

  /** A number of 1/64 of the last place. */
  decimalOf(parts64: number, negative: boolean): Decimal {
    return binaryFraction(Math.floor(parts64 / 64), parts64 % 64, 6, negative, -this.decimals);
  }
}

/** Options of `fraction`. */
export interface FractionOptions extends FractionFormat, ValueOptions {}

const SCHEMA: z.ZodType<FractionOptions> = z.strictObject({ ...FRACTION_FORMAT, ...VALUE_OPTIONS });

/** A number with a fraction of a power of two: `5 3/8`, `3/8`, `20¼`. */
export const FRACTION: TypeKind<FractionOptions> = {
  name: 'fraction',
  schema: SCHEMA,
  short: (declared) => ({ denominator: declared }),
  make(options) {
    const scanner = new FractionScanner('fraction', options);
    return makeType(
      {
        name: 'fraction',
        parts: DECIMAL_VALUE,
        read(token, from, end, context) {
          const refused = scanner.scan(token, from, end, context);
          if (refused !== undefined) return refused;
          if (scanner.end < end) return unexpected(token, scanner.end, end, 'a fraction or the end');
          return [{ kind: 'decimal', value: scanner.value() }];
        },
      },
      options,
    );
  },
};

/** Options of `fractionQuote`. */
export interface FractionQuoteOptions extends Omit<FractionFormat, 'sign' | 'signGap'>, SideOptions {
  /** The widest spread as it would be printed, or by the row's key: `'1/4'`, `1`. */
  readonly maxSpread?: ByKey<number | string> | undefined;
}

const SPREADS = new FractionScanner('fractionQuote.maxSpread', {});

/** A spread such as `1/4` in 1/64; undefined where it is none. */
function spread64(text: string): number | undefined {
  return SPREADS.scan(text, 0, text.length, {}) === undefined && SPREADS.end === text.length
    ? SPREADS.parts64
    : undefined;
}

const SPREAD = z.custom<number | string>(
  (value) => (typeof value === 'number' || typeof value === 'string') && spread64(String(value)) !== undefined,
  { error: "expected a number or a fraction, such as 1 or '1/4'" },
);
const { sign: _sign, signGap: _signGap, ...UNSIGNED_FORMAT } = FRACTION_FORMAT;
const QUOTE_SCHEMA: z.ZodType<FractionQuoteOptions> = z.strictObject({
  ...UNSIGNED_FORMAT,
  ...SIDE_OPTIONS,
  maxSpread: byKeySchema(SPREAD).optional(),
});

/** Sides with fractions. An abbreviated side is a fraction alone, of the first side's whole number or the next one. */
class FractionSides implements SideReader {
  private readonly scanner: FractionScanner;
  private readonly form: SideForm;
  private readonly carry: PartCarry;
  private firstParts = 0;
  private firstWhole = false;

  constructor(options: FractionQuoteOptions) {
    this.scanner = new FractionScanner('fractionQuote', options);
    this.form = options.sides ?? 'either';
    const limit = (spread: number | string): PartLimit => ({ parts: spread64(String(spread))!, text: String(spread) });
    this.carry = new PartCarry(
      64,
      options.maxSpread === undefined ? undefined : new KeyedRule(options.maxSpread, limit),
    );
    if (options.separator === '/' || options.separator === ' ') {
      throw badType('fractionQuote.separator', 'expected another character than those in fractions');
    }
  }

  get end(): number {
    return this.scanner.end;
  }

  readFirst(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    const refused = this.scanner.scan(text, from, end, context);
    this.firstParts = this.scanner.parts64;
    this.firstWhole = this.scanner.hasWhole;
    return refused;
  }

  first(): Decimal {
    return this.scanner.decimalOf(this.firstParts, false);
  }

  refuseAlone(from: number): Rejection | undefined {
    if (this.form === 'full' || this.firstWhole) return undefined;
    return reject('SUFFIX', 'a side in full, with its whole number', from);
  }

  second(): Decimal {
    return this.scanner.decimalOf(this.carry.chosen, false);
  }

  readSecond(text: string, from: number, end: number, context: ReadContext, rising: boolean): SideStyle | Rejection {
    const { scanner } = this;
    const refused = scanner.scan(text, from, end, context);
    if (refused !== undefined) return refused;
    const full = scanner.hasWhole || !this.firstWhole;
    if (full ? this.form === 'abbreviated' && this.firstWhole : this.form === 'full') {
      return reject('SUFFIX', full ? 'the second side abbreviated to its fraction' : 'the second side in full', from);
    }
    return this.carry.choose(this.firstParts, scanner.parts64, full, from, context, rising);
  }
}

/** A quote in fractions: `5 1/2-3/8`. */
export const FRACTION_QUOTE: TypeKind<FractionQuoteOptions> = {
  name: 'fractionQuote',
  schema: QUOTE_SCHEMA,
  short: (declared) => ({ order: declared }),
  make: (options) =>
    makeQuote({ name: 'fractionQuote', order: undefined, separator: '-' }, options, new FractionSides(options)),
};
