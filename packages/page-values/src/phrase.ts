import { z } from 'zod';
import { MARK_OPTIONS, type MarkOptions, makeType } from './cell-type.ts';
import { BLANK, reject, skipBlanks, unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import type { CellType } from './types.ts';

/** Options of `phrase`; `Type` is how the types of its pieces are written. */
export interface PhraseOptions<Type = CellType> extends MarkOptions {
  /** The words as printed, with names for what changes: `used {used} of {size}`. Blanks stand for one or more of them. */
  readonly form?: string | undefined;
  /** What pieces are read as; a word without blanks if left out. The first part of the type is the piece's. */
  readonly pieces?: Readonly<Record<string, Type>> | undefined;
}

export const PHRASE_SCHEMA: z.ZodType<PhraseOptions<unknown>> = z.strictObject({
  ...MARK_OPTIONS,
  form: z.string().optional(),
  pieces: z.record(z.string(), z.unknown()).optional(),
});

type Step = { readonly text: string } | { readonly name: string; readonly type: CellType };

const isPiece = (step: Step | undefined): step is Extract<Step, { name: string }> =>
  step !== undefined && 'name' in step;

/** Words, runs of blanks (as one), and pieces. */
function stepsOf(form: string, pieces: Readonly<Record<string, CellType>>, word: CellType): Step[] {
  // Of a text cut at what stands in brackets every second part is that.
  const steps = form.split(/(\{\w+\}| +)/).flatMap((part, index): Step[] => {
    if (part === '') return [];
    if (index % 2 === 0) return [{ text: part }];
    if (part.startsWith(' ')) return [{ text: ' ' }];
    const name = part.slice(1, -1);
    return [{ name, type: Object.hasOwn(pieces, name) ? pieces[name]! : word }];
  });
  const names = steps.filter(isPiece).map(({ name }) => name);
  for (const name of Object.keys(pieces)) {
    if (!names.includes(name)) throw badType(`phrase.pieces.${name}`, `expected a piece of the form '${form}'`);
  }
  const isApart = steps.every((step, index) => !(isPiece(step) && isPiece(steps[index + 1])));
  if (names.length === 0 || new Set(names).size !== names.length || !isApart || form.trim() !== form) {
    throw badType(
      'phrase.form',
      `expected pieces such as {size}, each once, with something between them, got '${form}'`,
    );
  }
  return steps;
}

/**
 * A line of words in which some change. Each piece ends where what follows it in the form is first found, so there is one way
 * to read a text; the last one takes what is left.
 *
 * @param word what pieces without a type are read as.
 */
export function phraseType({ form = '', pieces = {}, ...options }: PhraseOptions, word: CellType): CellType {
  const steps = stepsOf(form, pieces, word);
  return makeType(
    {
      name: 'phrase',
      parts: steps.filter(isPiece).map(({ name, type }) => ({ name, kind: type.parts[0]!.kind })),
      read(token, from, end, context) {
        const parts = [];
        let at = from;
        for (const [index, step] of steps.entries()) {
          if (!isPiece(step)) {
            const expected = step.text === ' ' ? 'a blank' : `'${step.text}'`;
            if (!token.startsWith(step.text, at)) return unexpected(token, at, end, expected);
            at += step.text.length;
            if (token.charCodeAt(at - 1) === BLANK) at = skipBlanks(token, at, end);
            continue;
          }
          const next = steps[index + 1];
          const found = next === undefined || isPiece(next) ? -1 : token.indexOf(next.text, at);
          const stop = found < 0 ? end : found;
          const reading = step.type.read(token.slice(at, stop), context);
          if (reading.outcome === 'reject') return { ...reading, offset: at + reading.offset };
          if (reading.outcome === 'mark') return reject('UNKNOWN', `a value of ${step.name}`, at);
          parts.push(reading.parts[0] ?? null);
          at = stop;
        }
        return at < end ? unexpected(token, at, end, 'the end') : parts;
      },
    },
    options,
  );
}
