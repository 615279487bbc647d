// A cell is two words of 32 bits and one of 16, each a number, so that a page is three typed arrays. The last one is shared
// by all pages that have no sizes and no fades.
//
//   text   0–20 code point · 21–27 character set · 28–29 trust · 30–31 width
//   style  0–9 foreground · 10–19 background · 20–30 flags
//   extra  0–2 size · 3–7 fade flags · 8–11 fade foreground · 12–15 fade background
//
// Words may have their top bit set: compare them with ^, not with ===, unless both come out of a page.

/** How far a cell can be believed. */
export const Trust = {
  OK: 0,
  /** A transmission error or a byte of no known meaning: what is shown may be wrong. */
  DAMAGED: 1,
  /** Nothing has been heard of this cell yet. */
  NEVER_SET: 2,
} as const;

export type Trust = (typeof Trust)[keyof typeof Trust];

/** Characters that take two columns lie in two cells. */
export const Width = { SINGLE: 0, LEFT_HALF: 1, RIGHT_HALF: 2 } as const;

export type Width = (typeof Width)[keyof typeof Width];

/** Double height is a cell above and a cell below, both with the whole character. */
export const Size = {
  NORMAL: 0,
  DOUBLE_WIDTH: 1,
  HEIGHT_TOP: 2,
  HEIGHT_BOTTOM: 3,
  BOTH_TOP: 4,
  BOTH_BOTTOM: 5,
} as const;

export type Size = (typeof Size)[keyof typeof Size];

/** Bits of the style word. */
export const Style = {
  BOLD: 0x0010_0000,
  DIM: 0x0020_0000,
  ITALIC: 0x0040_0000,
  BLINK: 0x0080_0000,
  REVERSE: 0x0100_0000,
  UNDERLINE: 0x0200_0000,
  DOUBLE_UNDERLINE: 0x0400_0000,
  WAVY_UNDERLINE: 0x0600_0000,
  STRUCK: 0x0800_0000,
  CONCEAL: 0x1000_0000,
  PROTECTED: 0x2000_0000,
  /** The text goes on in the next row (a terminal's wrapped line). */
  WRAPPED: 0x4000_0000,
} as const;

/** Both bits of the kind of underline. */
export const UNDERLINE_MASK: number = 3 << 25;

/** Bits of the extra word: attributes shown for a short time after a change. */
export const Fade = { BOLD: 0x08, DIM: 0x10, BLINK: 0x20, REVERSE: 0x40, UNDERLINE: 0x80 } as const;

const CODE_POINT_MASK = 0x1f_ffff;
const BLANK = 0x20;

/** The text word of an empty cell: a blank that is known to be one. */
export const BLANK_TEXT: number = BLANK;
/** The text word of a cell that nothing has been heard of. */
export const NEVER_SET_TEXT: number = (BLANK | (Trust.NEVER_SET << 28)) >>> 0;

/**
 * Makes a text word.
 *
 * @param codePoint 0 to 10FFFF.
 * @param set the final byte of the set's designation (30 to 7E), 0 for Unicode as it is.
 */
export function textWord(codePoint: number, set = 0, trust: Trust = Trust.OK, width: Width = Width.SINGLE): number {
  return (codePoint | (set << 21) | (trust << 28) | (width << 30)) >>> 0;
}

export function codePointOf(text: number): number {
  return text & CODE_POINT_MASK;
}

export function setOf(text: number): number {
  return (text >>> 21) & 0x7f;
}

export function trustOf(text: number): Trust {
  return ((text >>> 28) & 3) as Trust;
}

export function widthOf(text: number): Width {
  return (text >>> 30) as Width;
}

export function foregroundOf(style: number): number {
  return style & 0x3ff;
}

export function backgroundOf(style: number): number {
  return (style >>> 10) & 0x3ff;
}

export function withForeground(style: number, colour: number): number {
  return (style & ~0x3ff) | colour;
}

export function withBackground(style: number, colour: number): number {
  return (style & ~0xf_fc00) | (colour << 10);
}

/** What of a style fills erased cells on terminals: the background alone. */
export function backgroundOnly(style: number): number {
  return style & 0xf_fc00;
}

export function sizeOf(extra: number): Size {
  return (extra & 7) as Size;
}

/** 0 when unset, else 1 to 8. */
export function fadeForegroundOf(extra: number): number {
  return (extra >>> 8) & 15;
}

/** 0 when unset, else 1 to 8. */
export function fadeBackgroundOf(extra: number): number {
  return (extra >>> 12) & 15;
}
