import type { ImageRow, RunRow } from '@tickerplant/journal';
import type { SavedPlantChannel } from '../channel.ts';
import { ChannelRecord } from './channel-record.ts';

/** A channel while its rows are read. */
interface Reading {
  readonly record: ChannelRecord;
  /** The latest messages, in order and without a gap. */
  tail: RunRow[];
  tailBytes: number;
  /** Of everything before the tail; null: not known. */
  digest: number | null;
  /** What comes now doesn't follow what there is. */
  broken: boolean;
}

/**
 * Puts together what the rows of a plant's journal say: of each channel the image and the messages after it, as far as
 * they follow without a gap. What comes of it was true at some moment.
 */
export class JournalReading {
  /** By channel, to go on with. */
  readonly records: Map<number, ChannelRecord> = new Map();
  private readonly channels = new Map<number, Reading>();
  private readonly tailBytesMax: number;
  private wrong: string | undefined;

  /** @param tailBytesMax of each channel's latest messages, so much is wanted. */
  constructor(tailBytesMax: number) {
    this.tailBytesMax = tailBytesMax;
  }

  image(row: ImageRow): void {
    const record = new ChannelRecord(row.channel);
    record.restoreImage(row);
    this.records.set(row.channel, record);
    this.channels.set(row.channel, { record, tail: [], tailBytes: 0, digest: row.digest, broken: false });
  }

  run(row: RunRow): void {
    const reading = this.channels.get(row.channel);
    if (reading === undefined) this.wrong ??= `expected an image of channel ${row.channel}, found messages only`;
    if (reading === undefined || reading.broken) return;
    const { record } = reading;
    // Before the first of them, a digest is known only if there was nothing, or exactly the image.
    const before = row.seq === 1 ? 0 : row.seq === record.next ? record.digestNow : null;
    const wrong = record.restoreRun(row);
    if (wrong !== undefined) {
      this.wrong ??= wrong;
      reading.broken = true;
      return;
    }
    const last = reading.tail.at(-1);
    const expected = last === undefined ? row.seq : last.seq + last.count;
    if (row.seq !== expected) {
      this.wrong ??= `expected message ${expected} of ${row.session}, found ${row.seq}`;
      reading.tail = [];
      reading.tailBytes = 0;
    }
    if (reading.tail.length === 0) reading.digest = before;
    reading.tail.push(row);
    reading.tailBytes += row.blocks.length;
    while (reading.tailBytes > this.tailBytesMax) this.shorten(reading);
  }

  /** Judges what was read, when all has been. @returns why it isn't a sound journal; undefined: it fits together. */
  fault(): string | undefined {
    for (const reading of this.channels.values()) {
      const { tail, record } = reading;
      const last = tail.at(-1);
      if (last === undefined || last.seq + last.count === record.next) continue;
      this.wrong ??= `expected messages up to ${record.next} of ${last.session}, found them up to ${last.seq + last.count}`;
      // The image goes further: it is good without them.
      while (reading.tail.length > 0) this.shorten(reading);
      reading.digest = record.digestNow;
    }
    return this.wrong;
  }

  /** The channels, as one plant gives them another. */
  saved(): SavedPlantChannel[] {
    return [...this.channels.values()].map((reading) => {
      // Without a digest nothing could be compared: rather a run less.
      if (reading.digest === null && reading.tail.length > 1) this.shorten(reading);
      const { record, digest, tail } = reading;
      return record.save(
        digest,
        tail.map(({ seq, count, blocks }) => ({ seq, count, blocks })),
      );
    });
  }

  private shorten(reading: Reading): void {
    const gone = reading.tail.shift()!;
    reading.tailBytes -= gone.blocks.length;
    reading.digest = gone.digest;
  }
}
