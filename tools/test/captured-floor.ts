// Captures for tests: simulated pages on a channel, on both networks, with what was true at every moment.
import { createPacketFile, synthesizeUdpFrame, UDP_FRAME_HEADER_BYTES, udpFlow } from '@tickerplant/capture';
import { type Random, seededRandom } from '@tickerplant/core';
import { PageCatalogue, type SimulatedPage, type TrueValue } from '@tickerplant/feed-pages';
import { ChannelWriter } from '@tickerplant/feed-runtime';
import { sessionName } from '@tickerplant/floor';
import { MoldSender } from '@tickerplant/moldudp64';
import { CellRuns, ChangeTracker, digestPage } from '@tickerplant/pages';
import { LIVE, Quality, RecordKind } from '@tickerplant/records';

const MS = 1_000_000;
const DAY = 20_458;
/** UTC at 0 ns. */
export const START_SECONDS: number = DAY * 86_400 + 36_000;
const FEED = '239.255.20.1:31001';
const TRADING = '239.255.30.1:32001';
/** How much later the plant's copy is captured. */
export const PLANT_NS = 300_000;

export interface TestPacket {
  readonly line: string;
  readonly atNs: number;
  readonly bytes: Uint8Array;
}

/** A page with all that it ever showed. */
interface Shown {
  readonly simulated: SimulatedPage;
  readonly item: number;
  /** From when on it showed what, in order. */
  readonly history: { readonly atNs: number; readonly digest: string }[];
  /** By name of an element: every truth so far, as text. */
  readonly truths: Map<string, Set<string>>;
}

/** What elements of a page are called, and which of their fields are compared with the truth. */
export type TrueElement = (
  values: Readonly<Record<string, TrueValue>>,
) => readonly [subject: string, fields: Readonly<Record<string, TrueValue>>];

export const SPOT: TrueElement = ({ ccy, bid, ask }) => [`FXSP.${ccy}`, { bid: bid!, ask: ask! }];
export const METALS: TrueElement = ({ metal, cashBid, cashAsk }) => [
  `METL.${metal}`,
  { cashBid: cashBid!, cashAsk: cashAsk! },
];

/** Without zeros at the end of decimals: 1.50 is 1.5. */
export function textOf(fields: Readonly<Record<string, unknown>>): string {
  const short = (value: unknown): string =>
    value === null || value === undefined
      ? '-'
      : String(value).includes('.')
        ? String(value).replace(/\.?0+$/, '')
        : String(value);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(' ');
}

/** A channel of pages, and the packets of it that were captured. */
export class CapturedFloor {
  readonly packets: TestPacket[] = [];
  readonly pages: Map<string, Shown> = new Map();
  nowNs = 0;
  /** Shares of the packets that the captures lack, on each line; and on both at once. */
  loss: { readonly feed: number; readonly trading: number; readonly both: number } = { feed: 0, trading: 0, both: 0 };
  /** Which networks are captured. */
  readonly networks: 'both' | 'feed' | 'trading';
  readonly #random: Random;
  readonly #writer = new ChannelWriter('PAGES', []);
  readonly #catalogue: PageCatalogue;
  readonly #elementOf: (name: string) => TrueElement | undefined;
  readonly #tracker = new ChangeTracker();
  readonly #changes = new CellRuns();
  #sender!: MoldSender;
  #epoch = 0;

  constructor(
    seed: number,
    elementOf: (name: string) => TrueElement | undefined = () => undefined,
    networks: CapturedFloor['networks'] = 'both',
  ) {
    this.networks = networks;
    this.#random = seededRandom(seed);
    this.#catalogue = new PageCatalogue(8, seed);
    this.#elementOf = elementOf;
    this.begin();
  }

  /** Begins an epoch: what pages there are come again. */
  begin(): void {
    this.#epoch++;
    const session = sessionName(1, DAY, this.#epoch);
    this.#sender = new MoldSender({ session, emit: (bytes, length) => this.#emit(bytes.subarray(0, length)) });
    this.#writer.attach(this.#sender);
    this.#writer.begin('2026-01-05', this.#epoch);
    for (const name of this.pages.keys()) this.add(name);
    this.#sender.flush(this.nowNs);
  }

  /** A page comes, whole. */
  add(name: string): Shown {
    const simulated = this.#catalogue.page(this.#catalogue.indexOf(name), 36_000);
    const item = this.#writer.item(`SCREEN.${name}`, RecordKind.PAGE);
    this.#writer.pageImage(item, simulated.page);
    this.#sender.flush(this.nowNs);
    const { history = [], truths = new Map() } = this.pages.get(name) ?? {};
    const shown: Shown = { simulated, item, history, truths };
    this.pages.set(name, shown);
    this.#note(name, shown);
    return shown;
  }

  /** Changes a page and sends what changed. */
  change(name: string, how: (page: SimulatedPage) => void): void {
    const shown = this.pages.get(name)!;
    const { page } = shown.simulated;
    this.#changes.clear();
    this.#tracker.begin(page);
    how(shown.simulated);
    this.#tracker.end(this.#changes.add);
    this.#writer.pageUpdate(shown.item, page, this.#changes);
    this.#sender.flush(this.nowNs);
    this.#note(name, shown);
  }

  /** Sends the page whole, as it is. */
  image(name: string): void {
    const { item, simulated } = this.pages.get(name)!;
    this.#writer.pageImage(item, simulated.page);
    this.#sender.flush(this.nowNs);
  }

  suspect(name: string): void {
    this.#writer.quality(this.pages.get(name)!.item, {
      quality: Quality.STALE,
      reason: 'vendor-says',
      detail: 'closed',
    });
    this.#sender.flush(this.nowNs);
  }

  live(name: string): void {
    this.#writer.quality(this.pages.get(name)!.item, LIVE);
    this.#sender.flush(this.nowNs);
  }

  /** Lets time pass; heartbeats go out. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i += 5) {
      this.nowNs += 5 * MS;
      this.#sender.tick(this.nowNs);
    }
  }

  /** Completes the changes that went out half. */
  complete(name: string): void {
    while (this.pages.get(name)!.simulated.isHalf) this.change(name, (page) => page.step());
  }

  /** What was true of an element of a page, ever. */
  wasTrue(name: string, subject: string, fields: Readonly<Record<string, unknown>>): boolean {
    const { truths } = this.pages.get(name)!;
    const names = Object.keys(this.#elementOf(name)!({})[1]);
    return truths.get(subject)?.has(textOf(Object.fromEntries(names.map((field) => [field, fields[field]])))) === true;
  }

  /** What is true now, by element. */
  truth(name: string): Map<string, string> {
    const elementOf = this.#elementOf(name)!;
    return new Map(
      this.pages
        .get(name)!
        .simulated.records()
        .map(({ values }) => {
          const [subject, fields] = elementOf(values);
          return [subject, textOf(fields)];
        }),
    );
  }

  /** The packets in the order in which they were captured. */
  inOrder(): TestPacket[] {
    return [...this.packets].sort((a, b) => a.atNs - b.atNs);
  }

  /** Writes them as a capture. */
  async write(path: string, packets: readonly TestPacket[] = this.inOrder()): Promise<void> {
    const file = await createPacketFile(path);
    const frame = new Uint8Array(UDP_FRAME_HEADER_BYTES + 2_000);
    for (const { line, atNs, bytes } of packets) {
      const [group, port] = line.split(':') as [string, string];
      const end = synthesizeUdpFrame(
        frame,
        0,
        udpFlow('127.0.0.1', 40_000, group, Number(port)),
        bytes,
        0,
        bytes.length,
      );
      file.write(BigInt(START_SECONDS) * 1_000_000_000n + BigInt(atNs), frame, 0, end);
    }
    await file.close();
  }

  #note(name: string, { simulated, history, truths }: Shown): void {
    const digest = digestPage(simulated.page);
    if (history.at(-1)?.digest !== digest) history.push({ atNs: this.nowNs, digest });
    const elementOf = this.#elementOf(name);
    for (const { values } of elementOf === undefined ? [] : simulated.records()) {
      const [subject, fields] = elementOf!(values);
      if (!truths.has(subject)) truths.set(subject, new Set());
      truths.get(subject)!.add(textOf(fields));
    }
  }

  #emit(bytes: Uint8Array): boolean {
    const { feed, trading, both } = this.loss;
    const isLost = this.#random.next() < both;
    const onFeed = this.#random.next() >= feed && !isLost;
    const onTrading = this.#random.next() >= trading && !isLost;
    if (onFeed && this.networks !== 'trading')
      this.packets.push({ line: FEED, atNs: this.nowNs, bytes: Uint8Array.from(bytes) });
    if (onTrading && this.networks !== 'feed') {
      this.packets.push({ line: TRADING, atNs: this.nowNs + PLANT_NS, bytes: Uint8Array.from(bytes) });
    }
    return true;
  }
}
