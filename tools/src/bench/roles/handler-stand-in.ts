import { errorMessage, formatDay, type TickerError } from '@tickerplant/core';
import { sessionName } from '@tickerplant/floor';
import { openRequestServer } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import { openStatus } from '@tickerplant/status';
import { LOOPBACK, readBenchFloor } from '../bench-floor.ts';
import { beat } from '../channel-heartbeat.ts';
import { makeChannelRound } from '../channel-round.ts';
import { nowNs } from '../clock.ts';
import { pace } from '../pace.ts';
import type { PacketRound } from '../packet-round.ts';
import { serveRole } from '../role.ts';

/** What to send. */
export interface StandInOptions {
  readonly floor: string;
  readonly items: number;
  readonly templates: readonly (readonly string[])[];
  readonly updates: number;
}

/** What has been sent in one go. */
export interface SentReport {
  readonly messages: number;
  readonly packets: number;
  readonly seconds: number;
  /** How late the most belated packet was. */
  readonly lateMs: number;
  /** The number that the next message will have. */
  readonly next: number;
}

/**
 * Stands in for a feed handler: sends packets made in advance on the floor's first channel, answers repair requests
 * for them, and speaks on the status group.
 */
export interface StandInRole {
  open(options: StandInOptions): Promise<{ packetUpdates: number; updateBytes: number; definitions: number }>;
  /** Sends the definitions. */
  define(options: { packetsPerSecond: number }): Promise<SentReport>;
  /** Sends updates on schedule. */
  send(options: { messagesPerSecond: number; messages: number }): Promise<SentReport>;
}

const HEARTBEAT_MS = 50;
const QUEUED_MAX = 64;
const NAP_NS = 250_000;
const BUDGET = { bytesPerSecond: 256 << 20, burstBytes: 64 << 20 };

let round: PacketRound;
let sender: MulticastSender;

const onError = (error: TickerError): void => void process.stderr.write(`stand-in: ${errorMessage(error)}\n`);

async function sendPackets(count: number, perSecond: number): Promise<SentReport> {
  const before = round.nextSeq;
  const { startNs, endNs, lateNs } = await pace({
    startNs: nowNs(),
    perSecond,
    count,
    napNs: NAP_NS,
    congested: () => sender.queued() >= QUEUED_MAX,
    send: () => {
      const packet = round.next();
      sender.send(packet, 0, packet.length);
    },
  });
  const next = round.nextSeq;
  return { messages: next - before, packets: count, seconds: (endNs - startNs) / 1e9, lateMs: lateNs / 1e6, next };
}

const commands: StandInRole = {
  async open({ floor: text, items, templates, updates }) {
    const floor = readBenchFloor(text);
    const feed = floor.feeds[0]!;
    const { id, name, feed: group } = floor.channels[0]!;
    const session = sessionName(id, feed.day, 1);
    const { packetBytes, status: endpoint } = floor.networks.feed;
    const day = formatDay(feed.day);
    round = makeChannelRound({ session, channel: name, day, packetBytes, items, templates, updates });
    sender = await openSender({ ...group, interface: LOOPBACK, sendBufferBytes: 4 << 20, onError });
    const requests = await openRequestServer({
      ...feed.members[0]!.repair,
      clientBudget: BUDGET,
      totalBudget: BUDGET,
      receiveBufferBytes: 4 << 20,
      onError,
    });
    requests.server.openChannel(session, round);
    const handler = `handler/${feed.name}`;
    const said = { endpoint, interface: LOOPBACK, key: floor.key, name: handler, onMessage: () => {}, onError };
    const status = await openStatus(said);
    setInterval(() => {
      status.send({
        kind: 'heartbeat',
        role: 'handler',
        name: feed.name,
        feed: feed.name,
        term: 0,
        rank: 0,
        state: 'primary',
        repair: feed.members[0]!.repair,
        channels: [{ id, session, next: round.nextSeq }],
      });
    }, HEARTBEAT_MS);
    beat([sender], session, () => round.nextSeq);
    return {
      packetUpdates: round.roundMessages / round.roundPackets,
      updateBytes: round.roundBytes / round.roundMessages,
      definitions: round.firstMessages,
    };
  },

  define: ({ packetsPerSecond }) => sendPackets(round.firstPackets, packetsPerSecond),

  send({ messagesPerSecond, messages }) {
    const each = round.roundMessages / round.roundPackets;
    return sendPackets(Math.ceil(messages / each), messagesPerSecond / each);
  },
};

serveRole(commands);
