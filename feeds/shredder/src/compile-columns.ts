import { errorMessage } from '@tickerplant/core';
import { type CellType, cellType } from '@tickerplant/page-values';
import { nameIn } from './names.ts';
import type { Column, Header } from './plan.ts';
import type { PathStep, Report } from './problems.ts';
import { rangeOf } from './schema.ts';
import type { ColumnSource, TableSource, TypeSource } from './source.ts';

const COLUMNS_MAX = 60;
const WIDTH_UNDER_LAST = 20;

/** The columns of a table: where they stand and what they read. */
export function compileColumns(
  source: TableSource,
  header: Header | undefined,
  height: number,
  pageColumns: number,
  report: Report,
): Column[] {
  const letters = readRuler(source.ruler, pageColumns, report);
  const used = new Set<string>();
  const entries = Object.entries(source.columns);
  if (entries.length > COLUMNS_MAX) report(['columns'], `expected at most ${COLUMNS_MAX} columns`);
  for (const name of source.shared ?? []) {
    if (!(name in source.columns)) report(['shared'], nameIn('a column', name, Object.keys(source.columns)));
  }
  const columns = entries.map(([name, written], index): Column => {
    const path = ['columns', name];
    if (![...name].every(isNameLetter)) report(path, 'expected a name of letters, digits and _');
    const joins = joinsOf(written, name, source, path, report);
    const place =
      joins.length > 0 ? { first: 0, end: 1 } : placeOf(written, letters, header, pageColumns, path, report);
    if (written.letter !== undefined) used.add(written.letter);
    if ((written.line ?? 0) >= height) report([...path, 'line'], `expected a line below the table's height ${height}`);
    return {
      name,
      index,
      first: place.first,
      end: place.end,
      line: written.line ?? 0,
      joins,
      separator: written.separator ?? '/',
      types: typesOf(written.type, [...path, 'type'], report),
      marks: new Map(Object.entries(written.marks ?? {})),
      blank: written.blank,
      isOptional: written.optional ?? false,
      align: written.align ?? source.align ?? 'left',
      shapes: written.shape === undefined ? [] : typeof written.shape === 'string' ? [written.shape] : written.shape,
      isIsolated: written.isolated ?? false,
      continues: written.continues ?? false,
      isProse: written.prose ?? false,
      isShared: source.shared?.includes(name) ?? false,
    };
  });
  for (const letter of letters.keys()) {
    if (!used.has(letter)) report(['ruler'], `expected a column for each letter, got none for ${letter}`);
  }
  for (const a of columns) {
    for (const b of columns) {
      if (a.joins.length + b.joins.length > 0) continue;
      if (a.index < b.index && a.line === b.line && a.first < b.end && b.first < a.end) {
        report(
          ['columns', b.name],
          `expected columns of its own, got ${b.first}..${b.end - 1}, where ${a.name} stands`,
        );
      }
    }
  }
  return columns;
}

function joinsOf(
  written: ColumnSource,
  name: string,
  { columns }: TableSource,
  path: readonly PathStep[],
  report: Report,
): number[] {
  if (written.join === undefined) return [];
  const names = Object.keys(columns);
  return written.join.map((other, index) => {
    const column = columns[other];
    if (column === undefined || other === name)
      report([...path, 'join', index], nameIn('another column', other, names));
    else if (column.join !== undefined) report([...path, 'join', index], `expected a column of the page, got ${other}`);
    return Math.max(0, names.indexOf(other));
  });
}

function isNameLetter(letter: string): boolean {
  return /^\w$/.test(letter);
}

function readRuler(
  ruler: string | undefined,
  pageColumns: number,
  report: Report,
): ReadonlyMap<string, { first: number; end: number }> {
  const letters = new Map<string, { first: number; end: number }>();
  const picture = (ruler ?? '').trimEnd();
  if (picture.length > pageColumns) report(['ruler'], `expected at most ${pageColumns} columns, got ${picture.length}`);
  for (let at = 0; at < picture.length; at++) {
    const letter = picture[at]!;
    if (letter === ' ') continue;
    const place = letters.get(letter);
    if (place === undefined) letters.set(letter, { first: at, end: at + 1 });
    else if (place.end === at) place.end++;
    else report(['ruler'], `expected each letter in one piece, got ${letter} at ${place.first} and again at ${at}`);
  }
  return letters;
}

function placeOf(
  written: ColumnSource,
  letters: ReadonlyMap<string, { first: number; end: number }>,
  header: Header | undefined,
  pageColumns: number,
  path: readonly PathStep[],
  report: Report,
): { first: number; end: number } {
  const nowhere = { first: 0, end: 1 };
  const ways = [written.letter, written.at, written.under].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    report(path, `expected one of letter, at and under, got ${ways.length === 0 ? 'none' : 'several'}`);
    return nowhere;
  }
  if (written.letter !== undefined) {
    const place = letters.get(written.letter);
    if (place !== undefined) return place;
    report([...path, 'letter'], nameIn('a letter of the ruler', written.letter, [...letters.keys()]));
    return nowhere;
  }
  if (written.at !== undefined) {
    const range = rangeOf(written.at)!;
    if (range.last < pageColumns) return { first: range.first, end: range.last + 1 };
    report([...path, 'at'], `expected columns up to ${pageColumns - 1}, got ${range.last}`);
    return nowhere;
  }
  const cells = header?.cells ?? [];
  const found = cells.filter((cell) => cell.text === written.under);
  if (found.length !== 1) {
    const message =
      found.length === 0
        ? nameIn(
            'a header cell',
            written.under!,
            cells.map((cell) => cell.text),
          )
        : `expected a header cell that is there once; use a ruler for ${JSON.stringify(written.under)}`;
    report([...path, 'under'], message);
    return nowhere;
  }
  const { column, line } = found[0]!;
  const next = cells.filter((cell) => cell.line === line && cell.column > column).map((cell) => cell.column - 2);
  const end =
    written.width === undefined ? Math.min(column + WIDTH_UNDER_LAST, pageColumns, ...next) : column + written.width;
  if (end > pageColumns) report([...path, 'width'], `expected columns up to ${pageColumns - 1}`);
  return { first: column, end };
}

/** The types that a column, or a heading, is declared to have. */
export function typesOf(source: ColumnSource['type'], path: readonly PathStep[], report: Report): CellType[] {
  const declared = (Array.isArray(source) ? source : [source]) as readonly TypeSource[];
  const types: CellType[] = [];
  declared.forEach((type, index) => {
    try {
      types.push(cellType(type));
    } catch (error) {
      report(Array.isArray(source) ? [...path, index] : path, errorMessage(error));
    }
  });
  return types;
}
