import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType, type Parts, type TypeKind, textValue } from './cell-type.ts';
import { BLANK, nameOf, reject, skipBlanks, skipBlanksBack } from './characters.ts';
import { badType } from './declaring.ts';
import { charsetOf } from './text.ts';
import type { Rejection } from './types.ts';

/** Options of `phrase`. */
export interface PhraseOptions extends MarkOptions {
  /**
   * The words as printed, with the names of values between them: `'{status} on {date}'`; or several of them. A blank stands for one or
   * more; `{date?}` may be missing.
   */
  readonly forms?: string | readonly string[] | undefined;
  /** The characters that values may have, by name, as in `text`. Printable ASCII if left out. */
  readonly charsets?: Readonly<Record<string, string>> | undefined;
}

const FORM = z.string({ error: "expected words and values, such as '{status} on {date}'" }).min(1);
const PHRASE_SCHEMA: z.ZodType<PhraseOptions> = z.strictObject({
  ...MARK_OPTIONS,
  forms: z.union([FORM, z.array(FORM).min(1)]).optional(),
  charsets: z.record(z.string(), z.string().min(1)).optional(),
});

/** A value, and the words behind it; those before the first value stand for themselves. */
interface Step {
  readonly name: string;
  readonly isOptional: boolean;
  readonly words: string;
}

/** Words with values between them: a value ends where the words behind it begin first, so reading is one pass. */
class Form {
  readonly steps: readonly Step[];
  private readonly begins: string;

  constructor(declared: string) {
    const [begins, ...pieces] = declared.replace(/ {2,}/g, ' ').split('{');
    this.begins = begins!;
    this.steps = pieces.map((piece, index) => {
      const [declaredName, words, ...more] = piece.split('}');
      const isOptional = declaredName!.endsWith('?');
      const name = isOptional ? declaredName!.slice(0, -1) : declaredName!;
      const isNamed = /^[a-z][A-Za-z0-9]*$/.test(name) && words !== undefined && more.length === 0;
      if (!isNamed) throw badType('phrase.forms', `expected names in braces, such as {date}, got '{${piece}'`);
      if (words === '' && index < pieces.length - 1) {
        throw badType('phrase.forms', `expected words between {${name}} and the next value`);
      }
      return { name, isOptional, words };
    });
    if (this.steps.length === 0) throw badType('phrase.forms', `expected a value in braces, got '${declared}'`);
    if (new Set(this.steps.map(({ name }) => name)).size < this.steps.length) {
      throw badType('phrase.forms', `expected each value once, got '${declared}'`);
    }
  }

  read(token: string, charsets: ReadonlyMap<string, ReadonlySet<number>>): ReadonlyMap<string, string> | Rejection {
    const begun = endOfWords(token, this.begins, 0);
    if (begun < 0) return reject('AFFIX', `'${this.begins}' before the value`, 0);
    const values = new Map<string, string>();
    let from = begun;
    for (const { name, isOptional, words } of this.steps) {
      let end = token.length;
      let next = end;
      if (words !== '') {
        next = -1;
        for (end = isOptional ? from : from + 1; next < 0 && end < token.length; end++) {
          next = endOfWords(token, words, end);
        }
        end--;
      }
      if (next < 0) return reject('AFFIX', `'${words}' behind ${name}`, token.length);
      if (from >= end) {
        if (!isOptional) return reject('ENDED', name, Math.min(from, token.length));
        from = next;
        continue;
      }
      if (token.charCodeAt(from) === BLANK) return reject('CHARACTER', `${name}, not a blank before it`, from);
      // What comes behind may be in line with that of other rows.
      end = skipBlanksBack(token, from, end);
      const charset = charsets.get(name)!;
      for (let at = from; at < end; at++) {
        const code = token.charCodeAt(at);
        if (!charset.has(code)) return reject('CHARACTER', `a character of ${name}, not ${nameOf(code)}`, at);
      }
      values.set(name, token.slice(from, end));
      from = next;
    }
    return from === token.length ? values : reject('ENDED', 'the end', from);
  }
}

/** Where words end that begin there, a blank for one or more; -1 where other characters do. */
function endOfWords(token: string, words: string, from: number): number {
  let at = from;
  for (let index = 0; index < words.length; index++) {
    const code = words.charCodeAt(index);
    // The blank before a value that is missing at the end is none of the token's.
    if (code === BLANK && at === token.length && index === words.length - 1) return at;
    if (token.charCodeAt(at) !== code) return -1;
    at = code === BLANK ? skipBlanks(token, at, token.length) : at + 1;
  }
  return at;
}

/** Values within words. A text that two of the forms read is refused. */
export const PHRASE: TypeKind<PhraseOptions> = {
  name: 'phrase',
  schema: PHRASE_SCHEMA,
  short: (declared) => ({ forms: declared }),
  make(options) {
    if (options.forms === undefined) throw badType('phrase.forms', "expected words and values: '{status} on {date}'");
    const declared = typeof options.forms === 'string' ? [options.forms] : options.forms;
    const forms = declared.map((form) => new Form(form));
    const names = [...new Set(forms.flatMap(({ steps }) => steps.map(({ name }) => name)))];
    const unknown = Object.keys(options.charsets ?? {}).find((name) => !names.includes(name));
    if (unknown !== undefined) throw badType(`phrase.charsets.${unknown}`, `expected one of ${names.join(', ')}`);
    const charsets = new Map(
      names.map((name) => [name, charsetOf(`phrase.charsets.${name}`, options.charsets?.[name] ?? ' -~')]),
    );
    return makeType(
      {
        name: 'phrase',
        parts: names.map((name) => ({ name, kind: 'text' })),
        read(token) {
          let found: Parts | undefined;
          let furthest: Rejection | undefined;
          for (const form of forms) {
            const values = form.read(token, charsets);
            if ('outcome' in values) {
              if (furthest === undefined || values.offset > furthest.offset) furthest = values;
              continue;
            }
            if (found !== undefined) return reject('AMBIGUOUS', 'a text that only one of the forms reads', 0);
            found = names.map((name) => (values.has(name) ? textValue(values.get(name)!) : null));
          }
          return found ?? furthest!;
        },
      },
      options,
    );
  },
};
