import { standardDictionary } from '@tickerplant/records';
import { compileColumns, typesOf } from './compile-columns.ts';
import { compileFields } from './compile-fields.ts';
import { compileAlike, compileChains, compileGuards, compileMoves, compileSums } from './compile-guards.ts';
import { type Names, nameIn, partNamed } from './names.ts';
import type {
  Anchor,
  Area,
  Header,
  HeaderCell,
  Heading,
  KeyPart,
  PageClock,
  Panel,
  Plan,
  RowSpan,
  Span,
  Table,
} from './plan.ts';
import type { PathStep, Report } from './problems.ts';
import { rangeOf } from './schema.ts';
import type { AreaSource, HeadingSource, RangeSource, ShredderSource, TableSource } from './source.ts';

/** Bounds on a shredder, so that no plan works for ever. */
const TABLES_MAX = 50;
const PAGE_SIDE_MAX = 500;
const MS = 1_000_000;
const MINUTE_NS = 60_000 * MS;

/**
 * Checks a source whose form is right and makes its plan.
 *
 * @param report takes every problem; a plan with problems may not be used.
 */
export function compileSource(source: ShredderSource, report: Report): Plan {
  const [rows, columns] = sizeOf(source.size, report);
  const span = (range: RangeSource, most: number, path: readonly PathStep[]): Span => spanOf(range, most, path, report);
  const anchors = Object.entries(source.anchors).map(([name, anchor]): Anchor => {
    const path = ['anchors', name];
    if (anchor.text !== anchor.text.trim()) report([...path, 'text'], 'expected a text without blanks around it');
    return {
      name,
      text: anchor.text,
      rows: span(anchor.row, rows, [...path, 'row']),
      columns: span(anchor.column, columns, [...path, 'column']),
    };
  });
  if (anchors.length === 0) report(['anchors'], 'expected at least one text by which the page is known');
  const area = (written: AreaSource, path: readonly PathStep[]): Area => ({
    rows: span(written.rows, rows, [...path, 'rows']),
    columns:
      written.columns === undefined ? { first: 0, end: columns } : span(written.columns, columns, [...path, 'columns']),
    isOutside: written.outside ?? false,
  });
  const tables = Object.entries(source.tables ?? {});
  const customs = Object.entries(source.custom ?? {});
  if (tables.length + customs.length === 0) report(['tables'], 'missing: expected at least one table');
  if (tables.length > TABLES_MAX) report(['tables'], `expected at most ${TABLES_MAX} tables`);
  const compiled = tables.map(([name, table], index) =>
    compileTable(name, index, table, anchors, rows, columns, report),
  );
  for (let end = 1; end <= compiled.length; end++) checkSums(compiled.slice(0, end), report);
  return {
    name: source.shredder,
    page: source.page,
    rows,
    columns,
    version: source.version,
    service: source.service ?? source.page,
    anchors,
    tables: compiled,
    customs: customs.map(([name, custom]) => ({
      name,
      rows: span(custom.rows, rows, ['custom', name, 'rows']),
      read: custom.read,
    })),
    statics: (source.static ?? []).map((written, index) => area(written, ['static', index])),
    ignored: (source.ignore ?? []).map((written, index) => area(written, ['ignore', index])),
    quietNs: (source.settle?.quietMs ?? 50) * MS,
    atMostNs: Math.max(source.settle?.atMostMs ?? 500, source.settle?.quietMs ?? 50) * MS,
    // What is read from several rows at once settles at once.
    settlesByRow:
      source.settle?.by === 'row' &&
      tables.every(([, table]) => (table.height ?? 1) === 1 && table.headings === undefined && table.wraps !== true),
    release: source.release ?? 2,
    flaps: source.flaps ?? 6,
  };
}

/** Rows that sums of the last table name are its own, by key or symbol, or one of a table above, by symbol. */
function checkSums(tables: readonly Table[], report: Report): void {
  const { name, keys, sums } = tables.at(-1)!;
  // Where any key is taken nobody knows what rows there are.
  if (tables.some(({ expected }) => expected.length === 0)) return;
  const known = [...new Set([...(keys?.keys() ?? []), ...tables.flatMap(({ expected }) => expected)])];
  sums.forEach(({ total, terms }, index) => {
    for (const row of [total, ...terms.map((term) => term.name)]) {
      if (!known.includes(row)) report(['tables', name, 'sums', index], nameIn('a key or a symbol', row, known));
    }
  });
}

function sizeOf(size: string, report: Report): [number, number] {
  const sides = size.split('x').map(Number);
  if (sides.length === 2 && sides.every((side) => Number.isInteger(side) && side >= 1 && side <= PAGE_SIDE_MAX)) {
    return [sides[0]!, sides[1]!];
  }
  report(['size'], `expected ROWSxCOLUMNS of at most ${PAGE_SIDE_MAX} each, got ${JSON.stringify(size)}`);
  return [1, 1];
}

function spanOf(range: RangeSource, most: number, path: readonly PathStep[], report: Report): Span {
  const read = rangeOf(range);
  if (read === undefined || read.last >= most) {
    report(path, `expected numbers from 0 to ${most - 1}, got ${String(range)}`);
    return { first: 0, end: 1 };
  }
  return { first: read.first, end: read.last + 1 };
}

function compileTable(
  name: string,
  index: number,
  source: TableSource,
  anchors: readonly Anchor[],
  pageRows: number,
  pageColumns: number,
  report: Report,
): Table {
  const path: readonly PathStep[] = ['tables', name];
  const complain: Report = (inner, message) => report([...path, ...inner], message);
  const header = compileHeader(source, pageRows, pageColumns, complain);
  const from = source.from === undefined ? undefined : anchors.findIndex((anchor) => anchor.name === source.from);
  if (from === -1) complain(['from'], `expected an anchor of the page: ${anchors.map((a) => a.name).join(', ')}`);
  const height = source.height ?? 1;
  const columns = compileColumns(source, header, height, pageColumns, complain);
  const rowSpans = (rows: TableSource['rows'], at: readonly PathStep[]): RowSpan[] =>
    (Array.isArray(rows) ? rows : [rows]).map((range) => {
      const read = rangeOf(range)!;
      if (read.isRelative && header === undefined && from === undefined) {
        complain(at, "expected rows of the page such as '4..13': there is no header or anchor to count from");
      }
      if (!read.isRelative && read.last >= pageRows) complain(at, `expected rows up to ${pageRows - 1}`);
      return { first: read.first, end: read.last + 1, isRelative: read.isRelative };
    });
  const rows = rowSpans(source.rows, ['rows']);
  if (from !== undefined && header === undefined && !rows.every((row) => row.isRelative)) {
    complain(['rows'], "expected rows counted from the anchor, such as '+0' (in quotes: YAML takes +0 for 0)");
  }
  const panels = (source.panels ?? [0]).map((written, number): Panel => {
    const panel = typeof written === 'number' ? { shift: written } : written;
    const under = columns.map((column) =>
      headerCellsOver(header, column.first + (column.isShared ? 0 : panel.shift), column.end - column.first),
    );
    const last = Math.max(...columns.map((column) => column.end + (column.isShared ? 0 : panel.shift)));
    if (last > pageColumns) complain(['panels', number], `expected columns up to ${pageColumns - 1}, got ${last - 1}`);
    return {
      index: number,
      shift: panel.shift,
      set: panel.set ?? {},
      keys: 'keys' in panel && panel.keys !== undefined ? new Set(panel.keys) : undefined,
      rows: panel.rows === undefined ? rows : rowSpans(panel.rows, ['panels', number, 'rows']),
      under,
    };
  });
  const headings = compileHeadings(source, pageColumns, complain);
  const names: Names = {
    columns,
    set: [
      ...new Set([...panels.flatMap((panel) => Object.keys(panel.set)), ...headings.map((heading) => heading.sets)]),
    ],
  };
  const keyNames = typeof source.key === 'string' ? [source.key] : [...source.key];
  const key = keyNames.map((written, at): KeyPart => {
    const column = columns.find((candidate) => candidate.name === written);
    if (column !== undefined) return { kind: 'column', column: column.index };
    if (!names.set.includes(written)) {
      const known = [...columns.map((candidate) => candidate.name), ...names.set];
      complain(typeof source.key === 'string' ? ['key'] : ['key', at], nameIn('a column', written, known));
    }
    return { kind: 'name', name: written };
  });
  const isFixed = key.every((part) => part.kind === 'name');
  if (isFixed) checkFixed(panels, keyNames, source.keys !== undefined, complain);
  else if (key[0]?.kind !== 'column') complain(['key'], 'expected a column as the first part of the key');
  const keys = keysOf(source);
  if (source.wraps === true) {
    if (keys === undefined || isFixed)
      complain(['wraps'], 'expected keys: they say which labels go on in the next row');
    if (height > 1) complain(['wraps'], 'expected rows of one line, got blocks');
  }
  const status = source.status === undefined ? undefined : columns.find((column) => column.name === source.status);
  if (source.status !== undefined && status === undefined) {
    complain(
      ['status'],
      nameIn(
        'a column',
        source.status,
        columns.map((column) => column.name),
      ),
    );
  }
  const item = source.item ?? keyNames.map((part) => `{${part}}`).join('_');
  checkItem(item, names, complain);
  const statusFields =
    source.statusFields ?? (status === undefined ? {} : { [keyNames[0]!]: keyNames[0]!, status: 'status' });
  return {
    name,
    index,
    header,
    from,
    panels,
    until: source.until === undefined ? [] : typeof source.until === 'string' ? [source.until] : source.until,
    endsAtBlank: source.untilBlank ?? false,
    height,
    columns,
    headings,
    wraps: source.wraps ?? false,
    key,
    keys,
    expected:
      source.partial === true
        ? []
        : isFixed
          ? panels.map((panel) => symbolOf(item, (name) => panel.set[name] ?? ''))
          : expectedSymbols(item, keyNames, keys, panels, headings, columns.length, source.repeated ?? {}),
    repeated: new Map(Object.entries(source.repeated ?? {})),
    item,
    status: status?.index,
    statusFields: compileFields(statusFields, {}, names, status?.index, ['statusFields'], complain, dictionary),
    clock: compileClock(source, names, complain),
    guards: compileGuards(source.guards ?? [], names, complain),
    alike: compileAlike(source.alike ?? [], names, complain),
    sums: compileSums(source.sums ?? [], names, complain),
    chains: compileChains(source.chains ?? [], names, complain),
    moves: compileMoves(source.moves ?? [], names, complain),
    newKeys: source.newKeys ?? 1,
    atLeast: source.atLeast ?? 1,
    rejectedShare: source.rejectedShare ?? 0.3,
    fields: compileFields(
      source.fields,
      source.dictionary ?? {},
      names,
      status?.index,
      ['fields'],
      complain,
      dictionary,
    ),
  };
}

let loaded: ReturnType<typeof standardDictionary> | undefined;
const dictionary = (): ReturnType<typeof standardDictionary> => (loaded ??= standardDictionary());

/** The cells of a line: parted by two blanks or more. */
function headerCells(text: string, line: number): HeaderCell[] {
  const cells: HeaderCell[] = [];
  let at = 0;
  while (at < text.length) {
    while (text[at] === ' ') at++;
    if (at >= text.length) break;
    let end = at;
    while (end < text.length && !(text[end] === ' ' && (end + 1 >= text.length || text[end + 1] === ' '))) end++;
    cells.push({ line, column: at, text: text.slice(at, end) });
    at = end;
  }
  return cells;
}

function compileHeader(source: TableSource, rows: number, columns: number, report: Report): Header | undefined {
  const { header } = source;
  if (header === undefined) return undefined;
  const span = spanOf(header.row, rows, ['header', 'row'], report);
  header.lines.forEach((line, index) => {
    if (line.trimEnd().length > columns) {
      report(['header', 'lines', index], `expected at most ${columns} characters, got ${line.trimEnd().length}`);
    }
    if (line.trim() === '') report(['header', 'lines', index], 'expected a line with text');
  });
  if (span.end - 1 + header.lines.length > rows) report(['header', 'row'], 'expected room for all lines on the page');
  const cells = header.lines.flatMap((line, index) => headerCells(line, index));
  return { rows: span, lines: header.lines, cells, follow: header.follow ?? 0 };
}

function headerCellsOver(header: Header | undefined, first: number, width: number): number[] {
  const over: number[] = [];
  header?.cells.forEach((cell, index) => {
    if (cell.column < first + width && cell.column + cell.text.length > first) over.push(index);
  });
  return over;
}

function compileHeadings({ headings = [] }: TableSource, columns: number, report: Report): Heading[] {
  const levels: readonly HeadingSource[] = Array.isArray(headings) ? headings : [headings];
  return levels.map((written, level): Heading => {
    const path: readonly PathStep[] = Array.isArray(headings) ? ['headings', level] : ['headings'];
    const texts = Array.isArray(written.texts)
      ? new Map(written.texts.map((text: string) => [text, text]))
      : new Map(Object.entries((written.texts ?? {}) as Readonly<Record<string, string>>));
    const type = written.type === undefined ? undefined : typesOf(written.type, [...path, 'type'], report)[0];
    if ((written.texts === undefined) === (written.type === undefined)) report(path, 'expected one of texts and type');
    const part = written.part === undefined ? 0 : (type?.parts.findIndex(({ name }) => name === written.part) ?? 0);
    if (type !== undefined && type.parts[part]?.kind !== 'text') {
      const known = type.parts.filter(({ kind }) => kind === 'text').map(({ name }) => name);
      report([...path, 'part'], nameIn('a part that is a text', written.part ?? type.parts[0]!.name, known));
    }
    const values = [...texts.values()];
    const holds = new Map<string, Set<string>>();
    for (const [value, keys] of Object.entries(written.holds ?? {})) {
      if (!values.includes(value)) report([...path, 'holds'], nameIn('a value that its texts set', value, values));
      for (const key of keys) holds.set(key, (holds.get(key) ?? new Set()).add(value));
    }
    return {
      sets: written.sets,
      columns: spanOf(written.at, columns, [...path, 'at'], report),
      texts,
      type,
      part: Math.max(0, part),
      isOnce: written.once ?? false,
      holds: written.holds === undefined ? undefined : holds,
    };
  });
}

function compileClock({ clock }: TableSource, { columns }: Names, report: Report): PageClock | undefined {
  if (clock === undefined) return undefined;
  const column = columns.find((candidate) => candidate.name === clock.of);
  if (column === undefined) {
    const known = columns.map((candidate) => candidate.name);
    report(['clock', 'of'], nameIn('a column', clock.of, known));
  } else if (!column.types.every((type) => type.name === 'dateTime')) {
    report(['clock', 'of'], 'expected a column of type dateTime');
  }
  return {
    column: column?.index ?? 0,
    withinNs: clock.within * MINUTE_NS,
    zones: new Map(Object.entries(clock.zones ?? {})),
  };
}

function keysOf(source: TableSource): ReadonlyMap<string, string> | undefined {
  const { keys } = source;
  if (keys === undefined) return undefined;
  return Array.isArray(keys)
    ? new Map(keys.map((key: string) => [key, key]))
    : new Map(Object.entries(keys as Readonly<Record<string, string>>));
}

/** The names between braces of an item's symbol. */
function namesInItem(item: string): string[] {
  return item
    .split('{')
    .slice(1)
    .map((rest) => rest.split('}')[0]!);
}

function checkItem(item: string, names: Names, report: Report): void {
  const known = ['symbol', ...names.columns.map((column) => column.name), ...names.set];
  for (const name of namesInItem(item)) {
    if (!name.includes('.')) {
      if (!known.includes(name)) report(['item'], nameIn('a name in braces', name, known));
      continue;
    }
    const found = partNamed(name, names);
    if (typeof found === 'string') report(['item'], found);
    else if (
      found.column.types.some(({ parts }) => parts.some((part) => part.name === found.part && part.kind !== 'text'))
    )
      report(['item'], `expected a part that is a text, got ${name}`);
  }
}

/** A symbol from its template: an empty name takes the point behind it along; blanks would cut subjects in log lines. */
export function symbolOf(item: string, textOf: (name: string) => string): string {
  let symbol = '';
  let at = 0;
  for (;;) {
    const open = item.indexOf('{', at);
    if (open < 0) break;
    const close = item.indexOf('}', open);
    if (close < 0) break;
    const text = textOf(item.slice(open + 1, close));
    symbol += item.slice(at, open) + text;
    at = close + (text === '' && item[close + 1] === '.' ? 2 : 1);
  }
  return (symbol + item.slice(at)).replaceAll(' ', '_');
}

/** Fixed cells have no label of their own: each panel is one row, and names what it reads. */
function checkFixed(panels: readonly Panel[], keyNames: readonly string[], hasKeys: boolean, report: Report): void {
  if (hasKeys) report(['keys'], 'expected no keys: the panels name what they read');
  panels.forEach((panel, index) => {
    const rows = panel.rows.reduce((count, span) => count + span.end - span.first, 0);
    if (rows !== 1) report(['panels', index, 'rows'], `expected one row for a fixed cell, got ${rows}`);
    for (const name of keyNames) {
      if (!(name in panel.set)) report(['panels', index, 'set'], `expected a text for ${name}`);
    }
  });
}

/** All symbols that the page should have, where keys and panels tell. */
function expectedSymbols(
  item: string,
  keyNames: readonly string[],
  keys: ReadonlyMap<string, string> | undefined,
  panels: readonly Panel[],
  headings: readonly Heading[],
  columns: number,
  repeated: Readonly<Record<string, readonly string[]>>,
): string[] {
  if (keys === undefined || columns === 0) return [];
  const used = namesInItem(item);
  const symbols = new Set<string>();
  for (const panel of panels) {
    for (const [label, symbol] of keys) {
      const places = repeated[label];
      if (places !== undefined) {
        for (const place of places) symbols.add(place);
        continue;
      }
      const known = new Map([['symbol', symbol], [keyNames[0]!, symbol], ...Object.entries(panel.set)]);
      const by = headings.find(({ sets, holds }) => holds !== undefined && used.includes(sets));
      for (const value of by?.holds?.get(label) ?? ['']) {
        if (by !== undefined) known.set(by.sets, value);
        if (!used.every((name) => known.has(name))) return [];
        symbols.add(symbolOf(item, (name) => known.get(name)!));
      }
    }
  }
  return [...symbols];
}
