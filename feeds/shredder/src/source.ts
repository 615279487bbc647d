import type { CellType } from '@tickerplant/page-values';
import type { ValueForm } from './plan.ts';

// What an author writes: the same in YAML and in TypeScript. Rows and columns are counted from 0; ranges name their first
// and last (`4..13`, both included), as rulers show them.

/** Whole numbers from the first to the last: `7`, `'4..13'`. In `rows` of a table with a header `'+1..+12'`: behind its last line. */
export type RangeSource = number | string;

/** A cell's type, as `@tickerplant/page-values` declares it: `price`, `{fxQuote: {decimals: 4}}`; in TypeScript also a made one. */
export type TypeSource = string | Readonly<Record<string, unknown>> | CellType;

/** One value for all keys, or one by key with a `default`: `'0.0020'`, `{default: '0.0020', SEK: '0.0060'}`. */
export type ByKey = number | string | Readonly<Record<string, number | string>>;

/** Text that must be on the page; without it nothing of the page is believed. */
export interface AnchorSource {
  readonly text: string;
  /** Where it stands; several rows where it may be moved by rows that come in above. */
  readonly row: RangeSource;
  /** The column of its first character; several where it may be moved. */
  readonly column: RangeSource;
}

/** The header lines of a table, as they look on the page: cells are parted by two blanks or more. */
export interface HeaderSource {
  /** Where the first line may stand. */
  readonly row: RangeSource;
  /** Consecutive lines, from column 0. */
  readonly lines: readonly string[];
  /** How many columns a cell may have moved to either side, its table's columns with it. @default 0 */
  readonly follow?: number;
}

/** A condition on a row. */
export type ConditionSource =
  | { readonly part: string; readonly is: string | readonly string[] }
  | { readonly mark: string; readonly is: string }
  /** The cell has a value, not a mark. */
  | { readonly has: string }
  | { readonly blank: string }
  | { readonly given: string }
  | { readonly text: string; readonly starts: string }
  /** `exact`: the colour ends with the text, so that a colour left behind by another text is noticed. */
  | { readonly colour: string; readonly is: string; readonly exact?: boolean };

/** What a field of a record shows. */
export type FieldSource =
  /** `column` or `column.part`: its value. */
  | string
  /** The token as printed. */
  | { readonly raw: string }
  /** The mark as printed. */
  | { readonly mark: string }
  | { readonly constant: string }
  /** A value in a written form: `shortest` decimals, but one at least; `32nds`; a time as `hh:mm`; a date as `iso`. */
  | { readonly value: string; readonly as: Exclude<ValueForm, 'exact'> }
  | { readonly when: ConditionSource }
  /** The first of which the condition holds; nothing where none does. */
  | { readonly first: readonly CaseSource[] }
  /** All of which the condition holds; nothing where none does. */
  | { readonly all: readonly CaseSource[] };

export interface CaseSource {
  readonly when?: ConditionSource;
  readonly give: string;
}

/** A column of a table. Exactly one of `letter`, `at`, `under` and `join`. */
export interface ColumnSource {
  /** Its letter in the ruler. */
  readonly letter?: string;
  /** Its columns: `'38..54'`. */
  readonly at?: RangeSource;
  /** The text of the header cell under whose first character it begins. */
  readonly under?: string;
  /** With `under`: how many columns it has. @default up to two before the next header cell */
  readonly width?: number;
  /** Other columns whose texts are read as one: a bid, and an ask abbreviated in a column of its own. */
  readonly join?: readonly string[];
  /** With `join`: what is put between the texts. @default '/' */
  readonly separator?: string;
  /** In blocks of several rows: how many rows below the row of the key. @default 0 */
  readonly line?: number;
  readonly type: TypeSource | readonly TypeSource[];
  /** Texts that stand for no value, with the names of what they mean: `{'-': not-quoted}`. */
  readonly marks?: Readonly<Record<string, string>>;
  /** What blanks mean: a name, as of a mark; without it a blank cell that isn't `optional` is an error. */
  readonly blank?: string;
  /** May be blank, and then says nothing. @default false */
  readonly optional?: boolean;
  /** Where tokens stand in the column. @default the table's */
  readonly align?: 'left' | 'right' | 'any';
  /** Forms that tokens may have, character by character: `9` a digit, `A` a letter, anything else itself. */
  readonly shape?: string | readonly string[];
  /**
   * A text that the type refuses takes away the fields that come from it, and puts nothing else in doubt: the record stays LIVE
   * without them. Text out of its column still puts all of the row in doubt. @default false
   */
  readonly isolated?: boolean;
  /** May go on in rows that have nothing else, and no label: they belong to the row above, and are not read. @default false */
  readonly continues?: boolean;
  /** For free text: refuses what damage makes of it, as far as that can be seen (`proseFault`). @default false */
  readonly prose?: boolean;
}

/** What must hold between the values of a row: `quote.bid <= quote.ask`. */
export interface GuardSource {
  readonly that: string;
  readonly name?: string;
  /** What `limit` stands for in the expression. */
  readonly limit?: ByKey;
  /** What `low` and `high` … any further names stand for, by key. */
  readonly with?: Readonly<Record<string, ByKey>>;
  readonly when?: ConditionSource;
  /** `hold`: probably a row half written: wait; `reject`: wrong. @default reject */
  readonly else?: 'reject' | 'hold';
  /** What is in doubt when it fails. @default row */
  readonly scope?: 'row' | 'table';
}

/** A number that must be the same in all rows below a heading: rows that differ from what most of them say are in doubt. */
export interface AlikeSource {
  readonly of: string;
  readonly name?: string;
  /** How far a row may be from the middle one. @default 0 */
  readonly within?: ByKey;
}

/** A number that goes on from row to row: where it doesn't, the row and the one above it are in doubt. */
export interface ChainSource {
  /** The number: in the row above, and `by` more in the row below. */
  readonly of: string;
  readonly by: string;
  /** A column that must read the same in both rows for that: a contract. */
  readonly same?: string;
}

/** How far a value may be from the last good one, else it is held. */
export interface MoveSource {
  /** `column.part`, a column of text, or an expression: `price - change`. */
  readonly of: string;
  readonly name?: string;
  /** Share of the last good value: `2%`. Of texts none: they are the same or not. @default 0 */
  readonly within?: ByKey;
  /** Instead of a share: by how much a reading may be off, a number or an expression. Of the last and this one the larger counts. */
  readonly apart?: number | string;
  /** What it may have become instead, as of the last good reading: `price`, for a last close on a new day. */
  readonly or?: string;
  /** An expression: only where it isn't 0. */
  readonly when?: string;
  /** Settled images that must confirm it; `never`: only a person can. @default 2 */
  readonly confirm?: number | 'never';
}

/** One of the places in a row where a table's columns stand. */
export interface PanelSource {
  /** Columns to the right of where the ruler shows them. */
  readonly shift: number;
  /** Further names for keys and fields: `{ccy: USD}`. */
  readonly set?: Readonly<Record<string, string>>;
  /** Which of the table's keys stand in it. @default any */
  readonly keys?: readonly string[];
  /** Rows, where they differ from the table's. */
  readonly rows?: RangeSource | readonly RangeSource[];
}

/** A line that sets a value for the rows below it, up to the next one. */
export interface HeadingSource {
  /** The name it sets, usable in keys and fields. */
  readonly sets: string;
  /** Its columns. */
  readonly at: RangeSource;
  /** Its texts, and the values that they set. */
  readonly texts?: readonly string[] | Readonly<Record<string, string>>;
  /** Instead of texts: a type that reads such lines and no others. Headings of several levels may stand in one line. */
  readonly type?: TypeSource;
  /** With a type: the part that is the value. @default the first */
  readonly part?: string;
  /**
   * Stands once below each heading of the levels above its own: where it stands again, one of those has been lost, and what is
   * below it belongs to none. @default false
   */
  readonly once?: boolean;
  /**
   * The keys of the rows that stand below each value: they are believed nowhere else, and all other rows belong to none. Needs `texts`.
   * Without it all rows need a heading of this level above them.
   */
  readonly holds?: Readonly<Record<string, readonly string[]>>;
}

/** A row that is the sum of others, as far as rounding lets it: where it isn't, all of them are in doubt. */
export interface SumSource {
  /** The numbers that are added up, each for itself: columns or expressions. */
  readonly of: readonly string[];
  /** The same for rows of other tables, where it is another number there; of columns with the names of this table's. @default `of` */
  readonly there?: readonly string[];
  /** The key of the row with the sum, or its item's symbol. */
  readonly total: string;
  /** Keys or symbols of the rows that are added; symbols of tables above this one too, whose own items are not in doubt for it. */
  readonly plus: readonly string[];
  /** And of those that are taken away. */
  readonly less?: readonly string[];
  /** Where the sum can't be made because a row isn't believed, the others aren't either, unless another sum proves them. @default false */
  readonly required?: boolean;
  /** How far each row, the sum's too, may be from what was rounded: half a unit. @default 0 */
  readonly rounding?: number | string;
}

/** The page's own clock: what it shows is in doubt when it is too old, however well it reads. */
interface ClockSource {
  /** A column that reads a date and a time. */
  readonly of: string;
  /** Minutes that it may be behind the time, or ahead of it. */
  readonly within: number;
  /** Minutes east of UTC, by the zone as printed: `{GMT: 0, BST: 60}`. @default 0 for all */
  readonly zones?: Readonly<Record<string, number>>;
}

export interface TableSource {
  readonly header?: HeaderSource;
  /** The name of the page's anchor that `rows` with a sign are counted from. */
  readonly from?: string;
  readonly rows: RangeSource | readonly RangeSource[];
  /** Rows that begin so (in the first column that isn't blank) end the table. */
  readonly until?: string | readonly string[];
  /** A blank row ends it. @default false */
  readonly untilBlank?: boolean;
  /** Rows of a block: the key in the first. @default 1 */
  readonly height?: number;
  /** A picture of the columns; each letter is one. */
  readonly ruler?: string;
  readonly columns: Readonly<Record<string, ColumnSource>>;
  readonly panels?: readonly (number | PanelSource)[];
  /** Columns that stand once for all panels, where the ruler shows them. */
  readonly shared?: readonly string[];
  /** One level of them, or several, the outer first: a heading ends those of the levels below its own. */
  readonly headings?: HeadingSource | readonly HeadingSource[];
  /**
   * Labels (and headings) may begin in the row above, with nothing beside them; keys are given whole, with one blank between the
   * lines. Needs `keys`: they say which texts go on. @default false
   */
  readonly wraps?: boolean;
  /** The column (or several, or names set by panels and headings) that says what a row is about. */
  readonly key: string | readonly string[];
  /** Texts of the key that are expected, or texts and symbols. Without it any text that the type takes. */
  readonly keys?: readonly string[] | Readonly<Record<string, string>>;
  /** A page shows some of the keys only, as subpages do: none of them is missed. @default false */
  readonly partial?: boolean;
  /**
   * Keys that stand on the page several times, with the symbols of each: in the order of panels, then rows. Where there are fewer
   * or more of them, none is believed.
   */
  readonly repeated?: Readonly<Record<string, readonly string[]>>;
  /** Symbol of the item: `{ccy}`, or parts that are texts, `{line.port}`; blanks become `_`. @default the keys, with `_` between them */
  readonly item?: string;
  /** The column whose mark or blank says that there is no value in the whole row. */
  readonly status?: string;
  /** Fields of a row without a value; `status` and `mark` are those of the column `status`. @default the key and status */
  readonly statusFields?: Readonly<Record<string, FieldSource>>;
  readonly align?: 'left' | 'right' | 'any';
  readonly clock?: ClockSource;
  readonly guards?: readonly (string | GuardSource)[];
  readonly alike?: readonly AlikeSource[];
  readonly sums?: readonly SumSource[];
  readonly chains?: readonly ChainSource[];
  readonly moves?: readonly MoveSource[];
  /** Settled images in which a key must stand that wasn't there when the table was first read. @default 1 */
  readonly newKeys?: number;
  /** Rows that must read well, else all of the table is in doubt. @default 1 */
  readonly atLeast?: number;
  /** Share of rejected rows, or of rejected cells of a column, above which all of the table is in doubt. @default 0.3 */
  readonly rejectedShare?: number;
  readonly fields: Readonly<Record<string, FieldSource>>;
  /** Field of the record → field of the dictionary: `{bid: BID}`. */
  readonly dictionary?: Readonly<Record<string, string>>;
}

/** A part of the page that no rule reads. */
export interface AreaSource {
  readonly rows: RangeSource;
  readonly columns?: RangeSource;
  /** Not in the rows of tables, wherever these stand: what is beside their columns there still puts rows in doubt. @default false */
  readonly outside?: boolean;
}

/** What the escape hatch sees of a page. Each look counts: one that looks without end is stopped. */
export interface RegionView {
  readonly rows: number;
  readonly columns: number;
  /** The text of cells, blanks trimmed; undefined where one of them is damaged or has never been set. */
  text(row: number, first: number, end: number): string | undefined;
}

/** What the escape hatch finds. */
export interface CustomItem {
  readonly key: string;
  /** Exact values as text; null for those that are said not to be. */
  readonly fields: Readonly<Record<string, string | null>>;
}

/** TypeScript only: a pure function from rows to items, for pages that nothing else reads. */
export interface CustomSource {
  readonly rows: RangeSource;
  read(view: RegionView): readonly CustomItem[];
}

export interface ShredderSource {
  readonly shredder: string;
  /** Name of the page that it reads. */
  readonly page: string;
  /** `25x80`. */
  readonly size: string;
  readonly version: number;
  /** Service of its items. @default the page's name */
  readonly service?: string;
  readonly anchors: Readonly<Record<string, AnchorSource>>;
  readonly tables?: Readonly<Record<string, TableSource>>;
  readonly custom?: Readonly<Record<string, CustomSource>>;
  /** Texts that don't matter but are known: a change of many of them means another layout. */
  readonly static?: readonly AreaSource[];
  /** Text that changes and is of no use. */
  readonly ignore?: readonly AreaSource[];
  /**
   * How long text must stand still before it is read, and the longest wait for that. `by`: the whole page, or each row for
   * itself on pages that never stand still. @default 50 ms, 500 ms, the page
   */
  readonly settle?: { readonly quietMs?: number; readonly atMostMs?: number; readonly by?: 'page' | 'row' };
  /** Settled images in match before items come back after a drift. @default 2 */
  readonly release?: number;
  /** Drifts within an hour after which a person must look. @default 6 */
  readonly flaps?: number;
}

/** What may stand where a column is named: `quote`, or a part of it: `quote.bid`. */
type Reference<Columns> = (keyof Columns & string) | `${keyof Columns & string}.${string}`;

/** A table whose rules can only name its own columns and fields. */
export interface TypedTable<Columns extends Readonly<Record<string, ColumnSource>>, Fields extends string>
  extends Omit<TableSource, 'columns' | 'status' | 'shared' | 'fields' | 'dictionary'> {
  readonly columns: Columns;
  readonly status?: keyof Columns & string;
  readonly shared?: readonly (keyof Columns & string)[];
  readonly fields: Readonly<Record<Fields, Reference<NoInfer<Columns>> | 'symbol' | Exclude<FieldSource, string>>>;
  readonly dictionary?: Readonly<Partial<Record<NoInfer<Fields>, string>>>;
}

/**
 * A table in TypeScript whose columns and fields are checked, and completed, as it is written. Fields that name what panels or
 * headings set are for tables without this help.
 */
export function table<const Columns extends Readonly<Record<string, ColumnSource>>, const Fields extends string>(
  source: TypedTable<Columns, Fields>,
): TableSource {
  return source as TableSource;
}

/**
 * A shredder in TypeScript; its names are checked as it is written. The same model as the YAML form, and compiled to the
 * same plan.
 */
export function defineShredder<const Source extends ShredderSource>(source: Source): Source {
  return source;
}
