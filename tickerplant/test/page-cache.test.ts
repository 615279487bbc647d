import assert from 'node:assert/strict';
import { CellRuns, ChangeTracker, digestPage, Page, PageEncoder, PageValue, textWord } from '@tickerplant/pages';
import { encodeMessage, Kind, type Message, PageMessage, RecordKind, standardDictionary } from '@tickerplant/records';
import fc from 'fast-check';
import t from 'tap';
import { CurrentValues, type SavedRows } from '../src/cache.ts';
import { CACHE_COUNTERS, type CacheCounters } from '../src/counters.ts';
import { ChannelRecord } from '../src/journal/channel-record.ts';
import { blocksOf } from './blocks.ts';

const ROWS = 5;
const COLUMNS = 30;
const dictionary = standardDictionary();

function newCache(): { cache: CurrentValues; faults: string[]; counters: CacheCounters } {
  const faults: string[] = [];
  const counters = CACHE_COUNTERS.create();
  return { cache: new CurrentValues(counters, (code) => faults.push(code)), faults, counters };
}

/** A sender of pages, which writes its messages down. */
class Sender {
  readonly messages: Uint8Array[] = [];
  readonly pages: Page[] = [];
  readonly #encoder: PageEncoder;
  readonly #tracker = new ChangeTracker();
  readonly #keep = (bytes: Uint8Array, length: number): void => {
    this.messages.push(bytes.slice(0, length));
  };

  constructor(bytesMax = 128) {
    this.#encoder = new PageEncoder(bytesMax);
  }

  say(message: Message): void {
    this.messages.push(encodeMessage(message));
  }

  item(page: Page): number {
    const item = this.pages.push(page) - 1;
    this.say({ kind: Kind.ITEM, item, subject: `PAGE.${item}`, recordKind: RecordKind.PAGE });
    return item;
  }

  image(item: number, flags = 0): void {
    this.#encoder.image(item, this.pages[item]!, flags, this.#keep);
  }

  change(item: number, draw: (page: Page) => void): void {
    const page = this.pages[item]!;
    const changes = new CellRuns();
    this.#tracker.begin(page);
    draw(page);
    this.#tracker.end(changes.add);
    if (changes.count > 0 && !this.#encoder.update(item, page, changes, this.#keep)) this.image(item);
  }
}

const drawing = fc.record({
  item: fc.nat(2),
  row: fc.nat(ROWS - 1),
  column: fc.nat(COLUMNS - 1),
  length: fc.integer({ min: 1, max: COLUMNS }),
  code: fc.constantFrom(0x20, 0x41, 0xe9, 0x20ac),
  rgb: fc.integer({ min: 0, max: 0xff_ffff }),
  image: fc.integer({ min: 0, max: 6 }).map((one) => one === 0),
});
type Drawing = typeof drawing extends fc.Arbitrary<infer D> ? D : never;

/** Three pages, drawn on; the first message of each is its ITEM. */
function drawn(drawings: readonly Drawing[]): Sender {
  const sender = new Sender();
  for (let item = 0; item < 3; item++) {
    sender.item(new Page(ROWS, COLUMNS));
    sender.image(item);
  }
  for (const { item, row, column, length, code, rgb, image } of drawings) {
    sender.change(item, (page) => {
      for (let at = column; at < Math.min(COLUMNS, column + length); at++) {
        page.put(row, at, textWord(code), at % 3 === 0 ? page.trueColour(rgb) : at % 4, 0);
      }
    });
    if (image) sender.image(item);
  }
  return sender;
}

function feed(cache: CurrentValues, messages: readonly Uint8Array[], seq = 1): void {
  const bytes = blocksOf(messages);
  cache.consume(bytes, 0, bytes.length, seq, messages.length);
}

/** What a client has from a cache's image of an item. */
function imaged(cache: CurrentValues, row: number): PageValue {
  const value = new PageValue();
  const message = new PageMessage();
  let bytes = 0;
  let entries = 0;
  cache.image(row, {
    entry: (data, start, end) => {
      bytes += end - start;
      entries++;
      if (message.read(data, start, end) === undefined) value.take(message);
    },
  });
  assert.equal(cache.imageBytes(row, 10), bytes + 10 * entries);
  return value;
}

t.test('the pages are those of the sender, and an image gives them to a client, whole', async () => {
  fc.assert(
    fc.property(fc.array(drawing, { maxLength: 60 }), (drawings) => {
      const sender = drawn(drawings);
      const { cache, faults } = newCache();
      feed(cache, sender.messages);
      assert.deepEqual(faults, []);
      for (const [item, page] of sender.pages.entries()) {
        const row = cache.find(`PAGE.${item}`);
        assert.equal(digestPage(cache.page(row)!), digestPage(page));
        assert.equal(digestPage(imaged(cache, row).page!), digestPage(page));
      }
    }),
    { numRuns: 200 },
  );
});

t.test('whoever joins in the middle, at any message, comes to the same pages', async () => {
  fc.assert(
    fc.property(fc.array(drawing, { maxLength: 40 }), fc.nat(), (drawings, cut) => {
      const { messages } = drawn(drawings);
      const at = cut % (messages.length + 1);
      const { cache } = newCache();
      feed(cache, messages.slice(0, at));
      // Another plant.
      const joined = newCache();
      joined.cache.restore(cache.save());
      // A client: at the moment of its image a page that the sender had, or none.
      const clients = [0, 1, 2].map((item) => {
        const row = cache.find(`PAGE.${item}`);
        return row === 0 ? new PageValue() : imaged(cache, row);
      });
      // The writer of the journal.
      const record = new ChannelRecord(1);
      record.begin({
        kind: 'begin',
        channel: 1,
        session: 's',
        next: at + 1,
        digest: null,
        values: cache.save(),
        wallMs: 0,
      });
      const loaded = new ChannelRecord(1);
      loaded.restoreImage(record.image());
      const kept = newCache();
      kept.cache.restore(loaded.save(null, []).values);

      const rest = messages.slice(at);
      for (const one of [cache, joined.cache, kept.cache]) feed(one, rest, at + 1);
      assert.equal(joined.cache.digest(dictionary), cache.digest(dictionary));
      assert.equal(kept.cache.digest(dictionary), cache.digest(dictionary));
      assert.deepEqual(joined.faults, []);
      const message = new PageMessage();
      for (const bytes of rest) {
        if (message.read(bytes, 0, bytes.length) === undefined) clients[message.item]!.take(message);
      }
      for (const [item, { page }] of clients.entries()) {
        assert.equal(digestPage(page!), digestPage(cache.page(cache.find(`PAGE.${item}`))!));
      }
    }),
    { numRuns: 150 },
  );
});

t.test('given in pieces while messages come, good and bad ones, the pages are the same in the end', async () => {
  fc.assert(
    fc.property(
      fc.array(drawing, { maxLength: 40 }),
      fc.array(fc.record({ at: fc.nat(), cut: fc.boolean(), item: fc.nat(2) }), { maxLength: 4 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (drawings, faults, pauses, end) => {
        const { messages } = drawn(drawings);
        const run = { skip: ROWS * COLUMNS, cells: 'x', style: 0, sort: 0, extra: 0 };
        for (const { at, cut, item } of faults) {
          const bad = encodeMessage({ kind: Kind.PAGE_UPDATE, item, flags: 0, colours: [], runs: [run] });
          messages.splice(at % messages.length, 0, cut ? bad.slice(0, -1) : bad);
        }
        const pauseAt = new Set(pauses.map((pause) => pause % messages.length));
        const endAt = end % messages.length;
        const { cache } = newCache();
        const copy = newCache().cache;
        const pieces: SavedRows[] = [];
        const given: { endRow: number; next: number }[] = [];
        for (const [index, bytes] of messages.entries()) {
          feed(cache, [bytes], index + 1);
          const piece = index < endAt && pauseAt.has(index) ? cache.saveRows(given, 1) : undefined;
          if (piece !== undefined) {
            pieces.push(structuredClone(piece));
            given.push({ endRow: piece.endRow, next: cache.next });
          }
          if (index > endAt) feed(copy, [bytes], index + 1);
          if (index !== endAt) continue;
          for (const { values } of pieces) copy.add(values);
          copy.addRest(cache.saveRest(given));
          assert.equal(copy.digest(dictionary), cache.digest(dictionary));
        }
        assert.equal(copy.digest(dictionary), cache.digest(dictionary));
      },
    ),
    { numRuns: 300 },
  );
});

t.test('an image that a loss has broken is not completed; the page is whole with the next', async (t) => {
  const sender = new Sender();
  const page = new Page(ROWS, COLUMNS);
  page.clear();
  const item = sender.item(page);
  sender.image(item);
  const { cache, faults } = newCache();
  feed(cache, sender.messages);
  const before = digestPage(page);
  sender.messages.length = 0;
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) page.put(row, column, textWord(0x41 + row), column % 2, 0);
  }
  sender.image(item);
  const parts = [...sender.messages];
  t.ok(parts.length > 2);
  feed(cache, parts.slice(0, 1), 10);
  cache.lose(11, 12);
  const row = cache.find('PAGE.0');
  t.equal(digestPage(cache.page(row)!), before);
  t.equal(digestPage(imaged(cache, row).page!), before);
  t.ok(cache.damaged);
  feed(cache, parts.slice(2, 3), 12);
  t.same(faults, ['PLANT_PAGE_FAULT']);
  t.equal(cache.page(row), undefined, 'nobody knows what it looks like');
  t.notOk(imaged(cache, row).isSound);
  feed(cache, parts, 20);
  t.equal(digestPage(cache.page(row)!), digestPage(page));
  t.notOk(cache.damaged);
});

t.test('what cannot be used voids the page until its next image, and only that', async (t) => {
  const sender = new Sender(1450);
  sender.item(new Page(ROWS, COLUMNS));
  sender.item(new Page(ROWS, COLUMNS));
  sender.image(0);
  sender.image(1);
  sender.say({ kind: Kind.ITEM, item: 2, subject: 'QUOTE.A', recordKind: RecordKind.RECORD });
  const { cache, faults, counters } = newCache();
  feed(cache, sender.messages);
  const run = { skip: ROWS * COLUMNS, cells: 'x', style: 0, sort: 0, extra: 0 };
  const outside: Message = { kind: Kind.PAGE_UPDATE, item: 0, flags: 0, colours: [], runs: [run] };
  feed(
    cache,
    [encodeMessage(outside), encodeMessage({ ...outside, item: 2 }), encodeMessage({ ...outside, item: 9 })],
    50,
  );
  t.same(faults, ['PLANT_PAGE_FAULT', 'PLANT_NOT_A_PAGE', 'PLANT_UNKNOWN_ITEM']);
  t.equal(counters.pageFaults, 1);
  t.equal(cache.page(cache.find('PAGE.0')), undefined);
  t.ok(cache.page(cache.find('PAGE.1')));
  const inside = encodeMessage({ ...outside, runs: [{ ...run, skip: 3 }] });
  feed(cache, [inside], 60);
  t.match(faults.at(-1), 'PLANT_PAGE_FAULT');
  sender.messages.length = 0;
  sender.image(0);
  feed(cache, [...sender.messages, inside], 70);
  t.equal(cache.page(cache.find('PAGE.0'))!.rowText(0).at(3), 'x');
  feed(cache, [encodeMessage({ kind: Kind.REMOVE, item: 0 })], 90);
  t.equal(cache.find('PAGE.0'), 0);
  t.same(
    [...cache.allValues(dictionary)].map(([subject]) => subject),
    ['PAGE.1', 'QUOTE.A'],
  );
});

t.test('a digest sees every cell', async (t) => {
  const sender = new Sender();
  sender.item(new Page(ROWS, COLUMNS));
  sender.image(0);
  const { cache } = newCache();
  feed(cache, sender.messages);
  const before = cache.digest(dictionary);
  sender.messages.length = 0;
  sender.change(0, (page) => page.addStyle(4, 29, 1 << 20));
  feed(cache, sender.messages, 20);
  t.not(cache.digest(dictionary), before);
});

t.test('however many changes: a page takes no more than its image and half as much', async (t) => {
  const sender = new Sender(1450);
  sender.item(new Page(25, 80));
  sender.image(0);
  const { cache, counters } = newCache();
  for (let round = 0; round < 400; round++) {
    sender.change(0, (page) => {
      for (let column = 20; column < 60; column++)
        page.put(round % 25, column, textWord(0x30 + ((round + column) % 70)), 3, 0);
    });
  }
  feed(cache, sender.messages);
  t.ok(counters.pageFolds > 5);
  t.equal(counters.pageUpdates, sender.messages.length - 2);
  const row = cache.find('PAGE.0');
  t.ok(cache.imageBytes(row) < 6000, `${cache.imageBytes(row)} bytes`);
  t.equal(digestPage(cache.page(row)!), digestPage(sender.pages[0]!));
});
