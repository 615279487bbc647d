import type { Clock, TickerError } from '@tickerplant/core';
import {
  channelsOf,
  compileMapping,
  type Floor,
  type FloorFeed,
  type FloorMember,
  sessionName,
} from '@tickerplant/floor';
import { openRequestServer, type RequestService } from '@tickerplant/moldudp64';
import { type MulticastSender, openSender } from '@tickerplant/multicast';
import type { StatusMessage } from '@tickerplant/status';
import type { CounterRegistry, Quarantine } from '@tickerplant/telemetry';
import { ChannelSet } from './channel-set.ts';
import { ChannelWriter, type TemplateSpec } from './channel-writer.ts';
import { OutputChannel } from './output-channel.ts';

export interface OutputsOptions {
  readonly floor: Floor;
  readonly feed: FloorFeed;
  readonly member: FloorMember;
  readonly templates: readonly TemplateSpec[];
  /** Whether other members compare digests. */
  readonly digests: boolean;
  readonly registry: CounterRegistry;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly onError: (error: TickerError) => void;
}

const MS = 1_000_000;
/** Least share of the ring for one channel: the ring's own minimum is 64 KiB. */
const RING_BYTES_MIN = 1 << 20;
const LATENCY_SAMPLE_NS = 100 * MS;

/** What a handler sends through: its channels with their groups, and the server that answers the plants' repair requests. */
export class Outputs {
  channels: readonly OutputChannel[] = [];
  /** By role: the channels of each service. */
  services: Readonly<Record<string, ChannelSet>> = {};
  #repair: RequestService | undefined;
  readonly #senders: MulticastSender[] = [];
  #sampledNs = 0;

  /** @throws whatever the sockets say: `MULTICAST_…` */
  async open(options: OutputsOptions): Promise<void> {
    const { floor, feed, member, templates, digests, registry, quarantine, clock, onError } = options;
    const { feed: network } = floor.networks;
    this.#repair = await openRequestServer({
      address: member.repair.address,
      port: member.repair.port,
      packetBytesMax: network.packetBytes,
      // The clients are the floor's own plants: a handful, and each may have missed a lot.
      clientBudget: { bytesPerSecond: 64 << 20, burstBytes: 8 << 20 },
      totalBudget: { bytesPerSecond: 128 << 20, burstBytes: 16 << 20 },
      refuses: true,
      rebroadcast: (session, packet, length) => this.#rebroadcast(session, packet, length),
      quarantine: (code, message, bytes, context) => quarantine.put(clock.wallNs(), code, message, bytes, context),
      registry,
      clock,
      onError,
    });
    const names = [...new Set(Object.values(feed.channels).flatMap((mapping) => channelsOf(mapping)))];
    const ringBytes = Math.max(RING_BYTES_MIN, Math.floor(feed.ringBytes / names.length));
    const outputs = new Map<string, OutputChannel>();
    for (const name of names) {
      const channel = floor.channels.find((candidate) => candidate.name === name)!;
      const sender = await openSender({
        ...channel.feed,
        interface: network.interface,
        ttl: network.ttl,
        sendBufferBytes: 4 << 20,
        onError,
      });
      this.#senders.push(sender);
      const output = new OutputChannel({
        id: channel.id,
        name,
        writer: new ChannelWriter(name, templates),
        send: (packet, length) => sender.send(packet, 0, length),
        requestServer: this.#repair.server,
        sessionOf: (epoch) => sessionName(channel.id, feed.day, epoch),
        packetBytes: network.packetBytes,
        heartbeatNs: floor.limits.channelHeartbeatMs * MS,
        ringBytes,
        digests,
        registry,
      });
      outputs.set(name, output);
    }
    this.channels = [...outputs.values()];
    this.services = Object.fromEntries(
      Object.entries(feed.services).map(([role, service]) => {
        const mapping = feed.channels[role]!;
        const own = channelsOf(mapping);
        const indexes = new Map(own.map((name, index) => [name, index]));
        const map = compileMapping(mapping);
        const writers = own.map((name) => outputs.get(name)!.writer);
        return [role, new ChannelSet(service, writers, (symbol) => indexes.get(map(symbol))!)];
      }),
    );
  }

  /** Sends what is pending. */
  flush(nowNs: number): void {
    for (const channel of this.channels) channel.flush(nowNs);
  }

  /** Says, now and then, when the latest message of each channel left. */
  sample(nowNs: number, wallNs: bigint, say: (message: StatusMessage) => void): void {
    if (nowNs - this.#sampledNs < LATENCY_SAMPLE_NS) return;
    this.#sampledNs = nowNs;
    for (const { id, next } of this.channels) {
      if (next > 1) say({ kind: 'latency', channel: id, samples: [[next - 1, wallNs]] });
    }
  }

  /** For `status`. */
  report(): Record<string, unknown>[] {
    return this.channels.map(({ id, name, session, next, writer }) => ({
      id,
      name,
      session,
      next,
      items: writer.itemCount,
    }));
  }

  async close(): Promise<void> {
    await this.#repair?.close();
    await Promise.all(this.#senders.map((sender) => sender.close()));
  }

  #rebroadcast(session: string, packet: Buffer, length: number): boolean {
    const index = this.channels.findIndex((channel) => channel.session === session);
    return this.#senders[index]?.send(packet, 0, length) ?? true;
  }
}
