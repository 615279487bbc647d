import { assert, TickerError, writeAlpha, writeU48BE, writeU64BE } from '@tickerplant/core';
import {
  ADD_ORDER,
  ADD_ORDER_ATTRIBUTION,
  ADD_ORDER_LENGTH,
  ADD_ORDER_MPID,
  ADD_ORDER_MPID_LENGTH,
  ADD_ORDER_PRICE,
  ADD_ORDER_REFERENCE,
  ADD_ORDER_SHARES,
  ADD_ORDER_SIDE,
  ADD_ORDER_STOCK,
  BROKEN_MATCH_NUMBER,
  BROKEN_TRADE,
  BROKEN_TRADE_LENGTH,
  CANCEL_REFERENCE,
  CANCEL_SHARES,
  CROSS_MATCH_NUMBER,
  CROSS_PRICE,
  CROSS_SHARES,
  CROSS_STOCK,
  CROSS_TRADE,
  CROSS_TRADE_LENGTH,
  CROSS_TYPE,
  type CrossType,
  DELETE_REFERENCE,
  DIRECT_LISTING,
  DIRECT_LISTING_LENGTH,
  DIRECT_LISTING_LOWER_COLLAR,
  DIRECT_LISTING_MAXIMUM_PRICE,
  DIRECT_LISTING_MINIMUM_PRICE,
  DIRECT_LISTING_NEAR_PRICE,
  DIRECT_LISTING_NEAR_TIME,
  DIRECT_LISTING_OPEN_ELIGIBILITY,
  DIRECT_LISTING_STOCK,
  DIRECT_LISTING_UPPER_COLLAR,
  type EventCode,
  EXECUTED_MATCH_NUMBER,
  EXECUTED_PRICE,
  EXECUTED_PRINTABLE,
  EXECUTED_REFERENCE,
  EXECUTED_SHARES,
  type FieldLayout,
  IMBALANCE_CROSS_TYPE,
  IMBALANCE_DIRECTION,
  IMBALANCE_FAR_PRICE,
  IMBALANCE_NEAR_PRICE,
  IMBALANCE_PAIRED_SHARES,
  IMBALANCE_PRICE_VARIATION,
  IMBALANCE_REFERENCE_PRICE,
  IMBALANCE_SHARES,
  IMBALANCE_STOCK,
  type ImbalanceDirection,
  IPO_PRICE,
  IPO_QUOTING_PERIOD,
  IPO_QUOTING_PERIOD_LENGTH,
  IPO_RELEASE_QUALIFIER,
  IPO_RELEASE_TIME,
  IPO_STOCK,
  LULD_COLLAR,
  LULD_COLLAR_LENGTH,
  LULD_EXTENSION,
  LULD_LOWER_PRICE,
  LULD_REFERENCE_PRICE,
  LULD_STOCK,
  LULD_UPPER_PRICE,
  MWCB_BREACHED_LEVEL,
  MWCB_DECLINE_LEVEL,
  MWCB_DECLINE_LEVEL_LENGTH,
  MWCB_LEVEL_1,
  MWCB_LEVEL_2,
  MWCB_LEVEL_3,
  MWCB_STATUS,
  MWCB_STATUS_LENGTH,
  messageLayout,
  NET_ORDER_IMBALANCE,
  NET_ORDER_IMBALANCE_LENGTH,
  NO,
  OPERATIONAL_HALT,
  OPERATIONAL_HALT_ACTION,
  OPERATIONAL_HALT_LENGTH,
  OPERATIONAL_HALT_MARKET,
  OPERATIONAL_HALT_STOCK,
  ORDER_CANCEL,
  ORDER_CANCEL_LENGTH,
  ORDER_DELETE,
  ORDER_DELETE_LENGTH,
  ORDER_EXECUTED,
  ORDER_EXECUTED_LENGTH,
  ORDER_EXECUTED_WITH_PRICE,
  ORDER_EXECUTED_WITH_PRICE_LENGTH,
  ORDER_REPLACE,
  ORDER_REPLACE_LENGTH,
  PARTICIPANT_MODE,
  PARTICIPANT_MPID,
  PARTICIPANT_POSITION,
  PARTICIPANT_POSITION_LENGTH,
  PARTICIPANT_PRIMARY,
  PARTICIPANT_STATE,
  PARTICIPANT_STOCK,
  REG_SHO_ACTION,
  REG_SHO_RESTRICTION,
  REG_SHO_RESTRICTION_LENGTH,
  REG_SHO_STOCK,
  REPLACE_NEW_REFERENCE,
  REPLACE_PRICE,
  REPLACE_REFERENCE,
  REPLACE_SHARES,
  RETAIL_INTEREST,
  RETAIL_INTEREST_FLAG,
  RETAIL_INTEREST_LENGTH,
  RETAIL_INTEREST_STOCK,
  type Side,
  STOCK_DIRECTORY,
  STOCK_DIRECTORY_AUTHENTICITY,
  STOCK_DIRECTORY_CLASSIFICATION,
  STOCK_DIRECTORY_ETP_FLAG,
  STOCK_DIRECTORY_ETP_LEVERAGE,
  STOCK_DIRECTORY_FINANCIAL_STATUS,
  STOCK_DIRECTORY_INVERSE,
  STOCK_DIRECTORY_IPO_FLAG,
  STOCK_DIRECTORY_LENGTH,
  STOCK_DIRECTORY_LULD_TIER,
  STOCK_DIRECTORY_MARKET_CATEGORY,
  STOCK_DIRECTORY_ROUND_LOT_SIZE,
  STOCK_DIRECTORY_ROUND_LOTS_ONLY,
  STOCK_DIRECTORY_SHORT_SALE_THRESHOLD,
  STOCK_DIRECTORY_STOCK,
  STOCK_DIRECTORY_SUB_TYPE,
  STOCK_LENGTH,
  STOCK_LOCATE,
  SYSTEM_EVENT,
  SYSTEM_EVENT_CODE,
  SYSTEM_EVENT_LENGTH,
  TIMESTAMP,
  TRACKING_NUMBER,
  TRADE,
  TRADE_LENGTH,
  TRADE_MATCH_NUMBER,
  TRADE_PRICE,
  TRADE_REFERENCE,
  TRADE_SHARES,
  TRADE_SIDE,
  TRADE_STOCK,
  TRADING_ACTION,
  TRADING_ACTION_LENGTH,
  TRADING_ACTION_REASON,
  TRADING_ACTION_RESERVED,
  TRADING_ACTION_STATE,
  TRADING_ACTION_STOCK,
  type TradingState,
  YES,
} from './messages.ts';

// The functions `encode…` write one message at `at` and return its length. They take the header (the day's number
// of the instrument, the exchange's tracking number, ns since Eastern midnight), then the fields in wire order.
// Text is Latin-1, cut where it is too long; codes are one character, '' being a space; prices are in 1/10,000
// dollar; references, share counts of 64 bits and match numbers go up to 2^53 - 1. They allocate nothing and
// judge nothing but that the buffer has room: `MESSAGE_LENGTH_MAX` bytes are always enough.

const SPACE = 0x20;

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function writeChar(bytes: Uint8Array, at: number, text: string): void {
  bytes[at] = text.length === 0 ? SPACE : text.charCodeAt(0);
}

function writeStock(bytes: Uint8Array, at: number, stock: string): void {
  writeAlpha(bytes, at, STOCK_LENGTH, stock);
}

function writeHeader(
  bytes: Uint8Array,
  at: number,
  type: number,
  length: number,
  locate: number,
  tracking: number,
  timestampNs: number,
): void {
  assert(at + length <= bytes.length, 'an ITCH message must fit its buffer');
  bytes[at] = type;
  writeU16(bytes, at + STOCK_LOCATE, locate);
  writeU16(bytes, at + TRACKING_NUMBER, tracking);
  writeU48BE(bytes, at + TIMESTAMP, timestampNs);
}

/** `S`. About no instrument: the locate is 0. */
export function encodeSystemEvent(
  bytes: Uint8Array,
  at: number,
  tracking: number,
  timestampNs: number,
  event: EventCode,
): number {
  writeHeader(bytes, at, SYSTEM_EVENT, SYSTEM_EVENT_LENGTH, 0, tracking, timestampNs);
  writeChar(bytes, at + SYSTEM_EVENT_CODE, event);
  return SYSTEM_EVENT_LENGTH;
}

/** What a Stock Directory says of an instrument (specification, section 4.2.1). Codes are one character or `''`. */
export interface StockDirectory {
  stock: string;
  marketCategory: string;
  financialStatusIndicator: string;
  /** Shares. */
  roundLotSize: number;
  roundLotsOnly: string;
  issueClassification: string;
  /** Up to two characters. */
  issueSubType: string;
  /** `P` production, `T` test. */
  authenticity: string;
  shortSaleThresholdIndicator: string;
  ipoFlag: string;
  luldReferencePriceTier: string;
  etpFlag: string;
  etpLeverageFactor: number;
  inverseIndicator: string;
}

/** `R` */
export function encodeStockDirectory(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  directory: Readonly<StockDirectory>,
): number {
  writeHeader(bytes, at, STOCK_DIRECTORY, STOCK_DIRECTORY_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + STOCK_DIRECTORY_STOCK, directory.stock);
  writeChar(bytes, at + STOCK_DIRECTORY_MARKET_CATEGORY, directory.marketCategory);
  writeChar(bytes, at + STOCK_DIRECTORY_FINANCIAL_STATUS, directory.financialStatusIndicator);
  writeU32(bytes, at + STOCK_DIRECTORY_ROUND_LOT_SIZE, directory.roundLotSize);
  writeChar(bytes, at + STOCK_DIRECTORY_ROUND_LOTS_ONLY, directory.roundLotsOnly);
  writeChar(bytes, at + STOCK_DIRECTORY_CLASSIFICATION, directory.issueClassification);
  writeAlpha(bytes, at + STOCK_DIRECTORY_SUB_TYPE, 2, directory.issueSubType);
  writeChar(bytes, at + STOCK_DIRECTORY_AUTHENTICITY, directory.authenticity);
  writeChar(bytes, at + STOCK_DIRECTORY_SHORT_SALE_THRESHOLD, directory.shortSaleThresholdIndicator);
  writeChar(bytes, at + STOCK_DIRECTORY_IPO_FLAG, directory.ipoFlag);
  writeChar(bytes, at + STOCK_DIRECTORY_LULD_TIER, directory.luldReferencePriceTier);
  writeChar(bytes, at + STOCK_DIRECTORY_ETP_FLAG, directory.etpFlag);
  writeU32(bytes, at + STOCK_DIRECTORY_ETP_LEVERAGE, directory.etpLeverageFactor);
  writeChar(bytes, at + STOCK_DIRECTORY_INVERSE, directory.inverseIndicator);
  return STOCK_DIRECTORY_LENGTH;
}

/** `H`. @param reason up to 4 characters (specification, appendix of trading action reasons), `''` for none. */
export function encodeTradingAction(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  state: TradingState,
  reason: string,
): number {
  writeHeader(bytes, at, TRADING_ACTION, TRADING_ACTION_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + TRADING_ACTION_STOCK, stock);
  writeChar(bytes, at + TRADING_ACTION_STATE, state);
  bytes[at + TRADING_ACTION_RESERVED] = SPACE;
  writeAlpha(bytes, at + TRADING_ACTION_REASON, 4, reason);
  return TRADING_ACTION_LENGTH;
}

/** `Y`. @param action 0 none, 1 in effect since today, 2 remains in effect. */
export function encodeRegShoRestriction(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  action: '0' | '1' | '2',
): number {
  writeHeader(bytes, at, REG_SHO_RESTRICTION, REG_SHO_RESTRICTION_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + REG_SHO_STOCK, stock);
  writeChar(bytes, at + REG_SHO_ACTION, action);
  return REG_SHO_RESTRICTION_LENGTH;
}

/** `L`. @param mode N P S R L. @param state A E W S D (specification, section 4.2.4). */
export function encodeParticipantPosition(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  mpid: string,
  stock: string,
  primary: boolean,
  mode: string,
  state: string,
): number {
  writeHeader(bytes, at, PARTICIPANT_POSITION, PARTICIPANT_POSITION_LENGTH, locate, tracking, timestampNs);
  writeAlpha(bytes, at + PARTICIPANT_MPID, 4, mpid);
  writeStock(bytes, at + PARTICIPANT_STOCK, stock);
  bytes[at + PARTICIPANT_PRIMARY] = primary ? YES : NO;
  writeChar(bytes, at + PARTICIPANT_MODE, mode);
  writeChar(bytes, at + PARTICIPANT_STATE, state);
  return PARTICIPANT_POSITION_LENGTH;
}

/** `V`. Levels are index points in 1/100,000,000. About no instrument: the locate is 0. */
export function encodeMwcbDeclineLevel(
  bytes: Uint8Array,
  at: number,
  tracking: number,
  timestampNs: number,
  level1: number,
  level2: number,
  level3: number,
): number {
  writeHeader(bytes, at, MWCB_DECLINE_LEVEL, MWCB_DECLINE_LEVEL_LENGTH, 0, tracking, timestampNs);
  writeU64BE(bytes, at + MWCB_LEVEL_1, level1);
  writeU64BE(bytes, at + MWCB_LEVEL_2, level2);
  writeU64BE(bytes, at + MWCB_LEVEL_3, level3);
  return MWCB_DECLINE_LEVEL_LENGTH;
}

/** `W`. About no instrument: the locate is 0. */
export function encodeMwcbStatus(
  bytes: Uint8Array,
  at: number,
  tracking: number,
  timestampNs: number,
  breachedLevel: '1' | '2' | '3',
): number {
  writeHeader(bytes, at, MWCB_STATUS, MWCB_STATUS_LENGTH, 0, tracking, timestampNs);
  writeChar(bytes, at + MWCB_BREACHED_LEVEL, breachedLevel);
  return MWCB_STATUS_LENGTH;
}

/** `K`. @param releaseTime **seconds** since midnight. @param qualifier anticipated, canceled or postponed. */
export function encodeIpoQuotingPeriod(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  releaseTime: number,
  qualifier: 'A' | 'C',
  price: number,
): number {
  writeHeader(bytes, at, IPO_QUOTING_PERIOD, IPO_QUOTING_PERIOD_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + IPO_STOCK, stock);
  writeU32(bytes, at + IPO_RELEASE_TIME, releaseTime);
  writeChar(bytes, at + IPO_RELEASE_QUALIFIER, qualifier);
  writeU32(bytes, at + IPO_PRICE, price);
  return IPO_QUOTING_PERIOD_LENGTH;
}

/** `J`. @param extension how often the auction has been extended. */
export function encodeLuldCollar(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  referencePrice: number,
  upperPrice: number,
  lowerPrice: number,
  extension: number,
): number {
  writeHeader(bytes, at, LULD_COLLAR, LULD_COLLAR_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + LULD_STOCK, stock);
  writeU32(bytes, at + LULD_REFERENCE_PRICE, referencePrice);
  writeU32(bytes, at + LULD_UPPER_PRICE, upperPrice);
  writeU32(bytes, at + LULD_LOWER_PRICE, lowerPrice);
  writeU32(bytes, at + LULD_EXTENSION, extension);
  return LULD_COLLAR_LENGTH;
}

/** `h`. @param market Nasdaq, BX, PSX. @param action halted there, lifted. */
export function encodeOperationalHalt(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  market: 'Q' | 'B' | 'X',
  action: 'H' | 'T',
): number {
  writeHeader(bytes, at, OPERATIONAL_HALT, OPERATIONAL_HALT_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + OPERATIONAL_HALT_STOCK, stock);
  writeChar(bytes, at + OPERATIONAL_HALT_MARKET, market);
  writeChar(bytes, at + OPERATIONAL_HALT_ACTION, action);
  return OPERATIONAL_HALT_LENGTH;
}

/** `A` */
export function encodeAddOrder(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  side: Side,
  shares: number,
  stock: string,
  price: number,
): number {
  writeHeader(bytes, at, ADD_ORDER, ADD_ORDER_LENGTH, locate, tracking, timestampNs);
  writeOrder(bytes, at, reference, side, shares, stock, price);
  return ADD_ORDER_LENGTH;
}

/** `F`. @param attribution the participant's 4 characters. */
export function encodeAddOrderMpid(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  side: Side,
  shares: number,
  stock: string,
  price: number,
  attribution: string,
): number {
  writeHeader(bytes, at, ADD_ORDER_MPID, ADD_ORDER_MPID_LENGTH, locate, tracking, timestampNs);
  writeOrder(bytes, at, reference, side, shares, stock, price);
  writeAlpha(bytes, at + ADD_ORDER_ATTRIBUTION, 4, attribution);
  return ADD_ORDER_MPID_LENGTH;
}

function writeOrder(
  bytes: Uint8Array,
  at: number,
  reference: number,
  side: Side,
  shares: number,
  stock: string,
  price: number,
): void {
  writeU64BE(bytes, at + ADD_ORDER_REFERENCE, reference);
  writeChar(bytes, at + ADD_ORDER_SIDE, side);
  writeU32(bytes, at + ADD_ORDER_SHARES, shares);
  writeStock(bytes, at + ADD_ORDER_STOCK, stock);
  writeU32(bytes, at + ADD_ORDER_PRICE, price);
}

/** `E` */
export function encodeOrderExecuted(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  shares: number,
  matchNumber: number,
): number {
  writeHeader(bytes, at, ORDER_EXECUTED, ORDER_EXECUTED_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + EXECUTED_REFERENCE, reference);
  writeU32(bytes, at + EXECUTED_SHARES, shares);
  writeU64BE(bytes, at + EXECUTED_MATCH_NUMBER, matchNumber);
  return ORDER_EXECUTED_LENGTH;
}

/** `C` */
export function encodeOrderExecutedWithPrice(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  shares: number,
  matchNumber: number,
  printable: boolean,
  price: number,
): number {
  writeHeader(bytes, at, ORDER_EXECUTED_WITH_PRICE, ORDER_EXECUTED_WITH_PRICE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + EXECUTED_REFERENCE, reference);
  writeU32(bytes, at + EXECUTED_SHARES, shares);
  writeU64BE(bytes, at + EXECUTED_MATCH_NUMBER, matchNumber);
  bytes[at + EXECUTED_PRINTABLE] = printable ? YES : NO;
  writeU32(bytes, at + EXECUTED_PRICE, price);
  return ORDER_EXECUTED_WITH_PRICE_LENGTH;
}

/** `X`. @param shares those taken off. */
export function encodeOrderCancel(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  shares: number,
): number {
  writeHeader(bytes, at, ORDER_CANCEL, ORDER_CANCEL_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + CANCEL_REFERENCE, reference);
  writeU32(bytes, at + CANCEL_SHARES, shares);
  return ORDER_CANCEL_LENGTH;
}

/** `D` */
export function encodeOrderDelete(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
): number {
  writeHeader(bytes, at, ORDER_DELETE, ORDER_DELETE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + DELETE_REFERENCE, reference);
  return ORDER_DELETE_LENGTH;
}

/** `U` */
export function encodeOrderReplace(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  newReference: number,
  shares: number,
  price: number,
): number {
  writeHeader(bytes, at, ORDER_REPLACE, ORDER_REPLACE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + REPLACE_REFERENCE, reference);
  writeU64BE(bytes, at + REPLACE_NEW_REFERENCE, newReference);
  writeU32(bytes, at + REPLACE_SHARES, shares);
  writeU32(bytes, at + REPLACE_PRICE, price);
  return ORDER_REPLACE_LENGTH;
}

/** `P`. @param reference 0 on the real feed since 2010. @param side `B` on the real feed since 2014. */
export function encodeTrade(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  reference: number,
  side: Side,
  shares: number,
  stock: string,
  price: number,
  matchNumber: number,
): number {
  writeHeader(bytes, at, TRADE, TRADE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + TRADE_REFERENCE, reference);
  writeChar(bytes, at + TRADE_SIDE, side);
  writeU32(bytes, at + TRADE_SHARES, shares);
  writeStock(bytes, at + TRADE_STOCK, stock);
  writeU32(bytes, at + TRADE_PRICE, price);
  writeU64BE(bytes, at + TRADE_MATCH_NUMBER, matchNumber);
  return TRADE_LENGTH;
}

/** `Q`. No shares: the cross was done without a match. */
export function encodeCrossTrade(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  shares: number,
  stock: string,
  price: number,
  matchNumber: number,
  crossType: CrossType,
): number {
  writeHeader(bytes, at, CROSS_TRADE, CROSS_TRADE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + CROSS_SHARES, shares);
  writeStock(bytes, at + CROSS_STOCK, stock);
  writeU32(bytes, at + CROSS_PRICE, price);
  writeU64BE(bytes, at + CROSS_MATCH_NUMBER, matchNumber);
  writeChar(bytes, at + CROSS_TYPE, crossType);
  return CROSS_TRADE_LENGTH;
}

/** `B` */
export function encodeBrokenTrade(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  matchNumber: number,
): number {
  writeHeader(bytes, at, BROKEN_TRADE, BROKEN_TRADE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + BROKEN_MATCH_NUMBER, matchNumber);
  return BROKEN_TRADE_LENGTH;
}

/** What a Net Order Imbalance says (specification, section 4.6). Prices in 1/10,000 dollar, 0 being none. */
export interface NetOrderImbalance {
  pairedShares: number;
  imbalanceShares: number;
  imbalanceDirection: ImbalanceDirection;
  stock: string;
  farPrice: number;
  nearPrice: number;
  currentReferencePrice: number;
  crossType: CrossType;
  /** How far the near price is from the reference: L, 1 to 9, A, B, C, or `''`. */
  priceVariationIndicator: string;
}

/** `I` */
export function encodeNetOrderImbalance(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  imbalance: Readonly<NetOrderImbalance>,
): number {
  writeHeader(bytes, at, NET_ORDER_IMBALANCE, NET_ORDER_IMBALANCE_LENGTH, locate, tracking, timestampNs);
  writeU64BE(bytes, at + IMBALANCE_PAIRED_SHARES, imbalance.pairedShares);
  writeU64BE(bytes, at + IMBALANCE_SHARES, imbalance.imbalanceShares);
  writeChar(bytes, at + IMBALANCE_DIRECTION, imbalance.imbalanceDirection);
  writeStock(bytes, at + IMBALANCE_STOCK, imbalance.stock);
  writeU32(bytes, at + IMBALANCE_FAR_PRICE, imbalance.farPrice);
  writeU32(bytes, at + IMBALANCE_NEAR_PRICE, imbalance.nearPrice);
  writeU32(bytes, at + IMBALANCE_REFERENCE_PRICE, imbalance.currentReferencePrice);
  writeChar(bytes, at + IMBALANCE_CROSS_TYPE, imbalance.crossType);
  writeChar(bytes, at + IMBALANCE_PRICE_VARIATION, imbalance.priceVariationIndicator);
  return NET_ORDER_IMBALANCE_LENGTH;
}

/** `N`. @param interest on the buy side, sell side, both (A), none. */
export function encodeRetailInterest(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  stock: string,
  interest: 'B' | 'S' | 'A' | 'N',
): number {
  writeHeader(bytes, at, RETAIL_INTEREST, RETAIL_INTEREST_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + RETAIL_INTEREST_STOCK, stock);
  writeChar(bytes, at + RETAIL_INTEREST_FLAG, interest);
  return RETAIL_INTEREST_LENGTH;
}

/** What price discovery of a Direct Listing with Capital Raise says (specification, section 4.8). */
export interface DirectListing {
  stock: string;
  /** Y or N. */
  openEligibilityStatus: string;
  /** Prices in 1/10,000 dollar. */
  minimumAllowablePrice: number;
  maximumAllowablePrice: number;
  nearExecutionPrice: number;
  /** When the near price was set; taken to be ns since Eastern midnight, which the specification does not say. */
  nearExecutionTime: number;
  lowerPriceRangeCollar: number;
  upperPriceRangeCollar: number;
}

/** `O` */
export function encodeDirectListing(
  bytes: Uint8Array,
  at: number,
  locate: number,
  tracking: number,
  timestampNs: number,
  listing: Readonly<DirectListing>,
): number {
  writeHeader(bytes, at, DIRECT_LISTING, DIRECT_LISTING_LENGTH, locate, tracking, timestampNs);
  writeStock(bytes, at + DIRECT_LISTING_STOCK, listing.stock);
  writeChar(bytes, at + DIRECT_LISTING_OPEN_ELIGIBILITY, listing.openEligibilityStatus);
  writeU32(bytes, at + DIRECT_LISTING_MINIMUM_PRICE, listing.minimumAllowablePrice);
  writeU32(bytes, at + DIRECT_LISTING_MAXIMUM_PRICE, listing.maximumAllowablePrice);
  writeU32(bytes, at + DIRECT_LISTING_NEAR_PRICE, listing.nearExecutionPrice);
  writeU64BE(bytes, at + DIRECT_LISTING_NEAR_TIME, listing.nearExecutionTime);
  writeU32(bytes, at + DIRECT_LISTING_LOWER_COLLAR, listing.lowerPriceRangeCollar);
  writeU32(bytes, at + DIRECT_LISTING_UPPER_COLLAR, listing.upperPriceRangeCollar);
  return DIRECT_LISTING_LENGTH;
}

/**
 * The bytes of a message from its JSON form (`describeMessage`): every field of the type by name, and no other.
 * For tools and tests; what `describeMessage` leaves out (reserved bytes, surplus) is written as spaces, or not
 * at all.
 *
 * @param type the letter.
 * @throws TickerError `ITCH_UNKNOWN_TYPE`; `ITCH_BAD_FIELD` for a field that is missing, unknown, or does not fit.
 */
export function encodeMessage(type: string, fields: Readonly<Record<string, unknown>>): Uint8Array {
  const layout = type.length === 1 ? messageLayout(type.charCodeAt(0)) : undefined;
  if (layout === undefined) {
    throw new TickerError('ITCH_UNKNOWN_TYPE', `expected one of the 23 ITCH 5.0 message types, got '${type}'`);
  }
  for (const name of Object.keys(fields)) {
    if (!layout.fields.some((field) => field.name === name)) {
      const names = layout.fields.map((field) => field.name).join(', ');
      throw new TickerError('ITCH_BAD_FIELD', `expected the fields ${names}; got '${name}'`, { type });
    }
  }
  const bytes = new Uint8Array(layout.length);
  bytes[0] = layout.code;
  for (const field of layout.fields) {
    const value = fields[field.name] ?? (field.reserved ? '' : undefined);
    if (field.kind === 'char' || field.kind === 'alpha') writeText(bytes, field, value, type);
    else writeNumber(bytes, field, value, type);
  }
  return bytes;
}

function badField(field: FieldLayout, value: unknown, type: string): TickerError {
  const size = field.kind === 'alpha' || field.kind === 'char' ? `${field.length} Latin-1 characters` : field.kind;
  return new TickerError('ITCH_BAD_FIELD', `expected ${size} for ${field.name}, got ${String(value)}`, { type });
}

function writeText(bytes: Uint8Array, field: FieldLayout, value: unknown, type: string): void {
  const text = typeof value === 'number' ? String(value) : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Latin-1 is U+0000 to U+00FF.
  if (typeof text !== 'string' || text.length > field.length || !/^[\u0000-\u00ff]*$/.test(text)) {
    throw badField(field, value, type);
  }
  writeAlpha(bytes, field.offset, field.length, text);
}

const DECIMALS: Readonly<Record<string, number>> = { px4: 4, px8: 8 };

function writeNumber(bytes: Uint8Array, field: FieldLayout, value: unknown, type: string): void {
  let rest = scaled(value, DECIMALS[field.kind] ?? 0);
  if (rest === undefined || rest >> BigInt(8 * field.length) !== 0n) throw badField(field, value, type);
  for (let at = field.offset + field.length - 1; at >= field.offset; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** A whole number of `10^-decimals`, from a whole number or a decimal string; undefined where it is not one. */
function scaled(value: unknown, decimals: number): bigint | undefined {
  if (typeof value === 'bigint' || Number.isSafeInteger(value) || value === 2 ** 53) {
    return BigInt(value as number | bigint) * 10n ** BigInt(decimals);
  }
  const match = typeof value === 'string' ? /^(\d+)(?:\.(\d+))?$/.exec(value) : null;
  if (match === null) return undefined;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  return fraction.length > decimals ? undefined : BigInt(match[1]! + fraction.padEnd(decimals, '0'));
}
