import { skipBlocks } from '@tickerplant/sequence';

type OnRun = (bytes: Uint8Array, start: number, end: number, seq: number, count: number) => void;

interface Run {
  readonly bytes: Uint8Array;
  readonly seq: number;
  readonly count: number;
}

/**
 * Vendor messages that a joining member keeps until it has the state that they change. Bounded: when there are too
 * many, those kept are thrown away and it begins anew; what is then missing is asked for.
 */
export class VendorBacklog {
  readonly #bytesMax: number;
  #session = '';
  #runs: Run[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get messages(): number {
    return this.#runs.reduce((sum, { count }) => sum + count, 0);
  }

  /** The vendor's session begins. */
  begin(session: string): void {
    this.clear();
    this.#session = session;
  }

  clear(): void {
    this.#runs = [];
    this.#bytes = 0;
  }

  /** Keeps a copy of messages that follow those kept before. @returns how many had to make room for them. */
  keep(bytes: Uint8Array, start: number, end: number, seq: number, count: number): number {
    let dropped = 0;
    if (this.#bytes + end - start > this.#bytesMax) {
      dropped = this.messages;
      this.clear();
    }
    this.#runs.push({ bytes: bytes.slice(start, end), seq, count });
    this.#bytes += end - start;
    return dropped;
  }

  /** Whether what is kept goes on without a gap from a position: it may begin before it. */
  covers(session: string, position: number): boolean {
    const first = this.#runs[0];
    return session === this.#session && first !== undefined && first.seq <= position && this.#next >= position;
  }

  /** Passes on what is kept from a position on. */
  replay(position: number, littleEndian: boolean, onRun: OnRun): void {
    for (const { bytes, seq, count } of this.#runs) {
      const known = Math.min(count, Math.max(0, position - seq));
      if (known === count) continue;
      onRun(bytes, skipBlocks(bytes, 0, known, littleEndian), bytes.length, seq + known, count - known);
    }
  }

  /** The number after the last kept. */
  get #next(): number {
    const last = this.#runs.at(-1);
    return last === undefined ? 0 : last.seq + last.count;
  }
}
