import { type Heartbeat, newBootId, type StatusMessage, StatusReceiver, StatusSender } from '@tickerplant/status';
import type { LoopbackGroup } from './loopback-group.ts';
import { KEY } from './pair-floor.ts';

/** What is authenticated with each packet; where they go is another matter. */
const GROUP = '239.1.1.1:30000';
const PACKET_BYTES = 1_472;
const WALL_NS = 1_767_600_000_000_000_000n;

/** How a member speaks and listens. */
export interface PairStatusOptions {
  /** The member's time, ns. */
  readonly clock: () => number;
  /** Takes what the other member says. */
  readonly hear: (message: StatusMessage) => void;
  /** Where packets go and come from; left out: nowhere, and what the other member says is handed over by `deliver`. */
  readonly group: LoopbackGroup | undefined;
}

/** A status group with two members: what this one says leaves sealed, what the other one says comes sealed. */
export class PairStatus {
  /** Messages of the other member that were believed. */
  heard = 0;
  readonly #clock: () => number;
  readonly #own: StatusSender;
  readonly #other: StatusSender;
  readonly #receiver: StatusReceiver;
  readonly #sealed: Buffer[] = [];

  constructor({ clock, hear, group }: PairStatusOptions) {
    this.#clock = clock;
    const ownBoot = newBootId();
    this.#receiver = new StatusReceiver({
      key: KEY,
      group: GROUP,
      ownBoot,
      onMessage: (message) => {
        this.heard++;
        hear(message);
      },
    });
    const common = { key: KEY, group: GROUP, packetBytes: PACKET_BYTES };
    this.#own = new StatusSender({ ...common, name: 'first', boot: ownBoot, emit: (packet) => group?.send(packet) });
    this.#other = new StatusSender({
      ...common,
      name: 'second',
      boot: newBootId(),
      emit: (packet) => {
        if (group === undefined) this.#sealed.push(packet);
        else group.send(packet);
      },
    });
    if (group !== undefined) group.hear = (packet) => this.#take(packet);
  }

  /** The wall clock, nanoseconds since 1970. */
  get wallNs(): bigint {
    return WALL_NS + BigInt(Math.floor(this.#clock()));
  }

  say(message: StatusMessage): void {
    this.#own.send(message, this.wallNs, this.#clock());
  }

  /** The other member makes its heartbeat, which is as the own one, and sends it if there is a group. */
  beatOther(own: Heartbeat): void {
    const message: Heartbeat = { ...own, rank: 1, state: 'standby', name: 'second', fit: true };
    this.#other.send(message, this.wallNs, this.#clock());
  }

  /** What the other member has said comes, where there is no group that it could come by. */
  deliver(): void {
    for (const packet of this.#sealed.splice(0)) this.#take(packet);
  }

  #take(packet: Buffer): void {
    this.#receiver.packet(packet, packet.length, this.#clock(), this.wallNs);
  }
}
