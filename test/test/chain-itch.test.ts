import { join } from 'node:path';
import { openMessageCapture } from '@tickerplant/capture';
import { parseDay, zoneOffsetNs } from '@tickerplant/core';
import t from 'tap';
import { connectTo, digestOf, itemsOf, until } from '../src/collect.ts';
import { writeFloor } from '../src/floors.ts';
import { SlowItch } from '../src/slow-itch.ts';
import { RunningTicker, ticker } from '../src/ticker.ts';

// A simulated day, written to a file, through real processes: vendor lines → handler → plant → client. Needs no
// recorded data: the slow reference computation says what must come out.

t.setTimeout(600_000);

const DAY = '2026-11-20';
const digests = new Map<string, string>();

for (const [what, loss] of [
  ['nothing lost', undefined],
  ['a fifth lost on each line', 'A=0.2,B=0.2'],
] as const) {
  t.test(`a subscriber ends with the values of the slow reference: ${what}`, async (t) => {
    const folder = t.testdir({});
    const floor = writeFloor(folder, 'itch50', { day: DAY, simulator: 'seed: 11, symbols: 30, rate: 1000' });
    const file = join(folder, 'day.itch.gz');
    const written = await ticker('vendor', floor.path, '--messages', '40000', '--out', file);
    t.equal(written.code, 0, written.stderr);
    const day = parseDay(DAY);
    const zone = zoneOffsetNs(day, 'America/New_York');
    const reference = new SlowItch({ day, zoneOffsetNs: zone, records: 'T', depth: 'T-L2' });
    await (await openMessageCapture(file)).read((message) => {
      reference.apply(message.bytes, message.start, message.end - message.start);
    });

    const parts = [new RunningTicker('plant', floor.path, 'p1'), new RunningTicker('feed', floor.path, 'f')];
    t.teardown(() => Promise.all(parts.map((part) => part.stop())));
    await parts[1]!.until(() => parts[1]!.stderr.includes('handler is up'), 'the handler to be up');
    const client = await connectTo(floor);
    t.teardown(() => client.close());
    const gaps: unknown[] = [];
    const records = client.subscribe('T.>', { listener: { onGap: (notice) => gaps.push(notice) } });
    const depth = client.subscribe('T-L2.>');
    const sent = await ticker(
      'replay',
      file,
      ...['--floor', floor.path, '--speed', 'max', '--linger', '2000', '--json'],
      ...(loss === undefined ? [] : ['--loss', loss]),
    );
    t.equal(sent.code, 0, sent.stderr);
    await until(() => String(client.item('T.#MARKET')?.get('PERIOD_CD2')) === 'C', 'the end of the day');
    t.ok(reference.subjects.length >= 60);
    // The depth channel is another stream: it may come in later.
    const last = reference.subjects.filter((subject) => subject.startsWith('T-L2.')).at(-1)!;
    const time = reference.expected(last)!.LV_TIM_NS;
    await until(() => client.item(last)?.toJSON().fields.LV_TIM_NS === time, `the depth of ${last} to be of ${time}`);
    for (const subject of reference.subjects) {
      t.match(client.item(subject)?.toJSON(), { quality: 'LIVE', fields: reference.expected(subject) }, subject);
    }
    t.same(gaps, []);
    digests.set(what, digestOf(new Map([...itemsOf(records), ...itemsOf(depth)])));
    t.equal(digests.get(what), digests.get('nothing lost'));
  });
}
