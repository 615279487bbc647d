import { TickerError } from '@tickerplant/core';
import { z } from 'zod';

// How declarations are checked: what stands in a YAML shredder or in an options object, with the place of
// what is wrong.

/** A declaration that cannot be: what was expected and where in it. */
export function badType(place: string, message: string): TickerError {
  return new TickerError('SHRED_BAD_TYPE', `${place}: ${message}`, { place });
}

/**
 * Checks options against their schema; undefined is an empty object.
 *
 * @throws TickerError `SHRED_BAD_TYPE`, naming the place: `fxQuote.decimals.JPY: …`
 */
export function checked<Options>(type: string, schema: z.ZodType<Options>, options: unknown): Options {
  const result = schema.safeParse(options ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const place = [type, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    throw badType(
      place,
      `unknown option ${issue.keys.map((key) => `'${key}'`).join(', ')}${known === '' ? '' : `; there are ${known}`}`,
    );
  }
  throw badType(place, issue.message);
}

/** The options that an object of the schema may have; empty below the top. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string {
  return path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : '';
}

/** A schema for each option. (The type says no more than that: inferred types cannot stand in declarations.) */
export type OptionSchemas<Options> = { readonly [Key in keyof Options]-?: z.ZodType<Options[Key]> };

/** A count or a range of counts: `4`, `'2..4'`. */
export type Count = number | string;

/** The least and the most of a count. */
export interface CountRange {
  readonly min: number;
  readonly max: number;
}

/** Whole digits only, at most `max` of them. */
function whole(text: string, max: number): number | undefined {
  if (text.length === 0 || text.length > max) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  return Number(text);
}

/** Reads `4` or `'2..4'`; undefined where it is neither. */
export function countRange(count: Count): CountRange | undefined {
  if (typeof count === 'number') return { min: count, max: count };
  const parts = count.split('..');
  const min = whole(parts[0]!, 3);
  const max = parts.length === 1 ? min : whole(parts[1]!, 3);
  return parts.length > 2 || min === undefined || max === undefined || min > max ? undefined : { min, max };
}

/** A schema for a count or range from `least` to `most`. */
export function countSchema(least: number, most: number): z.ZodType<Count> {
  const expected = `expected a whole number or a range from ${least} to ${most}, such as ${least + 1} or '${least + 1}..${most}'`;
  return z.custom<Count>(
    (value) => {
      if (typeof value !== 'number' && typeof value !== 'string') return false;
      if (typeof value === 'number' && !Number.isInteger(value)) return false;
      const range = countRange(value);
      return range !== undefined && range.min >= least && range.max <= most;
    },
    { error: expected },
  );
}

/** An option that is the same for all rows, or differs by the row's key: `4`, `{default: 4, JPY: 2}`. */
export type ByKey<T extends number | string> = T | Readonly<Record<string, T>>;

/** A schema for an option that may differ by key. */
export function byKeySchema<T extends number | string>(value: z.ZodType<T>): z.ZodType<ByKey<T>> {
  const record = z.record(z.string(), value, { error: 'expected one value, or values by key: {default: 4, JPY: 2}' });
  // Not a union: its message would not say which of both is wrong.
  return z.custom<ByKey<T>>().superRefine((given, context) => {
    const result = typeof given === 'object' && given !== null ? record.safeParse(given) : value.safeParse(given);
    for (const { message, path } of result.error?.issues ?? []) context.addIssue({ code: 'custom', message, path });
  });
}

/** Answers an option for a row's key. */
export class KeyedRule<T> {
  private readonly byKey: ReadonlyMap<string, T>;
  private readonly otherwise: T | undefined;

  /** @param read turns what is declared into what is used. */
  constructor(option: ByKey<number | string>, read: (declared: number | string) => T) {
    const byKey = new Map<string, T>();
    if (typeof option !== 'object') {
      this.otherwise = read(option);
    } else {
      for (const [key, value] of Object.entries(option)) {
        if (key === 'default') this.otherwise = read(value);
        else byKey.set(key, read(value));
      }
    }
    this.byKey = byKey;
  }

  /** The rule for the key; undefined where neither it nor a default is declared. */
  for(key: string | undefined): T | undefined {
    return key === undefined || this.byKey.size === 0 ? this.otherwise : (this.byKey.get(key) ?? this.otherwise);
  }

  /** ` for EUR` where the rule differs by key: for messages. */
  suffix(key: string | undefined): string {
    return key === undefined || this.byKey.size === 0 ? '' : ` for ${key}`;
  }
}

/** A name as marks and flags have: lower-case letters, digits and hyphens. */
const nameSchema: z.ZodType<string> = z
  .string({ error: 'expected a name such as not-quoted' })
  .regex(/^[a-z][a-z0-9-]*$/, {
    error: 'expected a name of lower-case letters, digits and hyphens, such as not-quoted',
  });

/** Texts as they are printed, each with the name of what it means. */
export const printedNames: z.ZodType<Readonly<Record<string, string>>> = z.record(
  z
    .string()
    .min(1, { error: 'expected a printed text, got an empty one (what a blank means is a matter of the column)' }),
  nameSchema,
  { error: "expected printed texts with names, such as {'-': not-quoted}" },
);
