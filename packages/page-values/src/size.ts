import { z } from 'zod';
import { DECIMAL_VALUE, makeType, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { reject, unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import { makeDecimal, NUMBER_OPTIONS, type NumberOptions, NumberScanner } from './number-format.ts';

/** Options of `size`. */
export interface SizeOptions extends NumberOptions, ValueOptions {
  /** What letters behind the number multiply by, as a power of ten: `{K: 3, MM: 6, BN: 9}`. M is a thousand to some. */
  readonly multipliers?: Readonly<Record<string, number>> | undefined;
  /** Refuse numbers without such letters. */
  readonly multiplierRequired?: boolean | undefined;
}

const SCHEMA: z.ZodType<SizeOptions> = z.strictObject({
  ...NUMBER_OPTIONS,
  ...VALUE_OPTIONS,
  multipliers: z
    .record(
      z.string().min(1),
      z.int({ error: 'expected a power of ten, a whole number from 1 to 12' }).min(1).max(12),
      {
        error: 'expected letters with powers of ten, such as {K: 3, MM: 6}',
      },
    )
    .optional(),
  multiplierRequired: z.boolean().optional(),
});

/** A size, volume or stock: `3`, `114,875`, `2.5MM`. Decimals only where they are declared or letters follow. */
export const SIZE: TypeKind<SizeOptions> = {
  name: 'size',
  schema: SCHEMA,
  short: (declared) => ({ multipliers: declared }),
  make(options) {
    const powers = new Map(Object.entries(options.multipliers ?? {}));
    const letters = [...powers.keys()].map((text) => `'${text}'`).join(', ');
    if (options.multiplierRequired === true && powers.size === 0) {
      throw badType('size.multiplierRequired', 'expected multipliers to be declared too');
    }
    const scanner = new NumberScanner('size', options, 'none');
    const wholeOnly = options.decimals === undefined;
    return makeType(
      {
        name: 'size',
        parts: DECIMAL_VALUE,
        read(token, from, end, context) {
          const refused = scanner.scan(token, from, end, context);
          if (refused !== undefined) return refused;
          if (scanner.end < end) {
            const power = powers.get(token.slice(scanner.end, end));
            if (power === undefined) {
              return unexpected(
                token,
                scanner.end,
                end,
                letters === '' ? 'a digit or the end' : `a digit, the end or one of ${letters}`,
              );
            }
            const { mantissa, sign, scale } = scanner;
            const exponent = power + (options.powerOfTen ?? 0) - scale;
            return [{ kind: 'decimal', value: makeDecimal(mantissa, sign < 0, exponent) }];
          }
          if (options.multiplierRequired === true) return reject('AFFIX', `one of ${letters} behind the number`, end);
          if (wholeOnly && scanner.scale > 0) return reject('DECIMALS', 'no decimals', end - scanner.scale - 1);
          return [{ kind: 'decimal', value: scanner.value() }];
        },
      },
      options,
    );
  },
};
