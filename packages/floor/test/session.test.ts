import assert from 'node:assert/strict';
import { formatDay, parseDay } from '@tickerplant/core';
import fc from 'fast-check';
import t from 'tap';
import { parseSession, sessionName } from '../src/index.ts';

t.test('a session name is channel, day and epoch in ten characters', async (t) => {
  t.equal(sessionName(1, parseDay('2017-07-10'), 0), '0117071000');
  t.equal(sessionName(10, parseDay('2017-07-10'), 1), '0A17071001');
  t.equal(sessionName(1295, parseDay('2099-12-31'), 1295), 'ZZ991231ZZ');
  t.equal(formatDay(parseDay('2017-07-10')), '2017-07-10');
});

t.test('any session name reads back as itself, and later epochs sort later', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1295 }),
      fc.integer({ min: 10_957, max: 47_481 }),
      fc.integer({ min: 0, max: 1294 }),
      (channelId, day, epoch) => {
        const name = sessionName(channelId, day, epoch);
        assert.equal(name.length, 10);
        assert.deepEqual(parseSession(name), { channelId, day, epoch });
        assert.ok(name < sessionName(channelId, day, epoch + 1));
      },
    ),
  );
});

t.test('a name outside the ranges is refused, not bent into shape', async (t) => {
  const day = parseDay('2017-07-10');
  for (const [channel, when, epoch] of [
    [0, day, 0],
    [1296, day, 0],
    [1.5, day, 0],
    [1, day, 1296],
    [1, day, -1],
    [1, parseDay('1999-12-31'), 0],
    [1, 47_482, 0],
    [1, Number.NaN, 0],
  ] as const) {
    t.throws(() => sessionName(channel, when, epoch), { code: 'FLOOR_BAD_SESSION' });
  }
});

t.test('a session that is not one of ours is undefined', async (t) => {
  for (const text of [
    '',
    '011707100',
    '01170710000',
    '0a17071000',
    '0017071000',
    '0117023000',
    '01AA071000',
    '          ',
  ]) {
    t.equal(parseSession(text), undefined, JSON.stringify(text));
  }
});
