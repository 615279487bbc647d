import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedDir } from '@tickerplant/testkit';
import t from 'tap';
import { ticker } from '../src/ticker.ts';

// Dozens of processes, one after the other.
t.setTimeout(600_000);

const shared = sharedDir('captures');
const skip = shared === undefined ? 'needs the shared captures' : false;

const FILES = [
  ['iex-tops16-2017-07-10', 'pcapng.gz', 'iex-tops'],
  ['iex-tops16-2018-01-03.two-packets', 'pcapng', 'iex-tops'],
  ['nasdaq-itch50-start-of-day', 'itch', 'itch50'],
] as const;

/** `Quote Update Message (Q)` → `Q` */
const codeOf = (type: string): string => type.slice(-2, -1);

for (const [name, extension, feed] of FILES) {
  t.test(`${name}: counts equal the ground truth`, { skip }, async (t) => {
    const { code, stdout } = await ticker(
      'decode',
      join(shared!, `${name}.${extension}`),
      '--feed',
      feed,
      '--counts',
      '--json',
    );
    t.equal(code, 0);
    const counts = JSON.parse(stdout);
    const truth = JSON.parse(readFileSync(join(shared!, `${name}.truth.json`), 'utf8'));
    t.equal(counts.messages, truth.messages);
    t.equal(counts.messagesSha256, truth.messagesSha256);
    const byType = Object.entries(truth.messagesByType as Record<string, number>).map(([type, n]) => [codeOf(type), n]);
    t.same(counts.messagesByType, Object.fromEntries(byType));
    if (truth.packets !== undefined) t.equal(counts.packets, truth.packets);
    if (truth.streams === undefined) return;
    t.equal(counts.packetsWithoutMessages, truth.packetsWithoutMessages);
    t.equal(counts.firstTime, truth.firstTime);
    t.equal(counts.lastTime, truth.lastTime);
    t.match(
      counts.streams,
      Object.fromEntries(
        Object.entries(truth.streams).map(([stream, facts]) => {
          const { unsequenced: _, ...rest } = facts as Record<string, unknown>;
          return [stream, rest];
        }),
      ),
    );
  });

  t.test(`${name}: every message equals the ground truth`, { skip }, async (t) => {
    const { stdout } = await ticker('decode', join(shared!, `${name}.${extension}`), '--feed', feed, '--json');
    const lines = stdout.trim().split('\n');
    let compared = 0;
    for (const part of ['first200', 'bytype']) {
      const path = join(shared!, `${name}.${part}.jsonl`);
      if (!existsSync(path)) continue;
      for (const text of readFileSync(path, 'utf8').trim().split('\n')) {
        const truth = JSON.parse(text);
        t.strictSame(JSON.parse(lines[truth.n - 1]!), truth);
        compared++;
      }
    }
    t.ok(compared > 50);
  });
}

t.test('the single messages equal the ground truth', { skip }, async (t) => {
  const wanted = /^(Nasdaq\/(Nasdaq|Bx)\.Equities\.TotalView\.Itch|Iex\/Tops)/;
  const truths = readFileSync(join(shared!, 'single-messages', 'truth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ file }) => wanted.test(file));
  const files = [...new Set(truths.map(({ file }) => file as string))];
  t.ok(files.length > 30);
  for (const file of files) {
    const feed = file.startsWith('Iex') ? 'iex-tops' : 'itch50';
    const { stdout } = await ticker('decode', join(shared!, 'single-messages', file), '--feed', feed, '--json');
    const got = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const messages = truths
      .filter((truth) => truth.file === file)
      .flatMap(({ decoded }) => (Array.isArray(decoded.message) ? decoded.message : [decoded.message]))
      .map((message) => Object.entries(message).find(([name]) => name.endsWith('Message'))?.[1] as object);
    t.equal(got.length, messages.length, file);
    messages.forEach((fields, index) => {
      if (feed === 'itch50') t.strictSame(got[index].fields, fields, file);
    });
  }
});

t.test('a daily file that we wrote reads back, and garbage in it is counted', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'day.itch');
  const event = Buffer.from('000c53000000000a11ea0e8c434f', 'hex');
  const unknown = Buffer.from('00037a0102', 'hex');
  writeFileSync(path, Buffer.concat([event, unknown, event]));
  const { code, stdout } = await ticker('decode', path, '--feed', 'itch50', '--counts', '--json');
  t.equal(code, 0);
  t.match(JSON.parse(stdout), { messages: 3, messagesByType: { S: 2, z: 1 }, faults: 1 });
});

t.test('what cannot be decoded is said plainly', async (t) => {
  const missing = await ticker('decode', 'no-such-file.pcap', '--feed', 'itch50');
  t.equal(missing.code, 1);
  t.match(missing.stderr, /no-such-file\.pcap.*CAPTURE_NOT_FOUND/s);
  const feed = await ticker('decode', 'x', '--feed', 'nope');
  t.equal(feed.code, 2);
  t.match(feed.stderr, /expected a feed of iex-tops, itch50, got 'nope'/);
});
