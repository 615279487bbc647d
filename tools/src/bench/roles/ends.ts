import { LatencyHistogram, type LatencySummary } from '@tickerplant/telemetry';
import { nowNs } from '../clock.ts';
import { makeItchRound, stampPacket } from '../itch-round.ts';
import { pace } from '../pace.ts';
import type { PacketRound } from '../packet-round.ts';
import { handlerCommands, runningHandler } from '../parts/handler.ts';
import { type SubscriberRole, subscriberCommands } from '../parts/subscriber.ts';
import { serveRole } from '../role.ts';
import type { TimedOptions, VendorOptions } from './vendor.ts';

/**
 * Both ends of a chain in one process: a handler, to which packets made in advance are handed when they are due, and a
 * client. With the plant in another process each of two cores can poll; on one core each, the ends would be faster.
 */
export interface EndsRole extends Omit<SubscriberRole, 'open'> {
  /** Starts the handler and gives it the start of the day. */
  openHandler(options: VendorOptions): Promise<void>;
  openClient(options: { floor: string }): Promise<void>;
  /** Hands packets to the handler on schedule. @returns messages, and how late it got them, in ns */
  sendTimed(options: TimedOptions): Promise<{ messages: number; seconds: number; lateNs: LatencySummary }>;
}

let round: PacketRound;

const { open: openClient, ...client } = subscriberCommands;

const commands: EndsRole = {
  ...client,

  async openHandler({ floor, ...options }) {
    await handlerCommands.open({ floor });
    round = makeItchRound(options);
    await pace({
      startNs: nowNs(),
      perSecond: 2_000,
      count: round.firstPackets,
      congested: () => false,
      send: () => runningHandler().receive(0, round.next()),
    });
  },

  openClient,

  async sendTimed({ messagesPerSecond, messages, startNs, startStampNs }) {
    const each = round.roundMessages / round.roundPackets;
    const late = new LatencyHistogram();
    const before = round.nextSeq;
    const paced = await pace({
      startNs,
      perSecond: messagesPerSecond / each,
      count: Math.ceil(messages / each),
      napNs: 0,
      congested: () => false,
      send: (_index, dueNs) => {
        const packet = round.next();
        stampPacket(packet, startStampNs + Math.round(dueNs - startNs));
        late.record(nowNs() - dueNs);
        runningHandler().receive(0, packet);
      },
    });
    return { messages: round.nextSeq - before, seconds: (paced.endNs - paced.startNs) / 1e9, lateNs: late.summary() };
  },
};

serveRole(commands);
