/** Stands for "not readable": undefined is a value that an optional field may have. */
export const BAD: unique symbol = Symbol('bad');

/** One element of a message: how it is written and read. */
export interface Field<T> {
  /** For messages about other things found. */
  readonly expected: string;
  read(value: unknown): T | typeof BAD;
  write(value: T): unknown;
}

const keep = <T>(value: T): unknown => value;

/** A whole number within bounds. */
export function whole(least = 0, most: number = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const number = typeof value === 'bigint' ? Number(value) : value;
      return Number.isSafeInteger(number) && (number as number) >= least && (number as number) <= most
        ? (number as number)
        : BAD;
    },
    // msgpackr would write a number beyond 32 bits as a binary fraction.
    write: (value) => (value > 0xffff_ffff ? BigInt(value) : value),
  };
}

/** 64 bits, not negative. */
export const u64: Field<bigint> = {
  expected: 'a whole number of 64 bits',
  read: (value) => {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return BigInt(value as number);
    return typeof value === 'bigint' && value >= 0n ? value : BAD;
  },
  write: keep,
};

/** @param most in UTF-16 units. */
export function text(most: number): Field<string> {
  return {
    expected: `text of up to ${most} characters`,
    read: (value) => (typeof value === 'string' && value.length <= most ? value : BAD),
    write: keep,
  };
}

/** One of some words. */
export function oneOf<T extends string>(words: readonly T[]): Field<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    read: (value) => (words.includes(value as T) ? (value as T) : BAD),
    write: keep,
  };
}

export const flag: Field<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : BAD),
  write: keep,
};

export const bytes: Field<Uint8Array> = {
  expected: 'bytes',
  read: (value) => (value instanceof Uint8Array ? value : BAD),
  write: keep,
};

/** @param most how many elements. */
export function list<T>(element: Field<T>, most: number): Field<readonly T[]> {
  return {
    expected: `at most ${most} times ${element.expected}`,
    read: (value) => {
      if (!Array.isArray(value) || value.length > most) return BAD;
      const elements: T[] = [];
      for (const one of value) {
        const read = element.read(one);
        if (read === BAD) return BAD;
        elements.push(read);
      }
      return elements;
    },
    write: (value) => value.map((one) => element.write(one)),
  };
}

/** Nil for undefined. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    expected: `${field.expected}, or nothing`,
    read: (value) => (value === null || value === undefined ? undefined : field.read(value)),
    write: (value) => (value === undefined ? null : field.write(value)),
  };
}

/** What a message about a bad value shows of it. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string')
    return value.length > 40 ? `text of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return String(value);
}
