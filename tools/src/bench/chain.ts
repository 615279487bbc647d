import { makeFloor } from './bench-floor.ts';
import type { BenchContext } from './benchmark.ts';
import type { HandlerReport, HandlerRole } from './parts/handler.ts';
import type { SubscriberReport, SubscriberRole } from './parts/subscriber.ts';
import type { SentReport } from './roles/handler-stand-in.ts';
import type { PlantReport, PlantRole } from './roles/plant.ts';
import type { VendorOptions, VendorRole } from './roles/vendor.ts';
import { pinApart, type Role } from './runner.ts';

/** Everything that the processes of a chain have counted. */
interface Counts {
  readonly handler: HandlerReport;
  readonly plant: PlantReport;
  readonly subscriber: SubscriberReport;
}

/** What chain to make. */
interface ChainOptions extends Omit<VendorOptions, 'floor'> {
  readonly depth: boolean;
  readonly lines: number;
  /** Most bytes in a packet between handler, plant and client. @default 1472 */
  readonly packetBytes?: number;
}

/** What came of sending something through a chain. */
export interface ChainTrial<S extends SentReport> {
  readonly sent: S;
  /** Calls of the client's update callback. */
  readonly updates: number;
  /** Messages that had to be asked for, by anybody; and that never came, or came without a callback. */
  readonly repaired: number;
  readonly lost: number;
  /** From the vendor's last packet to the client's last callback. */
  readonly drainMs: number;
  readonly faults: number;
}

const DAY = '2026-01-05';
/** So long may repairs take after too high a rate; the next trial begins when they are done. */
const SETTLE_MS = 30_000;
const START_OF_DAY_PACKETS_PER_SECOND = 2_000;
const LOOK_MS = 5;
/** A client that is told nothing for so long has nothing more to say. */
const QUIET_MS = 500;
const UP_MS = 10_000;

/** Vendor, handler, plant and client: four processes, each doing what it does on a real floor. */
export class Chain {
  readonly vendor: Role<VendorRole>;
  readonly handler: Role<HandlerRole>;
  readonly plant: Role<PlantRole>;
  readonly subscriber: Role<SubscriberRole>;
  /** Messages of a round, in a packet on average, and bytes of one. */
  facts: { roundMessages: number; packetMessages: number; messageBytes: number } | undefined;

  private constructor(
    vendor: Role<VendorRole>,
    handler: Role<HandlerRole>,
    plant: Role<PlantRole>,
    subscriber: Role<SubscriberRole>,
  ) {
    this.vendor = vendor;
    this.handler = handler;
    this.plant = plant;
    this.subscriber = subscriber;
  }

  /** Starts the four, sends the start of the day, and subscribes to everything. */
  static async open(
    { runner }: BenchContext,
    { depth, lines, packetBytes, ...vendorOptions }: ChainOptions,
  ): Promise<Chain> {
    const { text: floor } = await makeFloor({
      protocol: 'itch50',
      day: DAY,
      depth,
      lines,
      ...(packetBytes === undefined ? {} : { packetBytes }),
    });
    const plant = await runner.start<PlantRole>('plant');
    await plant.call('open', { floor });
    const handler = await runner.start<HandlerRole>('handler');
    await handler.call('open', { floor });
    const vendor = await runner.start<VendorRole>('vendor');
    const subscriber = await runner.start<SubscriberRole>('subscriber');
    pinApart(handler, [vendor, plant, subscriber]);
    const chain = new Chain(vendor, handler, plant, subscriber);
    chain.facts = await vendor.call('open', { floor, ...vendorOptions });
    await vendor.call('startOfDay', { packetsPerSecond: START_OF_DAY_PACKETS_PER_SECOND });
    await chain.settle(vendorOptions.symbols);
    await subscriber.call('open', { floor });
    await subscriber.call('subscribe', { patterns: ['>'] });
    return chain;
  }

  /** Has something sent, and waits until the client has been told of all of it. */
  async trial<S extends SentReport>(send: () => Promise<S>): Promise<ChainTrial<S>> {
    const before = await this.counts();
    const sent = await send();
    const startedMs = performance.now();
    // The handler says how many messages its channels have; the client must come to the same numbers.
    let handler = await this.handler.call('report');
    const vendorMessages = before.handler.vendorMessages + sent.messages;
    while (handler.vendorMessages + handler.lost < vendorMessages && performance.now() - startedMs < SETTLE_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      handler = await this.handler.call('report');
    }
    await this.subscriber.call('reached', { next: handler.next, withinMs: SETTLE_MS });
    const drainMs = performance.now() - startedMs;
    const published = total(handler.next) - total(before.handler.next);
    const after = await this.quiet(before.subscriber.updates + published);
    const updates = after.subscriber.updates - before.subscriber.updates;
    const vendorLost = vendorMessages - handler.vendorMessages;
    return {
      sent,
      updates,
      repaired: repaired(after) - repaired(before),
      lost: vendorLost + Math.max(0, published - updates),
      drainMs,
      faults: handler.faults,
    };
  }

  /** Processor time of each process so far, in s. */
  async cpu(): Promise<Record<'vendor' | 'handler' | 'plant' | 'client', number>> {
    const roles = [this.vendor, this.handler, this.plant, this.subscriber];
    const [vendor, handler, plant, client] = await Promise.all(
      roles.map(async (role) => (await role.usage()).cpuMs / 1000),
    );
    return { vendor: vendor!, handler: handler!, plant: plant!, client: client! };
  }

  /** Waits until the plant has the items of the start of the day. */
  private async settle(items: number): Promise<void> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < UP_MS) {
      const [handler, plant] = await Promise.all([this.handler.call('report'), this.plant.call('report')]);
      if (plant.items >= items && handler.next.every((next, i) => plant.next[i]! >= next)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new Error(`expected the plant to have ${items} items within ${UP_MS} ms`);
  }

  /**
   * Waits until the client has been told of so many updates; or is told of none any more, because it had to take
   * images in their place: it holds the stream back meanwhile, and that must not count for the next trial.
   */
  private async quiet(updates: number): Promise<Counts> {
    const startedMs = performance.now();
    let counts = await this.counts();
    for (let quietMs = 0; quietMs < QUIET_MS && performance.now() - startedMs < SETTLE_MS; quietMs += LOOK_MS) {
      if (counts.subscriber.updates >= updates) break;
      const before = counts.subscriber.updates;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      counts = await this.counts();
      if (counts.subscriber.updates !== before) quietMs = 0;
    }
    return counts;
  }

  private async counts(): Promise<Counts> {
    const [handler, plant, subscriber] = await Promise.all([
      this.handler.call('report'),
      this.plant.call('report'),
      this.subscriber.call('report'),
    ]);
    return { handler, plant, subscriber };
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function repaired({ handler, plant, subscriber }: Counts): number {
  return handler.repaired + plant.repaired + subscriber.repaired;
}
