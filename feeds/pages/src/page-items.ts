import type { ChannelSet, ChannelWriter, UnpositionedItems } from '@tickerplant/feed-runtime';
import type { CellRuns, Page } from '@tickerplant/pages';
import { PageFlag, RecordKind } from '@tickerplant/records';
import type { CounterRegistry } from '@tickerplant/telemetry';
import { type HeldPage, PageApplier } from './page-applier.ts';
import { isPageName, type PageFormat } from './payload.ts';

export interface PageItemsOptions {
  /** Most names that are ever remembered: a name costs some 200 bytes. */
  readonly namesMax: number;
  /** Largest page that is held, in cells. */
  readonly cellsMax: number;
  readonly registry: CounterRegistry;
  /** Whose items they are; needed where they are published. */
  readonly service?: ChannelSet;
}

/** What taking a message did. */
export type Taken =
  /** The page is as its service has it. */
  | 'good'
  /** It was drawn, and may be otherwise than its service has it: see `doubt`. */
  | 'doubtful'
  /** Nothing was drawn: see `doubt`. */
  | 'refused';

/** About what a message of a page's image takes, in bytes. */
const PART_BYTES = 1450;

/**
 * The pages of a feed, by name: a row for each name that was ever asked for or heard of, and the page itself as long as it
 * is needed.
 */
export class PageItems implements UnpositionedItems {
  /** What was wrong with the message taken last. */
  doubt = '';
  /** Whether the image taken last came where there was no page, or one of another size. */
  isNew = false;
  readonly #options: PageItemsOptions;
  readonly #applier: PageApplier;
  readonly #names: string[] = [];
  readonly #rows = new Map<string, number>();
  readonly #held: (HeldPage | undefined)[] = [];
  readonly #offered: boolean[] = [];
  #count = 0;

  constructor(options: PageItemsOptions) {
    this.#options = options;
    this.#applier = new PageApplier(options.registry);
  }

  // — names ——————————————————————————————————————————————————————————————————————————————————————————————————

  get rows(): number {
    return this.#names.length;
  }

  /** Pages held at present. */
  get held(): number {
    return this.#count;
  }

  symbol(row: number): string {
    return this.#names[row]!;
  }

  /** The row of a name; -1: it has none yet. */
  rowOf(name: string): number {
    return this.#rows.get(name) ?? -1;
  }

  /** The row of a name, which gets one if it has none; -1: it is no name, or there is no room for more. */
  add(name: string): number {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= this.#options.namesMax || !isPageName(name)) return -1;
    const row = this.#names.push(name) - 1;
    this.#rows.set(name, row);
    this.#held.push(undefined);
    this.#offered.push(false);
    return row;
  }

  /** Says whether a page belongs to what is published. */
  offer(row: number, offered: boolean): void {
    this.#offered[row] = offered;
  }

  // — pages ——————————————————————————————————————————————————————————————————————————————————————————————————

  /** The page of a row; undefined: none is held. */
  page(row: number): Page | undefined {
    return this.#held[row]?.page;
  }

  heldPage(row: number): HeldPage | undefined {
    return this.#held[row];
  }

  /** The cells that the last image or update changed. */
  get changes(): CellRuns {
    return this.#applier.changes;
  }

  get applier(): PageApplier {
    return this.#applier;
  }

  /** Takes a page from elsewhere. */
  put(row: number, held: HeldPage): void {
    if (this.#held[row] === undefined) this.#count++;
    this.#held[row] = held;
  }

  /** Takes a whole page as its service sent it. Check `doubt` unless it is good. */
  image(row: number, format: PageFormat, rows: number, columns: number, content: Uint8Array): Taken {
    this.doubt = '';
    this.isNew = false;
    const { cellsMax } = this.#options;
    if (rows < 1 || columns < 1 || rows * columns > cellsMax || rows > 500 || columns > 500) {
      this.doubt = `expected a page of 1 to ${cellsMax} cells, found ${rows} x ${columns}`;
      return 'refused';
    }
    let held = this.#held[row];
    if (held?.format !== format || held.page.rows !== rows || held.page.columns !== columns) {
      held = this.#applier.create(format, rows, columns);
      if (held === undefined) {
        this.doubt = `expected rows as fields of a known form, found ${rows} x ${columns}`;
        return 'refused';
      }
      this.isNew = true;
    }
    const doubt = this.#applier.image(held, content);
    // A row-field image that cannot be read has not drawn anything.
    if (doubt !== undefined && this.isNew && held.rows?.hasImage === false) {
      this.doubt = doubt;
      return 'refused';
    }
    this.put(row, held);
    return this.#taken(doubt);
  }

  /** Takes a change of a page that is held. Check `doubt` unless it is good. */
  update(row: number, format: PageFormat, content: Uint8Array): Taken {
    this.doubt = '';
    const held = this.#held[row]!;
    if (held.format !== format) {
      this.doubt = `expected format ${held.format} as in the image, found ${format}`;
      return 'refused';
    }
    return this.#taken(this.#applier.update(held, content));
  }

  /** Forgets a page; its row stays. */
  drop(row: number): void {
    if (this.#held[row] !== undefined) this.#count--;
    this.#held[row] = undefined;
  }

  #taken(doubt: string | undefined): Taken {
    if (doubt === undefined) return 'good';
    this.doubt = doubt;
    return 'doubtful';
  }

  // — as items of a channel ——————————————————————————————————————————————————————————————————————————————————

  kindOf(): RecordKind {
    return RecordKind.PAGE;
  }

  serviceOf(): ChannelSet {
    return this.#options.service!;
  }

  isOffered(row: number): boolean {
    return this.#offered[row]!;
  }

  hasValues(row: number): boolean {
    return this.#held[row] !== undefined;
  }

  writeImage(writer: ChannelWriter, item: number, row: number, possibleDuplicate: boolean): number {
    const flags = possibleDuplicate ? PageFlag.POSSIBLE_DUPLICATE : 0;
    return PART_BYTES * writer.pageImage(item, this.#held[row]!.page, flags);
  }

  writeUpdate(writer: ChannelWriter, item: number, row: number): void {
    writer.pageUpdate(item, this.#held[row]!.page, this.changes);
  }
}
