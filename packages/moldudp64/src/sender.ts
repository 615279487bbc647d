import { assert, TickerError } from '@tickerplant/core';
import { skipBlocks } from '@tickerplant/sequence';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { SENDER_COUNTERS, type SenderCounters } from './counters.ts';
import {
  COUNT_MAX,
  END_OF_SESSION_COUNT,
  encodeSession,
  HEADER_BYTES,
  HEARTBEAT_COUNT,
  OVERHEAD_BYTES,
  PACKET_BYTES_DEFAULT,
  PACKET_BYTES_MAX,
  writeHeader,
  writeNumbers,
} from './layout.ts';

/** How a `MoldSender` behaves. */
export interface MoldSenderOptions {
  /** 1 to 10 printable ASCII characters. */
  readonly session: string;
  /** The first message's number. @default 1 */
  readonly next?: number;
  /** Most bytes in a packet, from 64 to 65507. @default 1472, what a 1500-byte network carries */
  readonly packetBytesMax?: number;
  /** A heartbeat is due when nothing was sent for this long. @default 1 s */
  readonly heartbeatNs?: number;
  /**
   * Sends `buffer[0, length)`.
   *
   * @returns whether the buffer may be overwritten; if not, the sender takes a fresh one.
   */
  readonly emit: (buffer: Buffer, length: number) => boolean;
  /**
   * Told of each data packet before it is sent, to keep it for repair: `count` blocks from message `seq` on, in
   * `bytes[start, end)`, borrowed.
   */
  readonly onData?: (bytes: Uint8Array, start: number, end: number, seq: number, count: number) => void;
  readonly registry?: CounterRegistry;
  readonly labels?: Readonly<Record<string, string>>;
}

export const HEARTBEAT_NS_DEFAULT = 1_000_000_000;

/**
 * Numbers messages and packs them into packets, in place. A machine: it is told the time, and emits packets;
 * it owns no socket and no timer.
 *
 * Write a message with `reserve` and `commit` (into `buffer`), or give its bytes to `append`. A packet leaves
 * when the next message does not fit, or on `flush`.
 */
export class MoldSender {
  /** Where `reserve` points into. Changes after every `flush` and `reserve`: read it after `reserve`. */
  buffer: Buffer;
  /** The number of the next message. */
  next: number;
  readonly counters: Readonly<SenderCounters>;
  private readonly counts: SenderCounters;
  private readonly sessionBytes: Uint8Array;
  private readonly bytesMax: number;
  private readonly heartbeatNs: number;
  private readonly emit: (buffer: Buffer, length: number) => boolean;
  private readonly onData: MoldSenderOptions['onData'];
  /** Where the next block begins in `buffer`. */
  private at: number = HEADER_BYTES;
  /** Messages in `buffer`. */
  private count = 0;
  private reservedEnd = 0;
  private small: Buffer;
  private lastSentNs: number = Number.NEGATIVE_INFINITY;
  /** A packet has left since the time was last told. */
  private sentSince = false;
  private ended = false;

  /** @throws TickerError `MOLD_BAD_SESSION`, `MOLD_BAD_OPTION` */
  constructor(options: MoldSenderOptions) {
    const { session, next = 1, packetBytesMax = PACKET_BYTES_DEFAULT, heartbeatNs = HEARTBEAT_NS_DEFAULT } = options;
    checkRange('next', next, 0, Number.MAX_SAFE_INTEGER);
    checkRange('packetBytesMax', packetBytesMax, 64, PACKET_BYTES_MAX);
    checkRange('heartbeatNs', heartbeatNs, 1, Number.MAX_SAFE_INTEGER);
    this.sessionBytes = encodeSession(session);
    this.next = next;
    this.bytesMax = packetBytesMax;
    this.heartbeatNs = heartbeatNs;
    this.emit = options.emit;
    this.onData = options.onData;
    this.counts = options.registry?.create(SENDER_COUNTERS, options.labels) ?? SENDER_COUNTERS.create();
    this.counters = this.counts;
    this.buffer = this.fresh(packetBytesMax);
    this.small = this.fresh(HEADER_BYTES);
  }

  /** The longest message that fits. */
  get messageBytesMax(): number {
    return this.bytesMax - OVERHEAD_BYTES;
  }

  /** Messages that wait for `flush`. */
  get pending(): number {
    return this.count;
  }

  /**
   * Makes room for a message of at most `max` bytes.
   *
   * @returns the offset in `buffer` where its data belong.
   * @throws TickerError `MOLD_MESSAGE_TOO_LONG`, `MOLD_ENDED`
   */
  reserve(max: number): number {
    if (max > this.bytesMax - OVERHEAD_BYTES) throw this.tooLong(max);
    if (this.ended) throw endedError(this.next);
    if (this.at + 2 + max > this.bytesMax) this.send();
    this.reservedEnd = this.at + 2 + max;
    return this.at + 2;
  }

  /** The message reserved has `length` bytes, 0 or more. @returns its number. */
  commit(length: number): number {
    const { at, buffer } = this;
    const end = at + 2 + length;
    // The text is made only when needed: this runs for every message.
    if (end > this.reservedEnd)
      assert(false, `expected at most ${this.reservedEnd - at - 2} bytes as reserved, got ${length}`);
    buffer[at] = length >>> 8;
    buffer[at + 1] = length;
    this.at = end;
    this.reservedEnd = 0;
    this.count++;
    return this.next++;
  }

  /**
   * Adds the message `bytes[start, end)`.
   *
   * @returns its number.
   * @throws TickerError `MOLD_MESSAGE_TOO_LONG`, `MOLD_ENDED`
   */
  append(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const at = this.reserve(length);
    copy(bytes, start, end, this.buffer, at);
    return this.commit(length);
  }

  /**
   * Adds `count` message blocks as they are (with their lengths, big-endian): `bytes[start, end)`, message `seq`
   * first. For a plant that forwards what it received under its own numbers.
   *
   * @param seq `next`, or a later number if those between were lost; then a packet of its own begins.
   * @throws TickerError `MOLD_MESSAGE_TOO_LONG`, `MOLD_ENDED`
   */
  appendRun(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    if (this.ended) throw endedError(this.next);
    if (seq !== this.next) this.skipTo(seq);
    const { bytesMax } = this;
    if (this.at + end - start > bytesMax && this.count > 0 && end - start <= bytesMax - HEADER_BYTES) this.send();
    while (this.at + end - start > bytesMax) {
      // Too much for one packet: as many whole blocks as fit.
      let to = start;
      let taken = 0;
      for (; taken < count; taken++) {
        const after = skipBlocks(bytes, to, 1, false);
        if (this.at + after - start > bytesMax) break;
        to = after;
      }
      if (taken === 0 && this.count === 0) {
        throw this.tooLong(skipBlocks(bytes, start, 1, false) - start - 2);
      }
      this.take(bytes, start, to, taken);
      this.send();
      start = to;
      count -= taken;
    }
    this.take(bytes, start, end, count);
  }

  /** Continues with message `seq`: the numbers between are lost to this sender too. What is pending leaves first. */
  skipTo(seq: number): void {
    if (seq < this.next) assert(false, `expected message ${this.next} or later, got ${seq}`);
    this.send();
    this.next = seq;
  }

  /** Sends what is pending. */
  flush(nowNs: number): void {
    this.send();
    if (this.sentSince) {
      this.sentSince = false;
      this.lastSentNs = nowNs;
    }
  }

  /** Sends what is pending; if nothing was sent for the heartbeat interval, a heartbeat. */
  tick(nowNs: number): void {
    this.flush(nowNs);
    if (nowNs - this.lastSentNs >= this.heartbeatNs) {
      this.control();
      this.lastSentNs = nowNs;
    }
  }

  /**
   * Ends the session: sends what is pending and an end-of-session packet, and from now on `tick` sends such
   * packets instead of heartbeats. Go on for a few seconds: it is the listeners' last chance to ask.
   */
  end(nowNs: number): void {
    this.flush(nowNs);
    this.ended = true;
    this.control();
    this.lastSentNs = nowNs;
  }

  private take(bytes: Uint8Array, start: number, end: number, count: number): void {
    copy(bytes, start, end, this.buffer, this.at);
    this.at += end - start;
    this.count += count;
    this.next += count;
    assert(this.count <= COUNT_MAX, `expected at most ${COUNT_MAX} messages in a packet`);
  }

  private send(): void {
    const { buffer, count, at } = this;
    if (count === 0) return;
    const seq = this.next - count;
    writeNumbers(buffer, 0, seq, count);
    this.at = HEADER_BYTES;
    this.count = 0;
    this.sentSince = true;
    this.counts.packets++;
    this.counts.messages += count;
    this.counts.bytes += at;
    if (this.onData !== undefined) this.onData(buffer, HEADER_BYTES, at, seq, count);
    if (!this.emit(buffer, at)) {
      this.counts.buffers++;
      this.buffer = this.fresh(this.bytesMax);
    }
  }

  private control(): void {
    if (this.ended) this.counts.ends++;
    else this.counts.heartbeats++;
    writeNumbers(this.small, 0, this.next, this.ended ? END_OF_SESSION_COUNT : HEARTBEAT_COUNT);
    if (!this.emit(this.small, HEADER_BYTES)) this.small = this.fresh(HEADER_BYTES);
  }

  private fresh(bytes: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    writeHeader(buffer, 0, this.sessionBytes, 0, 0);
    return buffer;
  }

  private tooLong(length: number): TickerError {
    return new TickerError(
      'MOLD_MESSAGE_TOO_LONG',
      `expected a message of at most ${this.messageBytesMax} bytes (packets have ${this.bytesMax}), got ${length}`,
      { seq: this.next },
    );
  }
}

/** Copies `bytes[start, end)` to `buffer[at]`; a loop is faster than a call below some 64 bytes. */
function copy(bytes: Uint8Array, start: number, end: number, buffer: Uint8Array, at: number): void {
  if (end - start < 64) {
    for (let from = start; from < end; from++, at++) buffer[at] = bytes[from]!;
  } else {
    buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
  }
}

function endedError(next: number): TickerError {
  return new TickerError('MOLD_ENDED', 'expected no message after the end of the session', { seq: next });
}

/** @throws TickerError `MOLD_BAD_OPTION` */
export function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new TickerError(
      'MOLD_BAD_OPTION',
      `expected ${name} to be a whole number from ${least} to ${most}, got ${value}`,
    );
  }
}
