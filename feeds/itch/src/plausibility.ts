import { NS_PER_DAY } from '@tickerplant/core';
import type { ItchMessage } from './decoder.ts';
import {
  ADD_ORDER,
  ADD_ORDER_MPID,
  ADD_ORDER_PRICE,
  ADD_ORDER_REFERENCE,
  ADD_ORDER_SIDE,
  BROKEN_MATCH_NUMBER,
  BROKEN_TRADE,
  BUY,
  CROSS_MATCH_NUMBER,
  CROSS_SHARES,
  CROSS_TRADE,
  EXECUTED_MATCH_NUMBER,
  EXECUTED_PRINTABLE,
  IPO_QUOTING_PERIOD,
  IPO_RELEASE_TIME,
  MESSAGES,
  MWCB_BREACHED_LEVEL,
  MWCB_STATUS,
  NO,
  ORDER_CANCEL,
  ORDER_DELETE,
  ORDER_EXECUTED,
  ORDER_EXECUTED_WITH_PRICE,
  ORDER_REPLACE,
  REPLACE_NEW_REFERENCE,
  REPLACE_PRICE,
  SELL,
  STOCK_DIRECTORY,
  STOCK_LOCATE,
  TIMESTAMP,
  TRADE,
  TRADE_MATCH_NUMBER,
  YES,
} from './messages.ts';

/** Why a message of the right length cannot be used. */
export interface ValueFault {
  /**
   * - `ITCH_BAD_REFERENCE`: an order reference above 2^53 - 1.
   * - `ITCH_BAD_VALUE`: a value that the specification doesn't allow, where a guess would look like good data.
   */
  readonly code: 'ITCH_BAD_REFERENCE' | 'ITCH_BAD_VALUE';
  /** What was expected and what came. */
  readonly message: string;
}

/** The highest price there is, 200,000 dollars (specification, section 3). */
const PRICE_MAX = 2_000_000_000;
const SECONDS_PER_DAY = 86_400;
/** The first byte of times from 23:49 on: whatever is below needs no closer look. */
const LATE = Math.floor(NS_PER_DAY / 2 ** 40);
/** The first byte of prices near and above the highest. */
const DEAR = PRICE_MAX >>> 24;
const DIGIT_1 = 0x31;
const DIGIT_3 = 0x33;

/** Offsets of the prices in dollars, by type byte. */
const PRICES: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, code) => {
  const layout = MESSAGES.find((candidate) => candidate.code === code);
  return layout?.fields.filter(({ kind }) => kind === 'px4').map(({ offset }) => offset) ?? [];
});

/**
 * Whether a message's values are possible. Only those are judged that books, prices, volumes and times are made
 * of; letters that a later edition may add to (states, reasons, cross types) are left to the reader.
 *
 * @returns undefined, or the fault; the message must then not be used at all.
 */
export function checkValues(message: ItchMessage): ValueFault | undefined {
  return isPlain(message) ? undefined : judge(message);
}

/**
 * Whether a message about an order is possible beyond doubt: nearly all messages are, and these few comparisons take
 * half the time that looking at every field takes. What is unusual, and every other type, is for `judge`.
 */
function isPlain(message: ItchMessage): boolean {
  const { bytes, start } = message;
  const isLocated = (bytes[start + STOCK_LOCATE]! | bytes[start + STOCK_LOCATE + 1]!) !== 0;
  if (!isLocated || bytes[start + TIMESTAMP]! >= LATE || !message.isSafe(ADD_ORDER_REFERENCE)) return false;
  switch (message.type) {
    case ADD_ORDER:
    case ADD_ORDER_MPID: {
      const side = bytes[start + ADD_ORDER_SIDE];
      return (side === BUY || side === SELL) && bytes[start + ADD_ORDER_PRICE]! < DEAR;
    }
    case ORDER_DELETE:
    case ORDER_CANCEL:
      return true;
    case ORDER_REPLACE:
      return message.isSafe(REPLACE_NEW_REFERENCE) && bytes[start + REPLACE_PRICE]! < DEAR;
    case ORDER_EXECUTED:
      return message.executedShares !== 0 && message.isSafe(EXECUTED_MATCH_NUMBER);
    default:
      return false;
  }
}

function judge(message: ItchMessage): ValueFault | undefined {
  if (message.u8(TIMESTAMP) >= LATE && message.timestampNs >= NS_PER_DAY) {
    return bad(`a time below ${NS_PER_DAY}`, message.timestampNs);
  }
  if (!message.hasSafeReferences) {
    const text = 'expected order references up to 2^53 - 1, got a larger one';
    return { code: 'ITCH_BAD_REFERENCE', message: text };
  }
  const { type } = message;
  const prices = PRICES[type]!;
  for (let i = 0; i < prices.length; i++) {
    const price = message.u32(prices[i]!);
    if (price > PRICE_MAX) return bad(`a price up to ${PRICE_MAX}`, price);
  }
  switch (type) {
    case ADD_ORDER:
    case ADD_ORDER_MPID: {
      const side = message.u8(ADD_ORDER_SIDE);
      return side === BUY || side === SELL ? located(message) : bad('side B or S', letter(side));
    }
    case ORDER_EXECUTED:
      return execution(message);
    case ORDER_EXECUTED_WITH_PRICE: {
      const printable = message.u8(EXECUTED_PRINTABLE);
      return printable === YES || printable === NO ? execution(message) : bad('printable Y or N', letter(printable));
    }
    case ORDER_CANCEL:
    case ORDER_DELETE:
    case ORDER_REPLACE:
    case STOCK_DIRECTORY:
      return located(message);
    case TRADE:
      if (message.shares === 0) return bad('shares', 0);
      return match(message, TRADE_MATCH_NUMBER);
    case CROSS_TRADE:
      if (!message.isSafe(CROSS_SHARES)) return bad('shares up to 2^53 - 1', message.bigU64(CROSS_SHARES));
      return match(message, CROSS_MATCH_NUMBER);
    case BROKEN_TRADE:
      return match(message, BROKEN_MATCH_NUMBER);
    case MWCB_STATUS: {
      const level = message.u8(MWCB_BREACHED_LEVEL);
      return level >= DIGIT_1 && level <= DIGIT_3 ? undefined : bad('level 1 to 3', letter(level));
    }
    case IPO_QUOTING_PERIOD: {
      const seconds = message.u32(IPO_RELEASE_TIME);
      return seconds < SECONDS_PER_DAY ? undefined : bad(`a time below ${SECONDS_PER_DAY} seconds`, seconds);
    }
    default:
      return undefined;
  }
}

function execution(message: ItchMessage): ValueFault | undefined {
  if (message.executedShares === 0) return bad('shares', 0);
  return match(message, EXECUTED_MATCH_NUMBER) ?? located(message);
}

function match(message: ItchMessage, offset: number): ValueFault | undefined {
  return message.isSafe(offset) ? undefined : bad('a match number up to 2^53 - 1', message.bigU64(offset));
}

/** Messages about an order, and the one that gives out locates, are about an instrument. */
function located(message: ItchMessage): ValueFault | undefined {
  return message.stockLocate !== 0 ? undefined : bad('the locate of an instrument', 0);
}

function bad(expected: string, got: number | bigint | string): ValueFault {
  return { code: 'ITCH_BAD_VALUE', message: `expected ${expected}, got ${got}` };
}

function letter(code: number): string {
  return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : `0x${code.toString(16).padStart(2, '0')}`;
}
