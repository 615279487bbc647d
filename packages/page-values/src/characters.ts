import type { RejectCode, Rejection } from './types.ts';

// Scanners look at UTF-16 code units: everything a number may hold is one unit, so half of a pair is just
// another character that cannot stand there.

export const BLANK = 0x20;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
export const ZERO = 0x30;
export const SLASH = 0x2f;

/** Whether the code is one of 0 to 9 (and no other digit that Unicode knows). */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The first place from `from` on that holds no blank; `end` at most. */
export function skipBlanks(text: string, from: number, end: number): number {
  while (from < end && text.charCodeAt(from) === BLANK) from++;
  return from;
}

/** Where the blanks before `end` begin; `from` at least. */
export function skipBlanksBack(text: string, from: number, end: number): number {
  while (end > from && text.charCodeAt(end - 1) === BLANK) end--;
  return end;
}

/** A refusal at `offset`. */
export function reject(code: RejectCode, expected: string, offset: number): Rejection {
  return { outcome: 'reject', code, expected, offset };
}

/** Digits, letters, hyphens and slashes of any script: what a page may hold instead of the ASCII ones. */
const FOREIGN = /^[\p{Nd}\p{No}\p{L}\p{Pd}\u2044\u2212\u2215]$/u;

/** What a character is called in a message: `the letter O`, `U+2212`, `'/'`. */
export function nameOf(code: number): string {
  if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a))
    return `the letter ${String.fromCharCode(code)}`;
  if (code > 0x20 && code < 0x7f) return `'${String.fromCharCode(code)}'`;
  if (code === BLANK) return 'a blank';
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Letters that are taken for digits by a tired eye or a bad line: O o Q D l I i S B Z. */
const LETTERS_LIKE_DIGITS: ReadonlySet<number> = new Set([...'OoQDlIiSBZz'].map((letter) => letter.charCodeAt(0)));

/**
 * Refuses the character at `offset`, or the end of the text there.
 *
 * @param expected what should have stood there: `a digit`.
 */
export function unexpected(text: string, offset: number, end: number, expected: string): Rejection {
  if (offset >= end) return reject('ENDED', `${expected}, not the end`, offset);
  const code = text.charCodeAt(offset);
  const lookAlike = LETTERS_LIKE_DIGITS.has(code) || (code > 0x7e && FOREIGN.test(text[offset]!));
  return reject(lookAlike ? 'LOOK_ALIKE' : 'CHARACTER', `${expected}, not ${nameOf(code)}`, offset);
}
