import type { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import type { TypeKind } from './cell-type.ts';
import { reject } from './characters.ts';
import {
  type ByKey,
  badType,
  byKeySchema,
  type Count,
  type CountRange,
  countRange,
  countSchema,
  KeyedRule,
} from './declaring.ts';
import { NUMBER_OPTIONS, type NumberOptions, NumberScanner, rangeText } from './number-format.ts';
import { makeQuote, SIDE_OPTIONS, type SideForm, type SideOptions, type SideReader, type SideStyle } from './sides.ts';
import type { CellType, ReadContext, Rejection } from './types.ts';

/** Options of `quote`. */
export interface QuoteOptions extends NumberOptions, SideOptions {
  /** How many digits an abbreviated side has: `2`, `'2..3'`. */
  readonly suffixDigits?: Count | undefined;
  /**
   * The widest spread, in units of the last place of the first side (pips, where that is what stands there), or by the row's
   * key: `{default: 20, SEK: 60}`. Without it every abbreviated side has a reading, also one that a torn update made.
   */
  readonly maxSpread?: ByKey<number | string> | undefined;
  /** `price`: `maxSpread` is an amount, `0.5` or `'0.0020'`; for pages whose prices have varying decimals. `places` if left out. */
  readonly spreadIn?: 'places' | 'price' | undefined;
  /** Quotes may be crossed (bid above offer) within `maxSpread`. */
  readonly crossed?: boolean | undefined;
}

/** Options of `fxQuote`: those of `quote`, where the bid stands first and `/` between. */
export type FxQuoteOptions = Omit<QuoteOptions, 'order' | 'separator' | 'discount'>;

/** Quotes are worked out in doubles: so many digits are whole numbers there. */
const QUOTE_DIGITS_MAX = 14;

const SPREAD = z.custom<number | string>((value) => spreadLimit(value) !== undefined, {
  error: "expected a number that isn't negative, such as 20 or '0.0020'",
});

/** A limit for spreads: a whole number of its own last places. */
interface SpreadLimit {
  readonly mantissa: number;
  readonly scale: number;
  readonly text: string;
}

/** Reads `20`, `0.5`, `'0.0020'`; undefined where it is no such number. */
function spreadLimit(value: unknown): SpreadLimit | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const text = String(value);
  const scanner = new NumberScanner('maxSpread', {}, 'none');
  const read = scanner.scan(text, 0, text.length, {}) === undefined && scanner.end === text.length;
  return read && scanner.digits <= QUOTE_DIGITS_MAX
    ? { mantissa: Number(scanner.mantissa), scale: scanner.scale, text }
    : undefined;
}

const QUOTE_OPTIONS = {
  ...NUMBER_OPTIONS,
  ...SIDE_OPTIONS,
  suffixDigits: countSchema(1, 15).optional(),
  maxSpread: byKeySchema(SPREAD).optional(),
  spreadIn: z.enum(['places', 'price'], { error: 'expected places or price' }).optional(),
  crossed: z.boolean().optional(),
};
const QUOTE_SCHEMA: z.ZodType<QuoteOptions> = z.strictObject(QUOTE_OPTIONS);
const { order: _order, separator: _separator, discount: _discount, ...FX_QUOTE_OPTIONS } = QUOTE_OPTIONS;
const FX_QUOTE_SCHEMA: z.ZodType<FxQuoteOptions> = z.strictObject(FX_QUOTE_OPTIONS);

function decimalsText(count: number): string {
  return rangeText({ min: count, max: count }, 'decimal');
}

/** What `quote` and `fxQuote` have if nothing else is declared. */
interface QuoteDefaults {
  readonly sides: SideForm;
  readonly suffixDigits: Count;
}

/**
 * Sides in decimal figures. An abbreviated side replaces the last digits of the first; where that is on the wrong side of it,
 * the next figure up (or down) is meant: `1.0898/03` is 1.0903. See the sheet on shredding, section 5, "carry rule".
 */
class DecimalSides implements SideReader {
  end = 0;
  private readonly scanner: NumberScanner;
  /** Reads abbreviated sides: bare digits, that may begin with zeros. */
  private readonly suffixes: NumberScanner;
  private readonly form: SideForm;
  private readonly suffixDigits: CountRange;
  private readonly maxSpread: KeyedRule<SpreadLimit> | undefined;
  private readonly inPrice: boolean;
  private readonly crossed: boolean;
  private readonly mixedScales: boolean;
  private firstMantissa = 0;
  private firstScale = 0;
  private firstDigits = 0;
  private secondMantissa = 0;
  private secondScale = 0;

  constructor(name: string, options: QuoteOptions, defaults: QuoteDefaults) {
    this.scanner = new NumberScanner(name, options, 'none');
    const { point, grouping } = options;
    this.suffixes = new NumberScanner(
      name,
      { point, grouping, leadingZeros: true, ...(grouping === undefined ? {} : { groupingOptional: true }) },
      'none',
    );
    this.form = options.sides ?? defaults.sides;
    this.suffixDigits = countRange(options.suffixDigits ?? defaults.suffixDigits)!;
    this.inPrice = options.spreadIn === 'price';
    const limit = (declared: number | string): SpreadLimit => {
      const read = spreadLimit(declared)!;
      if (read.scale === 0 || this.inPrice) return read;
      throw badType(
        `${name}.maxSpread`,
        `expected a whole number of last places (spreadIn: price takes amounts), got ${declared}`,
      );
    };
    this.maxSpread = options.maxSpread === undefined ? undefined : new KeyedRule(options.maxSpread, limit);
    if (options.spreadIn !== undefined && this.maxSpread === undefined)
      throw badType(`${name}.spreadIn`, 'expected maxSpread with it');
    this.crossed = options.crossed ?? false;
    if (this.crossed && this.maxSpread === undefined) {
      throw badType(
        `${name}.crossed`,
        'expected maxSpread with it: without a limit a crossed quote cannot be told from a carry',
      );
    }
    this.mixedScales = typeof options.decimals !== 'number' && options.decimals !== undefined;
    const separator = (options.separator ?? '/').charCodeAt(0);
    if (this.scanner.uses(separator)) {
      throw badType(`${name}.separator`, 'expected another character than in the numbers');
    }
  }

  readFirst(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    const { scanner } = this;
    const refused = scanner.scan(text, from, end, context);
    if (refused !== undefined) return refused;
    if (scanner.digits > QUOTE_DIGITS_MAX)
      return reject('DIGITS', `at most ${QUOTE_DIGITS_MAX} digits`, from + QUOTE_DIGITS_MAX);
    this.firstMantissa = scanner.sign < 0 ? -(scanner.mantissa as number) : (scanner.mantissa as number);
    this.firstScale = scanner.scale;
    this.firstDigits = scanner.digits;
    this.end = scanner.end;
    return undefined;
  }

  first(): Decimal {
    return this.decimal(this.firstMantissa, this.firstScale);
  }

  refuseAlone(from: number): Rejection | undefined {
    const { max } = this.suffixDigits;
    if (this.form === 'full' || this.firstDigits > max) return undefined;
    return reject('SUFFIX', `a side in full, of more digits than an abbreviated one (${max})`, from);
  }

  second(): Decimal {
    return this.decimal(this.secondMantissa, this.secondScale);
  }

  private decimal(mantissa: number, scale: number): Decimal {
    return this.scanner.decimalOf(Math.abs(mantissa), mantissa < 0, scale);
  }

  readSecond(text: string, from: number, end: number, context: ReadContext, rising: boolean): SideStyle | Rejection {
    if (this.form === 'full') return this.fullSecond(text, from, end, context, rising);
    const { suffixes } = this;
    const refused = suffixes.unsigned(text, from, end, context);
    if (refused !== undefined) {
      // A sign: a side in full, if at all.
      return this.form === 'either' && refused.offset === from
        ? this.fullSecond(text, from, end, context, rising)
        : refused;
    }
    if (suffixes.digits < this.firstDigits) return this.suffix(from, context, rising);
    if (this.form === 'either') return this.fullSecond(text, from, end, context, rising);
    const what = suffixes.digits === this.firstDigits ? 'abbreviated, not in full' : 'shorter than the first';
    return reject('SUFFIX', `the second side ${what}`, from);
  }

  private fullSecond(
    text: string,
    from: number,
    end: number,
    context: ReadContext,
    rising: boolean,
  ): SideStyle | Rejection {
    const { scanner } = this;
    const refused = scanner.scan(text, from, end, context);
    if (refused !== undefined) return refused;
    this.end = scanner.end;
    if (scanner.digits > QUOTE_DIGITS_MAX)
      return reject('DIGITS', `at most ${QUOTE_DIGITS_MAX} digits`, from + QUOTE_DIGITS_MAX);
    if (scanner.scale !== this.firstScale && !this.mixedScales) {
      return reject('DECIMALS', `${decimalsText(this.firstScale)}, as the first side has`, scanner.end);
    }
    this.secondMantissa = scanner.sign < 0 ? -(scanner.mantissa as number) : (scanner.mantissa as number);
    this.secondScale = scanner.scale;
    const scale = Math.max(this.firstScale, this.secondScale);
    const unit = 10 ** (scale - this.firstScale);
    const difference = this.secondMantissa * 10 ** (scale - this.secondScale) - this.firstMantissa * unit;
    return this.checkSpread(rising ? difference : -difference, unit, from, context) ?? 'full';
  }

  /** @param unit how much of `spread` is one last place of the first side. */
  private checkSpread(spread: number, unit: number, offset: number, context: ReadContext): Rejection | undefined {
    if (spread < 0 && !this.crossed) return reject('ORDER', 'sides that are not crossed', offset);
    if (this.maxSpread === undefined) return undefined;
    const limit = this.maxSpread.for(context.key);
    if (limit === undefined) return this.noLimit(context);
    return Math.abs(spread) > this.placesOf(limit) * unit ? this.tooWide(limit, offset, context) : undefined;
  }

  /** The limit in last places of the first side. */
  private placesOf(limit: SpreadLimit): number {
    return (limit.mantissa * 10 ** (this.inPrice ? this.firstScale : 0)) / 10 ** limit.scale;
  }

  private limitText(limit: SpreadLimit): string {
    return this.inPrice ? limit.text : `${limit.text} last places`;
  }

  private tooWide(limit: SpreadLimit, offset: number, context: ReadContext): Rejection {
    return reject(
      'SPREAD',
      `a spread of at most ${this.limitText(limit)}${this.maxSpread!.suffix(context.key)}`,
      offset,
    );
  }

  private noLimit(context: ReadContext): Rejection {
    return reject('CONTEXT', `maxSpread declared for ${context.key ?? 'rows without a key'}`, 0);
  }

  private suffix(from: number, context: ReadContext, rising: boolean): SideStyle | Rejection {
    const { suffixes } = this;
    const { digits, scale } = suffixes;
    this.end = suffixes.end;
    const range = this.suffixDigits;
    if (digits < range.min || digits > range.max) {
      return reject('SUFFIX', `an abbreviated side of ${rangeText(range, 'digit')}`, from);
    }
    // Without a point it stands for the last places; with one, the points stand for each other.
    if (scale === 0 ? this.firstScale > 0 && digits > this.firstScale : scale !== this.firstScale) {
      return reject(
        'SUFFIX',
        `${decimalsText(this.firstScale)}, as the first side has, in a side that reaches over the point`,
        from,
      );
    }
    if (this.firstMantissa < 0) return reject('SUFFIX', 'both sides in full where they are negative', from);
    return this.choose(suffixes.mantissa as number, 10 ** digits, from, context, rising);
  }

  /** Chooses the number that ends on the suffix: next to the first side in the right direction, within the limit. */
  private choose(
    suffix: number,
    modulus: number,
    from: number,
    context: ReadContext,
    rising: boolean,
  ): SideStyle | Rejection {
    const first = this.firstMantissa;
    const { suffixes } = this;
    const plain = first - (first % modulus) + suffix;
    const step = rising ? modulus : -modulus;
    const ordered = rising ? plain >= first : plain <= first;
    let chosen = ordered ? plain : plain + step;
    if (this.maxSpread !== undefined) {
      const declared = this.maxSpread.for(context.key);
      if (declared === undefined) return this.noLimit(context);
      const limit = this.placesOf(declared);
      const opposite = chosen - step;
      const crossedFits = this.crossed && opposite >= 0 && Math.abs(opposite - first) <= limit;
      if (Math.abs(chosen - first) > limit) {
        if (!crossedFits) return this.tooWide(declared, from, context);
        chosen = opposite;
      } else if (crossedFits || Math.abs(chosen + step - first) <= limit) {
        return reject(
          'AMBIGUOUS',
          `one reading within the spread limit of ${this.limitText(declared)}; several are`,
          from,
        );
      }
    }
    if (chosen < 0) return reject('ORDER', 'a second side that is not below zero', from);
    this.secondMantissa = chosen;
    this.secondScale = this.firstScale;
    return chosen === suffix && suffixes.scale === this.firstScale
      ? 'full'
      : chosen === plain
        ? 'abbreviated'
        : 'carry';
  }
}

function make(name: string, options: QuoteOptions, defaults: QuoteDefaults): CellType {
  const order = name === 'fxQuote' ? 'bid-offer' : undefined;
  return makeQuote({ name, order, separator: '/' }, options, new DecimalSides(name, options, defaults));
}

/** A quote of two decimal sides. */
export const QUOTE: TypeKind<QuoteOptions> = {
  name: 'quote',
  schema: QUOTE_SCHEMA,
  short: (declared) => ({ order: declared }),
  make: (options) => make('quote', options, { sides: 'either', suffixDigits: '2..15' }),
};

/** A foreign-exchange quote: `1.0841/43`. */
export const FX_QUOTE: TypeKind<FxQuoteOptions> = {
  name: 'fxQuote',
  schema: FX_QUOTE_SCHEMA,
  short: (declared) => ({ decimals: declared }),
  make: (options) => make('fxQuote', options, { sides: 'abbreviated', suffixDigits: '2..3' }),
};
