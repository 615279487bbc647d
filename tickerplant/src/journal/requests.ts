import type { JournalPlace } from '@tickerplant/journal';
import type { SavedValues } from '../cache.ts';
import type { SavedPlantChannel } from '../channel.ts';

// What a plant and the thread that writes its journal tell each other.

export interface PlantJournalPlace extends JournalPlace {
  /** Bytes of recent messages that each channel may keep in the file. */
  readonly channelBytes: number;
  /** Bytes of the latest messages of each channel that the plant wants back at its start. */
  readonly tailBytes: number;
}

/** A channel begins anew: everything that the journal holds of it is void. */
export interface JournalBegin {
  readonly kind: 'begin';
  readonly channel: number;
  readonly session: string;
  /** The number after the last message in the values. */
  readonly next: number;
  /** Of everything before `next`; null: not known. */
  readonly digest: number | null;
  /** Undefined: none yet. */
  readonly values: SavedValues | undefined;
  readonly wallMs: number;
}

/** Messages that follow those of before. */
export interface JournalRuns {
  readonly kind: 'runs';
  readonly channel: number;
  readonly seq: number;
  /** In pieces of some KiB, as they will stand in the file: messages in each, and where it ends in `blocks`. */
  readonly counts: readonly number[];
  readonly ends: readonly number[];
  readonly blocks: Uint8Array;
  readonly wallMs: number;
}

interface JournalReceipt {
  readonly kind: 'receipt';
  readonly text: string;
}

export type PlantJournalRequest = JournalBegin | JournalRuns | JournalReceipt;

/** What a plant's journal holds. */
export interface PlantJournalContents {
  readonly channels: readonly SavedPlantChannel[];
  /** As they were handed over, the oldest first. */
  readonly receipts: readonly string[];
}
