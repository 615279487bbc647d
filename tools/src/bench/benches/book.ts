import type { Benchmark } from '../benchmark.ts';
import type { BookKeeperRole } from '../roles/book-keeper.ts';

const BOOKS = 500;
/** As on a real day: nearly all messages concern orders that have just come. */
const MOSTLY_YOUNG = 0.95;

/** Order books alone. */
export const book: Benchmark = {
  name: 'book',
  title: 'Order books: adds, deletes, cancels and replaces with many live orders (one core)',

  async run({ runner, quick }) {
    const orders = quick ? 200_000 : 1_000_000;
    const operations = quick ? 200_000 : 1_000_000;
    const options = { books: BOOKS, orders, operations, warmUps: 2, runs: quick ? 3 : 7, seconds: 0 };
    const young = await runner.start<BookKeeperRole>('book-keeper');
    const ours = await young.call('run', { ...options, young: MOSTLY_YOUNG }, 300_000);
    await runner.stop(young);
    const any = await runner.start<BookKeeperRole>('book-keeper');
    const strewn = await any.call('run', { ...options, young: 0 }, 300_000);
    await runner.stop(any);
    const plain = await runner.start<BookKeeperRole>('book-keeper', ['--max-old-space-size=4096']);
    const baseline = await plain.call('baseline', { ...options, young: MOSTLY_YOUNG }, 300_000);
    await runner.stop(plain);
    const faults = ours.faults + strewn.faults;
    return {
      figures: [
        { name: 'operations, mostly on young orders', value: ours.rates.rate, unit: '/s' },
        { name: 'the same by processor time', value: ours.rates.cpuRate, unit: '/s' },
        { name: 'operations, on any order', value: strewn.rates.rate, unit: '/s' },
        { name: 'baseline: Map of objects, no levels', value: baseline.rate, unit: '/s' },
      ],
      ratios: [{ name: 'to the baseline', value: ours.rates.rate / baseline.rate }],
      sizes: { books: BOOKS, 'live orders': ours.orders, 'operations a run': operations, runs: ours.rates.runs },
      failures: faults === 0 ? [] : [`${faults} operations were refused`],
    };
  },
};
