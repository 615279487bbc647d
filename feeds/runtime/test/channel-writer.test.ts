import { CellRuns, ChangeTracker, Page, PageValue, textWord } from '@tickerplant/pages';
import {
  decodeMessage,
  FieldsFlag,
  Kind,
  MESSAGE_BYTES_MAX,
  type Message,
  PageMessage,
  Quality,
  RecordKind,
} from '@tickerplant/records';
import t from 'tap';
import { ChannelSet, ChannelWriter, CountingSink, type MessageSink, type TemplateSpec } from '../src/index.ts';

const QUOTE: TemplateSpec = { name: 'QUOTE', updateType: 1, exponent: -4, fids: [22, 25], bytesMax: 40 };
const TRADE: TemplateSpec = { name: 'TRADE', updateType: 2, exponent: -2, fids: [6], bytesMax: 20 };

/** A channel that writes down what it says. */
function recorded(name = 'C1'): { writer: ChannelWriter; said: Message[] } {
  const said: Message[] = [];
  const writer = new ChannelWriter(name, [QUOTE, TRADE]);
  writer.attach(new CountingSink((bytes, length) => said.push(decodeMessage(bytes, 0, length))));
  return { writer, said };
}

function quote(writer: ChannelWriter, item: number, bid: number, ask: number | null): void {
  const values = writer.update(item, 0);
  values.int(bid);
  if (ask === null) values.nil();
  else values.int(ask);
  writer.end();
}

t.test('an epoch begins with what it is and its templates', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 3, '0117071002', 77);
  t.same(said, [
    {
      kind: Kind.START,
      channel: 'C1',
      day: '2017-07-10',
      epoch: 3,
      previousSession: '0117071002',
      previousNext: 77,
    },
    { kind: Kind.TEMPLATE, template: { id: 0, name: 'QUOTE', updateType: 1, exponent: -4, fids: [22, 25] } },
    { kind: Kind.TEMPLATE, template: { id: 1, name: 'TRADE', updateType: 2, exponent: -2, fids: [6] } },
  ]);
});

t.test('items are numbered from 0, updates carry all of the template', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 1);
  said.length = 0;
  t.equal(writer.item('X.A', RecordKind.RECORD), 0);
  t.equal(writer.item('X.B', RecordKind.DEPTH), 1);
  t.equal(writer.itemCount, 2);
  quote(writer, 1, 1_000_000, null);
  const trade = writer.update(0, 1);
  trade.int(-5);
  writer.end();
  t.same(said, [
    { kind: Kind.ITEM, item: 0, subject: 'X.A', recordKind: RecordKind.RECORD },
    { kind: Kind.ITEM, item: 1, subject: 'X.B', recordKind: RecordKind.DEPTH },
    { kind: Kind.UPDATE, item: 1, template: 0, values: [1_000_000, null] },
    { kind: Kind.UPDATE, item: 0, template: 1, values: [-5] },
  ]);
});

t.test('values field by field, with flags; quality in a feed’s own words', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 1);
  writer.item('X.A', RecordKind.RECORD);
  said.length = 0;
  const values = writer.fields(0, FieldsFlag.IMAGE | FieldsFlag.POSSIBLE_DUPLICATE, 2, 40);
  values.int(22);
  values.int(1_000);
  values.int(3);
  values.text('a name');
  writer.end();
  writer.quality(0, { quality: Quality.STALE, reason: 'vendor-says', detail: 'not priced' });
  writer.quality(undefined, { quality: Quality.LIVE, reason: '', detail: '' });
  t.same(said, [
    {
      kind: Kind.FIELDS,
      item: 0,
      flags: 3,
      fields: [
        [22, 1_000],
        [3, 'a name'],
      ],
    },
    { kind: Kind.QUALITY, item: 0, quality: Quality.STALE, reason: 'vendor-says', detail: 'not priced' },
    { kind: Kind.QUALITY, item: undefined, quality: Quality.LIVE, reason: '', detail: '' },
  ]);
});

t.test('quality is said when it changes, of one item or of all', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 1);
  for (const symbol of 'ABC') writer.item(`X.${symbol}`, RecordKind.RECORD);
  said.length = 0;
  writer.live(0);
  t.same(said, [], 'items are LIVE from the start');
  writer.suspect(1, 'r', 'd');
  writer.suspect(1, 'again', 'and again');
  t.same(said.splice(0), [{ kind: Kind.QUALITY, item: 1, quality: Quality.SUSPECT, reason: 'r', detail: 'd' }]);
  t.ok(writer.isSuspect(1));
  t.notOk(writer.isSuspect(0));
  writer.suspectAll('all', 'of them');
  t.same(said.splice(0), [
    { kind: Kind.QUALITY, item: undefined, quality: Quality.SUSPECT, reason: 'all', detail: 'of them' },
  ]);
  for (const item of [0, 1, 2]) t.ok(writer.isSuspect(item));
  writer.item('X.D', RecordKind.RECORD);
  t.notOk(writer.isSuspect(3), 'an item defined later is not meant');
  said.length = 0;
  for (const item of [2, 0, 1, 1, 3]) writer.live(item);
  t.same(
    said.map((message) => message.kind === Kind.QUALITY && [message.item, message.quality, message.reason]),
    [
      [2, Quality.LIVE, ''],
      [0, Quality.LIVE, ''],
      [1, Quality.LIVE, ''],
    ],
  );
  for (const item of [0, 1, 2]) t.notOk(writer.isSuspect(item));
});

t.test('without items there is nothing to suspect', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 1);
  said.length = 0;
  writer.suspectAll('r', 'd');
  t.same(said, []);
  writer.item('X.A', RecordKind.RECORD);
  t.notOk(writer.isSuspect(0));
});

t.test('a new epoch goes to its own sink and knows no items and no suspects', async (t) => {
  const { writer } = recorded();
  writer.begin('2017-07-10', 1);
  writer.item('X.A', RecordKind.RECORD);
  writer.item('X.B', RecordKind.RECORD);
  writer.suspectAll('r', 'd');
  const second: Message[] = [];
  writer.attach(new CountingSink((bytes, length) => second.push(decodeMessage(bytes, 0, length))));
  writer.begin('2017-07-10', 2, 'before', 9);
  t.equal(writer.itemCount, 0);
  t.equal(writer.item('X.B', RecordKind.RECORD), 0);
  t.notOk(writer.isSuspect(0));
  writer.live(0);
  t.same(
    second.map(({ kind }) => kind),
    [Kind.START, Kind.TEMPLATE, Kind.TEMPLATE, Kind.ITEM],
  );
});

t.test('suspects are kept of any number of items', async (t) => {
  const { writer, said } = recorded();
  writer.begin('2017-07-10', 1);
  for (let item = 0; item < 5000; item++) writer.item(`X.${item}`, RecordKind.RECORD);
  for (const item of [1023, 1024, 4999]) writer.suspect(item, 'r', 'd');
  said.length = 0;
  for (const item of [1023, 1024, 4999]) t.ok(writer.isSuspect(item));
  for (let item = 0; item < 5000; item++) writer.live(item);
  t.equal(said.length, 3);
});

t.test(
  'never asks the sink for more than it uses up to the bound, and an unfinished update leaves no trace',
  async (t) => {
    const buffer = new Uint8Array(MESSAGE_BYTES_MAX);
    const calls: string[] = [];
    let reserved = 0;
    const sink: MessageSink = {
      buffer,
      reserve: (length) => {
        reserved = length;
        return 100;
      },
      commit: (length) => {
        t.ok(length <= reserved, 'within what was reserved');
        const message = decodeMessage(buffer, 100, 100 + length);
        calls.push(`${message.kind}`);
        return calls.length;
      },
    };
    const writer = new ChannelWriter('C1', [QUOTE]);
    writer.attach(sink);
    writer.begin('2017-07-10', 1);
    writer.item('X.A', RecordKind.RECORD);
    quote(writer, 0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
    writer.update(0, 0).int(7);
    quote(writer, 0, 1, 2);
    t.same(calls, [Kind.START, Kind.TEMPLATE, Kind.ITEM, Kind.UPDATE, Kind.UPDATE].map(String));
  },
);

t.test('before a sink is attached, nothing is written and nothing fails', async (t) => {
  const writer = new ChannelWriter('C1', [QUOTE]);
  writer.begin('2017-07-10', 1);
  quote(writer, writer.item('X.A', RecordKind.RECORD), 1, 2);
  t.equal(writer.itemCount, 1);
});

t.test('a set of channels sends each symbol to its own and suspects on all', async (t) => {
  const one = recorded('C1');
  const two = recorded('C2');
  const set = new ChannelSet('X', [one.writer, two.writer], (symbol) => (symbol < 'M' ? 0 : 1));
  t.equal(set.channelOf('A'), one.writer);
  t.equal(set.channelOf('Z'), two.writer);
  t.equal(set.subject('A.B'), 'X.A.B');
  one.writer.item('X.A', RecordKind.RECORD);
  two.writer.item('X.Z', RecordKind.RECORD);
  set.suspectAll('r', 'd');
  t.ok(one.writer.isSuspect(0));
  t.ok(two.writer.isSuspect(0));
});

t.test('pages: an image, and changes in one message each or as an image', async (t) => {
  const value = new PageValue();
  const reader = new PageMessage();
  let messages = 0;
  const writer = new ChannelWriter('P', []);
  writer.attach(
    new CountingSink((bytes, length) => {
      if (decodeMessage(bytes, 0, length).kind < Kind.PAGE_IMAGE) return;
      messages++;
      t.equal(reader.read(bytes, 0, length), undefined);
      value.take(reader);
    }),
  );
  const item = writer.item('NEWS.FXFX', RecordKind.PAGE);
  const page = new Page(25, 80);
  page.clear();
  t.equal(writer.pageImage(item, page), 1);
  t.equal(writer.pageUpdate(item, page, new CellRuns()), 0, 'no change, no word');

  const tracker = new ChangeTracker();
  const changes = new CellRuns();
  tracker.begin(page);
  for (let column = 3; column < 9; column++) page.put(2, column, textWord(0x30 + column), 0, 0);
  tracker.end(changes.add);
  t.equal(writer.pageUpdate(item, page, changes), 1);

  tracker.begin(page);
  for (let row = 0; row < 25; row++) {
    for (let column = 0; column < 80; column++) page.put(row, column, textWord(0x41 + row), column % 3, 0);
  }
  changes.clear();
  tracker.end(changes.add);
  const parts = writer.pageUpdate(item, page, changes);
  t.ok(parts > 1, 'too much for one message: an image');
  t.equal(messages, 2 + parts);
  t.same([...value.page!.text], [...page.text]);
  t.same([...value.page!.style], [...page.style]);
});
