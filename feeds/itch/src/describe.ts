import { Decimal, readAlpha, readU48BE } from '@tickerplant/core';
import { checkMessage, type MessageFault, readBigU64, readU16, readU32 } from './decoder.ts';
import { type FieldLayout, messageLayout } from './messages.ts';

/** The value of a field in the JSON form. */
export type DescribedValue = string | number;

/** A message with all its fields, ready for `JSON.stringify`. */
export interface DescribedMessage {
  /** Name and letter: `Stock Directory Message (R)`; `Unknown (z)` for a type that ITCH 5.0 does not have. */
  readonly type: string;
  /** In wire order, reserved bytes left out. */
  readonly fields: Record<string, DescribedValue>;
  /** What is wrong with the message; `fields` then has what could be read. */
  readonly fault?: MessageFault;
}

/**
 * All of a message, as a person or a script wants to read it.
 *
 * - whole numbers up to 2^53 are numbers, larger ones strings of digits;
 * - prices are in dollars: a number where whole, else an exact decimal string without zeros at its end;
 * - text has no padding, a blank is `''`, and text that is the plain form of a whole number (`1`, but not `01`)
 *   is that number;
 * - times stay as they are sent, nanoseconds since Eastern midnight.
 *
 * Never throws and never reads past `length`. For tools, not for the hot path.
 */
export function describeMessage(bytes: Uint8Array, start: number, length: number): DescribedMessage {
  const fault = checkMessage(bytes, start, length);
  const end = Math.min(start + length, bytes.length);
  const fields: Record<string, DescribedValue> = {};
  if (end <= start) return { type: 'Unknown ()', fields, fault: fault! };
  const layout = messageLayout(bytes[start]!);
  if (layout === undefined) {
    return { type: `Unknown (${String.fromCharCode(bytes[start]!)})`, fields, fault: fault! };
  }
  for (const field of layout.fields) {
    if (field.reserved || start + field.offset + field.length > end) continue;
    fields[field.name] = describeField(bytes, start + field.offset, field);
  }
  const type = `${layout.name} (${layout.type})`;
  return fault === undefined ? { type, fields } : { type, fields, fault };
}

function describeField(bytes: Uint8Array, at: number, field: FieldLayout): DescribedValue {
  switch (field.kind) {
    case 'u16':
      return readU16(bytes, at);
    case 'u32':
      return readU32(bytes, at);
    case 'u48':
      return readU48BE(bytes, at);
    case 'u64':
      return wholeNumber(String(readBigU64(bytes, at)));
    case 'char':
    case 'alpha':
      return wholeNumber(readAlpha(bytes, at, field.length));
    case 'px4':
      return wholeNumber(new Decimal(readU32(bytes, at), -4).toShortString());
    case 'px8':
      return wholeNumber(new Decimal(readBigU64(bytes, at), -8).toShortString());
  }
}

/** The number that `text` writes out, if it is whole and exact as a number; else the text. */
function wholeNumber(text: string): DescribedValue {
  if (!/^(0|[1-9]\d*)$/.test(text)) return text;
  return BigInt(text) <= 1n << 53n ? Number(text) : text;
}
