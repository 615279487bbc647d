import { type EpochBase, writeU16 } from './int64.ts';
import {
  BLOCK_LENGTH_SIZE,
  encodeSegmentHeader,
  HEADER_LENGTH,
  HEARTBEAT_INTERVAL_NS,
  type StreamIdentity,
} from './segment.ts';

/** How a line cuts the message stream into segments. */
export interface SegmentCut {
  /** Size of a segment, header included; a longer message goes alone. */
  readonly segmentBytesMax: number;
  /** How many messages the next segment may hold. */
  readonly nextMessagesMax: () => number;
}

/** One segment, ready to send at `ns` after the base. The bytes are borrowed: overwritten after the return. */
export type SegmentEmit = (bytes: Uint8Array, length: number, ns: number) => void;

/**
 * The sending end of one line: puts messages into segments, numbers them, sends heartbeats. No clock: times are
 * nanoseconds after the base, handed in; send times never go backwards.
 */
export class SegmentWriter {
  private readonly stream: StreamIdentity;
  private readonly base: EpochBase;
  private readonly cut: SegmentCut;
  private readonly emit: SegmentEmit;
  private readonly out = new Uint8Array(HEADER_LENGTH + 0xffff);
  private at = HEADER_LENGTH;
  private count = 0;
  private countMax: number;
  private offset = 0;
  private seq = 1;
  private sentNs: number;

  /** @param startNs since when the line has been silent. */
  constructor(stream: StreamIdentity, base: EpochBase, startNs: number, cut: SegmentCut, emit: SegmentEmit) {
    this.stream = stream;
    this.base = base;
    this.sentNs = startNs;
    this.cut = cut;
    this.emit = emit;
    this.countMax = cut.nextMessagesMax();
  }

  /** Number of the next message. */
  get nextSeq(): number {
    return this.seq + this.count;
  }

  /** Messages written and not yet sent. */
  get pending(): number {
    return this.count;
  }

  /** Adds the message `bytes[start, end)`; sends the segment first if it would grow too long, or after if it is full. */
  append(bytes: Uint8Array, start: number, end: number, ns: number): void {
    const { out } = this;
    const length = end - start;
    if (this.count > 0 && this.at + BLOCK_LENGTH_SIZE + length > this.cut.segmentBytesMax) this.flush(ns);
    writeU16(out, this.at, length);
    for (let i = 0; i < length; i++) out[this.at + BLOCK_LENGTH_SIZE + i] = bytes[start + i]!;
    this.at += BLOCK_LENGTH_SIZE + length;
    this.count++;
    if (this.count >= this.countMax) this.flush(ns);
  }

  /** Sends what is pending, if anything. */
  flush(ns: number): void {
    if (this.count === 0) return;
    this.send(ns);
    this.countMax = this.cut.nextMessagesMax();
  }

  /** Sends the heartbeats due by `ns`. Nothing is pending, or it would have gone out before. */
  heartbeat(ns: number): void {
    while (this.count === 0 && ns - this.sentNs >= HEARTBEAT_INTERVAL_NS)
      this.send(this.sentNs + HEARTBEAT_INTERVAL_NS);
  }

  private send(dueNs: number): void {
    const ns = Math.max(dueNs, this.sentNs);
    const payload = this.at - HEADER_LENGTH;
    encodeSegmentHeader(this.out, 0, this.stream, payload, this.count, this.offset, this.seq, this.base, ns);
    this.emit(this.out, this.at, ns);
    this.offset += payload;
    this.seq += this.count;
    this.sentNs = ns;
    this.at = HEADER_LENGTH;
    this.count = 0;
  }
}
