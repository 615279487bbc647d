import { join } from 'node:path';
import type { BenchContext, Benchmark } from '../benchmark.ts';
import type { Repetition } from '../measure.ts';
import type { ItchWriterRole } from '../roles/itch-writer.ts';
import type { NormaliseResult, NormaliserRole } from '../roles/normaliser.ts';

const SYMBOLS = 300;

/** ITCH from a file through the handler's machine: decoder, books, normaliser. */
export const itch: Benchmark = {
  name: 'itch',
  title: 'ITCH: decode, keep the books and normalise, from a file (one core, no sockets)',

  async run(context) {
    const { runner, quick, folder, say } = context;
    const file = join(folder, 'day.itch');
    const writer = await runner.start<ItchWriterRole>('itch-writer');
    const written = await writer.call('write', { path: file, symbols: SYMBOLS, messages: quick ? 300_000 : 2_000_000 });
    await runner.stop(writer);
    say(`${written.messages} messages simulated in ${written.seconds.toFixed(1)} s`);
    const repetition = quick ? { warmUps: 2, runs: 3, seconds: 0 } : { warmUps: 2, runs: 5, seconds: 4 };
    const both = await normalise(context, file, ['records', 'depth'], repetition);
    const records = await normalise(context, file, ['records'], repetition);
    const baseline = await runner.start<NormaliserRole>('normaliser');
    const { rate: read } = await baseline.call('readFile', { ...repetition, file });
    await runner.stop(baseline);
    const { rate, cpuRate, runs } = both.rates;
    const faults = both.faults + records.faults;
    return {
      figures: [
        { name: 'vendor messages, records and depth', value: rate, unit: '/s', target: { least: 1_500_000 } },
        { name: 'the same by processor time', value: cpuRate, unit: '/s' },
        { name: 'vendor messages, records only', value: records.rates.rate, unit: '/s' },
        { name: 'the same by processor time', value: records.rates.cpuRate, unit: '/s' },
        { name: 'baseline: reading the file only', value: read, unit: '/s' },
      ],
      ratios: [{ name: 'to the baseline', value: rate / read }],
      sizes: {
        symbols: SYMBOLS,
        'vendor messages': written.messages,
        'file, bytes': written.bytes,
        'normalised messages, records and depth': both.messages,
        'bytes each': both.bytes / both.messages,
        'normalised messages, records only': records.messages,
        'depth levels': 10,
        runs,
      },
      failures: faults === 0 ? [] : [`${faults} messages could not be used`],
    };
  },
};

/** A process of its own each: what one run has taught the compiler must not help or hinder another. */
async function normalise(
  { runner }: BenchContext,
  file: string,
  services: string[],
  repetition: Repetition,
): Promise<NormaliseResult> {
  const role = await runner.start<NormaliserRole>('normaliser');
  const result = await role.call(
    'normalise',
    { ...repetition, feed: 'itch50', services, sink: 'count', file },
    300_000,
  );
  await runner.stop(role);
  return result;
}
