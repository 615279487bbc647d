import { readU16 } from './int64.ts';
import { BLOCK_LENGTH_SIZE } from './segment.ts';

/**
 * The newest part of a session's byte stream, bounded. The stream offset of IEX-TP is the address: byte n of the
 * stream lies at n modulo the size, so a message is found by its offset alone and nothing is ever moved.
 */
export class StreamStore {
  private readonly stream: Uint8Array;
  /** Stream offset of each message, by sequence number modulo the length. */
  private readonly offsets: Float64Array;
  private first = 1;
  private next = 1;
  private end = 0;
  /** Blocks that the last `read` gave. */
  readCount = 0;

  /**
   * @param bytesMax bytes kept, with the blocks' length fields; at least 65,535 (one segment).
   * @param messagesMax messages kept.
   */
  constructor(bytesMax: number = 64 * 1024 * 1024, messagesMax = 1_000_000) {
    this.stream = new Uint8Array(Math.max(bytesMax, 0xffff));
    this.offsets = new Float64Array(messagesMax);
  }

  /** Sequence number of the oldest message held; equals `nextSeq` when none is. */
  get firstSeq(): number {
    return this.first;
  }

  /** Sequence number that follows the newest message. */
  get nextSeq(): number {
    return this.next;
  }

  /** Stream offset that follows the newest message. */
  get nextOffset(): number {
    return this.end;
  }

  /** Forgets all; the next message has number `seq` at `offset`. */
  reset(seq = 1, offset = 0): void {
    this.first = seq;
    this.next = seq;
    this.end = offset;
  }

  /**
   * Adds `count` checked blocks from `start` on, the first with number `seq` at stream offset `offset`. What is
   * held already is skipped; after a gap only the new is held.
   */
  append(bytes: Uint8Array, start: number, seq: number, count: number, offset: number): void {
    if (seq + count <= this.next) return;
    if (seq > this.next) this.reset(seq, offset);
    let at = start;
    for (let number = seq; number < seq + count; number++) {
      const blockEnd = at + BLOCK_LENGTH_SIZE + readU16(bytes, at);
      if (number >= this.next) this.push(bytes, at, blockEnd);
      at = blockEnd;
    }
  }

  /** Stream offset of message `seq`, which is held or the next one. */
  offsetOf(seq: number): number {
    return seq === this.next ? this.end : this.offsets[seq % this.offsets.length]!;
  }

  /**
   * Copies blocks from message `seq` (held) on to `out[at, …)`: at most `countMax`, and no more than end at `end`,
   * but always one (at most 65,535 bytes). Sets `readCount`.
   *
   * @returns where the copied bytes end.
   */
  read(seq: number, countMax: number, out: Uint8Array, at: number, end: number): number {
    const from = this.offsetOf(seq);
    let count = 1;
    while (count < countMax && seq + count < this.next && this.offsetOf(seq + count + 1) - from <= end - at) count++;
    this.readCount = count;
    const length = this.offsetOf(seq + count) - from;
    const position = from % this.stream.length;
    const head = Math.min(length, this.stream.length - position);
    out.set(this.stream.subarray(position, position + head), at);
    out.set(this.stream.subarray(0, length - head), at + head);
    return at + length;
  }

  private push(bytes: Uint8Array, start: number, end: number): void {
    const size = this.stream.length;
    const length = end - start;
    while (this.first < this.next && this.mustLeave(length)) this.first++;
    const position = this.end % size;
    for (let i = 0; i < length; i++)
      this.stream[position + i < size ? position + i : position + i - size] = bytes[start + i]!;
    this.offsets[this.next % this.offsets.length] = this.end;
    this.end += length;
    this.next++;
  }

  /** Whether the oldest message must make room for one of `length` bytes. */
  private mustLeave(length: number): boolean {
    return (
      this.next - this.first >= this.offsets.length ||
      this.end + length - this.offsetOf(this.first) > this.stream.length
    );
  }
}
