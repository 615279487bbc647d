import { type ErrorContext, readAlpha } from '@tickerplant/core';
import { type EpochBase, fitsNumber, readBigI64, readI64, readNsSince, readU32 } from './int64.ts';
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
  LEVEL_PRICE,
  LEVEL_SIZE,
  MESSAGE_LENGTHS,
  messageLayout,
  OFFICIAL_PRICE,
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
} from './messages.ts';

/** Why bytes are not a message that can be used. */
export interface MessageFault {
  /**
   * - `IEX_EMPTY_MESSAGE`: a block of length 0. Legal on the wire; it takes a sequence number and says nothing.
   * - `IEX_UNKNOWN_TYPE`: to be ignored, says the specification.
   * - `IEX_TOO_SHORT`: shorter than its type needs.
   * - `IEX_BAD_VALUE`: a price or id beyond 2^53.
   */
  readonly code: 'IEX_EMPTY_MESSAGE' | 'IEX_UNKNOWN_TYPE' | 'IEX_TOO_SHORT' | 'IEX_BAD_VALUE';
  readonly message: string;
  readonly context: ErrorContext;
}

/** Offsets of the 64-bit prices and ids, by first byte. */
const WIDE_FIELDS: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, code) =>
  (messageLayout(code)?.fields ?? []).filter((f) => f.kind === 'price' || f.kind === 'id').map((f) => f.offset),
);

/**
 * One message, read in place: `wrap` it over bytes, read what you need, wrap the next. Getters cost a few
 * loads each and allocate nothing, except those that say so. A getter of another message type than the one
 * wrapped gives meaningless numbers. Prices are in 1/10,000 dollar.
 */
export class IexMessage {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private size = 0;

  /**
   * Points at a message of `length` bytes (without the block's length field) at `at`.
   *
   * @returns undefined when the message can be read, else what is wrong with it; never throws.
   */
  wrap(bytes: Uint8Array, at: number, length: number): MessageFault | undefined {
    this.bytes = bytes;
    this.at = at;
    this.size = length;
    if (length === 0 || at + length > bytes.length) return this.fault();
    const type = bytes[at]!;
    const needed = MESSAGE_LENGTHS[type]!;
    if (needed === 0 || length < needed) return this.fault();
    const wide = WIDE_FIELDS[type]!;
    for (let i = 0; i < wide.length; i++) {
      const high = at + wide[i]! + 6;
      // Positive and below 2^53, as every real price: the two highest bytes tell. The rest is looked at closer.
      if ((bytes[high + 1]! !== 0 || bytes[high]! >= 0x20) && !fitsNumber(bytes, high - 6)) return this.fault();
    }
    return undefined;
  }

  /** Length in bytes, at least that of the type's layout. */
  get length(): number {
    return this.size;
  }

  /** First byte: one of `MessageType`. */
  get type(): number {
    return this.bytes[this.at]!;
  }

  /** Second byte: flags, event, status or indicator, whichever the type has. */
  get code(): number {
    return this.bytes[this.at + CODE]!;
  }

  /** Event time in nanoseconds after `base` (say, midnight of the day); negative before it. */
  nsSince(base: EpochBase): number {
    return readNsSince(this.bytes, this.at + TIMESTAMP, base);
  }

  /** Event time, nanoseconds since 1970-01-01 UTC, exact. Allocates. */
  get timestamp(): bigint {
    return readBigI64(this.bytes, this.at + TIMESTAMP);
  }

  /** Symbol without its padding. Allocates; on the hot path use a `SymbolIndex` with `source` and `symbolAt`. */
  get symbol(): string {
    return readAlpha(this.bytes, this.at + SYMBOL, SYMBOL_LENGTH);
  }

  /** The bytes wrapped. Borrowed. */
  get source(): Uint8Array {
    return this.bytes;
  }

  /** Where the 8 bytes of the symbol stand in `source`. */
  get symbolAt(): number {
    return this.at + SYMBOL;
  }

  /** Quote: shares; 0 with price 0 means no bid. */
  get bidSize(): number {
    return readU32(this.bytes, this.at + QUOTE_BID_SIZE);
  }

  get bidPrice(): number {
    return readI64(this.bytes, this.at + QUOTE_BID_PRICE);
  }

  get askPrice(): number {
    return readI64(this.bytes, this.at + QUOTE_ASK_PRICE);
  }

  /** Quote: shares; 0 with price 0 means no offer. */
  get askSize(): number {
    return readU32(this.bytes, this.at + QUOTE_ASK_SIZE);
  }

  /** Trade report, trade break: shares. */
  get tradeSize(): number {
    return readU32(this.bytes, this.at + TRADE_SIZE);
  }

  get tradePrice(): number {
    return readI64(this.bytes, this.at + TRADE_PRICE);
  }

  /** Unique within the day; a break carries the id of the trade it breaks. */
  get tradeId(): number {
    return readI64(this.bytes, this.at + TRADE_ID);
  }

  /** Price level: new total displayed shares at the price; 0 removes the level. */
  get levelSize(): number {
    return readU32(this.bytes, this.at + LEVEL_SIZE);
  }

  get levelPrice(): number {
    return readI64(this.bytes, this.at + LEVEL_PRICE);
  }

  get officialPrice(): number {
    return readI64(this.bytes, this.at + OFFICIAL_PRICE);
  }

  /** Trading status: why, up to 4 characters; empty for none. Allocates. */
  get reason(): string {
    return readAlpha(this.bytes, this.at + STATUS_REASON, STATUS_REASON_LENGTH);
  }

  /** Short sale price test: detail character. */
  get shortSaleDetail(): number {
    return this.bytes[this.at + SHORT_SALE_DETAIL]!;
  }

  /** Directory: shares in a round lot. */
  get roundLot(): number {
    return readU32(this.bytes, this.at + DIRECTORY_ROUND_LOT);
  }

  /** Directory: previous official close, adjusted for corporate actions. */
  get adjustedClose(): number {
    return readI64(this.bytes, this.at + DIRECTORY_POC_PRICE);
  }

  /** Directory: limit up, limit down tier: 0 none, 1 or 2. */
  get luldTier(): number {
    return this.bytes[this.at + DIRECTORY_LULD_TIER]!;
  }

  /** Auction: shares paired at the reference price. */
  get pairedShares(): number {
    return readU32(this.bytes, this.at + AUCTION_PAIRED);
  }

  get referencePrice(): number {
    return readI64(this.bytes, this.at + AUCTION_REFERENCE);
  }

  get indicativeClearingPrice(): number {
    return readI64(this.bytes, this.at + AUCTION_INDICATIVE);
  }

  get imbalanceShares(): number {
    return readU32(this.bytes, this.at + AUCTION_IMBALANCE);
  }

  /** Auction: character `B`, `S` or `N`. */
  get imbalanceSide(): number {
    return this.bytes[this.at + AUCTION_SIDE]!;
  }

  /** Auction: automatic extensions so far. */
  get extensionNumber(): number {
    return this.bytes[this.at + AUCTION_EXTENSION]!;
  }

  /** Auction: projected match, seconds since 1970-01-01 UTC. */
  get scheduledAuctionTime(): number {
    return readU32(this.bytes, this.at + AUCTION_SCHEDULED);
  }

  get auctionBookClearingPrice(): number {
    return readI64(this.bytes, this.at + AUCTION_BOOK_CLEARING);
  }

  /** Auction: 0 when there is no collar, as for the two that follow. */
  get collarReferencePrice(): number {
    return readI64(this.bytes, this.at + AUCTION_COLLAR_REFERENCE);
  }

  get lowerAuctionCollar(): number {
    return readI64(this.bytes, this.at + AUCTION_COLLAR_LOWER);
  }

  get upperAuctionCollar(): number {
    return readI64(this.bytes, this.at + AUCTION_COLLAR_UPPER);
  }

  private fault(): MessageFault {
    const { bytes, at, size } = this;
    const context = { offset: at, length: size };
    if (size === 0) {
      return { code: 'IEX_EMPTY_MESSAGE', message: 'expected a message, got a block of length 0', context };
    }
    if (at + size > bytes.length) {
      const message = `expected ${size} bytes, got ${Math.max(0, bytes.length - at)}`;
      return { code: 'IEX_TOO_SHORT', message, context };
    }
    const layout = messageLayout(bytes[at]!);
    if (layout === undefined) {
      const type = `0x${bytes[at]!.toString(16).padStart(2, '0')}`;
      return { code: 'IEX_UNKNOWN_TYPE', message: `expected a known message type, got ${type}`, context };
    }
    if (size < layout.length) {
      const message = `expected at least ${layout.length} bytes of ${layout.type}, got ${size}`;
      return { code: 'IEX_TOO_SHORT', message, context: { ...context, type: layout.letter } };
    }
    const wide = layout.fields.find(
      (f) => (f.kind === 'price' || f.kind === 'id') && !fitsNumber(bytes, at + f.offset),
    );
    const value = wide === undefined ? 0n : readBigI64(bytes, at + wide.offset);
    const message = `expected ${wide?.name} of ${layout.type} within 2^53, got ${value}`;
    return { code: 'IEX_BAD_VALUE', message, context: { ...context, type: layout.letter } };
  }
}
