// Little-endian fields as IEX writes them. Prices, ids and times are 64 bits wide, wider than a JavaScript
// number is exact: prices and ids are read as high * 2^32 + low after a check that they fit, times as the
// distance from a base (midnight of the trading day), exact below 2^53 ns (104 days). BigInt only where a
// caller asks for it.

const TWO_32 = 0x1_0000_0000;

/** A moment since 1970-01-01 UTC as two halves of a signed 64-bit count of nanoseconds. */
export interface EpochBase {
  /** The high 32 bits, signed. */
  readonly high: number;
  /** The low 32 bits, unsigned. */
  readonly low: number;
}

/** The base for a moment given in nanoseconds since 1970-01-01 UTC. */
export function epochBase(ns: bigint): EpochBase {
  return { high: Number(BigInt.asIntN(32, ns >> 32n)), low: Number(BigInt.asUintN(32, ns)) };
}

/** The base for midnight (UTC) of a day counted from 1970-01-01. */
export function midnightBase(day: number): EpochBase {
  return epochBase(BigInt(day) * 86_400_000_000_000n);
}

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function readI32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at) >>> 0;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** A signed 64-bit integer that `fitsNumber`. */
export function readI64(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at + 4) * TWO_32 + readU32(bytes, at);
}

/** Writes a whole number within ±(2^53 - 1) as 64 bits, signed. */
export function writeI64(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  writeU32(bytes, at, value - high * TWO_32);
  writeU32(bytes, at + 4, high);
}

/** Whether the signed 64-bit integer at `at` is within ±(2^53 - 1). */
export function fitsNumber(bytes: Uint8Array, at: number): boolean {
  return Number.isSafeInteger(readI64(bytes, at));
}

/** A signed 64-bit integer, exact whatever its size. Allocates: not for the hot path. */
export function readBigI64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(readI32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));
}

/** Writes a signed 64-bit integer; higher bits are cut. */
export function writeBigI64(bytes: Uint8Array, at: number, value: bigint): void {
  writeU32(bytes, at, Number(BigInt.asUintN(32, value)));
  writeU32(bytes, at + 4, Number(BigInt.asUintN(32, value >> 32n)));
}

/** Nanoseconds from `base` to the time at `at`; negative for an earlier time. */
export function readNsSince(bytes: Uint8Array, at: number, base: EpochBase): number {
  return (readI32(bytes, at + 4) - base.high) * TWO_32 + (readU32(bytes, at) - base.low);
}

/** Writes the time `ns` nanoseconds (within ±2^53) after `base`. */
export function writeNsSince(bytes: Uint8Array, at: number, base: EpochBase, ns: number): void {
  const nsHigh = Math.floor(ns / TWO_32);
  const low = base.low + (ns - nsHigh * TWO_32);
  writeU32(bytes, at, low >>> 0);
  writeU32(bytes, at + 4, base.high + nsHigh + (low >= TWO_32 ? 1 : 0));
}
