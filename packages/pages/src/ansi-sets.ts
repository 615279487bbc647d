// Character sets of the page services. Two of them are Unicode characters of their own and are kept as those; the
// others are private, and their bytes are kept beside the set's name.

/** DEC special graphics, 60 to 7E. */
const LINES = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

/** US ASCII: set 0 in cells. */
export const ASCII = 0x42;
/** VT100 line graphics. */
const LINE_GRAPHICS = 0x30;
const UK = 0x41;

/** The character that a byte (20 to 7E) stands for in a set. */
export function codePointIn(set: number, byte: number): number {
  if (set === LINE_GRAPHICS && byte >= 0x60) return LINES.charCodeAt(byte - 0x60);
  if (set === UK && byte === 0x23) return 0xa3;
  return byte;
}

/** The byte that stands for a character in a set, or -1: the other way round. */
export function byteIn(set: number, codePoint: number): number {
  if (codePoint > 0x7e && set === LINE_GRAPHICS) {
    const index = LINES.indexOf(String.fromCharCode(codePoint));
    return index < 0 ? -1 : 0x60 + index;
  }
  if (set === UK && codePoint === 0xa3) return 0x23;
  if (codePoint < 0x20 || codePoint > 0x7e) return -1;
  return codePointIn(set, codePoint) === codePoint ? codePoint : -1;
}
