import type { Decimal } from '@tickerplant/core';

/** An exact number on its way through an expression: `mantissa × 10^exponent`, without bounds. */
export interface Exact {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const POWERS: readonly bigint[] = Array.from({ length: 64 }, (_, i) => 10n ** BigInt(i));

const powerOf = (exponent: number): bigint => POWERS[exponent] ?? 10n ** BigInt(exponent);

export function exactOf(value: Decimal): Exact {
  return { mantissa: BigInt(value.mantissa), exponent: value.exponent };
}

export function add(a: Exact, b: Exact, sign: 1n | -1n = 1n): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  return { mantissa: at(a, exponent) + sign * at(b, exponent), exponent };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { mantissa: a.mantissa * b.mantissa, exponent: a.exponent + b.exponent };
}

export function absolute(a: Exact): Exact {
  return a.mantissa < 0n ? { mantissa: -a.mantissa, exponent: a.exponent } : a;
}

/** -1, 0 or 1. */
export function compare(a: Exact, b: Exact): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = at(a, exponent);
  const right = at(b, exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** For messages: every digit, no zeros behind the last. */
export function exactText({ mantissa, exponent }: Exact): string {
  if (exponent >= 0) return String(mantissa * powerOf(exponent));
  const digits = String(mantissa < 0n ? -mantissa : mantissa).padStart(1 - exponent, '0');
  const point = digits.length + exponent;
  let fraction = digits.slice(point);
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${mantissa < 0n ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}

function at(a: Exact, exponent: number): bigint {
  return a.exponent === exponent ? a.mantissa : a.mantissa * powerOf(a.exponent - exponent);
}
