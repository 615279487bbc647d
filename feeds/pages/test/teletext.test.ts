import { seededRandom } from '@tickerplant/core';
import { type QualityState, qualityName } from '@tickerplant/records';
import { CounterRegistry } from '@tickerplant/telemetry';
import fc from 'fast-check';
import t from 'tap';
import type { BroadcastListener } from '../src/broadcast/receiver.ts';
import { PageItems } from '../src/page-items.ts';
import { PageCatalogue } from '../src/simulator/page-catalogue.ts';
import { TeletextReceiver } from '../src/teletext/teletext-receiver.ts';
import { TeletextVendor, teletextNumber } from '../src/teletext/teletext-vendor.ts';
import { linesOf } from './page-readers.ts';

// Teletext as a broadcast of pages: the simulated service against the receiver, in virtual time.

const MS = 1_000_000;
const PAGES = 24;

class World implements BroadcastListener {
  readonly vendor: TeletextVendor;
  readonly receiver: TeletextReceiver;
  readonly items: PageItems;
  readonly catalogue = new PageCatalogue(PAGES, 3);
  readonly states = new Map<string, QualityState>();
  readonly events: string[] = [];
  readonly faults: string[] = [];
  send: (bytes: Uint8Array) => void = (bytes) => this.receiver.packet(bytes, this.now * MS);
  now = 0;

  constructor() {
    const registry = new CounterRegistry();
    this.vendor = new TeletextVendor({
      catalogue: this.catalogue,
      seed: 2,
      secondOfDay: 36_000,
      pagesPerSecond: 24,
      datagramBytes: 1_472,
      emit: (bytes) => this.send(bytes),
    });
    this.items = new PageItems({ namesMax: 1_000, cellsMax: 4_000, registry });
    this.receiver = new TeletextReceiver({
      items: this.items,
      listener: this,
      silentAfterNs: 3_000 * MS,
      pagesMax: 1_000,
      registry,
      fault: (code) => void this.faults.push(code),
    });
  }

  run(ms: number, changes = 0): void {
    for (const until = this.now + ms; this.now < until; this.now += 10) {
      this.vendor.step(changes);
      this.vendor.tick(this.now * MS);
      this.receiver.tick(this.now * MS);
    }
  }

  /** `100/0001` of the catalogue's page 0. */
  name(index: number): string {
    return `${teletextNumber(index).toString(16)}/0001`;
  }

  quality(index: number): string {
    const state = this.states.get(this.name(index));
    return state === undefined ? '' : `${qualityName(state.quality)} ${state.reason}`.trim();
  }

  text(index: number): string[] {
    return linesOf(this.items.page(this.items.rowOf(this.name(index)))!);
  }

  truth(index: number): string[] {
    const page = this.vendor.page(this.catalogue.names[index]!)!.page;
    // The header begins at column 8, behind the page's number.
    return linesOf(page).map((line, row) =>
      row === 0 ? `   P${teletextNumber(index).toString(16)} ${line.slice(0, 32)}` : line.slice(0, 40),
    );
  }

  isTrue(index: number): boolean {
    // Codes that show otherwise in the English option.
    const plain = (lines: string[]): string =>
      lines
        .join('\n')
        .replaceAll('—', '`')
        .replace(/[^\x20-\x7e\n]/g, '?');
    const truth = plain(this.truth(index)).replaceAll('#', '?');
    return this.quality(index) === 'LIVE' && plain(this.text(index)) === truth;
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
  onAllStatus(): void {}
  onOffered(): void {}
  onUpdate(): void {}
  onWithdrawn(): void {}
  onImage(row: number, state: QualityState): void {
    this.states.set(this.items.symbol(row), state);
  }
  onRefreshed(row: number, state: QualityState): void {
    this.states.set(this.items.symbol(row), state);
  }
  onStatus(row: number, state: QualityState): void {
    this.states.set(this.items.symbol(row), state);
  }
}

t.setTimeout(120_000);

t.test('all subpages come in turn, and are what the service shows', async (t) => {
  const world = new World();
  world.run(1_500);
  t.same(world.events, ['accepted', 'complete']);
  world.run(5_000, 2);
  world.run(1_500);
  for (let index = 0; index < PAGES; index++) t.ok(world.isTrue(index), world.name(index));
  t.same(world.faults, []);
});

t.test('wrong parity: the page is SUSPECT until it comes without', async (t) => {
  const world = new World();
  world.run(2_000);
  world.vendor.garble(world.catalogue.names[3]!);
  let suspect = 0;
  for (let i = 0; i < 300; i++) {
    world.run(10);
    if (world.quality(3) === 'SUSPECT vendor-fault') suspect++;
    for (let index = 0; index < PAGES; index++) if (index !== 3) t.equal(world.quality(index), 'LIVE');
  }
  t.ok(suspect > 50, `${suspect}`);
  t.ok(world.isTrue(3));
});

t.test('a page that is not sent any more is STALE; after silence pages are drawn anew', async (t) => {
  const world = new World();
  world.run(2_000);
  const { send } = world;
  const number = world.name(5);
  const decoderSees = world.vendor.subpage(5);
  t.equal(decoderSees.name, number);
  // Silence.
  world.send = () => undefined;
  world.run(4_000);
  t.match(world.events.at(-1), /nothing heard/);
  world.send = send;
  world.run(2_000);
  for (let index = 0; index < PAGES; index++) t.ok(world.isTrue(index), world.name(index));
  // The service goes on with heartbeats of a kind, without pages.
  world.send = () => undefined;
  for (let i = 0; i < 130; i++) {
    world.now += 1_000;
    world.receiver.packet(new Uint8Array(42), world.now * MS);
    world.receiver.tick(world.now * MS);
  }
  t.equal(world.quality(5), 'STALE vendor-missing');
  world.send = send;
  world.run(2_000);
  t.ok(world.isTrue(5));
});

t.test('noise, losses and bytes of any kind: no crash, and true again when they end', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (seed, junk) => {
      const random = seededRandom(seed);
      const world = new World();
      const { send } = world;
      world.send = (bytes) => {
        const noisy = Uint8Array.from(bytes);
        for (let i = random.below(6); i > 0; i--) noisy[random.below(noisy.length)]! ^= 1 << random.below(8);
        if (random.below(10) > 0) send(noisy);
      };
      world.run(2_000, 1);
      for (const bytes of junk) {
        world.receiver.packet(bytes, world.now * MS);
        world.receiver.packet(Buffer.concat([bytes, new Uint8Array((42 - (bytes.length % 42)) % 42)]), world.now * MS);
      }
      world.send = send;
      world.run(3_000, 0);
      for (let index = 0; index < PAGES; index++) {
        if (!world.isTrue(index)) {
          throw new Error(`${world.name(index)} is ${world.quality(index)}\n${world.text(index).join('\n')}`);
        }
      }
    }),
    { numRuns: 20 },
  );
});
