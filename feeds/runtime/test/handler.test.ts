import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { SlowCache } from '@tickerplant/testkit';
import t from 'tap';
import {
  ChannelSet,
  ChannelWriter,
  CountingSink,
  type FeedProtocol,
  Handler,
  type Normaliser,
  type NormaliserContext,
  type NormaliserGiver,
} from '../src/index.ts';

const RECORD = 0;
const FID_BID = 22;

/** A feed of one-letter messages: `a` to `z` quote an item, `!` throws, `?` is a fault, `L` makes `lost` throw. */
class ToyNormaliser implements Normaliser {
  readonly calls: string[] = [];
  readonly #context: NormaliserContext;
  readonly #items = new Map<string, number>();
  #brittle = false;

  constructor(context: NormaliserContext) {
    this.#context = context;
  }

  message(bytes: Uint8Array, start: number, length: number, position: number): void {
    const text = String.fromCharCode(...bytes.subarray(start, start + length));
    this.calls.push(`${position} ${text}`);
    if (text === '!') throw new Error('toy');
    if (text === 'L') this.#brittle = true;
    if (text === '?') this.#context.fault('TOY_FAULT', 'expected a letter', bytes, start, length, position);
    if (!/^[a-z]$/.test(text)) return;
    const records = this.#context.services.records!;
    const channel = records.channelOf(text);
    let item = this.#items.get(text);
    if (item === undefined) {
      item = channel.item(records.subject(text), RECORD);
      this.#items.set(text, item);
    }
    channel.update(item, 0).int(position);
    channel.end();
  }

  lost(from: number, to: number): void {
    this.calls.push(`lost ${from} ${to}`);
    if (this.#brittle) throw new Error('brittle');
    this.#context.services.records!.suspectAll('vendor-gap', '');
  }

  give(): NormaliserGiver {
    return { piece: () => undefined, rest: () => this.#items };
  }

  restore(state: unknown): void {
    for (const [name, item] of state as Map<string, number>) this.#items.set(name, item);
  }

  reset(): void {
    this.calls.push('reset');
    this.#items.clear();
  }
}

class Bench {
  readonly cache = new SlowCache();
  readonly quarantine = new Quarantine();
  readonly registry = new CounterRegistry();
  readonly opened: string[] = [];
  readonly events: string[] = [];
  readonly handler: Handler;
  toy: ToyNormaliser | undefined;
  #session = '';
  #next = 0;

  constructor(littleEndianLengths = false) {
    const writer = new ChannelWriter('C1', [
      { name: 'QUOTE', updateType: 1, exponent: 0, fids: [FID_BID], bytesMax: 30 },
    ]);
    const protocol = {
      createNormaliser: (context: NormaliserContext) => {
        this.toy = new ToyNormaliser(context);
        return this.toy;
      },
    } as unknown as FeedProtocol;
    this.handler = new Handler({
      protocol,
      littleEndianLengths,
      services: { records: new ChannelSet('X', [writer], () => 0) },
      channels: [
        {
          writer,
          open: (epoch) => {
            const before = { session: this.#session, next: this.#next };
            this.opened.push(`epoch ${epoch} after '${before.session}' ${before.next}`);
            this.#session = `S${epoch}`;
            this.#next = 1;
            const sink = new CountingSink((bytes, length) => {
              this.#next++;
              this.cache.apply(bytes, 0, length);
            });
            return { sink, ...before };
          },
        },
      ],
      day: 17_357,
      zoneOffsetNs: 0,
      quarantine: this.quarantine,
      registry: this.registry,
      wallNs: () => 1_000n,
      onEvent: (event) => this.events.push(event),
    });
    this.handler.begin(4);
  }

  /** A run of messages from number `seq` on. */
  run(seq: number, ...messages: string[]): void {
    const blocks = messages.map((text) => Buffer.from([0, text.length, ...Buffer.from(text)]));
    const run = Buffer.concat([Buffer.from('before'), ...blocks]);
    this.handler.onRun(run, 6, run.length, seq, messages.length);
  }

  get counts(): Record<string, number> {
    return this.registry.snapshot().find(({ name }) => name === 'handler')!.values;
  }

  quality(subject: string): string | undefined {
    const item = this.cache.items.get(subject);
    return item === undefined ? undefined : `${item.quality} ${item.reason}`.trim();
  }
}

t.test('messages of a run are taken in their order, under their numbers', async (t) => {
  const bench = new Bench();
  t.same(bench.opened, ["epoch 4 after '' 0"]);
  bench.handler.onSession('V1', undefined, 1);
  bench.run(1, 'a', '', 'bb', 'c');
  bench.run(5, 'a');
  t.same(bench.toy!.calls, ['1 a', '2 ', '3 bb', '4 c', '5 a']);
  t.same(bench.cache.json('X.a'), { BID: '5' });
  t.match(bench.counts, { vendorMessages: 5, vendorSessions: 0, exceptions: 0 });
});

t.test('block lengths of either byte order', async (t) => {
  const bench = new Bench(true);
  const run = Buffer.from([1, 0, 0x61, 1, 0, 0x62]);
  bench.handler.onRun(run, 0, run.length, 1, 2);
  t.same(bench.toy!.calls, ['1 a', '2 b']);
  const big = Buffer.concat([Buffer.from([1, 4]), Buffer.alloc(260, 0x78)]);
  const other = new Bench();
  other.handler.onRun(big, 0, big.length, 7, 1);
  t.same(other.toy!.calls, [`7 ${'x'.repeat(260)}`]);
});

t.test('a new vendor session is a new epoch: items, values and qualities of before are void', async (t) => {
  const bench = new Bench();
  bench.handler.onSession('V1', undefined, 1);
  bench.run(1, 'a', 'b');
  bench.handler.onLost(3, 5, 'too-late');
  t.equal(bench.quality('X.a'), 'SUSPECT vendor-gap');
  t.equal(bench.counts.vendorLost, 2);
  bench.handler.onSession('V2', 'V1', 1);
  t.same(bench.opened, ["epoch 4 after '' 0", "epoch 5 after 'S4' 8"]);
  t.equal(bench.handler.epoch, 5);
  t.equal(bench.cache.items.size, 0);
  bench.run(1, 'b');
  t.same(bench.toy!.calls.slice(-2), ['reset', '1 b']);
  t.equal(bench.quality('X.b'), 'LIVE');
  t.match(bench.counts, { vendorSessions: 1 });
  bench.handler.onEnd(2);
  t.same(bench.events, ['vendor session', 'vendor messages lost', 'vendor session', 'vendor session ended']);
});

t.test('who joins a session after its beginning has missed what went before', async (t) => {
  const bench = new Bench();
  bench.handler.onSession('V1', undefined, 50);
  bench.run(50, 'a');
  t.same(bench.toy!.calls, ['lost 1 50', '50 a']);
  bench.handler.onSession('V2', 'V1', 7);
  t.same(bench.toy!.calls.slice(-2), ['reset', 'lost 1 7']);
  t.equal(bench.counts.vendorLost, 0, 'which is not counted as a loss of the lines');
  t.same(bench.events, [
    'vendor session',
    'vendor session joined late',
    'vendor session',
    'vendor session joined late',
  ]);
});

t.test('a session that numbers from 0 is joined at its beginning', async (t) => {
  const bench = new Bench();
  bench.handler.onSession('V1', undefined, 0);
  t.same(bench.toy!.calls, []);
});

t.test('faults are counted and kept with their bytes and number', async (t) => {
  const bench = new Bench();
  bench.run(8, 'a', '?');
  t.equal(bench.counts.faults, 1);
  t.same(bench.quarantine.report().entries, [
    { at: 1_000n, code: 'TOY_FAULT', message: 'expected a letter', context: { position: 9 }, hex: '3f', length: 1 },
  ]);
  t.equal(bench.quality('X.a'), 'LIVE');
});

t.test('when the normaliser throws, the message counts as lost, nothing stays LIVE, and the run goes on', async (t) => {
  const bench = new Bench();
  bench.run(1, 'a', '!', 'b', 'a');
  t.same(bench.toy!.calls, ['1 a', '2 !', 'lost 2 3', '3 b', '4 a']);
  t.equal(bench.quality('X.a'), 'SUSPECT vendor-fault');
  t.same(bench.cache.json('X.a'), { BID: '4' });
  t.match(bench.counts, { exceptions: 1, vendorMessages: 4, faults: 0 });
  t.match(bench.quarantine.report().entries, [{ code: 'FEED_NORMALISER_FAILED', message: 'toy', hex: '21' }]);
  t.same(bench.events, ['normaliser failed']);
});

t.test('when it cannot even take note of the loss, nothing stays LIVE either', async (t) => {
  const bench = new Bench();
  bench.run(1, 'a', 'L', '!', 'b');
  t.equal(bench.quality('X.a'), 'SUSPECT vendor-fault');
  bench.handler.onLost(5, 6, 'too-late');
  t.equal(bench.quality('X.b'), 'SUSPECT vendor-fault');
  t.equal(bench.counts.exceptions, 3);
});
