import type { Item, SubscriptionEvent, Update } from '@tickerplant/client';
import { Decimal } from '@tickerplant/core';
import { type FieldValue, standardDictionary } from '@tickerplant/records';
import t from 'tap';
import { eventLine } from '../src/watch/event-lines.ts';

const dictionary = standardDictionary();
const item = { subject: 'T.AAA', seq: 7 } as Item;
const live = { quality: 0, name: 'LIVE', reason: '', detail: '', since: 1n } as const;
const values = new Map<string, FieldValue>([
  ['BID', Decimal.parse('99.0400')],
  ['ASK', null],
  ['BIDSIZE', 9_007_199_254_740_993n],
]);

function parsed(event: SubscriptionEvent, wanted?: readonly string[]): unknown {
  const line = eventLine(event, dictionary, wanted === undefined ? undefined : new Set(wanted));
  t.notMatch(line, '\n');
  return JSON.parse(line ?? 'null');
}

t.test('an image is a line with exact values as text', (t) => {
  t.same(parsed({ event: 'image', item, seq: 6, values, state: live, possibleDuplicate: false, conflated: 0 }), {
    event: 'image',
    subject: 'T.AAA',
    seq: 6,
    quality: 'LIVE',
    reason: '',
    fields: { BID: '99.0400', ASK: null, BIDSIZE: '9007199254740993' },
  });
  t.end();
});

t.test('an image says for how many events it stands', (t) => {
  const image = { event: 'image', item, seq: 6, values, state: live, possibleDuplicate: false, conflated: 12 } as const;
  t.match(parsed(image), { conflated: 12 });
  t.end();
});

t.test('what may repeat what came before says so', (t) => {
  const image = { event: 'image', item, seq: 6, values, state: live, possibleDuplicate: true, conflated: 0 } as const;
  t.match(parsed(image), { possibleDuplicate: true });
  const update = { ...{ subject: 'T.AAA', seq: 8, type: 'unspecified', state: live }, values: () => values };
  const marked = { ...update, possibleDuplicate: true } as unknown as Update;
  t.match(parsed({ event: 'update', item, update: marked }), { possibleDuplicate: true });
  t.notHas(parsed({ event: 'update', item, update: update as unknown as Update }), { possibleDuplicate: true });
  t.end();
});

t.test('an update has its type, and only the fields asked for', (t) => {
  const update = {
    subject: 'T.AAA',
    seq: 8,
    type: 'quote',
    state: { ...live, quality: 3, name: 'SUSPECT', reason: 'vendor-gap' },
    values: () => values,
  } as unknown as Update;
  t.same(parsed({ event: 'update', item, update }, ['BID']), {
    event: 'update',
    subject: 'T.AAA',
    seq: 8,
    type: 'quote',
    quality: 'SUSPECT',
    reason: 'vendor-gap',
    fields: { BID: '99.0400' },
  });
  t.end();
});

t.test('quality, removal, gaps and overruns are lines; a new item alone is none', (t) => {
  const stale = { quality: 2, name: 'STALE', reason: 'lines-silent', detail: 'why', since: 1n } as const;
  const notice = { channel: 'C1', session: 'S', from: 5, to: 9, reason: 'too old' };
  t.same(parsed({ event: 'quality', item, state: stale, previous: live }), {
    event: 'quality',
    subject: 'T.AAA',
    seq: 7,
    quality: 'STALE',
    reason: 'lines-silent',
    detail: 'why',
  });
  t.same(parsed({ event: 'remove', item }), { event: 'remove', subject: 'T.AAA', seq: 7 });
  t.same(parsed({ event: 'gap', notice }), { event: 'gap', ...notice });
  t.same(parsed({ event: 'overrun', items: new Map([[item, 3]]), gaps: [notice], gapsOmitted: 2 }), {
    event: 'overrun',
    items: 1,
    gaps: 3,
  });
  t.equal(eventLine({ event: 'item', item }, dictionary, undefined), undefined);
  t.end();
});
