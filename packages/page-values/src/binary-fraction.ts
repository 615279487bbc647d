import type { Decimal } from '@tickerplant/core';
import { makeDecimal } from './number-format.ts';

const POWERS_OF_FIVE: readonly number[] = Array.from({ length: 9 }, (_, power) => 5 ** power);
const POWERS_OF_TEN: readonly number[] = Array.from({ length: 9 }, (_, power) => 10 ** power);

/**
 * `(whole + numerator / 2^bits) × 10^exponent`, exactly: a fraction of a power of two is a finite decimal. With as few
 * decimals as it takes: 16/32 is 0.5.
 *
 * @param whole at most 9 digits. @param bits 0 to 8. @param exponent -9 to 12.
 */
export function binaryFraction(
  whole: number,
  numerator: number,
  bits: number,
  negative: boolean,
  exponent = 0,
): Decimal {
  while (bits > 0 && (numerator & 1) === 0) {
    numerator >>= 1;
    bits--;
  }
  return makeDecimal(whole * POWERS_OF_TEN[bits]! + numerator * POWERS_OF_FIVE[bits]!, negative, exponent - bits);
}
