import t from 'tap';
import { BOARD_COLUMNS } from '../src/watch/columns.ts';
import { parseKeys, pressKey } from '../src/watch/keys.ts';
import { BoardModel } from '../src/watch/model.ts';
import type { BoardItem } from '../src/watch/rows.ts';
import { difference } from '../src/watch/terminal.ts';

function item(subject: string): BoardItem {
  const state = { quality: 0, name: 'LIVE', reason: '', detail: '', since: 0n };
  return { subject, recordKind: 0, removed: false, state, get: () => undefined };
}

function modelOf(...subjects: string[]): BoardModel {
  const model = new BoardModel(BOARD_COLUMNS, 0);
  for (const subject of subjects) model.item(item(subject));
  return model;
}

function shown(model: BoardModel): string[] {
  return model.order.map(({ subject }) => subject);
}

function press(model: BoardModel, ...keys: string[]): boolean {
  return keys.map((key) => pressKey(model, key, 2)).some((leaves) => leaves);
}

t.test('escape sequences are keys; unknown ones are left out', (t) => {
  t.same(parseKeys('\x1b[A\x1b[B\x1bOA\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[4~'), [
    'up',
    'down',
    'up',
    'page-up',
    'page-down',
    'home',
    'end',
    'end',
  ]);
  t.same(parseKeys('\x1b[15~\x1b[1;5Ca\x03\r\x7f\x00'), ['a', 'ctrl-c', 'enter', 'backspace']);
  t.same(parseKeys('\x1b'), ['escape']);
  t.same(parseKeys('\x1bx'), ['escape', 'x']);
  t.end();
});

t.test('q and Ctrl-C leave; q in a filter is a letter', (t) => {
  t.equal(press(modelOf('T.A'), 'q'), true);
  t.equal(press(modelOf('T.A'), 'ctrl-c'), true);
  const model = modelOf('T.QQQ', 'T.A');
  t.equal(press(model, '/', 'q'), false);
  t.equal(model.filter, 'q');
  t.equal(press(model, 'ctrl-c'), true);
  t.end();
});

t.test('the filter works as one types, whatever the case, until Escape', (t) => {
  const model = modelOf('T.AB', 'T.BA', 'T.C');
  press(model, '/', 'b', 'a');
  t.same(shown(model), ['T.BA']);
  press(model, 'backspace');
  t.same(shown(model), ['T.AB', 'T.BA']);
  press(model, 'enter', 's');
  t.same([model.filter, model.typing, model.sort], ['b', false, 'symbol'], 'after Enter, letters are commands');
  press(model, 'escape');
  t.same(shown(model), ['T.AB', 'T.BA', 'T.C']);
  t.end();
});

t.test('rows are in order of arrival, of their names, or of activity', (t) => {
  const model = new BoardModel(BOARD_COLUMNS, 0);
  const items = ['T.C', 'T.A', 'T.B'].map(item);
  for (const each of items) model.item(each);
  model.update(items[2]!);
  t.same(shown(model), ['T.C', 'T.A', 'T.B']);
  press(model, 's');
  t.same(shown(model), ['T.A', 'T.B', 'T.C']);
  press(model, 'a');
  t.same(shown(model), ['T.B', 'T.C', 'T.A']);
  for (let i = 0; i < 9; i++) model.update(items[1]!);
  t.same(shown(model), ['T.B', 'T.C', 'T.A'], 'rows stand still for a second');
  model.tick(1000);
  t.same(shown(model), ['T.A', 'T.B', 'T.C']);
  press(model, 'a');
  t.same(shown(model), ['T.C', 'T.A', 'T.B']);
  t.end();
});

t.test('scrolling stays within the rows', (t) => {
  const model = modelOf('T.A', 'T.B', 'T.C', 'T.D', 'T.E');
  const tops = ['up', 'down', 'page-down', 'page-down', 'page-up', 'end', 'down', 'home'].map((key) => {
    press(model, key);
    return model.top;
  });
  t.same(tops, [0, 1, 3, 3, 1, 3, 3, 0]);
  t.end();
});

t.test('an item that comes again takes the place of the one before', (t) => {
  const model = modelOf('T.A', 'T.B');
  const again = item('T.A');
  model.item(again);
  t.same(shown(model), ['T.A', 'T.B']);
  t.equal(model.order[0]!.item, again);
  t.end();
});

t.test('only lines that differ are written', (t) => {
  t.equal(difference(['a', 'b'], ['a', 'b']), '');
  const text = difference(['a', 'b', 'c'], ['a', 'X', 'c']);
  t.match(text, '\x1b[2;1HX\x1b[K');
  t.notMatch(text, '\x1b[1;1H');
  t.notMatch(text, '\x1b[3;1H');
  t.end();
});
