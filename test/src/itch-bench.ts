import assert from 'node:assert/strict';
import { ITCH_TEMPLATES, ItchNormaliser } from '@tickerplant/feed-itch';
import { ChannelSet, ChannelWriter, CountingSink } from '@tickerplant/feed-runtime';
import { SlowCache } from '@tickerplant/testkit';
import { type Fields, SlowItch } from './slow-itch.ts';

export interface ItchBenchOptions {
  readonly day: number;
  readonly zoneOffsetNs: number;
  /** @default true */
  readonly depth?: boolean;
}

const RECORDS = 'ITCH';
const DEPTH = 'ITCHD';

/** The normaliser and the slow computation side by side, fed with the same messages. */
export class ItchBench {
  readonly normaliser: ItchNormaliser;
  readonly slow: SlowItch;
  readonly faults: { readonly position: number; readonly code: string }[] = [];
  /** Of the channel of records and that of depth. */
  readonly caches: readonly SlowCache[] = [new SlowCache(), new SlowCache()];
  /** Normalised messages. */
  messages = 0;
  readonly #channels: readonly ChannelWriter[];
  readonly #day: string;
  #position = 0;
  #epoch = 0;

  constructor({ day, zoneOffsetNs, depth = true }: ItchBenchOptions) {
    this.#day = new Date(day * 86_400_000).toISOString().slice(0, 10);
    this.#channels = this.caches.map((cache, index) => {
      const writer = new ChannelWriter(`C${index}`, ITCH_TEMPLATES);
      writer.attach(
        new CountingSink((bytes, length) => {
          this.messages++;
          cache.apply(bytes, 0, length);
        }),
      );
      return writer;
    });
    const [records, deep] = this.#channels as [ChannelWriter, ChannelWriter];
    this.#begin();
    this.normaliser = new ItchNormaliser({
      services: {
        records: new ChannelSet(RECORDS, [records], () => 0),
        ...(depth ? { depth: new ChannelSet(DEPTH, [deep], () => 0) } : {}),
      },
      day,
      zoneOffsetNs,
      fault: (code, _message, _bytes, _start, _length, position) => this.faults.push({ position, code }),
    });
    this.slow = new SlowItch({ day, zoneOffsetNs, records: RECORDS, ...(depth ? { depth: DEPTH } : {}) });
  }

  send(bytes: Uint8Array, start = 0, length: number = bytes.length): void {
    this.#position++;
    this.normaliser.message(bytes, start, length, this.#position);
    this.slow.apply(bytes, start, length);
  }

  lost(): void {
    this.normaliser.lost(this.#position + 1, this.#position + 2);
    this.slow.lost();
  }

  /** A new vendor session. */
  reset(): void {
    this.normaliser.reset();
    this.#begin();
    this.slow.reset();
  }

  /** An item's fields as the normaliser has published them. */
  published(subject: string): Fields | undefined {
    return this.caches.map((cache) => cache.json(subject)).find((fields) => fields !== undefined);
  }

  quality(subject: string): string | undefined {
    return this.caches.map((cache) => cache.items.get(subject)?.quality).find((quality) => quality !== undefined);
  }

  /** Asserts that items, qualities, faults and all values of LIVE items are what they must be. */
  check(): void {
    assert.deepEqual(this.faults, this.slow.faults);
    const { subjects } = this.slow;
    const published = this.caches.flatMap((cache) => [...cache.items.keys()]);
    assert.deepEqual(published.sort(), [...subjects].sort());
    for (const subject of subjects) {
      const quality = this.slow.quality(subject);
      assert.equal(this.quality(subject), quality, `quality of ${subject} after ${this.#position}`);
      if (quality !== 'LIVE') continue;
      assert.deepEqual(this.published(subject), this.slow.expected(subject), `${subject} after ${this.#position}`);
    }
  }

  #begin(): void {
    this.#epoch++;
    for (const channel of this.#channels) channel.begin(this.#day, this.#epoch);
  }
}
