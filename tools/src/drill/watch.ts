import { systemClock, type TickerError } from '@tickerplant/core';
import type { Floor } from '@tickerplant/floor';
import { type Heartbeat, openStatus, type QualityEntry, type StatusGroup } from '@tickerplant/status';

const LOOK_MS = 2;

interface Heard {
  readonly message: Heartbeat;
  readonly boot: bigint;
  readonly atNs: number;
}

/** One that says that it is primary counts as such for so long. */
const FRESH_NS = 1e9;

/** Listens to the heartbeats of a floor: who is primary, who could take over, which of the vendor's lines are heard. */
export class PairWatch {
  readonly #heard = new Map<string, Heard>();
  /** By scope and subject: what handlers said last of the vendor's lines. */
  readonly #qualities = new Map<string, QualityEntry>();
  #groups: StatusGroup[] = [];

  /** Joins both status groups of the floor. */
  async open(floor: Floor, onError: (error: TickerError) => void): Promise<void> {
    for (const network of [floor.networks.feed, floor.networks.trading]) {
      const group = await openStatus({
        endpoint: network.status,
        interface: network.interface,
        key: floor.key,
        name: `drill/${process.pid}`,
        onMessage: (message, { sender, boot }) => {
          if (message.kind === 'quality' && network === floor.networks.feed) {
            for (const entry of message.entries) this.#qualities.set(`${entry.scope} ${entry.subject}`, entry);
          }
          // Plants heartbeat on both networks: what they publish is on the trading network.
          if (message.kind !== 'heartbeat' || (message.role === 'plant' && network === floor.networks.feed)) return;
          this.#heard.set(sender, { message, boot, atNs: systemClock.monotonicNs() });
        },
        onError,
      });
      this.#groups.push(group);
    }
  }

  /** Name on the status group of the process that is primary: of those that say so the one with the highest term. */
  primary(role: 'handler' | 'plant'): string | undefined {
    return this.primaries(role)[0];
  }

  /** All that say so: in a cut network there may be two. The one with the highest term first. */
  primaries(role: 'handler' | 'plant'): string[] {
    const now = systemClock.monotonicNs();
    return [...this.#heard]
      .filter(([, { message, atNs }]) => {
        return message.role === role && message.state === 'primary' && now - atNs <= FRESH_NS;
      })
      .sort(([, a], [, b]) => b.message.term - a.message.term)
      .map(([sender]) => sender);
  }

  /** What a handler says of a line or of the feed: `line itch/A`, `feed itch`. */
  quality(subject: string): QualityEntry | undefined {
    return this.#qualities.get(subject);
  }

  /** Of a process: its last heartbeat. */
  of(sender: string): Heartbeat | undefined {
    return this.#heard.get(sender)?.message;
  }

  /** Waits until a condition on the heartbeats holds. @returns whether it does. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const endNs = systemClock.monotonicNs() + withinMs * 1e6;
    while (!holds()) {
      if (systemClock.monotonicNs() > endNs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  /** Forgets what a process said: one with the same name is to be heard anew. */
  forget(sender: string): void {
    this.#heard.delete(sender);
  }

  async close(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.close()));
    this.#groups = [];
  }
}
