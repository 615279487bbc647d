import { z } from 'zod';
import { reject, skipBlanks, skipBlanksBack } from './characters.ts';
import { badType, type OptionSchemas, printedNames } from './declaring.ts';
import type { CellPart, CellType, CellValue, ReadContext, Reading, Rejection, TypeInfo } from './types.ts';

/** Options of all types. */
export interface MarkOptions {
  /** Printed texts that say why there is no value, as the whole cell: `{'-': not-quoted, HOL: holiday}`. */
  readonly marks?: Readonly<Record<string, string>> | undefined;
}

/** Options of all types whose cells hold numbers. */
export interface ValueOptions extends MarkOptions {
  /** A text that stands before every value and means nothing more: `$`. Blanks may stand between. */
  readonly prefix?: string | undefined;
  /** A text that stands behind every value and means nothing more: `%`, `hPa`. Blanks may stand between. */
  readonly suffix?: string | undefined;
  /** Printed texts before the value that mean something: `{'*': trading}` in `*2`. They give the part `flag`. */
  readonly flagsBefore?: Readonly<Record<string, string>> | undefined;
  /** Printed texts behind the value that mean something: `{C: closing}` in `38,820.49C`. They give the part `flag`. */
  readonly flagsAfter?: Readonly<Record<string, string>> | undefined;
  /** Refuse values without a flag. */
  readonly flagRequired?: boolean | undefined;
  /** What the numbers count; for readers of the type's `info`. */
  readonly unit?: string | undefined;
}

/** The schemas of `MarkOptions`. */
export const MARK_OPTIONS: OptionSchemas<MarkOptions> = { marks: printedNames.optional() };

const AFFIX = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text, got an empty one' });

/** The schemas of `ValueOptions`. */
export const VALUE_OPTIONS: OptionSchemas<ValueOptions> = {
  ...MARK_OPTIONS,
  prefix: AFFIX.optional(),
  suffix: AFFIX.optional(),
  flagsBefore: printedNames.optional(),
  flagsAfter: printedNames.optional(),
  flagRequired: z.boolean().optional(),
  unit: AFFIX.optional(),
};

/** What the inner reader of a type gives: the parts, in an array of its own, or a refusal. */
export type Parts = (CellValue | null)[];
/** Reads what is left of a token between prefixes and suffixes; must accept all of `from` to `end`, which is never empty. */
export type PartReader = (token: string, from: number, end: number, context: ReadContext) => Parts | Rejection;

/** A value of kind `text`. */
export function textValue(value: string): CellValue {
  return { kind: 'text', value };
}

/** What a type is made of. */
export interface TypeParts {
  readonly name: string;
  readonly parts: readonly CellPart[];
  readonly info?: TypeInfo;
  readonly read: PartReader;
}

/** A part named `value`. */
export const DECIMAL_VALUE: readonly CellPart[] = [{ name: 'value', kind: 'decimal' }];
export const TEXT_VALUE: readonly CellPart[] = [{ name: 'value', kind: 'text' }];

interface Printed {
  readonly text: string;
  readonly value: CellValue;
}

/** Longest first: of `C` and `CX` the one that is really there. */
function longestFirst(flags: Readonly<Record<string, string>> | undefined): readonly Printed[] {
  return Object.entries(flags ?? {})
    .map(([text, name]) => ({ text, value: textValue(name) }))
    .sort((a, b) => b.text.length - a.text.length);
}

function listed(texts: readonly Printed[]): string {
  return texts.map(({ text }) => `'${text}'`).join(', ');
}

/** Marks: whole cells that stand for no value. Looked up before anything is read. */
class Marks {
  private readonly readings: ReadonlyMap<string, Reading>;
  private readonly longest: number;

  constructor(marks: Readonly<Record<string, string>>) {
    this.readings = new Map(Object.entries(marks).map(([text, mark]) => [text, { outcome: 'mark', mark }]));
    this.longest = Math.max(0, ...[...this.readings.keys()].map((text) => text.length));
  }

  find(token: string): Reading | undefined {
    return token.length > this.longest ? undefined : this.readings.get(token);
  }
}

function checkMarks(name: string, marks: Readonly<Record<string, string>> | undefined): void {
  for (const text of Object.keys(marks ?? {})) {
    if (text.trim() !== text) throw badType(`${name}.marks`, `expected a text without blanks around it, got '${text}'`);
  }
}

/** Reads with a prefix, a suffix and flags around what `inner` reads. */
class Affixes {
  private readonly prefix: string;
  private readonly suffix: string;
  private readonly before: readonly Printed[];
  private readonly after: readonly Printed[];
  private readonly required: boolean;
  private readonly expected: string;
  readonly hasFlag: boolean;

  constructor(name: string, options: ValueOptions) {
    this.prefix = options.prefix ?? '';
    this.suffix = options.suffix ?? '';
    this.before = longestFirst(options.flagsBefore);
    this.after = longestFirst(options.flagsAfter);
    this.required = options.flagRequired ?? false;
    this.hasFlag = this.before.length + this.after.length > 0;
    this.expected = `one of the flags ${listed([...this.before, ...this.after])}`;
    if (this.required && !this.hasFlag) throw badType(`${name}.flagRequired`, 'expected flags to be declared too');
  }

  get none(): boolean {
    return this.prefix === '' && this.suffix === '' && !this.hasFlag;
  }

  read(token: string, inner: PartReader, context: ReadContext): Parts | Rejection {
    let from = 0;
    let end = token.length;
    let flag: CellValue | null = null;
    for (const printed of this.before) {
      if (!token.startsWith(printed.text)) continue;
      from = printed.text.length;
      flag = printed.value;
      break;
    }
    for (const printed of this.after) {
      if (!token.endsWith(printed.text) || end - printed.text.length < from) continue;
      if (flag !== null) return reject('AMBIGUOUS', 'one flag, before or behind the value', end - printed.text.length);
      end -= printed.text.length;
      flag = printed.value;
      break;
    }
    if (this.required && flag === null) return reject('AFFIX', this.expected, end);
    if (this.prefix !== '') {
      if (!token.startsWith(this.prefix, from)) return reject('AFFIX', `'${this.prefix}' before the value`, from);
      from = skipBlanks(token, from + this.prefix.length, end);
    }
    if (this.suffix !== '') {
      if (end - this.suffix.length < from || !token.endsWith(this.suffix, end)) {
        return reject('AFFIX', `'${this.suffix}' behind the value`, end);
      }
      end = skipBlanksBack(token, from, end - this.suffix.length);
    }
    if (from >= end) return reject('ENDED', 'a value', Math.min(from, token.length));
    const parts = inner(token, from, end, context);
    if (this.hasFlag && Array.isArray(parts)) parts.push(flag);
    return parts;
  }
}

/** Puts a type together from what reads its values and the options that all types have. */
export function makeType(type: TypeParts, options: ValueOptions): CellType {
  checkMarks(type.name, options.marks);
  const affixes = new Affixes(type.name, options);
  const marks = new Marks(options.marks ?? {});
  const { read } = type;
  const inner: (token: string, context: ReadContext) => Parts | Rejection = affixes.none
    ? (token, context) => read(token, 0, token.length, context)
    : (token, context) => affixes.read(token, read, context);
  return {
    name: type.name,
    parts: affixes.hasFlag ? [...type.parts, { name: 'flag', kind: 'text' }] : type.parts,
    info: { ...type.info, ...(options.unit === undefined ? {} : { unit: options.unit }) },
    read(token, context) {
      if (token.length === 0) return reject('ENDED', 'a text, not a blank cell', 0);
      const mark = marks.find(token);
      if (mark !== undefined) return mark;
      const parts = inner(token, context);
      return Array.isArray(parts) ? { outcome: 'value', parts } : parts;
    },
  };
}

/** A kind of type: how its options are written, checked, and made a type of. */
export interface TypeKind<Options> {
  readonly name: string;
  readonly schema: z.ZodType<Options>;
  /** What a declaration that is no object stands for: `{price: 4}` is `{price: {decimals: 4}}`. */
  readonly short: (declared: unknown) => unknown;
  /** @throws TickerError `SHRED_BAD_TYPE` where options contradict each other. */
  readonly make: (options: Options) => CellType;
}
