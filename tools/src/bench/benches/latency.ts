import type { LatencySummary } from '@tickerplant/telemetry';
import type { BenchContext, Benchmark, BenchResult, Figure } from '../benchmark.ts';
import { Chain } from '../chain.ts';
import { nowNs } from '../clock.ts';

const SYMBOLS = 300;
const UPDATES_PER_SECOND = 50_000;
/** About as in the recorded IEX session, where a packet holds 4.5 messages. */
const PACKET_MESSAGES = 4;
/** How long before measuring the chain is made to run, at the same rate: compilers need that. */
const FIRST_MESSAGES_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 5;
const WARM_UP_SECONDS_QUICK = 2;
/** The first packet is due so long after the vendor is told. */
const LEAD_NS = 50_000_000;
/** Half past nine in New York, which is five hours behind GMT on the floor's day. */
const START_STAMP_NS = 34_200_000_000_000;
const GMT_OFFSET_NS = 5 * 3_600_000_000_000;

/** Latency at a moderate rate, from when each message was due. */
export const latency: Benchmark = {
  name: 'latency',
  title: 'Latency: from when a vendor message is due to the client callback, at 50,000 updates/s (four processes)',

  async run(context) {
    const small = await measure(context, PACKET_MESSAGES);
    const single = await measure(context, 1);
    return {
      figures: [
        ...figures(small.client, { p50: 60, p99: 500 }),
        { name: 'updates', value: small.rate, unit: '/s' },
        { name: 'vendor packets left late, median', value: small.vendor.p50 / 1000, unit: 'µs' },
        { name: 'vendor packets left late, 99 in 100', value: small.vendor.p99 / 1000, unit: 'µs' },
        { name: 'one message a packet: median', value: single.client.p50 / 1000, unit: 'µs' },
        { name: 'one message a packet: 99 in 100', value: single.client.p99 / 1000, unit: 'µs' },
      ],
      ratios: [],
      sizes: {
        symbols: SYMBOLS,
        'vendor messages a packet': PACKET_MESSAGES,
        'vendor lines': context.lines,
        services: 'records and depth',
        updates: small.client.count,
        seconds: context.seconds,
      },
      failures: [...small.failures, ...single.failures],
    } satisfies BenchResult;
  },
};

interface Measured {
  readonly client: LatencySummary;
  readonly vendor: LatencySummary;
  readonly rate: number;
  readonly failures: readonly string[];
}

async function measure(context: BenchContext, packetMessages: number): Promise<Measured> {
  const { quick, lines, runner, say } = context;
  const seconds = quick ? context.seconds : Math.max(5, context.seconds);
  const chain = await Chain.open(context, { depth: true, lines, symbols: SYMBOLS, messages: 500_000, packetMessages });
  const run = async (perSecond: number, duration: number): ReturnType<typeof timed> =>
    timed(chain, perSecond, Math.ceil(perSecond * duration));
  // How many updates a vendor message makes is the market's affair: found out while warming up.
  const rateAfter = ({ updates, sent }: Awaited<ReturnType<typeof timed>>): number =>
    (UPDATES_PER_SECOND * sent.messages) / updates;
  const first = await run(FIRST_MESSAGES_PER_SECOND, 1);
  const warm = await run(rateAfter(first), quick ? WARM_UP_SECONDS_QUICK : WARM_UP_SECONDS);
  const perSecond = rateAfter(warm);
  const { sent, updates, repaired, lost, client } = await run(perSecond, seconds);
  await runner.close();
  const rate = updates / sent.seconds;
  say(`${packetMessages} messages a packet: ${Math.round(rate)} updates/s, ${repaired} repaired, ${lost} lost`);
  return { client, vendor: sent.lateNs, rate, failures: lost === 0 ? [] : [`${lost} updates were lost`] };
}

async function timed(chain: Chain, messagesPerSecond: number, messages: number) {
  const startNs = nowNs() + LEAD_NS;
  await chain.subscriber.call('record', { startNs, startStampNs: START_STAMP_NS + GMT_OFFSET_NS });
  const options = { messagesPerSecond, messages, startNs, startStampNs: START_STAMP_NS };
  const trial = await chain.trial(() => chain.vendor.call('sendTimed', options, 200_000));
  return { ...trial, client: await chain.subscriber.call('latencies') };
}

function figures(summary: LatencySummary, targets: { p50: number; p99: number }): Figure[] {
  const us = (ns: number): number => ns / 1000;
  return [
    { name: 'median', value: us(summary.p50), unit: 'µs', target: { most: targets.p50 } },
    { name: '90 in 100', value: us(summary.p90), unit: 'µs' },
    { name: '99 in 100', value: us(summary.p99), unit: 'µs', target: { most: targets.p99 } },
    { name: '999 in 1000', value: us(summary.p999), unit: 'µs' },
    { name: 'worst', value: us(summary.max), unit: 'µs' },
  ];
}
