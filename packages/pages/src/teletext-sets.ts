// Characters of teletext, level 1: the Latin set with its national places, and mosaics.

/** Codes that mean another character in each country. */
const PLACES = [0x23, 0x24, 0x40, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x7b, 0x7c, 0x7d, 0x7e];

/** By the option number C12 C13 C14. */
const OPTIONS = [
  '£$@←½→↑#—¼‖¾÷', // English
  '#$§ÄÖÜ^_°äöüß', // German
  '#¤ÉÄÖÅÜ_éäöåü', // Swedish, Finnish, Hungarian
  '£$é°ç→↑#ùàòèì', // Italian
  'éïàëêùî#èâôûç', // French
  'ç$¡áéíóú¿üñèà', // Portuguese, Spanish
  '#ůčťžýířéáěúš', // Czech, Slovak
];

const FULL_BLOCK = 0x25a0;
const SEXTANTS = 0x1fb00;

/** Characters by national option and code. */
const TABLES: readonly Uint16Array[] = OPTIONS.map((characters) => {
  const table = Uint16Array.from({ length: 128 }, (_, code) => code);
  for (const [i, place] of PLACES.entries()) table[place] = characters.charCodeAt(i);
  table[0x7f] = FULL_BLOCK;
  return table;
});

/** The character of a code (20 to 7F); options that are not given are English. */
export function latinCharacter(option: number, code: number): number {
  return (TABLES[option] ?? TABLES[0]!)[code]!;
}

/** Whether a code is a block in mosaic mode; 40 to 5F stay letters. */
export function isMosaic(code: number): boolean {
  return code >= 0x20 && (code & 0x20) !== 0;
}

/** The character of a mosaic: two by three blocks, as Unicode has them. */
export function mosaicCharacter(code: number): number {
  const blocks = (code & 0x1f) | ((code & 0x40) >> 1);
  switch (blocks) {
    case 0:
      return 0x20;
    case 0x15:
      return 0x258c; // left half
    case 0x2a:
      return 0x2590; // right half
    case 0x3f:
      return 0x2588;
  }
  return SEXTANTS + blocks - 1 - (blocks > 0x15 ? 1 : 0) - (blocks > 0x2a ? 1 : 0);
}
