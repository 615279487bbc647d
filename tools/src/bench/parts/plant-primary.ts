import { parseDay } from '@tickerplant/core';
import { sessionName } from '@tickerplant/floor';
import type { MulticastSender } from '@tickerplant/multicast';
import type { StatusMessage } from '@tickerplant/status';
import { Quarantine } from '@tickerplant/telemetry';
import { FaultGate, Plant } from '@tickerplant/tickerplant';
import { makeChannelRound, QUOTE_FIELDS } from '../channel-round.ts';
import type { PacketRound } from '../packet-round.ts';
import type { LoopbackGroup } from './loopback-group.ts';
import { DAY } from './pair-floor.ts';
import { nextTurn, Primary, TURN_PACKETS } from './primary.ts';

const MS = 1_000_000;

/** Sockets that a plant hears by. */
export interface PlantGroups {
  readonly feed: LoopbackGroup;
  readonly status: LoopbackGroup;
}

/** A plant that publishes quotes: its machinery, and the sockets as its shell uses them. */
export class PlantPrimary extends Primary {
  readonly #plant: Plant;
  readonly #round: PacketRound;
  readonly #feed: LoopbackGroup | undefined;
  readonly #sender: MulticastSender;
  /** Called when the last packet that was sent to the plant has come. */
  #allCame: () => void = () => undefined;
  /** What leaves at the end of the turn. */
  readonly #leaving: Uint8Array[] = [];

  /** @param groups left out: packets and heartbeats are handed to the plant. */
  constructor(paired: boolean, sender: MulticastSender, groups?: PlantGroups) {
    super(paired, groups?.status);
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
    this.#round = makeChannelRound({
      session: sessionName(1, parseDay(DAY), 1),
      channel: 'R',
      day: DAY,
      packetBytes: 1_472,
      items: 5_000,
      templates: [QUOTE_FIELDS],
      updates: 300_000,
    });
    this.#feed = groups?.feed;
    if (this.#feed !== undefined) this.#feed.hear = (packet) => this.#take(packet);
    while (this.#plant.pair.state !== 'primary') {
      this.now += MS;
      this.beat();
    }
  }

  protected hear(message: StatusMessage): void {
    this.#plant.tradingStatus(message, this.now);
  }

  protected async turn(): Promise<number> {
    const before = this.#round.nextSeq;
    const feed = this.#feed;
    if (feed === undefined) {
      for (let i = 0; i < TURN_PACKETS; i++) this.#take(this.#round.next());
    } else {
      // It sleeps until they come, as time that it spent looking for them would count. If one is lost, it sleeps for ever.
      const arrival = new Promise<void>((resolve) => {
        this.#allCame = resolve;
      });
      await this.asOthers(() => {
        for (let i = 0; i < TURN_PACKETS; i++) feed.send(this.#round.next());
      });
      await arrival;
    }
    for (const packet of this.#leaving) this.#sender.send(packet, 0, packet.length);
    this.#leaving.length = 0;
    if (feed === undefined) await nextTurn();
    return this.#round.nextSeq - before;
  }

  protected beat(): void {
    this.#plant.tick(this.now, this.status.wallNs);
  }

  #take(packet: Buffer): void {
    this.#plant.packet(0, packet, packet.length, this.now);
    if (this.#plant.channels[0]!.next === this.#round.nextSeq) this.#allCame();
  }
}
