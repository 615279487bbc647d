// The messages of TOPS 1.5, TOPS 1.6 and DEEP 1.0: what stands where. Every message begins alike:
//
//    0        1        2                       10                      18
//   +--------+--------+-----------------------+-----------------------+------ ...
//   | type   | code   | timestamp, ns since   | symbol, 8 characters, | fields of
//   | (ASCII)| / flags| 1970, 64 bits         | padded with spaces    | the type
//   +--------+--------+-----------------------+-----------------------+------ ...
//
// (a system event ends before the symbol). All integers are little-endian. Newer versions add fields at the
// end only: a message may be longer than its layout and the rest is to be ignored. Quotes are irregular:
// size before price on the bid side, price before size on the ask side.

/** Type codes, the first byte of a message. */
export const MessageType = {
  SYSTEM_EVENT: 0x53, // S
  SECURITY_DIRECTORY: 0x44, // D
  TRADING_STATUS: 0x48, // H
  RETAIL_LIQUIDITY: 0x49, // I
  OPERATIONAL_HALT: 0x4f, // O
  SHORT_SALE_TEST: 0x50, // P
  SECURITY_EVENT: 0x45, // E
  QUOTE_UPDATE: 0x51, // Q
  PRICE_LEVEL_BUY: 0x38, // 8
  PRICE_LEVEL_SELL: 0x35, // 5
  TRADE_REPORT: 0x54, // T
  OFFICIAL_PRICE: 0x58, // X
  TRADE_BREAK: 0x42, // B
  AUCTION_INFORMATION: 0x41, // A
} as const;

/** Message protocol ids of the segment header. */
export const Protocol = { TOPS_1_5: 0x8002, TOPS_1_6: 0x8003, DEEP_1_0: 0x8004 } as const;

/** The head of every message. */
export const TYPE = 0;
export const CODE = 1;
export const TIMESTAMP = 2;
export const SYMBOL = 10;
export const SYMBOL_LENGTH = 8;

/** Security Directory. */
export const DIRECTORY_ROUND_LOT = 18;
export const DIRECTORY_POC_PRICE = 22;
export const DIRECTORY_LULD_TIER = 30;

/** Trading Status. */
export const STATUS_REASON = 18;
export const STATUS_REASON_LENGTH = 4;

/** Short Sale Price Test Status. */
export const SHORT_SALE_DETAIL = 18;

/** Quote Update. */
export const QUOTE_BID_SIZE = 18;
export const QUOTE_BID_PRICE = 22;
export const QUOTE_ASK_PRICE = 30;
export const QUOTE_ASK_SIZE = 38;

/** Trade Report and Trade Break. */
export const TRADE_SIZE = 18;
export const TRADE_PRICE = 22;
export const TRADE_ID = 30;

/** Price Level Update. */
export const LEVEL_SIZE = 18;
export const LEVEL_PRICE = 22;

/** Official Price. */
export const OFFICIAL_PRICE = 18;

/** Auction Information. */
export const AUCTION_PAIRED = 18;
export const AUCTION_REFERENCE = 22;
export const AUCTION_INDICATIVE = 30;
export const AUCTION_IMBALANCE = 38;
export const AUCTION_SIDE = 42;
export const AUCTION_EXTENSION = 43;
export const AUCTION_SCHEDULED = 44;
export const AUCTION_BOOK_CLEARING = 48;
export const AUCTION_COLLAR_REFERENCE = 56;
export const AUCTION_COLLAR_LOWER = 64;
export const AUCTION_COLLAR_UPPER = 72;

/** Quote flags: the symbol is halted, paused or otherwise not available. */
export const QUOTE_NOT_AVAILABLE = 0x80;
/** Quote flags: pre-market or post-market session. */
export const QUOTE_EXTENDED_SESSION = 0x40;

/** Sale condition flags: intermarket sweep order. */
export const SALE_INTERMARKET_SWEEP = 0x80;
/** Sale condition flags: extended hours (form T): not last-sale eligible. */
export const SALE_EXTENDED_HOURS = 0x40;
/** Sale condition flags: odd lot: not last-sale eligible. */
export const SALE_ODD_LOT = 0x20;
/** Sale condition flags: exempt from trade-through rules. */
export const SALE_TRADE_THROUGH_EXEMPT = 0x10;
/** Sale condition flags: from a single-price cross (auction); undefined in TOPS 1.5. */
export const SALE_SINGLE_PRICE_CROSS = 0x08;

/** Directory flags. */
export const DIRECTORY_TEST_SECURITY = 0x80;
const DIRECTORY_WHEN_ISSUED = 0x40;
const DIRECTORY_ETP = 0x20;

/** Implied decimals of every price: the wire carries 1/10,000 dollar. */
export const PRICE_EXPONENT = -4;

/** A bit of a flags field: its mask, its name as a field, and its name for people. */
export interface FlagLayout {
  readonly mask: number;
  readonly name: string;
  readonly label: string;
}

/**
 * How a field is to be read: `text` (ASCII, padded with spaces), `unsigned` (little-endian), `flags`,
 * `price` (64 bits, signed, 1/10,000 dollar), `id` (64 bits, signed), `time` (64 bits, ns since 1970),
 * `extension` (a byte that the ground truth prints as nothing when it is 0).
 */
export type FieldKind = 'text' | 'unsigned' | 'flags' | 'price' | 'id' | 'time' | 'extension';

/** One field of a message. */
export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly kind: FieldKind;
  /** Bits of a `flags` field, lowest first. */
  readonly flags: readonly FlagLayout[];
}

/** One message type. */
export interface MessageLayout {
  /** First byte. */
  readonly code: number;
  /** The first byte as a character. */
  readonly letter: string;
  /** Name and letter: `Quote Update Message (Q)`. */
  readonly type: string;
  /** Least length in bytes; longer is allowed. */
  readonly length: number;
  /** In wire order, without the type byte. */
  readonly fields: readonly FieldLayout[];
}

const field = (name: string, kind: FieldKind, offset: number, length: number): FieldLayout => ({
  name,
  offset,
  length,
  kind,
  flags: [],
});
const flags = (name: string, ...bits: [mask: number, name: string, label: string][]): FieldLayout => ({
  name,
  offset: CODE,
  length: 1,
  kind: 'flags',
  flags: bits.map(([mask, bit, label]) => ({ mask, name: bit, label })),
});
const code = (name: string): FieldLayout => field(name, 'text', CODE, 1);
const u32 = (name: string, offset: number): FieldLayout => field(name, 'unsigned', offset, 4);
const price = (name: string, offset: number): FieldLayout => field(name, 'price', offset, 8);

const timestamp = field('timestamp', 'time', TIMESTAMP, 8);
const symbol = field('symbol', 'text', SYMBOL, SYMBOL_LENGTH);
const saleConditions = flags(
  'saleConditionFlags',
  [SALE_SINGLE_PRICE_CROSS, 'singlepriceCrossTrade', 'Singleprice Cross Trade'],
  [SALE_TRADE_THROUGH_EXEMPT, 'tradeThroughExempt', 'Trade Through Exempt'],
  [SALE_ODD_LOT, 'oddLot', 'Odd Lot'],
  [SALE_EXTENDED_HOURS, 'extendedHours', 'Extended Hours'],
  [SALE_INTERMARKET_SWEEP, 'intermarketSweep', 'Intermarket Sweep'],
);

function message(messageCode: number, name: string, length: number, fields: readonly FieldLayout[]): MessageLayout {
  const letter = String.fromCharCode(messageCode);
  return { code: messageCode, letter, type: `${name} Message (${letter})`, length, fields };
}

/** Every message type, with the names that the captures' ground truth uses. */
export const MESSAGES: readonly MessageLayout[] = [
  message(MessageType.SYSTEM_EVENT, 'System Event', 10, [code('systemEvent'), timestamp]),
  message(MessageType.SECURITY_DIRECTORY, 'Security Directory', 31, [
    flags(
      'securityDirectoryFlags',
      [DIRECTORY_ETP, 'etp', 'Etp'],
      [DIRECTORY_WHEN_ISSUED, 'whenIssued', 'When Issued'],
      [DIRECTORY_TEST_SECURITY, 'testSecurity', 'Test Security'],
    ),
    timestamp,
    symbol,
    u32('roundLotSize', DIRECTORY_ROUND_LOT),
    price('adjustedPocPrice', DIRECTORY_POC_PRICE),
    field('luldTier', 'unsigned', DIRECTORY_LULD_TIER, 1),
  ]),
  message(MessageType.TRADING_STATUS, 'Trading Status', 22, [
    code('tradingStatus'),
    timestamp,
    symbol,
    field('reason', 'text', STATUS_REASON, STATUS_REASON_LENGTH),
  ]),
  message(MessageType.RETAIL_LIQUIDITY, 'Retail Liquidity Indicator', 18, [
    code('retailLiquidityIndicator'),
    timestamp,
    symbol,
  ]),
  message(MessageType.OPERATIONAL_HALT, 'Operational Halt Status', 18, [
    code('operationalHaltStatus'),
    timestamp,
    symbol,
  ]),
  message(MessageType.SHORT_SALE_TEST, 'Short Sale Price Test Status', 19, [
    field('shortSalePriceTestStatus', 'unsigned', CODE, 1),
    timestamp,
    symbol,
    field('detail', 'text', SHORT_SALE_DETAIL, 1),
  ]),
  message(MessageType.SECURITY_EVENT, 'Security Event', 18, [code('securityEvent'), timestamp, symbol]),
  message(MessageType.QUOTE_UPDATE, 'Quote Update', 42, [
    flags(
      'quoteUpdateFlags',
      [QUOTE_EXTENDED_SESSION, 'marketSession', 'Market Session'],
      [QUOTE_NOT_AVAILABLE, 'symbolAvailability', 'Symbol Availability'],
    ),
    timestamp,
    symbol,
    u32('bidSize', QUOTE_BID_SIZE),
    price('bidPrice', QUOTE_BID_PRICE),
    price('askPrice', QUOTE_ASK_PRICE),
    u32('askSize', QUOTE_ASK_SIZE),
  ]),
  message(MessageType.PRICE_LEVEL_BUY, 'Price Level Buy Update', 30, [
    field('eventFlags', 'unsigned', CODE, 1),
    timestamp,
    symbol,
    u32('size', LEVEL_SIZE),
    price('price', LEVEL_PRICE),
  ]),
  message(MessageType.PRICE_LEVEL_SELL, 'Price Level Sell Update', 30, [
    field('eventFlags', 'unsigned', CODE, 1),
    timestamp,
    symbol,
    u32('size', LEVEL_SIZE),
    price('price', LEVEL_PRICE),
  ]),
  message(MessageType.TRADE_REPORT, 'Trade Report', 38, [
    saleConditions,
    timestamp,
    symbol,
    u32('size', TRADE_SIZE),
    price('price', TRADE_PRICE),
    field('tradeId', 'id', TRADE_ID, 8),
  ]),
  message(MessageType.OFFICIAL_PRICE, 'Official Price', 26, [
    code('priceType'),
    timestamp,
    symbol,
    price('officialPrice', OFFICIAL_PRICE),
  ]),
  message(MessageType.TRADE_BREAK, 'Trade Break', 38, [
    saleConditions,
    timestamp,
    symbol,
    u32('size', TRADE_SIZE),
    price('price', TRADE_PRICE),
    field('tradeId', 'id', TRADE_ID, 8),
  ]),
  message(MessageType.AUCTION_INFORMATION, 'Auction Information', 80, [
    code('auctionType'),
    timestamp,
    symbol,
    u32('pairedShares', AUCTION_PAIRED),
    price('referencePrice', AUCTION_REFERENCE),
    price('indicativeClearingPrice', AUCTION_INDICATIVE),
    u32('imbalanceShares', AUCTION_IMBALANCE),
    field('imbalanceSide', 'text', AUCTION_SIDE, 1),
    field('extensionNumber', 'extension', AUCTION_EXTENSION, 1),
    u32('scheduledAuctionTime', AUCTION_SCHEDULED),
    price('auctionBookClearingPrice', AUCTION_BOOK_CLEARING),
    price('collarReferencePrice', AUCTION_COLLAR_REFERENCE),
    price('lowerAuctionCollar', AUCTION_COLLAR_LOWER),
    price('upperAuctionCollar', AUCTION_COLLAR_UPPER),
  ]),
];

const byCode: readonly (MessageLayout | undefined)[] = Array.from({ length: 256 }, (_, messageCode) =>
  MESSAGES.find((layout) => layout.code === messageCode),
);

/** The layout of the message that begins with byte `messageCode`; undefined for an unknown type. */
export function messageLayout(messageCode: number): MessageLayout | undefined {
  return byCode[messageCode];
}

/** Least length by first byte; 0 for an unknown type. */
export const MESSAGE_LENGTHS: Uint8Array = Uint8Array.from({ length: 256 }, (_, c) => byCode[c]?.length ?? 0);
