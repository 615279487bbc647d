import {
  AnsiDecoder,
  type AnsiFault,
  CellRuns,
  ChangeTracker,
  Page,
  RowPage,
  type RowPageFault,
} from '@tickerplant/pages';
import { type CounterRegistry, type Counters, counterSet } from '@tickerplant/telemetry';
import { PageFormat, type RowValue, readRowFields, rowFormOf } from './payload.ts';

const CONTENT_COUNTERS = counterSet('pageContent', {
  cells: 'Cells that changed.',
  eighthBit: 'Bytes of eight bits where seven are allowed.',
  control: 'Control characters of no known meaning; passed over.',
  sequence: 'Escape sequences of no known meaning; passed over.',
  parameter: 'Parameters of no known meaning; passed over.',
  position: 'Positions outside the page; passed over.',
  brokenOff: 'Sequences in which another one began.',
  rowValue: 'Row fields whose value could not be used.',
  row: 'Row fields that the page does not have.',
  tooLong: 'Row fields longer than the row; cut.',
  text: 'Bytes that are no character; their cells are damaged.',
});

type ContentCounter = keyof (typeof CONTENT_COUNTERS)['descriptions'];

const ANSI_COUNTERS: Readonly<Record<AnsiFault, ContentCounter>> = {
  'eighth-bit': 'eighthBit',
  control: 'control',
  sequence: 'sequence',
  parameter: 'parameter',
  position: 'position',
  'broken-off': 'brokenOff',
};
const ROW_COUNTERS: Readonly<Record<RowPageFault, ContentCounter>> = {
  'no-image': 'row',
  row: 'row',
  escape: 'rowValue',
  sequence: 'rowValue',
  'cut-off': 'rowValue',
  repeat: 'rowValue',
  'too-long': 'tooLong',
  text: 'text',
};
/** After these the page may look otherwise than its service has it. */
const DOUBTFUL: ReadonlySet<string> = new Set([
  'eighth-bit',
  'sequence',
  'position',
  'broken-off',
  'row',
  'escape',
  'cut-off',
  'repeat',
  'too-long',
]);

/** A page with what its service's messages need besides it. */
export interface HeldPage {
  /** Teletext keeps what it needs elsewhere. */
  readonly format: PageFormat | 'teletext';
  readonly page: Page;
  /** Of an ANSI page: cursor and attributes live on between messages. */
  ansi: AnsiDecoder | undefined;
  /** Of a page of row fields: the rows' bytes. */
  readonly rows: RowPage | undefined;
}

/**
 * Draws what services send on pages, one after another. Whatever comes: nothing throws, and nothing but the page in
 * hand changes.
 */
export class PageApplier {
  /** The cells that the last image or update changed. */
  readonly changes: CellRuns = new CellRuns();
  readonly #tracker = new ChangeTracker();
  readonly #counters: Counters<typeof CONTENT_COUNTERS.descriptions>;
  readonly #values: RowValue[] = [];
  #doubt = '';

  constructor(registry: CounterRegistry) {
    this.#counters = registry.create(CONTENT_COUNTERS);
  }

  /**
   * A page of which nothing is known yet.
   *
   * @param rows,columns within `Page`'s bounds
   * @returns undefined: the format has no pages of this size
   */
  create(format: PageFormat, rows: number, columns: number): HeldPage | undefined {
    if (format === PageFormat.ANSI) {
      const page = new Page(rows, columns);
      return { format, page, rows: undefined, ansi: this.decoder(page) };
    }
    const form = rowFormOf(rows, columns);
    if (form === undefined) return undefined;
    const rowPage = new RowPage(form, { tracker: this.#tracker, onFault: this.#onRowFault });
    return { format, page: rowPage.page, ansi: undefined, rows: rowPage };
  }

  /** A decoder in its first state for a page. */
  decoder(page: Page): AnsiDecoder {
    return new AnsiDecoder(page, { tracker: this.#tracker, onFault: this.#onAnsiFault });
  }

  /**
   * Draws a whole page.
   *
   * @returns why the page may be otherwise than its service has it; undefined: it is as it should be.
   */
  image(held: HeldPage, content: Uint8Array): string | undefined {
    this.#begin();
    if (held.rows !== undefined) {
      const fault = readRowFields(content, held.rows.form, this.#values);
      if (fault === undefined) held.rows.image(this.#values, this.changes.add);
      else this.#refuse(fault);
    } else {
      this.#tracker.begin(held.page);
      held.page.clear();
      held.ansi = this.decoder(held.page);
      held.ansi.feed(content);
      held.ansi.endMessage();
      this.#tracker.end(this.changes.add);
    }
    return this.#end();
  }

  /** Draws a change. Returns as `image`. */
  update(held: HeldPage, content: Uint8Array): string | undefined {
    this.#begin();
    if (held.rows === undefined) held.ansi!.message(content, this.changes.add);
    else {
      const fault = readRowFields(content, held.rows.form, this.#values);
      if (fault === undefined) held.rows.update(this.#values, this.changes.add);
      else this.#refuse(fault);
    }
    return this.#end();
  }

  #begin(): void {
    this.changes.clear();
    this.#doubt = '';
  }

  #end(): string | undefined {
    this.#counters.cells += this.changes.cells;
    return this.#doubt === '' ? undefined : this.#doubt;
  }

  #refuse(fault: string): void {
    this.#counters.rowValue++;
    this.#doubt = fault;
  }

  readonly #onAnsiFault = (kind: AnsiFault): void => {
    this.#counters[ANSI_COUNTERS[kind]]++;
    if (this.#doubt === '' && DOUBTFUL.has(kind)) this.#doubt = `the content has a fault of kind '${kind}'`;
  };

  readonly #onRowFault = (kind: RowPageFault): void => {
    this.#counters[ROW_COUNTERS[kind]]++;
    if (this.#doubt === '' && DOUBTFUL.has(kind)) this.#doubt = `a row has a fault of kind '${kind}'`;
  };
}
