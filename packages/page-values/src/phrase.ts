import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType, type TypeKind, textValue } from './cell-type.ts';
import { BLANK, nameOf, reject, skipBlanks, unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import { charsetOf } from './text.ts';
import type { CellValue, Rejection } from './types.ts';

/** Options of `phrase`. */
export interface PhraseOptions extends MarkOptions {
  /** The text, with its parts in braces, or several: `{used} of {size} KB`. A blank stands for one or more. */
  readonly form?: string | readonly string[] | undefined;
  /** The characters of parts by name, as of `text`. Printable ASCII without blanks if left out. */
  readonly charsets?: Readonly<Record<string, string>> | undefined;
}

const SCHEMA: z.ZodType<PhraseOptions> = z.strictObject({
  ...MARK_OPTIONS,
  form: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  charsets: z.record(z.string(), z.string().min(1)).optional(),
});

/** Either characters that stand there, or a part. */
type Piece =
  | { readonly literal: string }
  | { readonly part: string; readonly charset: ReadonlySet<number>; readonly expected: string };

/** A form's pieces: where a part ends is said by its own characters, so that there is one reading, and one pass. */
function piecesOf(form: string, charsets: Readonly<Record<string, string>>): readonly Piece[] {
  const pieces: Piece[] = [];
  form.split('{').forEach((text, index) => {
    const end = text.indexOf('}');
    if (index > 0 ? !/^\w+$/.test(text.slice(0, Math.max(0, end))) : end >= 0)
      throw badType('phrase.form', `expected names in braces, got ${form}`);
    if (index > 0) {
      const part = text.slice(0, end);
      const charset = charsetOf(`phrase.charsets.${part}`, charsets[part] ?? '!-~');
      pieces.push({ part, charset, expected: `a character of ${part}` });
    }
    const literal = text.slice(end + 1).replace(/ +/g, ' ');
    if (literal !== '') pieces.push({ literal });
  });
  pieces.forEach((piece, index) => {
    const next = pieces[index + 1];
    if (!('part' in piece) || next === undefined) return;
    const begins = 'part' in next ? [...next.charset] : [next.literal.charCodeAt(0)];
    const shared = begins.find((code) => piece.charset.has(code));
    if (shared !== undefined)
      throw badType(
        `phrase.charsets.${piece.part}`,
        `expected none that what follows may begin with, got ${nameOf(shared)}`,
      );
  });
  return pieces;
}

function match(pieces: readonly Piece[], token: string, from: number, end: number): Map<string, CellValue> | Rejection {
  const found = new Map<string, CellValue>();
  let at = from;
  for (const piece of pieces) {
    if ('literal' in piece) {
      for (let i = 0; i < piece.literal.length; i++) {
        const code = piece.literal.charCodeAt(i);
        if (at >= end || token.charCodeAt(at) !== code) return unexpected(token, at, end, nameOf(code));
        at = code === BLANK ? skipBlanks(token, at, end) : at + 1;
      }
    } else {
      const first = at;
      while (at < end && piece.charset.has(token.charCodeAt(at))) at++;
      if (at === first) return unexpected(token, at, end, piece.expected);
      found.set(piece.part, textValue(token.slice(first, at)));
    }
  }
  return at < end ? unexpected(token, at, end, 'the end') : found;
}

/** Words with values between them: each is a part of its own. */
export const PHRASE: TypeKind<PhraseOptions> = {
  name: 'phrase',
  schema: SCHEMA,
  short: (declared) => ({ form: declared }),
  make(options) {
    if (options.form === undefined) throw badType('phrase.form', 'expected a text with parts, such as {low} to {high}');
    const declared = typeof options.form === 'string' ? [options.form] : options.form;
    const forms = declared.map((form) => piecesOf(form, options.charsets ?? {}));
    const namesIn = (pieces: readonly Piece[]) => pieces.flatMap((piece) => ('part' in piece ? [piece.part] : []));
    const names = [...new Set(forms.flatMap(namesIn))];
    if (
      names.length === 0 ||
      names.includes('value') ||
      forms.some((form) => namesIn(form).length !== new Set(namesIn(form)).size)
    )
      throw badType('phrase.form', "expected parts in braces, each once, and none named 'value'");
    for (const name of Object.keys(options.charsets ?? {})) {
      if (!names.includes(name)) throw badType('phrase.charsets', `expected a part of the form, got ${name}`);
    }
    return makeType(
      {
        name: 'phrase',
        parts: ['value', ...names].map((name) => ({ name, kind: 'text' as const })),
        read(token, from, end) {
          let furthest: Rejection | undefined;
          let found: Map<string, CellValue> | undefined;
          for (const form of forms) {
            const read = match(form, token, from, end);
            if (!(read instanceof Map)) {
              if (furthest === undefined || read.offset > furthest.offset) furthest = read;
            } else if (found !== undefined) return reject('AMBIGUOUS', 'a text that only one of the forms reads', from);
            else found = read;
          }
          if (found === undefined) return furthest!;
          return [textValue(token.slice(from, end)), ...names.map((name) => found.get(name) ?? null)];
        },
      },
      options,
    );
  },
};
