import { basename } from 'node:path';
import { parseDay } from '@tickerplant/core';
import {
  columnsOf,
  coverage,
  type Explanation,
  explain,
  type Plan,
  type Printed,
  type ShreddedItem,
  Shredder,
  shown,
} from '@tickerplant/shredder';
import { readPage } from '../page-file.ts';
import { type NamedSource, readSource } from '../source.ts';

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
}

/** What is inspected. */
export interface InspectOptions {
  readonly with: string;
  readonly attrs?: string;
  readonly today?: string;
  readonly store: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Reads a page with a shredder, both from files. @throws TickerError and ShredderError of either */
export function inspect(file: string, options: InspectOptions): Inspection {
  return inspectWith(readSource(options.with, options.store), file, options);
}

function inspectWith({ plan, title }: NamedSource, file: string, { attrs, today }: InspectOptions): Inspection {
  const page = readPage(plan, file, attrs);
  const shredder = new Shredder(plan, today === undefined ? {} : { today: parseDay(today) });
  shredder.runWhole(page, 0);
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
    file: basename(file),
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
  };
}

function rowText(page: ReturnType<typeof readPage>, row: number): string[] {
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
  return lines;
}
