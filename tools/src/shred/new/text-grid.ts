/** A page as rows of the same width. */
export type Grid = readonly (readonly string[])[];

/** A piece of a row: text without two blanks in a row. */
export interface Piece {
  readonly column: number;
  readonly text: string;
}

/** A table found on captured pages. */
export interface Block {
  /** Lines of its header; empty: it has none. */
  readonly headerRow: number;
  readonly headerLines: readonly string[];
  /** First and last row with values, on any of the captures. */
  readonly first: number;
  readonly last: number;
}

export function gridOf(text: string, rows: number, columns: number): Grid {
  const lines = text.split('\n').map((line) => [...line.trimEnd()]);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => lines[row]?.[column] ?? ' '),
  );
}

/** The pieces of a row, parted by two blanks or more. */
export function piecesOf(row: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let begun = -1;
  for (let at = 0; at <= row.length; at++) {
    const isBlank = at === row.length || row[at] === ' ';
    if (!isBlank && begun < 0) begun = at;
    const isEnd = isBlank && (at + 1 >= row.length || row[at + 1] === ' ');
    if (begun >= 0 && isEnd) {
      pieces.push({ column: begun, text: row.slice(begun, at).join('') });
      begun = -1;
    }
  }
  return pieces;
}

function isBlankRow(row: readonly string[]): boolean {
  return row.every((letter) => letter === ' ');
}

/** A line drawn across: one sign over and over. */
export function isDrawn(row: readonly string[]): boolean {
  const text = row.join('').trim();
  return text.length >= 8 && [...text].every((letter) => letter === text[0]);
}

export function hasDigit(text: string): boolean {
  return /[0-9]/.test(text);
}

/** Whether a row is the same on all captures. */
export function isSameRow(grids: readonly Grid[], row: number): boolean {
  const text = grids[0]![row]!.join('');
  return grids.every((grid) => grid[row]!.join('') === text);
}

type RowKind = 'blank' | 'drawn' | 'words' | 'values' | 'text';

/** `words`: several pieces that are the same on all captures, mostly without figures: a header, perhaps. `values`: several pieces. */
function kindOf(grids: readonly Grid[], row: number): RowKind {
  const rows = grids.map((grid) => grid[row]!);
  if (rows.every(isBlankRow)) return 'blank';
  if (rows.every(isDrawn)) return 'drawn';
  const pieces = rows.map(piecesOf);
  if (!pieces.some((one) => one.length > 1)) return 'text';
  const withDigits = pieces[0]!.filter(({ text }) => hasDigit(text)).length;
  const isWords =
    isSameRow(grids, row) &&
    withDigits * 2 < pieces[0]!.length &&
    pieces[0]!.every(({ text }) => /[A-Za-z]/.test(text));
  return isWords ? 'words' : 'values';
}

/** How far a header may be above the first value. */
const HEADER_AWAY_MAX = 3;

/** Finds tables: two rows of values or more with nothing between them, and the words above them. */
export function findBlocks(grids: readonly Grid[]): Block[] {
  const kinds = grids[0]!.map((_, row) => kindOf(grids, row));
  const blocks: Block[] = [];
  let row = 0;
  while (row < kinds.length) {
    if (kinds[row] !== 'values') {
      row++;
      continue;
    }
    let last = row;
    while (last + 1 < kinds.length && continues(grids, kinds, last + 1, row)) last++;
    if (last > row) blocks.push({ ...headerAbove(grids, kinds, row, blocks.at(-1)?.last ?? -1), first: row, last });
    row = last + 1;
  }
  return blocks;
}

/** Whether a row goes on with the table; a row without figures such as `DKK    -` does where a row of values follows or went before. */
function continues(grids: readonly Grid[], kinds: readonly RowKind[], row: number, first: number): boolean {
  if (kinds[row] === 'values') return true;
  if (kinds[row] !== 'words') return false;
  // Words that begin where the values of the first row do, and hold a sign for no value.
  const own = piecesOf(grids[0]![row]!);
  const starts = new Set(piecesOf(grids[0]![first]!).map(({ column }) => column));
  return own.every(({ column }) => starts.has(column)) && kinds[row + 1] === 'values';
}

function headerAbove(
  grids: readonly Grid[],
  kinds: readonly RowKind[],
  first: number,
  after: number,
): Pick<Block, 'headerRow' | 'headerLines'> {
  let row = first - 1;
  while (row > after && first - row <= HEADER_AWAY_MAX && (kinds[row] === 'blank' || kinds[row] === 'drawn')) row--;
  if (row <= after || kinds[row] !== 'words' || first - row > HEADER_AWAY_MAX)
    return { headerRow: -1, headerLines: [] };
  let top = row;
  while (top - 1 > after && kinds[top - 1] === 'words' && top > 1) top--;
  const lines = grids[0]!.slice(top, row + 1).map((line) => line.join('').trimEnd());
  return { headerRow: top, headerLines: lines };
}

/** Whether a text holds a time, a date or a bare number: it is the same on few pages only. */
export function isOfTheDay(text: string): boolean {
  return /[0-9]:[0-9]{2}|(^|[^0-9A-Z])[0-9]{1,2} ?[A-Z]{3} ?[0-9]{2}|(^| )[0-9.,]+($| )/i.test(text);
}
