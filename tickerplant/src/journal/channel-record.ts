import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { ImageRow, RunRow } from '@tickerplant/journal';
import type { SavedRun } from '@tickerplant/pair';
import { CurrentValues, type SavedValues } from '../cache.ts';
import type { SavedPlantChannel } from '../channel.ts';
import { CACHE_COUNTERS } from '../counters.ts';
import type { JournalBegin, JournalRuns } from './requests.ts';

/** A run in the file, as far as its bound needs it. */
interface KeptRun {
  readonly seq: number;
  readonly next: number;
  readonly bytes: number;
}

/**
 * One channel of a plant's journal: its values as the written messages make them, so that an image can be written at any
 * time without asking the plant, and what of it is in the file.
 */
export class ChannelRecord {
  readonly channel: number;
  private readonly values: CurrentValues;
  private generation = 0;
  private session = '';
  private digest: number | null = null;
  private writtenMs = 0;
  /** The number after the last message of the image in the file. */
  private imageNext = 0;
  private sinceImage = 0;
  private kept: KeptRun[] = [];
  private keptBytes = 0;

  constructor(channel: number) {
    this.channel = channel;
    // What is wrong with messages the plant itself counts and keeps.
    this.values = new CurrentValues(CACHE_COUNTERS.create(), () => {});
  }

  /** The number of the message that comes next. */
  get next(): number {
    return this.values.next;
  }

  /** Bytes of messages since the image in the file. */
  get bytesSinceImage(): number {
    return this.sinceImage;
  }

  // — from the plant —————————————————————————————————————————————————————————————————————————————————————————————

  begin({ session, next, digest, values, wallMs }: JournalBegin): void {
    this.generation++;
    this.session = session;
    this.digest = digest;
    this.writtenMs = wallMs;
    if (values === undefined) this.values.clear();
    else this.values.restore(values);
    this.values.next = next;
  }

  /** Takes messages in. @returns the rows for the file */
  take({ seq, counts, ends, blocks, wallMs }: JournalRuns): RunRow[] {
    this.writtenMs = wallMs;
    let from = 0;
    return counts.map((count, index) => {
      const piece = blocks.subarray(from, ends[index]!);
      const row = this.takeRun(seq, count, piece);
      from = ends[index]!;
      seq += count;
      return row;
    });
  }

  private takeRun(seq: number, count: number, blocks: Uint8Array): RunRow {
    const { channel, generation, session, writtenMs } = this;
    if (this.digest !== null) this.digest = crc32(blocks, this.digest);
    this.values.consume(blocks, 0, blocks.length, seq, count);
    this.keep(seq, count, blocks.length);
    return { channel, generation, session, seq, count, digest: this.digest, writtenMs, blocks };
  }

  // — to the file ————————————————————————————————————————————————————————————————————————————————————————————————

  /** The row of an image as of now. */
  image(): ImageRow {
    const { channel, generation, session, next, digest, writtenMs } = this;
    return { channel, generation, session, next, digest, writtenMs, image: serialize(this.values.save()) };
  }

  /** An image was written. */
  imageWritten(): void {
    this.imageNext = this.next;
    this.sinceImage = 0;
  }

  /** An image was written into a file that holds nothing else of the channel. */
  begun(): void {
    this.imageWritten();
    this.kept = [];
    this.keptBytes = 0;
  }

  /**
   * Forgets the oldest runs until at most so many bytes are kept; never any that come after the image.
   *
   * @returns the number from which on runs stay in the file.
   */
  prune(bytesMax: number): number {
    let gone = 0;
    for (const { next, bytes } of this.kept) {
      if (this.keptBytes <= bytesMax || next > this.imageNext) break;
      this.keptBytes -= bytes;
      gone++;
    }
    this.kept.splice(0, gone);
    return this.kept[0]?.seq ?? this.next;
  }

  private keep(seq: number, count: number, bytes: number): void {
    this.kept.push({ seq, next: seq + count, bytes });
    this.keptBytes += bytes;
    if (seq >= this.imageNext) this.sinceImage += bytes;
  }

  // — from the file ——————————————————————————————————————————————————————————————————————————————————————————————

  restoreImage({ generation, session, next, digest, writtenMs, image }: ImageRow): void {
    this.values.restore(deserialize(image) as SavedValues);
    this.generation = generation;
    this.session = session;
    this.digest = digest;
    this.writtenMs = writtenMs;
    this.values.next = next;
    this.imageNext = next;
  }

  /**
   * Takes a run of the file in. What comes after the image must follow it without a gap, and have the digest that it says.
   *
   * @returns what is wrong.
   */
  restoreRun({ generation, session, seq, count, digest, writtenMs, blocks }: RunRow): string | undefined {
    if (generation !== this.generation || session !== this.session) {
      return `expected messages of ${this.session}, record ${this.generation}, found ${session}, record ${generation}`;
    }
    if (seq + count <= this.imageNext) {
      this.keep(seq, count, blocks.length);
      return undefined;
    }
    if (seq !== this.next) return `expected message ${this.next} of ${session}, found ${seq}`;
    if (this.digest !== null && crc32(blocks, this.digest) !== digest) {
      return `expected messages with digest ${String(digest)} from ${seq} of ${session} on, found others`;
    }
    this.takeRun(seq, count, blocks);
    this.writtenMs = writtenMs;
    return undefined;
  }

  /** As one plant gives it another. */
  save(digest: number | null, tail: readonly SavedRun[]): SavedPlantChannel {
    const { channel: id, session, next, writtenMs: asOfMs } = this;
    return { id, session, next, digest, values: this.values.save(), tail, asOfMs };
  }

  /** Of everything so far. */
  get digestNow(): number | null {
    return this.digest;
  }
}
