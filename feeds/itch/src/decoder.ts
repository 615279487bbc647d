import { type ErrorContext, readAlpha, readU48BE, readU64BE } from '@tickerplant/core';
import {
  ADD_ORDER_PRICE,
  ADD_ORDER_REFERENCE,
  ADD_ORDER_SHARES,
  ADD_ORDER_SIDE,
  BUY,
  CANCEL_SHARES,
  EXECUTED_MATCH_NUMBER,
  EXECUTED_PRICE,
  EXECUTED_PRINTABLE,
  EXECUTED_SHARES,
  MESSAGES,
  messageLayout,
  ORDER_REPLACE,
  REPLACE_NEW_REFERENCE,
  REPLACE_PRICE,
  REPLACE_SHARES,
  STOCK_LENGTH,
  STOCK_LOCATE,
  TIMESTAMP,
  TRACKING_NUMBER,
  YES,
} from './messages.ts';

/** Why a message cannot be read: for the quarantine, returned and never thrown. */
export interface MessageFault {
  /**
   * - `ITCH_TOO_SHORT`: shorter than its type needs, empty, or cut off by the end of the bytes.
   * - `ITCH_UNKNOWN_TYPE`: to be passed over, says the specification.
   */
  readonly code: 'ITCH_TOO_SHORT' | 'ITCH_UNKNOWN_TYPE';
  /** What was expected and what came. */
  readonly message: string;
  readonly context: ErrorContext;
}

// By type byte; 0 stands for "no such type" and "has no such field".
const LENGTHS = new Uint8Array(256);
const STOCK_OFFSETS = new Uint8Array(256);
const REFERENCES = new Uint8Array(256);
for (const { code, length, fields } of MESSAGES) {
  LENGTHS[code] = length;
  for (const { name, offset } of fields) {
    if (name === 'stock') STOCK_OFFSETS[code] = offset;
    if (name.endsWith('ReferenceNumber')) REFERENCES[code] = REFERENCES[code]! + 1;
  }
}

/** Reads an unsigned 16-bit big-endian integer. */
export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Reads an unsigned 32-bit big-endian integer. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Reads an unsigned 64-bit big-endian integer exactly, whatever its size. For the rare value: it allocates. */
export function readBigU64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(readU32(bytes, at)) << 32n) | BigInt(readU32(bytes, at + 4));
}

/** Whether the unsigned 64-bit integer at `at` is at most 2^53 - 1, so that reading it as a number is exact. */
export function isSafeU64(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0 && bytes[at + 1]! < 0x20;
}

/** The letter of the message that begins at `start`; `''` where there is no byte. */
export function messageTypeCode(bytes: Uint8Array, start: number): string {
  const code = bytes[start];
  return code === undefined ? '' : String.fromCharCode(code);
}

/**
 * Whether the `length` bytes from `start` are a message that can be read. One that is longer than its type says is
 * fine, its known prefix counts: later editions append fields. What the fields say is not judged.
 *
 * @returns undefined, or the fault: `ITCH_TOO_SHORT` (also for no bytes at all, and for a length that runs past the
 * end of `bytes`) or `ITCH_UNKNOWN_TYPE`.
 */
export function checkMessage(bytes: Uint8Array, start: number, length: number): MessageFault | undefined {
  const needed = length > 0 && length <= bytes.length - start ? LENGTHS[bytes[start]!]! : 0;
  return needed !== 0 && length >= needed ? undefined : faultOf(bytes, start, length);
}

function faultOf(bytes: Uint8Array, start: number, length: number): MessageFault {
  const there = Math.max(0, bytes.length - start);
  if (length > there) {
    const message = `expected a message of ${length} bytes, got the ${there} that are left`;
    return { code: 'ITCH_TOO_SHORT', message, context: { start, length, available: there } };
  }
  if (length <= 0) {
    const message = `expected a message of at least 1 byte, got ${length}`;
    return { code: 'ITCH_TOO_SHORT', message, context: { start, length } };
  }
  const code = bytes[start]!;
  const layout = messageLayout(code);
  if (layout === undefined) {
    const shown = code > 0x20 && code < 0x7f ? `'${String.fromCharCode(code)}' ` : '';
    const came = `${shown}0x${code.toString(16).padStart(2, '0')} in ${length} bytes`;
    const message = `expected one of the 23 ITCH 5.0 message types, got ${came}`;
    return { code: 'ITCH_UNKNOWN_TYPE', message, context: { start, length, type: code } };
  }
  const message = `expected at least ${layout.length} bytes of a '${layout.type}' (${layout.name}), got ${length}`;
  return { code: 'ITCH_TOO_SHORT', message, context: { start, length, type: layout.type, expected: layout.length } };
}

const NO_BYTES = new Uint8Array(0);

/**
 * A view of one message: nothing is read until asked for, nothing is allocated. Wrap it round one message after
 * the other. The getters do not check the type: ask only for what the type has (`type` is in a `switch` anyway),
 * any other field through `u16` to `text` at its named offset.
 *
 * Where every nanosecond counts, `checkMessage` and the free functions (`readU32(bytes, start + ADD_ORDER_PRICE)`)
 * do the same work without the object, in little more than half the time.
 *
 * Borrowed: it holds no copy of the bytes, so it is good for as long as they are.
 */
export class ItchMessage {
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  /** Bytes on the wire; may be more than the type needs. */
  length = 0;
  /** The letter's byte: `ADD_ORDER`, … */
  type = 0;

  /**
   * Points the view at a message.
   *
   * @returns undefined, or the fault of `checkMessage`: the view then stays where it was.
   */
  wrap(bytes: Uint8Array, start: number, length: number): MessageFault | undefined {
    const fault = checkMessage(bytes, start, length);
    if (fault !== undefined) return fault;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.type = bytes[start]!;
    return undefined;
  }

  /** The day's number of the instrument; 0 where the message is not about one. */
  get stockLocate(): number {
    return readU16(this.bytes, this.start + STOCK_LOCATE);
  }

  get trackingNumber(): number {
    return readU16(this.bytes, this.start + TRACKING_NUMBER);
  }

  /** Nanoseconds since midnight, US Eastern time. */
  get timestampNs(): number {
    return readU48BE(this.bytes, this.start + TIMESTAMP);
  }

  /** The symbol, without the padding; `''` for a type without one. Allocates. */
  get stock(): string {
    const offset = this.stockOffset;
    return offset === 0 ? '' : readAlpha(this.bytes, this.start + offset, STOCK_LENGTH);
  }

  /** Where the 8 bytes of the symbol are, from the message type; 0 for a type without one (S V W E C X D U B). */
  get stockOffset(): number {
    return STOCK_OFFSETS[this.type]!;
  }

  /** A F E C X D U P. Exact where `hasSafeReferences`. For a replacement (U), the order that goes. */
  get orderReference(): number {
    return readU64BE(this.bytes, this.start + ADD_ORDER_REFERENCE);
  }

  /** U: the order that comes. */
  get newOrderReference(): number {
    return readU64BE(this.bytes, this.start + REPLACE_NEW_REFERENCE);
  }

  /** Whether all order references of the message (none, one or, in U, two) are at most 2^53 - 1. */
  get hasSafeReferences(): boolean {
    const count = REFERENCES[this.type]!;
    if (count === 0) return true;
    if (!isSafeU64(this.bytes, this.start + ADD_ORDER_REFERENCE)) return false;
    return count === 1 || isSafeU64(this.bytes, this.start + REPLACE_NEW_REFERENCE);
  }

  /** A F P. In P always true since July 2014, whichever side rested. */
  get isBuy(): boolean {
    return this.bytes[this.start + ADD_ORDER_SIDE] === BUY;
  }

  /** A F U P: the order's or trade's shares. */
  get shares(): number {
    return readU32(this.bytes, this.start + (this.type === ORDER_REPLACE ? REPLACE_SHARES : ADD_ORDER_SHARES));
  }

  /** A F U P, in 1/10,000 dollar. */
  get price(): number {
    return readU32(this.bytes, this.start + (this.type === ORDER_REPLACE ? REPLACE_PRICE : ADD_ORDER_PRICE));
  }

  /** E C: of this execution only. */
  get executedShares(): number {
    return readU32(this.bytes, this.start + EXECUTED_SHARES);
  }

  /** E C: names the execution for a later Broken Trade. */
  get executionMatchNumber(): number {
    return readU64BE(this.bytes, this.start + EXECUTED_MATCH_NUMBER);
  }

  /** C: whether the execution counts for last trade and volume. */
  get isPrintable(): boolean {
    return this.bytes[this.start + EXECUTED_PRINTABLE] === YES;
  }

  /** C, in 1/10,000 dollar. The order leaves the book at its display price all the same. */
  get executionPrice(): number {
    return readU32(this.bytes, this.start + EXECUTED_PRICE);
  }

  /** X: the shares taken off the order, not those that remain. */
  get canceledShares(): number {
    return readU32(this.bytes, this.start + CANCEL_SHARES);
  }

  /** One byte, such as a code letter. @param offset from the message type. */
  u8(offset: number): number {
    return this.bytes[this.start + offset]!;
  }

  /** @param offset from the message type. */
  u16(offset: number): number {
    return readU16(this.bytes, this.start + offset);
  }

  /** Also for prices in 1/10,000 dollar. @param offset from the message type. */
  u32(offset: number): number {
    return readU32(this.bytes, this.start + offset);
  }

  /** Exact where `isSafe`. @param offset from the message type. */
  u64(offset: number): number {
    return readU64BE(this.bytes, this.start + offset);
  }

  /** Exact for every value; allocates. @param offset from the message type. */
  bigU64(offset: number): bigint {
    return readBigU64(this.bytes, this.start + offset);
  }

  /** Whether the 64-bit field at `offset` is at most 2^53 - 1. */
  isSafe(offset: number): boolean {
    return isSafeU64(this.bytes, this.start + offset);
  }

  /** Text without its padding; allocates. @param offset from the message type. */
  text(offset: number, length: number): string {
    return readAlpha(this.bytes, this.start + offset, length);
  }
}
