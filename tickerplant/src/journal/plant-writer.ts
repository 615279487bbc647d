import { JournalKeeper, type JournalNews, type JournalStore, type JournalWriter } from '@tickerplant/journal';
import { ChannelRecord } from './channel-record.ts';
import { JournalReading } from './reading.ts';
import type { JournalRuns, PlantJournalContents, PlantJournalPlace, PlantJournalRequest } from './requests.ts';

/** An image is written after so large a part of what a channel may keep: the more often, the less there is to work off at a start. */
const IMAGE_SHARE = 4;

/**
 * Writes a plant's journal: of each channel an image, the messages after it, and as many of those before it as the bound
 * allows. It keeps values of its own, so that an image never holds up the plant.
 */
export class PlantWriter implements JournalWriter<PlantJournalRequest, PlantJournalContents> {
  private readonly place: PlantJournalPlace;
  private readonly keeper: JournalKeeper;
  private records = new Map<number, ChannelRecord>();

  constructor(place: PlantJournalPlace, tell: (news: JournalNews) => void) {
    this.place = place;
    this.keeper = new JournalKeeper(place, tell, (store) => this.rewrite(store));
  }

  open(nowMs: number): PlantJournalContents {
    const reading = new JournalReading(this.place.tailBytes);
    this.records = reading.records;
    this.keeper.open(reading, nowMs);
    return { channels: reading.saved(), receipts: [...this.keeper.receipts] };
  }

  request(request: PlantJournalRequest, nowMs: number): void {
    switch (request.kind) {
      case 'begin': {
        const record = this.records.get(request.channel) ?? new ChannelRecord(request.channel);
        this.records.set(request.channel, record);
        record.begin(request);
        this.keeper.write((store) => {
          store.begin(record.image());
          record.begun();
        }, nowMs);
        return;
      }
      case 'runs':
        this.runs(request, nowMs);
        return;
      case 'receipt':
        this.keeper.receipt(request.text, nowMs);
        return;
    }
  }

  tick(nowMs: number): void {
    this.keeper.tick(nowMs);
  }

  close(): void {
    this.keeper.close();
  }

  private runs(request: JournalRuns, nowMs: number): void {
    const record = this.records.get(request.channel);
    if (record?.next !== request.seq) {
      // Nothing that could be loaded may come of this: the thread ends, and another one begins anew.
      throw new Error(`expected message ${record?.next} of channel ${request.channel}, got ${request.seq}`);
    }
    const rows = record.take(request);
    const { channelBytes } = this.place;
    const due = record.bytesSinceImage >= channelBytes / IMAGE_SHARE;
    this.keeper.write((store) => {
      for (const row of rows) store.run(row);
      if (!due) return;
      store.image(record.image());
      record.imageWritten();
      // Room for what comes until the next image.
      store.prune(record.channel, record.prune(channelBytes - channelBytes / IMAGE_SHARE));
    }, nowMs);
  }

  /** Everything anew, into a file that holds nothing that counts. */
  private rewrite(store: JournalStore): void {
    for (const record of this.records.values()) {
      store.begin(record.image());
      record.begun();
    }
  }
}
