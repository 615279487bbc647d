import type { BoardModel } from './model.ts';

const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[Z': 'back-tab',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[5~': 'page-up',
  '[6~': 'page-down',
};

const CONTROLS: Readonly<Record<string, string>> = {
  '\x03': 'ctrl-c',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
};

/** What a terminal sent, key by key: names of the special ones, else the character. Unknown sequences are left out. */
export function parseKeys(text: string): string[] {
  const keys: string[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    at++;
    if (char !== '\x1b') {
      const key = CONTROLS[char] ?? (char >= ' ' ? char : undefined);
      if (key !== undefined) keys.push(key);
      continue;
    }
    const sequence = /^(?:\[[0-9;]*[@-~]|O[A-Z])/.exec(text.slice(at))?.[0];
    if (sequence === undefined) {
      keys.push('escape');
      continue;
    }
    at += sequence.length;
    const key = SEQUENCES[sequence];
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

/** Does what a key asks for. @param height rows in sight @returns true when it asks to leave */
export function pressKey(model: BoardModel, key: string, height: number): boolean {
  if (key === 'ctrl-c') return true;
  const { top } = model;
  const target = SCROLLS[key]?.(top, height, model.order.length);
  if (target !== undefined) {
    model.scrollTo(target, height);
    return false;
  }
  if (key === 'escape') {
    model.typing = false;
    model.setFilter('');
  } else if (model.typing) {
    if (key === 'enter') model.typing = false;
    else if (key === 'backspace') model.setFilter(model.filter.slice(0, -1));
    else if (key.length === 1) model.setFilter(model.filter + key);
  } else if (key === 'q') return true;
  else if (key === '/') model.typing = true;
  else if (key === 's') model.setSort(model.sort === 'symbol' ? 'arrival' : 'symbol');
  else if (key === 'a') model.setSort(model.sort === 'activity' ? 'arrival' : 'activity');
  return false;
}

const SCROLLS: Readonly<Record<string, (top: number, height: number, rows: number) => number>> = {
  up: (top) => top - 1,
  down: (top) => top + 1,
  'page-up': (top, height) => top - height,
  'page-down': (top, height) => top + height,
  home: () => 0,
  end: (_top, height, rows) => rows - height,
};
