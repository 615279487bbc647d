import { FrameType, VendorFrames } from '@tickerplant/feed-runtime';
import { FRAME_BYTES_MAX, TEXT_BYTES_MAX, ValueKind } from './messages.ts';

/** A value of a field as the vendor's server has it. */
export type VendorValue =
  | { readonly kind: typeof ValueKind.BLANK }
  | { readonly kind: typeof ValueKind.WHOLE; readonly value: number }
  | { readonly kind: typeof ValueKind.DECIMAL; readonly mantissa: number; readonly exponent: number }
  | { readonly kind: typeof ValueKind.TEXT; readonly text: string };

/** Field number and value. */
export type VendorPair = readonly [id: number, value: VendorValue];

export const FRAMES: VendorFrames = new VendorFrames({
  frameBytesMax: FRAME_BYTES_MAX,
  textBytesMax: TEXT_BYTES_MAX,
  limits: 0,
  codes: {
    badFrame: 'INTERACTIVE_BAD_FRAME',
    unknownFrame: 'INTERACTIVE_UNKNOWN',
    textTooLong: 'INTERACTIVE_TEXT_TOO_LONG',
  },
});

function encodeFields(type: number, request: number, pairs: readonly VendorPair[]): Buffer {
  FRAMES.begin(type).u32(request).u16(pairs.length);
  for (const [id, value] of pairs) {
    FRAMES.u16(id).u8(value.kind);
    switch (value.kind) {
      case ValueKind.BLANK:
        break;
      case ValueKind.WHOLE:
        FRAMES.i64(value.value);
        break;
      case ValueKind.DECIMAL:
        FRAMES.u8(value.exponent).i64(value.mantissa);
        break;
      case ValueKind.TEXT:
        FRAMES.text(value.text);
        break;
    }
  }
  return FRAMES.end();
}

/** @param pairs at most as many as the vendor has fields @throws TickerError `INTERACTIVE_TEXT_TOO_LONG` */
export function encodeImage(request: number, pairs: readonly VendorPair[]): Buffer {
  return encodeFields(FrameType.IMAGE, request, pairs);
}

/** As `encodeImage`, of the fields that changed. */
export function encodeUpdate(request: number, pairs: readonly VendorPair[]): Buffer {
  return encodeFields(FrameType.UPDATE, request, pairs);
}
