import type { LatencySummary } from '@tickerplant/telemetry';
import { makeFloor, readBenchFloor } from '../bench-floor.ts';
import type { BenchContext, Benchmark, BenchResult, Figure } from '../benchmark.ts';
import { Chain } from '../chain.ts';
import { nowNs } from '../clock.ts';
import type { BouncerRole } from '../roles/bouncer.ts';
import type { EndsRole } from '../roles/ends.ts';
import type { PlantRole } from '../roles/plant.ts';
import type { RelayRole } from '../roles/relay.ts';
import { pinApart } from '../runner.ts';

const DAY = '2026-01-05';
const SYMBOLS = 300;
const ROUND_MESSAGES = 500_000;
const UPDATES_PER_SECOND = 50_000;
/** About as in the recorded IEX session, where a packet holds 4.5 messages. */
const PACKET_MESSAGES = 4;
/** How long before measuring all is made to run, at the same rate: compilers need that. */
const FIRST_MESSAGES_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 5;
const WARM_UP_SECONDS_QUICK = 2;
/** The first packet is due so long after the sender is told. */
const LEAD_NS = 50_000_000;
/** Half past nine in New York, which is five hours behind GMT on the floor's day. */
const START_STAMP_NS = 34_200_000_000_000;
const GMT_OFFSET_NS = 5 * 3_600_000_000_000;
/** After sending: until the last packet has come everywhere. */
const LINGER_MS = 300;
/** Packets of the baseline: as many, and about as large, as those that the plant forwards. */
const BARE_PACKETS_PER_SECOND = 9_000;
const BARE_BYTES = 200;

/** Latency at a moderate rate, from when each message was due. */
export const latency: Benchmark = {
  name: 'latency',
  title: 'Latency: from when a vendor message is due at the handler to the client callback, at 50,000 updates/s',

  async run(context) {
    const bare = await bareHops(context);
    const two = await twoProcesses(context);
    const four = await fourProcesses(context);
    return {
      figures: [
        ...figures(two.client, { p50: 60, p99: 500 }),
        { name: 'updates', value: two.rate, unit: '/s' },
        { name: 'baseline: two bare hops, median', value: us(bare.p50), unit: 'µs' },
        { name: 'baseline: two bare hops, 99 in 100', value: us(bare.p99), unit: 'µs' },
        { name: 'four sleeping processes, from the vendor: median', value: us(four.client.p50), unit: 'µs' },
        { name: '· 99 in 100', value: us(four.client.p99), unit: 'µs' },
        { name: '· of it the vendor was late: median', value: us(four.late.p50), unit: 'µs' },
        { name: '· 99 in 100', value: us(four.late.p99), unit: 'µs' },
      ],
      ratios: [
        { name: 'median to the baseline', value: two.client.p50 / bare.p50 },
        { name: '99 in 100 to the baseline', value: two.client.p99 / bare.p99 },
      ],
      sizes: {
        symbols: SYMBOLS,
        'vendor messages a packet': PACKET_MESSAGES,
        services: 'records and depth',
        processes: 'handler with client, and plant; both polling',
        updates: two.client.count,
        seconds: context.seconds,
      },
      failures: [...two.failures, ...four.failures],
    } satisfies BenchResult;
  },
};

interface Measured {
  readonly client: LatencySummary;
  /** How late packets left, or were handed over. */
  readonly late: LatencySummary;
  readonly rate: number;
  readonly failures: readonly string[];
}

/** One run: vendor messages a second, how many, and when the first is due. */
type Run = (messagesPerSecond: number, messages: number, startNs: number) => Promise<RunResult>;

interface RunResult {
  readonly sent: { readonly messages: number; readonly seconds: number; readonly lateNs: LatencySummary };
  readonly updates: number;
  readonly lost: number;
  readonly client: LatencySummary;
}

/** Two hops between two polling processes that do nothing else: to a relay and back. */
async function bareHops({ runner, seconds, say }: BenchContext): Promise<LatencySummary> {
  const { channels } = readBenchFloor((await makeFloor({ protocol: 'itch50', day: DAY })).text);
  const { feed } = channels[0]!;
  const trading = channels[0]!.trading[0]!;
  const relay = await runner.start<RelayRole>('relay');
  await relay.call('open', { from: feed, to: trading, poll: true });
  const bouncer = await runner.start<BouncerRole>('bouncer');
  pinApart(relay, [bouncer]);
  await bouncer.call('open', { to: feed, from: trading });
  const bounce = (forSeconds: number): Promise<{ backNs: LatencySummary; lost: number }> => {
    const count = BARE_PACKETS_PER_SECOND * forSeconds;
    return bouncer.call('bounce', { perSecond: BARE_PACKETS_PER_SECOND, count, bytes: BARE_BYTES }, 200_000);
  };
  await bounce(1);
  const { backNs, lost } = await bounce(seconds);
  await runner.close();
  say(`two bare hops: ${BARE_PACKETS_PER_SECOND} packets/s, ${lost} lost`);
  return backNs;
}

/** Handler and client in one process, the plant in another, both polling. */
async function twoProcesses(context: BenchContext): Promise<Measured> {
  const { runner } = context;
  const { text: floor } = await makeFloor({ protocol: 'itch50', day: DAY, depth: true, busyPoll: true });
  const plant = await runner.start<PlantRole>('plant');
  await plant.call('open', { floor });
  const ends = await runner.start<EndsRole>('ends');
  const market = { symbols: SYMBOLS, messages: ROUND_MESSAGES, packetMessages: PACKET_MESSAGES };
  pinApart(plant, [ends]);
  await ends.call('openHandler', { floor, ...market });
  await linger();
  await ends.call('openClient', { floor });
  await ends.call('subscribe', { patterns: ['>'] });
  return measure(context, 'two processes', async (messagesPerSecond, messages, startNs) => {
    const { updates: before } = await ends.call('report');
    await ends.call('record', { startNs, startStampNs: START_STAMP_NS + GMT_OFFSET_NS });
    const options = { messagesPerSecond, messages, startNs, startStampNs: START_STAMP_NS };
    const sent = await ends.call('sendTimed', options, 200_000);
    await linger();
    const { updates, lost } = await ends.call('report');
    return { sent, updates: updates - before, lost, client: await ends.call('latencies') };
  });
}

/** Vendor, handler, plant and client, each in a process of its own that sleeps when it has nothing to do. */
async function fourProcesses(context: BenchContext): Promise<Measured> {
  const { lines } = context;
  const market = { symbols: SYMBOLS, messages: ROUND_MESSAGES, packetMessages: PACKET_MESSAGES };
  const chain = await Chain.open(context, { depth: true, lines, ...market });
  return measure(context, 'four processes', async (messagesPerSecond, messages, startNs) => {
    await chain.subscriber.call('record', { startNs, startStampNs: START_STAMP_NS + GMT_OFFSET_NS });
    const options = { messagesPerSecond, messages, startNs, startStampNs: START_STAMP_NS };
    const trial = await chain.trial(() => chain.vendor.call('sendTimed', options, 200_000));
    return { ...trial, client: await chain.subscriber.call('latencies') };
  });
}

async function measure({ quick, runner, seconds, say }: BenchContext, what: string, run: Run): Promise<Measured> {
  const timed = (perSecond: number, forSeconds: number): Promise<RunResult> =>
    run(perSecond, Math.ceil(perSecond * forSeconds), nowNs() + LEAD_NS);
  // How many updates a vendor message makes is the market's affair: found out while warming up.
  const rateAfter = ({ updates, sent }: RunResult): number => (UPDATES_PER_SECOND * sent.messages) / updates;
  const first = await timed(FIRST_MESSAGES_PER_SECOND, 1);
  const warm = await timed(rateAfter(first), quick ? WARM_UP_SECONDS_QUICK : WARM_UP_SECONDS);
  const { client, sent, updates, lost } = await timed(rateAfter(warm), seconds);
  await runner.close();
  const rate = updates / sent.seconds;
  say(`${what}: ${Math.round(rate)} updates/s, ${lost} lost`);
  return { client, late: sent.lateNs, rate, failures: lost === 0 ? [] : [`${what}: ${lost} updates were lost`] };
}

const linger = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LINGER_MS));

const us = (ns: number): number => ns / 1000;

function figures(summary: LatencySummary, targets: { p50: number; p99: number }): Figure[] {
  return [
    { name: 'median', value: us(summary.p50), unit: 'µs', target: { most: targets.p50 } },
    { name: '90 in 100', value: us(summary.p90), unit: 'µs' },
    { name: '99 in 100', value: us(summary.p99), unit: 'µs', target: { most: targets.p99 } },
    { name: '999 in 1000', value: us(summary.p999), unit: 'µs' },
    { name: 'worst', value: us(summary.max), unit: 'µs' },
  ];
}
