import { join } from 'node:path';
import type { Floor } from '@tickerplant/floor';
import { JOURNAL_COUNTERS, type JournalThread, type ReceiptContents, receiptThread } from '@tickerplant/journal';
import { type Receipt, type ReceiptReport, Receipts } from '@tickerplant/pair';
import type { CounterRegistry, Logger } from '@tickerplant/telemetry';

/** The receipts of a handler's takeovers: in its log, its status and, where the floor has a journal, on disk. */
export class HandlerReceipts {
  readonly #receipts = new Receipts();
  readonly #logger: Logger;
  readonly #journal: JournalThread<string, ReceiptContents> | undefined;

  constructor(floor: Floor, member: string, registry: CounterRegistry, logger: Logger) {
    this.#logger = logger;
    if (floor.journal === undefined) return;
    const path = join(floor.journal.dir, `handler-${member}.sqlite`);
    this.#journal = receiptThread({
      place: { path, owner: `${floor.name} handler/${member}` },
      counters: registry.create(JOURNAL_COUNTERS),
      trouble: (code, message, facts) => logger.error({ code, path, ...facts }, message),
      event: (event, facts) => logger.info({ path, ...facts }, event),
    });
  }

  /** Reads those of before. Nobody need wait for it: a handler that starts again shall be there soon. */
  async open(): Promise<void> {
    const contents = await this.#journal?.open();
    for (const report of this.#receipts.report()) this.#keep(report);
    this.#receipts.restore(contents?.receipts ?? []);
  }

  add(receipt: Receipt): void {
    const report = this.#receipts.add(receipt);
    this.#keep(report);
    this.#logger.info({ receipt: report }, 'takeover');
  }

  /** For `ticker status`. */
  status(): Record<string, unknown> {
    return { receipts: this.#receipts.report(), journal: this.#journal?.status() ?? null };
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  #keep(report: ReceiptReport): void {
    const text = JSON.stringify(report);
    this.#journal?.send(text, text.length);
  }
}
