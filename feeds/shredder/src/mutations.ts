import { type Random, seededRandom } from '@tickerplant/core';

// Changed pages, made from good ones: what vendors, lines and editors do to a layout. A shredder must give for each of them, for
// every key, the right value or none. Works on text alone, and knows nothing of any shredder: columns are found where text
// stands above text.

/** A page that was changed. */
export interface Mutation {
  /** What was done: one of `MUTATION_KINDS`, or two of them joined by ` + `. */
  readonly kind: string;
  readonly detail: string;
  readonly rows: readonly string[];
  /** A legal figure or letter in the place of another, with nothing moved: only guards can catch it. Counted apart. */
  readonly isLegal: boolean;
}

/** A run of columns with text, in a block of rows. */
interface Field {
  readonly first: number;
  readonly end: number;
}

/** Rows without a blank one between them, and the columns that they have in common. */
interface Block {
  readonly first: number;
  readonly end: number;
  readonly fields: readonly Field[];
}

type Change = { rows: string[]; detail: string; isLegal?: boolean } | undefined;
type Mutator = (page: Draft, random: Random, others: readonly (readonly string[])[]) => Change;

/** A page while it is changed. */
class Draft {
  readonly rows: readonly string[];
  readonly columns: number;
  /** Blocks with more than one row: tables. */
  readonly tables: readonly Block[];
  /** Rows that look like a header: words without figures above a table, not the first row. */
  readonly headers: readonly number[];

  constructor(rows: readonly string[]) {
    this.rows = rows;
    this.columns = rows[0]?.length ?? 0;
    const blocks = blocksOf(rows);
    this.tables = blocks.filter((block) => block.end - block.first > 1 && block.fields.length > 1);
    const below = (row: number): boolean => this.tables.some((table) => table.first >= row && table.first - row <= 3);
    this.headers = rows.flatMap((row, at) =>
      at > 0 && hasLetters(row) && cellsOf(row).length > 1 && below(at) ? [at] : [],
    );
  }

  copy(): string[] {
    return [...this.rows];
  }

  table(random: Random): Block | undefined {
    return pick(this.tables, random);
  }

  /** The nearest header above a table. */
  headerOf(table: Block): number {
    const above = this.headers.filter((row) => row < table.first);
    let row = above.at(-1) ?? table.first;
    while (above.includes(row - 1)) row--;
    return row;
  }
}

function blocksOf(rows: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let first = 0;
  const isRule = (row: string): boolean => {
    const text = row.trim();
    return text !== '' && [...text].every((letter) => letter === text[0]) && text.length > 9;
  };
  for (let at = 0; at <= rows.length; at++) {
    const ends = at === rows.length || rows[at]!.trim() === '' || isRule(rows[at]!);
    if (!ends) continue;
    if (at > first) blocks.push({ first, end: at, fields: fieldsOf(rows.slice(first, at)) });
    first = at + 1;
  }
  return blocks;
}

/** Fields are parted by two blank columns: with one, a number and its fraction would be two. */
function fieldsOf(rows: readonly string[]): Field[] {
  const width = rows[0]!.length;
  const stands = (column: number): boolean => rows.some((row) => (row[column] ?? ' ') !== ' ');
  const isText = (column: number): boolean =>
    stands(column) || (column > 0 && stands(column - 1) && stands(column + 1));
  const fields: Field[] = [];
  for (let at = 0; at < width; at++) {
    if (!isText(at)) continue;
    let end = at + 1;
    while (end < width && isText(end)) end++;
    fields.push({ first: at, end });
    at = end;
  }
  return fields;
}

/** Words of a row with their places; single blanks part them. */
function cellsOf(row: string): { first: number; end: number; text: string }[] {
  const cells: { first: number; end: number; text: string }[] = [];
  for (let at = 0; at < row.length; at++) {
    if (row[at] === ' ') continue;
    let end = at + 1;
    while (end < row.length && row[end] !== ' ') end++;
    cells.push({ first: at, end, text: row.slice(at, end) });
    at = end;
  }
  return cells;
}

function hasLetters(row: string): boolean {
  const text = row.trim();
  return (
    text !== '' &&
    ![...text].every((letter) => letter === text[0]) &&
    [...text].some((letter) => letter >= 'A' && letter <= 'Z')
  );
}

const isDigit = (letter: string | undefined): boolean => letter !== undefined && letter >= '0' && letter <= '9';

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list.length === 0 ? undefined : list[random.below(list.length)];
}

/** A row of the page's width: cut, or filled with blanks. */
function fit(row: string, width: number): string {
  return row.slice(0, width).padEnd(width);
}

const insert = (row: string, at: number, text: string): string =>
  fit(row.slice(0, at) + text + row.slice(at), row.length);
const remove = (row: string, at: number, count: number): string =>
  fit(row.slice(0, at) + row.slice(at + count), row.length);
const write = (row: string, at: number, text: string): string =>
  fit(row.slice(0, at) + text + row.slice(at + text.length), row.length);

/** Swaps two runs of columns and what is between them stays. */
function swap(row: string, a: Field, b: Field): string {
  const left = row.slice(a.first, a.end);
  const right = row.slice(b.first, b.end);
  const between = row.slice(a.end, b.first);
  return fit(row.slice(0, a.first) + right + between + left + row.slice(b.end), row.length);
}

/** The columns of a table with the gap behind each: what an editor of the page would move. */
function slots(table: Block, columns: number): Field[] {
  return table.fields.map((field, index) => ({ first: field.first, end: table.fields[index + 1]?.first ?? columns }));
}

function shift(withHeader: boolean, direction: 1 | -1): Mutator {
  return (page, random) => {
    const table = page.table(random);
    const field = table && pick(table.fields, random);
    if (table === undefined || field === undefined) return undefined;
    const by = 1 + random.below(3);
    const from = withHeader ? page.headerOf(table) : table.first;
    const rows = page.copy();
    for (let row = from; row < table.end; row++) {
      const text = rows[row]!;
      if (direction > 0) rows[row] = insert(text, field.first, ' '.repeat(by));
      else rows[row] = remove(text, Math.max(0, field.first - by), Math.min(by, field.first));
    }
    return { rows, detail: `rows ${from}..${table.end - 1} from column ${field.first} by ${direction * by}` };
  };
}

/** All of the page from a column on, as where a narrower part came in at the left. */
const shiftPage: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const at = random.below(3) === 0 ? 0 : pick(table.fields, random)!.first;
  const by = 1 + random.below(3);
  return { rows: page.rows.map((row) => insert(row, at, ' '.repeat(by))), detail: `from column ${at} by ${by}` };
};

/** Moves one column alone, what stood there is overwritten. */
const shiftOneColumn: Mutator = (page, random) => {
  const table = page.table(random);
  const field = table && pick(table.fields, random);
  if (table === undefined || field === undefined) return undefined;
  const by = (1 + random.below(3)) * (random.below(2) === 0 ? 1 : -1);
  const rows = page.copy();
  for (let row = table.first; row < table.end; row++) {
    const text = rows[row]!.slice(field.first, field.end);
    const blanked = write(rows[row]!, field.first, ' '.repeat(text.length));
    rows[row] = write(blanked, Math.max(0, field.first + by), text);
  }
  return { rows, detail: `column ${field.first} by ${by}` };
};

const shiftOneRow: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const row = table.first + random.below(table.end - table.first);
  const at = random.below(page.columns);
  const by = 1 + random.below(3);
  const rows = page.copy();
  const left = random.below(2) === 0;
  rows[row] = left ? remove(rows[row]!, at, by) : insert(rows[row]!, at, ' '.repeat(by));
  return { rows, detail: `row ${row} at column ${at} by ${left ? -by : by}` };
};

const insertRow: Mutator = (page, random) => {
  const at = random.below(page.rows.length);
  const table = page.table(random);
  const copied =
    table === undefined || random.below(2) === 0
      ? undefined
      : page.rows[table.first + random.below(table.end - table.first)];
  const rows = page.copy();
  rows.splice(at, 0, copied ?? ' '.repeat(page.columns));
  rows.pop();
  return { rows, detail: `row ${at}, ${copied === undefined ? 'blank' : 'a copy'}` };
};

const insertInTable: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const at = table.first + random.below(table.end - table.first + 1);
  const field = pick(table.fields, random)!;
  // Half of a page with tables side by side, or all of it.
  const from = random.below(2) === 0 ? 0 : field.first;
  const rows = page.copy();
  for (let row = Math.min(table.end, rows.length - 1); row > at; row--)
    rows[row] = write(rows[row]!, from, rows[row - 1]!.slice(from));
  if (at < rows.length) rows[at] = write(rows[at]!, from, ' '.repeat(page.columns - from));
  return { rows, detail: `row ${at} from column ${from}` };
};

const deleteRow: Mutator = (page, random) => {
  const at = random.below(page.rows.length);
  const rows = page.copy();
  rows.splice(at, 1);
  rows.push(' '.repeat(page.columns));
  return { rows, detail: `row ${at}` };
};

const swapRows: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const a = table.first + random.below(table.end - table.first);
  const b = table.first + random.below(table.end - table.first);
  const field = pick(table.fields, random)!;
  // Whole rows: labels go with their values.
  const rows = page.copy();
  [rows[a], rows[b]] = [rows[b]!, rows[a]!];
  return { rows, detail: `rows ${a} and ${b}`, isLegal: field === undefined };
};

function swapColumns(withHeader: boolean): Mutator {
  return (page, random) => {
    const table = page.table(random);
    if (table === undefined) return undefined;
    const all = slots(table, page.columns);
    const index = random.below(all.length);
    const other = random.below(all.length);
    if (index === other) return undefined;
    const [a, b] = index < other ? [all[index]!, all[other]!] : [all[other]!, all[index]!];
    const from = withHeader ? page.headerOf(table) : table.first;
    const rows = page.copy();
    for (let row = from; row < table.end; row++) rows[row] = swap(rows[row]!, a, b);
    return { rows, detail: `columns ${a.first} and ${b.first} from row ${from}` };
  };
}

function changeHeader(how: 'rename' | 'blank'): Mutator {
  return (page, random) => {
    const row = pick(page.headers, random);
    const cell = row === undefined ? undefined : pick(cellsOf(page.rows[row]!), random);
    if (row === undefined || cell === undefined) return undefined;
    const words = ['PRICE', 'OFFER', 'BID', 'LAST', 'YIELD', 'RATE', 'PCT', 'NEW', 'EUR', 'HIGH'];
    const word = how === 'blank' ? '' : words[random.below(words.length)]!;
    if (word === cell.text) return undefined;
    const rows = page.copy();
    rows[row] = write(rows[row]!, cell.first, word.slice(0, cell.text.length).padEnd(cell.text.length));
    // Without its fraction a number has fewer figures, and is one all the same.
    const isLegal = word === '' && isFraction(cell.text);
    return { rows, detail: `${cell.text} at row ${row} is ${word === '' ? 'blank' : word}`, isLegal };
  };
}

function isFraction(text: string): boolean {
  const [above = '', below = '', ...more] = text.split('/');
  const isNumber = (part: string): boolean =>
    part !== '' && [...part].every((letter) => letter >= '0' && letter <= '9');
  return isNumber(above) && isNumber(below) && more.length === 0;
}

function replaceInTables(detail: string, change: (letter: string, row: string, at: number) => string): Mutator {
  return (page, random) => {
    const all = random.below(2) === 0;
    const table = all ? { first: 0, end: page.rows.length } : page.table(random);
    if (table === undefined) return undefined;
    const rows = page.copy();
    for (let row = table.first; row < table.end; row++) {
      rows[row] = [...rows[row]!].map((letter, at) => change(letter, page.rows[row]!, at)).join('');
    }
    return { rows, detail: `${detail}, rows ${table.first}..${table.end - 1}` };
  };
}

const betweenDigits = (row: string, at: number): boolean => isDigit(row[at - 1]) && isDigit(row[at + 1]);

const changeDecimals: Mutator = (page, random, others) => {
  const styles: readonly Mutator[] = [
    replaceInTables('points to commas', (letter, row, at) => (letter === '.' && betweenDigits(row, at) ? ',' : letter)),
    replaceInTables('points and commas changed round', (letter, row, at) => {
      if (!betweenDigits(row, at)) return letter;
      return letter === '.' ? ',' : letter === ',' ? '.' : letter;
    }),
    replaceInTables('points to blanks', (letter, row, at) => (letter === '.' && betweenDigits(row, at) ? ' ' : letter)),
    replaceInTables('points to hyphens', (letter, row, at) =>
      letter === '.' && betweenDigits(row, at) ? '-' : letter,
    ),
  ];
  return styles[random.below(styles.length)]!(page, random, others);
};

/** The numbers of a page's tables. */
function numbersOf(page: Draft, random: Random): { row: number; first: number; end: number } | undefined {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const row = table.first + random.below(table.end - table.first);
  const runs: { row: number; first: number; end: number }[] = [];
  const text = page.rows[row]!;
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text[at])) continue;
    let end = at + 1;
    while (end < text.length && (isDigit(text[end]) || (text[end] === '.' && isDigit(text[end + 1])))) end++;
    runs.push({ row, first: at, end });
    at = end;
  }
  return pick(runs, random);
}

function dropSigns(sign: '+' | '-' | 'both', close: boolean): Mutator {
  return (page, random) => {
    const table = page.table(random);
    if (table === undefined) return undefined;
    let dropped = 0;
    const rows = page.copy();
    for (let row = table.first; row < table.end; row++) {
      for (let at = 0; at < page.columns; at++) {
        const letter = rows[row]![at]!;
        const isSign = (letter === '+' || letter === '-') && (sign === 'both' || letter === sign);
        const begins = (at === 0 || rows[row]![at - 1] === ' ') && isDigit(rows[row]![at + 1]);
        const ends = letter === '+' && isDigit(rows[row]![at - 1]);
        if (!isSign || !(begins || ends)) continue;
        dropped++;
        rows[row] = close ? closeUp(rows[row]!, at) : write(rows[row]!, at, ' ');
      }
    }
    return dropped === 0 ? undefined : { rows, detail: `${sign} in rows ${table.first}..${table.end - 1}` };
  };
}

/** Takes a character out and moves the rest of its word left. */
function closeUp(row: string, at: number): string {
  let end = at;
  while (end < row.length && row[end] !== ' ') end++;
  return write(row, at, `${row.slice(at + 1, end)} `);
}

const digitsToLetters: Mutator = (page, random) => {
  const rows = page.copy();
  const looks: Readonly<Record<string, string>> = { '0': 'O', '1': 'l', '2': 'Z', '5': 'S', '6': 'G', '8': 'B' };
  const changed: string[] = [];
  for (let count = 1 + random.below(4); count > 0; count--) {
    const number = numbersOf(new Draft(rows), random);
    if (number === undefined) return undefined;
    const at = number.first + random.below(number.end - number.first);
    const digit = rows[number.row]![at]!;
    if (!isDigit(digit)) continue;
    const letter = random.below(2) === 0 ? (looks[digit] ?? 'X') : String.fromCharCode(0x41 + random.below(26));
    rows[number.row] = write(rows[number.row]!, at, letter);
    changed.push(`${number.row},${at} ${digit} to ${letter}`);
  }
  return changed.length === 0 ? undefined : { rows, detail: changed.join('; ') };
};

const digitForDigit: Mutator = (page, random) => {
  const number = numbersOf(page, random);
  if (number === undefined) return undefined;
  const rows = page.copy();
  const at = number.first + random.below(number.end - number.first);
  if (!isDigit(rows[number.row]![at])) return undefined;
  rows[number.row] = write(rows[number.row]!, at, String((Number(rows[number.row]![at]) + 1 + random.below(9)) % 10));
  return { rows, detail: `${number.row},${at}`, isLegal: true };
};

const widenNumber: Mutator = (page, random) => {
  const number = numbersOf(page, random);
  if (number === undefined) return undefined;
  const { row, first, end } = number;
  const rows = page.copy();
  const digits = String(1 + random.below(9)).repeat(1 + random.below(3));
  const behind = random.below(4) === 0;
  const at = behind ? end : first;
  const pushes = random.below(2) === 0;
  if (pushes) rows[row] = insert(rows[row]!, at, digits);
  else {
    // The word grows to the right over what stands there, as on a page whose program forgot how wide the column is.
    let stop = end;
    while (stop < page.columns && rows[row]![stop] !== ' ') stop++;
    rows[row] = write(rows[row]!, at, digits + rows[row]!.slice(at, stop));
  }
  return { rows, detail: `${row},${at} by ${digits}${pushes ? ', pushing' : ''}`, isLegal: behind };
};

const widenLeft: Mutator = (page, random) => {
  const number = numbersOf(page, random);
  if (number === undefined || number.first === 0) return undefined;
  const digits = String(1 + random.below(9)).repeat(1 + random.below(Math.min(3, number.first)));
  const rows = page.copy();
  rows[number.row] = write(rows[number.row]!, number.first - digits.length, digits);
  return { rows, detail: `${number.row},${number.first} by ${digits} to the left` };
};

const loseDigit: Mutator = (page, random) => {
  const number = numbersOf(page, random);
  if (number === undefined) return undefined;
  const { row, first, end } = number;
  const rows = page.copy();
  const at = random.below(2) === 0 ? first : end - 1;
  if (!isDigit(rows[row]![at])) return undefined;
  const closes = random.below(2) === 0;
  rows[row] = closes ? closeUp(rows[row]!, at) : write(rows[row]!, at, ' ');
  // A figure less at the end of a number, or with the rest moved up, is as legal as another figure there.
  return { rows, detail: `${row},${at}`, isLegal: at > first || closes };
};

const truncateRows: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const at = 1 + random.below(page.columns - 1);
  const first = table.first + random.below(table.end - table.first);
  const end = random.below(2) === 0 ? first + 1 : table.end;
  const rows = page.copy();
  let cutsNumber = false;
  for (let row = first; row < end; row++) {
    // A figure less at the end of a number is as legal as another figure there.
    cutsNumber ||= isDigit(rows[row]![at - 1]) && (isDigit(rows[row]![at]) || isDigit(rows[row]![at + 1]));
    rows[row] = fit(rows[row]!.slice(0, at), page.columns);
  }
  return { rows, detail: `rows ${first}..${end - 1} at column ${at}`, isLegal: cutsNumber };
};

/** The field that names the rows: the first with words that are all different. */
function labelOf(page: Draft, table: Block): Field | undefined {
  return table.fields.slice(0, 2).find(({ first, end }) => {
    const texts = page.rows.slice(table.first, table.end).map((row) => row.slice(first, end).trim());
    return texts.every((text) => hasLetters(text)) && new Set(texts).size === texts.length;
  });
}

const duplicateLabel: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const field = labelOf(page, table);
  if (field === undefined) return undefined;
  const from = table.first + random.below(table.end - table.first);
  const to = table.first + random.below(table.end - table.first);
  if (from === to || page.rows[from]!.slice(field.first, field.end) === page.rows[to]!.slice(field.first, field.end))
    return undefined;
  const rows = page.copy();
  rows[to] = write(rows[to]!, field.first, rows[from]!.slice(field.first, field.end));
  return { rows, detail: `column ${field.first} of row ${from} in row ${to}` };
};

const duplicateRow: Mutator = (page, random) => {
  const table = page.table(random);
  if (table === undefined) return undefined;
  const from = table.first + random.below(table.end - table.first);
  const to = random.below(page.rows.length);
  if (from === to) return undefined;
  const rows = page.copy();
  rows[to] = rows[from]!;
  return { rows, detail: `row ${from} in row ${to}` };
};

function blank(what: 'table' | 'column' | 'cell' | 'page'): Mutator {
  return (page, random) => {
    const table = page.table(random);
    if (table === undefined) return undefined;
    const rows = page.copy();
    const field = pick(table.fields, random)!;
    const row = table.first + random.below(table.end - table.first);
    const [first, end] =
      what === 'cell' ? [row, row + 1] : what === 'page' ? [1, rows.length] : [table.first, table.end];
    for (let at = first; at < end; at++) {
      rows[at] =
        what === 'table' || what === 'page'
          ? ' '.repeat(page.columns)
          : write(rows[at]!, field.first, ' '.repeat(field.end - field.first));
    }
    return {
      rows,
      detail: `rows ${first}..${end - 1}${what === 'column' || what === 'cell' ? ` column ${field.first}` : ''}`,
    };
  };
}

const mixIn: Mutator = (page, random, others) => {
  const other = pick(others, random);
  if (other === undefined) return undefined;
  const rows = page.copy();
  const changed: number[] = [];
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(rows.length);
    // The same row of the other page, or any.
    const from = random.below(2) === 0 ? at : random.below(other.length);
    rows[at] = fit(other[from] ?? '', page.columns);
    changed.push(at);
  }
  return { rows, detail: `rows ${changed.join(', ')}` };
};

const damageCells: Mutator = (page, random) => {
  const rows = page.copy();
  const letters = '■?¬#@*~^\u{fffd}%&=$';
  const share = Math.max(1, Math.round(page.columns * rows.length * 0.01));
  for (let count = 0; count < share; count++) {
    const row = random.below(rows.length);
    const at = random.below(page.columns);
    rows[row] = write(rows[row]!, at, [...letters][random.below([...letters].length)]!);
  }
  return { rows, detail: `${share} cells` };
};

const damageWithLegal: Mutator = (page, random) => {
  const rows = page.copy();
  const share = Math.max(1, Math.round(page.columns * rows.length * 0.01));
  let isLegal = false;
  for (let count = 0; count < share; count++) {
    const row = random.below(rows.length);
    const at = random.below(page.columns);
    const before = rows[row]![at]!;
    const letter = String.fromCharCode(0x20 + random.below(95));
    const isCapital = (one: string): boolean => one >= 'A' && one <= 'Z';
    if (before !== letter && (isDigit(letter) || (isCapital(letter) && isCapital(before)))) isLegal = true;
    rows[row] = write(rows[row]!, at, letter);
  }
  return { rows, detail: `${share} cells, any letters`, isLegal };
};

const notice: Mutator = (page, random) => {
  const rows = page.copy();
  const at = random.below(rows.length);
  const texts = [
    'THIS PAGE IS NO LONGER BEING UPDATED',
    'SEE PAGE 23 FOR NEW RATES FROM 1.5.24',
    'SYSTEM DOWN - CALL 0171 555 0199',
  ];
  rows[at] = write(rows[at]!, random.below(40), texts[random.below(texts.length)]!);
  return { rows, detail: `row ${at}` };
};

/** Text outside of the tables is replaced: titles, units, legends. */
const changeText: Mutator = (page, random) => {
  const inTable = (row: number): boolean => page.tables.some((table) => row >= table.first && row < table.end);
  const candidates = page.rows.flatMap((text, row) => (!inTable(row) && hasLetters(text) ? [row] : []));
  const row = pick(candidates, random);
  const cell = row === undefined ? undefined : pick(cellsOf(page.rows[row]!), random);
  if (row === undefined || cell === undefined) return undefined;
  const rows = page.copy();
  rows[row] = write(rows[row]!, cell.first, 'QXJ'.repeat(30).slice(0, cell.text.length));
  return { rows, detail: `${cell.text} at row ${row}` };
};

const MUTATORS: Readonly<Record<string, Mutator>> = {
  'columns shifted right': shift(true, 1),
  'columns shifted left': shift(true, -1),
  'page shifted right': shiftPage,
  'columns shifted right under the header': shift(false, 1),
  'columns shifted left under the header': shift(false, -1),
  'one column shifted': shiftOneColumn,
  'one row shifted': shiftOneRow,
  'row inserted': insertRow,
  'row inserted in the table': insertInTable,
  'row deleted': deleteRow,
  'rows swapped': swapRows,
  'columns swapped': swapColumns(true),
  'columns swapped under the header': swapColumns(false),
  'header renamed': changeHeader('rename'),
  'header blanked': changeHeader('blank'),
  'decimal style changed': changeDecimals,
  'signs dropped': dropSigns('both', false),
  'signs dropped, closed up': dropSigns('both', true),
  'plus dropped': dropSigns('+', true),
  'digits to letters': digitsToLetters,
  'number widened': widenNumber,
  'number widened to the left': widenLeft,
  'digit lost': loseDigit,
  'rows truncated': truncateRows,
  'label duplicated': duplicateLabel,
  'row duplicated': duplicateRow,
  'table blanked': blank('table'),
  'column blanked': blank('column'),
  'cell blanked': blank('cell'),
  'page blanked': blank('page'),
  'other rows mixed in': mixIn,
  'cells damaged': damageCells,
  'cells damaged, any letters': damageWithLegal,
  'notice written': notice,
  'text changed': changeText,
  'digit for digit': digitForDigit,
};

/** All kinds of changes. */
export const MUTATION_KINDS: readonly string[] = Object.keys(MUTATORS);

/**
 * Makes changed pages: each kind in turn, then pairs of kinds, until there are enough. The same seed makes the same pages.
 *
 * @param rows of one width each.
 * @param others pages that rows are mixed in from.
 */
export function* mutationsOf(
  rows: readonly string[],
  {
    seed,
    count,
    others = [],
  }: { readonly seed: number; readonly count: number; readonly others?: readonly (readonly string[])[] },
): Generator<Mutation> {
  const random = seededRandom(seed);
  const before = rows.join('\n');
  const apply = (kind: string, from: readonly string[]): Mutation | undefined => {
    const made = MUTATORS[kind]!(new Draft(from), random, others);
    return made === undefined
      ? undefined
      : { kind, detail: made.detail, rows: made.rows, isLegal: made.isLegal ?? false };
  };
  let made = 0;
  // A page may have nothing that some kind changes: it isn't tried for ever.
  for (let attempt = 0; made < count && attempt < count * 20; attempt++) {
    const kind = MUTATION_KINDS[attempt % MUTATION_KINDS.length]!;
    let mutation = apply(kind, rows);
    if (mutation === undefined) continue;
    if (made % 5 === 4) {
      const second = MUTATION_KINDS[random.below(MUTATION_KINDS.length)]!;
      const both = apply(second, mutation.rows);
      if (both !== undefined) {
        mutation = {
          kind: `${kind} + ${second}`,
          detail: `${mutation.detail}; ${both.detail}`,
          rows: both.rows,
          isLegal: mutation.isLegal || both.isLegal,
        };
      }
    }
    if (mutation.rows.join('\n') === before) continue;
    made++;
    yield mutation;
  }
}
