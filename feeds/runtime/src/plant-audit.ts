import type { Heartbeat } from '@tickerplant/status';
import type { OutputChannel } from './output-channel.ts';

const S = 1_000_000_000;
/** Each plant is looked at so often: working a digest out may take reading 64 KiB. */
const LOOK_EVERY_NS = 1 * S;
/** A plant that holds other bytes again so soon is itself at fault: another epoch would mend nothing. */
const TRUSTED_AGAIN_NS = 3_600 * S;

/** Other bytes that a plant holds. */
export interface Deviation {
  readonly plant: string;
  readonly channel: string;
  /** Among the messages before this number. */
  readonly before: number;
}

/**
 * Compares what plants say that they hold with what has been published: the last net. All else sees to it that one number has one
 * content; if that ever failed, plants and clients would go on with items that are numbered otherwise than the primary's.
 */
export class PlantAudit {
  readonly #dueNs = new Map<string, number>();
  readonly #foundNs = new Map<string, number>();

  /** A plant's heartbeat. @returns what it holds otherwise, if the plant itself has not been found at fault lately. */
  look(message: Heartbeat, channels: readonly OutputChannel[], nowNs: number): Deviation | undefined {
    const { name } = message;
    if (nowNs < (this.#dueNs.get(name) ?? 0)) return undefined;
    this.#dueNs.set(name, nowNs + LOOK_EVERY_NS);
    for (const { id, session, next, digest } of message.channels) {
      const channel = channels.find((one) => one.id === id);
      if (channel === undefined || channel.session !== session || digest === undefined) continue;
      const own = next > channel.packed ? undefined : channel.ring.digestAt(next);
      if (own === undefined || own === Number.parseInt(digest, 16)) continue;
      if (nowNs - (this.#foundNs.get(name) ?? Number.NEGATIVE_INFINITY) < TRUSTED_AGAIN_NS) return undefined;
      this.#foundNs.set(name, nowNs);
      return { plant: name, channel: channel.name, before: next };
    }
    return undefined;
  }
}
