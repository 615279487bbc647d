import { readFileSync } from 'node:fs';
import { systemClock } from '@tickerplant/core';
import {
  BroadcastReceiver,
  PageDesk,
  PagePublisher,
  type ShreddedPages,
  type StyleName,
} from '@tickerplant/feed-pages';
import { ChannelSet, ChannelWriter, OutputChannel, UnpositionedMember } from '@tickerplant/feed-runtime';
import { type Floor, sessionName } from '@tickerplant/floor';
import { RequestServer } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { compileYaml } from '@tickerplant/shredder';
import { CounterRegistry, createLogger, LatencyHistogram } from '@tickerplant/telemetry';
import { nowNs } from '../clock.ts';

/** Channels of the floor. */
const PAGES = 0;
const ELEMENTS = 1;
const MS = 1_000_000;
const TICK_MS = 5;
const UP_MS = 60_000;
/** So many turns of the event loop without a packet. */
const QUIET_TURNS = 60;
/** Of a ring for repair. */
const RING_BYTES = 32 << 20;
const EXAMPLES = new URL('../../../../../examples/shredders/', import.meta.url);
/** The examples' shredders of the simulated service. */
const SHREDDERS: Readonly<Partial<Record<StyleName, string>>> = {
  FXSP: 'majors-spot.yaml',
  DEPO: 'offshore-deposits.yaml',
  TSYS: 'benchmarks.yaml',
  METL: 'warehouse-metals.yaml',
  INDX: 'world-indices.yaml',
};

/** What a machine is made of. */
export interface PageMachineOptions {
  /** As `makePageFloor` makes them. */
  readonly floor: Floor;
  /** Names of all pages. */
  readonly names: readonly string[];
  /** Whether pages are shredded; else only they themselves are published. */
  readonly shreds: boolean;
}

/**
 * The machinery of a handler of broadcast pages, put together as its shell does it: receiver, pages, shredders without a settle
 * time, member, channels, sockets. Between its own and the socket's `send` a clock is read.
 */
export class PageMachine {
  /** From when a change was due to when what came of it was given to the socket, ns. */
  readonly latencies: LatencyHistogram = new LatencyHistogram();
  /** Packets that are measured, and those of them of which something came on the channel that is measured. */
  came = 0;
  published = 0;
  readonly #channels: readonly OutputChannel[];
  readonly #desk: PageDesk;
  readonly #receiver: BroadcastReceiver;
  readonly #measured: number;
  readonly #pages: number;
  readonly #timer: NodeJS.Timeout;
  /** When those changes were due that wait to be sent. */
  readonly #dueNs: number[] = [];
  #flushing = false;
  #isComplete = false;
  #packets = 0;

  private constructor({ floor, names, shreds }: PageMachineOptions, senders: readonly MulticastSender[]) {
    const feed = floor.feeds[0]!;
    const registry = new CounterRegistry();
    const requestServer = new RequestServer({ answer: () => true });
    this.#measured = shreds ? ELEMENTS : PAGES;
    this.#pages = names.length;
    this.#channels = floor.channels.map(
      ({ id, name }, index) =>
        new OutputChannel({
          id,
          name,
          writer: new ChannelWriter(name, []),
          send: (bytes, length) => {
            if (index === this.#measured) this.#leaves();
            return senders[index]!.send(bytes, 0, length);
          },
          requestServer,
          sessionOf: (epoch) => sessionName(id, feed.day, epoch),
          packetBytes: floor.networks.feed.packetBytes,
          heartbeatNs: floor.limits.channelHeartbeatMs * MS,
          ringBytes: RING_BYTES,
          digests: false,
          registry,
        }),
    );
    const set = (service: string, index: number): ChannelSet =>
      new ChannelSet(service, [this.#channels[index]!.writer], () => 0);
    this.#desk = new PageDesk({
      services: { pages: set(feed.services.pages!, PAGES), elements: set(feed.services.elements!, ELEMENTS) },
      namesMax: 2 * names.length,
      pages: feed.pages!,
      shredders: shreds ? shreddersOf(names) : [],
      floor: floor.name,
      today: feed.day,
      clock: systemClock,
      registry,
      createMember: (items) =>
        new UnpositionedMember(
          { floor, feed, rank: 0, channels: this.#channels, items, registry, nowNs: nowNs() },
          { say: () => undefined, event: () => undefined, receipt: () => undefined },
        ),
      name: feed.name,
      logger: createLogger('bench', 'error'),
    });
    const { items, member } = this.#desk;
    member.setComplete(false);
    const publisher = new PagePublisher({ desk: this.#desk, onAccepted: () => member.onAccepted(), nowNs });
    this.#receiver = new BroadcastReceiver({
      items,
      listener: publisher.withBroadcast({
        onComplete: () => {
          this.#isComplete = true;
          member.setComplete(true);
        },
        onAllStatus: (state) => member.onAllStatus(state),
        onSilent: (why) => member.vendorLost(why, nowNs()),
      }),
      silentAfterNs: Number.POSITIVE_INFINITY,
      gapWaitNs: floor.limits.gapWaitMs * MS,
      pagesMax: names.length,
      registry,
      fault: (code, message) => {
        throw new Error(`${code}: ${message}`);
      },
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Opens the sockets that it sends through. */
  static async open(options: PageMachineOptions): Promise<PageMachine> {
    const { channels, networks } = options.floor;
    const onError = (error: Error): never => {
      throw error;
    };
    const senders = await Promise.all(
      channels.map(({ feed }) =>
        openSender({ ...feed, interface: networks.feed.interface, sendBufferBytes: 4 << 20, onError }),
      ),
    );
    return new PageMachine(options, senders);
  }

  /** Pages that are LIVE, elements, and those of them that are SUSPECT. */
  get status(): { readonly live: number; readonly elements: number; readonly suspect: number } {
    const { live } = this.#receiver.status() as { live: number };
    const pages = (this.#desk.shredding?.status() ?? []) as { elements: number; suspect: number }[];
    const sum = (of: (page: (typeof pages)[number]) => number): number => pages.reduce((all, one) => all + of(one), 0);
    return { live, elements: sum(({ elements }) => elements), suspect: sum(({ suspect }) => suspect) };
  }

  /** Takes a packet, as the shell does from its socket. @param dueNs when it was due; a negative one is not measured */
  receive(packet: Uint8Array, dueNs: number): void {
    const channel = this.#channels[this.#measured]!;
    const before = channel.next;
    const now = nowNs();
    this.#desk.member.at(now);
    this.#receiver.packet(packet, now);
    this.#packets++;
    if (dueNs >= 0) {
      this.came++;
      if (channel.next > before) {
        this.#dueNs.push(dueNs);
        this.published++;
      }
    }
    this.#scheduleFlush();
  }

  /** Waits until it publishes all pages, LIVE. */
  async up(): Promise<void> {
    const { member } = this.#desk;
    const startedMs = performance.now();
    const isUp = (): boolean =>
      this.#isComplete && member.state === 'primary' && !member.takingOver && this.status.live === this.#pages;
    while (!isUp()) {
      if (performance.now() - startedMs > UP_MS) {
        const { live } = this.status;
        throw new Error(
          `expected ${this.#pages} pages to be LIVE within ${UP_MS} ms, got ${live}; the handler is ${member.state}`,
        );
      }
      await aWhile();
    }
  }

  /**
   * Waits until no packet comes any more. By turns of the event loop, each of which reads what a socket holds: one that was kept
   * from running takes nothing for quiet.
   */
  async quiet(): Promise<void> {
    let before = this.#packets;
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await aWhile();
      if (this.#packets > before) turns = 0;
      before = this.#packets;
    }
  }

  /** Stops its timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  #leaves(): void {
    if (this.#dueNs.length === 0) return;
    const now = nowNs();
    for (const dueNs of this.#dueNs) this.latencies.record(now - dueNs);
    this.#dueNs.length = 0;
  }

  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const now = nowNs();
      for (const channel of this.#channels) channel.flush(now);
    });
  }

  #tick(): void {
    const now = nowNs();
    this.#desk.member.tick(now, systemClock.wallNs());
    this.#receiver.tick(now);
    this.#desk.shredding?.tick(now);
    this.#scheduleFlush();
  }
}

const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TICK_MS));

function shreddersOf(names: readonly string[]): ShreddedPages[] {
  return Object.entries(SHREDDERS).map(([style, file]) => ({
    // What is read is read at once: the time that a page is given to settle is its author's choice, and no work.
    plan: { ...compileYaml(readFileSync(new URL(file, EXAMPLES), 'utf8'), file), quietNs: 0, atMostNs: 0 },
    pages: names.filter((name) => name.startsWith(style)),
    item: '{page}.{symbol}',
  }));
}
