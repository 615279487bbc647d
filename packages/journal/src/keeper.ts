import { faultOf, type JournalFault, setAside } from './damage.ts';
import { type JournalVisitor, readJournal } from './read.ts';
import { JournalStore } from './store.ts';

/** Where a journal is, and whose it is. */
export interface JournalPlace {
  readonly path: string;
  /** The floor and the process: `demo plant/p1`. */
  readonly owner: string;
}

/** What is told of a journal by its writer. */
export type JournalNews =
  /** It cannot be written; tried again later. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'recovered' }
  /** Its file was no good: what is wrong, and where it is now. */
  | { readonly kind: 'damaged'; readonly faults: readonly string[]; readonly aside: string };

/** Between two tries to write again. */
const AGAIN_MS = 10_000;
/** Newest receipts kept. */
const RECEIPTS_MAX = 256;

/**
 * Holds a journal's file: opens it, sets a damaged one aside, gives up when it can't be written and tries again later.
 * For the thread that writes: every call may take as long as the disk.
 */
export class JournalKeeper {
  readonly #place: JournalPlace;
  readonly #tell: (news: JournalNews) => void;
  readonly #rewrite: (store: JournalStore) => void;
  #store: JournalStore | undefined;
  #receipts: string[] = [];
  /** Those of them that are not in the file. */
  #pending: string[] = [];
  #againMs = 0;
  /** The file itself is no good, as far as is known. */
  #damaged: JournalFault | undefined;

  /** @param rewrite writes everything that the journal shall hold, but for receipts, into a file that is new or of old contents. */
  constructor(place: JournalPlace, tell: (news: JournalNews) => void, rewrite: (store: JournalStore) => void) {
    this.#place = place;
    this.#tell = tell;
    this.#rewrite = rewrite;
  }

  /** The receipts that it holds, the oldest first. */
  get receipts(): readonly string[] {
    return this.#receipts;
  }

  /** Whether it is being written. */
  get writing(): boolean {
    return this.#store !== undefined;
  }

  /**
   * Reads the file, and opens it for writing.
   *
   * @param visitor says at the end, by `fault`, whether what it was given fits together.
   */
  open(visitor: Omit<JournalVisitor, 'receipt'> & { fault(): string | undefined }, nowMs: number): void {
    const { path, owner } = this.#place;
    try {
      const faults = readJournal(path, owner, {
        image: (row) => visitor.image(row),
        run: (row) => visitor.run(row),
        receipt: (text) => this.#receipts.push(text),
      });
      const fault = visitor.fault();
      if (fault !== undefined) faults.push(fault);
      if (faults.length === 0) this.#store = new JournalStore(path, owner);
      else this.#beginAnew(faults, nowMs);
    } catch (error) {
      this.#fail(error, nowMs);
    }
  }

  /** Writes: all of the work or nothing. Nothing happens while the journal can't be written. */
  write(work: (store: JournalStore) => void, nowMs: number): void {
    const store = this.#store;
    if (store === undefined) return;
    try {
      store.transaction(() => work(store));
    } catch (error) {
      this.#fail(error, nowMs);
    }
  }

  /** Keeps a receipt, now or when the journal can be written again. */
  receipt(text: string, nowMs: number): void {
    this.#receipts = [...this.#receipts, text].slice(-RECEIPTS_MAX);
    this.#pending = [...this.#pending, text].slice(-RECEIPTS_MAX);
    this.write((store) => this.#writeReceipts(store), nowMs);
    if (this.#store !== undefined) this.#pending = [];
  }

  /** Tries again, when it is time to. */
  tick(nowMs: number): void {
    if (this.#store !== undefined || nowMs < this.#againMs) return;
    const damaged = this.#damaged;
    try {
      if (damaged !== undefined) this.#beginAnew([`${damaged.message} (${damaged.code})`], nowMs);
      else this.#fill(new JournalStore(this.#place.path, this.#place.owner));
      this.#tell({ kind: 'recovered' });
    } catch (error) {
      // It has been said: once is enough until it works again.
      this.#again(error, nowMs);
    }
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  #beginAnew(faults: readonly string[], nowMs: number): void {
    const { path, owner } = this.#place;
    const aside = setAside(path, nowMs);
    this.#damaged = undefined;
    this.#pending = [...this.#receipts];
    this.#tell({ kind: 'damaged', faults, aside });
    this.#fill(new JournalStore(path, owner));
  }

  /** Makes the file's contents what they must be. */
  #fill(store: JournalStore): void {
    try {
      store.transaction(() => {
        this.#rewrite(store);
        this.#writeReceipts(store);
      });
      this.#store = store;
      this.#pending = [];
    } catch (error) {
      store.close();
      throw error;
    }
  }

  #writeReceipts(store: JournalStore): void {
    for (const text of this.#pending) store.receipt(text, RECEIPTS_MAX);
  }

  #fail(error: unknown, nowMs: number): void {
    const { code, message } = this.#again(error, nowMs);
    this.#tell({ kind: 'failed', code, message });
  }

  #again(error: unknown, nowMs: number): JournalFault {
    this.close();
    const fault = faultOf(error);
    this.#damaged = fault.damaged ? fault : undefined;
    this.#againMs = nowMs + AGAIN_MS;
    return fault;
  }
}
