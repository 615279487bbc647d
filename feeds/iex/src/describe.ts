import { Decimal, readAlpha } from '@tickerplant/core';
import { readBigI64, readU32 } from './int64.ts';
import { type FieldLayout, messageLayout, PRICE_EXPONENT } from './messages.ts';
import { HEADER_CHANNEL, HEADER_SEND_TIME, HEADER_SESSION, HEADER_STREAM_OFFSET } from './segment.ts';

/** A flags field: each named bit as 0 or 1, and the names of those set, joined by `|`, under `_`. */
export interface DescribedFlags {
  readonly [bit: string]: number | string;
}

/** Text, a whole number up to 2^53, or (larger numbers, times, prices with a fraction) digits as text. */
export type DescribedValue = string | number | DescribedFlags;

/** A message in the form of the captures' ground truth. */
export interface DescribedMessage {
  /** `Quote Update Message (Q)`. */
  readonly type: string;
  readonly fields: Readonly<Record<string, DescribedValue>>;
}

/** The facts of a segment header that the captures' ground truth gives with each message. */
export interface DescribedHeader {
  readonly session: number;
  readonly channel: number;
  readonly streamOffset: number | string;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly sendTime: string;
}

/**
 * Every field of a message (`length` bytes at `at`, without the block's length), for people and for
 * `ticker decode`. Bytes beyond the layout are left out.
 *
 * @returns undefined for an unknown type or a message shorter than its type needs; never throws.
 */
export function describeMessage(bytes: Uint8Array, at: number, length: number): DescribedMessage | undefined {
  if (length === 0 || at + length > bytes.length) return undefined;
  const layout = messageLayout(bytes[at]!);
  if (layout === undefined || length < layout.length) return undefined;
  const fields: Record<string, DescribedValue> = {};
  for (const field of layout.fields) fields[field.name] = describeField(bytes, at + field.offset, field);
  return { type: layout.type, fields };
}

/** The header of a segment that has been checked (at least 40 bytes at `at`). */
export function describeHeader(bytes: Uint8Array, at = 0): DescribedHeader {
  return {
    session: readU32(bytes, at + HEADER_SESSION),
    channel: readU32(bytes, at + HEADER_CHANNEL),
    streamOffset: whole(readBigI64(bytes, at + HEADER_STREAM_OFFSET)),
    sendTime: String(readBigI64(bytes, at + HEADER_SEND_TIME)),
  };
}

function describeField(bytes: Uint8Array, at: number, field: FieldLayout): DescribedValue {
  switch (field.kind) {
    case 'text':
      return readAlpha(bytes, at, field.length);
    case 'unsigned':
      return field.length === 1 ? bytes[at]! : readU32(bytes, at);
    case 'flags':
      return describeFlags(bytes[at]!, field);
    case 'price':
      return describePrice(readBigI64(bytes, at));
    case 'id':
      return whole(readBigI64(bytes, at));
    case 'time':
      return String(readBigI64(bytes, at));
    case 'extension':
      return bytes[at] === 0 ? '' : bytes[at]!;
  }
}

function describeFlags(value: number, field: FieldLayout): DescribedFlags {
  const set = field.flags.filter((flag) => (value & flag.mask) !== 0);
  const bits: Record<string, number | string> = set.length === 0 ? {} : { _: set.map((flag) => flag.label).join('|') };
  for (const flag of field.flags) bits[flag.name] = (value & flag.mask) === 0 ? 0 : 1;
  return bits;
}

/** Dollars: a number when whole, else the digits: `10`, `"148.91"`. */
function describePrice(mantissa: bigint): number | string {
  const text = new Decimal(mantissa, PRICE_EXPONENT).toShortString();
  return text.includes('.') ? text : whole(BigInt(text));
}

function whole(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
