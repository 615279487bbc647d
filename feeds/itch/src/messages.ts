// The 23 messages of Nasdaq TotalView-ITCH 5.0 (specification, section 4): one table from which the length
// check, the JSON form and the generic encoder are made, and the offsets by name for code that reads a field or two
// of very many messages. Lengths are fixed; integers are unsigned and big-endian. All begin alike:
//
//    0      1              3                  5                          11
//   ┌──────┬──────────────┬──────────────────┬──────────────────────────┬─────────────────────┐
//   │ type │ stock locate │ tracking number  │ timestamp                │ fields of the type  │
//   │ char │ u16          │ u16              │ u48, ns since midnight   │                     │
//   └──────┴──────────────┴──────────────────┴──────────────────────────┴─────────────────────┘

/**
 * How a field's bytes are read.
 *
 * - `u16` `u32` `u48` `u64`: whole number; the `u48` is a time of day in ns since Eastern midnight
 * - `char` `alpha`: one character; text padded with spaces on the right
 * - `px4` `px8`: u32 in 1/10,000 dollar; u64 in 1/100,000,000 (index points of the circuit breakers only)
 */
export type FieldKind = 'u16' | 'u32' | 'u48' | 'u64' | 'char' | 'alpha' | 'px4' | 'px8';

/** One field of a message. */
export interface FieldLayout {
  readonly name: string;
  /** Bytes from the message type. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  readonly kind: FieldKind;
  /** Carries nothing: not part of the JSON form, written as spaces. */
  readonly reserved: boolean;
}

/** One message type. */
export interface MessageLayout {
  /** Its letter; case counts. */
  readonly type: string;
  /** The letter's byte. */
  readonly code: number;
  /** Its name in the JSON form: `Stock Directory Message`. */
  readonly name: string;
  /** Bytes. A message on the wire may be longer (fields added by a later edition), never shorter. */
  readonly length: number;
  /** In wire order, without gaps, from the stock locate on. */
  readonly fields: readonly FieldLayout[];
}

export type Side = 'B' | 'S';
/** Start of messages, of system hours, of market hours; end of market hours, of system hours, of messages. */
export type EventCode = 'O' | 'S' | 'Q' | 'M' | 'E' | 'C';
/** Halted, paused, quotation only, trading. */
export type TradingState = 'H' | 'P' | 'Q' | 'T';
/** Opening, closing, IPO or halt, intraday (until 2017), extended trading close (since 2022, imbalances only). */
export type CrossType = 'O' | 'C' | 'H' | 'I' | 'A';
/** Buy, sell, none, insufficient orders, paused (since 2023). */
export type ImbalanceDirection = 'B' | 'S' | 'N' | 'O' | 'P';

// Message types.
export const SYSTEM_EVENT = 0x53; // S
export const STOCK_DIRECTORY = 0x52; // R
export const TRADING_ACTION = 0x48; // H
export const REG_SHO_RESTRICTION = 0x59; // Y
export const PARTICIPANT_POSITION = 0x4c; // L
export const MWCB_DECLINE_LEVEL = 0x56; // V
export const MWCB_STATUS = 0x57; // W
export const IPO_QUOTING_PERIOD = 0x4b; // K
export const LULD_COLLAR = 0x4a; // J
export const OPERATIONAL_HALT = 0x68; // h
export const ADD_ORDER = 0x41; // A
export const ADD_ORDER_MPID = 0x46; // F
export const ORDER_EXECUTED = 0x45; // E
export const ORDER_EXECUTED_WITH_PRICE = 0x43; // C
export const ORDER_CANCEL = 0x58; // X
export const ORDER_DELETE = 0x44; // D
export const ORDER_REPLACE = 0x55; // U
export const TRADE = 0x50; // P
export const CROSS_TRADE = 0x51; // Q
export const BROKEN_TRADE = 0x42; // B
export const NET_ORDER_IMBALANCE = 0x49; // I
export const RETAIL_INTEREST = 0x4e; // N
export const DIRECT_LISTING = 0x4f; // O

// Values that hot code compares bytes with.
export const BUY = 0x42; // B
export const SELL = 0x53; // S
export const YES = 0x59; // Y
export const NO = 0x4e; // N

// Lengths, in bytes.
export const HEADER_LENGTH = 11;
export const SYSTEM_EVENT_LENGTH = 12;
export const STOCK_DIRECTORY_LENGTH = 39;
export const TRADING_ACTION_LENGTH = 25;
export const REG_SHO_RESTRICTION_LENGTH = 20;
export const PARTICIPANT_POSITION_LENGTH = 26;
export const MWCB_DECLINE_LEVEL_LENGTH = 35;
export const MWCB_STATUS_LENGTH = 12;
export const IPO_QUOTING_PERIOD_LENGTH = 28;
export const LULD_COLLAR_LENGTH = 35;
export const OPERATIONAL_HALT_LENGTH = 21;
export const ADD_ORDER_LENGTH = 36;
export const ADD_ORDER_MPID_LENGTH = 40;
export const ORDER_EXECUTED_LENGTH = 31;
export const ORDER_EXECUTED_WITH_PRICE_LENGTH = 36;
export const ORDER_CANCEL_LENGTH = 23;
export const ORDER_DELETE_LENGTH = 19;
export const ORDER_REPLACE_LENGTH = 35;
export const TRADE_LENGTH = 44;
export const CROSS_TRADE_LENGTH = 40;
export const BROKEN_TRADE_LENGTH = 19;
export const NET_ORDER_IMBALANCE_LENGTH = 50;
export const RETAIL_INTEREST_LENGTH = 20;
export const DIRECT_LISTING_LENGTH = 48;
/** The longest of them: room for any message. */
export const MESSAGE_LENGTH_MAX = 50;

// Offsets, in bytes from the message type.
export const STOCK_LOCATE = 1;
export const TRACKING_NUMBER = 3;
export const TIMESTAMP = 5;

export const SYSTEM_EVENT_CODE = 11;

export const STOCK_DIRECTORY_STOCK = 11;
export const STOCK_DIRECTORY_MARKET_CATEGORY = 19;
export const STOCK_DIRECTORY_FINANCIAL_STATUS = 20;
export const STOCK_DIRECTORY_ROUND_LOT_SIZE = 21;
export const STOCK_DIRECTORY_ROUND_LOTS_ONLY = 25;
export const STOCK_DIRECTORY_CLASSIFICATION = 26;
export const STOCK_DIRECTORY_SUB_TYPE = 27;
export const STOCK_DIRECTORY_AUTHENTICITY = 29;
export const STOCK_DIRECTORY_SHORT_SALE_THRESHOLD = 30;
export const STOCK_DIRECTORY_IPO_FLAG = 31;
export const STOCK_DIRECTORY_LULD_TIER = 32;
export const STOCK_DIRECTORY_ETP_FLAG = 33;
export const STOCK_DIRECTORY_ETP_LEVERAGE = 34;
export const STOCK_DIRECTORY_INVERSE = 38;

export const TRADING_ACTION_STOCK = 11;
export const TRADING_ACTION_STATE = 19;
export const TRADING_ACTION_RESERVED = 20;
export const TRADING_ACTION_REASON = 21;

export const REG_SHO_STOCK = 11;
export const REG_SHO_ACTION = 19;

export const PARTICIPANT_MPID = 11;
export const PARTICIPANT_STOCK = 15;
export const PARTICIPANT_PRIMARY = 23;
export const PARTICIPANT_MODE = 24;
export const PARTICIPANT_STATE = 25;

export const MWCB_LEVEL_1 = 11;
export const MWCB_LEVEL_2 = 19;
export const MWCB_LEVEL_3 = 27;
export const MWCB_BREACHED_LEVEL = 11;

export const IPO_STOCK = 11;
export const IPO_RELEASE_TIME = 19;
export const IPO_RELEASE_QUALIFIER = 23;
export const IPO_PRICE = 24;

export const LULD_STOCK = 11;
export const LULD_REFERENCE_PRICE = 19;
export const LULD_UPPER_PRICE = 23;
export const LULD_LOWER_PRICE = 27;
export const LULD_EXTENSION = 31;

export const OPERATIONAL_HALT_STOCK = 11;
export const OPERATIONAL_HALT_MARKET = 19;
export const OPERATIONAL_HALT_ACTION = 20;

// Add Order without (A) and with (F) the participant.
export const ADD_ORDER_REFERENCE = 11;
export const ADD_ORDER_SIDE = 19;
export const ADD_ORDER_SHARES = 20;
export const ADD_ORDER_STOCK = 24;
export const ADD_ORDER_PRICE = 32;
export const ADD_ORDER_ATTRIBUTION = 36;

// Order Executed (E) and, with the last two, Order Executed With Price (C).
export const EXECUTED_REFERENCE = 11;
export const EXECUTED_SHARES = 19;
export const EXECUTED_MATCH_NUMBER = 23;
export const EXECUTED_PRINTABLE = 31;
export const EXECUTED_PRICE = 32;

export const CANCEL_REFERENCE = 11;
export const CANCEL_SHARES = 19;

export const DELETE_REFERENCE = 11;

export const REPLACE_REFERENCE = 11;
export const REPLACE_NEW_REFERENCE = 19;
export const REPLACE_SHARES = 27;
export const REPLACE_PRICE = 31;

export const TRADE_REFERENCE = 11;
export const TRADE_SIDE = 19;
export const TRADE_SHARES = 20;
export const TRADE_STOCK = 24;
export const TRADE_PRICE = 32;
export const TRADE_MATCH_NUMBER = 36;

export const CROSS_SHARES = 11;
export const CROSS_STOCK = 19;
export const CROSS_PRICE = 27;
export const CROSS_MATCH_NUMBER = 31;
export const CROSS_TYPE = 39;

export const BROKEN_MATCH_NUMBER = 11;

export const IMBALANCE_PAIRED_SHARES = 11;
export const IMBALANCE_SHARES = 19;
export const IMBALANCE_DIRECTION = 27;
export const IMBALANCE_STOCK = 28;
export const IMBALANCE_FAR_PRICE = 36;
export const IMBALANCE_NEAR_PRICE = 40;
export const IMBALANCE_REFERENCE_PRICE = 44;
export const IMBALANCE_CROSS_TYPE = 48;
export const IMBALANCE_PRICE_VARIATION = 49;

export const RETAIL_INTEREST_STOCK = 11;
export const RETAIL_INTEREST_FLAG = 19;

export const DIRECT_LISTING_STOCK = 11;
export const DIRECT_LISTING_OPEN_ELIGIBILITY = 19;
export const DIRECT_LISTING_MINIMUM_PRICE = 20;
export const DIRECT_LISTING_MAXIMUM_PRICE = 24;
export const DIRECT_LISTING_NEAR_PRICE = 28;
export const DIRECT_LISTING_NEAR_TIME = 32;
export const DIRECT_LISTING_LOWER_COLLAR = 40;
export const DIRECT_LISTING_UPPER_COLLAR = 44;

/** Bytes of a stock symbol. */
export const STOCK_LENGTH = 8;

const LENGTH_OF_KIND = { u16: 2, u32: 4, u48: 6, u64: 8, char: 1, px4: 4, px8: 8 } as const;

function field(kind: keyof typeof LENGTH_OF_KIND, name: string, offset: number, reserved = false): FieldLayout {
  return { name, offset, length: LENGTH_OF_KIND[kind], kind, reserved };
}

function alpha(name: string, offset: number, length: number): FieldLayout {
  return { name, offset, length, kind: 'alpha', reserved: false };
}

const stock = (offset: number): FieldLayout => alpha('stock', offset, STOCK_LENGTH);

/** @param locate what the JSON form calls the stock locate; the Reg SHO message names it differently. */
function message(
  code: number,
  name: string,
  length: number,
  fields: readonly FieldLayout[],
  locate = 'stockLocate',
): MessageLayout {
  const header = [
    field('u16', locate, STOCK_LOCATE),
    field('u16', 'trackingNumber', TRACKING_NUMBER),
    field('u48', 'timestamp', TIMESTAMP),
  ];
  return { type: String.fromCharCode(code), code, name, length, fields: [...header, ...fields] };
}

/** Every message type, in the order of the specification. Names of messages and fields are those of the JSON form. */
export const MESSAGES: readonly MessageLayout[] = [
  message(SYSTEM_EVENT, 'System Event Message', SYSTEM_EVENT_LENGTH, [field('char', 'eventCode', SYSTEM_EVENT_CODE)]),
  message(STOCK_DIRECTORY, 'Stock Directory Message', STOCK_DIRECTORY_LENGTH, [
    stock(STOCK_DIRECTORY_STOCK),
    field('char', 'marketCategory', STOCK_DIRECTORY_MARKET_CATEGORY),
    field('char', 'financialStatusIndicator', STOCK_DIRECTORY_FINANCIAL_STATUS),
    field('u32', 'roundLotSize', STOCK_DIRECTORY_ROUND_LOT_SIZE),
    field('char', 'roundLotsOnly', STOCK_DIRECTORY_ROUND_LOTS_ONLY),
    field('char', 'issueClassification', STOCK_DIRECTORY_CLASSIFICATION),
    alpha('issueSubType', STOCK_DIRECTORY_SUB_TYPE, 2),
    field('char', 'authenticity', STOCK_DIRECTORY_AUTHENTICITY),
    field('char', 'shortSaleThresholdIndicator', STOCK_DIRECTORY_SHORT_SALE_THRESHOLD),
    field('char', 'ipoFlag', STOCK_DIRECTORY_IPO_FLAG),
    field('char', 'luldReferencePriceTier', STOCK_DIRECTORY_LULD_TIER),
    field('char', 'etpFlag', STOCK_DIRECTORY_ETP_FLAG),
    field('u32', 'etpLeverageFactor', STOCK_DIRECTORY_ETP_LEVERAGE),
    field('char', 'inverseIndicator', STOCK_DIRECTORY_INVERSE),
  ]),
  message(TRADING_ACTION, 'Stock Trading Action Message', TRADING_ACTION_LENGTH, [
    stock(TRADING_ACTION_STOCK),
    field('char', 'tradingState', TRADING_ACTION_STATE),
    field('char', 'reserved', TRADING_ACTION_RESERVED, true),
    alpha('reason', TRADING_ACTION_REASON, 4),
  ]),
  message(
    REG_SHO_RESTRICTION,
    'Reg Sho Short Sale Price Test Restricted Indicator Message',
    REG_SHO_RESTRICTION_LENGTH,
    [stock(REG_SHO_STOCK), field('char', 'regShoAction', REG_SHO_ACTION)],
    'locateCode',
  ),
  message(PARTICIPANT_POSITION, 'Market Participant Position Message', PARTICIPANT_POSITION_LENGTH, [
    alpha('mpid', PARTICIPANT_MPID, 4),
    stock(PARTICIPANT_STOCK),
    field('char', 'primaryMarketMaker', PARTICIPANT_PRIMARY),
    field('char', 'marketMakerMode', PARTICIPANT_MODE),
    field('char', 'marketParticipantState', PARTICIPANT_STATE),
  ]),
  message(MWCB_DECLINE_LEVEL, 'Mwcb Decline Level Message', MWCB_DECLINE_LEVEL_LENGTH, [
    field('px8', 'level1', MWCB_LEVEL_1),
    field('px8', 'level2', MWCB_LEVEL_2),
    field('px8', 'level3', MWCB_LEVEL_3),
  ]),
  message(MWCB_STATUS, 'Mwcb Status Level Message', MWCB_STATUS_LENGTH, [
    field('char', 'breachedLevel', MWCB_BREACHED_LEVEL),
  ]),
  message(IPO_QUOTING_PERIOD, 'Ipo Quoting Period Update', IPO_QUOTING_PERIOD_LENGTH, [
    stock(IPO_STOCK),
    field('u32', 'ipoQuotationReleaseTime', IPO_RELEASE_TIME),
    field('char', 'ipoQuotationReleaseQualifier', IPO_RELEASE_QUALIFIER),
    field('px4', 'ipoPrice', IPO_PRICE),
  ]),
  message(LULD_COLLAR, 'Luld Auction Collar Message', LULD_COLLAR_LENGTH, [
    stock(LULD_STOCK),
    field('px4', 'auctionCollarReferencePrice', LULD_REFERENCE_PRICE),
    field('px4', 'upperAuctionCollarPrice', LULD_UPPER_PRICE),
    field('px4', 'lowerAuctionCollarPrice', LULD_LOWER_PRICE),
    field('u32', 'auctionCollarExtension', LULD_EXTENSION),
  ]),
  message(OPERATIONAL_HALT, 'Operational Halt Message', OPERATIONAL_HALT_LENGTH, [
    stock(OPERATIONAL_HALT_STOCK),
    field('char', 'marketCode', OPERATIONAL_HALT_MARKET),
    field('char', 'operationalHaltAction', OPERATIONAL_HALT_ACTION),
  ]),
  message(ADD_ORDER, 'Add Order No Mpid Attribution Message', ADD_ORDER_LENGTH, [
    field('u64', 'orderReferenceNumber', ADD_ORDER_REFERENCE),
    field('char', 'buySellIndicator', ADD_ORDER_SIDE),
    field('u32', 'shares', ADD_ORDER_SHARES),
    stock(ADD_ORDER_STOCK),
    field('px4', 'price', ADD_ORDER_PRICE),
  ]),
  message(ADD_ORDER_MPID, 'Add Order With Mpid Attribution Message', ADD_ORDER_MPID_LENGTH, [
    field('u64', 'orderReferenceNumber', ADD_ORDER_REFERENCE),
    field('char', 'buySellIndicator', ADD_ORDER_SIDE),
    field('u32', 'shares', ADD_ORDER_SHARES),
    stock(ADD_ORDER_STOCK),
    field('px4', 'price', ADD_ORDER_PRICE),
    alpha('attribution', ADD_ORDER_ATTRIBUTION, 4),
  ]),
  message(ORDER_EXECUTED, 'Order Executed Message', ORDER_EXECUTED_LENGTH, [
    field('u64', 'orderReferenceNumber', EXECUTED_REFERENCE),
    field('u32', 'executedShares', EXECUTED_SHARES),
    field('u64', 'matchNumber', EXECUTED_MATCH_NUMBER),
  ]),
  message(ORDER_EXECUTED_WITH_PRICE, 'Order Executed With Price Message', ORDER_EXECUTED_WITH_PRICE_LENGTH, [
    field('u64', 'orderReferenceNumber', EXECUTED_REFERENCE),
    field('u32', 'executedShares', EXECUTED_SHARES),
    field('u64', 'matchNumber', EXECUTED_MATCH_NUMBER),
    field('char', 'printable', EXECUTED_PRINTABLE),
    field('px4', 'executionPrice', EXECUTED_PRICE),
  ]),
  message(ORDER_CANCEL, 'Order Cancel Message', ORDER_CANCEL_LENGTH, [
    field('u64', 'orderReferenceNumber', CANCEL_REFERENCE),
    field('u32', 'canceledShares', CANCEL_SHARES),
  ]),
  message(ORDER_DELETE, 'Order Delete Message', ORDER_DELETE_LENGTH, [
    field('u64', 'orderReferenceNumber', DELETE_REFERENCE),
  ]),
  message(ORDER_REPLACE, 'Order Replace Message', ORDER_REPLACE_LENGTH, [
    field('u64', 'originalOrderReferenceNumber', REPLACE_REFERENCE),
    field('u64', 'newOrderReferenceNumber', REPLACE_NEW_REFERENCE),
    field('u32', 'shares', REPLACE_SHARES),
    field('px4', 'price', REPLACE_PRICE),
  ]),
  message(TRADE, 'Non Cross Trade Message', TRADE_LENGTH, [
    field('u64', 'orderReferenceNumber', TRADE_REFERENCE),
    field('char', 'buySellIndicator', TRADE_SIDE),
    field('u32', 'shares', TRADE_SHARES),
    stock(TRADE_STOCK),
    field('px4', 'price', TRADE_PRICE),
    field('u64', 'matchNumber', TRADE_MATCH_NUMBER),
  ]),
  message(CROSS_TRADE, 'Cross Trade Message', CROSS_TRADE_LENGTH, [
    field('u64', 'crossShares', CROSS_SHARES),
    stock(CROSS_STOCK),
    field('px4', 'crossPrice', CROSS_PRICE),
    field('u64', 'matchNumber', CROSS_MATCH_NUMBER),
    field('char', 'crossType', CROSS_TYPE),
  ]),
  message(BROKEN_TRADE, 'Broken Trade Message', BROKEN_TRADE_LENGTH, [
    field('u64', 'matchNumber', BROKEN_MATCH_NUMBER),
  ]),
  message(NET_ORDER_IMBALANCE, 'Net Order Imbalance Indicator Message', NET_ORDER_IMBALANCE_LENGTH, [
    field('u64', 'pairedShares', IMBALANCE_PAIRED_SHARES),
    field('u64', 'imbalanceShares', IMBALANCE_SHARES),
    field('char', 'imbalanceDirection', IMBALANCE_DIRECTION),
    stock(IMBALANCE_STOCK),
    field('px4', 'farPrice', IMBALANCE_FAR_PRICE),
    field('px4', 'nearPrice', IMBALANCE_NEAR_PRICE),
    field('px4', 'currentReferencePrice', IMBALANCE_REFERENCE_PRICE),
    field('char', 'crossType', IMBALANCE_CROSS_TYPE),
    field('char', 'priceVariationIndicator', IMBALANCE_PRICE_VARIATION),
  ]),
  message(RETAIL_INTEREST, 'Retail Interest Message', RETAIL_INTEREST_LENGTH, [
    stock(RETAIL_INTEREST_STOCK),
    field('char', 'interestFlag', RETAIL_INTEREST_FLAG),
  ]),
  message(DIRECT_LISTING, 'Direct Listing With Capital Raise Price Discovery Message', DIRECT_LISTING_LENGTH, [
    stock(DIRECT_LISTING_STOCK),
    field('char', 'openEligibilityStatus', DIRECT_LISTING_OPEN_ELIGIBILITY),
    field('px4', 'minimumAllowablePrice', DIRECT_LISTING_MINIMUM_PRICE),
    field('px4', 'maximumAllowablePrice', DIRECT_LISTING_MAXIMUM_PRICE),
    field('px4', 'nearExecutionPrice', DIRECT_LISTING_NEAR_PRICE),
    field('u64', 'nearExecutionTime', DIRECT_LISTING_NEAR_TIME),
    field('px4', 'lowerPriceRangeCollar', DIRECT_LISTING_LOWER_COLLAR),
    field('px4', 'upperPriceRangeCollar', DIRECT_LISTING_UPPER_COLLAR),
  ]),
];

const LAYOUTS: readonly (MessageLayout | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  MESSAGES.find((layout) => layout.code === code),
);

/** The layout of a message type, by the letter's byte; undefined for a type that ITCH 5.0 does not have. */
export function messageLayout(code: number): MessageLayout | undefined {
  return LAYOUTS[code];
}
