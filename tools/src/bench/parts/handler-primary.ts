import { zoneOffsetNs } from '@tickerplant/core';
import { ITCH_50 } from '@tickerplant/feed-itch';
import { ChannelSet, ChannelWriter, Handler, HandlerMember, OutputChannel } from '@tickerplant/feed-runtime';
import { sessionName } from '@tickerplant/floor';
import { HEADER_BYTES, RequestServer } from '@tickerplant/moldudp64';
import type { MulticastSender } from '@tickerplant/multicast';
import type { StatusMessage } from '@tickerplant/status';
import { Quarantine } from '@tickerplant/telemetry';
import { makeItchRound, VENDOR_SESSION } from '../itch-round.ts';
import type { PacketRound } from '../packet-round.ts';
import { HEARTBEAT_MS } from './pair-floor.ts';
import { Primary, type PrimaryGroups } from './primary.ts';

const MS = 1_000_000;
/** Where a packet's header says how many messages are in it. */
const COUNT_OFFSET = HEADER_BYTES - 2;

/** An ITCH handler that publishes records and depth; the packets of its line come in order, and none twice. */
export class HandlerPrimary extends Primary {
  readonly #member: HandlerMember;
  protected readonly round: PacketRound;
  #next = 1;

  /** @param groups left out: packets and heartbeats are handed to it. */
  constructor(paired: boolean, sender: MulticastSender, groups?: PrimaryGroups) {
    super(paired, groups);
    const { floor, registry } = this;
    const feed = floor.feeds[0]!;
    const requestServer = new RequestServer({ answer: () => true });
    const channels = floor.channels.map(
      ({ id, name }) =>
        new OutputChannel({
          id,
          name,
          writer: new ChannelWriter(name, ITCH_50.templates),
          send: (bytes, length) => sender.send(bytes, 0, length),
          requestServer,
          sessionOf: (epoch) => sessionName(id, feed.day, epoch),
          packetBytes: 1_472,
          heartbeatNs: HEARTBEAT_MS * MS,
          ringBytes: 16 << 20,
          digests: paired,
          registry,
        }),
    );
    const handler = new Handler({
      protocol: ITCH_50,
      littleEndianLengths: false,
      services: {
        records: new ChannelSet('REC', [channels[0]!.writer], () => 0),
        depth: new ChannelSet('L2', [channels[1]!.writer], () => 0),
      },
      channels,
      day: feed.day,
      zoneOffsetNs: zoneOffsetNs(feed.day, feed.timeZone),
      quarantine: new Quarantine(),
      registry,
      wallNs: () => 0n,
      onEvent: () => undefined,
    });
    this.#member = new HandlerMember(
      { floor, feed, rank: 0, handler, channels, littleEndianLengths: false, registry, nowNs: 0 },
      {
        listen: () => undefined,
        fetchState: () => undefined,
        say: (message) => this.say(message),
        event: () => undefined,
        receipt: () => undefined,
      },
    );
    this.round = makeItchRound({ symbols: 300, messages: 200_000, packetMessages: 0 });
    while (this.#member.state !== 'primary' || this.#member.takingOver) {
      this.now += MS;
      this.#member.tick(this.now, this.status.wallNs);
    }
    this.#member.onSession(VENDOR_SESSION, undefined, 1);
  }

  protected hear(message: StatusMessage): void {
    this.#member.heard(message, this.now);
  }

  protected take(packet: Buffer): void {
    const count = packet.readUInt16BE(COUNT_OFFSET);
    this.#member.onRun(packet, HEADER_BYTES, packet.length, this.#next, count);
    this.#next += count;
  }

  protected get taken(): number {
    return this.#next;
  }

  protected leave(): void {
    this.#member.flush(this.now);
  }

  protected beat(): void {
    this.#member.tick(this.now, this.status.wallNs);
    this.#member.beat(this.now);
  }
}
