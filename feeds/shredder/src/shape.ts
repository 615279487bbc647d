/** Whether a token has a form, character by character: `9` a digit, `A` a letter, anything else itself. */
export function hasShape(token: string, shape: string): boolean {
  if (token.length !== shape.length) return false;
  for (let at = 0; at < shape.length; at++) {
    const code = token.charCodeAt(at);
    const wanted = shape[at]!;
    const fits = wanted === '9' ? isDigit(code) : wanted === 'A' ? isLetter(code) : token[at] === wanted;
    if (!fits) return false;
  }
  return true;
}

/**
 * Where text for people has a number that damage has made, or -1: a letter between digits (`2O9`) or between a digit and a
 * point (`4.O5`), digits after a comma that aren't three, a character that isn't printable ASCII.
 */
export function proseFault(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return at;
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + 1);
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
      if (digits !== 3) return at;
    }
  }
  return -1;
}

const COMMA = 0x2c;

function isSeparator(code: number): boolean {
  return code === COMMA || code === 0x2e;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
