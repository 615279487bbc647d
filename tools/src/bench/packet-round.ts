import { HEADER_BYTES, writeNumbers } from '@tickerplant/moldudp64';
import { blockEndBE, type MessageStore, type ReadResult } from '@tickerplant/sequence';

/** MoldUDP64 packets made in advance, and how many messages there are before each; `before` has one entry more. */
export interface Packets {
  readonly bytes: readonly Buffer[];
  readonly before: readonly number[];
}

/**
 * A session's packets, made in advance: first those that go out once, then a round that goes out again and again,
 * each time under new numbers. As a number says which message it is, all of it can be asked for again, however old.
 */
export class PacketRound implements MessageStore {
  readonly firstSeq = 1;
  /** The number after the newest message that was sent. */
  nextSeq = 1;
  /** Messages that go out once, and those of a round. */
  readonly firstMessages: number;
  readonly roundMessages: number;
  readonly firstPackets: number;
  readonly roundPackets: number;
  private readonly first: Packets;
  private readonly round: Packets;
  private sent = 0;
  private readonly result: { count: number; end: number } = { count: 0, end: 0 };

  /** The first packets are numbered from 1 on; the numbers of the others don't matter. */
  constructor(first: Packets, round: Packets) {
    this.first = first;
    this.round = round;
    this.firstPackets = first.bytes.length;
    this.roundPackets = round.bytes.length;
    this.firstMessages = first.before[this.firstPackets]!;
    this.roundMessages = round.before[this.roundPackets]!;
  }

  /** Bytes of message data in a round, without headers and lengths. */
  get roundBytes(): number {
    const packets = this.round.bytes.reduce((sum, packet) => sum + packet.length - HEADER_BYTES, 0);
    return packets - 2 * this.roundMessages;
  }

  /** The packet that is to go out next, numbered. It must have left before the round comes to it again. */
  next(): Buffer {
    const { first, round } = this;
    const index = this.sent++ - this.firstPackets;
    const packets = index < 0 ? first : round;
    const at = index < 0 ? index + this.firstPackets : index % this.roundPackets;
    const packet = packets.bytes[at]!;
    const count = packets.before[at + 1]! - packets.before[at]!;
    if (index >= 0) writeNumbers(packet, 0, this.nextSeq, count);
    this.nextSeq += count;
    return packet;
  }

  read(seq: number, countMax: number, out: Uint8Array, at: number, end: number): ReadResult {
    const { result } = this;
    result.count = 0;
    result.end = at;
    if (seq < this.firstSeq || seq >= this.nextSeq) return result;
    const index = seq - 1;
    const packets = index < this.firstMessages ? this.first : this.round;
    const inPart = index < this.firstMessages ? index : (index - this.firstMessages) % this.roundMessages;
    const place = findPacket(packets.before, inPart);
    const packet = packets.bytes[place]!;
    let from = HEADER_BYTES;
    for (let skip = inPart - packets.before[place]!; skip > 0; skip--) from = blockEndBE(packet, from);
    let to = from;
    const most = Math.min(countMax, packets.before[place + 1]! - inPart, this.nextSeq - seq);
    while (result.count < most) {
      const after = blockEndBE(packet, to);
      if (after - from > end - at) break;
      to = after;
      result.count++;
    }
    out.set(packet.subarray(from, to), at);
    result.end = at + to - from;
    return result;
  }
}

/** Index of the packet in which message `index` stands. */
function findPacket(before: readonly number[], index: number): number {
  let low = 0;
  let high = before.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (before[middle]! <= index) low = middle;
    else high = middle;
  }
  return low;
}

/** Collects what a `MoldSender` emits. */
export class PacketCollector implements Packets {
  readonly bytes: Buffer[] = [];
  readonly before: number[] = [0];

  /** For `MoldSenderOptions.emit`. */
  readonly emit = (buffer: Buffer, length: number): boolean => {
    this.bytes.push(Buffer.from(buffer.subarray(0, length)));
    return true;
  };

  /** For `MoldSenderOptions.onData`. */
  readonly onData = (_bytes: Uint8Array, _start: number, _end: number, _seq: number, count: number): void => {
    this.before.push(this.before[this.before.length - 1]! + count);
  };
}
