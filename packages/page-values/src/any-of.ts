import { textValue } from './cell-type.ts';
import { reject } from './characters.ts';
import { badType } from './declaring.ts';
import type { CellType, CellValue, ReadContext, Reading, Rejection } from './types.ts';

/** Whether two readings say the same. */
function same(a: Reading, b: Reading): boolean {
  if (a.outcome === 'mark' || b.outcome === 'mark')
    return a.outcome === 'mark' && b.outcome === 'mark' && a.mark === b.mark;
  if (a.outcome === 'reject' || b.outcome === 'reject') return false;
  return a.parts.every((part, i) => sameValue(part, b.parts[i] ?? null));
}

function sameValue(a: CellValue | null, b: CellValue | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === 'decimal') return b.kind === 'decimal' && a.value.equals(b.value);
  return a.kind === b.kind && a.value === b.value;
}

/** Names of alternatives: a second `price` is `price 2`. */
function uniqueNames(types: readonly CellType[]): readonly CellValue[] {
  const seen = new Map<string, number>();
  return types.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return textValue(count === 1 ? name : `${name} ${count}`);
  });
}

/**
 * A type of cells that are printed in more than one style. Every style is tried; a text that two of them read differently is
 * refused. The part `alternative`, behind the parts of the types, names the one that read it.
 *
 * @throws TickerError `SHRED_BAD_TYPE` where the types don't give the same parts.
 */
export function anyOfTypes(types: readonly CellType[]): CellType {
  const [first, ...others] = types as [CellType, ...CellType[]];
  const shape = (type: CellType) => type.parts.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  for (const type of others) {
    if (shape(type) !== shape(first)) {
      throw badType(
        'anyOf',
        `expected types that give the same parts, got ${first.name} with ${shape(first)} and ${type.name} with ${shape(type)}`,
      );
    }
  }
  const alternatives = uniqueNames(types);
  const expected = types.map(({ name }) => name).join(' or ');
  return {
    name: 'anyOf',
    parts: [...first.parts, { name: 'alternative', kind: 'text' }],
    info: first.info,
    read(token: string, context: ReadContext): Reading {
      let accepted: Reading | undefined;
      let alternative = 0;
      let furthest: Rejection | undefined;
      for (let i = 0; i < types.length; i++) {
        const reading = types[i]!.read(token, context);
        if (reading.outcome === 'reject') {
          if (furthest === undefined || reading.offset > furthest.offset) furthest = reading;
        } else if (accepted === undefined) {
          accepted = reading;
          alternative = i;
        } else if (!same(accepted, reading)) {
          return reject('AMBIGUOUS', `a text that only one of ${expected} reads`, 0);
        }
      }
      if (accepted === undefined) return { ...furthest!, expected: `${expected}: ${furthest!.expected}` };
      return accepted.outcome === 'value'
        ? { outcome: 'value', parts: [...accepted.parts, alternatives[alternative]!] }
        : accepted;
    },
  };
}
