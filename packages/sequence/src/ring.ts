import { crc32 } from 'node:zlib';
import { assert, TickerError } from '@tickerplant/core';
import { blockEndBE } from './blocks.ts';

/** What `read` found. Refilled by the next `read`: borrowed. */
export interface ReadResult {
  /** Messages copied; 0 if the first one asked for is not there or does not fit. */
  readonly count: number;
  /** Where the copied blocks end. */
  readonly end: number;
}

/** Where a request server finds messages by number: blocks with big-endian lengths. */
export interface MessageStore {
  /** The oldest number kept; `nextSeq` if there is none. */
  readonly firstSeq: number;
  /** The number after the newest. */
  readonly nextSeq: number;
  /**
   * Copies whole blocks, from message `seq` on, into `out[at, end)`: at most `countMax`, as many as fit, and none
   * after a number that is not there.
   */
  read(seq: number, countMax: number, out: Uint8Array, at: number, end: number): ReadResult;
}

/** Least size: any packet must fit. */
const BYTES_MIN = 65_536;
const DIGEST_BYTES_MAX = 65_536;
/** Entries there are for so many bytes; with smaller packets than this the entries are the bound. */
const BYTES_PER_ENTRY = 64;

/**
 * The latest messages, by number, in a bounded memory that is allocated at once. One entry is one packet's
 * blocks, so that appending is one copy; the oldest entries make room.
 *
 *   0              write          oldest                    bytesMax
 *   │ newer entries │ (free)       │ older entries │ (unused) │
 */
export class MessageRing implements MessageStore {
  private readonly data: Buffer;
  private readonly mask: number;
  private readonly seqs: Float64Array;
  private readonly counts: Uint32Array;
  private readonly offsets: Float64Array;
  private readonly lengths: Uint32Array;
  /** Of the entries that are marked: CRC-32 of all blocks up to the entry's end; empty where nobody compares. */
  private readonly digests: Uint32Array;
  private readonly marked: Uint8Array;
  /** The digest of what went before the oldest entry. */
  private digestBefore = 0;
  /** The first entry that no digest covers yet, where it begins, and the bytes from there on: they lie in one piece. */
  private undigested = 0;
  private undigestedAt = 0;
  private undigestedBytes = 0;
  /** So many bytes are digested at a time: one call for each packet would cost more than the digest itself. */
  private readonly digestBytes: number;
  /** Whether every number since the session's beginning (or since `clear` gave a digest) has been appended. */
  private whole = true;
  /** Entries ever evicted and ever appended: slots are these, modulo the number of slots. */
  private oldest = 0;
  private newest = 0;
  private write = 0;
  private used = 0;
  private next: number;
  private readonly result: { count: number; end: number } = { count: 0, end: 0 };

  /**
   * @param bytesMax memory for blocks, at least 65536; about a third more is taken for the index.
   * @param next the first number to be appended.
   * @param digests whether to keep digests, for `digestAt`. The oldest entries then make room in stretches of up to 64 KiB, or
   *   a sixteenth of the memory.
   * @throws TickerError `SEQUENCE_BAD_OPTION`
   */
  constructor(bytesMax: number, next = 1, digests = false) {
    if (!Number.isInteger(bytesMax) || bytesMax < BYTES_MIN) {
      throw new TickerError('SEQUENCE_BAD_OPTION', `expected bytesMax of at least ${BYTES_MIN}, got ${bytesMax}`);
    }
    // Written once at the start: the kernel gives memory when it is first written, and that would be while packets come.
    this.data = Buffer.allocUnsafeSlow(bytesMax).fill(0);
    const slots = 2 ** Math.ceil(Math.log2(bytesMax / BYTES_PER_ENTRY));
    this.mask = slots - 1;
    this.seqs = new Float64Array(slots);
    this.counts = new Uint32Array(slots);
    this.offsets = new Float64Array(slots);
    this.lengths = new Uint32Array(slots);
    this.digests = new Uint32Array(digests ? slots : 0);
    this.marked = new Uint8Array(digests ? slots : 0);
    this.digestBytes = Math.min(DIGEST_BYTES_MAX, bytesMax / 16);
    this.next = next;
  }

  get firstSeq(): number {
    return this.oldest === this.newest ? this.next : this.seqs[this.oldest & this.mask]!;
  }

  get nextSeq(): number {
    return this.next;
  }

  /** Bytes of the blocks kept. */
  get bytes(): number {
    return this.used;
  }

  /**
   * Forgets everything: a new session begins with `next`.
   *
   * @param digest of what went before `next`; null: nobody knows, and so there will be none.
   */
  clear(next = 1, digest: number | null = 0): void {
    this.digestBefore = digest ?? 0;
    this.undigested = 0;
    this.undigestedAt = 0;
    this.undigestedBytes = 0;
    this.whole = digest !== null;
    this.oldest = 0;
    this.newest = 0;
    this.write = 0;
    this.used = 0;
    this.next = next;
  }

  /**
   * Keeps `count` blocks, `bytes[start, end)`, as messages `seq` and up. `seq` may lie beyond `nextSeq` (the
   * numbers between were lost) but not before it.
   */
  append(bytes: Uint8Array, start: number, end: number, seq: number, count: number): void {
    const length = end - start;
    const { data, mask } = this;
    // The texts are made only when needed: this runs for every packet.
    if (seq !== this.next) {
      if (seq < this.next) assert(false, `expected message ${this.next} or later, got ${seq}`);
      this.whole = false;
    }
    if (length > data.length) assert(false, `expected blocks of at most ${data.length} bytes, got ${length}`);
    if (this.newest - this.oldest > mask) this.evict();
    if (this.write + length > data.length) {
      // Not enough left at the end: what lies there is the oldest, and goes.
      while (this.oldest !== this.newest && this.offsets[this.oldest & mask]! >= this.write) this.evict();
      this.digest();
      this.write = 0;
      this.undigestedAt = 0;
    }
    const from = this.write;
    const to = from + length;
    while (this.oldest !== this.newest) {
      const offset = this.offsets[this.oldest & mask]!;
      if (offset < from || offset >= to) break;
      this.evict();
    }
    data.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), from);
    const slot = this.newest++ & mask;
    this.seqs[slot] = seq;
    this.counts[slot] = count;
    this.offsets[slot] = from;
    this.lengths[slot] = length;
    this.write = to;
    this.used += length;
    this.next = seq + count;
    if (this.digests.length === 0) return;
    this.marked[slot] = 0;
    this.undigestedBytes += length;
    if (this.undigestedBytes >= this.digestBytes) this.digest();
  }

  read(seq: number, countMax: number, out: Uint8Array, at: number, end: number): ReadResult {
    const { data, mask, result } = this;
    let count = 0;
    // What lies in one piece, as nearly all does, is copied in one piece.
    let pieceFrom = 0;
    let pieceTo = 0;
    for (let index = this.find(seq); index < this.newest && count < countMax; index++) {
      const slot = index & mask;
      const entrySeq = this.seqs[slot]!;
      const wanted = seq + count;
      // Such a number was lost, or is older than what is kept.
      if (wanted < entrySeq || wanted >= entrySeq + this.counts[slot]!) break;
      let from = this.offsets[slot]!;
      const entryEnd = from + this.lengths[slot]!;
      for (let skip = wanted - entrySeq; skip > 0; skip--) from = blockEndBE(data, from);
      if (from !== pieceTo) {
        at = copyTo(out, at, data, pieceFrom, pieceTo);
        pieceFrom = from;
        pieceTo = from;
      }
      const room = end - at - (pieceTo - pieceFrom);
      let taken = this.counts[slot]! - (wanted - entrySeq);
      let to = entryEnd;
      if (taken > countMax - count || entryEnd - from > room) {
        const most = Math.min(taken, countMax - count);
        to = from;
        for (taken = 0; taken < most; taken++) {
          const blockEnd = blockEndBE(data, to);
          if (blockEnd - from > room) break;
          to = blockEnd;
        }
      }
      pieceTo = to;
      count += taken;
      if (to < entryEnd) break;
    }
    result.count = count;
    result.end = copyTo(out, at, data, pieceFrom, pieceTo);
    return result;
  }

  /** The number from which on the latest blocks are, of at most so many bytes. */
  firstWithin(bytes: number): number {
    let first = this.next;
    for (let index = this.newest - 1; index >= this.oldest; index--) {
      bytes -= this.lengths[index & this.mask]!;
      if (bytes < 0) break;
      first = this.seqs[index & this.mask]!;
    }
    return first;
  }

  /** The first number kept from `seq` on; `nextSeq` if there is none. */
  after(seq: number): number {
    const index = this.find(seq);
    for (let entry = index; entry < this.newest; entry++) {
      const first = this.seqs[entry & this.mask]!;
      if (seq < first) return first;
      if (seq < first + this.counts[entry & this.mask]!) return seq;
    }
    return this.next;
  }

  /**
   * Digest of everything before message `seq`, the same wherever the same messages were appended, however they were
   * packed.
   *
   * @returns undefined where it isn't known: none are kept, numbers have been left out, `seq` is older than what is
   *   kept or still to come.
   */
  digestAt(seq: number): number | undefined {
    const { mask } = this;
    if (this.digests.length === 0 || !this.whole || seq > this.next || seq < this.firstSeq) return undefined;
    this.digest();
    if (this.oldest === this.newest) return this.digestBefore;
    const index = seq === this.next ? this.newest : this.find(seq);
    let first = index;
    while (first > this.oldest && this.marked[(first - 1) & mask] === 0) first--;
    const digest = first === this.oldest ? this.digestBefore : this.digests[(first - 1) & mask]!;
    if (index === this.newest) return digest;
    // What lies between two marks lies in one piece.
    const slot = index & mask;
    const from = this.offsets[first & mask]!;
    let to = this.offsets[slot]!;
    for (let skip = seq - this.seqs[slot]!; skip > 0; skip--) to = blockEndBE(this.data, to);
    return to > from ? crc32(this.data.subarray(from, to), digest) : digest;
  }

  /** Digests what has come since the last time, and marks the newest entry. */
  private digest(): void {
    if (this.undigestedBytes === 0) return;
    const { mask, undigested, undigestedAt } = this;
    const before = undigested === this.oldest ? this.digestBefore : this.digests[(undigested - 1) & mask]!;
    const slot = (this.newest - 1) & mask;
    this.digests[slot] = crc32(this.data.subarray(undigestedAt, undigestedAt + this.undigestedBytes), before);
    this.marked[slot] = 1;
    this.undigested = this.newest;
    this.undigestedAt += this.undigestedBytes;
    this.undigestedBytes = 0;
  }

  /** Index of the last entry that begins at `seq` or before; the oldest if there is none. */
  private find(seq: number): number {
    let low = this.oldest;
    let high = this.newest;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.seqs[middle & this.mask]! > seq) high = middle;
      else low = middle + 1;
    }
    return low > this.oldest ? low - 1 : low;
  }

  /** Makes room: of the oldest entry, with digests of all entries up to the first mark. */
  private evict(): void {
    let slot: number;
    do {
      if (this.oldest === this.undigested) this.digest();
      slot = this.oldest++ & this.mask;
      this.used -= this.lengths[slot]!;
    } while (this.digests.length > 0 && this.marked[slot] === 0);
    if (this.digests.length > 0) this.digestBefore = this.digests[slot]!;
  }
}

/** Copies `bytes[from, to)` to `out[at …]`. @returns where the copy ends. */
function copyTo(out: Uint8Array, at: number, bytes: Uint8Array, from: number, to: number): number {
  if (to > from) out.set(bytes.subarray(from, to), at);
  return at + to - from;
}
