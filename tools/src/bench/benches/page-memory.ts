import type { Benchmark } from '../benchmark.ts';
import { makePageFloor } from '../page-floor.ts';
import type { PageHandlerReport, PageHandlerRole } from '../roles/page-handler.ts';
import type { PageVendorRole } from '../roles/page-vendor.ts';
import { pinApart } from '../runner.ts';

const PAGES = 20_000;
const PAGES_QUICK = 2_000;
const MEGABYTE = 2 ** 20;
const MEMORY_MOST = 500;
const RING = '64MiB';
const BASES_PER_SECOND = 2_000;
const CHANGES_PER_SECOND = 2_000;
/** Text and style of 25 x 80 cells, four bytes each. */
const PAGE_BYTES = 25 * 80 * 8;
/** What every page is sent in, and a change of each, several times over. */
const FILL_MS = 90_000;
const LOOK_MS = 100;

/** A handler's memory. */
export const pageMemory: Benchmark = {
  name: 'page-memory',
  title: 'Page memory: a handler that keeps and publishes 20,000 pages of 25 x 80 (two processes, UDP between them)',

  async run({ runner, quick, say }) {
    const pages = quick ? PAGES_QUICK : PAGES;
    const { text: floor } = await makePageFloor({ pages, ring: RING });
    const handler = await runner.start<PageHandlerRole>('page-handler', ['--expose-gc']);
    await handler.call('open', { floor });
    const empty = await handler.usage();
    const vendor = await runner.start<PageVendorRole>('page-vendor');
    pinApart(handler, [vendor]);
    await vendor.call('open', { floor, pages, basesPerSecond: BASES_PER_SECOND, rate: CHANGES_PER_SECOND });
    const startedMs = performance.now();
    // As many changes as pages: what only a change brings into being is there as well.
    const isFull = ({ live, deltas }: PageHandlerReport): boolean => live >= pages && deltas >= pages;
    let report = await handler.call('report');
    while (!isFull(report) && performance.now() - startedMs < FILL_MS) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      report = await handler.call('report');
    }
    const tookMs = performance.now() - startedMs;
    await runner.stop(vendor);
    const full = await handler.usage();
    say(`${report.held} pages, ${report.live} LIVE, ${report.deltas} changes in ${(tookMs / 1000).toFixed(1)} s`);
    await runner.stop(handler);
    const target = quick ? {} : { target: { most: MEMORY_MOST } };
    return {
      figures: [
        { name: `handler with ${pages} pages, resident`, value: full.rssBytes / MEGABYTE, unit: 'MB', ...target },
        { name: '· of it before there were pages', value: empty.rssBytes / MEGABYTE, unit: 'MB' },
        { name: '· heap', value: full.heapBytes / MEGABYTE, unit: 'MB' },
        { name: '· buffers, cells and repair ring', value: full.buffersBytes / MEGABYTE, unit: 'MB' },
        { name: 'a page', value: (full.rssBytes - empty.rssBytes) / pages / 1024, unit: 'KiB' },
        { name: 'baseline: the cells alone', value: (pages * PAGE_BYTES) / MEGABYTE, unit: 'MB' },
      ],
      ratios: [{ name: 'growth to the cells alone', value: (full.rssBytes - empty.rssBytes) / (pages * PAGE_BYTES) }],
      sizes: {
        pages: report.held,
        LIVE: report.live,
        changes: report.deltas,
        'messages published': report.published,
        'packets lost': report.lost,
        'repair ring': RING,
      },
      failures: report.live === pages ? [] : [`${report.live} of ${pages} pages are LIVE`],
    };
  },
};
