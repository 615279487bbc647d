import { errorMessage, type TickerError } from '@tickerplant/core';
import { openRequestServer } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { LatencyHistogram, type LatencySummary } from '@tickerplant/telemetry';
import { readBenchFloor } from '../bench-floor.ts';
import { beat } from '../channel-heartbeat.ts';
import { nowNs } from '../clock.ts';
import { makeItchRound, stampPacket, VENDOR_SESSION } from '../itch-round.ts';
import { pace, wakePunctually } from '../pace.ts';
import type { PacketRound } from '../packet-round.ts';
import { serveRole } from '../role.ts';
import type { SentReport } from './handler-stand-in.ts';

/** What to send. */
export interface VendorOptions {
  readonly floor: string;
  readonly symbols: number;
  readonly messages: number;
  /** Messages in a packet; 0: as many as fit. */
  readonly packetMessages: number;
}

/** What to send on schedule, each message stamped with the time at which it is due. */
export interface TimedOptions {
  readonly messagesPerSecond: number;
  readonly messages: number;
  /** When the first one is due, on the system's monotonic clock. */
  readonly startNs: number;
  /** The timestamp of what is due then, ns since midnight in the vendor's zone. */
  readonly startStampNs: number;
}

/** A Nasdaq with packets made in advance, on all lines of the floor's feed, with its request server. */
export interface VendorRole {
  open(options: VendorOptions): Promise<{ roundMessages: number; packetMessages: number; messageBytes: number }>;
  /** Sends directory and states. */
  startOfDay(options: { packetsPerSecond: number }): Promise<SentReport>;
  /** Sends orders on schedule, in small batches. */
  send(options: { messagesPerSecond: number; messages: number }): Promise<SentReport>;
  /** Sends orders on schedule, each packet as exactly as can be. @returns also how late packets left, in ns */
  sendTimed(options: TimedOptions): Promise<SentReport & { lateNs: LatencySummary }>;
}

const QUEUED_MAX = 64;
const NAP_NS = 1_000_000;
const BUDGET = { bytesPerSecond: 256 << 20, burstBytes: 64 << 20 };

let round: PacketRound;
let lines: MulticastSender[] = [];

const onError = (error: TickerError): void => void process.stderr.write(`vendor: ${errorMessage(error)}\n`);

const congested = (): boolean => lines.some((line) => line.queued() >= QUEUED_MAX);

function sendOnAll(packet: Buffer): void {
  for (const line of lines) line.send(packet, 0, packet.length);
}

async function sendPackets(count: number, perSecond: number): Promise<SentReport> {
  const before = round.nextSeq;
  const send = (): void => sendOnAll(round.next());
  const paced = await pace({ startNs: nowNs(), perSecond, count, napNs: NAP_NS, congested, send });
  return sent(before, count, paced);
}

function sent(before: number, packets: number, paced: { startNs: number; endNs: number; lateNs: number }): SentReport {
  const { startNs, endNs, lateNs } = paced;
  const next = round.nextSeq;
  return { messages: next - before, packets, seconds: (endNs - startNs) / 1e9, lateMs: lateNs / 1e6, next };
}

const commands: VendorRole = {
  async open({ floor: text, ...options }) {
    const floor = readBenchFloor(text);
    const feed = floor.feeds[0]!;
    round = makeItchRound(options);
    lines = await Promise.all(
      feed.lines.map(({ group, port, interface: local }) =>
        openSender({ group, port, interface: local, sendBufferBytes: 4 << 20, onError }),
      ),
    );
    const requests = await openRequestServer({
      ...feed.requestServers[0]!,
      clientBudget: BUDGET,
      totalBudget: BUDGET,
      receiveBufferBytes: 4 << 20,
      onError,
    });
    requests.server.openChannel(VENDOR_SESSION, round);
    beat(lines, VENDOR_SESSION, () => round.nextSeq);
    return {
      roundMessages: round.roundMessages,
      packetMessages: round.roundMessages / round.roundPackets,
      messageBytes: round.roundBytes / round.roundMessages,
    };
  },

  startOfDay: ({ packetsPerSecond }) => sendPackets(round.firstPackets, packetsPerSecond),

  send({ messagesPerSecond, messages }) {
    const each = round.roundMessages / round.roundPackets;
    return sendPackets(Math.ceil(messages / each), messagesPerSecond / each);
  },

  async sendTimed({ messagesPerSecond, messages, startNs, startStampNs }) {
    wakePunctually();
    const each = round.roundMessages / round.roundPackets;
    const count = Math.ceil(messages / each);
    const late = new LatencyHistogram();
    const before = round.nextSeq;
    const paced = await pace({
      startNs,
      perSecond: messagesPerSecond / each,
      count,
      congested,
      send: (_index, dueNs) => {
        const packet = round.next();
        stampPacket(packet, startStampNs + Math.round(dueNs - startNs));
        sendOnAll(packet);
        late.record(nowNs() - dueNs);
      },
    });
    return { ...sent(before, count, paced), lateNs: late.summary() };
  },
};

serveRole(commands);
