import { type CounterSet, type Counters, counterSet } from '@tickerplant/telemetry';

const DESCRIPTIONS = {
  bytes: 'Bytes handed to the thread that writes the journal.',
  failures: 'Times that the journal ceased to be written: a full disk, a folder without permission, a broken thread.',
  recoveries: 'Times that it was written again afterwards.',
  damaged: 'Journals found damaged, set aside and begun anew.',
  lagging: 'Times that messages had to wait in the memory for repair because the writer had enough to do.',
  skipped: 'Messages that the journal lacks because they had to make room before the writer was ready for them.',
  images: 'Images handed over by the plant itself, because the journal of a channel had a hole or had to begin anew.',
} as const;

/** What a process counts of its journal. */
export const JOURNAL_COUNTERS: CounterSet<typeof DESCRIPTIONS> = counterSet('journal', DESCRIPTIONS);
export type JournalCounters = Counters<typeof DESCRIPTIONS>;
