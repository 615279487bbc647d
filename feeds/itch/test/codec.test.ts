import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  describeMessage,
  encodeMessage,
  type FieldLayout,
  ItchMessage,
  MESSAGES,
  type MessageLayout,
} from '../src/index.ts';
import { EXAMPLES } from './examples.ts';
import { anyValues, encodableValues, FAST, jsonForm, type Values } from './values.ts';

const BEFORE = 7;

const hex = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  Buffer.from(bytes).subarray(start, end).toString('hex');

/** Wire values out of the JSON form of an example. */
function valuesOf(layout: MessageLayout, fields: Readonly<Record<string, string | number>>): Values {
  const values: Values = {};
  for (const { name, kind, reserved } of layout.fields) {
    if (reserved) continue;
    const value = fields[name]!;
    const scale = kind === 'px4' ? 10_000 : kind === 'px8' ? 100_000_000 : 1;
    values[name] = kind === 'char' || kind === 'alpha' ? String(value) : BigInt(Math.round(Number(value) * scale));
  }
  return values;
}

t.test('the worked examples cover every type', (t) => {
  t.same(new Set(EXAMPLES.map((example) => example.type)), new Set(MESSAGES.map((layout) => layout.type)));
  t.end();
});

for (const { type, hex: text, fields } of EXAMPLES) {
  const layout = MESSAGES.find((candidate) => candidate.type === type)!;
  const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex');

  t.test(`${layout.name} (${type}): the worked example`, (t) => {
    t.same(describeMessage(bytes, 0, bytes.length), { type: `${layout.name} (${type})`, fields }, 'decodes');
    t.equal(hex(encodeMessage(type, fields)), hex(bytes), 'is what the generic encoder makes');
    const buffer = new Uint8Array(100).fill(0xee);
    t.equal(FAST[type]!(buffer, BEFORE, valuesOf(layout, fields)), bytes.length, 'length of the fast encoder');
    t.equal(hex(buffer, BEFORE, BEFORE + bytes.length), hex(bytes), 'is what the fast encoder makes');
    t.ok(
      buffer.every((byte, at) => byte === 0xee || (at >= BEFORE && at < BEFORE + bytes.length)),
      'and no more',
    );
    t.end();
  });
}

/** Bytes as a plain loop over the layout would make them. */
function slowEncode(layout: MessageLayout, values: Values): Uint8Array {
  const bytes = Buffer.alloc(layout.length, 0x20);
  bytes[0] = layout.code;
  for (const field of layout.fields) {
    const value = values[field.name];
    if (typeof value === 'string') bytes.write(value, field.offset, 'latin1');
    if (typeof value === 'bigint') {
      bytes.write(value.toString(16).padStart(2 * field.length, '0'), field.offset, 'hex');
    }
  }
  return bytes;
}

for (const layout of MESSAGES) {
  t.test(`${layout.type}: decoding what was encoded gives the fields again`, (t) => {
    fc.assert(
      fc.property(anyValues(layout), (values) => {
        const form = jsonForm(layout, values);
        const bytes = encodeMessage(layout.type, form);
        assert.deepEqual(describeMessage(bytes, 0, bytes.length).fields, form);
      }),
      { numRuns: 200 },
    );
    t.pass('for all of them');
    t.end();
  });

  t.test(`${layout.type}: encoding what was decoded gives the bytes again`, (t) => {
    fc.assert(
      fc.property(anyValues(layout), (values) => {
        const bytes = slowEncode(layout, values);
        const { fields } = describeMessage(bytes, 0, bytes.length);
        return hex(encodeMessage(layout.type, fields)) === hex(bytes);
      }),
      { numRuns: 200 },
    );
    t.pass('for all of them');
    t.end();
  });

  t.test(`${layout.type}: the fast encoder writes the same bytes, and only those`, (t) => {
    fc.assert(
      fc.property(encodableValues(layout), fc.nat(40), (values, at) => {
        const buffer = new Uint8Array(120).fill(0xee);
        const length = FAST[layout.type]!(buffer, at, values);
        const around = hex(buffer, 0, at) + hex(buffer, at + length);
        return hex(buffer, at, at + length) === hex(slowEncode(layout, values)) && /^(ee)*$/.test(around);
      }),
      { numRuns: 200 },
    );
    t.pass('for all of them');
    t.end();
  });

  t.test(`${layout.type}: the view reads every field where it is`, (t) => {
    const message = new ItchMessage();
    fc.assert(
      fc.property(anyValues(layout), fc.nat(40), (values, at) => {
        const buffer = new Uint8Array(120).fill(0xee);
        buffer.set(slowEncode(layout, values), at);
        assert.equal(message.wrap(buffer, at, layout.length), undefined);
        assert.equal(message.type, layout.code);
        for (const field of layout.fields) if (!field.reserved) checkField(message, field, values[field.name]!);
        for (const [name, read] of Object.entries(getters(message))) {
          if (values[name] !== undefined) assert.equal(read, values[name], name);
        }
      }),
      { numRuns: 50 },
    );
    t.pass('for all of them');
    t.end();
  });
}

function checkField(message: ItchMessage, field: FieldLayout, value: bigint | string): void {
  const { name, kind, offset, length } = field;
  if (typeof value === 'string') {
    assert.equal(message.text(offset, length), value, name);
    if (kind === 'char') assert.equal(message.u8(offset), value === '' ? 0x20 : value.charCodeAt(0), name);
    return;
  }
  if (kind === 'u16') assert.equal(message.u16(offset), Number(value), name);
  if (kind === 'u32' || kind === 'px4') assert.equal(message.u32(offset), Number(value), name);
  if (kind === 'u64' || kind === 'px8') {
    assert.equal(message.bigU64(offset), value, name);
    assert.equal(message.isSafe(offset), value < 2n ** 53n, name);
    if (value < 2n ** 53n) assert.equal(message.u64(offset), Number(value), name);
  }
}

/** What the named getters say, by the name of the field they stand for, and only where the type has the field. */
function getters(message: ItchMessage): Values {
  const letter = String.fromCharCode(message.type);
  const read: Values = {
    stockLocate: BigInt(message.stockLocate),
    locateCode: BigInt(message.stockLocate),
    trackingNumber: BigInt(message.trackingNumber),
    timestamp: BigInt(message.timestampNs),
    stock: message.stock,
  };
  if ('AFUP'.includes(letter)) Object.assign(read, { shares: BigInt(message.shares), price: BigInt(message.price) });
  if ('EC'.includes(letter)) read.executedShares = BigInt(message.executedShares);
  if (letter === 'C') read.executionPrice = BigInt(message.executionPrice);
  if (letter === 'X') read.canceledShares = BigInt(message.canceledShares);
  return read;
}

t.test('order references: exact up to 2^53 - 1, and known not to be beyond', (t) => {
  const message = new ItchMessage();
  const big = 2n ** 53n;
  for (const reference of [0n, 1n, 2n ** 32n, big - 1n, big, 2n ** 64n - 1n]) {
    for (const layout of MESSAGES) {
      const name = layout.type === 'U' ? 'originalOrderReferenceNumber' : 'orderReferenceNumber';
      if (!layout.fields.some((field) => field.name === name)) continue;
      const bytes = slowEncode(layout, { [name]: reference, newOrderReferenceNumber: 5n });
      message.wrap(bytes, 0, bytes.length);
      t.equal(message.hasSafeReferences, reference < big, `${layout.type} ${reference}`);
      if (reference < big) t.equal(message.orderReference, Number(reference));
      t.equal(message.bigU64(11), reference);
    }
    const bytes = encodeMessage('U', {
      ...EXAMPLES.find((example) => example.type === 'U')!.fields,
      newOrderReferenceNumber: reference,
    });
    message.wrap(bytes, 0, bytes.length);
    t.equal(message.hasSafeReferences, reference < big, `U new ${reference}`);
    if (reference < big) t.equal(message.newOrderReference, Number(reference));
  }
  for (const { type, hex: text } of EXAMPLES) {
    const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex');
    if (!'AFECXDUP'.includes(type)) bytes.fill(0xff, 11);
    message.wrap(bytes, 0, bytes.length);
    t.equal(message.hasSafeReferences, true, `${type}: example, or no reference at all`);
  }
  t.end();
});

t.test('side, printable and match number are read as the specification codes them', (t) => {
  const message = new ItchMessage();
  const wrap = (type: string, change: Record<string, unknown>): ItchMessage => {
    const fields = EXAMPLES.find((example) => example.type === type)!.fields;
    const bytes = encodeMessage(type, { ...fields, ...change });
    message.wrap(bytes, 0, bytes.length);
    return message;
  };
  for (const type of ['A', 'F', 'P']) {
    t.equal(wrap(type, { buySellIndicator: 'B' }).isBuy, true);
    t.equal(wrap(type, { buySellIndicator: 'S' }).isBuy, false);
  }
  t.equal(wrap('C', { printable: 'Y' }).isPrintable, true);
  t.equal(wrap('C', { printable: 'N' }).isPrintable, false);
  t.equal(wrap('E', { matchNumber: 77 }).executionMatchNumber, 77);
  t.equal(wrap('C', { matchNumber: 78 }).executionMatchNumber, 78);
  t.equal(wrap('D', {}).stock, '', 'a type without a symbol has none');
  t.end();
});

t.test('the generic encoder says what is wrong with the fields', (t) => {
  const { fields } = EXAMPLES.find((example) => example.type === 'A')!;
  const refuses = (change: Record<string, unknown>, message: string): void => {
    t.throws(() => encodeMessage('A', { ...fields, ...change }), { code: 'ITCH_BAD_FIELD', message });
  };
  refuses({ price: undefined }, 'expected px4 for price, got undefined');
  refuses({ price: 87.39 }, 'expected px4 for price, got 87.39');
  refuses({ price: '87.39001' }, 'expected px4 for price, got 87.39001');
  refuses({ price: '429496.7296' }, 'expected px4 for price, got 429496.7296');
  refuses({ price: '-1' }, 'expected px4 for price, got -1');
  refuses({ shares: -1 }, 'expected u32 for shares, got -1');
  refuses({ shares: 2 ** 32 }, 'expected u32 for shares, got 4294967296');
  refuses({ shares: 1.5 }, 'expected u32 for shares, got 1.5');
  refuses({ stock: 'NINECHARS' }, 'expected 8 Latin-1 characters for stock, got NINECHARS');
  refuses({ stock: '€' }, 'expected 8 Latin-1 characters for stock, got €');
  refuses({ stock: null }, 'expected 8 Latin-1 characters for stock, got undefined');
  refuses({ orderReferenceNumber: 2 ** 53 + 2 }, 'expected u64 for orderReferenceNumber, got 9007199254740994');
  t.throws(() => encodeMessage('A', { ...fields, size: 1 }), { code: 'ITCH_BAD_FIELD', message: /got 'size'$/ });
  for (const type of ['Z', '', 'AA', '€']) t.throws(() => encodeMessage(type, {}), { code: 'ITCH_UNKNOWN_TYPE' });
  t.equal(hex(encodeMessage('A', { ...fields, price: '87.390000' })), hex(encodeMessage('A', fields)));
  t.end();
});

t.test('a fast encoder without room in the buffer is our mistake, and stops', (t) => {
  t.throws(() => FAST.D!(new Uint8Array(20), 2, {}), /must fit its buffer/);
  t.end();
});
