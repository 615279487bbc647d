/** Stands for bytes that make no character. */
export const REPLACEMENT = 0xfffd;
/** What `push` says while a character is not complete. */
export const INCOMPLETE = -1;
/** What `push` says to a byte that makes no character. */
export const INVALID = -3;
/** What `push` says where bytes make no character and the last of them begins another: give it once more. */
export const INVALID_AGAIN = -2;

/** Makes characters out of UTF-8, byte by byte. */
export class Utf8Reader {
  #codePoint = 0;
  /** Bytes still to come. */
  #missing = 0;
  /** The least and the greatest that the next byte may be. */
  #least = 0x80;
  #most = 0xbf;

  /** Whether a character has begun and not ended. */
  get isInside(): boolean {
    return this.#missing > 0;
  }

  /** Forgets the character that has begun. */
  reset(): void {
    this.#missing = 0;
  }

  /** A code point, `INCOMPLETE`, `INVALID` or `INVALID_AGAIN`. */
  push(byte: number): number {
    if (this.#missing === 0) return this.#begin(byte);
    if (byte < this.#least || byte > this.#most) {
      this.#missing = 0;
      return INVALID_AGAIN;
    }
    this.#least = 0x80;
    this.#most = 0xbf;
    this.#codePoint = (this.#codePoint << 6) | (byte & 0x3f);
    return --this.#missing === 0 ? this.#codePoint : INCOMPLETE;
  }

  #begin(byte: number): number {
    if (byte < 0x80) return byte;
    if (byte < 0xc2 || byte > 0xf4) return INVALID;
    // No overlong forms, no surrogates, nothing above 10FFFF.
    this.#least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#codePoint = byte & (byte < 0xe0 ? 0x1f : byte < 0xf0 ? 0x0f : 0x07);
    return INCOMPLETE;
  }
}
