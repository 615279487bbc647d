import type { CellType } from '@tickerplant/page-values';
import type { Exact } from './exact.ts';
import type { Amount, Comparison } from './expression.ts';
import type { CustomSource } from './source.ts';

// A plan is a shredder, checked: what authors wrote with everything looked up. Plans are immutable and hold nothing of any
// page. Rows and columns are counted from 0; `end` is the one behind the last.

export interface Span {
  readonly first: number;
  readonly end: number;
}

export interface Anchor {
  readonly name: string;
  readonly text: string;
  readonly rows: Span;
  readonly columns: Span;
}

/** A cell of a header line: text without two blanks in a row. */
export interface HeaderCell {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface Header {
  readonly rows: Span;
  readonly lines: readonly string[];
  /** By line, from the left. */
  readonly cells: readonly HeaderCell[];
  readonly follow: number;
}

type Align = 'left' | 'right' | 'any';

export interface Column {
  readonly name: string;
  /** Position in the table's list. */
  readonly index: number;
  readonly first: number;
  readonly end: number;
  readonly line: number;
  /** Columns whose texts it reads as one, by position; empty for columns of the page. */
  readonly joins: readonly number[];
  readonly separator: string;
  readonly types: readonly CellType[];
  readonly marks: ReadonlyMap<string, string>;
  readonly blank: string | undefined;
  readonly isOptional: boolean;
  readonly align: Align;
  readonly shapes: readonly string[];
  readonly isProse: boolean;
  /** May go on in rows without a label. */
  readonly continues: boolean;
  /** A refused text takes away its own fields only. */
  readonly isIsolated: boolean;
  /** Read from where the ruler shows it, whatever the panel. */
  readonly isShared: boolean;
}

export interface Panel {
  readonly index: number;
  readonly shift: number;
  readonly set: Readonly<Record<string, string>>;
  /** Which keys stand in it; undefined: any of the table's. */
  readonly keys: ReadonlySet<string> | undefined;
  readonly rows: readonly RowSpan[];
  /** By column: header cells that it stands under, by position in the header's list; it moves as they do. */
  readonly under: readonly (readonly number[])[];
}

/** Rows of a table: of the page, or counted from the last line of its header (or from its anchor). */
export interface RowSpan extends Span {
  readonly isRelative: boolean;
}

/** Where a value of a row is found: the parts of a column's types by name, or a name that a panel or heading sets. */
export type Slot =
  | { readonly kind: 'part'; readonly column: number; readonly part: string }
  | { readonly kind: 'parameter'; readonly values: ReadonlyMap<string, Exact>; readonly otherwise: Exact | undefined };

export type Condition =
  | { readonly kind: 'part'; readonly column: number; readonly part: string; readonly is: readonly string[] }
  | { readonly kind: 'mark'; readonly column: number; readonly is: string }
  | { readonly kind: 'has' | 'blank' | 'given'; readonly column: number }
  | { readonly kind: 'text'; readonly column: number; readonly starts: string }
  | { readonly kind: 'colour'; readonly column: number; readonly is: number; readonly isExact: boolean };

export interface Guard {
  readonly name: string;
  readonly comparison: Comparison;
  readonly slots: readonly Slot[];
  readonly when: Condition | undefined;
  /** All columns that it depends on. */
  readonly columns: readonly number[];
  readonly otherwise: 'reject' | 'hold';
  readonly scope: 'row' | 'table';
}

/** A number that must be the same in all rows below a heading. */
export interface Alike {
  readonly name: string;
  readonly amount: Amount;
  readonly slots: readonly Slot[];
  /** How far rows may be from the middle one, by key. */
  readonly within: ReadonlyMap<string, Exact>;
  readonly otherwise: Exact;
}

/** A limit by key. */
export interface Limits {
  readonly values: ReadonlyMap<string, Exact>;
  readonly otherwise: Exact | undefined;
}

/** What a move compares: a number of a cell, the text of one, or a number worked out of a row. */
export type MoveValue =
  | { readonly kind: 'part'; readonly column: number; readonly part: string }
  | { readonly kind: 'text'; readonly column: number }
  | ({ readonly kind: 'amount' } & RowAmount);

/** Something else that is remembered of each reading, and its place behind the values of all moves. */
export interface FurtherValue {
  readonly of: MoveValue;
  readonly at: number;
}

/** A value that may not move too far from the last good one. */
export interface Move {
  readonly name: string;
  readonly of: MoveValue;
  /** All columns that it depends on. */
  readonly columns: readonly number[];
  /** Share of the last good value. */
  readonly within: Limits;
  /** Instead of a share: by how much each reading may be off; the larger of the two counts. */
  readonly apart: FurtherValue | undefined;
  /** What it may have become instead. */
  readonly or: FurtherValue | undefined;
  /** Only where this isn't 0. */
  readonly when: FurtherValue | undefined;
  /** Settled images that must confirm it; Infinity: only a person can. */
  readonly confirm: number;
}

export interface Case {
  readonly when: Condition | undefined;
  readonly give: string;
}

/** How a value is written: `hh:mm` for times, `iso` for dates. */
export type ValueForm = 'exact' | 'shortest' | '32nds' | 'hh:mm' | 'iso';

export type FieldRule =
  | { readonly kind: 'value'; readonly column: number; readonly part: string; readonly form: ValueForm }
  | { readonly kind: 'raw' | 'mark' | 'status'; readonly column: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'when'; readonly when: Condition }
  | { readonly kind: 'first' | 'all'; readonly cases: readonly Case[] };

export interface Field {
  readonly name: string;
  readonly rule: FieldRule;
  /** Name of the dictionary's field; undefined: shown to people only. */
  readonly dictionary: string | undefined;
}

/** What a key, an item's symbol or a heading's value is made of. */
export type KeyPart =
  | { readonly kind: 'column'; readonly column: number }
  | { readonly kind: 'name'; readonly name: string };

export interface Heading {
  readonly sets: string;
  readonly columns: Span;
  readonly texts: ReadonlyMap<string, string>;
  /** What reads such lines, where they aren't known beforehand, and the part that is the value. */
  readonly type: CellType | undefined;
  readonly part: number;
  /** Where it stands again, a heading of a level above its own has been lost. */
  readonly isOnce: boolean;
  /** By key: the values that it may stand below; undefined: all keys below any. */
  readonly holds: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/** A number worked out of a row's columns. */
export interface RowAmount {
  readonly name: string;
  readonly amount: Amount;
  readonly slots: readonly Slot[];
}

/** A number that goes on from row to row. */
export interface Chain {
  readonly of: RowAmount;
  readonly by: RowAmount;
  /** The column that must read the same in both rows. */
  readonly same: number | undefined;
}

/** A row that is the sum of others. */
export interface Sum {
  readonly amounts: readonly RowAmount[];
  /** The same numbers in rows of other tables. */
  readonly there: readonly RowAmount[];
  readonly total: string;
  readonly terms: readonly { readonly name: string; readonly sign: 1 | -1 }[];
  /** Whether rows are in doubt where it can't be made. */
  readonly isRequired: boolean;
  /** How far each row may be from what it stands for. */
  readonly rounding: Exact;
}

/** The page's own clock. */
export interface PageClock {
  readonly column: number;
  readonly withinNs: number;
  /** Minutes east of UTC by printed zone. */
  readonly zones: ReadonlyMap<string, number>;
}

export interface Table {
  readonly name: string;
  readonly index: number;
  readonly header: Header | undefined;
  /** The page's anchor that rows are counted from, by position. */
  readonly from: number | undefined;
  readonly panels: readonly Panel[];
  readonly until: readonly string[];
  readonly endsAtBlank: boolean;
  readonly height: number;
  readonly columns: readonly Column[];
  /** By level, the outer first. */
  readonly headings: readonly Heading[];
  /** Whether labels may begin in the row above. */
  readonly wraps: boolean;
  readonly key: readonly KeyPart[];
  /** Text of the first key column → symbol; undefined: any. */
  readonly keys: ReadonlyMap<string, string> | undefined;
  /** Symbols that are expected on the page, with how to call them; empty where any key is taken. */
  readonly expected: readonly string[];
  /** Keys that stand there several times, with the symbol of each place. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  readonly item: string;
  readonly status: number | undefined;
  readonly statusFields: readonly Field[];
  readonly clock: PageClock | undefined;
  readonly guards: readonly Guard[];
  readonly alike: readonly Alike[];
  readonly sums: readonly Sum[];
  readonly chains: readonly Chain[];
  readonly moves: readonly Move[];
  /** Settled images that must show a key which wasn't there at first. */
  readonly newKeys: number;
  readonly atLeast: number;
  readonly rejectedShare: number;
  readonly fields: readonly Field[];
}

export interface Area {
  readonly rows: Span;
  readonly columns: Span;
  /** Not in the rows of tables. */
  readonly isOutside: boolean;
}

export interface Custom {
  readonly name: string;
  readonly rows: Span;
  readonly read: CustomSource['read'];
}

/** A checked shredder. */
export interface Plan {
  readonly name: string;
  readonly page: string;
  readonly rows: number;
  readonly columns: number;
  readonly version: number;
  readonly service: string;
  readonly anchors: readonly Anchor[];
  readonly tables: readonly Table[];
  readonly customs: readonly Custom[];
  readonly statics: readonly Area[];
  readonly ignored: readonly Area[];
  readonly quietNs: number;
  readonly atMostNs: number;
  /** Rows settle each for itself. */
  readonly settlesByRow: boolean;
  readonly release: number;
  readonly flaps: number;
}
