import { makeFloor } from '../bench-floor.ts';
import { type Benchmark, median } from '../benchmark.ts';
import { GROUP_ITEMS, RECORD_FIELDS } from '../channel-round.ts';
import type { SubscriberRole } from '../parts/subscriber.ts';
import type { StandInRole } from '../roles/handler-stand-in.ts';
import type { PlantRole } from '../roles/plant.ts';

const ITEMS = 100_000;
const ITEMS_QUICK = 20_000;
const DAY = '2026-01-05';
const MEGABYTE = 2 ** 20;
const RING = '64MiB';
/** Updates that fill the ring: memory that has never been written to doesn't count as resident. */
const RING_UPDATES = 1_600_000;
const DEFINITION_PACKETS_PER_SECOND = 2_000;
const UPDATES_PER_SECOND = 200_000;
const SETTLE_MS = 10_000;
const LOOK_MS = 20;

/** Many items: the plant's memory, and a client's snapshot of a part of them. */
export const memory: Benchmark = {
  name: 'memory',
  title: 'Memory and snapshot: many items with 20 fields, a client takes 10,000 of them',

  async run({ runner, quick, say }) {
    const items = quick ? ITEMS_QUICK : ITEMS;
    const updates = items * RECORD_FIELDS.length;
    const { text: floor } = await makeFloor({ protocol: 'iex-tops', day: DAY, ring: RING });
    const plant = await runner.start<PlantRole>('plant', ['--expose-gc']);
    await plant.call('open', { floor });
    const empty = await plant.usage();
    const standIn = await runner.start<StandInRole>('handler-stand-in', ['--max-old-space-size=4096']);
    await standIn.call('open', { floor, items, templates: RECORD_FIELDS, updates });
    await standIn.call('define', { packetsPerSecond: DEFINITION_PACKETS_PER_SECOND });
    const messages = Math.max(updates, quick ? 0 : RING_UPDATES);
    const { next } = await standIn.call('send', { messagesPerSecond: UPDATES_PER_SECOND, messages });
    const startedMs = performance.now();
    let report = await plant.call('report');
    while (report.next[0]! < next && performance.now() - startedMs < SETTLE_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      report = await plant.call('report');
    }
    const full = await plant.usage();
    say(`${report.items} items, ${report.repaired} messages repaired, ${report.lost} lost`);
    const times: number[] = [];
    let snapshotItems = 0;
    for (let run = 0; run < (quick ? 3 : 7); run++) {
      const subscriber = await runner.start<SubscriberRole>('subscriber');
      await subscriber.call('open', { floor });
      const snapshot = await subscriber.call('subscribe', { patterns: ['REC.G0.>'] });
      times.push(snapshot.ms);
      snapshotItems = snapshot.items;
      await runner.stop(subscriber);
    }
    const complete = report.items === items && report.lost === 0 && snapshotItems === GROUP_ITEMS;
    const found = `${report.items} of ${items} items, ${report.lost} messages lost, ${snapshotItems} items in a snapshot`;
    return {
      figures: [
        { name: 'plant, resident', value: full.rssBytes / MEGABYTE, unit: 'MB', target: { most: 400 } },
        { name: '· of it before there were items', value: empty.rssBytes / MEGABYTE, unit: 'MB' },
        { name: '· heap', value: full.heapBytes / MEGABYTE, unit: 'MB' },
        { name: '· buffers, repair ring included', value: full.buffersBytes / MEGABYTE, unit: 'MB' },
        { name: 'snapshot, median', value: median(times), unit: 'ms', target: { most: 250 } },
        { name: 'snapshot, slowest', value: Math.max(...times), unit: 'ms' },
      ],
      ratios: [],
      sizes: {
        items,
        'fields an item': RECORD_FIELDS.flat().length,
        'items of a snapshot': snapshotItems,
        'snapshots, each by a new client': times.length,
        'repair ring, full': RING,
      },
      failures: complete ? [] : [found],
    };
  },
};
