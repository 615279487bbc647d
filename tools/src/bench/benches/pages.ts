import type { Benchmark } from '../benchmark.ts';
import type { PageCacheRole } from '../roles/page-cache.ts';
import type { PageKeeperRole, PagesResult } from '../roles/page-keeper.ts';

const PAGES = 100;
const HELD = 20_000;
const HELD_QUICK = 2_000;
const MEGABYTE = 2 ** 20;
const RATE_LEAST = 200_000;
const MEMORY_MOST = 500;
/** Of a plant, for as many pages. */
const PLANT_MEMORY_MOST = 300;

/** Pages alone: updates decoded and applied, a plant's cache of them, and the memory that they take in either. */
export const pages: Benchmark = {
  name: 'pages',
  title: 'Pages: row updates decoded and applied, changes found (one core), and memory',

  async run({ runner, quick }) {
    const options = { updates: quick ? 20_000 : 100_000, pages: PAGES, warmUps: 2, runs: quick ? 3 : 7, seconds: 0 };
    const keeper = await runner.start<PageKeeperRole>('page-keeper');
    const ansi = await keeper.call('ansi', options, 300_000);
    const rowFields = await keeper.call('rowFields', options, 300_000);
    const teletext = await keeper.call('teletext', options, 300_000);
    const baseline = await keeper.call('baseline', options, 300_000);
    await runner.stop(keeper);
    const holder = await runner.start<PageKeeperRole>('page-keeper', ['--expose-gc']);
    const empty = await holder.usage();
    const held = await holder.call('hold', quick ? HELD_QUICK : HELD, 300_000);
    const full = await holder.usage();
    await runner.stop(holder);
    const plant = await runner.start<PageCacheRole>('page-cache');
    const cached = await plant.call('changes', options, 300_000);
    await runner.stop(plant);
    const plantHolder = await runner.start<PageCacheRole>('page-cache', ['--expose-gc']);
    const plantEmpty = await plantHolder.usage();
    const imageBytes = await plantHolder.call('hold', held, 300_000);
    const plantFull = await plantHolder.usage();
    await runner.stop(plantHolder);
    const target = quick ? {} : { target: { most: MEMORY_MOST } };
    const plantTarget = quick ? {} : { target: { most: PLANT_MEMORY_MOST } };
    const parts: readonly [string, PagesResult][] = [
      ['ANSI', ansi],
      ['teletext', teletext],
      ['row fields', rowFields],
    ];
    return {
      figures: [
        ...parts.flatMap(([name, { rates }]) => [
          { name: `${name}, rows`, value: rates.rate, unit: '/s', target: { least: RATE_LEAST } },
          { name: '· the same by processor time', value: rates.cpuRate, unit: '/s' },
        ]),
        { name: 'baseline: the bytes of the ANSI updates added up', value: baseline.rate, unit: '/s' },
        { name: `${held} pages of 25 x 80, resident`, value: full.rssBytes / MEGABYTE, unit: 'MB', ...target },
        { name: '· of it before there were pages', value: empty.rssBytes / MEGABYTE, unit: 'MB' },
        { name: "changes taken into a plant's cache", value: cached.rates.rate, unit: '/s' },
        { name: '· the same by processor time', value: cached.rates.cpuRate, unit: '/s' },
        { name: `${held} pages in a plant's cache`, value: plantFull.rssBytes / MEGABYTE, unit: 'MB', ...plantTarget },
        { name: '· of it before there were pages', value: plantEmpty.rssBytes / MEGABYTE, unit: 'MB' },
      ],
      ratios: [{ name: 'ANSI to the baseline', value: ansi.rates.rate / baseline.rate }],
      sizes: {
        pages: PAGES,
        'different updates': options.updates,
        'bytes a change on the wire': Math.round(cached.bytesPerChange),
        'bytes an image on the wire': imageBytes,
        ...Object.fromEntries(
          parts.map(([name, { bytesPerRow }]) => [`bytes a row, ${name}`, Math.round(bytesPerRow)]),
        ),
      },
      failures: [
        ...parts.flatMap(([name, { faults, cells }]) => [
          ...(faults === 0 ? [] : [`${name}: ${faults} faults`]),
          ...(cells > 0 ? [] : [`${name}: no cell changed`]),
        ]),
        ...(cached.faults === 0 ? [] : [`plant: ${cached.faults} faults`]),
        ...(cached.drawn > 0 ? [] : ['plant: no page was drawn anew']),
      ],
    };
  },
};
