import { suggestion } from '@tickerplant/floor';
import type { Column } from './plan.ts';

/** What the rules of a table may name. */
export interface Names {
  readonly columns: readonly Column[];
  /** Names that panels and headings set. */
  readonly set: readonly string[];
}

/** `expected a column: did you mean quote?` */
export function nameIn(what: string, written: string, known: readonly string[]): string {
  const near = suggestion(written, known);
  const hint = near === undefined ? `one of ${known.join(', ')}` : `did you mean ${near}?`;
  return `expected ${what}, got ${JSON.stringify(written)}: ${hint}`;
}

/** A column by its name, or a message. */
export function columnNamed(written: string, { columns }: Names): Column | string {
  const column = columns.find((candidate) => candidate.name === written);
  return (
    column ??
    nameIn(
      'a column',
      written,
      columns.map((candidate) => candidate.name),
    )
  );
}

/** `column.part` or `column`, which is its first part. */
export function partNamed(written: string, names: Names): { readonly column: Column; readonly part: string } | string {
  const point = written.indexOf('.');
  const column = columnNamed(point < 0 ? written : written.slice(0, point), names);
  if (typeof column === 'string') return column;
  // What is wrong with its types has been said there.
  if (column.types.length === 0) return { column, part: point < 0 ? '' : written.slice(point + 1) };
  const parts = [...new Set(column.types.flatMap((type) => type.parts.map((part) => part.name)))];
  const part = point < 0 ? parts[0]! : written.slice(point + 1);
  return parts.includes(part) ? { column, part } : nameIn(`a part of ${column.name}`, part, parts);
}
