import type { Heartbeat, VendorProgress } from '@tickerplant/status';
import type { LossPeer } from './loss-agreement.ts';

interface Channel {
  readonly id: number;
  readonly session: string;
}

/** The other members of a feed by their last words, and how they stand in this member's epoch. */
export class EpochPeers {
  readonly #channels: readonly Channel[];
  readonly #limitNs: number;
  readonly #peers = new Map<number, { readonly message: Heartbeat; readonly heardNs: number }>();
  #strayedNs = Number.NEGATIVE_INFINITY;

  /**
   * @param channels this member's own.
   * @param limitNs a silence after which a member may have become primary.
   */
  constructor(channels: readonly Channel[], limitNs: number) {
    this.#channels = channels;
    this.#limitNs = limitNs;
  }

  /** A heartbeat of another member. */
  heard(message: Heartbeat, nowNs: number): void {
    const { rank } = message;
    const before = this.#peers.get(rank);
    const couldGoOn = this.vendorOf(rank) !== undefined;
    this.#peers.set(rank, { message, heardNs: nowNs });
    // It may have been primary where it wasn't heard, and nobody be left who knows what it published.
    const hasForgotten = couldGoOn && this.vendorOf(rank) === undefined;
    if (hasForgotten && nowNs - before!.heardNs >= this.#limitNs) this.#strayedNs = nowNs;
  }

  /** Its last heartbeat. */
  get(rank: number): Heartbeat | undefined {
    return this.#peers.get(rank)?.message;
  }

  /** How far a member was with the vendor's messages in this epoch, by its last word; undefined: it could not go on in it. */
  vendorOf(rank: number): VendorProgress | undefined {
    const message = this.get(rank);
    const isHere = message?.channels.some(({ id, session }) =>
      this.#channels.some((own) => own.id === id && own.session === session),
    );
    return isHere === true ? message?.vendor : undefined;
  }

  /** Ranks of those that could go on in this epoch. */
  get awaited(): number[] {
    return [...this.#peers.keys()].filter((rank) => this.vendorOf(rank) !== undefined);
  }

  /** When a member that could have gone on in this epoch was last heard again after a silence, having forgotten everything. */
  get strayedNs(): number {
    return this.#strayedNs;
  }

  /** Another epoch has begun: nobody has published anything in it. */
  begin(): void {
    this.#strayedNs = Number.NEGATIVE_INFINITY;
  }

  /** @param present ranks that are heard. */
  forLoss(present: readonly number[]): LossPeer[] {
    return Array.from(this.#peers, ([rank, { message }]) => ({
      rank,
      present: present.includes(rank),
      fit: message.fit !== false,
      vendor: this.vendorOf(rank),
    }));
  }
}
