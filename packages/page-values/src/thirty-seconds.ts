import type { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { binaryFraction } from './binary-fraction.ts';
import { DECIMAL_VALUE, makeType, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { isDigit, PLUS, reject, unexpected, ZERO } from './characters.ts';
import { type ByKey, badType, byKeySchema, KeyedRule, type OptionSchemas } from './declaring.ts';
import { rangeText, separatorSchema } from './number-format.ts';
import { PartCarry, type PartLimit } from './part-carry.ts';
import { makeQuote, SIDE_OPTIONS, type SideForm, type SideOptions, type SideReader, type SideStyle } from './sides.ts';
import type { ReadContext, Rejection } from './types.ts';

/** What the third digit behind the points counts. `quarters`: 0, 2, 5, 7 stand for none to three quarters of a 32nd. */
export type ThirdDigit = 'eighths' | 'quarters' | 'none';

/** How 32nds are written. */
export interface ThirtySecondFormat {
  /** What stands between points and 32nds: a hyphen if left out. A point only where it is declared: 99.19 looks like a decimal. */
  readonly pointsSeparator?: string | undefined;
  /** What a third digit counts: eighths of a 32nd if left out. */
  readonly third?: ThirdDigit | undefined;
  /** A plus for half a 32nd (1/64), as in `99-16+`; true if left out. */
  readonly plus?: boolean | undefined;
}

/** The schemas of `ThirtySecondFormat`. */
export const THIRTY_SECOND_FORMAT: OptionSchemas<ThirtySecondFormat> = {
  pointsSeparator: z
    .union([z.literal('-'), separatorSchema()], { error: "expected one character such as '-', '.' or \"'\"" })
    .optional(),
  third: z.enum(['eighths', 'quarters', 'none'], { error: 'expected eighths, quarters or none' }).optional(),
  plus: z.boolean().optional(),
};

/** Points have at most so many digits: a bond is some hundreds. */
const POINTS = { min: 1, max: 4 };

const QUARTERS: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [2, 2],
  [5, 4],
  [7, 6],
]);

/** Reads points and 32nds, or 32nds alone, as a number of 1/256. What was read stands in the fields until the next scan. */
export class ThirtySecondScanner {
  /** What was read, in 1/256 of a point. */
  parts256 = 0;
  /** Behind what was read. */
  end = 0;
  private readonly separator: number;
  private readonly separatorText: string;
  private readonly third: ThirdDigit;
  private readonly plus: boolean;

  constructor(format: ThirtySecondFormat) {
    this.separatorText = format.pointsSeparator ?? '-';
    this.separator = this.separatorText.charCodeAt(0);
    this.third = format.third ?? 'eighths';
    this.plus = format.plus ?? true;
  }

  uses(code: number): boolean {
    return code === this.separator || (this.plus && code === PLUS);
  }

  /** Whether points stand at `from`: digits with the separator behind. */
  hasPoints(text: string, from: number, end: number): boolean {
    let position = from;
    while (position < end && isDigit(text.charCodeAt(position))) position++;
    return position > from && position < end && text.charCodeAt(position) === this.separator;
  }

  /** Points, separator, 32nds. */
  scan(text: string, from: number, end: number): Rejection | undefined {
    let position = from;
    let points = 0;
    while (position < end && isDigit(text.charCodeAt(position))) {
      if (position - from === POINTS.max) return reject('DIGITS', `${rangeText(POINTS, 'digit')} of points`, position);
      points = points * 10 + text.charCodeAt(position++) - ZERO;
    }
    if (position === from) return unexpected(text, position, end, 'a digit');
    if (position - from > 1 && text.charCodeAt(from) === ZERO)
      return reject('DIGITS', 'no zero before other digits', from);
    if (position >= end || text.charCodeAt(position) !== this.separator) {
      return unexpected(text, position, end, `'${this.separatorText}' between points and 32nds`);
    }
    const refused = this.scanParts(text, position + 1, end);
    this.parts256 += points * 256;
    return refused;
  }

  /** Two digits of 32nds, with a third or a plus. */
  scanParts(text: string, from: number, end: number): Rejection | undefined {
    this.parts256 = 0;
    for (let position = from; position < from + 2; position++) {
      if (position >= end || !isDigit(text.charCodeAt(position)))
        return unexpected(text, position, end, 'two digits of 32nds');
    }
    const thirtySeconds = (text.charCodeAt(from) - ZERO) * 10 + text.charCodeAt(from + 1) - ZERO;
    if (thirtySeconds > 31) return reject('THIRTY_SECONDS', '32nds from 00 to 31', from);
    this.end = from + 2;
    this.parts256 = thirtySeconds * 8;
    return this.scanThird(text, end);
  }

  private scanThird(text: string, end: number): Rejection | undefined {
    const at = this.end;
    const code = at < end ? text.charCodeAt(at) : 0;
    if (this.plus && code === PLUS) {
      this.parts256 += 4;
      this.end = at + 1;
      return undefined;
    }
    if (!isDigit(code)) return undefined;
    const digit = code - ZERO;
    if (this.third === 'none') return reject('THIRTY_SECONDS', 'two digits of 32nds, no third', at);
    const eighths = this.third === 'eighths' ? (digit < 8 ? digit : undefined) : QUARTERS.get(digit);
    if (eighths === undefined) {
      return reject(
        'THIRTY_SECONDS',
        this.third === 'eighths' ? 'eighths from 0 to 7' : 'quarters as 0, 2, 5 or 7',
        at,
      );
    }
    if (at + 1 < end && isDigit(text.charCodeAt(at + 1)))
      return reject('THIRTY_SECONDS', 'at most three digits behind the points', at + 1);
    this.parts256 += eighths;
    this.end = at + 1;
    return undefined;
  }
}

/** A number of 1/256 as a decimal. */
export function decimalOf256ths(parts256: number, negative: boolean): Decimal {
  return binaryFraction(Math.floor(parts256 / 256), parts256 & 255, 8, negative);
}

/** Options of `thirtySeconds`. */
export interface ThirtySecondsOptions extends ThirtySecondFormat, ValueOptions {}

const SCHEMA: z.ZodType<ThirtySecondsOptions> = z.strictObject({ ...THIRTY_SECOND_FORMAT, ...VALUE_OPTIONS });

/** A price in points and 32nds: `99-16`, `99-16+`, `98-086`. */
export const THIRTY_SECONDS: TypeKind<ThirtySecondsOptions> = {
  name: 'thirtySeconds',
  schema: SCHEMA,
  short: (declared) => ({ pointsSeparator: declared }),
  make(options) {
    const scanner = new ThirtySecondScanner(options);
    return makeType(
      {
        name: 'thirtySeconds',
        parts: DECIMAL_VALUE,
        read(token, from, end) {
          const refused = scanner.scan(token, from, end);
          if (refused !== undefined) return refused;
          if (scanner.end < end) return unexpected(token, scanner.end, end, 'the end behind the 32nds');
          return [{ kind: 'decimal', value: decimalOf256ths(scanner.parts256, false) }];
        },
      },
      options,
    );
  },
};

/** Options of `thirtySecondsQuote`. */
export interface ThirtySecondsQuoteOptions extends ThirtySecondFormat, SideOptions {
  /** The widest spread in 32nds, or by the row's key. */
  readonly maxSpread?: ByKey<number> | undefined;
}

const QUOTE_SCHEMA: z.ZodType<ThirtySecondsQuoteOptions> = z.strictObject({
  ...THIRTY_SECOND_FORMAT,
  ...SIDE_OPTIONS,
  maxSpread: byKeySchema(z.number({ error: 'expected a number of 32nds' }).int().min(0)).optional(),
});

/** Sides in 32nds. An abbreviated side has no points: those of the first, or the next ones where it would be on the wrong side. */
class ThirtySecondSides implements SideReader {
  private readonly scanner: ThirtySecondScanner;
  private readonly form: SideForm;
  private readonly carry: PartCarry;
  private firstParts = 0;

  constructor(options: ThirtySecondsQuoteOptions) {
    this.scanner = new ThirtySecondScanner(options);
    this.form = options.sides ?? 'either';
    const limit = (thirtySeconds: number | string): PartLimit => ({
      parts: Number(thirtySeconds) * 8,
      text: `${thirtySeconds} 32nds`,
    });
    this.carry = new PartCarry(
      256,
      options.maxSpread === undefined ? undefined : new KeyedRule(options.maxSpread, limit),
    );
    const separator = options.separator ?? '/';
    if (this.scanner.uses(separator.charCodeAt(0))) {
      throw badType('thirtySecondsQuote.separator', 'expected another character than in the prices');
    }
  }

  get end(): number {
    return this.scanner.end;
  }

  readFirst(text: string, from: number, end: number): Rejection | undefined {
    const refused = this.scanner.scan(text, from, end);
    this.firstParts = this.scanner.parts256;
    return refused;
  }

  first(): Decimal {
    return decimalOf256ths(this.firstParts, false);
  }

  refuseAlone(): undefined {
    // What readFirst reads has points: it is in full.
  }

  second(): Decimal {
    return decimalOf256ths(this.carry.chosen, false);
  }

  readSecond(text: string, from: number, end: number, context: ReadContext, rising: boolean): SideStyle | Rejection {
    const { scanner, form } = this;
    const full = form === 'full' || (form === 'either' && scanner.hasPoints(text, from, end));
    const refused = full ? scanner.scan(text, from, end) : scanner.scanParts(text, from, end);
    return refused ?? this.carry.choose(this.firstParts, scanner.parts256, full, from, context, rising);
  }
}

/** A quote in 32nds, its second side usually without points: `99-312/00` is 99-312 to 100-00. */
export const THIRTY_SECONDS_QUOTE: TypeKind<ThirtySecondsQuoteOptions> = {
  name: 'thirtySecondsQuote',
  schema: QUOTE_SCHEMA,
  short: (declared) => ({ order: declared }),
  make: (options) =>
    makeQuote(
      { name: 'thirtySecondsQuote', order: undefined, separator: '/' },
      options,
      new ThirtySecondSides(options),
    ),
};
