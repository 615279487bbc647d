/**
 * Why something isn't believed. Stable codes: the same one goes to the record, the log, the counter and the inspector.
 *
 * | code | level | meaning |
 * | --- | --- | --- |
 * | `ANCHOR_MISSING` | page, table | a text that must be there isn't |
 * | `HEADER_CHANGED` | table | a header line with another cell, or cells in another order |
 * | `BLANK_PAGE` | page | most of the page's text is gone |
 * | `STATIC_CHANGED` | page | too much of the text that never changed before has |
 * | `REJECTED_SHARE` | table | too many of its rows don't read |
 * | `COLUMN_REJECTED` | table | too many cells of one column don't read |
 * | `GUARD_SHARE` | table | one guard fails in too many rows |
 * | `TABLE_GUARD` | table | a guard that puts all of the table in doubt fails |
 * | `COVERAGE_LOW` | table | fewer rows read well than must |
 * | `VALUES_WITHOUT_LABEL` | table | values in a row that has no key: labels and values have come apart |
 * | `LABEL_MISSING` | row | a key that was expected isn't on the page |
 * | `LABEL_AMBIGUOUS` | row | a key stands on the page twice |
 * | `LABEL_UNKNOWN` | notice | a row with a key that isn't expected |
 * | `TYPE_REJECT` | cell | the type refuses the token |
 * | `SHAPE_REJECT` | cell | the token has none of the declared forms |
 * | `CELL_MISSING` | cell | blank where a value must be |
 * | `OUT_OF_LINE` | cell | the token doesn't begin (or end) where its column does |
 * | `RULER_CROSSED` | cell | text goes on beyond the column: the token may be cut |
 * | `UNREAD_TEXT` | row, notice | text where there was none |
 * | `DAMAGED_CELL` | cell | damaged in transmission, or never set |
 * | `GUARD_FAIL` | row | what must hold between values doesn't |
 * | `COLOUR_MIXED` | row | a text whose colour means something has it in part, or beyond its end |
 * | `MOVE_LIMIT` | row | too far from the last good value; waits for confirmation |
 * | `KEY_NEW` | row | a key that wasn't there when the table was first read; waits for confirmation |
 * | `MOVED_TOGETHER` | table | most keys moved too far at once: another unit? |
 * | `RETURNING` | table | in match again; waits for more settled images |
 * | `FLAPPING` | table | drifted too often within an hour; a person must look |
 * | `DROPPED` | row | the new version doesn't have this item |
 * | `PAGE_OLD` | row | the page's own clock is too far from the time |
 * | `FAULT` | page | the shredder itself failed |
 */
export type ReasonCode =
  | 'ANCHOR_MISSING'
  | 'HEADER_CHANGED'
  | 'BLANK_PAGE'
  | 'STATIC_CHANGED'
  | 'REJECTED_SHARE'
  | 'COLUMN_REJECTED'
  | 'GUARD_SHARE'
  | 'TABLE_GUARD'
  | 'COVERAGE_LOW'
  | 'VALUES_WITHOUT_LABEL'
  | 'LABEL_MISSING'
  | 'LABEL_AMBIGUOUS'
  | 'LABEL_UNKNOWN'
  | 'TYPE_REJECT'
  | 'SHAPE_REJECT'
  | 'CELL_MISSING'
  | 'OUT_OF_LINE'
  | 'RULER_CROSSED'
  | 'UNREAD_TEXT'
  | 'DAMAGED_CELL'
  | 'GUARD_FAIL'
  | 'COLOUR_MIXED'
  | 'MOVE_LIMIT'
  | 'KEY_NEW'
  | 'MOVED_TOGETHER'
  | 'RETURNING'
  | 'FLAPPING'
  | 'DROPPED'
  | 'PAGE_OLD'
  | 'FAULT';

/** A reason with its facts, in the order in which they are shown. */
export interface Reason {
  readonly code: ReasonCode;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Bound on texts from pages in reasons. */
const FACT_LENGTH_MAX = 80;

export function reason(code: ReasonCode, facts: Readonly<Record<string, string | number>>): Reason {
  return { code, facts };
}

/** `ANCHOR_MISSING row=2 col=38 want="BID/ASK" got="LOC BI"`: numbers bare, texts in quotes. */
export function reasonText({ code, facts }: Reason): string {
  let text: string = code;
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'number') text += ` ${name}=${value}`;
    else
      text += ` ${name}=${JSON.stringify(value.length > FACT_LENGTH_MAX ? `${value.slice(0, FACT_LENGTH_MAX)}…` : value)}`;
  }
  return text;
}
