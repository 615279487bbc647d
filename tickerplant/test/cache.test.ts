import assert from 'node:assert/strict';
import { Decimal } from '@tickerplant/core';
import {
  encodeMessage,
  FieldsFlag,
  type FieldValue,
  headOf,
  Kind,
  LIVE,
  type Message,
  standardDictionary,
  type WireValue,
} from '@tickerplant/records';
import fc from 'fast-check';
import t from 'tap';
import { CurrentValues, type SavedRows } from '../src/cache.ts';
import { CACHE_COUNTERS } from '../src/counters.ts';
import { digestValues } from '../src/digest.ts';
import { blocksOf } from './blocks.ts';
import { ValueModel } from './value-model.ts';

const dictionary = standardDictionary();
const BID = dictionary.fid('BID');
const ASK = dictionary.fid('ASK');
const BIDSIZE = dictionary.fid('BIDSIZE');

function newCache(): { cache: CurrentValues; faults: string[]; counters: Record<string, number> } {
  const faults: string[] = [];
  const counters = CACHE_COUNTERS.create();
  return { cache: new CurrentValues(counters, (code) => faults.push(code)), faults, counters };
}

function feed(cache: CurrentValues, seq: number, ...messages: (Message | Uint8Array)[]): void {
  const bytes = blocksOf(messages);
  cache.consume(bytes, 0, bytes.length, seq, messages.length);
}

function plain(values: ReadonlyMap<number, FieldValue>): [number, string][] {
  return [...values]
    .filter(([, value]) => value !== null)
    .map(([fid, value]): [number, string] => [
      fid,
      value instanceof Decimal ? value.toString() : JSON.stringify(String(value)),
    ])
    .sort(([a], [b]) => a - b);
}

const fid = fc.constantFrom(BID, ASK, BIDSIZE, 9_999, -7);
const safeInt = fc.oneof(fc.integer({ min: -40, max: 300 }), fc.integer(), fc.maxSafeInteger());
const wireValue: fc.Arbitrary<WireValue> = fc.oneof(
  { weight: 4, arbitrary: safeInt },
  fc.constant(null),
  fc.string({ maxLength: 50 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.tuple(safeInt, fc.integer({ min: -9, max: 5 })).map(([m, e]) => new Decimal(m, e)),
);
const item = fc.constantFrom(0, 1, 2, 127, 128, 255, 256, 65_535, 65_536, 0xffffff);
const TEMPLATES: readonly (readonly number[])[] = [[BID, ASK], [BID], [BIDSIZE, 9_999, ASK], [], [9_999, -7]];
const templateId = fc.constantFrom(0, 1, 2, 3, 30);
const fidsOf = (id: number): readonly number[] => TEMPLATES[id === 30 ? 4 : id]!;
const longFids = Array.from({ length: 20 }, (_, i) => 5_000 + i);

const update = fc
  .tuple(item, templateId)
  .chain(([item, template]) =>
    fc
      .array(wireValue, { minLength: fidsOf(template).length, maxLength: fidsOf(template).length })
      .map((values): Message => ({ kind: Kind.UPDATE, item, template, values })),
  );
const longUpdate = fc
  .tuple(item, fc.array(wireValue, { minLength: 20, maxLength: 20 }))
  .map(([item, values]): Message => ({ kind: Kind.UPDATE, item, template: 31, values }));
const wrongUpdate = fc
  .tuple(item, fc.nat(31), fc.array(wireValue, { maxLength: 4 }))
  .map(([item, template, values]): Message => ({ kind: Kind.UPDATE, item, template, values }));
const declareItem = fc.tuple(item, fc.nat(20), fc.constantFrom(0, 1, 2)).map(
  ([item, odd, recordKind]): Message => ({
    kind: Kind.ITEM,
    item,
    // Mostly the item's own subject, at times another's.
    subject: odd === 0 ? 'TEST.1' : `TEST.${item}`,
    recordKind: (odd === 1 ? recordKind : 0) as 0,
  }),
);
const declareTemplate = fc.tuple(templateId, fc.nat(10)).map(
  ([id, odd]): Message => ({
    kind: Kind.TEMPLATE,
    template: { id, name: 't', updateType: 1, exponent: odd === 0 ? -2 : -4, fids: fidsOf(id) },
  }),
);
const fields = fc
  .tuple(item, fc.nat(7), fc.array(fc.tuple(fid, wireValue), { maxLength: 4 }))
  .map(([item, flags, fields]): Message => ({ kind: Kind.FIELDS, item, flags, fields }));
const quality = fc.tuple(fc.option(item, { nil: undefined, freq: 8 }), fc.nat(3)).map(
  ([item, quality]): Message => ({
    kind: Kind.QUALITY,
    item,
    quality: quality as 0,
    reason: `r${quality}`,
    detail: '',
  }),
);
const remove = item.map((item): Message => ({ kind: Kind.REMOVE, item }));
const start = fc.nat(5).map(
  (epoch): Message => ({
    kind: Kind.START,
    channel: 'c',
    day: '2017-07-10',
    epoch,
    previousSession: '',
    previousNext: 0,
  }),
);
const good: fc.Arbitrary<Uint8Array> = fc
  .oneof(
    { weight: 20, arbitrary: update },
    { weight: 3, arbitrary: longUpdate },
    { weight: 6, arbitrary: fields },
    { weight: 3, arbitrary: declareItem },
    { weight: 2, arbitrary: declareTemplate },
    { weight: 2, arbitrary: quality },
    { weight: 1, arbitrary: remove },
    { weight: 2, arbitrary: wrongUpdate },
  )
  .map(encodeMessage);
const mutated = fc.tuple(good, fc.nat(), fc.nat(255), fc.nat(3)).map(([bytes, at, byte, how]) => {
  const copy = bytes.slice();
  copy[at % copy.length] = byte;
  return how === 0 ? copy.slice(0, at % copy.length) : copy;
});
const message = fc.oneof(
  { weight: 40, arbitrary: good },
  { weight: 4, arbitrary: mutated },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
  { weight: 1, arbitrary: start.map(encodeMessage) },
);
// Most streams begin with declarations, or little would ever be kept.
const definitions = [0, 1, 2, 3, 30]
  .map(
    (id): Message => ({
      kind: Kind.TEMPLATE,
      template: { id, name: 't', updateType: 1, exponent: -4, fids: fidsOf(id) },
    }),
  )
  .concat([{ kind: Kind.TEMPLATE, template: { id: 31, name: 'l', updateType: 5, exponent: -2, fids: longFids } }])
  .concat(
    [0, 1, 2, 128, 65_536].map((item): Message => ({ kind: Kind.ITEM, item, subject: `TEST.${item}`, recordKind: 0 })),
  )
  .map(encodeMessage);
const stream = fc
  .tuple(fc.boolean(), fc.array(message, { maxLength: 120 }))
  .map(([defined, rest]) => (defined ? [...definitions, ...rest] : rest));

function feedInPackets(cache: CurrentValues, messages: readonly Uint8Array[], sizes: readonly number[]): void {
  let seq = 1;
  for (let packet = 0; seq <= messages.length; packet++) {
    const batch = messages.slice(seq - 1, seq - 1 + (sizes.length === 0 ? 40 : sizes[packet % sizes.length]!));
    // At an odd place of a larger buffer, as packets are.
    const blocks = blocksOf(batch);
    const bytes = new Uint8Array(blocks.length + 23);
    bytes.set(blocks, 20);
    cache.consume(bytes, 20, 20 + blocks.length, seq, batch.length);
    seq += batch.length;
  }
}

t.test('the values are those of the slow model, whatever the stream and its packets', async (t) => {
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), (messages, sizes) => {
      const { cache, faults } = newCache();
      feedInPackets(cache, messages, sizes);
      const model = new ValueModel(dictionary);
      for (const bytes of messages) model.take(bytes);
      const want = [...model.items.values()].map(({ subject, values }) => [subject, plain(values)]);
      const have = [...cache.allValues(dictionary)].map(([subject, values]) => [subject, plain(values)]);
      const bySubject = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
      t.strictSame(have.sort(bySubject), want.sort(bySubject));
      if (faults.length !== model.faults) throw new Error(`${faults.length} faults, model has ${model.faults}`);
      if (cache.itemCount !== model.items.size) throw new Error('item count');
      for (const [number, { subject, recordKind }] of model.items) {
        const row = cache.find(subject);
        t.strictSame(cache.qualityOf(row), model.qualities.get(number) ?? LIVE);
        t.strictSame([cache.itemNumber(row), cache.recordKind(row), cache.subject(row)], [number, recordKind, subject]);
      }
      const digest = digestValues([...model.items.values()].map(({ subject, values }) => [subject, values] as const));
      if (cache.digest(dictionary) !== digest) throw new Error('digest');
    }),
    { numRuns: 600 },
  );
});

t.test('definitions and images give an empty cache the same values, qualities and digest', async (t) => {
  fc.assert(
    fc.property(stream, (messages) => {
      const { cache } = newCache();
      feedInPackets(cache, messages, []);
      const copy = newCache();
      const entry = (bytes: Uint8Array, start: number, end: number, seq: number): void => {
        feed(copy.cache, seq, bytes.slice(start, end));
      };
      cache.definitions({ entry });
      let rows = 0;
      for (let row = 1; row <= cache.lastRow; row++) {
        if (cache.subject(row) === undefined) continue;
        rows++;
        let previous = 0;
        let bytes = 0;
        cache.image(row, {
          entry: (data, start, end, seq) => {
            if (seq <= previous) throw new Error('entries out of order');
            previous = seq;
            bytes += end - start;
            entry(data, start, end, seq);
          },
        });
        if (bytes !== cache.imageBytes(row)) throw new Error('imageBytes');
      }
      t.equal(rows, cache.itemCount);
      t.strictSame(copy.faults, []);
      t.equal(copy.cache.digest(dictionary), cache.digest(dictionary));
      for (let row = 1; row <= cache.lastRow; row++) {
        const subject = cache.subject(row);
        if (subject !== undefined) t.strictSame(copy.cache.qualityOf(copy.cache.find(subject)), cache.qualityOf(row));
      }
    }),
    { numRuns: 200 },
  );
});

const bid = (item: number, value: WireValue, ask: WireValue = 1): Message => ({
  kind: Kind.UPDATE,
  item,
  template: 0,
  values: [value, ask],
});

function withQuotes(): ReturnType<typeof newCache> {
  const made = newCache();
  feed(
    made.cache,
    1,
    { kind: Kind.TEMPLATE, template: { id: 0, name: 'quote', updateType: 1, exponent: -4, fids: [BID, ASK] } },
    { kind: Kind.ITEM, item: 1, subject: 'IEX.A', recordKind: 0 },
    { kind: Kind.ITEM, item: 2, subject: 'IEX.B', recordKind: 0 },
  );
  return made;
}

t.test(
  'values that are given in pieces while messages come are the whole in the end, from plant to plant',
  async (t) => {
    const pausing = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(stream, pausing), { minLength: 1, maxLength: 3 }), (legs) => {
        let giver = newCache().cache;
        let seq = 1;
        for (const [messages, pauses] of legs) {
          let { start } = giver;
          let pieces: SavedRows[] = [];
          const given: { endRow: number; next: number }[] = [];
          const pauseAt = new Set<number>();
          pauses.reduce((at, pause) => {
            pauseAt.add(at + pause);
            return at + pause;
          }, 0);
          messages.forEach((bytes, index) => {
            feed(giver, seq++, bytes);
            if (giver.start !== start) {
              // All was forgotten: plants begin to give anew then.
              ({ start } = giver);
              pieces = [];
              given.length = 0;
            }
            if (!pauseAt.has(index)) return;
            const piece = giver.saveRows(given, 1);
            if (piece === undefined) return;
            pieces.push(structuredClone(piece));
            given.push({ endRow: piece.endRow, next: giver.next });
          });
          const rest = giver.saveRest(given);
          const { cache: taker, faults } = newCache();
          for (const { values } of pieces) taker.add(values);
          taker.addRest(rest);
          assert.deepEqual(faults, []);
          assert.equal(taker.next, giver.next);
          assert.equal(taker.digest(dictionary), giver.digest(dictionary));
          assert.equal(taker.itemCount, giver.itemCount);
          for (let row = 1; row <= giver.lastRow; row++) {
            const subject = giver.subject(row);
            if (subject === undefined) continue;
            assert.deepEqual(taker.qualityOf(taker.find(subject)), giver.qualityOf(row));
          }
          giver = taker;
        }
      }),
      { numRuns: 600 },
    );
    t.pass();
  },
);

t.test('messages that grow, shrink and grow again leave their neighbours alone', async (t) => {
  const { cache } = withQuotes();
  const value = (subject: string): FieldValue | undefined => cache.values(cache.find(subject), dictionary).get(BID);
  let seq = 4;
  feed(cache, seq++, bid(2, 7));
  for (const length of [1, 40, 0, 300, 1, 1_000, 1_400, 3, 20, 1_400]) {
    feed(cache, seq++, bid(1, 'x'.repeat(length)));
    t.equal(value('IEX.A'), 'x'.repeat(length));
    t.equal(String(value('IEX.B')), '0.0007');
  }
});

t.test('what is wrong with a message is said, and the values stay as they were', async (t) => {
  const { cache, faults, counters } = withQuotes();
  feed(cache, 4, bid(1, 5));
  const before = cache.digest(dictionary);
  feed(
    cache,
    5,
    bid(9, 5),
    { kind: Kind.UPDATE, item: 1, template: 3, values: [] },
    { kind: Kind.UPDATE, item: 1, template: 0, values: [1, 2, 3] },
    { kind: Kind.TEMPLATE, template: { id: 0, name: 'quote', updateType: 1, exponent: -2, fids: [BID, ASK] } },
    { kind: Kind.ITEM, item: 1, subject: 'IEX.C', recordKind: 0 },
    { kind: Kind.ITEM, item: 3, subject: 'IEX.A', recordKind: 0 },
    { kind: Kind.FIELDS, item: 9, flags: 1, fields: [] },
    Uint8Array.of(0x95, headOf(Kind.UPDATE), 1, 0, 0xc1, 1, 1, 1, 1, 1, 1, 1),
    new Uint8Array(1_500),
    new Uint8Array(0),
  );
  t.equal(cache.digest(dictionary), before);
  t.strictSame(faults, [
    'PLANT_UNKNOWN_ITEM',
    'PLANT_UNKNOWN_TEMPLATE',
    'PLANT_WRONG_COUNT',
    'PLANT_TEMPLATE_CHANGED',
    'PLANT_ITEM_CHANGED',
    'PLANT_ITEM_CHANGED',
    'PLANT_UNKNOWN_ITEM',
    'RECORDS_BAD_MESSAGE',
    'PLANT_MESSAGE_TOO_LONG',
    'RECORDS_BAD_MESSAGE',
  ]);
  t.match(counters, {
    messages: 14,
    updates: 1,
    unknownItem: 2,
    unknownTemplate: 1,
    wrongCount: 1,
    conflicting: 3,
    malformed: 3,
  });
  t.equal(cache.next, 15);
});

t.test('a number removed is not taken again, its subject may come back under another', async (t) => {
  const { cache, faults } = withQuotes();
  feed(cache, 4, bid(1, 5), { kind: Kind.REMOVE, item: 1 }, bid(1, 6));
  t.strictSame(faults, ['PLANT_UNKNOWN_ITEM']);
  t.equal(cache.find('IEX.A'), 0);
  feed(cache, 7, { kind: Kind.ITEM, item: 1, subject: 'IEX.A', recordKind: 0 });
  t.strictSame(faults.splice(0), ['PLANT_UNKNOWN_ITEM', 'PLANT_ITEM_CHANGED']);
  feed(cache, 8, { kind: Kind.ITEM, item: 5, subject: 'IEX.A', recordKind: 0 }, bid(5, 7));
  t.strictSame(faults, []);
  t.strictSame(plain(cache.values(cache.find('IEX.A'), dictionary)), [
    [BID, '0.0007'],
    [ASK, '0.0001'],
  ]);
});

t.test('after a loss every item counts as damaged until its next image', async (t) => {
  const { cache } = withQuotes();
  feed(cache, 4, bid(1, 5), bid(2, 5));
  t.notOk(cache.damaged);
  cache.lose(6, 8);
  t.equal(cache.next, 8);
  t.equal(cache.damagedItems, 2);
  feed(cache, 8, bid(1, 6), { kind: Kind.FIELDS, item: 2, flags: FieldsFlag.IMAGE, fields: [[BID, 1]] });
  t.equal(cache.damagedItems, 1);
  feed(cache, 10, { kind: Kind.ITEM, item: 3, subject: 'IEX.C', recordKind: 0 }, { kind: Kind.REMOVE, item: 1 });
  t.equal(cache.damagedItems, 0);
  t.notOk(cache.damaged);
  feed(cache, 12, bid(77, 1));
  t.ok(cache.damaged, 'an item was declared in the hole');
  cache.clear();
  t.notOk(cache.damaged);
});

t.test('a loss before the first item leaves the channel damaged', async (t) => {
  const { cache } = newCache();
  cache.lose(1, 50);
  t.ok(cache.damaged);
});

t.test('equal values give equal digests, whatever their form', async (t) => {
  const one = new Map<number, FieldValue>([
    [BID, new Decimal(150, -2)],
    [ASK, null],
    [BIDSIZE, 100],
  ]);
  const two = new Map<number, FieldValue>([
    [BIDSIZE, 100],
    [BID, new Decimal(15, -1)],
  ]);
  t.equal(digestValues([['A', one]]), digestValues([['A', two]]));
  t.not(digestValues([['A', one]]), digestValues([['B', one]]));
  t.not(digestValues([['A', one]]), digestValues([['A', new Map([[BID, new Decimal(151, -2)]])]]));
  t.not(digestValues([['A', new Map([[BID, '0']])]]), digestValues([['A', new Map([[BID, 0]])]]));
});

t.test('services are those of the items that are there', async (t) => {
  const { cache } = withQuotes();
  feed(cache, 4, { kind: Kind.ITEM, item: 3, subject: 'BOOK.A', recordKind: 1 });
  t.strictSame(cache.serviceNames().sort(), ['BOOK', 'IEX']);
  feed(cache, 5, { kind: Kind.REMOVE, item: 3 });
  t.strictSame(cache.serviceNames(), ['IEX']);
});
