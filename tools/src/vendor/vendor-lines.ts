import { type Random, seededRandom, type TickerError } from '@tickerplant/core';
import { type MulticastSender, openSender } from '@tickerplant/multicast';

/** One line to drive, as a floor file describes it. */
export interface VendorLine {
  readonly name: string;
  readonly group: string;
  readonly port: number;
  readonly interface: string;
}

/** What went out on a line. */
export interface VendorLineCounts {
  readonly name: string;
  sent: number;
  /** Packets left out on purpose. */
  dropped: number;
  cut: boolean;
}

/**
 * A vendor's lines: sends the same packets on each, with losses of each line's own. Losses are drawn from a seed,
 * so that a run can be repeated.
 */
export class VendorLines {
  readonly counts: readonly VendorLineCounts[];
  readonly #senders: readonly MulticastSender[];
  readonly #loss: readonly number[];
  readonly #random: Random;

  constructor(
    lines: readonly VendorLine[],
    senders: readonly MulticastSender[],
    loss: readonly number[],
    seed: number,
  ) {
    this.counts = lines.map(({ name }) => ({ name, sent: 0, dropped: 0, cut: false }));
    this.#senders = senders;
    this.#loss = loss;
    this.#random = seededRandom(seed);
  }

  /** Sends on all lines. @returns false when the bytes may not be overwritten yet. */
  send(bytes: Uint8Array, length: number): boolean {
    let free = true;
    for (let line = 0; line < this.#senders.length; line++) {
      if (!this.sendOn(line, bytes, length)) free = false;
    }
    return free;
  }

  /** Sends on one line only: vendors may cut packets differently on each. */
  sendOn(line: number, bytes: Uint8Array, length: number): boolean {
    const counts = this.counts[line]!;
    const loss = this.#loss[line]!;
    if (counts.cut || (loss > 0 && this.#random.next() < loss)) {
      counts.dropped++;
      return true;
    }
    counts.sent++;
    return this.#senders[line]!.send(bytes, 0, length);
  }

  /** Packets that wait for the kernel: a sender that goes at full speed looks here and holds its breath. */
  get queued(): number {
    return this.#senders.reduce((sum, sender) => sum + sender.queued(), 0);
  }

  /** Cuts a line, or joins it again. */
  cut(line: number, cut: boolean): void {
    this.counts[line]!.cut = cut;
  }

  async close(): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.close()));
  }
}

/**
 * Opens a vendor's lines.
 *
 * @param loss line name → share of packets to leave out, 0 to 1.
 * @throws TickerError `MULTICAST_…`
 */
export async function openVendorLines(
  lines: readonly VendorLine[],
  options: {
    readonly loss: Readonly<Record<string, number>>;
    readonly seed: number;
    readonly ttl: number;
    readonly onError: (error: TickerError) => void;
  },
): Promise<VendorLines> {
  const senders: MulticastSender[] = [];
  try {
    for (const { group, port, interface: name } of lines) {
      senders.push(
        await openSender({
          group,
          port,
          interface: name,
          ttl: options.ttl,
          sendBufferBytes: 4 << 20,
          onError: options.onError,
        }),
      );
    }
  } catch (error) {
    await Promise.all(senders.map((sender) => sender.close()));
    throw error;
  }
  const loss = lines.map(({ name }) => options.loss[name] ?? 0);
  return new VendorLines(lines, senders, loss, options.seed);
}
