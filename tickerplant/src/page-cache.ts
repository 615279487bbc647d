import { type Page, PageEncoder, PageOrder, PageStep, PageValue } from '@tickerplant/pages';
import { PageFlag, PageMessage } from '@tickerplant/records';
import type { ImageSink } from './cache.ts';
import type { CellStore } from './cells.ts';
import type { CacheCounters } from './counters.ts';

/** Bytes of updates that are kept beside an image at least, before they are drawn into it; and the image's share. */
const TAIL_BYTES_MIN = 2048;
const TAIL_SHARE = 2;

/** A page, as cells with its messages. */
interface KeptPage {
  readonly order: PageOrder;
  /** The parts of the image and the updates since. */
  kept: number[];
  imageBytes: number;
  tailBytes: number;
  /** Flags of the image, without that of the last part. */
  flags: number;
  /** The parts of the image that is under way. */
  coming: number[];
  comingBytes: number;
  /** Number of the last message about it, whether it is kept or not. */
  lastSeq: number;
}

/**
 * The pages of one channel. Like records they are kept as their messages: those of the last image and the updates since.
 * When the updates have grown too long, all is drawn once and written anew as an image: a page takes as many bytes as its
 * image on the wire, and half as many again, which is far less than ten bytes a cell.
 */
export class PageCache {
  readonly #cells: CellStore;
  readonly #counters: CacheCounters;
  readonly #byRow = new Map<number, KeptPage>();
  /** Rows with an image under way. */
  readonly #loading = new Set<number>();
  readonly #message = new PageMessage();
  readonly #encoder = new PageEncoder();

  constructor(cells: CellStore, counters: CacheCounters) {
    this.#cells = cells;
    this.#counters = counters;
  }

  /**
   * Takes a message of the page in a row.
   *
   * @param view of all of `bytes`.
   * @returns what it did, or what is wrong with it.
   */
  take(row: number, bytes: Uint8Array, view: DataView, from: number, to: number, seq: number): PageStep | string {
    const message = this.#message;
    const page = this.#byRow.get(row) ?? this.#begin(row);
    const { order } = page;
    page.lastSeq = seq;
    const unread = message.read(bytes, from, to);
    if (unread !== undefined) {
      this.#void(row, page);
      return unread;
    }
    const step = order.step(message);
    const ending = step === PageStep.PART || step === PageStep.IMAGE ? message.part === 0 : true;
    if (ending) this.#dropComing(row, page);
    switch (step) {
      case PageStep.PART:
      case PageStep.IMAGE:
        page.coming.push(this.#cells.put(0, view, from, to - from, seq));
        page.comingBytes += to - from;
        if (step === PageStep.IMAGE) this.#complete(row, page, message.flags);
        else this.#loading.add(row);
        return step;
      case PageStep.UPDATE:
        page.kept.push(this.#cells.put(0, view, from, to - from, seq));
        page.tailBytes += to - from;
        if (page.tailBytes > Math.max(TAIL_BYTES_MIN, page.imageBytes / TAIL_SHARE)) this.#fold(page, seq);
        return step;
      case PageStep.NO_IMAGE:
        return 'expected an image before the first update';
      case PageStep.OUT_OF_ORDER:
        this.#void(row, page);
        return `expected the next part of an image, found part ${message.part}`;
      case PageStep.FAULT:
        this.#void(row, page);
        return order.fault!;
    }
  }

  /** Messages are lost: images under way will not be completed. */
  interrupt(): void {
    for (const row of this.#loading) {
      const page = this.#byRow.get(row)!;
      page.order.interrupt();
      this.#dropComing(row, page);
    }
  }

  /** Bytes of the messages that `entries` will hand over, and so many more for each. */
  bytes(row: number, perMessage: number): number {
    const page = this.#byRow.get(row);
    if (page === undefined) return 0;
    const messages = page.kept.length + page.coming.length;
    return page.imageBytes + page.tailBytes + page.comingBytes + messages * perMessage;
  }

  /** Number of the last message about a row's page: one that voided it left nothing behind. 0: there was none. */
  lastSeq(row: number): number {
    return this.#byRow.get(row)?.lastSeq ?? 0;
  }

  /** The messages that make a row's page, in their order; those of an image under way last. */
  entries(row: number, sink: ImageSink): void {
    const page = this.#byRow.get(row);
    if (page === undefined) return;
    this.#entries(page.kept, sink);
    this.#entries(page.coming, sink);
  }

  /** Draws a row's page; undefined where there is none, or its messages could not be used. Slow. */
  page(row: number): Page | undefined {
    const page = this.#byRow.get(row);
    return page?.order.isSound ? this.#draw(page.kept) : undefined;
  }

  delete(row: number): void {
    const page = this.#byRow.get(row);
    if (page === undefined) return;
    this.#void(row, page);
    this.#byRow.delete(row);
  }

  /** Forgets everything; the cells are cleared by their owner. */
  clear(): void {
    this.#byRow.clear();
    this.#loading.clear();
  }

  #begin(row: number): KeptPage {
    const order = new PageOrder();
    const page = { order, kept: [], imageBytes: 0, tailBytes: 0, flags: 0, coming: [], comingBytes: 0, lastSeq: 0 };
    this.#byRow.set(row, page);
    return page;
  }

  #complete(row: number, page: KeptPage, flags: number): void {
    this.#free(page.kept);
    page.kept = page.coming;
    page.imageBytes = page.comingBytes;
    page.tailBytes = 0;
    page.flags = flags & ~PageFlag.LAST;
    page.coming = [];
    page.comingBytes = 0;
    this.#loading.delete(row);
    this.#counters.pageImages++;
  }

  /** The page isn't what its sender has: nothing of it is handed out until the next image. */
  #void(row: number, page: KeptPage): void {
    page.order.clear();
    this.#free(page.kept);
    page.kept = [];
    page.imageBytes = 0;
    page.tailBytes = 0;
    this.#dropComing(row, page);
  }

  #dropComing(row: number, page: KeptPage): void {
    if (page.coming.length === 0) return;
    this.#free(page.coming);
    page.coming = [];
    page.comingBytes = 0;
    this.#loading.delete(row);
  }

  /** Draws the page and keeps that, under the number of the last update. */
  #fold(page: KeptPage, seq: number): void {
    const drawn = this.#draw(page.kept);
    const item = this.#message.item;
    this.#free(page.kept);
    page.kept = [];
    page.imageBytes = 0;
    page.tailBytes = 0;
    this.#encoder.image(item, drawn, page.flags, (bytes, length) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      page.kept.push(this.#cells.put(0, view, 0, length, seq));
      page.imageBytes += length;
    });
    this.#counters.pageFolds++;
  }

  #draw(cells: readonly number[]): Page {
    const value = new PageValue();
    const message = this.#message;
    this.#entries(cells, {
      entry: (bytes, start, end) => {
        message.read(bytes, start, end);
        value.take(message);
      },
    });
    return value.page!;
  }

  #entries(cells: readonly number[], sink: ImageSink): void {
    const store = this.#cells;
    for (const cell of cells) {
      const start = store.start(cell);
      sink.entry(store.bytes[store.slab(cell)]!, start, start + store.length(cell), store.seq(cell));
    }
  }

  #free(cells: readonly number[]): void {
    for (const cell of cells) this.#cells.free(cell);
  }
}
