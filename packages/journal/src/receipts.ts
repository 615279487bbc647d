import type { JournalThreadOptions } from './thread.ts';
import { JournalThread } from './thread.ts';

/** What the thread of a journal with nothing but receipts has read. */
export interface ReceiptContents {
  /** As they were handed over, the oldest first. */
  readonly receipts: readonly string[];
}

/** A thread that keeps receipts, texts, and nothing else: a handler's journal. */
export function receiptThread(options: Omit<JournalThreadOptions, 'file'>): JournalThread<string, ReceiptContents> {
  return new JournalThread({ ...options, file: new URL('./receipt-writer.js', import.meta.url) });
}
