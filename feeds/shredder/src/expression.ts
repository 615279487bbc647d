import { absolute, add, compare, type Exact, exactText, multiply } from './exact.ts';

// Guards are comparisons of exact numbers: `low <= quote.bid`, `abs(last - net - previous) <= limit`,
// `cash.bid + spread = threeMonth.bid within 0.5`. There are + - *, abs(), and given(), has() and same(), which are 1 or 0:
// whether a cell isn't blank, whether it has a value, and whether two cells are read as the same text, and or(): a number, or
// another where the page says none. No division: a share is multiplied out. No loops: an expression takes as many steps as it has words.

/** What an expression asks of a row. */
export interface Operands {
  /** The number in a slot; undefined where there is none. */
  number(slot: number): Exact | undefined;
  /** Whether the slot's cell is refused: what it says is then not known, and not none. */
  isRefused(slot: number): boolean;
  /** Whether the column's cell is given (1) or has a value (0). */
  holds(column: number, given: boolean): boolean;
  /** Whether two columns' cells are read as the same text. */
  same(column: number, other: number): boolean;
}

/** How names of an expression are found while it is compiled. */
export interface Names {
  /** The slot of `column.part` or of a name of the guard's own. @throws Error with what was expected */
  slot(name: string): number;
  /** The number of a column. @throws Error with what was expected */
  column(name: string): number;
}

type Term = (operands: Operands) => Exact | undefined;

/** A compiled comparison. */
export interface Comparison {
  readonly text: string;
  /** The slots that it reads, and the columns of which it asks whether they are given. */
  readonly slots: readonly number[];
  readonly columns: readonly number[];
  /** Whether it holds; undefined where a value that it needs isn't there. `failed` tells what was compared. */
  holds(operands: Operands): boolean | undefined;
  /** The two sides of the comparison that fails: `99.45 <= 99.10`. */
  failure(operands: Operands): string;
}

interface Step {
  readonly operator: '<=' | '<' | '>=' | '>' | '=' | '!=';
  readonly right: Term;
  readonly within: Term | undefined;
}

const ONE: Exact = { mantissa: 1, exponent: 0 };
const NONE: Exact = { mantissa: 0, exponent: 0 };

/** Bound on an expression, in characters. */
const LENGTH_MAX = 500;
const DEPTH_MAX = 20;

/**
 * Compiles a comparison.
 *
 * @throws Error with a message that says where and what was expected
 */
export function compileComparison(text: string, names: Names): Comparison {
  if (text.length > LENGTH_MAX) throw new Error(`expected at most ${LENGTH_MAX} characters`);
  const reader = new Reader(text, names);
  const left = reader.sum(0);
  const steps: Step[] = [];
  for (;;) {
    const operator = reader.take('<=', '>=', '!=', '<', '>', '=') as Step['operator'] | undefined;
    if (operator === undefined) break;
    const right = reader.sum(0);
    steps.push({ operator, right, within: reader.takeWord('within') ? reader.sum(0) : undefined });
  }
  if (steps.length === 0) throw reader.expected('a comparison: <=, <, >=, >, =, !=');
  reader.end();
  return new Chain(text, left, steps, [...reader.slots], [...reader.columns]);
}

/** A compiled number. */
export interface Amount {
  readonly text: string;
  /** The columns of which it asks whether they are given. */
  readonly columns: readonly number[];
  /** Undefined where a value that it needs isn't there. */
  value(operands: Operands): Exact | undefined;
}

/**
 * Compiles an expression that is a number.
 *
 * @throws Error with a message that says where and what was expected
 */
export function compileAmount(text: string, names: Names): Amount {
  if (text.length > LENGTH_MAX) throw new Error(`expected at most ${LENGTH_MAX} characters`);
  const reader = new Reader(text, names);
  const value = reader.sum(0);
  reader.end();
  return { text, columns: [...reader.columns], value };
}

class Chain implements Comparison {
  readonly text: string;
  readonly slots: readonly number[];
  readonly columns: readonly number[];
  readonly #left: Term;
  readonly #steps: readonly Step[];

  constructor(text: string, left: Term, steps: readonly Step[], slots: readonly number[], columns: readonly number[]) {
    this.text = text;
    this.slots = slots;
    this.columns = columns;
    this.#left = left;
    this.#steps = steps;
  }

  holds(operands: Operands): boolean | undefined {
    let left = this.#left(operands);
    let compared = false;
    // A link of the chain that isn't there is stepped over: in low <= bid <= ask, low is held against ask without a bid.
    for (const step of this.#steps) {
      const right = step.right(operands);
      if (right === undefined) continue;
      if (left !== undefined) {
        compared = true;
        if (!isTrue(left, step, right, operands)) return false;
      }
      left = right;
    }
    return compared ? true : undefined;
  }

  failure(operands: Operands): string {
    let left = this.#left(operands);
    for (const step of this.#steps) {
      const right = step.right(operands);
      if (right === undefined) continue;
      if (left !== undefined && !isTrue(left, step, right, operands)) {
        return `${exactText(left)} ${step.operator} ${exactText(right)}`;
      }
      left = right;
    }
    return '';
  }
}

function isTrue(left: Exact, { operator, within }: Step, right: Exact, operands: Operands): boolean {
  let order = compare(left, right);
  if (within !== undefined && order !== 0) {
    const slack = within(operands);
    if (slack !== undefined && compare(absolute(add(left, right, -1)), slack) <= 0) order = 0;
  }
  switch (operator) {
    case '<=':
      return order <= 0;
    case '<':
      return order < 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '!=':
      return order !== 0;
    case '=':
      return order === 0;
  }
}

class Reader {
  readonly slots = new Set<number>();
  readonly columns = new Set<number>();
  readonly #text: string;
  readonly #names: Names;
  #at = 0;

  constructor(text: string, names: Names) {
    this.#text = text;
    this.#names = names;
  }

  expected(what: string): Error {
    const rest = this.#text.slice(this.#at).trim();
    return new Error(
      `expected ${what} at character ${this.#at}, got ${rest === '' ? 'the end' : JSON.stringify(rest)}`,
    );
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) throw this.expected('the end');
  }

  take(...tokens: readonly string[]): string | undefined {
    this.#blanks();
    for (const token of tokens) {
      if (!this.#text.startsWith(token, this.#at)) continue;
      this.#at += token.length;
      return token;
    }
    return undefined;
  }

  takeWord(word: string): boolean {
    this.#blanks();
    const start = this.#at;
    if (this.#word() === word) return true;
    this.#at = start;
    return false;
  }

  sum(depth: number): Term {
    let left = this.#product(depth);
    for (;;) {
      const operator = this.take('+', '-');
      if (operator === undefined) return left;
      left = both(left, this.#product(depth), operator === '+' ? (a, b) => add(a, b) : (a, b) => add(a, b, -1));
    }
  }

  #product(depth: number): Term {
    let left = this.#factor(depth);
    while (this.take('*') !== undefined) left = both(left, this.#factor(depth), multiply);
    return left;
  }

  #factor(depth: number): Term {
    if (depth > DEPTH_MAX) throw this.expected(`at most ${DEPTH_MAX} brackets in one another`);
    if (this.take('-') !== undefined) {
      const inner = this.#factor(depth + 1);
      return (operands) => {
        const value = inner(operands);
        return value === undefined ? undefined : { mantissa: -value.mantissa, exponent: value.exponent };
      };
    }
    if (this.take('(') !== undefined) return this.#bracket(depth);
    this.#blanks();
    const code = this.#text.charCodeAt(this.#at);
    if (isDigit(code)) return this.#number();
    const word = this.#word();
    if (word === '') throw this.expected('a number, a column.part or a bracket');
    if (this.take('(') === undefined) return this.#reference(word);
    if (word === 'abs') {
      const inner = this.#bracket(depth);
      return (operands) => {
        const value = inner(operands);
        return value === undefined ? undefined : absolute(value);
      };
    }
    if (word === 'or') return this.#either(depth);
    if (word !== 'given' && word !== 'has' && word !== 'same') {
      throw new Error(`expected abs(), or(), given(), has() or same(), got ${word}()`);
    }
    const column = this.#column();
    if (word === 'same') {
      if (this.take(',') === undefined) throw this.expected("','");
      const other = this.#column();
      if (this.take(')') === undefined) throw this.expected("')'");
      return (operands) => (operands.same(column, other) ? ONE : NONE);
    }
    if (this.take(')') === undefined) throw this.expected("')'");
    return (operands) => (operands.holds(column, word === 'given') ? ONE : NONE);
  }

  /** `or(change, 0)`: what is refused has no number, and isn't none either. */
  #either(depth: number): Term {
    this.#blanks();
    const slot = this.#names.slot(this.#word());
    this.slots.add(slot);
    if (this.take(',') === undefined) throw this.expected("','");
    const other = this.sum(depth + 1);
    if (this.take(')') === undefined) throw this.expected("')'");
    return (operands) => operands.number(slot) ?? (operands.isRefused(slot) ? undefined : other(operands));
  }

  #column(): number {
    this.#blanks();
    const column = this.#names.column(this.#word());
    this.columns.add(column);
    return column;
  }

  #bracket(depth: number): Term {
    const inner = this.sum(depth + 1);
    if (this.take(')') === undefined) throw this.expected("')'");
    return inner;
  }

  #reference(word: string): Term {
    const slot = this.#names.slot(word);
    this.slots.add(slot);
    return (operands) => operands.number(slot);
  }

  #number(): Term {
    const start = this.#at;
    let point = -1;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x2e && point < 0) point = this.#at;
      else if (!isDigit(code)) break;
    }
    const digits = this.#text.slice(start, this.#at).replace('.', '');
    const exponent = point < 0 ? 0 : point + 1 - this.#at;
    const isShare = this.take('%') !== undefined;
    const whole = Number(digits);
    const mantissa = Number.isSafeInteger(whole) ? whole : BigInt(digits);
    const value: Exact = { mantissa, exponent: isShare ? exponent - 2 : exponent };
    return () => value;
  }

  #blanks(): void {
    while (this.#text.charCodeAt(this.#at) === 0x20) this.#at++;
  }

  #word(): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
      const isInner = this.#at > start && (isDigit(code) || code === 0x2e);
      if (!isLetter && !isInner) break;
    }
    return this.#text.slice(start, this.#at);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function both(left: Term, right: Term, apply: (a: Exact, b: Exact) => Exact): Term {
  return (operands) => {
    const a = left(operands);
    if (a === undefined) return undefined;
    const b = right(operands);
    return b === undefined ? undefined : apply(a, b);
  };
}
