import t from 'tap';
import { CLIENT_COUNTERS } from '../src/counters.ts';
import { EventQueue, type EventQueueOptions, type SubscriptionEvent } from '../src/event-queue.ts';
import { ItemTable } from '../src/item-table.ts';
import { interest } from './recorder.ts';
import { blocks, dictionary, item, QUOTE, quote, remove, template } from './support.ts';

/** A table whose events go into a queue. */
function fixture(options: EventQueueOptions): {
  queue: EventQueue;
  send: (...messages: Uint8Array[]) => void;
  closed: () => number;
} {
  let closed = 0;
  const queue = new EventQueue(options, () => closed++);
  const fail = (what: unknown): never => {
    throw new Error(String(what));
  };
  const table = new ItemTable({
    channel: 'equities',
    dictionary,
    ripple: false,
    itemsMax: 100,
    counters: CLIENT_COUNTERS.create(),
    host: {
      onStart: () => {},
      onUnreadable: fail,
      onImageNeeded: fail,
      quarantine: fail,
      onListenerError: fail,
      reportOf: () => undefined,
      wallNs: () => 0n,
    },
  });
  const wanted = interest(queue, ['>']);
  wanted.complete = true;
  table.addInterest(wanted);
  let seq = 1;
  return {
    queue,
    send: (...messages) => {
      table.run(blocks(...messages), 0, seq, messages.length);
      seq += messages.length;
    },
    closed: () => closed,
  };
}

function text(event: SubscriptionEvent | undefined): string {
  if (event === undefined) return 'end';
  switch (event.event) {
    case 'image':
      return `image ${event.item.subject} #${event.seq} BID=${event.values.get('BID') ?? '-'} for ${event.conflated}`;
    case 'update':
      return `update ${event.item.subject} #${event.update.seq} BID=${event.update.get('BID')}`;
    case 'overrun':
      return `overrun ${[...event.items].map(([{ subject }, events]) => `${subject}:${events}`).join(' ')} gaps ${event.gaps.length}+${event.gapsOmitted}`;
    case 'gap':
      return `gap ${event.notice.from}`;
    default:
      return `${event.event} ${event.item.subject}`;
  }
}

async function take(queue: EventQueue, count: number): Promise<string[]> {
  const lines: string[] = [];
  for (let i = 0; i < count; i++) lines.push(text((await queue.next()).value));
  return lines;
}

t.test('events in order, each the reader’s to keep', async (t) => {
  const { queue, send } = fixture({});
  send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 2), quote(0, 20000, 2));
  const events: SubscriptionEvent[] = [];
  for (let i = 0; i < 5; i++) events.push((await queue.next()).value!);
  t.same(events.map(text), [
    'item IEX.A',
    'image IEX.A #2 BID=- for 0',
    'quality IEX.A',
    'update IEX.A #3 BID=1.0000',
    'update IEX.A #4 BID=2.0000',
  ]);
});

t.test('a reader that waits gets the event when it comes', async (t) => {
  const { queue, send } = fixture({});
  const lines = take(queue, 4);
  send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 2));
  t.same(await lines, ['item IEX.A', 'image IEX.A #2 BID=- for 0', 'quality IEX.A', 'update IEX.A #3 BID=1.0000']);
});

t.test('too slow: the events of each item become one image, and the reader is told which and how many', async (t) => {
  const { queue, send } = fixture({ eventsMax: 4 });
  send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 2));
  send(quote(0, 20000, 2), quote(0, 30000, 2), item(1, 'IEX.B'), quote(1, 50000, 6));
  t.equal(queue.length, 6);
  t.same(await take(queue, 4), [
    'item IEX.A',
    'image IEX.A #2 BID=- for 0',
    'quality IEX.A',
    'update IEX.A #3 BID=1.0000',
  ]);
  send(quote(1, 60000, 6));
  t.same(await take(queue, 1), ['overrun IEX.A:2 IEX.B:5 gaps 0+0']);
  send(quote(0, 40000, 2));
  t.same(await take(queue, 3), ['image IEX.A #9 BID=4.0000 for 3', 'item IEX.B', 'image IEX.B #8 BID=6.0000 for 5']);
  send(quote(0, 50000, 2));
  t.same(await take(queue, 1), ['update IEX.A #10 BID=5.0000'], 'caught up: single updates again');
});

t.test('an item whose image was given while others still wait is merged anew, nothing is lost', async (t) => {
  const { queue, send } = fixture({ eventsMax: 1 });
  send(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'), quote(0, 10000, 2), quote(1, 20000, 2));
  t.same(await take(queue, 4), [
    'item IEX.A',
    'overrun IEX.A:3 IEX.B:4 gaps 0+0',
    'image IEX.A #4 BID=1.0000 for 3',
    'item IEX.B',
  ]);
  send(quote(0, 70000, 2));
  t.same(await take(queue, 3), [
    'image IEX.B #5 BID=2.0000 for 4',
    'overrun IEX.A:1 gaps 0+0',
    'image IEX.A #6 BID=7.0000 for 1',
  ]);
});

t.test('removals and gaps while it is too slow', async (t) => {
  const { queue, send } = fixture({ eventsMax: 3 });
  send(template(QUOTE), item(0, 'IEX.A'), item(1, 'IEX.B'), remove(0), remove(1));
  for (let i = 0; i < 150; i++) {
    queue.gap({ channel: 'c', session: 's', from: i, to: i + 1, reason: 'expired' });
  }
  t.same(await take(queue, 5), [
    'item IEX.A',
    'image IEX.A #2 BID=- for 0',
    'quality IEX.A',
    'overrun IEX.B:4 IEX.A:1 gaps 100+50',
    'remove IEX.A',
  ]);
});

t.test('rule "fail": the reader gets what is queued, then the error', async (t) => {
  const { queue, send, closed } = fixture({ eventsMax: 3, overrun: 'fail' });
  send(template(QUOTE), item(0, 'IEX.A'), quote(0, 10000, 2));
  t.same(await take(queue, 3), ['item IEX.A', 'image IEX.A #2 BID=- for 0', 'quality IEX.A']);
  await t.rejects(queue.next(), { code: 'CLIENT_OVERRUN' });
  t.equal(closed(), 1);
  t.same(await take(queue, 1), ['end']);
});

t.test('leaving the loop ends the queue', async (t) => {
  const { queue, send, closed } = fixture({});
  send(template(QUOTE), item(0, 'IEX.A'));
  for await (const event of queue) {
    t.equal(event.event, 'item');
    break;
  }
  t.equal(closed(), 1);
  send(quote(0, 1, 2));
  t.equal(queue.length, 0);
});

t.test('the end of the subscription ends waiting readers after what is queued', async (t) => {
  const { queue, send } = fixture({});
  send(template(QUOTE), item(0, 'IEX.A'));
  queue.end();
  t.same(await take(queue, 4), ['item IEX.A', 'image IEX.A #2 BID=- for 0', 'quality IEX.A', 'end']);
  const other = fixture({}).queue;
  const waiting = other.next();
  other.end();
  t.same(await waiting, { done: true, value: undefined });
});

t.test('a queue of no size is refused', async (t) => {
  t.throws(() => new EventQueue({ eventsMax: 0 }, () => {}), { code: 'CLIENT_BAD_OPTION' });
});
