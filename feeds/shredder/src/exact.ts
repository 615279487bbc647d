import type { Decimal } from '@tickerplant/core';

/**
 * An exact number on its way through an expression: `mantissa × 10^exponent`, without bounds. Whole numbers that fit are doubles,
 * which is several times faster; what doesn't fit is a bigint.
 */
export interface Exact {
  readonly mantissa: number | bigint;
  readonly exponent: number;
}

const POWERS: readonly number[] = Array.from({ length: 16 }, (_, i) => 10 ** i);

export function exactOf(value: Decimal): Exact {
  return value;
}

export function add(a: Exact, b: Exact, sign: 1 | -1 = 1): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = at(a, exponent);
  const right = at(b, exponent);
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + sign * right;
    if (Number.isSafeInteger(sum)) return { mantissa: sum, exponent };
  }
  return { mantissa: BigInt(left) + BigInt(sign) * BigInt(right), exponent };
}

export function multiply(a: Exact, b: Exact): Exact {
  const exponent = a.exponent + b.exponent;
  if (typeof a.mantissa === 'number' && typeof b.mantissa === 'number') {
    const product = a.mantissa * b.mantissa;
    if (Number.isSafeInteger(product)) return { mantissa: product, exponent };
  }
  return { mantissa: BigInt(a.mantissa) * BigInt(b.mantissa), exponent };
}

export function absolute(a: Exact): Exact {
  return a.mantissa < 0 ? { mantissa: -a.mantissa, exponent: a.exponent } : a;
}

/** -1, 0 or 1. */
export function compare(a: Exact, b: Exact): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = at(a, exponent);
  const right = at(b, exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a value is away from another by at most a share of that. */
export function isWithin(value: Exact, other: Exact, share: Exact): boolean {
  const { mantissa: a, exponent } = value;
  const { mantissa: b } = other;
  const { mantissa: part } = share;
  const scale = POWERS[-share.exponent];
  // Nearly always all of it fits, and no number need be made on the way.
  if (exponent === other.exponent && scale !== undefined) {
    if (typeof a === 'number' && typeof b === 'number' && typeof part === 'number') {
      const away = Math.abs(a - b) * scale;
      const most = Math.abs(b) * part;
      if (Number.isSafeInteger(away) && Number.isSafeInteger(most)) return away <= most;
    }
  }
  return compare(absolute(add(value, other, -1)), multiply(absolute(other), share)) <= 0;
}

/** For messages: every digit, no zeros behind the last. */
export function exactText({ mantissa, exponent }: Exact): string {
  if (exponent >= 0) return String(BigInt(mantissa) * 10n ** BigInt(exponent));
  const digits = String(mantissa < 0 ? -mantissa : mantissa).padStart(1 - exponent, '0');
  const point = digits.length + exponent;
  let fraction = digits.slice(point);
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${mantissa < 0 ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Reads what `exactText` writes, however many digits it has; undefined for anything else. */
export function exactFromText(text: string): Exact | undefined {
  const isNegative = text.startsWith('-');
  const [whole, fraction = '', ...more] = (isNegative ? text.slice(1) : text).split('.');
  const digits = `${whole}${fraction}`;
  if (digits === '' || more.length > 0) return undefined;
  for (let at = 0; at < digits.length; at++) if (digits[at]! < '0' || digits[at]! > '9') return undefined;
  const short = Number(digits);
  const mantissa = Number.isSafeInteger(short) ? short : BigInt(digits);
  return { mantissa: isNegative ? -mantissa : mantissa, exponent: -fraction.length };
}

/** The mantissa at a smaller or equal exponent. */
function at({ mantissa, exponent: own }: Exact, exponent: number): number | bigint {
  const shift = own - exponent;
  if (shift === 0) return mantissa;
  if (typeof mantissa === 'number' && shift < POWERS.length) {
    const scaled = mantissa * POWERS[shift]!;
    if (Number.isSafeInteger(scaled)) return scaled;
  }
  return BigInt(mantissa) * 10n ** BigInt(shift);
}
