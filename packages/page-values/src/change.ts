import { Decimal } from '@tickerplant/core';
import { z } from 'zod';
import { makeType, type Parts, type TypeKind, VALUE_OPTIONS, type ValueOptions } from './cell-type.ts';
import { isDigit, MINUS, PLUS, reject, skipBlanks, skipBlanksBack, unexpected } from './characters.ts';
import { badType } from './declaring.ts';
import { FRACTION_FORMAT, type FractionFormat, FractionScanner } from './fraction.ts';
import { NUMBER_OPTIONS, type NumberOptions, NumberScanner } from './number-format.ts';
import {
  decimalOf256ths,
  THIRTY_SECOND_FORMAT,
  type ThirtySecondFormat,
  ThirtySecondScanner,
} from './thirty-seconds.ts';
import type { CellPart, CellValue, ReadContext, Rejection } from './types.ts';

/** What changes are written in; `32nds` has amounts as `+00+`, `-02`, `+1-04`. */
export type ChangeStyle = 'decimal' | 'fraction' | '32nds';

/** Options of `change`. Those of the other styles than the declared one are refused. */
export interface ChangeOptions
  extends ValueOptions,
    ThirtySecondFormat,
    Omit<NumberOptions, 'decimals' | 'sign'>,
    Pick<FractionFormat, 'denominator' | 'fractionRequired'> {
  readonly of?: ChangeStyle | undefined;
  readonly decimals?: NumberOptions['decimals'];
  /** `required` if left out: a change that has lost its sign is no rise. */
  readonly sign?: 'required' | 'optional' | 'minus' | undefined;
  /** Texts for no change, which is zero: `[UNCH, NC]`. */
  readonly unchanged?: readonly string[] | undefined;
  /** Texts that say up, alone or beside an amount without sign: `['▲']`. A plus alone says it always. */
  readonly up?: readonly string[] | undefined;
  /** Texts that say down. A minus alone says it always. */
  readonly down?: readonly string[] | undefined;
  /** Texts that say neither up nor down. */
  readonly level?: readonly string[] | undefined;
  /** Refuse directions without an amount. */
  readonly amountRequired?: boolean | undefined;
}

const TEXTS = z.array(z.string().min(1)).optional();
const SCHEMA: z.ZodType<ChangeOptions> = z.strictObject({
  ...VALUE_OPTIONS,
  ...THIRTY_SECOND_FORMAT,
  ...FRACTION_FORMAT,
  ...NUMBER_OPTIONS,
  of: z.enum(['decimal', 'fraction', '32nds'], { error: 'expected decimal, fraction or 32nds' }).optional(),
  sign: z.enum(['required', 'optional', 'minus'], { error: 'expected required, optional or minus' }).optional(),
  unchanged: TEXTS,
  up: TEXTS,
  down: TEXTS,
  level: TEXTS,
  amountRequired: z.boolean().optional(),
});

/** Which options belong to which style; all others are for every style. */
const STYLE_OPTIONS: Readonly<Record<ChangeStyle, readonly string[]>> = {
  decimal: [
    'decimals',
    'point',
    'grouping',
    'groupingOptional',
    'leadingZeros',
    'leadingPoint',
    'powerOfTen',
    'digits',
    'signGap',
  ],
  fraction: ['decimals', 'denominator', 'fractionRequired', 'digits', 'signGap'],
  '32nds': ['pointsSeparator', 'third', 'plus'],
};

function checkStyleOptions(style: ChangeStyle, options: ChangeOptions): void {
  const mine = STYLE_OPTIONS[style];
  for (const names of Object.values(STYLE_OPTIONS)) {
    for (const name of names) {
      if (!mine.includes(name) && options[name as keyof ChangeOptions] !== undefined)
        throw badType(`change.${name}`, `expected none with changes of ${style}`);
    }
  }
  if (style === 'fraction' && options.decimals !== undefined && typeof options.decimals !== 'number') {
    throw badType('change.decimals', 'expected a whole number with changes of fractions');
  }
}

/** Reads amounts of one style. */
interface AmountReader {
  readonly end: number;
  signed(text: string, from: number, end: number, context: ReadContext): Rejection | undefined;
  /** An amount beside an arrow: no sign. */
  unsigned(text: string, from: number, end: number, context: ReadContext): Rejection | undefined;
  amount(negative: boolean): Decimal;
  /** As printed: -1, 1; 0: none. */
  readonly sign: number;
}

type ChangeSign = 'required' | 'optional' | 'minus';

class DecimalAmount implements AmountReader {
  private readonly scanner: NumberScanner;

  constructor(options: ChangeOptions, sign: ChangeSign) {
    this.scanner = new NumberScanner('change', { ...options, sign }, sign);
  }

  get end(): number {
    return this.scanner.end;
  }

  get sign(): number {
    return this.scanner.sign;
  }

  signed(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    return this.scanner.scan(text, from, end, context);
  }

  unsigned(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    return this.scanner.unsigned(text, from, end, context);
  }

  amount(negative: boolean): Decimal {
    return this.scanner.decimalOf(this.scanner.mantissa, negative, this.scanner.scale);
  }
}

class FractionAmount implements AmountReader {
  private readonly scanner: FractionScanner;

  constructor(options: ChangeOptions, sign: ChangeSign) {
    const { denominator, fractionRequired, digits, signGap } = options;
    const decimals = options.decimals as number | undefined;
    this.scanner = new FractionScanner('change', { denominator, fractionRequired, digits, signGap, decimals, sign });
  }

  get end(): number {
    return this.scanner.end;
  }

  get sign(): number {
    return this.scanner.sign;
  }

  signed(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    return this.scanner.scan(text, from, end, context);
  }

  unsigned(text: string, from: number, end: number, context: ReadContext): Rejection | undefined {
    return this.scanner.unsigned(text, from, end, context);
  }

  amount(negative: boolean): Decimal {
    return this.scanner.decimalOf(this.scanner.parts64, negative);
  }
}

class ThirtySecondAmount implements AmountReader {
  sign = 0;
  private readonly scanner: ThirtySecondScanner;
  private readonly rule: ChangeSign;

  constructor(options: ChangeOptions, sign: ChangeSign) {
    this.scanner = new ThirtySecondScanner(options);
    this.rule = sign;
  }

  get end(): number {
    return this.scanner.end;
  }

  signed(text: string, from: number, end: number): Rejection | undefined {
    const code = text.charCodeAt(from);
    this.sign = code === PLUS ? 1 : code === MINUS ? -1 : 0;
    if (this.sign === 1 && this.rule === 'minus') return reject('SIGN', 'no plus', from);
    const refused = this.unsigned(text, this.sign === 0 ? from : from + 1, end);
    if (refused !== undefined) return refused;
    if (this.sign === 0 && this.rule === 'required' && this.scanner.parts256 !== 0)
      return reject('SIGN', 'a sign, + or -', from);
    return undefined;
  }

  unsigned(text: string, from: number, end: number): Rejection | undefined {
    const { scanner } = this;
    return scanner.hasPoints(text, from, end) ? scanner.scan(text, from, end) : scanner.scanParts(text, from, end);
  }

  amount(negative: boolean): Decimal {
    return decimalOf256ths(this.scanner.parts256, negative);
  }
}

type Direction = -1 | 0 | 1;
const DIRECTIONS: Readonly<Record<Direction, CellValue>> = {
  [-1]: { kind: 'direction', value: -1 },
  0: { kind: 'direction', value: 0 },
  1: { kind: 'direction', value: 1 },
};
const NO_CHANGE: CellValue = { kind: 'decimal', value: new Decimal(0, 0) };
const PARTS: readonly CellPart[] = [
  { name: 'value', kind: 'decimal' },
  { name: 'direction', kind: 'direction' },
];

interface Arrow {
  readonly text: string;
  readonly direction: Direction;
}

/** Reads changes: amounts, words for none, directions. */
class ChangeReader {
  private readonly amounts: AmountReader;
  private readonly unchanged: ReadonlySet<string>;
  private readonly alone: ReadonlyMap<string, Direction>;
  private readonly arrows: readonly Arrow[];

  constructor(options: ChangeOptions) {
    const style = options.of ?? 'decimal';
    checkStyleOptions(style, options);
    const sign = options.sign ?? 'required';
    this.amounts =
      style === 'decimal'
        ? new DecimalAmount(options, sign)
        : style === 'fraction'
          ? new FractionAmount(options, sign)
          : new ThirtySecondAmount(options, sign);
    this.unchanged = new Set(options.unchanged ?? []);
    const arrows: Arrow[] = [];
    const add = (texts: readonly string[] | undefined, direction: Direction) => {
      for (const text of texts ?? []) arrows.push({ text, direction });
    };
    add(options.up, 1);
    add(options.down, -1);
    add(options.level, 0);
    for (const { text } of arrows) {
      if (text === '+' || text === '-' || isDigit(text.charCodeAt(0))) {
        throw badType('change', `expected arrows or words for up, down and level, got '${text}'`);
      }
    }
    this.arrows = arrows.sort((a, b) => b.text.length - a.text.length);
    this.alone =
      options.amountRequired === true
        ? new Map()
        : new Map([
            ['+', 1],
            ['-', -1],
            ...arrows.map(({ text, direction }): [string, Direction] => [text, direction]),
          ]);
  }

  read(token: string, from: number, end: number, context: ReadContext): Parts | Rejection {
    // Short texts only: a slice of a few characters to look up.
    const whole = from === 0 && end === token.length ? token : token.slice(from, end);
    if (this.unchanged.has(whole)) return [NO_CHANGE, DIRECTIONS[0]];
    const direction = this.alone.get(whole);
    if (direction !== undefined) return [null, DIRECTIONS[direction]];
    for (const arrow of this.arrows) {
      if (whole.startsWith(arrow.text))
        return this.beside(token, skipBlanks(token, from + arrow.text.length, end), end, arrow, context);
      if (whole.endsWith(arrow.text))
        return this.beside(token, from, skipBlanksBack(token, from, end - arrow.text.length), arrow, context);
    }
    const { amounts } = this;
    const refused = amounts.signed(token, from, end, context);
    if (refused !== undefined) return refused;
    if (amounts.end < end) return unexpected(token, amounts.end, end, 'a digit or the end');
    return this.parts(amounts.amount(amounts.sign < 0));
  }

  private parts(value: Decimal): Parts {
    return [{ kind: 'decimal', value }, DIRECTIONS[value.mantissa === 0 ? 0 : value.mantissa < 0 ? -1 : 1]];
  }

  /** An amount beside an arrow. */
  private beside(token: string, from: number, end: number, arrow: Arrow, context: ReadContext): Parts | Rejection {
    const { amounts } = this;
    const refused = amounts.unsigned(token, from, end, context);
    if (refused !== undefined) return refused;
    if (amounts.end < end) return unexpected(token, amounts.end, end, 'a digit or the end');
    const value = amounts.amount(arrow.direction < 0);
    if (arrow.direction === 0 && value.mantissa !== 0)
      return reject('SIGN', `no amount beside '${arrow.text}', which says level`, from);
    return this.parts(value);
  }
}

/** A signed change: `+12¼`, `-08`, `UNCH`, a sign alone. Parts: the amount, and the direction, which is there always. */
export const CHANGE: TypeKind<ChangeOptions> = {
  name: 'change',
  schema: SCHEMA,
  short: (declared) => ({ of: declared }),
  make(options) {
    const reader = new ChangeReader(options);
    return makeType(
      { name: 'change', parts: PARTS, read: (token, from, end, context) => reader.read(token, from, end, context) },
      options,
    );
  },
};
