import type { BenchContext, Benchmark, Figure } from '../benchmark.ts';
import { Chain, type ChainTrial } from '../chain.ts';
import { highestRate } from '../ramp.ts';
import type { SentReport } from '../roles/handler-stand-in.ts';

const SYMBOLS = 300;
const FROM = 150_000;
const TO = 4_000_000;
const SUSTAINED = 0.98;
const ATTEMPTS = 8;
/** At half the rate, before each long run: compilers need that. */
const WARM_UP_SECONDS = 2;
const ROLES = ['vendor', 'handler', 'plant', 'client'] as const;
/** Jumbo frames between handler, plant and client, as trading networks have; the vendor's packets are small ones. */
const PACKET_BYTES = 8_972;
const LESS = 0.96;
/** A rate counts as kept as in the plant's benchmark; there are more buffers on the way here. */
const REPAIRED_MAX = 0.001;
const LATE_MAX_MS = 150;
const DRAIN_MAX_MS = 100;
const DRAIN_MAX_MS_SUSTAINED = 300;

/** The whole chain at full speed. */
export const chain: Benchmark = {
  name: 'chain',
  title: 'Chain: vendor → handler → plant → client callbacks (ITCH; four processes)',

  async run(context) {
    const both = await measure(context, true);
    const records = await measure(context, false);
    const lost = records.lost + both.lost;
    return {
      figures: [
        { name: 'updates, records and depth', value: both.updates, unit: '/s', target: { least: 700_000 } },
        ...both.figures,
        { name: 'updates, records only', value: records.updates, unit: '/s' },
        ...records.figures,
      ],
      ratios: [],
      sizes: {
        symbols: SYMBOLS,
        'vendor lines': context.lines,
        'vendor messages a packet': records.packetMessages,
        'bytes a packet on the floor, at most': PACKET_BYTES,
        seconds: context.seconds,
        'processor time, records': records.cpu,
        'processor time, records and depth': both.cpu,
      },
      failures: lost === 0 ? [] : [`${lost} updates were lost`],
    };
  },
};

interface Measured {
  readonly updates: number;
  readonly figures: readonly Figure[];
  readonly lost: number;
  readonly packetMessages: number;
  readonly cpu: string;
}

async function measure(context: BenchContext, depth: boolean): Promise<Measured> {
  const { quick, seconds, lines } = context;
  const what = depth ? 'records and depth' : 'records';
  const messages = quick ? 200_000 : 1_000_000;
  const floor = { depth, lines, packetBytes: PACKET_BYTES };
  const open = (): Promise<Chain> => Chain.open(context, { ...floor, symbols: SYMBOLS, messages, packetMessages: 0 });
  const trial = async (
    chain: Chain,
    rate: number,
    duration: number,
    drainMaxMs: number,
  ): Promise<ChainTrial<SentReport>> => {
    const options = { messagesPerSecond: rate, messages: Math.ceil(rate * duration) };
    const one = await chain.trial(() => chain.vendor.call('send', options, 200_000));
    const { sent, updates, drainMs, repaired, lost } = one;
    const facts = `${sent.lateMs.toFixed(0)} ms late, ${drainMs.toFixed(0)} ms to drain, ${repaired} repaired, ${lost} lost`;
    const verdict = isKept(one, drainMaxMs) ? 'kept' : 'not kept';
    const rates = `${Math.round(rate)} vendor messages/s, ${Math.round(updates / sent.seconds)} updates/s`;
    context.say(`${what}: ${rates} for ${duration} s: ${verdict} (${facts})`);
    return one;
  };
  const probeSeconds = quick ? 1 : 2;
  let opened = await open();
  await trial(opened, FROM, probeSeconds, DRAIN_MAX_MS);
  const highest = await highestRate({
    from: FROM,
    to: TO,
    precision: quick ? 1.15 : 1.05,
    probe: async (rate) => isKept(await trial(opened, rate, probeSeconds, DRAIN_MAX_MS), DRAIN_MAX_MS),
  });
  // Each long run in processes of its own, so that none suffers from the overload before it.
  let rate = SUSTAINED * Math.max(highest, FROM / 2);
  let last: ChainTrial<SentReport>;
  let cpu: string;
  for (let attempt = 1; ; rate *= LESS, attempt++) {
    await context.runner.close();
    opened = await open();
    await trial(opened, rate / 2, WARM_UP_SECONDS, DRAIN_MAX_MS);
    const before = await opened.cpu();
    last = await trial(opened, rate, seconds, DRAIN_MAX_MS_SUSTAINED);
    const after = await opened.cpu();
    cpu = ROLES.map((name) => `${name} ${(after[name] - before[name]).toFixed(1)} s`).join(', ');
    if (isKept(last, DRAIN_MAX_MS_SUSTAINED) || attempt === ATTEMPTS) break;
  }
  await context.runner.close();
  const took = last.sent.seconds + Math.max(0, last.drainMs - DRAIN_MAX_MS_SUSTAINED) / 1000;
  return {
    updates: last.updates / took,
    figures: [
      { name: '· vendor messages', value: last.sent.messages / took, unit: '/s' },
      { name: '· repaired on the way', value: last.repaired, unit: 'messages' },
      { name: '· lost', value: last.lost, unit: 'messages' },
    ],
    lost: last.lost,
    packetMessages: opened.facts!.packetMessages,
    cpu,
  };
}

function isKept({ sent, updates, repaired, lost, drainMs }: ChainTrial<SentReport>, drainMaxMs: number): boolean {
  return lost === 0 && repaired <= REPAIRED_MAX * updates && sent.lateMs <= LATE_MAX_MS && drainMs <= drainMaxMs;
}
