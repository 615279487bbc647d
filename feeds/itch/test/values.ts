// What is on the wire of a message as plain values (prices as whole numbers of their smallest unit), how to make
// random ones, and how each fast encoder is called with them.

import { Decimal } from '@tickerplant/core';
import * as fc from 'fast-check';
import {
  encodeAddOrder,
  encodeAddOrderMpid,
  encodeBrokenTrade,
  encodeCrossTrade,
  encodeDirectListing,
  encodeIpoQuotingPeriod,
  encodeLuldCollar,
  encodeMwcbDeclineLevel,
  encodeMwcbStatus,
  encodeNetOrderImbalance,
  encodeOperationalHalt,
  encodeOrderCancel,
  encodeOrderDelete,
  encodeOrderExecuted,
  encodeOrderExecutedWithPrice,
  encodeOrderReplace,
  encodeParticipantPosition,
  encodeRegShoRestriction,
  encodeRetailInterest,
  encodeStockDirectory,
  encodeSystemEvent,
  encodeTrade,
  encodeTradingAction,
  type FieldLayout,
  type MessageLayout,
} from '../src/index.ts';

/** Wire values by field name: whole numbers (also of prices) or text without padding. */
export type Values = Record<string, bigint | string>;

const BITS = { u16: 16n, u32: 32n, u48: 48n, u64: 64n, px4: 32n, px8: 64n } as const;
const SAFE = 2n ** 53n - 1n;

/** Text that survives the JSON form: nothing at the end that counts as padding, no figures like 007 or 1e3. */
function text(length: number): fc.Arbitrary<string> {
  const any = fc.string({ minLength: 0, maxLength: length, unit: 'binary-ascii' });
  const digits = fc.integer({ min: 0, max: 10 ** length - 1 }).map(String);
  return fc.oneof({ weight: 4, arbitrary: any }, digits).map((s) => s.replace(/ +$/, ''));
}

function whole(kind: keyof typeof BITS, max: bigint): fc.Arbitrary<bigint> {
  const top = 2n ** BITS[kind] - 1n < max ? 2n ** BITS[kind] - 1n : max;
  const edges = [
    0n,
    1n,
    10_000n,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    top,
  ];
  return fc.oneof(fc.bigInt({ min: 0n, max: top }), fc.constantFrom(...edges.filter((edge) => edge <= top)));
}

function value(field: FieldLayout, max: bigint): fc.Arbitrary<bigint | string> {
  if (field.kind === 'char' || field.kind === 'alpha') return text(field.length);
  return whole(field.kind, max);
}

/** Random values for every field of a message type but the reserved ones. */
export function anyValues(layout: MessageLayout, max: bigint = 2n ** 64n): fc.Arbitrary<Values> {
  const fields = layout.fields.filter((field) => !field.reserved);
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, value(field, max)])));
}

/** Values that the fast encoders can take: numbers that are exact, and the fixed parts as they fix them. */
export function encodableValues(layout: MessageLayout): fc.Arbitrary<Values> {
  return fc.tuple(anyValues(layout, SAFE), fc.boolean()).map(([values, yes]) => ({
    ...values,
    ...('SVW'.includes(layout.type) ? { stockLocate: 0n } : {}),
    ...(layout.type === 'L' ? { primaryMarketMaker: yes ? 'Y' : 'N' } : {}),
    ...(layout.type === 'C' ? { printable: yes ? 'Y' : 'N' } : {}),
  }));
}

/** The JSON form that stands for the values: an independent statement of its rules. */
export function jsonForm(layout: MessageLayout, values: Values): Record<string, string | number> {
  const form: Record<string, string | number> = {};
  for (const { name, kind } of layout.fields) {
    const value = values[name];
    if (value === undefined) continue;
    let shown = String(value);
    if (kind === 'px4') shown = new Decimal(value as bigint, -4).toShortString();
    if (kind === 'px8') shown = new Decimal(value as bigint, -8).toShortString();
    const isWhole = shown !== '' && String(Number(shown)) === shown && /^\d+$/.test(shown);
    form[name] = isWhole && Number(shown) <= 2 ** 53 ? Number(shown) : shown;
  }
  return form;
}

type Fast = (bytes: Uint8Array, at: number, values: Values) => number;

/** Calls the fast encoder of a type with a header and the values of the fields. */
function fast(call: (bytes: Uint8Array, at: number, h: [number, number, number], v: ValueReader) => number): Fast {
  return (bytes, at, values) => {
    const v = new ValueReader(values);
    const locate = v.n(values.locateCode === undefined ? 'stockLocate' : 'locateCode');
    return call(bytes, at, [locate, v.n('trackingNumber'), v.n('timestamp')], v);
  };
}

class ValueReader {
  readonly #values: Values;
  constructor(values: Values) {
    this.#values = values;
  }
  n(name: string): number {
    return Number(this.#values[name]);
  }
  // biome-ignore lint/suspicious/noExplicitAny: random text stands for any code.
  s(name: string): any {
    return this.#values[name];
  }
}

export const FAST: Readonly<Record<string, Fast>> = {
  S: fast((b, at, [, ...h], v) => encodeSystemEvent(b, at, ...h, v.s('eventCode'))),
  R: fast((b, at, h, v) =>
    encodeStockDirectory(b, at, ...h, {
      stock: v.s('stock'),
      marketCategory: v.s('marketCategory'),
      financialStatusIndicator: v.s('financialStatusIndicator'),
      roundLotSize: v.n('roundLotSize'),
      roundLotsOnly: v.s('roundLotsOnly'),
      issueClassification: v.s('issueClassification'),
      issueSubType: v.s('issueSubType'),
      authenticity: v.s('authenticity'),
      shortSaleThresholdIndicator: v.s('shortSaleThresholdIndicator'),
      ipoFlag: v.s('ipoFlag'),
      luldReferencePriceTier: v.s('luldReferencePriceTier'),
      etpFlag: v.s('etpFlag'),
      etpLeverageFactor: v.n('etpLeverageFactor'),
      inverseIndicator: v.s('inverseIndicator'),
    }),
  ),
  H: fast((b, at, h, v) => encodeTradingAction(b, at, ...h, v.s('stock'), v.s('tradingState'), v.s('reason'))),
  Y: fast((b, at, h, v) => encodeRegShoRestriction(b, at, ...h, v.s('stock'), v.s('regShoAction'))),
  L: fast((b, at, h, v) =>
    encodeParticipantPosition(
      b,
      at,
      ...h,
      v.s('mpid'),
      v.s('stock'),
      v.s('primaryMarketMaker') === 'Y',
      v.s('marketMakerMode'),
      v.s('marketParticipantState'),
    ),
  ),
  V: fast((b, at, [, ...h], v) => encodeMwcbDeclineLevel(b, at, ...h, v.n('level1'), v.n('level2'), v.n('level3'))),
  W: fast((b, at, [, ...h], v) => encodeMwcbStatus(b, at, ...h, v.s('breachedLevel'))),
  K: fast((b, at, h, v) =>
    encodeIpoQuotingPeriod(
      b,
      at,
      ...h,
      v.s('stock'),
      v.n('ipoQuotationReleaseTime'),
      v.s('ipoQuotationReleaseQualifier'),
      v.n('ipoPrice'),
    ),
  ),
  J: fast((b, at, h, v) =>
    encodeLuldCollar(
      b,
      at,
      ...h,
      v.s('stock'),
      v.n('auctionCollarReferencePrice'),
      v.n('upperAuctionCollarPrice'),
      v.n('lowerAuctionCollarPrice'),
      v.n('auctionCollarExtension'),
    ),
  ),
  h: fast((b, at, h, v) =>
    encodeOperationalHalt(b, at, ...h, v.s('stock'), v.s('marketCode'), v.s('operationalHaltAction')),
  ),
  A: fast((b, at, h, v) =>
    encodeAddOrder(
      b,
      at,
      ...h,
      v.n('orderReferenceNumber'),
      v.s('buySellIndicator'),
      v.n('shares'),
      v.s('stock'),
      v.n('price'),
    ),
  ),
  F: fast((b, at, h, v) =>
    encodeAddOrderMpid(
      b,
      at,
      ...h,
      v.n('orderReferenceNumber'),
      v.s('buySellIndicator'),
      v.n('shares'),
      v.s('stock'),
      v.n('price'),
      v.s('attribution'),
    ),
  ),
  E: fast((b, at, h, v) =>
    encodeOrderExecuted(b, at, ...h, v.n('orderReferenceNumber'), v.n('executedShares'), v.n('matchNumber')),
  ),
  C: fast((b, at, h, v) =>
    encodeOrderExecutedWithPrice(
      b,
      at,
      ...h,
      v.n('orderReferenceNumber'),
      v.n('executedShares'),
      v.n('matchNumber'),
      v.s('printable') === 'Y',
      v.n('executionPrice'),
    ),
  ),
  X: fast((b, at, h, v) => encodeOrderCancel(b, at, ...h, v.n('orderReferenceNumber'), v.n('canceledShares'))),
  D: fast((b, at, h, v) => encodeOrderDelete(b, at, ...h, v.n('orderReferenceNumber'))),
  U: fast((b, at, h, v) =>
    encodeOrderReplace(
      b,
      at,
      ...h,
      v.n('originalOrderReferenceNumber'),
      v.n('newOrderReferenceNumber'),
      v.n('shares'),
      v.n('price'),
    ),
  ),
  P: fast((b, at, h, v) =>
    encodeTrade(
      b,
      at,
      ...h,
      v.n('orderReferenceNumber'),
      v.s('buySellIndicator'),
      v.n('shares'),
      v.s('stock'),
      v.n('price'),
      v.n('matchNumber'),
    ),
  ),
  Q: fast((b, at, h, v) =>
    encodeCrossTrade(
      b,
      at,
      ...h,
      v.n('crossShares'),
      v.s('stock'),
      v.n('crossPrice'),
      v.n('matchNumber'),
      v.s('crossType'),
    ),
  ),
  B: fast((b, at, h, v) => encodeBrokenTrade(b, at, ...h, v.n('matchNumber'))),
  I: fast((b, at, h, v) =>
    encodeNetOrderImbalance(b, at, ...h, {
      pairedShares: v.n('pairedShares'),
      imbalanceShares: v.n('imbalanceShares'),
      imbalanceDirection: v.s('imbalanceDirection'),
      stock: v.s('stock'),
      farPrice: v.n('farPrice'),
      nearPrice: v.n('nearPrice'),
      currentReferencePrice: v.n('currentReferencePrice'),
      crossType: v.s('crossType'),
      priceVariationIndicator: v.s('priceVariationIndicator'),
    }),
  ),
  N: fast((b, at, h, v) => encodeRetailInterest(b, at, ...h, v.s('stock'), v.s('interestFlag'))),
  O: fast((b, at, h, v) =>
    encodeDirectListing(b, at, ...h, {
      stock: v.s('stock'),
      openEligibilityStatus: v.s('openEligibilityStatus'),
      minimumAllowablePrice: v.n('minimumAllowablePrice'),
      maximumAllowablePrice: v.n('maximumAllowablePrice'),
      nearExecutionPrice: v.n('nearExecutionPrice'),
      nearExecutionTime: v.n('nearExecutionTime'),
      lowerPriceRangeCollar: v.n('lowerPriceRangeCollar'),
      upperPriceRangeCollar: v.n('upperPriceRangeCollar'),
    }),
  ),
};
