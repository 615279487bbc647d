import type { PaintName } from '../../watch/paint.ts';
import type { CellKind, CellNote } from './inspection.ts';

/** Foregrounds of rules (ECMA-48 SGR): neighbours differ, and none is that of a warning. */
const RULES = ['36', '32', '35', '34', '96', '92', '95', '94'] as const;

const COLOURS: Readonly<Record<Exclude<CellKind, 'value' | 'window' | 'doubt'>, string>> = {
  blank: '',
  refused: '97;41',
  anchor: '1;42;30',
  header: '1;4',
  known: '2',
  unread: '30;43',
};
const MONO: Readonly<Record<CellKind, string>> = {
  blank: '',
  window: '2',
  value: '4',
  doubt: '2;4',
  refused: '1;7',
  anchor: '1',
  header: '1;4',
  known: '2',
  unread: '7',
};

/** What a window without text shows, so that the ruler is seen. */
const WINDOW = '·';
/** Letters of the map for what no rule reads. */
const MAP: Readonly<Record<CellKind, string>> = {
  blank: ' ',
  window: '·',
  value: '?',
  doubt: '?',
  refused: '!',
  anchor: '=',
  header: '-',
  known: '.',
  unread: '#',
};

export const MAP_LEGEND = '= anchor  - header  . known (static, ignore)  # unread  ! refused  · looked at, blank';

/** SGR parameters for a cell. */
export function cellCode({ kind, ruleNumber }: CellNote, paint: PaintName, isAtCursor: boolean): string {
  if (paint === 'text') return '';
  const codes: string[] = [];
  if (paint === 'mono') codes.push(MONO[kind]);
  else if (kind === 'value' || kind === 'window' || kind === 'doubt') {
    const colour = RULES[Math.max(0, ruleNumber) % RULES.length]!;
    codes.push(kind === 'doubt' ? `4;${colour}` : kind === 'window' ? `2;${colour}` : colour);
  } else codes.push(COLOURS[kind]);
  return withCursor(codes.filter((code) => code !== '').join(';'), isAtCursor);
}

/** SGR parameters of a cell, reversed where the cursor is. */
export function withCursor(code: string, isAtCursor: boolean): string {
  if (!isAtCursor) return code;
  return code === '' ? '7' : `${code};7`;
}

/** SGR parameters for the name of a rule. */
export function ruleCode(number: number, paint: PaintName): string {
  return paint === 'colour' ? RULES[number % RULES.length]! : '';
}

/** The character that a cell shows: of the page, or of the map, where letters stand for rules. */
export function cellLetter(note: CellNote, letter: string, ruleLetter: string | undefined, isMap: boolean): string {
  if (isMap) return note.kind === 'value' || note.kind === 'doubt' ? (ruleLetter ?? '?') : MAP[note.kind];
  return note.kind === 'window' && letter === ' ' ? WINDOW : letter;
}

/** Text with SGR parameters around it. */
export function sgr(text: string, code: string): string {
  return code === '' || text === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
}
