import { Decimal, TickerError } from '@tickerplant/core';
import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import t from 'tap';
import {
  BlockReader,
  BlockWriter,
  decodeMessage,
  encodeMessage,
  headOf,
  Kind,
  type Message,
  type WireValue,
} from '../src/index.ts';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' as 'number' });
const packr = new Packr({ useRecords: false });

const safeInt = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -40, max: 300 }),
  fc.integer({ min: -33000, max: 70000 }),
  fc.integer(),
);
const decimal = fc.tuple(safeInt, fc.integer({ min: -14, max: 7 })).map(([m, e]) => new Decimal(m, e));
const wireValue: fc.Arbitrary<WireValue> = fc.oneof(
  safeInt,
  fc.constant(null),
  fc.string({ maxLength: 60, unit: 'grapheme' }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  decimal,
);
const item = fc.integer({ min: 0, max: 0xffffff });
const template = fc.integer({ min: 0, max: 31 });
const shortText = fc.string({ maxLength: 40 });
const sort = fc
  .tuple(fc.nat(127), fc.nat(2), fc.nat(3))
  .map(([set, trust, width]) => set | (trust << 7) | (width << 9));
const look = { style: fc.integer({ min: 0, max: 0x7ff }).map((flags) => (flags << 20) | 272), extra: fc.nat(0xffff) };
const run = fc.oneof(
  fc.record({ skip: fc.nat(9), cells: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), sort, ...look }),
  fc.record({ skip: fc.nat(9), cells: fc.integer({ min: 1, max: 40 }), sort: fc.nat(383), ...look }),
  fc.record({
    skip: fc.nat(9),
    cells: fc.constant('x'),
    style: fc.constantFrom(0, 273, 274 << 10),
    sort: fc.constant(0),
    extra: fc.constant(0),
  }),
);
const contents = {
  colours: fc.array(fc.nat(0xff_ffff), { minLength: 2, maxLength: 4 }),
  runs: fc.array(run, { maxLength: 6 }),
};
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant(Kind.START),
    channel: shortText,
    day: shortText,
    epoch: fc.nat(1000),
    previousSession: shortText,
    previousNext: fc.maxSafeNat(),
  }),
  fc.record({
    kind: fc.constant(Kind.TEMPLATE),
    template: fc.record({
      id: template,
      name: shortText,
      updateType: fc.integer({ min: 0, max: 6 }) as fc.Arbitrary<0>,
      exponent: fc.integer({ min: -14, max: 7 }),
      fids: fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 40 }),
    }),
  }),
  fc.record({
    kind: fc.constant(Kind.ITEM),
    item,
    subject: shortText,
    recordKind: fc.integer({ min: 0, max: 2 }) as fc.Arbitrary<0>,
  }),
  fc.record({ kind: fc.constant(Kind.UPDATE), item, template, values: fc.array(wireValue, { maxLength: 20 }) }),
  fc.record({
    kind: fc.constant(Kind.FIELDS),
    item,
    flags: fc.nat(7),
    fields: fc.array(fc.tuple(fc.integer({ min: -32768, max: 32767 }), wireValue), { maxLength: 10 }),
  }),
  fc.record({
    kind: fc.constant(Kind.QUALITY),
    item: fc.option(item, { nil: undefined }),
    quality: fc.integer({ min: 0, max: 3 }) as fc.Arbitrary<0>,
    reason: shortText,
    detail: shortText,
  }),
  fc.record({ kind: fc.constant(Kind.REMOVE), item }),
  fc.record({
    kind: fc.constant(Kind.PAGE_IMAGE),
    item,
    flags: fc.nat(3),
    part: fc.nat(300),
    rows: fc.integer({ min: 1, max: 500 }),
    columns: fc.constantFrom(400, 500),
    ...contents,
  }),
  fc.record({ kind: fc.constant(Kind.PAGE_UPDATE), item, flags: fc.constant(0), ...contents }),
);

t.test('every message decodes to what was encoded', async (t) => {
  fc.assert(
    fc.property(message, (wanted) => {
      t.same(decodeMessage(encodeMessage(wanted)), wanted);
    }),
    { numRuns: 500 },
  );
});

t.test('what the writer writes is plain MessagePack that msgpackr reads alike', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(safeInt, fc.constant(null), fc.string({ unit: 'grapheme' })), { maxLength: 30 }),
      (values) => {
        const writer = new BlockWriter(new Uint8Array(8192));
        writer.array(values.length);
        for (const value of values) {
          if (value === null) writer.nil();
          else if (typeof value === 'number') writer.int(value);
          else writer.text(value);
        }
        t.same(unpackr.unpack(writer.bytes.slice(0, writer.at)), values);
      },
    ),
    { numRuns: 500 },
  );
});

t.test('it picks the same shortest form as msgpackr does, so that equal values are equal bytes', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), { maxLength: 20 }), (values) => {
      const writer = new BlockWriter(new Uint8Array(512));
      writer.array(values.length);
      for (const value of values) writer.int(value);
      t.same(Buffer.from(writer.bytes.slice(0, writer.at)), packr.pack(values));
    }),
    { numRuns: 500 },
  );
});

t.test('numbers written in one go are those written one by one', async (t) => {
  const number = fc.oneof(safeInt, fc.constantFrom(127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), (values) => {
      const one = new BlockWriter(new Uint8Array(512));
      const all = new BlockWriter(new Uint8Array(512));
      for (const value of values) one.int(value);
      all.ints(Float64Array.from(values), values.length);
      t.equal(all.at, one.at);
      t.same(all.bytes, one.bytes);
    }),
    { numRuns: 300 },
  );
});

t.test('digits are the text of the number', async (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(2000)), (value) => {
      const writer = new BlockWriter(new Uint8Array(32));
      writer.digits(value);
      t.equal(unpackr.unpack(writer.bytes.slice(0, writer.at)), String(value));
    }),
  );
});

t.test('skip steps over exactly what value reads', async (t) => {
  fc.assert(
    fc.property(fc.array(wireValue, { maxLength: 20 }), (values) => {
      const bytes = encodeMessage({ kind: Kind.UPDATE, item: 1, template: 1, values });
      const reading = new BlockReader();
      const skipping = new BlockReader();
      reading.reset(bytes, 0, bytes.length);
      skipping.reset(bytes, 0, bytes.length);
      reading.array();
      skipping.array();
      for (let i = 0; i < values.length + 3; i++) {
        reading.value();
        t.ok(skipping.skip());
        t.equal(skipping.at, reading.at);
      }
    }),
  );
});

t.test('cut, damaged and random bytes are refused with a reason and never read past the end', async (t) => {
  const refusedOrDecoded = (bytes: Uint8Array): void => {
    try {
      decodeMessage(bytes, 0, bytes.length);
    } catch (error) {
      if (!(error instanceof TickerError)) throw error;
      t.equal(error.code, 'RECORDS_BAD_MESSAGE');
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), refusedOrDecoded), { numRuns: 2000 });
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), (good, where, byte) => {
      const bytes = encodeMessage(good);
      for (let length = 0; length < bytes.length; length++) {
        t.throws(() => decodeMessage(bytes, 0, length), { code: 'RECORDS_BAD_MESSAGE' });
      }
      bytes[where % bytes.length] = byte;
      refusedOrDecoded(bytes);
    }),
    { numRuns: 200 },
  );
});

t.test('a message of another version or with bytes to spare is refused, saying so', async (t) => {
  const bytes = encodeMessage({ kind: Kind.REMOVE, item: 7 });
  const older = bytes.slice();
  older[1] = headOf(Kind.REMOVE) + 0x10;
  t.throws(() => decodeMessage(older), { message: 'expected version 1, found 2' });
  t.throws(() => decodeMessage(Buffer.concat([bytes, Buffer.from([0])])), {
    message: 'expected the end of the message, found 1 more bytes',
  });
});

t.test('a template whose exponent no decimal can have is refused', async (t) => {
  const template = { id: 1, name: 'X', updateType: 1, exponent: 19, fids: [22] } as const;
  t.throws(() => decodeMessage(encodeMessage({ kind: Kind.TEMPLATE, template })), { code: 'RECORDS_BAD_MESSAGE' });
});

t.test('a message that no packet can hold is refused when it is made', async (t) => {
  const fields = Array.from({ length: 40 }, (_, i): [number, string] => [i + 1, 'x'.repeat(60)]);
  t.throws(() => encodeMessage({ kind: Kind.FIELDS, item: 1, flags: 0, fields }), { code: 'RECORDS_TOO_LONG' });
});

t.test('the worked example of docs/wire.md', async (t) => {
  const bytes = encodeMessage({
    kind: Kind.UPDATE,
    item: 5000,
    template: 1,
    values: [1489400, 100, 1489500, 776, 52477643876560, 17357],
  });
  t.equal(Buffer.from(bytes).toString('hex'), '9913cd138801ce0016b9f864ce0016ba5ccd0308cf00002fba675268d0cd43cd');
});
