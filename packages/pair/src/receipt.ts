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

/** A receipt as plain values, for JSON: times as texts. */
export type ReceiptReport = Readonly<Record<string, unknown>>;

/** The receipts of a process, the oldest first. */
export class Receipts {
  #reports: ReceiptReport[] = [];

  /** @returns the receipt as `report` has it. */
  add(receipt: Receipt): ReceiptReport {
    const text = (ns: bigint | undefined): string | null => (ns === undefined ? null : String(ns));
    const report = {
      ...receipt,
      from: receipt.from ?? null,
      lastHeartbeatNs: text(receipt.lastHeartbeatNs),
      promotedNs: text(receipt.promotedNs),
      firstPacketNs: text(receipt.firstPacketNs),
      gapMs: receipt.gapMs ?? null,
    };
    this.#keep([...this.#reports, report]);
    return report;
  }

  /** Puts those that the process left before it was started again, as JSON texts, before its own. */
  restore(texts: readonly string[]): void {
    this.#keep([...texts.map((text) => JSON.parse(text) as ReceiptReport), ...this.#reports]);
  }

  report(): readonly ReceiptReport[] {
    return this.#reports;
  }

  #keep(reports: ReceiptReport[]): void {
    this.#reports = reports.slice(-RECEIPTS_MAX);
  }
}
