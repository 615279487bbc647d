import { TickerError } from '@tickerplant/core';
import { FrameType, VendorFrames } from '@tickerplant/feed-runtime';
import { CONTENT_BYTES_MAX, type PageFormat } from '../payload.ts';
import { FRAME_BYTES_MAX, TEXT_BYTES_MAX } from './messages.ts';

export const FRAMES: VendorFrames = new VendorFrames({
  frameBytesMax: FRAME_BYTES_MAX,
  textBytesMax: TEXT_BYTES_MAX,
  limits: 2,
  codes: {
    badFrame: 'PAGES_BAD_FRAME',
    unknownFrame: 'PAGES_UNKNOWN_FRAME',
    textTooLong: 'PAGES_TEXT_TOO_LONG',
  },
});

function checked(content: Uint8Array): Uint8Array {
  if (content.length <= CONTENT_BYTES_MAX) return content;
  const message = `expected a content of at most ${CONTENT_BYTES_MAX} bytes, got ${content.length}`;
  throw new TickerError('PAGES_CONTENT_TOO_LONG', message);
}

/** @throws TickerError `PAGES_CONTENT_TOO_LONG` */
export function encodeImage(
  request: number,
  format: PageFormat,
  rows: number,
  columns: number,
  content: Uint8Array,
): Buffer {
  return FRAMES.begin(FrameType.IMAGE).u32(request).u8(format).u16(rows).u16(columns).bytes(checked(content)).end();
}

/** @throws TickerError `PAGES_CONTENT_TOO_LONG` */
export function encodeUpdate(request: number, format: PageFormat, content: Uint8Array): Buffer {
  return FRAMES.begin(FrameType.UPDATE).u32(request).u8(format).bytes(checked(content)).end();
}
