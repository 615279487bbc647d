// How the cells of a page stand in PAGE_IMAGE and PAGE_UPDATE; docs/wire.md describes it byte by byte. A run is an array
//
//     [skip, cells, style?, sort?, extra?]
//
// of cells that look alike: `skip` cells after the end of the run before (row after row, the message's first run counts from
// the top left), `cells` their characters as text or the number of blanks. What is 0 at the end is left out.

/** Bounds on a page's size. */
export const PAGE_ROWS_MAX = 500;
export const PAGE_COLUMNS_MAX = 500;
/** The colours of a style from this one on are those of the message's own list; those before it have fixed meanings. */
export const PAGE_OWN_COLOUR = 273;

/** Widths in a run's sort. A page has the first, and the halves one by one; on the wire two halves of a character are one. */
export const RunWidth = { SINGLE: 0, DOUBLE: 1, RIGHT_HALF: 2, LEFT_HALF: 3 } as const;

/** The set and the trust in a run's sort. */
export const SORT_LOOK_MASK = 0x1ff;
/** Bits 0–6 of a sort are the character set, 7–8 the trust, 9–10 the width. */
export const SORT_WIDTH_SHIFT = 9;
/** Highest sort. */
export const SORT_MAX = 0x7ff;
/** Highest style word: its top bit is not used. */
export const STYLE_MAX = 0x7fff_ffff;
/** Highest extra word. */
export const EXTRA_MAX = 0xffff;
/** Elements of a PAGE_IMAGE before its runs: head, item, flags, part, rows, columns, colours. */
export const IMAGE_ELEMENTS = 7;
/** Elements of a PAGE_UPDATE before its runs: head, item, flags, colours. */
export const UPDATE_ELEMENTS = 4;
/** Bound on elements: each run takes three bytes at least. */
export const PAGE_ELEMENTS_MAX = 500;
