import { type Random, seededRandom, systemClock, type TickerError } from '@tickerplant/core';
import { ChannelWriter, OutputChannel } from '@tickerplant/feed-runtime';
import { type Floor, loadFloor, sessionName } from '@tickerplant/floor';
import { openRequestServer, type RequestService } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { CellRuns, ChangeTracker, digestPage, Page, textWord } from '@tickerplant/pages';
import { Quality, RecordKind } from '@tickerplant/records';
import { InterestTable, openStatus, type StatusGroup, WANTED_COUNTERS } from '@tickerplant/status';
import { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { testPorts } from '@tickerplant/testkit';
import { type SmallFloor, writeSmallFloor } from './floors.ts';

const ROWS = 25;
const COLUMNS = 80;
const MS = 1_000_000;
const PROTOCOLS = { pages: { services: ['pages'], simulated: false, interactive: true, pages: true } };

/** A floor with a feed that is asked for pages, service NEWS, and a plant. */
export function writePageFloor(folder: string): SmallFloor {
  const feed = `
name: pages
protocol: pages
services: { pages: NEWS }
timeZone: UTC
servers: ["127.0.0.1:${testPorts(1)[0]}"]
channels: { pages: { channel: C1 } }`;
  return writeSmallFloor(folder, 3, { feed });
}

interface Published {
  readonly item: number;
  readonly page: Page;
}

/**
 * A handler of page items, as small as can be: publishes a page when a plant says that somebody wants it, draws on
 * it at random, and refuses pages whose name begins with `NO`. Remembers all that was ever true.
 */
export class PagePublisher {
  /** By subject: the digests of the page as it was at any time. */
  readonly history: Map<string, Set<string>> = new Map<string, Set<string>>();
  readonly unwanted: string[] = [];
  readonly #floor: Floor;
  readonly #random: Random = seededRandom(7);
  readonly #registry = new CounterRegistry();
  readonly #tracker = new ChangeTracker();
  readonly #changes = new CellRuns();
  readonly #pages = new Map<string, Published>();
  readonly #wanted: InterestTable;
  readonly #writer = new ChannelWriter('C1', []);
  #repair: RequestService | undefined;
  #sender: MulticastSender | undefined;
  #status: StatusGroup | undefined;
  #channel: OutputChannel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawing = false;
  /** Share of packets that are not sent: they must be asked for. */
  loss = 0;

  constructor(path: string) {
    this.#floor = loadFloor(path, { protocols: PROTOCOLS });
    this.#wanted = new InterestTable({
      services: ['NEWS'],
      onWanted: (subject) => this.#publish(subject),
      onUnwanted: (subject) => this.unwanted.push(subject),
      counters: WANTED_COUNTERS.create(),
    });
  }

  get wanted(): string[] {
    return [...this.#wanted.subjects()];
  }

  async open(): Promise<void> {
    const { networks, channels, feeds, limits, key } = this.#floor;
    const onError = (error: TickerError): never => {
      throw error;
    };
    const registry = this.#registry;
    const feed = feeds[0]!;
    const { repair } = feed.members[0]!;
    this.#repair = await openRequestServer({
      ...repair,
      packetBytesMax: networks.feed.packetBytes,
      clientBudget: { bytesPerSecond: 64 << 20, burstBytes: 8 << 20 },
      totalBudget: { bytesPerSecond: 64 << 20, burstBytes: 8 << 20 },
      refuses: true,
      rebroadcast: (_session, packet, length) => this.#sender!.send(packet, 0, length),
      quarantine: () => {},
      registry,
      onError,
    });
    this.#sender = await openSender({ ...channels[0]!.feed, interface: networks.feed.interface, ttl: 0, onError });
    this.#channel = new OutputChannel({
      id: 1,
      name: 'C1',
      writer: this.#writer,
      send: (packet, length) => {
        if (this.#random.next() < this.loss) return true;
        return this.#sender!.send(packet, 0, length);
      },
      requestServer: this.#repair.server,
      sessionOf: (epoch) => sessionName(1, feed.day, epoch),
      packetBytes: networks.feed.packetBytes,
      heartbeatNs: limits.channelHeartbeatMs * MS,
      ringBytes: 16 << 20,
      digests: false,
      registry,
    });
    this.#writer.attach(this.#channel.open(1).sink);
    this.#writer.begin('2026-11-30', 1);
    this.#channel.gate.goLive();
    this.#status = await openStatus({
      endpoint: networks.feed.status,
      interface: networks.feed.interface,
      key,
      name: 'handler/pages',
      registry,
      quarantine: new Quarantine(),
      onMessage: (message) => {
        if (message.kind === 'interest') this.#wanted.heard(message, systemClock.monotonicNs());
      },
      onError,
    });
    let beats = 0;
    this.#timer = setInterval(() => {
      const nowNs = systemClock.monotonicNs();
      this.#wanted.tick(nowNs);
      if (this.#drawing) for (const subject of this.#pages.keys()) this.#draw(subject);
      this.#channel!.flush(nowNs);
      this.#channel!.tick(nowNs);
      if (beats++ % 4 === 0) this.#beat();
    }, 5);
  }

  /** Whether the pages change. */
  set drawing(drawing: boolean) {
    this.#drawing = drawing;
  }

  /** What a page looks like now. */
  truth(subject: string): string {
    return digestPage(this.#pages.get(subject)!.page);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#status?.close(), this.#sender?.close(), this.#repair?.close()]);
  }

  #beat(): void {
    const { members } = this.#floor.feeds[0]!;
    const { id, session, next } = this.#channel!;
    this.#status!.send({
      kind: 'heartbeat',
      role: 'handler',
      name: 'pages',
      feed: 'pages',
      term: 1,
      rank: 0,
      state: 'primary',
      repair: members[0]!.repair,
      channels: [{ id, session, next }],
    });
    const now = systemClock.wallNs();
    const live = { quality: 'LIVE', reason: '', detail: '', sinceNs: now } as const;
    this.#status!.send({ kind: 'quality', entries: [{ scope: 'feed', subject: 'pages', ...live }] });
  }

  #publish(subject: string): void {
    if (this.#pages.has(subject)) return;
    const item = this.#writer.item(subject, RecordKind.PAGE);
    if (subject.startsWith('NEWS.NO')) {
      const state = { quality: Quality.STALE, reason: 'vendor-says', detail: 'there is no such page' };
      this.#writer.quality(item, state);
      return;
    }
    const page = new Page(ROWS, COLUMNS);
    page.clear();
    this.#pages.set(subject, { item, page });
    this.#write(page, 0, 0, `${subject}  see <NEWS.OTHER>`, 1);
    this.history.set(subject, new Set([digestPage(page)]));
    this.#writer.pageImage(item, page);
  }

  #draw(subject: string): void {
    const { item, page } = this.#pages.get(subject)!;
    const random = this.#random;
    const which = random.below(100);
    this.#tracker.begin(page);
    if (which < 3) page.scrollUp(1, ROWS, 1);
    // Two places at once: they must not be seen apart.
    const text = String(random.below(100_000));
    for (let place = 0; place < 2; place++)
      this.#write(page, 1 + random.below(ROWS - 1), random.below(70), text, random.below(17));
    this.#changes.clear();
    this.#tracker.end(this.#changes.add);
    this.history.get(subject)!.add(digestPage(page));
    if (which === 99) this.#writer.pageImage(item, page);
    else this.#writer.pageUpdate(item, page, this.#changes);
  }

  #write(page: Page, row: number, column: number, text: string, style: number): void {
    [...text].forEach((one, index) => {
      page.put(row, column + index, textWord(one.codePointAt(0)!), style, 0);
    });
  }
}
