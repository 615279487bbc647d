import type { Benchmark, Figure } from '../benchmark.ts';
import type { PairWorkResult, PairWorkRole } from '../roles/pair-work.ts';

/** What a standby may cost the primary of its throughput, in hundredths. */
const COST_MAX = 5;
const CALL_MS = 600_000;

/** What it costs the primary that another member shadows it: digests, heartbeats, the memory that both need. */
export const pair: Benchmark = {
  name: 'pair',
  title: 'Pair: what a standby costs the primary (one process; alone and paired in turns)',

  async run({ runner, quick }) {
    const options = { messages: quick ? 50_000 : 200_000, warmUps: 3, turns: quick ? 15 : 61 };
    const measure = async (what: keyof PairWorkRole & string): Promise<PairWorkResult> => {
      // A process of its own each: what one run has taught the compiler must not help or hinder another.
      const role = await runner.start<PairWorkRole>('pair-work');
      const result = await role.call(what, options, CALL_MS);
      await runner.stop(role);
      return result;
    };
    const plant = await measure('plant');
    const machinery = await measure('machinery');
    const handler = await measure('handler');
    return {
      figures: [
        ...figures('plant, updates', plant, COST_MAX),
        // Without receiving there is too little left of a plant for a share of it to say anything.
        ...figures('its machinery only, updates', machinery),
        ...figures('ITCH handler, vendor messages', handler, COST_MAX),
      ],
      ratios: [],
      sizes: { 'messages a turn': options.messages, turns: options.turns, 'heartbeat, ms': 5 },
      failures: [plant, machinery, handler].some(({ heard }) => heard === 0) ? ['the paired primary heard nobody'] : [],
    };
  },
};

/** @param most what it may cost, in hundredths; left out: nothing is said about it. */
function figures(what: string, { alone, paired, cost, costNs }: PairWorkResult, most?: number): Figure[] {
  const share = { name: `${what}: a message takes longer by`, value: 100 * cost, unit: '%' };
  return [
    { name: `${what}: alone`, value: alone, unit: '/s of processor time' },
    { name: `${what}: primary of a pair`, value: paired, unit: '/s of processor time' },
    most === undefined ? share : { ...share, target: { most } },
    { name: `${what}: the same`, value: costNs, unit: 'ns' },
  ];
}
