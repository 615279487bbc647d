import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDay } from '@tickerplant/core';
import t from 'tap';
import { loadFloor, parseFloor } from '../src/index.ts';
import { PROTOCOLS, SAMPLE } from './sample.ts';

const examples = fileURLToPath(new URL('../../../../examples/', import.meta.url));

const EXAMPLES = ['simulated.yaml', 'iex-replay.yaml', 'paired.yaml', 'live-live.yaml'];

for (const name of EXAMPLES) {
  t.test(`the example ${name} is valid`, async (t) => {
    const floor = loadFloor(join(examples, name), { protocols: PROTOCOLS });
    t.equal(floor.feeds.length, 1);
    t.ok(floor.channels.length >= 2);
  });
}

t.test('the example interactive.yaml is valid: a feed that is asked', async (t) => {
  const [feed] = loadFloor(join(examples, 'interactive.yaml'), {
    protocols: { interactive: { services: ['records'], simulated: true, interactive: true } },
  }).feeds;
  t.match(feed, { lines: [], requestServers: [], user: 'desk', servers: [{ address: '127.0.0.1', port: 20810 }, {}] });
  t.ok(feed!.symbols.includes('AEX'));
});

t.test('the examples share no address, so that all can run', async (t) => {
  const addresses = [...EXAMPLES, 'interactive.yaml'].flatMap((name) => {
    const text = JSON.stringify(loadFloor(join(examples, name)), (_, value) =>
      value !== null && typeof value === 'object' && 'port' in value
        ? `@${(value as { group?: string }).group ?? '127.0.0.1'}:${value.port}`
        : value,
    );
    return [...new Set(text.match(/@[\d.:]+/g))];
  });
  t.equal(new Set(addresses).size, addresses.length);
});

t.test('today is the day that it is where the vendor is', async (t) => {
  const text = SAMPLE.replace('day: 2017-07-10', 'day: today').replace(
    'protocol: iex-tops',
    'protocol: iex-tops\n    timeZone: Asia/Tokyo',
  );
  const floor = parseFloor(text, 'f.yaml', { nowMs: Date.parse('2024-03-05T02:00:00Z') });
  t.equal(floor.feeds[0]!.day, parseDay('2024-03-04'), 'still yesterday in New York');
  t.equal(floor.feeds[1]!.day, parseDay('2024-03-05'));
});

t.test("a feed's own day goes before the floor's", async (t) => {
  const text = SAMPLE.replace('protocol: iex-tops', 'protocol: iex-tops\n    day: 2018-01-03');
  const floor = parseFloor(text, 'f.yaml', { nowMs: 0 });
  t.equal(floor.feeds[0]!.day, parseDay('2017-07-10'));
  t.equal(floor.feeds[1]!.day, parseDay('2018-01-03'));
});

t.test('a key file is looked up beside the floor file, its last newline is not part of the key', async (t) => {
  const folder = t.testdir({ 'floor.yaml': SAMPLE.replace('key: sixteen characters', 'keyFile: floor.key') });
  writeFileSync(join(folder, 'floor.key'), 'a key of enough characters\n');
  t.equal(Buffer.from(loadFloor(join(folder, 'floor.yaml')).key).toString(), 'a key of enough characters');
  writeFileSync(join(folder, 'floor.key'), 'short\n');
  t.throws(() => loadFloor(join(folder, 'floor.yaml')), {
    code: 'FLOOR_INVALID',
    message: `${join(folder, 'floor.yaml')}:2:10 keyFile: expected a file of at least 16 bytes, got 5 in "floor.key"`,
  });
});

t.test("the journal's folder is looked up beside the floor file", async (t) => {
  const folder = t.testdir({ 'floor.yaml': `${SAMPLE}journal: { dir: var/journal }\n` });
  const { journal } = loadFloor(join(folder, 'floor.yaml'));
  t.same(journal, { dir: join(folder, 'var/journal'), bytes: 256 * 2 ** 20 });
});

t.test('the folder of what handlers must not forget is beside the floor file', async (t) => {
  const folder = t.testdir({ 'floor.yaml': SAMPLE });
  t.equal(loadFloor(join(folder, 'floor.yaml')).state, join(folder, 'state'));
  writeFileSync(join(folder, 'floor.yaml'), `${SAMPLE}state: ../var/state\n`);
  t.equal(loadFloor(join(folder, 'floor.yaml')).state, join(folder, '../var/state'));
  t.equal(parseFloor(SAMPLE, 'floor.yaml', { nowMs: 0 }).state, undefined, 'a floor of no file keeps nothing');
});

t.test('a key file that is not there is a problem of the floor file', async (t) => {
  const folder = t.testdir({ 'floor.yaml': SAMPLE.replace('key: sixteen characters', 'keyFile: floor.key') });
  t.throws(() => loadFloor(join(folder, 'floor.yaml')), {
    code: 'FLOOR_INVALID',
    message: /:2:10 keyFile: expected a file that holds the key at "floor.key", got no such file/,
  });
});

t.test('a floor file that cannot be read says why', async (t) => {
  const folder = t.testdir({ 'secret.yaml': SAMPLE });
  t.throws(() => loadFloor(join(folder, 'none.yaml')), { code: 'FLOOR_UNREADABLE', message: /got no such file/ });
  t.throws(() => loadFloor(folder), { code: 'FLOOR_UNREADABLE', message: /got a folder/ });
  chmodSync(join(folder, 'secret.yaml'), 0);
  if (process.getuid?.() !== 0) {
    t.throws(() => loadFloor(join(folder, 'secret.yaml')), { code: 'FLOOR_UNREADABLE', message: /no permission/ });
  }
});
