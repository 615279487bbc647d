import { EXIT, type PageCommand } from './page-command.ts';
import type { PageModel } from './page-model.ts';

const MOVES: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  up: [-1, 0],
  down: [1, 0],
  left: [0, -1],
  right: [0, 1],
};
const STEPS: Readonly<Record<string, 1 | -1>> = { n: 1, '+': 1, 'page-down': 1, p: -1, '-': -1, 'page-up': -1 };
const ENTRY_MAX = 64;

/** Does what a key asks for, or says what is to be done. */
export function pressPageKey(model: PageModel, key: string): PageCommand {
  model.hint = '';
  if (key === 'ctrl-c') return EXIT;
  if (model.entry !== undefined) return typed(model, model.entry, key);
  const move = MOVES[key];
  const step = STEPS[key];
  if (move !== undefined) {
    model.moveBy(...move);
  } else if (step !== undefined) {
    const name = model.neighbour(step);
    if (name !== undefined) return { go: name };
    model.hint = 'no page before or after this one is known';
  } else if (/^[0-9]$/.test(key)) {
    model.entry = key;
  } else if (key === 'q') {
    return EXIT;
  } else if (key === 'a') {
    model.showsAge = !model.showsAge;
  } else if (key === 'g' || key === '/') {
    model.entry = '';
  } else if (key === 'tab' || key === 'back-tab') {
    if (!model.moveToLink(key === 'tab' ? 1 : -1)) model.hint = 'no links on this page';
  } else if (key === 'enter') {
    const name = model.nameAtCursor();
    if (name !== undefined) return { go: name };
    model.hint = 'no name under the cursor';
  } else if (key === 'backspace') {
    return 'back';
  } else if (key === 'escape') {
    model.cursor = undefined;
  }
  return undefined;
}

function typed(model: PageModel, entry: string, key: string): PageCommand {
  if (key === 'enter') {
    model.entry = undefined;
    return entry === '' ? undefined : { go: entry };
  }
  if (key === 'escape') model.entry = undefined;
  else if (key === 'backspace') model.entry = entry === '' ? undefined : entry.slice(0, -1);
  else if (/^[!-~]$/.test(key) && entry.length < ENTRY_MAX) model.entry = entry + key;
  return undefined;
}
