import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType, type Parts, type TypeKind, textValue } from './cell-type.ts';
import { nameOf, reject, skipBlanks, skipBlanksBack } from './characters.ts';
import { badType } from './declaring.ts';
import { charsetOf } from './text.ts';
import type { Rejection } from './types.ts';

/** Options of `phrase`. */
export interface PhraseOptions extends MarkOptions {
  /**
   * Words as they are printed, and names where texts stand: `Priority {own}, master's is {other}`. `{port...}` may have blanks
   * within, `{serial?}` may be missing, `{note?...}` both.
   */
  readonly form?: string | undefined;
  /** The characters that texts may have, by name: `{own: 0-9}`. Printable ASCII if left out. */
  readonly charsets?: Readonly<Record<string, string>> | undefined;
}

const PHRASE_SCHEMA: z.ZodType<PhraseOptions> = z.strictObject({
  ...MARK_OPTIONS,
  form: z.string().min(1).optional(),
  charsets: z.record(z.string(), z.string().min(1)).optional(),
});

/** Where a text stands in a phrase. */
interface Gap {
  readonly name: string;
  readonly isOptional: boolean;
  readonly hasBlanks: boolean;
  readonly charset: ReadonlySet<number>;
  /** The words behind it. */
  readonly behind: string;
}

/** `{name}`, `{name?}`, `{name...}` and the words behind it. */
function gapOf(written: string, charsets: Readonly<Record<string, string>>): Gap {
  const [, name, optional, blanks, behind] = /^(\w+)(\??)((?:\.\.\.)?)\}([^{}]*)$/.exec(written) ?? [];
  if (name === undefined || name === 'value')
    throw badType('phrase.form', `expected a name such as {port}, {port?} or {port...}, got '{${written}'`);
  const charset = charsetOf(`phrase.charsets.${name}`, charsets[name] ?? ' -~');
  return { name, isOptional: optional !== '', hasBlanks: blanks !== '', charset, behind: behind! };
}

/** One text, without the blanks around it. */
function gapText({ name, isOptional, hasBlanks, charset }: Gap, token: string, from: number, end: number) {
  const stop = skipBlanksBack(token, from, end);
  if (stop <= from) return isOptional ? null : reject('ENDED', `a text for ${name}`, from);
  for (let at = from; at < stop; at++) {
    const code = token.charCodeAt(at);
    if (!charset.has(code) || (code === 0x20 && !hasBlanks))
      return reject('CHARACTER', `a character that ${name} may have, not ${nameOf(code)}`, at);
  }
  return textValue(token.slice(from, stop));
}

/** Words with texts between them: each text ends where the words behind it first stand. */
export const PHRASE: TypeKind<PhraseOptions> = {
  name: 'phrase',
  schema: PHRASE_SCHEMA,
  short: (declared) => ({ form: declared }),
  make(options) {
    const [lead, ...written] = (options.form ?? '').split('{');
    const gaps = written.map((one) => gapOf(one, options.charsets ?? {}));
    const names = ['value', ...gaps.map(({ name }) => name)];
    if (gaps.length === 0) throw badType('phrase.form', 'expected words with names where texts stand: Priority {own}');
    if (new Set(names).size < names.length) throw badType('phrase.form', 'expected each name once');
    if (gaps.slice(0, -1).some(({ behind }) => behind === ''))
      throw badType('phrase.form', 'expected words between two names');
    for (const name of Object.keys(options.charsets ?? {}))
      if (!names.includes(name)) throw badType(`phrase.charsets.${name}`, 'expected a name of the form');
    return makeType(
      {
        name: 'phrase',
        parts: names.map((name) => ({ name, kind: 'text' })),
        read(token, from, end): Parts | Rejection {
          if (!token.startsWith(lead!, from)) return reject('AFFIX', `'${lead}'`, from);
          const parts: Parts = [textValue(token)];
          let at = from + lead!.length;
          for (let index = 0; index < gaps.length; index++) {
            const gap = gaps[index]!;
            const { behind } = gap;
            at = skipBlanks(token, at, end);
            const stop =
              index < gaps.length - 1 ? token.indexOf(behind, at) : token.endsWith(behind) ? end - behind.length : -1;
            if (stop < at) return reject('AFFIX', `'${behind}' behind ${gap.name}`, Math.min(at, end));
            const part = gapText(gap, token, at, stop);
            if (part !== null && 'outcome' in part) return part;
            parts.push(part);
            at = stop + behind.length;
          }
          return parts;
        },
      },
      options,
    );
  },
};
