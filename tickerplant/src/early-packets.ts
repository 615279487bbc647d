/** More than comes while a state is on its way. */
const BYTES_MAX = 8 << 20;

interface Packet {
  readonly channel: number;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/**
 * Packets that come before a plant knows what there was before them: they are kept until it has another plant's state, so
 * that only what is really missing has to be asked for. Bounded: when there are too many they go, and it begins anew.
 */
export class EarlyPackets {
  private packets: Packet[] = [];
  private bytes = 0;

  /** Keeps a packet; its bytes must not change any more. @returns how many had to make room for it. */
  keep(channel: number, bytes: Uint8Array, length: number): number {
    const dropped = this.bytes + length > BYTES_MAX ? this.take().length : 0;
    this.packets.push({ channel, bytes, length });
    this.bytes += length;
    return dropped;
  }

  /** All that were kept, in the order in which they came; nothing is kept any more. */
  take(): readonly Packet[] {
    const { packets } = this;
    this.packets = [];
    this.bytes = 0;
    return packets;
  }
}
