import { z } from 'zod';
import {
  MARK_OPTIONS,
  type MarkOptions,
  makeType,
  TEXT_VALUE,
  type TypeKind,
  textValue,
  VALUE_OPTIONS,
  type ValueOptions,
} from './cell-type.ts';
import { isDigit, nameOf, reject, unexpected } from './characters.ts';
import { badType, type Count, type CountRange, countRange, countSchema } from './declaring.ts';
import { rangeText } from './number-format.ts';
import type { Rejection } from './types.ts';

/** Options of `text`. */
export interface TextOptions extends MarkOptions {
  /** How long it is: `4`, `'1..12'`. At most 500 if left out. */
  readonly length?: Count | undefined;
  /**
   * The characters it may have: characters and ranges, such as `'A-Z0-9 .&'`; a hyphen stands first or last. Printable ASCII if
   * left out.
   */
  readonly charset?: string | undefined;
  /** Characters it may have besides: `äöüß`. */
  readonly also?: string | undefined;
}

/** Options of `code`. */
export interface CodeOptions extends Pick<ValueOptions, 'marks' | 'flagsBefore' | 'flagsAfter' | 'flagRequired'> {
  /**
   * How it is printed, character by character, or several ways: `A` a capital letter, `a` a small one, `9` a digit, `X` a
   * capital letter or a digit, everything else itself; `\` before one of these makes it stand for itself.
   */
  readonly pattern?: string | readonly string[] | undefined;
}

const LENGTH_MAX = 500;
const TEXT_SCHEMA: z.ZodType<TextOptions> = z.strictObject({
  ...MARK_OPTIONS,
  length: countSchema(1, LENGTH_MAX).optional(),
  charset: z.string().min(1).optional(),
  also: z.string().min(1).optional(),
});
const { marks, flagsBefore, flagsAfter, flagRequired } = VALUE_OPTIONS;
const CODE_SCHEMA: z.ZodType<CodeOptions> = z.strictObject({
  marks,
  flagsBefore,
  flagsAfter,
  flagRequired,
  pattern: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
      error: 'expected a pattern such as AAAA or A9A99, or a list',
    })
    .optional(),
});

/** The code points of `A-Z0-9 .&`. */
function charsetOf(place: string, declared: string): ReadonlySet<number> {
  const points = [...declared].map((character) => character.codePointAt(0)!);
  const set = new Set<number>();
  for (let i = 0; i < points.length; i++) {
    const from = points[i]!;
    const range = points[i + 1] === 0x2d && i + 2 < points.length;
    const to = range ? points[i + 2]! : from;
    if (to < from || to - from > 0x10000)
      throw badType(
        place,
        `expected ranges that go up, got '${String.fromCodePoint(from)}-${String.fromCodePoint(to)}'`,
      );
    for (let point = from; point <= to; point++) set.add(point);
    if (range) i += 2;
  }
  return set;
}

/** A text of declared characters and length. */
export const TEXT: TypeKind<TextOptions> = {
  name: 'text',
  schema: TEXT_SCHEMA,
  short: (declared) => ({ length: declared }),
  make(options) {
    const charset = new Set(charsetOf('text.charset', options.charset ?? ' -~'));
    for (const character of options.also ?? '') charset.add(character.codePointAt(0)!);
    const allowed: CountRange = countRange(options.length ?? `1..${LENGTH_MAX}`)!;
    const expected =
      options.charset === undefined ? 'a printable ASCII character' : `one of the characters ${options.charset}`;
    return makeType(
      {
        name: 'text',
        parts: TEXT_VALUE,
        read(token, from, end) {
          let length = 0;
          for (let at = from; at < end; length++) {
            const point = token.codePointAt(at)!;
            if (!charset.has(point)) return reject('CHARACTER', `${expected}, not ${nameOf(point)}`, at);
            at += point > 0xffff ? 2 : 1;
          }
          if (length < allowed.min || length > allowed.max) {
            return reject(
              'LENGTH',
              rangeText(allowed, 'character'),
              length < allowed.min ? end : Math.min(end, from + allowed.max),
            );
          }
          return [textValue(token)];
        },
      },
      options,
    );
  },
};

type CharacterTest = (code: number) => boolean;

const isCapital: CharacterTest = (code) => code >= 0x41 && code <= 0x5a;
const CLASSES: Readonly<Record<string, readonly [test: CharacterTest, expected: string]>> = {
  A: [isCapital, 'a capital letter'],
  a: [(code) => code >= 0x61 && code <= 0x7a, 'a small letter'],
  '9': [isDigit, 'a digit'],
  X: [(code) => isCapital(code) || isDigit(code), 'a capital letter or a digit'],
};

/** A pattern of fixed length: one test for each character, so matching is one pass. */
class CodePattern {
  private readonly tests: readonly (readonly [test: CharacterTest, expected: string])[];

  constructor(pattern: string) {
    const tests: (readonly [CharacterTest, string])[] = [];
    for (let i = 0; i < pattern.length; i++) {
      const known = CLASSES[pattern[i]!];
      if (known !== undefined) {
        tests.push(known);
        continue;
      }
      if (pattern[i] === '\\') i++;
      if (i >= pattern.length) throw badType('code.pattern', 'expected a character behind the last backslash');
      const literal = pattern.charCodeAt(i);
      tests.push([(code) => code === literal, `'${pattern[i]}'`]);
    }
    this.tests = tests;
  }

  match(token: string, from: number, end: number): Rejection | undefined {
    for (let i = 0; i < this.tests.length; i++) {
      const [test, expected] = this.tests[i]!;
      if (from + i >= end || !test(token.charCodeAt(from + i))) return unexpected(token, from + i, end, expected);
    }
    const behind = from + this.tests.length;
    return behind < end ? reject('LENGTH', `${this.tests.length} characters`, behind) : undefined;
  }
}

/** A code of a fixed form: contributors, instruments, benchmarks. */
export const CODE: TypeKind<CodeOptions> = {
  name: 'code',
  schema: CODE_SCHEMA,
  short: (declared) => ({ pattern: declared }),
  make(options) {
    if (options.pattern === undefined)
      throw badType('code.pattern', 'expected a pattern such as AAAA or A9A99, or a list');
    const declared = typeof options.pattern === 'string' ? [options.pattern] : options.pattern;
    const patterns = declared.map((pattern) => new CodePattern(pattern));
    return makeType(
      {
        name: 'code',
        parts: TEXT_VALUE,
        read(token, from, end) {
          let furthest: Rejection | undefined;
          for (const pattern of patterns) {
            const refused = pattern.match(token, from, end);
            if (refused === undefined)
              return [textValue(from === 0 && end === token.length ? token : token.slice(from, end))];
            if (furthest === undefined || refused.offset > furthest.offset) furthest = refused;
          }
          return furthest!;
        },
      },
      options,
    );
  },
};
