import { absolute, add, compare, type Exact, exactFromText, exactOf, exactText, isWithin } from './exact.ts';
import type { Limits, Move, MoveValue, Panel } from './plan.ts';
import { type Reason, reason } from './reasons.ts';
import { RowOperands, type RowReading, textOf } from './row-reader.ts';
import { partOf } from './rows.ts';

// What rows say is held against what they said before: values that may not move too far, and values that do not change while a
// layout is what it was, such as the last close that price and change imply.

/** What is remembered of a row: the value of each move, and behind them what its `or`, `apart` and `when` say. */
export type Remembered = readonly (Exact | string | undefined)[];

/** What a reading says of each move. */
export function remember(moves: readonly Move[], reading: RowReading): Remembered {
  const values: (Exact | string | undefined)[] = moves.map(({ of }) => readValue(of, reading));
  for (let index = 0; index < moves.length; index++) {
    const { or, apart, when } = moves[index]!;
    if (or !== undefined) values[or.at] = readValue(or.of, reading);
    if (when !== undefined) values[when.at] = readValue(when.of, reading);
    if (apart !== undefined) values[apart.at] = readValue(apart.of, reading);
  }
  return values;
}

/** What a shredder remembers of its rows, to be kept while it doesn't run: JSON. */
export interface ShredderMemory {
  readonly tables: Readonly<Record<string, TableMemory>>;
}

interface TableMemory {
  /** Names of the moves. */
  readonly moves: readonly string[];
  /** By symbol: what was last believed; numbers as `=1.25`, texts as `"1.25`. */
  readonly items: Readonly<Record<string, readonly (string | null)[]>>;
}

/** What is remembered of a table's items. */
export function keptMemory(moves: readonly Move[], items: Iterable<readonly [string, Remembered]>): TableMemory {
  const kept: Record<string, readonly (string | null)[]> = {};
  for (const [symbol, values] of items) {
    kept[symbol] = Array.from(values, (value) =>
      value === undefined ? null : typeof value === 'string' ? `"${value}` : `=${exactText(value)}`,
    );
  }
  return { moves: moves.map(({ name }) => name), items: kept };
}

/** The other way round; nothing where the table's moves are others by now. */
export function recalledItems(moves: readonly Move[], memory: TableMemory | undefined): Map<string, Remembered> {
  const items = new Map<string, Remembered>();
  if (memory === undefined || memory.moves.join('\n') !== moves.map(({ name }) => name).join('\n')) return items;
  for (const [symbol, values] of Object.entries(memory.items)) {
    items.set(
      symbol,
      values.map((text) =>
        text === null ? undefined : text.startsWith('"') ? text.slice(1) : exactFromText(text.slice(1)),
      ),
    );
  }
  return items;
}

/** What is remembered, for the moves of another version: by their names. */
export function carried(old: readonly Move[], values: Remembered, moves: readonly Move[]): Remembered {
  const kept: (Exact | string | undefined)[] = moves.map(() => undefined);
  for (let index = 0; index < moves.length; index++) {
    const move = moves[index]!;
    const at = old.findIndex(({ name }) => name === move.name);
    if (at < 0 || old[at]!.of.kind !== move.of.kind) continue;
    kept[index] = values[at];
    const { or, apart } = old[at]!;
    if (move.or !== undefined) kept[move.or.at] = or === undefined ? undefined : values[or.at];
    if (move.apart !== undefined) kept[move.apart.at] = apart === undefined ? undefined : values[apart.at];
  }
  return kept;
}

/** Whether a reading has the very cells of another, as far as moves ask for them. */
export function isSameMoves(moves: readonly Move[], { cells }: RowReading, before: RowReading): boolean {
  for (let index = 0; index < moves.length; index++) {
    const { columns } = moves[index]!;
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!;
      if (cells[column] !== before.cells[column]) return false;
    }
  }
  return true;
}

/** Two readings of a row. */
interface Readings {
  readonly values: Remembered;
  readonly earlier: Remembered;
  /** The later one. */
  readonly reading: RowReading;
  readonly panels: readonly Panel[];
}

/** Whether the value of a move is as near to an earlier one as its limit says; where one of them isn't known, it is. */
export function isNear(move: Move, index: number, readings: Readings): boolean {
  return areNear(move, readings.values[index], readings.earlier[index], readings);
}

/** Whether it is what another may have become since: with a new day the last price is the last close. */
export function hasBecome(move: Move, index: number, readings: Readings): boolean {
  const became = move.or === undefined ? undefined : readings.earlier[move.or.at];
  return became !== undefined && areNear(move, readings.values[index], became, readings);
}

function areNear(
  move: Move,
  value: Exact | string | undefined,
  last: Exact | string | undefined,
  { values, earlier, reading, panels }: Readings,
): boolean {
  if (value === undefined || last === undefined) return true;
  if (move.when !== undefined && !isSet(values[move.when.at])) return true;
  if (typeof value === 'string' || typeof last === 'string') return value === last;
  if (move.apart !== undefined) {
    const away = absolute(add(value, last, -1));
    return isAtMost(away, values[move.apart.at]) || isAtMost(away, earlier[move.apart.at]);
  }
  const share = limitOf(move.within, reading, panels);
  return share === undefined || isWithin(value, last, share);
}

function isSet(value: Exact | string | undefined): boolean {
  return typeof value === 'object' && (value.mantissa > 0 || value.mantissa < 0);
}

function isAtMost(away: Exact, most: Exact | string | undefined): boolean {
  return typeof most === 'object' && compare(away, most) <= 0;
}

/** Why a value is held. */
export function moveReason(move: Move, item: string, value: Exact | string, last: Exact | string): Reason {
  return reason('MOVE_LIMIT', { name: move.name, item, got: shownOf(value), last: shownOf(last) });
}

function shownOf(value: Exact | string): string {
  return typeof value === 'string' ? value : exactText(value);
}

function readValue(of: MoveValue, { cells }: RowReading): Exact | string | undefined {
  switch (of.kind) {
    case 'part': {
      const value = partOf(cells[of.column]!, of.part);
      return value?.kind === 'decimal' ? exactOf(value.value) : undefined;
    }
    case 'text': {
      // A blank is a text too: something may have been taken away. What is refused says nothing.
      const cell = cells[of.column]!;
      return cell.outcome === 'reject' ? undefined : (textOf(cell) ?? '');
    }
    case 'amount':
      return of.amount.value(new RowOperands(of, cells, []));
  }
}

/** A limit may differ by the row's label, by what its panel sets, and by the headings above it. */
function limitOf(limits: Limits, { label, panel, heading }: RowReading, panels: readonly Panel[]): Exact | undefined {
  const { values, otherwise } = limits;
  if (values.size === 0) return otherwise;
  const own = values.get(label);
  if (own !== undefined) return own;
  for (const name of Object.values(panels[panel]!.set)) {
    const found = values.get(name);
    if (found !== undefined) return found;
  }
  for (const name of heading) {
    const found = name === undefined ? undefined : values.get(name);
    if (found !== undefined) return found;
  }
  return otherwise;
}
