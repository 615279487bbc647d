import { createHash } from 'node:crypto';
import { backgroundOf, foregroundOf } from './cell.ts';
import { TRUE_COLOUR } from './colour.ts';
import type { Page } from './page.ts';

const CELL_BYTES = 18;
/** Stands before red, green and blue, so that they are no code. */
const RGB = 0x0100_0000;

/**
 * SHA-256 (hexadecimal) over what a page shows: size and cells, with colours given by red, green and blue as these,
 * whatever codes they have in the page. Equal for pages that `sameCell` finds the same throughout. Slow.
 */
export function digestPage(page: Page): string {
  const { rows, columns, text, style, extra, colours } = page;
  const colourOf = (code: number): number => (code < TRUE_COLOUR ? code : RGB | (colours?.rgbOf(code) ?? 0));
  const cells = Buffer.alloc(rows * columns * CELL_BYTES);
  for (let i = 0, at = 0; i < text.length; i++, at += CELL_BYTES) {
    cells.writeUInt32BE(text[i]!, at);
    cells.writeUInt16BE(extra[i]!, at + 4);
    cells.writeUInt32BE(style[i]! >>> 20, at + 6);
    cells.writeUInt32BE(colourOf(foregroundOf(style[i]!)), at + 10);
    cells.writeUInt32BE(colourOf(backgroundOf(style[i]!)), at + 14);
  }
  return createHash('sha256').update(`${rows}x${columns}\n`).update(cells).digest('hex');
}
