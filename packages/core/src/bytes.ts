// Fixed-width reads and writes that node:buffer lacks or does through BigInt. All numbers are JavaScript
// numbers: 64-bit values are read as hi * 2^32 + lo, exact up to 2^53 - 1. Callers that may meet larger
// ones check `hi` themselves or use `DataView.getBigUint64`.

const TWO_32 = 0x1_0000_0000;

/** Reads an unsigned 48-bit big-endian integer (exact: 2^48 < 2^53). */
export function readU48BE(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! * 256 + bytes[at + 1]!) * TWO_32 +
    (((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0)
  );
}

/** Writes an unsigned 48-bit big-endian integer. */
export function writeU48BE(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const low = value >>> 0;
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  bytes[at + 2] = low >>> 24;
  bytes[at + 3] = low >>> 16;
  bytes[at + 4] = low >>> 8;
  bytes[at + 5] = low;
}

/** Reads an unsigned 64-bit big-endian integer; values above 2^53 - 1 lose their low bits. */
export function readU64BE(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0) * TWO_32 +
    (((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0)
  );
}

/** Writes a whole number from 0 to 2^53 - 1 as 64 bits, big-endian. */
export function writeU64BE(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const low = value >>> 0;
  bytes[at] = high >>> 24;
  bytes[at + 1] = high >>> 16;
  bytes[at + 2] = high >>> 8;
  bytes[at + 3] = high;
  bytes[at + 4] = low >>> 24;
  bytes[at + 5] = low >>> 16;
  bytes[at + 6] = low >>> 8;
  bytes[at + 7] = low;
}

/** Reads an unsigned 64-bit little-endian integer; values above 2^53 - 1 lose their low bits. */
export function readU64LE(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at + 7]! << 24) | (bytes[at + 6]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 4]!) >>> 0) * TWO_32 +
    (((bytes[at + 3]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!) >>> 0)
  );
}

/** Writes a whole number from 0 to 2^53 - 1 as 64 bits, little-endian. */
export function writeU64LE(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const low = value >>> 0;
  bytes[at] = low;
  bytes[at + 1] = low >>> 8;
  bytes[at + 2] = low >>> 16;
  bytes[at + 3] = low >>> 24;
  bytes[at + 4] = high;
  bytes[at + 5] = high >>> 8;
  bytes[at + 6] = high >>> 16;
  bytes[at + 7] = high >>> 24;
}

const SPACE = 0x20;

/** Reads a left-justified, space-padded text field (Latin-1), without its trailing spaces. */
export function readAlpha(bytes: Uint8Array, at: number, length: number): string {
  let end = at + length;
  while (end > at && bytes[end - 1] === SPACE) end--;
  let text = '';
  for (let i = at; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Writes text (Latin-1) left-justified and padded with spaces; what does not fit is cut. */
export function writeAlpha(bytes: Uint8Array, at: number, length: number, text: string): void {
  for (let i = 0; i < length; i++) bytes[at + i] = i < text.length ? text.charCodeAt(i) : SPACE;
}

/** Whether `length` bytes of `a` at `aAt` equal those of `b` at `bAt`. */
export function alphaEquals(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start)).toString('hex');
}
