import { AGE_LEGEND, ageLetter } from '../../page/cell-age.ts';
import { cut, type PaintName, printable } from '../../watch/paint.ts';
import { cellCode, cellLetter, MAP_LEGEND, ruleCode, sgr, withCursor } from './cell-paint.ts';
import { type InspectedMoment, type Inspection, noteLines } from './inspection.ts';
import { ageOf, type Overlay, overlayCode, overlayProblem } from './overlays.ts';

/** Where somebody looks. */
export interface View {
  row: number;
  column: number;
  /** First row and column in sight. */
  top: number;
  left: number;
  /** Letters of rules in place of the page's. */
  isMap: boolean;
  /** What the colours say. */
  overlay: Overlay;
  /** Which moment of a captured page is wanted; undefined: the one that is there. */
  moment: number | undefined;
  /** Why the newest files can't be shown: what is seen is older. */
  problem: string;
}

/** Somebody looks at the top left corner first. */
export function newView(): View {
  return { row: 0, column: 0, top: 0, left: 0, isMap: false, overlay: 'rules', moment: undefined, problem: '' };
}

/** Room for row numbers. */
const MARGIN = 4;
const PANEL_HEIGHT = 9;
const PANEL_WIDTH_MIN = 44;
/** Where facts begin in the panel. */
const INDENT = 8;
const HELP = 'arrows move  n/p next to look at  m map  a age  d drift  q quit';
const MOMENT_HELP = '  [ ] change before, after  { } 100';

/** How many rows and columns of the page fit into a terminal. Its last column stays free: clearing to the end of a full line would take that. */
export function sight(
  { columns }: Inspection,
  width: number,
  height: number,
): { rows: number; columns: number; isBeside: boolean } {
  const isBeside = width >= MARGIN + columns + PANEL_WIDTH_MIN;
  const rows = Math.max(1, height - 4 - (isBeside ? 0 : PANEL_HEIGHT));
  return { rows, columns: Math.max(1, Math.min(columns, width - MARGIN - 1)), isBeside };
}

/** The screen, line by line. */
export function screen(inspection: Inspection, view: View, width: number, height: number, paint: PaintName): string[] {
  const room = sight(inspection, width, height);
  const lines = [sgr(cut(summary(inspection), width).padEnd(width), paint === 'text' ? '' : '7')];
  lines.push(...rulerLines(inspection, view.left, room.columns, paint));
  const last = Math.min(inspection.rows, view.top + room.rows);
  for (let row = view.top; row < last; row++)
    lines.push(pageLine(inspection, row, view.left, room.columns, view, paint));
  const panelWidth = room.isBeside ? width - MARGIN - room.columns - 3 : width - 1;
  const panel = panelLines(inspection, view, paint).flatMap(({ text, code }) =>
    wrapped(text, panelWidth).map((piece) => ({ text: piece, code })),
  );
  if (room.isBeside) {
    const pad = ' '.repeat(2);
    panel.slice(0, height - 2).forEach(({ text, code }, index) => {
      while (lines.length <= index + 1) lines.push(' '.repeat(MARGIN + room.columns));
      lines[index + 1] += `${pad}${sgr(text, code)}`;
    });
  } else {
    while (lines.length < 3 + room.rows) lines.push('');
    for (const { text, code } of panel.slice(0, PANEL_HEIGHT)) lines.push(sgr(text, code));
  }
  while (lines.length < height - 1) lines.push('');
  lines.length = Math.max(1, height - 1);
  const help = inspection.moment === undefined ? HELP : HELP + MOMENT_HELP;
  lines.push(sgr(cut(help, width), paint === 'text' ? '' : '2'));
  return lines;
}

/** All of it at once, for a pipe or a file: the page, the map, the rules, what is wrong. */
export function printout(inspection: Inspection, paint: PaintName): string[] {
  const view: View = { ...newView(), row: -1, column: -1 };
  const grid = (isMap: boolean): string[] => [
    ...rulerLines(inspection, 0, inspection.columns, paint),
    ...inspection.text.map((_, row) =>
      pageLine(inspection, row, 0, inspection.columns, { ...view, isMap }, paint).trimEnd(),
    ),
  ];
  const lines = [summary(inspection), ...inspection.reasons.map((reason) => printable(`  ${reason}`)), ...grid(false)];
  if (paint === 'text') lines.push('', ...grid(true), MAP_LEGEND);
  if (paint === 'text' && inspection.ages !== undefined) lines.push('', ...ageLines(inspection), AGE_LEGEND);
  lines.push('');
  inspection.rules.forEach(({ letter, name, type }, index) => {
    lines.push(`${sgr(`${letter}  ${name}`, ruleCode(index, paint))}  ${type}`);
  });
  for (const { row, column, text } of inspection.unread)
    lines.push(printable(`unread   row ${row} col ${column}  ${JSON.stringify(text)}`));
  for (const { row, column, end, what, rule, want, got } of inspection.drifts) {
    const where = `row ${row} col ${column}..${end - 1}  ${what}${rule === '' ? '' : ` ${rule}`}`;
    lines.push(printable(`drift    ${where}  want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`));
  }
  for (const { subject, quality, reason } of inspection.items)
    if (quality !== 'LIVE') lines.push(printable(`${quality}  ${subject}  ${reason}`));
  return lines;
}

/** How old the cells are, for who sees no colours. */
function ageLines(inspection: Inspection): string[] {
  const { columns } = inspection;
  const rows = inspection.text.map((_, row) => {
    const letters = Array.from({ length: columns }, (_cell, column) => ageLetter(ageOf(inspection, row, column)));
    return `${String(row).padStart(3)} ${letters.join('')}`;
  });
  return [...rulerLines(inspection, 0, columns, 'text'), ...rows];
}

function summary({ shredder, file, match, items, unread, drifts, moment }: Inspection): string {
  const live = items.filter(({ quality }) => quality === 'LIVE').length;
  const counts = `LIVE ${live}   SUSPECT ${items.length - live}   unread ${unread.length}   drift ${drifts.length}`;
  return printable(
    ` ${shredder} on ${file}   ${match}   ${counts}${moment === undefined ? '' : `   ${momentText(moment)}`}`,
  );
}

/** `2026-11-30 10:02:11.413, change 12 of 340` */
function momentText({ at, number, count, quality, why }: InspectedMoment): string {
  const said = quality === 'LIVE' ? '' : `   page ${quality}: ${why}`;
  return `${at.slice(0, 23).replace('T', ' ')}, change ${number + 1} of ${count}${said}`;
}

function rulerLines({ columns }: Inspection, left: number, count: number, paint: PaintName): string[] {
  let tens = '';
  let ones = '';
  for (let column = left; column < Math.min(columns, left + count); column++) {
    tens += column % 10 === 0 ? String(Math.floor(column / 10) % 10) : ' ';
    ones += String(column % 10);
  }
  const dim = paint === 'text' ? '' : '2';
  return [`${' '.repeat(MARGIN)}${sgr(tens, dim)}`, `${' '.repeat(MARGIN)}${sgr(ones, dim)}`];
}

function pageLine(
  inspection: Inspection,
  row: number,
  left: number,
  count: number,
  view: View,
  paint: PaintName,
): string {
  const letters = [...inspection.text[row]!];
  let line = sgr(`${String(row).padStart(3)} `, paint === 'text' ? '' : '2');
  let piece = '';
  let code = '';
  for (let column = left; column < Math.min(inspection.columns, left + count); column++) {
    const note = inspection.notes[inspection.cells[row]![column]!]!;
    const isAtCursor = row === view.row && column === view.column;
    const next =
      view.overlay === 'rules'
        ? cellCode(note, paint, isAtCursor)
        : withCursor(overlayCode(inspection, row, column, view.overlay, paint), isAtCursor && paint !== 'text');
    if (next !== code) {
      line += sgr(piece, code);
      piece = '';
      code = next;
    }
    const letter = letters[column] ?? ' ';
    const isPage = view.overlay !== 'rules' && !view.isMap;
    piece += isPage ? letter : cellLetter(note, letter, inspection.rules[note.ruleNumber]?.letter, view.isMap);
  }
  return line + sgr(piece, code);
}

function panelLines(inspection: Inspection, view: View, paint: PaintName): { text: string; code: string }[] {
  const style = (code: string): string => (paint === 'text' ? '' : code);
  const lines: { text: string; code: string }[] = [];
  for (const text of [...view.problem.split('\n'), overlayProblem(inspection, view.overlay)])
    if (text !== '') lines.push({ text: printable(text), code: style('1;33') });
  noteLines(inspection, view.row, view.column).forEach((text, index) => {
    lines.push({ text: printable(text), code: index === 0 ? style('1') : text.startsWith('why') ? style('1;33') : '' });
  });
  for (const text of inspection.reasons) lines.push({ text: printable(`page    ${text}`), code: style('1;33') });
  return lines;
}

/** Text in lines of a width, cut between words where that is possible. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width && width > INDENT) {
    const space = rest.lastIndexOf(' ', width);
    const at = space > INDENT ? space : width;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(INDENT) + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
