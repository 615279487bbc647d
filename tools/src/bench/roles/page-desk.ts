import { PageCatalogue } from '@tickerplant/feed-pages';
import { openReceiver } from '@tickerplant/multicast';
import { LatencyHistogram, type LatencySummary } from '@tickerplant/telemetry';
import { readBenchFloor } from '../bench-floor.ts';
import { nowNs } from '../clock.ts';
import { pace } from '../pace.ts';
import { PageMachine } from '../parts/page-machine.ts';
import { PagePackets, packetNumber } from '../parts/page-packets.ts';
import { serveRole } from '../role.ts';

/** What desk to open. */
export interface PageDeskOptions {
  readonly floor: string;
  readonly pages: number;
  readonly shreds: boolean;
}

/** When changes are due: number `first` at `startNs`. */
export interface DueOptions {
  readonly first: number;
  readonly startNs: number;
  readonly perSecond: number;
}

/** What was sent, or handed over, and how late it got, ns. */
export interface PageSentReport {
  readonly changes: number;
  readonly seconds: number;
  readonly lateNs: LatencySummary;
}

/** What came of changes. */
export interface PageDeskReport {
  readonly latencyNs: LatencySummary;
  /** Changes that came, and those of which something was published. */
  readonly came: number;
  readonly published: number;
  readonly live: number;
  readonly elements: number;
  readonly suspect: number;
}

/** A handler of pages: its machinery in this process, and packets that are handed to it when due or come from a socket. */
export interface PageDeskRole {
  open(options: PageDeskOptions): Promise<void>;
  /** Makes packets, hands over all pages, and waits until they are published. */
  begin(): Promise<void>;
  /** Makes changes and hands them over on schedule. */
  hand(options: { perSecond: number; count: number }): Promise<PageSentReport>;
  /** Hears the vendor's line from now on. @returns the socket's buffer as the kernel granted it, bytes */
  listen(): Promise<number>;
  /** Waits until nothing comes from the socket any more. */
  quiet(): Promise<void>;
  /** Waits until all pages are LIVE and published. */
  up(): Promise<void>;
  /** Changes that come from the socket are measured from now on. */
  expect(options: DueOptions): void;
  /** Forgets what was measured. */
  reset(): void;
  report(): PageDeskReport;
}

/** The first packets are due so long after they were made. */
const LEAD_NS = 20_000_000;
/** A line's: a burst of whole pages fits. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
/** What is not measured. */
const NEVER = -1;

let options: PageDeskOptions;
let machine: PageMachine;
let packets: PagePackets;
let due: DueOptions | undefined;

const onError = (error: Error): never => {
  throw error;
};

const commands: PageDeskRole = {
  async open(opened) {
    options = opened;
    const floor = readBenchFloor(opened.floor);
    const { names } = new PageCatalogue(opened.pages, 0);
    machine = await PageMachine.open({ floor, names, shreds: opened.shreds });
  },

  async begin() {
    packets = new PagePackets(options.pages);
    for (const packet of packets.whole()) machine.receive(packet, NEVER);
    await machine.up();
  },

  async hand({ perSecond, count }) {
    const made = packets.deltas(count);
    const late = new LatencyHistogram();
    const { startNs, endNs } = await pace({
      startNs: nowNs() + LEAD_NS,
      perSecond,
      count: made.length,
      napNs: 0,
      congested: () => false,
      send: (index, dueNs) => {
        late.record(nowNs() - dueNs);
        machine.receive(made[index]!, dueNs);
      },
    });
    return { changes: made.length, seconds: (endNs - startNs) / 1e9, lateNs: late.summary() };
  },

  async listen() {
    const line = readBenchFloor(options.floor).feeds[0]!.lines[0]!;
    const { receiveBufferBytes } = await openReceiver({
      group: line.group,
      port: line.port,
      interface: line.interface,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      onPacket: (packet) => {
        const after = due === undefined ? -1 : packetNumber(packet) - due.first;
        machine.receive(packet, after < 0 ? NEVER : due!.startNs + (after * 1e9) / due!.perSecond);
      },
      onError,
    });
    return receiveBufferBytes;
  },

  quiet: () => machine.quiet(),
  up: () => machine.up(),

  expect(expected) {
    due = expected;
  },

  reset() {
    machine.latencies.reset();
    machine.came = 0;
    machine.published = 0;
  },

  report() {
    const { latencies, came, published, status } = machine;
    return { latencyNs: latencies.summary(), came, published, ...status };
  },
};

serveRole(commands);
