import type { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { makeType, type PartReader, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { BLANK, reject, skipBlanks, skipBlanksBack, unexpected } from './characters.ts';
import { badType, type OptionSchemas } from './declaring.ts';
import { separatorSchema } from './number-format.ts';
import type { CellPart, CellType, CellValue, ReadContext, Rejection } from './types.ts';

// What all two-sided quotes have in common: which side stands first, what stands between them, cells with one
// side only. How a side is written, and what its abbreviation means, is the matter of a `SideReader`.

/** Which side is printed first. */
export type SideOrder = 'bid-offer' | 'offer-bid' | 'low-high' | 'high-low';
/** Whether the second side is printed in full, abbreviated to its last figures, or either. */
export type SideForm = 'abbreviated' | 'full' | 'either';
/** How a quote was written; the part `style`. `carry`: abbreviated, and the next figure up (or down) is meant. */
export type SideStyle = 'abbreviated' | 'carry' | 'full' | 'one-sided' | 'single';

/** Options of all two-sided types. */
export interface SideOptions extends ValueOptions {
  /** Which side is printed first. `low-high` and `high-low` are ranges: their parts are `low` and `high`. */
  readonly order?: SideOrder | undefined;
  /** What stands between the sides, one character; `' '` is any number of blanks. */
  readonly separator?: string | undefined;
  /** Blanks may stand on both sides of the separator. */
  readonly separatorGap?: boolean | undefined;
  /** Whether the second side is printed in full. */
  readonly sides?: SideForm | undefined;
  /** Quotes of discounts: the bid is the higher number. */
  readonly discount?: boolean | undefined;
  /** Texts that stand for a side that isn't there: `['-', '']`. The other side is then printed in full. */
  readonly missingSide?: readonly string[] | undefined;
  /** One number alone is both sides. */
  readonly single?: boolean | undefined;
}

/** The schemas of `SideOptions`. */
export const SIDE_OPTIONS: OptionSchemas<SideOptions> = {
  ...VALUE_OPTIONS,
  order: z
    .enum(['bid-offer', 'offer-bid', 'low-high', 'high-low'], {
      error: 'expected bid-offer, offer-bid, low-high or high-low',
    })
    .optional(),
  separator: z
    .union([z.literal('-'), separatorSchema()], { error: "expected one character such as '/', '-' or ' '" })
    .optional(),
  separatorGap: z.boolean().optional(),
  sides: z.enum(['abbreviated', 'full', 'either'], { error: 'expected abbreviated, full or either' }).optional(),
  discount: z.boolean().optional(),
  missingSide: z.array(z.string()).min(1).optional(),
  single: z.boolean().optional(),
};

/** Reads the sides of quotes of one style. What was read stands in it until the next quote. */
export interface SideReader {
  /** Behind the side read last. */
  readonly end: number;
  /** Reads a side in full from `from` on, as far as it goes. */
  readFirst(text: string, from: number, end: number, context: ReadContext): Rejection | undefined;
  first(): Decimal;
  /** Why what `readFirst` read from `from` on cannot stand alone as a second side: it could be an abbreviation. */
  refuseAlone(from: number): Rejection | undefined;
  /** Reads the second side, which is at least (`rising`) or at most the first. */
  readSecond(text: string, from: number, end: number, context: ReadContext, rising: boolean): SideStyle | Rejection;
  second(): Decimal;
}

const STYLES: Readonly<Record<SideStyle, CellValue>> = {
  abbreviated: { kind: 'text', value: 'abbreviated' },
  carry: { kind: 'text', value: 'carry' },
  full: { kind: 'text', value: 'full' },
  'one-sided': { kind: 'text', value: 'one-sided' },
  single: { kind: 'text', value: 'single' },
};

function partsOf(lower: string, upper: string): readonly CellPart[] {
  return [
    { name: lower, kind: 'decimal' },
    { name: upper, kind: 'decimal' },
    { name: 'style', kind: 'text' },
  ];
}

const BID_ASK = partsOf('bid', 'ask');
const LOW_HIGH = partsOf('low', 'high');

/** Reads the separator and the gaps around it. */
class Separator {
  private readonly code: number;
  private readonly gap: boolean;
  private readonly expected: string;
  readonly text: string;

  constructor(text: string, gap: boolean) {
    this.text = text;
    this.code = text.charCodeAt(0);
    this.gap = gap;
    this.expected = this.code === BLANK ? 'a blank between the sides' : `'${text}' between the sides`;
  }

  /** The place behind the separator that stands at `from`, or why it doesn't. */
  skip(text: string, from: number, end: number): number | Rejection {
    if (this.code !== BLANK && this.gap) from = skipBlanks(text, from, end);
    if (from >= end || text.charCodeAt(from) !== this.code) return unexpected(text, from, end, this.expected);
    return this.code === BLANK || this.gap ? skipBlanks(text, from + 1, end) : from + 1;
  }
}

/** Which of the sides is missing, and where the other stands. */
interface Lone {
  readonly second: boolean;
  readonly from: number;
  readonly end: number;
}

/** Finds sides that a text such as `-` or nothing stands for. */
class MissingSides {
  private readonly texts: ReadonlySet<string>;
  private readonly separator: string;

  constructor(name: string, texts: readonly string[], separator: string) {
    for (const text of texts) {
      if (text.includes(separator))
        throw badType(`${name}.missingSide`, `expected texts without the separator, got '${text}'`);
    }
    this.texts = new Set(texts);
    this.separator = separator;
  }

  find(token: string, from: number, end: number): Lone | Rejection | undefined {
    const at = token.indexOf(this.separator, from);
    if (at < 0 || at >= end) return undefined;
    const behind = skipBlanks(token, at + 1, end);
    const noFirst = this.texts.has(token.slice(from, skipBlanksBack(token, from, at)));
    const noSecond = this.texts.has(token.slice(behind, end));
    if (noFirst && noSecond) return reject('ENDED', 'one side at least (declare the whole text as a mark)', from);
    if (noFirst) return { second: true, from: behind, end };
    return noSecond ? { second: false, from, end: skipBlanksBack(token, from, at) } : undefined;
  }
}

/** The options that a two-sided type cannot do without. */
interface SideDefaults {
  readonly name: string;
  readonly order: SideOrder | undefined;
  readonly separator: string;
}

/** @throws TickerError `SHRED_BAD_TYPE` where the order isn't declared or makes no sense. */
function orderOf(name: string, order: SideOrder | undefined, discount: boolean): SideOrder {
  if (order === undefined) {
    throw badType(
      `${name}.order`,
      'expected bid-offer, offer-bid, low-high or high-low: which side stands first is never guessed',
    );
  }
  if (discount && (order === 'low-high' || order === 'high-low')) {
    throw badType(`${name}.discount`, 'expected an order of bid and offer with it');
  }
  return order;
}

/** Puts a two-sided type together from the reader of its sides. */
export function makeQuote(defaults: SideDefaults, options: SideOptions, sides: SideReader): CellType {
  const { name } = defaults;
  const order = orderOf(name, options.order ?? defaults.order, options.discount ?? false);
  const range = order === 'low-high' || order === 'high-low';
  const lowerFirst = order === 'bid-offer' || order === 'low-high';
  const rising = lowerFirst !== (options.discount ?? false);
  const separator = new Separator(options.separator ?? defaults.separator, options.separatorGap ?? false);
  const missing =
    options.missingSide === undefined ? undefined : new MissingSides(name, options.missingSide, separator.text);
  const single = options.single ?? false;

  const decimal = (value: Decimal): CellValue => ({ kind: 'decimal', value });
  const read: PartReader = (token, from, end, context) => {
    if (missing !== undefined) {
      const lone = missing.find(token, from, end);
      if (lone !== undefined) {
        if ('code' in lone) return lone;
        const refused = sides.readFirst(token, lone.from, lone.end, context);
        if (refused !== undefined) return refused;
        if (sides.end < lone.end) return unexpected(token, sides.end, lone.end, 'one side in full');
        const shortened = lone.second ? sides.refuseAlone(lone.from) : undefined;
        if (shortened !== undefined) return shortened;
        const value = decimal(sides.first());
        return lone.second === lowerFirst ? [null, value, STYLES['one-sided']] : [value, null, STYLES['one-sided']];
      }
    }
    const refused = sides.readFirst(token, from, end, context);
    if (refused !== undefined) return refused;
    if (single && sides.end === end) {
      const value = decimal(sides.first());
      return [value, value, STYLES.single];
    }
    const behind = separator.skip(token, sides.end, end);
    if (typeof behind !== 'number') return behind;
    const style = sides.readSecond(token, behind, end, context, rising);
    if (typeof style !== 'string') return style;
    if (sides.end < end) return unexpected(token, sides.end, end, 'a digit or the end');
    const first = decimal(sides.first());
    const second = decimal(sides.second());
    return lowerFirst ? [first, second, STYLES[style]] : [second, first, STYLES[style]];
  };
  return makeType({ name, parts: range ? LOW_HIGH : BID_ASK, read }, options);
}
