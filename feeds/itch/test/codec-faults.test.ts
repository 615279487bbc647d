import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { checkMessage, describeMessage, ItchMessage, MESSAGES, messageTypeCode } from '../src/index.ts';
import { EXAMPLES } from './examples.ts';

const examples = EXAMPLES.map(({ type, hex }) => ({
  layout: MESSAGES.find((layout) => layout.type === type)!,
  bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex'),
}));

t.test('a message cut at any length is too short, and says what was needed', (t) => {
  const message = new ItchMessage();
  for (const { layout, bytes } of examples) {
    for (let length = 0; length < bytes.length; length++) {
      const fault = message.wrap(bytes, 0, length);
      t.equal(fault?.code, 'ITCH_TOO_SHORT');
      t.same(fault, checkMessage(bytes, 0, length));
      t.same(fault, describeMessage(bytes, 0, length).fault);
      t.equal(
        fault?.message,
        length === 0
          ? 'expected a message of at least 1 byte, got 0'
          : `expected at least ${layout.length} bytes of a '${layout.type}' (${layout.name}), got ${length}`,
      );
    }
  }
  t.equal(message.length, 0, 'the view never moved');
  t.end();
});

t.test('a length that runs past the end of the bytes is too short', (t) => {
  const { bytes } = examples[0]!;
  t.match(checkMessage(bytes, 0, bytes.length + 1), {
    code: 'ITCH_TOO_SHORT',
    message: 'expected a message of 37 bytes, got the 36 that are left',
    context: { start: 0, length: 37, available: 36 },
  });
  t.match(checkMessage(bytes, 30, 36), { code: 'ITCH_TOO_SHORT', context: { available: 6 } });
  t.match(checkMessage(bytes, 99, 36), { code: 'ITCH_TOO_SHORT', context: { available: 0 } });
  t.match(checkMessage(bytes, 0, -1), { code: 'ITCH_TOO_SHORT' });
  t.end();
});

t.test('a cut message still shows the fields that are whole', (t) => {
  const { bytes } = examples.find(({ layout }) => layout.type === 'A')!;
  t.same(describeMessage(bytes, 0, 24).fields, {
    stockLocate: 5528,
    trackingNumber: 0,
    timestamp: 34199999894278,
    orderReferenceNumber: 23508286,
    buySellIndicator: 'B',
    shares: 1600,
  });
  t.same(describeMessage(bytes, 0, 2).fields, {});
  t.equal(describeMessage(bytes, 0, 0).type, 'Unknown ()');
  t.end();
});

t.test('a longer message is read by its known prefix', (t) => {
  const message = new ItchMessage();
  for (const { layout, bytes } of examples) {
    for (const surplus of [1, 2, 200]) {
      const longer = Buffer.concat([bytes, Buffer.alloc(surplus, 0xee)]);
      t.equal(message.wrap(longer, 0, longer.length), undefined);
      t.equal(message.length, longer.length);
      t.same(describeMessage(longer, 0, longer.length), describeMessage(bytes, 0, bytes.length), layout.type);
    }
  }
  t.end();
});

t.test('every other type byte is unknown, whatever the length', (t) => {
  const known = new Set(MESSAGES.map((layout) => layout.code));
  for (let code = 0; code < 256; code++) {
    if (known.has(code)) continue;
    const bytes = new Uint8Array(60).fill(0x20);
    bytes[0] = code;
    for (const length of [1, 12, 60]) {
      const fault = checkMessage(bytes, 0, length)!;
      t.equal(fault.code, 'ITCH_UNKNOWN_TYPE');
      t.ok(fault.message.endsWith(`0x${code.toString(16).padStart(2, '0')} in ${length} bytes`), fault.message);
      t.same(describeMessage(bytes, 0, length), { type: `Unknown (${String.fromCharCode(code)})`, fields: {}, fault });
    }
  }
  t.equal(
    checkMessage(Buffer.from('Z'), 0, 1)?.message,
    "expected one of the 23 ITCH 5.0 message types, got 'Z' 0x5a in 1 bytes",
  );
  t.end();
});

t.test('the type letter is read without judging it', (t) => {
  t.equal(messageTypeCode(Buffer.from('xhZ'), 1), 'h');
  t.equal(messageTypeCode(Buffer.from('xhZ'), 2), 'Z');
  t.equal(messageTypeCode(Buffer.from('xhZ'), 3), '');
  t.end();
});

/** Random bytes, and examples with some bytes changed and a length that may not be theirs. */
const garbage = fc.oneof(
  fc.uint8Array({ minLength: 0, maxLength: 80 }),
  fc
    .tuple(
      fc.constantFrom(...examples),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 6 }),
      fc.integer({ min: -60, max: 10 }),
    )
    .map(([{ bytes }, changes, longer]) => {
      const changed = new Uint8Array(Math.max(0, bytes.length + longer));
      changed.set(bytes.subarray(0, changed.length));
      for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
      return changed;
    }),
);

t.test('garbage never throws, and what lies around a message never shows in it', (t) => {
  const message = new ItchMessage();
  fc.assert(
    fc.property(garbage, fc.nat(20), fc.nat(255), (bytes, before, filler) => {
      const alone = describeMessage(bytes, 0, bytes.length);
      const packet = new Uint8Array(before + bytes.length + 60).fill(filler);
      packet.set(bytes, before);
      const within = describeMessage(packet, before, bytes.length);
      assert.deepEqual(within.fields, alone.fields);
      assert.equal(within.type, alone.type);
      assert.equal(within.fault?.code, alone.fault?.code);
      const fault = message.wrap(packet, before, bytes.length);
      assert.equal(fault?.code, alone.fault?.code);
      if (fault === undefined) {
        assert.ok(bytes.length >= MESSAGES.find((layout) => layout.code === bytes[0])!.length);
        assert.equal(typeof message.hasSafeReferences, 'boolean');
      }
      JSON.stringify(alone);
    }),
    { numRuns: 3000 },
  );
  t.pass('for all of them');
  t.end();
});

t.test('any start and length on any bytes: a fault or a view within them', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.nat(70),
      fc.integer({ min: -5, max: 140 }),
      (bytes, start, length) => {
        const fault = checkMessage(bytes, start, length);
        const described = describeMessage(bytes, start, length);
        assert.deepEqual(described.fault, fault);
        assert.ok(fault !== undefined || start + length <= bytes.length);
        assert.ok(!Object.values(described.fields).some((value) => Number.isNaN(value)));
      },
    ),
    { numRuns: 2000 },
  );
  t.pass('for all of them');
  t.end();
});
