import type { Benchmark, Figure } from '../benchmark.ts';
import { freePorts } from '../ports.ts';
import type { ListenerRole } from '../roles/listener.ts';
import type { PairWorkResult, PairWorkRole } from '../roles/pair-work.ts';

/** What a standby may cost the primary of its throughput, in hundredths. */
const COST_MAX = 5;
/** What is published goes to groups of this address. */
const GROUP = '239.255.77.9';
const CALL_MS = 600_000;

/** What it costs the primary that another member shadows it: digests, heartbeats, the memory that both need. */
export const pair: Benchmark = {
  name: 'pair',
  title: 'Pair: what a standby costs the primary (one process; alone and paired in turns)',

  async run({ runner, quick }) {
    // Short turns, and many: what others do to the machine then hits two that stand beside each other alike.
    const options = { messages: 50_000, warmUps: 12, turns: quick ? 15 : 241 };
    const [joined, nowhere] = await freePorts(2);
    const measure = async (what: keyof PairWorkRole & string, port: number): Promise<PairWorkResult> => {
      // A process of its own each: what one run has taught the compiler must not help or hinder another.
      const role = await runner.start<PairWorkRole>('pair-work');
      const result = await role.call(what, { ...options, to: { group: GROUP, port } }, CALL_MS);
      await runner.stop(role);
      return result;
    };
    // A plant without subscribers would be none.
    const listener = await runner.start<ListenerRole>('listener');
    await listener.call('open', { group: GROUP, port: joined! });
    const plant = await measure('plant', joined!);
    const { messages: delivered } = await listener.call('report');
    await runner.stop(listener);
    const machinery = await measure('machinery', nowhere!);
    const handler = await measure('handler', nowhere!);
    const failures = [];
    if ([plant, machinery, handler].some(({ heard }) => heard === 0)) failures.push('the paired primary heard nobody');
    if (delivered === 0) failures.push('the subscriber heard nothing');
    return {
      figures: [
        ...figures('plant, updates', plant, COST_MAX),
        // Without receiving there is too little left of a plant for a share of it to say anything.
        ...figures('its machinery only, updates', machinery),
        ...figures('ITCH handler, vendor messages', handler, COST_MAX),
      ],
      ratios: [],
      sizes: { 'messages a turn': options.messages, turns: options.turns, 'heartbeat, ms': 5 },
      failures,
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
