/** A worked example of the specification sheet, section 8: a message's bytes and what they say. */
export interface Example {
  readonly section: string;
  readonly type: string;
  readonly hex: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** `010003800100000000 …` → bytes. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

export const HEARTBEAT = `
  01 00 03 80 01 00 00 00 00 00 cd 43 00 00 00 00
  00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00
  42 ad 4c 51 9a fe cf 14`;

export const ATOMIC_UPDATE = `
  01 00 04 80 01 00 00 00 00 00 81 43 b4 00 06 00
  6b 69 08 00 00 00 00 00 49 60 00 00 00 00 00 00
  bd 73 05 ad 63 ac b8 14 1e 00 35 00 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20 00 00 00 00
  a0 b8 01 00 00 00 00 00 1e 00 38 00 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20 00 00 00 00
  c0 bb 01 00 00 00 00 00 1e 00 35 00 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20 00 00 00 00
  04 b9 01 00 00 00 00 00 1e 00 38 00 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20 00 00 00 00
  f8 ba 01 00 00 00 00 00 1e 00 35 01 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20 22 0c 00 00
  94 ba 01 00 00 00 00 00 12 00 45 4f 01 62 fc 8b
  63 ac b8 14 49 52 53 20 20 20 20 20`;

export const GAP_FILL_REQUEST = `
  01 01 04 80 01 00 00 00 00 00 87 42 01 00 00 00
  34 30 00 00 00 00 00 00 3e 30 00 00 00 00 00 00`;

const NO_SALE_FLAGS = {
  singlepriceCrossTrade: 0,
  tradeThroughExempt: 0,
  oddLot: 0,
  extendedHours: 0,
  intermarketSweep: 0,
};

export const EXAMPLES: readonly Example[] = [
  {
    section: '8.3',
    type: 'Price Level Sell Update Message (5)',
    hex: `35 00 01 62 fc 8b 63 ac b8 14 49 52 53 20 20 20
          20 20 00 00 00 00 a0 b8 01 00 00 00 00 00`,
    fields: { eventFlags: 0, timestamp: '1493132820023632385', symbol: 'IRS', size: 0, price: '11.28' },
  },
  {
    section: '8.4',
    type: 'Price Level Buy Update Message (8)',
    hex: `38 01 be 7f 13 35 3a e2 5d 16 56 20 20 20 20 20
          20 20 be 00 00 00 b4 f0 1e 00 00 00 00 00`,
    fields: { eventFlags: 1, timestamp: '1611692981294956478', symbol: 'V', size: 190, price: '202.77' },
  },
  {
    section: '8.5',
    type: 'Trade Report Message (T)',
    hex: `54 18 01 62 fc 8b 63 ac b8 14 49 52 53 20 20 20
          20 20 51 1a 00 00 94 ba 01 00 00 00 00 00 bc 29
          02 00 00 00 00 00`,
    fields: {
      saleConditionFlags: {
        ...NO_SALE_FLAGS,
        _: 'Singleprice Cross Trade|Trade Through Exempt',
        singlepriceCrossTrade: 1,
        tradeThroughExempt: 1,
      },
      timestamp: '1493132820023632385',
      symbol: 'IRS',
      size: 6737,
      price: '11.33',
      tradeId: 141756,
    },
  },
  {
    section: '8.6',
    type: 'Trade Break Message (B)',
    hex: `42 18 19 12 7e aa ce fe cf 14 5a 58 49 45 54 20
          20 20 14 0f 00 00 7c 93 04 00 00 00 00 00 ca 9f
          02 00 00 00 00 00`,
    fields: {
      saleConditionFlags: {
        ...NO_SALE_FLAGS,
        _: 'Singleprice Cross Trade|Trade Through Exempt',
        singlepriceCrossTrade: 1,
        tradeThroughExempt: 1,
      },
      timestamp: '1499697364514771481',
      symbol: 'ZXIET',
      size: 3860,
      price: '29.99',
      tradeId: 171978,
    },
  },
  {
    section: '8.7',
    type: 'Quote Update Message (Q)',
    hex: `51 00 d0 68 95 70 ba fe cf 14 41 41 50 4c 20 20
          20 20 64 00 00 00 f8 b9 16 00 00 00 00 00 5c ba
          16 00 00 00 00 00 08 03 00 00`,
    fields: {
      quoteUpdateFlags: { marketSession: 0, symbolAvailability: 0 },
      timestamp: '1499697277643876560',
      symbol: 'AAPL',
      bidSize: 100,
      bidPrice: '148.94',
      askPrice: '148.95',
      askSize: 776,
    },
  },
  {
    section: '8.8',
    type: 'Quote Update Message (Q)',
    hex: `51 40 1f 36 74 11 9e fe cf 14 41 20 20 20 20 20
          20 20 00 00 00 00 00 00 00 00 00 00 00 00 00 00
          00 00 00 00 00 00 00 00 00 00`,
    fields: {
      quoteUpdateFlags: { _: 'Market Session', marketSession: 1, symbolAvailability: 0 },
      timestamp: '1499697155788781087',
      symbol: 'A',
      bidSize: 0,
      bidPrice: 0,
      askPrice: 0,
      askSize: 0,
    },
  },
  {
    section: '8.9',
    type: 'Auction Information Message (A)',
    hex: `41 4f fb 4c d8 41 b2 fe cf 14 5a 45 58 49 54 20
          20 20 00 00 00 00 10 85 01 00 00 00 00 00 68 87
          01 00 00 00 00 00 c0 0b 00 00 42 00 b8 d5 63 59
          30 88 01 00 00 00 00 00 de 84 01 00 00 00 00 00
          00 5e 01 00 00 00 00 00 bc ab 01 00 00 00 00 00`,
    fields: {
      auctionType: 'O',
      timestamp: '1499697242499992827',
      symbol: 'ZEXIT',
      pairedShares: 0,
      referencePrice: '9.96',
      indicativeClearingPrice: '10.02',
      imbalanceShares: 3008,
      imbalanceSide: 'B',
      extensionNumber: '',
      scheduledAuctionTime: 1499715000,
      auctionBookClearingPrice: '10.04',
      collarReferencePrice: '9.955',
      lowerAuctionCollar: '8.96',
      upperAuctionCollar: '10.95',
    },
  },
  {
    section: '8.10',
    type: 'Security Directory Message (D)',
    hex: `44 80 ac 90 db ab 9e fe cf 14 5a 45 58 49 54 20
          20 20 64 00 00 00 a0 86 01 00 00 00 00 00 00`,
    fields: {
      securityDirectoryFlags: { _: 'Test Security', etp: 0, whenIssued: 0, testSecurity: 1 },
      timestamp: '1499697158379245740',
      symbol: 'ZEXIT',
      roundLotSize: 100,
      adjustedPocPrice: 10,
      luldTier: 0,
    },
  },
  {
    section: '8.10',
    type: 'Trading Status Message (H)',
    hex: `48 48 f1 3d da 36 a7 b3 0d 15 4a 48 4d 55 20 20
          20 20 4e 41 20 20`,
    fields: { tradingStatus: 'H', timestamp: '1517066180254907889', symbol: 'JHMU', reason: 'NA' },
  },
  {
    section: '8.10',
    type: 'Short Sale Price Test Status Message (P)',
    hex: `50 01 42 b3 9e f2 4c ac 0d 15 41 48 4c 20 20 20
          20 20 4e`,
    fields: { shortSalePriceTestStatus: 1, timestamp: '1517058095981704002', symbol: 'AHL', detail: 'N' },
  },
  {
    section: '8.11',
    type: 'Official Price Message (X)',
    hex: `58 51 f8 5f 3a 86 d5 b1 0d 15 5a 58 49 45 54 20
          20 20 40 42 0f 00 00 00 00 00`,
    fields: { priceType: 'Q', timestamp: '1517064180131848184', symbol: 'ZXIET', officialPrice: 100 },
  },
  {
    section: '8.11',
    type: 'System Event Message (S)',
    hex: '53 4f 1f 36 74 11 9e fe cf 14',
    fields: { systemEvent: 'O', timestamp: '1499697155788781087' },
  },
  {
    section: '8.11',
    type: 'Operational Halt Status Message (O)',
    hex: `4f 4e 1f 36 74 11 9e fe cf 14 41 20 20 20 20 20
          20 20`,
    fields: { operationalHaltStatus: 'N', timestamp: '1499697155788781087', symbol: 'A' },
  },
];
