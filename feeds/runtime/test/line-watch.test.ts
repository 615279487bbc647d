import type { LineState } from '@tickerplant/sequence';
import t from 'tap';
import { type LineQuality, LineWatch } from '../src/index.ts';

const LIMIT = 1000;

function line(name: string, lastHeardNs: number): LineState {
  return { name, lastHeardNs, next: 1, counters: {} as LineState['counters'] };
}

const short = (changes: LineQuality[]): string[] =>
  changes.map(({ scope, subject, quality, reason, detail }) => `${scope} ${subject} ${quality} ${reason} ${detail}`);

t.test('lines that were never heard, then heard, then silent', async (t) => {
  const watch = new LineWatch('itch', LIMIT);
  t.same(short(watch.look([line('A', -1), line('B', -1)], 5, 1n)), [
    'line itch/A STALE lines-silent never heard',
    'line itch/B STALE lines-silent never heard',
    'feed itch STALE lines-silent no line is heard',
  ]);
  t.same(watch.look([line('A', -1), line('B', -1)], 6, 2n), [], 'said once');
  t.same(short(watch.look([line('A', 10), line('B', -1)], 20, 3n)), ['line itch/A LIVE  ', 'feed itch LIVE  '], 'one');
  t.same(short(watch.look([line('A', 10), line('B', 1010)], 1010, 4n)), ['line itch/B LIVE  '], 'at the limit');
  t.same(
    short(watch.look([line('A', 10), line('B', 1010)], 1011, 5n)),
    ['line itch/A STALE lines-silent nothing heard within the limit'],
    'beyond the limit, and the other line carries the feed',
  );
  t.same(short(watch.look([line('A', 10), line('B', 1010)], 2011, 6n)), [
    'line itch/B STALE lines-silent nothing heard within the limit',
    'feed itch STALE lines-silent no line is heard',
  ]);
});

t.test('everything there is to say, with the time of its last change', async (t) => {
  const watch = new LineWatch('itch', LIMIT);
  t.same(watch.all, []);
  watch.look([line('A', 0), line('B', -1)], 1, 100n);
  watch.look([line('A', 0), line('B', 2)], 2, 200n);
  t.same(
    watch.all.map(({ subject, quality, sinceNs }) => [subject, quality, sinceNs]),
    [
      ['itch/A', 'LIVE', 100n],
      ['itch/B', 'LIVE', 200n],
      ['itch', 'LIVE', 100n],
    ],
  );
});

t.test('a feed without lines is STALE', async (t) => {
  t.same(short(new LineWatch('f', LIMIT).look([], 0, 0n)), ['feed f STALE lines-silent no line is heard']);
});

t.test('a line and a feed of the same name are told apart', async (t) => {
  const watch = new LineWatch('f', LIMIT);
  watch.look([line('A', 0)], 0, 0n);
  t.same(
    watch.all.map(({ scope }) => scope),
    ['line', 'feed'],
  );
});

t.test('vendor messages that stay missing: the feed is recovering, silence of all lines is worse', async (t) => {
  const watch = new LineWatch('itch', LIMIT);
  watch.look([line('A', 0)], 1, 1n);
  t.same(short(watch.look([line('A', 10)], 20, 2n, { from: 5, to: 8 })), [
    'feed itch RECOVERING vendor-missing vendor messages 5 to 7 are missing',
  ]);
  t.same(
    short(watch.look([line('A', 10)], 2000, 3n, { from: 5, to: 8 })).at(-1),
    'feed itch STALE lines-silent no line is heard',
  );
  t.same(short(watch.look([line('A', 2300)], 2301, 4n)), ['line itch/A LIVE  ', 'feed itch LIVE  ']);
});

t.test('after a process was stopped, what waited in its sockets does not count as heard', async (t) => {
  const watch = new LineWatch('itch', LIMIT);
  watch.look([line('A', 0)], 1, 1n);
  t.same(short(watch.look([line('A', 5000)], 5001, 2n)).at(-1), 'feed itch STALE lines-silent no line is heard');
  t.same(watch.look([line('A', 5100)], 5110, 3n), [], 'read a moment later');
  t.same(watch.look([line('A', 5100)], 5900, 4n), []);
  t.same(short(watch.look([line('A', 6000)], 6001, 5n)), ['line itch/A LIVE  ', 'feed itch LIVE  ']);
});
