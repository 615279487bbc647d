import { anyOfTypes } from './any-of.ts';
import type { TypeKind } from './cell-type.ts';
import { CHANGE } from './change.ts';
import { DATE, DATE_TIME, TIME } from './date.ts';
import { DECIMAL, INTEGER, PERCENT, PRICE, YIELD } from './decimal.ts';
import { badType, checked } from './declaring.ts';
import { FRACTION, FRACTION_QUOTE } from './fraction.ts';
import { ENUM, LABEL, TENOR } from './listed.ts';
import { PHRASE_SCHEMA, phraseType } from './phrase.ts';
import { POINTS } from './points.ts';
import { FX_QUOTE, QUOTE } from './quote.ts';
import { SIZE } from './size.ts';
import { CODE, TEXT } from './text.ts';
import { THIRTY_SECONDS, THIRTY_SECONDS_QUOTE } from './thirty-seconds.ts';
import type { CellType } from './types.ts';

// biome-ignore lint/suspicious/noExplicitAny: each kind has options of its own, checked by its own schema.
type AnyKind = TypeKind<any>;

const KINDS: ReadonlyMap<string, AnyKind> = new Map(
  (
    [
      ...[PRICE, DECIMAL, YIELD, PERCENT, INTEGER, SIZE, FX_QUOTE, QUOTE, THIRTY_SECONDS, THIRTY_SECONDS_QUOTE],
      ...[FRACTION, FRACTION_QUOTE, POINTS, CHANGE, DATE, TIME, DATE_TIME, TENOR, ENUM, LABEL, TEXT, CODE],
    ] as readonly AnyKind[]
  ).map((kind) => [kind.name, kind]),
);

/** The names of all types, as declarations have them. */
export const TYPE_NAMES: readonly string[] = [...KINDS.keys(), 'phrase', 'anyOf'];

/** Makes a type of checked options. */
export function makeKind<Options>(kind: TypeKind<Options>, options: unknown): CellType {
  return kind.make(checked(kind.name, kind.schema, options));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCellType(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value.read === 'function' && Array.isArray(value.parts);
}

/**
 * Makes a type from its declaration as it stands in a YAML shredder: a name (`price`), a name with its main option
 * (`{price: 4}`), a name with options (`{fxQuote: {decimals: {default: 4, JPY: 2}}}`). A type made already is given back.
 *
 * @throws TickerError `SHRED_BAD_TYPE`, naming the place: `fxQuote.decimals.JPY: …`
 */
export function cellType(declaration: unknown): CellType {
  if (typeof declaration === 'string') return named(declaration, undefined);
  if (!isObject(declaration))
    throw badType('type', `expected the name of a type, or a name with options, such as {price: 4}`);
  if (isCellType(declaration)) return declaration as unknown as CellType;
  const names = Object.keys(declaration);
  if (names.length !== 1) {
    throw badType(
      'type',
      `expected one type, got ${names.length === 0 ? 'none' : names.join(', ')} (options stand inside: {price: {decimals: 4}})`,
    );
  }
  return named(names[0]!, declaration[names[0]!]);
}

function named(name: string, options: unknown): CellType {
  if (name === 'anyOf') return anyOf(options);
  if (name === 'phrase') return phrase(options);
  const kind = KINDS.get(name);
  if (kind === undefined) throw badType('type', `unknown type '${name}'; there are ${TYPE_NAMES.join(', ')}`);
  if (options === undefined || options === null || isObject(options)) return makeKind(kind, options);
  return makeKind(kind, kind.short(options));
}

function anyOf(declared: unknown): CellType {
  if (!Array.isArray(declared) || declared.length < 2) throw badType('anyOf', 'expected a list of two types at least');
  return anyOfTypes(declared.map((declaration: unknown, index) => within(`anyOf.${index}`, declaration)));
}

function phrase(declared: unknown): CellType {
  const written = declared === undefined || declared === null || isObject(declared) ? declared : { forms: declared };
  const { pieces = {}, ...options } = checked('phrase', PHRASE_SCHEMA, written);
  const types = Object.entries(pieces).map(([name, type]) => [name, within(`phrase.pieces.${name}`, type)] as const);
  return phraseType({ ...options, pieces: Object.fromEntries(types) }, cellType({ text: { charset: ' -~' } }));
}

/** A type within another one. */
function within(place: string, declaration: unknown): CellType {
  try {
    return cellType(declaration);
  } catch (error) {
    throw badType(place, error instanceof Error ? error.message : String(error));
  }
}
