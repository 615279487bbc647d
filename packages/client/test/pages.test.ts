import { CellRuns, ChangeTracker, digestPage, Page, PageEncoder, textWord } from '@tickerplant/pages';
import { encodeMessage, Kind, PageFlag, Quality, RecordKind } from '@tickerplant/records';
import t from 'tap';
import { CLIENT_COUNTERS } from '../src/counters.ts';
import { EventQueue, type SubscriptionEvent } from '../src/event-queue.ts';
import type { InterestSink } from '../src/interest.ts';
import type { Item } from '../src/item.ts';
import { itemState } from '../src/item-state.ts';
import { ItemTable } from '../src/item-table.ts';
import type { Update } from '../src/update.ts';
import { interest, Recorder, stateText } from './recorder.ts';
import { blocks, dictionary, item, quality } from './support.ts';

/** A table, and a sender of one page, item 3. */
class Harness {
  readonly told: string[] = [];
  readonly wantImage: string[] = [];
  readonly quarantined: string[] = [];
  readonly counters = CLIENT_COUNTERS.create();
  readonly table: ItemTable;
  readonly page = new Page(3, 20);
  seq = 1;
  readonly #encoder = new PageEncoder(128);
  readonly #tracker = new ChangeTracker();

  constructor(sink: InterestSink = new PageRecorder(), complete = true) {
    this.table = new ItemTable({
      channel: 'pages',
      dictionary,
      ripple: false,
      itemsMax: 100,
      counters: this.counters,
      host: {
        onStart: () => {},
        onUnreadable: () => this.told.push('unreadable'),
        onImageNeeded: (one) => this.wantImage.push(one.subject),
        quarantine: (_code, what) => this.quarantined.push(what),
        reportOf: () => undefined,
        onListenerError: (error) => {
          throw error;
        },
        wallNs: () => BigInt(this.seq),
      },
    });
    const wanted = interest(sink, ['NEWS.>']);
    wanted.complete = complete;
    this.table.addInterest(wanted);
  }

  get item(): Item {
    return this.table.item('NEWS.A')!;
  }

  send(...messages: Uint8Array[]): void {
    const bytes = blocks(...messages);
    this.table.run(bytes, 0, this.seq, messages.length);
    this.seq += messages.length;
  }

  define(): Uint8Array {
    return item(3, 'NEWS.A', RecordKind.PAGE);
  }

  image(flags = 0): Uint8Array[] {
    const messages: Uint8Array[] = [];
    this.#encoder.image(3, this.page, flags, (bytes, length) => messages.push(bytes.slice(0, length)));
    return messages;
  }

  /** Writes on the page; the message that says so. */
  write(row: number, column: number, text: string, style = 0): Uint8Array {
    const changes = new CellRuns();
    this.#tracker.begin(this.page);
    [...text].forEach((one, index) => {
      this.page.put(row, column + index, textWord(one.codePointAt(0)!), style, 0);
    });
    this.#tracker.end(changes.add);
    let message = new Uint8Array(0);
    this.#encoder.update(3, this.page, changes, (bytes, length) => {
      message = bytes.slice(0, length);
    });
    return message;
  }

  load(asOf: number, ...messages: Uint8Array[]): void {
    const load = this.table.beginImages();
    load.asOf = asOf;
    messages.forEach((one, index) => {
      this.table.imageMessage(load, one, 0, one.length, index + 1);
    });
    this.table.tellStates(this.table.finishImages(load, true));
  }
}

class PageRecorder extends Recorder {
  override image(one: Item): void {
    this.lines.push(`image ${one.subject} #${one.seq} ${one.page?.rowText(0).trimEnd() ?? '-'}`);
  }

  override update(update: Update): void {
    const { cells } = update;
    const runs = Array.from({ length: cells?.count ?? 0 }, (_, run) => {
      return `${cells!.row(run)},${cells!.first(run)}-${cells!.end(run)} ${update.cellText(run)}`;
    });
    this.lines.push(`update #${update.seq} ${update.type} [${runs.join('; ')}]`);
  }
}

function recorded(complete = true): { harness: Harness; recorder: PageRecorder } {
  const recorder = new PageRecorder();
  return { harness: new Harness(recorder, complete), recorder };
}

t.test('a new page waits for the whole of its image, then says which cells changed', async (t) => {
  const { harness, recorder } = recorded();
  for (let row = 0; row < 3; row++) harness.write(row, 0, 'abcdefghijklmnopqrst', row);
  for (let column = 0; column < 20; column += 2) {
    harness.write(1, column, 'x', 3);
    harness.write(2, column, 'x', 4);
  }
  const parts = harness.image(PageFlag.POSSIBLE_DUPLICATE);
  t.ok(parts.length > 1);
  harness.send(harness.define(), ...parts.slice(0, -1));
  t.equal(stateText(harness.item.state), 'RECOVERING(waiting-for-image)');
  t.equal(harness.item.page, undefined);
  t.notOk(harness.item.hasImage);
  t.same(recorder.take(), ['item NEWS.A']);
  harness.send(parts.at(-1)!);
  t.ok(harness.item.isLive);
  t.ok(harness.item.possibleDuplicate);
  t.equal(digestPage(harness.item.page!), digestPage(harness.page));
  t.same(recorder.take(), [
    `image NEWS.A #${harness.seq - 1} abcdefghijklmnopqrst`,
    'quality NEWS.A RECOVERING(waiting-for-image) -> LIVE',
  ]);
  harness.send(harness.write(2, 4, 'EFG'));
  t.same(recorder.take(), [`update #${harness.seq - 1} page [2,4-7 EFG]`]);
  harness.write(0, 0, 'A');
  harness.write(2, 19, 'T', 2);
  harness.send(...harness.image());
  t.same(recorder.take(), [`update #${harness.seq - 1} page [0,0-1 A; 2,19-20 T]`], 'of an image, what is different');
  t.notOk(harness.item.possibleDuplicate);
  harness.send(quality(3, Quality.STALE, 'vendor-down'));
  t.same(recorder.take(), ['quality NEWS.A LIVE -> STALE(vendor-down)']);
});

t.test('an image taken in the middle of an image goes on with the stream', async (t) => {
  const { harness, recorder } = recorded(false);
  for (let column = 0; column < 20; column++) harness.write(column % 3, column, 'y', column);
  const old = harness.image();
  harness.write(0, 0, 'NEW');
  const parts = harness.image();
  t.ok(parts.length > 1);
  harness.seq = 50;
  harness.load(50, harness.define(), ...old, parts[0]!);
  t.ok(harness.item.isLive);
  t.equal(harness.item.page!.rowText(0).slice(0, 3), 'y  ');
  harness.send(...parts.slice(1));
  t.equal(digestPage(harness.item.page!), digestPage(harness.page));
  t.match(recorder.take().join('\n'), /^item NEWS.A\nimage .*\nquality .*LIVE\nupdate .* \[0,0-3 NEW\]$/);
});

t.test('a page of before is shown, and is not LIVE, until an image comes', async (t) => {
  const { harness, recorder } = recorded();
  harness.write(0, 0, 'BEFORE');
  harness.send(harness.define(), ...harness.image());
  recorder.take();
  const { page } = harness.item;
  const hold = itemState(Quality.RECOVERING, 'channel-lost', '', 0n);
  harness.table.holdItems(harness.table.items(), hold);
  harness.send(harness.write(0, 0, 'UNSEEN'));
  t.equal(harness.item.page!.rowText(0).trimEnd(), 'BEFORE');
  t.equal(harness.item.state.reason, 'channel-lost');

  // The plant has no page either.
  harness.load(harness.seq, harness.define());
  t.equal(stateText(harness.item.state), 'RECOVERING(waiting-for-image)');
  t.equal(harness.item.page, page);
  harness.send(harness.write(0, 0, 'NOT YET'));
  t.equal(page!.rowText(0).trimEnd(), 'BEFORE', 'an update says nothing where there is no image');
  t.notOk(harness.item.isLive);
  harness.send(...harness.image());
  t.ok(harness.item.isLive);
  t.equal(harness.item.page, page, 'the same object, for as long as its size is the same');
  t.equal(page!.rowText(0).trimEnd(), 'NOT YET');

  t.test('in a new session too', async (t) => {
    recorder.take();
    harness.table.whole = true;
    harness.table.holdItems(harness.table.items(), itemState(Quality.RECOVERING, 'new-session', '', 0n));
    harness.table.forgetNumbers();
    harness.seq = 1;
    harness.send(harness.define(), harness.write(0, 0, 'OTHER'));
    t.notOk(harness.item.isLive);
    t.equal(page!.rowText(0).trimEnd(), 'NOT YET');
    harness.send(...harness.image());
    t.ok(harness.item.isLive);
    t.equal(page!.rowText(0).trimEnd(), 'OTHERET');
    t.match(recorder.take().at(-1), /new-session.* -> LIVE/);
  });
});

t.test('a message that cannot be used: SUSPECT, and an image is asked for', async (t) => {
  const { harness } = recorded();
  harness.send(harness.define(), ...harness.image());
  const run = { skip: 60, cells: 'x', style: 0, sort: 0, extra: 0 };
  harness.send(encodeMessage({ kind: Kind.PAGE_UPDATE, item: 3, flags: 0, colours: [], runs: [run] }));
  t.equal(stateText(harness.item.state), 'SUSPECT(unreadable)');
  t.same(harness.wantImage, ['NEWS.A']);
  t.match(harness.quarantined, [/expected at most 60 cells/]);
  harness.send(harness.write(0, 0, 'x'));
  t.notOk(harness.item.isLive);
  harness.send(...harness.image());
  t.ok(harness.item.isLive);

  t.test('cells of what is no page harm nobody', async (t) => {
    harness.send(
      item(4, 'NEWS.RECORD'),
      encodeMessage({ kind: Kind.PAGE_UPDATE, item: 4, flags: 0, colours: [], runs: [] }),
    );
    t.ok(harness.table.item('NEWS.RECORD')!.isLive);
    t.match(harness.quarantined.at(-1), /is no page/);
  });
});

t.test('a queue keeps the texts of its time; a slow reader gets one image', async (t) => {
  const queue = new EventQueue({ eventsMax: 4 }, () => {});
  const harness = new Harness(queue);
  harness.send(harness.define(), ...harness.image());
  harness.send(harness.write(1, 2, 'ONE'));
  harness.send(harness.write(1, 2, 'TWO'));
  const events: SubscriptionEvent[] = [];
  const read = async (): Promise<SubscriptionEvent> => (await queue.next()).value!;
  for (let i = 0; i < 4; i++) events.push(await read());
  t.same(
    events.map(({ event }) => event),
    ['item', 'image', 'quality', 'update'],
  );
  t.same(events[3]!.event === 'update' && events[3]!.update.toJSON().cells, [[1, 2, 'ONE']]);
  t.equal((await read()).event, 'overrun');
  const image = await read();
  t.ok(image.event === 'image' && image.conflated === 1 && image.item.page!.rowText(1).trim() === 'TWO');
  t.match(harness.item.toJSON(), {
    subject: 'NEWS.A',
    quality: 'LIVE',
    fields: {},
    page: { rows: 3, columns: 20, text: ['', '  TWO', ''] },
  });
});

t.test('who wants single fields is not told of cells', async (t) => {
  const { harness } = recorded();
  const recorder = new PageRecorder();
  harness.table.addInterest(interest(recorder, ['NEWS.A'], ['BID']));
  harness.send(harness.define(), ...harness.image(), harness.write(0, 0, 'x'));
  t.notMatch(recorder.take().join(), /update/);
});
