import { TickerError } from '@tickerplant/core';
import { FRAME_BYTES_MAX, FrameType, LENGTH_BYTES, PROTOCOL_VERSION, TEXT_BYTES_MAX, ValueKind } from './messages.ts';

/** A value of a field as the vendor's server has it. */
export type VendorValue =
  | { readonly kind: typeof ValueKind.BLANK }
  | { readonly kind: typeof ValueKind.WHOLE; readonly value: number }
  | { readonly kind: typeof ValueKind.DECIMAL; readonly mantissa: number; readonly exponent: number }
  | { readonly kind: typeof ValueKind.TEXT; readonly text: string };

/** Field number and value. */
export type VendorPair = readonly [id: number, value: VendorValue];

const scratch = Buffer.alloc(LENGTH_BYTES + FRAME_BYTES_MAX);
let at = 0;

function begin(type: number): void {
  at = LENGTH_BYTES;
  scratch[at++] = type;
}

function end(): Buffer {
  scratch.writeUInt16BE(at - LENGTH_BYTES, 0);
  return Buffer.from(scratch.subarray(0, at));
}

function text(value: string): void {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length > TEXT_BYTES_MAX) {
    const message = `expected a text of at most ${TEXT_BYTES_MAX} bytes, got ${bytes.length}`;
    throw new TickerError('INTERACTIVE_TEXT_TOO_LONG', message);
  }
  scratch[at++] = bytes.length;
  bytes.copy(scratch, at);
  at += bytes.length;
}

function u32(value: number): void {
  at = scratch.writeUInt32BE(value, at);
}

function fields(pairs: readonly VendorPair[]): void {
  at = scratch.writeUInt16BE(pairs.length, at);
  for (const [id, value] of pairs) {
    at = scratch.writeUInt16BE(id, at);
    scratch[at++] = value.kind;
    switch (value.kind) {
      case ValueKind.BLANK:
        break;
      case ValueKind.WHOLE:
        at = scratch.writeBigInt64BE(BigInt(value.value), at);
        break;
      case ValueKind.DECIMAL:
        at = scratch.writeInt8(value.exponent, at);
        at = scratch.writeBigInt64BE(BigInt(value.mantissa), at);
        break;
      case ValueKind.TEXT:
        text(value.text);
        break;
    }
  }
}

/** @throws TickerError `INTERACTIVE_TEXT_TOO_LONG` */
export function encodeLogon(user: string): Buffer {
  begin(FrameType.LOGON);
  scratch[at++] = PROTOCOL_VERSION;
  text(user);
  return end();
}

/** @throws TickerError `INTERACTIVE_TEXT_TOO_LONG` */
export function encodeRequest(request: number, symbol: string): Buffer {
  begin(FrameType.REQUEST);
  u32(request);
  text(symbol);
  return end();
}

export function encodeClose(request: number): Buffer {
  begin(FrameType.CLOSE);
  u32(request);
  return end();
}

export function encodeAccepted(heartbeatLimitMs: number): Buffer {
  begin(FrameType.ACCEPTED);
  u32(heartbeatLimitMs);
  return end();
}

export function encodeRejected(reason: string): Buffer {
  begin(FrameType.REJECTED);
  text(reason);
  return end();
}

/** @param pairs at most as many as the vendor has fields */
export function encodeImage(request: number, pairs: readonly VendorPair[]): Buffer {
  begin(FrameType.IMAGE);
  u32(request);
  fields(pairs);
  return end();
}

/** As `encodeImage`, of the fields that changed. */
export function encodeUpdate(request: number, pairs: readonly VendorPair[]): Buffer {
  begin(FrameType.UPDATE);
  u32(request);
  fields(pairs);
  return end();
}

export function encodeStatus(request: number, status: number, reason: string): Buffer {
  begin(FrameType.STATUS);
  u32(request);
  scratch[at++] = status;
  text(reason);
  return end();
}

export function encodeHeartbeat(): Buffer {
  begin(FrameType.HEARTBEAT);
  return end();
}

export function encodeLogout(): Buffer {
  begin(FrameType.LOGOUT);
  return end();
}
