import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType, TEXT_VALUE, type TypeKind, textValue } from './cell-type.ts';
import { isDigit, reject } from './characters.ts';
import { badType } from './declaring.ts';
import type { CellType, CellValue, Rejection } from './types.ts';

// Types that know every text they accept.

/** Values with the texts that stand for them: a list, or `{canonical: text}`, `{canonical: [text, …]}`. */
export type ListedValues = readonly string[] | Readonly<Record<string, string | readonly string[]>>;

/** Options of `enum` and `label`. */
export interface EnumOptions extends MarkOptions {
  /** `[EUR, GBP]`: printed as they are; or `{EUR: [EUR, EURO]}`: all spellings of each. */
  readonly values?: ListedValues | undefined;
}

/** Options of `tenor`. */
export interface TenorOptions extends MarkOptions {
  /** The canonical tenors there are: `[O/N, T/N, 1W, 3M, 10Y]`; or each with its spellings. */
  readonly tenors?: ListedValues | undefined;
  /** Printed units with the canonical ones: `{WK: W, MO: M, YR: Y}` reads `1WK` and `1 WK` as `1W`, if that is in the list. */
  readonly units?: Readonly<Record<string, string>> | undefined;
}

const TEXT = z
  .string({ error: 'expected a text (in YAML, put what looks like a number, a date, yes or no in quotes)' })
  .min(1);
const LISTED = z.union([z.array(TEXT), z.record(z.string().min(1), z.union([TEXT, z.array(TEXT).min(1)]))], {
  error: 'expected a list of texts, or canonical texts with their spellings',
}) as z.ZodType<ListedValues>;
const ENUM_SCHEMA: z.ZodType<EnumOptions> = z.strictObject({ ...MARK_OPTIONS, values: LISTED.optional() });
const TENOR_SCHEMA: z.ZodType<TenorOptions> = z.strictObject({
  ...MARK_OPTIONS,
  tenors: LISTED.optional(),
  units: z.record(z.string().min(1), TEXT).optional(),
});

/** So many texts a message names. */
const NAMED_MAX = 12;

/** A list of spellings, each of one canonical value. */
class Spellings {
  readonly values = new Map<string, CellValue>();
  private readonly place: string;
  private canonicals = 0;

  constructor(place: string, listed: ListedValues | undefined) {
    this.place = place;
    if (listed === undefined) throw badType(place, 'expected a list of the texts there are');
    for (const [canonical, spellings] of Array.isArray(listed)
      ? listed.map((text) => [text, text])
      : Object.entries(listed)) {
      const value = textValue(canonical);
      this.canonicals++;
      for (const spelling of typeof spellings === 'string' ? [spellings] : spellings) this.add(spelling, value);
    }
    if (this.canonicals === 0) throw badType(place, 'expected one text at least');
  }

  add(spelling: string, value: CellValue): void {
    if (spelling.trim() !== spelling)
      throw badType(this.place, `expected texts without blanks around them, got '${spelling}'`);
    const known = this.values.get(spelling);
    if (known !== undefined && known.value !== value.value) {
      throw badType(this.place, `expected each text once, got '${spelling}' for ${known.value} and ${value.value}`);
    }
    this.values.set(spelling, value);
  }

  /** Refuses a text that isn't in the list, at the place where it leaves all that are. */
  refusal(what: string): (token: string) => Rejection {
    const known = [...this.values.keys()];
    const canonicals = [...new Set([...this.values.values()].map((value) => value.value))];
    const more = canonicals.length > NAMED_MAX ? ` and ${canonicals.length - NAMED_MAX} more` : '';
    const expected = `${what} ${canonicals.slice(0, NAMED_MAX).join(', ')}${more}`;
    return (token) => {
      let offset = 0;
      for (const text of known) {
        let same = 0;
        while (same < token.length && text.charCodeAt(same) === token.charCodeAt(same)) same++;
        if (same > offset) offset = same;
      }
      return reject('UNKNOWN', expected, offset);
    };
  }
}

function makeListed(name: string, spellings: Spellings, what: string, options: MarkOptions): CellType {
  const { values } = spellings;
  const refuse = spellings.refusal(what);
  return makeType(
    {
      name,
      parts: TEXT_VALUE,
      read(token) {
        const value = values.get(token);
        return value === undefined ? refuse(token) : [value];
      },
    },
    options,
  );
}

/** One of a list of texts: currencies, states, names. The nearest match is never taken. */
export const ENUM: TypeKind<EnumOptions> = {
  name: 'enum',
  schema: ENUM_SCHEMA,
  short: (declared) => ({ values: declared }),
  make: (options) => makeListed('enum', new Spellings('enum.values', options.values), 'one of', options),
};

/** A text that must stand there: a row's label. */
export const LABEL: TypeKind<EnumOptions> = {
  name: 'label',
  schema: ENUM_SCHEMA,
  short: (declared) => ({ values: typeof declared === 'string' ? [declared] : declared }),
  make: (options) => makeListed('label', new Spellings('label.values', options.values), 'the label', options),
};

/** `1WK` of `1W`: the canonical tenor with another unit. */
function respelled(canonical: string, printed: string, unit: string): readonly string[] {
  const count = canonical.slice(0, canonical.length - unit.length);
  const numeric =
    canonical.endsWith(unit) && count.length > 0 && [...count].every((digit) => isDigit(digit.charCodeAt(0)));
  return numeric ? [`${count}${printed}`, `${count} ${printed}`] : [];
}

/** A tenor of a declared list; an unknown one is refused, not guessed. */
export const TENOR: TypeKind<TenorOptions> = {
  name: 'tenor',
  schema: TENOR_SCHEMA,
  short: (declared) => ({ tenors: declared }),
  make(options) {
    const spellings = new Spellings('tenor.tenors', options.tenors);
    const canonicals = new Set([...spellings.values.values()].map((value) => value.value as string));
    for (const [printed, unit] of Object.entries(options.units ?? {})) {
      for (const canonical of canonicals) {
        for (const spelling of respelled(canonical, printed, unit)) spellings.add(spelling, textValue(canonical));
      }
    }
    return makeListed('tenor', spellings, 'one of the tenors', options);
  },
};
