import { inspect } from 'node:util';
import { Decimal } from '@tickerplant/core';
import { FieldsFlag, Kind, Quality, UpdateType, type WireValue } from '@tickerplant/records';
import t from 'tap';
import { CLIENT_COUNTERS } from '../src/counters.ts';
import { live } from '../src/item-state.ts';
import { ItemTable } from '../src/item-table.ts';
import type { Update } from '../src/update.ts';
import { interest, Recorder, stateText } from './recorder.ts';
import {
  blocks,
  dictionary,
  item,
  message,
  QUOTE,
  quality,
  quote,
  remove,
  TRADE,
  template,
  trade,
  update,
} from './support.ts';

class Harness {
  readonly recorder = new Recorder();
  readonly counters = CLIENT_COUNTERS.create();
  readonly quarantined: string[] = [];
  readonly unreadable: string[] = [];
  readonly wantImage: string[] = [];
  readonly errors: unknown[] = [];
  readonly table: ItemTable;
  seq = 1;

  constructor(options: { ripple?: boolean; itemsMax?: number } = {}) {
    this.table = new ItemTable({
      channel: 'equities',
      dictionary,
      ripple: options.ripple ?? false,
      itemsMax: options.itemsMax ?? 1000,
      counters: this.counters,
      host: {
        onStart: () => {},
        onUnreadable: (seq, what) => this.unreadable.push(`#${seq} ${what}`),
        onImageNeeded: (item) => this.wantImage.push(item.subject),
        quarantine: (code, what) => this.quarantined.push(`${code} ${what}`),
        reportOf: () => undefined,
        onListenerError: (error) => this.errors.push(error),
        wallNs: () => BigInt(this.seq),
      },
    });
  }

  want(patterns: string[], fields?: string[], complete = true): void {
    const wanted = interest(this.recorder, patterns, fields);
    wanted.complete = complete;
    this.table.addInterest(wanted);
  }

  send(...messages: Uint8Array[]): string[] {
    const bytes = blocks(...messages);
    this.table.run(bytes, 0, this.seq, messages.length);
    this.seq += messages.length;
    return this.recorder.take();
  }

  /** Images as of number `asOf`: they hold everything before it. */
  image(asOf: number, ...messages: Uint8Array[]): string[] {
    const load = this.table.beginImages();
    load.asOf = asOf;
    const waiting = [...this.table.items()].filter((item) => !item.hasImage);
    messages.forEach((m, index) => {
      this.table.imageMessage(load, m, 0, m.length, index + 1);
    });
    const done = this.table.finishImages(load, true);
    for (const item of waiting) if (!item.hasImage) this.table.drop(item, asOf);
    this.table.tellStates(done);
    return this.recorder.take();
  }
}

t.test('an item that appears in the stream is live at once, with an empty image', async (t) => {
  const h = new Harness();
  h.want(['IEX.*']);
  t.same(h.send(template(QUOTE), item(0, 'IEX.AAPL'), quote(0, 990500, 990600)), [
    'item IEX.AAPL',
    'image IEX.AAPL #2 ',
    'quality IEX.AAPL RECOVERING(waiting-for-image) -> LIVE',
    'update IEX.AAPL #3 quote BID=99.0500 BIDSIZE=100 ASK=99.0600 ASKSIZE=200 QUOTIM_NS=34200000000000',
  ]);
  const aapl = h.table.item('IEX.AAPL')!;
  t.same(aapl.get('BID'), new Decimal(990500, -4));
  t.equal(aapl.get('TRDPRC_1'), undefined);
  t.equal(aapl.quality, 'LIVE');
});

t.test('an item in the stream is passed over while images of its pattern are awaited', async (t) => {
  const h = new Harness();
  h.want(['IEX.*'], undefined, false);
  t.same(h.send(template(QUOTE), item(0, 'IEX.AAPL'), quote(0, 1, 2)), []);
  t.equal(h.table.size, 0);
});

t.test('items that nobody wants cost a count', async (t) => {
  const h = new Harness();
  h.want(['IEX.AAPL']);
  t.same(h.send(template(QUOTE), item(0, 'IEX.MSFT'), quote(0, 1, 2), quote(77, 1, 2), quote(70_000, 1, 2)), []);
  t.equal(h.counters.passedOver, 3);
});

t.test('an image gives the last values, and only later messages apply', async (t) => {
  const h = new Harness();
  h.want(['IEX.*'], undefined, false);
  t.same(
    h.image(11, template(QUOTE), template(TRADE), item(3, 'IEX.AAPL'), quote(3, 10000, 20000), trade(3, 15000, 5, 50)),
    [
      'item IEX.AAPL',
      'image IEX.AAPL #10 BID=1.0000 BIDSIZE=100 ASK=2.0000 ASKSIZE=200 QUOTIM_NS=34200000000000 TRDPRC_1=1.5000 TRDVOL_1=5 ACVOL_1=50',
      'quality IEX.AAPL RECOVERING(waiting-for-image) -> LIVE',
    ],
  );
  h.seq = 9;
  t.same(h.send(quote(3, 1, 1), quote(3, 2, 2)), []);
  t.match(h.send(quote(3, 30000, 40000)), ['update IEX.AAPL #11 quote BID=3.0000']);
  h.seq = 11;
  t.same(h.send(quote(3, 30000, 40000)), [], 'the same piece of the stream again');
});

t.test('an item that a new image no longer has is removed', async (t) => {
  const h = new Harness();
  h.want(['IEX.*']);
  h.send(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'), quote(0, 10000, 20000));
  const a = h.table.item('IEX.A')!;
  h.table.holdItems(h.table.items(), {
    ...live(0n),
    quality: Quality.RECOVERING,
    reason: 'channel-lost',
    name: 'RECOVERING',
  });
  t.same(h.recorder.take(), [
    'quality IEX.A LIVE -> RECOVERING(channel-lost)',
    'quality IEX.B LIVE -> RECOVERING(channel-lost)',
  ]);
  t.same(h.image(21, template(QUOTE), item(1, 'IEX.B')), [
    'image IEX.B #20 ',
    'remove IEX.A',
    'quality IEX.B RECOVERING(channel-lost) -> LIVE',
  ]);
  t.equal(a.removed, true);
  t.equal(a.quality, 'STALE');
  t.same(a.get('BID'), new Decimal(10000, -4), 'its last values stay readable');
});

t.test('the borrowed update shows new values, old values and what changed; the item shows the new ones', async (t) => {
  const h = new Harness();
  const seen: unknown[] = [];
  const kept: Update[] = [];
  const look = new Recorder();
  look.update = (u) => {
    seen.push([u.get('BID'), u.previous('BID'), u.changed, u.item.get('BID'), u.get('TRDPRC_1')]);
    kept.push(u.copy());
  };
  const wanted = interest(look, ['>']);
  wanted.complete = true;
  h.table.addInterest(wanted);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000), quote(0, 10100, 20000, 7), quote(0, 10200, 20001));
  const d = (mantissa: number): Decimal => new Decimal(mantissa, -4);
  t.same(seen, [
    [d(10000), undefined, ['BID', 'BIDSIZE', 'ASK', 'ASKSIZE', 'QUOTIM_NS'], d(10000), undefined],
    [d(10100), d(10000), ['BID', 'BIDSIZE'], d(10100), undefined],
    [d(10200), d(10100), ['BID', 'BIDSIZE', 'ASK'], d(10200), undefined],
  ]);
  t.same(
    kept.map((u) => [u.seq, u.get('BID'), u.previous('BID'), u.changed.length]),
    [
      [3, d(10000), undefined, 5],
      [4, d(10100), d(10000), 2],
      [5, d(10200), d(10100), 3],
    ],
  );
  t.match(inspect(kept[0]), /^\{\n {2}subject: 'IEX.A',\n {2}seq: 3/, 'as JSON on the console too');
  t.match(inspect(h.table.item('IEX.A')), /^\{\n {2}subject: 'IEX.A',\n {2}seq: 5/);
  t.same(JSON.parse(JSON.stringify(kept[0])), {
    subject: 'IEX.A',
    seq: 3,
    type: 'quote',
    quality: 'LIVE',
    fields: { BID: '1.0000', BIDSIZE: 100, ASK: '2.0000', ASKSIZE: 200, QUOTIM_NS: '09:30:00.000000000' },
  });
});

t.test('a field in two templates has the value of the later message', async (t) => {
  const h = new Harness();
  const STATS = { ...TRADE, id: 2, name: 'stats', updateType: UpdateType.REFERENCE, fids: [dictionary.fid('ACVOL_1')] };
  h.want(['>']);
  h.send(template(TRADE), template(STATS), item(0, 'IEX.A'), trade(0, 1, 2, 300), update(0, STATS, 400));
  t.equal(h.table.item('IEX.A')!.get('ACVOL_1'), 400);
  const changed: string[][] = [];
  const copies: Update[] = [];
  h.recorder.update = (u) => {
    changed.push(u.changed);
    copies.push(u.copy());
  };
  h.send(trade(0, 1, 2, 400));
  t.equal(h.table.item('IEX.A')!.get('ACVOL_1'), 400);
  t.same(changed, [[]], 'it was 400 already, by the other template');
  h.send(trade(0, 1, 2, 500), update(0, STATS, 600));
  t.same(
    copies.map((u) => [u.get('ACVOL_1'), u.previous('ACVOL_1'), u.changed]),
    [
      [400, 400, []],
      [500, 400, ['ACVOL_1']],
      [600, 500, ['ACVOL_1']],
    ],
  );
});

t.test('FIELDS messages set single fields, and replace everything when they are an image', async (t) => {
  const h = new Harness();
  h.want(['>']);
  const fields = (flags: number, ...pairs: [string, WireValue][]): Uint8Array =>
    message({ kind: Kind.FIELDS, item: 0, flags, fields: pairs.map(([name, value]) => [dictionary.fid(name), value]) });
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  t.same(h.send(fields(0, ['BID', new Decimal(15, -1)], ['LOT_SIZE', 100])), [
    'update IEX.A #4 unspecified BID=1.5 LOT_SIZE=100',
  ]);
  t.equal(h.table.item('IEX.A')!.get('BID')!.toString(), '1.5');
  const copies: Update[] = [];
  const { update } = h.recorder;
  h.recorder.update = (u) => copies.push(u.copy());
  h.send(fields(0, ['BID', new Decimal(16, -1)]), fields(0, ['BID', new Decimal(16, -1)], ['LOT_SIZE', 200]));
  t.same(
    copies.map((u) => [u.seq, String(u.get('BID')), String(u.previous('BID')), u.changed]),
    [
      [5, '1.6', '1.5', ['BID']],
      [6, '1.6', '1.6', ['LOT_SIZE']],
    ],
  );
  h.recorder.update = update;
  h.send(quote(0, 30000, 40000));
  t.equal(h.table.item('IEX.A')!.get('BID')!.toString(), '3.0000', 'a later update wins');
  t.same(h.send(fields(FieldsFlag.IMAGE, ['BID', new Decimal(9, 0)])), ['image IEX.A #8 BID=9']);
});

t.test('field lists: only updates that carry one of the fields are delivered', async (t) => {
  const h = new Harness();
  h.want(['>'], ['TRDPRC_1', 'LOT_SIZE']);
  const lines = h.send(
    template(QUOTE),
    item(0, 'IEX.A'),
    quote(0, 1, 2),
    template(TRADE),
    trade(0, 1, 2, 3),
    message({ kind: Kind.FIELDS, item: 0, flags: 0, fields: [[dictionary.fid('BID'), 1]] }),
    message({ kind: Kind.FIELDS, item: 0, flags: 0, fields: [[dictionary.fid('LOT_SIZE'), 1]] }),
  );
  t.same(
    lines.filter((line) => line.startsWith('update')),
    ['update IEX.A #5 trade TRDPRC_1=0.0001 TRDVOL_1=2 ACVOL_1=3', 'update IEX.A #7 unspecified LOT_SIZE=1'],
  );
});

t.test('sequenced quality: of one item, of all, and back', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'));
  t.same(h.send(quality(undefined, Quality.SUSPECT, 'vendor-gap', 'lost 5 to 9'), quality(1, Quality.LIVE)), [
    'quality IEX.A LIVE -> SUSPECT(vendor-gap)',
    'quality IEX.B LIVE -> SUSPECT(vendor-gap)',
    'quality IEX.B SUSPECT(vendor-gap) -> LIVE',
  ]);
  t.equal(h.table.item('IEX.A')!.state.detail, 'lost 5 to 9');
  t.equal(h.table.item('IEX.A')!.state.since, 4n);
  h.send(quality(0, Quality.SUSPECT, 'vendor-gap', 'lost 5 to 12'));
  t.match(h.table.item('IEX.A')!.state, { detail: 'lost 5 to 12', since: 4n }, 'more of the same, for as long');
  h.send(quality(0, Quality.SUSPECT, 'implausible'));
  t.equal(h.table.item('IEX.A')!.state.since, 7n, 'something else');
});

t.test('quality for all items is about those that are there, in the stream and in images', async (t) => {
  const suspect = quality(undefined, Quality.SUSPECT, 'vendor-gap');
  const messages = [
    template(QUOTE),
    item(0, 'IEX.A'),
    item(1, 'IEX.B'),
    suspect,
    quality(1, Quality.LIVE),
    item(2, 'IEX.C'),
  ];
  const states = (h: Harness): string[] => [...h.table.items()].map(({ subject, quality }) => `${subject} ${quality}`);
  const h = new Harness();
  h.want(['>']);
  h.send(...messages);
  t.same(states(h), ['IEX.A SUSPECT', 'IEX.B LIVE', 'IEX.C LIVE']);
  // Plants send what is about the whole channel first, each message with its own number.
  const other = new Harness();
  other.want(['>']);
  const load = other.table.beginImages();
  load.asOf = 7;
  for (const index of [0, 3, 1, 2, 4, 5]) {
    const m = messages[index]!;
    other.table.imageMessage(load, m, 0, m.length, index + 1);
  }
  other.table.finishImages(load, true);
  t.same(states(other), ['IEX.A SUSPECT', 'IEX.B LIVE', 'IEX.C LIVE']);
});

t.test("the channel's state counts for all items, the worse of the two wins", async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'), quality(0, Quality.SUSPECT, 'vendor-gap'));
  const stale = { ...live(0n), quality: Quality.STALE, name: 'STALE' as const, reason: 'plant-silent' };
  h.table.setState(stale);
  t.same(h.recorder.take(), ['quality IEX.B LIVE -> STALE(plant-silent)']);
  t.equal(stateText(h.table.item('IEX.A')!.state), 'SUSPECT(vendor-gap)');
  h.table.setState(live(9n));
  t.same(h.recorder.take(), ['quality IEX.B STALE(plant-silent) -> LIVE']);
});

t.test('a removed item goes, and one of the same name comes anew', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 1, 2));
  const first = h.table.item('IEX.A')!;
  t.same(h.send(remove(0), quote(0, 3, 4), item(5, 'IEX.A'), quote(5, 10000, 6)), [
    'remove IEX.A',
    'item IEX.A',
    'image IEX.A #6 ',
    'quality IEX.A RECOVERING(waiting-for-image) -> LIVE',
    'update IEX.A #7 quote BID=1.0000 BIDSIZE=100 ASK=0.0006 ASKSIZE=200 QUOTIM_NS=34200000000000',
  ]);
  t.not(h.table.item('IEX.A'), first);
});

t.test('ripple: old values move along the chain from its end', async (t) => {
  const h = new Harness({ ripple: true });
  h.want(['>']);
  h.send(template(QUOTE), template(TRADE), item(0, 'IEX.A'));
  const a = h.table.item('IEX.A')!;
  const chain = (...names: string[]): string => names.map((name) => String(a.get(name))).join(' ');
  h.send(quote(0, 10000, 20000), quote(0, 10000, 30000), quote(0, 40000, 30000), quote(0, 50000, 30000));
  t.equal(chain('BID', 'BID_1', 'BID_2'), '5.0000 4.0000 1.0000', 'only changes ripple in a quote');
  t.equal(chain('ASK', 'ASK_1', 'ASK_2'), '3.0000 2.0000 undefined');
  h.send(trade(0, 10000, 1, 1), trade(0, 10000, 2, 3), trade(0, 20000, 3, 6));
  t.equal(chain('TRDPRC_1', 'TRDPRC_2', 'TRDPRC_3'), '2.0000 1.0000 1.0000', 'every trade counts');
  t.equal(chain('TRDVOL_1', 'TRDVOL_2', 'TRDVOL_3'), '3 2 1');
  const correction: [number, WireValue][] = [[dictionary.fid('TRDPRC_1'), new Decimal(19, -1)]];
  h.send(message({ kind: Kind.FIELDS, item: 0, flags: FieldsFlag.DO_NOT_RIPPLE, fields: correction }));
  t.equal(chain('TRDPRC_1', 'TRDPRC_2'), '1.9 1.0000', 'corrections do not ripple');
  const both: [number, WireValue][] = [
    [dictionary.fid('BID'), new Decimal(7, 0)],
    [dictionary.fid('BID_1'), new Decimal(6, 0)],
  ];
  h.send(message({ kind: Kind.FIELDS, item: 0, flags: 0, fields: both }));
  t.equal(chain('BID', 'BID_1', 'BID_2'), '7 6 4.0000', 'what is sent for the chain itself stands');
});

t.test('without the option nothing ripples', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 1, 2), quote(0, 3, 4));
  t.equal(h.table.item('IEX.A')!.get('BID_1'), undefined);
});

t.test('an update that cannot be read makes its item suspect until the template is heard again', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), template(TRADE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const cut = quote(0, 30000, 40000);
  const lines = h.send(cut.slice(0, cut.length - 1));
  t.same(lines, ['quality IEX.A LIVE -> SUSPECT(unreadable)']);
  t.same(h.wantImage, ['IEX.A']);
  t.equal(h.quarantined.length, 1);
  t.equal(h.table.item('IEX.A')!.get('BID')!.toString(), '1.0000', 'the readable value stays');
  h.send(trade(0, 1, 2, 3));
  t.equal(h.table.item('IEX.A')!.quality, 'SUSPECT');
  h.send(quote(0, 50000, 60000));
  t.equal(h.table.item('IEX.A')!.quality, 'LIVE');
});

t.test('updates of undefined templates and of wrong length are unreadable', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'));
  h.send(trade(0, 1, 2, 3), update(0, QUOTE, 1, 2, 3), update(0, QUOTE, 1, 2, 3, 4, 5, 6));
  t.same(h.quarantined, [
    'CLIENT_UNREADABLE expected a template defined before, found 1',
    'CLIENT_UNREADABLE expected 5 values, found 3',
    'CLIENT_UNREADABLE expected 5 values, found 6',
  ]);
});

t.test('garbage is counted, never thrown, and puts the whole channel in doubt', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'));
  h.send(
    Uint8Array.of(0x01),
    Uint8Array.of(0x93, 0x23, 0, 0),
    Uint8Array.of(0x93, 0x13),
    Uint8Array.of(0x93, 0x12, 0xa1),
  );
  t.equal(h.unreadable.length, 4);
  t.equal(h.counters.unreadable, 4);
  h.send(new Uint8Array(0), Uint8Array.of(0x91, 0x1f));
  t.equal(h.counters.emptyMessages, 1);
  t.equal(h.counters.unknownKinds, 1);
});

t.test("a listener's exception ends with the listener", async (t) => {
  const h = new Harness();
  const bad = new Recorder();
  bad.update = () => {
    throw new Error('mine');
  };
  const wanted = interest(bad, ['>']);
  wanted.complete = true;
  h.table.addInterest(wanted);
  h.want(['>']);
  t.match(h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000)).at(-1), /^update/);
  t.equal(h.errors.length, 1);
  t.equal(h.table.item('IEX.A')!.get('BID')!.toString(), '1.0000');
});

t.test('a subscription that ends inside its own update takes its items with it', async (t) => {
  const h = new Harness();
  const ending = new Recorder();
  const wanted = interest(ending, ['>']);
  wanted.complete = true;
  ending.update = () => h.table.removeInterest(wanted);
  h.table.addInterest(wanted);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 1, 2), quote(0, 3, 4));
  t.equal(h.table.size, 0);
  t.equal(h.counters.passedOver, 1);
});

t.test('a later interest is told what is here', async (t) => {
  const h = new Harness();
  h.want(['IEX.A']);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  const second = new Recorder();
  h.table.addInterest(interest(second, ['IEX.>']));
  t.same(second.take(), [
    'item IEX.A',
    'image IEX.A #3 BID=1.0000 BIDSIZE=100 ASK=2.0000 ASKSIZE=200 QUOTIM_NS=34200000000000',
  ]);
});

t.test('items beyond the limit are refused and counted', async (t) => {
  const h = new Harness({ itemsMax: 1 });
  h.want(['>']);
  h.send(item(0, 'IEX.A'), item(1, 'IEX.B'));
  t.equal(h.table.size, 1);
  t.equal(h.counters.itemsRefused, 1);
});

t.test('numbers of another session mean nothing', async (t) => {
  const h = new Harness();
  h.want(['>']);
  h.send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 20000));
  h.table.holdItems(h.table.items(), {
    ...live(0n),
    quality: Quality.RECOVERING,
    reason: 'new-session',
    name: 'RECOVERING',
  });
  h.table.forgetNumbers();
  h.recorder.take();
  t.same(h.send(quote(0, 1, 2)), []);
  t.same(h.image(41, template(QUOTE), item(9, 'IEX.A'), quote(9, 50000, 60000)), [
    'image IEX.A #40 BID=5.0000 BIDSIZE=100 ASK=6.0000 ASKSIZE=200 QUOTIM_NS=34200000000000',
    'quality IEX.A RECOVERING(new-session) -> LIVE',
  ]);
});
