import { type ErrorContext, toHex } from '@tickerplant/core';

/** One piece of bad input, with what is needed to look into it. */
export interface QuarantineEntry {
  /** Wall-clock time, nanoseconds since 1970. */
  readonly at: bigint;
  /** The error's stable code. */
  readonly code: string;
  /** What was expected and what came. */
  readonly message: string;
  readonly context: ErrorContext;
  /** The bytes, cut at `bytesKept`. */
  readonly hex: string;
  /** Length before the cut. */
  readonly length: number;
}

/** What `status` shows. */
export interface QuarantineReport {
  /** All that ever came, by code. */
  readonly counts: Readonly<Record<string, number>>;
  /** The most recent ones, oldest first. */
  readonly entries: readonly QuarantineEntry[];
  /** Entries that had to make room. */
  readonly dropped: number;
}

/**
 * Keeps malformed input with its bytes and context, bounded; counts all of it by kind. Putting something in
 * never throws and costs at most `bytesKept` bytes, so that garbage cannot exhaust the process.
 */
export class Quarantine {
  readonly #entriesMax: number;
  readonly #bytesKept: number;
  readonly #counts = new Map<string, number>();
  readonly #entries: QuarantineEntry[] = [];
  #dropped = 0;

  /**
   * @param entriesMax how many to keep; the oldest goes first.
   * @param bytesKept how many bytes of each to keep.
   */
  constructor(entriesMax = 256, bytesKept = 256) {
    this.#entriesMax = entriesMax;
    this.#bytesKept = bytesKept;
  }

  /** All input ever put in. */
  get total(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  put(at: bigint, code: string, message: string, bytes: Uint8Array, context: ErrorContext = {}): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#entries.length >= this.#entriesMax) {
      this.#entries.shift();
      this.#dropped++;
    }
    const kept = Math.min(bytes.length, this.#bytesKept);
    this.#entries.push({ at, code, message, context, hex: toHex(bytes, 0, kept), length: bytes.length });
  }

  report(): QuarantineReport {
    return { counts: Object.fromEntries(this.#counts), entries: [...this.#entries], dropped: this.#dropped };
  }
}

/** The report as JSON; 64-bit times as text. */
export function quarantineJson(quarantine: Quarantine): string {
  return JSON.stringify(quarantine.report(), (_key, value) => (typeof value === 'bigint' ? String(value) : value));
}
