import { cellType, proposeTypes } from '@tickerplant/page-values';
import { type Block, type Grid, hasDigit, type Piece, piecesOf } from './text-grid.ts';

/** A column of a table, as it is proposed. */
export interface FoundColumn {
  name: string;
  letter: string;
  first: number;
  /** Behind the last one. */
  end: number;
  align: 'left' | 'right' | 'any';
  type: unknown;
  isOptional: boolean;
  /** Texts found, one by one, blanks left out. */
  readonly samples: readonly string[];
  /** Whether each row of each capture has one, and no two rows of a capture the same. */
  readonly isKey: boolean;
}

/** A table, as it is proposed. */
export interface FoundTable {
  readonly name: string;
  readonly block: Block;
  /** Shifts of the places in a row where its columns stand; `[0]` where they stand once. */
  readonly panels: readonly number[];
  readonly columns: readonly FoundColumn[];
  readonly key: FoundColumn;
  /** Keys that all captures have; undefined where they differ. */
  readonly keys: readonly string[] | undefined;
  /** What must hold between values; taken out again where it doesn't on these very pages. */
  guards: readonly FoundGuard[];
}

/** As it is written: `{that: quote.bid <= quote.ask, name: …}`. */
interface FoundGuard {
  readonly that: string;
  readonly name: string;
  readonly else?: 'hold';
}

interface Span {
  first: number;
  end: number;
}

const ROOM_BEHIND_LAST = 4;

/** Finds a table's columns; undefined where no column can be its key. */
export function findTable(grids: readonly Grid[], block: Block, name: string): FoundTable | undefined {
  const width = grids[0]![0]!.length;
  const headers = block.headerLines.map((line) => piecesOf([...line]));
  const panels = panelsOf(headers);
  const to = panels.length > 1 ? panels[1]! : width;
  const heads = (headers.at(-1) ?? []).filter(({ column }) => column < to);
  // By capture and row: the letters of each panel, as if they stood in the first one.
  const lines = grids.map((grid) =>
    grid
      .slice(block.first, block.last + 1)
      .flatMap((row) =>
        panels.map((shift) =>
          Array.from({ length: to }, (_, column) =>
            column + shift < width && (shift === 0 ? column < to : true) ? row[column + shift]! : ' ',
          ),
        ),
      ),
  );
  const used = lines.map((capture) => capture.filter((line) => line.some((letter) => letter !== ' ')));
  const spans = spansOf(used.flat(), heads);
  const columns = spans.map((span, index) => columnOf(used, span, headText(headers, span), index));
  nameAll(columns);
  giveRoom(columns, spans, to);
  const key = keyOf(columns);
  if (key === undefined || columns.length < 2) return undefined;
  const keysBy = used.map((capture) => capture.map((line) => line.slice(key.first, key.end).join('').trim()));
  for (const column of columns) {
    if (column !== key) column.type = typeOf(column.samples, false);
    column.type = widened(column);
  }
  const isSame = keysBy.every(
    (keys) => keys.length === keysBy[0]!.length && keys.every((one) => keysBy[0]!.includes(one)),
  );
  // Other keys will come: a list of those that were seen would refuse them.
  if (!isSame) key.type = widened({ ...key, type: typeOf(key.samples, true) });
  else if (cellType(key.type).name === 'text') key.type = { enum: { values: [...new Set(key.samples)] } };
  return {
    name,
    block,
    panels,
    columns,
    key,
    keys: isSame ? keysBy[0]!.map((text) => keyText(key.type, text)) : undefined,
    guards: guardsOf(columns),
  };
}

/** What holds in any market: a bid isn't above its ask, a low isn't above its high, and no day ranges over a fifth. */
function guardsOf(columns: readonly FoundColumn[]): FoundGuard[] {
  const guards: FoundGuard[] = [];
  const named = (name: string): FoundColumn | undefined =>
    columns.find(
      (column) =>
        column.name === name &&
        cellType(column.type).parts.some((part) => part.name === 'value' && part.kind === 'decimal'),
    );
  for (const { name, type } of columns) {
    const parts = cellType(type).parts.map((part) => part.name);
    // A row half written shows a bid and an ask of different times: wait for the other half.
    if (parts.includes('bid') && parts.includes('ask'))
      guards.push({ that: `${name}.bid <= ${name}.ask`, name: `${name} bid and ask`, else: 'hold' });
  }
  const [bid, ask] = [named('bid'), named('ask') ?? named('offer')];
  if (bid !== undefined && ask !== undefined)
    guards.push({ that: `bid <= ${ask.name}`, name: 'bid and ask', else: 'hold' });
  if (named('low') !== undefined && named('high') !== undefined) {
    guards.push(
      { that: 'low <= high', name: 'low and high' },
      { that: '5 * high <= 6 * low', name: 'range of the day' },
    );
  }
  return guards;
}

/** A key as its type reads it: `1 WK` is 1W. */
function keyText(declaration: unknown, text: string): string {
  const reading = cellType(declaration).read(text, {});
  const value = reading.outcome === 'value' ? reading.parts[0] : undefined;
  return value?.kind === 'text' ? value.value : text;
}

/** Where the same words stand twice or more beside each other, in each line of the header, the table does. */
function panelsOf(headers: readonly (readonly Piece[])[]): number[] {
  const last = headers.at(-1) ?? [];
  for (let count = 4; count > 1; count--) {
    const size = last.length / count;
    if (!Number.isInteger(size) || size < 2) continue;
    const shifts = Array.from({ length: count }, (_, panel) => last[panel * size]!.column - last[0]!.column);
    if (headers.every((header) => repeats(header, shifts))) return shifts;
  }
  return [0];
}

function repeats(header: readonly Piece[], shifts: readonly number[]): boolean {
  const size = header.length / shifts.length;
  return header.every(({ column, text }, index) => {
    const first = header[index % size];
    return text === first?.text && column === first.column + shifts[Math.floor(index / size)]!;
  });
}

/** Columns with text in any line, parted where all are blank; parted by one blank only where a header or the values say so. */
function spansOf(lines: readonly (readonly string[])[], heads: readonly Piece[]): Span[] {
  const width = lines[0]?.length ?? 0;
  const spans: Span[] = [];
  for (let column = 0; column < width; column++) {
    if (lines.every((line) => line[column] === ' ')) continue;
    const before = spans.at(-1);
    if (before !== undefined && before.end === column) before.end++;
    else spans.push({ first: column, end: column + 1 });
  }
  const joined: Span[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    if (before !== undefined && !areApart(before, span, lines, heads)) before.end = span.end;
    else joined.push(span);
  }
  return joined;
}

function areApart(left: Span, right: Span, lines: readonly (readonly string[])[], heads: readonly Piece[]): boolean {
  const headLeft = headOf(heads, left);
  const headRight = headOf(heads, right);
  if (headLeft !== undefined && headRight !== undefined) return headLeft !== headRight;
  if (right.first - left.end > 1) return true;
  if (heads.length > 0 && headRight === undefined) return false;
  // One blank, no header: two columns where both have text in each line, and one of them figures.
  const texts = (span: Span): string[] => lines.map((line) => line.slice(span.first, span.end).join('').trim());
  const isFull = (all: readonly string[]): boolean => all.every((text) => text !== '');
  return isFull(texts(left)) && isFull(texts(right)) && (texts(left).some(hasDigit) || texts(right).some(hasDigit));
}

function headOf(heads: readonly Piece[], span: Span): Piece | undefined {
  return heads.find(({ column, text }) => column < span.end && column + text.length > span.first);
}

/** The words above a column, from all lines of the header. */
function headText(headers: readonly (readonly Piece[])[], span: Span): string {
  return headers.map((heads) => headOf(heads, span)?.text ?? '').join(' ');
}

function columnOf(
  captures: readonly (readonly (readonly string[])[])[],
  span: Span,
  head: string,
  index: number,
): FoundColumn {
  const text = (line: readonly string[]): string => line.slice(span.first, span.end).join('');
  const all = captures.flatMap((capture) => capture.map(text));
  const full = all.filter((one) => one.trim() !== '');
  const samples = full.map((one) => one.trim());
  const isLeft = full.every((one) => one[0] !== ' ');
  const isRight = full.every((one) => one.at(-1) !== ' ');
  const isUnique = captures.every(
    (capture) => new Set(capture.map((line) => text(line).trim())).size === capture.length,
  );
  return {
    name: identifier(head, index),
    letter: '',
    first: span.first,
    end: span.end,
    align: isLeft ? 'left' : isRight ? 'right' : 'any',
    type: isUnique && full.length === all.length ? keyTypeOf(samples) : typeOf(samples, false),
    isOptional: full.length < all.length,
    samples,
    isKey: full.length === all.length && isUnique,
  };
}

/** Of a list each value must have been seen so often, on average, before it is taken for all that there are. */
const SEEN_MIN = 3;

/**
 * The most specific type that reads all samples; else any text. A list only where its values repeat, a range only where one was
 * seen.
 *
 * @param isOpen values that were not seen will come: no list.
 */
function typeOf(samples: readonly string[], isOpen: boolean): unknown {
  const distinct = new Set(samples).size;
  const proposal = proposeTypes(samples).find(({ declaration, share }) => {
    const [kind, options] =
      typeof declaration === 'string' ? [declaration, {}] : Object.entries(declaration as Record<string, unknown>)[0]!;
    if (share < 1) return false;
    if (kind === 'enum') return !isOpen && distinct * SEEN_MIN <= samples.length;
    const { single, separator = '/' } = options as { single?: boolean; separator?: string };
    return single !== true || samples.some((sample) => sample.slice(1).includes(separator));
  });
  return proposal?.declaration ?? textType(samples);
}

/** Of what is different in each row: names are listed, for a row is known by its name. */
function keyTypeOf(samples: readonly string[]): unknown {
  const first = proposeTypes(samples).find(({ share }) => share === 1)?.declaration;
  const isListed = first !== undefined && ['tenor', 'enum'].includes(cellType(first).name);
  return isListed ? first : typeOf(samples, true);
}

/** A text may be as long as its column. */
function widened({ type, first, end, samples }: FoundColumn): unknown {
  if (cellType(type).name !== 'text') return type;
  const { text } = textType(samples) as { text: Record<string, unknown> };
  return { text: { ...text, length: `1..${end - first}` } };
}

/** Any text such as the samples. */
export function textType(samples: readonly string[]): unknown {
  const also = [...new Set(samples.join(''))].filter((letter) => letter < ' ' || letter > '~').join('');
  const length = `1..${Math.max(1, ...samples.map((sample) => [...sample].length))}`;
  return { text: also === '' ? { length } : { length, also } };
}

/** `BID YLD` → `bidYld`; a name that begins with a figure is put behind a letter. */
export function identifier(text: string, index: number): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
  if (name === '') return `column${index + 1}`;
  return /^[0-9]/.test(name) ? `c${name}` : name;
}

/** Names and letters of their own. */
function nameAll(columns: readonly FoundColumn[]): void {
  const names = new Set<string>();
  const letters = new Set<string>();
  for (const column of columns) {
    let name = column.name;
    for (let number = 2; names.has(name); number++) name = `${column.name}${number}`;
    names.add(name);
    column.name = name;
    // n and y would need quotes: YAML once took them for no and yes.
    const choices = [
      ...name.toLowerCase().replace(/[^a-z]|[ny]/g, ''),
      ...'abcdefghijklmopqrstuvwxzABCDEFGHIJKLMOPQRSTUVWXZ',
    ];
    column.letter = choices.find((letter) => !letters.has(letter)) ?? 'a';
    letters.add(column.letter);
  }
}

/** Windows may be wider than what was seen, up to a blank or two before the next one: longer values will come. */
function giveRoom(columns: readonly FoundColumn[], spans: readonly Span[], width: number): void {
  columns.forEach((column, index) => {
    const next = columns[index + 1];
    const start = next === undefined ? width : spans[index + 1]!.first;
    const gap = start - spans[index]!.end;
    if (next === undefined) {
      if (column.align !== 'right') column.end = Math.min(width, column.end + ROOM_BEHIND_LAST);
      return;
    }
    const room = Math.max(0, gap - 2);
    if (column.align !== 'right' && next.align !== 'right') column.end += room;
    else if (column.align === 'right' && next.align === 'right') next.first -= room;
    else if (column.align !== 'right') {
      column.end += Math.floor(room / 2);
      next.first -= Math.ceil(room / 2);
    }
  });
}

const NAMING: readonly string[] = ['tenor', 'enum', 'label', 'code', 'text'];

/** The leftmost column that names rows; listed names before any text. */
function keyOf(columns: readonly FoundColumn[]): FoundColumn | undefined {
  const able = columns.filter((column) => column.isKey && NAMING.includes(cellType(column.type).name));
  return able.find((column) => cellType(column.type).name !== 'text') ?? able[0];
}
