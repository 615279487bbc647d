// What makers of fixtures have in common.
import { type Random, seededRandom } from '@tickerplant/core';

export type Fields = Record<string, string | null | boolean | readonly string[]>;

export interface Made {
  readonly name: string;
  readonly rows: readonly string[];
  readonly runs?: readonly (readonly [number, number, number, string, string])[];
  readonly drifted?: boolean;
  readonly today?: number;
  readonly live: readonly { subject: string; fields: Fields }[];
}

/** A page that is written to. */
export class Sheet {
  readonly rows: string[];
  readonly #columns: number;

  constructor(rows = 25, columns = 80) {
    this.rows = Array.from({ length: rows }, () => ' '.repeat(columns));
    this.#columns = columns;
  }

  put(row: number, column: number, text: string): this {
    const line = this.rows[row]!;
    this.rows[row] = (line.slice(0, column) + text + line.slice(column + text.length)).slice(0, this.#columns);
    return this;
  }
}

export const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
export const clock = (random: Random): string => `${pad(8 + random.below(9))}:${pad(random.below(60))}`;
/** A whole number of last places as a decimal. */
export function decimal(value: number, places: number): string {
  const digits = pad(Math.abs(value), places + 1);
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return value < 0 ? `-${text}` : text;
}
export const grouped = (text: string): string => {
  const [whole, fraction] = text.split('.');
  let out = '';
  for (let at = 0; at < whole!.length; at++) out += (at > 0 && (whole!.length - at) % 3 === 0 ? ',' : '') + whole![at];
  return fraction === undefined ? out : `${out}.${fraction}`;
};
export const shorter = (text: string): string => {
  if (!text.includes('.')) return `${text}.0`;
  let out = text;
  while (out.endsWith('0') && !out.endsWith('.0')) out = out.slice(0, -1);
  return out;
};
/** A page of the layout. */
export const good = (name: string, make: (random: Random) => Omit<Made, 'name'>, seed: number): Made => ({
  name,
  ...make(seededRandom(seed)),
});
/** Drifted, and nothing of it may be LIVE. */
export const none = (name: string, make: (random: Random) => Omit<Made, 'name'>, seed: number): Made => ({
  ...good(name, make, seed),
  drifted: true,
  live: [],
});
