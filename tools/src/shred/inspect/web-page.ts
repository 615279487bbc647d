// The inspector in a browser: three texts without any dependency. Whatever comes from a page or a shredder is put in as text,
// never as markup.

import { AGE_LIMITS_MS } from '../../page/cell-age.ts';

export const INSPECT_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>shredder inspector</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/inspect.css">
</head>
<body>
<header><strong id="shredder"></strong> on <span id="file"></span> <span id="match"></span> <span id="counts"></span></header>
<nav><label>colours <select id="overlay"><option value="rules">rules</option><option value="age">age</option><option value="drift">drift</option></select></label>
<span id="moments" hidden><button data-step="-100">&laquo;</button><button data-step="-1">&lsaquo; before</button>
<output id="moment"></output><button data-step="1">after &rsaquo;</button><button data-step="100">&raquo;</button></span></nav>
<pre id="hint" hidden></pre>
<pre id="problem" role="alert" hidden></pre>
<main>
<pre id="page" tabindex="0" aria-label="the page; arrow keys move, n goes to the next unread or refused text"></pre>
<section id="panel" aria-live="polite"></section>
</main>
<ul id="rules"></ul>
<ul id="unread"></ul>
<ul id="drifts"></ul>
<table id="items"></table>
<script src="/inspect.js"></script>
</body>
</html>
`;

export const INSPECT_CSS = `
:root { color-scheme: dark; --back: #14171a; --line: #3a434d; --text: #d7dde3; --dim: #7d8894; }
body { background: var(--back); color: var(--text); font: 14px/1.4 system-ui, sans-serif; margin: 12px 16px; }
header span { margin-right: 1em; }
#match.match { color: #6cc76c; } #match.soft-drift { color: #e0b040; } #match.hard-drift { color: #ff6b5e; }
#problem { background: #4a1512; padding: 8px; white-space: pre-wrap; }
nav { margin: 8px 0; display: flex; gap: 20px; } #moment { margin: 0 1em; font-family: ui-monospace, monospace; }
#moment.UNKNOWN, #moment.STALE, #moment.SUSPECT, #moment.RECOVERING { color: #ffb454; }
#hint { color: #e0b040; margin: 4px 0; }
#drifts, #unread { white-space: pre-wrap; }
#drifts { padding-left: 0; list-style: none; color: #ff9d92; font-family: ui-monospace, monospace; } #drifts li { cursor: pointer; }
#page i.age0 { background: #ffe27a; color: #000; } #page i.age1 { color: #ffe27a; font-weight: bold; }
#page i.age2 { color: #e0a93a; } #page i.age3 { color: #4fd0e0; } #page i.age4 { color: #7aa7ff; }
#page i.age5, #page i.still, #page i.rest { color: var(--dim); }
#page i.drifted { background: #b3261e; color: #fff; } #page i.held { background: #1f4d2b; color: #b9f0c4; }
main { display: flex; gap: 20px; align-items: flex-start; flex-wrap: wrap; }
#page { font: 14px/1.35 ui-monospace, monospace; margin: 8px 0; outline: none; cursor: crosshair; }
#page .ruler { color: var(--dim); }
#page i { font-style: normal; }
i.window { color: var(--line); } i.doubt { text-decoration: underline wavy #e0b040 1px; }
i.refused { background: #b3261e; color: #fff; } i.unread { background: #c99a1b; color: #000; }
i.anchor { background: #1f4d2b; color: #b9f0c4; } i.header { text-decoration: underline; font-weight: bold; }
i.known { color: var(--dim); }
i.lit { background: #2d4258; } i.cursor { outline: 1px solid #fff; }
.c0 { color: #4fd0e0; } .c1 { color: #7fd069; } .c2 { color: #e08ae0; } .c3 { color: #7aa7ff; }
.c4 { color: #a4ecf4; } .c5 { color: #bdf0a8; } .c6 { color: #f3bdf3; } .c7 { color: #b5ccff; }
i.window.c0, i.window.c1, i.window.c2, i.window.c3, i.window.c4, i.window.c5, i.window.c6, i.window.c7 { opacity: .6; }
i.refused, i.unread { color: #fff; } i.unread { color: #000; }
#panel { min-width: 380px; max-width: 560px; border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; }
#panel dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0; }
#panel dt { color: var(--dim); } #panel dd { margin: 0; font-family: ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
#panel dd.why { color: #ffb454; }
#rules { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; font-family: ui-monospace, monospace; }
#rules small { color: var(--dim); }
#unread { padding-left: 0; list-style: none; color: #e0b040; font-family: ui-monospace, monospace; }
#unread li { cursor: pointer; }
#items { border-collapse: collapse; font-family: ui-monospace, monospace; font-size: 13px; }
#items td { border-top: 1px solid var(--line); padding: 2px 10px 2px 0; vertical-align: top; }
#items .LIVE { color: #6cc76c; } #items .SUSPECT { color: #ffb454; }
`;

export const INSPECT_JS: string = `'use strict';
const COLOURS = 8;
const by = (id) => document.getElementById(id);
let inspection;
let cursor = [0, 0];
let overlay = 'rules';
const AGES = [${AGE_LIMITS_MS.join(', ')}];
const make = (name, text, className) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};
const noteAt = (row, column) => inspection.notes[inspection.cells[row][column]];

const driftsAt = (row, column) =>
  inspection.drifts.filter((drift) => drift.row === row && column >= drift.column && column < drift.end);
const driftText = ({ what, rule, want, got }) =>
  what + (rule ? ' ' + rule : '') + ': want ' + JSON.stringify(want) + ', got ' + JSON.stringify(got);
const ageAt = (row, column) => (inspection.ages === undefined ? undefined : inspection.ages[row][column]);
function ageText(ms) {
  if (ms === 0) return 'changed at this moment';
  if (ms < 60000) return (ms / 1000).toFixed(1) + ' s';
  return ms < 7200000 ? Math.round(ms / 60000) + ' min' : (ms / 3600000).toFixed(1) + ' h';
}

function classOf(row, column, note) {
  if (overlay === 'age') {
    const age = ageAt(row, column);
    return age === undefined || age === null ? 'still' : 'age' + AGES.findIndex((upTo) => age <= upTo);
  }
  if (overlay === 'drift') {
    if (driftsAt(row, column).length > 0) return 'drifted';
    const isStatic = note.role === 'static' && note.kind === 'known' && inspection.learnedFrom > 0;
    return note.kind === 'anchor' || note.kind === 'header' || isStatic ? 'held' : 'rest';
  }
  return note.kind + (note.ruleNumber < 0 ? '' : ' c' + (note.ruleNumber % COLOURS));
}

function drawMoment() {
  const { moment, ages, learnedFrom } = inspection;
  by('moments').hidden = moment === undefined;
  const hint =
    overlay === 'age' && ages === undefined
      ? 'how old cells are is known of captured pages only: --capture'
      : overlay === 'drift' && learnedFrom === 0
        ? 'static text is not compared: the shredder has no fixtures (ticker shred keep makes them)'
        : '';
  by('hint').textContent = hint;
  by('hint').hidden = hint === '';
  if (moment === undefined) return;
  const said = moment.quality === 'LIVE' ? '' : '  page ' + moment.quality + ': ' + moment.why;
  by('moment').textContent = moment.at.slice(0, 23).replace('T', ' ') + ', change ' + (moment.number + 1) + ' of ' + moment.count + said;
  by('moment').className = moment.quality;
}

function draw() {
  drawMoment();
  const { rows, columns, text, rules, items } = inspection;
  document.title = inspection.shredder + ' on ' + inspection.file;
  by('shredder').textContent = inspection.shredder;
  by('file').textContent = inspection.file;
  by('match').textContent = inspection.match;
  by('match').className = inspection.match;
  const live = items.filter((item) => item.quality === 'LIVE').length;
  by('counts').textContent = 'LIVE ' + live + ', SUSPECT ' + (items.length - live) + ', unread ' + inspection.unread.length + ', drift ' + inspection.drifts.length;
  const page = by('page');
  page.replaceChildren();
  let tens = '    ';
  let ones = '    ';
  for (let column = 0; column < columns; column++) {
    tens += column % 10 === 0 ? Math.floor(column / 10) % 10 : ' ';
    ones += column % 10;
  }
  page.append(make('span', tens + '\\n' + ones + '\\n', 'ruler'));
  for (let row = 0; row < rows; row++) {
    page.append(make('span', String(row).padStart(3) + ' ', 'ruler'));
    const letters = [...text[row]];
    for (let column = 0; column < columns; column++) {
      const note = noteAt(row, column);
      const letter = letters[column] || ' ';
      const cell = make('i', overlay === 'rules' && note.kind === 'window' && letter === ' ' ? '·' : letter, classOf(row, column, note));
      cell.dataset.row = row;
      cell.dataset.column = column;
      page.append(cell);
    }
    page.append('\\n');
  }
  by('rules').replaceChildren(...rules.map((rule, index) => {
    const line = make('li', rule.name + ' ', 'c' + (index % COLOURS));
    line.append(make('small', rule.type));
    return line;
  }));
  by('unread').replaceChildren(...inspection.unread.map((one) => {
    const line = make('li', 'unread  row ' + one.row + ' col ' + one.column + '  ' + JSON.stringify(one.text));
    line.onclick = () => look(one.row, one.column);
    return line;
  }));
  by('drifts').replaceChildren(...inspection.drifts.map((one) => {
    const line = make('li', 'drift  row ' + one.row + ' col ' + one.column + '..' + (one.end - 1) + '  ' + driftText(one));
    line.onclick = () => look(one.row, one.column);
    return line;
  }));
  by('items').replaceChildren(...items.map((item) => {
    const line = make('tr');
    const fields = Object.entries(item.fields).map(([name, value]) => name + ' ' + value).join('  ');
    line.append(make('td', item.quality, item.quality), make('td', item.subject), make('td', fields || item.reason));
    return line;
  }));
  look(Math.min(cursor[0], rows - 1), Math.min(cursor[1], columns - 1));
}

function look(row, column) {
  cursor = [row, column];
  const note = noteAt(row, column);
  const isSame = (cell) =>
    note.columns !== undefined && +cell.dataset.row === row && +cell.dataset.column >= note.columns[0] && +cell.dataset.column <= note.columns[1];
  for (const cell of document.querySelectorAll('#page i')) {
    cell.classList.toggle('lit', note.role === 'cell' && isSame(cell));
    cell.classList.toggle('cursor', +cell.dataset.row === row && +cell.dataset.column === column);
  }
  const facts = make('dl');
  const fact = (name, text, className) => facts.append(make('dt', name), make('dd', text, className));
  fact('cell', 'row ' + row + ' col ' + column);
  if (note.rule !== undefined) fact(note.role === 'cell' ? 'rule' : note.role, note.rule + (note.columns ? '  col ' + note.columns.join('..') : ''));
  else if (note.kind === 'unread') fact('unread', 'no rule reads this: give it a column, or declare it static or ignore it');
  else if (note.kind !== 'blank') fact('role', note.role);
  if (note.raw) fact('raw', JSON.stringify(note.raw));
  if (note.type) fact('type', note.type);
  for (const [name, value] of Object.entries(note.value)) fact(name, value);
  if (note.subject !== undefined) fact('item', note.subject + '  ' + note.state);
  for (const [name, value] of Object.entries(note.fields)) fact('field', name + (value === null ? '' : ' ' + value));
  for (const why of note.why) fact('why', why, 'why');
  const age = ageAt(row, column);
  if (age !== undefined) fact('age', age === null ? 'not changed since the page is known' : ageText(age));
  for (const drift of driftsAt(row, column)) fact('drift', driftText(drift), 'why');
  for (const why of inspection.reasons) fact('page', why, 'why');
  by('panel').replaceChildren(facts);
}

function nextTrouble(step) {
  const { rows, columns } = inspection;
  const isTrouble = (at) => {
    const row = Math.floor(at / columns);
    const column = at % columns;
    if (overlay === 'age') return ageAt(row, column) === 0;
    if (overlay === 'drift') return driftsAt(row, column).length > 0;
    return ['unread', 'refused'].includes(noteAt(row, column).kind);
  };
  const size = rows * columns;
  for (let away = 1; away <= size; away++) {
    const at = (cursor[0] * columns + cursor[1] + step * away + size) % size;
    if (isTrouble(at) && (at % columns === 0 || !isTrouble(at - 1))) return look(Math.floor(at / columns), at % columns);
  }
}

by('page').addEventListener('mouseover', ({ target }) => {
  if (target.dataset.row !== undefined) look(+target.dataset.row, +target.dataset.column);
});
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
function show(name) {
  overlay = name;
  by('overlay').value = name;
  draw();
}
by('overlay').addEventListener('change', ({ target }) => {
  show(target.value);
  by('page').focus();
});
const STEPS = { ']': 1, '[': -1, '}': 100, '{': -100 };
function step(moments) {
  const { moment } = inspection;
  if (moment === undefined) return;
  load(Math.max(0, Math.min(moment.count - 1, moment.number + moments))).catch((error) => say(String(error)));
}
for (const button of document.querySelectorAll('button')) button.onclick = () => step(+button.dataset.step);

document.addEventListener('keydown', (event) => {
  if (event.target.tagName === 'SELECT' || inspection === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  const move = MOVES[event.key];
  if (move !== undefined) {
    const within = (value, count) => Math.max(0, Math.min(count - 1, value));
    look(within(cursor[0] + move[0], inspection.rows), within(cursor[1] + move[1], inspection.columns));
    event.preventDefault();
  } else if (event.key === 'n') nextTrouble(1);
  else if (event.key === 'p') nextTrouble(-1);
  else if (event.key === 'a') show(overlay === 'age' ? 'rules' : 'age');
  else if (event.key === 'd') show(overlay === 'drift' ? 'rules' : 'drift');
  else if (STEPS[event.key] !== undefined) step(STEPS[event.key]);
});

const say = (problem) => {
  by('problem').textContent = problem;
  by('problem').hidden = problem === '';
};
async function load(moment) {
  const answer = await (await fetch('/inspection.json' + (moment === undefined ? '' : '?moment=' + moment))).json();
  inspection = answer.inspection;
  say(answer.problem);
  draw();
}
const events = new EventSource('/events');
events.onmessage = () => load().catch((error) => say(String(error)));
events.onerror = () => say('the inspector has stopped');
`;
