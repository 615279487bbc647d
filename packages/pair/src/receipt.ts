import type { TakeoverReason } from './member.ts';
import type { Rebroadcast } from './output-gate.ts';

/** What a takeover leaves behind: who, why, when, and what was sent again. Wall-clock times in nanoseconds since 1970. */
export interface Receipt {
  /** `plant/p2`, `handler/itch-2`: who became primary. */
  readonly member: string;
  /** Who was primary before, as far as known. */
  readonly from: string | undefined;
  readonly term: number;
  readonly reason: TakeoverReason;
  /** When the primary before was last heard; undefined: never. */
  readonly lastHeartbeatNs: bigint | undefined;
  readonly promotedNs: bigint;
  /** When the first packet left as primary. */
  readonly firstPacketNs: bigint | undefined;
  /** By channel: the numbers sent again. */
  readonly rebroadcast: readonly (Rebroadcast & { readonly channel: string; readonly session: string })[];
  /** From the last heartbeat to the first packet, in milliseconds: nobody can have had a longer gap by the takeover. */
  readonly gapMs: number | undefined;
}

/** Newest receipts that a process keeps in memory. */
const RECEIPTS_MAX = 256;

/** The receipts of a process, the oldest first. */
export class Receipts {
  readonly #receipts: Receipt[] = [];

  add(receipt: Receipt): void {
    this.#receipts.push(receipt);
    if (this.#receipts.length > RECEIPTS_MAX) this.#receipts.shift();
  }

  /** As plain values, for JSON: times as texts. */
  report(): Record<string, unknown>[] {
    const text = (ns: bigint | undefined): string | null => (ns === undefined ? null : String(ns));
    return this.#receipts.map((receipt) => ({
      ...receipt,
      from: receipt.from ?? null,
      lastHeartbeatNs: text(receipt.lastHeartbeatNs),
      promotedNs: text(receipt.promotedNs),
      firstPacketNs: text(receipt.firstPacketNs),
      gapMs: receipt.gapMs ?? null,
    }));
  }
}
