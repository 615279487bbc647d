import { JournalKeeper, type JournalPlace } from './keeper.ts';
import type { ReceiptContents } from './receipts.ts';
import { serveJournal } from './serve.ts';

// The file of a thread: see `receiptThread`.

serveJournal<JournalPlace, string, ReceiptContents>((place, tell) => {
  const keeper = new JournalKeeper(place, tell, () => {});
  return {
    open: (nowMs) => {
      keeper.open({ image: () => {}, run: () => {}, fault: () => undefined }, nowMs);
      return { receipts: keeper.receipts };
    },
    request: (text, nowMs) => keeper.receipt(text, nowMs),
    tick: (nowMs) => keeper.tick(nowMs),
    close: () => keeper.close(),
  };
});
