import { z } from 'zod';
import { DECIMAL_VALUE, makeType, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import { NUMBER_OPTIONS, type NumberOptions, NumberScanner, type SignRule } from './number-format.ts';
import type { CellType, CellValue } from './types.ts';

/** Options of `price`, `decimal`, `yield`, `percent`, `integer`. */
export interface DecimalOptions extends NumberOptions, ValueOptions {}

const SCHEMA: z.ZodType<DecimalOptions> = z.strictObject({ ...NUMBER_OPTIONS, ...VALUE_OPTIONS });

function decimals(declared: unknown): DecimalOptions {
  return { decimals: declared as number };
}

function makeDecimalType(name: string, options: DecimalOptions, sign: SignRule, unit?: string): CellType {
  const scanner = new NumberScanner(name, options, sign);
  return makeType(
    {
      name,
      parts: DECIMAL_VALUE,
      ...(unit === undefined ? {} : { info: { unit } }),
      read(token, from, end, context) {
        const refused = scanner.scan(token, from, end, context);
        if (refused !== undefined) return refused;
        if (scanner.end < end) return unexpected(token, scanner.end, end, 'a digit or the end');
        return [{ kind: 'decimal', value: scanner.value() } satisfies CellValue];
      },
    },
    options,
  );
}

function kind(name: string, sign: SignRule, unit?: string): TypeKind<DecimalOptions> {
  return { name, schema: SCHEMA, short: decimals, make: (options) => makeDecimalType(name, options, sign, unit) };
}

/** A price without sign: `1.0841`. */
export const PRICE: TypeKind<DecimalOptions> = kind('price', 'none');
/** A number, negative with a minus. */
export const DECIMAL: TypeKind<DecimalOptions> = kind('decimal', 'minus');
/** A yield in per cent. */
export const YIELD: TypeKind<DecimalOptions> = kind('yield', 'minus', 'percent');
/** A percentage; `sign: required` where pages print one always. */
export const PERCENT: TypeKind<DecimalOptions> = kind('percent', 'minus', 'percent');

/** A whole number. */
export const INTEGER: TypeKind<DecimalOptions> = {
  name: 'integer',
  schema: SCHEMA,
  short: (declared) => ({ digits: declared }),
  make(options) {
    if (options.decimals !== undefined)
      throw badType('integer.decimals', 'expected none: whole numbers have no decimals');
    return makeDecimalType('integer', { ...options, decimals: 0 }, 'none');
  },
};
