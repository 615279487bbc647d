/** A packet's blocks, copied, waiting for what comes before them. */
export interface HeldPacket {
  /** Number of the first message. */
  readonly seq: number;
  /** Number after the last message. */
  readonly next: number;
  /** The blocks are `bytes[0, length)`. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

// Buffers come in powers of two from 2 KiB (any packet of a 1500-byte network) to 64 KiB (any UDP packet), and
// are used again: holding a packet does not allocate once the window has been as full as it gets.
const SMALLEST_BITS = 11;

function sizeClass(length: number): number {
  return length <= 1 << SMALLEST_BITS ? 0 : 32 - Math.clz32((length - 1) >> SMALLEST_BITS);
}

/**
 * Packets that came too early, in the order of their numbers, bounded in packets and in bytes (of the buffers
 * taken, so that the bound is real). Packets may overlap, since lines may cut them differently, but none lies
 * within another: so the first numbers and the last numbers both ascend.
 */
export class ReorderWindow {
  readonly #packetsMax: number;
  readonly #bytesMax: number;
  readonly #free: Uint8Array[][] = [];
  // Live packets are #packets[#head…]; the front is cleared away now and then instead of shifting each time.
  #packets: (HeldPacket | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  constructor(packetsMax: number, bytesMax: number) {
    this.#packetsMax = packetsMax;
    this.#bytesMax = bytesMax;
  }

  /** Packets held. */
  get packets(): number {
    return this.#packets.length - this.#head;
  }

  /** Bytes of the buffers they are held in. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more packet of an ordinary size would still fit. */
  get hasRoom(): boolean {
    return this.hasRoomFor(1 << SMALLEST_BITS);
  }

  hasRoomFor(length: number): boolean {
    return (
      this.packets < this.#packetsMax && this.#bytes + (1 << (SMALLEST_BITS + sizeClass(length))) <= this.#bytesMax
    );
  }

  /** The lowest, or undefined. */
  get head(): HeldPacket | undefined {
    return this.#packets[this.#head];
  }

  /** The highest, or undefined. */
  get tail(): HeldPacket | undefined {
    return this.packets === 0 ? undefined : this.#packets[this.#packets.length - 1];
  }

  /** Number after the last message of the second highest; 0 if there is none. */
  get nextBeforeTail(): number {
    return this.packets < 2 ? 0 : this.#packets[this.#packets.length - 2]!.next;
  }

  /** Copies and keeps `bytes[start, end)`. The caller has made sure of room, and that it brings something new. */
  insert(seq: number, next: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const kept = this.#take(length);
    kept.set(bytes.subarray(start, end));
    const held: HeldPacket = { seq, next, bytes: kept, length };
    const packets = this.#packets;
    const index = this.#firstFrom(seq);
    let within = index;
    while (within < packets.length && packets[within]!.next <= next) this.release(packets[within++]!);
    if (index === packets.length) packets.push(held);
    else packets.splice(index, within - index, held);
  }

  /** Takes the lowest out. It stays readable until `release`. */
  shift(): HeldPacket {
    const held = this.#packets[this.#head]!;
    this.#packets[this.#head++] = undefined;
    if (this.#head === this.#packets.length) {
      this.#packets.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024) {
      this.#packets = this.#packets.slice(this.#head);
      this.#head = 0;
    }
    return held;
  }

  /** Takes the highest out. It stays readable until `release`. */
  pop(): HeldPacket {
    const held = this.#packets.pop()!;
    if (this.#head === this.#packets.length) {
      this.#packets.length = 0;
      this.#head = 0;
    }
    return held;
  }

  /** Gives the buffer of a packet taken out back for use. */
  release(held: HeldPacket): void {
    this.#bytes -= held.bytes.length;
    const of = sizeClass(held.bytes.length);
    this.#free[of] ??= [];
    this.#free[of].push(held.bytes);
  }

  /** Index of the first packet whose number is `seq` or higher. */
  #firstFrom(seq: number): number {
    const packets = this.#packets;
    let high = packets.length;
    if (high === this.#head || packets[high - 1]!.seq < seq) return high;
    let low = this.#head;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (packets[middle]!.seq >= seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #take(length: number): Uint8Array {
    const of = sizeClass(length);
    const bytes = this.#free[of]?.pop() ?? new Uint8Array(1 << (SMALLEST_BITS + of));
    this.#bytes += bytes.length;
    return bytes;
  }
}
