import { TickerError } from '@tickerplant/core';
import { CONTENT_BYTES_MAX, type PageFormat } from '../payload.ts';
import { FRAME_BYTES_MAX, FrameType, LENGTH_BYTES, PROTOCOL_VERSION, TEXT_BYTES_MAX } from './messages.ts';

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
    throw new TickerError('PAGES_TEXT_TOO_LONG', message);
  }
  scratch[at++] = bytes.length;
  bytes.copy(scratch, at);
  at += bytes.length;
}

function u16(value: number): void {
  at = scratch.writeUInt16BE(value, at);
}

function u32(value: number): void {
  at = scratch.writeUInt32BE(value, at);
}

function content(bytes: Uint8Array): void {
  if (bytes.length > CONTENT_BYTES_MAX) {
    const message = `expected a content of at most ${CONTENT_BYTES_MAX} bytes, got ${bytes.length}`;
    throw new TickerError('PAGES_CONTENT_TOO_LONG', message);
  }
  scratch.set(bytes, at);
  at += bytes.length;
}

/** @throws TickerError `PAGES_TEXT_TOO_LONG` */
export function encodeLogon(user: string): Buffer {
  begin(FrameType.LOGON);
  scratch[at++] = PROTOCOL_VERSION;
  text(user);
  return end();
}

/** @throws TickerError `PAGES_TEXT_TOO_LONG` */
export function encodeRequest(request: number, page: string): Buffer {
  begin(FrameType.REQUEST);
  u32(request);
  text(page);
  return end();
}

export function encodeRelease(request: number): Buffer {
  begin(FrameType.RELEASE);
  u32(request);
  return end();
}

/** @param pagesMax,requestsPerSecond 0: no such limit */
export function encodeAccepted(heartbeatLimitMs: number, pagesMax: number, requestsPerSecond: number): Buffer {
  begin(FrameType.ACCEPTED);
  u32(heartbeatLimitMs);
  u32(pagesMax);
  u32(requestsPerSecond);
  return end();
}

/** @throws TickerError `PAGES_TEXT_TOO_LONG` */
export function encodeRejected(reason: string): Buffer {
  begin(FrameType.REJECTED);
  text(reason);
  return end();
}

/** @throws TickerError `PAGES_CONTENT_TOO_LONG` */
export function encodeImage(
  request: number,
  format: PageFormat,
  rows: number,
  columns: number,
  bytes: Uint8Array,
): Buffer {
  begin(FrameType.IMAGE);
  u32(request);
  scratch[at++] = format;
  u16(rows);
  u16(columns);
  content(bytes);
  return end();
}

/** @throws TickerError `PAGES_CONTENT_TOO_LONG` */
export function encodeUpdate(request: number, format: PageFormat, bytes: Uint8Array): Buffer {
  begin(FrameType.UPDATE);
  u32(request);
  scratch[at++] = format;
  content(bytes);
  return end();
}

/** @throws TickerError `PAGES_TEXT_TOO_LONG` */
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
