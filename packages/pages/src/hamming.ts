// Codings of World System Teletext (ETS 300 706, 8.1 and 8.2).

/** What `hamming84` says of a byte with two wrong bits. */
export const UNCORRECTABLE = -1;

const HAMMING = Uint8Array.of(
  ...[0x15, 0x02, 0x49, 0x5e, 0x64, 0x73, 0x38, 0x2f, 0xd0, 0xc7, 0x8c, 0x9b, 0xa1, 0xb6, 0xfd, 0xea],
);

/** The nibble by byte; 16 added where a bit was corrected, UNCORRECTABLE where two are wrong. */
const NIBBLES: Int8Array = (() => {
  const table = new Int8Array(256).fill(UNCORRECTABLE);
  for (let nibble = 0; nibble < 16; nibble++) {
    table[HAMMING[nibble]!] = nibble;
    for (let bit = 0; bit < 8; bit++) table[HAMMING[nibble]! ^ (1 << bit)] = nibble | 0x10;
  }
  return table;
})();

/** Seven bits by byte, -1 where the parity is even. */
const CHARACTERS: Int8Array = (() => {
  const table = new Int8Array(256).fill(-1);
  for (let code = 0; code < 128; code++) table[oddParity(code)] = code;
  return table;
})();

/** The byte of a nibble (0 to 15). */
export function hammingByte(nibble: number): number {
  return HAMMING[nibble & 15]!;
}

/** The nibble of a byte, or `UNCORRECTABLE`. */
export function hammingNibble(byte: number): number {
  const entry = NIBBLES[byte]!;
  return entry < 0 ? entry : entry & 15;
}

/** Whether a byte had a wrong bit that was corrected. */
export function isCorrected(byte: number): boolean {
  return (NIBBLES[byte]! & 0x10) !== 0 && NIBBLES[byte]! > 0;
}

/** The byte of a character of seven bits, made odd. */
export function oddParity(code: number): number {
  let parity = code ^ (code >> 4);
  parity ^= parity >> 2;
  parity ^= parity >> 1;
  return (parity & 1) === 0 ? code | 0x80 : code & 0x7f;
}

/** The character of a byte, or -1 where its parity is wrong. */
export function parityCharacter(byte: number): number {
  return CHARACTERS[byte]!;
}
