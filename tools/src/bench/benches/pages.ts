import type { Benchmark } from '../benchmark.ts';
import type { PageCacheRole } from '../roles/page-cache.ts';
import type { PageDecoderRole } from '../roles/page-decoder.ts';
import { faultsOf, rateFigures } from './decode.ts';

const PAGES = 100;
const HELD = 20_000;
const HELD_QUICK = 2_000;
const MEGABYTE = 2 ** 20;
const PLANT_MEMORY_MOST = 300;

/** Pages as row fields, and a plant's cache of pages: changes, and memory. */
export const pages: Benchmark = {
  name: 'pages',
  title: "Pages: row fields applied, changes taken into a plant's cache (one core), and its memory",

  async run({ runner, quick }) {
    const options = { updates: quick ? 20_000 : 100_000, pages: PAGES, warmUps: 2, runs: quick ? 3 : 7, seconds: 0 };
    const held = quick ? HELD_QUICK : HELD;
    const decoder = await runner.start<PageDecoderRole>('page-decoder');
    const rowFields = await decoder.call('rowFields', options, 300_000);
    await runner.stop(decoder);
    const plant = await runner.start<PageCacheRole>('page-cache');
    const cached = await plant.call('changes', options, 300_000);
    await runner.stop(plant);
    const holder = await runner.start<PageCacheRole>('page-cache', ['--expose-gc']);
    const empty = await holder.usage();
    const imageBytes = await holder.call('hold', held, 300_000);
    const full = await holder.usage();
    await runner.stop(holder);
    const target = quick ? {} : { target: { most: PLANT_MEMORY_MOST } };
    return {
      figures: [
        ...rateFigures('row fields', rowFields, true),
        { name: "changes taken into a plant's cache", value: cached.rates.rate, unit: '/s' },
        { name: '· the same by processor time', value: cached.rates.cpuRate, unit: '/s' },
        { name: `${held} pages in a plant's cache`, value: full.rssBytes / MEGABYTE, unit: 'MB', ...target },
        { name: '· of it before there were pages', value: empty.rssBytes / MEGABYTE, unit: 'MB' },
      ],
      ratios: [],
      sizes: {
        pages: PAGES,
        'different updates': options.updates,
        'bytes a row field': Math.round(rowFields.bytesPerRow),
        'bytes a change on the wire': Math.round(cached.bytesPerChange),
        'bytes an image on the wire': imageBytes,
      },
      failures: [
        ...faultsOf('row fields', rowFields),
        ...(cached.faults === 0 ? [] : [`plant: ${cached.faults} faults`]),
        ...(cached.drawn > 0 ? [] : ['plant: no page was drawn anew']),
      ],
    };
  },
};
