const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;

/**
 * Turns the 64-bit time counts of a pcapng interface (`if_tsresol`, `if_tsoffset`; pcap sheet, section 3.4)
 * into seconds and nanoseconds, exactly and, for all usual units, without BigInt.
 */
export class TimeResolution {
  /** Result of `convert`: whole seconds since 1970, the interface's offset included … */
  seconds = 0;
  /** … and nanoseconds, 0 to 999,999,999 (finer units are cut off). */
  nanoseconds = 0;

  private readonly offsetSeconds: number;
  private readonly unitsPerSecond: bigint;
  // 2^48 and 2^32 units as whole seconds and rest, so that a count is summed up in three exact steps.
  private readonly seconds48: number;
  private readonly rest48: number;
  private readonly seconds32: number;
  private readonly rest32: number;
  private readonly units: number;
  /** Nanoseconds per unit, if whole; else 0. */
  private readonly unitNs: number;
  /** Whether the three steps stay below 2^53. */
  private readonly isExact: boolean;

  /**
   * @param tsresol the option's byte: 6 = microseconds, 9 = nanoseconds, top bit set = powers of two.
   * @param offsetSeconds the option's seconds to add.
   */
  constructor(tsresol = 6, offsetSeconds = 0) {
    this.offsetSeconds = offsetSeconds;
    const exponent = BigInt(tsresol & 0x7f);
    const unitsPerSecond = (tsresol & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
    this.unitsPerSecond = unitsPerSecond;
    this.isExact = unitsPerSecond <= 1n << 36n;
    this.units = Number(unitsPerSecond);
    this.seconds48 = Number((1n << 48n) / unitsPerSecond);
    this.rest48 = Number((1n << 48n) % unitsPerSecond);
    this.seconds32 = Number((1n << 32n) / unitsPerSecond);
    this.rest32 = Number((1n << 32n) % unitsPerSecond);
    this.unitNs = 1_000_000_000n % unitsPerSecond === 0n ? Number(1_000_000_000n / unitsPerSecond) : 0;
  }

  /** Sets `seconds` and `nanoseconds` for the count `high * 2^32 + low`. */
  convert(high: number, low: number): void {
    if (!this.isExact) {
      this.convertLarge(high, low);
      return;
    }
    const high1 = Math.floor(high / TWO_16);
    const high0 = high - high1 * TWO_16;
    const rest = high1 * this.rest48 + high0 * this.rest32 + low;
    const carry = Math.floor(rest / this.units);
    const fraction = rest - carry * this.units;
    this.seconds = high1 * this.seconds48 + high0 * this.seconds32 + carry + this.offsetSeconds;
    this.nanoseconds =
      this.unitNs > 0 ? fraction * this.unitNs : Number((BigInt(fraction) * 1_000_000_000n) / this.unitsPerSecond);
  }

  private convertLarge(high: number, low: number): void {
    const ns = ((BigInt(high) * BigInt(TWO_32) + BigInt(low)) * 1_000_000_000n) / this.unitsPerSecond;
    this.seconds = Number(ns / 1_000_000_000n) + this.offsetSeconds;
    this.nanoseconds = Number(ns % 1_000_000_000n);
  }
}
