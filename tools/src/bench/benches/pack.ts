import type { Benchmark } from '../benchmark.ts';
import type { PackerRole } from '../roles/packer.ts';

/** Writing messages in place against packing them: the numbers behind decision 0001. */
export const pack: Benchmark = {
  name: 'pack',
  title: 'Messages written in place, and packed with msgpackr (five-field quote into a packet)',

  async run({ runner, quick }) {
    const role = await runner.start<PackerRole>('packer');
    const quotes = 100_000;
    const result = await role.call('pack', { warmUps: 5, runs: quick ? 5 : 25, seconds: 0, quotes });
    await runner.stop(role);
    return {
      figures: [
        { name: 'written in place', value: result.writeInPlaceNs, unit: 'ns' },
        { name: 'baseline: packed, copied', value: result.packNs, unit: 'ns' },
        { name: 'read in place', value: result.readInPlaceNs, unit: 'ns' },
        { name: 'baseline: unpacked', value: result.unpackNs, unit: 'ns' },
      ],
      ratios: [
        { name: 'packing to writing in place', value: result.packNs / result.writeInPlaceNs },
        { name: 'unpacking to reading in place', value: result.unpackNs / result.readInPlaceNs },
      ],
      sizes: { quotes, 'bytes each': result.bytes },
      failures: [],
    };
  },
};
