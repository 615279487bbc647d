import { parseDay } from '@tickerplant/core';
import { sessionName } from '@tickerplant/floor';
import type { MulticastSender } from '@tickerplant/multicast';
import type { StatusMessage } from '@tickerplant/status';
import { Quarantine } from '@tickerplant/telemetry';
import { FaultGate, Plant } from '@tickerplant/tickerplant';
import { makeChannelRound, QUOTE_FIELDS } from '../channel-round.ts';
import type { PacketRound } from '../packet-round.ts';
import { DAY } from './pair-floor.ts';
import { Primary, type PrimaryGroups } from './primary.ts';

const MS = 1_000_000;

/** A plant that publishes quotes: its machinery, and the sockets as its shell uses them. */
export class PlantPrimary extends Primary {
  readonly #plant: Plant;
  protected readonly round: PacketRound;
  readonly #sender: MulticastSender;
  /** What leaves at the end of the turn. */
  readonly #leaving: Uint8Array[] = [];

  /** @param groups left out: packets and heartbeats are handed to the plant. */
  constructor(paired: boolean, sender: MulticastSender, groups?: PrimaryGroups) {
    super(paired, groups);
    this.#sender = sender;
    this.#plant = new Plant(
      {
        floor: this.floor,
        plant: this.floor.plants[0]!,
        gate: new FaultGate(new Quarantine(), () => 0n),
        registry: this.registry,
        nowNs: 0,
        report: () => '',
      },
      {
        send: (_channel, bytes, length) => {
          this.#leaving.push(bytes.length === length ? bytes : bytes.subarray(0, length));
          return false;
        },
        ask: () => undefined,
        answer: () => true,
        fetchState: () => undefined,
        receipt: () => undefined,
        say: (_network, message) => this.say(message),
        event: () => undefined,
      },
    );
    this.round = makeChannelRound({
      session: sessionName(1, parseDay(DAY), 1),
      channel: 'R',
      day: DAY,
      packetBytes: 1_472,
      items: 5_000,
      templates: [QUOTE_FIELDS],
      updates: 300_000,
    });
    while (this.#plant.pair.state !== 'primary') {
      this.now += MS;
      this.beat();
    }
  }

  protected hear(message: StatusMessage): void {
    this.#plant.tradingStatus(message, this.now);
  }

  protected take(packet: Buffer): void {
    this.#plant.packet(0, packet, packet.length, this.now);
  }

  protected get taken(): number {
    return this.#plant.channels[0]!.next;
  }

  protected leave(): void {
    for (const packet of this.#leaving) this.#sender.send(packet, 0, packet.length);
    this.#leaving.length = 0;
  }

  protected beat(): void {
    this.#plant.tick(this.now, this.status.wallNs);
  }
}
