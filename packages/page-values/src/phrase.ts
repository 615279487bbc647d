import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType, type Parts } from './cell-type.ts';
import { BLANK, reject, skipBlanks, skipBlanksBack } from './characters.ts';
import { badType } from './declaring.ts';
import type { CellType, ReadContext, Rejection } from './types.ts';

/** Options of `phrase`; `Type` is how the types of its pieces are written. */
export interface PhraseOptions<Type = CellType> extends MarkOptions {
  /**
   * The words as printed, with the names of pieces between them: `'{status} on {date}'`; or several of them. A blank stands for one or
   * more; `{date?}` may be missing.
   */
  readonly forms?: string | readonly string[] | undefined;
  /** What pieces are read as; printable ASCII if left out. The first part of the type is the piece's. */
  readonly pieces?: Readonly<Record<string, Type>> | undefined;
}

const FORM = z.string({ error: "expected words and pieces, such as '{status} on {date}'" }).min(1);
export const PHRASE_SCHEMA: z.ZodType<PhraseOptions<unknown>> = z.strictObject({
  ...MARK_OPTIONS,
  forms: z.union([FORM, z.array(FORM).min(1)]).optional(),
  pieces: z.record(z.string(), z.unknown()).optional(),
});

/** A piece, and the words behind it; those before the first piece stand for themselves. */
interface Step {
  readonly name: string;
  readonly isOptional: boolean;
  readonly words: string;
}

/** Words with pieces between them: a piece ends where the words behind it begin first, so there is one reading. */
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
        throw badType('phrase.forms', `expected words between {${name}} and the next piece`);
      }
      return { name, isOptional, words };
    });
    if (this.steps.length === 0) throw badType('phrase.forms', `expected a piece in braces, got '${declared}'`);
    if (new Set(this.steps.map(({ name }) => name)).size < this.steps.length) {
      throw badType('phrase.forms', `expected each piece once, got '${declared}'`);
    }
  }

  /** The pieces by name, those that are missing left out. */
  read(token: string, types: ReadonlyMap<string, CellType>, context: ReadContext): Map<string, Parts[0]> | Rejection {
    const values = new Map<string, Parts[0]>();
    let from = endOfWords(token, this.begins, 0);
    if (from < 0) return reject('AFFIX', `'${this.begins}' before the value`, 0);
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
      const reading = types.get(name)!.read(token.slice(from, skipBlanksBack(token, from, end)), context);
      if (reading.outcome === 'reject') return { ...reading, offset: from + reading.offset };
      if (reading.outcome === 'mark') return reject('UNKNOWN', `a value of ${name}`, from);
      values.set(name, reading.parts[0] ?? null);
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
    // The blank before a piece that is missing at the end is none of the token's.
    if (code === BLANK && at === token.length && index === words.length - 1) return at;
    if (token.charCodeAt(at) !== code) return -1;
    at = code === BLANK ? skipBlanks(token, at, token.length) : at + 1;
  }
  return at;
}

/**
 * Words with pieces between them, each a part. A text that two of the forms read is refused.
 *
 * @param printable what pieces without a type are read as.
 * @throws TickerError `SHRED_BAD_TYPE`
 */
export function phraseType(
  { forms: declared = [], pieces = {}, ...options }: PhraseOptions,
  printable: CellType,
): CellType {
  const forms = (typeof declared === 'string' ? [declared] : declared).map((form) => new Form(form));
  if (forms.length === 0) throw badType('phrase.forms', "expected words and pieces: '{status} on {date}'");
  const names = [...new Set(forms.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  const unknown = Object.keys(pieces).find((name) => !names.includes(name));
  if (unknown !== undefined) throw badType(`phrase.pieces.${unknown}`, `expected one of ${names.join(', ')}`);
  const types = new Map(names.map((name) => [name, Object.hasOwn(pieces, name) ? pieces[name]! : printable]));
  return makeType(
    {
      name: 'phrase',
      parts: names.map((name) => ({ name, kind: types.get(name)!.parts[0]!.kind })),
      read(token, from, end, context) {
        const text = token.slice(from, end);
        let found: Map<string, Parts[0]> | undefined;
        let furthest: Rejection | undefined;
        for (const form of forms) {
          const values = form.read(text, types, context);
          if (!(values instanceof Map)) {
            if (furthest === undefined || values.offset > furthest.offset) furthest = values;
            continue;
          }
          if (found !== undefined) return reject('AMBIGUOUS', 'a text that only one of the forms reads', from);
          found = values;
        }
        if (found === undefined) return { ...furthest!, offset: from + furthest!.offset };
        return names.map((name) => found.get(name) ?? null);
      },
    },
    options,
  );
}
