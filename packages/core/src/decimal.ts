import { TickerError } from './errors.ts';

const POWERS: readonly number[] = Array.from({ length: 16 }, (_, i) => 10 ** i);

/**
 * An exact decimal: `mantissa × 10^exponent`. Immutable. No binary fraction ever stands for a price: convert
 * to a number only to draw a chart.
 */
export class Decimal {
  /** A whole number: `number` where it is at most 2^53 - 1 in size, else `bigint`. */
  readonly mantissa: number | bigint;
  /** From -18 to 18; negative for fractions: a price of 99.05 in 1/10,000 is 990500 × 10^-4. */
  readonly exponent: number;

  constructor(mantissa: number | bigint, exponent: number) {
    if (typeof mantissa === 'bigint') {
      const small = Number(mantissa);
      this.mantissa = Number.isSafeInteger(small) ? small : mantissa;
    } else {
      if (!Number.isSafeInteger(mantissa)) {
        throw new TickerError('CORE_BAD_DECIMAL', `expected a whole mantissa within 2^53, got ${mantissa}`);
      }
      this.mantissa = mantissa;
    }
    if (!Number.isInteger(exponent) || exponent < -18 || exponent > 18) {
      throw new TickerError('CORE_BAD_DECIMAL', `expected an exponent from -18 to 18, got ${exponent}`);
    }
    this.exponent = exponent;
  }

  /**
   * Reads `-12.3400`, keeping the trailing zeros as scale (mantissa -123400, exponent -4).
   *
   * @throws TickerError `CORE_BAD_DECIMAL`
   */
  static parse(text: string): Decimal {
    const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (match === null) {
      throw new TickerError('CORE_BAD_DECIMAL', `expected digits with at most one point, got '${text}'`);
    }
    const fraction = match[3] ?? '';
    return new Decimal(BigInt(`${match[1] === '-' ? '-' : ''}${match[2]}${fraction}`), -fraction.length);
  }

  /** Every digit of its scale: `990500 × 10^-4` is `99.0500`. */
  toString(): string {
    if (this.exponent >= 0) {
      return this.mantissa === 0 ? '0' : `${this.mantissa}${'0'.repeat(this.exponent)}`;
    }
    const negative = this.mantissa < 0;
    const digits = String(negative ? -this.mantissa : this.mantissa).padStart(1 - this.exponent, '0');
    const point = digits.length + this.exponent;
    return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  /** As `toString`, without zeros at the end of the fraction: `99.05`. */
  toShortString(): string {
    const text = this.toString();
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  }

  /** JSON carries decimals as strings: a JSON number is a binary fraction to most readers. */
  toJSON(): string {
    return this.toString();
  }

  /** The nearest double. For charts and statistics, never for prices that are sent on. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** Negative, zero or positive as this is less than, equal to or greater than `other`. */
  compare(other: Decimal): number {
    const exponent = Math.min(this.exponent, other.exponent);
    const left = this.mantissaAt(exponent);
    const right = other.mantissaAt(exponent);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Equal in value: 1.50 equals 1.5. */
  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  /** Exact difference. */
  minus(other: Decimal): Decimal {
    const exponent = Math.min(this.exponent, other.exponent);
    return new Decimal(BigInt(this.mantissaAt(exponent)) - BigInt(other.mantissaAt(exponent)), exponent);
  }

  /** The mantissa at a smaller or equal exponent; exact. */
  private mantissaAt(exponent: number): number | bigint {
    const shift = this.exponent - exponent;
    if (shift === 0) return this.mantissa;
    if (typeof this.mantissa === 'number' && shift < POWERS.length) {
      const scaled = this.mantissa * POWERS[shift]!;
      if (Number.isSafeInteger(scaled)) return scaled;
    }
    return BigInt(this.mantissa) * 10n ** BigInt(shift);
  }
}
