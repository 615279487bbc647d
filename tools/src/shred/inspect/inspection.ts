import type { Page } from '@tickerplant/pages';
import {
  columnsOf,
  coverage,
  type DriftedCells,
  driftOf,
  type Explanation,
  explain,
  type Plan,
  type Printed,
  type ShreddedItem,
  Shredder,
  shown,
} from '@tickerplant/shredder';
import { fingerprintOf } from '../fingerprint.ts';
import type { NamedSource } from '../source.ts';

/**
 * What a cell is on the screen. `doubt`: read, but its item isn't LIVE; `refused`: the rule doesn't take the text; `window`: a
 * rule looks there, and finds a blank; `unread`: text that no rule reads and nobody declared.
 */
export type CellKind = 'blank' | 'window' | 'value' | 'doubt' | 'refused' | 'anchor' | 'header' | 'known' | 'unread';

/** One rule with the letter that stands for it. */
interface Rule {
  /** `spot.quote` */
  readonly name: string;
  readonly letter: string;
  readonly type: string;
}

/** What is to be said of a cell; cells of which the same is to be said share one. */
export interface CellNote {
  readonly kind: CellKind;
  readonly role: Explanation['role'];
  readonly rule: string | undefined;
  /** Number of the rule among `rules`; -1: none. */
  readonly ruleNumber: number;
  /** Columns of the page that the rule reads there, the last one included. */
  readonly columns: readonly [first: number, last: number] | undefined;
  readonly raw: string | undefined;
  readonly type: string | undefined;
  /** Parts of the value by name: `bid`, `ask`. */
  readonly value: Readonly<Record<string, string>>;
  readonly subject: string | undefined;
  readonly state: string | undefined;
  /** Fields of the record that come from this cell; null: the page says there is none; without values where not LIVE. */
  readonly fields: Readonly<Record<string, Printed>>;
  readonly why: readonly string[];
}

/** A moment of a page that comes out of captures. */
export interface InspectedMoment {
  /** `2026-11-30T10:02:11.413000000Z` */
  readonly at: string;
  /** Which one it is of how many, from 0. */
  readonly number: number;
  readonly count: number;
  /** What its service said of the page; UNKNOWN: what is shown was known last. */
  readonly quality: string;
  readonly why: string;
}

/** Cells that are not as they are known, one beside the other in a row. */
type Drift = Pick<DriftedCells, 'row' | 'column' | 'end' | 'what' | 'rule' | 'want' | 'got'>;

/** A page as a shredder sees it, ready to be shown anywhere. */
export interface Inspection {
  /** `fx-spot-composite 1` */
  readonly shredder: string;
  readonly file: string;
  readonly page: string;
  readonly match: string;
  readonly reasons: readonly string[];
  readonly rows: number;
  readonly columns: number;
  readonly text: readonly string[];
  /** By row and column: number of the cell's note. */
  readonly cells: readonly (readonly number[])[];
  readonly notes: readonly CellNote[];
  readonly rules: readonly Rule[];
  readonly unread: readonly { readonly row: number; readonly column: number; readonly text: string }[];
  readonly items: readonly ShreddedItem[];
  /** Where it differs from what is known of the page. */
  readonly drifts: readonly Drift[];
  /** Pages that static text is known from; 0: it is not looked at. */
  readonly learnedFrom: number;
  /** Of a page out of captures. */
  readonly moment: InspectedMoment | undefined;
  /** By row and column: milliseconds since the cell changed, null where it hasn't since the page is known; undefined: not known. */
  readonly ages: readonly (readonly (number | null)[])[] | undefined;
}

/** A page to inspect, and what is known of it. */
interface SeenPage {
  readonly page: Page;
  /** What to call it. */
  readonly file: string;
  /** Business date, days since 1970. */
  readonly today?: number;
  /** UTC in milliseconds since 1970 at 0 ns. */
  readonly utcMs?: number;
  readonly atNs?: number;
  /** By cell: when it last changed; NaN: never. */
  readonly changedNs?: Float64Array;
  readonly moment?: InspectedMoment;
}

/** What is inspected. */
export interface InspectOptions {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Looks at a page with a shredder, as one that stands on its own. @throws TickerError and ShredderError of either */
export function inspectPage(source: NamedSource, seen: SeenPage): Inspection {
  const { plan, title } = source;
  const { page, file, today, utcMs, atNs = 0, changedNs, moment } = seen;
  const shredder = new Shredder(plan, {
    ...(today === undefined ? {} : { today }),
    ...(utcMs === undefined ? {} : { utcMs }),
  });
  shredder.runWhole(page, atNs);
  const fingerprint = fingerprintOf(source);
  const { unread } = coverage(shredder, page);
  const rules = rulesOf(plan);
  const items = new Map([...shredder.items()].map((item) => [item.subject, item]));
  const notes: CellNote[] = [];
  const known = new Map<string, number>();
  const cells: number[][] = [];
  const text: string[] = [];
  const isUnread = new Set(
    unread.flatMap((one) => [...one.text].map((_, at) => one.row * plan.columns + one.column + at)),
  );
  for (let row = 0; row < plan.rows; row++) {
    const line = rowText(page, row);
    text.push(line.join(''));
    cells.push(
      line.map((_, column) => {
        const explanation = explain(shredder, row, column);
        const item = explanation.subject === undefined ? undefined : items.get(explanation.subject);
        const kind = kindOf(
          explanation,
          isWithin(line, column, explanation),
          isUnread.has(row * plan.columns + column),
          item?.quality,
        );
        const note: CellNote = {
          kind,
          role: explanation.role,
          rule: explanation.rule,
          ruleNumber: rules.findIndex((rule) => rule.name === explanation.rule),
          columns: explanation.first === undefined ? undefined : [explanation.first, explanation.end! - 1],
          raw: explanation.token,
          type: explanation.type,
          value: explanation.parts,
          subject: explanation.subject,
          state: explanation.state,
          fields: fieldsOf(plan, explanation, item?.quality === 'LIVE' ? item.fields : undefined),
          why: explanation.reasons,
        };
        const key = JSON.stringify(explanation.role === 'cell' ? { ...note, row } : note);
        const number = known.get(key) ?? notes.push(note) - 1;
        known.set(key, number);
        return number;
      }),
    );
  }
  const { page: name, match, reasons, items: shownItems } = shown(shredder, page);
  const size = { rows: plan.rows, columns: plan.columns };
  return {
    shredder: title,
    file,
    page: name,
    match,
    reasons,
    ...size,
    text,
    cells,
    notes,
    rules,
    unread,
    items: shownItems,
    drifts: driftOf(shredder, page, fingerprint),
    learnedFrom: fingerprint?.pages ?? 0,
    moment,
    ages: changedNs === undefined ? undefined : agesOf(changedNs, atNs, size),
  };
}

function agesOf(changedNs: Float64Array, atNs: number, { rows, columns }: { rows: number; columns: number }) {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const at = changedNs[row * columns + column];
      return at === undefined || Number.isNaN(at) ? null : Math.round((atNs - at) / 1e6);
    }),
  );
}

function rowText(page: Page, row: number): string[] {
  return Array.from({ length: page.columns }, (_, column) => {
    const word = page.text[row * page.columns + column]!;
    const code = word & 0x1f_ffff;
    // What comes from a page must not command a terminal.
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ? (code === 0 ? ' ' : '?') : String.fromCodePoint(code);
  });
}

/** Whether a cell is part of the text of its window; one of two words' blanks is. */
function isWithin(line: readonly string[], column: number, { first = column, end = column + 1 }: Explanation): boolean {
  const isShown = (letter: string): boolean => letter !== ' ';
  return line.slice(first, column + 1).some(isShown) && line.slice(column, end).some(isShown);
}

function rulesOf(plan: Plan): Rule[] {
  const all = plan.tables.flatMap((table) =>
    table.columns
      .filter((column) => column.joins.length === 0)
      .map((column) => ({
        name: `${table.name}.${column.name}`,
        type: column.types.map((type) => type.name).join(' or '),
      })),
  );
  return all.map((rule, index) => ({ ...rule, letter: LETTERS[index % LETTERS.length]! }));
}

function kindOf(explanation: Explanation, isText: boolean, isUnread: boolean, quality: string | undefined): CellKind {
  const { role, outcome } = explanation;
  if (isUnread) return 'unread';
  if (role === 'cell') {
    if (!isText || outcome === undefined) return 'window';
    if (outcome === 'reject') return 'refused';
    return quality === 'LIVE' ? 'value' : 'doubt';
  }
  if (!isText) return 'blank';
  if (role === 'anchor' || role === 'header') return role;
  return role === 'nothing' || role === 'between' ? 'unread' : 'known';
}

/** Fields of the record that a cell gives, with their values. */
function fieldsOf(
  plan: Plan,
  { rule }: Explanation,
  values: ReadonlyMap<string, { readonly text: Printed }> | undefined,
): Readonly<Record<string, Printed>> {
  const table = plan.tables.find((one) => rule?.startsWith(`${one.name}.`) === true);
  const column = table?.columns.find((one) => rule === `${table.name}.${one.name}`);
  if (table === undefined || column === undefined) return {};
  const names = table.fields
    .filter((field) => columnsOf(plan, table.index, field).includes(column.index))
    .map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, values?.get(name)?.text ?? null]));
}

/** What is to be said of a cell, line by line. */
export function noteLines(inspection: Inspection, row: number, column: number): string[] {
  const note = inspection.notes[inspection.cells[row]![column]!]!;
  const lines = [`row ${row} col ${column}`];
  const fact = (name: string, text: string): void => {
    lines.push(`${name.padEnd(7)} ${text}`);
  };
  if (note.rule !== undefined) {
    const where = note.columns === undefined ? '' : `  col ${note.columns[0]}..${note.columns[1]}`;
    fact(note.role === 'cell' ? 'rule' : note.role, `${note.rule}${where}`);
  } else if (note.kind === 'unread')
    fact('unread', 'no rule reads this: give it a column, or declare it static or ignore it');
  else if (note.kind !== 'blank') fact('role', note.role);
  if (note.raw !== undefined && note.raw !== '') fact('raw', JSON.stringify(note.raw));
  if (note.type !== undefined && note.type !== '') fact('type', note.type);
  const parts = Object.entries(note.value);
  if (parts.length > 0)
    fact('value', parts.map(([name, value]) => (name === 'value' ? value : `${name} ${value}`)).join('  '));
  if (note.subject !== undefined) fact('item', `${note.subject}  ${note.state}`);
  const fields = Object.entries(note.fields);
  if (fields.length > 0) {
    fact('fields', fields.map(([name, value]) => (value === null ? name : `${name} ${String(value)}`)).join('  '));
  }
  for (const why of note.why) fact('why', why);
  const age = inspection.ages?.[row]?.[column];
  if (age !== undefined) fact('age', age === null ? 'not changed since the page is known' : ageText(age));
  for (const { what, rule, want, got } of driftsAt(inspection, row, column)) {
    fact('drift', `${what}${rule === '' ? '' : ` ${rule}`}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
  }
  return lines;
}

/** What of a page's drifts lies in a cell. */
export function driftsAt({ drifts }: Inspection, row: number, column: number): Drift[] {
  return drifts.filter((drift) => drift.row === row && column >= drift.column && column < drift.end);
}

/** `4.2 s`, `12 min`. @param ms milliseconds */
function ageText(ms: number): string {
  if (ms === 0) return 'changed at this moment';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
