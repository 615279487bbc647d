import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  describeMessage,
  encodeMessage,
  epochBase,
  IexEncoder,
  IexMessage,
  MESSAGES,
  MessageType,
  messageLayout,
  midnightBase,
} from '../src/index.ts';
import { EXAMPLES, fromHex } from './examples.ts';
import { anyMessage, anyOf } from './generators.ts';

const DAY = 17_357; // 2017-07-10

t.test('layouts leave no hole, overlap nothing, and have the published lengths', (t) => {
  const published = 'S10 D31 H22 I18 O18 P19 E18 Q42 830 530 T38 X26 B38 A80';
  t.equal(MESSAGES.map(({ letter, length }) => `${letter}${length}`).join(' '), published);
  for (const { type, code, length, fields } of MESSAGES) {
    let at = 1;
    for (const field of [...fields].sort((a, b) => a.offset - b.offset)) {
      t.equal(field.offset, at, `${type}: ${field.name}`);
      at += field.length;
    }
    t.equal(at, length, type);
    t.equal(messageLayout(code)?.type, type);
  }
  t.end();
});

for (const { section, type, hex, fields } of EXAMPLES) {
  t.test(`worked example ${section}, ${type}, both ways`, (t) => {
    const bytes = fromHex(hex);
    t.equal(new IexMessage().wrap(bytes, 0, bytes.length), undefined);
    t.strictSame(describeMessage(bytes, 0, bytes.length), { type, fields });
    const out = new Uint8Array(bytes.length);
    t.equal(encodeMessage({ type, fields: fields as never }, out, 0), bytes.length);
    t.strictSame(out, bytes);
    t.end();
  });
}

t.test('for every type, describing what was encoded gives it back', (t) => {
  const out = new Uint8Array(100);
  for (const layout of MESSAGES) {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(anyOf(layout), fc.nat(10), (described, at) => {
          const length = encodeMessage(described, out, at);
          assert.equal(length, layout.length);
          assert.equal(new IexMessage().wrap(out, at, length), undefined);
          assert.deepEqual(describeMessage(out, at, length), described);
        }),
        { numRuns: 50 },
      ),
    );
  }
  t.end();
});

t.test('for every type, writing in place gives the bytes that the description gives', (t) => {
  const ns = fc.integer({ min: 0, max: 86_400_000_000_000 - 1 });
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const price = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  const code = fc.constantFrom(...' ABCNOQSTX');
  const symbol = fc.string({ unit: fc.constantFrom(...'ABC.-'), minLength: 1, maxLength: 8 });
  const encoder = new IexEncoder(midnightBase(DAY));
  const message = new IexMessage();
  const base = midnightBase(DAY);
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        ns,
        symbol,
        code,
        fc.integer({ min: 0, max: 255 }),
        u32,
        u32,
        price,
        price,
        (time, name, c, byte, m, n, p, q) => {
          const letter = c.charCodeAt(0);
          const auction = {
            auctionType: letter,
            pairedShares: m,
            referencePrice: p,
            indicativeClearingPrice: q,
            imbalanceShares: n,
            imbalanceSide: letter,
            extensionNumber: byte,
            scheduledAuctionTime: m,
            auctionBookClearingPrice: p,
            collarReferencePrice: q,
            lowerAuctionCollar: p,
            upperAuctionCollar: q,
          };
          const out = new Uint8Array(100);
          const check = (length: number, type: number, facts: Partial<Record<keyof IexMessage, unknown>>): void => {
            const layout = messageLayout(type)!;
            assert.equal(length, layout.length);
            assert.equal(message.wrap(out, 3, length), undefined);
            const timestamp = BigInt(DAY) * 86_400_000_000_000n + BigInt(time);
            for (const [name, value] of Object.entries({ type, length, timestamp, ...facts })) {
              assert.equal(message[name as keyof IexMessage], value, name);
            }
            assert.equal(message.nsSince(base), time);
            if (type !== MessageType.SYSTEM_EVENT) assert.equal(message.symbol, name);
            const described = describeMessage(out, 3, length)!;
            const again = new Uint8Array(100);
            encodeMessage(described, again, 3);
            const flagged = layout.fields[0]!.kind === 'flags';
            if (flagged) again[4] = out[4]!; // a description has no undefined flags
            assert.deepEqual(again, out);
            out.fill(0);
          };
          check(encoder.systemEvent(out, 3, time, letter), MessageType.SYSTEM_EVENT, { code: letter });
          check(encoder.securityDirectory(out, 3, time, name, byte, m, p, byte), MessageType.SECURITY_DIRECTORY, {
            code: byte,
            roundLot: m,
            adjustedClose: p,
            luldTier: byte,
          });
          check(encoder.tradingStatus(out, 3, time, name, letter, 'T1'), MessageType.TRADING_STATUS, {
            code: letter,
            reason: 'T1',
          });
          check(encoder.retailLiquidity(out, 3, time, name, letter), MessageType.RETAIL_LIQUIDITY, { code: letter });
          check(encoder.operationalHalt(out, 3, time, name, letter), MessageType.OPERATIONAL_HALT, { code: letter });
          check(encoder.shortSaleTest(out, 3, time, name, 1, letter), MessageType.SHORT_SALE_TEST, {
            code: 1,
            shortSaleDetail: letter,
          });
          check(encoder.securityEvent(out, 3, time, name, letter), MessageType.SECURITY_EVENT, { code: letter });
          check(encoder.quoteUpdate(out, 3, time, name, byte, m, p, q, n), MessageType.QUOTE_UPDATE, {
            code: byte,
            bidSize: m,
            bidPrice: p,
            askPrice: q,
            askSize: n,
          });
          for (const type of [MessageType.PRICE_LEVEL_BUY, MessageType.PRICE_LEVEL_SELL]) {
            check(encoder.priceLevel(out, 3, time, type, name, byte, m, p), type, {
              code: byte,
              levelSize: m,
              levelPrice: p,
            });
          }
          const trade = { code: byte, tradeSize: m, tradePrice: p, tradeId: q };
          check(encoder.tradeReport(out, 3, time, name, byte, m, p, q), MessageType.TRADE_REPORT, trade);
          check(encoder.tradeBreak(out, 3, time, name, byte, m, p, q), MessageType.TRADE_BREAK, trade);
          check(encoder.officialPrice(out, 3, time, name, letter, p), MessageType.OFFICIAL_PRICE, {
            code: letter,
            officialPrice: p,
          });
          const { auctionType, ...rest } = auction;
          check(encoder.auctionInformation(out, 3, time, name, auction), MessageType.AUCTION_INFORMATION, {
            code: auctionType,
            ...rest,
          });
        },
      ),
      { numRuns: 50 },
    ),
  );
  t.end();
});

t.test('times are exact to the nanosecond, before the base and after it', (t) => {
  const out = new Uint8Array(10);
  const message = new IexMessage();
  const instant = fc.bigInt({ min: 0n, max: 2n ** 62n });
  const distance = fc.integer({ min: -86_400_000_000_000 * 90, max: 86_400_000_000_000 * 90 });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(instant, distance, (ns, after) => {
        const base = epochBase(ns);
        new IexEncoder(base).systemEvent(out, 0, after, 0x4f);
        message.wrap(out, 0, 10);
        assert.equal(message.timestamp, ns + BigInt(after));
        assert.equal(message.nsSince(base), after);
      }),
    ),
  );
  t.end();
});

t.test('every truncation of every message is a fault, and none throws', (t) => {
  const message = new IexMessage();
  for (const { section, hex, type } of EXAMPLES) {
    const bytes = fromHex(hex);
    t.equal(message.wrap(bytes, 0, 0)?.code, 'IEX_EMPTY_MESSAGE');
    for (let length = 1; length < bytes.length; length++) {
      t.match(message.wrap(bytes, 0, length), { code: 'IEX_TOO_SHORT', context: { length } }, `${section} ${type}`);
      t.equal(message.wrap(bytes.subarray(0, length), 0, bytes.length)?.code, 'IEX_TOO_SHORT', 'beyond the end');
      t.equal(describeMessage(bytes, 0, length), undefined);
      t.equal(describeMessage(bytes.subarray(0, length), 0, bytes.length), undefined);
    }
  }
  t.end();
});

t.test('longer messages are accepted and the rest is ignored: TOPS 1.5 trades have 42 bytes', (t) => {
  const message = new IexMessage();
  for (const { hex, type, fields } of EXAMPLES) {
    const bytes = new Uint8Array([...fromHex(hex), 0xde, 0xad, 0xbe, 0xef]);
    t.equal(message.wrap(bytes, 0, bytes.length), undefined, type);
    t.equal(message.length, bytes.length);
    t.strictSame(describeMessage(bytes, 0, bytes.length), { type, fields });
  }
  t.end();
});

t.test('an unknown type is returned as a fault that names it', (t) => {
  const bytes = new Uint8Array(100).fill(0x7a);
  t.match(new IexMessage().wrap(bytes, 0, 100), { code: 'IEX_UNKNOWN_TYPE', message: /0x7a/ });
  t.equal(describeMessage(bytes, 0, 100), undefined);
  t.end();
});

t.test('a price or id beyond 2^53 is a fault, and still described exactly', (t) => {
  const bytes = fromHex(EXAMPLES.find(({ section }) => section === '8.5')!.hex);
  const message = new IexMessage();
  for (const [offset, field] of [
    [22, 'price'],
    [30, 'tradeId'],
  ] as const) {
    for (const [value, ok] of [
      [2n ** 53n - 1n, true],
      [2n ** 53n, false],
      [2n ** 63n - 1n, false],
      [-(2n ** 53n) + 1n, true],
      [-(2n ** 53n), false],
      [-(2n ** 63n), false],
    ] as const) {
      const copy = bytes.slice();
      new DataView(copy.buffer).setBigInt64(offset, value, true);
      const fault = message.wrap(copy, 0, copy.length);
      if (ok) t.equal(fault, undefined);
      else t.match(fault, { code: 'IEX_BAD_VALUE', message: new RegExp(`${field} .* ${value}$`) });
      const described = describeMessage(copy, 0, copy.length)!;
      if (field === 'tradeId') t.equal(BigInt(described.fields[field] as string), value);
      const again = new Uint8Array(copy.length);
      encodeMessage(described, again, 0);
      t.strictSame(again, copy);
    }
  }
  t.end();
});

t.test('a description that fits no message is refused, with the field', (t) => {
  const out = new Uint8Array(100);
  const quote = EXAMPLES.find(({ section }) => section === '8.7')!;
  const bad: [type: string, change: Record<string, unknown>, message: RegExp][] = [
    ['Quote (Z)', {}, /name of a message/],
    [quote.type, { bidSize: undefined }, /unsigned for bidSize, got undefined/],
    [quote.type, { bidSize: -1 }, /unsigned for bidSize/],
    [quote.type, { bidSize: 2 ** 32 }, /unsigned for bidSize/],
    [quote.type, { bidSize: '1' }, /unsigned for bidSize/],
    [quote.type, { bidPrice: '1.00001' }, /price for bidPrice/],
    [quote.type, { bidPrice: 'much' }, /price for bidPrice/],
    [quote.type, { bidPrice: '922337203685477.5808' }, /price for bidPrice/],
    [quote.type, { symbol: 'ABCDEFGHI' }, /text for symbol/],
    [quote.type, { symbol: 5 }, /text for symbol/],
    [quote.type, { timestamp: 'now' }, /time for timestamp/],
    [quote.type, { quoteUpdateFlags: 64 }, /flags for quoteUpdateFlags/],
  ];
  for (const [type, change, message] of bad) {
    const described = { type, fields: { ...quote.fields, ...change } as never };
    t.throws(() => encodeMessage(described, out, 0), { code: 'IEX_BAD_FIELD', message });
  }
  t.equal(encodeMessage({ type: 'Q', fields: quote.fields as never }, out, 0), 42, 'the letter alone names a type');
  t.end();
});

t.test('no bytes make the decoder throw or read past the end', (t) => {
  const message = new IexMessage();
  const getters = Object.entries(Object.getOwnPropertyDescriptors(IexMessage.prototype)).filter(([, d]) => d.get);
  const mutated = fc
    .tuple(anyMessage, fc.array(fc.tuple(fc.nat(99), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
    .map(([described, changes]) => {
      const bytes = new Uint8Array(100);
      const length = encodeMessage(described, bytes, 0);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes.subarray(0, length);
    });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated), fc.nat(100), (input, cut) => {
        const length = Math.min(cut, input.length);
        // What lies beyond must not matter.
        const guarded = (guard: number): Uint8Array =>
          Uint8Array.from([...input.subarray(0, length), ...Array(100).fill(guard)]);
        const zeros = guarded(0x00);
        const ones = guarded(0xff);
        const fault = message.wrap(zeros, 0, length);
        assert.deepEqual(message.wrap(ones, 0, length), fault);
        assert.deepEqual(describeMessage(ones, 0, length), describeMessage(zeros, 0, length));
        if (fault !== undefined) return;
        const needed = messageLayout(zeros[0]!)!.length;
        assert.ok(length >= needed);
        for (const [, { get }] of getters) get!.call(message);
      }),
      { numRuns: 500 },
    ),
  );
  t.end();
});
