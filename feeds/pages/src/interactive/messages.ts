// What frames carry besides what all of feeds/runtime/src/vendor-frames.ts have: docs/feeds/pages.md describes it byte by byte.
//
//     ACCEPTED   u32 heartbeat limit in ms, u32 most pages open at a time, u32 requests a second; 0: no such limit
//     IMAGE      u32 request, u8 format, u16 rows, u16 columns, content: the whole page
//     UPDATE     u32 request, u8 format, content: what changed

/** Longest frame, without its length. */
export const FRAME_BYTES_MAX = 65_535;
/** Longest text, in bytes of UTF-8. */
export const TEXT_BYTES_MAX = 120;
