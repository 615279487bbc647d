import { TickerError } from '@tickerplant/core';
import { compileYaml, coverage, type Plan, pageFromText, Shredder } from '@tickerplant/shredder';
import { type FoundColumn, type FoundTable, findTable, identifier, textType } from './find-columns.ts';
import { findBlocks, type Grid, gridOf, hasDigit, isDrawn, isOfTheDay, isSameRow, piecesOf } from './text-grid.ts';
import { type FoundAnchor, type FoundArea, type Proposed, writeYaml } from './write-yaml.ts';

/** What is known beforehand. */
export interface ProposeOptions {
  readonly name: string;
  readonly page?: string;
  readonly rows: number;
  readonly columns: number;
}

const ANCHORS_MAX = 4;
const ANCHOR_LENGTH_MIN = 3;
const TRIES_MAX = 4;

/**
 * Proposes a shredder for pages of one kind: one that reads them.
 *
 * @returns its YAML, and how many items of all pages are LIVE.
 * @throws TickerError `SHRED_NOTHING_FOUND` where there is no table, or no text that is always there
 */
export function proposeShredder(
  texts: readonly string[],
  options: ProposeOptions,
): { yaml: string; plan: Plan; live: number; items: number } {
  const { rows, columns } = options;
  const grids = texts.map((text) => gridOf(text, rows, columns));
  const blocks = findBlocks(grids);
  const names = new Set<string>();
  const tables = blocks.flatMap((block) => {
    const name = names.size === 0 ? 'main' : `table${names.size + 1}`;
    const table = findTable(grids, block, name);
    if (table === undefined) return [];
    names.add(name);
    return [table];
  });
  if (tables.length === 0) {
    throw new TickerError(
      'SHRED_NOTHING_FOUND',
      'expected two rows or more with values, and a column that names them; got none: write this one by hand',
    );
  }
  const anchors = anchorsOf(grids, tables);
  if (anchors.length === 0) {
    throw new TickerError(
      'SHRED_NOTHING_FOUND',
      'expected text outside of tables that is the same on all pages, to know the page by; got none',
    );
  }
  const page = options.page ?? pageName(anchors) ?? options.name.toUpperCase();
  const proposed: Proposed = {
    name: options.name,
    page,
    rows,
    columns,
    captures: texts.length,
    anchors,
    tables,
    areas: [],
  };
  return untilRead(proposed, texts, grids);
}

/** Loosens what refuses cells of these very pages, then accounts for the rest of the text. */
function untilRead(first: Proposed, texts: readonly string[], grids: readonly Grid[]) {
  let proposed = first;
  let yaml = writeYaml(proposed);
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const shredders = runAll(compileYaml(yaml, `${proposed.name}.yaml`), texts);
    for (const column of refused(shredders, proposed.tables)) {
      if (column.align !== 'any') column.align = 'any';
      else column.type = textType(column.samples);
    }
    proposed = { ...proposed, areas: [...proposed.areas, ...unreadAreas(shredders, texts, grids)] };
    yaml = writeYaml(proposed);
  }
  let result = readBack(proposed, yaml, texts);
  if (result.live < result.items && proposed.tables.some((table) => table.guards.length > 0)) {
    for (const table of proposed.tables) table.guards = [];
    result = readBack(proposed, writeYaml(proposed), texts);
  }
  return result;
}

/** What the proposal makes of the pages. */
function readBack({ name }: Proposed, yaml: string, texts: readonly string[]) {
  const plan = compileYaml(yaml, `${name}.yaml`);
  const items = runAll(plan, texts).flatMap((shredder) => [...shredder.items()]);
  return { yaml, plan, live: items.filter(({ quality }) => quality === 'LIVE').length, items: items.length };
}

function runAll(plan: Plan, texts: readonly string[]): Shredder[] {
  return texts.map((text) => {
    const shredder = new Shredder(plan);
    shredder.runWhole(pageFromText(text, plan.rows, plan.columns), 0);
    return shredder;
  });
}

/** The columns with a cell that was refused. */
function refused(shredders: readonly Shredder[], tables: readonly FoundTable[]): FoundColumn[] {
  const found = new Set<FoundColumn>();
  for (const shredder of shredders) {
    for (const reader of shredder.reader.tables) {
      for (const reading of reader.readings()) {
        reading.cells.forEach((cell, index) => {
          if (cell?.outcome === 'reject') found.add(tables[reader.table.index]!.columns[index]!);
        });
      }
    }
  }
  return [...found];
}

/** By row, from the first to the last text that nobody knows. */
function unreadAreas(shredders: readonly Shredder[], texts: readonly string[], grids: readonly Grid[]): FoundArea[] {
  const spans = new Map<number, { first: number; last: number }>();
  shredders.forEach((shredder, index) => {
    const { plan } = shredder;
    for (const { row, column, text } of coverage(shredder, pageFromText(texts[index]!, plan.rows, plan.columns))
      .unread) {
      const span = spans.get(row) ?? { first: column, last: column };
      spans.set(row, { first: Math.min(span.first, column), last: Math.max(span.last, column + text.length - 1) });
    }
  });
  return [...spans].map(([row, { first, last }]): FoundArea => {
    const pieces = grids.map((grid) => grid[row]!.slice(first, last + 1).join(''));
    const isSame = pieces.every((piece) => piece === pieces[0]);
    return {
      row,
      first,
      last,
      isStatic: isSame && (grids.length > 1 ? !isOfTheDay(pieces[0]!) : !hasDigit(pieces[0]!)),
    };
  });
}

/** The longest pieces of text that stand on all pages and in no table; the topmost first. */
function anchorsOf(grids: readonly Grid[], tables: readonly FoundTable[]): FoundAnchor[] {
  const inTable = (row: number): boolean =>
    tables.some(({ block }) => row >= (block.headerRow < 0 ? block.first : block.headerRow) && row <= block.last);
  const [grid] = grids;
  const pieces = grid!.flatMap((line, row) => {
    if (inTable(row) || isDrawn(line)) return [];
    return piecesOf(line)
      .filter(
        ({ text }) =>
          text.length >= ANCHOR_LENGTH_MIN &&
          /[A-Za-z]/.test(text) &&
          (grids.length > 1 ? !isOfTheDay(text) : !hasDigit(text)),
      )
      .filter(({ text, column }) =>
        grids.every(
          (other) => isSameRow(grids, row) || other[row]!.slice(column, column + text.length).join('') === text,
        ),
      )
      .filter(({ text, column }) =>
        grids.every(
          (other) => (other[row]![column - 1] ?? ' ') === ' ' && (other[row]![column + text.length] ?? ' ') === ' ',
        ),
      )
      .map(({ text, column }) => ({ text, column, row }));
  });
  const top = pieces.filter(({ row }) => row <= 1);
  const rest = pieces.filter(({ row }) => row > 1).sort((a, b) => b.text.length - a.text.length);
  const chosen = [...top, ...rest].slice(0, ANCHORS_MAX).sort((a, b) => a.row - b.row || a.column - b.column);
  const used = new Set<string>();
  return chosen.map((anchor, index) => {
    let name = identifier(anchor.text.split(' ').slice(0, 2).join(' '), index);
    while (used.has(name)) name += index;
    used.add(name);
    return { name, ...anchor };
  });
}

/** A single word in capitals, which is what pages are called. */
function pageName(anchors: readonly FoundAnchor[]): string | undefined {
  return anchors.find(({ text }) => /^[A-Z][A-Z0-9]{2,15}$/.test(text))?.text;
}
