// A message block is a 16-bit length and that many bytes of data. These walk blocks that have been checked
// already: by the framing's `parse`, or because we wrote them.
//
// To visit the messages of a run without allocating:
//
//   for (let at = start; at < end; ) {
//     const length = (bytes[at]! << 8) | bytes[at + 1]!;      // little-endian framings: swap the two
//     // the data: bytes[at + 2, at + 2 + length)
//     at += 2 + length;
//   }

/** Bytes of a block besides its data. */
export const BLOCK_HEADER_BYTES = 2;

/** Where the block at `at` ends, its length being big-endian. */
export function blockEndBE(bytes: Uint8Array, at: number): number {
  return at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
}

/** Where the block at `at` ends, its length being little-endian. */
export function blockEndLE(bytes: Uint8Array, at: number): number {
  return at + 2 + (bytes[at]! | (bytes[at + 1]! << 8));
}

/** Where the block after `count` blocks from `at` begins. */
export function skipBlocks(bytes: Uint8Array, at: number, count: number, littleEndian: boolean): number {
  if (littleEndian) for (; count > 0; count--) at = blockEndLE(bytes, at);
  else for (; count > 0; count--) at = blockEndBE(bytes, at);
  return at;
}
