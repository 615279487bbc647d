import type { Decimal } from '@tickerplant/core';
import type { CellValue } from '@tickerplant/page-values';
import { foregroundOf, type Page } from '@tickerplant/pages';
import type { Condition, Field, FieldRule, ValueForm } from './plan.ts';
import { type Cell, partOf } from './rows.ts';

/** A field's value for people: exact text; null where the page says that there is none. */
export type Printed = string | null | boolean | readonly string[];

/** A field of a record. */
export interface FieldValue {
  readonly text: Printed;
  /** For the dictionary; null where there is none. */
  readonly value: CellValue | null;
}

/** What fields may ask of a row. */
export interface RowFacts {
  readonly cells: readonly Cell[];
  /** Names that the panel, the heading and the item set: `symbol`. */
  name(name: string): string;
  readonly noValue: string | undefined;
  readonly page: Page;
  /** Whether the page has any colours: where it has none, nothing is known of them. */
  readonly isColoured: boolean;
}

/** The value of a field in a row; undefined where it has none there. */
export function fieldOf(field: Field, row: RowFacts): FieldValue | undefined {
  const { rule } = field;
  switch (rule.kind) {
    case 'value':
      return partValue(rule, row.cells[rule.column]!);
    case 'raw': {
      const cell = row.cells[rule.column]!;
      return cell.outcome === 'value' ? rawValue(cell) : noValue(cell);
    }
    case 'mark': {
      const cell = row.cells[rule.column]!;
      return cell.outcome === 'mark' && cell.token !== '' ? textValue(cell.token) : undefined;
    }
    case 'status':
      return row.noValue === undefined ? undefined : textValue(row.noValue);
    case 'name':
      return textValue(row.name(rule.name));
    case 'constant':
      return textValue(rule.text);
    case 'when': {
      const holds = conditionHolds(rule.when, row);
      return holds === undefined ? undefined : { text: holds, value: null };
    }
    case 'first': {
      const found = rule.cases.find((one) => one.when === undefined || conditionHolds(one.when, row) === true);
      return found === undefined ? undefined : textValue(found.give);
    }
    case 'all': {
      const found = rule.cases.filter((one) => one.when === undefined || conditionHolds(one.when, row) === true);
      return found.length === 0 ? undefined : { text: found.map((one) => one.give), value: null };
    }
  }
}

function textValue(text: string): FieldValue {
  return { text, value: { kind: 'text', value: text } };
}

/** As printed; dates and times keep their value for the dictionary. */
function rawValue(cell: Cell): FieldValue {
  const value = cell.parts[0];
  return value?.kind === 'date' || value?.kind === 'time' ? { text: cell.token, value } : textValue(cell.token);
}

const NULL: FieldValue = { text: null, value: null };

function noValue(cell: Cell): FieldValue | undefined {
  return cell.outcome === 'mark' ? NULL : undefined;
}

function partValue(rule: FieldRule & { kind: 'value' }, cell: Cell): FieldValue | undefined {
  if (cell.outcome !== 'value') return noValue(cell);
  const value = partOf(cell, rule.part);
  return value === undefined ? NULL : { text: printed(value, cell, rule.form), value };
}

const MINUTE_NS = 60e9;
const HOUR_NS = 60 * MINUTE_NS;
const DAY_MS = 86_400_000;
const twoDigits = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** Dates and times as the page shows them, if nothing else is said. */
function printed(value: CellValue, cell: Cell, form: ValueForm): string {
  switch (value.kind) {
    case 'decimal':
      if (form === '32nds') return thirtySeconds(value.value);
      if (form === 'shortest' || isFractional(cell)) return shortest(value.value);
      return isAsPrinted(cell.token, value.value) ? cell.token : value.value.toString();
    case 'text':
      return value.value;
    case 'direction':
      return value.value > 0 ? '+' : value.value < 0 ? '-' : '0';
    case 'time':
      return form === 'hh:mm'
        ? `${twoDigits(value.value / HOUR_NS)}:${twoDigits((value.value % HOUR_NS) / MINUTE_NS)}`
        : cell.token;
    case 'date':
      return form === 'iso' ? new Date(value.value * DAY_MS).toISOString().slice(0, 10) : cell.token;
  }
}

const ZERO = 0x30;
const POINT = 0x2e;
/** So many figures are a whole number in a double. */
const FIGURES_MAX = 15;

/** Whether a token is, figure for figure, what `toString` makes of a decimal: most are, and then it need not be written anew. */
function isAsPrinted(token: string, { mantissa, exponent }: Decimal): boolean {
  const { length } = token;
  if (length > FIGURES_MAX || length === 0) return false;
  let whole = 0;
  let point = length;
  for (let at = 0; at < length; at++) {
    const code = token.charCodeAt(at);
    if (code === POINT && point === length) point = at;
    else if (code >= ZERO && code <= ZERO + 9) whole = whole * 10 + code - ZERO;
    else return false;
  }
  const decimals = point === length ? 0 : length - point - 1;
  if (whole !== mantissa || decimals !== -exponent || point === 0 || point === length - 1) return false;
  return point === 1 || token.charCodeAt(0) !== ZERO;
}

const FRACTIONAL: ReadonlySet<string> = new Set(['thirtySeconds', 'thirtySecondsQuote', 'fraction', 'fractionQuote']);

/** Whether a cell shows fractions: the decimals of their values say nothing. */
function isFractional(cell: Cell): boolean {
  if (cell.parts.length === 1) return FRACTIONAL.has(cell.type?.name ?? '');
  const alternative = partOf(cell, 'alternative')?.value;
  return FRACTIONAL.has(typeof alternative === 'string' ? alternative : (cell.type?.name ?? ''));
}

/** Without zeros at the end, but with one decimal: `100.0`. */
function shortest(value: Decimal): string {
  const text = value.toShortString();
  return text.includes('.') ? text : `${text}.0`;
}

/** `99-16+`: points, 32nds, and `+` for a half or eighths of a 32nd; the decimal where it is none of these. */
function thirtySeconds(value: Decimal): string {
  const scale = value.exponent < 0 ? 10n ** BigInt(-value.exponent) : 1n;
  const whole = BigInt(value.mantissa) * (value.exponent > 0 ? 10n ** BigInt(value.exponent) : 1n) * 256n;
  if (whole % scale !== 0n || whole < 0n) return value.toString();
  const parts = whole / scale;
  const eighths = parts % 8n;
  const tail = eighths === 0n ? '' : eighths === 4n ? '+' : String(eighths);
  return `${parts / 256n}-${String((parts % 256n) / 8n).padStart(2, '0')}${tail}`;
}

/** Whether a condition holds; undefined where it can't be known: colours on a page that has none. */
export function conditionHolds(condition: Condition, row: RowFacts): boolean | undefined {
  const cell = row.cells[condition.column]!;
  switch (condition.kind) {
    case 'part': {
      const value = partOf(cell, condition.part);
      return value !== undefined && condition.is.includes(String(value.value));
    }
    case 'mark':
      return cell.outcome === 'mark' && cell.mark === condition.is;
    case 'has':
      return cell.outcome === 'value';
    case 'blank':
      return cell.token === '';
    case 'given':
      return cell.token !== '';
    case 'text':
      return cell.token.startsWith(condition.starts);
    case 'colour':
      return row.isColoured ? colouredCells(condition, cell, row.page) === cell.token.length : undefined;
  }
}

/** Whether the colour of a text is in part what a condition asks for, or goes on beyond it. */
export function isMixed(condition: Condition & { kind: 'colour' }, cell: Cell, page: Page): boolean {
  const coloured = colouredCells(condition, cell, page);
  if (coloured !== 0 && coloured !== cell.token.length) return true;
  if (!condition.isExact) return false;
  const behind = cell.at + cell.token.length;
  const isBehind = behind < cell.end && isColoured(condition, cell.row, behind, page);
  const isBefore = cell.at > 0 && isColoured(condition, cell.row, cell.at - 1, page);
  return isBehind || isBefore;
}

function colouredCells(condition: Condition & { kind: 'colour' }, cell: Cell, page: Page): number {
  let count = 0;
  for (let at = cell.at; at < cell.at + cell.token.length; at++) {
    if (isColoured(condition, cell.row, at, page)) count++;
  }
  return count;
}

function isColoured({ is }: Condition & { kind: 'colour' }, row: number, column: number, page: Page): boolean {
  return foregroundOf(page.style[row * page.columns + column]!) === is;
}
