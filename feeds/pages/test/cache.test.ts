import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type TickerError } from '@tickerplant/core';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { CacheFile, type CacheSource } from '../src/cache/cache-file.ts';
import { CACHE_MARK, frameRecord, readRecords } from '../src/cache/cache-log.ts';
import { decodeCached, encodeCached } from '../src/cache/cache-record.ts';
import { type HeldPage, PageApplier } from '../src/page-applier.ts';
import { PageFormat } from '../src/payload.ts';
import { PageCatalogue } from '../src/simulator/page-catalogue.ts';
import { changeOf, imageOf } from '../src/simulator/page-content.ts';

// The file in which pages outlive a handler: what is read is a page as it once was, or nothing.

const SECOND = 1_000_000_000;

/** Everything of a page that can be seen or matters later. */
function whole(held: HeldPage): unknown {
  const { page, ansi, rows, format } = held;
  const bytes = rows === undefined ? [] : Array.from({ length: page.rows }, (_, row) => [...rows.rowBytes(row)]);
  return [format, [...page.text], [...page.style], [...page.extra], ansi?.save(), bytes];
}

t.setTimeout(120_000);

t.test('a page comes back as it was, with what the next message needs', async () => {
  for (const format of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const catalogue = new PageCatalogue(8, 4);
    const applier = new PageApplier(new CounterRegistry());
    for (const index of catalogue.names.keys()) {
      const page = catalogue.page(index, 40_000);
      const held = applier.create(format, 25, 80)!;
      applier.image(held, imageOf(page, format));
      for (let i = 0; i < 20; i++) applier.update(held, changeOf(page, format, () => page.step()) ?? new Uint8Array(0));
      // A colour, a position and a sequence that go on in the next message.
      if (format === PageFormat.ANSI) applier.update(held, Buffer.from('\x1b[3;5H\x1b[1;31mX\x1b[4'));
      const bytes = encodeCached({ name: page.name, session: 7, sequence: index, held });
      const back = decodeCached(bytes, applier)!;
      assert.deepEqual([back.name, back.session, back.sequence], [page.name, 7, index]);
      assert.deepEqual(whole(back.held!), whole(held));
      const next = format === PageFormat.ANSI ? Buffer.from('mYY') : imageOf(page, format);
      applier.update(back.held!, next);
      applier.update(held, next);
      assert.deepEqual(whole(back.held!), whole(held));
    }
  }
});

t.test('a page that is gone stands so in the cache', async (t) => {
  const applier = new PageApplier(new CounterRegistry());
  t.same(decodeCached(encodeCached({ name: 'A', session: 1, sequence: 2, held: undefined }), applier), {
    name: 'A',
    session: 1,
    sequence: 2,
    held: undefined,
  });
});

t.test('bytes of any kind are no page, or are one; nothing throws', async () => {
  const applier = new PageApplier(new CounterRegistry());
  const catalogue = new PageCatalogue(8, 4);
  for (const format of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const held = applier.create(format, 25, 80)!;
    applier.image(held, imageOf(catalogue.page(0, 0), format));
    const good = encodeCached({ name: 'A', session: 1, sequence: 2, held });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, length) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        decodeCached(bytes, applier);
        decodeCached(bytes.subarray(0, length), applier);
      }),
    );
  }
});

t.test('a damaged file: every record that is read is one that was written, in the order of writing', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
      fc.nat(),
      (payloads, damage, cut) => {
        const numbered = payloads.map((payload, index) => Buffer.concat([Buffer.from([index]), payload]));
        const file = Buffer.concat([CACHE_MARK, ...numbered.map((payload) => frameRecord(payload))]);
        const records: Buffer[] = [];
        assert.equal(
          readRecords(file, (payload) => records.push(Buffer.from(payload))),
          0,
        );
        assert.deepEqual(records, numbered);
        const bad = Buffer.from(file);
        for (const [at, byte] of damage) bad[CACHE_MARK.length + (at % (bad.length - CACHE_MARK.length))] = byte;
        const read: Buffer[] = [];
        const short = bad.subarray(0, Math.max(CACHE_MARK.length, cut % (bad.length + 1)));
        readRecords(short, (payload) => read.push(Buffer.from(payload)));
        let last = -1;
        for (const payload of read) {
          assert.ok(payload[0]! > last);
          last = payload[0]!;
          assert.deepEqual(payload, numbered[last]);
        }
        // One damaged byte costs at most the record that it is in, and the one behind it if it is in a length.
        if (damage.length === 1 && short.length === bad.length) assert.ok(read.length >= numbered.length - 1);
      },
    ),
    { numRuns: 500 },
  );
});

/** Records of a few names; each write of a name is a new version. */
class Versions implements CacheSource {
  readonly versions = new Map<string, number>();
  readonly dirty = new Set<string>();

  change(name: string): void {
    this.versions.set(name, (this.versions.get(name) ?? 0) + 1);
    this.dirty.add(name);
  }

  next(): Uint8Array | undefined {
    const [name] = this.dirty;
    if (name === undefined) return undefined;
    this.dirty.delete(name);
    return Buffer.from(JSON.stringify([name, this.versions.get(name)]).padEnd(3_000));
  }

  all(): number {
    for (const name of this.versions.keys()) this.dirty.add(name);
    return this.dirty.size;
  }
}

function newCache(path: string, errors: TickerError[], bytesPerSecond = 50 << 20): CacheFile {
  return new CacheFile({
    path,
    bytesPerSecond,
    registry: new CounterRegistry(),
    onError: (error) => errors.push(error),
  });
}

async function contents(path: string, errors: TickerError[] = []): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const parse = (payload: Buffer): [string, number] => JSON.parse(payload.toString()) as [string, number];
  await newCache(path, errors).load(
    (payload) => parse(payload)[0],
    (payload) => {
      found.set(...parse(payload));
      return true;
    },
  );
  return found;
}

t.test('the newest of each is read; the file is written anew when most of it is old', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'page-cache-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'deep', 'pages.cache');
  const errors: TickerError[] = [];
  const source = new Versions();
  const cache = newCache(path, errors);
  await cache.load(
    () => 'x',
    () => assert.fail('nothing is there'),
  );
  for (let i = 0; i < 50; i++) source.change(`P${i}`);
  cache.begin(source);
  const random = seededRandom(3);
  let now = 0;
  let largest = 0;
  for (let round = 0; round < 700; round++) {
    for (let i = 0; i < 20; i++) source.change(`P${random.below(50)}`);
    now += SECOND / 20;
    cache.tick(now);
    await new Promise((resolve) => setImmediate(resolve));
    largest = Math.max(largest, cache.status().bytes as number);
  }
  await cache.close();
  t.same(errors, []);
  t.same(await contents(path), source.versions);
  t.ok(largest < 20 << 20, `${largest} bytes`);
});

t.test('killed at any time: each page as it was once, and none that was complete is lost', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'page-cache-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'pages.cache');
  const source = new Versions();
  const cache = newCache(path, []);
  for (let i = 0; i < 20; i++) source.change(`P${i}`);
  cache.begin(source);
  let now = 0;
  const tick = async (): Promise<void> => {
    now += SECOND;
    cache.tick(now);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  for (let i = 0; i < 20 && (cache.status().rewriting as boolean); i++) await tick();
  t.equal(cache.status().rewriting, false);
  for (let round = 0; round < 5; round++) {
    source.change('P3');
    await tick();
    const found = await contents(path);
    t.equal(found.size, 20);
    for (const [name, version] of found) t.ok(version <= source.versions.get(name)!);
  }
  await cache.close();
  // Torn at the end, and damaged in the middle.
  const bytes = readFileSync(path);
  bytes[5_000]! ^= 1;
  writeFileSync(path, bytes.subarray(0, bytes.length - 10));
  const errors: TickerError[] = [];
  const found = await contents(path, errors);
  t.equal(found.size, 19);
  t.equal(errors[0]?.code, 'PAGES_CACHE_DAMAGED');
  writeFileSync(path, 'something else altogether');
  t.equal((await contents(path)).size, 0);
});

t.test('a file that cannot be written is told of, and does no harm', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'page-cache-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), '');
  const errors: TickerError[] = [];
  const cache = newCache(join(folder, 'file', 'pages.cache'), errors);
  const source = new Versions();
  source.change('A');
  cache.begin(source);
  cache.tick(SECOND);
  cache.tick(2 * SECOND);
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(errors[0]?.code, 'PAGES_CACHE_FAILED');
  await cache.close();
});
