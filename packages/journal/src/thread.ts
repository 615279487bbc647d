import { type TransferListItem, Worker } from 'node:worker_threads';
import { errorMessage } from '@tickerplant/core';
import type { JournalCounters } from './counters.ts';
import type { FromWriter, ToWriter } from './serve.ts';

export interface JournalThreadOptions {
  /** The file of the thread, which calls `serveJournal`. */
  readonly file: URL;
  /** For the writer; a place, and what else it has to know. */
  readonly place: unknown;
  readonly counters: JournalCounters;
  /** What operators must read about. */
  readonly trouble: (code: string, message: string, facts: Record<string, unknown>) => void;
  /** What they may want to read about. */
  readonly event: (event: string, facts: Record<string, unknown>) => void;
  /** A thread that broke has been replaced: the new one knows nothing but what is in the file. */
  readonly onAnew?: () => void;
}

/** How long to wait for the contents at the start: a large journal on a slow disk must not keep a process from its work. */
const OPEN_MS = 30_000;
/** How long to wait at the end for what is still to be written. */
const CLOSE_MS = 5_000;
/** Before a broken thread is replaced; each time twice as long. */
const REPLACE_MS = 10_000;
const REPLACE_MS_MAX = 600_000;

/**
 * The thread that writes a journal, as the process sees it: takes what is to be written, never waits, never throws. What
 * it says of trouble reaches the log and `ticker status`; the process goes on without a journal meanwhile.
 */
export class JournalThread<Request, Contents> {
  readonly #options: JournalThreadOptions;
  #worker: Worker | undefined;
  #state: 'opening' | 'writing' | 'failed' | 'closed' = 'opening';
  /** Why it can't be written. */
  #failure: { readonly code: string; readonly message: string } | undefined;
  #inFlight = 0;
  #replaceMs = REPLACE_MS;
  #timer: NodeJS.Timeout | undefined;
  #settle: (contents: Contents | undefined) => void = () => {};
  #closed: () => void = () => {};

  constructor(options: JournalThreadOptions) {
    this.#options = options;
  }

  /** Bytes handed over that have not been dealt with. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether there is a thread to hand something to. */
  get ready(): boolean {
    return this.#worker !== undefined && this.#state !== 'opening';
  }

  /** Starts the thread. @returns what the file holds; undefined: it couldn't be had in time. */
  async open(): Promise<Contents | undefined> {
    const opened = new Promise<Contents | undefined>((resolve) => {
      this.#settle = resolve;
    });
    this.#start();
    const timer = setTimeout(() => {
      this.#broken('JOURNAL_SLOW', `expected the journal's contents within ${OPEN_MS} ms, got nothing`);
    }, OPEN_MS);
    const contents = await opened;
    clearTimeout(timer);
    return contents;
  }

  /**
   * Hands something over.
   *
   * @param bytes that it holds, for `inFlight`.
   */
  send(request: Request, bytes: number, transfer: readonly TransferListItem[] = []): void {
    if (!this.ready) return;
    this.#inFlight += bytes;
    this.#options.counters.bytes += bytes;
    this.#post({ kind: 'request', request, bytes }, transfer);
  }

  /** For `ticker status`. */
  status(): Record<string, unknown> {
    return { state: this.#state, failure: this.#failure ?? null, inFlight: this.#inFlight };
  }

  /** Writes what is still to be written, and ends the thread. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker !== undefined && this.#state !== 'opening') {
      const closed = new Promise<void>((resolve) => {
        this.#closed = resolve;
      });
      const timer = setTimeout(() => this.#closed(), CLOSE_MS);
      this.#post({ kind: 'close' });
      await closed;
      clearTimeout(timer);
    }
    this.#state = 'closed';
    this.#worker = undefined;
    this.#settle(undefined);
    await worker?.terminate();
  }

  #post(message: ToWriter<Request>, transfer: readonly TransferListItem[] = []): void {
    this.#worker!.postMessage(message, transfer);
  }

  #start(): void {
    this.#state = 'opening';
    const worker = new Worker(this.#options.file, { workerData: this.#options.place });
    this.#worker = worker;
    // It must not keep a process alive that is done.
    worker.unref();
    worker.on('message', (message: FromWriter<Contents>) => {
      if (this.#worker === worker) this.#heard(message);
    });
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#broken('JOURNAL_BROKEN', errorMessage(error));
    });
    worker.on('exit', (code) => {
      if (this.#worker === worker)
        this.#broken('JOURNAL_BROKEN', `expected the journal's thread to run, it ended (${code})`);
    });
  }

  #heard(message: FromWriter<Contents>): void {
    const { counters, trouble, event } = this.#options;
    switch (message.kind) {
      case 'opened':
        // It may have said before that it can't write.
        if (this.#state === 'opening' && this.#failure === undefined) this.#state = 'writing';
        else if (this.#state === 'opening') this.#state = 'failed';
        this.#settle(message.contents);
        return;
      case 'done':
        this.#inFlight -= message.bytes;
        return;
      case 'failed':
        this.#failed(message.code, message.message);
        if (this.#state === 'writing') this.#state = 'failed';
        return;
      case 'recovered':
        this.#recovered();
        return;
      case 'damaged': {
        const { faults, aside } = message;
        counters.damaged++;
        trouble('JOURNAL_DAMAGED', `the journal is damaged: ${faults[0]}; begun anew`, { faults, aside });
        return;
      }
      case 'closed':
        event('journal closed', {});
        this.#closed();
        return;
    }
  }

  #failed(code: string, message: string): void {
    this.#options.counters.failures++;
    this.#failure = { code, message };
    this.#options.trouble(code, `the journal is not written: ${message}; tried again later`, {});
  }

  #recovered(): void {
    this.#failure = undefined;
    this.#state = 'writing';
    this.#options.counters.recoveries++;
    this.#options.event('the journal is written again', {});
  }

  /** The thread itself is of no use any more. */
  #broken(code: string, message: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#state = 'failed';
    this.#inFlight = 0;
    this.#failed(code, message);
    this.#settle(undefined);
    this.#closed();
    void worker?.terminate();
    this.#timer = setTimeout(() => void this.#replace(), this.#replaceMs);
    this.#timer.unref();
    this.#replaceMs = Math.min(REPLACE_MS_MAX, 2 * this.#replaceMs);
  }

  async #replace(): Promise<void> {
    this.#failure = undefined;
    if ((await this.open()) === undefined || this.#worker === undefined) return;
    this.#options.onAnew?.();
    if (this.#failure === undefined) this.#recovered();
  }
}
