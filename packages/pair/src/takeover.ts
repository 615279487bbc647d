import { encodeSession } from '@tickerplant/moldudp64';
import type { MessageRing } from '@tickerplant/sequence';
import type { Promotion } from './member.ts';
import type { OutputGate } from './output-gate.ts';
import type { Receipt } from './receipt.ts';

/** A channel whose output a takeover begins. */
export interface TakeoverChannel {
  readonly name: string;
  /** Undefined: nothing has been heard of it yet, there is nothing to send. */
  readonly session: string | undefined;
  readonly ring: MessageRing;
  readonly gate: OutputGate;
}

export interface TakeoverOptions {
  /** `plant/p2` */
  readonly member: string;
  readonly promotion: Promotion;
  /** Name of the member that was primary before. */
  readonly from: string | undefined;
  /** Wall clock at the promotion, nanoseconds since 1970. */
  readonly wallNs: bigint;
  readonly channels: readonly TakeoverChannel[];
  /** By channel: the number that the old primary's last heartbeat named; undefined: there is nothing to send again. */
  readonly covered: readonly (number | undefined)[];
}

/** Bytes sent again in one step, over all channels: some 45 full packets, which any receiver's buffer holds. */
const STEP_BYTES = 65_536;

/** A takeover on its way: opens the gates of all channels, a step at a time. */
export class Takeover {
  readonly #options: TakeoverOptions;
  #firstPacketNs = -1;

  constructor(options: TakeoverOptions) {
    this.#options = options;
    options.channels.forEach(({ gate, session, ring }, index) => {
      if (session === undefined) gate.goLive();
      else gate.open(encodeSession(session), ring, options.covered[index] ?? ring.nextSeq);
    });
  }

  /**
   * Sends again as much as is good at a time.
   *
   * @param nowNs monotonic, as in the promotion.
   * @returns the receipt, when everything has been sent again and the gates are open.
   */
  step(nowNs: number): Receipt | undefined {
    const { channels, promotion, wallNs } = this.#options;
    let left = STEP_BYTES;
    let replaying = false;
    for (const { gate } of channels) {
      if (gate.replaying && left > 0) left -= gate.step(left);
      if (gate.replaying) replaying = true;
    }
    if (left < STEP_BYTES && this.#firstPacketNs < 0) this.#firstPacketNs = nowNs;
    if (replaying) return undefined;
    const { term, reason, lastHeardNs } = promotion;
    const firstNs = this.#firstPacketNs < 0 ? nowNs : this.#firstPacketNs;
    const wallAt = (ns: number): bigint => wallNs - BigInt(Math.round(promotion.nowNs - ns));
    return {
      member: this.#options.member,
      from: this.#options.from,
      term,
      reason,
      lastHeartbeatNs: lastHeardNs < 0 ? undefined : wallAt(lastHeardNs),
      promotedNs: wallNs,
      firstPacketNs: wallAt(firstNs),
      rebroadcast: channels.flatMap(({ name, session, gate }) => {
        const { from, to } = gate.rebroadcast;
        return session === undefined || to <= from ? [] : [{ channel: name, session, from, to }];
      }),
      gapMs: lastHeardNs < 0 ? undefined : (firstNs - lastHeardNs) / 1e6,
    };
  }
}
