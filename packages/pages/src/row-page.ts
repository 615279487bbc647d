import { Trust } from './cell.ts';
import { type ChangeListener, ChangeTracker } from './changes.ts';
import { type FaultListener, Faults } from './faults.ts';
import { Page } from './page.ts';
import { drawRmtes } from './rmtes.ts';
import { encodeRowField, RowBytes } from './row-field.ts';

/** The kinds of page record that have row fields. */
export const ROW_FORMS = {
  ROW64: { rows: 14, width: 64 },
  ROW80: { rows: 25, width: 80 },
  ROW99: { rows: 20, width: 99 },
} as const;

export type RowForm = keyof typeof ROW_FORMS;

/** Field numbers of the first rows; the others follow. */
const FIRST_FIELDS: Readonly<Record<RowForm, number>> = { ROW64: 215, ROW80: 315, ROW99: 1359 };

/** A row of a page record: which form, and which row, from 0. */
export interface RowField {
  readonly form: RowForm;
  readonly row: number;
}

/** What a field's name (`ROW64_1`) says; undefined when it isn't a page's row. */
export function rowFieldOfName(name: string): RowField | undefined {
  const match = /^(ROW64|ROW80|ROW99)_([1-9]\d?)$/.exec(name);
  if (match === null) return undefined;
  const form = match[1] as RowForm;
  const row = Number(match[2]) - 1;
  return row < ROW_FORMS[form].rows ? { form, row } : undefined;
}

/** What a field's number (215 for ROW64_1) says; undefined when it isn't a page's row. */
export function rowFieldOfNumber(field: number): RowField | undefined {
  for (const [form, first] of Object.entries(FIRST_FIELDS) as [RowForm, number][]) {
    if (field >= first && field < first + ROW_FORMS[form].rows) return { form, row: field - first };
  }
  return undefined;
}

const KINDS = ['no-image', 'row', 'escape', 'sequence', 'cut-off', 'repeat', 'too-long', 'text'] as const;

/**
 * What is counted: updates before an image; rows that the page doesn't have; values refused (an unknown escape or control
 * sequence, one cut off, a repetition of nothing); values that go beyond the row; bytes that are no character.
 */
export type RowPageFault = (typeof KINDS)[number];

export interface RowPageOptions {
  /** Offsets are those within the row's value. */
  readonly onFault?: FaultListener<RowPageFault>;
  /** Whether 9B begins a sequence, as ESC [ does; it breaks double-byte text. @default false */
  readonly eightBitCsi?: boolean;
  /** Shared with others, to save memory. */
  readonly tracker?: ChangeTracker;
}

/** The rows of a message: bytes by row, from 0. */
export type RowValues = Iterable<readonly [row: number, value: Uint8Array]>;

/**
 * A page that comes as a record with its rows as fields. The rows' bytes are kept, because positions in partial
 * values count them; the page shows what they mean. A row of which a value was refused is damaged until it comes whole.
 */
export class RowPage {
  readonly form: RowForm;
  readonly page: Page;
  readonly faults: Faults<RowPageFault>;
  readonly #rows: readonly RowBytes[];
  readonly #tracker: ChangeTracker;
  readonly #eightBitCsi: boolean;
  /** Rows of which a value was refused and that haven't come whole since. */
  readonly #suspect: Uint8Array;
  #hasImage = false;

  constructor(form: RowForm, { onFault, eightBitCsi = false, tracker }: RowPageOptions = {}) {
    const { rows, width } = ROW_FORMS[form];
    this.form = form;
    this.page = new Page(rows, width);
    this.faults = new Faults(KINDS, onFault);
    const bytes = new Uint8Array(rows * width);
    this.#rows = Array.from({ length: rows }, (_, row) => new RowBytes(width, bytes, row * width));
    this.#suspect = new Uint8Array(rows);
    this.#tracker = tracker ?? new ChangeTracker();
    this.#eightBitCsi = eightBitCsi;
  }

  /** Whether an image has come, so that updates mean something. */
  get hasImage(): boolean {
    return this.#hasImage;
  }

  /** The bytes of a row; borrowed. */
  rowBytes(row: number): Uint8Array {
    return this.#rows[row]!.bytes;
  }

  /**
   * Takes an image: every row that is not in it is empty.
   *
   * @returns how many cells differ from before.
   */
  image(values: RowValues, onChange?: ChangeListener): number {
    this.#tracker.begin(this.page);
    const nothing = new Uint8Array(0);
    for (let row = 0; row < this.#rows.length; row++) {
      this.#rows[row]!.apply(nothing);
      this.#suspect[row] = 0;
      drawRmtes(this.page, row, nothing);
    }
    this.#hasImage = true;
    this.#apply(values);
    return this.#tracker.end(onChange);
  }

  /**
   * Takes an update. Refused, with the fault `no-image`, as long as there has been no image.
   *
   * @returns how many cells differ from before.
   */
  update(values: RowValues, onChange?: ChangeListener): number {
    if (!this.#hasImage) {
      this.faults.add('no-image', 0);
      return 0;
    }
    this.#tracker.begin(this.page);
    this.#apply(values);
    return this.#tracker.end(onChange);
  }

  #apply(values: RowValues): void {
    for (const [row, value] of values) {
      const bytes = this.#rows[row];
      if (bytes === undefined) {
        this.faults.add('row', 0);
        continue;
      }
      const { fault, isPartial, at, cut } = bytes.apply(value, this.#eightBitCsi);
      if (fault !== undefined) this.faults.add(fault, at);
      if (fault !== undefined || !isPartial) this.#suspect[row] = fault === undefined ? 0 : 1;
      if (cut > 0) this.faults.add('too-long', at);
      const unknown = drawRmtes(this.page, row, bytes.bytes);
      for (let i = 0; i < unknown; i++) this.faults.add('text', 0);
      if (this.#suspect[row] === 0) continue;
      for (let column = 0; column < this.page.columns; column++) this.page.mark(row, column, Trust.DAMAGED);
    }
  }
}

/** The rows that differ between two pages of one form, each with the shortest value that changes it. */
export function encodeRowUpdate(after: RowPage, before: RowPage): [row: number, value: Uint8Array][] {
  const values: [number, Uint8Array][] = [];
  for (let row = 0; row < after.page.rows; row++) {
    const value = encodeRowField(after.rowBytes(row), before.rowBytes(row));
    if (value !== undefined) values.push([row, value]);
  }
  return values;
}
