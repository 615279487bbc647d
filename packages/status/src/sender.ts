import { assert, TickerError } from '@tickerplant/core';
import type { StatusMessage, StatusOrigin } from './messages.ts';
import { BODY_OFFSET, Seal } from './seal.ts';
import { DIRECTORY_PARTS_MAX, encodeBody, sizeOf, toWire } from './wire.ts';

/** How a process speaks on a status group. */
export interface StatusSenderOptions {
  /** The floor's shared key, at least 16 bytes. */
  readonly key: Uint8Array;
  /** `GROUP:PORT`; part of what is authenticated. */
  readonly group: string;
  /** Distinguishes the senders of a floor: `plant/p1`. */
  readonly name: string;
  /** A random number of up to 64 bits, new at every start. */
  readonly boot: bigint;
  /** Largest UDP payload, in bytes. */
  readonly packetBytes: number;
  /** Takes each packet; the bytes are the receiver's to keep. */
  readonly emit: (packet: Buffer) => void;
}

/** Turns messages into authenticated packets, as many as their size needs. No clock: the times are given. */
export class StatusSender {
  readonly #options: StatusSenderOptions;
  readonly #seal: Seal;
  #counter = 0;
  #directoryVersion = 0;
  #directoryText = '';

  /** @throws TickerError `STATUS_BAD_KEY` */
  constructor(options: StatusSenderOptions) {
    assert(options.boot >= 0n && options.boot < 2n ** 64n, 'a boot id has 64 bits');
    this.#options = options;
    this.#seal = new Seal(options.key, options.group);
  }

  /**
   * Sends one message, cut into packets of at most `packetBytes`.
   *
   * @param wallNs nanoseconds since 1970.
   * @param monotonicNs nanoseconds on this process's monotonic clock.
   * @returns how many packets it took.
   * @throws TickerError `STATUS_TOO_LONG` when a text, one element, or a directory as a whole is beyond its bound.
   */
  send(message: StatusMessage, wallNs: bigint, monotonicNs: number): number {
    if (message.kind === 'directory') this.#versionDirectory(JSON.stringify(message));
    const wire = toWire(message, this.#directoryVersion);
    const origin = (): StatusOrigin => ({
      sender: this.#options.name,
      boot: this.#options.boot,
      counter: ++this.#counter,
      sentWallNs: wallNs,
      sentMonotonicNs: Math.max(0, Math.floor(monotonicNs)),
    });
    // Nearly always it fits: only what doesn't is weighed element by element.
    const packet = this.#seal.close(encodeBody(origin(), wire.kind, wire.wrap(wire.elements, 0, 1)));
    if (packet.length <= this.#options.packetBytes) {
      this.#options.emit(packet);
      return 1;
    }
    this.#counter--;
    // The size of everything but the elements, with the widest numbers that may stand there.
    const widest = { ...origin(), counter: Number.MAX_SAFE_INTEGER };
    this.#counter--;
    const overhead =
      BODY_OFFSET + encodeBody(widest, wire.kind, wire.wrap([], DIRECTORY_PARTS_MAX, DIRECTORY_PARTS_MAX)).length + 2;
    const shares = this.#share(wire.elements, this.#options.packetBytes - overhead);
    if (message.kind === 'directory' && shares.length > DIRECTORY_PARTS_MAX) {
      throw new TickerError(
        'STATUS_TOO_LONG',
        `expected a directory of at most ${DIRECTORY_PARTS_MAX} packets, got ${shares.length}`,
      );
    }
    shares.forEach((share, part) => {
      const packet = this.#seal.close(encodeBody(origin(), wire.kind, wire.wrap(share, part, shares.length)));
      assert(packet.length <= this.#options.packetBytes, 'a status packet keeps to its size');
      this.#options.emit(packet);
    });
    return shares.length;
  }

  #versionDirectory(text: string): void {
    if (text !== this.#directoryText) this.#directoryVersion++;
    this.#directoryText = text;
  }

  /** Cuts a list so that each share fits; an empty list is one empty share. */
  #share(elements: readonly unknown[], room: number): unknown[][] {
    const shares: unknown[][] = [[]];
    let left = room;
    for (const element of elements) {
      const size = sizeOf(element);
      if (size > room) {
        throw new TickerError('STATUS_TOO_LONG', `expected an element of at most ${room} bytes, got ${size}`, {
          packetBytes: this.#options.packetBytes,
        });
      }
      if (size > left) {
        shares.push([]);
        left = room;
      }
      shares.at(-1)!.push(element);
      left -= size;
    }
    return shares;
  }
}
