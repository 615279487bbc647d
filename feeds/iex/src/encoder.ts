import { Decimal, TickerError, writeAlpha } from '@tickerplant/core';
import type { DescribedFlags, DescribedMessage, DescribedValue } from './describe.ts';
import { type EpochBase, writeBigI64, writeI64, writeNsSince, writeU32 } from './int64.ts';
import {
  AUCTION_BOOK_CLEARING,
  AUCTION_COLLAR_LOWER,
  AUCTION_COLLAR_REFERENCE,
  AUCTION_COLLAR_UPPER,
  AUCTION_EXTENSION,
  AUCTION_IMBALANCE,
  AUCTION_INDICATIVE,
  AUCTION_PAIRED,
  AUCTION_REFERENCE,
  AUCTION_SCHEDULED,
  AUCTION_SIDE,
  CODE,
  DIRECTORY_LULD_TIER,
  DIRECTORY_POC_PRICE,
  DIRECTORY_ROUND_LOT,
  type FieldLayout,
  LEVEL_PRICE,
  LEVEL_SIZE,
  MESSAGE_LENGTHS,
  MESSAGES,
  MessageType,
  OFFICIAL_PRICE,
  PRICE_EXPONENT,
  QUOTE_ASK_PRICE,
  QUOTE_ASK_SIZE,
  QUOTE_BID_PRICE,
  QUOTE_BID_SIZE,
  SHORT_SALE_DETAIL,
  STATUS_REASON,
  STATUS_REASON_LENGTH,
  SYMBOL,
  SYMBOL_LENGTH,
  TIMESTAMP,
  TRADE_ID,
  TRADE_PRICE,
  TRADE_SIZE,
  TYPE,
} from './messages.ts';

/** The fields of an auction information message, too many for a list of arguments. Prices in 1/10,000 dollar. */
export interface AuctionInformation {
  /** Character `O`, `C`, `I`, `H` or `V`. */
  auctionType: number;
  pairedShares: number;
  referencePrice: number;
  indicativeClearingPrice: number;
  imbalanceShares: number;
  /** Character `B`, `S` or `N`. */
  imbalanceSide: number;
  extensionNumber: number;
  /** Seconds since 1970-01-01 UTC. */
  scheduledAuctionTime: number;
  auctionBookClearingPrice: number;
  collarReferencePrice: number;
  lowerAuctionCollar: number;
  upperAuctionCollar: number;
}

/**
 * Writes messages in place. Each method writes one message at `at`, without the block's length, and returns
 * its length in bytes. `ns` is the event time after the encoder's base; prices are whole numbers of 1/10,000
 * dollar within ±(2^53 - 1), sizes whole numbers below 2^32, codes bytes. Nothing is allocated.
 */
export class IexEncoder {
  private readonly base: EpochBase;

  /** @param base what times are relative to, say midnight of the day. */
  constructor(base: EpochBase) {
    this.base = base;
  }

  /** @param event character `O`, `S`, `R`, `M`, `E` or `C`. */
  systemEvent(out: Uint8Array, at: number, ns: number, event: number): number {
    return this.head(out, at, MessageType.SYSTEM_EVENT, event, ns);
  }

  securityDirectory(
    out: Uint8Array,
    at: number,
    ns: number,
    symbol: string,
    flags: number,
    roundLot: number,
    adjustedClose: number,
    luldTier: number,
  ): number {
    writeU32(out, at + DIRECTORY_ROUND_LOT, roundLot);
    writeI64(out, at + DIRECTORY_POC_PRICE, adjustedClose);
    out[at + DIRECTORY_LULD_TIER] = luldTier;
    return this.symbolHead(out, at, MessageType.SECURITY_DIRECTORY, flags, ns, symbol);
  }

  /** @param status character `H`, `O`, `P` or `T`. */
  tradingStatus(out: Uint8Array, at: number, ns: number, symbol: string, status: number, reason: string): number {
    writeAlpha(out, at + STATUS_REASON, STATUS_REASON_LENGTH, reason);
    return this.symbolHead(out, at, MessageType.TRADING_STATUS, status, ns, symbol);
  }

  /** @param indicator character space, `A`, `B` or `C`. */
  retailLiquidity(out: Uint8Array, at: number, ns: number, symbol: string, indicator: number): number {
    return this.symbolHead(out, at, MessageType.RETAIL_LIQUIDITY, indicator, ns, symbol);
  }

  /** @param status character `O` (halted) or `N`. */
  operationalHalt(out: Uint8Array, at: number, ns: number, symbol: string, status: number): number {
    return this.symbolHead(out, at, MessageType.OPERATIONAL_HALT, status, ns, symbol);
  }

  /**
   * @param status 0 or 1, binary.
   * @param detail character space, `A`, `C`, `D` or `N`.
   */
  shortSaleTest(out: Uint8Array, at: number, ns: number, symbol: string, status: number, detail: number): number {
    out[at + SHORT_SALE_DETAIL] = detail;
    return this.symbolHead(out, at, MessageType.SHORT_SALE_TEST, status, ns, symbol);
  }

  /** DEEP. @param event character `O` or `C`. */
  securityEvent(out: Uint8Array, at: number, ns: number, symbol: string, event: number): number {
    return this.symbolHead(out, at, MessageType.SECURITY_EVENT, event, ns, symbol);
  }

  quoteUpdate(
    out: Uint8Array,
    at: number,
    ns: number,
    symbol: string,
    flags: number,
    bidSize: number,
    bidPrice: number,
    askPrice: number,
    askSize: number,
  ): number {
    writeU32(out, at + QUOTE_BID_SIZE, bidSize);
    writeI64(out, at + QUOTE_BID_PRICE, bidPrice);
    writeI64(out, at + QUOTE_ASK_PRICE, askPrice);
    writeU32(out, at + QUOTE_ASK_SIZE, askSize);
    return this.symbolHead(out, at, MessageType.QUOTE_UPDATE, flags, ns, symbol);
  }

  /**
   * DEEP.
   *
   * @param type `PRICE_LEVEL_BUY` or `PRICE_LEVEL_SELL`.
   * @param eventFlags 1 when the event is complete.
   */
  priceLevel(
    out: Uint8Array,
    at: number,
    ns: number,
    type: number,
    symbol: string,
    eventFlags: number,
    size: number,
    price: number,
  ): number {
    writeU32(out, at + LEVEL_SIZE, size);
    writeI64(out, at + LEVEL_PRICE, price);
    return this.symbolHead(out, at, type, eventFlags, ns, symbol);
  }

  tradeReport(
    out: Uint8Array,
    at: number,
    ns: number,
    symbol: string,
    flags: number,
    size: number,
    price: number,
    tradeId: number,
  ): number {
    return this.trade(out, at, MessageType.TRADE_REPORT, ns, symbol, flags, size, price, tradeId);
  }

  /** The fields are those of the broken trade, except the time. */
  tradeBreak(
    out: Uint8Array,
    at: number,
    ns: number,
    symbol: string,
    flags: number,
    size: number,
    price: number,
    tradeId: number,
  ): number {
    return this.trade(out, at, MessageType.TRADE_BREAK, ns, symbol, flags, size, price, tradeId);
  }

  /** @param priceType character `Q` (opening) or `M` (closing). */
  officialPrice(out: Uint8Array, at: number, ns: number, symbol: string, priceType: number, price: number): number {
    writeI64(out, at + OFFICIAL_PRICE, price);
    return this.symbolHead(out, at, MessageType.OFFICIAL_PRICE, priceType, ns, symbol);
  }

  auctionInformation(out: Uint8Array, at: number, ns: number, symbol: string, auction: AuctionInformation): number {
    writeU32(out, at + AUCTION_PAIRED, auction.pairedShares);
    writeI64(out, at + AUCTION_REFERENCE, auction.referencePrice);
    writeI64(out, at + AUCTION_INDICATIVE, auction.indicativeClearingPrice);
    writeU32(out, at + AUCTION_IMBALANCE, auction.imbalanceShares);
    out[at + AUCTION_SIDE] = auction.imbalanceSide;
    out[at + AUCTION_EXTENSION] = auction.extensionNumber;
    writeU32(out, at + AUCTION_SCHEDULED, auction.scheduledAuctionTime);
    writeI64(out, at + AUCTION_BOOK_CLEARING, auction.auctionBookClearingPrice);
    writeI64(out, at + AUCTION_COLLAR_REFERENCE, auction.collarReferencePrice);
    writeI64(out, at + AUCTION_COLLAR_LOWER, auction.lowerAuctionCollar);
    writeI64(out, at + AUCTION_COLLAR_UPPER, auction.upperAuctionCollar);
    return this.symbolHead(out, at, MessageType.AUCTION_INFORMATION, auction.auctionType, ns, symbol);
  }

  private trade(
    out: Uint8Array,
    at: number,
    type: number,
    ns: number,
    symbol: string,
    flags: number,
    size: number,
    price: number,
    tradeId: number,
  ): number {
    writeU32(out, at + TRADE_SIZE, size);
    writeI64(out, at + TRADE_PRICE, price);
    writeI64(out, at + TRADE_ID, tradeId);
    return this.symbolHead(out, at, type, flags, ns, symbol);
  }

  private symbolHead(out: Uint8Array, at: number, type: number, code: number, ns: number, symbol: string): number {
    writeAlpha(out, at + SYMBOL, SYMBOL_LENGTH, symbol);
    return this.head(out, at, type, code, ns);
  }

  private head(out: Uint8Array, at: number, type: number, code: number, ns: number): number {
    out[at + TYPE] = type;
    out[at + CODE] = code;
    writeNsSince(out, at + TIMESTAMP, this.base, ns);
    return MESSAGE_LENGTHS[type]!;
  }
}

/**
 * The inverse of `describeMessage`: writes the described message at `at`, without the block's length.
 *
 * @param described `type` is the full name (`Quote Update Message (Q)`) or the letter alone.
 * @returns length in bytes.
 * @throws TickerError `IEX_BAD_FIELD` for an unknown type, and for a field that is missing or does not fit.
 */
export function encodeMessage(described: DescribedMessage, out: Uint8Array, at: number): number {
  const layout = MESSAGES.find(({ type, letter }) => type === described.type || letter === described.type);
  if (layout === undefined) {
    throw new TickerError('IEX_BAD_FIELD', `expected the name of a message, got '${described.type}'`);
  }
  out[at + TYPE] = layout.code;
  for (const field of layout.fields) {
    const value = described.fields[field.name];
    if (value === undefined || !encodeField(value, field, out, at + field.offset)) {
      throw new TickerError('IEX_BAD_FIELD', `expected ${field.kind} for ${field.name}, got ${JSON.stringify(value)}`, {
        type: layout.type,
      });
    }
  }
  return layout.length;
}

/** @returns false when the value does not fit the field. */
function encodeField(value: DescribedValue, field: FieldLayout, out: Uint8Array, at: number): boolean {
  switch (field.kind) {
    case 'text':
      if (typeof value !== 'string' || value.length > field.length) return false;
      writeAlpha(out, at, field.length, value);
      return true;
    case 'flags':
      return typeof value === 'object' && encodeFlags(value, field, out, at);
    case 'price':
      return typeof value !== 'object' && encodePrice(String(value), out, at);
    case 'id':
    case 'time':
      return typeof value !== 'object' && encodeWide(String(value), out, at);
    case 'extension':
      return encodeUnsigned(value === '' ? 0 : value, field.length, out, at);
    case 'unsigned':
      return encodeUnsigned(value, field.length, out, at);
  }
}

function encodeFlags(value: DescribedFlags, field: FieldLayout, out: Uint8Array, at: number): boolean {
  out[at] = field.flags.reduce((byte, flag) => (value[flag.name] === 1 ? byte | flag.mask : byte), 0);
  return true;
}

function encodeUnsigned(value: DescribedValue, length: number, out: Uint8Array, at: number): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 256 ** length) return false;
  if (length === 1) out[at] = value;
  else writeU32(out, at, value);
  return true;
}

function encodePrice(text: string, out: Uint8Array, at: number): boolean {
  if (!/^-?\d+(\.\d{1,4})?$/.test(text)) return false;
  const price = Decimal.parse(text);
  return encodeWide(String(BigInt(price.mantissa) * 10n ** BigInt(price.exponent - PRICE_EXPONENT)), out, at);
}

function encodeWide(digits: string, out: Uint8Array, at: number): boolean {
  if (!/^-?\d+$/.test(digits)) return false;
  const value = BigInt(digits);
  if (value !== BigInt.asIntN(64, value)) return false;
  writeBigI64(out, at, value);
  return true;
}
