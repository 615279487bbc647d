import type { Floor } from '@tickerplant/floor';
import type { Heartbeat, StatusMessage } from '@tickerplant/status';
import { CounterRegistry } from '@tickerplant/telemetry';
import type { PacketRound } from '../packet-round.ts';
import type { LoopbackGroup } from './loopback-group.ts';
import { HEARTBEAT_MS, makePairFloor } from './pair-floor.ts';
import { PairStatus } from './pair-status.ts';

/** Packets that a process finds in its sockets in one turn of its event loop. */
const TURN_PACKETS = 16;
const MS = 1_000_000;

/** Sockets that a member hears by. */
export interface PrimaryGroups {
  readonly line: LoopbackGroup;
  readonly status: LoopbackGroup;
}

/**
 * A primary at work, alone or with another member that says its heartbeats. The time that passes for it is the processor's:
 * as many heartbeats a message as on a core of its own that has nothing to wait for.
 */
export abstract class Primary {
  protected now = 0;
  protected readonly floor: Floor;
  protected readonly registry: CounterRegistry = new CounterRegistry();
  protected readonly status: PairStatus;
  readonly #paired: boolean;
  #othersNs = 0;
  #beatDue = 0;
  #own: Heartbeat | undefined;

  /** What comes in, packet by packet. */
  protected abstract readonly round: PacketRound;
  readonly #line: LoopbackGroup | undefined;
  /** Called when the last packet that was sent to it has come. */
  #allCame: () => void = () => undefined;

  /** @param groups left out: packets and heartbeats are handed over. */
  constructor(paired: boolean, groups?: PrimaryGroups) {
    this.#paired = paired;
    this.floor = makePairFloor(paired);
    const hear = (message: StatusMessage): void => this.hear(message);
    this.status = new PairStatus({ clock: () => this.now, hear, group: groups?.status });
    this.#line = groups?.line;
    if (this.#line !== undefined) this.#line.hear = (packet) => this.#came(packet);
  }

  /** Messages heard of the other member. */
  get heard(): number {
    return this.status.heard;
  }

  /**
   * Takes messages as fast as it can.
   *
   * @returns processor time for each message, ns.
   */
  async work(messages: number): Promise<number> {
    const startedNs = this.now;
    let done = 0;
    let usedNs = this.#ownNs();
    while (done < messages) {
      done += await this.#turn();
      const nowNs = this.#ownNs();
      this.now += nowNs - usedNs;
      usedNs = nowNs;
      if (this.now < this.#beatDue) continue;
      this.#beatDue = this.now + HEARTBEAT_MS * MS;
      this.beat();
      const own = this.#own;
      if (!this.#paired || own === undefined) continue;
      await this.asOthers(() => this.status.beatOther(own));
      this.status.deliver();
    }
    return (this.now + this.#ownNs() - usedNs - startedNs) / done;
  }

  protected say(message: StatusMessage): void {
    if (message.kind === 'heartbeat') this.#own = message;
    this.status.say(message);
  }

  /** Does what other processes do on a floor: its processor time does not count. */
  protected async asOthers(work: () => void): Promise<void> {
    // What the sockets have to tell whoever sent comes before: that of the primary is the primary's, that of others theirs.
    await ticked();
    const beforeNs = cpuNs();
    work();
    await ticked();
    this.#othersNs += cpuNs() - beforeNs;
  }

  protected abstract hear(message: StatusMessage): void;
  /** Takes a packet of the round. */
  protected abstract take(packet: Buffer): void;
  /** The number after the last message that it has taken. */
  protected abstract get taken(): number;
  /** Sends what it has to say at the end of a turn. */
  protected abstract leave(): void;
  protected abstract beat(): void;

  /** Takes the packets of one turn of the event loop. @returns messages */
  async #turn(): Promise<number> {
    const { round } = this;
    const line = this.#line;
    const before = round.nextSeq;
    if (line === undefined) {
      for (let i = 0; i < TURN_PACKETS; i++) this.take(round.next());
    } else {
      // It sleeps until they come, as time that it spent looking for them would count. If one is lost, it sleeps for ever.
      const arrival = new Promise<void>((resolve) => {
        this.#allCame = resolve;
      });
      await this.asOthers(() => {
        for (let i = 0; i < TURN_PACKETS; i++) line.send(round.next());
      });
      await arrival;
    }
    this.leave();
    if (line === undefined) await nextTurn();
    return round.nextSeq - before;
  }

  #came(packet: Buffer): void {
    this.take(packet);
    if (this.taken === this.round.nextSeq) this.#allCame();
  }

  #ownNs(): number {
    return cpuNs() - this.#othersNs;
  }
}

/** A turn of the event loop: what node has to do for the packets. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ticked(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return 1_000 * (user + system);
}
