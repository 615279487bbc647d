import { TickerError } from '@tickerplant/core';

/** Longest text in a status message, in UTF-16 units. */
export const TEXT_MAX = 255;

/**
 * Reads the elements of a decoded array in order, checking each. What isn't as it should be throws
 * `STATUS_MALFORMED`, which the receiver turns into an entry of the quarantine. Elements beyond those read are
 * left alone: a later version of the program may add some.
 */
export class ElementReader {
  readonly #elements: readonly unknown[];
  readonly #what: string;
  #next = 0;

  constructor(value: unknown, what: string) {
    if (!Array.isArray(value)) throw malformed(what, 'an array', value);
    this.#elements = value;
    this.#what = what;
  }

  text(name: string): string {
    const value = this.#take();
    if (typeof value !== 'string' || value.length > TEXT_MAX) {
      throw malformed(`${this.#what}.${name}`, `text of up to ${TEXT_MAX} characters`, value);
    }
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#absent() ? undefined : this.text(name);
  }

  /** As `whole`, or nothing. */
  optionalWhole(name: string, least = 0): number | undefined {
    return this.#absent() ? undefined : this.whole(name, least);
  }

  /** A whole number from `least` to `most`, at most 2^53 - 1. */
  whole(name: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#take();
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (!Number.isSafeInteger(number) || (number as number) < least || (number as number) > most) {
      throw malformed(`${this.#what}.${name}`, `a whole number from ${least} to ${most}`, value);
    }
    return number as number;
  }

  /** A whole number of up to 64 bits, not negative. */
  wide(name: string): bigint {
    const value = this.#take();
    if (typeof value === 'bigint' && value >= 0n) return value;
    if (Number.isSafeInteger(value) && (value as number) >= 0) return BigInt(value as number);
    throw malformed(`${this.#what}.${name}`, 'a whole number of 64 bits', value);
  }

  /** One of a list of words, sent as its index. */
  word<T extends string>(name: string, words: readonly T[]): T {
    return words[this.whole(name, 0, words.length - 1)]!;
  }

  /** An array; each element goes through `read`. */
  list<T>(name: string, read: (value: unknown) => T): T[] {
    const value = this.#take();
    if (!Array.isArray(value)) throw malformed(`${this.#what}.${name}`, 'an array', value);
    return value.map(read);
  }

  /** An array of texts. */
  texts(name: string): string[] {
    return this.list(name, (value) => new ElementReader([value], this.#what).text(name));
  }

  /** Whatever stands next, or undefined for nil or nothing. */
  optional<T>(read: (value: unknown) => T): T | undefined {
    return this.#absent() ? undefined : read(this.#take());
  }

  #absent(): boolean {
    const value = this.#elements[this.#next];
    if (value !== null && value !== undefined) return false;
    this.#next++;
    return true;
  }

  #take(): unknown {
    return this.#elements[this.#next++];
  }
}

function malformed(where: string, expected: string, value: unknown): TickerError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value);
  return new TickerError('STATUS_MALFORMED', `expected ${expected}, got ${got}`, { where });
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`;
}
