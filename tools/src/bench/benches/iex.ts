import type { Benchmark } from '../benchmark.ts';
import { recordedIex } from '../captures.ts';
import type { NormaliserRole } from '../roles/normaliser.ts';

const SIMULATED_MESSAGES = 60_000;

/** IEX TOPS from memory through the handler's machine. */
export const iex: Benchmark = {
  name: 'iex',
  title: 'IEX TOPS: decode and normalise a session in memory (one core, no sockets)',

  async run({ runner, quick, say }) {
    const role = await runner.start<NormaliserRole>('normaliser');
    const file = recordedIex();
    const loaded = await role.call('load', { messages: SIMULATED_MESSAGES, ...(file === undefined ? {} : { file }) });
    const repetition = quick ? { warmUps: 8, runs: 5, seconds: 0.5 } : { warmUps: 20, runs: 15, seconds: 4 };
    say(`${loaded.messages} messages, ${file === undefined ? 'simulated' : 'recorded'}`);
    const common = { ...repetition, feed: 'iex-tops', services: ['records'] } as const;
    const counted = await role.call('normalise', { ...common, sink: 'count' });
    const walked = await role.call('walk', repetition);
    await runner.stop(role);
    const other = await runner.start<NormaliserRole>('normaliser');
    await other.call('load', { messages: SIMULATED_MESSAGES, ...(file === undefined ? {} : { file }) });
    const packed = await other.call('normalise', { ...common, sink: 'packets' });
    await runner.stop(other);
    const { rate, cpuRate, runs } = counted.rates;
    return {
      figures: [
        { name: 'vendor messages', value: rate, unit: '/s', target: { least: 1_500_000 } },
        { name: 'the same by processor time', value: cpuRate, unit: '/s' },
        { name: 'the same into packets', value: packed.rates.rate, unit: '/s' },
        { name: 'time a message', value: 1e9 / rate, unit: 'ns' },
        { name: 'baseline: walking the blocks only', value: walked.rate, unit: '/s' },
      ],
      ratios: [{ name: 'to the baseline', value: rate / walked.rate }],
      sizes: {
        session: file === undefined ? 'simulated' : 'recorded on 2017-07-10',
        'vendor messages': loaded.messages,
        'messages a packet': loaded.messages / loaded.packets,
        'normalised messages': counted.messages,
        'bytes each': counted.bytes / counted.messages,
        runs,
      },
      failures: counted.faults === 0 ? [] : [`${counted.faults} messages could not be used`],
    };
  },
};
