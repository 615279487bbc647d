import { Decimal } from '@tickerplant/core';
import { type FieldValue, RecordKind, standardDictionary } from '@tickerplant/records';
import t from 'tap';
import { Board, type ChannelFacts, type FloorFacts } from '../src/watch/board.ts';
import { BOARD_COLUMNS, columnsFor } from '../src/watch/columns.ts';
import { BoardModel } from '../src/watch/model.ts';
import { type PaintName, paintOf } from '../src/watch/paint.ts';
import type { BoardItem } from '../src/watch/rows.ts';

/** 2026-11-22 14:30:00 GMT */
const NOON_MS = Date.UTC(2026, 10, 22, 14, 30);
const HOUR_NS = 3_600_000_000_000;

/** An item whose values a test sets. */
class FakeItem implements BoardItem {
  readonly subject: string;
  readonly recordKind: number;
  removed = false;
  state = { quality: 0, name: 'LIVE', reason: '', detail: '', since: BigInt(NOON_MS) * 1_000_000n };
  readonly values = new Map<string, FieldValue>();

  constructor(subject: string, values: Record<string, FieldValue> = {}, recordKind: number = RecordKind.RECORD) {
    this.subject = subject;
    this.recordKind = recordKind;
    this.set(values);
  }

  set(values: Record<string, FieldValue>): void {
    for (const [name, value] of Object.entries(values)) this.values.set(name, value);
  }

  get(name: string): FieldValue | undefined {
    return this.values.get(name);
  }
}

function price(text: string): Decimal {
  return Decimal.parse(text);
}

function quoted(subject: string): FakeItem {
  return new FakeItem(subject, {
    BID: price('99.0400'),
    BIDSIZE: 1200,
    ASK: price('99.0600'),
    ASKSIZE: 300,
    TRDPRC_1: price('99.0500'),
    PRCTCK_1: 1,
    TRDVOL_1: 100,
    ACVOL_1: 1_234_567,
    SALTIM_NS: 14.5 * HOUR_NS,
    QUOTIM_NS: 14.25 * HOUR_NS,
  });
}

const CHANNEL: ChannelFacts = {
  name: 'C1',
  joined: true,
  session: '0126112201',
  next: 4242,
  lines: [{ plant: undefined, heard: true }],
  state: { name: 'LIVE', quality: 0, reason: '' },
  gaps: 0,
  lost: 0,
};
const FACTS: FloorFacts = {
  floor: 'test',
  plant: 'p1',
  primary: 'p1',
  channels: [CHANNEL],
  status: '239.1.2.3:4000 (interface 127.0.0.1)',
  patterns: ['T.>'],
  note: '',
};

function boardOf(items: readonly BoardItem[], paint: PaintName = 'text'): { board: Board; model: BoardModel } {
  const model = new BoardModel(BOARD_COLUMNS, NOON_MS);
  for (const item of items) model.item(item);
  return { board: new Board(model, paintOf(paint)), model };
}

function hasControls(text: string): boolean {
  return [...text].some((char) => char < ' ' || (char >= '\x7f' && char <= '\x9f'));
}

/** The one line that has the text, without blanks at its end. */
function lineWith(lines: readonly string[], text: string): string {
  return lines.find((line) => line.includes(text))?.trimEnd() ?? `(no line with ${text})`;
}

t.test('a screen has a title, the channels, heads, a row an item, and the keys', (t) => {
  const stale = new FakeItem('T.BBB', { BID: price('5.0000'), TRDVOL_1: null });
  stale.state = {
    quality: 2,
    name: 'STALE',
    reason: 'lines-silent',
    detail: 'no line is heard',
    since: BigInt(NOON_MS - 12_000) * 1_000_000n,
  };
  const { board } = boardOf([quoted('T.AAA'), stale]);
  const lines = board.screen(FACTS, NOON_MS, 140, 8).map((line) => line.trimEnd());
  t.same(lines, [
    ' ticker   floor test   plant p1   2 items   0 updates/s   0 gaps                                                               14:30:00 GMT',
    ' C1 0126112201:4242 LIVE',
    'SUBJECT       LAST      SIZE  BIDSIZE        BID        ASK  ASKSIZE     VOLUME    TIME (GMT)  QUALITY',
    'T.AAA      99.0500 ▲     100    1,200    99.0400    99.0600      300  1,234,567  14:30:00.000  LIVE',
    'T.BBB                                     5.0000                                               STALE lines-silent 12s: no line is heard',
    '',
    '',
    ` q quit   ↑↓ PgUp PgDn scroll   / filter   s by symbol   a by activity${' '.repeat(61)}1–2 of 2`,
  ]);
  t.end();
});

t.test('a narrow screen leaves out the least important columns, never part of a price', (t) => {
  const { board, model } = boardOf([quoted('T.AAA')]);
  const headsAt = (width: number): string => lineWith(board.screen(FACTS, NOON_MS, width, 8), 'SUBJECT');
  t.equal(headsAt(80), 'SUBJECT       LAST    BIDSIZE        BID        ASK  ASKSIZE  QUALITY');
  t.equal(headsAt(55), 'SUBJECT       LAST          BID        ASK  QUALITY');
  t.equal(headsAt(32), 'SUBJECT       LAST        BID');
  t.equal(headsAt(10), 'SUBJECT');
  for (let width = 1; width <= 140; width++) {
    const lines = board.screen(FACTS, NOON_MS, width, 8);
    t.equal(lines.length, 8);
    t.ok(
      lines.every((line) => line.length <= width),
      `nothing is wider than ${width}`,
    );
  }
  t.equal(model.size, 1);
  t.end();
});

t.test('a change glares, then is tinted, then is as before', (t) => {
  const item = quoted('T.AAA');
  const { board, model } = boardOf([item], 'colour');
  const rowAt = (ms: number): string => lineWith(board.screen(FACTS, NOON_MS + ms, 140, 8), 'T.AAA');
  t.notMatch(rowAt(0), '\x1b[30;42m', 'what is shown for the first time has not changed');
  item.set({ BID: price('99.0500'), ASK: price('99.0550'), TRDPRC_1: null });
  t.notMatch(rowAt(100), '99.0550', 'values are read when the item is marked');
  model.update(item);
  t.match(rowAt(200), '\x1b[30;42m99.0500\x1b[0m', 'up is green');
  t.match(rowAt(200), '\x1b[97;41m99.0550\x1b[0m', 'down is red');
  t.match(rowAt(500), '\x1b[32m99.0500\x1b[0m');
  t.match(rowAt(500), '\x1b[31m99.0550\x1b[0m');
  t.notMatch(rowAt(900), '\x1b[32m99.0500');
  item.set({ TRDPRC_1: price('1.0000') });
  model.update(item);
  t.match(rowAt(1000), '\x1b[30;43m1.0000\x1b[0m', 'neither up nor down is yellow');
  t.end();
});

t.test('a value that is the same again does not flash', (t) => {
  const item = quoted('T.AAA');
  const { board, model } = boardOf([item], 'colour');
  const before = lineWith(board.screen(FACTS, NOON_MS, 140, 8), 'T.AAA');
  item.set({ BID: price('99.0400') });
  model.update(item);
  t.equal(lineWith(board.screen(FACTS, NOON_MS + 100, 140, 8), 'T.AAA'), before);
  t.end();
});

t.test('what changed out of sight does not flash when it comes into sight', (t) => {
  const items = ['T.A', 'T.B', 'T.C'].map(quoted);
  const { board, model } = boardOf(items, 'colour');
  board.screen(FACTS, NOON_MS, 140, 5);
  items[2]!.set({ BID: price('1.0000') });
  model.update(items[2]!);
  model.scrollTo(2, 1);
  t.match(lineWith(board.screen(FACTS, NOON_MS + 100, 140, 5), 'T.C'), '   1.0000  ');
  t.end();
});

t.test('an item that is not LIVE is dimmed and says why; a removed one too', (t) => {
  const item = quoted('T.AAA');
  const { board } = boardOf([item], 'colour');
  item.state = { quality: 3, name: 'SUSPECT', reason: 'vendor-gap', detail: '', since: BigInt(NOON_MS) * 1_000_000n };
  const line = lineWith(board.screen(FACTS, NOON_MS + 180_000, 140, 8), 'T.AAA');
  t.match(line, '\x1b[2mT.AAA');
  t.match(line, '\x1b[2m99.0400\x1b[0m');
  t.match(line, 'SUSPECT vendor-gap 3m');
  item.removed = true;
  t.match(lineWith(board.screen(FACTS, NOON_MS + 180_000, 140, 8), 'T.AAA'), 'REMOVED');
  t.end();
});

t.test('a LIVE item without an update for 30 s is QUIET', (t) => {
  const item = quoted('T.AAA');
  const { board, model } = boardOf([item]);
  t.match(lineWith(board.screen(FACTS, NOON_MS + 29_999, 140, 8), 'T.AAA'), / LIVE$/);
  t.match(lineWith(board.screen(FACTS, NOON_MS + 45_000, 140, 8), 'T.AAA'), / QUIET 45s$/);
  model.update(item);
  t.match(lineWith(board.screen(FACTS, NOON_MS + 46_000, 140, 8), 'T.AAA'), / LIVE$/);
  t.end();
});

t.test('a halt is shown beside the quality', (t) => {
  const item = quoted('T.AAA');
  item.set({ TRD_STATUS: 2, HALT_REASN: 'IPO1' });
  const { board } = boardOf([item]);
  t.match(lineWith(board.screen(FACTS, NOON_MS, 140, 8), 'T.AAA'), / LIVE halted IPO1$/);
  t.end();
});

t.test('control characters from the network do not reach the terminal', (t) => {
  const { board } = boardOf([new FakeItem('T.\x1b[2J', { TRD_STATUS: 2, HALT_REASN: 'X\x1b]0;Y\x07' })]);
  const facts = { ...FACTS, floor: 'f\x1b[31m', channels: [{ ...CHANNEL, name: 'C\x9b1m' }], note: 'a\nb' };
  for (const line of board.screen(facts, NOON_MS, 140, 8)) t.notOk(hasControls(line), line);
  t.end();
});

t.test('a lone depth item is shown as a ladder, level 10 included', (t) => {
  const values: Record<string, FieldValue> = {};
  for (let level = 1; level <= 10; level++) {
    values[`BEST_BID${level}`] = new Decimal(100_0000 - level, -4);
    values[`BEST_ASK${level}`] = new Decimal(100_0000 + level, -4);
    values[level < 10 ? `BEST_BSIZ${level}` : 'BEST_BSZ10'] = level * 1000;
    values[level < 10 ? `BEST_ASIZ${level}` : 'BEST_ASZ10'] = level * 100;
    values[`BID_NORD${level}`] = level;
    values[`ASK_NORD${level}`] = level + 20;
  }
  const { board } = boardOf([new FakeItem('D.AAA', values, RecordKind.DEPTH)]);
  const lines = board.screen(FACTS, NOON_MS, 72, 20).map((line) => line.trimEnd());
  t.equal(lines[2], 'D.AAA   LIVE');
  t.equal(lines[4], '  ORDERS        SIZE          BID  │  ASK          SIZE        ORDERS');
  t.equal(lines[5], '       1       1,000      99.9999  │  100.0001     100         21');
  t.equal(lines[14], '      10      10,000      99.9990  │  100.0010     1,000       30');
  t.end();
});

t.test('who waits is told for what', (t) => {
  const { board, model } = boardOf([]);
  const facts = { ...FACTS, floor: '', plant: undefined, channels: [] };
  const screen = (): string => board.screen(facts, NOON_MS, 100, 8).join('\n');
  t.match(screen(), 'waiting for a plant on 239.1.2.3:4000 (interface 127.0.0.1)');
  t.match(board.screen(FACTS, NOON_MS, 100, 8).join('\n'), 'waiting for items that match T.>');
  model.item(quoted('T.AAA'));
  model.setFilter('zzz');
  t.match(board.screen(FACTS, NOON_MS, 100, 8).join('\n'), "none of 1 items matches 'zzz'");
  t.end();
});

t.test('a table is plain text of at most so many items', (t) => {
  const { board } = boardOf(['T.A', 'T.B', 'T.C'].map(quoted));
  const lines = board.table(FACTS, NOON_MS, 120, 2);
  t.equal(lines.length, 4);
  t.match(lines[0], /^ticker {3}floor test .* 14:30:00 GMT$/);
  t.match(lines[1], /^SUBJECT /);
  t.match(lines[3], /^T\.B .* LIVE$/);
  for (const line of lines) t.notOk(hasControls(line), line);
  t.equal(board.table(FACTS, NOON_MS, 120, Number.POSITIVE_INFINITY).length, 5);
  t.end();
});

t.test('fields that were asked for are columns', (t) => {
  const model = new BoardModel(columnsFor(['ASK', 'DSPLY_NAME'], standardDictionary()), NOON_MS);
  const item = quoted('T.AAA');
  item.set({ DSPLY_NAME: 'ALPHA' });
  model.item(item);
  const lines = new Board(model, paintOf('text')).table(FACTS, NOON_MS, 80, 9);
  t.same(lines.slice(1), ['SUBJECT       ASK  DSPLY_NAME  QUALITY', 'T.AAA     99.0600  ALPHA       LIVE']);
  t.throws(() => columnsFor(['NO_SUCH'], standardDictionary()), { code: 'TOOLS_BAD_OPTION' });
  t.end();
});

t.test('rates and gaps are counted', (t) => {
  const items = ['T.A', 'T.B'].map(quoted);
  const { board, model } = boardOf(items);
  for (let i = 0; i < 3000; i++) model.update(items[0]!);
  const facts = {
    ...FACTS,
    channels: [
      { ...CHANNEL, gaps: 1 },
      { ...CHANNEL, lost: 5 },
    ],
  };
  t.match(board.screen(facts, NOON_MS + 2000, 120, 8)[0], '1,500 updates/s   1 gap   5 lost');
  t.end();
});

t.test('many channels are summed up', (t) => {
  const { board } = boardOf([]);
  const channels = Array.from({ length: 9 }, (_, i) => ({ ...CHANNEL, name: `CHANNEL${i}` }));
  const line = board.screen({ ...FACTS, channels }, NOON_MS, 80, 8)[1]!;
  t.match(line, /CHANNEL1 .*\+7 more$/);
  t.ok(line.length <= 80);
  t.end();
});
