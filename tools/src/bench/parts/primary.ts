import type { Floor } from '@tickerplant/floor';
import type { Heartbeat, StatusMessage } from '@tickerplant/status';
import { CounterRegistry } from '@tickerplant/telemetry';
import type { LoopbackGroup } from './loopback-group.ts';
import { HEARTBEAT_MS, makePairFloor } from './pair-floor.ts';
import { PairStatus } from './pair-status.ts';

/** Packets that a process finds in its sockets in one turn of its event loop. */
export const TURN_PACKETS = 16;
const MS = 1_000_000;

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

  /** @param group the status group, where what is said goes through sockets. */
  constructor(paired: boolean, group?: LoopbackGroup) {
    this.#paired = paired;
    this.floor = makePairFloor(paired);
    this.status = new PairStatus({ clock: () => this.now, hear: (message) => this.hear(message), group });
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
      done += await this.turn();
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
  /** Takes the packets of one turn of the event loop. @returns messages */
  protected abstract turn(): Promise<number>;
  protected abstract beat(): void;

  #ownNs(): number {
    return cpuNs() - this.#othersNs;
  }
}

/** A turn of the event loop: what node has to do for the packets, and what has come in the sockets. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ticked(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return 1_000 * (user + system);
}
