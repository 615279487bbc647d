/** Whether a token has a form, character by character: `9` a digit, `A` a letter, anything else itself. */
export function hasShape(token: string, shape: string): boolean {
  if (token.length !== shape.length) return false;
  for (let at = 0; at < shape.length; at++) {
    const code = token.charCodeAt(at);
    const wanted = shape.charCodeAt(at);
    const fits = wanted === NINE ? isDigit(code) : wanted === CAPITAL_A ? isLetter(code) : code === wanted;
    if (!fits) return false;
  }
  return true;
}

/**
 * Where text for people shows damage, or -1: two blanks side by side (something is gone, or two columns have met); a character
 * that isn't printable ASCII or that nobody writes; a question mark or per cent within a word; a figure at the end of one; a letter between digits (`2O9`), between a digit and a
 * point (`4.O5`), or beside a digit that it looks like; digits after a comma that aren't three.
 */
export function proseFault(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || UNUSUAL[code] === 1) return at;
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + 1);
    if (code === 0x20 && after === 0x20) return at;
    if ((code === QUESTION || code === PER_CENT) && (isDigit(after) || isLetter(after))) return at;
    // A1, Q3, FY24: but no figure is written at the end of a word.
    if (isDigit(code) && isLetter(before) && isLetter(text.charCodeAt(at - 2)) && isLetter(text.charCodeAt(at - 3)))
      return at;
    if (LIKE_DIGITS[code] === 1 && (isDigit(before) || isDigit(after))) return at;
    if (isLetter(code)) {
      if (isDigit(before) && isDigit(after)) return at;
      const besidePoint = isSeparator(before) && isDigit(text.charCodeAt(at - 2));
      if (besidePoint && isDigit(after)) return at;
      if (besidePoint && !isLetter(after)) return at;
      if (isSeparator(after) && isDigit(text.charCodeAt(at + 2)) && !isLetter(before)) return at;
    }
    if (code === COMMA && isDigit(before) && isDigit(after)) {
      let digits = 0;
      while (isDigit(text.charCodeAt(at + 1 + digits))) digits++;
      if (digits !== 3 || countDigitsBefore(text, at) > 3) return at;
    }
  }
  return -1;
}

function countDigitsBefore(text: string, at: number): number {
  let digits = 0;
  while (isDigit(text.charCodeAt(at - 1 - digits))) digits++;
  return digits;
}

const COMMA = 0x2c;
const NINE = 0x39;
const CAPITAL_A = 0x41;
const QUESTION = 0x3f;
const PER_CENT = 0x25;
const UNUSUAL = codesOf('#@~^*|_=\\`{}<>');
const LIKE_DIGITS = codesOf('OIlZ');

/** By code of an ASCII character: 1 where it is one of those in a text. */
function codesOf(characters: string): Uint8Array {
  const codes = new Uint8Array(0x80);
  for (let at = 0; at < characters.length; at++) codes[characters.charCodeAt(at)] = 1;
  return codes;
}

function isSeparator(code: number): boolean {
  return code === COMMA || code === 0x2e;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
