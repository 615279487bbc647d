export { JOURNAL_COUNTERS, type JournalCounters } from './counters.ts';
export { JournalKeeper, type JournalNews, type JournalPlace } from './keeper.ts';
export { type ReceiptContents, receiptThread } from './receipts.ts';
export type { ImageRow, RunRow } from './rows.ts';
export { type JournalWriter, serveJournal } from './serve.ts';
export type { JournalStore } from './store.ts';
export { JournalThread } from './thread.ts';
