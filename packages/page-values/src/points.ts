import { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { makeType, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { reject, skipBlanks, unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import { NUMBER_OPTIONS, type NumberOptions, NumberScanner, separatorSchema } from './number-format.ts';
import type { CellValue, ReadContext, Rejection } from './types.ts';

/** Options of `points`. */
export interface PointsOptions extends NumberOptions, ValueOptions {
  /**
   * `printed`: negative points have a minus. `leftHigherIsDiscount`: no signs are printed, and points of which the left side is
   * the higher are negative, both sides (`67.2/66.6` is -67.2 to -66.6). Must be declared.
   */
  readonly signs?: 'printed' | 'leftHigherIsDiscount' | undefined;
  /** What stands between bid and ask: `/` if left out. */
  readonly separator?: string | undefined;
  /** Blanks may stand on both sides of the separator. */
  readonly separatorGap?: boolean | undefined;
  /** A text that stands for par, no points: `P`; as one side, or as the whole cell for both. */
  readonly par?: string | undefined;
}

const SCHEMA: z.ZodType<PointsOptions> = z.strictObject({
  ...NUMBER_OPTIONS,
  ...VALUE_OPTIONS,
  signs: z.enum(['printed', 'leftHigherIsDiscount'], { error: 'expected printed or leftHigherIsDiscount' }).optional(),
  separator: separatorSchema().optional(),
  separatorGap: z.boolean().optional(),
  par: z.string().min(1).optional(),
});

const ZERO_POINTS = new Decimal(0, 0);

/** Reads one side: a number, or the text for par. */
class PointsSide {
  value: Decimal = ZERO_POINTS;
  end = 0;
  /** Decimals as printed; -1 where par stands. */
  scale = -1;
  private readonly scanner: NumberScanner;
  private readonly par: string | undefined;

  constructor(scanner: NumberScanner, par: string | undefined) {
    this.scanner = scanner;
    this.par = par;
  }

  read(token: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    if (this.par !== undefined && token.startsWith(this.par, from) && from + this.par.length <= end) {
      this.value = ZERO_POINTS;
      this.scale = -1;
      this.end = from + this.par.length;
      return undefined;
    }
    const refused = this.scanner.scan(token, from, end, context);
    if (refused !== undefined) return refused;
    this.value = this.scanner.value();
    this.scale = this.scanner.scale;
    this.end = this.scanner.end;
    return undefined;
  }
}

function negated(value: Decimal): Decimal {
  return value.mantissa === 0 ? value : new Decimal(-value.mantissa, value.exponent);
}

/** Forward points: bid and ask in pips, added to the spot price where positive (a premium). */
export const POINTS: TypeKind<PointsOptions> = {
  name: 'points',
  schema: SCHEMA,
  short: (declared) => ({ signs: declared }),
  make(options) {
    if (options.signs === undefined) {
      throw badType(
        'points.signs',
        'expected printed or leftHigherIsDiscount: which points are negative is never guessed',
      );
    }
    const unsigned = options.signs === 'leftHigherIsDiscount';
    if (unsigned && options.sign !== undefined && options.sign !== 'none') {
      throw badType('points.sign', 'expected none where the higher left side means a discount');
    }
    const separator = options.separator ?? '/';
    const scanner = new NumberScanner('points', options, unsigned ? 'none' : 'minus');
    if (scanner.uses(separator.charCodeAt(0)))
      throw badType('points.separator', 'expected another character than in the numbers');
    const sameScale = options.decimals === undefined || typeof options.decimals === 'number';
    const gap = options.separatorGap ?? false;
    const side = new PointsSide(scanner, options.par);
    const decimal = (value: Decimal): CellValue => ({ kind: 'decimal', value });
    return makeType(
      {
        name: 'points',
        parts: [
          { name: 'bid', kind: 'decimal' },
          { name: 'ask', kind: 'decimal' },
        ],
        info: { unit: 'points' },
        read(token, from, end, context) {
          let refused = side.read(token, from, end, context);
          if (refused !== undefined) return refused;
          const left = side.value;
          const leftScale = side.scale;
          if (left === ZERO_POINTS && side.end === end) return [decimal(left), decimal(left)];
          let at = gap ? skipBlanks(token, side.end, end) : side.end;
          if (at >= end || token[at] !== separator)
            return unexpected(token, at, end, `'${separator}' between bid and ask`);
          const behind = gap ? skipBlanks(token, at + 1, end) : at + 1;
          refused = side.read(token, behind, end, context);
          if (refused !== undefined) return refused;
          at = side.end;
          if (at < end) return unexpected(token, at, end, 'a digit or the end');
          const right = side.value;
          if (sameScale && leftScale >= 0 && side.scale >= 0 && leftScale !== side.scale) {
            return reject('DECIMALS', 'as many decimals as the bid has', at);
          }
          const order = left.compare(right);
          if (!unsigned) {
            return order > 0 ? reject('ORDER', 'a bid not above the ask', behind) : [decimal(left), decimal(right)];
          }
          if (order === 0 && left.mantissa !== 0)
            return reject('AMBIGUOUS', 'sides that differ: equal ones show no premium or discount', behind);
          return order > 0 ? [decimal(negated(left)), decimal(negated(right))] : [decimal(left), decimal(right)];
        },
      },
      options,
    );
  },
};
