import type { BenchContext, Benchmark, Figure } from '../benchmark.ts';
import { Chain, type ChainTrial } from '../chain.ts';
import { highestRate } from '../ramp.ts';
import type { SentReport } from '../roles/handler-stand-in.ts';

const SYMBOLS = 300;
const FROM = 50_000;
const TO = 4_000_000;
const SUSTAINED = 0.93;
const ATTEMPTS = 8;
const LESS = 0.88;
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
    const records = await measure(context, false);
    const both = await measure(context, true);
    const lost = records.lost + both.lost;
    return {
      figures: [
        { name: 'updates, records only', value: records.updates, unit: '/s', target: { least: 700_000 } },
        ...records.figures,
        { name: 'updates, records and depth', value: both.updates, unit: '/s', target: { least: 700_000 } },
        ...both.figures,
      ],
      ratios: [],
      sizes: {
        symbols: SYMBOLS,
        'vendor lines': context.lines,
        'vendor messages a packet': records.packetMessages,
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
  const opened = await Chain.open(context, {
    depth,
    lines,
    symbols: SYMBOLS,
    messages: quick ? 200_000 : 1_000_000,
    packetMessages: 0,
  });
  const trial = async (rate: number, duration: number, drainMaxMs: number): Promise<ChainTrial<SentReport>> => {
    const messages = Math.ceil(rate * duration);
    const one = await opened.trial(() => opened.vendor.call('send', { messagesPerSecond: rate, messages }, 200_000));
    const { sent, updates, drainMs, repaired, lost } = one;
    const facts = `${sent.lateMs.toFixed(0)} ms late, ${drainMs.toFixed(0)} ms to drain, ${repaired} repaired, ${lost} lost`;
    const verdict = isKept(one, drainMaxMs) ? 'kept' : 'not kept';
    const rates = `${Math.round(rate)} vendor messages/s, ${Math.round(updates / sent.seconds)} updates/s`;
    context.say(`${what}: ${rates} for ${duration} s: ${verdict} (${facts})`);
    return one;
  };
  const probeSeconds = quick ? 1 : 2;
  await trial(FROM, probeSeconds, DRAIN_MAX_MS);
  const highest = await highestRate({
    from: FROM,
    to: TO,
    precision: quick ? 1.15 : 1.05,
    probe: async (rate) => isKept(await trial(rate, probeSeconds, DRAIN_MAX_MS), DRAIN_MAX_MS),
  });
  const before = await opened.cpu();
  let rate = SUSTAINED * Math.max(highest, FROM / 2);
  let last = await trial(rate, seconds, DRAIN_MAX_MS_SUSTAINED);
  for (let attempt = 1; attempt < ATTEMPTS && !isKept(last, DRAIN_MAX_MS_SUSTAINED); attempt++) {
    rate *= LESS;
    last = await trial(rate, seconds, DRAIN_MAX_MS_SUSTAINED);
  }
  const after = await opened.cpu();
  const took = last.sent.seconds + Math.max(0, last.drainMs - DRAIN_MAX_MS_SUSTAINED) / 1000;
  await context.runner.close();
  const cpu = (['vendor', 'handler', 'plant', 'client'] as const).map((name) => {
    return `${name} ${(after[name] - before[name]).toFixed(1)} s`;
  });
  return {
    updates: last.updates / took,
    figures: [
      { name: '· vendor messages', value: last.sent.messages / took, unit: '/s' },
      { name: '· repaired on the way', value: last.repaired, unit: 'messages' },
      { name: '· lost', value: last.lost, unit: 'messages' },
    ],
    lost: last.lost,
    packetMessages: opened.facts!.packetMessages,
    cpu: cpu.join(', '),
  };
}

function isKept({ sent, updates, repaired, lost, drainMs }: ChainTrial<SentReport>, drainMaxMs: number): boolean {
  return lost === 0 && repaired <= REPAIRED_MAX * updates && sent.lateMs <= LATE_MAX_MS && drainMs <= drainMaxMs;
}
