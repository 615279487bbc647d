import { join } from 'node:path';
import type { Clock } from '@tickerplant/core';
import type { Floor, FloorJournal } from '@tickerplant/floor';
import { JOURNAL_COUNTERS, JournalThread } from '@tickerplant/journal';
import type { CounterRegistry, Logger } from '@tickerplant/telemetry';
import type { PlantChannel, SavedPlantChannel } from '../channel.ts';
import { JournalFeed } from './feed.ts';
import type { PlantJournalContents, PlantJournalPlace, PlantJournalRequest } from './requests.ts';

const MS = 1_000_000n;
/** Between two steps of handing over: what a crash of the machine may cost, and a few copies of some KiB. */
const STEP_MS = 10;
/** Steps at the end, for what is still to be handed over. */
const LAST_STEPS = 64;
/** A channel's least share of the file: images of many small channels would follow one another. */
const CHANNEL_BYTES_MIN = 256 * 1024;

export interface PlantJournalOptions {
  readonly floor: Floor;
  readonly journal: FloorJournal;
  /** The plant's name. */
  readonly name: string;
  readonly channels: readonly PlantChannel[];
  /** Bytes of the latest messages of each channel to be had back. */
  readonly tailBytes: number;
  readonly registry: CounterRegistry;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The journal of a running plant: the thread that writes it, and what hands over to it. */
export class PlantJournal {
  readonly #thread: JournalThread<PlantJournalRequest, PlantJournalContents>;
  readonly #feed: JournalFeed;
  readonly #clock: Clock;
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlantJournalOptions) {
    const { floor, journal, name, channels, tailBytes, registry, logger, clock } = options;
    const counters = registry.create(JOURNAL_COUNTERS);
    this.#clock = clock;
    this.#path = join(journal.dir, `plant-${name}.sqlite`);
    const place: PlantJournalPlace = {
      path: this.#path,
      owner: `${floor.name} plant/${name}`,
      channelBytes: Math.max(CHANNEL_BYTES_MIN, Math.floor(journal.bytes / channels.length)),
      tailBytes,
    };
    this.#thread = new JournalThread({
      file: new URL('./writer.js', import.meta.url),
      place,
      counters,
      trouble: (code, message, facts) => logger.error({ code, path: this.#path, ...facts }, message),
      event: (event, facts) => logger.info({ path: this.#path, ...facts }, event),
      onAnew: () => this.#feed.reset(),
    });
    this.#feed = new JournalFeed(channels, this.#thread, counters);
  }

  /** Opens the file. @returns what it holds; undefined: it could not be had */
  async open(): Promise<PlantJournalContents | undefined> {
    const contents = await this.#thread.open();
    this.#timer = setInterval(() => this.#step(), STEP_MS);
    return contents;
  }

  /** A channel took over a state. */
  restored(index: number, saved: SavedPlantChannel, from: 'journal' | 'plant'): void {
    if (from === 'journal') this.#feed.resumed(index, saved);
    else this.#feed.restored(index, saved, this.#wallMs());
  }

  receipt(text: string): void {
    this.#thread.send({ kind: 'receipt', text }, text.length);
  }

  /** For `ticker status`. */
  status(): Record<string, unknown> {
    return { path: this.#path, ...this.#thread.status() };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (let left = LAST_STEPS; left > 0; left--) this.#step();
    await this.#thread.close();
  }

  #step(): void {
    this.#feed.step(this.#clock.monotonicNs(), this.#wallMs());
  }

  #wallMs(): number {
    return Number(this.#clock.wallNs() / MS);
  }
}
