import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@tickerplant/core';
import { type QualityState, qualityName } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import { BroadcastVendor } from '../src/broadcast/broadcast-vendor.ts';
import { PacketReader } from '../src/broadcast/packet-reader.ts';
import { PacketWriter } from '../src/broadcast/packet-writer.ts';
import { type BroadcastListener, BroadcastReceiver } from '../src/broadcast/receiver.ts';
import { PageItems } from '../src/page-items.ts';
import { PageFormat } from '../src/payload.ts';
import { PageCatalogue } from '../src/simulator/page-catalogue.ts';
import { linesOf } from './page-readers.ts';

// The broadcast in virtual time: lines that lose and delay, vendors that begin anew, handlers that begin anew.

const MS = 1_000_000;

/** A vendor, and everything that its pages ever showed: session, page and sequence → lines. */
class Vendor {
  readonly machine: BroadcastVendor;
  readonly history = new Map<string, string>();
  readonly names: readonly string[];
  packets: Uint8Array[] = [];

  constructor(pages: number, format: PageFormat, seed = 3) {
    const catalogue = new PageCatalogue(pages, seed);
    this.names = catalogue.names;
    this.machine = new BroadcastVendor({
      catalogue,
      format,
      seed,
      session: 100,
      secondOfDay: 36_000,
      packetBytes: 1_472,
      basesPerSecond: 20,
      emit: (packet, length) => {
        const bytes = Uint8Array.from(packet.subarray(0, length));
        this.packets.push(bytes);
      },
    });
  }

  /** Does one thing at a time, so that what a page shows is known for every sequence. */
  do(work: () => void): Uint8Array[] {
    work();
    const packets = this.packets;
    this.packets = [];
    const reader = new PacketReader();
    for (const packet of packets) {
      assert(reader.open(packet));
      while (reader.next()) {
        if (reader.name !== '') this.#remember(reader);
      }
      assert.equal(reader.fault, undefined);
    }
    return packets;
  }

  text(name: string): string {
    return linesOf(this.machine.page(name)!.page).join('\n');
  }

  #remember({ session, name, sequence, type }: PacketReader): void {
    const key = `${session} ${name} ${sequence}`;
    // B and D: the page is at this sequence now, because only one change is made between two looks.
    if (type === 0x42 || type === 0x44) this.history.set(key, this.text(name));
  }
}

class Handler implements BroadcastListener {
  readonly items: PageItems;
  readonly receiver: BroadcastReceiver;
  readonly registry = new CounterRegistry();
  readonly states = new Map<string, QualityState>();
  readonly faults: string[] = [];
  readonly events: string[] = [];
  readonly #vendor: Vendor;
  checks = 0;

  constructor(vendor: Vendor, pagesMax = 1_000) {
    this.#vendor = vendor;
    this.items = new PageItems({ namesMax: 1_000, cellsMax: 4_000, registry: this.registry });
    this.receiver = new BroadcastReceiver({
      items: this.items,
      listener: this,
      silentAfterNs: 3_000 * MS,
      gapWaitNs: 50 * MS,
      pagesMax,
      registry: this.registry,
      fault: (code, message) => void this.faults.push(`${code}: ${message}`),
    });
  }

  take(packet: Uint8Array, nowNs: number): void {
    this.receiver.packet(packet, nowNs);
  }

  quality(name: string): string {
    const state = this.states.get(name);
    return state === undefined ? '' : `${qualityName(state.quality)} ${state.reason}`.trim();
  }

  text(name: string): string {
    const page = this.items.page(this.items.rowOf(name));
    return page === undefined ? '' : linesOf(page).join('\n');
  }

  /** What is LIVE is what the vendor showed at that sequence. */
  check(name: string): void {
    if (this.quality(name) !== 'LIVE') return;
    const { session, sequence } = this.receiver.placeOf(this.items.rowOf(name));
    const truth = this.#vendor.history.get(`${session} ${name} ${sequence}`);
    this.checks++;
    assert.equal(this.text(name), truth, `${name} at ${session} ${sequence}`);
  }

  isTrue(name: string): boolean {
    return this.quality(name) === 'LIVE' && this.text(name) === this.#vendor.text(name);
  }

  onAccepted(): void {
    this.events.push('accepted');
  }
  onComplete(): void {
    this.events.push('complete');
  }
  onSilent(why: string): void {
    this.events.push(why);
    this.states.clear();
  }
  onAllStatus(state: QualityState): void {
    for (const name of this.states.keys()) this.states.set(name, state);
  }
  onOffered(): void {}
  onImage(row: number, state: QualityState): void {
    this.#set(row, state);
  }
  onRefreshed(row: number, state: QualityState): void {
    this.#set(row, state);
  }
  onUpdate(row: number): void {
    const name = this.items.symbol(row);
    if (this.quality(name) === 'LIVE') this.check(name);
  }
  onStatus(row: number, state: QualityState): void {
    this.#set(row, state);
  }
  onWithdrawn(row: number): void {
    this.states.delete(this.items.symbol(row));
    this.events.push(`gone ${this.items.symbol(row)}`);
  }

  #set(row: number, state: QualityState): void {
    this.states.set(this.items.symbol(row), state);
    this.check(this.items.symbol(row));
  }
}

/** Runs a vendor for a while. @param send takes each packet */
function run(
  vendor: Vendor,
  ms: { from: number; to: number },
  send: (packet: Uint8Array, ms: number) => void,
  tick: (ms: number) => void,
): void {
  for (let at = ms.from; at < ms.to; at += 5) {
    for (const packet of vendor.do(() => vendor.machine.tick(at * MS))) send(packet, at);
    for (const packet of vendor.do(() => vendor.machine.step(1, at * MS))) send(packet, at);
    tick(at);
  }
}

t.setTimeout(120_000);

t.test('a packet reads back as it was written, record by record', async () => {
  const name = fc.stringMatching(/^[!-~]{1,32}$/);
  const u32 = fc.nat(0xffff_ffff);
  const record = fc.oneof(
    fc.record({
      type: fc.constant('base' as const),
      name,
      sequence: u32,
      format: fc.constantFrom(PageFormat.ANSI, PageFormat.ROW_FIELDS),
      rows: fc.nat(65_535),
      columns: fc.nat(65_535),
      content: fc.uint8Array({ maxLength: 5_000 }),
    }),
    fc.record({
      type: fc.constant('delta' as const),
      name,
      sequence: u32,
      format: fc.constantFrom(PageFormat.ANSI, PageFormat.ROW_FIELDS),
      content: fc.uint8Array({ maxLength: 3_000 }),
    }),
    fc.record({ type: fc.constantFrom('present' as const, 'gone' as const), name, sequence: u32 }),
  );
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 12 }),
      fc.integer({ min: 1_024, max: 9_000 }),
      u32,
      (records, size, session) => {
        const packets: Buffer[] = [];
        const writer = new PacketWriter(session, size, (packet, length) =>
          packets.push(Buffer.from(packet.subarray(0, length))),
        );
        for (const one of records) {
          if (one.type === 'base') {
            writer.base(one.name, one.sequence, one.format, one.rows, one.columns, one.content);
          } else if (one.type === 'delta') writer.delta(one.name, one.sequence, one.format, one.content);
          else writer[one.type](one.name, one.sequence);
        }
        writer.round(records.length);
        writer.flush();
        const reader = new PacketReader();
        const read: unknown[] = [];
        let parts: Uint8Array[] = [];
        packets.forEach((packet, index) => {
          assert(packet.length <= size);
          assert(reader.open(packet));
          assert.deepEqual([reader.session, reader.packet], [session, index]);
          while (reader.next()) {
            const { type, name: page, sequence, format, rows, columns } = reader;
            const content = (): number[] => {
              parts.push(reader.content);
              const whole = [...Buffer.concat(parts)];
              parts = [];
              return whole;
            };
            if ((type === 0x42 || type === 0x44) && reader.part < reader.parts - 1) parts.push(reader.content);
            else if (type === 0x42)
              read.push({ type: 'base', name: page, sequence, format, rows, columns, content: content() });
            else if (type === 0x44) read.push({ type: 'delta', name: page, sequence, format, content: content() });
            else if (type === 0x50) read.push({ type: 'present', name: page, sequence });
            else if (type === 0x58) read.push({ type: 'gone', name: page, sequence });
            else assert.equal(sequence, records.length);
          }
          assert.equal(reader.fault, undefined);
        });
        const plain = records.map((one) => ('content' in one ? { ...one, content: [...one.content] } : { ...one }));
        assert.deepEqual(read, plain);
      },
    ),
  );
});

t.test(
  'any bytes as a packet: never thrown, contained to the pages named, and put right by what comes after',
  async () => {
    const byte = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 30 }),
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }),
        (damage, junk) => {
          const vendor = new Vendor(8, PageFormat.ANSI);
          const handler = new Handler(vendor);
          const packets = vendor.do(() => {
            for (let at = 0; at < 2_000; at += 5) vendor.machine.tick(at * MS);
          });
          for (const [which, at, flip] of damage) {
            const packet = packets[which % packets.length]!;
            // Behind the head: a head of another session is another session.
            if (packet.length > 12) packet[12 + (at % (packet.length - 12))]! ^= flip;
          }
          // What such packets made is not in the vendor's history.
          handler.check = () => {};
          for (const packet of packets) {
            handler.take(packet.subarray(0, packet.length - 3), 2_000 * MS);
            handler.take(packet, 2_000 * MS);
          }
          for (const bytes of junk) handler.take(bytes, 2_000 * MS);
          run(
            vendor,
            { from: 2_000, to: 10_000 },
            (packet, ms) => handler.take(packet, ms * MS),
            (ms) => handler.receiver.tick(ms * MS),
          );
          for (const name of vendor.names) assert(handler.isTrue(name), `${name} is ${handler.quality(name)}`);
        },
      ),
      { numRuns: 15 },
    );
  },
);

t.test('all pages are there after one turn, LIVE and true, and stay so', async (t) => {
  for (const format of [PageFormat.ANSI, PageFormat.ROW_FIELDS]) {
    const vendor = new Vendor(24, format);
    const handler = new Handler(vendor);
    run(
      vendor,
      { from: 0, to: 8_000 },
      (packet, ms) => handler.take(packet, ms * MS),
      (ms) => handler.receiver.tick(ms * MS),
    );
    for (const name of vendor.names) t.ok(handler.isTrue(name), name);
    t.same(handler.events, ['accepted', 'complete']);
    t.same(handler.faults, []);
    t.ok(handler.checks > 1_000);
  }
});

t.test('lines that lose and delay: what is LIVE is true at its sequence, and all is true in the end', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0.02, 0.2, 0.5), fc.integer({ min: 1, max: 2 }), (seed, loss, lines) => {
      const random: Random = seededRandom(seed);
      const vendor = new Vendor(12, PageFormat.ANSI, seed);
      const handler = new Handler(vendor);
      const late: { at: number; packet: Uint8Array }[] = [];
      let lossy = true;
      const send = (packet: Uint8Array, ms: number): void => {
        for (let line = 0; line < lines; line++) {
          if (lossy && random.next() < loss) continue;
          late.push({ at: ms + (lossy ? random.below(30) : 0), packet });
        }
      };
      const tick = (ms: number): void => {
        for (let i = 0; i < late.length; ) {
          if (late[i]!.at > ms) i++;
          else handler.take(late.splice(i, 1)[0]!.packet, ms * MS);
        }
        handler.receiver.tick(ms * MS);
      };
      run(vendor, { from: 0, to: 3_000 }, send, tick);
      if (random.below(3) === 0) {
        vendor.do(() => vendor.machine.restart(3_000 * MS));
      }
      run(vendor, { from: 3_000, to: 5_000 }, send, tick);
      if (random.below(2) === 0) vendor.machine.garble(vendor.names[3]!, 5_000 * MS);
      lossy = false;
      run(vendor, { from: 5_000, to: 8_000 }, send, tick);
      for (const name of vendor.names) assert(handler.isTrue(name), `${name} is ${handler.quality(name)}`);
      assert(handler.checks > 200);
    }),
    { numRuns: 15 },
  );
});

t.test(
  'a missing change: SUSPECT after the wait, the base puts it right; another line in time, and nobody hears of it',
  async (t) => {
    const vendor = new Vendor(8, PageFormat.ANSI);
    const handler = new Handler(vendor);
    const all = (packets: Uint8Array[], ms: number): void => {
      for (const packet of packets) handler.take(packet, ms * MS);
    };
    run(
      vendor,
      { from: 0, to: 1_500 },
      (packet, ms) => handler.take(packet, ms * MS),
      (ms) => handler.receiver.tick(ms * MS),
    );
    const name = vendor.names[0]!;
    const page = vendor.machine.page(name)!;
    const stepUntil = (): Uint8Array[] => {
      for (;;) {
        const before = vendor.text(name);
        const packets = vendor.do(() => vendor.machine.step(1, 1_500 * MS));
        if (vendor.text(name) !== before) return packets;
        all(packets, 1_500);
      }
    };
    t.ok(page);
    const lost = stepUntil();
    const next = stepUntil();
    all(next, 1_500);
    t.equal(handler.quality(name), 'LIVE', 'it may still come');
    handler.receiver.tick(1_530 * MS);
    all(lost, 1_540);
    handler.receiver.tick(1_600 * MS);
    t.equal(handler.quality(name), 'LIVE');
    t.ok(handler.isTrue(name), 'both are taken, in order');
    const lostAgain = stepUntil();
    all(stepUntil(), 1_600);
    handler.receiver.tick(1_700 * MS);
    t.equal(handler.quality(name), 'SUSPECT vendor-gap');
    all(lostAgain, 1_710);
    t.ok(handler.isTrue(name), 'late is better than never');
    stepUntil();
    all(stepUntil(), 1_720);
    handler.receiver.tick(1_800 * MS);
    t.equal(handler.quality(name), 'SUSPECT vendor-gap');
    run(
      vendor,
      { from: 1_800, to: 3_000 },
      (packet, ms) => handler.take(packet, ms * MS),
      (ms) => handler.receiver.tick(ms * MS),
    );
    t.ok(handler.isTrue(name), 'the base');
  },
);

t.test('the last change before a page falls silent is missed too', async (t) => {
  const vendor = new Vendor(8, PageFormat.ANSI);
  const handler = new Handler(vendor);
  run(
    vendor,
    { from: 0, to: 1_500 },
    (packet, ms) => handler.take(packet, ms * MS),
    (ms) => handler.receiver.tick(ms * MS),
  );
  vendor.do(() => vendor.machine.setLayout('NEWS0001', 'changed', 1_500 * MS));
  // Only the round tells: bases take longer with so many pages.
  const reader = new PacketReader();
  for (let at = 1_500; at < 4_500; at += 5) {
    for (const packet of vendor.do(() => vendor.machine.tick(at * MS))) {
      reader.open(packet);
      let isRound = true;
      while (reader.next()) isRound &&= reader.type === 0x50 || reader.type === 0x45;
      if (isRound) handler.take(packet, at * MS);
    }
    handler.receiver.tick(at * MS);
  }
  t.equal(handler.quality('NEWS0001'), 'SUSPECT vendor-gap');
});

t.test('silence, and the same vendor again: what did not change meanwhile is proven by the round', async (t) => {
  const vendor = new Vendor(8, PageFormat.ANSI);
  const handler = new Handler(vendor);
  const send = (packet: Uint8Array, ms: number): void => handler.take(packet, ms * MS);
  run(vendor, { from: 0, to: 2_500 }, send, (ms) => handler.receiver.tick(ms * MS));
  vendor.do(() => vendor.machine.setLayout('NEWS0001', 'changed', 2_500 * MS));
  for (let at = 2_500; at < 6_000; at += 5) handler.receiver.tick(at * MS);
  t.match(handler.events.at(-1), /nothing heard for 3000 ms/);
  for (let at = 6_000; at < 9_000; at += 5) {
    for (const packet of vendor.do(() => vendor.machine.tick(at * MS))) {
      // No bases: only what the round proves.
      const reader = new PacketReader();
      reader.open(packet);
      let hasBase = false;
      while (reader.next()) hasBase ||= reader.type === 0x42;
      if (!hasBase) send(packet, at);
    }
    handler.receiver.tick(at * MS);
  }
  const live = vendor.names.filter((name) => handler.isTrue(name));
  t.notOk(live.includes('NEWS0001'));
  t.equal(live.length, 7);
});

t.test('a page that the vendor has no more is gone', async (t) => {
  const vendor = new Vendor(8, PageFormat.ANSI);
  const handler = new Handler(vendor);
  run(
    vendor,
    { from: 0, to: 2_500 },
    (packet, ms) => handler.take(packet, ms * MS),
    (ms) => handler.receiver.tick(ms * MS),
  );
  const packets: Uint8Array[] = [];
  const writer = new PacketWriter(vendor.machine.session, 1_472, (packet, length) =>
    packets.push(Uint8Array.from(packet.subarray(0, length))),
  );
  // As many packets as the vendor has sent, so that these are new ones.
  for (let i = 0; i < 5_000; i++) writer.heartbeat();
  packets.length = 0;
  writer.gone('FXSP0001', 5);
  for (let round = 0; round < 5; round++) {
    for (const name of vendor.names.slice(2)) writer.present(name, 0);
    writer.round(6);
  }
  writer.flush();
  for (const packet of packets) handler.take(packet, 2_600 * MS);
  t.same(handler.events.slice(-2), ['gone FXSP0001', 'gone DEPO0001'], 'the one told of, and the one not told of');
  t.equal(handler.items.held, 6);
});

t.test('no more pages than there is room for', async (t) => {
  const vendor = new Vendor(24, PageFormat.ANSI);
  const handler = new Handler(vendor, 10);
  run(
    vendor,
    { from: 0, to: 4_000 },
    (packet, ms) => handler.take(packet, ms * MS),
    (ms) => handler.receiver.tick(ms * MS),
  );
  t.equal(handler.items.held, 10);
  t.equal(handler.items.rows, 10);
});

t.test('faulty content is contained to its page', async (t) => {
  const vendor = new Vendor(8, PageFormat.ANSI);
  const handler = new Handler(vendor);
  run(
    vendor,
    { from: 0, to: 2_500 },
    (packet, ms) => handler.take(packet, ms * MS),
    (ms) => handler.receiver.tick(ms * MS),
  );
  vendor.machine.garble('FXSP0001', 2_500 * MS);
  for (const packet of vendor.packets.splice(0)) handler.take(packet, 2_500 * MS);
  t.equal(handler.quality('FXSP0001'), 'SUSPECT vendor-fault');
  t.match(handler.faults[0], /^PAGES_BAD_CONTENT/);
  for (const name of vendor.names.slice(1)) t.ok(handler.isTrue(name), name);
  run(
    vendor,
    { from: 2_500, to: 4_000 },
    (packet, ms) => handler.take(packet, ms * MS),
    (ms) => handler.receiver.tick(ms * MS),
  );
  t.ok(handler.isTrue('FXSP0001'));
});
